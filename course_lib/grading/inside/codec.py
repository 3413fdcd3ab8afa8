"""Serialise plain data to bytes, and back, in a format that cannot carry code.

This is all that passes between the judge and the sandbox. The file needs nothing but NumPy and the
standard library, so that a copy of it can run inside the sandbox, where there is no course_lib.

A message is one line of JSON, which says how the values are nested, and after it the bytes of the
arrays, one after the other. Whoever reads it does not trust it: every length is checked before
anything is made.
"""

import io
import json
import math

import numpy as np

MAX_DEPTH = 30                # of lists in lists
MAX_VALUES = 200_000          # of values in a message
MAX_HEADER = 8_000_000        # bytes of its first line
MAX_ELEMENTS = 10**9          # of an array
KINDS = "biufU"               # Booleans, whole numbers, floats, strings


class Malformed(ValueError):
    """A message that is malformed or too large."""


def encode(value):
    """Serialise plain data to bytes.

    Parameters
    ----------
    value : None, bool, int, float, str, ndarray, or list, tuple or dict of these
        Keys of a dictionary are strings.

    Returns
    -------
    bytes

    Raises
    ------
    Malformed
        For anything else.

    Examples
    --------
    >>> decode(encode({"x": (1.5, [np.arange(3)])}))
    {'x': (1.5, [array([0, 1, 2])])}
    """
    arrays = []
    head = json.dumps(_pack(value, arrays, 0), ensure_ascii=True).encode("ascii") + b"\n"
    return head + b"".join(arrays)


def _pack(value, arrays, depth):
    """Represent a value in JSON; the bytes of arrays are appended to `arrays`."""
    kind = type(value)
    if depth > MAX_DEPTH:
        raise Malformed(f"lists are nested more than {MAX_DEPTH} deep")
    if value is None or kind in (bool, str):
        return value
    if kind is int:
        return {"i": hex(value)}
    if kind is float:
        return {"f": value.hex()}                         # exactly, with infinities and NaN
    if kind is np.ndarray:
        return _pack_array(value, arrays)
    if kind in (list, tuple):
        return {kind.__name__[0]: [_pack(v, arrays, depth + 1) for v in value]}
    if kind is dict and all(type(k) is str for k in value):
        return {"d": [[k, _pack(v, arrays, depth + 1)] for k, v in value.items()]}
    raise Malformed(f"a {kind.__name__} is not plain data")


def _pack_array(array, arrays):
    """Append an array's bytes to `arrays`; its shape and dtype go into the JSON."""
    if array.dtype.kind not in KINDS:
        raise Malformed(f"an array of dtype {array.dtype} is not plain data")
    raw = np.ascontiguousarray(array).tobytes()
    arrays.append(raw)
    return {"a": [array.dtype.str, list(array.shape), len(raw)]}


def decode(message, *, limit=200_000_000):
    """Deserialise bytes to plain data.

    Parameters
    ----------
    message : bytes
    limit : int
        Bytes that are accepted at most.

    Returns
    -------
    value
        As it was given to `encode`; arrays are fresh and can be written to.

    Raises
    ------
    Malformed
        If it is not a whole message, or is too large.
    """
    if len(message) > limit:
        raise Malformed(f"it has {len(message):,} bytes, and at most {limit:,} are read")
    head, newline, _ = message.partition(b"\n")
    if not newline or len(head) > MAX_HEADER:
        raise Malformed("its first line does not end")
    if head.count(b"{") + head.count(b"[") > 5 * MAX_VALUES:  # before anything is made of it
        raise Malformed("it has too many values")
    reader = _Reader(io.BytesIO(message))
    reader.bytes.seek(len(head) + 1)
    reader.left = len(message) - len(head) - 1
    try:
        value = reader.unpack(json.loads(head, parse_int=_parse_length, parse_float=_parse_length,
                                         parse_constant=_parse_length), 0)
    except Malformed:
        raise
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError, MemoryError) as error:
        raise Malformed(f"it is broken ({type(error).__name__})") from error
    if reader.left:
        raise Malformed(f"{reader.left:,} bytes are left over")
    return value


def _parse_length(text):
    """Parse a number in JSON: only lengths of arrays may be there, others come as text."""
    if text.isdigit() and len(text) < 16:
        return int(text)
    raise Malformed("a number stands where none should")


class _Reader:
    """Decoder of a message, which reads the arrays in their order."""

    def __init__(self, file):
        self.bytes, self.left, self.items = file, 0, 0

    def unpack(self, packed, depth):
        self.items += 1
        if depth > MAX_DEPTH or self.items > MAX_VALUES:
            raise Malformed("it is nested too deeply, or has too many values")
        if packed is None or type(packed) in (bool, str):
            return packed
        if type(packed) is not dict or len(packed) != 1:
            raise Malformed("a value is none")
        (kind, content), = packed.items()
        if kind == "i":
            return int(content, 16) if len(content) < 10_000 else _refuse_long_integer()
        if kind == "f":
            return float.fromhex(content)
        if kind == "a":
            return self.array(*content)
        if kind == "d":
            return {self.key(k): self.unpack(v, depth + 1) for k, v in content}
        return {"l": list, "t": tuple}[kind](self.unpack(v, depth + 1) for v in content)

    def key(self, text):
        if type(text) is not str:
            raise Malformed("a key is no string")
        return text

    def array(self, dtype, shape, size):
        """Read the next array; nothing is allocated before its size is checked."""
        if type(dtype) is not str or len(dtype) > 20:
            raise Malformed("a dtype is none")
        dtype = np.dtype(dtype)
        if dtype.kind not in KINDS or dtype.hasobject:
            raise Malformed(f"dtype {dtype} is not read")
        if len(shape) > 32 or not all(type(n) is int and n >= 0 for n in shape):
            raise Malformed("a shape is none")
        if math.prod(max(1, n) for n in shape) > MAX_ELEMENTS:  # (10**12, 0) is empty, and endless
            raise Malformed("a shape is too large")
        if math.prod(shape) * dtype.itemsize != size or size > self.left:
            raise Malformed("an array has not the size that it says")
        self.left -= size
        return np.frombuffer(self.bytes.read(size), dtype).reshape(shape).copy()


def _refuse_long_integer():
    raise Malformed("a whole number is too long")
