"""One whole candidate evaluation, ours and PyTorch's, in turn: a net's file and a COCO folder in, trained weights and BLEU out.

Usage: python benches/peers/candidate.py NET.py COCO [--epochs 5] [--image 128] [--batch 16] [--rounds 3] [--threads 2]

Needs PyTorch, torchvision and nltk (`pip install torch torchvision nltk`) and the command (`cargo build --release`; another
than that of the target folder by NN_CAPTION). PyTorch's side is LEMUR's loop: pictures are read, scaled, and normalised in
each epoch, the first caption is learned, and after each epoch the validation pictures are captioned and scored by the mean of
NLTK's sentence BLEU. Ours is `nn-caption train`: the same with the scores, intervals and baselines of its two protocols, the
checks of `verify`, and compiling the net. Times are wall clock from process to process, starts included.
"""

import argparse
import importlib.util
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

PRM = {"lr": 0.01, "momentum": 0.9}
PAD, SOS, EOS, UNK = range(4)


def words(caption):
    return re.findall(r"[a-z0-9]+", caption.lower())


def pictures(folder, split):
    """Files with their captions."""
    with open(os.path.join(folder, "annotations", f"captions_{split}2017.json")) as file:
        found = json.load(file)
    captions = {}
    for row in found["annotations"]:
        captions.setdefault(row["image_id"], []).append(row["caption"])
    return [
        (os.path.join(folder, f"{split}2017", image["file_name"]), captions[image["id"]])
        for image in found["images"]
        if image["id"] in captions
    ]


def lemur(args):
    """LEMUR's loop on PyTorch."""
    import torch
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset
    from torchvision import transforms

    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    train, validation = pictures(args.coco, "train"), pictures(args.coco, "val")
    vocabulary = {word: idx for idx, word in enumerate(sorted({w for _, cs in train for c in cs for w in words(c)}), 4)}
    transform = transforms.Compose([
        transforms.Resize((args.image, args.image)),
        transforms.ToTensor(),
        transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    ])

    def ids(caption):
        return torch.tensor([SOS] + [vocabulary.get(word, UNK) for word in words(caption)] + [EOS])

    class Pictures(Dataset):
        def __init__(self, rows):
            self.rows = rows

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, idx):
            path, captions = self.rows[idx]
            return transform(Image.open(path).convert("RGB")), [ids(caption) for caption in captions[:5]]

    def collate(rows):
        longest = max(len(caption) for _, captions in rows for caption in captions)
        batch = torch.full((len(rows), 5, longest), PAD)
        for row, (_, captions) in zip(batch, rows):
            for line, caption in zip(row, captions):
                line[: len(caption)] = caption
        return torch.stack([picture for picture, _ in rows]), batch

    def loader(rows, shuffle):
        return DataLoader(Pictures(rows), batch_size=args.batch, shuffle=shuffle, collate_fn=collate)

    spec = importlib.util.spec_from_file_location("net", args.net)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    net = module.Net((args.batch, 3, args.image, args.image), (len(vocabulary) + 4,), PRM, torch.device("cpu"))
    net.train_setup(PRM)
    smooth = SmoothingFunction().method1
    for _ in range(args.epochs):
        net.learn(loader(train, True))
        net.eval()
        scores = []
        with torch.no_grad():
            for images, captions in loader(validation, False):
                written = net(images)
                written = written.argmax(-1) if written.dim() == 3 else written
                for line, references in zip(written.tolist(), captions.tolist()):
                    references = [[word for word in reference if word] for reference in references]
                    references = [reference for reference in references if reference]
                    line = [word for word in line if word]
                    scores.append(sentence_bleu(references, line, smoothing_function=smooth) if line else 0.0)
    print(f"BLEU-4 {statistics.mean(scores):.4f}", file=sys.stderr)


def ours(args, folder):
    target = os.environ.get("CARGO_TARGET_DIR", "target")
    program = os.environ.get("NN_CAPTION", os.path.join(target, "release", "nn-caption"))
    return [
        program, "train", args.net, "--data", f"coco:{args.coco}", "--epochs", str(args.epochs), "--image", str(args.image),
        "--batch", str(args.batch), "--out", os.path.join(folder, "run"), "--json",
        *(word for name, value in PRM.items() for word in ("--prm", f"{name}={value}")),
    ]


def timed(command, threads):
    env = dict(os.environ, RAYON_NUM_THREADS=str(threads))
    begin, cpu = time.perf_counter(), os.times()
    done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wall, after = time.perf_counter() - begin, os.times()
    if done.returncode:
        sys.exit(f"{command} ended with {done.returncode}:\n{done.stderr}")
    used = after.children_user + after.children_system - cpu.children_user - cpu.children_system
    return wall, used


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("net")
    parser.add_argument("coco")
    for name, value in (("epochs", 5), ("image", 128), ("batch", 16), ("rounds", 3), ("threads", 2)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--lemur", action="store_true", help="PyTorch's side alone, in this process")
    args = parser.parse_args()
    if args.lemur:
        return lemur(args)
    found = {"ours": [], "PyTorch": []}
    for _ in range(args.rounds):
        with tempfile.TemporaryDirectory() as folder:
            found["ours"].append(timed(ours(args, folder), args.threads))
        found["PyTorch"].append(timed([sys.executable, os.path.abspath(__file__), *sys.argv[1:], "--lemur"], args.threads))
    for idx, clock in enumerate(("wall", "cpu")):
        mine, theirs = (statistics.median(row[idx] for row in found[side]) for side in ("ours", "PyTorch"))
        print(f"{clock:5} ours {mine:6.1f} s   PyTorch {theirs:6.1f} s   ours/PyTorch {mine / theirs:.2f}")


if __name__ == "__main__":
    main()
