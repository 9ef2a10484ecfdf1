//! What people see of diagnostics.

use codegen::{Diagnostics, Rule, Span, Style, render};
use expect_test::{Expect, expect};

fn check(reply: &str, report: impl FnOnce(&mut Diagnostics), expected: &Expect) {
    let mut diags = Diagnostics::default();
    report(&mut diags);
    expected.assert_eq(&render(&diags.into_list(), reply, Style::Plain));
}

fn span_of(reply: &str, part: &str) -> Span {
    let start = u32::try_from(reply.find(part).expect("a part")).expect("short");
    Span::new(start, start + u32::try_from(part.len()).expect("short"))
}

#[test]
fn line_labels_and_help_are_shown() {
    let reply = "Here:\r\n```python\r\nw = 640\r\n\tattn = nn.MultiheadAttention(w, 12)\r\n```\r\n";
    check(
        reply,
        |diags| {
            diags
                .error(
                    Rule::HeadsDivideWidth,
                    span_of(reply, "12"),
                    "width 640 is not divisible by 12 heads",
                )
                .label(span_of(reply, "640"), "the width")
                .help("use 10 heads");
        },
        &expect![[r"
            error[N021]: width 640 is not divisible by 12 heads
             --> reply:4:34
              |
            3 | w = 640
              |     --- the width
            4 |     attn = nn.MultiheadAttention(w, 12)
              |                                     ^^
              |
              = help: use 10 heads"]],
    );
}

#[test]
fn far_places_are_shown_apart() {
    let reply = format!("a = 1\n{}b = a\n", "\n".repeat(40));
    check(
        &reply,
        |diags| {
            diags.warn(
                Rule::DeadModule,
                span_of(&reply, "b"),
                "`b` is never called",
            );
            diags
                .error(Rule::StaleView, span_of(&reply, "= a"), "`a` is written")
                .label(span_of(&reply, "a"), "viewed here");
        },
        &expect![[r"
            warning[N025]: `b` is never called
              --> reply:42:1
               |
            42 | b = a
               | ^

            error[N027]: `a` is written
              --> reply:42:3
               |
            42 | b = a
               |   ^^^
               |
              ::: reply:1:1
               |
             1 | a = 1
               | - viewed here"]],
    );
}

#[test]
fn reply_as_a_whole_has_no_line() {
    check(
        "hello",
        |diags| {
            diags
                .error(
                    Rule::NoPython,
                    Span::default(),
                    "the reply holds no block of Python",
                )
                .help("write one");
        },
        &expect![[r"
            error[N001]: the reply holds no block of Python
             |
             = help: write one"]],
    );
}

#[test]
fn hostile_characters_and_long_lines_are_tamed() {
    let reply = format!(
        "{}x\u{1b}[31m\u{202e}y\u{0}{}",
        "é".repeat(500),
        "z".repeat(500)
    );
    check(
        &reply,
        |diags| {
            diags.error(
                Rule::SyntaxError,
                span_of(&reply, "\u{1b}[31m"),
                "found \u{1b}[2J\nerror: fake",
            );
        },
        &expect![[r"
            error[N004]: found ␛[2J␊error: fake
             --> reply:1:43
              |
            1 | …ééééééééééééééééééééééééééééééééééééééééx␛[31m�y␀zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz…
              |                                           ^^^^^"]],
    );
}

#[test]
fn any_span_is_safe() {
    let reply = "é\r\nü\t\n";
    for start in 0..12 {
        for end in 0..14 {
            let mut diags = Diagnostics::default();
            diags
                .error(Rule::SyntaxError, Span { start, end }, "x")
                .label(
                    Span {
                        start: end,
                        end: start,
                    },
                    "y",
                );
            let list = diags.into_list();
            for style in [Style::Plain, Style::Color] {
                assert!(render(&list, reply, style).contains("N004"));
            }
        }
    }
}
