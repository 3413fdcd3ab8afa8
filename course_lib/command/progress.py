"""Which exercises of a learner's notebooks are blank, wrong or right.

The notebook is not executed: each exercise's function is found by its name and checked in a
process of its own, with a time limit. This protects against a loop that never ends and a crash,
not against malice: it is the learner's own code on the learner's own machine, so there is no
sandbox here.
"""

import json
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass

from course_lib.grading.extract import extract, is_blank, lesson_of

START_LIMIT = 120  # seconds: torch, imported for the first time on a slow laptop


@dataclass(frozen=True)
class Row:
    """One exercise in one notebook.

    ``status`` is that of ``course_lib.checks``: "blank", "wrong", "right" or "error".
    """

    id: str
    name: str
    status: str
    points: float
    max_points: float
    message: str = ""


def find_notebooks(where, lesson=None):
    """List the learner's notebooks: the file itself, or all of a folder and of those in it.

    Parameters
    ----------
    where : Path
    lesson : int, optional
        Leave out the notebooks that by their number belong to another lesson.

    Returns
    -------
    list of Path
        Of the course's own folder only the learner's, not the solved ones.
    """
    if where.is_file():
        return [where]
    if (where / "notebooks" / "build.py").is_file():
        return find_notebooks(where / "notebooks", lesson)
    own = (where / "build.py").is_file()
    found = sorted(where.glob("*.ipynb") if own else where.rglob("*.ipynb"))
    numbers = {p: lesson_of(p.name) for p in found if ".ipynb_checkpoints" not in p.parts}
    return [p for p, number in numbers.items() if lesson is None or number in (None, lesson)]


def read_notebook(path, exercises, lesson=None):
    """Extract from a notebook the answers to the exercises of its lesson.

    Parameters
    ----------
    path : Path
    exercises : list
        Those of all lessons.
    lesson : int, optional
        Only this lesson's.

    Returns
    -------
    mine : list
        The exercises of this notebook: by the number in its name, or, when it has none, those of
        every lesson of which it defines a function.
    answers : Extracted
    """
    answers = extract(path, [exercise.name for exercise in exercises])
    number = lesson_of(path.name)
    lessons = {number} if number else {
        exercise.lesson for exercise in exercises if exercise.name in answers.found
    }
    if lesson is not None:
        lessons &= {lesson}
    return [exercise for exercise in exercises if exercise.lesson in lessons], answers


def written(answers, name):
    """Whether a notebook has more than a blank for an exercise; nothing is run to find out."""
    own = [piece.node for piece in answers.pieces if name in piece.binds]
    return name in answers.found and not (own and all(
        is_blank(node) and not node.decorator_list for node in own))


def check_answers(exercises, answers, folder, limit=20):
    """Check each exercise's function, one row as soon as each is done.

    Parameters
    ----------
    exercises : list
    answers : Extracted
    folder : Path
        Where the notebook is, so that its imports find what lies beside it.
    limit : float
        Seconds for one exercise.

    Yields
    ------
    Row
        In the order of `exercises`.
    """
    worker, stuck = None, None
    try:
        for exercise in exercises:
            if exercise.name not in answers.found:
                yield _row(exercise, "blank", "the notebook has no function of this name")
                continue
            if not written(answers, exercise.name):
                yield _row(exercise, "blank", "")
                continue
            if worker is None and not stuck:
                worker = _Worker(folder)
                stuck = worker.start(answers.source)
            report = worker.ask([exercise.id, exercise.name], limit) if not stuck else {}
            failure = stuck or report.get("failure")
            if failure:
                worker = worker and worker.stop()  # stop() gives None: the next one gets a new one
                yield _row(exercise, "error", failure)
            else:
                yield _row(exercise, **report)
    finally:
        if worker:
            worker.stop()


def _row(exercise, status, message, points=0):
    return Row(exercise.id, exercise.name, status, points, exercise.points, message)


class _Worker:
    """A Python that checks answers, one question and one answer a line; replaced when it hangs."""

    def __init__(self, folder):
        command = [sys.executable, "-m", "course_lib.command.progress_worker"]
        self.process = subprocess.Popen(
            command, cwd=folder, encoding="utf-8",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        self.answers = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.answers.put(line)
        self.answers.put(None)  # it ended

    def start(self, source):
        """Hand the learner's code over; return what went wrong, or None."""
        ready = self.ask("ready?", START_LIMIT)
        return ready.get("failure") or self.ask({"source": source}, START_LIMIT).get("failure")

    def ask(self, question, limit):
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
        except OSError:
            pass  # it is gone: the queue says so
        try:
            line = self.answers.get(timeout=limit)
        except queue.Empty:
            return {"failure": f"did not finish within {limit:g} s"}
        return json.loads(line) if line else {"failure": self._error_output()}

    def _error_output(self):
        code = self.process.wait()
        return f"Python itself ended while running it (exit code {code})"

    def stop(self):
        self.process.kill()
        self.process.wait()
