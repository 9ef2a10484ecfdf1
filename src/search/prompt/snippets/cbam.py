class ChannelAttention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Conv2d(channels, channels // 8, 1), nn.ReLU(), nn.Conv2d(channels // 8, channels, 1),
        )

    def forward(self, x):
        mean = self.mlp(F.adaptive_avg_pool2d(x, 1))
        most = self.mlp(F.adaptive_max_pool2d(x, 1))
        return x * torch.sigmoid(mean + most)


class SpatialAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 7, padding=3)

    def forward(self, x):
        mean = x.mean(dim=1, keepdim=True)
        most = x.amax(dim=1, keepdim=True)
        return x * torch.sigmoid(self.conv(torch.cat([mean, most], dim=1)))


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.device = device
        layers = []
        channels_in = in_shape[1]
        for channels in [32, 64, 128]:
            layers += [
                nn.Conv2d(channels_in, channels, 3, stride=2, padding=1), nn.BatchNorm2d(channels), nn.ReLU(),
                ChannelAttention(channels), SpatialAttention(),
            ]
            channels_in = channels
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(channels_in, out_shape[0])

    def forward(self, x):
        return self.fc(self.features(x).mean(dim=(2, 3)))
