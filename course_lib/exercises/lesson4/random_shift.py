"""4.6 random_shift."""

import numpy as np

from course_lib.conv import random_shift
from course_lib.exercises import Case, Exercise, Mistake


def harness(answer, images, *, max_shift, seed):
    """Two calls with one generator, and the first again with an equal one."""
    import numpy as np

    rng, again = np.random.default_rng(seed), np.random.default_rng(seed)
    results = [answer(images, max_shift=max_shift, rng=r) for r in (rng, rng, again)]
    return None if results[0] is None else [np.asarray(r, dtype=float) for r in results]


def found_shifts(images, out, reach):
    """For each image its shift (down, right), or None where it is none of up to `reach`."""
    B, H, W = images.shape
    padded = np.pad(images, [(0, 0), (reach, reach), (reach, reach)])
    shifts = [None] * B
    for down, right in np.ndindex(2 * reach + 1, 2 * reach + 1):
        cut = padded[:, down:down + H, right:right + W]
        for k in np.flatnonzero((cut == out).all(axis=(1, 2))):
            shifts[k] = reach - down, reach - right
    return shifts


def normalise(results, images, *, max_shift, seed):
    """What is wrong, in words; nothing if it is right: there are many right draws."""
    if isinstance(results, str):
        return results
    out, second, again = results
    if out.shape != images.shape:
        return f"the result has shape {out.shape}, but the images have {images.shape}"
    shifts = found_shifts(images, out, min(images.shape[1:]) - 1)
    if None in shifts:
        return _not_a_shift(images, out)
    shifts = np.array(shifts)                             # (B, 2)
    if np.abs(shifts).max() > max_shift:
        return f"an image is shifted by {np.abs(shifts).max()} pixels, more than max_shift"
    if max_shift:
        words = _one_sided(shifts, max_shift)
        if words:
            return words
    if not np.array_equal(out, again):
        return "two equal generators give different shifts: use the rng that is handed in"
    if max_shift and np.array_equal(out, second):
        return "every call shifts alike: draw from rng, do not make a new generator"
    return ""


def _not_a_shift(images, out):
    """What happened to the pixels, where it is not a shift."""
    same_pixels = np.array_equal(np.sort(out.reshape(len(out), -1)),
                                 np.sort(images.reshape(len(images), -1)))
    if same_pixels:
        return "pixels that leave on one side come in on the other: zeros are to move in"
    if not (out == 0).any():
        return "no zeros move in at the edge"
    return "an image is not a shifted copy of what it was"


def _one_sided(shifts, max_shift):
    """What is wrong with how the shifts are spread; in 300 draws each value comes up."""
    if (shifts == shifts[0]).all():
        return "all images are shifted alike: draw for each image"
    for k, axis in enumerate(("up and down", "left and right")):
        values = set(shifts[:, k].tolist())
        if values == {0}:
            return f"nothing is shifted {axis}"
        missing = set(range(-max_shift, max_shift + 1)) - values
        if missing:
            return f"{axis}, no image of {len(shifts)} is shifted by {sorted(missing)[0]:+d}"
    if (shifts[:, 0] == shifts[:, 1]).all() or (shifts[:, 0] == -shifts[:, 1]).all():
        return "down and right are the same number: draw twice"
    return ""


def cases(rng):
    found = []
    for shape, max_shift in [((300, 6, 7), 2), ((300, 5, 5), 1), ((4, 5, 6), 0)]:
        images = rng.integers(1, 256, shape).astype(float)
        found.append(Case((images,), {"max_shift": max_shift, "seed": int(rng.integers(1000))}))
    return found


def shifted(images, downs, rights):
    """Each image shifted by its own numbers; zeros move in."""
    reach = max(np.abs(downs).max(), np.abs(rights).max())
    padded = np.pad(images, [(0, 0), (reach, reach), (reach, reach)])
    H, W = images.shape[1:]
    return np.array([p[reach - d:reach - d + H, reach - r:reach - r + W]
                     for p, d, r in zip(padded, downs, rights, strict=True)])


def wraps(images, *, max_shift, rng):
    shifts = rng.integers(-max_shift, max_shift + 1, (len(images), 2))
    return np.array([np.roll(image, s, axis=(0, 1)) for image, s in
                     zip(images, shifts.tolist(), strict=True)])


def all_alike(images, *, max_shift, rng):
    down, right = rng.integers(-max_shift, max_shift + 1, 2)
    return shifted(images, np.full(len(images), down), np.full(len(images), right))


def diagonal(images, *, max_shift, rng):
    shifts = rng.integers(-max_shift, max_shift + 1, len(images))
    return shifted(images, shifts, shifts)


def never_the_last(images, *, max_shift, rng):
    low = -max_shift
    shifts = rng.integers(low, max(max_shift, low + 1), (2, len(images)))
    return shifted(images, *shifts)


def one_direction(images, *, max_shift, rng):
    return shifted(images, *rng.integers(0, max_shift + 1, (2, len(images))))


def too_far(images, *, max_shift, rng):
    return random_shift(images, max_shift=max_shift + 1, rng=rng)


def own_generator(images, *, max_shift, rng):
    return random_shift(images, max_shift=max_shift, rng=np.random.default_rng(0))


def sideways_only(images, *, max_shift, rng):
    rights = rng.integers(-max_shift, max_shift + 1, len(images))
    return shifted(images, np.zeros(len(images), int), rights)


def edge_repeated(images, *, max_shift, rng):
    padded = np.pad(images, [(0, 0)] + [(max_shift, max_shift)] * 2, mode="edge")
    H, W = images.shape[1:]
    at = rng.integers(0, 2 * max_shift + 1, (len(images), 2))
    return np.array([p[i:i + H, j:j + W] for p, (i, j) in zip(padded, at, strict=True)])


EXERCISE = Exercise(
    id="4.6",
    name="random_shift",
    points=2,
    minutes=20,
    reference=random_shift,
    cases=cases,
    harness=harness,
    normalise=normalise,
    returns=("the result",),
    mistakes=[
        Mistake("wraps round", wraps,
                "pixels that leave on one side come in on the other, as np.roll does it. Zeros are "
                "to move in."),
        Mistake("all alike", all_alike,
                "all images of a batch are shifted alike. Draw a shift for each."),
        Mistake("diagonal", diagonal,
                "down and right are the same number, so images move along the diagonal only: draw "
                "two numbers for each image."),
        Mistake("never the last", never_the_last,
                "no image is shifted by +max_shift. rng.integers leaves out its upper end: "
                "max_shift + 1."),
        Mistake("one direction", one_direction,
                "images move down and right only. Shifts are from -max_shift to max_shift."),
        Mistake("too far", too_far,
                "some images are shifted by more than max_shift."),
        Mistake("its own generator", own_generator,
                "every call shifts alike, because you make a new generator from the same seed. Use "
                "the rng that is handed in."),
        Mistake("sideways only", sideways_only,
                "images move left and right only. Shift them up and down too."),
        Mistake("edge repeated", edge_repeated,
                "the pixels at the edge are repeated. Zeros, which are paper, are to move in."),
    ],
    hints=[
        "“How do I shift with zeros?” Pad each image with max_shift zeros all round, then cut a "
        "piece of the old size out of it. Where you cut is the shift.",
        "“How do I draw?” rng.integers(0, 2 * max_shift + 1, (len(images), 2)) gives a corner for "
        "each image.",
        "“Is a loop all right?” Yes: for image, (i, j) in zip(padded, corners): "
        "image[i:i + H, j:j + W]. np.array(...) of the list makes a batch of it.",
    ],
)
