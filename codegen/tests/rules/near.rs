//! Replies that come near to breaking a rule.
use super::{DEVICE, GREEDY, NET, RETURN};

/// Changes that are as near to breaking a rule as its case in [`CASES`](super::CASES), and do not: for rules whose construct the golden
/// nets do not have.
pub(crate) const NEAR: &[(&str, &[(&str, &str)])] = &[
    (
        "N002",
        &[(
            NET,
            "# A comment of any length that a person would write.\nclass Net(nn.Module):",
        )],
    ),
    ("N003", &[(DEVICE, "self.device = ((((device))))")]),
    ("N011", &[("captions[:, 0, :]", "captions[:, :1][:, 0]")]),
    (
        "N012",
        &[(
            RETURN,
            "if words.size(2) > 0:\n            words = words * 2\n        return self.head(words)",
        )],
    ),
    (
        "N013",
        &[(
            DEVICE,
            "n = 0\n        while n < 1000:\n            n += 1\n        self.device = device",
        )],
    ),
    (
        "N014",
        &[(
            DEVICE,
            "assert out_shape[0] > 10\n        self.device = device",
        )],
    ),
    (
        "N018",
        &[(
            DEVICE,
            "self.device = device\n        self.rate = prm.get('lr')",
        )],
    ),
    ("N019", &[("import torch\n", "import math\nimport torch\n")]),
    (
        "N020",
        &[(DEVICE, "self.device = getattr(torch, 'device')('cpu')")],
    ),
    (
        "N021",
        &[(
            DEVICE,
            "self.device = device\n        self.attend = nn.MultiheadAttention(16, 4)",
        )],
    ),
    (
        "N025",
        &[
            (
                DEVICE,
                "self.device = device\n        self.extra = nn.Linear(16, 16)",
            ),
            (RETURN, "return self.head(self.extra(words))"),
        ],
    ),
    (
        "N026",
        &[(
            RETURN,
            "for _ in range(captions.size(1)):\n            words = words * 2\n        return self.head(words)",
        )],
    ),
    (
        "N027",
        &[(
            RETURN,
            "view = words.transpose(1, 2).clone()\n        words += 1\n        return self.head(words + view.mean())",
        )],
    ),
    (
        "N030",
        &[(
            "self.head = nn.Linear(16, self.vocab_size)",
            "self.head = nn.Linear(16, self.vocab_size)\n        self.head.weight = self.embed.weight",
        )],
    ),
    ("N032", &[("lr=prm['lr']", "lr=max(prm['lr'], 1e-9)")]),
    (
        "N033",
        &[(
            "loss.backward()",
            "loss = loss * 1.0\n            loss.backward()",
        )],
    ),
    (
        "N036",
        &[(
            "A GRU reads",
            "```bash\npip install torch\n```\n\nA GRU reads",
        )],
    ),
    (
        "N037",
        &[("A GRU reads", "<hp>{\"lr\": 0.01}</hp>\n\nA GRU reads")],
    ),
    (
        "N040",
        &[(
            DEVICE,
            "self.device = device\n        self.extra = nn.Linear(400, 400)",
        )],
    ),
    (
        "N043",
        &[(
            DEVICE,
            "self.device = device\n        import torchvision\n        self.extra = torchvision.models.resnet18(weights=None)",
        )],
    ),
    (
        "N044",
        &[
            (
                DEVICE,
                "self.device = device\n        self.attend = nn.MultiheadAttention(16, 2, batch_first=True)",
            ),
            (
                RETURN,
                "memory = torch.cat([state[0].unsqueeze(1), state[0].unsqueeze(1)], dim=1)\n        return self.head(words + self.attend(words, memory, memory)[0])",
            ),
        ],
    ),
    (
        "N045",
        &[
            (
                DEVICE,
                "self.device = device\n        self.attend = nn.TransformerEncoderLayer(16, 2, batch_first=True)",
            ),
            (
                RETURN,
                "mask = nn.Transformer.generate_square_subsequent_mask(words.size(1))\n        return self.head(self.attend(words, src_mask=mask))",
            ),
        ],
    ),
    (
        "N046",
        &[(
            GREEDY,
            "if self.training:\n                return self.greedy(state, 6)\n            return self.greedy(state)",
        )],
    ),
    (
        "N047",
        &[(
            GREEDY,
            "beams = sorted([2, 1], key=lambda beam: -beam)\n            return self.greedy(state, beams[0])",
        )],
    ),
    (
        "N048",
        &[(RETURN, "return nn.Sequential(nn.Tanh())(self.head(words))")],
    ),
    (
        "N049",
        &[(
            RETURN,
            "return nn.functional.dropout(self.head(words), 0.3, self.training)",
        )],
    ),
    (
        "N050",
        &[
            (DEVICE, "self.device = device\n        self.calls = 0"),
            (
                RETURN,
                "self.calls += 1\n        self.words = words\n        return self.head(self.words)",
            ),
        ],
    ),
];
