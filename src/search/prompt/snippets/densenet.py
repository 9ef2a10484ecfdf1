class DenseLayer(nn.Module):
    def __init__(self, channels_in, growth):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels_in)
        self.conv = nn.Conv2d(channels_in, growth, 3, padding=1, bias=False)

    def forward(self, x):
        return torch.cat([x, self.conv(F.relu(self.norm(x)))], dim=1)


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.device = device
        growth, channels = 16, 32
        layers = [nn.Conv2d(in_shape[1], channels, 3, stride=2, padding=1, bias=False)]
        for n_layers in [3, 4]:
            for _ in range(n_layers):
                layers.append(DenseLayer(channels, growth))
                channels += growth
            half = channels // 2
            layers += [nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, half, 1), nn.AvgPool2d(2)]
            channels = half
        self.features = nn.Sequential(*layers)
        self.fc = nn.Linear(channels, out_shape[0])

    def forward(self, x):
        return self.fc(self.features(x).mean(dim=(2, 3)))
