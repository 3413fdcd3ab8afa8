"""Answers to lesson 5 that its checks once judged wrongly, or told the wrong thing."""

import numpy as np
import pytest

from course_lib import layers, metrics, recurrent
from course_lib.checks import check


def soft(logits, temperature):
    return layers.softmax_forward(logits / temperature)[0]


def token_and_p(logits, *, temperature=1.0, rng):
    p = soft(logits, temperature)
    return rng.choice(len(p), p=p), p


def a_letter(logits, *, temperature=1.0, rng):
    return "abc"[rng.integers(3)]


def a_dictionary(logits, *, temperature=1.0, rng):
    return {"token": 1}


def all_above(logits, *, temperature=1.0, rng):
    return np.where(np.cumsum(soft(logits, temperature)) > rng.random())[0]


def a_float(logits, *, temperature=1.0, rng):
    return float(rng.choice(len(logits), p=soft(logits, temperature)))


def from_minus_one(logits, *, temperature=1.0, rng):
    return rng.choice(len(logits), p=soft(logits, temperature)) - 1


def own_generator_one(logits, *, temperature=1.0, rng):
    return np.random.default_rng(1).choice(len(logits), p=soft(logits, temperature))


@pytest.mark.parametrize("answer, words", [
    (token_and_p, "one int"), (a_letter, "one int"), (a_dictionary, "one int"),
    (all_above, "one int"), (a_float, "return int(...)"), (from_minus_one, "it returns -1"),
    (own_generator_one, "rng")])
def test_a_draw_that_is_none_is_told(answer, words):
    result = check("5.7", answer)
    assert (result.status, result.points) == ("wrong", 0)
    assert words in result.message and result.mistake != "the logit"


def test_a_softmax_without_shift_is_named():
    def answer(logits, *, temperature=1.0, rng):
        e = np.exp(logits / temperature)
        return rng.choice(len(logits), p=e / e.sum())
    assert "overflows" in check("5.7", answer).message


@pytest.mark.parametrize("form", [
    lambda h, c: ((h, c), "cache"), lambda h, c: (h, c, "cache"), lambda h, c: (h, c),
    lambda h, c: (np.stack([h, c]), None), lambda h, c: ([h.tolist(), c.tolist()], 3),
    lambda h, c: (h.tolist(), c.tolist())])
def test_the_lstm_step_may_be_returned_in_several_forms(form):
    result = check("5.4", lambda *args: form(*recurrent.lstm_step_forward(*args)[0]))
    assert result.status == "right", result.message


@pytest.mark.parametrize("form", [lambda h: h, lambda h: (h, "cache"), lambda h: h.tolist(),
                                  lambda h: (h.tolist(), "cache"), lambda h: [h, None]])
def test_the_gru_step_may_be_returned_in_several_forms(form):
    result = check("5.6", lambda *args: form(recurrent.gru_step_forward(*args)[0]))
    assert result.status == "right", result.message


def test_an_infinite_perplexity_hides_nothing():
    def almost(p):
        return 1e300 if (p == 0).any() else metrics.perplexity(p)
    assert check("5.1", almost).status == "wrong"


def test_one_time_step_too_few():
    def answer(dout, cache):
        doutputs, dlast = dout
        if len(cache) > 1:                                # the first step is forgotten
            dx, dh, *grads = recurrent.rnn_backward((doutputs[:, 1:], dlast), cache[1:])
            return np.concatenate([0 * dx[:, :1], dx], axis=1), dh, *grads
        return recurrent.rnn_backward(dout, cache)
    assert check("5.3", answer).status == "wrong"
