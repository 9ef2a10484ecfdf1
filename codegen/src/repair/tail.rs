//! A statement that the end of the reply cut off.
use ruff_python_parser::parse_module;

use super::brackets::closing;
use super::{Context, Fix};
use crate::rules::Rule;

/// Lines that are cut at most.
const MAX_LINES: usize = 40;

pub(super) fn repair(cx: &Context<'_>) -> Option<Fix> {
    if cx.finding.rule != Rule::SyntaxError || cx.finding.primary.start < last_lines(cx) {
        return None;
    }
    let code = cx.block.code.as_str();
    let mut end = code.trim_end().len();
    for n_cut in 1..=MAX_LINES {
        end = code.get(..end)?.rfind('\n')?;
        let kept = code.get(..end)?;
        if closing(kept).is_none() && parse_module(kept).is_ok() {
            let title = match n_cut {
                1 => "cut the last line, which is not finished".to_owned(),
                _ => format!("cut the last {n_cut} lines, which are not finished"),
            };
            return Some(Fix {
                title,
                edits: vec![(end..code.len(), "\n".to_owned())],
                safe: n_cut == 1,
            });
        }
    }
    None
}

/// Where in the reply the lines begin that may be cut.
fn last_lines(cx: &Context<'_>) -> u32 {
    let code = cx.block.code.trim_end();
    let start = code
        .rmatch_indices('\n')
        .nth(MAX_LINES)
        .map_or(0, |(at, _)| at);
    let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    cx.block.span(narrow(start)..narrow(code.len())).start
}
