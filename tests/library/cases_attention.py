"""Cases for the pairs of course_lib.attention. See test_pairs.py for what is done with them."""

import numpy as np
import torch
from pair_case import PairCase
from torch.nn import functional as F

from course_lib.attention import attention_mask, initialise_block


def draw_attention(rng, *shape, mask=None):
    *front, T, S, E, last = shape
    arrays = [rng.standard_normal((*front, *s)) for s in [(T, E), (S, E), (S, last)]]
    return tuple(arrays), {} if mask is None else {"mask": mask}


def attention_cases(rng):
    some = rng.random((2, 3, 4)) < 0.6
    some[..., 0] = True
    some[1, 2] = False                                    # a query that may look nowhere
    return [draw_attention(rng, 3, 4, 2, 5), draw_attention(rng, 2, 3, 4, 5, 6, mask=some),
            draw_attention(rng, 2, 3, 5, 5, 4, 1, mask=attention_mask([5, 2], 5, causal=True)),
            draw_attention(rng, 1, 1, 3, 2)]


def torch_attention(q, k, v, mask=None):
    scores = q @ k.mT / q.shape[-1]**0.5
    if mask is not None:
        scores = scores.masked_fill(~torch.as_tensor(mask), -torch.inf)
    return safe_softmax(scores) @ v


def safe_softmax(scores):
    """Softmax whose rows without any finite score are 0, also in the gradient."""
    empty = torch.isinf(scores).all(-1, keepdim=True)
    return torch.softmax(torch.where(empty, torch.zeros_like(scores), scores), -1) * ~empty


def draw_heads(rng, B, T, D, heads, mask=None):
    x, weights = rng.standard_normal((B, T, D)), [(D, 3 * D), (3 * D,), (D, D), (D,)]
    options = {"heads": heads} if mask is None else {"heads": heads, "mask": mask}
    return (x, *(rng.standard_normal(s) / len(weights) for s in weights)), options


def torch_heads(x, Wqkv, bqkv, Wo, bo, *, heads, mask=None):
    B, T, D = x.shape
    q, k, v = (part.view(B, T, heads, -1).transpose(1, 2)
               for part in (x @ Wqkv + bqkv).split(D, dim=-1))
    out = F.scaled_dot_product_attention(
        q, k, v, attn_mask=None if mask is None else torch.as_tensor(mask))
    return out.transpose(1, 2).reshape(B, T, D) @ Wo + bo


def draw_norm(rng, *shape):
    D = shape[-1]
    return (rng.normal(1.0, 2.0, shape), rng.standard_normal(D), rng.standard_normal(D)), {}


def draw_block(rng, B, T, D, heads, hidden, mask=None):
    weights = [w + 0.1 * rng.standard_normal(w.shape)
               for w in initialise_block(D, rng=rng, hidden=hidden)]
    options = {"heads": heads} if mask is None else {"heads": heads, "mask": mask}
    return (rng.standard_normal((B, T, D)), *weights), options


def torch_block(x, g1, b1, Wqkv, bqkv, Wo, bo, g2, b2, W1, c1, W2, c2, *, heads, mask=None):
    D = x.shape[-1:]
    x = x + torch_heads(F.layer_norm(x, D, g1, b1), Wqkv, bqkv, Wo, bo, heads=heads, mask=mask)
    h = F.gelu(F.layer_norm(x, D, g2, b2) @ W1 + c1, approximate="tanh")
    return x + h @ W2 + c2


def torch_rotary(x, *, positions):
    half = x.shape[-1] // 2
    frequencies = 10_000.0 ** -(torch.arange(half).double() / half)
    angles = torch.as_tensor(positions).double()[:, None] * frequencies
    turned = torch.view_as_complex(torch.stack([x[..., :half], x[..., half:]], -1).contiguous())
    turned = turned * torch.polar(torch.ones_like(angles), angles)
    return torch.cat([turned.real, turned.imag], -1)


CASES = {
    "attention": PairCase(attention_cases, torch_attention),
    "multi_head_attention": PairCase(lambda rng: [
        draw_heads(rng, 2, 3, 4, 2), draw_heads(rng, 1, 5, 6, 3),
        draw_heads(rng, 2, 3, 4, 4, attention_mask([3, 1], 3, causal=True)),
        draw_heads(rng, 3, 2, 5, 1, attention_mask([2, 1, 2], 2, causal=False))], torch_heads),
    "layer_norm": PairCase(lambda rng: [draw_norm(rng, 4, 3), draw_norm(rng, 2, 3, 5),
                                        draw_norm(rng, 6)],
                           lambda x, g, b: F.layer_norm(x, x.shape[-1:], g, b)),
    "gelu": PairCase(lambda rng: [((rng.normal(0, 2, s),), {}) for s in [(3, 4), (5,), (2, 3, 4)]],
                     lambda x: F.gelu(x, approximate="tanh")),
    "rotary": PairCase(lambda rng: [
        ((rng.standard_normal((2, 3, 4)),), {"positions": np.arange(3)}),
        ((rng.standard_normal((5, 2)),), {"positions": np.array([7, 3, 0, 11, 5])})], torch_rotary),
    "block": PairCase(lambda rng: [
        draw_block(rng, 2, 3, 8, 2, 5),
        draw_block(rng, 1, 2, 6, 1, 4, attention_mask([2], 2, causal=True))], torch_block),
}
LARGE = {
    "attention": lambda rng: draw_attention(rng, 2, 3, 7, 8, 5, 6),
    "multi_head_attention": lambda rng: draw_heads(rng, 3, 6, 8, 4,
                                                   attention_mask([6, 2, 4], 6, causal=True)),
    "layer_norm": lambda rng: draw_norm(rng, 5, 6, 16),
    "gelu": lambda rng: ((rng.normal(0, 2, (8, 9)),), {}),
    "rotary": lambda rng: ((rng.standard_normal((3, 7, 8)),), {"positions": np.arange(7)}),
    "block": lambda rng: draw_block(rng, 2, 5, 6, 3, 10, attention_mask([5, 3], 5, causal=False)),
}
