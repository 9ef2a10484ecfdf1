//! Findings about Transformer layers and tensors of constructors: `transformer_masks` with one thing wrong.
use expect_test::{Expect, expect};

#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "each case writes its expectation once"
)]
fn check(from: &str, to: &str, expected: Expect) {
    super::check_of("transformer_masks", from, to, &expected);
}

#[test]
fn heads_must_divide_the_width() {
    check(
        "nn.MultiheadAttention(d_model, 2, batch_first=True)",
        "nn.MultiheadAttention(d_model, 3, batch_first=True)",
        expect![[r#"
            error[N021]: width 16 is not divisible by 3 heads
              --> reply:32:26
               |
            32 |         self.attention = nn.MultiheadAttention(d_model, 3, batch_first=True)
               |                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
               |
               = help: use 2 heads"#]],
    );
}

#[test]
fn a_memory_of_another_width_is_found() {
    check(
        "self.decoder = TransformerDecoder(self.vocab_size, 16, 24)",
        "self.decoder = TransformerDecoder(self.vocab_size, 24, 24)",
        expect![[r#"
            error[N010]: `TransformerDecoder` takes sequences of width 24 with three dimensions, found `[B, 4, 16]`
              --> reply:54:13
               |
            54 |         x = self.layers(
               |             ^^^^^^^^^^^^"#]],
    );
}

#[test]
fn sequences_of_another_layout_are_found() {
    check(
        "activation='gelu', batch_first=True, norm_first=True",
        "activation='gelu', norm_first=True",
        expect![[r#"
            error[N010]: sequences `[B, T - 1, 16]` and `[B, 4, 16]` differ in the batch, dimension 1
              --> reply:54:13
               |
            54 |         x = self.layers(
               |             ^^^^^^^^^^^^
               |
               = help: mind `batch_first`"#]],
    );
}

#[test]
fn a_buffer_that_a_layer_computes_is_refused() {
    check(
        "        self.head = nn.Linear(d_model, vocab)",
        "        self.head = nn.Linear(d_model, vocab)\n        self.register_buffer('first', self.head(torch.ones(1, d_model)))",
        expect![[r#"
            error[N006]: a tensor of a module that layers compute in the constructor is not supported
              --> reply:50:9
               |
            50 |         self.register_buffer('first', self.head(torch.ones(1, d_model)))
               |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_tensor_of_the_file_is_to_become_a_buffer() {
    check(
        "        return x + self.table[:, :x.size(1)]",
        "        return x + HALF\n\n\nHALF = torch.full((1,), 0.5)",
        expect![[r#"
            error[N006]: a tensor that is made before the net runs, and is no attribute of a module, is not supported
              --> reply:25:16
               |
            25 |         return x + HALF
               |                ^^^^^^^^
               |
               = help: keep it with `self.register_buffer(name, tensor, persistent=False)`"#]],
    );
}

#[test]
fn a_weight_of_a_layer_is_not_read_in_a_constructor() {
    check(
        "self.scale = torch.full((1,), float(d_model)).sqrt()",
        "self.scale = self.embed.weight.sqrt()",
        expect![[r#"
            error[N006]: computing with a layer's parameter in a constructor is not supported
              --> reply:47:22
               |
            47 |         self.scale = self.embed.weight.sqrt()
               |                      ^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn a_buffer_of_the_wrong_size_is_found_where_it_is_used() {
    check(
        "self.positions = Positions(16, 16, True)",
        "self.positions = Positions(16, 12, True)",
        expect![[r#"
            error[N010]: tensors `[B, 16, 16]` and `[1, 12, 16]` do not broadcast
              --> reply:25:16
               |
            25 |         return x + self.table[:, :x.size(1)]
               |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}
