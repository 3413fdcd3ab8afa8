"""Job server inside the sandbox: runs each job in a process of its own, and returns bytes.

Two modes. *Warm*: this process has NumPy imported and forks, for each job, a supervisor in fresh
namespaces, and that one forks the process that runs the answer. *Once*: this process runs the
answer itself, and whoever started it waits, kills it, and starts another for the next job.

The warm process never reads a job: what it has held once stays somewhere in its memory, and every
answer gets a copy of that. The supervisor reads it, after the fork.

A job and a reply are framed by their length in eight bytes. A reply is a line (how it ended) and
what the answer's process wrote.
"""

import contextlib
import os
import select
import signal
import struct
import sys
import time

import checks.run  # noqa: F401
import numpy as np
import numpy.fft
import numpy.linalg
import numpy.random  # noqa: F401  (lazy, and wanted warm)

from . import answer, codec, isolate

PIPE = 3                                                  # where an answer's process writes


def main(mode):
    """Serve until the judge closes the pipe.

    Parameters
    ----------
    mode : str
        "warm", "once", or "bare": once, and without isolation.
    """
    jobs, replies = os.dup(0), os.dup(1)
    devnull = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):                                  # prints of an answer go nowhere
        os.dup2(devnull, fd)
    baseline = isolate.address_space_in_use()
    np.random.default_rng(0).normal(size=(3, 3)) @ np.eye(3)
    _write(replies, b"ready\n")
    while len(head := _read_bytes(jobs, 8)) == 8:
        size = struct.unpack("<Q", head)[0]
        if mode == "warm":
            if not _serve_forked(jobs, size, replies, baseline):
                return
        else:
            job = _read_job(jobs, size, baseline)
            os.close(jobs)
            os.dup2(replies, PIPE)
            _run_job(job, isolated=mode == "once", namespaces=False)


def _read_job(jobs, size, baseline):
    job = codec.decode(_read_bytes(jobs, size))
    job["memory"] += baseline
    return job


def _read_bytes(fd, size):
    """Bytes from a pipe; fewer at its end."""
    parts = []
    while size and (part := os.read(fd, min(size, 1 << 20))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def frame(message):
    """Prefix a message with its length."""
    return struct.pack("<Q", len(message)) + message


def _serve_forked(jobs, size, replies, baseline):
    """Run one job in a forked process; wait for its reply, but not for its exit.

    False if it ended without a reply: then nobody knows how much of the job is read.
    """
    done_read, done_write = os.pipe()
    if os.fork():
        os.close(done_write)
        replied = os.read(done_read, 1)
        os.close(done_read)
        with contextlib.suppress(ChildProcessError):      # bury those that have ended by now
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        return bool(replied)
    job = _read_job(jobs, size, baseline)
    try:
        _supervise(job, lambda ended, payload: _write(
            replies, frame(ended.encode() + b"\n" + payload)))
    except OSError as error:
        _write(replies, frame(f"sandbox: {error}\n".encode()))
    os.write(done_write, b"1")
    os._exit(0)


def _supervise(job, reply):
    """Isolate this process, fork the answer's, and read from it within the limits."""
    isolate.unshare_namespaces(job["disk"])
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(write, PIPE)
        _run_job(job, isolated=True, namespaces=True)
    os.close(write)
    ended, payload = read_with_limits(read, job["seconds"], job["output"])
    os.kill(pid, signal.SIGKILL)
    if ended == "done" and not payload:                   # else it does not matter how it ended
        status = os.waitpid(pid, 0)[1]
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) != signal.SIGKILL:
            ended = f"died: {signal.Signals(os.WTERMSIG(status)).name}"
    reply(ended, payload)


def read_with_limits(pipe, seconds, limit):
    """Read from a pipe until it ends, the time is up, or there is too much.

    Returns
    -------
    ended : str
        "done", "time" or "output".
    said : bytes
    """
    parts, size, deadline = [], 0, time.monotonic() + seconds
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return "time", b""
        part = os.read(pipe, 1 << 20)
        if not part:
            return "done", b"".join(parts)
        parts.append(part)
        size += len(part)
        if size > limit:
            return "output", b""


def _run_job(job, *, isolated, namespaces):
    """Run the job in the answer's process, and exit: this never returns."""
    try:
        # Its own: locks and flags of an open file that is shared would be seen by the next answer.
        devnull = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(devnull, fd)
        os.closerange(PIPE + 1, 4096)
        if isolated:
            isolate.isolate(seconds=job["seconds"], memory=job["memory"], disk=job["disk"],
                            namespaces=namespaces)
        _write(PIPE, codec.encode(answer.run_answer(job)))
    except BaseException as error:
        try:
            reason = f"{type(error).__name__}: {error}"[:600]
            if isinstance(error, MemoryError):
                reason = "it needs more memory than it may use"
            _write(PIPE, codec.encode({"failure": reason, "outcomes": []}))
        except BaseException:
            os._exit(1)
    os._exit(0)


def _write(fd, message):
    view = memoryview(message)
    while view:
        view = view[os.write(fd, view):]


if __name__ == "__main__":
    main(sys.argv[1])
