import torch
import torch.nn as nn


def supported_hyperparameters():
    return {'lr', 'momentum'}


class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.device = device
        self.vocab_size = out_shape[0]
        self.conv = nn.Conv2d(in_shape[1], 32, kernel_size=3, stride=2, padding=1)
        self.fc = nn.Linear(32, 128)
        self.embed = nn.Embedding(self.vocab_size, 128, padding_idx=0)
        self.gru = nn.GRU(128, 128, batch_first=True)
        self.head = nn.Linear(128, self.vocab_size)
        self.criterion = nn.CrossEntropyLoss(ignore_index=0)

    def encode(self, images):
        maps = torch.tanh(self.conv(images))
        return self.fc(maps.mean(dim=(2, 3))).unsqueeze(0)

    def forward(self, images, captions=None, hidden_state=None):
        state = self.encode(images)
        if captions is None:
            return self.greedy(state)
        words, _ = self.gru(self.embed(captions[:, :-1]), state)
        return self.head(words)

    def greedy(self, state, max_len=12):
        word = torch.full((state.size(1),), 1, dtype=torch.long, device=self.device)
        words = []
        for _ in range(max_len):
            out, state = self.gru(self.embed(word.unsqueeze(1)), state)
            word = self.head(out[:, 0, :]).argmax(dim=-1)
            words.append(word)
            if (word == 2).all():
                break
        return torch.stack(words, dim=1)

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
