//! The decoder of a spec.
use super::{DecoderSpec, MemorySpec, RecurrentSpec, TransformerSpec};

/// `forward` of a net with a recurrent decoder.
pub(super) const FORWARD_RECURRENT: &str = "
    def forward(self, images, captions=None, hidden_state=None):
        memory = self.encoder(images)
        state = self.decoder.start(memory)
        if captions is not None:
            if captions.dim() == 3:
                captions = captions[:, 0, :]
            return self.decoder(captions[:, :-1], memory, state)
        word = torch.full((images.size(0),), 1, dtype=torch.long, device=self.device)
        words = []
        for _ in range(20):
            scores, state = self.decoder.step(word, memory, state)
            word = scores.argmax(dim=-1)
            words.append(word)
            if (word == 2).all():
                break
        return torch.stack(words, dim=1)
";

/// `forward` of a net with a Transformer.
pub(super) const FORWARD_TRANSFORMER: &str = "
    def forward(self, images, captions=None, hidden_state=None):
        memory = self.encoder(images)
        if captions is not None:
            if captions.dim() == 3:
                captions = captions[:, 0, :]
            return self.decoder(captions[:, :-1], memory)
        words = torch.full((images.size(0), 1), 1, dtype=torch.long, device=self.device)
        for _ in range(20):
            scores = self.decoder(words, memory)
            word = scores[:, -1, :].argmax(dim=-1, keepdim=True)
            words = torch.cat([words, word], dim=1)
            if (word == 2).all():
                break
        return words[:, 1:]
";

const ATTENTION: &str = "

class Attention(nn.Module):
    def __init__(self, d_memory, d_hidden):
        super().__init__()
        self.memory = nn.Linear(d_memory, d_hidden)
        self.hidden = nn.Linear(d_hidden, d_hidden)
        self.score = nn.Linear(d_hidden, 1)

    def forward(self, memory, hidden):
        energy = torch.tanh(self.memory(memory) + self.hidden(hidden).unsqueeze(1))
        weights = torch.softmax(self.score(energy), dim=1)
        return (weights * memory).sum(dim=1)
";

const POSITIONS: &str = "

class Positions(nn.Module):
    def __init__(self, d_model, max_length):
        super().__init__()
        table = torch.zeros(max_length, d_model)
        position = torch.arange(max_length, dtype=torch.float).unsqueeze(1)
        rate = torch.exp(torch.arange(0, d_model, 2).float() * (-math.log(10000.0) / d_model))
        table[:, 0::2] = torch.sin(position * rate)
        table[:, 1::2] = torch.cos(position * rate)
        self.register_buffer('table', table.unsqueeze(0), persistent=False)

    def forward(self, words):
        return words + self.table[:, :words.size(1)]
";

/// The classes of the decoder.
pub(super) fn python(spec: &DecoderSpec, memory: MemorySpec) -> String {
    match spec {
        DecoderSpec::Lstm(decoder) => recurrent(decoder, memory, true),
        DecoderSpec::Gru(decoder) => recurrent(decoder, memory, false),
        DecoderSpec::Transformer(decoder) => transformer(decoder, memory),
    }
}

fn tie(tied: bool) -> &'static str {
    if tied {
        "        self.head.weight = self.embed.weight\n"
    } else {
        ""
    }
}

fn recurrent(spec: &RecurrentSpec, memory: MemorySpec, is_lstm: bool) -> String {
    let (hidden, layers, dropout) = (spec.hidden, spec.layers, spec.dropout);
    let d_memory = memory.d_model;
    let class = if is_lstm { "nn.LSTM" } else { "nn.GRU" };
    let d_input = if spec.attention {
        hidden + d_memory
    } else {
        hidden
    };
    let (class_of_attention, attend) = if spec.attention {
        let attend = format!("        self.attend = Attention({d_memory}, {hidden})\n");
        (ATTENTION, attend)
    } else {
        ("", String::new())
    };
    let init = format!(
        "

class Decoder(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.embed = nn.Embedding(vocab, {hidden}, padding_idx=0)
        self.drop = nn.Dropout({dropout:?})
        self.first = nn.Linear({d_memory}, {hidden})
        self.rnn = {class}({d_input}, {hidden}, num_layers={layers}, batch_first=True)
        self.head = nn.Linear({hidden}, vocab)
"
    );
    let forward = if spec.attention {
        FORWARD_STEPS
    } else {
        FORWARD_WHOLE
    };
    [
        class_of_attention,
        &init,
        &attend,
        tie(spec.tied),
        &start(layers, is_lstm),
        &step(spec.attention, is_lstm),
        forward,
    ]
    .concat()
}

/// The first state, from the mean of the regions.
fn start(layers: usize, is_lstm: bool) -> String {
    let state = if is_lstm {
        "hidden, torch.zeros_like(hidden)"
    } else {
        "hidden"
    };
    format!(
        "
    def start(self, memory):
        hidden = torch.tanh(self.first(memory.mean(dim=1))).unsqueeze(0).repeat({layers}, 1, 1)
        return {state}
"
    )
}

/// One word.
fn step(has_attention: bool, is_lstm: bool) -> String {
    let hidden = if is_lstm { "state[0][-1]" } else { "state[-1]" };
    let input = if has_attention {
        format!("\n        inputs = torch.cat([inputs, self.attend(memory, {hidden})], dim=1)")
    } else {
        String::new()
    };
    format!(
        "
    def step(self, word, memory, state):
        inputs = self.drop(self.embed(word)){input}
        out, state = self.rnn(inputs.unsqueeze(1), state)
        return self.head(self.drop(out.squeeze(1))), state
"
    )
}

const FORWARD_STEPS: &str = "
    def forward(self, words, memory, state):
        scores = []
        for t in range(words.size(1)):
            score, state = self.step(words[:, t], memory, state)
            scores.append(score)
        return torch.stack(scores, dim=1)
";

const FORWARD_WHOLE: &str = "
    def forward(self, words, memory, state):
        out, _ = self.rnn(self.drop(self.embed(words)), state)
        return self.head(self.drop(out))
";

fn transformer(spec: &TransformerSpec, memory: MemorySpec) -> String {
    let TransformerSpec {
        layers,
        heads,
        feedforward,
        tied,
        dropout,
    } = *spec;
    let d_model = memory.d_model;
    let tie = tie(tied);
    let decoder = format!(
        "

class Decoder(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.embed = nn.Embedding(vocab, {d_model}, padding_idx=0)
        self.positions = Positions({d_model}, 64)
        self.drop = nn.Dropout({dropout:?})
        layer = nn.TransformerDecoderLayer(
            {d_model}, {heads}, {feedforward}, {dropout:?}, activation='gelu', batch_first=True, norm_first=True,
        )
        self.layers = nn.TransformerDecoder(layer, {layers}, norm=nn.LayerNorm({d_model}))
        self.register_buffer('mask', torch.triu(torch.full((64, 64), float('-inf')), diagonal=1), persistent=False)
        self.head = nn.Linear({d_model}, vocab)
{tie}
    def forward(self, words, memory):
        length = words.size(1)
        inputs = self.drop(self.positions(self.embed(words) * {scale:?}))
        return self.head(self.layers(inputs, memory, tgt_mask=self.mask[:length, :length]))
",
        scale = (d_model as f64).sqrt()
    );
    format!("{POSITIONS}{decoder}")
}
