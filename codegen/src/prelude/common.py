"""Parts that several torchvision families share."""
from collections import OrderedDict

import torch
import torch.nn as nn
import torch.nn.functional as F


class StochasticDepth(nn.Module):
    """Drops a whole residual branch of some samples: dropout of one number a sample."""

    def __init__(self, p, mode='row'):
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, x):
        if not self.training or self.p == 0.0:
            return x
        rows = x.size(0) if self.mode == 'row' else 1
        return x * F.dropout(torch.ones(rows, 1, 1, 1, device=x.device), self.p, self.training)


class LayerNorm2d(nn.Module):
    """Layer norm over the channels of `[batch, channels, height, width]`."""

    def __init__(self, channels, eps=1e-6):
        super().__init__()
        norm = nn.LayerNorm(channels)
        self.eps = eps
        self.channels = channels
        self.weight = norm.weight
        self.bias = norm.bias

    def forward(self, x):
        x = x - x.mean(1, keepdim=True)
        x = x / torch.sqrt((x * x).mean(1, keepdim=True) + self.eps)
        return x * self.weight.view(1, self.channels, 1, 1) + self.bias.view(1, self.channels, 1, 1)


class Permute(nn.Module):
    def __init__(self, dims):
        super().__init__()
        self.dims = dims

    def forward(self, x):
        return x.permute(self.dims)


class SqueezeExcitation(nn.Module):
    def __init__(self, input_channels, squeeze_channels, activation=nn.ReLU, scale_activation=nn.Sigmoid):
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(input_channels, squeeze_channels, 1)
        self.fc2 = nn.Conv2d(squeeze_channels, input_channels, 1)
        self.activation = activation()
        self.scale_activation = scale_activation()

    def forward(self, x):
        scale = self.fc2(self.activation(self.fc1(self.avgpool(x))))
        return x * self.scale_activation(scale)


def _make_divisible(v, divisor, min_value=None):
    """The multiple of `divisor` next to `v`, not more than a tenth below it."""
    rounded = max(min_value or divisor, int(v + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * v else rounded


def _conv_norm(channels_in, channels_out, kernel=3, stride=1, groups=1, activation=nn.ReLU, eps=1e-5, momentum=0.1):
    """Convolution without bias, batch norm and an activation, as one `Sequential`."""
    layers = [
        nn.Conv2d(channels_in, channels_out, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False),
        nn.BatchNorm2d(channels_out, eps=eps, momentum=momentum),
    ]
    if activation is not None:
        layers.append(activation())
    return nn.Sequential(*layers)


def _fan_out_start(net, deviation):
    """First values that most of torchvision's convolutional nets have; a `Linear` is normal with this deviation."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode='fan_out', nonlinearity='relu')
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear) and deviation is not None:
            nn.init.normal_(module.weight, 0.0, deviation)
            nn.init.zeros_(module.bias)


class ConvNormActivation(nn.Sequential):
    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size=3,
        stride=1,
        padding=None,
        groups=1,
        norm_layer=nn.BatchNorm2d,
        activation_layer=nn.ReLU,
        dilation=1,
        inplace=True,
        bias=None,
    ):
        if padding is None:
            sides = [kernel_size] * 2 if isinstance(kernel_size, int) else list(kernel_size)
            steps = [dilation] * 2 if isinstance(dilation, int) else list(dilation)
            padding = tuple((side - 1) // 2 * step for side, step in zip(sides, steps))
        if bias is None:
            bias = norm_layer is None
        layers = [nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias)]
        if norm_layer is not None:
            layers.append(norm_layer(out_channels))
        if activation_layer is not None:
            layers.append(activation_layer())
        super().__init__(*layers)
        self.out_channels = out_channels


class Conv2dNormActivation(ConvNormActivation):
    pass
