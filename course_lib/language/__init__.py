"""Text processing in NumPy: tokens, bigrams, padding, sampling, word vectors.

`ids` are tokens as whole numbers, from 0 to V - 1: places in a vocabulary, which is a list.
"""

from .batches import collate, length_buckets
from .bigrams import bigram_probabilities
from .padding import length_mask, pad
from .piece_vocabulary import piece_vocabulary
from .sampling import sample
from .skipgram import (
    nearest,
    negative_sampling_backward,
    negative_sampling_forward,
    skipgram_pairs,
)
from .vocabulary import encode, make_vocabulary, tokenize
from .wordpiece import clean, encode_pieces, is_mark, split_words, wordpiece, wordpiece_tokens

__all__ = ["bigram_probabilities", "clean", "collate", "encode", "encode_pieces", "is_mark",
           "length_buckets", "length_mask", "make_vocabulary", "nearest",
           "negative_sampling_backward", "negative_sampling_forward", "pad", "piece_vocabulary",
           "sample", "skipgram_pairs", "split_words", "tokenize", "wordpiece", "wordpiece_tokens"]
