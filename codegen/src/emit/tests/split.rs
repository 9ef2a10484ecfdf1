//! Laws of the split of teacher forcing.
use super::build::{Fun, batch, float, int, length, number};
use super::pieces::NET;
use super::{convolutional, recurrent};
use crate::ir::{Dim, Function, Op, Program, Scalar, Stmt, Sym, Tree, Type, split};

fn parts(program: &Program) -> (Function, Function) {
    split(&program[program.entries.logits])
}

/// Every variable that is read is a parameter or defined by an earlier statement.
#[track_caller]
fn is_closed(function: &Function) {
    let mut known: Vec<_> = function
        .params
        .iter()
        .flat_map(|param| param.tree.vars())
        .collect();
    for stmt in &function.body {
        known.extend(stmt.defines());
        let unknown = stmt.reads().into_iter().find(|var| !known.contains(var));
        assert_eq!(unknown, None, "{function}");
    }
    let returned = function.returns.vars();
    assert!(returned.iter().all(|var| known.contains(var)), "{function}");
}

#[test]
fn both_parts_are_functions_of_their_own() {
    for program in [recurrent::recurrent(), convolutional::convolutional()] {
        let (encode, decode) = parts(&program);
        is_closed(&encode);
        is_closed(&decode);
        let Tree::Tuple(memory) = &encode.returns else {
            panic!("a tuple")
        };
        assert_eq!(memory.len() + 1, decode.params.len());
    }
}

#[test]
fn nothing_in_encode_has_the_size_of_a_caption() {
    for program in [recurrent::recurrent(), convolutional::convolutional()] {
        let (encode, _) = parts(&program);
        for var in &encode.vars {
            let Type::Tensor(ty) = &var.ty else { continue };
            let symbols: Vec<Sym> = ty.shape.iter().flat_map(Dim::symbols).collect();
            assert!(!symbols.contains(&Sym::Length), "{encode}");
        }
    }
}

#[test]
fn what_depends_on_nothing_is_left_to_decode() {
    let (encode, decode) = parts(&recurrent::recurrent());
    assert_eq!(encode.body.len(), 1, "{encode}");
    assert_eq!(decode.params.len(), 2, "{decode}");
}

#[test]
fn a_result_without_captions_is_memory() {
    let mut fun = Fun::new("forward", Some(NET), NET);
    let images = fun.param("images", float(&[batch(), number(60)]));
    fun.param("captions", int(&[batch(), length()]));
    let op = Op::BinaryScalar(crate::ir::Binary::Add, Scalar::Float(1.0));
    let logits = fun.op("logits", op, &[images], float(&[batch(), number(60)]));
    let (encode, decode) = split(&fun.into_function(Tree::Var(logits)));
    assert!(matches!(encode.body.as_slice(), [Stmt::Let { .. }]));
    assert!(decode.body.is_empty());
    is_closed(&decode);
}
