"""The predict-then-run questions of lesson 7."""

import contextlib
import io

from course_lib import data
from course_lib.exercises import Prediction
from course_lib.language import encode_pieces


def share_of_the_table():
    """Share of MiniLM's weights, in percent, that are in its table of word vectors."""
    with contextlib.redirect_stdout(io.StringIO()):
        weights = data.pretrained_encoder().weights
    table = weights["embeddings.word_embeddings.weight"]
    return 100 * table.size / sum(w.size for w in weights.values())


def padding_at_128():
    """Share of the places, in percent, that are padding if every sentence is filled up to 128."""
    with contextlib.redirect_stdout(io.StringIO()):
        vocabulary, texts = data.pretrained_encoder().vocabulary, data.sentiment()[0]
    places = {piece: k for k, piece in enumerate(vocabulary)}
    lengths = [len(encode_pieces(text, places, max_length=128)[0]) for text in texts]
    return 100 * (1 - sum(lengths) / (128 * len(lengths)))


PREDICTIONS = [
    Prediction("7.A", share_of_the_table, 6.0,
               "The table has 30,522 rows of 384 numbers. All in all there are 22.7 million."),
    Prediction("7.B", padding_at_128, 6.0,
               "Look at the lengths printed above: a typical sentence has some twenty tokens."),
]
