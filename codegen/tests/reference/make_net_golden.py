"""PyTorch's numbers for one net, in the layout that `nn-caption probe --golden` reads.

    python make_net_golden.py NET.py > GOLDEN.json
    python make_net_golden.py NET.py --task classify --sizes B=2,C=3,H=32,W=32,classes=10 > GOLDEN.json
    python make_net_golden.py NET.py --like GOLDEN.json      says how far the numbers are from an existing file's

Every parameter is a function of its name, so that the net of another language can hold the same numbers.
"""

import argparse
import contextlib
import copy
import hashlib
import json
import math
import pathlib
import sys
import types

import numpy
import torch

SPECIAL = ["<PAD>", "<SOS>", "<EOS>", "<UNK>"]
WHOLE, EVERY = 2000, 97


# Numbers from names


def mixed(name, count):
    """SplitMix64 from the FNV-1a hash of a name."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) % 2**64
    with numpy.errstate(over="ignore"):
        z = numpy.uint64(seed) + numpy.arange(1, count + 1, dtype=numpy.uint64) * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    return z ^ (z >> numpy.uint64(31))


def filled(name, shape, bound):
    r = (mixed(name, math.prod(shape)) >> numpy.uint64(11)).astype(numpy.float64) * 2.0**-53
    return torch.from_numpy(((2 * r - 1) * bound).astype(numpy.float32).reshape(shape))


def captions(name, sizes):
    batch, length, vocab = sizes["B"], sizes["T"], sizes["V"]
    words = mixed(name, batch * length) % numpy.uint64(vocab - 4) + numpy.uint64(4)
    ids = torch.from_numpy(words.astype(numpy.int64).reshape(batch, length))
    ids[:, 0], ids[:, -1] = 1, 2
    return ids


def bound_of(shape):
    return math.sqrt(3 / math.prod(shape[1:])) if len(shape) > 1 else 0.05


def kept_names(net):
    """Parameters of the normalisation layers of torch, and of classes that derive from them."""
    norms = (torch.nn.modules.batchnorm._NormBase, torch.nn.LayerNorm, torch.nn.GroupNorm, torch.nn.RMSNorm)
    names = set()
    for path, module in net.named_modules():
        if isinstance(module, norms):
            names |= {f"{path}.{name}" if path else name for name, _ in module.named_parameters(recurse=False)}
    return names


def is_constant(name, tensor):
    """Integers that a constructor computes: nothing can change them, so a translated net keeps none."""
    return not tensor.is_floating_point() and not name.endswith("num_batches_tracked")


def fill(net):
    """Fills the net; gives the golden's list of tensors, and names that share one."""
    kept, rows, ties, first = kept_names(net), [], {}, {}
    for name, tensor in net.state_dict(keep_vars=True).items():
        if is_constant(name, tensor):
            continue
        is_param = isinstance(tensor, torch.nn.Parameter)
        row = {"name": name, "shape": list(tensor.shape), "kind": "param" if is_param else "buffer"}
        if is_param and id(tensor) in first:
            ties.setdefault(first[id(tensor)], []).append(name)
        elif is_param:
            first[id(tensor)] = name
            row["bound"] = None if name in kept else bound_of(tensor.shape)
            if name not in kept:
                tensor.data.copy_(filled(name, tensor.shape, row["bound"]))
        row["abs_sum"] = tensor.detach().double().abs().sum().item()
        rows.append(row)
    return rows, ties


# The net


def supply_vocabulary(size):
    """What LEMUR's loader gives to nets that ask for its vocabulary."""
    words = SPECIAL + [f"w{idx}" for idx in range(4, size)]
    table = {"idx2word": dict(enumerate(words)), "word2idx": {word: idx for idx, word in enumerate(words)}}

    class Vocabulary(dict):
        idx2word, word2idx, eos_index = table["idx2word"], table["word2idx"], 2

    path = "ab.nn.loader.coco_.Caption"
    parts = path.split(".")
    for depth in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:depth]), types.ModuleType(".".join(parts[:depth])))
    sys.modules[path].GLOBAL_CAPTION_VOCAB = Vocabulary(table)


def forget_pretrained_weights():
    """Nothing is downloaded: a backbone keeps the values that its parameters are filled with."""
    with contextlib.suppress(ImportError):
        from torchvision.models import WeightsEnum

        WeightsEnum.get_state_dict = lambda *_, **__: {}
    load = torch.nn.Module.load_state_dict
    torch.nn.Module.load_state_dict = lambda net, state, *args, **kw: load(net, state, *args, **kw) if state else None


def forget_half_precision():
    """Autocast is bfloat16 on a CPU; the numbers are those of 32 bits."""
    start = torch.autocast.__init__
    torch.autocast.__init__ = lambda cast, device_type, *_, **__: start(cast, device_type, enabled=False)


def build(source, sizes, prm, words, seed):
    torch.manual_seed(seed)
    space = {"__name__": "net"}
    exec(compile(source, "net", "exec"), space)
    shape = tuple(sizes[axis] for axis in "BCHW")
    return space["Net"](shape, (words,), dict(prm), torch.device("cpu")).to("cpu")


def without_dropout(net):
    for module in net.modules():
        if isinstance(module, torch.nn.modules.dropout._DropoutNd) or type(module).__name__ == "StochasticDepth":
            module.p = 0.0
        elif isinstance(getattr(module, "dropout", None), float):
            module.dropout = 0.0


# What is recorded


@contextlib.contextmanager
def patched(owner, name, make):
    old = getattr(owner, name)
    setattr(owner, name, make(old))
    try:
        yield
    finally:
        setattr(owner, name, old)


def recorded_step(net, images, labels):
    """One batch through the net's own `learn`."""
    seen = {"criterion": [], "clip": [], "grad_norm": None, "optimizer": []}

    def note_gradients():
        if seen["grad_norm"] is None:
            norms = {name: p.grad for name, p in net.named_parameters()}
            seen["grad_norm"] = {name: None if g is None else g.double().norm().item() for name, g in norms.items()}

    def criterion(call):
        def wrapped(module, inputs, targets):
            loss = call(module, inputs, targets)
            kwargs = {"ignore_index": module.ignore_index, "label_smoothing": module.label_smoothing}
            seen["criterion"].append({"kwargs": kwargs, "input": list(inputs.shape), "loss": loss.item()})
            return loss

        return wrapped

    def clip(call):
        def wrapped(parameters, *args, **kw):
            note_gradients()
            total = call(parameters, *args, **kw)
            limit = args[0] if args else kw["max_norm"]
            seen["clip"].append({"call": "clip_grad_norm_", "limit": float(limit), "total_norm": float(total)})
            return total

        return wrapped

    def step(call):
        def wrapped(optimizer, *args, **kw):
            note_gradients()
            groups = [{k: v for k, v in group.items() if k != "params"} for group in optimizer.param_groups]
            for group, own in zip(groups, optimizer.param_groups):
                group["params"] = len(own["params"])
            seen["optimizer"].append({"class": type(optimizer).__name__, "groups": groups})
            return call(optimizer, *args, **kw)

        return wrapped

    def nll(call):
        def wrapped(scores, targets, *args, **kw):
            loss = call(scores, targets, *args, **kw)
            kwargs = {"ignore_index": kw.get("ignore_index", -100), "label_smoothing": 0.0}
            seen["criterion"].append({"kwargs": kwargs, "input": list(scores.shape), "loss": loss.item()})
            return loss

        return wrapped

    optimizer = type(net.optimizer)
    with patched(torch.nn.CrossEntropyLoss, "forward", criterion), patched(
        torch.nn.functional, "nll_loss", nll
    ), patched(torch.nn.utils, "clip_grad_norm_", clip), patched(optimizer, "step", step):
        net.learn([(images, labels)])
    return seen


def learned(make, prm, images, forms, is_training=True):
    """The step in the first form of labels that `learn` takes."""
    failure = None
    for form, labels in forms.items():
        net = make()
        net.train_setup(dict(prm))
        without_dropout(net)
        if not is_training:
            net.eval()
            net.train = lambda *_: net
        try:
            return form, net, recorded_step(net, images, labels)
        except (IndexError, RuntimeError, ValueError) as error:
            failure = failure or error
    raise failure


def sampled(tensor):
    flat = tensor.detach().float().flatten()
    places = range(len(flat))
    if len(flat) > 20_000:
        places = [*range(WHOLE), *range(WHOLE, len(flat), EVERY)]
    return {"shape": list(tensor.shape), "values": [float(flat[at]) for at in places]}


def first_tensor(value):
    return value[0] if isinstance(value, (tuple, list)) else value


def free_running(net, images):
    """The net's own captions, and how near a choice was to another."""
    margins = {}

    def margin(name):
        def make(call):
            def wrapped(scores, *args, **kw):
                if scores.dim() and scores.is_floating_point() and scores.shape[-1] > 1:
                    top = torch.Tensor.sort(scores, dim=-1, descending=True).values[..., : 8]
                    gap = (top[..., :-1] - top[..., 1:]).min() if name == "topk" else (top[..., 0] - top[..., 1]).min()
                    margins[name] = min(margins.get(name, math.inf), gap.item())
                return call(scores, *args, **kw)

            return wrapped

        return make

    try:
        with torch.no_grad(), contextlib.ExitStack() as stack:
            for owner in (torch, torch.Tensor):
                for name in ("argmax", "topk"):
                    stack.enter_context(patched(owner, name, margin(name)))
            out = first_tensor(net(images))
    except Exception as error:  # noqa: BLE001: what PyTorch itself ends with is the answer
        return {"error": type(error).__name__, "message": str(error)}
    ids = out if not out.is_floating_point() else out.argmax(-1)
    kind = "tensor logits" if out.is_floating_point() else "tensor ids"
    return {"returns": kind, "shape": list(out.shape), "ids": ids.tolist(), "min_margin": margins}


def probe(path, task, sizes, prm):
    source = pathlib.Path(path).read_text()
    words = sizes["V"] if task == "caption" else sizes["classes"]
    supply_vocabulary(words)
    forget_pretrained_weights()
    forget_half_precision()

    def make(dtype=torch.float32, seed=0):
        net = build(source, sizes, prm, words, seed)
        fill(net)
        return net.to(dtype)

    images = filled("images", [sizes[axis] for axis in "BCHW"], 1.0)
    if task == "caption":
        pair = [captions("captions", sizes), captions("captions.1", sizes)]
        forms, arguments = {"B2T": torch.stack(pair, 1), "BT": pair[0]}, [pair[0]]
        evaluated = {"B2T": torch.stack([pair[0]] * 2, 1), "BT": pair[0]}  # the loss is that of `logits`: caption 0
    else:
        targets = mixed("targets", sizes["B"]) % numpy.uint64(words)
        forms, arguments = {"B": torch.from_numpy(targets.astype(numpy.int64))}, []
        evaluated = forms

    net = build(source, sizes, prm, words, 0)
    params, ties = fill(net)
    stored = set(net.state_dict())
    net.eval()
    with torch.no_grad():
        logits = first_tensor(net(images, *arguments))
        again = first_tensor(make(seed=1).eval()(images, *arguments))
    form, after, learn = learned(make, prm, images, forms)
    _, _, still = learned(make, prm, images, evaluated, is_training=False)
    other = learned(lambda: make(seed=1), prm, images, forms)[2]
    golden = {
        "probe": 1,
        "net": pathlib.Path(path).stem,
        "sha256": hashlib.sha256(source.encode()).hexdigest(),
        "torch": torch.__version__,
        "task": task,
        "const": sizes,
        "prm": prm,
        "params": params,
        "ties": ties,
        "frozen": [name for name, p in net.named_parameters() if not p.requires_grad],
        "non_persistent_buffers": [name for name, _ in net.named_buffers() if name not in stored],
        "logits": sampled(logits),
        "loss": {"value": still["criterion"][0]["loss"]},
        "learn": {
            "labels_form": form,
            **learn,
            "backward_loss": [call["loss"] for call in learn["criterion"]],
            "abs_sum_after": abs_sums(after, ties),
        },
        "random": {
            "state": [],
            "forward": not torch.allclose(logits, again, atol=1e-6),
            "learn": other["criterion"] != learn["criterion"],
        },
    }
    if task == "caption":
        golden["free_running"] = free_running(net, images)
    with contextlib.suppress(RuntimeError):
        golden["noise"] = noise(make, prm, images, arguments, forms[form], logits, learn)
    return golden


def abs_sums(net, ties):
    """Of every tensor that is stored, once; counters of batches are no numbers of the net."""
    tied = {name for names in ties.values() for name in names}
    tensors = {name: tensor for name, tensor in net.state_dict().items() if name not in tied}
    return {
        name: tensor.double().abs().sum().item()
        for name, tensor in tensors.items()
        if not name.endswith("num_batches_tracked") and not is_constant(name, tensor)
    }


def noise(make, prm, images, arguments, labels, logits, learn):
    """What 32 bits cost, beside 64."""
    wide = first_tensor(make(torch.float64).eval()(images.double(), *arguments))
    _, _, step = learned(lambda: make(torch.float64), prm, images.double(), {"": labels})
    pairs = [(step["grad_norm"][name], norm) for name, norm in learn["grad_norm"].items() if norm is not None]
    floor = 1e-6 * max((a for a, _ in pairs), default=0.0)  # a gradient below is 0, and its noise is no measure
    worst = max((abs(a - b) / a for a, b in pairs if a > floor), default=0.0)
    losses = zip(step["criterion"], learn["criterion"])
    return {
        "logits_max_abs": (wide - logits).abs().max().item(),
        "loss_abs": [abs(a["loss"] - b["loss"]) for a, b in losses],
        "grad_norm_max_rel": worst,
    }


def difference(own, other):
    """The largest differences from the numbers of another file."""

    def far(a, b):
        if a is None or b is None:
            return 0.0 if a is b else math.inf
        return abs(a - b) / max(1e-3, abs(b))

    def tables(part, name):
        ours, theirs = own[part][name], other[part][name]
        return max((far(ours.get(key), value) for key, value in theirs.items()), default=0.0)

    report = {
        "names": [row["name"] for row in own["params"]] == [row["name"] for row in other["params"]],
        "logits": max(map(far, own["logits"]["values"], other["logits"]["values"])),
        "backward_loss": max(map(far, own["learn"]["backward_loss"], other["learn"]["backward_loss"])),
        "grad_norm": tables("learn", "grad_norm"),
        "abs_sum_after": tables("learn", "abs_sum_after"),
    }
    if "loss" in other:  # goldens of classifiers have none
        report["loss"] = far(own["loss"]["value"], other["loss"]["value"])
    if "ids" in other.get("free_running", {}):
        report["ids"] = own["free_running"].get("ids") == other["free_running"]["ids"]
    return report


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("net")
    parser.add_argument("--task", choices=["caption", "classify"], default="caption")
    parser.add_argument("--sizes", default="B=2,C=3,H=64,W=64,T=9,V=60")
    parser.add_argument("--prm", default='{"lr": 0.001, "momentum": 0.9, "batch": 2, "dropout": 0.1}')
    parser.add_argument("--like", help="a golden whose sizes are taken, and whose numbers are compared")
    args = parser.parse_args()
    other = json.loads(pathlib.Path(args.like).read_text()) if args.like else None
    sizes = {key: int(value) for key, value in (part.split("=") for part in args.sizes.split(","))}
    task, prm = args.task, json.loads(args.prm)
    if other:
        task, sizes, prm = other["task"], other["const"], other["prm"]
    with contextlib.redirect_stdout(sys.stderr):  # nets print while they learn
        golden = probe(args.net, task, sizes, prm)
    json.dump(difference(golden, other) if other else golden, sys.stdout, default=str)


if __name__ == "__main__":
    main()
