//! A net made short enough to be shown: what it is, without how it is trained.

/// Methods and functions that say how a net is trained.
const TRAINING: [&str; 3] = ["train_setup", "learn", "supported_hyperparameters"];

/// Stands where definitions were left out.
const LEFT_OUT: &str = "# ...\n";

/// The architecture of a file: imports, comments before the first definition, and all that is about training left out.
pub(super) fn architecture(code: &str) -> String {
    let mut kept = String::new();
    let mut left_out: Option<usize> = None;
    for line in code.lines() {
        let indent = line.len() - line.trim_start().len();
        let is_blank = line.trim().is_empty();
        if left_out.is_some_and(|outer| is_blank || indent > outer) {
            continue;
        }
        left_out = is_training(line).then_some(indent);
        if left_out.is_some() {
            // A decorator of what is left out would not find its function.
            continue;
        }
        let is_import = line.starts_with("import ") || line.starts_with("from ");
        if !is_import {
            kept += line.trim_end();
            kept.push('\n');
        }
    }
    joined(&kept)
}

fn is_training(line: &str) -> bool {
    let name = line.trim_start().strip_prefix("def ");
    let name = name.and_then(|rest| rest.split('(').next());
    name.is_some_and(|name| TRAINING.contains(&name.trim()))
}

/// Without blank lines at the ends, and with two in a row at most.
fn joined(code: &str) -> String {
    let mut text = String::new();
    let mut blank = 0;
    for line in code.lines() {
        if line.is_empty() {
            blank += 1;
            continue;
        }
        if !text.is_empty() {
            text += &"\n".repeat(blank.min(2));
        }
        blank = 0;
        text += line;
        text.push('\n');
    }
    text
}

/// The definitions of a file, from the first on, that have room; `None` where not even the first one has.
pub(super) fn fitting(code: &str, most: usize) -> Option<String> {
    if code.len() <= most {
        return Some(code.to_owned());
    }
    let mut kept = "";
    for (at, _) in code.match_indices("\n\n\n") {
        let Some(head) = code.get(..at + 1) else {
            continue;
        };
        if head.len() + LEFT_OUT.len() + 2 > most {
            break;
        }
        kept = head;
    }
    kept.contains("class ")
        .then(|| format!("{kept}\n\n{LEFT_OUT}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "import torch\n\n\ndef supported_hyperparameters():\n    return {'lr'}\n\n\nclass A(nn.Module):\n    \
        def __init__(self):\n        pass\n\n\nclass Net(nn.Module):\n    def train_setup(self, prm):\n        x = 1\n\n        \
        y = 2\n\n    def forward(self, x):\n        return x\n\n    def learn(self, data):\n        pass\n";

    #[test]
    fn training_is_left_out() {
        let wanted = "class A(nn.Module):\n    def __init__(self):\n        pass\n\n\nclass Net(nn.Module):\n    \
            def forward(self, x):\n        return x\n";
        assert_eq!(architecture(FILE), wanted);
    }

    #[test]
    fn whole_definitions_are_kept_as_far_as_there_is_room() {
        let code = architecture(FILE);
        assert_eq!(fitting(&code, 1000).as_ref(), Some(&code));
        let first = "class A(nn.Module):\n    def __init__(self):\n        pass\n\n\n# ...\n";
        assert_eq!(fitting(&code, code.len() - 1).as_deref(), Some(first));
        assert_eq!(fitting(&code, 20), None);
    }
}
