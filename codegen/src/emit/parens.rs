//! Parentheses where precedence asks for them. prettyplease adds them to groups without delimiters, but forgets those of
//! a right operand that an operator follows: `a / (b + c) + d`.
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The tokens with the groups that stand beside a stronger operator in parentheses.
pub(super) fn run(tokens: TokenStream) -> TokenStream {
    trees(tokens).into_iter().collect()
}

fn trees(tokens: TokenStream) -> Vec<TokenTree> {
    let mut result = Vec::new();
    let mut rest = tokens.into_iter().peekable();
    let mut before = None;
    while let Some(tree) = rest.next() {
        let tree = match tree {
            TokenTree::Group(group) => TokenTree::Group(grouped(group, before, rest.peek())),
            other => other,
        };
        before = operator(&tree);
        result.push(tree);
    }
    result
}

/// Takes the group: tokens that someone else has too would be copied.
fn grouped(group: Group, before: Option<u8>, next: Option<&TokenTree>) -> Group {
    let (delimiter, stream) = (group.delimiter(), group.stream());
    drop(group);
    let inner = trees(stream);
    let own = match delimiter {
        Delimiter::None => weakest(&inner),
        _ => None,
    };
    let needs = own.is_some_and(|own| {
        before.is_some_and(|operator| own <= operator) || next.is_some_and(|next| own < hold(next))
    });
    let delimiter = if needs {
        Delimiter::Parenthesis
    } else {
        delimiter
    };
    Group::new(delimiter, inner.into_iter().collect())
}

/// How strongly an operator of arithmetic binds.
fn operator(tree: &TokenTree) -> Option<u8> {
    match tree {
        TokenTree::Punct(punct) => match punct.as_char() {
            '+' | '-' => Some(1),
            '*' | '/' | '%' => Some(2),
            _ => None,
        },
        _ => None,
    }
}

/// How strongly what follows an operand holds it.
fn hold(next: &TokenTree) -> u8 {
    match next {
        TokenTree::Ident(ident) if ident == "as" => 3,
        TokenTree::Punct(punct) if punct.as_char() == '.' => 3,
        other => operator(other).unwrap_or(0),
    }
}

/// The weakest operator between the operands of an expression; none where it is one operand.
fn weakest(trees: &[TokenTree]) -> Option<u8> {
    if let [TokenTree::Group(group)] = trees {
        let is_open = group.delimiter() == Delimiter::None;
        let inner = || group.stream().into_iter().collect::<Vec<_>>();
        return is_open.then(|| weakest(&inner())).flatten();
    }
    let pairs = trees.iter().zip(trees.iter().skip(1));
    let binary = pairs.filter(|(before, _)| !matches!(before, TokenTree::Punct(_)));
    binary.filter_map(|(_, tree)| operator(tree)).min()
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::super::token::operand;
    use super::*;

    fn shown(tokens: &TokenStream) -> String {
        let item = quote!(fn f() { let y = #tokens; });
        super::super::text(item).unwrap_or_else(|error| error.to_string())
    }

    #[track_caller]
    fn check(tokens: &TokenStream, expected: &str) {
        let shown = shown(tokens);
        assert!(shown.contains(&format!("let y = {expected};")), "{shown}");
    }

    #[test]
    fn a_right_operand_keeps_its_parentheses_before_another_operator() {
        let sum = operand(quote!(b + c));
        for outer in [quote!(+), quote!(-), quote!(*), quote!(/)] {
            for inner in [quote!(-), quote!(*), quote!(/)] {
                let left = operand(quote!(a #inner #sum));
                let text = shown(&quote!(#left #outer d));
                assert!(text.contains(&format!("{inner} (b + c)")), "{text}");
            }
        }
    }

    #[test]
    fn parentheses_stand_where_they_are_needed_and_nowhere_else() {
        let product = operand(quote!(b * c));
        let sum = operand(quote!(b + c));
        check(&quote!(a + #product + d), "a + b * c + d");
        check(&quote!(#sum + d), "b + c + d");
        check(&quote!(#sum * d), "(b + c) * d");
        check(&quote!(#sum.abs()), "(b + c).abs()");
        check(&quote!(a / #product), "a / (b * c)");
        check(&quote!(f(#sum, #product)), "f(b + c, b * c)");
    }
}
