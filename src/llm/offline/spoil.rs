//! What goes wrong in replies of language models, one entry a way.
use crate::llm::random::Random;

/// A reply before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Draft {
    /// Before the code.
    pub(super) words: String,
    /// Of the fence; empty for none, where the code is the whole reply.
    pub(super) language: &'static str,
    /// The net; empty for none.
    pub(super) code: String,
    /// Whether the longest length was reached before the end.
    pub(super) is_cut: bool,
}

impl Draft {
    /// The reply.
    pub(super) fn text(&self) -> String {
        let Self {
            words,
            language,
            code,
            is_cut,
        } = self;
        if code.is_empty() || language.is_empty() {
            return format!("{words}{code}");
        }
        let end = if *is_cut { "" } else { "```\n" };
        format!("{words}\n\n```{language}\n{code}{end}")
    }

    fn replace(&mut self, found: &str, by: &str) {
        self.code = self.code.replacen(found, by, 1);
    }
}

/// One way to spoil a reply.
#[derive(Debug)]
pub(super) struct Spoil {
    /// What went wrong.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "documents the entry; tests name it")
    )]
    pub(super) name: &'static str,
    /// Spoils.
    pub(super) apply: fn(&mut Draft, &mut Random),
}

/// Ways to spoil a net in Python.
pub(super) const SPOILS: &[Spoil] = &[
    Spoil {
        name: "the batch is taken for the channels",
        apply: |draft, _| draft.replace("Encoder(in_shape[1])", "Encoder(in_shape[0])"),
    },
    Spoil {
        name: "an import is missing",
        apply: |draft, _| draft.replace("import torch.nn as nn\n", ""),
    },
    Spoil {
        name: "the last bracket is not closed",
        apply: |draft, _| {
            let end = draft.code.trim_end().len().saturating_sub(1);
            draft.code.truncate(end);
            draft.code.push('\n');
        },
    },
    Spoil {
        name: "an argument is invented",
        apply: |draft, _| draft.replace("padding_idx=0)", "padding_idx=0, dropout=0.1)"),
    },
    Spoil {
        name: "a name is not defined",
        apply: |draft, _| draft.replace("self.project(regions)", "self.project(features)"),
    },
    Spoil {
        name: "captions come with the state",
        apply: |draft, _| {
            draft.code.truncate(draft.code.trim_end().len());
            draft.code += ", hidden_state\n";
        },
    },
    Spoil {
        name: "a width is wrong",
        apply: |draft, _| {
            draft.replace("self.project = nn.Linear(", "self.project = nn.Linear(8 + ");
        },
    },
    Spoil {
        name: "files are written",
        apply: |draft, _| {
            draft.replace("import torch\n", "import os\n\nimport torch\n");
            let device = "        self.device = device\n";
            let makes = format!("{device}        os.makedirs('checkpoints', exist_ok=True)\n");
            draft.replace(device, &makes);
        },
    },
    Spoil {
        name: "the loss is not followed back",
        apply: |draft, _| draft.replace("            loss.backward()\n", ""),
    },
    Spoil {
        name: "the reply is cut off",
        apply: cut,
    },
    Spoil {
        name: "there is no code",
        apply: |draft, _| {
            draft.code.clear();
            draft.words += " I would train it with AdamW and a little label smoothing.";
        },
    },
];

/// Ways to spoil a net as data.
pub(super) const SPEC_SPOILS: &[Spoil] = &[
    Spoil {
        name: "a number is out of bounds",
        apply: |draft, _| draft.replace("\"layers\":", "\"layers\":1"),
    },
    Spoil {
        name: "the reply is cut off",
        apply: cut,
    },
];

/// Ends a reply between 40 and 80 hundredths of its code.
fn cut(draft: &mut Draft, random: &mut Random) {
    let at = draft.code.len() * (40 + random.below(41)) / 100;
    let at = (0..=at).rev().find(|at| draft.code.is_char_boundary(*at));
    draft.code.truncate(at.unwrap_or(0));
    draft.is_cut = true;
}
