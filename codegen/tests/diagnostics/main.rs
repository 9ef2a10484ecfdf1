//! What is said of nets that cannot be translated: the rule, the place in the reply, what was found and what was wanted.
//! Each case is the golden `gru_decoder` with one thing wrong.
#![expect(
    clippy::needless_raw_string_hashes,
    reason = "as `UPDATE_EXPECT=1` writes them"
)]

mod calls;
#[path = "../support/mod.rs"]
mod support;
mod transformer;

use codegen::{Style, generate, render};
use expect_test::{Expect, expect};

/// The reply of a golden case with one text replaced, which must be there.
#[track_caller]
fn changed(name: &str, from: &str, to: &str) -> String {
    let reply = support::reply(name);
    assert!(reply.contains(from), "`{name}` does not contain `{from}`");
    reply.replacen(from, to, 1)
}

/// The findings about the golden net with one text replaced.
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "each case writes its expectation once"
)]
fn check(from: &str, to: &str, expected: Expect) {
    check_of("gru_decoder", from, to, &expected);
}

#[track_caller]
fn check_of(case: &str, from: &str, to: &str, expected: &Expect) {
    let reply = changed(case, from, to);
    let options = codegen::Options {
        repair: codegen::Repairs::None,
        ..support::options()
    };
    let shown = match generate(&reply, &options) {
        Ok(generated) => format!(
            "accepted\n{}",
            render(&generated.diagnostics, &reply, Style::Plain)
        ),
        Err(rejected) => render(&rejected.diagnostics, &reply, Style::Plain),
    };
    expected.assert_eq(&shown);
}

#[test]
fn a_wrong_width_is_found_before_any_build() {
    check(
        "self.fc = nn.Linear(8, 16)",
        "self.fc = nn.Linear(9, 16)",
        expect![[r#"
        error[N010]: `Linear` takes 9 in dimension 1, found `8` in `[B, 8]`
          --> reply:26:16
           |
        26 |         return self.fc(maps.mean(dim=(2, 3))).unsqueeze(0)
           |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_state_of_the_wrong_width_is_found() {
    check(
        "self.fc = nn.Linear(8, 16)",
        "self.fc = nn.Linear(8, 24)",
        expect![[r#"
        error[N010]: the state is `[1, B, 24]`, and must be `[1, B, 16]`
          --> reply:32:20
           |
        32 |         words, _ = self.gru(self.embed(captions[:, :-1]), state)
           |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_kernel_larger_than_the_picture_is_found() {
    check(
        "kernel_size=3",
        "kernel_size=99",
        expect![[r#"
        error[N010]: a window of 99 does not fit into 64 elements with padding 1
          --> reply:25:27
           |
        25 |         maps = torch.tanh(self.conv(images))
           |                           ^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_view_that_does_not_fit_is_found() {
    check(
        "logits.reshape(-1, self.vocab_size)",
        "logits.reshape(-1, 7)",
        expect![[r#"
        error[N010]: a tensor `[B, T - 1, 60]` of `-60*B + 60*B*T` elements cannot take the shape `[-1, 7]`
          --> reply:55:35
           |
        55 |             loss = self.criterion(logits.reshape(-1, 7), captions[:, 1:].reshape(-1))
           |                                   ^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn targets_that_are_not_cut_are_found() {
    check(
        "captions[:, 1:].reshape(-1)",
        "captions.reshape(-1)",
        expect![[r#"
        error[N010]: logits `[-B + B*T, 60]` and targets `[B*T]` do not fit: `[rows, classes]` and int `[rows]` are wanted
          --> reply:55:20
           |
        55 |             loss = self.criterion(logits.reshape(-1, self.vocab_size), captions.reshape(-1))
           |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn an_undefined_name_is_found_and_its_import_suggested() {
    check(
        "torch.tanh(self.conv(images))",
        "F.relu(self.conv(images))",
        expect![[r#"
            error[N005]: `F` is not defined
              --> reply:25:16
               |
            25 |         maps = F.relu(self.conv(images))
               |                ^
               |
               = help: `--repair safe` does: add `import torch.nn.functional as F`
               = help: add `import torch.nn.functional as F`"#]],
    );
}

#[test]
fn an_invented_torch_name_is_found_and_the_nearest_suggested() {
    check(
        "nn.Conv2d(",
        "nn.Conv2D(",
        expect![[r#"
            error[N007]: torch has no `torch.nn.Conv2D`
              --> reply:17:21
               |
            17 |         self.conv = nn.Conv2D(in_shape[1], 8, kernel_size=3, stride=2, padding=1)
               |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
               |
               = help: `--repair safe` does: write `Conv2d`
               = help: did you mean `torch.nn.Conv2d`?"#]],
    );
}

#[test]
fn an_invented_argument_is_found() {
    check(
        "nn.GRU(16, 16, batch_first=True)",
        "nn.GRU(16, 16, batch_frist=True)",
        expect![[r#"
            error[N008]: `torch.nn.GRU` has no argument `batch_frist`
              --> reply:20:20
               |
            20 |         self.gru = nn.GRU(16, 16, batch_frist=True)
               |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
               |
               = help: `--repair safe` does: write `batch_first=`
               = help: its arguments are `input_size`, `hidden_size`, `num_layers`, `bias`, `batch_first`, `dropout`, `bidirectional`, `proj_size`, `device`, `dtype`"#]],
    );
}

#[test]
fn a_misspelt_attribute_is_found() {
    check(
        "return self.head(words)",
        "return self.haed(words)",
        expect![[r#"
        error[N014]: this raises `AttributeError`: `Net` has no attribute `haed`
          --> reply:33:16
           |
        33 |         return self.haed(words)
           |                ^^^^^^^^^
           |
          ::: reply:12:7
           |
        12 | class Net(nn.Module):
           |       --- the class"#]],
    );
}

#[test]
fn importing_os_is_refused() {
    check(
        "import torch\n",
        "import os\nimport torch\n",
        expect![[r#"
        error[N019]: `os` may not be imported by a net
         --> reply:4:8
          |
        4 | import os
          |        ^^
          |
          = help: a net needs `torch` and `math`, and reads its data from `learn`"#]],
    );
}

#[test]
fn evaluating_text_is_refused() {
    check(
        "self.device = device",
        "self.device = eval('device')",
        expect![[r#"
        error[N020]: `eval` is not allowed in a net
          --> reply:15:23
           |
        15 |         self.device = eval('device')
           |                       ^^^^^^^^^^^^^^
           |
           = help: remove the call of `eval`"#]],
    );
}

#[test]
fn a_branch_on_data_is_refused() {
    check(
        "maps = torch.tanh(self.conv(images))",
        "maps = self.conv(images)\n        if maps.mean() > 0:\n            maps = torch.tanh(maps)",
        expect![[r#"
        error[N012]: the condition is a bool tensor `[1]`, known only at run time
          --> reply:26:12
           |
        26 |         if maps.mean() > 0:
           |            ^^^^^^^^^^^^^^^
           |
           = help: use `torch.where`, or break out of a bounded loop with `if (...).all(): break`"#]],
    );
}

#[test]
fn a_decoding_of_a_length_that_the_data_decides_is_replaced() {
    check(
        "for _ in range(max_len)",
        "for _ in range(int(state.sum()))",
        expect![[r#"
            accepted
            warning[N024]: the net's own decoding is not translated, the library's takes its place: a Python number made from a tensor is known only at run time
              --> reply:38:24
               |
            38 |         for _ in range(int(state.sum())):
               |                        ^^^^^^^^^^^^^^^^
               |
               = help: keep the value a tensor"#]],
    );
}

#[test]
fn a_decoding_whose_state_grows_is_replaced() {
    check(
        "            words.append(word)\n",
        "            words.append(word)\n            state = torch.cat([state, state], dim=0)\n",
        expect![[r#"
            accepted
            warning[N023]: the net has no decoding that works, the library's takes its place: the state is `[i0 + 1, B, 16]`, and must be `[1, B, 16]`
              --> reply:39:26
               |
            39 |             out, state = self.gru(self.embed(word.unsqueeze(1)), state)
               |                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_net_without_learn_is_refused() {
    check(
        "def learn(",
        "def train_one_epoch(",
        expect![[r#"
        error[N016]: `Net` has no method `learn`
          --> reply:12:7
           |
        12 | class Net(nn.Module):
           |       ^^^"#]],
    );
}

#[test]
fn a_net_of_another_name_is_refused() {
    check(
        "class Net(nn.Module)",
        "class CaptionNet(nn.Module)",
        expect![[r#"
        error[N015]: the reply defines no class `Net`
         --> reply:4:1
          |
        4 | import torch
          | ^^^^^^^^^^^^
          |
          = help: define `class Net(nn.Module)`"#]],
    );
}

#[test]
fn a_learn_without_a_step_is_refused() {
    check(
        "            self.optimizer.step()\n",
        "",
        expect![[r#"
        error[N029]: `learn` never calls `optimizer.step()`
          --> reply:49:9
           |
        49 |     def learn(self, train_data):
           |         ^^^^^"#]],
    );
}

#[test]
fn gradients_that_add_up_are_refused() {
    check(
        "            self.optimizer.zero_grad()\n",
        "",
        expect![[r#"
        error[N029]: `learn` never calls `zero_grad()`: gradients would add up over batches
          --> reply:49:9
           |
        49 |     def learn(self, train_data):
           |         ^^^^^"#]],
    );
}

#[test]
fn logits_of_another_vocabulary_are_refused() {
    check(
        "self.head = nn.Linear(16, self.vocab_size)",
        "self.head = nn.Linear(16, 61)",
        expect![[r#"
        error[N010]: a tensor `[B, T - 1, 61]` of `-61*B + 61*B*T` elements cannot take the shape `[-1, 60]`
          --> reply:55:35
           |
        55 |             loss = self.criterion(logits.reshape(-1, self.vocab_size), captions[:, 1:].reshape(-1))
           |                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_module_that_is_never_called_is_warned_about() {
    check(
        "self.gru = nn.GRU",
        "self.attention = nn.Linear(16, 16)\n        self.gru = nn.GRU",
        expect![[r#"
        accepted
        warning[N025]: this `Linear` is built and never called
          --> reply:20:26
           |
        20 |         self.attention = nn.Linear(16, 16)
           |                          ^^^^^^^^^^^^^^^^^
           |
           = help: call it in `forward`, or remove it"#]],
    );
}

#[test]
fn hyper_parameters_out_of_step_are_warned_about() {
    check(
        "return {'lr', 'momentum'}",
        "return {'lr', 'dropout'}",
        expect![[r#"
            accepted
            warning[N031]: the hyper-parameter `dropout` is declared and never used
             --> reply:8:5
              |
            8 | def supported_hyperparameters():
              |     ^^^^^^^^^^^^^^^^^^^^^^^^^
              |
              = help: `--repair all` does: declare `{'lr', 'momentum'}`
              = help: read `prm['dropout']`, or leave it out of `supported_hyperparameters`

            warning[N018]: the hyper-parameter `momentum` is used and not declared
              --> reply:47:83
               |
            47 |         self.optimizer = torch.optim.Adam(self.parameters(), lr=prm['lr'], betas=(prm['momentum'], 0.999))
               |                                                                                   ^^^^^^^^^^^^^^^
               |
               = help: `--repair safe` does: declare `{'lr', 'dropout', 'momentum'}`
               = help: add `'momentum'` to `supported_hyperparameters`"#]],
    );
}

#[test]
fn a_hyper_parameter_that_is_not_given_is_a_key_error() {
    check(
        "lr=prm['lr']",
        "lr=prm['learning_rate']",
        expect![[r#"
            error[N014]: this raises `KeyError`: `prm` has no `learning_rate`; given are `dropout`, `lr`, `momentum`, `batch`
              --> reply:47:65
               |
            47 |         self.optimizer = torch.optim.Adam(self.parameters(), lr=prm['learning_rate'], betas=(prm['momentum'], 0.999))
               |                                                                 ^^^^^^^^^^^^^^^^^^^^
               |
               = help: `--repair safe` does: read the learning rate from `prm['lr']`
               = help: write the number itself, or `prm.get('learning_rate', number)`"#]],
    );
}

#[test]
fn a_decoding_that_needs_numbers_out_of_tensors_is_replaced() {
    check(
        "if (word == 2).all():",
        "if word[0].item() == 2:",
        expect![[r#"
            accepted
            warning[N024]: the net's own decoding is not translated, the library's takes its place: the condition is a run-time number, known only at run time
              --> reply:42:16
               |
            42 |             if word[0].item() == 2:
               |                ^^^^^^^^^^^^^^^^^^^
               |
               = help: use `torch.where`, or break out of a bounded loop with `if (...).all(): break`"#]],
    );
}

#[test]
fn a_view_read_after_its_base_was_written_is_refused() {
    check_of(
        "inplace_residual",
        "identity = x",
        "identity = x.view(x.size(0), 8, 16, 16).transpose(2, 3)",
        &expect![[r#"
            error[N027]: the tensor read here is a view of one that was written in place since
              --> reply:24:9
               |
            24 |         out += identity
               |         ^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn endless_python_runs_out_of_fuel() {
    check(
        "self.device = device",
        "self.device = device\n        while True:\n            pass",
        expect![[r#"
        error[N013]: the net runs more than 2000000 steps of Python
          --> reply:17:13
           |
        17 |             pass
           |             ^^^^"#]],
    );
}

#[test]
fn endless_recursion_is_stopped() {
    check(
        "def encode(self, images):\n",
        "def encode(self, images):\n        return self.encode(images)\n",
        expect![[r#"
        error[N013]: more than 100 calls within calls
          --> reply:25:16
           |
        25 |         return self.encode(images)
           |                ^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn text_that_is_no_python_is_a_syntax_error() {
    check(
        "def learn(self, train_data):",
        "def learn(self, train_data:",
        expect![[r#"
            error[N004]: this is no Python: Expected `)`, found newline
              --> reply:50:21
               |
            50 |         self.train()
               |                     ^
               |
               = help: `--repair all` does: cut the last 9 lines, which are not finished"#]],
    );
}

#[test]
fn raised_exceptions_are_shown() {
    check(
        "self.device = device",
        "assert out_shape[0] > 1000, 'vocabulary too small'",
        expect![[r#"
        error[N014]: this raises `AssertionError`: vocabulary too small
          --> reply:15:9
           |
        15 |         assert out_shape[0] > 1000, 'vocabulary too small'
           |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}
