class Ghost(nn.Module):
    """Half of the maps by a convolution, the others cheaply from them."""

    def __init__(self, channels_in, channels):
        super().__init__()
        half = channels // 2
        self.primary = nn.Sequential(nn.Conv2d(channels_in, half, 1, bias=False), nn.BatchNorm2d(half), nn.ReLU())
        self.cheap = nn.Sequential(
            nn.Conv2d(half, half, 3, padding=1, groups=half, bias=False), nn.BatchNorm2d(half), nn.ReLU(),
        )

    def forward(self, x):
        primary = self.primary(x)
        return torch.cat([primary, self.cheap(primary)], dim=1)


class GhostBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.widen = Ghost(channels, 2 * channels)
        self.narrow = Ghost(2 * channels, channels)

    def forward(self, x):
        return x + self.narrow(self.widen(x))


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.device = device
        self.features = nn.Sequential(
            nn.Conv2d(in_shape[1], 32, 3, stride=2, padding=1), GhostBlock(32), GhostBlock(32),
            nn.Conv2d(32, 64, 3, stride=2, padding=1), GhostBlock(64), GhostBlock(64),
        )
        self.fc = nn.Linear(64, out_shape[0])

    def forward(self, x):
        return self.fc(self.features(x).mean(dim=(2, 3)))
