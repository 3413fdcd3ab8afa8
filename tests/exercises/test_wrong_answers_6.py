"""Answers to lesson 6 that its checks once judged wrongly, or told the wrong thing."""

import numpy as np
import pytest

from course_lib import attention
from course_lib.checks import check


def masks_in_place(q, k, v, *, mask=None):
    out, _ = attention.attention_forward(q, k, v, mask=mask)
    if mask is not None:
        mask[:] = True
    return out


def test_an_answer_that_changes_an_option_is_caught():
    result = check("6.1", masks_in_place)
    assert (result.status, result.mistake) == ("wrong", "changes its input")
    assert "changes mask in place" in result.message


def test_a_mask_with_one_axis_for_all_heads_must_do():
    def by_index(q, k, v, *, mask=None):
        scores = q @ k.swapaxes(-1, -2) / q.shape[-1]**0.5
        if mask is not None:
            scores[~mask] = -np.inf                       # only where the mask is whole
        top = scores.max(axis=-1, keepdims=True)
        e = np.exp(scores - np.where(np.isfinite(top), top, 0))
        total = e.sum(axis=-1, keepdims=True)
        return e / np.where(total > 0, total, 1) @ v
    assert check("6.1", by_index).status in ("wrong", "error")


def test_another_order_is_told_as_that():
    def turned(dout, cache):
        dx, dgamma, dbeta = attention.layer_norm_backward(dout, cache)
        return dgamma, dbeta, dx
    result = check("6.6", turned)
    assert "in the wrong order" in result.message and result.mistake is None


def test_a_wrong_past_is_told_in_a_few_words():
    def three(x, past, *weights, heads):
        out, (k, v) = attention.multi_head_step(x, past, *weights, heads=heads)
        return out, (k, v, v)

    def doubled(x, past, *weights, heads):
        out, (k, v) = attention.multi_head_step(x, past, *weights, heads=heads)
        return out, (2.5 * k, v)
    assert "where 2 are asked" in check("6.7", three).message
    assert "past[0] is 2.5 times" in check("6.7", doubled).message
    assert max(len(check("6.7", f).message) for f in (three, doubled)) < 300


def hide(ids, chosen, random, mask_id, how):
    inputs = np.where(chosen & (how < 0.8), mask_id, ids)
    return np.where(chosen & (how >= 0.9), random, inputs), np.where(chosen, ids, -100)


def one_for_each_column(ids, *, mask_id, V, rng, share=0.15, special=()):
    chosen = (rng.random(ids.shape) < share) & ~np.isin(ids, special)
    return hide(ids, chosen, rng.integers(0, V, ids.shape[1]), mask_id, rng.random(ids.shape))


def one_fate_for_each_row(ids, *, mask_id, V, rng, share=0.15, special=()):
    chosen = (rng.random(ids.shape) < share) & ~np.isin(ids, special)
    random = rng.integers(0, V, ids.shape)
    return hide(ids, chosen, random, mask_id, rng.random((len(ids), 1)))


def rounded(ids, *, mask_id, V, rng, share=0.15, special=()):
    chosen = (rng.random(ids.shape) < share) & ~np.isin(ids, special)
    random = np.rint(rng.random(ids.shape) * (V - 1)).astype(int)
    return hide(ids, chosen, random, mask_id, rng.random(ids.shape))


@pytest.mark.parametrize("answer", [one_for_each_column, one_fate_for_each_row, rounded])
def test_draws_that_hang_together_or_are_uneven(answer):
    for seed in range(3):
        assert check("6.8", answer, seed=seed).status == "wrong"


def test_another_number_than_minus_100_is_named():
    def minus_one(ids, **options):
        inputs, targets = attention.mask_tokens(ids, **options)
        return inputs, np.where(targets == -100, -1, targets)
    assert "targets is -1" in check("6.8", minus_one).message
