//! `torch.einsum`: sums, orders of axes and one batched matrix product.
use super::super::interp::{Eval, Interp, raised, stop, unsupported};
use super::super::tensor::{Operand, shape_text};
use super::super::value::Value;
use super::{Call, Entry};
use crate::diagnostic::Span;
use crate::ir::{Dim, Reduction};
use crate::rules::Rule;

pub(super) const ENTRIES: &[Entry] = &[Entry {
    names: &["torch.einsum"],
    signature: "equation, *operands",
    eval: einsum,
}];

/// A tensor and the letter of each of its axes.
#[derive(Clone)]
struct Lettered {
    value: Value,
    letters: Vec<char>,
}

fn einsum(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let span = call.span;
    let equation = cx.to_str(call.arg(0)).replace(' ', "");
    if equation.contains('.') {
        return Err(unsupported(span, "`...` in `einsum`"));
    }
    let (inputs, output) = sides(&equation);
    let operands = cx.items(call.arg(1)).unwrap_or_default();
    if inputs.len() != operands.len() {
        let message = format!(
            "the equation names {} tensors, and {} are given",
            inputs.len(),
            operands.len()
        );
        return Err(raised("RuntimeError", span, message));
    }
    let mut sizes: Vec<(char, Dim)> = Vec::new();
    let mut lettered = Vec::with_capacity(operands.len());
    for (letters, value) in inputs.into_iter().zip(operands) {
        let operand = cx.operand(&value, "an operand", span)?;
        read_sizes(&letters, &operand, &mut sizes, span)?;
        lettered.push(Lettered { value, letters });
    }
    let mut rest = lettered.into_iter();
    let Some(mut product) = rest.next() else {
        return Err(raised("RuntimeError", span, "`einsum` without tensors"));
    };
    while let Some(next) = rest.next() {
        // A letter that a later tensor names is not summed yet.
        let mut kept = output.clone();
        kept.extend(
            rest.as_slice()
                .iter()
                .flat_map(|later| later.letters.clone()),
        );
        product = cx.contract(product, next, &kept, &sizes, span)?;
    }
    let product = cx.sum_letters(product, &output, span)?;
    cx.order_letters(&product, &output, span)
}

/// The letters of each operand and of the result.
fn sides(equation: &str) -> (Vec<Vec<char>>, Vec<char>) {
    let (left, right) = match equation.split_once("->") {
        Some((left, right)) => (left, Some(right)),
        None => (equation, None),
    };
    let inputs: Vec<Vec<char>> = left.split(',').map(|part| part.chars().collect()).collect();
    let output = right.map(|right| right.chars().collect());
    let output = output.unwrap_or_else(|| {
        let all: Vec<char> = inputs.iter().flatten().copied().collect();
        let mut once: Vec<char> = all
            .iter()
            .copied()
            .filter(|letter| all.iter().filter(|other| *other == letter).count() == 1)
            .collect();
        once.sort_unstable();
        once
    });
    (inputs, output)
}

/// The size of each letter, which all operands must agree on.
fn read_sizes(
    letters: &[char],
    operand: &Operand,
    sizes: &mut Vec<(char, Dim)>,
    span: Span,
) -> Eval<()> {
    if letters.len() != operand.rank() {
        let message = format!(
            "`{}` names {} axes of a tensor {}",
            letters.iter().collect::<String>(),
            letters.len(),
            shape_text(operand.shape())
        );
        return Err(stop(Rule::ShapeMismatch, span, message).raises("RuntimeError"));
    }
    for (at, (letter, size)) in letters.iter().zip(operand.shape()).enumerate() {
        if letters.iter().take(at).any(|other| other == letter) {
            return Err(unsupported(span, "a diagonal in `einsum`"));
        }
        match sizes.iter().find(|(known, _)| known == letter) {
            Some((_, known)) if known != size => {
                let message = format!("the axis `{letter}` is `{known}` and `{size}`");
                return Err(stop(Rule::ShapeMismatch, span, message).raises("RuntimeError"));
            }
            Some(_) => {}
            None => sizes.push((*letter, size.clone())),
        }
    }
    Ok(())
}

fn picked(letters: &[char], keep: impl Fn(char) -> bool) -> Vec<char> {
    letters
        .iter()
        .copied()
        .filter(|letter| keep(*letter))
        .collect()
}

impl Interp<'_, '_> {
    /// The product of two operands, summed over the letters that are not kept.
    fn contract(
        &mut self,
        left: Lettered,
        right: Lettered,
        kept: &[char],
        sizes: &[(char, Dim)],
        span: Span,
    ) -> Eval<Lettered> {
        let with = |other: &Lettered| [kept, other.letters.as_slice()].concat();
        let (left_kept, right_kept) = (with(&right), with(&left));
        let left = self.sum_letters(left, &left_kept, span)?;
        let right = self.sum_letters(right, &right_kept, span)?;
        let both = |letter| left.letters.contains(&letter) && right.letters.contains(&letter);
        let batch = picked(&left.letters, |letter| {
            both(letter) && kept.contains(&letter)
        });
        let summed = picked(&left.letters, |letter| {
            both(letter) && !kept.contains(&letter)
        });
        let rows = picked(&left.letters, |letter| !both(letter));
        let columns = picked(&right.letters, |letter| !both(letter));
        let a = self.as_matrices(&left, [&batch, &rows, &summed], sizes, span)?;
        let b = self.as_matrices(&right, [&batch, &summed, &columns], sizes, span)?;
        let product = self.matmul(&a, &b, span)?;
        let letters = [batch, rows, columns].concat();
        let shape: Vec<Value> = sizes_of(&letters, sizes)
            .into_iter()
            .map(Value::Int)
            .collect();
        let value = self.reshape(&product, &shape, span)?;
        Ok(Lettered { value, letters })
    }

    /// A tensor as a batch of matrices: three groups of letters, each one axis.
    fn as_matrices(
        &mut self,
        tensor: &Lettered,
        groups: [&Vec<char>; 3],
        sizes: &[(char, Dim)],
        span: Span,
    ) -> Eval<Value> {
        let order: Vec<char> = groups
            .iter()
            .flat_map(|group| group.iter().copied())
            .collect();
        let ordered = self.order_letters(tensor, &order, span)?;
        let mut shape = Vec::with_capacity(groups.len());
        for group in groups {
            shape.push(Value::Int(self.n_elements(&sizes_of(group, sizes), span)?));
        }
        self.reshape(&ordered, &shape, span)
    }

    /// Sums over the letters that are not kept.
    fn sum_letters(&mut self, tensor: Lettered, kept: &[char], span: Span) -> Eval<Lettered> {
        let axes: Vec<Value> = tensor
            .letters
            .iter()
            .enumerate()
            .filter(|(_, letter)| !kept.contains(letter))
            .map(|(axis, _)| Value::int(axis))
            .collect();
        if axes.is_empty() {
            return Ok(tensor);
        }
        let no = Value::Bool(false);
        let value = self.reduce_axes(
            &tensor.value,
            Reduction::Sum,
            &Value::tuple(axes),
            &no,
            span,
        )?;
        let letters = picked(&tensor.letters, |letter| kept.contains(&letter));
        Ok(Lettered { value, letters })
    }

    /// The axes in the order of `wanted`.
    fn order_letters(&mut self, tensor: &Lettered, wanted: &[char], span: Span) -> Eval<Value> {
        if tensor.letters == wanted {
            return Ok(tensor.value.clone());
        }
        let mut axes = Vec::with_capacity(wanted.len());
        for letter in wanted {
            let at = tensor.letters.iter().position(|other| other == letter);
            let at = at.ok_or_else(|| {
                let message = format!("`{letter}` of the result is no axis of an operand");
                raised("RuntimeError", span, message)
            })?;
            axes.push(Value::int(at));
        }
        self.call_method(&tensor.value, "permute", axes, span)
    }
}

fn sizes_of(letters: &[char], sizes: &[(char, Dim)]) -> Vec<Dim> {
    let size = |letter: &char| {
        let found = sizes.iter().find(|(known, _)| known == letter);
        found.map_or_else(|| Dim::constant(1), |(_, size)| size.clone())
    };
    letters.iter().map(size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_arrow_the_letters_that_occur_once_are_left() {
        let (inputs, output) = sides("ij,jk");
        assert_eq!(inputs, [vec!['i', 'j'], vec!['j', 'k']]);
        assert_eq!(output, ['i', 'k']);
        assert_eq!(sides("bhd,bd->bh").1, ['b', 'h']);
    }
}
