"""4.6 random_shift."""

import numpy as np

from course_lib.conv import random_shift
from course_lib.exercises import Case, Exercise, Mistake

from .check_random_shift import normalise


def harness(answer, images, *, max_shift, seed):
    """Two calls with one generator, and the first again with an equal one."""
    import numpy as np

    rng, again = np.random.default_rng(seed), np.random.default_rng(seed)
    batches = images, images.copy(), images.copy()        # the first may be changed in place
    results = [answer(x, max_shift=max_shift, rng=r)
               for x, r in zip(batches, (rng, rng, again), strict=True)]
    return None if results[0] is None else results


def cases(rng):
    found = []
    for shape, max_shift in [((1500, 6, 7), 2), ((600, 5, 5), 1), ((4, 5, 6), 0)]:
        ink = np.tile(np.arange(1, 1 + shape[1] * shape[2]) / 64, (shape[0], 1))
        images = rng.permuted(ink, axis=1).reshape(shape)  # all differ, and are exact in float32
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


def rounded(images, *, max_shift, rng):
    return shifted(images, *np.round(rng.uniform(-max_shift, max_shift, (2, len(images)))
                                     ).astype(int))


def one_axis_each(images, *, max_shift, rng):
    shifts = rng.integers(-max_shift, max_shift + 1, (2, len(images)))
    down = rng.integers(0, 2, len(images))
    return shifted(images, shifts[0] * down, shifts[1] * (1 - down))


def sign_and_size(images, *, max_shift, rng):
    sizes = rng.integers(0, max_shift + 1, (2, len(images)))
    return shifted(images, *(sizes * rng.choice([-1, 1], sizes.shape)))


def same_size(images, *, max_shift, rng):
    sizes = rng.integers(0, max_shift + 1, len(images))
    return shifted(images, *(sizes * rng.choice([-1, 1], (2, len(images)))))


def rolled_and_half_wiped(images, *, max_shift, rng):
    out = []
    for image in images:
        down, right = rng.integers(-max_shift, max_shift + 1, 2)
        moved = np.roll(image, (down, right), axis=(0, 1))
        moved[:max(down, 0)] = 0
        moved[:, :max(right, 0)] = 0
        out.append(moved)
    return np.array(out)


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
        Mistake("rounded", rounded,
                "some shifts come up more often than others. Rounded numbers from -max_shift to "
                "max_shift reach the two ends only half as often: draw whole numbers, with "
                "rng.integers."),
        Mistake("sign and size", sign_and_size,
                "some shifts come up more often than others: 0 is drawn twice as often, because "
                "+0 and -0 are the same. Draw from -max_shift to max_shift at once."),
        Mistake("one axis each", one_axis_each,
                "each image is shifted along one axis only. Draw a number for each of the two."),
        Mistake("same size", same_size,
                "down and right always have the same size: draw two numbers for each image."),
        Mistake("rolled and half wiped", rolled_and_half_wiped,
                "after np.roll you wipe one side only: with a negative shift the pixels come in "
                "at the other."),
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
