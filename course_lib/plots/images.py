"""Plots of images, of what a kernel makes of them, and of confusion matrices."""

import numpy as np

from course_lib.conv import output_size

from .style import BLUE, GREY, ORANGE, SIGNED


def image(ax, x, *, signed=False, title=None, limit=None):
    """Draw an image without axes: large is dark; or, signed, purple below 0 and orange above.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    x : ndarray of shape (H, W)
    signed : bool
        Whether 0 is the middle, drawn white.
    title : str, optional
    limit : float, optional
        What is drawn darkest; by default the largest absolute value.

    Returns
    -------
    matplotlib.axes.Axes
    """
    x = np.asarray(x, float)
    limit = limit or np.abs(x).max() or 1.0
    ax.imshow(x, cmap=SIGNED if signed else "Greys", vmin=-limit if signed else 0, vmax=limit)
    ax.set(xticks=[], yticks=[])
    ax.set_title(title or "", fontsize=9)
    for spine in ax.spines.values():
        spine.set(visible=True, color=GREY, linewidth=0.5)
    return ax


def images(axes, xs, *, titles=None, signed=False):
    """Draw images side by side, on one scale; axes left over stay empty.

    Parameters
    ----------
    axes : ndarray of matplotlib.axes.Axes
        Of any shape.
    xs : sequence of ndarray of shape (H, W)
    titles : sequence of str, optional
    signed : bool
        See `image`.

    Returns
    -------
    ndarray of matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are more images than axes.
    """
    if np.size(axes) < len(xs):
        raise ValueError(f"{len(xs)} images do not fit into {np.size(axes)} axes")
    limit = max((np.abs(np.asarray(x, float)).max() for x in xs), default=1.0)
    for ax in np.ravel(axes)[len(xs):]:
        ax.axis("off")
    for k, (ax, x) in enumerate(zip(np.ravel(axes), xs, strict=False)):
        image(ax, x, signed=signed, limit=limit, title=titles[k] if titles is not None else None)
    return axes


def confusion(ax, matrix, names):
    """Draw a confusion matrix with its counts; errors are shaded by how often they happen.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    matrix : ndarray of int, shape (classes, classes)
        Row: what it is; column: what was said.
    names : sequence of str

    Returns
    -------
    matplotlib.axes.Axes
    """
    errors = matrix * (1 - np.eye(len(matrix)))
    ax.imshow(errors, cmap="Oranges", vmin=0, vmax=1.5 * max(errors.max(), 1))
    for i, j in np.ndindex(matrix.shape):
        if matrix[i, j]:
            ax.text(j, i, matrix[i, j], ha="center", va="center", fontsize=9,
                    color=BLUE if i == j else "black")
    ax.set(xticks=range(len(names)), yticks=range(len(names)), xlabel="said", ylabel="is")
    ax.set_xticklabels(names)
    ax.set_yticklabels(names)
    return ax


def draw_affected_outputs(left, right, *, size, kernel_size, pixel, stride=1, dilation=1):
    """Draw which outputs depend on one pixel, and through which entry of the kernel.

    Parameters
    ----------
    left, right : matplotlib.axes.Axes
        For the image and for the output.
    size, kernel_size : int
        Both are squares.
    pixel : (int, int)
        Its row and column.
    stride, dilation : int

    Returns
    -------
    dict of (int, int) to (int, int)
        From each output touched to the entry of the kernel that the pixel meets there.
    """
    out = output_size(size, kernel_size, stride=stride, dilation=dilation)
    touched = {}
    for y, x in np.ndindex(out, out):
        for i, j in np.ndindex(kernel_size, kernel_size):
            if (stride * y + dilation * i, stride * x + dilation * j) == tuple(pixel):
                touched[y, x] = i, j
    for ax, n, cells in ((left, size, {tuple(pixel): ""}), (right, out, touched)):
        ax.set(xlim=(-0.5, n - 0.5), ylim=(n - 0.5, -0.5), aspect="equal", xticks=[], yticks=[])
        ax.set_xticks(np.arange(n - 1) + 0.5, minor=True)
        ax.set_yticks(np.arange(n - 1) + 0.5, minor=True)
        ax.grid(which="minor", color=GREY, linewidth=0.5)
        ax.tick_params(which="minor", length=0)
        for spine in ax.spines.values():
            spine.set(visible=True, color=GREY)
        for (row, column), entry in cells.items():
            ax.fill_between([column - 0.5, column + 0.5], row - 0.5, row + 0.5,
                            color=BLUE if entry else ORANGE, alpha=0.5, linewidth=0)
            if entry:
                ax.text(column, row, "k{}{}".format(*entry), ha="center", va="center", fontsize=9)
    return touched
