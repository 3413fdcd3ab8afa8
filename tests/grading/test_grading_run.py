"""The sandbox, its limits, and a grader that is killed again and again."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import hostile
import psutil
import pytest
from distributed import Client
from typer.testing import CliRunner

from course_lib import exercises
from course_lib.command.main import app
from course_lib.grading import submission
from course_lib.grading.extract import from_cells
from course_lib.grading.judge import grade_exercise
from course_lib.grading.results import Results
from course_lib.grading.run import Limits, Sandbox, Unavailable, backends, installed_backends
from course_lib.grading.run import sandbox as module

GRADE = [sys.executable, "-m", "course_lib", "grade"]
needs_bubblewrap = pytest.mark.skipif("bubblewrap" not in installed_backends(),
                                      reason="no bubblewrap")
KINDS = [pytest.param(("bubblewrap", "warm"), marks=needs_bubblewrap),
         pytest.param(("bubblewrap", "once"), marks=needs_bubblewrap), ("none", "bare")]
JOB = module.PROBE


@pytest.fixture(scope="module", params=KINDS, ids=" ".join)
def sandbox(request):
    found = Sandbox(Limits(seconds=2, memory=400), *request.param)
    yield found
    found.close()


def run(sandbox, source):
    return sandbox.run({**JOB, "source": source})


def grade(sandbox, source, course=None):
    exercise = exercises.get("1.4")
    answers = from_cells([(1, source)], [exercise.name])
    return grade_exercise(sandbox, exercise, answers, seed=5, course=course)


def test_right_and_wrong_answers(sandbox):
    assert grade(sandbox, hostile.RIGHT).points == 3
    verdict = grade(sandbox, hostile.RIGHT.replace("x.T @ dout", "dout.T @ x"))
    assert verdict.mistake == "dW transposed" and verdict.points == 0
    assert grade(sandbox, hostile.WRONG).status == "wrong"


def test_time_is_limited_and_the_next_is_not_hurt(sandbox):
    assert "2 s" in run(sandbox, "def f(x):\n    while True: pass").failure
    assert run(sandbox, JOB["source"]).reply["outcomes"][0]["value"] == 42


def test_output_is_limited(sandbox):
    assert "more than 32 MB" in run(sandbox, "def f(x): return 'a' * 40_000_000").failure


def test_no_trace_of_one_answer_in_the_next(sandbox):
    run(sandbox, "import builtins, numpy as np\ndef f(x):\n    builtins.mark = np.mark = 1")
    found = run(sandbox, "import builtins, numpy as np\ndef f(x):\n"
                         "    return hasattr(builtins, 'mark') or hasattr(np, 'mark')")
    assert found.reply["outcomes"][0]["value"] is False


@pytest.mark.parametrize("kind", ["5 GB at once", "200 processes", "200 threads", "a subprocess",
                                  "connects", "reads the course", "fills the disk", "os._exit",
                                  "stack overflow in C", "kills its parent", "shared memory"])
@needs_bubblewrap
def test_the_slow_sandbox_holds_too(kind, once):
    sources, points, reason = hostile.CODE[kind]
    names = {"port": "1", "course": repr(str(Path(__file__).parents[2]))}
    source = "\n".join(re.sub(r"\{(\w+)(!r)?\}", lambda m: names.get(m[1], m[0]), s)
                       for s in sources)
    verdict = grade(once, source)
    assert verdict.points == points
    # without the supervisor nobody sees by which signal it ended
    assert re.search(f"{reason}|ended before", verdict.message), verdict.message


@pytest.fixture(scope="module")
def once():
    found = Sandbox(Limits(seconds=2, memory=400), "bubblewrap", "once")
    yield found
    found.close()


@needs_bubblewrap
def test_a_file_of_one_answer_is_gone_for_the_next():
    sandbox = Sandbox(Limits(seconds=2))
    wrote = run(sandbox, "def f(x):\n    open('/tmp/mark', 'w').write('x')\n    import os\n"
                         "    return os.listdir('/tmp')")
    assert wrote.reply["outcomes"][0]["value"] == ("mark",)
    seen = run(sandbox, "def f(x):\n    import os\n    return os.listdir('/tmp')")
    assert seen.reply["outcomes"][0]["value"] == ()
    sandbox.close()


HEAP = """
import ctypes, os
def f(x):
    read, write = os.pipe()
    page, top, pages = 4096, ctypes.CDLL(None).sbrk, []
    top.restype = ctypes.c_void_p
    at = (top(0) // page - 1) * page
    libc = ctypes.CDLL(None, use_errno=True)
    while len(pages) < 50_000:
        if libc.write(write, ctypes.c_void_p(at), 1) != 1:
            break
        os.read(read, 1)
        pages.append(ctypes.string_at(at, page))
        at -= page
    seen = b"".join(reversed(pages))
    return [len(seen) > 1_000_000, ("zork" + "marker").encode() in seen]
"""


@needs_bubblewrap
def test_the_memory_of_one_answer_holds_nothing_of_another():
    sandbox = Sandbox(Limits(seconds=30, memory=900))
    for _ in range(5):
        run(sandbox, "# zorkmarker\n" * 2000 + JOB["source"])
    ran = run(sandbox, HEAP)
    value = ran.reply["outcomes"][0]["value"]
    sandbox.close()
    assert value == (True, False)                         # it did look, and found nothing


def test_without_a_sandbox_nothing_is_run_and_the_remedy_is_told(monkeypatch):
    monkeypatch.setattr(backends.shutil, "which", lambda name: None)
    with pytest.raises(Unavailable, match="(?s)apt-get install bubblewrap.*--trust-submissions"):
        Sandbox()


def test_a_sandbox_that_does_not_start_is_not_used(monkeypatch, tmp_path):
    for name in ("bwrap", "podman"):                      # both are there, and neither works
        script = tmp_path / name
        script.write_text("#!/bin/sh\necho no permission >&2\nexit 1\n")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(backends.shutil, "which", lambda name: str(tmp_path / name)
                        if (tmp_path / name).exists() else None)
    with pytest.raises(Unavailable, match="(?s)bubblewrap, warm: .*no permission.*podman"):
        Sandbox()


def test_a_sandbox_that_stops_working_stops_the_run_and_blames_nobody():
    sandbox = Sandbox(Limits(seconds=2), "none")
    sandbox._start = lambda: "broken"
    with pytest.raises(Unavailable, match="stopped working"):
        run(sandbox, JOB["source"])


def test_a_container_gets_every_limit():
    line, _ = backends.command("podman", "once", limits=Limits(memory=300, disk=5), name="me")
    text = " ".join(map(str, line))
    for option in ("--network=none", "--read-only", "--cap-drop=ALL", "--memory=600m",
                   "--pids-limit=16", "--security-opt=no-new-privileges", "size=5m", "--rm",
                   "--pull=never", "--name=me", "--ipc=none", "--user=65534:65534"):
        assert option in text
    assert "course_lib:" not in text and f"{Path(__file__).parents[2]}:" not in text


@pytest.mark.parametrize("limit", [{"seconds": 0}, {"memory": -1}, {"output": 0}])
def test_limits_are_above_zero(limit):
    with pytest.raises(ValueError, match="above 0"):
        Limits(**limit)


# -- a class, and a grader that is killed --------------------------------------------------------

SLOW = hostile.RIGHT.replace("    return", "    import time; time.sleep(0.07)\n    return")


def write_class(folder, n=50):
    for k in range(n):
        (folder / f"student {k:02d}").mkdir(parents=True)
        answer = (SLOW, hostile.WRONG, SLOW, "")[k % 4]
        text = hostile.notebook(answer) if k % 10 != 7 else "broken"
        (folder / f"student {k:02d}" / "answer.ipynb").write_text(text, encoding="utf-8")
    (folder.parent / "seed").write_text("the secret of the class")


def command(folder, out, *more):
    return [*GRADE, str(folder), "--out", str(out), "--lesson", "1", "--seed-file",
            str(folder.parent / "seed"), *more]


def everything(out):
    """All files of a run, without times."""
    found = {}
    for path in out.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".json":
                result = json.loads(text)
                del result["graded"], result["seconds"]
                text = json.dumps(result)
            found[path.relative_to(out).as_posix()] = text
    return found


def results_in(out):
    return len(list((out / "results").glob("*.json")))


@needs_bubblewrap
@pytest.mark.parametrize("seed", [0, 1])                  # ten times each
def test_killed_twenty_times_the_results_are_those_of_an_undisturbed_run(tmp_path, seed):
    submissions = tmp_path / "class"
    write_class(submissions)
    subprocess.run(command(submissions, tmp_path / "calm"), check=True, capture_output=True)
    calm = everything(tmp_path / "calm")
    assert len([name for name in calm if name.startswith("results/")]) == 50

    rng, out, kills, partial = random.Random(seed), tmp_path / "killed", 0, set()
    before = []                                           # processes of the one killed last
    while kills < 10:
        process = subprocess.Popen(command(submissions, out), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        # Not after a time, which says little on a busy machine, but after some results.
        enough = results_in(out) + rng.randrange(12)
        while process.poll() is None and results_in(out) < enough:
            time.sleep(0.02)
        time.sleep(rng.uniform(0, 0.3))
        # The next one was started at once, as a person would; by now they must all be gone.
        assert psutil.wait_procs(before, timeout=15)[1] == []
        if process.poll() is None:
            before = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
        done = results_in(out)
        partial.add(done)
        if done == 50 and kills < 10:                     # whole: begin again, with half of it gone
            for path in rng.sample(sorted((out / "results").glob("*.json")), 25):
                path.unlink()
    assert psutil.wait_procs(before, timeout=15)[1] == []
    assert len(partial) > 3                               # it was hit at different moments
    subprocess.run(command(submissions, out), check=True, capture_output=True)
    assert everything(out) == calm


def refused(*words):
    """What the command says when it ends before it has started any process."""
    said = CliRunner().invoke(app, ["grade", *map(str, words)])
    assert said.exit_code == 2 and isinstance(said.exception, SystemExit), said.output
    return said.stderr


def test_what_cannot_be_done_is_said_plainly(tmp_path):
    submissions, out = tmp_path / "class", tmp_path / "out"
    write_class(submissions, 1)
    assert "there is no" in refused(tmp_path / "nowhere", "--out", out)
    assert "lies among the submissions" in refused(submissions, "--out", submissions / "grades")
    assert "it can be 1, 2" in refused(submissions, "--out", out, "--lesson", 9)
    assert "canvas, moodle" in refused(submissions, "--out", out, "--preset", "x")
    assert "needs --assignment" in refused(submissions, "--out", out, "--preset", "canvas")
    assert "did you mean student 00" in refused(submissions, "--out", out, "--only", "Student")
    assert "above 0" in refused(submissions, "--out", out, "--seconds", 0)
    assert "regular expression" in refused(submissions, "--out", out, "--pattern", "(")
    assert "is not installed" in refused(submissions, "--out", out, "--sandbox", "podman") or (
        "podman" in installed_backends())
    (tmp_path / "seed").write_text("short")
    said = refused(submissions, "--out", out, "--seed-file", tmp_path / "seed",
                   "--trust-submissions")
    assert "at least 8" in said
    assert "seed2: No such file" in refused(submissions, "--out", out, "--trust-submissions",
                                            "--seed-file", tmp_path / "seed2")


@needs_bubblewrap
def test_one_folder_holds_one_assignment(tmp_path):
    submissions, out = tmp_path / "class", tmp_path / "out"
    write_class(submissions, 2)
    subprocess.run(command(submissions, out, "--jobs", "1"), check=True, capture_output=True)
    assert "holds grades of lesson 1" in refused(submissions, "--out", out, "--lesson", 2)
    assert len(Results(out).all()) == 2
    (submissions / "student 00" / "answer.ipynb").unlink()
    (submissions / "student 00").rmdir()
    said = subprocess.run(command(submissions, out, "--jobs", "1"), check=True,
                          capture_output=True, text=True)
    assert "left out of the tables: student 00" in said.stdout
    assert "student 00" not in (out / "grades.csv").read_text(encoding="utf-8-sig")


@needs_bubblewrap
def test_what_is_unchanged_is_left_and_what_changed_is_graded_again(tmp_path):
    submissions, out = tmp_path / "class", tmp_path / "out"
    write_class(submissions, 4)

    def graded(*more):
        line = command(submissions, out, "--jobs", "1", *more)[len(GRADE) - 1:]
        said = CliRunner().invoke(app, line)              # here: Python need not start each time
        assert said.exit_code == 0, said.output
        return int(re.search(r"(\d+) graded", said.stdout)[1])

    assert graded() == 4
    assert graded() == 0
    changed = submissions / "student 01" / "answer.ipynb"
    changed.write_text(hostile.notebook(hostile.RIGHT), encoding="utf-8")
    assert graded() == 1
    assert Results(out).load("student 01")["points"] == 3
    assert graded("--only", "student 02") == 1
    assert graded("--seconds", "9") == 4                  # other limits: all again
    (tmp_path / "seed").write_text("another secret of it")
    assert graded("--seconds", "9") == 4
    path = out / "results" / next(p.name for p in (out / "results").iterdir())
    path.write_text(path.read_text("utf-8")[:40], encoding="utf-8")
    assert graded("--seconds", "9") == 1                  # a result that cannot be read
    path.write_text(path.read_text("utf-8").replace('"course": "', '"course": "old'), "utf-8")
    text = json.loads(path.read_text("utf-8"))
    text["key"] = "of another version"
    path.write_text(json.dumps(text), encoding="utf-8")
    assert graded("--seconds", "9") == 1


@needs_bubblewrap
def test_a_cluster_by_address_gives_the_same_results(tmp_path):
    submissions = tmp_path / "class"
    write_class(submissions, 12)
    subprocess.run(command(submissions, tmp_path / "here"), check=True, capture_output=True)
    environment = {**os.environ, "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "warning"}
    place = tmp_path / "scheduler.json"
    parts = [subprocess.Popen([
        sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port",
        "0", "--no-dashboard", "--scheduler-file", str(place)], env=environment)]
    try:
        until = time.time() + 60
        while not place.exists() or not place.read_text():
            assert time.time() < until
            time.sleep(0.1)
        address = json.loads(place.read_text())["address"]
        parts += [subprocess.Popen([
            sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1",
            "--no-dashboard"], env=environment) for _ in range(2)]
        with Client(address) as client:
            client.wait_for_workers(2, timeout=60)
        subprocess.run(command(submissions, tmp_path / "there", "--scheduler", address),
                       check=True, capture_output=True, timeout=300)
    finally:
        for part in parts:
            part.terminate()
        for part in parts:
            part.wait(30)
    assert everything(tmp_path / "there") == everything(tmp_path / "here")


@pytest.mark.parametrize("name, words", [
    ("02_linear_regression.ipynb", ": by its name it is lesson 2"), ("mine.ipynb", ""),
    ("01_backprop.ipynb", "")])
def test_a_file_of_another_lesson_is_remarked_on(name, words):
    notebook = Path(__file__).parents[2] / "notebooks" / "02_linear_regression.ipynb"
    found = submission.grade([(name, ".ipynb", notebook.read_bytes())], [], lesson=1, seed=0,
                             limits=Limits(), kind="none")
    assert found["points"] == 0 and f"no exercise of lesson 1 is in it{words}" in found["problems"]
