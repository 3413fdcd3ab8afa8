"""Plain data: numbers, strings, arrays of numbers, and tuples and dictionaries of these.

What an answer returns is converted or refused before anything is compared with it, so that no
comparison runs code of the answer's own.
"""

import numpy as np

DEPTH = 20
BITS = 4000                                               # of a whole number


class Refused(TypeError):
    """A value that is not plain data; the message says what to return instead."""


def plain(value, depth=0):
    """Convert a value to plain data.

    Parameters
    ----------
    value : object

    Returns
    -------
    None, bool, int, float, str, ndarray, or tuple or dict of these

    Raises
    ------
    Refused
        For anything else: array subclasses, tensors, generators, arrays of objects.

    Examples
    --------
    >>> plain([np.float64(1.0), (2, "a")])
    (1.0, (2, 'a'))
    """
    if depth > DEPTH:
        raise Refused(f"it returns lists inside lists more than {DEPTH} deep")
    kind = type(value)
    if kind is int and value.bit_length() > BITS:
        raise Refused("it returns a whole number of more than a thousand digits")
    if value is None or kind in (bool, int, float, str):
        return value
    if isinstance(value, np.generic) and value.dtype.kind in "biufU":
        return value.item()
    if kind is np.ndarray:
        return _array(value)
    if isinstance(value, (list, tuple)):
        return tuple(plain(v, depth + 1) for v in tuple(value))
    if kind is dict:
        return {str(k): plain(v, depth + 1) for k, v in value.items()}
    raise Refused(_refusal(value, kind))


def _array(value):
    """A copy of an array of numbers, Booleans or strings."""
    if value.dtype.kind not in "biufU":
        raise Refused(f"it returns an array of dtype {value.dtype}: return numbers (rows of "
                      "different length and complex numbers are not)")
    value = np.array(value)
    if value.dtype.kind == "U" and value.size:
        number = np.dtype("u4").newbyteorder(value.dtype.byteorder)
        if value.ravel().view(number).max() > 0x10FFFF:
            raise Refused("it returns an array of characters that are none")
    return value


def _refusal(value, kind):
    """The message for a value that is not plain data: what to return instead."""
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    if kind.__module__.split(".")[0] == "torch":
        return f"it returns a {name}: return NumPy, for instance with .detach().numpy()"
    if isinstance(value, np.ndarray):
        return f"it returns a {name}: return a plain array, with np.asarray(...)"
    if hasattr(value, "__next__") or isinstance(value, (set, frozenset, map, filter, zip, range)):
        return f"it returns a {name}: return a list, with list(...)"
    if callable(value):
        return "it returns a function: call it, with parentheses, and return what comes back"
    return f"it returns a {name}: return NumPy arrays or numbers"
