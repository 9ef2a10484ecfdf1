//! A spec as a PyTorch file of the Net API.
use super::{DecoderSpec, NetSpec, OptimizerSpec, RecipeSpec, decoder, encoder};

const HEAD: &str = "import math

import torch
import torch.nn as nn


def supported_hyperparameters():
    return {'lr', 'momentum'}
";

const LEARN: &str = "
    def learn(self, train_data):
        self.train()
        for images, captions in train_data:
            images, captions = images.to(self.device), captions.to(self.device)
            if captions.dim() == 3:
                captions = captions[:, 0, :]
            logits = self.forward(images, captions)
            loss = self.criterion(logits.reshape(-1, self.vocab), captions[:, 1:].reshape(-1))
            self.optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.parameters(), CLIP)
            self.optimizer.step()
";

impl NetSpec {
    /// The file. A spec that [`check`](Self::check) refuses is printed all the same.
    pub fn python(&self) -> String {
        let mut code = HEAD.to_owned();
        code += &encoder::python(&self.encoder, self.memory);
        code += &decoder::python(&self.decoder, self.memory);
        code += &self.net();
        code
    }

    fn net(&self) -> String {
        let recipe = self.recipe;
        let smoothing = recipe.label_smoothing;
        let mut code = format!(
            "

class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.device = device
        self.vocab = out_shape[0]
        self.encoder = Encoder(in_shape[1])
        self.decoder = Decoder(self.vocab)

    def train_setup(self, prm):
        self.to(self.device)
        self.criterion = nn.CrossEntropyLoss(ignore_index=0, label_smoothing={smoothing:?}).to(self.device)
        self.optimizer = {}
",
            optimizer(recipe)
        );
        code += &LEARN.replace("CLIP", &format!("{:?}", recipe.clip_norm));
        code += match self.decoder {
            DecoderSpec::Transformer(_) => decoder::FORWARD_TRANSFORMER,
            DecoderSpec::Lstm(_) | DecoderSpec::Gru(_) => decoder::FORWARD_RECURRENT,
        };
        code
    }
}

fn optimizer(recipe: RecipeSpec) -> String {
    let (class, momentum) = match recipe.optimizer {
        OptimizerSpec::Sgd => ("SGD", "momentum=prm['momentum']"),
        OptimizerSpec::Adam => ("Adam", "betas=(prm['momentum'], 0.999)"),
        OptimizerSpec::Adamw => ("AdamW", "betas=(prm['momentum'], 0.999)"),
    };
    let decay = recipe.weight_decay;
    format!(
        "torch.optim.{class}(self.parameters(), lr=prm['lr'], {momentum}, weight_decay={decay:?})"
    )
}
