"""Writes the files that `weights.rs` reads, beside this script. Usage: python make.py  (PyTorch)

All hold the same tensors: `linear.weight`, `linear.bias` and an LSTM's, filled 0, 1/64, 2/64 ..
"""

import io
import os
import pathlib
import zipfile

import torch
from torch import nn


class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2)
        self.norm = nn.BatchNorm1d(2)
        self.lstm = nn.LSTM(2, 2)


class Evil:
    def __reduce__(self):
        return os.system, ("touch evil-was-here",)


def tiny():
    model = Tiny()
    start = 0
    with torch.no_grad():
        for value in list(model.parameters()) + [model.norm.running_mean, model.norm.running_var]:
            value.copy_(torch.arange(start, start + value.numel()).reshape(value.shape) / 64)
            start += value.numel()
    return model


here = pathlib.Path(__file__).parent
state = tiny().state_dict()
torch.save(state, here / "zip.pth")
torch.save(state, here / "legacy.pth", _use_new_zipfile_serialization=False)
wrapped = {"module." + name: value for name, value in state.items()}
torch.save({"epoch": 3, "state_dict": wrapped, "optimizer": {"lr": 0.1}}, here / "nested.pth")
torch.save({name: value.half() if value.is_floating_point() else value for name, value in state.items()}, here / "half.pth")
torch.save({**state, "evil": Evil()}, here / "evil.pth")
torch.save({**state, "evil": Evil()}, here / "evil_legacy.pth", _use_new_zipfile_serialization=False)
