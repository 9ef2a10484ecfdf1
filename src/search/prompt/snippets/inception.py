def conv(channels_in, channels, kernel):
    return nn.Sequential(
        nn.Conv2d(channels_in, channels, kernel, padding=kernel // 2, bias=False), nn.BatchNorm2d(channels), nn.ReLU(),
    )


class Inception(nn.Module):
    def __init__(self, channels_in, one, three, five, pooled):
        super().__init__()
        self.one = conv(channels_in, one, 1)
        self.three = nn.Sequential(conv(channels_in, three // 2, 1), conv(three // 2, three, 3))
        self.five = nn.Sequential(conv(channels_in, five // 2, 1), conv(five // 2, five, 5))
        self.pooled = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), conv(channels_in, pooled, 1))

    def forward(self, x):
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pooled(x)], dim=1)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.device = device
        self.features = nn.Sequential(
            conv(in_shape[1], 32, 7), nn.MaxPool2d(4),
            Inception(32, 16, 32, 16, 16), nn.MaxPool2d(2),
            Inception(80, 32, 64, 16, 16),
        )
        self.fc = nn.Linear(128, out_shape[0])

    def forward(self, x):
        return self.fc(self.features(x).mean(dim=(2, 3)))
