class ConvNeXtBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.widen = nn.Linear(channels, 4 * channels)
        self.narrow = nn.Linear(4 * channels, channels)
        self.scale = nn.Parameter(torch.full((channels,), 0.1))

    def forward(self, x):
        out = self.depthwise(x).permute(0, 2, 3, 1)
        out = self.narrow(F.gelu(self.widen(self.norm(out))))
        return x + (self.scale * out).permute(0, 3, 1, 2)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.device = device
        self.stem = nn.Conv2d(in_shape[1], 48, 4, stride=4)
        self.stage1 = nn.Sequential(ConvNeXtBlock(48), ConvNeXtBlock(48))
        self.down = nn.Conv2d(48, 96, 2, stride=2)
        self.stage2 = nn.Sequential(ConvNeXtBlock(96), ConvNeXtBlock(96))
        self.norm = nn.LayerNorm(96)
        self.fc = nn.Linear(96, out_shape[0])

    def forward(self, x):
        x = self.stage2(self.down(self.stage1(self.stem(x))))
        return self.fc(self.norm(x.mean(dim=(2, 3))))
