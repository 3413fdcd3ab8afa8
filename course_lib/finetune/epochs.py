"""Passes over the data: checkpoints, accuracy on dev, the best weights."""

import numpy as np
import torch

from course_lib.train import progress_line

from . import checkpoint
from .loop import make_tools, release_memory, training_steps
from .predict import predict_proba

LOWER = "lower lr, or take bf16 instead of fp16"


def fine_tune(model, examples, settings, *, dev=None, folder=None, every=50, rank=0, world=1,
              progress=True):
    """Train a classifier of sentences.

    Parameters
    ----------
    model : SentenceClassifier
        On its device.
    examples : list of (list of int, int)
        Ids and label of each; see `examples_of`.
    settings : Settings
    dev : list of (list of int, int), optional
        Accuracy on these is measured after each pass, and the best pass's weights are kept.
    folder : path, optional
        Checkpoints go there, every `every` steps; if there is one, training goes on from it.
    rank, world : int
        Which process this is, of how many.
    progress : bool
        In a notebook, tell how far it is.

    Returns
    -------
    dict
        "loss", of each step since the (re)start; "accuracy" on `dev`, of each pass; "best", the
        pass whose weights the model has now, from 1; 0 without `dev`.

    Raises
    ------
    ValueError
        If there is no example, or a checkpoint belongs to other settings or data.
    OutOfMemory
        If the device's memory is not enough.
    FloatingPointError
        If the loss, or a weight, is no longer a finite number; the last checkpoint is from before.
    """
    if not examples:
        raise ValueError("there is no example: give at least one")
    tools = make_tools(model, settings, rank=rank, world=world)
    state = checkpoint.start(tools, examples, dev, folder)
    per_epoch = -(-len(examples) // settings.batch_size)
    if state["stopped"]:
        return finish(model, state, [])
    losses, total = [], per_epoch * settings.epochs
    with progress_line(f"{settings.epochs} passes over {len(examples):,} sentences",
                       progress) as tell:
        for step, loss, _, _ in training_steps(tools, examples, start=state["step"]):
            losses.append(loss)
            state["step"] = step
            tell(f"step {step} of {total}")
            done, kept = step % per_epoch == 0, folder and step % every == 0
            if done or kept:                              # before a good checkpoint is replaced
                finite(losses, step)
                finite_weights(model, step)
            if done:
                end_of_epoch(tools, state, dev, step // per_epoch)
            if kept or (folder and done):
                checkpoint.save(tools, examples, dev, state, folder)
            if state["stopped"]:
                break
    del tools                                             # and with it the optimizer's memory
    return finish(model, state, losses)


def finite(losses, step):
    """The losses as numbers, if they are; `step` is the number of the last one."""
    values = torch.stack(losses).tolist() if losses else []
    bad = [k for k, v in enumerate(values) if not np.isfinite(v)]
    if bad:
        first = step - len(values) + 1
        raise FloatingPointError(f"the loss is {values[bad[0]]} at step {first + bad[0]}: {LOWER}")
    return values


def finite_weights(model, step):
    """Raise if a weight is no number: the loss tells of it only one step later."""
    if not torch.stack([p.detach().isfinite().all() for p in model.parameters()]).all():
        raise FloatingPointError(f"a weight is not finite after step {step}: {LOWER}")


def end_of_epoch(tools, state, dev, number):
    """Measure on the dev set, keep the best weights, and see whether to go on."""
    if not dev:
        return
    right = predict_proba(tools.model, dev).argmax(axis=1) == [label for _, label in dev]
    state["accuracy"].append(float(right.mean()))
    if state["accuracy"][-1] > max([-1.0, *state["accuracy"][:-1]]):
        state["best"] = number
        state["weights"] = {k: v.detach().cpu().clone()
                            for k, v in tools.model.state_dict().items()}
    patience = tools.settings.patience
    state["stopped"] = patience is not None and number - state["best"] >= patience


def finish(model, state, losses):
    """Give the model its best weights, and the history."""
    if state["weights"] is not None:
        model.load_state_dict(state["weights"])
    model.eval()
    release_memory()
    return {"loss": finite(losses, state["step"]), "accuracy": state["accuracy"],
            "best": state["best"]}
