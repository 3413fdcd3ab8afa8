"""Recurrent networks against PyTorch's modules, and what the pairs' own proofs do not cover."""

import numpy as np
import pytest
import torch

from course_lib import gradcheck, recurrent

GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}


def module_and_arrays(kind, B=3, T=6, D=4, H=5):
    """A PyTorch module in float64, a sequence and first states, and our weights."""
    torch.manual_seed(0)
    module = getattr(torch.nn, kind)(D, H, batch_first=True).double()
    rng = np.random.default_rng(0)
    x = rng.standard_normal((B, T, D))
    states = [rng.standard_normal((B, H)) for _ in range(2 if kind == "LSTM" else 1)]
    Wx, Wh = (w.detach().numpy().T for w in (module.weight_ih_l0, module.weight_hh_l0))
    bx, bh = (b.detach().numpy() for b in (module.bias_ih_l0, module.bias_hh_l0))
    return module, x, states, [Wx, Wh, bx, bh] if kind == "GRU" else [Wx, Wh, bx + bh]


@pytest.mark.parametrize("kind", GATES)
def test_equal_to_the_module_in_outputs_and_every_gradient(kind):
    module, x, states, weights = module_and_arrays(kind)
    name = kind.lower()
    out, cache = getattr(recurrent, f"{name}_forward")(x, *states, *weights)
    dout = gradcheck.draw_upstream(out, rng=np.random.default_rng(1))
    grads = getattr(recurrent, f"{name}_backward")(dout, cache)
    leaves = [torch.tensor(a, requires_grad=True) for a in (x, *states)]
    start = tuple(s[None] for s in leaves[1:])
    their_out, last = module(leaves[0], start if kind == "LSTM" else start[0])
    theirs = [their_out, *(s[0] for s in (last if kind == "LSTM" else [last]))]
    for mine, other in zip(out, theirs, strict=True):
        assert gradcheck.relative_error(mine, other.detach()) < 1e-12
    wanted = [*leaves, *module.parameters()]
    found = torch.autograd.grad(theirs, wanted, [torch.tensor(d) for d in dout])
    n = len(leaves)
    for mine, other in zip(grads[:n], found[:n], strict=True):
        assert gradcheck.relative_error(mine, other) < 1e-12
    dWx, dWh, *dbs = grads[n:]
    dbs = dbs if kind == "GRU" else dbs * 2               # our one bias is the sum of their two
    for mine, other in zip([dWx.T, dWh.T, *dbs], found[n:], strict=True):
        assert gradcheck.relative_error(mine, other) < 1e-12


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru"])
def test_a_sequence_is_its_steps_and_may_be_cut_in_two(name):
    _, x, states, weights = module_and_arrays(name.upper())
    forward = getattr(recurrent, f"{name}_forward")
    step = getattr(recurrent, f"{name}_step_forward")
    (outputs, *last), _ = forward(x, *states, *weights)
    now = states
    for t in range(x.shape[1]):
        now, _ = step(x[:, t], *now, *weights)
        now = now if isinstance(now, tuple) else (now,)
        assert np.array_equal(outputs[:, t], now[0])
    (first, *middle), _ = forward(x[:, :2], *states, *weights)
    (second, *end), _ = forward(x[:, 2:], *middle, *weights)
    assert np.array_equal(np.concatenate([first, second], axis=1), outputs)
    assert all(np.array_equal(a, b) for a, b in zip(end, last, strict=True))


def test_an_lstm_whose_gates_are_open_keeps_its_cell():
    """Forget gate 1, input gate 0: the cell passes through, and so does its gradient."""
    H = 3
    b = np.repeat([-50.0, 50.0, 0.0, 0.0], H)             # input, forget, candidate, output
    c = np.array([[0.5, -1.0, 2.0]])
    weights = np.zeros((2, 4 * H)), np.zeros((H, 4 * H)), b
    x, h = np.ones((1, 100, 2)), np.zeros((1, H))
    (_, _, last), cache = recurrent.lstm_forward(x, h, c, *weights)
    assert np.allclose(last, c)
    dout = np.zeros((1, 100, H)), np.zeros((1, H)), np.array([[1.0, 2.0, 3.0]])
    assert np.allclose(recurrent.lstm_backward(dout, cache)[2], [[1.0, 2.0, 3.0]])


@pytest.mark.parametrize("call, words", [
    (lambda: recurrent.rnn_forward(np.ones((2, 3)), np.ones((2, 4)), np.ones((3, 4)),
                                   np.ones((4, 4)), np.ones(4)), r"give it as \(B, T, D\)"),
    (lambda: recurrent.rnn_forward(np.ones((2, 0, 3)), np.ones((2, 4)), np.ones((3, 4)),
                                   np.ones((4, 4)), np.ones(4)), "T at least 1"),
    (lambda: recurrent.lstm_step_forward(np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 4)),
                                         np.ones((3, 4)), np.ones((4, 4)), np.ones(4)),
     r"Wx \(D, 4 H\)"),
    (lambda: recurrent.gru_step_forward(np.ones((2, 3)), np.ones((3, 4)), np.ones((3, 12)),
                                        np.ones((4, 12)), np.ones(12), np.ones(12)),
     r"h \(3, 4\)"),
])
def test_bad_shapes_are_told(call, words):
    with pytest.raises(ValueError, match=words):
        call()
