"""5.2 rnn_step_and_grad."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.recurrent import rnn_step_and_grad

from .recurrent_inputs import SIZES, draw_step


def cases(rng):
    return [Case((*draw_step(rng, size, gates=1, states=1), rng.standard_normal(size[::2])))
            for size in SIZES]


def variant(slope):
    """An answer with another derivative of tanh."""
    def answer(x, h, Wx, Wh, b, dout):
        z = x @ Wx + h @ Wh + b
        dz = dout * slope(z, np.tanh(z))
        return np.tanh(z), dz @ Wx.T, dz @ Wh.T, x.T @ dz, h.T @ dz, dz.sum(axis=0)
    return answer


not_squared = variant(lambda z, out: 1 - out)
of_the_sum = variant(lambda z, out: 1 - z**2)
no_slope = variant(lambda z, out: np.ones_like(out))
sigmoids = variant(lambda z, out: out * (1 - out))


def no_tanh(x, h, Wx, Wh, b, dout):
    return x @ Wx + h @ Wh + b, *no_slope(x, h, Wx, Wh, b, dout)[1:]


def old_state_forgotten(x, h, Wx, Wh, b, dout):
    return rnn_step_and_grad(x, 0 * h, Wx, Wh, b, dout)


def bias_forgotten(x, h, Wx, Wh, b, dout):
    return rnn_step_and_grad(x, h, Wx, Wh, 0 * b, dout)


def dh_not_transposed(x, h, Wx, Wh, b, dout):
    out, dx, _, *rest = rnn_step_and_grad(x, h, Wx, Wh, b, dout)
    return out, dx, (dout * (1 - out**2)) @ Wh, *rest


def weights_transposed(x, h, Wx, Wh, b, dout):
    out, dx, dh, dWx, dWh, db = rnn_step_and_grad(x, h, Wx, Wh, b, dout)
    return out, dx, dh, dWx.T, dWh.T, db


def db_not_summed(x, h, Wx, Wh, b, dout):
    out, *grads, _ = rnn_step_and_grad(x, h, Wx, Wh, b, dout)
    return out, *grads, dout * (1 - out**2)


def means(x, h, Wx, Wh, b, dout):
    out, dx, dh, *grads = rnn_step_and_grad(x, h, Wx, Wh, b, dout)
    return out, dx, dh, *(g / len(x) for g in grads)


def db_mean(x, h, Wx, Wh, b, dout):
    out, *grads, db = rnn_step_and_grad(x, h, Wx, Wh, b, dout)
    return out, *grads, db / len(x)


def new_state_in_dWh(x, h, Wx, Wh, b, dout):
    out, dx, dh, dWx, _, db = rnn_step_and_grad(x, h, Wx, Wh, b, dout)
    return out, dx, dh, dWx, out.T @ (dout * (1 - out**2)), db


EXERCISE = Exercise(
    id="5.2",
    name="rnn_step_and_grad",
    points=2,
    minutes=20,
    reference=rnn_step_and_grad,
    cases=cases,
    returns=("out", "dx", "dh", "dWx", "dWh", "db"),
    mistakes=[
        Mistake("not squared", not_squared,
                "the slope of tanh is 1 - out². You take 1 - out."),
        Mistake("slope of the sum", of_the_sum,
                "you take 1 - z² for the slope of tanh, with z before the tanh. It is 1 - out², "
                "with what came out."),
        Mistake("slope of the sigmoid", sigmoids,
                "out (1 - out) is the slope of the sigmoid. That of tanh is 1 - out²."),
        Mistake("no slope", no_slope,
                "the gradients do not pass through tanh: multiply dout by its slope, 1 - out², "
                "first."),
        Mistake("no tanh", no_tanh,
                "the tanh is missing, forward and backward."),
        Mistake("old state forgotten", old_state_forgotten,
                "the old state has no part in the new one: add h @ Wh."),
        Mistake("bias forgotten", bias_forgotten,
                "the bias is missing in the forward step."),
        Mistake("dh not transposed", dh_not_transposed,
                "dh uses Wh, and should use its transpose. Wh is square, so NumPy cannot notice."),
        Mistake("weights transposed", weights_transposed,
                "dWx and dWh are transposed: a gradient has the shape of its weights. x.T @ dz."),
        Mistake("db not summed", db_not_summed,
                "db has a row for each example. b was added to every row, so its gradient is their "
                "sum."),
        Mistake("means over the batch", means,
                "dWx, dWh and db are means over the batch. The weights were used in every row, and "
                "gradients of uses add. (If the loss is a mean, dout brings the 1/B along.)"),
        Mistake("db a mean", db_mean,
                "db is a mean over the batch. b was used in every row, and gradients of copies "
                "add."),
        Mistake("dWh with the new state", new_state_in_dWh,
                "dWh is made with the new state. Wh was multiplied by the old one: h.T @ dz."),
    ],
    hints=[
        "“What is new here?” Nothing: it is linear, linear, add, tanh. Write z = x @ Wx + h @ Wh + "
        "b first.",
        "“Where do I begin backward?” At the end: dz = dout * (1 - out**2). All five gradients are "
        "made of dz.",
        "“And then?” dx and dh are dz times transposed weights; dWx and dWh are transposed inputs "
        "times dz; db is the sum of dz over the batch.",
    ],
)
