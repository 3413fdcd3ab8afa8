"""Each lesson in JupyterLab, as a person does it: set it up, play with it, solve an exercise.

nbval runs every cell of every lesson. Here lesson 1 is run whole, and of the others what the widget
needs.
"""

import json
import re

import notebook_page as lab
import pytest
from lesson_sources import figures

from course_lib import exercises

LESSONS = sorted(p.name for p in (lab.ROOT / "notebooks").glob("*.ipynb"))
SECONDS = 900                                             # for one lesson, beside other tests
WHOLE = 1
# A widget needs a model, not a well-trained one: a cell of the lesson, and what is typed there
# instead.
INSTEAD = {4: [("articles = articles_cnn()", "train_set = tensors(x_train, y_train)"),
               ("model, history = trained(", """model = trained(
    lambda: models.fast_cnn((8, 32, 64), dropout=0.25), train_set, epochs=4)[0]""")],
           7: [("model = tuned(0)", "model = new_classifier(0).eval()")]}
MISTAKE = """def {name}(*args, **options):
    from course_lib import exercises
    return exercises.get("{id}").mistakes[0].fn(*args, **options)
"""


def slide(notebook, index, which=0):
    """Move a slider one step with the keyboard; return the status line before and after."""
    before = notebook.status(index)
    handle = notebook.cell(index).locator(".noUi-handle").nth(which)
    handle.focus()
    notebook.page.keyboard.press("ArrowRight")      # once: beside other tests, two come far apart
    return before, notebook.wait_for_change(index, before)


def press(notebook, index, button):
    """Press one of a row of buttons as one does without a mouse."""
    before = notebook.status(index)
    notebook.focus(index, button)
    notebook.page.keyboard.press("Space")
    return notebook.wait_for_change(index, before)


def step_backward(notebook, index):
    """Forward with the mouse, back with the keyboard."""
    before = notebook.status(index)
    notebook.cell(index).get_by_role("button", name="Next node").click()
    after = notebook.wait_for_change(index, before)
    assert before.startswith("Step 0 of") and after.startswith("Step 1 of")
    assert press(notebook, index, "Undo") == before


def descend(notebook, index):
    before, after = slide(notebook, index)
    rates = [float(re.search(r"Learning rate ([\d.e-]+),", s)[1]) for s in (before, after)]
    assert rates[1] == pytest.approx(rates[0] * 10 ** 0.05, rel=0.05)     # as it is rounded


def nudge(notebook, index):
    before, after = slide(notebook, index)
    places = [float(re.search(r"At w1 = (-?[\d.]+)", s)[1]) for s in (before, after)]
    assert places[1] == pytest.approx(places[0] + 0.05)
    _, smaller = slide(notebook, index, which=1)
    assert "nudge of 5.6e-01" in smaller                  # up to the next step of the slider


def race(notebook, index):
    assert notebook.status(index).startswith("On the ravine,")
    assert press(notebook, index, "saddle").startswith("On the saddle,")


def kernel(notebook, index):
    before, after = slide(notebook, index)
    assert "Stride 1," in before and "Stride 2," in after
    assert press(notebook, index, "blur") != after


def draw(notebook, index):
    """Draw a one with the mouse, wipe it, and draw it again with the keyboard."""
    page, cell = notebook.page, notebook.cell(index)
    field = cell.locator("canvas").first
    before = notebook.status(index)
    box = field.bounding_box()
    page.mouse.move(box["x"] + 126, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 126, box["y"] + 210, steps=12)
    page.mouse.up()
    drawn = notebook.wait_for_change(index, before)
    assert before == "Draw a digit." and drawn.startswith("Most likely: 1 (")
    cell.get_by_role("button", name="Clear").click()
    assert notebook.wait_for_change(index, drawn) == "Draw a digit."
    field.focus()
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")                          # the pen goes down
    for _ in range(13):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert "Most likely: 1 (" in notebook.wait_for_change(index, "Draw a digit.")


def flow(notebook, index):
    before, after = slide(notebook, index)
    biases = [float(re.search(r"forget bias (-?[\d.]+)", s)[1]) for s in (before, after)]
    assert biases[1] == biases[0] + 0.5


def attention(notebook, index):
    before, after = slide(notebook, index)
    assert "token 0," in before and "token 1," in after


def review(notebook, index):
    before = notebook.status(index)
    field = notebook.cell(index).locator("input[type=text]").first
    field.fill("The soup was [MASK] .")
    field.press("Enter")
    after = notebook.wait_for_change(index, before)
    assert "Filled in" in after and "sounds best" in after


WIDGETS = {1: ("step_through_backward(", step_backward), 2: ("explore_descent(", descend),
           3: ("widgets.race()", race), 4: ("draw_digit(", draw), 5: ("explore_flow(", flow),
           6: ("explore_attention(", attention), 7: ("explore_review(", review)}


def solve(notebook, exercise):
    """Type the solved lesson's answer, then a mistake; return what the check says of each."""
    solved = lab.ROOT / "notebooks" / "solutions" / LESSONS[exercise.lesson - 1]
    right = answer(solved, exercise.name)
    check = f'check("{exercise.id}", {exercise.name})'
    where = notebook.index(check)
    cell = max(k for k, c in enumerate(notebook.cells())
               if k < where and f"def {exercise.name}(" in c["source"])
    said = []
    for text in (right, MISTAKE.format(name=exercise.name, id=exercise.id)):
        notebook.write(cell, text)
        notebook.run(where)
        said.append(notebook.status(where))
    return said


def answer(path, name):
    """The cell of a solved notebook that defines a function."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return next("".join(c["source"]) for c in cells if c["cell_type"] == "code"
                and f"def {name}(" in "".join(c["source"]))


@pytest.mark.parametrize("name", LESSONS)
def test_a_lessons_widget_and_check_answer(page, address, shots, name):
    lesson = int(name[:2])
    notebook = lab.Notebook(page, address, name)
    marker, play = WIDGETS[lesson]
    index = notebook.index(marker)
    if lesson == WHOLE:
        notebook.run_all(SECONDS)
    else:
        for start, text in INSTEAD.get(lesson, ()):
            notebook.run_for(notebook.index(start), text)
        notebook.run_for(index)
    errors = [(k, o["name"], o["text"]) for k, c in enumerate(notebook.cells())
              for o in c["outputs"] if o["kind"] == "error"]
    assert errors == []

    play(notebook, index)
    images = notebook.cell(index).locator("img")
    assert all(images.nth(k).get_attribute("alt") for k in range(images.count()))
    page.screenshot(path=shots / f"lesson{lesson}-widget.png")

    exercise = next(e for e in exercises.all() if e.lesson == lesson)
    right, wrong = solve(notebook, exercise)
    assert f"{exercise.id} {exercise.name}: right" in right
    assert exercise.mistakes[0].message.split("\n")[0] in wrong
    page.screenshot(path=shots / f"lesson{lesson}-check.png")
    assert notebook.complaints == []
    notebook.shut_down()


FIGURES = """async () => {
  const notebook = window.jupyterapp.shell.currentWidget.content, found = new Set();
  for (let k = 0; k < notebook.widgets.length; k++) {
    if (notebook.model.cells.get(k).type !== 'code') continue;
    await notebook.scrollToItem(k);
    notebook.node.querySelectorAll('.jp-OutputArea img').forEach(image => found.add(image.alt));
  }
  return [...found]; }"""


def test_a_screen_reader_hears_the_stored_figures_in_jupyterlab(page, address):
    page.goto(f"{address}/lab/tree/{LESSONS[1]}?reset")
    page.wait_for_function(lab.READY, timeout=90_000)
    cells = json.loads((lab.ROOT / "notebooks" / LESSONS[1]).read_text(encoding="utf-8"))["cells"]
    stored = {figure.alt for cell in cells for figure in figures.figures_of(cell)}
    heard = page.evaluate(FIGURES)
    assert stored and stored <= set(heard) and all(len(alt) > 20 for alt in heard)
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")


def test_every_widget_of_the_lessons_is_played_with():
    used = {word for name in LESSONS for word in re.findall(
        r"widgets\.(\w+)\(", "".join(
            (lab.ROOT / "notebooks/source" / name).with_suffix(".py").read_text("utf-8")))}
    interactive = {w for w in used if not w.startswith(("draw_", "rasterise", "best_", "race_"))}
    interactive.add("draw_digit")
    played = {marker.strip("(").removeprefix("widgets.").removesuffix("()").removesuffix("(")
              for marker, _ in WIDGETS.values()} | {"explore_kernel", "explore_nudge"}
    assert interactive == played


@pytest.mark.parametrize("lesson, marker, play", [
    (4, "explore_kernel(", kernel), (1, "explore_nudge(", nudge)])
def test_the_second_widget_of_a_lesson(page, address, lesson, marker, play):
    """Only the cells that it needs are run."""
    notebook = lab.Notebook(page, address, LESSONS[lesson - 1])
    index = notebook.index(marker)
    notebook.run_for(index)
    play(notebook, index)
    notebook.shut_down()


CONTRAST = """card => {
  const light = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => x / 255)
      .map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
  let behind = card;
  const clear = e => /rgba\\(.*, 0\\)/.test(getComputedStyle(e).backgroundColor);
  while (clear(behind)) behind = behind.parentElement;
  const pair = [light(getComputedStyle(card).color),
                light(getComputedStyle(behind).backgroundColor)].sort((a, b) => b - a);
  return (pair[0] + 0.05) / (pair[1] + 0.05); }"""


def test_a_verdict_can_be_read_in_both_themes_and_on_a_narrow_page(page, address, shots):
    notebook = lab.Notebook(page, address, LESSONS[0])
    where = notebook.index('check("1.1"')
    notebook.run_for(where)
    for width in (1280, 800):
        page.set_viewport_size({"width": width, "height": 900})
        if width == 800:                                  # as a person would, for room
            page.evaluate(
                "() => window.jupyterapp.commands.execute('application:toggle-left-area')")
        for theme in ("Light", "Dark"):
            page.evaluate("theme => window.jupyterapp.commands.execute("
                          "'apputils:change-theme', {theme})", f"JupyterLab {theme}")
            page.wait_for_timeout(1500)
            card = notebook.cell(where).locator("[role=status]").last
            assert card.evaluate(CONTRAST) >= 4.5         # WCAG 2.2, AA
            assert card.evaluate("c => c.scrollWidth <= c.clientWidth + 1")
            page.screenshot(path=shots / f"verdict-{width}-{theme.lower()}.png")
    notebook.shut_down()
