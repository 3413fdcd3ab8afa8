"""The IDX format of MNIST: a magic number, the shape, and the bytes.

Source: http://yann.lecun.com/exdb/mnist/ , "File formats for the MNIST database".
"""

from __future__ import annotations

import numpy as np


def read_idx(data: bytes, *, name: str = "this") -> np.ndarray:
    """Read an array of unsigned bytes from IDX.

    The first four bytes are 0, 0, the type (8: unsigned byte) and the number of axes. Then comes
    the size of each axis as a big-endian 32-bit integer, then the numbers, last axis fastest.

    Parameters
    ----------
    data : bytes
        The decompressed file.
    name : str
        What to call it in an error.

    Returns
    -------
    ndarray of uint8
        Of the shape that the header says.

    Raises
    ------
    ValueError
        When the magic number is wrong, or there are fewer or more bytes than the header says.

    Examples
    --------
    >>> read_idx(bytes([0, 0, 8, 2,  0, 0, 0, 2,  0, 0, 0, 3,  1, 2, 3, 4, 5, 6]))
    array([[1, 2, 3],
           [4, 5, 6]], dtype=uint8)
    """
    if data[:3] != b"\x00\x00\x08" or len(data) < 4:
        raise ValueError(
            f"{name} is not an IDX file of unsigned bytes: it begins with {data[:4].hex(' ')!r}, "
            "and should with '00 00 08' and the number of axes"
        )
    start = 4 + 4 * data[3]
    if len(data) < start:
        raise ValueError(f"{name} is truncated: {len(data)} bytes, and its header alone is {start}")
    shape = tuple(int(n) for n in np.frombuffer(data[4:start], dtype=">u4"))
    expected = start + int(np.prod(shape, dtype=object))
    if len(data) != expected:
        what = "is truncated" if len(data) < expected else "goes on after its end"
        raise ValueError(f"{name} {what}: {len(data)} bytes, and shape {shape} needs {expected}")
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape).copy()
