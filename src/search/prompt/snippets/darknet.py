def conv(channels_in, channels, kernel, stride=1):
    return nn.Sequential(
        nn.Conv2d(channels_in, channels, kernel, stride=stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(channels), nn.LeakyReLU(0.1),
    )


class CrossStage(nn.Module):
    """Half of the channels skip the blocks of a stage."""

    def __init__(self, channels_in, channels, depth):
        super().__init__()
        half = channels // 2
        self.down = conv(channels_in, channels, 3, stride=2)
        self.short = conv(channels, half, 1)
        self.long = conv(channels, half, 1)
        self.blocks = nn.ModuleList([nn.Sequential(conv(half, half, 1), conv(half, half, 3)) for _ in range(depth)])
        self.join = conv(channels, channels, 1)

    def forward(self, x):
        x = self.down(x)
        out = self.long(x)
        for block in self.blocks:
            out = out + block(out)
        return self.join(torch.cat([self.short(x), out], dim=1))


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.device = device
        self.stem = conv(in_shape[1], 16, 3)
        self.stages = nn.Sequential(CrossStage(16, 32, 1), CrossStage(32, 64, 2), CrossStage(64, 128, 2))
        self.fc = nn.Linear(128, out_shape[0])

    def forward(self, x):
        return self.fc(self.stages(self.stem(x)).mean(dim=(2, 3)))
