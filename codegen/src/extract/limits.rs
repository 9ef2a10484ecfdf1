//! Refuses source whose syntax tree would be too deep, before there is a tree.
//!
//! The parser grows its own stack, but whoever walks or drops a tree of tens of thousands of levels overflows the
//! thread's stack, which nothing can catch. A level of the tree takes a bracket, an indented block, or a link: a
//! prefix, a binary operator, an attribute, a call. What is bounded is the number of them between a token and
//! the start of its logical line, so that a list of a thousand calls is fine and a chain of a thousand is not.

use super::Block;
use super::depth::{Depth, Excess, Found, tokens};
use super::map::narrow;
use super::scan::KEYWORDS;
use super::score::words;
use crate::diagnostic::{Diagnostics, Span};
use crate::rules::Rule;

/// How many bytes of Python are accepted.
pub(crate) const MAX_CODE_BYTES: usize = 256 * 1024;

/// How many brackets can be open at once.
pub(crate) const MAX_BRACKETS: usize = 256;

/// How many links can lead to one token in a logical line.
pub(crate) const MAX_LINKS: usize = 512;

/// How many blocks can be nested. Python's own limit.
pub(crate) const MAX_BLOCKS: usize = 100;

/// In broken f-strings the parser may read as code what the lexer read as text, so that the counts above say nothing.
/// A file with an f-string can have this many symbols and keywords in all, each of which can make one level: a thread
/// with a stack of 64 MB drops a tree that deep. Of 10,482 published nets the largest has 21,000.
pub(crate) const MAX_FORMATTED_SYMBOLS: usize = 32 * 1024;

/// Reports the first limit that the code exceeds.
pub(super) fn check(block: &Block, diags: &mut Diagnostics) {
    let code = block.code.as_str();
    if code.len() > MAX_CODE_BYTES {
        let message = format!(
            "the Python has {} bytes, at most {MAX_CODE_BYTES} are accepted",
            code.len()
        );
        diags.error(Rule::ReplyTooLarge, block.whole(), message);
        return;
    }
    let depth = Depth::of(code);
    if let Some(excess) = &depth.excess {
        report(block, &depth, excess, diags);
    } else if depth.has_format && n_symbols(code) > MAX_FORMATTED_SYMBOLS {
        let message = format!(
            "the Python has f-strings and {} symbols, at most {MAX_FORMATTED_SYMBOLS} are accepted",
            n_symbols(code)
        );
        diags
            .error(Rule::ReplyTooLarge, block.whole(), message)
            .help("remove the f-strings");
    }
}

/// Symbols and keywords, strings and comments included.
fn n_symbols(code: &str) -> usize {
    let is_symbol = |byte: &u8| byte.is_ascii_punctuation() && *byte != b'_';
    code.bytes().filter(is_symbol).count()
        + words(code).filter(|word| KEYWORDS.contains(word)).count()
}

fn report(block: &Block, depth: &Depth, excess: &Excess, diags: &mut Diagnostics) {
    let place = |token| token_span(block, token);
    if let (Found::Links, Some(bracket)) = (excess.found, depth.never_closed(excess)) {
        // The rest of the file would be one logical line: say what is wrong, not what follows from it.
        diags
            .error(
                Rule::SyntaxError,
                place(bracket),
                "this bracket is never closed",
            )
            .help("close the bracket");
        return;
    }
    let (what, limit, help) = match excess.found {
        Found::Brackets => (
            "brackets",
            MAX_BRACKETS,
            "name the inner parts of the expression",
        ),
        Found::Links => (
            "operators, attributes and calls",
            MAX_LINKS,
            "split the expression into statements",
        ),
        Found::Blocks => ("blocks", MAX_BLOCKS, "move the inner blocks into functions"),
    };
    let message = format!("more than {limit} {what} are nested here");
    diags
        .error(Rule::NestingTooDeep, place(excess.token), message)
        .help(help);
}

/// The lexer says kinds, not places. The end of token number `token` is the shortest prefix that has that many.
fn token_span(block: &Block, token: usize) -> Span {
    let code = block.code.as_str();
    let ends: Vec<usize> = code
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .collect();
    let has_token = |end: &usize| {
        tokens(code.get(..*end).unwrap_or_default())
            .nth(token)
            .is_some()
    };
    let idx = ends.partition_point(|end| !has_token(end));
    let end = ends.get(idx).copied().unwrap_or(code.len());
    let start = idx.checked_sub(1).and_then(|idx| ends.get(idx).copied());
    block.span(narrow(start.unwrap_or_default())..narrow(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &str) -> Vec<(Rule, String)> {
        let mut diags = Diagnostics::default();
        check(&Block::from_python(code.to_owned()), &mut diags);
        let show = |d: crate::Diagnostic| {
            (
                d.rule,
                code.get(d.primary.range()).unwrap_or_default().to_owned(),
            )
        };
        diags.into_list().into_iter().map(show).collect()
    }

    #[test]
    fn brackets_are_counted_up_to_the_limit() {
        let nested = |n: usize| format!("x = {}1{}\n", "(".repeat(n), ")".repeat(n));
        assert_eq!(found(&nested(MAX_BRACKETS)), []);
        assert_eq!(
            found(&nested(MAX_BRACKETS + 1)),
            [(Rule::NestingTooDeep, "(".to_owned())]
        );
    }

    #[test]
    fn chains_of_every_kind_are_refused() {
        for link in [".a", "(0)", "[0]", " + a", " if a else a", " ** a", " @ a"] {
            let code = format!("x = a{}\n", link.repeat(MAX_LINKS + 1));
            assert_eq!(
                found(&code).first().map(|f| f.0),
                Some(Rule::NestingTooDeep),
                "{link}"
            );
        }
        for prefix in [
            "-",
            "not ",
            "lambda a, b: ",
            "await ",
            "if a: ",
            "yield a, ",
        ] {
            let code = format!("{}a\n", prefix.repeat(MAX_LINKS + 1));
            assert_eq!(
                found(&code).first().map(|f| f.0),
                Some(Rule::NestingTooDeep),
                "{prefix}"
            );
        }
    }

    #[test]
    fn long_lists_are_not_deep() {
        assert_eq!(
            found(&format!(
                "x = [{}]\n",
                "nn.Linear(a.b + 1, c=-d),\n".repeat(2_000)
            )),
            []
        );
        assert_eq!(found(&"x = a.b(c.d) + 1; ".repeat(2_000)), []);
    }

    #[test]
    fn blocks_are_counted() {
        let opener = |idx: usize| " ".repeat(idx) + "if a:\n";
        let nested = |n: usize| (0..n).map(opener).collect::<String>();
        assert_eq!(
            found(&format!(
                "{}{}a\n",
                nested(MAX_BLOCKS),
                " ".repeat(MAX_BLOCKS)
            )),
            []
        );
        let deep = format!(
            "{}{}a\n",
            nested(MAX_BLOCKS + 1),
            " ".repeat(MAX_BLOCKS + 1)
        );
        assert_eq!(
            found(&deep).first().map(|f| f.0),
            Some(Rule::NestingTooDeep)
        );
    }

    #[test]
    fn bracket_that_is_never_closed_is_named() {
        let code = format!("a = 1\nx = foo(\n{}", "self.a = self.b(c)\n".repeat(200));
        assert_eq!(found(&code), [(Rule::SyntaxError, "(".to_owned())]);
    }

    #[test]
    fn brackets_in_strings_are_text_and_in_format_strings_are_code() {
        assert_eq!(found(&format!("x = '{}'\n", "(".repeat(1_000))), []);
        assert_eq!(
            found(&format!("x = f'{{{}'\n", "(".repeat(1_000))),
            [(Rule::NestingTooDeep, "(".to_owned())]
        );
    }
}
