//! Blocks and gates of encoders, as PyTorch classes.
use super::Family;

/// Squeeze and excitation (Hu et al. 2018).
pub(super) const SQUEEZE_EXCITE: &str = "

class SqueezeExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        hidden = max(1, channels // 16)
        self.reduce = nn.Conv2d(channels, hidden, 1)
        self.expand = nn.Conv2d(hidden, channels, 1)

    def forward(self, maps):
        gate = maps.mean(dim=(2, 3), keepdim=True)
        gate = torch.sigmoid(self.expand(torch.relu(self.reduce(gate))))
        return maps * gate
";

/// Channels, then places (Woo et al. 2018); the channels by their means alone.
pub(super) const CBAM: &str = "

class Cbam(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.channels = SqueezeExcite(channels)
        self.places = nn.Conv2d(2, 1, 7, padding=3, bias=False)

    def forward(self, maps):
        maps = self.channels(maps)
        mean = maps.mean(dim=1, keepdim=True)
        most = maps.max(dim=1, keepdim=True)[0]
        return maps * torch.sigmoid(self.places(torch.cat([mean, most], dim=1)))
";

/// The class `Block` of a family; `ACTIVATION` stands for the activation's class.
pub(super) fn block(family: Family) -> &'static str {
    match family {
        Family::Plain => PLAIN,
        Family::Residual => RESIDUAL,
        Family::Bottleneck => BOTTLENECK,
        Family::Convnext => CONVNEXT,
        Family::Mbconv => MBCONV,
    }
}

const PLAIN: &str = "

class Block(nn.Module):
    def __init__(self, channels_in, channels, stride, gate):
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels, 3, stride=stride, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.act = ACTIVATION()
        self.gate = gate

    def forward(self, maps):
        return self.gate(self.act(self.norm(self.conv(maps))))
";

const RESIDUAL: &str = "

class Block(nn.Module):
    def __init__(self, channels_in, channels, stride, gate):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.act = ACTIVATION()
        self.gate = gate
        self.shortcut = nn.Identity()
        if stride != 1 or channels_in != channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride=stride, bias=False), nn.BatchNorm2d(channels),
            )

    def forward(self, maps):
        out = self.act(self.norm1(self.conv1(maps)))
        out = self.gate(self.norm2(self.conv2(out)))
        return self.act(out + self.shortcut(maps))
";

const BOTTLENECK: &str = "

class Block(nn.Module):
    def __init__(self, channels_in, channels, stride, gate):
        super().__init__()
        inner = max(1, channels // 4)
        self.layers = nn.Sequential(
            nn.Conv2d(channels_in, inner, 1, bias=False), nn.BatchNorm2d(inner), ACTIVATION(),
            nn.Conv2d(inner, inner, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(inner), ACTIVATION(),
            nn.Conv2d(inner, channels, 1, bias=False), nn.BatchNorm2d(channels),
        )
        self.act = ACTIVATION()
        self.gate = gate
        self.shortcut = nn.Identity()
        if stride != 1 or channels_in != channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride=stride, bias=False), nn.BatchNorm2d(channels),
            )

    def forward(self, maps):
        return self.act(self.gate(self.layers(maps)) + self.shortcut(maps))
";

const CONVNEXT: &str = "

class Block(nn.Module):
    def __init__(self, channels_in, channels, stride, gate):
        super().__init__()
        self.reduce = nn.Identity()
        if stride != 1 or channels_in != channels:
            self.reduce = nn.Conv2d(channels_in, channels, stride, stride=stride, padding=stride // 2)
        self.depthwise = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.widen = nn.Linear(channels, 4 * channels)
        self.act = ACTIVATION()
        self.narrow = nn.Linear(4 * channels, channels)
        self.gate = gate

    def forward(self, maps):
        maps = self.reduce(maps)
        out = self.depthwise(maps).permute(0, 2, 3, 1)
        out = self.narrow(self.act(self.widen(self.norm(out))))
        return maps + self.gate(out.permute(0, 3, 1, 2))
";

const MBCONV: &str = "

class Block(nn.Module):
    def __init__(self, channels_in, channels, stride, gate):
        super().__init__()
        inner = 4 * channels_in
        self.layers = nn.Sequential(
            nn.Conv2d(channels_in, inner, 1, bias=False), nn.BatchNorm2d(inner), ACTIVATION(),
            nn.Conv2d(inner, inner, 3, stride=stride, padding=1, groups=inner, bias=False),
            nn.BatchNorm2d(inner), ACTIVATION(),
            nn.Conv2d(inner, channels, 1, bias=False), nn.BatchNorm2d(channels),
        )
        self.gate = gate
        self.is_residual = stride == 1 and channels_in == channels

    def forward(self, maps):
        out = self.gate(self.layers(maps))
        return out + maps if self.is_residual else out
";
