"""1.5 activation_backward: sigmoid, tanh and ReLU."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.layers import (
    activation_backward,
    activation_forward,
    relu_backward,
    sigmoid_backward,
    sigmoid_forward,
    tanh_backward,
)


def cases(rng):
    found = []
    for activation, shape in [("sigmoid", (3, 4)), ("tanh", (2, 5)), ("relu", (4, 3)),
                              ("relu", (6,)), ("tanh", (2, 1, 3)), ("sigmoid", (5, 2))]:
        x = rng.normal(0.0, 1.5, shape)
        x.flat[:2] = 0.0, 1e-3         # where ReLU's slope is a convention; where it is 1, just
        _, cache = activation_forward(x, activation=activation)
        found.append(Case((rng.standard_normal(shape), cache)))
    return found


def swapped(name, wrong):
    """The reference, with one of its three functions replaced by a wrong one."""
    def answer(dout, cache):
        activation, kept = cache
        return wrong(dout, kept) if activation == name else activation_backward(dout, cache)
    return answer


def sigmoid_twice(dout, kept):
    return sigmoid_backward(dout, sigmoid_forward(kept)[0])


def sigmoid_itself(dout, kept):
    return dout * kept


def tanh_twice(dout, kept):
    return tanh_backward(dout, np.tanh(kept))


def tanh_no_square(dout, kept):
    return dout * (1 - kept)


def tanh_without_parentheses(dout, kept):
    return dout * 1 - kept**2


def relu_of_gradient(dout, kept):
    return np.maximum(dout, 0)


def relu_itself(dout, kept):
    return dout * np.maximum(kept, 0)


def relu_one_at_zero(dout, kept):
    return dout * (kept >= 0)


def forgets_upstream(dout, cache):
    return activation_backward(np.ones_like(dout), cache)


EXERCISE = Exercise(
    id="1.5",
    name="activation_backward",
    points=3,
    minutes=15,
    reference=activation_backward,
    parts=(sigmoid_backward, tanh_backward, relu_backward, activation_backward),
    cases=cases,
    returns=("dx",),
    mistakes=[
        Mistake("forgets dout", forgets_upstream,
                "you return the derivative alone. Multiply it by dout, the gradient that arrives "
                "from above: that is the chain rule."),
        Mistake("sigmoid twice", swapped("sigmoid", sigmoid_twice),
                "for sigmoid you apply sigmoid again. kept already is the output s: the derivative "
                "is s (1 - s), no exponential needed."),
        Mistake("sigmoid itself", swapped("sigmoid", sigmoid_itself),
                "for sigmoid you multiply by s. The derivative is s (1 - s)."),
        Mistake("tanh twice", swapped("tanh", tanh_twice),
                "for tanh you apply tanh again. kept already is the output t: the derivative is "
                "1 - t²."),
        Mistake("no parentheses", swapped("tanh", tanh_without_parentheses),
                "for tanh the parentheses are missing: dout * 1 - t**2 is (dout * 1) - t**2. Write "
                "dout * (1 - t**2)."),
        Mistake("tanh without square", swapped("tanh", tanh_no_square),
                "for tanh the square is missing: the derivative is 1 - t², not 1 - t."),
        Mistake("relu of dout", swapped("relu", relu_of_gradient),
                "for ReLU you cut dout at zero. What decides is the sign of the input x, not that "
                "of the gradient: a negative gradient must pass where x > 0."),
        Mistake("relu at zero", swapped("relu", relu_one_at_zero),
                "right but for x = 0, where ReLU has no slope and we take 0, as PyTorch's relu "
                "does: write x > 0, not x >= 0."),
        Mistake("relu itself", swapped("relu", relu_itself),
                "for ReLU you multiply by its output. Its slope is 1 where x > 0, whatever x is."),
    ],
    hints=[
        "“What is in the cache?” A name and an array: activation, kept = cache. kept is the output "
        "for sigmoid and tanh, and the input x for ReLU.",
        "“I know the derivative only in terms of x.” For s = sigmoid(x) it is s (1 - s), for "
        "t = tanh(x) it is 1 - t². Both need nothing but the output.",
        "“And for ReLU?” The slope is 1 where x > 0 and 0 elsewhere: (x > 0) is an array of just "
        "that, once it is multiplied by dout.",
    ],
)
