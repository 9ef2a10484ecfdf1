"""Caption metrics of this library and of its peers on one corpus, in turn, in one run; prints the table of ratios.

Usage: python benches/metrics/compare.py [--segments 40000] [--rounds 2] [CASE ..]

Needs `pip install pycocoevalcap sacrebleu nltk rouge-score` and builds `cargo bench -p nn-caption-bleu --bench metrics`.
CPU seconds of one thread, texts tokenised before (but for the 13a cases), the best of all rounds on either side. The
scores of both sides are shown too.
"""

import argparse
import os
import random
import subprocess
import tempfile
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
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


def quiet(score):
    """What pycocoevalcap prints goes nowhere."""
    with open(os.devnull, "w") as nowhere:
        stdout, os.sys.stdout = os.sys.stdout, nowhere
        try:
            return score()
        finally:
            os.sys.stdout = stdout


def peers(segments):
    """For each case: the peer's name, and a function that returns its score."""
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

    return {
        "bleu-text": ("pycocoevalcap 1.2", lambda: coco(Bleu(4))[3]),
        "bleu-ids": ("pycocoevalcap 1.2", lambda: coco(Bleu(4))[3]),
        "bleu-nltk": ("nltk 3.10", nltk),
        "bleu-13a": ("sacrebleu 2.6", lambda: BLEU().corpus_score(hyps, streams).score),
        "chrf": ("sacrebleu 2.6", lambda: CHRF().corpus_score(hyps[:few], few_streams).score),
        "cider-d": ("pycocoevalcap 1.2", lambda: coco(Cider())),
        "rouge-l": ("pycocoevalcap 1.2", lambda: coco(Rouge())),
        "bootstrap": ("sacrebleu 2.6", bootstrap_of(hyps[:few], few_streams)),
    }


def bootstrap_of(hyps, streams):
    """From texts to the lower bound of the interval."""
    from sacrebleu.metrics import BLEU

    def run():
        score = BLEU(tokenize="none").corpus_score(hyps, streams, n_bootstrap=1000)
        return score._mean - score._ci

    return run


def timed(score):
    start = time.process_time()
    value = score()
    return time.process_time() - start, float(value)


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
        compare(Ours(file.name), peers(segments), args)


def compare(ours, theirs, args):
    print(f"{args.segments} segments, 5 references each, CPU seconds of one thread\n")
    print(f"{'case':12} {'peer':18} {'peer s':>9} {'ours s':>9} {'ratio':>8}  scores")
    wanted = args.cases or [case for case in theirs if case in ours.cases]
    for case in wanted:
        name, score = theirs[case]
        peer_seconds, our_seconds = [], []
        for _ in range(args.rounds):
            our_time, our_score = ours.run(case, 3)
            peer_time, peer_score = timed(score)
            our_seconds.append(our_time)
            peer_seconds.append(peer_time)
        peer, our = min(peer_seconds), min(our_seconds)
        print(f"{case:12} {name:18} {peer:9.3f} {our:9.4f} {peer / our:7.0f}x  {peer_score:.10g} {our_score:.10g}", flush=True)


if __name__ == "__main__":
    main()
