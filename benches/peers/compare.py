"""The same cases in our library and in PyTorch, in turn, in one run; prints the table of ratios.

Usage: python benches/peers/compare.py [--rounds 5] [--threads 2] [PREFIX ..]

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


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, WIDTH)
        self.lstm = nn.LSTM(WIDTH, WIDTH, batch_first=True)
        self.scores = nn.Linear(WIDTH, VOCAB)

    def forward(self, tokens):
        return self.scores(self.lstm(self.embedding(tokens))[0])


def words_train():
    tokens, targets = ids(VOCAB, BATCH, LENGTH), ids(VOCAB, BATCH * LENGTH)
    return steps(Words(), lambda model: F.cross_entropy(model(tokens).flatten(0, 1), targets, ignore_index=0))


CASES = {
    "layer/lstm/pass": lambda: recurrent(nn.LSTM),
    "layer/gru/pass": lambda: recurrent(nn.GRU),
    "layer/cross_entropy/pass": cross_entropy,
    "layer/squeeze_excite/pass": lambda: maps(SqueezeExcite(256)),
    "layer/cbam/pass": lambda: maps(Cbam(256)),
    "layer/lstm_words/train": words_train,
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
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("prefix", nargs="*", default=[""])
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    ours = Ours(options.threads)
    wanted = [case for case in ours.cases() if any(case.startswith(prefix) for prefix in options.prefix)]
    print(f"PyTorch {torch.__version__}, {options.threads} threads, {options.rounds} rounds")
    print(f"{'case':40} {'ours ms':>10} {'PyTorch ms':>10} {'ratio':>7}")
    for case in wanted:
        if case not in CASES:
            print(f"{case:40} {'':>10} {'not there':>10}")
            continue
        theirs = CASES[case]()
        ours.run(case, 1), theirs()
        times = [(ours.run(case, 3), timed(theirs, 3)) for _ in range(options.rounds)]
        mine, peer = (statistics.median(sum(side, [])) for side in zip(*times))
        print(f"{case:40} {mine * 1e3:10.2f} {peer * 1e3:10.2f} {mine / peer:7.2f}", flush=True)


if __name__ == "__main__":
    main()
