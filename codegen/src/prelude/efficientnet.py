"""EfficientNet B0 to B7, with torchvision's names of attributes and parameters."""
import math

import torch
import torch.nn as nn


class MBConv(nn.Module):
    def __init__(self, channels_in, channels_out, expand_ratio, kernel, stride, drop, eps, momentum):
        super().__init__()
        self.use_res_connect = stride == 1 and channels_in == channels_out
        expanded = _make_divisible(channels_in * expand_ratio, 8)
        layers = []
        if expanded != channels_in:
            layers.append(_conv_norm(channels_in, expanded, 1, activation=nn.SiLU, eps=eps, momentum=momentum))
        layers.append(_conv_norm(expanded, expanded, kernel, stride, expanded, nn.SiLU, eps, momentum))
        layers.append(SqueezeExcitation(expanded, max(1, channels_in // 4), activation=nn.SiLU))
        layers.append(_conv_norm(expanded, channels_out, 1, activation=None, eps=eps, momentum=momentum))
        self.block = nn.Sequential(*layers)
        self.stochastic_depth = StochasticDepth(drop, 'row')
        self.out_channels = channels_out

    def forward(self, x):
        result = self.block(x)
        if self.use_res_connect:
            result = self.stochastic_depth(result) + x
        return result


class EfficientNet(nn.Module):
    def __init__(
        self,
        width_mult,
        depth_mult,
        dropout,
        stochastic_depth_prob=0.2,
        num_classes=1000,
        eps=1e-5,
        momentum=0.1,
    ):
        super().__init__()
        stages = [
            (1, 3, 1, 32, 16, 1),
            (6, 3, 2, 16, 24, 2),
            (6, 5, 2, 24, 40, 2),
            (6, 3, 2, 40, 80, 3),
            (6, 5, 1, 80, 112, 3),
            (6, 5, 2, 112, 192, 4),
            (6, 3, 1, 192, 320, 1),
        ]
        first = _make_divisible(32 * width_mult, 8)
        layers = [_conv_norm(3, first, 3, 2, activation=nn.SiLU, eps=eps, momentum=momentum)]
        depths = [int(math.ceil(stage[5] * depth_mult)) for stage in stages]
        total = sum(depths)
        done = 0
        last = first
        for stage, depth in zip(stages, depths):
            expand_ratio, kernel, stride, narrow, wide, _ = stage
            channels_in = _make_divisible(narrow * width_mult, 8)
            last = _make_divisible(wide * width_mult, 8)
            blocks = []
            for at in range(depth):
                drop = stochastic_depth_prob * float(done) / total
                if at == 0:
                    blocks.append(MBConv(channels_in, last, expand_ratio, kernel, stride, drop, eps, momentum))
                else:
                    blocks.append(MBConv(last, last, expand_ratio, kernel, 1, drop, eps, momentum))
                done += 1
            layers.append(nn.Sequential(*blocks))
        layers.append(_conv_norm(last, 4 * last, 1, activation=nn.SiLU, eps=eps, momentum=momentum))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(dropout, inplace=True), nn.Linear(4 * last, num_classes))
        _fan_out_start(self, None)
        reach = 1.0 / math.sqrt(num_classes)
        nn.init.uniform_(self.classifier[1].weight, -reach, reach)
        nn.init.zeros_(self.classifier[1].bias)

    def forward(self, x):
        x = self.avgpool(self.features(x))
        return self.classifier(torch.flatten(x, 1))


def efficientnet_b0(dropout=0.2, **kwargs):
    return EfficientNet(1.0, 1.0, dropout, **kwargs)


def efficientnet_b1(dropout=0.2, **kwargs):
    return EfficientNet(1.0, 1.1, dropout, **kwargs)


def efficientnet_b2(dropout=0.3, **kwargs):
    return EfficientNet(1.1, 1.2, dropout, **kwargs)


def efficientnet_b3(dropout=0.3, **kwargs):
    return EfficientNet(1.2, 1.4, dropout, **kwargs)


def efficientnet_b4(dropout=0.4, **kwargs):
    return EfficientNet(1.4, 1.8, dropout, **kwargs)


def efficientnet_b5(dropout=0.4, **kwargs):
    return EfficientNet(1.6, 2.2, dropout, eps=0.001, momentum=0.01, **kwargs)


def efficientnet_b6(dropout=0.5, **kwargs):
    return EfficientNet(1.8, 2.6, dropout, eps=0.001, momentum=0.01, **kwargs)


def efficientnet_b7(dropout=0.5, **kwargs):
    return EfficientNet(2.0, 3.1, dropout, eps=0.001, momentum=0.01, **kwargs)
