"""ConvNeXt, with torchvision's names of attributes and parameters."""
import torch
import torch.nn as nn


class CNBlock(nn.Module):
    def __init__(self, dim, layer_scale, stochastic_depth_prob):
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv2d(dim, dim, 7, padding=3, groups=dim),
            Permute([0, 2, 3, 1]),
            nn.LayerNorm(dim, eps=1e-6),
            nn.Linear(dim, 4 * dim),
            nn.GELU(),
            nn.Linear(4 * dim, dim),
            Permute([0, 3, 1, 2]),
        )
        self.layer_scale = nn.Parameter(torch.ones(dim, 1, 1) * layer_scale)
        self.stochastic_depth = StochasticDepth(stochastic_depth_prob)

    def forward(self, x):
        return x + self.stochastic_depth(self.layer_scale * self.block(x))


class ConvNeXt(nn.Module):
    def __init__(self, widths, depths, stochastic_depth_prob=0.0, layer_scale=1e-6, num_classes=1000):
        super().__init__()
        stages = [nn.Sequential(nn.Conv2d(3, widths[0], 4, 4), LayerNorm2d(widths[0]))]
        total = sum(depths)
        done = 0
        for at in range(len(depths)):
            width = widths[at]
            blocks = []
            for _ in range(depths[at]):
                blocks.append(CNBlock(width, layer_scale, stochastic_depth_prob * done / (total - 1.0)))
                done += 1
            stages.append(nn.Sequential(*blocks))
            if at + 1 < len(depths):
                stages.append(nn.Sequential(LayerNorm2d(width), nn.Conv2d(width, widths[at + 1], 2, 2)))
        self.features = nn.Sequential(*stages)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(LayerNorm2d(widths[-1]), nn.Flatten(1), nn.Linear(widths[-1], num_classes))
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)))


def convnext_tiny(stochastic_depth_prob=0.1, **kwargs):
    return ConvNeXt([96, 192, 384, 768], [3, 3, 9, 3], stochastic_depth_prob, **kwargs)


def convnext_small(stochastic_depth_prob=0.4, **kwargs):
    return ConvNeXt([96, 192, 384, 768], [3, 3, 27, 3], stochastic_depth_prob, **kwargs)


def convnext_base(stochastic_depth_prob=0.5, **kwargs):
    return ConvNeXt([128, 256, 512, 1024], [3, 3, 27, 3], stochastic_depth_prob, **kwargs)


def convnext_large(stochastic_depth_prob=0.5, **kwargs):
    return ConvNeXt([192, 384, 768, 1536], [3, 3, 27, 3], stochastic_depth_prob, **kwargs)
