//! Small pieces of tokens: groups, numbers, types, documentation.
use proc_macro2::{Delimiter, Group, Literal, TokenStream, TokenTree};
use quote::quote;

use super::imports::Imports;
use crate::ir::DType;

/// An expression as one operand: the printer adds parentheses where precedence asks for them.
pub(super) fn operand(tokens: TokenStream) -> TokenStream {
    // Taken apart and put together again: a second stream of the same tokens would be a copy of them.
    let mut trees = tokens.into_iter();
    let (first, second) = (trees.next(), trees.next());
    let is_one = matches!(first, Some(TokenTree::Ident(_) | TokenTree::Literal(_)));
    let is_whole = is_one && second.is_none();
    let tokens: TokenStream = [first, second].into_iter().flatten().chain(trees).collect();
    if is_whole {
        return tokens;
    }
    TokenTree::Group(Group::new(Delimiter::None, tokens)).into()
}

/// Tokens for the inside of a macro that is printed as it stands: operands get parentheses of their own.
pub(super) fn spelt_out(tokens: TokenStream) -> TokenStream {
    let mut spelt = TokenStream::new();
    for tree in tokens {
        match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                let inner = spelt_out(group.stream());
                spelt.extend(if is_operation(&inner) {
                    quote!((#inner))
                } else {
                    inner
                });
            }
            TokenTree::Group(group) => {
                let inner = spelt_out(group.stream());
                spelt.extend([TokenTree::Group(Group::new(group.delimiter(), inner))]);
            }
            other => spelt.extend([other]),
        }
    }
    spelt
}

fn is_operation(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|tree| match tree {
        TokenTree::Punct(punct) => matches!(punct.as_char(), '+' | '-' | '*' | '/'),
        TokenTree::Ident(ident) => ident == "as",
        TokenTree::Group(_) | TokenTree::Literal(_) => false,
    })
}

/// A count, size or axis.
pub(super) fn size(value: usize) -> TokenStream {
    TokenTree::Literal(Literal::usize_unsuffixed(value)).into()
}

/// An integer, with its sign.
pub(super) fn integer(value: i64) -> TokenStream {
    let magnitude: TokenStream =
        TokenTree::Literal(Literal::u64_unsuffixed(value.unsigned_abs())).into();
    if value < 0 {
        operand(quote!(-#magnitude))
    } else {
        magnitude
    }
}

/// A float, with its sign, in the shortest form that gives the same number back.
pub(super) fn float(value: f64) -> TokenStream {
    if value.is_nan() {
        return quote!(f64::NAN);
    }
    if value.is_infinite() {
        let is_positive = value.is_sign_positive();
        return if is_positive {
            quote!(f64::INFINITY)
        } else {
            quote!(f64::NEG_INFINITY)
        };
    }
    let magnitude = finite(value.abs());
    if value.is_sign_negative() && value != 0.0 {
        operand(quote!(-#magnitude))
    } else {
        magnitude
    }
}

fn finite(value: f64) -> TokenStream {
    let is_plain = value == 0.0 || ((1e-3..1e7).contains(&value) && !looks_like_a_constant(value));
    if is_plain {
        return TokenTree::Literal(Literal::f64_unsuffixed(value)).into();
    }
    let exponent = format!("{value:e}");
    let literal = exponent
        .parse::<Literal>()
        .unwrap_or_else(|_| Literal::f64_unsuffixed(value));
    TokenTree::Literal(literal).into()
}

/// Whether clippy would take the number for a misspelt mathematical constant; written with an exponent it does not.
fn looks_like_a_constant(value: f64) -> bool {
    use std::f64::consts;
    let n_decimals = value.to_string().split('.').nth(1).map_or(0, str::len);
    let step = 10_f64.powi(-i32::try_from(n_decimals).unwrap_or(i32::MAX));
    let is_near = |constant: &f64| (value - constant).abs() < step;
    let long = [
        consts::E,
        consts::FRAC_1_PI,
        consts::FRAC_1_SQRT_2,
        consts::FRAC_2_PI,
        consts::FRAC_2_SQRT_PI,
        consts::FRAC_PI_2,
        consts::FRAC_PI_3,
        consts::FRAC_PI_4,
        consts::FRAC_PI_6,
        consts::FRAC_PI_8,
        consts::LN_2,
        consts::LN_10,
        consts::LOG10_2,
        consts::LOG2_10,
        consts::LOG10_E,
        consts::LOG2_E,
        consts::SQRT_2,
        1.618_033_988_749_895,
        0.577_215_664_901_532_9,
    ];
    (n_decimals >= 2 && [consts::PI, consts::TAU].iter().any(is_near))
        || (n_decimals >= 3 && long.iter().any(is_near))
}

/// A literal with its type; other expressions as they are.
pub(super) fn suffixed(tokens: TokenStream, suffix: &str) -> TokenStream {
    let text = tokens.to_string();
    let is_literal = text.starts_with(|c: char| c.is_ascii_digit());
    match format!("{text}_{suffix}").parse::<Literal>() {
        Ok(literal) if is_literal => TokenTree::Literal(literal).into(),
        _ => tokens,
    }
}

/// The type of a tensor.
pub(super) fn tensor_type(imports: &Imports, dtype: DType, rank: usize) -> TokenStream {
    let (tensor, arguments) = (
        imports.tensor("Tensor"),
        tensor_arguments(imports, dtype, rank),
    );
    quote!(#tensor<#arguments>)
}

/// The type of a tensor where a function of it is called.
pub(super) fn tensor_path(imports: &Imports, dtype: DType, rank: usize) -> TokenStream {
    let (tensor, arguments) = (
        imports.tensor("Tensor"),
        tensor_arguments(imports, dtype, rank),
    );
    quote!(#tensor::<#arguments>)
}

fn tensor_arguments(imports: &Imports, dtype: DType, rank: usize) -> TokenStream {
    let rank = size(rank);
    match dtype {
        DType::Float => quote!(#rank),
        DType::Int => {
            let int = imports.tensor("Int");
            quote!(#rank, #int)
        }
        DType::Bool => {
            let bool = imports.tensor("Bool");
            quote!(#rank, #bool)
        }
    }
}

/// Documentation, a line each.
pub(super) fn docs(lines: &[String]) -> TokenStream {
    let lines = lines.iter().map(|line| format!(" {line}"));
    quote!(#(#[doc = #lines])*)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_in_a_macro_keep_their_precedence() {
        let product = operand(quote!(a * b));
        let sum = operand(quote!(a - 1));
        assert_eq!(
            spelt_out(quote!(#product * #sum)).to_string(),
            "(a * b) * (a - 1)"
        );
        let call = operand(quote!(x.dims()));
        assert_eq!(
            spelt_out(quote!(#call..1)).to_string(),
            quote!(x.dims()..1).to_string()
        );
    }

    #[test]
    fn floats_keep_their_value_and_avoid_clippys_constants() {
        let numbers = "0 1 0.1 0.3 0.7 1e-8 1e30 3.14159 0.7071 6272 -2.5 0.02 0.0005";
        for value in numbers.split(' ').map(|text| text.parse::<f64>().unwrap()) {
            let text = float(value).to_string().replace(' ', "");
            let back: f64 = text.parse().unwrap();
            assert_eq!(back.to_bits(), value.to_bits(), "{text}");
        }
        assert_eq!(float("3.14159".parse().unwrap()).to_string(), "3.14159e0");
        assert_eq!(float(1e-8).to_string(), "1e-8");
        assert_eq!(float(1.0).to_string(), "1.0");
        assert_eq!(float(0.3).to_string(), "0.3");
    }
}
