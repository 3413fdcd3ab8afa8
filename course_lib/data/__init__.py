"""Data sets: one loader for each, which prints in one line where its data came from.

A file is looked for in the mirror (COURSE_DATA), the cache (COURSE_CACHE) and the network, unless
COURSE_OFFLINE=1; then come the examples embedded in an installed package. See data/README.md.
"""

from .encoder import Pretrained, pretrained_encoder
from .loaders import auto_mpg, breast_cancer, digits, mnist, two_moons
from .status import State, fetch, names, state, verify
from .texts import sentiment, text_corpus

__all__ = [
    "Pretrained",
    "State",
    "auto_mpg",
    "breast_cancer",
    "digits",
    "fetch",
    "mnist",
    "names",
    "pretrained_encoder",
    "sentiment",
    "state",
    "text_corpus",
    "two_moons",
    "verify",
]
