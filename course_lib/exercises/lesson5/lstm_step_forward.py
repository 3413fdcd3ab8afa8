"""5.4 lstm_step_forward."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.layers import sigmoid_forward
from course_lib.recurrent import lstm_step_forward

from .recurrent_inputs import SIZES, draw_step


def harness(answer, x, h, c, Wx, Wh, b):
    """Only h and c are compared: what is kept for the backward is the answer's own."""
    import numpy as np

    out = answer(x, h, c, Wx, Wh, b)
    if isinstance(out, (tuple, list)) and len(out) == 3:  # h, c, cache
        return out[:2]
    try:
        nested = len(out) == 2 and len(out[0]) == 2 and np.ndim(out[0][0]) == 2
    except (TypeError, ValueError):
        nested = False
    return out[0] if nested else out


def cases(rng):
    return [Case(draw_step(rng, size, gates=4, states=2)) for size in SIZES]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cell(i, f, g, o, c):
    """The right step from the sums of its four gates."""
    new_c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(new_c), new_c


def variant(step):
    """An answer that does something else with the four sums."""
    def answer(x, h, c, Wx, Wh, b):
        return step(*np.split(x @ Wx + h @ Wh + b, 4, axis=1), c)
    return answer


def by_sums(sums):
    """An answer whose sums are wrong."""
    def answer(x, h, c, Wx, Wh, b):
        return cell(*np.split(sums(x, h, Wx, Wh, b), 4, axis=1), c)
    return answer


def shown_before_tanh(i, f, g, o, c):
    new_c = cell(i, f, g, o, c)[1]
    return sigmoid(o) * new_c, new_c


def shown_by_sigmoid(i, f, g, o, c):
    new_c = cell(i, f, g, o, c)[1]
    return sigmoid(o) * sigmoid(new_c), new_c


def columns_mixed_up(x, h, c, Wx, Wh, b):
    z = (x @ Wx + h @ Wh + b).reshape(*c.shape, 4)
    return cell(*np.moveaxis(z, 2, 0), c)


def shows_the_old_cell(i, f, g, o, c):
    return sigmoid(o) * np.tanh(c), cell(i, f, g, o, c)[1]


def without(*names):
    def step(i, f, g, o, c):
        gates = {"i": sigmoid(i), "f": sigmoid(f), "o": sigmoid(o)} | dict.fromkeys(names, 1.0)
        new_c = gates["f"] * c + gates["i"] * np.tanh(g)
        return gates["o"] * np.tanh(new_c), new_c
    return variant(step)


def candidate_by_sigmoid(i, f, g, o, c):
    new_c = sigmoid(f) * c + sigmoid(i) * sigmoid(g)
    return sigmoid(o) * np.tanh(new_c), new_c


def gates_by_tanh(i, f, g, o, c):
    new_c = np.tanh(f) * c + np.tanh(i) * np.tanh(g)
    return np.tanh(o) * np.tanh(new_c), new_c


def one_gate_for_both(i, f, g, o, c):
    new_c = sigmoid(f) * c + (1 - sigmoid(f)) * np.tanh(g)
    return sigmoid(o) * np.tanh(new_c), new_c


def nothing_kept(i, f, g, o, c):
    return cell(i, f, g, o, 0 * c)


EXERCISE = Exercise(
    id="5.4",
    name="lstm_step_forward",
    points=2,
    minutes=20,
    reference=lstm_step_forward,
    cases=cases,
    given=(sigmoid_forward,),
    harness=harness,
    returns=("h", "c"),
    mistakes=[
        Mistake("input and forget exchanged", variant(lambda i, f, g, o, c: cell(f, i, g, o, c)),
                "input and forget gate are exchanged. PyTorch's order is input, forget, candidate, "
                "output."),
        Mistake("order i, f, o, g", variant(lambda i, f, g, o, c: cell(i, f, o, g, c)),
                "your last two parts are exchanged: you have input, forget, output, candidate. "
                "PyTorch's order is input, forget, candidate, output."),
        Mistake("order i, g, f, o", variant(lambda i, f, g, o, c: cell(i, g, f, o, c)),
                "you have input, candidate, forget, output. PyTorch's order is input, forget, "
                "candidate, output."),
        Mistake("order f, i, o, g", variant(lambda i, f, g, o, c: cell(f, i, o, g, c)),
                "you have forget, input, output, candidate. PyTorch's order is input, forget, "
                "candidate, output."),
        Mistake("sigmoid of the cell", variant(shown_by_sigmoid),
                "h is o times the sigmoid of the cell. It is o times its tanh, as in (6)."),
        Mistake("columns mixed up", columns_mixed_up,
                "the columns are not cut into four blocks: the first H columns of z are the input "
                "gate's. np.split(z, 4, axis=1) does it."),
        Mistake("tanh of the cell forgotten", variant(shown_before_tanh),
                "h is o times the cell itself. It is o times tanh of the cell, as in (6)."),
        Mistake("shows the old cell", variant(shows_the_old_cell),
                "h is made from the old cell. Make the new cell first, as in (5), then show it."),
        Mistake("candidate by sigmoid", variant(candidate_by_sigmoid),
                "the candidate g comes out of a sigmoid, so the cell could only ever grow. It is a "
                "tanh: from -1 to 1."),
        Mistake("gates by tanh", variant(gates_by_tanh),
                "the gates come out of a tanh. A gate is a share, from 0 to 1: sigmoid."),
        Mistake("no input gate", without("i"),
                "the candidate comes in whole: multiply it by the input gate."),
        Mistake("no forget gate", without("f"),
                "nothing is forgotten: multiply the old cell by the forget gate."),
        Mistake("no output gate", without("o"),
                "the output gate is missing: h = o * tanh(c)."),
        Mistake("1 - f for i", variant(one_gate_for_both),
                "you take in what you forget, 1 - f. That is the GRU's way; the LSTM has an input "
                "gate of its own."),
        Mistake("old cell lost", variant(nothing_kept),
                "the new cell has nothing of the old one: add f * c."),
        Mistake("old output lost", by_sums(lambda x, h, Wx, Wh, b: x @ Wx + b),
                "the gates do not see the old output: add h @ Wh."),
        Mistake("bias forgotten", by_sums(lambda x, h, Wx, Wh, b: x @ Wx + h @ Wh),
                "the bias is missing."),
        Mistake("exchanged", lambda *args: lstm_step_forward(*args)[0][::-1],
                "h and c are exchanged: return (h, c)."),
    ],
    hints=[
        "“How do I get four gates?” z = x @ Wx + h @ Wh + b has 4 H columns. "
        "np.split(z, 4, axis=1) gives the sums, in the order input, forget, candidate, output.",
        "“Which get a sigmoid?” Input, forget and output: they are shares. The candidate gets a "
        "tanh. layers.sigmoid_forward(...)[0] is there.",
        "“And then?” (5) makes the new cell, (6) shows it. Return (h, c), and a cache of your own.",
    ],
)
