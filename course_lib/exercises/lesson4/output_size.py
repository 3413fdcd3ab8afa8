"""4.1 output_size."""

from course_lib.conv import output_size
from course_lib.exercises import Case, Exercise, Mistake


def cases(rng):
    """Every option alone, all together, some that leave pixels over, and at random."""
    fixed = [(9, 4, 1, 0, 1), (28, 3, 2, 0, 1), (11, 3, 1, 2, 1), (10, 3, 1, 0, 2),
             (17, 3, 3, 2, 2), (11, 3, 3, 0, 1), (5, 5, 1, 0, 1), (8, 1, 3, 0, 1), (6, 3, 2, 1, 3),
             (12, 2, 1, 0, 4)]
    drawn = [(int(rng.integers(12, 40)), int(rng.integers(2, 5)), int(rng.integers(1, 4)),
              int(rng.integers(0, 3)), int(rng.integers(1, 4))) for _ in range(8)]
    return [Case((size, k), {"stride": s, "padding": p, "dilation": d})
            for size, k, s, p, d in fixed + drawn] + [
        Case((9, 4)), Case((7, 7)), Case((9, 2), {"dilation": 3}), Case((9, 2), {"stride": 4})]


def one_too_few(size, kernel_size, *, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride


def padded_once(size, kernel_size, *, stride=1, padding=0, dilation=1):
    return (size + padding - dilation * (kernel_size - 1) - 1) // stride + 1


def dilation_forgotten(size, kernel_size, *, stride=1, padding=0, dilation=1):
    return output_size(size, kernel_size, stride=stride, padding=padding)


def dilation_times_size(size, kernel_size, *, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * kernel_size) // stride + 1


def reach_too_short(size, kernel_size, *, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel_size - 1)) // stride + 1


def dilation_added(size, kernel_size, *, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - kernel_size - dilation + 1) // stride + 1


def gaps_of_dilation(size, kernel_size, *, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - kernel_size - dilation * (kernel_size - 1)) // stride + 1


def to_the_nearest(size, kernel_size, *, stride=1, padding=0, dilation=1):
    return round((size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1


def stride_forgotten(size, kernel_size, *, stride=1, padding=0, dilation=1):
    return output_size(size, kernel_size, padding=padding, dilation=dilation)


def rounded_up(size, kernel_size, *, stride=1, padding=0, dilation=1):
    return -((dilation * (kernel_size - 1) + 1 - size - 2 * padding) // stride) + 1


def not_whole(size, kernel_size, *, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1


def padding_forgotten(size, kernel_size, *, stride=1, padding=0, dilation=1):
    return (size - dilation * (kernel_size - 1) - 1) // stride + 1


EXERCISE = Exercise(
    id="4.1",
    name="output_size",
    points=1,
    minutes=10,
    reference=output_size,
    cases=cases,
    returns=("the number of places",),
    mistakes=[
        Mistake("one too few", one_too_few,
                "it is one too few: room / stride is the number of *moves*, and the place before "
                "the first move counts too."),
        Mistake("padded at one end", padded_once,
                "the padding is counted once. Zeros are put at both ends."),
        Mistake("dilation forgotten", dilation_forgotten,
                "the dilation is not in it. Entries of the kernel that lie apart make it reach "
                "further."),
        Mistake("dilation times size", dilation_times_size,
                "a kernel of k entries has k - 1 gaps between them. Dilated, it reaches over "
                "dilation * (k - 1) + 1 pixels, not dilation * k."),
        Mistake("reach too short", reach_too_short,
                "your kernel reaches one pixel too few: from its first entry it is dilation * "
                "(k - 1) pixels to the last one, and the first one counts too."),
        Mistake("dilation added", dilation_added,
                "you add the dilation once. It is the distance of *each* two neighbours: the "
                "kernel reaches over dilation * (k - 1) + 1 pixels."),
        Mistake("dilation as gaps", gaps_of_dilation,
                "you put `dilation` pixels *between* two entries. The entries stand dilation "
                "pixels apart, so with dilation 1 there is nothing between them."),
        Mistake("to the nearest", to_the_nearest,
                "you round to the nearest number. A move that would lead over the edge is not "
                "made: round down, with //."),
        Mistake("stride forgotten", stride_forgotten,
                "the stride is not in it: with stride 2 only every second place is taken."),
        Mistake("rounded up", rounded_up,
                "you round up. Where the last move would lead over the edge, it is not made: round "
                "down, with //."),
        Mistake("not rounded", not_whole,
                "you divide without rounding. A move that would lead over the edge is not made: "
                "round down, with //."),
        Mistake("padding forgotten", padding_forgotten,
                "the padding is not in it. Zeros at both ends make the image longer."),
    ],
    hints=[
        "“Where do I begin?” With stride 1, no padding, no dilation. A kernel of 3 fits into 5 "
        "pixels at 3 places: 5 - 3 + 1.",
        "“And dilation?” Lay the kernel out: entries 0, d, 2d, … It reaches over d * (k - 1) + 1 "
        "pixels. Use that in place of k.",
        "“And stride?” room = size + 2 * padding - reach is how far the kernel can be moved. It is "
        "moved in steps of stride, room // stride times, and it also stands at its first place.",
    ],
)
