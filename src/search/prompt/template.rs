//! The texts of a prompt, and how values are put into them.

pub(super) const SYSTEM: &str = include_str!("v2/system.md");
pub(super) const TASK: &str = include_str!("v2/task.md");
pub(super) const API: &str = include_str!("v2/api.md");
pub(super) const DATA: &str = include_str!("v2/data.md");
pub(super) const RULES: &str = include_str!("v2/rules.md");
pub(super) const ANCHOR: &str = include_str!("v2/anchor.md");
pub(super) const BEST: &str = include_str!("v2/best.md");
pub(super) const SHOWN: &str = include_str!("v2/shown.md");
pub(super) const SNIPPETS: &str = include_str!("v2/snippets.md");
pub(super) const SNIPPET: &str = include_str!("v2/snippet.md");
pub(super) const ANSWER_PYTHON: &str = include_str!("v2/answer-python.md");
pub(super) const ANSWER_SPEC: &str = include_str!("v2/answer-spec.md");
pub(super) const AGAIN_PYTHON: &str = include_str!("v2/again-python.md");
pub(super) const AGAIN_SPEC: &str = include_str!("v2/again-spec.md");

/// A text with each `{{name}}` replaced by its value; values are not read again, so code may hold anything.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        text += before;
        let Some((name, after)) = after.split_once("}}") else {
            rest = after;
            continue;
        };
        let value = values.iter().find(|(known, _)| *known == name);
        text += value.map_or("", |(_, value)| value);
        rest = after;
    }
    text += rest;
    text
}

/// The first line of a section's text, which is its heading.
pub(super) fn heading(template: &str) -> &str {
    template.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_read_again() {
        let values = [("a", "{{b}}"), ("b", "x")];
        assert_eq!(fill("1 {{a}} 2 {{b}} 3", &values), "1 {{b}} 2 x 3");
    }
}
