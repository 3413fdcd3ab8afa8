"""Recurrent networks: for tasks on sequences, for language, for classifying texts."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence


def set_forget_bias(lstm, value):
    """Set the bias of every forget gate. PyTorch has two and adds them: the second becomes 0.

    Parameters
    ----------
    lstm : torch.nn.LSTM
    value : float

    Raises
    ------
    ValueError
        If it is not an LSTM with biases.
    """
    if not isinstance(lstm, nn.LSTM) or not lstm.bias:
        raise ValueError(f"only an LSTM with biases has a forget bias, and this is {lstm}")
    H = lstm.hidden_size
    with torch.no_grad():
        for name, bias in lstm.named_parameters():
            if name.startswith("bias_"):
                bias[H:2 * H] = value if name.startswith("bias_ih") else 0.0


class SequenceModel(nn.Module):
    """A recurrent network with an output at each step.

    Parameters
    ----------
    kind : "RNN", "LSTM" or "GRU"
    D, H, outputs : int
        Numbers that go in at each step, of the state, that come out at each step.
    forget_bias : float, optional
        For an LSTM. By default PyTorch's own: small and random.

    Raises
    ------
    ValueError
        If there is no such kind, or it has no forget gate.
    """

    def __init__(self, kind, D, H, outputs, *, forget_bias=None):
        super().__init__()
        if kind not in ("RNN", "LSTM", "GRU"):
            raise ValueError(f"there is no kind {kind!r}: choose from RNN, LSTM, GRU")
        self.recurrent = getattr(nn, kind)(D, H, batch_first=True)
        self.output = nn.Linear(H, outputs)
        if forget_bias is not None:
            set_forget_bias(self.recurrent, forget_bias)

    def forward(self, x):
        """From x (B, T, D) to (B, T, outputs)."""
        states, _ = self.recurrent(x)                     # (B, T, H)
        return self.output(states)


class LanguageModel(nn.Module):
    """Predict each next token: embedding, LSTM, linear.

    Parameters
    ----------
    V : int
        Size of the vocabulary.
    embedding, hidden : int
        Numbers of a token's vector, and of the state.
    dropout : float
    """

    def __init__(self, V, *, embedding=32, hidden=128, dropout=0.3):
        super().__init__()
        self.embedding = nn.Embedding(V, embedding)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True)
        self.output = nn.Linear(hidden, V)
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids):
        """From ids (B, T) to the logits of what comes next, (B, T, V)."""
        return self.step(ids, None)[0]

    def step(self, ids, state):
        """Continue from a state (None: the initial one): the logits, and the new state."""
        states, state = self.lstm(self.dropout(self.embedding(ids)), state)
        return self.output(self.dropout(states)), state


class TextClassifier(nn.Module):
    """Binary text classifier: embedding, bidirectional LSTM, one logit.

    Parameters
    ----------
    V : int
        Size of the vocabulary, with what stands for padding and for unknown words.
    embedding, hidden : int
        Numbers of a word's vector, and of the state of each direction.
    dropout : float
    embedding_std : float
        Standard deviation of the first word vectors. PyTorch's own is 1.
    """

    def __init__(self, V, *, embedding=64, hidden=64, dropout=0.5, embedding_std=0.1):
        super().__init__()
        self.embedding = nn.Embedding(V, embedding)
        nn.init.normal_(self.embedding.weight, std=embedding_std)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True, bidirectional=True)
        self.output = nn.Linear(2 * hidden, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids, lengths):
        """From ids (B, T), padded at the end, and lengths (B,), at least 1, to logits (B,)."""
        words = self.dropout(self.embedding(ids))         # (B, T, E)
        # packed: each direction starts and ends at the text's own ends, and never sees padding
        packed = pack_padded_sequence(words, lengths.cpu(), batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(packed)                     # (2, B, H)
        return self.output(self.dropout(torch.cat([h[0], h[1]], dim=1)))[:, 0]
