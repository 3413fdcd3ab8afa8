"""5.3 rnn_backward."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.recurrent import rnn_backward, rnn_forward, rnn_step_backward

SIZES = [(2, 4, 3, 5), (3, 5, 2, 4), (1, 3, 4, 2), (4, 2, 5, 3), (2, 1, 3, 4)]   # B, T, D, H


def cases(rng):
    found = []
    for B, T, D, H in SIZES:
        draw = rng.standard_normal
        weights = draw((D, H)), draw((H, H)) / H**0.5, draw(H)
        out, cache = rnn_forward(draw((B, T, D)), draw((B, H)), *weights)
        found.append(Case((tuple(draw(o.shape) for o in out), cache)))
    return found


def bptt(dout, cache, *, add=True, outputs=True, last="once", hand_on=True):
    """Backpropagation through time, with parts that can be left out."""
    doutputs, dlast = dout
    T, dh, dxs, total = len(cache), 0.0 * dlast, [], [0.0, 0.0, 0.0]
    for t in reversed(range(T)):
        upstream = dh + (doutputs[:, t] if outputs else 0.0)
        if last == "always" or (last == "once" and t == T - 1):
            upstream = upstream + dlast
        dx, dh, *grads = rnn_step_backward(upstream, cache[t])
        dh = dh if hand_on or t == 0 else 0.0 * dh
        total = [a + g if add else g for a, g in zip(total, grads, strict=True)]
        dxs.append(dx)
    return np.stack(dxs[::-1], axis=1), dh, *total


def overwritten(dout, cache):
    return bptt(dout, cache, add=False)


def outputs_ignored(dout, cache):
    return bptt(dout, cache, outputs=False)


def last_ignored(dout, cache):
    return bptt(dout, cache, last="never")


def last_always(dout, cache):
    return bptt(dout, cache, last="always")


def not_handed_on(dout, cache):
    return bptt(dout, cache, hand_on=False)


def overwritten_and_not_handed_on(dout, cache):
    return bptt(dout, cache, add=False, hand_on=False)


def forward_in_time(dout, cache):
    """As if the first step were the last."""
    doutputs, dlast = dout
    dx, *rest = bptt((doutputs[:, ::-1], dlast), cache[::-1])
    return dx[:, ::-1], *rest


def dx_reversed(dout, cache):
    dx, *rest = bptt(dout, cache)
    return dx[:, ::-1], *rest


def means(dout, cache):
    dx, dh, *grads = bptt(dout, cache)
    return dx, dh, *(g / len(cache) for g in grads)


def time_first(dout, cache):
    dx, *rest = bptt(dout, cache)
    return dx.transpose(1, 0, 2), *rest


def dh_forgotten(dout, cache):
    dx, _, *grads = bptt(dout, cache)
    return dx, dout[1], *grads


EXERCISE = Exercise(
    id="5.3",
    name="rnn_backward",
    points=4,
    minutes=30,
    reference=rnn_backward,
    cases=cases,
    given=(rnn_step_backward,),
    returns=("dx", "dh", "dWx", "dWh", "db"),
    mistakes=[
        Mistake("overwritten", overwritten,
                "dWx, dWh and db are those of the first step alone: the gradients of later steps "
                "are overwritten. The same weights were used at every step, so add."),
        Mistake("outputs ignored", outputs_ignored,
                "the gradients of the outputs, doutputs[:, t], do not come in. Every state is an "
                "output too: add them on the way back."),
        Mistake("last state ignored", last_ignored,
                "the gradient of the last state, dlast, does not come in: begin with it."),
        Mistake("last state at every step", last_always,
                "dlast is added at every step. It belongs to the state after the last step: once."),
        Mistake("not handed on", not_handed_on,
                "each step gets only the gradient of its own output. Hand the dh of step t on to "
                "step t - 1, whose output that state was."),
        Mistake("overwritten and not handed on", overwritten_and_not_handed_on,
                "two things. dWx, dWh and db are overwritten: add them over the steps. And the dh "
                "of each step must be handed on to the step before."),
        Mistake("forward in time", forward_in_time,
                "you go from the first step to the last. Backward is from the last to the first: "
                "reversed(range(T))."),
        Mistake("dx reversed", dx_reversed,
                "dx is right but the other way round in time: you collected it backwards, so turn "
                "it round before stacking."),
        Mistake("means over time", means,
                "dWx, dWh and db are means over the steps. Gradients of uses of one weight add."),
        Mistake("time first", time_first,
                "dx has shape (T, B, D). Stack along axis 1: np.stack(dxs, axis=1)."),
        Mistake("dh forgotten", dh_forgotten,
                "dh is what came in at the end. It should be what is left after all steps: the "
                "gradient of the state before the first."),
    ],
    hints=[
        "“What is in dout?” A pair: doutputs, (B, T, H), for the states as outputs, and dlast, "
        "(B, H), for the last state once more.",
        "“How does a step go back?” dx_t, dh, *grads = recurrent.rnn_step_backward(upstream, "
        "cache[t]), where upstream is all that arrives at the state after step t.",
        "“What arrives there?” doutputs[:, t], because it is an output; and the dh that step t + 1 "
        "handed back, because it is that step's input. They add. For the last step, dlast takes "
        "the place of the second.",
        "“Where do I collect?” Start dWx, dWh and db at 0 and add at each step. Collect dx_t in a "
        "list; turn it round at the end, and np.stack(..., axis=1).",
    ],
)
