"""From text to whole numbers."""

import re
from collections import Counter

import numpy as np


def tokenize(text):
    """Words and marks of a text, in lower case.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str

    Examples
    --------
    >>> tokenize("Don't panic!")
    ["don't", 'panic', '!']
    """
    return re.findall(r"[a-z]+(?:'[a-z]+)?|[0-9]+|[.,!?;:]", text.lower())


def make_vocabulary(tokens, *, least=1):
    """Tokens that occur often enough, in the order of the alphabet.

    Parameters
    ----------
    tokens : iterable of str
        Words; or a string, which is an iterable of characters.
    least : int
        How often a token must occur.

    Returns
    -------
    list of str

    Examples
    --------
    >>> make_vocabulary("abracadabra", least=2)
    ['a', 'b', 'r']
    """
    return sorted(token for token, count in Counter(tokens).items() if count >= least)


def encode(tokens, vocabulary, *, unknown=None):
    """Places of tokens in a vocabulary.

    Parameters
    ----------
    tokens : iterable of str
    vocabulary : list of str
    unknown : int, optional
        For a token that is not in it. By default such tokens are left out.

    Returns
    -------
    ndarray of int of shape (T,)

    Examples
    --------
    >>> encode("bad", ["a", "b"]), encode("bad", ["a", "b"], unknown=9)
    (array([1, 0]), array([1, 0, 9]))
    """
    place = {token: k for k, token in enumerate(vocabulary)}
    found = (place.get(token, unknown) for token in tokens)
    return np.array([k for k in found if k is not None], dtype=int)
