"""The Python in the sandbox: takes jobs, gives each to a process of its own, hands back bytes.

Two ways. *Warm*: this process has NumPy imported and forks, for each job, a supervisor in fresh
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


def main(way):
    """Serve until the judge closes the pipe.

    Parameters
    ----------
    way : str
        "warm", "once", or "bare": once, and without isolation.
    """
    jobs, replies = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):                                  # prints of an answer go nowhere
        os.dup2(nowhere, fd)
    taken = isolate.address_space()
    np.random.default_rng(0).normal(size=(3, 3)) @ np.eye(3)
    _write(replies, b"ready\n")
    while len(head := _read(jobs, 8)) == 8:
        size = struct.unpack("<Q", head)[0]
        if way == "warm":
            if not _serve_forked(jobs, size, replies, taken):
                return
        else:
            job = _job(jobs, size, taken)
            os.close(jobs)
            os.dup2(replies, PIPE)
            _work(job, isolated=way == "once", namespaces=False)


def _job(jobs, size, taken):
    job = codec.decode(_read(jobs, size))
    job["memory"] += taken
    return job


def _read(fd, size):
    """Bytes from a pipe; fewer at its end."""
    parts = []
    while size and (part := os.read(fd, min(size, 1 << 20))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def frame(message):
    """A message with its length."""
    return struct.pack("<Q", len(message)) + message


def _serve_forked(jobs, size, replies, taken):
    """One job, in a process of its own, whose reply is waited for and whose end is not.

    False if it ended without a reply: then nobody knows how much of the job is read.
    """
    heard, done = os.pipe()
    if os.fork():
        os.close(done)
        replied = os.read(heard, 1)
        os.close(heard)
        with contextlib.suppress(ChildProcessError):      # bury those that have ended by now
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        return bool(replied)
    job = _job(jobs, size, taken)
    try:
        _supervise(job, lambda ended, said: _write(replies, frame(ended.encode() + b"\n" + said)))
    except OSError as error:
        _write(replies, frame(f"sandbox: {error}\n".encode()))
    os.write(done, b"1")
    os._exit(0)


def _supervise(job, reply):
    """Wall off, fork the answer's process, listen to it for as long and as much as is allowed."""
    isolate.own_namespaces(job["disk"])
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(write, PIPE)
        _work(job, isolated=True, namespaces=True)
    os.close(write)
    ended, said = listen(read, job["seconds"], job["output"])
    os.kill(pid, signal.SIGKILL)
    if ended == "done" and not said:                      # else it does not matter how it ended
        status = os.waitpid(pid, 0)[1]
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) != signal.SIGKILL:
            ended = f"died: {signal.Signals(os.WTERMSIG(status)).name}"
    reply(ended, said)


def listen(pipe, seconds, limit):
    """Read from a pipe until it ends, the time is up, or there is too much.

    Returns
    -------
    ended : str
        "done", "time" or "output".
    said : bytes
    """
    parts, size, until = [], 0, time.monotonic() + seconds
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return "time", b""
        part = os.read(pipe, 1 << 20)
        if not part:
            return "done", b"".join(parts)
        parts.append(part)
        size += len(part)
        if size > limit:
            return "output", b""


def _work(job, *, isolated, namespaces):
    """In the answer's process: no way back from here."""
    try:
        # Its own: locks and flags of an open file that is shared would be seen by the next answer.
        nowhere = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(nowhere, fd)
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
