"""Plots of images, the kernel playground, and drawing a digit."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_lib import conv, plots, widgets

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_images_share_one_scale_and_leave_the_rest_empty():
    fig, axes = plt.subplots(2, 2)
    plots.images(axes, [np.eye(3), 4 * np.eye(3)], titles=["a", "b"])
    assert [ax.images[0].get_clim() for ax in axes[0]] == [(0, 4), (0, 4)]
    assert axes[0, 1].get_title() == "b"
    assert not axes[1, 0].axison and not axes[1, 1].axison
    plots.image(axes[1, 0], np.array([[-2.0, 1.0]]), signed=True)
    assert axes[1, 0].images[0].get_clim() == (-2, 2)
    plots.image(axes[1, 1], np.zeros((2, 2)))             # nothing to scale by
    assert axes[1, 1].images[0].get_clim() == (0, 1)


def test_confusion_writes_the_counts_that_are_not_zero():
    fig, ax = plt.subplots()
    plots.confusion(ax, np.array([[5, 0], [2, 7]]), ["a", "b"])
    assert {(t.get_position(), t.get_text()) for t in ax.texts} == {
        ((0, 0), "5"), ((0, 1), "2"), ((1, 1), "7")}
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("said", "is")


@pytest.mark.parametrize("options", [{}, {"stride": 2}, {"dilation": 2},
                                     {"stride": 2, "dilation": 2}])
def test_touch_is_what_a_nudge_touches(options):
    fig, (left, right) = plt.subplots(1, 2)
    kernel = np.arange(1.0, 10.0).reshape(3, 3)
    for pixel in [(0, 0), (4, 3), (3, 6), (2, 2)]:
        x = np.zeros((1, 1, 7, 7))
        x[(0, 0, *pixel)] = 1
        out, _ = conv.conv2d_forward(x, kernel[None, None], np.zeros(1), **options)
        touched = plots.draw_affected_outputs(left, right, size=7, kernel_size=3, pixel=pixel,
                                              **options)
        assert set(touched) == set(map(tuple, np.argwhere(out[0, 0]).tolist()))
        assert all(kernel[entry] == out[(0, 0, *place)] for place, entry in touched.items())


def test_the_playground_draws_what_it_is_told():
    box = widgets.explore_kernel(np.eye(12))
    name, settings, text, image = box.children
    numbers, grid = settings.children
    stride, padding = numbers.children[:2]
    cells = [cell for row in grid.children for cell in row.children]
    assert "12 by 12 becomes 10 by 10" in box.sentence
    assert [c.value for c in cells] == [-1, 0, 1, -2, 0, 2, -1, 0, 1]
    stride.value, padding.value = 2, 1
    assert "Stride 2, padding 1" in box.sentence and "becomes 6 by 6" in box.sentence
    name.value = "identity"
    assert [c.value for c in cells] == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    cells[4].value = -3.0
    assert "from -3 to 0" in box.sentence and box.sentence in text.value
    assert "data:image/png" in image.value


@pytest.mark.parametrize("name", widgets.KERNELS)
def test_every_kernel_can_be_drawn(name):
    fig, sentence = widgets.draw_kernel(np.eye(9), widgets.KERNELS[name], stride=4, padding=4,
                                        dilation=4)
    assert "9 by 9 becomes 3 by 3" in sentence


def test_ink_is_a_round_pen():
    drawn = widgets.rasterise([[(0.25, 0.5), (0.75, 0.5)]], size=40, width=8)
    assert drawn.shape == (40, 40) and drawn.max() == 255 and drawn[20, 20] == 255
    rows, columns = np.nonzero(drawn)
    assert (rows.min(), rows.max()) == (16, 23)           # 8 pixels thick
    assert (columns.min(), columns.max()) == (6, 33)      # round ends stick out by half of that


def test_ink_of_a_dot_and_of_a_pen_that_rests():
    dot = widgets.rasterise([[(0.5, 0.5)]], size=40, width=8)
    assert dot[20, 20] == 255 and 30 < (dot > 0).sum() < 80
    resting = widgets.rasterise([[(0.2, 0.2), (0.5, 0.5), (0.5, 0.5)]])
    assert np.array_equal(resting, widgets.rasterise([[(0.2, 0.2), (0.5, 0.5)]]))


def test_images_of_whole_numbers_and_too_many_of_them():
    fig, axes = plt.subplots(1, 2)
    plots.image(axes[0], np.array([[255, 0]], np.uint8), signed=True)
    assert axes[0].images[0].get_clim() == (-255, 255)
    with pytest.raises(ValueError, match="3 images do not fit into 2 axes"):
        plots.images(axes, np.ones((3, 2, 2)))


def classifier(answers):
    def classify(picture):
        assert picture.shape == (28, 28) and picture.max() <= 255
        answers.append(picture)
        return np.eye(10)[7]
    return classify


def test_a_drawing_is_centred_classified_and_told():
    seen = []
    canvas = widgets.draw_digit(classifier(seen))
    assert canvas.sentence == "Draw a digit." and canvas.probabilities == []
    drawing = widgets.rasterise(widgets.SAMPLES["small 2"])
    canvas.drawing = memoryview(drawing.round().astype(np.uint8).tobytes())   # as from a browser
    assert canvas.sentence == "Most likely: 7 (100%)." and canvas.probabilities[7] == 1
    assert np.allclose(seen[0], conv.as_mnist(drawing.round()))
    assert len(canvas.seen) == 784
    canvas.drawing = bytes(168 * 168)                     # wiped
    assert canvas.sentence == "Draw a digit." and canvas.probabilities == []
    assert len(seen) == 1 and canvas.seen == bytes(784)


def test_verdicts_are_drawn_for_each():
    fig, said = widgets.draw_predictions([widgets.rasterise(s) for s in widgets.SAMPLES.values()],
                                      classifier([]))
    assert said == [7, 7, 7] and len(fig.axes) == 9


def test_the_script_of_the_canvas_is_in_the_package():
    """Else an installed course would have a canvas without a script."""
    script = widgets.draw_digit(classifier([]))._esm
    assert "export default { render }" in str(script)
