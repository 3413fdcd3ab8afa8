"""Recurrent networks as forward/backward pairs, in NumPy. See `course_lib.layers`.

Sequences are arrays of shape (B, T, D): batch, time, features. Gates are in PyTorch's order.
"""

from .gradient_flow import gradient_flow, initialise_recurrent
from .gru import gru_backward, gru_forward, gru_step_backward, gru_step_forward
from .lstm import lstm_backward, lstm_forward, lstm_step_backward, lstm_step_forward
from .rnn import (
    rnn_backward,
    rnn_forward,
    rnn_step_and_grad,
    rnn_step_backward,
    rnn_step_forward,
)
from .tasks import adding_task, copy_task

__all__ = [
    "adding_task", "copy_task", "gradient_flow", "gru_backward", "gru_forward",
    "gru_step_backward", "gru_step_forward", "initialise_recurrent", "lstm_backward",
    "lstm_forward", "lstm_step_backward", "lstm_step_forward", "rnn_backward", "rnn_forward",
    "rnn_step_and_grad", "rnn_step_backward", "rnn_step_forward",
]
