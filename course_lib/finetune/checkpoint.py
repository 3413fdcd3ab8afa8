"""Checkpoints that are whole at any moment: training can be killed and goes on where it was."""

import hashlib
import os
from dataclasses import asdict
from pathlib import Path

import torch

from .settings import Settings

NAME = "checkpoint.pt"


def fingerprint(examples):
    """A short hash of the examples, to notice that they have changed."""
    return hashlib.sha256(repr([(list(map(int, ids)), int(y)) for ids, y in examples]).encode()) \
        .hexdigest()[:16]


def start(tools, examples, folder):
    """Where to begin: at step 0, or where the checkpoint in the folder says.

    Returns
    -------
    dict
        "step"; "accuracy", "best", "weights", "stopped": see `fine_tune`.

    Raises
    ------
    ValueError
        If the checkpoint was made with other settings or examples, or cannot be read.
    """
    path = Path(folder or ".") / NAME
    if folder is None or not path.exists():
        return {"step": 0, "accuracy": [], "best": 0, "weights": None, "stopped": False}
    device = next(tools.model.parameters()).device
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ValueError(f"{path} cannot be read ({error}): delete it to begin afresh") from error
    differ = Settings(**found["settings"]).differences(tools.settings)
    if found["examples"] != fingerprint(examples):
        differ.append("the sentences")
    if differ:
        raise ValueError(f"{path} was made otherwise ({'; '.join(differ)}): choose another folder, "
                         "or delete it to begin afresh")
    tools.model.load_state_dict({k: v.to(device) for k, v in found["model"].items()})
    tools.optimizer.load_state_dict(found["optimizer"])
    tools.scaler.load_state_dict(found["scaler"])
    return found["state"]


def save(tools, examples, state, folder):
    """Write a checkpoint under another name, and only then give it its own.

    A process that is killed leaves the old one or the new one, never half of one.
    """
    if tools.rank:
        return
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{NAME}.part"
    with open(part, "wb") as file:
        torch.save({"settings": asdict(tools.settings), "examples": fingerprint(examples),
                    "model": tools.model.state_dict(), "optimizer": tools.optimizer.state_dict(),
                    "scaler": tools.scaler.state_dict(), "state": state}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, folder / NAME)
