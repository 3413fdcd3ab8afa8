"""The predict-then-run questions of lesson 6."""

import numpy as np

from course_lib.attention import initialise_block
from course_lib.exercises import Prediction


def deviation_of_a_score():
    """Standard deviation of q . k for random vectors of 64 numbers, not scaled."""
    q, k = np.random.default_rng(0).standard_normal((2, 20_000, 64))
    return (q * k).sum(axis=1).std()


def share_of_the_network():
    """Share of a block's weights, in percent, that are in its feed-forward network."""
    weights = [w.size for w in initialise_block(64, rng=np.random.default_rng(0))]
    return 100 * sum(weights[8:]) / sum(weights)


PREDICTIONS = [
    Prediction("6.A", deviation_of_a_score, 1.0,
               "Each of the 64 products has mean 0 and variance 1. Variances of independent "
               "numbers add; the deviation is the root."),
    Prediction("6.B", share_of_the_network, 5.0,
               "Attention has 3 D² weights for queries, keys and values and D² for the output; the "
               "network has D times 4 D, twice. (Biases and norms hardly count.)"),
]
