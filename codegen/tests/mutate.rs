//! Mutated replies: nothing panics, and every place stays inside the reply.

use codegen::extract;
use codegen::{Diagnostics, Span, Style, render};
use proptest::prelude::*;

const REPLIES: [&str; 5] = [
    "<think>\nclass Net? \"\"\" ```python\nx = 1\n```\n</think>\nHere:\n```python\nimport torch\nclass Net(nn.Module):\n    \"\"\"A\n    ```\n    \"\"\"\n    def forward(self, x):\n        return f\"{x['a']!r:>{w}}\"\n```\nIt's done.",
    "<hp>{'lr': 0.1}</hp>\n<tr>import torch</tr>\r\n<nn>\r\nimport torch\r\nclass Net(nn.Module):\r\n\tdef forward(self, x): return (x,\r\n\t\t[1, {2: 3}])\r\n</nn><|im_end|>",
    "{\"code\": \"import torch\\nclass Net(nn.Module):\\n    x = '\\u00e9\\ud83d\\ude00'\\n    def forward(self): pass\\n\", \"hp\": {\"lr\": 1}}",
    "\u{feff}    import torch\n    class Net:\n        def forward(self): return lambda a: -a ** 2 + a.b(c)[d]\n    Now some prose, isn't it?\n    def supported_hyperparameters(): return {'lr'}\n",
    "1. The head:\n~~~~py\nclass A: pass\n~~~~\n2. The net:\n```\nclass Net(A):\n  '''it's\n  '''\n  def forward(self): return \"é\" \\\n   + 'ü'\n```",
];

/// One change, at places given in thousandths of the length.
#[derive(Debug, Clone)]
enum Change {
    Cut(usize, usize),
    Repeat(usize, usize, usize),
    Swap(usize, usize),
    Insert(usize, &'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let pieces = [
        "```",
        "```python\n",
        "~~~",
        "\"\"\"",
        "'",
        "<nn>",
        "</think>",
        "<hp>",
        "\n",
        "\r",
        "\\",
        "\t",
        "{",
        "(",
        "\u{1b}[31m",
        "\u{feff}",
        "é",
        "f'{",
        "\0",
    ];
    prop_oneof![
        (0..1000usize, 0..1000usize).prop_map(|(from, to)| Change::Cut(from, to)),
        (0..1000usize, 0..60usize, 2..400usize).prop_map(|(at, len, n)| Change::Repeat(at, len, n)),
        (0..1000usize, 0..1000usize).prop_map(|(a, b)| Change::Swap(a, b)),
        (0..1000usize, prop::sample::select(pieces.to_vec()))
            .prop_map(|(at, text)| Change::Insert(at, text)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let place = |thousandth: usize| thousandth * bytes.len() / 1000;
    match *change {
        Change::Cut(from, to) => {
            let (from, to) = (place(from.min(to)), place(from.max(to)));
            bytes.drain(from..to);
        }
        Change::Repeat(at, len, n) => {
            let start = place(at);
            let end = (start + len).min(bytes.len());
            let repeated = bytes[start..end].repeat(n);
            bytes.splice(start..start, repeated);
        }
        Change::Swap(a, b) if !bytes.is_empty() => {
            let (a, b) = (place(a), place(b));
            bytes.swap(a, b);
        }
        Change::Swap(..) => {}
        Change::Insert(at, text) => {
            let at = place(at);
            bytes.splice(at..at, text.bytes());
        }
    }
}

fn check(reply: &str) {
    let mut diags = Diagnostics::default();
    let block = extract::run(reply, &mut diags);
    assert!(
        block.is_some() || diags.has_errors(),
        "no block and no reason"
    );
    let list = diags.into_list();
    let inside = |span: Span| {
        let text = reply.get(span.range());
        assert!(text.is_some(), "{span:?} in {} bytes", reply.len());
    };
    for diagnostic in &list {
        inside(diagnostic.primary);
    }
    let shown = render(&list, reply, Style::Plain);
    assert!(
        !shown.chars().any(|c| c.is_control() && c != '\n'),
        "{shown:?}"
    );
    let Some(block) = block else { return };
    let mut before = 0;
    for (at, character) in block.code.char_indices() {
        let start = u32::try_from(at).expect("short");
        let span = block.span(start..start + u32::try_from(character.len_utf8()).expect("short"));
        inside(span);
        assert!(span.start >= before, "places are in order");
        before = span.start;
        let text = &reply[span.range()];
        let is_same = text.chars().eq([character]) || text.starts_with('\\') || character == '\n';
        assert!(is_same, "{character:?} is {text:?} in the reply");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_replies_never_panic(
        idx in 0..REPLIES.len(),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let mut bytes = REPLIES[idx].as_bytes().to_vec();
        for change in &changes {
            apply(&mut bytes, change);
            bytes.truncate(20_000);
        }
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_text_never_panics(reply in "(?s).{0,200}") {
        check(&reply);
    }
}

/// A case that random changes found: the last token before a limit was a letter of three bytes.
#[test]
fn a_limit_is_found_at_a_letter_of_several_bytes() {
    for n in 505..520 {
        let links = "-".repeat(n);
        check(&format!(
            "class Net(nn.Module):\n    def forward(self): return {links}\u{feff}{links}a\n"
        ));
        check(&format!(
            "class Net(nn.Module):\n    def forward(self): return {links}é{links}a\n"
        ));
    }
}
