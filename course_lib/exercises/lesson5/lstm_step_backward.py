"""5.5 lstm_step_backward."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.recurrent import lstm_step_backward, lstm_step_forward

from .recurrent_inputs import SIZES, draw_step


def cases(rng):
    found = []
    for size in SIZES:
        out, cache = lstm_step_forward(*draw_step(rng, size, gates=4, states=2))
        found.append(Case((tuple(rng.standard_normal(o.shape) for o in out), cache)))
    return found


def variant(change):
    """An answer that is right but for what `change` does to its parts, before they are used."""
    def answer(dout, cache):
        dh, dc = dout
        x, h, c, Wx, Wh, i, f, g, o, shown = cache
        part = {"dc": dc + dh * o * (1 - shown**2)}
        part |= {"i": part["dc"] * g * i * (1 - i), "f": part["dc"] * c * f * (1 - f),
                 "g": part["dc"] * i * (1 - g**2), "o": dh * shown * o * (1 - o),
                 "old": part["dc"] * f}
        named = dict(zip(("dh", "dc_in", "c", "ig", "fg", "g_", "og", "shown"),
                         (dh, dc, c, i, f, g, o, shown), strict=True))
        part |= change(part, named)
        dz = np.concatenate([part[k] for k in "ifgo"], axis=1)
        return dz @ Wx.T, dz @ Wh.T, part["old"], x.T @ dz, h.T @ dz, dz.sum(axis=0)
    return answer


def through(total):
    """The five parts that depend on dc, for another dc."""
    def change(p, n):
        dc = total(n)
        return {"i": dc * n["g_"] * n["ig"] * (1 - n["ig"]),
                "f": dc * n["c"] * n["fg"] * (1 - n["fg"]),
                "g": dc * n["ig"] * (1 - n["g_"]**2), "old": dc * n["fg"]}
    return variant(change)


def no_slopes(p, n):
    return {"i": p["dc"] * n["g_"], "f": p["dc"] * n["c"], "g": p["dc"] * n["ig"],
            "o": n["dh"] * n["shown"]}


def new_cell_in_f(p, n):
    return {"f": p["dc"] * np.arctanh(n["shown"]) * n["fg"] * (1 - n["fg"])}


def gates_without_slopes(p, n):
    return {"i": p["dc"] * n["g_"], "f": p["dc"] * n["c"], "o": n["dh"] * n["shown"]}


def input_and_forget_exchanged(p, n):
    return {"i": p["f"], "f": p["i"]}


def candidate_as_gate(p, n):
    return {"g": p["dc"] * n["ig"] * n["g_"] * (1 - n["g_"])}


def gates_as_candidates(p, n):
    return {"i": p["dc"] * n["g_"] * (1 - n["ig"]**2), "f": p["dc"] * n["c"] * (1 - n["fg"]**2),
            "o": n["dh"] * n["shown"] * (1 - n["og"]**2)}


def with_old_c_handed_on(p, n):
    return {"old": p["dc"]}


def by_the_input_gate(p, n):
    return {"old": p["dc"] * n["ig"]}


def only_what_came(p, n):
    return {"old": n["dc_in"] * n["fg"]}


def o_without_tanh(p, n):
    return {"o": n["dh"] * np.arctanh(n["shown"]) * n["og"] * (1 - n["og"])}


def o_by_dc(p, n):
    return {"o": p["dc"] * n["shown"] * n["og"] * (1 - n["og"])}


def order_changed(p, n):
    return {"g": p["o"], "o": p["g"]}


def weights_transposed(dout, cache):
    dx, dh, dc, dWx, dWh, db = lstm_step_backward(dout, cache)
    return dx, dh, dc, dWx.T, dWh.T, db


def db_mean(dout, cache):
    *grads, db = lstm_step_backward(dout, cache)
    return *grads, db / len(cache[0])


EXERCISE = Exercise(
    id="5.5",
    name="lstm_step_backward",
    points=4,
    minutes=35,
    reference=lstm_step_backward,
    cases=cases,
    returns=("dx", "dh", "dc", "dWx", "dWh", "db"),
    mistakes=[
        Mistake("the way through h missing", through(lambda n: n["dc_in"]),
                "the cell's gradient is only what came from the next step. The cell is also shown, "
                "in h: add dh * o * (1 - tanh(c)²)."),
        Mistake("the way through c missing", through(
            lambda n: n["dh"] * n["og"] * (1 - n["shown"]**2)),
            "the dc that came from the next step is lost. The cell goes on in two ways: add both."),
        Mistake("tanh of the cell has no slope", through(lambda n: n["dc_in"] + n["dh"] * n["og"]),
                "on the way from h to the cell, the slope of tanh is missing: 1 - shown²."),
        Mistake("output gate missing", through(
            lambda n: n["dc_in"] + n["dh"] * (1 - n["shown"]**2)),
            "on the way from h to the cell, the output gate is missing: h = o * tanh(c)."),
        Mistake("no slopes", variant(no_slopes),
                "the gradients of the gates do not pass their sigmoid or tanh: multiply by "
                "i (1 - i), f (1 - f), 1 - g² and o (1 - o)."),
        Mistake("gates without slopes", variant(gates_without_slopes),
                "the candidate passes its slope, but the gates do not pass theirs: multiply by "
                "i (1 - i), f (1 - f) and o (1 - o)."),
        Mistake("input and forget exchanged", variant(input_and_forget_exchanged),
                "input and forget gate are exchanged in dz. The order is input, forget, candidate, "
                "output, as it was forward."),
        Mistake("candidate as a gate", variant(candidate_as_gate),
                "you take g (1 - g) for the candidate's slope. It came out of a tanh: 1 - g²."),
        Mistake("gates as candidates", variant(gates_as_candidates),
                "you take 1 - gate² for the gates' slopes. They came out of a sigmoid: "
                "gate (1 - gate)."),
        Mistake("new cell for the forget gate", variant(new_cell_in_f),
                "the forget gate's gradient is made with the new cell. It was multiplied by the "
                "old one, c in the cache."),
        Mistake("not through the forget gate", variant(with_old_c_handed_on),
                "dc for the step before does not pass the forget gate: c was multiplied by f."),
        Mistake("through the input gate", variant(by_the_input_gate),
                "dc for the step before passes the input gate. The old cell was multiplied by f."),
        Mistake("only a part handed back", variant(only_what_came),
                "dc for the step before has only the part that came along the cell. The part that "
                "came through h belongs to it too. Add both once, at the beginning, and use the "
                "sum everywhere: for the gates, and times f for the step before."),
        Mistake("output gate without tanh", variant(o_without_tanh),
                "the output gate's gradient is made with the cell. The gate was multiplied by "
                "tanh of the cell: shown."),
        Mistake("output gate by dc", variant(o_by_dc),
                "the output gate's gradient is made with dc. The gate has a part in h only: dh."),
        Mistake("order of the parts", variant(order_changed),
                "candidate and output gate are exchanged in dz. The order is input, forget, "
                "candidate, output, as it was forward."),
        Mistake("weights transposed", weights_transposed,
                "dWx and dWh are transposed: x.T @ dz has the shape of Wx."),
        Mistake("db a mean", db_mean,
                "db is a mean over the batch. b was used in every row: sum."),
    ],
    hints=[
        "“What do I have?” dout is (dh, dc), for the two outputs. The cache holds the inputs, the "
        "gates i, f, g, o as they came out of sigmoid and tanh, and shown = tanh of the new cell.",
        "“Where do I begin?” With the new cell. Its gradient comes two ways: along the cell (dc) "
        "and through h = o * shown. Add them; everything else hangs on that sum.",
        "“And the gates?” new_c = f * c + i * g: so i gets dc * g, f gets dc * c, g gets dc * i. "
        "And o gets dh * shown. Then each passes its own slope.",
        "“How do I finish?” dz = np.concatenate([...], axis=1) of the four, in the order i, f, g, "
        "o. From dz on it is two linear layers, as in 5.2. And dc for the step before is dc * f.",
    ],
)
