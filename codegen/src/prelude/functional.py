"""Functions of torch that are written with those which are translated themselves."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def _pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def _single(value):
    return (value,) if isinstance(value, int) else tuple(value)


class finfo:
    """What 32 bits hold; every float is one of these here."""

    def __init__(self, dtype=None):
        self.bits = 32
        self.max = 3.4028234663852886e38
        self.min = -self.max
        self.eps = 1.1920928955078125e-07
        self.tiny = 1.1754943508222875e-38
        self.smallest_normal = self.tiny


def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """A convolution over pictures of height 1."""
    if input.dim() != 3:
        raise RuntimeError('conv1d needs an input of three axes: batch, channels, length')
    if not isinstance(padding, str):
        padding = (0, _single(padding)[0])
    stride, dilation = (1, _single(stride)[0]), (1, _single(dilation)[0])
    result = F.conv2d(input.unsqueeze(2), weight.unsqueeze(2), bias, stride, padding, dilation, groups)
    return result.squeeze(2)


def scaled_dot_product_attention(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False
):
    if enable_gqa:
        raise NotImplementedError('attention of several queries a key')
    if is_causal and attn_mask is not None:
        raise RuntimeError('attn_mask must be None when is_causal is True')
    if is_causal:
        attn_mask = torch.ones(query.size(-2), key.size(-2), dtype=torch.bool, device=query.device).tril()
    scores = torch.matmul(query, key.transpose(-2, -1)) * (query.size(-1) ** -0.5 if scale is None else scale)
    if attn_mask is None:
        weights = torch.softmax(scores, dim=-1)
    elif attn_mask.dtype == torch.bool:
        # A query that may look nowhere gets zeros.
        weights = torch.softmax(scores.masked_fill(~attn_mask, finfo().min), dim=-1).masked_fill(~attn_mask, 0.0)
    else:
        weights = torch.softmax(scores + attn_mask, dim=-1)
    if dropout_p > 0.0:
        weights = F.dropout(weights, dropout_p, True)
    return torch.matmul(weights, value)


def outer(input, vec2):
    return input.unsqueeze(1) * vec2.unsqueeze(0)


def linear(input, weight, bias=None):
    result = input @ weight.t()
    return result if bias is None else result + bias


def pad(input, pad, mode='constant', value=None):
    """Sides are given in pairs from the last axis on."""
    sides = list(pad)
    if mode == 'circular':
        raise NotImplementedError('circular padding')
    for at in range(len(sides) // 2):
        axis = input.dim() - 1 - at
        before, after = sides[2 * at], sides[2 * at + 1]
        size = input.size(axis)
        if before < 0 or after < 0:
            start, end = max(0, -before), size - max(0, -after)
            input = input.narrow(axis, start, end - start)
            before, after = max(0, before), max(0, after)
        parts = [input]
        if before > 0:
            parts.insert(0, _side(input, axis, before, mode, value, True))
        if after > 0:
            parts.append(_side(input, axis, after, mode, value, False))
        if len(parts) > 1:
            input = torch.cat(parts, dim=axis)
    return input


def zero_pad2d(input, pad):
    return F.pad(input, (pad, pad, pad, pad) if isinstance(pad, int) else pad)


def _side(input, axis, count, mode, value, is_front):
    size = input.size(axis)
    if mode == 'constant':
        shape = list(input.shape)
        shape[axis] = count
        return torch.full(shape, 0.0 if value is None else value, dtype=input.dtype, device=input.device)
    if mode == 'replicate':
        edge = input.narrow(axis, 0 if is_front else size - 1, 1)
        return torch.cat([edge] * count, dim=axis)
    if is_front:
        return torch.cat([input.narrow(axis, count - at, 1) for at in range(count)], dim=axis)
    return torch.cat([input.narrow(axis, size - 2 - at, 1) for at in range(count)], dim=axis)


def narrow(input, dim, start, length):
    axis = dim if dim >= 0 else dim + input.dim()
    return input[(slice(None),) * axis + (slice(start, start + length),)]


def select(input, dim, index):
    axis = dim if dim >= 0 else dim + input.dim()
    return input[(slice(None),) * axis + (index,)]


def roll(input, shifts, dims=None):
    if dims is None:
        return roll(input.reshape(-1), shifts, 0).reshape(input.shape)
    pairs = [(shifts, dims)] if isinstance(dims, int) else zip(shifts, dims)
    for shift, dim in pairs:
        size = input.size(dim)
        last = shift % size
        if last > 0:
            input = torch.cat([input.narrow(dim, size - last, last), input.narrow(dim, 0, size - last)], dim=dim)
    return input


def unbind(input, dim=0):
    return tuple(input.select(dim, at) for at in range(input.size(dim)))


def var(input, dim=None, unbiased=True, keepdim=False, correction=1):
    axes = list(range(input.dim())) if dim is None else ([dim] if isinstance(dim, int) else list(dim))
    count = 1
    for axis in axes:
        count = count * input.size(axis)
    distance = input - input.mean(dim=axes, keepdim=True)
    less = correction if unbiased else 0
    return (distance * distance).sum(dim=axes, keepdim=keepdim) / (count - less)


def std(input, dim=None, unbiased=True, keepdim=False, correction=1):
    return torch._root_of_squares(var(input, dim, unbiased, keepdim, correction))


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    shape = [normalized_shape] if isinstance(normalized_shape, int) else list(normalized_shape)
    axes = [input.dim() - len(shape) + at for at in range(len(shape))]
    distance = input - input.mean(dim=axes, keepdim=True)
    result = distance / torch.sqrt((distance * distance).mean(dim=axes, keepdim=True) + eps)
    if weight is not None:
        result = result * weight
    return result if bias is None else result + bias


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    groups = input.reshape(input.size(0), num_groups, -1)
    distance = groups - groups.mean(dim=2, keepdim=True)
    result = distance / torch.sqrt((distance * distance).mean(dim=2, keepdim=True) + eps)
    result = result.reshape(input.shape)
    across = [1, input.size(1)] + [1] * (input.dim() - 2)
    if weight is not None:
        result = result * weight.view(across)
    return result if bias is None else result + bias.view(across)


def instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5):
    if running_mean is not None or not use_input_stats:
        raise NotImplementedError('running statistics of instance norm')
    return group_norm(input, input.size(1), weight, bias, eps)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    shape = [normalized_shape] if isinstance(normalized_shape, int) else list(normalized_shape)
    axes = [input.dim() - len(shape) + at for at in range(len(shape))]
    floor = 1.1920928955078125e-07 if eps is None else eps
    result = input * torch.rsqrt((input * input).mean(dim=axes, keepdim=True) + floor)
    return result if weight is None else result * weight


def prelu(input, weight):
    if input.dim() > 1 and weight.numel() > 1:
        weight = weight.view([1, -1] + [1] * (input.dim() - 2))
    return torch.where(input > 0, input, weight * input)


def _written(input, result, inplace):
    if not inplace:
        return result
    input[:] = result
    return input


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    low, high = torch.full_like(input, min_val), torch.full_like(input, max_val)
    result = torch.where(input <= min_val, low, torch.where(input >= max_val, high, input))
    return _written(input, result, inplace)


def _elu(input, slope, low_slope, scale, inplace):
    """The exponential sees no large number: its slope would be infinite, and that times zero no number."""
    low = torch.where(input > 0, torch.zeros_like(input), input)
    result = torch.where(input > 0, slope * input, low_slope * (torch.exp(low * scale) - 1))
    return _written(input, result, inplace)


def elu(input, alpha=1.0, inplace=False):
    return _elu(input, 1.0, alpha, 1.0, inplace)


def leaky_relu(input, negative_slope=0.01, inplace=False):
    return _written(input, torch.where(input > 0, input, negative_slope * input), inplace)


def celu(input, alpha=1.0, inplace=False):
    return _elu(input, 1.0, alpha, 1.0 / alpha, inplace)


def selu(input, inplace=False):
    scale = 1.0507009873554805
    return _elu(input, scale, 1.6732632423543772 * scale, 1.0, inplace)


def softsign(input):
    return input / (1 + input.abs())


def logsigmoid(input):
    """The first term is the smaller of the input and zero, with half of either slope at zero."""
    size = input.abs()
    return 0.5 * (input - size) - torch.log1p(torch.exp(-size))


def log2(input):
    return torch.log(input) * 1.4426950408889634


def logsumexp(input, dim, keepdim=False):
    top = torch.amax(input, dim=dim, keepdim=True).detach()
    result = torch.log(torch.exp(input - top).sum(dim=dim, keepdim=True)) + top
    return result if keepdim else result.squeeze(dim)


def glu(input, dim=-1):
    first, second = input.chunk(2, dim)
    return first * torch.sigmoid(second)


def tanhshrink(input):
    return input - torch.tanh(input)


def threshold(input, threshold, value, inplace=False):
    result = torch.where(input > threshold, input, torch.full_like(input, value))
    return _written(input, result, inplace)


def hardshrink(input, lambd=0.5):
    return torch.where(input.abs() > lambd, input, torch.zeros_like(input))


def softshrink(input, lambd=0.5):
    return torch.where(input > lambd, input - lambd, torch.where(input < -lambd, input + lambd, torch.zeros_like(input)))


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    return F.softmax(-input, dim)


def pixel_shuffle(input, upscale_factor):
    r = upscale_factor
    b, c, h, w = input.shape
    x = input.reshape(b, c // (r * r), r, r, h, w)
    return x.permute(0, 1, 4, 2, 5, 3).reshape(b, c // (r * r), h * r, w * r)


def pixel_unshuffle(input, downscale_factor):
    r = downscale_factor
    b, c, h, w = input.shape
    x = input.reshape(b, c, h // r, r, w // r, r)
    return x.permute(0, 1, 3, 5, 2, 4).reshape(b, c * r * r, h // r, w // r)


def channel_shuffle(input, groups):
    b, c, h, w = input.shape
    return input.reshape(b, groups, c // groups, h, w).transpose(1, 2).reshape(b, c, h, w)


def nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean'):
    if weight is not None or reduction != 'mean' or ignore_index != -100:
        raise NotImplementedError('weights, sums or an ignored index of `nll_loss`')
    return -input.gather(1, target.unsqueeze(1)).mean()


def addcmul(input, tensor1, tensor2, value=1):
    return input + value * tensor1 * tensor2


def addcdiv(input, tensor1, tensor2, value=1):
    return input + value * (tensor1 / tensor2)


def lerp(input, end, weight):
    return input + weight * (end - input)


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    if x1.dim() != x2.dim() or x1.size(dim) != x2.size(dim):
        raise NotImplementedError('cosine similarity of tensors that differ in rank or along the axis')
    return (x1 * x2).sum(dim=dim) / (_length(x1, dim, eps) * _length(x2, dim, eps))


def _length(input, dim, eps):
    """The floor is under the root: its slope at zero is infinite."""
    squared = (input * input).sum(dim=dim)
    return torch.sqrt(torch.maximum(squared, torch.full_like(squared, eps * eps)))


def _assert(condition, message=''):
    assert condition, message


def randint(low, high=None, size=None, generator=None, dtype=None, device=None, requires_grad=False):
    if size is None:
        low, high, size = 0, low, high
    return torch.floor(torch.rand(size, device=device) * (high - low)).long() + low
