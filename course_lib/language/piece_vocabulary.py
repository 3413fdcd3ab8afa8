"""A WordPiece vocabulary made from the sentences themselves, for an encoder that is untrained."""

from collections import Counter

from .vocabulary import make_vocabulary
from .wordpiece import SPECIAL, clean, split_words


def piece_vocabulary(texts, *, size=30522):
    """Special tokens, every character, then whole words, the most frequent first.

    A character is there twice, as the first of a word and as a later one (``##``). So any word
    can be cut into pieces if its characters are known: no text it is made from has an unknown word.
    BERT's own vocabulary also has parts of words, which this one leaves out.

    Parameters
    ----------
    texts : iterable of str
    size : int
        At most so many pieces; by default as many as BERT's. Words that occur equally often are in
        the order of the alphabet, so the same texts make the same vocabulary everywhere.

    Returns
    -------
    list of str
        ``[PAD]``, with which batches are padded, is at place 0.

    Raises
    ------
    ValueError
        If `size` has no room for the special tokens and the characters.

    Examples
    --------
    >>> piece_vocabulary(["to be", "to bet"], size=15)[5:]
    ['b', 'e', 'o', 't', '##b', '##e', '##o', '##t', 'to', 'be']
    """
    counts = Counter(word for text in texts for word in split_words(clean(text)))
    letters = make_vocabulary("".join(counts))
    pieces = [*SPECIAL, *letters, *("##" + letter for letter in letters)]
    if len(pieces) > size:
        raise ValueError(f"{len(letters)} characters need {len(pieces)} pieces and size is {size}: "
                         "give a larger one")
    words = sorted((w for w in counts if len(w) > 1), key=lambda w: (-counts[w], w))
    return (pieces + words)[:size]
