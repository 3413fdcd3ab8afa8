"""The README is short, for a learner, and true."""

import json
import re

import pytest
from lesson_sources import ROOT, SOURCES

from course_lib import exercises
from course_lib.command.start.state import minutes_to_read

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ["README.md", "AGENTS.md", "CONTRIBUTING.md", "INSTRUCTORS.md", "data/README.md",
         "site/using.md", "site/coming_from.md", "site/errata.md"]


def test_it_has_at_most_700_words():
    assert len(README.split()) <= 700


def test_nothing_frightens_a_learner():
    """Promises and attacks are for maintainers and instructors."""
    for page in ("README.md", "site/using.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert not re.search(r"promis|hostile|attack|sandboxed", text, re.IGNORECASE)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_repository_leads_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!\w+:|#)([^)#\s]+)[^)]*\)", text)
    assert [t for t in targets if not ((ROOT / page).parent / t).exists()] == []


def minutes(path):
    """Minutes to read a lesson, and with its exercises: as the start page counts them."""
    notebook = json.loads((ROOT / "notebooks" / f"{path.stem}.ipynb").read_text(encoding="utf-8"))
    reading = minutes_to_read(["".join(c["source"]) for c in notebook["cells"]
                               if c["cell_type"] == "markdown"])
    return reading, reading + sum(e.minutes for e in exercises.all()
                                  if e.lesson == int(path.stem[:2]))


@pytest.mark.parametrize("path", SOURCES, ids=[s.stem for s in SOURCES])
def test_its_table_has_each_lesson_with_its_title_links_and_minutes(path):
    title = re.search(r"^# # (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)[1]
    number, _, words = title.partition(" · ")
    row = next(line for line in README.splitlines() if f"(notebooks/{path.stem}.ipynb)" in line)
    assert f"{number} · [{words}](notebooks/{path.stem}.ipynb)" in row
    assert f"/notebooks/{path.stem}.ipynb) [Binder](" in row and row.startswith("| [Colab](")
    assert row.endswith("| {} / {} |".format(*minutes(path)))


def test_its_sums_are_right():
    reading, with_exercises = (sum(column) for column in zip(*map(minutes, SOURCES), strict=True))
    words = {6: "six", 7: "seven", 8: "eight"}
    assert f"about {words[round(reading / 60)]} hours" in README.replace("\n", " ")
    assert f"is about {round(with_exercises / 60)}." in README.replace("\n", " ")
    all_of_them = exercises.all()
    assert f"{len(all_of_them)} exercises" in README.replace("\n", " ")
    mistakes = sum(len(e.mistakes) for e in all_of_them)
    assert f"it knows {mistakes} of them, in {len(all_of_them)} exercises" in README.replace(
        "\n", " ")


@pytest.mark.parametrize("k", range(len(SOURCES)))
def test_each_lesson_ends_with_a_link_to_the_next(k):
    last = SOURCES[k].read_text(encoding="utf-8").rstrip().split("\n# %%")[-1]
    if k + 1 == len(SOURCES):
        assert "That was the last lesson" in last
    else:
        title = re.search(r"^# # (.*)$", SOURCES[k + 1].read_text(encoding="utf-8"), re.MULTILINE)
        assert last.endswith(f"# **Next:** [{title[1]}]({SOURCES[k + 1].stem}.ipynb)")


def test_the_licence_and_the_way_to_cite_are_there():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert "cff-version: 1.2.0" in text and "license: [MIT, CC-BY-4.0]" in text
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert f"version: {version[1]}\n" in text
