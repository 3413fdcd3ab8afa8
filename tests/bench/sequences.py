"""Measurements of lessons 5 and 6: LSTM and attention in NumPy against PyTorch. See __main__."""

import statistics

import numpy as np
import torch

from course_lib import attention, recurrent

B, T, D, H = 32, 64, 128, 128


def lstm(seconds):
    """Yield forward plus backward of an LSTM over PyTorch's time, float32, taken in turn."""
    rng = np.random.default_rng(0)
    weights = recurrent.initialise_recurrent("LSTM", D, H, rng=rng, forget_bias=1.0)
    arrays = [a.astype(np.float32) for a in (
        rng.standard_normal((B, T, D)), *rng.standard_normal((2, B, H)), *weights)]
    dout = tuple(rng.standard_normal(s).astype(np.float32) for s in [(B, T, H), (B, H), (B, H)])
    module = torch.nn.LSTM(D, H, batch_first=True)
    with torch.no_grad():
        for parameter, array in zip(module.parameters(), [arrays[3].T, arrays[4].T, arrays[5]],
                                    strict=False):
            parameter.copy_(torch.from_numpy(array))
        module.bias_hh_l0.zero_()
    x, h, c = (torch.tensor(a, requires_grad=True) for a in arrays[:3])
    upstream = [torch.from_numpy(d) for d in (dout[0], dout[1][None], dout[2][None])]

    def ours():
        _, cache = recurrent.lstm_forward(*arrays)
        return recurrent.lstm_backward(dout, cache)

    def theirs():
        out, last = module(x, (h[None], c[None]))
        return torch.autograd.grad([out, *last], [x, h, c, *module.parameters()], upstream)
    for mine, other in zip(ours()[:3], theirs()[:3], strict=True):
        assert np.allclose(mine, other, rtol=1e-3, atol=1e-3), "they compute different things"
    ratio = statistics.median(seconds(ours) / seconds(theirs) for _ in range(9))
    yield "LSTM: NumPy's time over torch's", ratio, "×"


def heads(seconds):
    """Yield forward plus backward of attention over PyTorch's naive one, float32, in turn."""
    rng = np.random.default_rng(0)
    q, k, v, dout = (rng.standard_normal((8, 8, 128, 32)).astype(np.float32) for _ in range(4))
    leaves, upstream = [torch.tensor(a, requires_grad=True) for a in (q, k, v)], torch.tensor(dout)

    def ours():
        _, cache = attention.attention_forward(q, k, v)
        return attention.attention_backward(dout, cache)

    def theirs():
        a, b, c = leaves
        out = torch.softmax(a @ b.mT / a.shape[-1]**0.5, dim=-1) @ c
        return torch.autograd.grad(out, leaves, upstream)
    for mine, other in zip(ours(), theirs(), strict=True):
        assert np.allclose(mine, other, rtol=1e-3, atol=1e-4), "they compute different things"
    ratio = statistics.median(seconds(ours) / seconds(theirs) for _ in range(9))
    yield "attention: NumPy's time over torch's", ratio, "×"
