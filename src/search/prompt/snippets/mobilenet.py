class InvertedResidual(nn.Module):
    def __init__(self, channels_in, channels, stride, expand):
        super().__init__()
        hidden = channels_in * expand
        self.use_shortcut = stride == 1 and channels_in == channels
        self.body = nn.Sequential(
            nn.Conv2d(channels_in, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6(),
            nn.Conv2d(hidden, hidden, 3, stride=stride, padding=1, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden), nn.ReLU6(),
            nn.Conv2d(hidden, channels, 1, bias=False), nn.BatchNorm2d(channels),
        )

    def forward(self, x):
        out = self.body(x)
        return x + out if self.use_shortcut else out


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.device = device
        layers = [nn.Conv2d(in_shape[1], 16, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU6()]
        channels_in = 16
        for channels, stride in [(24, 2), (24, 1), (32, 2), (32, 1), (64, 2)]:
            layers.append(InvertedResidual(channels_in, channels, stride, 4))
            channels_in = channels
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(channels_in, out_shape[0])

    def forward(self, x):
        return self.fc(self.features(x).mean(dim=(2, 3)))
