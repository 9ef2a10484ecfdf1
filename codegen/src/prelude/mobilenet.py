"""MobileNetV2 and V3, with torchvision's names of attributes and parameters."""
import torch
import torch.nn as nn


class InvertedResidual(nn.Module):
    def __init__(self, inp, oup, stride, expand_ratio, norm_layer=None):
        super().__init__()
        hidden = int(round(inp * expand_ratio))
        self.stride = stride
        self.use_res_connect = stride == 1 and inp == oup
        layers = []
        if expand_ratio != 1:
            layers.append(_conv_norm(inp, hidden, 1, activation=nn.ReLU6))
        layers.append(_conv_norm(hidden, hidden, 3, stride, hidden, activation=nn.ReLU6))
        layers.append(nn.Conv2d(hidden, oup, 1, bias=False))
        layers.append(nn.BatchNorm2d(oup))
        self.conv = nn.Sequential(*layers)
        self.out_channels = oup

    def forward(self, x):
        if self.use_res_connect:
            return x + self.conv(x)
        return self.conv(x)


class MobileNetV2(nn.Module):
    def __init__(
        self,
        num_classes=1000,
        width_mult=1.0,
        inverted_residual_setting=None,
        round_nearest=8,
        block=None,
        norm_layer=None,
        dropout=0.2,
    ):
        super().__init__()
        block = block or InvertedResidual
        if inverted_residual_setting is None:
            inverted_residual_setting = [
                [1, 16, 1, 1],
                [6, 24, 2, 2],
                [6, 32, 3, 2],
                [6, 64, 4, 2],
                [6, 96, 3, 1],
                [6, 160, 3, 2],
                [6, 320, 1, 1],
            ]
        width = _make_divisible(32 * width_mult, round_nearest)
        self.last_channel = _make_divisible(1280 * max(1.0, width_mult), round_nearest)
        features = [_conv_norm(3, width, 3, 2, activation=nn.ReLU6)]
        for expand, channels, repeats, stride in inverted_residual_setting:
            wanted = _make_divisible(channels * width_mult, round_nearest)
            for at in range(repeats):
                features.append(block(width, wanted, stride if at == 0 else 1, expand))
                width = wanted
        features.append(_conv_norm(width, self.last_channel, 1, activation=nn.ReLU6))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(self.last_channel, num_classes))
        _fan_out_start(self, 0.01)

    def forward(self, x):
        x = self.features(x)
        return self.classifier(x.mean([2, 3]))


class _MobileBlock(nn.Module):
    """A block of MobileNetV3: kernel, expanded channels, output channels, squeeze, activation, stride."""

    def __init__(self, channels_in, kernel, expanded, channels_out, use_se, activation, stride):
        super().__init__()
        self.use_res_connect = stride == 1 and channels_in == channels_out
        act = nn.Hardswish if activation == 'HS' else nn.ReLU
        layers = []
        if expanded != channels_in:
            layers.append(_conv_norm(channels_in, expanded, 1, activation=act, eps=0.001, momentum=0.01))
        layers.append(_conv_norm(expanded, expanded, kernel, stride, expanded, act, 0.001, 0.01))
        if use_se:
            squeezed = _make_divisible(expanded // 4, 8)
            layers.append(SqueezeExcitation(expanded, squeezed, scale_activation=nn.Hardsigmoid))
        layers.append(_conv_norm(expanded, channels_out, 1, activation=None, eps=0.001, momentum=0.01))
        self.block = nn.Sequential(*layers)
        self.out_channels = channels_out

    def forward(self, x):
        result = self.block(x)
        if self.use_res_connect:
            result = result + x
        return result


class MobileNetV3(nn.Module):
    def __init__(self, inverted_residual_setting, last_channel, num_classes=1000, dropout=0.2):
        super().__init__()
        first = inverted_residual_setting[0][0]
        layers = [_conv_norm(3, first, 3, 2, activation=nn.Hardswish, eps=0.001, momentum=0.01)]
        for setting in inverted_residual_setting:
            layers.append(_MobileBlock(*setting))
        last = inverted_residual_setting[-1][3]
        layers.append(_conv_norm(last, 6 * last, 1, activation=nn.Hardswish, eps=0.001, momentum=0.01))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(6 * last, last_channel),
            nn.Hardswish(inplace=True),
            nn.Dropout(dropout, inplace=True),
            nn.Linear(last_channel, num_classes),
        )
        _fan_out_start(self, 0.01)

    def forward(self, x):
        x = self.avgpool(self.features(x))
        return self.classifier(torch.flatten(x, 1))


def mobilenet_v2(**kwargs):
    return MobileNetV2(**kwargs)


def mobilenet_v3_large(**kwargs):
    setting = [
        (16, 3, 16, 16, False, 'RE', 1),
        (16, 3, 64, 24, False, 'RE', 2),
        (24, 3, 72, 24, False, 'RE', 1),
        (24, 5, 72, 40, True, 'RE', 2),
        (40, 5, 120, 40, True, 'RE', 1),
        (40, 5, 120, 40, True, 'RE', 1),
        (40, 3, 240, 80, False, 'HS', 2),
        (80, 3, 200, 80, False, 'HS', 1),
        (80, 3, 184, 80, False, 'HS', 1),
        (80, 3, 184, 80, False, 'HS', 1),
        (80, 3, 480, 112, True, 'HS', 1),
        (112, 3, 672, 112, True, 'HS', 1),
        (112, 5, 672, 160, True, 'HS', 2),
        (160, 5, 960, 160, True, 'HS', 1),
        (160, 5, 960, 160, True, 'HS', 1),
    ]
    return MobileNetV3(setting, 1280, **kwargs)


def mobilenet_v3_small(**kwargs):
    setting = [
        (16, 3, 16, 16, True, 'RE', 2),
        (16, 3, 72, 24, False, 'RE', 2),
        (24, 3, 88, 24, False, 'RE', 1),
        (24, 5, 96, 40, True, 'HS', 2),
        (40, 5, 240, 40, True, 'HS', 1),
        (40, 5, 240, 40, True, 'HS', 1),
        (40, 5, 120, 48, True, 'HS', 1),
        (48, 5, 144, 48, True, 'HS', 1),
        (48, 5, 288, 96, True, 'HS', 2),
        (96, 5, 576, 96, True, 'HS', 1),
        (96, 5, 576, 96, True, 'HS', 1),
    ]
    return MobileNetV3(setting, 1024, **kwargs)
