//! Shapes in documentation: `[batch, length, 512]`.
use crate::ir::{Dim, Sym};

/// The name of a symbol for people.
pub(super) fn symbol(sym: Sym) -> &'static str {
    match sym {
        Sym::Batch => "batch",
        Sym::Length => "length",
        Sym::Captions => "n_captions",
        Sym::Index(_) => "index",
        Sym::Count(_) => "steps",
    }
}

/// A shape in backquotes.
pub(super) fn shape(dims: &[String]) -> String {
    format!("`[{}]`", dims.join(", "))
}

/// A size: `2 * length - 1`.
pub(super) fn dim(dim: &Dim) -> String {
    let (mut symbolic, constant): (Vec<_>, Vec<_>) =
        dim.terms().partition(|(_, symbols)| !symbols.is_empty());
    symbolic.sort_by_key(|(coefficient, _)| *coefficient < 0);
    let mut text = String::new();
    for (coefficient, symbols) in symbolic.into_iter().chain(constant) {
        let sign = match (text.is_empty(), coefficient < 0) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        };
        let number = coefficient.unsigned_abs();
        let factors = (number != 1 || symbols.is_empty()).then(|| number.to_string());
        let factors: Vec<String> = factors
            .into_iter()
            .chain(symbols.iter().map(|sym| symbol(*sym).to_owned()))
            .collect();
        text.push_str(sign);
        text.push_str(&factors.join(" * "));
    }
    if text.is_empty() {
        "0".to_owned()
    } else {
        text
    }
}

/// What the axes of a tensor of some rank usually are.
pub(super) fn axis_names(rank: usize) -> &'static [&'static str] {
    match rank {
        4 => &["batch", "channels", "height", "width"],
        3 => &["batch", "length", "features"],
        2 => &["batch", "features"],
        _ => &[],
    }
}

/// The shape that several shapes of one rank have in common: where they differ, the name of the axis.
pub(super) fn common(shapes: &[Vec<String>]) -> Vec<String> {
    let Some((first, rest)) = shapes.split_first() else {
        return Vec::new();
    };
    let names = axis_names(first.len());
    let agree = |axis: usize, dim: &String| rest.iter().all(|shape| shape.get(axis) == Some(dim));
    first
        .iter()
        .enumerate()
        .map(|(axis, dim)| {
            if agree(axis, dim) {
                dim.clone()
            } else {
                (*names.get(axis).unwrap_or(&"_")).to_owned()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_like_the_source() {
        let length = Dim::symbol(Sym::Length);
        let less = length.sub(&Dim::constant(1)).unwrap();
        assert_eq!(dim(&less), "length - 1");
        assert_eq!(
            dim(&length.mul(&Dim::symbol(Sym::Batch)).unwrap()),
            "batch * length"
        );
        assert_eq!(dim(&Dim::constant(0)), "0");
    }

    #[test]
    fn shapes_that_differ_name_the_axis() {
        let shapes = [
            vec!["batch".to_owned(), "64".to_owned()],
            vec!["batch".to_owned(), "128".to_owned()],
        ];
        assert_eq!(shape(&common(&shapes)), "`[batch, features]`");
    }
}
