"""Compare plain data with what was expected, and describe the difference to a learner."""

import numpy as np

# Relative to the largest entry. Another order of sums differs by about 1e-15; known mistakes by far
# more. An answer in fewer digits is compared in fewer: some ten to a hundred of its roundings.
TOLERANCE = 1e-6
DIGITS = {"float32": 1e-5, "float16": 1e-2}


def same(got, expected):
    """Whether plain data is what was expected, up to rounding.

    A list will do for an array and an integer for a float; a wrong shape will not, nor a float
    where a whole number is asked.

    Examples
    --------
    >>> same((1.0, 2), np.array([1.0, 2.0])), same(1.0, np.array([1.0]))
    (True, False)
    """
    if isinstance(expected, dict):
        return (isinstance(got, dict) and got.keys() == expected.keys()
                and all(same(got[k], v) for k, v in expected.items()))
    if isinstance(expected, tuple):
        if isinstance(got, np.ndarray) and got.shape[:1] == (len(expected),):
            got = tuple(got)
        return (isinstance(got, tuple) and len(got) == len(expected)
                and all(same(g, e) for g, e in zip(got, expected, strict=True)))
    if expected is None or isinstance(expected, str):
        return type(got) is type(expected) and got == expected
    if type(got) is type(expected) in (int, float) and got == expected:
        return True                                       # some outputs are thousands of numbers
    mine, wanted = as_numbers(got), as_numbers(expected)
    if mine is None or wanted is None:
        return mine is wanted
    return _same_numbers(mine, wanted)


def as_numbers(got):
    """Plain data as an array of numbers or Booleans, or None if it is not that."""
    if got is None or _contains(got, (str, dict)):
        return None
    try:
        array = np.asarray(got)
    except ValueError:                                    # rows of different length
        return None
    return array if array.dtype.kind in "biuf" else None


def _contains(value, kinds):
    """Whether plain data contains a value of these types."""
    return isinstance(value, kinds) or (
        isinstance(value, tuple) and any(_contains(v, kinds) for v in value))


def _same_numbers(got, expected):
    """Whether two arrays have one shape and close entries."""
    if got.shape != expected.shape or (got.dtype == bool) != (expected.dtype == bool):
        return False
    if got.dtype == bool:
        return bool((got == expected).all())
    if expected.dtype.kind in "iu" and got.dtype.kind == "f":
        return False                                      # a place, a label, a size is whole
    scale = np.abs(expected[np.isfinite(expected)]).max(initial=0.0)
    tolerance = DIGITS.get(got.dtype.name, TOLERANCE) * max(scale, 1e-6)
    with np.errstate(all="ignore"):
        close = np.abs(got - expected.astype(float)) <= tolerance
    return bool(np.all(close | (got == expected) | (np.isnan(got) & np.isnan(expected))))


def describe(got, expected, names):
    """Say how an output differs, for a learner: order, number, shape, sign, factor, largest error.

    Parameters
    ----------
    got, expected : plain data that are not `same`
    names : tuple of str
        Names of the outputs.

    Returns
    -------
    str
    """
    if isinstance(expected, tuple):
        return _describe_tuple(got, expected, names)
    return _describe_one(got, expected, names[0] if names else "the result")


def _describe_tuple(got, expected, names):
    """The difference of several outputs, in words."""
    names = names[:len(expected)] or [f"output {k}" for k in range(len(expected))]
    wanted = ", ".join(names)
    if not isinstance(got, tuple) or len(got) != len(expected):
        count = len(got) if isinstance(got, tuple) else 1
        return f"it returns {count} value{'s' * (count != 1)} where {len(expected)} are asked: " \
               f"return {wanted}."
    order = []
    for g in got:
        order += [j for j, e in enumerate(expected) if j not in order and same(g, e)][:1]
    if len(order) == len(expected):
        given = ", ".join(names[j] for j in order)
        return f"the values are right but in the wrong order: you return {given}; return {wanted}."
    wrong = [k for k in range(len(expected)) if not same(got[k], expected[k])]
    text = _describe_one(got[wrong[0]], expected[wrong[0]], names[wrong[0]])
    right = [names[k] for k in range(len(expected)) if k not in wrong]
    return text + (f" ({', '.join(right)}: right.)" if right else "")


def _describe_one(got, expected, name):
    """The difference of one output, in words."""
    if isinstance(expected, str) and not expected and isinstance(got, str):
        # an output that was normalised: it says itself what is wrong
        return f"{got}."
    if isinstance(expected, tuple):
        return _describe_tuple(got, expected, tuple(f"{name}[{k}]" for k in range(len(expected))))
    if isinstance(expected, (str, dict)) or expected is None:
        return f"{name} is {_short(got)}, but should be {_short(expected)}."
    if got is None:
        return f"{name} is None: is a return missing?"
    expected, numbers = np.asarray(expected), as_numbers(got)
    if numbers is None and isinstance(got, tuple):
        return f"{name} should be one array, but it is {len(got)} things that do not make one."
    if numbers is None:
        return f"{name} is not made of numbers: it is {type(got).__name__}."
    if (numbers.dtype == bool) != (expected.dtype == bool):
        return f"{name} has dtype {numbers.dtype}, but should have {expected.dtype}."
    if numbers.shape != expected.shape:
        turned = numbers.ndim == 2 and _same_numbers(numbers.T, expected)
        return f"{name} has shape {numbers.shape}, but should have {expected.shape}." + (
            " Transposed, it is right." if turned else "")
    if expected.dtype.kind in "iu" and numbers.dtype.kind == "f":
        if np.array_equal(numbers, expected):
            return f"{name} is right, but has dtype {numbers.dtype}: these are whole numbers, so " \
                   "return them as int."
    if not numbers.shape and numbers.dtype == bool:
        return f"{name}: {numbers}, but should be {expected}."
    if not numbers.shape and not _same_numbers(-numbers.astype(float), expected.astype(float)):
        with np.errstate(all="ignore"):
            ratio = float(numbers / expected) if expected else 0.0
        times = f" ({ratio:.6g} times that)" if ratio and np.isfinite(ratio) else ""
        return f"{name} {_are(name)} {numbers:.10g}, but should be {expected:.10g}{times}."
    return _describe_entries(numbers.astype(float), expected.astype(float), name)


def _short(value):
    """A value as text of bounded length."""
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + " …"


def _describe_entries(got, expected, name):
    """The difference of two arrays of one shape: NaN, sign, factor, or the largest error."""
    bad = ~np.isfinite(got) & np.isfinite(expected)
    if bad.any():
        at = np.argwhere(bad)[0]
        return f"{name} has {got[tuple(at)]} at {_index(at)}: a division by zero, or an overflow?"
    if _same_numbers(-got, expected):
        return f"{name} {_are(name)} right but for the sign."
    with np.errstate(all="ignore"):
        ratio = np.unique((got / expected)[expected != 0].round(9))
    if got.size > 1 and ratio.size == 1 and ratio[0] and _same_numbers(got, ratio[0] * expected):
        return f"{name} is {ratio[0]:.6g} times what it should be, in every entry."
    if got.ndim == 2 and got.shape[0] == got.shape[1] and _same_numbers(got.T, expected):
        return f"{name} is right once it is transposed."
    at = np.unravel_index(np.nanargmax(np.abs(got - expected)), got.shape)
    digits = 6 if f"{got[at]:.6g}" != f"{expected[at]:.6g}" else 12
    return (f"{name} {_are(name)} off most at {_index(at)}: {got[at] + 0.0:.{digits}g}, "
            f"but should be {expected[at] + 0.0:.{digits}g}." + _part_that_is_right(got, expected) +
            (" The two differ in the last digits only." if digits == 12 else ""))


def _part_that_is_right(got, expected):
    """Which entries are right, where they are a part that one can name; else nothing."""
    scale = np.abs(expected).max(initial=0.0)
    with np.errstate(all="ignore"):
        wrong = ~(np.abs(got - expected) <= TOLERANCE * max(scale, 1e-6))
    share = 1 - wrong.mean()
    if got.ndim > 1:
        for axis in range(got.ndim):
            bad = wrong.any(axis=tuple(k for k in range(got.ndim) if k != axis))
            if 0 < bad.sum() < len(bad) and wrong.mean() > 0.5 * bad.mean():
                places = np.flatnonzero(bad)
                kind = {0: "row", got.ndim - 1: "column"}.get(axis, f"place along axis {axis}")
                return f" Wrong in {kind}{'s' * (len(places) > 1)} {_listed(places)} only."
    if share >= 0.1:
        zeros = wrong[expected == 0]
        if zeros.size and not zeros.any() and wrong[expected != 0].all():
            return " Right are only the entries that should be 0."
        return f" {(~wrong).sum()} of {wrong.size} entries are right."
    return ""


def _listed(places):
    """Some whole numbers in words: 0, 2 and 5; the first few of many."""
    words = [str(int(p)) for p in places[:6]]
    if len(places) > 6:
        return ", ".join(words) + ", …"
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _are(name):
    """The verb: the parameters *are*, the loss *is*."""
    noun = name.split()[1] if name.startswith("the ") else ""
    return "are" if noun.endswith("s") and not noun.endswith("ss") else "is"


def _index(at):
    """Format an index for people."""
    return "[" + ", ".join(str(int(i)) for i in at) + "]" if len(at) else "its only entry"
