"""Grade a class: one task of a Dask cluster for each submission, each result saved at once.

Only this process writes results. A run that ends at any moment, however, goes on where it was.
"""

import datetime
import multiprocessing
import os
import signal
import sys
import threading
from contextlib import contextmanager
from dataclasses import asdict

import dask
from tqdm import tqdm

# Workers are forked from one process that has imported distributed: starting two takes half the
# processor time that it takes if each imports it. distributed looks at this when it is imported.
if "forkserver" in multiprocessing.get_all_start_methods():
    dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"})
from distributed import Client, KilledWorker, LocalCluster, wait  # noqa: E402

from . import submission  # noqa: E402
from .results import FORMAT, course_version, fingerprint, seed_from  # noqa: E402
from .run import Limits, Unavailable  # noqa: E402

PREFETCH = 3                                              # submissions that wait for each worker
CRASHED = ("the grader itself ended while reading it, twice: the file makes Python crash. Nothing "
           "of it was graded")


def grade_class(submissions, results, *, secret, lesson=None, limits=None, kind=None, jobs=None,
                scheduler=None, again=False, quiet=False):
    """Grade submissions; those that are graded already, and unchanged, are left as they are.

    Parameters
    ----------
    submissions : list of Submission
    results : Results
    secret : str
        The hidden inputs are drawn from it.
    lesson : int, optional
    limits : Limits, optional
    kind : str, optional
        Of the sandbox; "none" for no sandbox.
    jobs : int, optional
        Processes on this machine; as many as there are processors by default.
    scheduler : str, optional
        The address of a Dask cluster to use instead.
    again : bool
        Grade also what is unchanged.
    quiet : bool
        Without a progress bar.

    Returns
    -------
    int
        How many were graded.
    """
    limits = limits or Limits()
    options = {"lesson": lesson, "seed": seed_from(secret), "limits": limits, "kind": kind}
    setting = [FORMAT, course_version(), fingerprint(secret), lesson, asdict(limits), kind]
    bar = tqdm(total=len(submissions), desc="graded", unit="submission", disable=quiet,
               file=sys.stderr, dynamic_ncols=True)
    todo = _pending(submissions, results, setting, again, bar)
    first = next(todo, None)
    if first is None:
        bar.close()
        return 0
    graded = 0
    with bar, _cluster(jobs, scheduler) as client:
        for student, key, outcome in _as_completed(client, _chain(first, todo), options):
            results.save(_result(student, key, outcome, setting))
            graded += 1
            bar.update()
    return graded


def _pending(submissions, results, setting, again, bar):
    """Submissions that need grading: student, key of the result, files, problems."""
    for one in submissions:
        files, problems = submission.read(one)
        key = fingerprint(setting, problems, *(part for name, _, content in files
                                               for part in (name, content)))
        known = None if again else results.load(one.student)
        if known is None or known.get("key") != key:
            yield one.student, key, files, problems
        else:
            bar.update()


def _chain(first, rest):
    yield first
    yield from rest


@contextmanager
def _cluster(jobs, scheduler):
    """A client of the cluster at an address, or of a local one that is shut down at the end."""
    # A file that ends its worker must not be tried until it has ended all of them.
    quiet = {"distributed.scheduler.allowed-failures": 0, "logging": {"distributed": "critical"},
             "distributed.comm.timeouts.connect": "60s"}
    with dask.config.set(quiet):
        if scheduler:
            with Client(scheduler, timeout=20) as client:
                _require_same_version(client)
                yield client
            return
        with _ignore_interrupts():
            cluster = LocalCluster(n_workers=jobs or os.cpu_count(), threads_per_worker=1,
                                   processes=True, dashboard_address=None, host="127.0.0.1",
                                   memory_limit=0, silence_logs=50)
        with cluster, Client(cluster) as client:
            yield client


@contextmanager
def _ignore_interrupts():
    """Start processes that ignore Ctrl-C, which is sent to all of them: their parent ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _require_same_version(client):
    """Refuse a cluster whose workers would judge by another version of the course."""
    versions = set(client.run(course_version).values())
    if not versions:
        raise ValueError("the cluster has no workers")
    if versions != {course_version()}:
        raise ValueError(f"the workers have the course at {', '.join(sorted(versions))}, and here "
                         f"it is {course_version()}: install the same everywhere")


def _as_completed(client, todo, options):
    """Submit tasks with bounded prefetching, and yield each outcome as it completes."""
    capacity = PREFETCH * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
    running, ended, todo = {}, [], iter(todo)
    while True:
        while len(running) < capacity and (task := next(todo, None)) is not None:
            running[_submit(client, task, options)] = task
        if not running:
            break
        for future in wait(list(running), return_when="FIRST_COMPLETED").done:
            student, key, *_ = task = running.pop(future)
            if isinstance(future.exception(), KilledWorker):
                ended.append(task)                        # its own fault, or its neighbour's
            else:
                yield student, key, _outcome(future)
    for task in ended:                                    # one by one: now the fault is its own
        future = _submit(client, task, options)
        student, key, *_ = task
        yield student, key, _outcome(future)


def _outcome(future):
    """The outcome of a task; of one that failed, why. One submission does not stop the others.

    Raises
    ------
    Unavailable
        If it is not the submission's doing: no sandbox, or nothing to grade with.
    """
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, Unavailable):
        raise error
    problem = CRASHED if isinstance(error, KilledWorker) else (
        f"it could not be graded: {type(error).__name__}: {error}"[:600])
    return {"exercises": [], "problems": [problem], "points": 0, "max_points": 0, "seconds": 0.0}


def _submit(client, task, options):
    _, key, files, problems = task
    return client.submit(submission.grade, files, problems, **options, pure=False)


def _result(student, key, outcome, setting):
    """The record that is saved for a submission."""
    _, version, secret, lesson, limits, kind = setting
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return {"format": FORMAT, "student": student, "key": key, "course": version,
            "seed_hash": secret, "lesson": lesson, "limits": limits,
            "sandbox": "none" if kind == "none" else "yes", "graded": now, **outcome}
