//! Repairs of what the Net API wants: shapes, hyper-parameters, inference.
use expect_test::expect;

use super::{check, check_guess};

#[test]
fn the_batch_is_not_the_channels() {
    check(
        &[("nn.Conv2d(in_shape[1]", "nn.Conv2d(in_shape[0]")],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -11,7 +11,7 @@
                     super().__init__()
                     self.device = device
                     self.vocab_size = out_shape[0]
            -        self.conv = nn.Conv2d(in_shape[0], 8, kernel_size=3, stride=2, padding=1)
            +        self.conv = nn.Conv2d(in_shape[1], 8, kernel_size=3, stride=2, padding=1)
                     self.fc = nn.Linear(8, 16)
                     self.embed = nn.Embedding(self.vocab_size, 16, padding_idx=0)
                     self.gru = nn.GRU(16, 16, batch_first=True)
            note[N010]: `Conv2d` takes 2 in dimension 1, found `3` in `[B, 3, 64, 64]`; repaired: read the channels from `in_shape[1]`; `in_shape[0]` is the batch
              --> reply:25:27
               |
            25 |         maps = torch.tanh(self.conv(images))
               |                           ^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn the_vocabulary_is_the_only_item_of_out_shape() {
    check(
        &[("out_shape[0]", "out_shape[1]")],
        expect![[r#"
        accepted
        --- net.py of the reply
        +++ net.py repaired
        @@ -10,7 +10,7 @@
             def __init__(self, in_shape, out_shape, prm, device):
                 super().__init__()
                 self.device = device
        -        self.vocab_size = out_shape[1]
        +        self.vocab_size = out_shape[0]
                 self.conv = nn.Conv2d(in_shape[1], 8, kernel_size=3, stride=2, padding=1)
                 self.fc = nn.Linear(8, 16)
                 self.embed = nn.Embedding(self.vocab_size, 16, padding_idx=0)
        note[N014]: this raises `IndexError`: index 1 of a sequence of 1 items; repaired: read the vocabulary from `out_shape[0]`
          --> reply:16:27
           |
        16 |         self.vocab_size = out_shape[1]
           |                           ^^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_set_of_hyper_parameters_becomes_a_function() {
    check(
        &[(
            "def supported_hyperparameters():\n    return {",
            "supported_hyperparameters = {",
        )],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -2,7 +2,7 @@
             import torch.nn as nn

 
            -supported_hyperparameters = {'lr', 'momentum'}
            +def supported_hyperparameters(): return {'lr', 'momentum'}

 
             class Net(nn.Module):
            note[N017]: no function `supported_hyperparameters`; repaired: make `supported_hyperparameters` a function
             --> reply:8:1
              |
            8 | supported_hyperparameters = {'lr', 'momentum'}
              | ^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn an_undeclared_hyper_parameter_is_declared() {
    check(
        &[(
            "self.device = device",
            "self.device = device\n        self.rate = prm['dropout']",
        )],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -3,7 +3,7 @@

 
             def supported_hyperparameters():
            -    return {'lr', 'momentum'}
            +    return {'lr', 'momentum', 'dropout'}

 
             class Net(nn.Module):
            note[N018]: the hyper-parameter `dropout` is used and not declared; repaired: declare `{'lr', 'momentum', 'dropout'}`
              --> reply:16:21
               |
            16 |         self.rate = prm['dropout']
               |                     ^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_declared_hyper_parameter_that_is_never_read_stays_declared_unless_all_are_repaired() {
    check_guess(
        &[(
            "return {'lr', 'momentum'}",
            "return {'lr', 'momentum', 'width'}",
        )],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -3,7 +3,7 @@

 
             def supported_hyperparameters():
            -    return {'lr', 'momentum', 'width'}
            +    return {'lr', 'momentum'}

 
             class Net(nn.Module):
            note[N031]: the hyper-parameter `width` is declared and never used; repaired: declare `{'lr', 'momentum'}`
             --> reply:8:5
              |
            8 | def supported_hyperparameters():
              |     ^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_hyper_parameter_that_nobody_gives_becomes_a_number_when_guesses_are_allowed() {
    check_guess(
        &[(
            "self.device = device",
            "self.device = device\n        self.width = prm['hidden_size']",
        )],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -10,7 +10,7 @@
                 def __init__(self, in_shape, out_shape, prm, device):
                     super().__init__()
                     self.device = device
            -        self.width = prm['hidden_size']
            +        self.width = 640
                     self.vocab_size = out_shape[0]
                     self.conv = nn.Conv2d(in_shape[1], 8, kernel_size=3, stride=2, padding=1)
                     self.fc = nn.Linear(8, 16)
            note[N014]: this raises `KeyError`: `prm` has no `hidden_size`; given are `dropout`, `lr`, `momentum`, `batch`; repaired: write the number 640 for `prm['hidden_size']`
              --> reply:16:22
               |
            16 |         self.width = prm['hidden_size']
               |                      ^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_tuple_at_inference_becomes_its_first_part() {
    check(
        &[(
            "return self.greedy(state)",
            "return self.greedy(state), state",
        )],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -25,7 +25,7 @@
                 def forward(self, images, captions=None, hidden_state=None):
                     state = self.encode(images)
                     if captions is None:
            -            return self.greedy(state), state
            +            return self.greedy(state)
                     words, _ = self.gru(self.embed(captions[:, :-1]), state)
                     return self.head(words)
 
            note[N039]: `forward` returns a tuple where `captions` is None, and ids or scores alone are wanted; repaired: return ids or scores alone at inference
              --> reply:28:9
               |
            28 |     def forward(self, images, captions=None, hidden_state=None):
               |         ^^^^^^^"#]],
    );
}

#[test]
fn a_tuple_that_training_reads_too_stays_one_for_it() {
    check(
        &[
            (
                "            return self.greedy(state)\n        words, _",
                "            logits = self.greedy(state)\n        else:\n            words, _",
            ),
            (
                "        return self.head(words)",
                "            logits = self.head(words)\n        return (logits), state",
            ),
            (
                "logits = self(images, captions)",
                "logits, _ = self(images, captions)",
            ),
        ],
        expect![[r#"
            accepted
            --- net.py of the reply
            +++ net.py repaired
            @@ -29,7 +29,7 @@
                     else:
                         words, _ = self.gru(self.embed(captions[:, :-1]), state)
                         logits = self.head(words)
            -        return (logits), state
            +        return ((logits), state) if captions is not None else logits
 
                 def greedy(self, state, max_len=12):
                     word = torch.full((state.size(1),), 1, dtype=torch.long, device=self.device)
            note[N039]: `forward` returns a tuple where `captions` is None, and ids or scores alone are wanted; repaired: return ids or scores alone at inference
              --> reply:28:9
               |
            28 |     def forward(self, images, captions=None, hidden_state=None):
               |         ^^^^^^^"#]],
    );
}

#[test]
fn a_decoding_that_is_absent_is_the_librarys() {
    check(
        &[(
            "return self.greedy(state)",
            "raise NotImplementedError('no beam')",
        )],
        expect![[r#"
            accepted
            warning[N023]: the net has no decoding that works, the library's takes its place: this raises `NotImplementedError`: no beam
              --> reply:31:13
               |
            31 |             raise NotImplementedError('no beam')
               |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn the_learning_rate_has_one_name() {
    check(
        &[("prm['lr']", "prm['learning_rate']")],
        expect![[r#"
        accepted
        --- net.py of the reply
        +++ net.py repaired
        @@ -41,7 +41,7 @@
                 return torch.stack(words, dim=1)
 
             def train_setup(self, prm):
        -        self.optimizer = torch.optim.Adam(self.parameters(), lr=prm['learning_rate'], betas=(prm['momentum'], 0.999))
        +        self.optimizer = torch.optim.Adam(self.parameters(), lr=prm['lr'], betas=(prm['momentum'], 0.999))
 
             def learn(self, train_data):
                 self.train()
        note[N014]: this raises `KeyError`: `prm` has no `learning_rate`; given are `dropout`, `lr`, `momentum`, `batch`; repaired: read the learning rate from `prm['lr']`
          --> reply:47:65
           |
        47 |         self.optimizer = torch.optim.Adam(self.parameters(), lr=prm['learning_rate'], betas=(prm['momentum'], 0.999))
           |                                                                 ^^^^^^^^^^^^^^^^^^^^"#]],
    );
}
