"""Caption metrics of this library and of its peers on one corpus, in turn, in one run; prints the table of ratios.

Usage: python benches/metrics/compare.py [--segments 40000] [--rounds 2] [CASE ..]

Needs `pip install pycocoevalcap sacrebleu nltk rouge-score`, builds `cargo bench -p nn-caption-bleu --bench metrics`
and, in a workspace of its own, the crate `bleuscore`, which comes from crates.io.
CPU seconds of one thread, texts tokenised before (but for the 13a cases), the best of all rounds on either side. The
scores of both sides are shown too.
"""

import argparse
import os
import random
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
SCORED = {"chrf": 4000, "bootstrap": 4000}
"""Segments of a case whose peer is slow; the ratio is that of equal numbers of segments."""


def vocabulary(n_words, dice):
    """Words of consonant-vowel syllables, the common ones short."""
    words = []
    while len(words) < n_words:
        syllables = 1 + (len(words) > 60) + (len(words) > 2000)
        word = "".join(dice.choice("bcdfghklmnprstvw") + dice.choice("aeiou") for _ in range(syllables))
        if word not in words[-500:]:
            words.append(word + dice.choice(["", "", "n", "s"]))
    return words


def corpus(n_segments, seed=12345):
    """Hypotheses and five references each: variations on one sentence of Zipf-distributed words."""
    dice = random.Random(seed)
    words = vocabulary(6000, dice)
    weights = [1 / (rank + 2) for rank in range(len(words))]
    pool = dice.choices(words, weights, k=1_000_000)

    def varied(sentence, share):
        kept = [word if dice.random() > share else dice.choice(pool) for word in sentence]
        if dice.random() < 0.5:
            kept.insert(dice.randrange(len(kept) + 1), dice.choice(pool))
        return " ".join(kept)

    segments = []
    for _ in range(n_segments):
        start = dice.randrange(len(pool) - 20)
        sentence = pool[start : start + dice.randint(7, 13)]
        segments.append((varied(sentence, 0.3), [varied(sentence, 0.4) for _ in range(5)]))
    return segments


class Ours:
    """The bench process."""

    def __init__(self, path):
        command = ["cargo", "bench", "--quiet", "-p", "nn-caption-bleu", "--bench", "metrics"]
        self.process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write(path + "\n")
        self.cases = self.ask("").split()

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def run(self, case, runs):
        *seconds, score = map(float, self.ask(f"{case} {runs}").split())
        return min(seconds), score


class Bleuscore:
    """The crate, one thread; a process for each run, as the crate remembers what it tokenised."""

    def __init__(self, path):
        target = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "bleuscore")
        manifest = os.path.join(HERE, "bleuscore", "Cargo.toml")
        command = ["cargo", "build", "--release", "--quiet", "--manifest-path", manifest, "--target-dir", target]
        subprocess.run(command, check=True)
        self.command = [os.path.join(target, "release", "bleuscore-peer"), path]

    def run(self):
        environment = {**os.environ, "RAYON_NUM_THREADS": "1"}
        out = subprocess.run(self.command, env=environment, text=True, stdout=subprocess.PIPE, check=True).stdout
        seconds, score = map(float, out.split())
        return seconds, score


def quiet(score):
    """What pycocoevalcap prints goes nowhere."""
    with open(os.devnull, "w") as nowhere:
        stdout, os.sys.stdout = os.sys.stdout, nowhere
        try:
            return score()
        finally:
            os.sys.stdout = stdout


def peers(segments, bleuscore):
    """Case, name of the peer, and a function that returns its CPU seconds and its score."""
    from nltk.translate.bleu_score import SmoothingFunction, corpus_bleu
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge
    from sacrebleu.metrics import BLEU, CHRF

    hyps = [hyp for hyp, _ in segments]
    streams = list(zip(*(refs for _, refs in segments)))
    res = {idx: [hyp] for idx, (hyp, _) in enumerate(segments)}
    gts = {idx: refs for idx, (_, refs) in enumerate(segments)}
    few = SCORED["chrf"]
    few_streams = [stream[:few] for stream in streams]
    coco = lambda metric: quiet(lambda: metric.compute_score(gts, res))[0]

    def nltk():
        refs = [[ref.split() for ref in refs] for refs in gts.values()]
        return corpus_bleu(refs, [hyp.split() for hyp in hyps], smoothing_function=SmoothingFunction().method1)

    few_hyps = hyps[:few]
    scores = [
        ("bleu-text", "pycocoevalcap 1.2", lambda: coco(Bleu(4))[3]),
        ("bleu-ids", "pycocoevalcap 1.2", lambda: coco(Bleu(4))[3]),
        ("bleu-nltk", "nltk 3.10", nltk),
        ("bleu-13a", "sacrebleu 2.6", lambda: BLEU().corpus_score(hyps, streams).score),
        ("chrf", "sacrebleu 2.6", lambda: CHRF().corpus_score(few_hyps, few_streams).score),
        ("cider-d", "pycocoevalcap 1.2", lambda: coco(Cider())),
        ("rouge-l", "pycocoevalcap 1.2", lambda: coco(Rouge())),
        ("bootstrap", "sacrebleu 2.6", bootstrap_of(few_hyps, few_streams)),
    ]
    python = [(case, peer, timed(score)) for case, peer, score in scores]
    return [*python, ("bleu-text", "bleuscore 0.2", bleuscore.run), ("bleu-13a", "bleuscore 0.2", bleuscore.run)]


def bootstrap_of(hyps, streams):
    """From texts to the lower bound of the interval."""
    from sacrebleu.metrics import BLEU

    def run():
        score = BLEU(tokenize="none").corpus_score(hyps, streams, n_bootstrap=1000)
        return score._mean - score._ci

    return run


def timed(score):
    def run():
        start = time.process_time()
        value = score()
        return time.process_time() - start, float(value)

    return run


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--segments", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    segments = corpus(args.segments)
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
        file.writelines("\t".join([hyp, *refs]) + "\n" for hyp, refs in segments)
        file.flush()
        compare(Ours(file.name), peers(segments, Bleuscore(file.name)), args)


def compare(ours, theirs, args):
    print(f"{args.segments} segments, 5 references each, CPU seconds of one thread\n")
    print(f"{'case':12} {'peer':18} {'peer s':>9} {'ours s':>9} {'ratio':>8}  scores")
    for case, name, peer in theirs:
        if args.cases and case not in args.cases:
            continue
        peer_seconds, our_seconds = [], []
        for _ in range(args.rounds):
            our_time, our_score = ours.run(case, 3)
            peer_time, peer_score = peer()
            our_seconds.append(our_time)
            peer_seconds.append(peer_time)
        peer_time, our_time = min(peer_seconds), min(our_seconds)
        ratio, scores = peer_time / our_time, f"{peer_score:.10g} {our_score:.10g}"
        print(f"{case:12} {name:18} {peer_time:9.3f} {our_time:9.4f} {ratio:7.0f}x  {scores}", flush=True)


if __name__ == "__main__":
    main()
