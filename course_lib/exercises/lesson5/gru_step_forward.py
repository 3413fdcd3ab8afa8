"""5.6 gru_step_forward."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.layers import sigmoid_forward
from course_lib.recurrent import gru_step_forward

from .recurrent_inputs import SIZES, draw_step


def harness(answer, x, h, Wx, Wh, bx, bh):
    """Only the new state is compared: what is kept for the backward is the answer's own."""
    import numpy as np

    out = answer(x, h, Wx, Wh, bx, bh)
    try:
        pair = isinstance(out, (tuple, list)) and len(out) == 2 and np.ndim(out[0]) == 2
    except ValueError:
        pair = False
    return out[0] if pair else out


def cases(rng):
    return [Case(draw_step(rng, size, gates=3, states=1, biases=2)) for size in SIZES]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def variant(step):
    """An answer that does something else with the sums."""
    def answer(x, h, Wx, Wh, bx, bh):
        return step(*np.split(x @ Wx + bx, 3, axis=1), *np.split(h @ Wh + bh, 3, axis=1), h)
    return answer


def update_turned(ar, az, an, ur, uz, un, h):
    z, n = sigmoid(az + uz), np.tanh(an + sigmoid(ar + ur) * un)
    return z * n + (1 - z) * h


def order_z_r(ar, az, an, ur, uz, un, h):
    z, n = sigmoid(ar + ur), np.tanh(an + sigmoid(az + uz) * un)
    return (1 - z) * n + z * h


def order_n_first(ar, az, an, ur, uz, un, h):
    z, n = sigmoid(an + un), np.tanh(ar + sigmoid(az + uz) * ur)
    return (1 - z) * n + z * h


def no_reset(ar, az, an, ur, uz, un, h):
    z, n = sigmoid(az + uz), np.tanh(an + un)
    return (1 - z) * n + z * h


def reset_on_all(ar, az, an, ur, uz, un, h):
    z, n = sigmoid(az + uz), np.tanh(sigmoid(ar + ur) * (an + un))
    return (1 - z) * n + z * h


def reset_on_the_input(ar, az, an, ur, uz, un, h):
    z, n = sigmoid(az + uz), np.tanh(sigmoid(ar + ur) * an + un)
    return (1 - z) * n + z * h


def candidate_by_sigmoid(ar, az, an, ur, uz, un, h):
    z, n = sigmoid(az + uz), sigmoid(an + sigmoid(ar + ur) * un)
    return (1 - z) * n + z * h


def old_state_lost(ar, az, an, ur, uz, un, h):
    return (1 - sigmoid(az + uz)) * np.tanh(an + sigmoid(ar + ur) * un)


def candidate_whole(ar, az, an, ur, uz, un, h):
    return np.tanh(an + sigmoid(ar + ur) * un) + sigmoid(az + uz) * h


def as_in_the_paper(x, h, Wx, Wh, bx, bh):
    """The reset gate on h, before the product with Wh."""
    H = h.shape[1]
    r, z = np.split(sigmoid((x @ Wx + bx + h @ Wh + bh)[:, :2 * H]), 2, axis=1)
    n = np.tanh((x @ Wx + bx)[:, 2 * H:] + (r * h) @ Wh[:, 2 * H:] + bh[2 * H:])
    return (1 - z) * n + z * h


def bias_outside(x, h, Wx, Wh, bx, bh):
    """The candidate's second bias is not multiplied by the reset gate."""
    H = h.shape[1]
    moved = np.concatenate([np.zeros(2 * H), bh[2 * H:]])
    return gru_step_forward(x, h, Wx, Wh, bx + moved, bh - moved)[0]


def one_bias(x, h, Wx, Wh, bx, bh):
    return gru_step_forward(x, h, Wx, Wh, bx, 0 * bh)[0]


def other_bias(x, h, Wx, Wh, bx, bh):
    return gru_step_forward(x, h, Wx, Wh, 0 * bx, bh)[0]


def no_bias(x, h, Wx, Wh, bx, bh):
    return gru_step_forward(x, h, Wx, Wh, 0 * bx, 0 * bh)[0]


EXERCISE = Exercise(
    id="5.6",
    name="gru_step_forward",
    points=2,
    minutes=20,
    reference=gru_step_forward,
    cases=cases,
    given=(sigmoid_forward,),
    harness=harness,
    returns=("the new state",),
    mistakes=[
        Mistake("update gate turned round", variant(update_turned),
                "z is the share of the candidate. In (8), as in PyTorch, it is the share of the "
                "old state: (1 - z) n + z h."),
        Mistake("order z, r, n", variant(order_z_r),
                "reset and update gate are exchanged. PyTorch's order is reset, update, "
                "candidate."),
        Mistake("order n, r, z", variant(order_n_first),
                "you have candidate, reset, update. PyTorch's order is reset, update, candidate."),
        Mistake("no reset gate", variant(no_reset),
                "the reset gate does nothing: in the candidate it multiplies the old state's "
                "part."),
        Mistake("reset on the input too", variant(reset_on_all),
                "the reset gate multiplies the input's part as well. Only the old state's part: "
                "tanh(an + r * un)."),
        Mistake("reset on the wrong part", variant(reset_on_the_input),
                "the reset gate multiplies the input's part. It multiplies the old state's part: "
                "tanh(an + r * un)."),
        Mistake("reset before the product", as_in_the_paper,
                "the reset gate multiplies h before the product with Wh. So it stands in the "
                "paper; PyTorch and (7) multiply h Wh + bh, after the product."),
        Mistake("bias outside", bias_outside,
                "the candidate's second bias is not multiplied by the reset gate. It belongs to "
                "the old state's part: r * (h @ Wh + bh)."),
        Mistake("second bias forgotten", one_bias,
                "bh is missing."),
        Mistake("first bias forgotten", other_bias,
                "bx is missing."),
        Mistake("no bias", no_bias,
                "both biases are missing: bx belongs to the input's part, bh to the old state's."),
        Mistake("candidate by sigmoid", variant(candidate_by_sigmoid),
                "the candidate comes out of a sigmoid. It is a tanh."),
        Mistake("old state lost", variant(old_state_lost),
                "the new state has nothing of the old one but the candidate: add z * h."),
        Mistake("candidate whole", variant(candidate_whole),
                "the candidate comes in whole. The two shares add up to 1: (1 - z) n + z h."),
    ],
    hints=[
        "“Why two sums?” Because the reset gate comes between them in the candidate. Make "
        "a = x @ Wx + bx and u = h @ Wh + bh, and split each in three: reset, update, candidate.",
        "“What are the gates?” r = sigmoid(ar + ur) and z = sigmoid(az + uz).",
        "“And then?” n = tanh(an + r * un), and the new state is (1 - z) * n + z * h.",
    ],
)
