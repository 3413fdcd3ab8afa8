"""A page of feedback for each student, and a report on the class for the instructor."""

import base64
from collections import Counter
from pathlib import Path
from statistics import median

import jinja2

from course_lib import exercises
from course_lib.checks.card import SIGNS
from course_lib.grading.results import file_name

from .figures import outcomes_figure, points_figure
from .gradebook import columns

WORDS = {"right": "right", "wrong": "wrong", "error": "could not be run", "blank": "blank"}
OWN = "wrong in a way of its own"


def write_feedback(results, students=None):
    """Write each student's page; it shows messages and hints, no hidden input.

    Parameters
    ----------
    results : Results
    students : collection of str, optional
        Of these alone.

    Returns
    -------
    int
        Number of pages.
    """
    page = _template("feedback.html")
    found = results.all(students)
    for result in found:
        text = page.render(result=result, lines=[_verdict_row(v) for v in result["exercises"]],
                           words=WORDS)
        results.write(f"feedback/{file_name(result['student'])}.html", text)
    return len(found)


def write_report(results, students=None):
    """Write the report on the class: which exercises were hard, which mistakes were made.

    Returns
    -------
    Path
    """
    found = results.all(students)
    parts = [_exercise_statistics(found, id, name, points) for id, name, points in columns(found)]
    most = sum(part["points"] for part in parts)
    figures = {"points": _embed(points_figure([r["points"] for r in found], most)),
               "outcomes": _embed(outcomes_figure(parts))} if parts else {}
    text = _template("report.html").render(
        parts=parts, figures=figures, results=found, most=most, words=WORDS,
        median=median([r["points"] for r in found]) if found else 0,
        problems=[r for r in found if r["problems"]])
    return results.write("report.html", text)


def _verdict_row(verdict):
    """A verdict with its sign and, where something is left to do, a hint."""
    known = {e.id: e for e in exercises.all()}
    hints = known[verdict["id"]].hints if verdict["id"] in known else []
    hint = hints[0] if hints and verdict["status"] != "right" else ""
    return {**verdict, "sign": SIGNS[verdict["status"]], "hint": hint}


def _exercise_statistics(found, id, name, points):
    """Statistics of a class for one exercise."""
    verdicts = [v for r in found for v in r["exercises"] if v["id"] == id]
    statuses = Counter(v["status"] for v in verdicts)
    statuses["blank"] += len(found) - len(verdicts)       # handed in nothing of this lesson
    mistakes = Counter(v["mistake"] or OWN for v in verdicts if v["status"] == "wrong")
    messages = {}                                         # what most of them were told
    for kind in {*mistakes, "error"}:
        counts = Counter(v["message"] for v in verdicts if kind == (
            "error" if v["status"] == "error" else v["mistake"] or OWN))
        messages[kind] = counts.most_common(1)[0][0] if counts else ""
    return {"id": id, "name": name, "points": points, "statuses": statuses, "n": len(found),
            "error": messages["error"], "own": mistakes[OWN],
            "known": statuses["wrong"] - mistakes[OWN],
            "mistakes": [(count, mistake, messages.get(mistake, ""))
                         for mistake, count in mistakes.most_common()]}


def _embed(figure_and_words):
    """A figure as a data URL, with its alternative text."""
    png, words = figure_and_words
    return {"src": "data:image/png;base64," + base64.b64encode(png).decode("ascii"), "alt": words}


def _template(name):
    folder = Path(__file__).parent / "templates"
    loader = jinja2.FileSystemLoader(folder)
    return jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True,
                              undefined=jinja2.StrictUndefined).get_template(name)
