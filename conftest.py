"""Tests run as on a machine without a network: on the embedded data, with an empty cache."""

import atexit
import os
import shutil
import tempfile

import pytest

# Kernels that nbval starts inherit this. The mirror stays reachable for the tests that ask for it.
os.environ["COURSE_OFFLINE"] = "1"
if "PYTEST_XDIST_WORKER" in os.environ:       # inside the first process's, which removes all of it
    os.environ["COURSE_CACHE"] = tempfile.mkdtemp(dir=os.environ["COURSE_CACHE"])
else:
    os.environ["COURSE_CACHE"] = tempfile.mkdtemp(prefix="course-cache-")
    atexit.register(shutil.rmtree, os.environ["COURSE_CACHE"], ignore_errors=True)
os.environ.pop("COURSE_PROGRESS", None)       # what the notebooks store knows of no earlier check
if mirror := os.environ.pop("COURSE_DATA", None):
    os.environ["COURSE_TEST_MIRROR"] = mirror
# Kernels side by side, each with a thread for every core, spend their time waiting for each other.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# The sources of the lessons are no modules: looking for doctests in them would run them all, and
# twice, before the first test. serve.py runs in the sandbox only, where its imports are.
collect_ignore_glob = ["notebooks/source/*", "course_lib/grading/inside/serve.py"]

# What takes longest begins first, so that all processes end at about the same time: parts of node
# ids, the longest first, as `make test ARGS=--durations=100` gave them on two cores. What is not
# here comes after, in the order of its names.
LONGEST = (
    "notebooks/07_", "solutions/07_", "notebooks/04_", "solutions/04_",
    "notebooks/05_", "solutions/05_", "notebooks/06_", "solutions/06_", "killed_twenty_times",
    "in_browser.py",
    "test_opened_anywhere", "test_grading_run", "test_site", "test_accessible", "test_checks",
    "test_start_page", "test_hostile", "test_dependencies", "tests/gpu", "test_fresh_clone",
    "is_killed_again_and_again", "test_two_processes_train", "notebooks/03_", "solutions/03_")
# Modules whose tests need not share a process: each of their tests is a piece of work of its own.
APART = ("browser/test_lessons_in_browser.py", "library/test_finetune.py",
         "grading/test_grading_run.py")


def pytest_collection_modifyitems(items):
    """Run the slow tests first, so that the processes end at about the same time."""
    items.sort(key=lambda item: next(
        (k for k, part in enumerate(LONGEST) if part in item.nodeid), len(LONGEST)))


@pytest.hookimpl(optionalhook=True)    # where there is no xdist, as on a machine with a GPU
def pytest_xdist_make_scheduler(config, log):
    """Hand out notebooks and modules whole, and some modules test by test."""
    from xdist.scheduler import LoadScopeScheduling

    class ByPiece(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            return nodeid if file.endswith(APART) else file

    return ByPiece(config, log)
