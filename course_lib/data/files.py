"""The files that can be downloaded, and how to tell that one is right."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class File:
    """A file that the course can download.

    Attributes
    ----------
    name : str
        Where it lies in the mirror and in the cache, with ``/`` between folders.
    urls : tuple of str
        Its public sources, in the order in which they are tried.
    sha256 : str
        Of the content: a ``.gz`` is hashed decompressed, because a gzip header may differ between
        two sources and the content may not.
    size : int
        Bytes to download.
    """

    name: str
    urls: tuple[str, ...]
    sha256: str
    size: int


class Corrupt(Exception):
    """A file whose content is not what its hash says; the text shows both hashes."""


def _file(name: str, sources: tuple[str, ...], sha256: str, size: int) -> File:
    """Describe a file; a source that ends in ``/`` is a folder that holds it by its own name."""
    own = name.rsplit("/", 1)[-1]
    return File(name, tuple(s + own if s.endswith("/") else s for s in sources), sha256, size)


_MNIST = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

_SST2 = ("https://raw.githubusercontent.com/clairett/pytorch-sentiment-classification/master/data/"
         "SST2/",)
_SHAKESPEARE = ("https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/"
                "input.txt",)

_HUB = "https://huggingface.co/"                             # at a pinned revision each
_MINILM = (_HUB + "sentence-transformers/all-MiniLM-L6-v2/resolve/"
           "c9745ed1d9f207416be6d2e6f8de32d1f16199bf/",)
_BERT = (_HUB + "google-bert/bert-base-uncased/resolve/86b5e0934494bd15c9632b12f734a8a67f723594/",)
_VOCABULARY = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"

FILES: dict[str, File] = {
    file.name: file
    for file in (
        _file("mnist/train-images-idx3-ubyte.gz", _MNIST,
              "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", 9_630_634),
        _file("mnist/train-labels-idx1-ubyte.gz", _MNIST,
              "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", 28_881),
        _file("mnist/t10k-images-idx3-ubyte.gz", _MNIST,
              "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", 1_648_877),
        _file("mnist/t10k-labels-idx1-ubyte.gz", _MNIST,
              "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", 4_542),
        _file("tinyshakespeare.txt", _SHAKESPEARE,
              "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed", 1_115_394),
        _file("sst2/train.tsv", _SST2,
              "ec192f833a64da08f475488a77b0d0b47db47acd0f458bd18433fc793b569920", 720_259),
        _file("sst2/dev.tsv", _SST2,
              "eddea6b39e601dd4e7a672b53cc40fdf6019fa80522f351206c24340ca5d9359", 92_057),
        _file("sst2/test.tsv", _SST2,
              "831169c7e2e429d6026e1bdbb542f33b636e3e596caad9602ebc953c205928b7", 188_749),
        _file("minilm/model.safetensors", _MINILM,
              "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db", 90_868_376),
        _file("minilm/vocab.txt", _MINILM, _VOCABULARY, 231_508),
        _file("bert-base-uncased/model.safetensors", _BERT,
              "68d45e234eb4a928074dfd868cead0219ab85354cc53d20e772753c6bb9169d3", 440_449_768),
        _file("bert-base-uncased/vocab.txt", _BERT, _VOCABULARY, 231_508),
    )
}


def content(path: Path, file: File) -> bytes:
    """Read a file, decompress it, and check its hash.

    Parameters
    ----------
    path : Path
        The file on this machine.
    file : File
        What it should be.

    Returns
    -------
    bytes
        The decompressed content, which has the right hash.

    Raises
    ------
    Corrupt
        When the hash is another one.
    OSError
        When the file is not there or cannot be read.
    """
    data, note = path.read_bytes(), ""
    if file.name.endswith(".gz") and data[:2] == b"\x1f\x8b":  # some servers send it unpacked
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            note = " (of the compressed bytes: the gzip is broken)"
    found = hashlib.sha256(data).hexdigest()
    if found != file.sha256:
        raise Corrupt(f"expected SHA-256 {file.sha256}, found {found}{note}")
    return data
