"""Writes the reference numbers of whole caption decoders: `decoders.json`, beside this script.

Usage: python make.py        (PyTorch)

Parameters and inputs are filled by name, as `shared/design/probe.md` describes, under the names our decoders give them;
the loss is cross entropy. Numbers are PyTorch's in float64: of a decoder with dropout 0.3 after `.eval()`, and, the same,
of one without dropout after `.train()`. Of scores every seventh is kept, of gradients the norm.
"""

import json
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

BATCH, REGIONS, LENGTH, D_MEMORY, VOCAB, WIDTH, D_ATTENTION = 3, 4, 5, 6, 11, 8, 7
HEADS, D_FEEDFORWARD, N_LAYERS, MAX_LENGTH = 2, 12, 2, 7
TOKENS = [[1, 4, 9, 3, 0], [1, 7, 7, 10, 2], [1, 5, 0, 0, 0]]
TARGETS = [[4, 9, 3, 2, 8], [7, 7, 10, 2, 6], [5, 2, 1, 10, 3]]
# The last region of the last image is hidden, and two of the first.
HIDDEN = [[False, True, True, False], [False] * 4, [False, False, False, True]]


def fill(name, shape, bound):
    """SplitMix64 seeded by FNV-1a of the name, in [-bound, bound]."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, np.prod(shape) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
        z ^= z >> np.uint64(31)
    unit = (z >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return torch.from_numpy(((2 * unit - 1) * bound).astype(np.float32).reshape(shape))


class Words(nn.Module):
    def __init__(self, tied, padding_idx):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, WIDTH, padding_idx=padding_idx)
        self.fc = None if tied else nn.Linear(WIDTH, VOCAB)

    def scores(self, hidden):
        return F.linear(hidden, self.embedding.weight) if self.fc is None else self.fc(hidden)


def mean(memory, hidden):
    if hidden is None:
        return memory.mean(1)
    seen = (~hidden)[:, :, None].to(memory.dtype)
    return (memory * seen).sum(1) / seen.sum(1)


class Additive(nn.Module):
    def __init__(self):
        super().__init__()
        self.query = nn.Linear(WIDTH, D_ATTENTION, bias=False)
        self.key = nn.Linear(D_MEMORY, D_ATTENTION, bias=False)
        self.score = nn.Linear(D_ATTENTION, 1, bias=False)

    def forward(self, query, memory):
        return self.score(torch.tanh(self.query(query)[:, None] + self.key(memory)))[..., 0]


class Dot(nn.Module):
    def __init__(self):
        super().__init__()
        self.query = nn.Linear(WIDTH, D_ATTENTION, bias=False)
        self.key = nn.Linear(D_MEMORY, D_ATTENTION, bias=False)

    def forward(self, query, memory):
        return torch.einsum("bw,brw->br", self.query(query), self.key(memory)) / D_ATTENTION**0.5


class InitialState(nn.Module):
    def __init__(self, kind, n_layers):
        super().__init__()
        self.hidden = nn.Linear(D_MEMORY, n_layers * WIDTH)
        self.cell = nn.Linear(D_MEMORY, n_layers * WIDTH) if kind == "lstm" else None


class Recurrent(nn.Module):
    """nn.LSTM or nn.GRU; with attention called once a word."""

    def __init__(self, kind, image, attention, n_layers, tied, padding_idx, dropout):
        super().__init__()
        self.kind, self.entry, self.n_layers = kind, image, n_layers
        self.words = Words(tied, padding_idx)
        self.image = InitialState(kind, n_layers) if image == "initial_state" else nn.Linear(D_MEMORY, WIDTH)
        self.attention = {"none": lambda: None, "additive": Additive, "dot": Dot}[attention]()
        width = WIDTH + (WIDTH if image == "every_step" else 0) + (D_MEMORY if self.attention else 0)
        layer = {"lstm": nn.LSTM, "gru": nn.GRU}[kind]
        self.layers = layer(width, WIDTH, n_layers, batch_first=True, dropout=dropout if n_layers > 1 else 0.0)
        self.dropout = nn.Dropout(dropout)

    def initial(self, pooled):
        zeros = pooled.new_zeros(self.n_layers, BATCH, WIDTH)
        if self.entry != "initial_state":
            return (zeros, zeros) if self.kind == "lstm" else zeros

        def state(linear):
            return torch.tanh(linear(pooled)).reshape(BATCH, self.n_layers, WIDTH).transpose(0, 1).contiguous()

        hidden = state(self.image.hidden)
        return (hidden, state(self.image.cell)) if self.kind == "lstm" else hidden

    def read(self, words, state, memory, hidden, beside):
        outputs = []
        for word in words.split(1 if self.attention else words.shape[1], 1):
            parts = [word] + ([beside[:, None].expand(-1, word.shape[1], -1)] if beside is not None else [])
            if self.attention:
                query = (state[0] if self.kind == "lstm" else state)[-1]
                scores = self.attention(query, memory)
                scores = scores if hidden is None else scores.masked_fill(hidden, -torch.inf)
                parts.append(torch.einsum("br,brd->bd", scores.softmax(1), memory)[:, None])
            output, state = self.layers(torch.cat(parts, 2), state)
            outputs.append(output)
        return torch.cat(outputs, 1), state

    def forward(self, memory, hidden, tokens):
        pooled = mean(memory, hidden)
        state, beside = self.initial(pooled), None
        if self.entry == "first_token":
            _, state = self.read(self.image(pooled)[:, None], state, memory, hidden, None)
        if self.entry == "every_step":
            beside = self.image(pooled)
        words = self.dropout(self.words.embedding(tokens))
        output, _ = self.read(words, state, memory, hidden, beside)
        return self.words.scores(self.dropout(output))


class Position(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(MAX_LENGTH, WIDTH))


class Transformer(nn.Module):
    """nn.TransformerDecoder."""

    def __init__(self, norm_first, position, activation, tied, padding_idx, scale_words, dropout):
        super().__init__()
        self.padding_idx, self.scale = padding_idx, WIDTH**0.5 if scale_words else 1.0
        self.words = Words(tied, padding_idx)
        self.position = Position() if position == "learned" else None
        self.memory = nn.Linear(D_MEMORY, WIDTH)
        layer = nn.TransformerDecoderLayer(
            WIDTH, HEADS, D_FEEDFORWARD, dropout, activation, batch_first=True, norm_first=norm_first
        )
        self.layers = nn.TransformerDecoder(layer, N_LAYERS, nn.LayerNorm(WIDTH) if norm_first else None)
        self.dropout = nn.Dropout(dropout)

    def positions(self, words):
        if self.position is not None:
            return self.position.weight[:LENGTH]
        frequencies = 10_000.0 ** (-torch.arange(0, WIDTH, 2, dtype=words.dtype) / WIDTH)
        angles = torch.arange(LENGTH, dtype=words.dtype)[:, None] * frequencies
        return torch.stack([angles.sin(), angles.cos()], 2).flatten(1)

    def forward(self, memory, hidden, tokens):
        words = self.words.embedding(tokens) * self.scale
        padding = None if self.padding_idx is None else tokens == self.padding_idx
        output = self.layers(
            self.dropout(words + self.positions(words)),
            self.memory(memory),
            tgt_mask=torch.triu(torch.ones(LENGTH, LENGTH, dtype=torch.bool), 1),
            tgt_key_padding_mask=padding,
            memory_key_padding_mask=hidden,
        )
        return self.words.scores(output)


def cases():
    """Name, whether regions are hidden, and the decoder's arguments."""
    for kind in ("lstm", "gru"):
        for image in ("initial_state", "first_token", "every_step"):
            for attention in ("none", "additive", "dot"):
                for n_layers in (1, 2):
                    tied = n_layers == 1
                    arguments = {
                        "kind": kind,
                        "image": image,
                        "attention": attention,
                        "n_layers": n_layers,
                        "tied": tied,
                        "padding_idx": 0 if image == "every_step" else None,
                    }
                    yield f"{kind}_{image}_{attention}_{n_layers}", image != "first_token", arguments
    for norm_first in (False, True):
        for position in ("sinusoidal", "learned"):
            for activation in ("relu", "gelu"):
                arguments = {
                    "norm_first": norm_first,
                    "position": position,
                    "activation": activation,
                    "tied": norm_first == (activation == "relu"),
                    "padding_idx": 0 if position == "learned" else None,
                    "scale_words": activation == "relu",
                }
                norm = "pre" if norm_first else "post"
                yield f"transformer_{norm}_{position}_{activation}", position == "learned", arguments


def run(hidden, arguments, mode):
    dropout = 0.3 if mode == "eval" else 0.0
    model = (Recurrent if "kind" in arguments else Transformer)(**arguments, dropout=dropout).train(mode == "train")
    norms = {f"{path}.{field}" for path, module in model.named_modules() if isinstance(module, nn.LayerNorm)
             for field in ("weight", "bias")}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            shape = tuple(parameter.shape)
            if name not in norms:
                bound = 0.05 if len(shape) == 1 else (3 / np.prod(shape[1:])) ** 0.5
                parameter.copy_(fill(name, shape, bound))
    model = model.double()
    memory = fill("memory", (BATCH, REGIONS, D_MEMORY), 1.0).double().requires_grad_()
    logits = model(memory, torch.tensor(HIDDEN) if hidden else None, torch.tensor(TOKENS))
    loss = F.cross_entropy(logits.flatten(0, 1), torch.tensor(TARGETS).flatten())
    loss.backward()
    norms = {name: parameter.grad.norm() for name, parameter in model.named_parameters()}
    norms["memory"] = memory.grad.norm()
    return {
        "logits": [float(f"{value:.9g}") for value in logits.flatten().tolist()[:: 7]],
        "loss": float(f"{loss:.9g}"),
        "grad_norms": {name: float(f"{norm:.6g}") for name, norm in sorted(norms.items())},
    }


if __name__ == "__main__":
    lines = [json.dumps("torch") + ": " + json.dumps(torch.__version__)]
    for case, hidden, arguments in cases():
        numbers = run(hidden, arguments, "eval")
        assert numbers == run(hidden, arguments, "train"), case
        found = {"hidden": hidden, "arguments": arguments, **numbers}
        lines.append(json.dumps(case) + ": " + json.dumps(found))
    path = pathlib.Path(__file__).parent / "decoders.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
