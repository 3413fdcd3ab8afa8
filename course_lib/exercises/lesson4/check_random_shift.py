"""Verify randomly shifted images, for exercise 4.6."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def detect_shifts(images, out):
    """For each image its shift (down, right), or None where it is no shifted copy.

    All pixels of an image differ. So the first one that is not 0 in the result tells where it was.
    """
    (B, H, W), rows = images.shape, np.arange(len(images))
    flat = out.reshape(B, -1)
    to = (flat != 0).argmax(axis=1)
    origin = images.reshape(B, -1) == flat[rows, to][:, None]
    down, right = (a - b for a, b in zip(divmod(to, W), divmod(origin.argmax(axis=1), W),
                                         strict=True))
    padded = np.pad(images, [(0, 0), (H, H), (W, W)])
    moved = sliding_window_view(padded, (H, W), axis=(1, 2))[rows, H - down, W - right]
    fits = origin.any(axis=1) & (moved == out).all(axis=(1, 2))
    return [(int(d), int(r)) if fit else None
            for d, r, fit in zip(down, right, fits, strict=True)]


def normalise(results, images, *, max_shift, seed):
    """Describe what is wrong; an empty string if nothing is: many draws are right."""
    first, second, again = (as_batch(r) for r in results)
    if first is None or second is None or again is None:
        return "the result is not one array of images, (B, H, W)"
    if first.shape != images.shape:
        return f"the result has shape {first.shape}, but the images have {images.shape}"
    drawn = [detect_shifts(images, out) for out in (first, second)]
    if None in drawn[0] or None in drawn[1]:
        return why_not_a_shift(images, first)
    shifts, more = (np.array(d) for d in drawn)           # each (B, 2)
    if np.abs(shifts).max() > max_shift:
        return (f"an image is shifted by {np.abs(shifts).max()} pixels: shifts are from "
                "-max_shift to max_shift")
    words = max_shift and (wrong_distribution(shifts, max_shift) or not_independent(shifts, more))
    if words:
        return words
    if not np.array_equal(first, again):
        return "two equal generators give different shifts: use the rng that is handed in"
    return ""


def as_batch(result):
    """A result as an array of three axes, or None."""
    try:
        result = np.asarray(result, dtype=float)
    except (TypeError, ValueError):
        return None
    return result if result.ndim == 3 else None


def why_not_a_shift(images, out):
    """Describe what happened to the pixels, where it is not a shift."""
    if np.array_equal(np.sort(out.reshape(len(out), -1)), np.sort(images.reshape(len(out), -1))):
        return "pixels that leave on one side come in on the other: zeros are to move in"
    if not (out == 0).any():
        return "no zeros move in at the edge"
    return "an image is not a shifted copy of what it was"


def wrong_distribution(shifts, max_shift):
    """Describe how the shifts are not uniform; an empty string if all are equally frequent."""
    if (shifts == shifts[0]).all():
        return "all images are shifted alike: draw for each image" if shifts.any() else \
            "nothing is shifted"
    for k, axis in enumerate(("up and down", "left and right")):
        values = set(shifts[:, k].tolist())
        if len(values) == 1:
            return f"all images are shifted alike {axis}: draw for each image" if values != {0} \
                else f"nothing is shifted {axis}"
        missing = set(range(-max_shift, max_shift + 1)) - values
        if missing:
            text = f"{axis}, no image of {len(shifts)} is shifted by {sorted(missing)[0]:+d}"
            return text + ". rng.integers leaves out its upper end" * (len(missing) == 1)
    if not shifts.prod(axis=1).any():
        return "each image is shifted along one axis only: draw a number for each"
    if (shifts[:, 0] == shifts[:, 1]).all():
        return "down and right are the same number: draw two for each image"
    if (np.abs(shifts[:, 0]) == np.abs(shifts[:, 1])).all():
        return "down and right always have the same size: draw two numbers for each image"
    return not_uniform(shifts, max_shift)


def not_uniform(shifts, max_shift):
    """Describe which shifts are too frequent, by five standard deviations; empty if none is."""
    counts = np.zeros((2 * max_shift + 1,) * 2)
    np.add.at(counts, tuple(shifts.T + max_shift), 1)
    usual = len(shifts) / len(counts)
    for single in (counts.sum(axis=0), counts.sum(axis=1)):
        far = np.flatnonzero(np.abs(single - usual) > 5 * np.sqrt(usual))
        if len(far):
            often = " ".join(f"{k - max_shift:+d}" for k in far if single[k] > usual)
            return ("some shifts come up more often than others"
                    + (f" ({often})" if often else "") + ": all are to be equally likely")
    if np.abs(counts - usual / len(counts)).max() > 5 * np.sqrt(usual / len(counts)):
        return "down and right depend on each other: draw two numbers for each image"
    return ""


def not_independent(shifts, more):
    """Describe shifts that repeat; of independent ones a fifth or a third do by chance."""
    for k, axis in enumerate(("up and down", "left and right")):
        if (shifts[:, k] == more[:, k]).mean() > 0.8:
            return (f"every call shifts alike {axis}: draw from rng, do not make a new generator")
    for k in range(1, len(shifts) // 2):
        if (shifts[k:] == shifts[:-k]).mean() > 0.8:
            return "the shifts come again and again in the same order: draw for each image"
    if (shifts[:, 0] == shifts[::-1, 1]).mean() > 0.8:
        return "down and right are the same numbers: draw two for each image"
    return ""
