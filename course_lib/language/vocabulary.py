"""Tokenisation and vocabulary: from text to token ids."""

import re
from collections import Counter

import numpy as np


def tokenize(text):
    """Split an English text into words, numbers and punctuation marks, in lower case.

    Parameters
    ----------
    text : str
        Letters other than a to z part a word.

    Returns
    -------
    list of str

    Examples
    --------
    >>> tokenize("Don't panic!")
    ["don't", 'panic', '!']
    """
    return re.findall(r"[a-z]+(?:'[a-z]+)?|[0-9]+|[.,!?;:]", text.lower().replace("\u2019", "'"))


def make_vocabulary(tokens, *, least=1):
    """Vocabulary: the tokens that occur often enough, in alphabetical order.

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
    """Token ids: the indices of tokens in a vocabulary.

    Parameters
    ----------
    tokens : iterable of str
    vocabulary : list of str, or dict of str to int
        A dictionary, from token to place, saves time where many texts are encoded.
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
    place = vocabulary if isinstance(vocabulary, dict) else {
        token: k for k, token in enumerate(vocabulary)}
    found = (place.get(token, unknown) for token in tokens)
    return np.array([k for k in found if k is not None], dtype=int)
