"""4.2 conv2d_forward."""

import numpy as np

from course_lib.conv import conv2d_forward, output_size, pad2d, window_columns, windows
from course_lib.exercises import Case, Exercise, Mistake

# image, kernels, options: each option alone, then all; nothing square but one, all axes different
SETTINGS = [
    ((2, 3, 6, 8), (4, 3, 2, 3), {}),
    ((3, 1, 5, 7), (2, 1, 3, 2), {"stride": 2}),
    ((2, 3, 4, 5), (1, 3, 3, 2), {"padding": 1}),
    ((1, 2, 8, 7), (3, 2, 3, 2), {"dilation": 2}),
    ((2, 2, 7, 9), (3, 2, 2, 3), {"stride": 2, "padding": 2, "dilation": 2}),
    ((2, 1, 5, 5), (1, 1, 3, 3), {}),
    ((1, 2, 3, 4), (2, 2, 3, 4), {}),
    ((2, 3, 4, 5), (2, 3, 1, 1), {"stride": 3}),
    ((2, 1, 9, 11), (3, 1, 2, 3), {"stride": 4, "dilation": 3, "padding": 3}),
]


def harness(answer, x, kernels, b, **options):
    """Only what comes out is compared: what is kept for the backward is the answer's own."""
    out = answer(x, kernels, b, **options)
    pair = isinstance(out, (tuple, list)) and len(out) == 2 and getattr(out[0], "ndim", 0) == 4
    return out[0] if pair else out


def cases(rng):
    draw = rng.standard_normal
    return [Case((draw(image), draw(kernels), draw(kernels[0])), options)
            for image, kernels, options in SETTINGS]


def flipped(x, kernels, b, **options):
    return conv2d_forward(x, kernels[:, :, ::-1, ::-1], b, **options)


def bias_forgotten(x, kernels, b, **options):
    return conv2d_forward(x, kernels, 0 * b, **options)


def first_channel_only(x, kernels, b, **options):
    return conv2d_forward(x[:, :1], kernels[:, :1], b, **options)


def bias_for_each_channel(x, kernels, b, **options):
    return conv2d_forward(x, kernels, x.shape[1] * b, **options)


def turned(x, kernels, b, **options):
    return conv2d_forward(x, kernels.transpose(0, 1, 3, 2), b, **options)


def stride_forgotten(x, kernels, b, *, stride=1, padding=0, dilation=1):
    return conv2d_forward(x, kernels, b, padding=padding, dilation=dilation)


def padding_forgotten(x, kernels, b, *, stride=1, padding=0, dilation=1):
    return conv2d_forward(x, kernels, b, stride=stride, dilation=dilation)


def dilation_forgotten(x, kernels, b, *, stride=1, padding=0, dilation=1):
    return conv2d_forward(x, kernels, b, stride=stride, padding=padding)


def padded_at_one_end(x, kernels, b, *, stride=1, padding=0, dilation=1):
    x = np.pad(x, [(0, 0), (0, 0), (padding, 0), (padding, 0)])
    return conv2d_forward(x, kernels, b, stride=stride, dilation=dilation)


def edge_repeated(x, kernels, b, *, stride=1, padding=0, dilation=1):
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)], mode="edge")
    return conv2d_forward(x, kernels, b, stride=stride, dilation=dilation)


def channels_last(x, kernels, b, **options):
    return conv2d_forward(x, kernels, b, **options)[0].transpose(0, 2, 3, 1), None


EXERCISE = Exercise(
    id="4.2",
    name="conv2d_forward",
    points=3,
    minutes=25,
    reference=conv2d_forward,
    cases=cases,
    given=(output_size, pad2d, window_columns, windows),
    harness=harness,
    returns=("out",),
    picture="out",
    mistakes=[
        Mistake("kernel flipped", flipped,
                "the kernel is flipped. That is what mathematics calls convolution; deep learning "
                "leaves it as it is, which is cross-correlation, (1)."),
        Mistake("bias forgotten", bias_forgotten,
                "the bias is missing: b[o] is added to every place of output channel o."),
        Mistake("first channel only", first_channel_only,
                "only channel 0 of the image is used. Each output adds up over all channels."),
        Mistake("bias for each channel", bias_for_each_channel,
                "the bias is added once for each input channel. It is added once."),
        Mistake("kernel transposed", turned,
                "height and width of the kernel are exchanged: i goes with the row, j with the "
                "column."),
        Mistake("stride forgotten", stride_forgotten,
                "the stride is not used: take every stride-th window, down and right."),
        Mistake("padding forgotten", padding_forgotten,
                "the padding is not used: put that many zeros around each image first."),
        Mistake("dilation forgotten", dilation_forgotten,
                "the dilation is not used: entry i of the kernel meets the pixel dilation * i "
                "further on."),
        Mistake("padded at one end", padded_at_one_end,
                "zeros are put above and on the left only. They belong on all four sides."),
        Mistake("edge repeated", edge_repeated,
                "the padding repeats the pixels at the edge. Pad with zeros."),
        Mistake("channels last", channels_last,
                "the values are right, but the channels stand last. out is (B, O, OH, OW)."),
    ],
    hints=[
        "“I do not know where to begin.” Get the windows: conv.windows(x, kernels.shape[2:], "
        "stride=..., ...) has shape (B, C, OH, OW, KH, KW). All options are dealt with there.",
        "“And then?” Sum over c, i and j: each entry of a window times the kernel's entry. "
        'np.einsum("bcyxij,ocij->boyx", view, kernels) says just that.',
        "“And as a matrix product?” conv.window_columns gives the windows as columns, "
        "(B, C KH KW, OH OW), and their (OH, OW). kernels.reshape(O, -1) @ columns is "
        "(B, O, OH OW).",
        "“The bias does not broadcast.” b has one entry for each output channel, and that is axis "
        "1: b[:, None] for (B, O, OH OW), b[:, None, None] for (B, O, OH, OW).",
    ],
)
