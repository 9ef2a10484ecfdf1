"""Writes the reference numbers of every encoder in the registry: one JSON file for each, beside this script.

Usage: python make.py [NAME ..]        (PyTorch and torchvision; all models without a NAME)

Parameters and inputs are filled by name, as `shared/design/probe.md` describes; the loss is cross entropy. `eval` and
`train` hold what PyTorch computes in float64 in the two modes, dropout and stochastic depth off; `noise` is how far
float32 is away from that. Of gradients and running statistics every so many are kept.
"""

import json
import pathlib
import sys

import numpy as np
import torch
from torch import nn
from torchvision import models
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from torchvision.models.vision_transformer import VisionTransformer

N_KEPT = 24
NORMS = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm)


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


def labels(n_labels, n_classes):
    """The hash of `labels`, modulo the classes."""
    seed = 0xCBF29CE484222325
    for byte in b"labels":
        seed = ((seed ^ byte) * 0x100000001B3) % 2**64
    numbers = []
    for index in range(n_labels):
        z = (seed + (index + 1) * 0x9E3779B97F4A7C15) % 2**64
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
        numbers.append((z ^ (z >> 31)) % n_classes)
    return torch.tensor(numbers)


class SqueezeExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, channels // 16, 1)
        self.fc2 = nn.Conv2d(channels // 16, channels, 1)

    def forward(self, x):
        gate = x.mean((2, 3), keepdim=True)
        return x * torch.sigmoid(self.fc2(torch.relu(self.fc1(gate))))


class Cbam(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.channel = nn.ModuleDict({
            "reduce": nn.Conv2d(channels, channels // 16, 1, bias=False),
            "expand": nn.Conv2d(channels // 16, channels, 1, bias=False),
        })
        self.spatial = nn.ModuleDict({"conv": nn.Conv2d(2, 1, 7, padding=3, bias=False)})

    def forward(self, x):
        def shared(pooled):
            return self.channel["expand"](torch.relu(self.channel["reduce"](pooled)))

        x = x * torch.sigmoid(shared(x.mean((2, 3), keepdim=True)) + shared(x.amax((2, 3), keepdim=True)))
        pooled = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        return x * torch.sigmoid(self.spatial["conv"](pooled))


def weighed(block, attention):
    """A residual block that weighs its features before the sum."""

    class Weighed(block):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            last = self.bn3 if hasattr(self, "bn3") else self.bn2
            self.attention = attention(last.num_features)

        def forward(self, x):
            shortcut = x if self.downsample is None else self.downsample(x)
            h = self.relu(self.bn1(self.conv1(x)))
            if hasattr(self, "bn3"):
                h = self.relu(self.bn2(self.conv2(h)))
                h = self.bn3(self.conv3(h))
            else:
                h = self.bn2(self.conv2(h))
            return self.relu(self.attention(h) + shortcut)

    return Weighed


class DeepStem(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(32)
        self.conv2 = nn.Conv2d(32, 32, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(32)
        self.conv3 = nn.Conv2d(32, 64, 3, 1, 1, bias=False)

    def forward(self, x):
        return self.conv3(torch.relu(self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))))


class PooledShortcut(nn.Module):
    """Average pooling, then the convolution without stride and its normalisation, under their old names."""

    def __init__(self, shortcut):
        super().__init__()
        old, norm = shortcut
        stride = old.stride[0]
        self.pool = nn.AvgPool2d(stride, stride, ceil_mode=True, count_include_pad=False) if stride > 1 else nn.Identity()
        self.add_module("0", nn.Conv2d(old.in_channels, old.out_channels, 1, bias=False))
        self.add_module("1", norm)

    def forward(self, x):
        return self._modules["1"](self._modules["0"](self.pool(x)))


def resnet50d():
    model = models.resnet50()
    model.conv1 = DeepStem()
    for module in model.modules():
        if isinstance(module, Bottleneck) and module.downsample is not None:
            module.downsample = PooledShortcut(module.downsample)
    return model


def vit(d_model, n_heads):
    return VisionTransformer(224, 16, 12, n_heads, d_model, 4 * d_model)


VARIANTS = {
    "resnet50d": resnet50d,
    "seresnet18": lambda: ResNet(weighed(BasicBlock, SqueezeExcite), [2, 2, 2, 2]),
    "seresnet50": lambda: ResNet(weighed(Bottleneck, SqueezeExcite), [3, 4, 6, 3]),
    "cbam_resnet18": lambda: ResNet(weighed(BasicBlock, Cbam), [2, 2, 2, 2]),
    "cbam_resnet50": lambda: ResNet(weighed(Bottleneck, Cbam), [3, 4, 6, 3]),
    "vit_s_16": lambda: vit(384, 6),
    "vit_ti_16": lambda: vit(192, 3),
}
TORCHVISION = """alexnet convnext_tiny convnext_small convnext_base convnext_large densenet121 efficientnet_b0
inception_v3 mobilenet_v2 mobilenet_v3_large mobilenet_v3_small resnet18 resnet34 resnet50 resnet101 resnet152
resnext50_32x4d wide_resnet50_2 squeezenet1_0 squeezenet1_1 swin_t vgg16 vgg16_bn vit_b_16""".split()
INPUTS = {"inception_v3": 128, "vit_b_16": 224, "vit_s_16": 224, "vit_ti_16": 224}


def build(name):
    if name in VARIANTS:
        return VARIANTS[name]()
    if name == "inception_v3":
        return models.inception_v3(aux_logits=False, init_weights=False, transform_input=False)
    return getattr(models, name)()


def filled(name):
    model = build(name)
    kept = {f"{path}.{field}" for path, module in model.named_modules() if isinstance(module, NORMS)
            for field, _ in module.named_parameters(recurse=False)}
    with torch.no_grad():
        for path, parameter in model.named_parameters():
            shape = tuple(parameter.shape)
            if path not in kept:
                bound = 0.05 if len(shape) == 1 else (3 / np.prod(shape[1:])) ** 0.5
                parameter.copy_(fill(path, shape, bound))
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if type(module).__name__ == "StochasticDepth":
            module.p = 0.0
    return model


def run(name, mode, dtype, side):
    model = filled(name).to(dtype)
    model.train(mode == "train")
    images = fill("images", (2, 3, side, side), 1.0).to(dtype)
    logits = model(images)
    loss = nn.functional.cross_entropy(logits, labels(2, 1000))
    loss.backward()
    numbers = {
        "logits": [rounded_number(logit) for logit in logits.detach()[:, :8].flatten().tolist()],
        "logits_abs_sum": logits.detach().abs().sum().item(),
        "loss": loss.item(),
        "grad_norms": {path: parameter.grad.norm().item() for path, parameter in model.named_parameters()},
    }
    if mode == "train":
        numbers["running_abs_sums"] = {path: buffer.abs().sum().item() for path, buffer in model.named_buffers()
                                       if "running_" in path}
    return numbers


def rounded_number(number):
    return float(f"{number:.9g}")


def thinned(numbers):
    step = max(1, len(numbers) // N_KEPT)
    return {path: rounded_number(number) for path, number in list(numbers.items())[::step]}


def noise(exact, rounded):
    largest = max(exact["grad_norms"].values())
    gradients = (abs(rounded["grad_norms"][path] - norm) / (norm + 1e-3 * largest)
                 for path, norm in exact["grad_norms"].items())
    logits = (abs(a - b) / (1 + abs(a)) for a, b in zip(exact["logits"], rounded["logits"]))
    return {"logits": float(f"{max(logits):.2g}"), "grad_norms": float(f"{max(gradients):.2g}")}


def reference(name):
    side = INPUTS.get(name, 64)
    result = {"torch": torch.__version__, "input": [2, 3, side, side], "labels": labels(2, 1000).tolist()}
    result["n_parameters"] = sum(parameter.numel() for parameter in build(name).parameters())
    for mode in ("eval", "train"):
        exact, rounded = (run(name, mode, dtype, side) for dtype in (torch.float64, torch.float32))
        result[mode] = {key: thinned(value) if isinstance(value, dict) else value for key, value in exact.items()}
        result[mode]["grad_norms"]["largest"] = max(exact["grad_norms"].values())
        result[mode]["noise"] = noise(exact, rounded)
    return result


def dumped(numbers):
    """One line for each field."""
    fields = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in numbers.items())
    return "{\n" + ",\n".join(fields) + "\n}\n"


if __name__ == "__main__":
    here = pathlib.Path(__file__).parent
    for model_name in sys.argv[1:] or TORCHVISION + list(VARIANTS):
        numbers = reference(model_name)
        (here / f"{model_name}.json").write_text(dumped(numbers))
        print(model_name, numbers["eval"]["noise"], numbers["train"]["noise"], flush=True)
