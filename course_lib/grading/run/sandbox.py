"""Send jobs to the sandbox and wait for their replies, within a time limit."""

import secrets
import struct
import subprocess
from dataclasses import dataclass

from course_lib.grading.inside import codec

from . import backends
from .limits import MB, Limits
from .pipes import Pipes

START_TIMEOUT = 60                                        # seconds until a Python with NumPy is up
GRACE = 15                                                # beyond the limit, for a busy machine
READY = b"ready\n"
FAILED, TOO_SLOW = "the sandbox failed", "it did not finish within"
MODES = {"bubblewrap": ("warm", "once"), "podman": ("once",), "docker": ("once",),
         "none": ("bare",)}
PROBE = {"name": "f", "source": "def f(x):\n    return 2 * x\n", "harness": "", "course": {},
         "cases": [[(21,), {}]]}


class Unavailable(RuntimeError):
    """There is no sandbox that works; the message says what to do."""


@dataclass(frozen=True)
class RunResult:
    """Result of a job: the reply, or why there is none.

    ``reply`` is plain data from a process that nobody trusts, or None; ``failure`` says in plain
    words why there is none.
    """

    reply: object = None
    failure: str = ""


class Sandbox:
    """A sandboxed Python that runs answers, one after the other, each in a process of its own.

    Parameters
    ----------
    limits : Limits
    kind : str, optional
        "bubblewrap", "podman", "docker", or "none" for no sandbox at all. By default the first that
        works.
    mode : str, optional
        "warm" or "once" (see `inside.serve`) for bubblewrap. By default warm, where that works.

    Raises
    ------
    Unavailable
        If there is none.
    """

    def __init__(self, limits=None, kind=None, mode=None):
        self.limits = limits or Limits()
        self.pipes = self.name = None
        kinds = [kind] if kind else backends.installed_backends()
        self.kind, self.mode = self._select_backend(kinds, mode)

    def _select_backend(self, kinds, wanted):
        """Choose the first sandbox that passes the probe."""
        reasons = []
        for kind in kinds:
            for mode in [wanted] if wanted else MODES[kind]:
                self.kind, self.mode = kind, mode
                if kind not in (*backends.installed_backends(), "none"):
                    reasons.append(f"  {kind}: is not installed")
                    break
                failure = self._probe()
                if not failure:
                    return kind, mode
                reasons.append(f"  {kind}, {mode}: {failure}")
        self.close()
        raise Unavailable("\n".join([backends.REMEDY.format(image=backends.image()),
                                     *["Tried here:"] * bool(reasons), *reasons]))

    def run(self, job):
        """Run one answer.

        Parameters
        ----------
        job : dict
            As `inside.answer.run_answer` takes it.

        Returns
        -------
        RunResult

        Raises
        ------
        Unavailable
            If the sandbox has stopped working.
        """
        ran = self._run(job)
        if ran.failure.startswith(FAILED):                # once more, with a fresh one
            self._stop()
            ran = self._run(job)
            if ran.failure.startswith(FAILED) and (failure := self._probe()):
                raise Unavailable(f"the sandbox has stopped working: {failure}")
        return ran

    def _probe(self):
        """Run an answer that is known to be right; return what went wrong, or an empty string."""
        ran = self._run(PROBE)
        if isinstance(ran.reply, dict) and len(ran.reply.get("outcomes") or ()) == 2:
            return ""
        return ran.failure or str(ran.reply)[:600]

    def _run(self, job):
        message = codec.encode({**job, **self.limits.job()})
        try:
            ended, payload = self._exchange(struct.pack("<Q", len(message)) + message)
        except TimeoutError:
            ended, payload = "time", self._stop()
        except OverflowError:
            ended, payload = "output", self._stop()
        reason = _reason(ended, self.limits)
        if reason:
            return RunResult(failure=reason)
        if not payload:
            return RunResult(failure="Python ended before the answer was finished (os._exit?)")
        try:
            return RunResult(reply=codec.decode(payload, limit=self.limits.output * MB))
        except codec.Malformed as error:
            return RunResult(failure=f"what the answer's process sent back cannot be read: {error}")

    def _exchange(self, message):
        """Send a job; return how it ended, and the bytes of its reply."""
        if self.pipes is None and (words := self._start()):
            return f"sandbox: it did not start. {words}", b""
        limit = self.limits.output * MB + 1000
        self.pipes.send(message)
        if self.mode == "warm":
            wait = self.limits.seconds + GRACE
            size = self.pipes.receive(8, wait, limit)
            if len(size) < 8:
                return f"sandbox: it ended. {self._stop()}", b""
            ended, _, payload = self.pipes.receive(*struct.unpack("<Q", size), GRACE,
                                                  limit).partition(b"\n")
            return ended.decode("ascii", "replace"), payload
        self.pipes.close_input()
        payload = self.pipes.receive(None, self.limits.seconds, limit)
        self._stop()
        return "done", payload

    def _start(self):
        self.name = f"course-grader-{secrets.token_hex(6)}"
        line, environment = backends.command(self.kind, self.mode, limits=self.limits,
                                          name=self.name)
        self.pipes = Pipes(line, environment)
        try:
            ready = self.pipes.receive(len(READY), START_TIMEOUT, 1000) == READY
        except TimeoutError:
            ready = False
        return "" if ready else self._stop() or "It said nothing."

    def _stop(self):
        """End the sandboxed Python; return its error output."""
        if self.pipes is None:
            return ""
        words, self.pipes = self.pipes.stop(), None
        if self.kind in ("podman", "docker"):             # killing the client leaves the container
            subprocess.run([self.kind, "rm", "--force", self.name], check=False, timeout=60,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return words

    def close(self):
        """End the sandboxed Python."""
        self._stop()


def _reason(ended, limits):
    """Describe in plain words why there is no reply; an empty string if there is one."""
    if ended == "time":
        return f"{TOO_SLOW} {limits.seconds:g} s"
    if ended == "output":
        return f"it returns more than {limits.output} MB"
    if ended.startswith("died: "):
        return f"Python itself ended while running it ({ended.removeprefix('died: ')})"
    if ended.startswith("sandbox: "):
        return f"{FAILED}: {ended[7:].strip()}"
    return ""
