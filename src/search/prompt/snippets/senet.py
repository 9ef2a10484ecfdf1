class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=8):
        super().__init__()
        self.down = nn.Linear(channels, channels // reduction)
        self.up = nn.Linear(channels // reduction, channels)

    def forward(self, x):
        weight = F.relu(self.down(x.mean(dim=(2, 3))))
        weight = torch.sigmoid(self.up(weight))
        return x * weight.unsqueeze(-1).unsqueeze(-1)


class SEBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels),
            SqueezeExcite(channels),
        )

    def forward(self, x):
        return F.relu(x + self.body(x))


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.device = device
        layers = []
        channels_in = in_shape[1]
        for channels in [32, 64, 128]:
            layers += [nn.Conv2d(channels_in, channels, 3, stride=2, padding=1), nn.BatchNorm2d(channels), nn.ReLU()]
            layers.append(SEBlock(channels))
            channels_in = channels
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(channels_in, out_shape[0])

    def forward(self, x):
        return self.fc(self.features(x).mean(dim=(2, 3)))
