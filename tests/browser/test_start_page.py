"""The start page in a browser: where it leads, and that a check is on it at once."""

import shutil
import time

import notebook_page as lab
import pytest

LESSON = "notebooks/01_backprop_by_hand.ipynb"
RIGHT = """def central_difference(f, x, *, h=1e-5):
    x = np.array(x, dtype=float)
    slopes = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[i] = h
        slopes[i] = (f(x + nudge) - f(x - nudge)) / (2 * h)
    return slopes"""


@pytest.fixture(scope="module")
def served(browser, tmp_path_factory):
    """The address of a course of its own, with all lessons."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "course_lib").symlink_to(lab.ROOT / "course_lib")
    shutil.copytree(lab.ROOT / "notebooks", folder / "notebooks",
                    ignore=shutil.ignore_patterns("source", "solutions", "__pycache__", ".ipynb*"))
    shutil.copy(lab.ROOT / "README.md", folder)
    with lab.server(folder) as address:
        yield address


@pytest.fixture
def start(page, served):
    """The start page, drawn."""
    page.goto(f"{served}/")           # the server's root leads there
    page.wait_for_selector(".lesson")
    return page


def test_it_shows_every_lesson_and_leads_to_the_first(start, shots):
    assert start.url.rstrip("?").endswith("/course/")
    assert start.locator(".lesson").count() == 7
    assert "0 of 133 points" in start.locator("#sum").inner_text()
    start.screenshot(path=shots / "start.png", full_page=True)
    start.get_by_text("Start with lesson 1").click()
    start.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    assert start.url.endswith(f"/lab/tree/{LESSON}")


def test_a_check_is_on_the_page_at_once_and_before_the_notebook_is_saved(start, browser, served):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    notebook = lab.Notebook(context.new_page(), served, LESSON)
    for text in ("import course_lib", "import numpy as np"):
        notebook.run(notebook.index(text))
    mine = notebook.index("def central_difference")
    notebook.write(mine, RIGHT.replace("2 * h", "h"))
    notebook.run(mine + 1)
    start.wait_for_selector("#last:not([hidden])", timeout=10_000)
    assert "1.1 central_difference" in start.locator("#last").inner_text()
    assert start.locator(".bar a").first.get_attribute("class") == "wrong"
    notebook.write(mine, RIGHT)
    notebook.run(mine + 1)
    start.wait_for_selector("#last", state="hidden", timeout=10_000)
    assert "2 of 133 points" in start.locator("#sum").inner_text()
    assert "Resume: 1.2" in start.locator("#go").inner_text()
    first = start.locator(".bar a").first
    assert first.get_attribute("aria-label") == "1.1 central_difference: right"
    assert notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.context.model.dirty")    # it is not saved
    assert notebook.complaints == []
    notebook.shut_down()
    context.close()


def test_a_field_leads_to_its_exercise(start):
    field = start.locator(".bar a").nth(3)
    assert field.get_attribute("aria-label").startswith("1.4 linear_backward")
    field.click()
    start.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    start.wait_for_function(
        "() => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')].some(c => {"
        " const box = c.getBoundingClientRect();"
        " return c.innerText.includes('def linear_backward') && box.top < 900 && box.bottom > 0 })",
        timeout=30_000)


def test_from_a_lesson_one_comes_back_by_button_and_by_menu(page, served):
    page.goto(f"{served}/lab/tree/{LESSON}?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    for press in (lambda: page.locator('[data-jp-item-name="course-start"]').click(),
                  lambda: (page.locator(".lm-MenuBar-item", has_text="Course").click(),
                           page.get_by_role("menuitem", name="Start page").click())):
        with page.context.expect_page() as opened:
            press()
        opened.value.wait_for_selector(".lesson")
        assert opened.value.url.endswith("/course/")
        opened.value.close()


def test_course_is_found_in_jupyterlabs_terminal(page, served, tmp_path):
    page.goto(f"{served}/lab?reset")
    page.wait_for_function("() => window.jupyterapp?.started !== undefined")
    page.evaluate("() => window.jupyterapp.started.then("
                  "() => window.jupyterapp.commands.execute('terminal:create-new'))")
    page.locator(".jp-Terminal .xterm-helper-textarea").wait_for(state="attached", timeout=30_000)
    page.locator(".jp-Terminal").click()
    page.wait_for_timeout(1500)       # the shell's own prompt
    page.keyboard.type(f"course progress --lesson 1 > {tmp_path}/said 2>&1; touch {tmp_path}/end\n")
    until = time.monotonic() + 30
    while not (tmp_path / "end").exists() and time.monotonic() < until:
        page.wait_for_timeout(300)
    assert "22 points" in (tmp_path / "said").read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_in_it(browser, served, shots, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{served}/course/")
    page.wait_for_selector(".lesson")
    page.screenshot(path=shots / f"start-{scheme}.png", full_page=True)
    assert axe.Axe().run(page).response["violations"] == []
    context.close()


@pytest.mark.parametrize("width", [320, 390, 800, 1280])
def test_nothing_of_it_is_cut_off(browser, served, width):
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(f"{served}/course/")
    page.wait_for_selector(".lesson")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for box in page.locator(".bar a").all():
        assert box.bounding_box()["width"] >= 10 and box.bounding_box()["height"] >= 24
    context.close()


def test_it_says_so_when_jupyterlab_has_ended(start):
    start.context.set_offline(True)
    start.wait_for_function("() => document.querySelector('#offline').textContent.includes("
                            "'make lab')", timeout=10_000)
