"""A class of hostile, broken and odd submissions, each between two good ones, graded in one run."""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import hostile
import psutil
import pytest

from course_lib.grading.results import file_name
from course_lib.grading.run import installed_backends

pytestmark = pytest.mark.skipif("bubblewrap" not in installed_backends(),
                                reason="bubblewrap is not installed")
ROOT = Path(__file__).parents[2]
KINDS = {**{f"code {k}": v for k, v in hostile.CODE.items()},
         **{f"file {k}": v for k, v in hostile.FILES.items()}}
MEMORY = 400                                              # MB


class ProcessMonitor(threading.Thread):
    """Monitor a process tree: its memory, and the processes that are left at the end."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.process, self.peak, self.seen = psutil.Process(process.pid), 0, {}
        self.start()

    def run(self):
        """Poll until the process has ended."""
        while True:
            try:
                family = [self.process, *self.process.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            self.seen |= {p.pid: p for p in family}
            total = 0
            for p in family:
                try:
                    total += p.memory_info().rss - p.memory_info().shared
                except psutil.NoSuchProcess:
                    pass
            self.peak = max(self.peak, total)
            time.sleep(0.05)

    def left(self):
        """Processes still running a moment after the end."""
        gone, alive = psutil.wait_procs(self.seen.values(), timeout=5)
        return [p for p in alive if p.is_running()]


class ConnectionCounter(threading.Thread):
    """A server that counts connections."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port, self.connections = self.socket.getsockname()[1], 0
        self.start()

    def run(self):
        """Accept every connection."""
        while True:
            self.socket.accept()[0].close()
            self.connections += 1


def fill(folder, names):
    """Write each submission between two good ones."""
    good = hostile.notebook("import numpy as np", hostile.RIGHT)
    for kind, (content, *_) in KINDS.items():
        for place in ("a good", "c good"):
            (folder / f"{kind} {place}").mkdir()
            hostile.write("answer.ipynb", good)(folder / f"{kind} {place}")
        mine = folder / f"{kind} b bad"
        mine.mkdir()
        if callable(content):
            content(mine)
        else:
            sources = [re.sub(r"\{(\w+)(!r)?\}", lambda m: names.get(m[1], m[0]), s)
                       for s in content]
            hostile.write("answer.ipynb", hostile.notebook(*sources))(mine)
    (folder / "b good").mkdir()
    hostile.write("answer.ipynb", good)(folder / "b good")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The class, graded once; what was seen meanwhile."""
    top = tmp_path_factory.mktemp("class")
    submissions, out = top / "submissions", top / "grades"
    submissions.mkdir()
    token, listener = secrets.token_hex(8), ConnectionCounter()
    fill(submissions, {"out": repr(str(out)), "subs": repr(str(submissions)), "token": token,
                       "port": str(listener.port), "course": repr(str(ROOT))})
    before = snapshot(submissions)
    (top / "seed").write_text("a secret for the test")
    environment = {**os.environ, "COURSE_TEST_TOKEN": token}
    command = [sys.executable, "-m", "course_lib", "grade",
               str(submissions), "--out", str(out), "--lesson", "1", "--seconds", "3",
               "--jobs", "2", "--memory", str(MEMORY), "--seed-file", str(top / "seed")]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    watch = ProcessMonitor(process)
    said = process.communicate(timeout=1200)
    assert process.returncode == 0, said[1].decode()[-3000:]
    results = {r["student"]: r for r in map(json.loads, (
        p.read_text(encoding="utf-8") for p in (out / "results").glob("*.json")))}
    return {"results": results, "out": out, "submissions": submissions, "token": token,
            "before": before, "watch": watch, "listener": listener}


def snapshot(folder):
    """Every file of a folder, its size and mode."""
    return {str(p.relative_to(folder)): (p.lstat().st_size, p.lstat().st_mode)
            for p in folder.rglob("*")}


def verdict(result):
    return next((v for v in result["exercises"] if v["id"] == "1.4"), None)


@pytest.mark.parametrize("kind", KINDS)
def test_each_gets_what_it_deserves_and_a_plain_reason(graded, kind):
    _, points, reason = KINDS[kind]
    result = graded["results"][f"{kind} b bad"]
    assert result["points"] == points, result
    told = "\n".join([*result["problems"], (verdict(result) or {"message": ""})["message"]])
    assert re.search(reason, told), told
    page = (graded["out"] / "feedback" / f"{file_name(result['student'])}.html").read_text("utf-8")
    assert "<script>" not in page and len(page) < 30_000


def test_every_good_student_has_full_marks(graded):
    good = [r for name, r in graded["results"].items() if name.endswith("good")]
    assert len(good) == 2 * len(KINDS) + 1
    assert {r["points"] for r in good} == {hostile.FULL} and not any(r["problems"] for r in good)


def test_nothing_is_left_behind_and_nothing_was_touched(graded):
    assert graded["watch"].left() == []
    assert snapshot(graded["submissions"]) == graded["before"]
    expected = {"results", "feedback", "grades.csv", "report.html"}
    assert {p.name for p in graded["out"].iterdir()} == expected
    assert len(list((graded["out"] / "results").iterdir())) == len(graded["results"])
    assert {os.stat(f"/dev/{d}").st_mode & 0o777 for d in ("null", "zero", "urandom")} == {0o666}
    for folder in ("/tmp", "/", str(Path.home()), "/usr", "."):
        assert not list(Path(folder).glob("*pwned*")), folder


def test_no_connection_was_made_and_no_secret_got_out(graded):
    assert graded["listener"].connections == 0
    for path in graded["out"].rglob("*"):
        if path.is_file():
            assert graded["token"] not in path.read_text(encoding="utf-8", errors="replace"), path


def test_memory_is_bounded(graded):
    # two workers, two warm Pythons, two answers at their limit, and the grader itself
    assert graded["watch"].peak < (2 * (MEMORY + 700) + 700) * 1e6, graded["watch"].peak / 1e6


@pytest.mark.parametrize("kind", ["shows hidden inputs", "leaks by a forged reason"])
def test_hidden_inputs_are_not_shown_to_the_student(graded, kind):
    result = graded["results"][f"code {kind} b bad"]
    assert verdict(result)["detail"] and verdict(result)["detail"] != verdict(result)["message"]
    name = file_name(result["student"])
    page = (graded["out"] / "feedback" / f"{name}.html").read_text(encoding="utf-8")
    hidden = re.search(r"-?\d\.\d{6,}", verdict(result)["detail"])[0]
    assert hidden not in page and hidden not in (graded["out"] / "report.html").read_text("utf-8")
