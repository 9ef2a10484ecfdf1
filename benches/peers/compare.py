"""The same cases in our library and in PyTorch, in turn, in one run; prints the table of ratios.

Usage: python benches/peers/compare.py [--rounds 5] [--runs 3] [--threads 2] [PREFIX ..]

Needs PyTorch and torchvision (`pip install torch torchvision`) and builds `cargo bench --bench peers`. Every round runs
each case on our side, then on PyTorch's, after one run that is not counted; the ratio is that of the medians.
"""

import argparse
import os
import statistics
import subprocess
import time

import torch
from torch import nn
from torch.nn import functional as F
from torchvision import models

BATCH, LENGTH, WIDTH, VOCAB = 16, 20, 512, 10_000


class Ours:
    """The bench process."""

    def __init__(self, threads):
        root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
        command = ["cargo", "bench", "--quiet", "--bench", "peers"]
        env = dict(os.environ, RAYON_NUM_THREADS=str(threads))
        self.process = subprocess.Popen(command, cwd=root, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def cases(self):
        line, found = self.ask(""), []
        while line.strip():
            found.append(line.strip())
            line = self.process.stdout.readline()
        return found

    def run(self, case, runs):
        return [float(seconds) for seconds in self.ask(f"{case} {runs}").split()]


def noise(*shape):
    return torch.sin(torch.arange(torch.Size(shape).numel(), dtype=torch.float32) * 2.399963).reshape(shape)


def ids(limit, *shape):
    return ((torch.arange(torch.Size(shape).numel()) * 2654435761 >> 7) % limit).reshape(shape)


def passes(model, loss):
    """Forward and backward."""

    def run():
        model.zero_grad(set_to_none=True)
        loss(model).backward()

    return run


def steps(model, loss):
    """Forward, backward and AdamW."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=1e-2)

    def run():
        optimizer.zero_grad(set_to_none=True)
        loss(model).backward()
        optimizer.step()

    return run


def recurrent(layer):
    inputs = noise(BATCH, LENGTH, WIDTH).requires_grad_()
    return passes(layer(WIDTH, WIDTH, batch_first=True), lambda model: model(inputs)[0].sum())


def cross_entropy():
    logits = noise(BATCH * LENGTH, VOCAB).requires_grad_()
    targets = ids(VOCAB, BATCH * LENGTH)
    return passes(nn.CrossEntropyLoss(ignore_index=0), lambda loss: loss(logits, targets))


class SqueezeExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, channels // 16, 1)
        self.fc2 = nn.Conv2d(channels // 16, channels, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(torch.relu(self.fc1(x.mean((2, 3), keepdim=True)))))


class Cbam(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.reduce = nn.Conv2d(channels, channels // 16, 1, bias=False)
        self.expand = nn.Conv2d(channels // 16, channels, 1, bias=False)
        self.spatial = nn.Conv2d(2, 1, 7, padding=3, bias=False)

    def forward(self, x):
        means, maxima = x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
        x = x * torch.sigmoid(sum(self.expand(torch.relu(self.reduce(pooled))) for pooled in (means, maxima)))
        return x * torch.sigmoid(self.spatial(torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)))


def maps(layer):
    inputs = noise(8, 256, 28, 28).requires_grad_()
    return passes(layer, lambda model: model(inputs).sum())


class Recurrent(nn.Module):
    """Show and Tell: the projected mean of the memory is the first input."""

    def __init__(self, layer):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, WIDTH)
        self.image = nn.Linear(WIDTH, WIDTH)
        self.layer = layer(WIDTH, WIDTH, batch_first=True)
        self.scores = nn.Linear(WIDTH, VOCAB)

    def start(self, memory):
        return self.layer(self.image(memory.mean(1, keepdim=True)))[1]

    def step(self, tokens, state):
        hidden, state = self.layer(self.embedding(tokens), state)
        return self.scores(hidden), state

    def forward(self, memory, tokens):
        return self.step(tokens, self.start(memory))[0]

    def greedy(self, memory):
        token, state = torch.ones(1, 1, dtype=torch.long), self.start(memory)
        for _ in range(LENGTH):
            scores, state = self.step(token, state)
            token = scores.argmax(-1)


class Attending(nn.Module):
    """Show, Attend and Tell: additive attention over the memory in every step."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, WIDTH)
        self.hidden, self.cell = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.keys, self.query, self.energy = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 1)
        self.layer = nn.LSTMCell(2 * WIDTH, WIDTH)
        self.scores = nn.Linear(WIDTH, VOCAB)

    def start(self, memory):
        mean = memory.mean(1)
        return memory, self.keys(memory), torch.tanh(self.hidden(mean)), torch.tanh(self.cell(mean))

    def step(self, word, state):
        memory, keys, hidden, cell = state
        weights = self.energy(torch.tanh(keys + self.query(hidden)[:, None])).softmax(1)
        hidden, cell = self.layer(torch.cat([word, (weights * memory).sum(1)], 1), (hidden, cell))
        return hidden, (memory, keys, hidden, cell)

    def forward(self, memory, tokens):
        words, state, hidden = self.embedding(tokens), self.start(memory), []
        for t in range(tokens.shape[1]):
            output, state = self.step(words[:, t], state)
            hidden.append(output)
        return self.scores(torch.stack(hidden, 1))

    def greedy(self, memory):
        token, state = torch.ones(1, dtype=torch.long), self.start(memory)
        for _ in range(LENGTH):
            hidden, state = self.step(self.embedding(token), state)
            token = self.scores(hidden).argmax(-1)


class Transformer(nn.Module):
    """nn.TransformerDecoder has no cache: greedy decoding reads the whole prefix in every step."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, WIDTH)
        self.memory = nn.Linear(WIDTH, WIDTH)
        layer = nn.TransformerDecoderLayer(WIDTH, 8, 2048, batch_first=True)
        self.layers = nn.TransformerDecoder(layer, 4)
        self.scores = nn.Linear(WIDTH, VOCAB)
        frequencies = torch.exp(torch.arange(0, WIDTH, 2) * (-9.210340371976184 / WIDTH))
        angles = torch.arange(64)[:, None] * frequencies
        self.register_buffer("position", torch.stack([angles.sin(), angles.cos()], 2).flatten(1))

    def forward(self, memory, tokens):
        length = tokens.shape[1]
        words = self.embedding(tokens) * WIDTH**0.5 + self.position[:length]
        mask = torch.triu(torch.ones(length, length, dtype=torch.bool), 1)
        return self.scores(self.layers(words, self.memory(memory), tgt_mask=mask))

    def greedy(self, memory):
        tokens = torch.ones(1, 1, dtype=torch.long)
        for _ in range(LENGTH):
            token = self.forward(memory, tokens)[:, -1].argmax(-1, keepdim=True)
            tokens = torch.cat([tokens, token], 1)


def decoder_train(model):
    memory, tokens, targets = noise(BATCH, 49, WIDTH), ids(VOCAB, BATCH, LENGTH), ids(VOCAB, BATCH * LENGTH)
    return steps(model, lambda model: F.cross_entropy(model(memory, tokens).flatten(0, 1), targets, ignore_index=0))


def without_gradients(run):
    def quiet():
        with torch.inference_mode():
            run()

    return quiet


def decoder_greedy(model):
    model, memory = model.eval(), noise(1, 49, WIDTH)
    return without_gradients(lambda: model.greedy(memory))


def encoder(name):
    arguments = {"aux_logits": False, "init_weights": True} if name == "inception_v3" else {}
    return getattr(models, name)(**arguments), 299 if name == "inception_v3" else 224


def encoder_forward(name):
    model, side = encoder(name)
    model, images = model.eval(), noise(1, 3, side, side)
    return without_gradients(lambda: model(images))


def encoder_train(name):
    model, side = encoder(name)
    images, labels = noise(2, 3, side, side), ids(1000, 2)
    return steps(model, lambda model: F.cross_entropy(model(images), labels))


DECODERS = {
    "lstm": lambda: Recurrent(nn.LSTM),
    "gru": lambda: Recurrent(nn.GRU),
    "lstm_attend": Attending,
    "transformer": Transformer,
}


def peer(case):
    """PyTorch's side of a case, or None where torchvision has no such model."""
    what, name, mode = case.split("/")
    if what == "decoder":
        return {"train": decoder_train, "greedy": decoder_greedy}[mode](DECODERS[name]())
    if what == "encoder":
        known = hasattr(models, name)
        return {"train": encoder_train, "forward": encoder_forward}[mode](name) if known else None
    return LAYERS[name]()


LAYERS = {
    "lstm": lambda: recurrent(nn.LSTM),
    "gru": lambda: recurrent(nn.GRU),
    "cross_entropy": cross_entropy,
    "squeeze_excite": lambda: maps(SqueezeExcite(256)),
    "cbam": lambda: maps(Cbam(256)),
}


def timed(run, runs):
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3, help="runs of each side in a round")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("prefix", nargs="*", default=[""])
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    ours = Ours(options.threads)
    wanted = [case for case in ours.cases() if any(case.startswith(prefix) for prefix in options.prefix)]
    print(f"PyTorch {torch.__version__}, {options.threads} threads, {options.rounds} rounds")
    print(f"{'case':40} {'ours ms':>10} {'PyTorch ms':>10} {'ratio':>7}")
    for case in wanted:
        theirs = peer(case)
        if theirs is None:
            print(f"{case:40} {'':>10} {'not there':>10}")
            continue
        ours.run(case, 1), theirs()
        times = [(ours.run(case, options.runs), timed(theirs, options.runs)) for _ in range(options.rounds)]
        mine, other = (statistics.median(sum(side, [])) for side in zip(*times))
        print(f"{case:40} {mine * 1e3:10.2f} {other * 1e3:10.2f} {mine / other:7.2f}", flush=True)


if __name__ == "__main__":
    main()
