"""The Python in the sandbox: takes jobs, gives each to a process of its own, hands back bytes.

Two ways. *Warm*: this process has NumPy imported and forks, for each job, a supervisor in fresh
namespaces, and that one forks the process that runs the answer. *Once*: this process runs the
answer itself, and whoever started it waits, kills it, and starts another for the next job.

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

from . import answer, confine, wire

PIPE = 3                                                  # where an answer's process writes


def main(way):
    """Serve until the judge closes the pipe.

    Parameters
    ----------
    way : str
        "warm", "once", or "bare": once, and without any walls.
    """
    jobs = os.fdopen(os.dup(0), "rb")
    replies = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):                                  # prints of an answer go nowhere
        os.dup2(nowhere, fd)
    taken = confine.address_space()
    np.random.default_rng(0).normal(size=(3, 3)) @ np.eye(3)
    _write(replies, b"ready\n")
    while (message := read_frame(jobs)) is not None:
        job = wire.decode(message)
        job["memory"] += taken
        if way == "warm":
            _serve_forked(job, replies)
        else:
            jobs.close()
            os.dup2(replies, PIPE)
            _work(job, walls=way == "once", namespaces=False)


def read_frame(file):
    """The next message, or None at the end."""
    head = file.read(8)
    if len(head) < 8:
        return None
    return file.read(struct.unpack("<Q", head)[0])


def frame(message):
    """A message with its length."""
    return struct.pack("<Q", len(message)) + message


def _serve_forked(job, replies):
    """One job: a supervisor in a process of its own. Its end is not waited for, only its reply."""
    heard, done = os.pipe()
    if os.fork():
        os.close(done)
        if not os.read(heard, 1):                         # it ended without a reply
            _write(replies, frame(b"walls: the supervisor ended\n"))
        os.close(heard)
        with contextlib.suppress(ChildProcessError):      # bury those that have ended by now
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        return
    try:
        _supervise(job, lambda ended, said: _write(replies, frame(ended.encode() + b"\n" + said)))
    except OSError as error:
        _write(replies, frame(f"walls: {error}\n".encode()))
    os.write(done, b"1")
    os._exit(0)


def _supervise(job, reply):
    """Wall off, fork the answer's process, listen to it for as long and as much as is allowed."""
    confine.own_namespaces(job["disk"])
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(write, PIPE)
        _work(job, walls=True, namespaces=True)
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


def _work(job, *, walls, namespaces):
    """In the answer's process: no way back from here."""
    try:
        os.closerange(PIPE + 1, 4096)
        if walls:
            confine.confine(seconds=job["seconds"], memory=job["memory"], disk=job["disk"],
                            namespaces=namespaces)
        _write(PIPE, wire.encode(answer.run_answer(job)))
    except BaseException as error:
        try:
            reason = f"{type(error).__name__}: {error}"[:600]
            if isinstance(error, MemoryError):
                reason = "it needs more memory than it may use"
            _write(PIPE, wire.encode({"failure": reason, "outcomes": []}))
        except BaseException:
            os._exit(1)
    os._exit(0)


def _write(fd, message):
    view = memoryview(message)
    while view:
        view = view[os.write(fd, view):]


if __name__ == "__main__":
    main(sys.argv[1])
