//! Brackets that are open where the code ends.
use ruff_python_parser::parse_module;

use super::{Context, Fix};
use crate::rules::Rule;

pub(super) fn repair(cx: &Context<'_>) -> Option<Fix> {
    if cx.finding.rule != Rule::SyntaxError {
        return None;
    }
    let code = cx.block.code.as_str();
    let closing = closing(code)?;
    let end = code.trim_end().len();
    let closed = format!("{}{closing}\n", code.get(..end)?);
    parse_module(&closed).ok()?;
    Some(Fix::safe(
        format!("close what is open with `{closing}`"),
        vec![(end..end, closing)],
    ))
}

/// What closes the brackets that are open at the end; nothing where none is open, or a string is.
pub(super) fn closing(code: &str) -> Option<String> {
    let bytes = code.as_bytes();
    let mut open = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'(' => open.push(')'),
            b'[' => open.push(']'),
            b'{' => open.push('}'),
            b')' | b']' | b'}' => {
                open.pop()
                    .filter(|close| *close as u32 == u32::from(*byte))?;
            }
            b'#' => {
                let comment = bytes.iter().skip(at);
                at += comment.take_while(|byte| **byte != b'\n').count();
            }
            b'"' | b'\'' => {
                at = string_end(code, at)?;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    (!open.is_empty()).then(|| open.into_iter().rev().collect())
}

/// One past the end of the string that starts at a quote.
fn string_end(code: &str, start: usize) -> Option<usize> {
    let rest = code.get(start..)?;
    let quote = rest.get(..1)?;
    let mark = if rest.starts_with(&quote.repeat(3)) {
        quote.repeat(3)
    } else {
        quote.to_owned()
    };
    let mut at = start + mark.len();
    loop {
        let rest = code.get(at..)?;
        if rest.starts_with(&mark) {
            return Some(at + mark.len());
        }
        let mut chars = rest.chars();
        match chars.next()? {
            '\\' => at += 1 + chars.next()?.len_utf8(),
            '\n' if mark.len() == 1 => return None,
            other => at += other.len_utf8(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_brackets_are_closed_in_their_order() {
        assert_eq!(closing("x = [f(a, {'(': 1"), Some("})]".to_owned()));
        assert_eq!(closing("x = f(a) # ("), None);
        assert_eq!(closing("x = (]"), None);
        assert_eq!(closing("x = ('''("), None);
    }
}
