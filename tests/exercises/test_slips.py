"""The first slips: what people type first, and what the check must say to it."""

import numpy as np
import pytest

from course_lib import exercises, value
from course_lib.checks import check

SLIPS = {}


def says(id, *words):
    """Register an answer to an exercise, with what the check must say."""
    def keep(fn):
        SLIPS[f"{id} {fn.__name__}"] = (id, fn, words)
        return fn
    return keep


@says("1.1", "Nudge one entry at a time")
def one_number(f, x, *, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


@says("1.1", "np.ndindex(x.shape)")
def along_the_first_axis(f, x, *, h=1e-5):
    grad = np.zeros_like(x)
    for i in range(len(x)):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        grad[i] = (f(up) - f(down)) / (2 * h)
    return grad


@says("1.2", "write value.Value")
def value_without_its_module(a, b):
    return Value(a.data * b.data)                         # noqa: F821


@says("1.2", "def backward(dout)")
def as_micrograd_does(a, b):
    def _backward():
        a.grad += b.data * out.grad
    out = value.Value(a.data * b.data, parents=(a, b), op="*", backward=_backward)
    return out


@says("1.2", "no parentheses")
def called_at_once(a, b):
    def backward(dout):
        a.grad += b.data * dout
        b.grad += a.data * dout
    return value.Value(a.data * b.data, parents=(a, b), op="*", backward=backward())


@says("1.2", "the library's own product")
def the_librarys_product(a, b):
    return a * b


@says("1.2", "out.op")
def no_op(a, b):
    def backward(dout):
        a.grad += b.data * dout
        b.grad += a.data * dout
    return value.Value(a.data * b.data, parents=(a, b), backward=backward)


@says("1.3", "listed more than once", "b = a + a", "root")
def every_parent_again(root):
    order, stack = [], [root]
    while stack:
        node = stack.pop()
        order.insert(0, node)
        stack.extend(node.parents)
    return order


@says("1.4", "a matrix product is @")
def star_for_at(dout, cache):
    x, W = cache
    return dout * W.T, x.T @ dout, dout.sum(axis=0)


@says("1.4", "is a transpose missing")
def no_transpose(dout, cache):
    x, W = cache
    return dout @ W.T, x @ dout, dout.sum(axis=0)


@says("1.5", "write **")
def hat_for_power(dout, cache):
    activation, kept = cache
    return dout * (1 - kept ^ 2)


@says("1.5", "Multiply by that array")
def if_of_an_array(dout, cache):
    activation, kept = cache
    if kept > 0:
        return dout
    return 0 * dout


@says("1.5", "parentheses are missing")
def precedence(dout, cache):
    activation, kept = cache
    if activation == "tanh":
        return dout * 1 - kept**2
    return exercises.get("1.5").reference(dout, cache)


@says("1.6", "They are places")
def labels_for_y(dout, cache):
    p, labels = cache
    return dout * (p - labels) / len(labels)


@says("1.6", "Pair each row with its own label")
def whole_columns(dout, cache):
    p, labels = cache
    d = p.copy()
    d[:, labels] -= 1
    return dout * d / len(p)


@says("1.6", "It is the softmax already")
def softmax_of_p(dout, cache):
    p, labels = cache
    q = np.exp(p) / np.exp(p).sum(axis=1, keepdims=True)
    q[np.arange(len(p)), labels] -= 1
    return dout * q / len(p)


@says("1.8", "its activation_cache is None")
def no_test_for_none(dout, cache):
    from course_lib import layers
    grads = []
    for linear_cache, activation_cache in reversed(cache):
        dout = layers.activation_backward(dout, activation_cache)
        dout, dW, db = layers.linear_backward(dout, linear_cache)
        grads = [dW, db, *grads]
    return dout, *grads


@says("2.1", "is not defined", "misspelt")
def misspelt(prediction, *, target):
    return eror.mean(), eror                              # noqa: F821


@says("2.1", "np.mean")
def numpys_name(prediction, *, target):
    return mean((prediction - target) ** 2), prediction   # noqa: F821


@says("2.1", "has no sqare", "Did you mean square")
def numpys_name_misspelt(prediction, *, target):
    return np.sqare(prediction - target).mean(), prediction


@says("3.3", "epsilon-hat")
def as_tensorflow_does(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8):
    t = state.get("t", 0) + 1
    m = betas[0] * state.get("m", 0.0) + (1 - betas[0]) * grad
    s = betas[1] * state.get("s", 0.0) + (1 - betas[1]) * grad**2
    step = lr * np.sqrt(1 - betas[1]**t) / (1 - betas[0]**t) * m / (np.sqrt(s) + eps)
    return param - step, {"t": t, "m": m, "s": s}


@says("4.1", "return them as int")
def floor_gives_a_float(size, kernel_size, *, stride=1, padding=0, dilation=1):
    return np.floor((size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1


@says("7.8", "0 times -inf")
def p_log_p(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    from course_lib import layers
    T = temperature
    p, _ = layers.softmax_forward(teacher / T)
    z = logits / T - (logits / T).max(axis=1, keepdims=True)
    log_q = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    soft = (p * (np.log(p) - log_q)).sum(axis=1).mean()
    hard, cache = layers.cross_entropy_forward(logits, labels=labels)
    grad = T * (np.exp(log_q) - p) / len(p)
    return alpha * T**2 * soft + (1 - alpha) * hard, alpha * grad + (
        1 - alpha) * layers.cross_entropy_backward(1.0, cache)


@pytest.mark.parametrize("name", SLIPS)
def test_a_first_slip_is_told_in_its_own_words(name):
    id, fn, words = SLIPS[name]
    result = check(id, fn)
    assert result.status in ("wrong", "error")
    for word in words:
        assert word in result.message, result.message
    assert len(result.message.splitlines()) <= 10
