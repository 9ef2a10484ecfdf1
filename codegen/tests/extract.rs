//! What is taken out of replies of every form.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use codegen::extract::{self, Block};
use codegen::{Diagnostic, Diagnostics, Rule};

/// A small network; a docstring with a fence and a tag in it makes life hard.
const NET: &str = r#"import torch
import torch.nn as nn


def supported_hyperparameters():
    return {'lr', 'momentum'}


class Net(nn.Module):
    """A network.

    ```python
    Net((1, 3, 8, 8), (10,), {}, 'cpu')
    ```
    <nn> It's a tag.
    """

    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.fc = nn.Linear(in_shape[1], out_shape[0])

    def train_setup(self, prm):
        pass

    def learn(self, train_data):
        pass

    def forward(self, images, captions=None, hidden_state=None):
        return self.fc(images.mean((2, 3)))
"#;

fn run(reply: &str) -> (Option<Block>, Vec<Diagnostic>) {
    let mut diags = Diagnostics::default();
    let block = extract::run(reply, &mut diags);
    (block, diags.into_list())
}

fn names(list: &[Diagnostic]) -> Vec<&'static str> {
    list.iter()
        .map(|diagnostic| diagnostic.rule.name())
        .collect()
}

/// The reply gives exactly this code, with these diagnostics, and a word of it maps back to the reply.
#[track_caller]
fn gives(reply: &str, code: &str, rules: &[&str]) -> Block {
    let (block, list) = run(reply);
    let block = block.expect("the reply has a block");
    assert_eq!(block.code, code);
    assert_eq!(names(&list), rules);
    let at =
        u32::try_from(code.find("Linear").expect("every network here has one")).expect("short");
    assert_eq!(&reply[block.span(at..at + 6).range()], "Linear");
    block
}

#[test]
fn bare_file_passes_unchanged() {
    gives(NET, NET, &[]);
    gives(NET.trim_end(), NET.trim_end(), &[]);
}

#[test]
fn fences_of_every_kind_are_taken() {
    for (open, close) in [
        ("```python", "```"),
        ("```", "```"),
        ("~~~~ py title=\"net.py\"", "~~~~~"),
        ("````Python3", "````"),
        ("Here is the network: ```python", "```"),
        ("```markdown\n# Net\n```python", "```\n```"),
    ] {
        let reply = format!("Sure! Here it is.\n\n{open}\n{NET}{close}\n\nIt's small (and fast.");
        gives(&reply, NET, &[]);
    }
}

#[test]
fn closing_fence_may_touch_the_code_or_be_missing() {
    let code = NET.trim_end();
    gives(&format!("```python\n{code}```\nDone."), code, &[]);
    gives(&format!("```python\n{NET}"), NET, &["truncated-reply"]);
    gives(
        &format!("```python\n{NET}\nThis network is small.\n- It has one layer\n"),
        &format!("{NET}\n"),
        &["truncated-reply", "prose-in-code"],
    );
}

#[test]
fn tags_are_taken_inside_and_outside_fences() {
    let hyper =
        "<hp>{\"lr\": 0.01, \"momentum\": 0.9}</hp>\n<tr>\nimport torch\ndef tr(): pass\n</tr>\n";
    for reply in [
        format!("{hyper}<nn>\n{NET}</nn>\n"),
        format!("{hyper}<nn>\n```python\n{NET}```\n</nn>"),
        format!("```xml\n{hyper}<nn>{NET}</nn>\n```"),
        format!("{hyper}<nn>\n{NET}</nn><|im_end|>"),
    ] {
        let block = gives(&reply, NET, &[]);
        assert_eq!(block.hyperparameters["lr"], 0.01);
    }
}

#[test]
fn thoughts_are_passed_over() {
    let draft = "```python\nimport torch\nclass Net(nn.Module):\n    pass\n```";
    let answer = format!("```python\n{NET}```");
    gives(
        &format!("<think>\nI could write \"\"\" or {draft}, hm.\n</think>\n{answer}"),
        NET,
        &[],
    );
    gives(
        &format!("The user wants {draft}\n</think>\n\n{answer}"),
        NET,
        &[],
    );
    gives(
        &format!("<think>\nIt is this:\n{answer}\nor is it"),
        NET,
        &[],
    );
}

#[test]
fn json_replies_are_decoded() {
    let object = serde_json::json!({ "hp": { "lr": 0.1 }, "code": NET });
    for reply in [object.to_string(), format!("```json\n{object:#}\n```")] {
        assert_eq!(gives(&reply, NET, &[]).hyperparameters["lr"], 0.1);
    }
    let fenced = serde_json::json!({ "answer": format!("Here:\n```python\n{NET}```\n") });
    gives(&fenced.to_string(), NET, &[]);
    let whole = object.to_string();
    let cut_off = &whole[..whole.len() - 3];
    gives(cut_off, NET.trim_end_matches('\n'), &["truncated-reply"]);
}

#[test]
fn line_ends_mark_and_indent_are_normalised() {
    let windows = NET.replace('\n', "\r\n");
    gives(&windows, NET, &[]);
    gives(&format!("\u{feff}{NET}"), NET, &[]);
    gives(&format!("```python\r\n{windows}```\r\n"), NET, &[]);
    let indented: String = NET.lines().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{}{line}", if line.is_empty() { "" } else { "\t  " });
        text
    });
    gives(
        &format!("1. The network:\n\t  ```python\n{indented}\t  ```\n"),
        NET,
        &[],
    );
}

#[test]
fn prose_between_lines_is_left_out_and_reported() {
    let (head, tail) = NET.split_at(NET.find("class").expect("it has a class"));
    let reply = format!(
        "Here's the file (as asked:\n{head}Now the network itself:\n{tail}\nExplanation:\n* One layer\n"
    );
    let (_, list) = run(&reply);
    assert!(
        list[0].message.contains("and 3 more"),
        "{}",
        list[0].message
    );
    gives(&reply, &format!("{NET}\n"), &["prose-in-code"]);
}

#[test]
fn last_of_several_networks_is_taken() {
    let first = NET.replace("A network", "A draft");
    let reply = format!(
        "```python\n{first}```\nBetter:\n```python\n{NET}```\nUse it:\n```python\nnet = Net()\n```"
    );
    gives(&reply, NET, &["several-blocks"]);
}

#[test]
fn network_in_pieces_is_put_together() {
    let (head, tail) = NET.split_at(NET.find("class").expect("it has a class"));
    let reply = format!("The head:\n```python\n{head}```\nThe class:\n```python\n{tail}```\n");
    gives(&reply, NET, &["several-blocks"]);
}

#[test]
fn reply_without_python_is_an_error() {
    for reply in [
        "",
        "I cannot do that.",
        "```sh\npip install torch\n```",
        "```python\n```",
        "<nn></nn>",
    ] {
        let (block, list) = run(reply);
        assert!(block.is_none(), "{reply}");
        assert_eq!(names(&list), ["no-python"]);
    }
}

#[test]
fn limits_are_errors() {
    let (block, list) = run(&"a".repeat(extract::MAX_REPLY_BYTES + 1));
    assert!(block.is_none());
    assert_eq!(list[0].rule, Rule::ReplyTooLarge);
    let deep = format!("{NET}x = {}\n", "[".repeat(1_000));
    assert!(names(&run(&deep).1).contains(&"nesting-too-deep"));
    let large = format!("{NET}{}", "x = 1\n".repeat(50_000));
    assert_eq!(names(&run(&large).1), ["reply-too-large"]);
}

/// Linear time is a fraction of a second here; quadratic time is minutes.
#[track_caller]
fn takes_linear_time(patterns: &[&str], n_bytes: usize) {
    for pattern in patterns {
        let noise = pattern.repeat(n_bytes / pattern.len());
        let start = Instant::now();
        run(&noise);
        run(&format!("{noise}\n```python\n{NET}```\n{noise}"));
        let taken = start.elapsed();
        assert!(
            taken < Duration::from_secs(10),
            "{pattern:?} took {taken:?}"
        );
    }
}

#[test]
fn noise_of_fences_takes_linear_time() {
    let fences = [
        "```python\n",
        "```\n",
        "~~~\n```py\n",
        "'''\n```\n",
        "\"\"\"\n```python\n",
        "```json\n{}\n```\n",
    ];
    takes_linear_time(&fences, 100_000);
    takes_linear_time(
        &["```py\nclass A1: pass\n```\n", "`", "```py\nimport torch\n"],
        100_000,
    );
}

#[test]
fn noise_of_tags_and_json_takes_linear_time() {
    let tags = [
        "<think>",
        "</think>",
        "<nn>\n</nn>\n",
        "<hp>",
        "<hp>{\n",
        "#<s>",
        "<",
        "x</nn>",
    ];
    takes_linear_time(&tags, 100_000);
    let json = [
        "\"code\": \"",
        "{\"hp\": {",
        "\"hp\":{\"a\":[1,",
        "\"text\"   :",
        "{'a':",
        "\"code\": \"\\n\", ",
    ];
    takes_linear_time(&json, 100_000);
}

#[test]
fn noise_of_python_takes_linear_time() {
    let tokens = [
        "( ",
        "f'{",
        "f\"\"\"{",
        "lambda:",
        ".",
        "'",
        "\"\"\"\n",
        "x\\\n",
        "\\",
        "import a\n",
        "a b ",
    ];
    takes_linear_time(&tokens, 80_000);
    let others = [
        "class Net:\n def forward(): 1\n",
        "é",
        "\u{feff}",
        "\r",
        "    \n",
    ];
    takes_linear_time(&others, 80_000);
}

#[test]
fn megabyte_of_noise_hides_no_network() {
    let noise = "It's <a> \"mixed\" `bag` of (things:\n- {one}\n```sh\nls\n```\n".repeat(9_000);
    gives(&format!("{noise}\n```python\n{NET}```\n{noise}"), NET, &[]);
}

#[test]
fn a_reply_cut_behind_a_wide_character_points_at_all_of_it() {
    let reply = format!("```python\n{NET}# caf\u{e9}");
    let mut diags = Diagnostics::default();
    extract::run(&reply, &mut diags).unwrap();
    let list = diags.into_list();
    let cut = list
        .iter()
        .find(|finding| finding.rule == Rule::TruncatedReply)
        .unwrap();
    assert_eq!(reply.get(cut.primary.range()), Some("\u{e9}"));
}
