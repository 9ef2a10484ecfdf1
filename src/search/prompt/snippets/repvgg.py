class RepBlock(nn.Module):
    """Three branches that one convolution could replace after training."""

    def __init__(self, channels_in, channels, stride):
        super().__init__()
        self.three = nn.Sequential(
            nn.Conv2d(channels_in, channels, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(channels),
        )
        self.one = nn.Sequential(
            nn.Conv2d(channels_in, channels, 1, stride=stride, bias=False), nn.BatchNorm2d(channels),
        )
        self.same = nn.BatchNorm2d(channels) if stride == 1 and channels_in == channels else None

    def forward(self, x):
        out = self.three(x) + self.one(x)
        if self.same is not None:
            out = out + self.same(x)
        return F.relu(out)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.device = device
        blocks = []
        channels_in = in_shape[1]
        for channels, depth in [(32, 1), (48, 2), (96, 2)]:
            for at in range(depth):
                blocks.append(RepBlock(channels_in, channels, 2 if at == 0 else 1))
                channels_in = channels
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(channels_in, out_shape[0])

    def forward(self, x):
        return self.fc(self.blocks(x).mean(dim=(2, 3)))
