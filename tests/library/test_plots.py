"""Figures: alternative text is demanded and kept, bytes repeat, graphs are laid out right."""

import io
import itertools
from unittest.mock import Mock

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from lesson_sources import figures
from PIL import Image

from course_lib import plots, widgets
from course_lib.value import Value, tanh

matplotlib.use("Agg")


def test_show_writes_the_alternative_text_where_a_screen_reader_finds_it(monkeypatch):
    displayed = Mock()
    monkeypatch.setattr(plots.style, "display", displayed)
    monkeypatch.setattr(plots.style, "get_ipython", object)
    fig, _ = plt.subplots(figsize=(6, 3))
    plots.show(fig, alt='A line that rises to "1" & <more>.')
    (data,), _ = displayed.call_args
    assert data["text/plain"] == 'A line that rises to "1" & <more>.'
    figure = figures.figure_of({"data": data})
    assert (figure.alt, figure.width) == (data["text/plain"], 480)
    picture = Image.open(io.BytesIO(figure.png))
    assert picture.size == (960, 480) and picture.mode == "P"     # sharp, and small
    assert not plt.fignum_exists(fig.number)


def test_a_script_prints_the_text_and_no_bytes(capsys):
    fig, _ = plt.subplots()
    plots.show(fig, alt="A line.")
    assert capsys.readouterr().out == "A line.\n" and not plt.fignum_exists(fig.number)


def test_show_demands_it():
    fig, _ = plt.subplots()
    with pytest.raises(ValueError, match="alt is empty"):
        plots.show(fig, alt="  ")
    with pytest.raises(TypeError):
        plots.show(fig)
    plt.close(fig)


def test_the_same_figure_gives_the_same_bytes():
    def draw():
        fig, ax = plt.subplots()
        ax.plot([1, 3, 2])
        return plots.png(fig)
    assert draw() == draw()


def graph():
    a, b = Value(2.0, label="a"), Value(-1.0, label="b")
    c = a * b
    d = tanh(c) + c
    d.label = "d"
    return a, b, c, d


def test_columns_put_parents_to_the_left():
    a, b, c, d = graph()
    order = plots.graph.topological_order(d)
    column = plots.graph.columns(order)
    assert all(column[id(p)] < column[id(n)] for n in order for p in n.parents)
    assert column[id(a)] == column[id(b)] == 0
    places = plots.graph.positions(order)
    assert len(set(places.values())) == len(order)        # no node on another


def test_local_slopes_are_what_a_nudge_says_and_leave_the_gradients_alone():
    a, b, c, d = graph()
    d.backward()
    before = [node.grad for node in plots.graph.topological_order(d)]
    assert plots.graph.local_slopes(c) == [b.data, a.data]
    assert plots.graph.local_slopes(a + a) == [1.0, 1.0]
    square = a * a
    assert plots.graph.local_slopes(square) == [a.data, a.data]
    assert [node.grad for node in plots.graph.topological_order(d)] == before


def test_draw_graph_writes_data_and_gradients():
    *_, d = graph()
    d.backward()
    fig, ax = plt.subplots()
    assert plots.draw_graph(ax, d) is ax
    written = [t.get_text() for t in ax.texts]
    assert any(t.startswith("a\n2\ngrad") for t in written)
    assert any(t.startswith("d (+)") for t in written)
    plt.close(fig)


def test_plots_return_their_axes():
    fig, ax = plt.subplots()
    x, y = np.random.default_rng(0).standard_normal((20, 2)), np.arange(20) % 2
    assert plots.decision_boundary(ax, lambda p: p[:, 0], x, y) is ax
    assert plots.decision_boundary(ax, lambda p: 1 + 0 * p[:, 0], x, y) is ax   # no boundary
    assert plots.band(ax, np.arange(3), np.ones((2, 3)), label="runs") is ax
    assert plots.logit_gradient(ax, np.array([0.2, 0.8]), 0, ["a", "b"]) is ax
    plt.close(fig)


def test_the_path_and_the_list_are_those_of_the_library():
    a, b, c, d = graph()
    steps = plots.graph.order_steps(d)
    assert steps[0] == ([d], []) and steps[-1][0] == []
    assert [id(n) for n in steps[-1][1]] == [id(n) for n in plots.graph.topological_order(d)]
    for (path, listed), (after, more) in itertools.pairwise(steps):
        assert abs(len(after) - len(path)) == 1 and len(more) >= len(listed)


def test_nudging_has_the_errors_of_taylors_formula():
    one, both = widgets.nudge.slopes_by_nudging(np.sin, 1.0, np.array([1e-2, 1e-3]))
    errors = np.abs([one - np.cos(1), both - np.cos(1)])
    assert np.allclose(errors[:, 0] / errors[:, 1], [10, 100], rtol=0.01)
    box = widgets.explore_nudge(np.sin, np.cos)
    assert box.sentence.startswith("At w1 = 0.40 the slope is 0.9211. A nudge of 3.0e-01")


def test_a_notebook_stores_a_widgets_first_frame():
    for widget in (widgets.explore_flow(), widgets.race(), widgets.step_through_backward(
            graph()[-1]), widgets.explore_attention(["a", "b"], np.full((1, 2, 2), 0.5))):
        stored = widget._repr_mimebundle_()
        assert figures.are_described({"data": stored}) and "<img" in stored["text/html"]
        assert stored["text/html"].endswith("<p>Run this cell to play with it.</p>")
        assert "VBox" not in stored["text/plain"] and len(stored["text/plain"]) > 20
    stored, _ = widgets.draw_digit(len)._repr_mimebundle_()
    assert "draw a digit here" in stored["text/html"]


def test_a_control_without_a_use_is_left_out():
    for heads in (1, 2):
        weights = np.full((heads, 2, 2), 0.5)
        controls = widgets.explore_attention(["a", "b"], weights).children[:-2]
        assert len(controls) == heads


def test_the_widget_walks_back_node_by_node():
    a, b, c, d = graph()
    box = widgets.step_through_backward(d)
    (undo, forward, film), text, image = box.children[0].children, *box.children[1:]
    assert (box.step, d.grad, a.grad, undo.disabled) == (0, 1.0, 0.0, True)
    seen = {image.value}
    while not forward.disabled:
        forward.click()
        seen.add(image.value)
    assert box.step == 5 and len(seen) == 6               # every step shows another picture
    d_grads = (a.grad, b.grad)
    d.backward()
    assert np.allclose((a.grad, b.grad), 2 * np.array(d_grads))   # complete: backward adds the same
    undo.click()
    film.value = 2                                        # as it plays
    assert box.step == 2
    film.value = 4
    assert box.step == 4 and not forward.disabled and "Step 4 of 5" in text.value
    assert 'alt="The graph after step 4.' in image.value
