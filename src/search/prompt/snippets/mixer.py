class MixerBlock(nn.Module):
    def __init__(self, n_patches, width):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.places = nn.Sequential(nn.Linear(n_patches, n_patches), nn.GELU(), nn.Linear(n_patches, n_patches))
        self.norm2 = nn.LayerNorm(width)
        self.channels = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        x = x + self.places(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        return x + self.channels(self.norm2(x))


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.device = device
        width, patch = 96, 16
        n_patches = (in_shape[2] // patch) * (in_shape[3] // patch)
        self.patches = nn.Conv2d(in_shape[1], width, patch, stride=patch)
        self.blocks = nn.Sequential(MixerBlock(n_patches, width), MixerBlock(n_patches, width))
        self.norm = nn.LayerNorm(width)
        self.fc = nn.Linear(width, out_shape[0])

    def forward(self, x):
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        return self.fc(self.norm(self.blocks(tokens)).mean(dim=1))
