"""The README's first command as a stranger gives it: a clone, `make lab`, a page.

The clone has blanks and accents in its path and was made where git rewrites line ends. Packages
come from the package index, so this is skipped where there is none.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 600                        # seconds: a set-up with a cold cache, on a slow line

pytestmark = pytest.mark.slow
if sys.platform == "win32" or not (shutil.which("make") and shutil.which("git")):
    pytest.skip("needs make and git", allow_module_level=True)


def git(*arguments, cwd):
    return subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments],
                          cwd=cwd, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A clone of the working tree as it is, with what is not committed yet."""
    folder = tmp_path_factory.mktemp("fresh")
    try:
        listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    except subprocess.CalledProcessError:
        pytest.skip("git does not know this checkout")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / "origin" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / "origin" / name)
    git("init", "--quiet", cwd=folder / "origin")
    git("add", "--all", cwd=folder / "origin")
    git("commit", "--quiet", "--message=x", cwd=folder / "origin")
    git("clone", "--quiet", "--config", "core.autocrlf=true", "origin", "my course é", cwd=folder)
    return folder / "my course é"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Variables of a shell that has never seen this test's Python."""
    own = str(Path(sys.executable).parent)
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith(("PYTHON", "JUPYTER", "VIRTUAL_ENV", "COURSE_", "PYTEST", "MAKE"))}
    path = [p for p in kept["PATH"].split(os.pathsep) if p != own]
    return {**kept, "PATH": os.pathsep.join(path),
            "JUPYTER_RUNTIME_DIR": str(tmp_path_factory.mktemp("runtime"))}


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """A Python whose path has a blank in it."""
    link = tmp_path_factory.mktemp("a b") / "python3"
    link.symlink_to(os.path.realpath(sys.executable))
    return link


@pytest.fixture(scope="module")
def served(clone, environment, python):
    """Run `make lab` until it serves: its address with the token, and what it printed till then."""
    reachable = subprocess.run(
        [python, "-m", "pip", "download", "--quiet", "--no-deps", "--retries=0", "--timeout=10",
         f"--dest={clone.parent}", "cycler==0.12.1"], capture_output=True, env=environment)
    if reachable.returncode:
        pytest.skip("no package index can be reached")
    log = clone.parent / "log"
    with log.open("w") as file:
        process = subprocess.Popen(["make", "lab", f"PYTHON={python}"], cwd=clone, env=environment,
                                   stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                                   start_new_session=True)
    try:
        yield wait_for_address(process, log), log.read_text(encoding="utf-8")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def wait_for_address(process, log):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = re.search(r"http://127\.0\.0\.1:\d+/course/\?token=\w+", log.read_text("utf-8"))
        if found:
            return found[0]
        assert process.poll() is None, log.read_text("utf-8")[-3000:]
        time.sleep(0.3)
    raise AssertionError(f"no address after {PATIENCE} s:\n{log.read_text('utf-8')[-3000:]}")


def fetch(address):
    return urllib.request.urlopen(address, timeout=30).read().decode("utf-8")


def test_make_lab_serves_the_start_page(served):
    address, _ = served
    page = fetch(address)
    assert "<title>Deep learning by hand</title>" in page
    state = json.loads(fetch(address.replace("/course/", "/course/state")))
    assert len(state["lessons"]) == 7 and state["points"] == 0
    assert state["resume"]["id"] == "1.1"


def test_it_asks_for_the_token(served):
    address, _ = served
    for page in (address.partition("?")[0], address.partition("?")[0] + "state"):
        assert "password" in fetch(page) and "lessons" not in fetch(page)


def test_as_root_it_says_so_in_a_line(served):
    _, said = served
    assert ("You are root" in said) == (os.geteuid() == 0)
    assert "not recommended" not in said


def test_the_torch_of_this_machine_is_taken_and_no_other(served, clone):
    ran = subprocess.run([clone / ".venv/bin/python", "-c",
                          "import torch; print(torch.version.cuda, torch.__version__)"],
                         capture_output=True, text=True, check=True)
    cuda, version = ran.stdout.split()
    if shutil.which("nvidia-smi"):
        assert cuda != "None"
    elif version.endswith("+cpu"):    # where PyTorch's index, or a wheel on this machine, is there
        assert cuda == "None"


def test_a_second_set_up_does_nothing(served, clone, environment, python):
    ran = subprocess.run(["make", "setup", f"PYTHON={python}"], cwd=clone, env=environment,
                         capture_output=True, text=True, check=True)
    assert ran.stdout == ran.stderr == ""


def test_what_the_container_runs_is_what_ran_here(served, clone):
    container = json.loads((clone / ".devcontainer/devcontainer.json").read_text("utf-8"))
    assert container["postCreateCommand"] == "make setup"
    assert container["postAttachCommand"] == "make lab"
    settings = container["customizations"]["vscode"]["settings"]
    interpreter = settings["python.defaultInterpreterPath"]
    assert Path(interpreter.replace("${workspaceFolder}", str(clone))).exists()


def test_the_notebooks_and_scripts_are_the_same_bytes_under_autocrlf(clone):
    assert b"\r" not in (clone / "Makefile").read_bytes()
    for name in (".ci/run", "binder/postBuild", "notebooks/01_backprop_by_hand.ipynb",
                 "data/reviews.csv", "notebooks/pictures/card.png"):
        assert (clone / name).read_bytes() == (ROOT / name).read_bytes(), name
