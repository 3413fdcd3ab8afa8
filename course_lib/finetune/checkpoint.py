"""Checkpoints that are whole at any moment: training can be killed and goes on where it was."""

import hashlib
import os
from dataclasses import asdict
from pathlib import Path

import torch

from .settings import Settings

NAME = "checkpoint.pt"
AFRESH = "choose another folder, or delete it to begin afresh"


def hash_of(value):
    """A short hash of plain data."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


def fingerprint(examples):
    """A short hash of the examples, to notice that they have changed."""
    return hash_of([(list(map(int, ids)), int(y)) for ids, y in examples])


def description(model):
    """What a model is made of, in a line: its layers, their sizes, its dropout."""
    shapes = [tuple(p.shape) for p in model.parameters()]
    drops = sorted({m.p for m in model.modules() if isinstance(m, torch.nn.Dropout)})
    heads = [block.attention.heads for block in model.encoder.blocks]
    return f"{len(shapes)} arrays {hash_of(shapes)}, heads {heads}, pooling {model.pooling}, " \
           f"dropout {drops}"


def start(tools, examples, dev, folder):
    """Where to begin: at step 0, or where the checkpoint in the folder says.

    Returns
    -------
    dict
        "step"; "accuracy", "best", "weights", "stopped": see `fine_tune`.

    Raises
    ------
    ValueError
        If the checkpoint was made with other settings, sentences or another model, or cannot be
        read.
    """
    path = Path(folder or ".") / NAME
    if folder is None or not path.exists():
        return {"step": 0, "accuracy": [], "best": 0, "weights": None, "stopped": False}
    own = identity(tools, examples, dev)    # outside: an error in the sentences is not the file's
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
        differ = Settings(**found["settings"]).differences(tools.settings)
        differ += [what for what, value in own.items() if found[what] != value]
        weights, optimizer, scaler, state = (
            found[part] for part in ("model", "optimizer", "scaler", "state"))
    except Exception as error:
        raise ValueError(f"{path} cannot be read ({type(error).__name__}): delete it to begin "
                         "afresh") from error
    if differ:
        raise ValueError(f"{path} was made otherwise ({'; '.join(differ)}): {AFRESH}")
    tools.model.load_state_dict(weights)
    tools.optimizer.load_state_dict(optimizer)
    tools.scaler.load_state_dict(scaler)
    return state


def identity(tools, examples, dev):
    """What must be the same for a training to go on, besides the settings."""
    return {"the sentences": fingerprint(examples), "the dev set": fingerprint(dev or []),
            "the model": description(tools.model)}


def save(tools, examples, dev, state, folder):
    """Write a checkpoint under another name, and only then give it its own.

    A process that is killed leaves the old one or the new one, never half of one.
    """
    if tools.rank:
        return
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{NAME}.part"
    with open(part, "wb") as file:
        torch.save({"settings": asdict(tools.settings), **identity(tools, examples, dev),
                    "model": tools.model.state_dict(), "optimizer": tools.optimizer.state_dict(),
                    "scaler": tools.scaler.state_dict(), "state": state}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, folder / NAME)
