class MBConv(nn.Module):
    def __init__(self, channels_in, channels, stride, kernel):
        super().__init__()
        hidden = 4 * channels_in
        self.widen = nn.Sequential(nn.Conv2d(channels_in, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.SiLU())
        self.depthwise = nn.Sequential(
            nn.Conv2d(hidden, hidden, kernel, stride=stride, padding=kernel // 2, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden), nn.SiLU(),
        )
        self.squeeze = nn.Conv2d(hidden, channels_in // 4, 1)
        self.excite = nn.Conv2d(channels_in // 4, hidden, 1)
        self.narrow = nn.Sequential(nn.Conv2d(hidden, channels, 1, bias=False), nn.BatchNorm2d(channels))
        self.use_shortcut = stride == 1 and channels_in == channels

    def forward(self, x):
        out = self.depthwise(self.widen(x))
        gate = F.silu(self.squeeze(out.mean(dim=(2, 3), keepdim=True)))
        out = self.narrow(out * torch.sigmoid(self.excite(gate)))
        return x + out if self.use_shortcut else out


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.device = device
        self.stem = nn.Sequential(nn.Conv2d(in_shape[1], 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.SiLU())
        self.blocks = nn.Sequential(
            MBConv(16, 24, 2, 3), MBConv(24, 24, 1, 3), MBConv(24, 40, 2, 5), MBConv(40, 40, 1, 5),
        )
        self.fc = nn.Linear(40, out_shape[0])

    def forward(self, x):
        return self.fc(self.blocks(self.stem(x)).mean(dim=(2, 3)))
