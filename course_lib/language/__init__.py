"""Text as numbers, in NumPy: tokens, counts, padding, sampling, word vectors.

`ids` are tokens as whole numbers, from 0 to V - 1: places in a vocabulary, which is a list.
"""

from .counts import bigram_probabilities
from .padding import length_mask, pad
from .sampling import sample
from .skipgram import (
    nearest,
    negative_sampling_backward,
    negative_sampling_forward,
    skipgram_pairs,
)
from .vocabulary import encode, make_vocabulary, tokenize

__all__ = ["bigram_probabilities", "encode", "length_mask", "make_vocabulary", "nearest",
           "negative_sampling_backward", "negative_sampling_forward", "pad", "sample",
           "skipgram_pairs", "tokenize"]
