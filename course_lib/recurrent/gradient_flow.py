"""Gradient flow: the derivative of the last state of a recurrent network by an early one."""

import numpy as np

from .gru import gru_step_backward, gru_step_forward
from .lstm import lstm_step_backward, lstm_step_forward
from .rnn import rnn_step_backward, rnn_step_forward

STEPS = {   # forward, backward, gates, states
    "RNN": (rnn_step_forward, rnn_step_backward, 1, 1),
    "LSTM": (lstm_step_forward, lstm_step_backward, 4, 2),
    "GRU": (gru_step_forward, gru_step_backward, 3, 1),
}


def initialise_recurrent(kind, D, H, *, rng, forget_bias=0.0, gain=1.0):
    """Initial weights of a recurrent network: Wx and Wh as PyTorch draws them, biases 0.

    Parameters
    ----------
    kind : "RNN", "LSTM" or "GRU"
    D, H : int
        Numbers of a step's input, and of the state.
    rng : numpy.random.Generator
    forget_bias : float
        The bias of the LSTM's forget gate.
    gain : float
        Wh is multiplied by it.

    Returns
    -------
    list of ndarray
        Wx, Wh, uniform between plus and minus 1 / sqrt(H); and biases, 0.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    if kind not in STEPS:
        raise ValueError(f"there is no kind {kind!r}: choose from {', '.join(STEPS)}")
    gates, bound = STEPS[kind][2], 1 / np.sqrt(H)
    Wx, Wh = (rng.uniform(-bound, bound, (n, gates * H)) for n in (D, H))
    b = np.zeros(gates * H)
    if kind == "LSTM":
        b[H:2 * H] = forget_bias                          # input, forget, candidate, output
    return [Wx, gain * Wh, b, np.zeros(gates * H)] if kind == "GRU" else [Wx, gain * Wh, b]


def gradient_flow(kind, weights, x):
    """Size of the derivative of the last output by each earlier state.

    Parameters
    ----------
    kind : "RNN", "LSTM" or "GRU"
    weights : list of ndarray
        As from `initialise_recurrent`.
    x : ndarray of shape (T, D)
        One sequence.

    Returns
    -------
    ndarray of shape (T,)
        Largest singular value of the derivative of h after step T by the state after step T - k
        (for the LSTM: h and c side by side), at place k - 1, for k from 1 to T.

    Raises
    ------
    ValueError
        If there is no such kind, or the shapes do not fit.
    """
    if kind not in STEPS or x.ndim != 2:
        raise ValueError(f"kind is {kind!r}, x has shape {x.shape}: choose from "
                         f"{', '.join(STEPS)}, and give one sequence, (T, D)")
    forward, backward, _, states = STEPS[kind]
    H = weights[1].shape[0]
    state, caches = [np.zeros((H, H))] * states, []
    for x_t in x:                                         # the same sequence in each of H rows
        out, cache = forward(np.tile(x_t, (H, 1)), *state, *weights)
        state = out if isinstance(out, tuple) else (out,)
        caches.append(cache)
    # row j starts with the derivative of the j-th output by itself: 1, and 0 elsewhere
    dstate, sizes = [np.eye(H), np.zeros((H, H))][:states], []
    for cache in reversed(caches):
        _, *grads = backward(tuple(dstate) if states > 1 else dstate[0], cache)
        dstate = grads[:states]
        sizes.append(np.linalg.norm(np.concatenate(dstate, axis=1), 2))
    return np.array(sizes)
