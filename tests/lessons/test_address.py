"""The course's address stands in one place; what people read has its links from there."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from lesson_sources import ROOT, SOURCES, build

address = build.address
HERE = address.repository()
OWNER, NAME = address.GITHUB.fullmatch(HERE).groups()
# What is not of the course's own making: other people's repositories and organisations.
OURS = re.compile(rf"{OWNER}(\.github\.io)?/{NAME}\b")


def test_the_sources_and_the_code_have_no_address_of_their_own():
    places = [*SOURCES, *(ROOT / "site").glob("*.py"), *(ROOT / "course_lib").rglob("*.py"),
              *(ROOT / "notebooks").glob("*.py"), *(ROOT / ".github").rglob("*.yml"),
              *(ROOT / "binder").iterdir(), *(ROOT / ".devcontainer").iterdir()]
    assert [p for p in places if OURS.search(p.read_text(encoding="utf-8"))] == []


def test_the_pages_have_the_address_of_pyproject():
    assert address.outdated(HERE) == {}
    assert address.old_address() == (OWNER, NAME)
    assert OURS.search((ROOT / "README.md").read_text(encoding="utf-8"))


@pytest.fixture
def copy(tmp_path):
    """A copy of what a change of address touches, with another address in its pyproject.toml."""
    folder = tmp_path / "course"
    shutil.copytree(ROOT / "notebooks", folder / "notebooks",
                    ignore=shutil.ignore_patterns("0[2-7]*", "pictures", ".ipynb_checkpoints",
                                                  "__pycache__"))
    (folder / "site").mkdir()
    for name in ("README.md", "INSTRUCTORS.md", "CONTRIBUTING.md", "CITATION.cff", "site/using.md",
                 "site/errata.md"):
        shutil.copy(ROOT / name, folder / name)
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(text.replace(HERE, "https://github.com/you/their.course"),
                                           encoding="utf-8")
    return folder


def run(folder, *arguments):
    return subprocess.run([sys.executable, folder / "notebooks" / "build.py", *arguments],
                          capture_output=True, text=True, encoding="utf-8")


def texts(folder):
    """All that people read: the pages, and the cells of the notebooks."""
    for path in (p for p in folder.rglob("*") if p.suffix in (".md", ".cff", ".ipynb")):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
        yield path.relative_to(folder).as_posix(), text


def test_one_edit_and_one_command_move_the_course(copy):
    assert run(copy, "--check").returncode == 1
    done = run(copy, "--text")
    assert done.returncode == 0, done.stderr
    assert [name for name, text in texts(copy) if OURS.search(text)] == []
    found = dict(texts(copy))
    assert "git clone https://github.com/you/their.course &&" in found["README.md"]
    assert "https://you.github.io/their.course/" in found["README.md"]
    lesson = found["notebooks/01_backprop_by_hand.ipynb"]
    assert "git+https://github.com/you/their.course" in lesson
    assert "mybinder.org/v2/gh/you/their.course/main" in lesson
    assert run(copy, "--check").returncode == 0


def test_the_check_names_the_page_that_leads_elsewhere(copy):
    run(copy, "--text")
    page = copy / "README.md"
    page.write_text(page.read_text(encoding="utf-8").replace("you/their.course", "old/course"),
                    encoding="utf-8")
    done = run(copy, "--check")
    assert done.returncode == 1 and "README.md" in done.stderr and "--text" in done.stderr


@pytest.mark.parametrize("wrong", ["https://gitlab.com/a/b", "https://github.com/a/b/", "a/b"])
def test_an_address_that_no_link_can_be_made_from_is_refused(tmp_path, wrong):
    file = tmp_path / "pyproject.toml"
    file.write_text(f'[project.urls]\nRepository = "{wrong}"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="write https://github.com/OWNER/NAME"):
        address.repository(file)


def outputs(folder):
    path = folder / "notebooks" / "01_backprop_by_hand.ipynb"
    return [c.get("outputs") for c in json.loads(path.read_text(encoding="utf-8"))["cells"]]


def test_words_are_renewed_without_a_kernel_and_code_is_not(copy):
    run(copy, "--text")
    source = copy / "notebooks" / "source" / "01_backprop_by_hand.py"
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace("one question over and over", "a question"), encoding="utf-8")
    before = outputs(copy)
    assert run(copy, "--text").returncode == 0 and outputs(copy) == before
    assert "asking a question" in dict(texts(copy))["notebooks/01_backprop_by_hand.ipynb"]
    source.write_text(text + "\n# %%\n1 + 1\n", encoding="utf-8")
    done = run(copy, "--text")
    assert done.returncode == 1 and "without --text" in done.stderr
