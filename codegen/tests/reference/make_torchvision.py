"""What torchvision's networks hold: name, tensors, learnt numbers, and a hash of every name, shape and kind in order.

    python make_torchvision.py > torchvision.txt        Made with torchvision 0.29.
"""
import torch
from torchvision import models

NAMES = """
resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d resnext101_32x8d resnext101_64x4d wide_resnet50_2
wide_resnet101_2 convnext_tiny convnext_small convnext_base convnext_large alexnet vgg11 vgg11_bn vgg13 vgg13_bn vgg16
vgg16_bn vgg19 vgg19_bn squeezenet1_0 squeezenet1_1 densenet121 densenet161 densenet169 densenet201 mobilenet_v2
mobilenet_v3_large mobilenet_v3_small efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4
efficientnet_b5 efficientnet_b6 efficientnet_b7 vit_b_16 vit_b_32 vit_l_16 vit_l_32 inception_v3 swin_t swin_s swin_b
"""


def fnv(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


for name in NAMES.split():
    options = {"init_weights": False} if name == "inception_v3" else {}
    with torch.device("meta"):
        net = getattr(models, name)(weights=None, **options)
    learnt = dict(net.named_parameters())
    tensors = {key: tensor for key, tensor in net.state_dict().items() if not key.endswith("num_batches_tracked")}
    lines = [f"{key} {list(tensor.shape)} {str(key in learnt).lower()}\n" for key, tensor in tensors.items()]
    count = sum(param.numel() for param in learnt.values())
    print(name, len(lines), count, f"{fnv(''.join(lines)):016x}")
