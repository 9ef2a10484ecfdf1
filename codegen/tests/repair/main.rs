//! Repairs: each of a golden net with one thing wrong, as the difference that is applied and what is said of it.
#![expect(
    clippy::needless_raw_string_hashes,
    reason = "as `UPDATE_EXPECT=1` writes them"
)]
mod contract;
#[path = "../support/mod.rs"]
mod support;

use codegen::{Options, Repairs, Style, generate, render};
use expect_test::{Expect, expect};

fn options(repair: Repairs) -> Options {
    Options {
        repair,
        ..support::options()
    }
}

/// The golden net with texts replaced, which must be there.
#[track_caller]
fn changed(changes: &[(&str, &str)]) -> String {
    changes
        .iter()
        .fold(support::reply("gru_decoder"), |reply, (from, to)| {
            assert!(reply.contains(from), "no `{from}`");
            reply.replacen(from, to, 1)
        })
}

/// What becomes of a reply: accepted or not, the difference, the findings.
fn told(reply: &str, repair: Repairs) -> String {
    let (verdict, repairs, findings) = match generate(reply, &options(repair)) {
        Ok(generated) => ("accepted", generated.repairs, generated.diagnostics),
        Err(rejected) => ("rejected", rejected.repairs, rejected.diagnostics),
    };
    let shown = format!(
        "{verdict}\n{}{}",
        repairs.unwrap_or_default(),
        render(&findings, reply, Style::Plain)
    );
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// Safe repairs.
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "each case writes its expectation once"
)]
fn check(changes: &[(&str, &str)], expected: Expect) {
    expected.assert_eq(&told(&changed(changes), Repairs::Safe));
}

/// Not repaired unless all repairs are allowed.
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "each case writes its expectation once"
)]
fn check_guess(changes: &[(&str, &str)], expected: Expect) {
    let reply = changed(changes);
    assert_eq!(told(&reply, Repairs::Safe), told(&reply, Repairs::None));
    expected.assert_eq(&told(&reply, Repairs::All));
}

const CONV: &str = "torch.tanh(self.conv(images))";

#[test]
fn a_missing_import_is_added() {
    check(
        &[(CONV, "F.relu(self.conv(images))")],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -1,3 +1,4 @@
            +import torch.nn.functional as F
             import torch
             import torch.nn as nn
 
            note[N005]: `F` is not defined; repaired: add `import torch.nn.functional as F`
              --> reply:25:16
               |
            25 |         maps = F.relu(self.conv(images))
               |                ^"#]],
    );
}

#[test]
fn a_star_becomes_the_names_that_are_used() {
    check(
        &[
            (
                "import torch.nn as nn\n",
                "from torch import *\nfrom torch.nn import *\n",
            ),
            (CONV, "relu(self.conv(images))"),
            ("nn.Linear(8, 16)", "Linear(8, 16)"),
        ],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -1,6 +1,7 @@
            +import torch.nn as nn
             import torch
            -from torch import *
            -from torch.nn import *
            +from torch import relu
            +from torch.nn import Linear


             def supported_hyperparameters():
            note[N019]: `import *` hides what a net uses; repaired: import `relu` by name
             --> reply:5:1
              |
            5 | from torch import *
              | ^^^^^^^^^^^^^^^^^^^

            note[N019]: `import *` hides what a net uses; repaired: import `Linear` by name
             --> reply:6:1
              |
            6 | from torch.nn import *
              | ^^^^^^^^^^^^^^^^^^^^^^

            note[N005]: `nn` is not defined; repaired: add `import torch.nn as nn`
              --> reply:13:11
               |
            13 | class Net(nn.Module):
               |           ^^"#]],
    );
}

#[test]
fn a_star_that_may_hide_a_function_of_python_is_a_guess() {
    check_guess(
        &[
            (
                "import torch.nn as nn\n",
                "import torch.nn as nn\nfrom torch import *\n",
            ),
            ("nn.Linear(8, 16)", "nn.Linear(max(8, 4), 16)"),
        ],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -1,6 +1,6 @@
             import torch
             import torch.nn as nn
            -from torch import *
            +pass


             def supported_hyperparameters():
            note[N019]: `import *` hides what a net uses; repaired: drop the import, of which nothing is wanted; `max` is Python's
             --> reply:6:1
              |
            6 | from torch import *
              | ^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_class_without_its_import_is_imported() {
    check(
        &[("nn.CrossEntropyLoss(", "CrossEntropyLoss(")],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -1,3 +1,4 @@
            +from torch.nn import CrossEntropyLoss
             import torch
             import torch.nn as nn
 
            note[N005]: `CrossEntropyLoss` is not defined; repaired: add `from torch.nn import CrossEntropyLoss`
              --> reply:22:26
               |
            22 |         self.criterion = CrossEntropyLoss(ignore_index=0)
               |                          ^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn an_invented_name_becomes_the_one_that_was_meant() {
    check(
        &[("nn.Conv2d(", "nn.Conv2D(")],
        expect![[r#"
        accepted
        --- net.py of the reply
        +++ net.py repaired
        @@ -11,7 +11,7 @@
                 super().__init__()
                 self.device = device
                 self.vocab_size = out_shape[0]
        -        self.conv = nn.Conv2D(in_shape[1], 8, kernel_size=3, stride=2, padding=1)
        +        self.conv = nn.Conv2d(in_shape[1], 8, kernel_size=3, stride=2, padding=1)
                 self.fc = nn.Linear(8, 16)
                 self.embed = nn.Embedding(self.vocab_size, 16, padding_idx=0)
                 self.gru = nn.GRU(16, 16, batch_first=True)
        note[N007]: torch has no `torch.nn.Conv2D`; repaired: write `Conv2d`
          --> reply:17:21
           |
        17 |         self.conv = nn.Conv2D(in_shape[1], 8, kernel_size=3, stride=2, padding=1)
           |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn an_invented_argument_becomes_the_one_that_was_meant() {
    check(
        &[(
            "nn.GRU(16, 16, batch_first=True)",
            "nn.GRU(input_dim=16, hidden_dim=16, n_layers=1, batch_frist=True)",
        )],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -14,7 +14,7 @@
                     self.conv = nn.Conv2d(in_shape[1], 8, kernel_size=3, stride=2, padding=1)
                     self.fc = nn.Linear(8, 16)
                     self.embed = nn.Embedding(self.vocab_size, 16, padding_idx=0)
            -        self.gru = nn.GRU(input_dim=16, hidden_dim=16, n_layers=1, batch_frist=True)
            +        self.gru = nn.GRU(input_size=16, hidden_size=16, num_layers=1, batch_first=True)
                     self.head = nn.Linear(16, self.vocab_size)
                     self.criterion = nn.CrossEntropyLoss(ignore_index=0)
 
            note[N008]: `torch.nn.GRU` has no argument `batch_frist`; repaired: write `batch_first=`
              --> reply:20:20
               |
            20 |         self.gru = nn.GRU(input_dim=16, hidden_dim=16, n_layers=1, batch_frist=True)
               |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

            note[N008]: `torch.nn.GRU` has no argument `hidden_dim`; repaired: write `hidden_size=`
              --> reply:20:20
               |
            20 |         self.gru = nn.GRU(input_dim=16, hidden_dim=16, n_layers=1, batch_frist=True)
               |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

            note[N008]: `torch.nn.GRU` has no argument `input_dim`; repaired: write `input_size=`
              --> reply:20:20
               |
            20 |         self.gru = nn.GRU(input_dim=16, hidden_dim=16, n_layers=1, batch_frist=True)
               |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

            note[N008]: `torch.nn.GRU` has no argument `n_layers`; repaired: write `num_layers=`
              --> reply:20:20
               |
            20 |         self.gru = nn.GRU(input_dim=16, hidden_dim=16, n_layers=1, batch_frist=True)
               |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn the_momentum_of_adam_is_its_first_beta() {
    check(
        &[("betas=(prm['momentum'], 0.999)", "momentum=prm['momentum']")],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -41,7 +41,7 @@
                     return torch.stack(words, dim=1)
 
                 def train_setup(self, prm):
            -        self.optimizer = torch.optim.Adam(self.parameters(), lr=prm['lr'], momentum=prm['momentum'])
            +        self.optimizer = torch.optim.Adam(self.parameters(), lr=prm['lr'], betas=(prm['momentum'], 0.999))
 
                 def learn(self, train_data):
                     self.train()
            note[N008]: `torch.optim.Adam` has no argument `momentum`; repaired: write `betas=(prm['momentum'], 0.999)`: the momentum of Adam is its first beta
              --> reply:47:26
               |
            47 |         self.optimizer = torch.optim.Adam(self.parameters(), lr=prm['lr'], momentum=prm['momentum'])
               |                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn an_attribute_without_self_gets_it() {
    check(
        &[
            (
                "return self.head(words)",
                "return self.head(words) * 1.0\n\n    def rows(self):\n        return vocab_size",
            ),
            (
                "logits.reshape(-1, self.vocab_size)",
                "logits.reshape(-1, vocab_size)",
            ),
        ],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -52,6 +52,6 @@
                         captions = captions[:, 0, :]
                         self.optimizer.zero_grad()
                         logits = self(images, captions)
            -            loss = self.criterion(logits.reshape(-1, vocab_size), captions[:, 1:].reshape(-1))
            +            loss = self.criterion(logits.reshape(-1, self.vocab_size), captions[:, 1:].reshape(-1))
                         loss.backward()
                         self.optimizer.step()
            note[N005]: `vocab_size` is not defined; repaired: write `self.vocab_size`, which the class sets
              --> reply:58:54
               |
            58 |             loss = self.criterion(logits.reshape(-1, vocab_size), captions[:, 1:].reshape(-1))
               |                                                      ^^^^^^^^^^"#]],
    );
}

#[test]
fn brackets_that_the_end_leaves_open_are_closed() {
    check(
        &[(
            "            self.optimizer.step()\n```",
            "            self.optimizer.step(",
        )],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -51,4 +51,4 @@
                         logits = self(images, captions)
                         loss = self.criterion(logits.reshape(-1, self.vocab_size), captions[:, 1:].reshape(-1))
                         loss.backward()
            -            self.optimizer.step(
            +            self.optimizer.step()
            warning[N035]: the reply ends before its block does
              --> reply:57:33
               |
            57 |             self.optimizer.step(
               |                                 ^
               |
               = help: reply with the whole file, and close the fence

            note[N004]: this is no Python: unexpected EOF while parsing; repaired: close what is open with `)`
              --> reply:58:1
               |
            58 |
               | ^"#]],
    );
}

#[test]
fn a_last_line_that_is_cut_off_is_cut() {
    check(
        &[(
            "            self.optimizer.step()\n```",
            "            self.optimizer.step()\n\n    def sample(self, images, te",
        )],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -53,4 +53,3 @@
                         loss.backward()
                         self.optimizer.step()
 
            -    def sample(self, images, te
            warning[N035]: the reply ends before its block does
              --> reply:59:32
               |
            59 |     def sample(self, images, te
               |                                ^
               |
               = help: reply with the whole file, and close the fence

            note[N004]: this is no Python: unexpected EOF while parsing; repaired: cut the last line, which is not finished
              --> reply:60:1
               |
            60 |
               | ^"#]],
    );
}

#[test]
fn a_repair_that_does_not_help_is_taken_back() {
    check(
        &[
            ("nn.Linear(8, 16)", "nn.Linear(9, 16)"),
            ("self.device = device", "self.batch = in_shape[0]"),
        ],
        expect![[r#"
            rejected
            error[N010]: `Linear` takes 9 in dimension 1, found `8` in `[B, 8]`
              --> reply:26:16
               |
            26 |         return self.fc(maps.mean(dim=(2, 3))).unsqueeze(0)
               |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn places_in_a_reply_of_json_stay_those_of_the_reply() {
    let python = changed(&[
        (CONV, "F.relu(self.conv(images))"),
        ("nn.Linear(8, 16)", "nn.Linear(7, 16)"),
    ]);
    let python = python
        .split("```")
        .nth(1)
        .unwrap()
        .trim_start_matches("python\n");
    let reply = serde_json::json!({ "code": python }).to_string();
    let rejected = generate(&reply, &options(Repairs::Safe)).unwrap_err();
    let at = |code: &str| {
        let found = rejected
            .diagnostics
            .iter()
            .find(|finding| finding.rule.code() == code);
        reply.get(found.unwrap().primary.range()).unwrap()
    };
    assert_eq!(at("N005"), "F");
    assert_eq!(at("N010"), "self.fc(maps.mean(dim=(2, 3)))");
}
