"""Loaders of text: a corpus for language models, and sentences with a sentiment label."""

from __future__ import annotations

import csv
import io

import numpy as np

from . import store
from .status import SETS, files_of

Sentences = tuple[list[str], np.ndarray, list[str], np.ndarray, list[str], np.ndarray]


def text_corpus() -> str:
    """English text to learn a language model from: tiny Shakespeare, else the course's own.

    Returns
    -------
    str
        1,115,394 characters of Shakespeare's plays, where they can be had; else 67,863 characters
        that were written for this course.

    Raises
    ------
    FileNotFoundError
        When neither is there.

    References
    ----------
    A. Karpathy, The unreasonable effectiveness of recurrent neural networks, 2015 (his selection
    of the plays).
    """
    found = store.load(files_of("text_corpus"))
    if found is None:
        text = store.own(SETS["text_corpus"].own).read_text(encoding="ascii")
        print(f"text_corpus: {len(text):,} characters, embedded, written for this course"
              + store.rest("text_corpus"))
        return text
    text = found[0].content.decode("ascii")
    print(f"text_corpus: {len(text):,} characters of Shakespeare, {store.origin(found)}")
    return text


def sentiment() -> Sentences:
    """Sentences labelled by sentiment: SST-2, else the course's own reviews.

    Returns
    -------
    x_train : list of str
        6,920 sentences from film reviews, where they can be had; else 920 of the course's own.
    y_train : ndarray of shape (6920,) or (920,)
        1 is positive, 0 is negative.
    x_dev, y_dev : list of str and ndarray of shape (872,) or (200,)
        To choose by.
    x_test, y_test : list of str and ndarray of shape (1821,) or (200,)
        To be looked at once.

    Raises
    ------
    FileNotFoundError
        When neither is there.

    References
    ----------
    R. Socher et al., Recursive deep models for semantic compositionality over a sentiment treebank,
    EMNLP 2013: the sentences with two classes.
    """
    found = store.load(files_of("sentiment"))
    if found is None:
        splits, what = _reviews(), "reviews"
        where = "embedded, written for this course" + store.rest("sentiment")
    else:
        splits, what = [_table(one.content) for one in found], "sentences of SST-2"
        where = store.origin(found)
    counts = ", ".join(f"{len(rows):,} {name}" for rows, name in zip(splits, SPLITS, strict=True))
    print(f"sentiment: {sum(map(len, splits)):,} {what} ({counts}), {where}")
    columns = [([text for text, _ in rows], np.array([label for _, label in rows], dtype=int))
               for rows in splits]
    return tuple(column for pair in columns for column in pair)


SPLITS = ("train", "dev", "test")


def _table(content: bytes) -> list[tuple[str, int]]:
    """Read lines of text, tab, label; in SST-2 there is no header and no last line break."""
    lines = content.decode("utf-8").rstrip("\n").split("\n")
    rows = (line.rsplit("\t", 1) for line in lines)
    return [(text, int(label)) for text, label in rows]


def _reviews() -> list[list[tuple[str, int]]]:
    """Read the course's own reviews, split by split."""
    text = store.own(SETS["sentiment"].own).read_text(encoding="ascii")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    return [[(row["text"], int(row["label"])) for row in rows if row["split"] == split]
            for split in SPLITS]
