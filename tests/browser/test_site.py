"""The site: everything is there, every link leads somewhere, every figure says what it shows."""

import json
import os
import re
import runpy
import subprocess
import sys
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lesson_sources import figures
from notebook_page import LOOK_ONCE, NOT_SEEN
from test_release import in_sources, squashed

ROOT = Path(__file__).parents[2]
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
ORDER = ["index", *LESSONS, "using", "coming_from", "claims", "errata", "instructors"]
HOMES = {"learners": "notebooks", "solved": "notebooks/solutions"}
HIDDEN = ("script", "style", "mjx-container")

for module in ("sphinx", "myst_nb", "sphinx_book_theme"):
    pytest.importorskip(module, reason="pip install -r site/requirements.txt builds the site")


class Page(HTMLParser):
    """What the tests ask of a page: its links, anchors, images and text."""

    def __init__(self, path):
        super().__init__()
        self.path, self.links, self.anchors, self.images = path, [], set(), []
        self.texts, self.hidden = [], 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        """Collect what the tag brings."""
        attrs = dict(attrs)
        self.anchors.add(attrs.get("id"))
        self.hidden += tag in HIDDEN
        if tag == "img":
            self.images.append(attrs)
        if target := attrs.get("href") or attrs.get("src"):
            self.links.append((target, attrs))

    def handle_endtag(self, tag):
        """Leave a script."""
        self.hidden -= tag in HIDDEN

    def handle_data(self, data):
        """Collect what a reader reads."""
        if not self.hidden:
            self.texts.append(data)

    @property
    def text(self):
        """The text, on one line."""
        return squashed("".join(self.texts))


def build(out, *arguments):
    """Build as a person would; a warning is an error there."""
    done = subprocess.run([sys.executable, ROOT / "site/build.py", "--out", out, *arguments],
                          capture_output=True, text=True, timeout=600, check=False,
                          env={**os.environ, "PYTHONUTF8": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.stem: Page(path) for path in out.glob("*.html")}


@pytest.fixture(scope="module")
def learners(tmp_path_factory):
    return build(tmp_path_factory.mktemp("learners"))


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    return build(tmp_path_factory.mktemp("solved"), "--solved")


@pytest.fixture(params=list(HOMES))
def edition(request):
    return request.param, request.getfixturevalue(request.param)


def figures_in(stem):
    """The figures of a lesson, those in answers too, which only the solved notebook holds."""
    text = (ROOT / "notebooks" / "solutions" / f"{stem}.ipynb").read_text(encoding="utf-8")
    return [figure for cell in json.loads(text)["cells"] for figure in figures.figures_of(cell)]


def test_every_page_is_there_and_can_be_searched(edition):
    _, pages = edition
    assert len(LESSONS) == 7 and set(ORDER) <= set(pages)
    found = (pages["index"].path.parent / "searchindex.js").read_text(encoding="utf-8")
    assert all(f'"{stem}"' in found for stem in ORDER) and "backpropag" in found


def test_one_page_leads_to_the_next_and_back(edition):
    _, pages = edition
    for before, after in zip(ORDER, ORDER[1:], strict=False):
        ways = {(target, attrs.get("title")) for target, attrs in pages[before].links}
        back = {(target, attrs.get("title")) for target, attrs in pages[after].links}
        assert (f"{after}.html", "next page") in ways
        assert (f"{before}.html", "previous page") in back


def test_every_image_says_what_it_shows(edition):
    _, pages = edition
    silent = [(name, image) for name, page in pages.items() for image in page.images
              if not (image.get("alt") or "").strip() or image["alt"].endswith(".png")]
    assert silent == []


@pytest.mark.parametrize("stem", LESSONS)
def test_each_figure_has_the_text_that_the_notebook_gives_it(learners, stem):
    wanted = [(figure.alt, str(figure.width)) for figure in figures_in(stem)]
    assert wanted and wanted == [(image["alt"], image["width"]) for image in learners[stem].images
                                 if "_images" in image["src"]]


def test_links_and_anchors_within_the_site_resolve(edition):
    _, pages = edition
    dead = []
    for name, page in pages.items():
        for target, _ in page.links:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            path = page.path.parent / unquote(parts.path) if parts.path else page.path
            anchors = pages[path.stem].anchors if path.stem in pages else set()
            if not path.exists() or parts.fragment and unquote(parts.fragment) not in anchors:
                dead.append((name, target))
    assert dead == []


def test_nothing_that_a_page_loads_comes_from_elsewhere(edition):
    _, pages = edition
    loaded = [(name, target) for name, page in pages.items() for target, attrs in page.links
              if "src" in attrs or attrs.get("rel") == "stylesheet"]
    assert [pair for pair in loaded if urlsplit(pair[1]).netloc] == []
    assert ("claims", "_static/mathjax/tex-chtml.js") in loaded
    assert (pages["index"].path.parent / "_static/mathjax/tex-chtml.js").stat().st_size > 1e6


@pytest.mark.parametrize("stem", LESSONS)
def test_the_launch_buttons_open_the_notebook(edition, stem):
    name, pages = edition
    where = runpy.run_path(str(ROOT / "site/conf.py"))
    repository, path = f"{where['OWNER']}/{where['NAME']}", f"{HOMES[name]}/{stem}.ipynb"
    assert (ROOT / path).exists()
    found = {target for target, _ in pages[stem].links}
    assert (f"https://mybinder.org/v2/gh/{repository}/{where['BRANCH']}?urlpath=lab/tree/{path}"
            in found)
    assert (f"https://colab.research.google.com/github/{repository}/blob/{where['BRANCH']}/{path}"
            in found)


def test_the_notebooks_fetch_the_library_from_the_same_repository():
    where = runpy.run_path(str(ROOT / "site/conf.py"))["REPOSITORY"]
    for stem in LESSONS:
        text = (ROOT / "notebooks" / f"{stem}.ipynb").read_text(encoding="utf-8")
        assert set(re.findall(r"https://github\.com/[\w-]+/[\w-]+", text)) >= {where}


def test_each_lesson_has_claims_on_trial_and_they_are_found_there(learners):
    parts = re.split(r"(?=<h2>\d)", learners["claims"].path.read_text(encoding="utf-8"))[1:]
    assert len(parts) == len(LESSONS)
    for stem, part in zip(LESSONS, parts, strict=True):
        assert "<strong>A</strong>" in part
        link = re.search(rf'href="{stem}\.html#(claims?-on-trial)"', part)
        assert link and link[1] in learners[stem].anchors


def test_no_solution_is_in_the_learners_edition(learners):
    folder = learners["index"].path.parent
    texts = {name: page.text for name, page in learners.items()}
    for path in (folder / "_sources").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts[path.name] = squashed("\n".join("".join(cell["source"]) for cell in cells))
    assert len(texts) > 14
    leaks = [(name, body) for body in in_sources() for name, text in texts.items() if body in text]
    assert leaks == []


def test_every_solution_is_in_the_solved_edition(solved):
    text = " ".join(page.text for page in solved.values())
    bodies = list(in_sources())
    assert len(bodies) > 50 and [body for body in bodies if body not in text] == []


def test_what_answers_a_question_is_folded(learners):
    """The answer is there, from the solved lesson, and one has to open it."""
    for stem in LESSONS:
        text = (ROOT / "notebooks/solutions" / f"{stem}.ipynb").read_text(encoding="utf-8")
        answers = [cell for cell in json.loads(text)["cells"]
                   if "answer" in cell["metadata"].get("tags", ()) and cell["outputs"]]
        html = learners[stem].path.read_text(encoding="utf-8")
        folds = re.findall(r"<details[^>]*>.*?</details>", html, re.DOTALL)
        for cell in answers:
            said = "".join(cell["outputs"][0].get("text", "")).split("\n")[0]
            assert any(escape(said, quote=False) in fold for fold in folds), said


def test_no_error_and_no_widget_without_its_state_is_shown(edition):
    _, pages = edition
    for stem in LESSONS:
        assert not re.search(r"Traceback|widget-view|Failed to display", pages[stem].text)
        assert "jupyter-widgets" not in pages[stem].path.read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault_in_any_page(learners, browser, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    faults, seen = [], []
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    for name in ORDER if scheme == "light" else ["index", LESSONS[0], "instructors"]:
        page.goto(learners[name].path.as_uri())
        page.wait_for_timeout(800)
        seen = page.evaluate(LOOK_ONCE, seen)
        faults += [(name, v["id"], v["nodes"][0]["html"][:120])
                   for v in axe.Axe().run(page, context=NOT_SEEN).response["violations"]
                   if v["impact"] in ("serious", "critical")]
    context.close()
    assert faults == []
