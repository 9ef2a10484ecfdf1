"""The Swin transformer, with torchvision's names of attributes and parameters."""
import torch
import torch.nn as nn
import torch.nn.functional as F


def _region_numbers(length, window, shift):
    """Which of three parts of a side each place comes from, once the side was moved by `shift`."""
    parts = [torch.zeros(length - window), torch.ones(window - shift)]
    if shift > 0:
        parts.append(torch.full((shift,), 2.0))
    return torch.cat(parts)


class ShiftedWindowAttention(nn.Module):
    def __init__(self, dim, window_size, shift_size, num_heads, qkv_bias=True, proj_bias=True, attention_dropout=0.0, dropout=0.0):
        super().__init__()
        self.window_size = window_size
        self.shift_size = shift_size
        self.num_heads = num_heads
        self.attention_dropout = attention_dropout
        self.dropout = dropout
        self.qkv = nn.Linear(dim, 3 * dim, bias=qkv_bias)
        self.proj = nn.Linear(dim, dim, bias=proj_bias)
        height, width = window_size
        distances = (2 * height - 1) * (2 * width - 1)
        self.relative_position_bias_table = nn.Parameter(torch.zeros(distances, num_heads))
        nn.init.trunc_normal_(self.relative_position_bias_table, std=0.02)
        rows = torch.arange(height).unsqueeze(1).expand(height, width).reshape(-1)
        columns = torch.arange(width).unsqueeze(0).expand(height, width).reshape(-1)
        down = rows.unsqueeze(1) - rows.unsqueeze(0) + (height - 1)
        across = columns.unsqueeze(1) - columns.unsqueeze(0) + (width - 1)
        self.register_buffer('relative_position_index', (down * (2 * width - 1) + across).flatten())

    def get_relative_position_bias(self):
        places = self.window_size[0] * self.window_size[1]
        bias = self.relative_position_bias_table[self.relative_position_index]
        return bias.view(places, places, self.num_heads).permute(2, 0, 1).unsqueeze(0)

    def _windows(self, x, down, across):
        """`[batch, height, width, channels]` to `[batch * windows, places, channels]`"""
        height, width = self.window_size
        x = x.reshape(x.size(0), down, height, across, width, x.size(3))
        return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, height * width, x.size(5))

    def _mask(self, down, across, shift):
        """-100 between places that only the shift brought together: `[windows, 1, places, places]`"""
        height, width = self.window_size
        rows = _region_numbers(down * height, height, shift[0])
        columns = _region_numbers(across * width, width, shift[1])
        regions = 3 * rows.unsqueeze(1) + columns.unsqueeze(0)
        regions = self._windows(regions.view(1, down * height, across * width, 1), down, across).squeeze(2)
        differ = regions.unsqueeze(1) != regions.unsqueeze(2)
        return (differ.float() * -100.0).unsqueeze(1)

    def _attend(self, x, mask):
        windows, places, channels = x.shape
        heads = self.num_heads
        qkv = self.qkv(x).reshape(windows, places, 3, heads, channels // heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        scores = (q * (channels // heads) ** -0.5) @ k.transpose(-2, -1) + self.get_relative_position_bias()
        if mask is not None:
            n_windows = mask.size(0)
            scores = scores.view(windows // n_windows, n_windows, heads, places, places) + mask.unsqueeze(0)
            scores = scores.view(windows, heads, places, places)
        weights = F.dropout(F.softmax(scores, dim=-1), p=self.attention_dropout, training=self.training)
        x = (weights @ v).transpose(1, 2).reshape(windows, places, channels)
        return F.dropout(self.proj(x), p=self.dropout, training=self.training)

    def forward(self, x):
        batch, height, width, channels = x.shape
        side, other = self.window_size
        down, across = (height + side - 1) // side, (width + other - 1) // other
        x = F.pad(x, (0, 0, 0, across * other - width, 0, down * side - height))
        shift = [self.shift_size[0] if down > 1 else 0, self.shift_size[1] if across > 1 else 0]
        is_shifted = sum(shift) > 0
        if is_shifted:
            x = torch.roll(x, shifts=(-shift[0], -shift[1]), dims=(1, 2))
        x = self._attend(self._windows(x, down, across), self._mask(down, across, shift) if is_shifted else None)
        x = x.reshape(batch, down, across, side, other, channels).permute(0, 1, 3, 2, 4, 5)
        x = x.reshape(batch, down * side, across * other, channels)
        if is_shifted:
            x = torch.roll(x, shifts=(shift[0], shift[1]), dims=(1, 2))
        return x[:, :height, :width, :]


class SwinTransformerBlock(nn.Module):
    def __init__(
        self,
        dim,
        num_heads,
        window_size,
        shift_size,
        mlp_ratio=4.0,
        dropout=0.0,
        attention_dropout=0.0,
        stochastic_depth_prob=0.0,
        norm_layer=nn.LayerNorm,
    ):
        super().__init__()
        self.norm1 = norm_layer(dim)
        self.attn = ShiftedWindowAttention(
            dim, window_size, shift_size, num_heads, attention_dropout=attention_dropout, dropout=dropout
        )
        self.stochastic_depth = StochasticDepth(stochastic_depth_prob)
        self.norm2 = norm_layer(dim)
        self.mlp = _MLPBlock(dim, int(dim * mlp_ratio), dropout)

    def forward(self, x):
        x = x + self.stochastic_depth(self.attn(self.norm1(x)))
        return x + self.stochastic_depth(self.mlp(self.norm2(x)))


class PatchMerging(nn.Module):
    def __init__(self, dim, norm_layer=nn.LayerNorm):
        super().__init__()
        self.dim = dim
        self.reduction = nn.Linear(4 * dim, 2 * dim, bias=False)
        self.norm = norm_layer(4 * dim)

    def forward(self, x):
        x = F.pad(x, (0, 0, 0, x.size(2) % 2, 0, x.size(1) % 2))
        top, bottom = x[:, 0::2], x[:, 1::2]
        parts = [top[:, :, 0::2], bottom[:, :, 0::2], top[:, :, 1::2], bottom[:, :, 1::2]]
        return self.reduction(self.norm(torch.cat(parts, -1)))


class SwinTransformer(nn.Module):
    def __init__(
        self,
        patch_size,
        embed_dim,
        depths,
        num_heads,
        window_size,
        mlp_ratio=4.0,
        dropout=0.0,
        attention_dropout=0.0,
        stochastic_depth_prob=0.1,
        num_classes=1000,
        norm_layer=None,
    ):
        super().__init__()
        norm_layer = norm_layer or nn.LayerNorm
        self.num_classes = num_classes
        patches = nn.Conv2d(3, embed_dim, patch_size, patch_size)
        layers = [nn.Sequential(patches, Permute([0, 2, 3, 1]), norm_layer(embed_dim))]
        total = sum(depths)
        done = 0
        for at in range(len(depths)):
            dim = embed_dim * 2**at
            blocks = []
            for layer in range(depths[at]):
                blocks.append(
                    SwinTransformerBlock(
                        dim,
                        num_heads[at],
                        window_size,
                        [0 if layer % 2 == 0 else side // 2 for side in window_size],
                        mlp_ratio,
                        dropout,
                        attention_dropout,
                        stochastic_depth_prob * done / (total - 1),
                        norm_layer,
                    )
                )
                done += 1
            layers.append(nn.Sequential(*blocks))
            if at + 1 < len(depths):
                layers.append(PatchMerging(dim, norm_layer))
        self.features = nn.Sequential(*layers)
        width = embed_dim * 2 ** (len(depths) - 1)
        self.norm = norm_layer(width)
        self.permute = Permute([0, 3, 1, 2])
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten(1)
        self.head = nn.Linear(width, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x):
        x = self.permute(self.norm(self.features(x)))
        return self.head(self.flatten(self.avgpool(x)))


def _swin(embed_dim, depths, num_heads, probability, **kwargs):
    return SwinTransformer([4, 4], embed_dim, depths, num_heads, [7, 7], stochastic_depth_prob=probability, **kwargs)


def swin_t(**kwargs):
    return _swin(96, [2, 2, 6, 2], [3, 6, 12, 24], 0.2, **kwargs)


def swin_s(**kwargs):
    return _swin(96, [2, 2, 18, 2], [3, 6, 12, 24], 0.3, **kwargs)


def swin_b(**kwargs):
    return _swin(128, [2, 2, 18, 2], [4, 8, 16, 32], 0.5, **kwargs)
