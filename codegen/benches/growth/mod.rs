//! Captioning nets of any size: each case makes one part of a net `n` times.

/// A name, and the net of a size.
type Case = (&'static str, fn(usize) -> String);

pub(crate) const CASES: [Case; 17] = [
    ("fields", fields),
    ("list of layers", list_of_layers),
    ("sequential", sequential),
    ("blocks", blocks),
    ("classes", classes),
    ("methods", methods),
    ("statements", statements),
    ("tensors alive", tensors_alive),
    ("list of tensors", list_of_tensors),
    ("iterations", iterations),
    ("loops", loops),
    ("inner loops", inner_loops),
    ("loop body", loop_body),
    ("buffers", buffers),
    ("dead", dead),
    ("numbers", numbers),
    ("words", words),
];

/// `text` of each number below `n`.
fn each(n: usize, text: impl Fn(usize) -> String) -> String {
    (0..n).map(text).collect()
}

/// A net whose constructor and whose decoder hold lines of the case; `x: [batch, length, 16]` goes through them.
fn net(classes: &str, fields: &str, decoder: &str) -> String {
    format!(
        "\
import torch
import torch.nn as nn


def supported_hyperparameters():
    return {{'lr', 'momentum'}}

{classes}
class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.vocab_size = out_shape[0]
        self.conv = nn.Conv2d(in_shape[1], 16, kernel_size=3, stride=2, padding=1)
        self.embed = nn.Embedding(self.vocab_size, 16, padding_idx=0)
        self.gru = nn.GRU(16, 16, batch_first=True)
{fields}
        self.head = nn.Linear(16, self.vocab_size)
        self.criterion = nn.CrossEntropyLoss(ignore_index=0)

    def decode(self, x):
{decoder}
        return self.head(x)

    def forward(self, images, captions=None, hidden_state=None):
        state = torch.tanh(self.conv(images)).mean(dim=(2, 3)).unsqueeze(0)
        x, _ = self.gru(self.embed(captions[:, :-1]), state)
        return self.decode(x)

    def train_setup(self, prm):
        self.optimizer = torch.optim.Adam(self.parameters(), lr=prm['lr'], betas=(prm['momentum'], 0.999))

    def learn(self, train_data):
        self.train()
        for images, captions in train_data:
            captions = captions[:, 0, :]
            self.optimizer.zero_grad()
            logits = self(images, captions)
            loss = self.criterion(logits.reshape(-1, self.vocab_size), captions[:, 1:].reshape(-1))
            loss.backward()
            self.optimizer.step()
"
    )
}

fn fields(n: usize) -> String {
    let fields = each(n, |i| {
        format!("        self.layer{i} = nn.Linear(16, 16)\n")
    });
    let uses = each(n, |i| format!("        x = torch.tanh(self.layer{i}(x))\n"));
    net("", &fields, &uses)
}

fn list_of_layers(n: usize) -> String {
    let fields =
        format!("        self.layers = nn.ModuleList(nn.Linear(16, 16) for _ in range({n}))\n");
    net(
        "",
        &fields,
        "        for layer in self.layers:\n            x = torch.tanh(layer(x))\n",
    )
}

fn sequential(n: usize) -> String {
    let fields = format!(
        "        layers = []
        for i in range({n}):
            layers += [nn.Linear(16, 16), nn.ReLU()]
        self.layers = nn.Sequential(*layers)\n"
    );
    net("", &fields, "        x = self.layers(x)\n")
}

/// Modules of the same class that differ in nothing but their weights.
fn blocks(n: usize) -> String {
    let class = "
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)

    def forward(self, x):
        return x + self.down(torch.relu(self.up(self.norm(x))))

";
    let fields = format!("        self.blocks = nn.ModuleList([Block(16) for _ in range({n})])\n");
    net(
        class,
        &fields,
        "        for block in self.blocks:\n            x = block(x)\n",
    )
}

/// Modules of a class each.
fn classes(n: usize) -> String {
    let classes = each(n, |i| {
        format!(
            "
class Block{i}(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = nn.Linear(width, width)

    def forward(self, x):
        return x + {i}.5 * self.inner(x)

"
        )
    });
    let fields = each(n, |i| format!("        self.block{i} = Block{i}(16)\n"));
    let uses = each(n, |i| format!("        x = self.block{i}(x)\n"));
    net(&classes, &fields, &uses)
}

fn methods(n: usize) -> String {
    let methods = each(n, |i| {
        format!("    def part{i}(self, x):\n        return torch.tanh(x) + {i}.5\n\n")
    });
    let class = format!("\nclass Parts(nn.Module):\n{methods}\n");
    let uses = each(n, |i| format!("        x = self.parts.part{i}(x)\n"));
    net(&class, "        self.parts = Parts()\n", &uses)
}

fn statements(n: usize) -> String {
    let lines = each(n, |i| format!("        x = torch.tanh(x) * {i}.5\n"));
    net("", "", &lines)
}

/// Every tensor is needed again at the end.
fn tensors_alive(n: usize) -> String {
    let lines = each(n, |i| format!("        x{i} = torch.tanh(x) * {i}.5\n"));
    let sums = each(n, |i| format!("        x = x + x{i}\n"));
    net("", "", &(lines + &sums))
}

fn list_of_tensors(n: usize) -> String {
    let lines = format!(
        "        parts = []
        for i in range({n}):
            parts.append(x * (i + 0.5))
        x = torch.stack(parts, dim=0).sum(dim=0)\n"
    );
    net("", "", &lines)
}

/// A loop that is run out, since no two of its iterations are the same.
fn iterations(n: usize) -> String {
    let lines = format!(
        "        for i in range({n}):
            if i % 3 == 0:
                x = torch.relu(x)
            else:
                x = torch.tanh(x) + i\n"
    );
    net("", "", &lines)
}

/// Loops over the caption, one after the other.
fn loops(n: usize) -> String {
    let lines = each(n, |i| {
        format!(
            "        h = x[:, 0]
        for t in range(x.size(1)):
            h = torch.tanh(h) + {i}.5 * x[:, t]
        x = x + h.unsqueeze(1)\n"
        )
    });
    net("", "", &lines)
}

/// Loops in a loop that is run out: each is first tried as a loop.
fn inner_loops(n: usize) -> String {
    let lines = format!(
        "        for i in range({n}):
            h = x[:, 0]
            for t in range(x.size(1)):
                h = torch.tanh(h) + x[:, t]
            if i % 2 == 0:
                x = x + h.unsqueeze(1)
            else:
                x = x - h.unsqueeze(1)\n"
    );
    net("", "", &lines)
}

/// A loop over the caption, with a long body.
fn loop_body(n: usize) -> String {
    let body = each(n, |i| {
        format!("            h = torch.tanh(h) + {i}.5 * x[:, t]\n")
    });
    let lines = format!(
        "        h = x[:, 0]
        outs = []
        for t in range(x.size(1)):
{body}            outs.append(h)
        x = torch.stack(outs, dim=1)\n"
    );
    net("", "", &lines)
}

/// Numbers that only the constructor computes with.
fn numbers(n: usize) -> String {
    let list = each(n, |i| format!("{i}, "));
    let fields = format!(
        "        widths = [{list}]
        table = {{}}
        for i, width in enumerate(widths):
            table[i] = sum(w for w in (width, 1, 2) if w > 0)
        self.extra = nn.Linear(16, 16 if table[0] >= 0 else 8)\n"
    );
    net("", &fields, "        x = self.extra(x)\n")
}

/// Prose and comments around the net.
fn words(n: usize) -> String {
    let prose = each(n, |i| {
        format!("Idea {i}: the encoder (a CNN) sees the image; `x` is its output.\n")
    });
    let comments = each(n, |i| {
        format!("# note {i}: class Net is [below], see \"forward(x\"\n")
    });
    format!(
        "{prose}\n```python\n{comments}{}```\n{prose}",
        net("", "", "        pass\n")
    )
}

/// Tensors that the constructor computes, a function each.
fn buffers(n: usize) -> String {
    let fields = each(n, |i| {
        format!("        self.register_buffer('table{i}', torch.arange(16).float() * {i}.5 + 1)\n")
    });
    let uses = each(n, |i| format!("        x = x + self.table{i}\n"));
    net("", &fields, &uses)
}

/// What nothing is computed from, a chain.
fn dead(n: usize) -> String {
    let lines = each(n, |i| format!("        y = torch.tanh(y) * {i}.5\n"));
    net("", "", &("        y = x\n".to_owned() + &lines))
}
