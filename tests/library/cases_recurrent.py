"""Cases for the pairs of course_lib.recurrent. See test_pairs.py for what is done with them."""

import torch
from pair_case import PairCase

SIZES = [(2, 4, 3, 5), (3, 1, 2, 4), (1, 5, 4, 2), (4, 3, 1, 1)]      # B, T, D, H


def draw(rng, size, *, gates, states, biases, sequence):
    """Inputs of a step or of a sequence; weights so that tanh is not saturated."""
    B, T, D, H = size
    x = rng.standard_normal((B, T, D) if sequence else (B, D))
    weights = [rng.standard_normal((n, gates * H)) / n**0.5 for n in (D, H)]
    return (x, *(rng.standard_normal((B, H)) for _ in range(states)), *weights,
            *(rng.standard_normal(gates * H) for _ in range(biases))), {}


def cases(**kind):
    return lambda rng: [draw(rng, size, **kind) for size in SIZES]


def large(**kind):
    return lambda rng: draw(rng, (6, 9, 8, 7), **kind)


def in_torch(cell, states, biases, sequence):
    """PyTorch's own fused network; a step is a sequence of one."""
    def run(x, *arrays):
        first, (Wx, Wh, b, *other) = arrays[:states], arrays[states:]
        second = other[0] if biases == 2 else torch.zeros_like(b)
        start = tuple(s[None] for s in first)
        x = x if sequence else x[:, None]
        out, *last = cell(x, start if states == 2 else start[0], [Wx.T, Wh.T, b, second], True, 1,
                          0.0, False, False, True)
        last = [s[0] for s in last]
        if sequence:
            return out, *last
        return tuple(last) if states == 2 else last[0]
    return run


KINDS = {"rnn": (torch.rnn_tanh, 1, 1, 1), "lstm": (torch.lstm, 4, 2, 1),
         "gru": (torch.gru, 3, 1, 2)}
CASES, LARGE = {}, {}
for name, (cell, gates, states, biases) in KINDS.items():
    for sequence, pair in [(True, name), (False, f"{name}_step")]:
        kind = {"gates": gates, "states": states, "biases": biases, "sequence": sequence}
        CASES[pair] = PairCase(cases(**kind), in_torch(cell, states, biases, sequence))
        LARGE[pair] = large(**kind)
