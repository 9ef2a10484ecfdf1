//! A new parameter in the place of a layer's: `linear.weight = nn.Parameter(torch.zeros(8, 8))`. The layer keeps its
//! tensor, which starts as the new one.
use super::super::interp::{Eval, Interp, unsupported};
use super::super::value::CellId;
use crate::diagnostic::Span;
use crate::ir::{Binary, Expr, ModuleId, Op, ParamId, Scalar, Start, Stmt, VarId};

impl Interp<'_, '_> {
    /// Makes a parameter that no module holds the layer's tensor of that name; one that a module holds is shared.
    pub(in crate::elaborate) fn adopt(
        &mut self,
        layer: ModuleId,
        name: &str,
        new: ParamId,
        span: Span,
    ) -> Eval<()> {
        let Some(first) = self.state.params[new].first else {
            return Ok(());
        };
        let is_held = |(_, module): (_, &super::super::module::ModuleState)| {
            module.params.values().any(|param| *param == new)
        };
        let Some(old) = self.state.modules[layer].params.get(name).copied() else {
            return Ok(());
        };
        if self.state.modules.iter().any(is_held) {
            return Ok(());
        }
        let Some(start) = self.start_of(first) else {
            let what = format!("these first values for `{name}` of a layer");
            return Err(unsupported(span, what).help("set them with `torch.nn.init`"));
        };
        let shape = self.state.params[new].shape.clone();
        let own = &self.state.params[old];
        if own.shape == shape {
            let is_own = own.layers_own.is_some_and(|own| own.is_like(start));
            let mut adopted = own.clone();
            adopted.start = (!is_own).then_some(start);
            adopted.start_rows = None;
            adopted.trainable = self.state.params[new].trainable;
            self.state.params[new] = adopted;
        }
        Ok(())
    }

    /// What a tensor of the constructor starts as, where that is one number or one distribution.
    fn start_of(&self, first: CellId) -> Option<Start> {
        let made = |wanted: VarId| {
            let mut statements = self.state.initial.statements();
            statements.find_map(|stmt| match stmt {
                Stmt::Let {
                    out,
                    expr: Expr::Op { op, args },
                    ..
                } if out.vars() == [wanted] => Some((op, args.first().copied())),
                _ => None,
            })
        };
        let mut var = self.state.cells[first].var;
        let mut steps = Vec::new();
        let drawn = loop {
            match made(var)? {
                (Op::Full(value), _) => break Start::Constant(number(value)?),
                (Op::Random { normal: true }, _) => {
                    break Start::Normal {
                        mean: 0.0,
                        std: 1.0,
                    };
                }
                (Op::Random { normal: false }, _) => {
                    break Start::Uniform {
                        low: 0.0,
                        high: 1.0,
                    };
                }
                (
                    Op::BinaryScalar(binary, value)
                    | Op::ScalarBinary(value, binary @ (Binary::Mul | Binary::Add)),
                    Some(input),
                ) => {
                    steps.push((*binary, number(value)?));
                    var = input;
                }
                _ => return None,
            }
        };
        let mut steps = steps.into_iter().rev();
        steps.try_fold(drawn, |start, (binary, value)| match binary {
            Binary::Mul => start.mapped(value, 0.0),
            Binary::Div => start.mapped(1.0 / value, 0.0),
            Binary::Add => start.mapped(1.0, value),
            Binary::Sub => start.mapped(1.0, -value),
            _ => None,
        })
    }
}

fn number(value: &Scalar) -> Option<f64> {
    match value {
        Scalar::Float(value) => Some(*value),
        Scalar::Int(dim) => dim.as_constant().map(|value| value as f64),
    }
}
