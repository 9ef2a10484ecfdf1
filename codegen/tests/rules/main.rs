//! Every rule, on a golden net with one thing wrong; the golden net itself breaks none.
mod near;
#[path = "../support/mod.rs"]
mod support;

use codegen::{Diagnostic, Options, Repairs, Rule, generate};

fn findings(reply: &str) -> Vec<Diagnostic> {
    let options = Options {
        repair: Repairs::None,
        ..support::options()
    };
    match generate(reply, &options) {
        Ok(generated) => generated.diagnostics,
        Err(rejected) => rejected.diagnostics,
    }
}

const NET: &str = "class Net(nn.Module):";
const DEVICE: &str = "self.device = device";
const RETURN: &str = "return self.head(words)";
const GREEDY: &str = "return self.greedy(state)";

/// The code of a rule, and texts of the golden `gru_decoder` to replace so that it is broken.
const CASES: &[(&str, &[(&str, &str)])] = &[
    (
        "N004",
        &[(
            "def learn(self, train_data):",
            "def learn(self, train_data:",
        )],
    ),
    ("N005", &[("torch.tanh", "F.tanh")]),
    ("N006", &[(DEVICE, "async def other(): pass")]),
    ("N007", &[("nn.Conv2d(", "nn.Conv2D(")]),
    ("N008", &[("batch_first=True", "batch_frist=True")]),
    ("N009", &[("nn.GRU(16, 16", "nn.GRU('16', 16")]),
    ("N010", &[("nn.Linear(8, 16)", "nn.Linear(9, 16)")]),
    (
        "N011",
        &[("captions[:, 0, :]", "captions[:, :-1][:, 1:][:, 0]")],
    ),
    (
        "N012",
        &[(
            RETURN,
            "if words.sum() > 0:\n            words = words * 2\n        return self.head(words)",
        )],
    ),
    ("N013", &[(DEVICE, "while True:\n            pass")]),
    ("N014", &[(DEVICE, "assert out_shape[0] > 1000")]),
    ("N015", &[("class Net(", "class Network(")]),
    ("N016", &[("def learn(", "def learn_all(")]),
    (
        "N017",
        &[("def supported_hyperparameters", "def hyperparameters")],
    ),
    (
        "N018",
        &[(
            DEVICE,
            "self.device = device\n        self.rate = prm['dropout']",
        )],
    ),
    ("N019", &[("import torch\n", "import os\nimport torch\n")]),
    ("N020", &[(DEVICE, "self.device = eval('device')")]),
    (
        "N021",
        &[(
            DEVICE,
            "self.device = device\n        self.attend = nn.MultiheadAttention(16, 3)",
        )],
    ),
    (
        "N022",
        &[
            (RETURN, "return self.head(words).transpose(1, 2)"),
            ("logits.reshape", "logits.transpose(1, 2).reshape"),
        ],
    ),
    ("N023", &[(GREEDY, "raise NotImplementedError")]),
    (
        "N024",
        &[("if (word == 2).all():", "if word[0].item() == 2:")],
    ),
    (
        "N025",
        &[(
            DEVICE,
            "self.device = device\n        self.extra = nn.Linear(3, 3)",
        )],
    ),
    (
        "N026",
        &[(
            RETURN,
            "for _ in range(captions.size(1)):\n            words = words.unsqueeze(0)\n        return self.head(words)",
        )],
    ),
    (
        "N027",
        &[(
            RETURN,
            "view = words.transpose(1, 2)\n        words += 1\n        return self.head(words + view.mean())",
        )],
    ),
    (
        "N028",
        &[(
            "loss.backward()",
            "loss.backward()\n            loss.backward()",
        )],
    ),
    ("N029", &[("            self.optimizer.step()\n", "")]),
    (
        "N030",
        &[
            (
                NET,
                "class Head(nn.Module):\n    def __init__(self, embed):\n        super().__init__()\n        self.held = [embed]\n\n    def forward(self, x):\n        return torch.matmul(x, self.held[0].weight.t())\n\n\nclass Net(nn.Module):",
            ),
            (
                "self.head = nn.Linear(16, self.vocab_size)",
                "self.head = Head(self.embed)",
            ),
        ],
    ),
    (
        "N031",
        &[("{'lr', 'momentum'}", "{'lr', 'momentum', 'width'}")],
    ),
    ("N032", &[("lr=prm['lr']", "lr=max(prm['lr'], 0.01)")]),
    (
        "N033",
        &[(
            "loss.backward()",
            "loss.backward()\n            print(loss)",
        )],
    ),
    (
        "N035",
        &[("\n```\n", "\n    def more(self):\n        return (")],
    ),
    (
        "N036",
        &[(
            "A GRU reads",
            "```python\nimport torch\nclass Net(nn.Module):\n    def forward(self, x): return x\n```\n\nA GRU reads",
        )],
    ),
    (
        "N037",
        &[("A GRU reads", "<hp>lr=0.01</hp>\n\nA GRU reads")],
    ),
    (
        "N038",
        &[(
            NET,
            "Now the network itself follows.\n\nclass Net(nn.Module):",
        )],
    ),
    ("N039", &[(GREEDY, "return self.greedy(state), state")]),
    (
        "N040",
        &[(
            DEVICE,
            "self.device = device\n        self.extra = nn.Linear(40000, 40000)",
        )],
    ),
    ("N041", &[("ignore_index=0", "ignore_index=3")]),
    (
        "N043",
        &[(
            DEVICE,
            "self.device = device\n        import torchvision\n        self.extra = torchvision.models.resnet18(pretrained=True)",
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
                "memory = state[0].unsqueeze(1)\n        return self.head(words + self.attend(words, memory, memory)[0])",
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
            (RETURN, "return self.head(self.attend(words))"),
        ],
    ),
    (
        "N046",
        &[(GREEDY, "self.eval()\n            return self.greedy(state)")],
    ),
    (
        "N047",
        &[(
            GREEDY,
            "beams = sorted([state], key=lambda beam: beam.mean().item())\n            return beams[0]",
        )],
    ),
    (
        "N048",
        &[(RETURN, "return nn.Linear(60, 60)(self.head(words))")],
    ),
    (
        "N049",
        &[(RETURN, "return nn.Dropout(0.3)(self.head(words))")],
    ),
    (
        "N050",
        &[
            (DEVICE, "self.device = device\n        self.heat = 1.0"),
            (
                RETURN,
                "self.heat = self.heat * 0.99\n        return self.head(words) / self.heat",
            ),
        ],
    ),
];

/// The replies that are no change of the golden one.
fn other(code: &str) -> Option<String> {
    let golden = support::reply("gru_decoder");
    match code {
        "N042" => Some("{\"encoder\": {}, \"decoder\": {\"kind\": \"lstm\"}}".to_owned()),
        "N001" => Some("I would use a GRU.".to_owned()),
        "N002" => Some(golden.replace(NET, &format!("# {}\n{NET}", "-".repeat(300_000)))),
        "N003" => Some(golden.replace(DEVICE, &format!("self.device = {}1", "(".repeat(300)))),
        "N034" => Some(golden.replace(
            "loss.backward()",
            &format!(
                "loss.backward()\n{}",
                "            print(loss)\n".repeat(60)
            ),
        )),
        _ => None,
    }
}

fn broken(code: &str) -> Option<String> {
    let case = CASES.iter().find(|(rule, _)| *rule == code);
    match case {
        Some((_, changes)) => Some(changed(code, changes)),
        None => other(code),
    }
}

/// The golden reply with texts replaced, which must be there.
fn changed(code: &str, changes: &[(&str, &str)]) -> String {
    let mut reply = support::reply("gru_decoder");
    for (from, to) in changes {
        assert!(reply.contains(from), "{code}: no `{from}`");
        reply = reply.replacen(from, to, 1);
    }
    reply
}

#[test]
fn what_comes_near_to_breaking_a_rule_does_not_break_it() {
    for (code, changes) in near::NEAR {
        let found = findings(&changed(code, changes));
        let is_fine = |finding: &Diagnostic| {
            finding.rule.code() != *code && finding.severity != codegen::Severity::Error
        };
        assert!(found.iter().all(is_fine), "{code}: {found:#?}");
    }
}

#[test]
fn every_rule_is_broken_by_one_change() {
    for rule in Rule::ALL {
        let reply = broken(rule.code()).unwrap_or_else(|| panic!("no reply breaks {rule}"));
        let found: Vec<String> = findings(&reply)
            .iter()
            .map(|finding| format!("{} {}", finding.rule, finding.message))
            .collect();
        assert!(
            found.iter().any(|finding| finding.starts_with(rule.code())),
            "{rule}: {found:#?}"
        );
    }
}

#[test]
fn a_net_that_keeps_the_contract_breaks_no_rule() {
    for case in ["gru_decoder", "tied_embedding", "transformer_masks"] {
        let found: Vec<_> = findings(&support::reply(case))
            .into_iter()
            .map(|finding| (finding.rule, finding.message))
            .collect();
        assert!(found.is_empty(), "{case}: {found:?}");
    }
}

#[test]
fn outcomes_follow_from_rules() {
    let replies: Vec<String> = Rule::ALL
        .iter()
        .filter_map(|rule| broken(rule.code()))
        .collect();
    for (rule, reply) in Rule::ALL.iter().zip(&replies) {
        let options = Options {
            repair: Repairs::None,
            ..support::options()
        };
        if let Err(rejected) = generate(reply, &options) {
            let first = rejected
                .diagnostics
                .iter()
                .find(|finding| finding.severity == codegen::Severity::Error);
            assert_eq!(
                Some(rejected.outcome()),
                first.map(|error| error.rule.outcome()),
                "{rule}"
            );
        }
    }
}
