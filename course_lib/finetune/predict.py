"""From texts to examples, and from a trained model to a folder that predicts."""

import json
from pathlib import Path

import numpy as np
import torch

from course_lib.language import collate, encode_pieces
from course_lib.models import Encoder, SentenceClassifier
from course_lib.train import evaluating

CONFIG, WEIGHTS, WORDS = "config.json", "model.safetensors", "vocab.txt"


def examples_of(texts, labels, vocabulary, *, max_length=128):
    """Ids and label of each text.

    Parameters
    ----------
    texts : list of str
    labels : sequence of int, or None
        None: all are 0, for texts whose label is not known.
    vocabulary : list of str
    max_length : int
        Longer texts are cut.

    Returns
    -------
    list of (list of int, int)

    Raises
    ------
    ValueError
        If there is not one label for each text.
    """
    if labels is None:
        labels = [0] * len(texts)
    if len(texts) != len(labels):
        raise ValueError(f"there are {len(texts)} texts and {len(labels)} labels: give one each")
    places = {piece: k for k, piece in enumerate(vocabulary)}
    return [(encode_pieces(text, places, max_length=max_length)[0], int(label))
            for text, label in zip(texts, labels, strict=True)]


def predict_proba(model, examples, *, batch_size=64):
    """Probability of each class, in the order of the examples.

    Parameters
    ----------
    model : SentenceClassifier
    examples : list of (list of int, int)
        The labels are not looked at.
    batch_size : int

    Returns
    -------
    ndarray of shape (N, C), float64

    Raises
    ------
    ValueError
        If there is no example.
    """
    if not examples:
        raise ValueError("there is no example: give at least one")
    device = next(iter(model.state_dict().values())).device
    order = np.argsort([len(ids) for ids, _ in examples], kind="stable")     # little padding
    rows = [None] * len(examples)
    with evaluating(model), torch.no_grad():
        for start in range(0, len(order), batch_size):
            chosen = order[start:start + batch_size]
            ids, mask, _ = collate([examples[k] for k in chosen])
            logits = model(torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device))
            for k, row in zip(chosen, logits.double().softmax(dim=1).cpu().numpy(), strict=True):
                rows[k] = row
    return np.array(rows)


def weight_files():
    """The functions that write and read a file of weights, which safetensors brings.

    Raises
    ------
    ImportError
        If it is not installed.
    """
    try:
        from safetensors.torch import load_file, save_file
    except ImportError as error:
        raise ImportError("a model is saved with safetensors, which is not here: "
                          "pip install safetensors") from error
    return save_file, load_file


def save(model, vocabulary, folder):
    """Write weights (safetensors), shape and vocabulary of a classifier into a folder.

    Parameters
    ----------
    model : SentenceClassifier
    vocabulary : list of str
    folder : path
        Made where it is not there.

    Raises
    ------
    ValueError
        If the model was quantised, or heads were taken away: `load` could not build it again.
    ImportError
        If safetensors is not installed.
    """
    save_file, _ = weight_files()
    folder, encoder = Path(folder), model.encoder
    V, D = encoder.tokens.weight.shape
    if not all(isinstance(p, torch.Tensor) for p in model.state_dict().values()) or any(
            block.attention.qkv.out_features != 3 * D for block in encoder.blocks):
        raise ValueError("only a whole model can be saved: give the one from before it was "
                         "quantised or heads were taken away")
    config = {"V": V, "T": encoder.positions.num_embeddings, "D": D,
              "heads": encoder.blocks[0].attention.heads, "layers": len(encoder.blocks),
              "classes": model.output.out_features, "pooling": model.pooling}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    (folder / WORDS).write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, folder / WEIGHTS)


def load(folder):
    """Read what `save` wrote.

    Returns
    -------
    model : SentenceClassifier
        On the CPU, ready to predict.
    vocabulary : list of str

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If the weights do not fit the configuration.
    ImportError
        If safetensors is not installed.
    """
    _, load_file = weight_files()
    folder = Path(folder)
    for name in (CONFIG, WEIGHTS, WORDS):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"{folder} has no {name}: give a folder that save() wrote")
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        top = {name: config.pop(name) for name in ("pooling", "classes")}
        with torch.device("meta"):                        # the weights come from the file
            model = SentenceClassifier(Encoder(**config), **top)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{folder / CONFIG} is broken ({error}): save the model again") from error
    try:
        model.load_state_dict(load_file(folder / WEIGHTS), assign=True)
    except Exception as error:
        raise ValueError(f"{folder / WEIGHTS} is broken, or does not fit {CONFIG} "
                         f"({type(error).__name__}): save the model again") from error
    return model.eval(), (folder / WORDS).read_text(encoding="utf-8").split("\n")[:-1]
