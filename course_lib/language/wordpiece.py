"""WordPiece tokenisation: words split into the longest pieces that a vocabulary has."""

import re
import unicodedata

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
# Blocks of Chinese characters, which stand alone: each is a word. BERT's code begins the sixth at
# 0x2B820; 0x2B920 is what the tokenizers library has, with which our tokens are compared.
IDEOGRAPHS = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F),
              (0x2B740, 0x2B81F), (0x2B920, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))


def clean(text):
    r"""Lower case, without accents and control characters; a space round each Chinese character.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> clean("Crème\tBRÛLÉE\x00")
    'creme brulee'
    """
    kept = []
    for c in text:
        kind = unicodedata.category(c)
        if c in "\t\n\r" or kind[0] == "Z":
            kept.append(" ")
        elif c != "\ufffd" and kind not in ("Cc", "Cf", "Co"):        # control, format, private
            kept.append(f" {c} " if any(a <= ord(c) <= b for a, b in IDEOGRAPHS) else c)
    letters = unicodedata.normalize("NFD", "".join(kept))             # é as e and an accent
    return "".join(c.lower() for c in letters if unicodedata.category(c) != "Mn")


def split_words(text):
    """Words and punctuation marks of a cleaned text; each mark stands alone.

    Examples
    --------
    >>> split_words("well, don't")
    ['well', ',', 'don', "'", 't']
    """
    spaced = "".join(f" {c} " if is_mark(c) else c for c in text)
    return spaced.split()


def is_mark(c):
    """Whether a character is punctuation, or one of the other marks of ASCII, like $ and ^."""
    return unicodedata.category(c)[0] == "P" or (c.isascii() and c.isprintable()
                                                 and not c.isalnum() and c != " ")


def wordpiece(word, vocabulary, *, unknown="[UNK]", longest=100):
    """Split a word into pieces, from the left, each the longest that the vocabulary has.

    Parameters
    ----------
    word : str
    vocabulary : dict or set of str
        Pieces. Those that do not begin a word are written with ``##`` before them.
    unknown : str
        What stands for a word that cannot be cut without remainder.
    longest : int
        Longer words are unknown, without a try.

    Returns
    -------
    list of str

    References
    ----------
    M. Schuster, K. Nakajima (2012), Japanese and Korean voice search; the greedy cut is that of
    the code of J. Devlin et al. (2019), BERT.

    Examples
    --------
    >>> wordpiece("unaffable", {"un", "##aff", "##able", "##a"})
    ['un', '##aff', '##able']
    >>> wordpiece("unhappy", {"un", "##aff"})
    ['[UNK]']
    """
    if len(word) > longest:
        return [unknown]
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                break
        else:
            return [unknown]
        pieces.append(piece)
        start = end
    return pieces


def wordpiece_tokens(text, vocabulary):
    """Tokenise a text: clean it, split it into words, split each. ``[MASK]`` stays whole.

    Parameters
    ----------
    text : str
    vocabulary : dict or set of str

    Returns
    -------
    list of str

    Raises
    ------
    TypeError
        If the text is not a string.

    Examples
    --------
    >>> wordpiece_tokens("Good, [MASK]!", {"good", ",", "!", "[MASK]"})
    ['good', ',', '[MASK]', '!']
    """
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is a {type(text).__name__}: give one text, a str")
    tokens = []
    for part in re.split(r"(\[(?:PAD|UNK|CLS|SEP|MASK)\])", text):
        if part in SPECIAL and part in vocabulary:
            tokens.append(part)
        else:
            tokens += [p for word in split_words(clean(part)) for p in wordpiece(word, vocabulary)]
    return tokens


def encode_pieces(text, vocabulary, *, pair=None, max_length=512):
    """Ids of ``[CLS]`` text ``[SEP]``, or ``[CLS]`` text ``[SEP]`` pair ``[SEP]``.

    Parameters
    ----------
    text : str
    vocabulary : dict of str to int
    pair : str, optional
        A second text.
    max_length : int
        Pieces beyond it are cut off at the end; with two texts, of the longer one first.

    Returns
    -------
    ids : list of int
    segments : list of int
        0 for the first text with its ``[CLS]`` and ``[SEP]``, 1 for the second.

    Raises
    ------
    ValueError
        If the vocabulary has no ``[CLS]``, ``[SEP]`` or ``[UNK]``, or `max_length` has no room for
        them.

    Examples
    --------
    >>> names = {name: k for k, name in enumerate(["[UNK]", "[CLS]", "[SEP]", "good"])}
    >>> encode_pieces("good good", names)
    ([1, 3, 3, 2], [0, 0, 0, 0])
    """
    missing = [s for s in ("[CLS]", "[SEP]", "[UNK]") if s not in vocabulary]
    if missing:
        raise ValueError(f"the vocabulary has no {missing[0]}: give the one of the encoder")
    texts = [wordpiece_tokens(t, vocabulary)
             for t in ((text,) if pair is None else (text, pair))]
    room = max_length - 1 - len(texts)
    if room < 0:
        raise ValueError(f"max_length is {max_length}: give at least {1 + len(texts)}")
    if len(texts) == 1:
        del texts[0][room:]
    elif sum(map(len, texts)) > room:
        shorter, longer = sorted(texts, key=len)
        del shorter[room // 2:]
        del longer[room - len(shorter):]
    ids, segments = [vocabulary["[CLS]"]], [0]
    for k, pieces in enumerate(texts):
        ids += [vocabulary[p] for p in (*pieces, "[SEP]")]
        segments += [k] * (len(pieces) + 1)
    return ids, segments
