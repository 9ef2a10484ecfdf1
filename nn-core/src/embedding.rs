//! [`Embedding`]: a table of vectors, with PyTorch's `padding_idx`.
//!
//! Difference from Burn's `Embedding`: the padding row starts at zero and gets no gradient from
//! lookups.

use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::tensor::module::embedding;
use burn::tensor::{Bool, Device, Int, Tensor, s};

use crate::config::{ConfigError, at_least_one, expect_valid, index_below};

/// Configuration of [`Embedding`].
#[derive(Config, Debug)]
pub struct EmbeddingConfig {
    /// Number of vectors. At least 1.
    pub n_embedding: usize,
    /// Length of each vector. At least 1.
    pub d_model: usize,
    /// The row that starts at zero and that lookups do not train. Default: none
    #[config(default = "None")]
    pub padding_idx: Option<usize>,
}

/// A table of vectors.
///
/// PyTorch's `nn.Embedding`: values from N(0, 1), except the zero row at `padding_idx`.
#[derive(Module, Debug)]
pub struct Embedding {
    /// The table: `[n_embedding, d_model]`.
    pub weight: Param<Tensor<2>>,
    padding_idx: Option<usize>,
}

impl EmbeddingConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a size is 0 or `padding_idx` lies outside the table.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("n_embedding", self.n_embedding)?;
        at_least_one("d_model", self.d_model)?;
        index_below(
            "padding_idx",
            self.padding_idx,
            "n_embedding",
            self.n_embedding,
        )
    }

    /// Draws the table.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> Embedding {
        expect_valid("Embedding", self.check());
        let normal = Initializer::Normal {
            mean: 0.0,
            std: 1.0,
        };
        let mut weight = normal.init([self.n_embedding, self.d_model], device);
        if let Some(row) = self.padding_idx {
            weight = weight
                .init_mapper(move |table: Tensor<2>| table.slice_fill(s![row..=row, ..], 0.0));
        }
        Embedding {
            weight,
            padding_idx: self.padding_idx,
        }
    }
}

impl Embedding {
    /// Looks up whole sequences.
    ///
    /// # Shapes
    ///
    /// - tokens: `[batch, length]`
    /// - output: `[batch, length, d_model]`
    pub fn forward(&self, tokens: Tensor<2, Int>) -> Tensor<3> {
        let table = self.weight.val();
        let padding = self.padding_idx.filter(|_| table.is_autodiff());
        let padding = padding.map(|row| is_token(&tokens, row));
        let vectors = embedding(table, tokens);
        match padding {
            Some(padding) => {
                let untracked = vectors.clone().detach();
                vectors.mask_where(padding.unsqueeze_dim(2), untracked)
            }
            None => vectors,
        }
    }

    /// Where tokens are padding: `[batch, length]` to the same. None without `padding_idx`.
    pub(crate) fn is_padding(&self, tokens: &Tensor<2, Int>) -> Option<Tensor<2, Bool>> {
        self.padding_idx.map(|row| is_token(tokens, row))
    }

    /// Looks up one token of every sequence.
    ///
    /// # Shapes
    ///
    /// - tokens: `[batch]`
    /// - output: `[batch, d_model]`
    pub fn forward_token(&self, tokens: Tensor<1, Int>) -> Tensor<2> {
        self.forward(tokens.unsqueeze_dim(1)).squeeze_dim(1)
    }
}

/// Where the token of `row` stands: `[batch, length]` to the same.
fn is_token(tokens: &Tensor<2, Int>, row: usize) -> Tensor<2, Bool> {
    let row = i64::try_from(row).expect("a table with 2^63 rows does not fit in memory");
    tokens.clone().equal_elem(row)
}
