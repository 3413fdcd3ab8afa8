"""5.8 length_mask."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.language import length_mask


def cases(rng):
    found = []
    for B, T in [(4, 6), (3, 9), (5, 2), (1, 4)]:
        lengths = rng.integers(1, T, B)                   # all shorter than T
        found.append(Case((lengths, T)))
    return [*found, Case((np.array([3, 0, 5, 1]), 5)), Case((np.array([2, 2]), 2))]


def one_too_many(lengths, T):
    return np.arange(T) <= lengths[:, None]


def one_too_few(lengths, T):
    return np.arange(1, T + 1) < lengths[:, None]


def turned_round(lengths, T):
    return np.arange(T) >= lengths[:, None]


def at_the_end(lengths, T):
    return np.arange(T) >= T - lengths[:, None]


def transposed(lengths, T):
    return length_mask(lengths, T).T


def numbers(lengths, T):
    return length_mask(lengths, T).astype(float)


def up_to_the_longest(lengths, T):
    return length_mask(lengths, lengths.max())


EXERCISE = Exercise(
    id="5.8",
    name="length_mask",
    points=1,
    minutes=10,
    reference=length_mask,
    cases=cases,
    returns=("the mask",),
    picture="the mask",
    mistakes=[
        Mistake("one too many", one_too_many,
                "each row has one True too many. Places are counted from 0, so the last real one "
                "is length - 1: use <."),
        Mistake("one too few", one_too_few,
                "each row has one True too few. Places are counted from 0: np.arange(T)."),
        Mistake("turned round", turned_round,
                "it is True where there is padding. Here True means real. (Some of PyTorch's "
                "functions want it the other way round, so always look.)"),
        Mistake("at the end", at_the_end,
                "the real places are at the end of each row. The padding comes last."),
        Mistake("transposed", transposed,
                "it has shape (T, B): compare np.arange(T) with lengths[:, None]."),
        Mistake("numbers", numbers,
                "it holds numbers. A mask is made of Booleans: return the comparison itself."),
        Mistake("up to the longest", up_to_the_longest,
                "it is as long as the longest of these sequences, and not as T."),
    ],
    hints=[
        "“Without a loop?” Yes: np.arange(T) has the places, lengths[:, None] is a column. "
        "Compared, they give a table.",
        "“< or <=?” A sequence of length 1 has one real place, and that is place 0.",
    ],
)
