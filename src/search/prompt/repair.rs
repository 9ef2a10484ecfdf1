//! Diagnostics sent back.
use super::template::{
    AGAIN_PYTHON, AGAIN_SPEC, ANSWER_PYTHON, ANSWER_SPEC, SNIPPETS, fill, heading,
};
use crate::llm::{Message, Role};

/// Characters of a rejected reply that are sent back.
const MAX_REPLY: usize = 16_000;
/// Characters of the diagnostics.
const MAX_DIAGNOSTICS: usize = 6_000;
/// Stands where a text was cut.
const CUT: &str = "\n[the rest is left out]\n";

/// The conversation that sends diagnostics back: the prompt without the networks to borrow from, the latest reply, and what
/// is wrong with it, as [`codegen::render`] or [`codegen::plain_text`] print it. Earlier rounds are left out, so it does not
/// grow with the attempts.
pub fn repair(messages: &[Message], reply: &str, diagnostics: &str) -> Vec<Message> {
    let asked = messages
        .iter()
        .take_while(|message| message.role != Role::Assistant);
    let mut conversation: Vec<Message> = asked
        .map(|message| Message {
            role: message.role,
            content: without_snippets(&message.content),
        })
        .collect();
    let is_data = conversation
        .iter()
        .any(|message| message.content.ends_with(end(ANSWER_SPEC)));
    let template = if is_data { AGAIN_SPEC } else { AGAIN_PYTHON };
    let diagnostics = codegen::plain_text(&cut(diagnostics.trim(), MAX_DIAGNOSTICS));
    conversation.push(Message {
        role: Role::Assistant,
        content: cut(reply, MAX_REPLY),
    });
    conversation.push(Message {
        role: Role::User,
        content: fill(template, &[("diagnostics", diagnostics.trim_end())]),
    });
    conversation
}

/// What a text ends with after its last value.
fn end(template: &str) -> &str {
    template.rsplit("}}").next().unwrap_or(template).trim_end()
}

fn without_snippets(content: &str) -> String {
    let Some(start) = content.find(heading(SNIPPETS)) else {
        return content.to_owned();
    };
    // Both forms of the answer have one heading.
    let Some(length) = content[start..].rfind(heading(ANSWER_PYTHON)) else {
        return content.to_owned();
    };
    format!("{}{}", &content[..start], &content[start + length..])
}

fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most).rev().find(|at| text.is_char_boundary(*at));
    format!("{}{CUT}", &text[..end.unwrap_or(0)])
}
