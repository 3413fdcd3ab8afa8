"""Resumable download of a file, verified by its SHA-256 before it gets its final name."""

from __future__ import annotations

import http.client
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from .files import Corrupt, File, content

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

TIMEOUT = 10.0  # seconds to wait for a source's answer, and for each next piece of the file
CHUNK = 1 << 16  # bytes


class DownloadFailed(Exception):
    """No source delivered the file: the text says why, ``answered`` whether any server replied."""

    def __init__(self, why: str, *, answered: bool = True):
        super().__init__(why)
        self.answered = answered


class _RangeRefused(Exception):
    """The server cannot resume from the end of our partial file."""


def say(text: str) -> None:
    """Print a one-line message for the learner, to stderr."""
    print(f"course_lib.data: {text}", file=sys.stderr)


def download(file: File, target: Path, *, progress: bool | None = None) -> None:
    """Download a file from the first source that delivers the right content.

    It grows in ``<name>.part``, which a later call continues, and takes its name only after its
    SHA-256 matches. Content with another hash is named and deleted, and the next source is tried.

    Parameters
    ----------
    file : File
        What to download.
    target : Path
        Where it shall lie; its folder exists.
    progress : bool, optional
        Show a progress bar on stderr. None: only when that is a terminal.

    Raises
    ------
    DownloadFailed
        When no source delivers the right content.
    OSError
        When the folder cannot be written to.
    """
    whys, answered = [], False
    with _partial_file(target) as part:
        for ready in (target, part):  # another process was faster, or ours was killed at the end
            with suppress(OSError, Corrupt):
                content(ready, file)
                os.replace(ready, target)
                return
        for url in file.urls:
            try:
                _download_from(url, file, part, progress)
            except DownloadFailed as failed:
                whys.append(f"{urlsplit(url).hostname}: {failed}")
                answered = answered or failed.answered
            else:
                os.replace(part, target)
                for why in whys:
                    say(f"{file.name} is from another source now. {why}")
                return
    raise DownloadFailed("; ".join(whys), answered=answered)


@contextmanager
def _partial_file(target: Path) -> Iterator[Path]:
    """Yield a partial file that only this process writes to."""
    # Two processes may fetch at once. Whoever holds the lock continues <name>.part; anyone else
    # writes a part of its own from the start and removes it in the end. We use the operating
    # system's lock because that is freed even when its holder is killed, so no part is ever lost.
    part = target.with_name(f"{target.name}.part")
    with open(target.with_name(".lock"), "ab") as lock:
        locked = _try_lock(lock)
        if not locked:
            own = f"{os.getpid()}-{threading.get_ident()}"
            part = target.with_name(f"{target.name}.{own}.part")
        try:
            yield part
        finally:
            if part.exists() and not (locked and part.stat().st_size):
                part.unlink()


def _try_lock(handle) -> bool:
    """Lock an open file without waiting; False when somebody else has it."""
    try:
        if fcntl:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError:  # somebody else's, or a file system without locks
        return False
    return True


def _download_from(url: str, file: File, part: Path, progress: bool | None) -> None:
    """Complete the partial file from one source, from the start where it cannot be resumed."""
    for resumed in (part.exists(), False):
        try:
            _transfer(url, file, part, progress)
            content(part, file)
            return
        except (_RangeRefused, Corrupt) as error:
            # A wrong part that was there before may be what is wrong: then this source, which may
            # be the only one, is asked once more for the whole file.
            part.unlink(missing_ok=True)
            if not resumed:
                raise DownloadFailed(f"wrong content, {error}") from None
            say(f"{file.name}: its part from before is wrong, {error}; from the start again")


def _transfer(url: str, file: File, part: Path, progress: bool | None) -> None:
    """Append the missing bytes to the partial file; rewrite it if the server sends the whole."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "course_lib"} | ({"Range": f"bytes={have}-"} if have else {})
    with _open(Request(url, headers=headers)) as reply:
        if reply.status != 206:  # the server ignores ranges
            have = 0
        elif not reply.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            raise _RangeRefused("the server sent another range than was asked for")
        total = have + reply.length if reply.length is not None else None  # not every server says
        bar = _progress_bar(file.name, total or file.size, have, progress)
        with part.open("ab" if have else "wb") as out, bar as advance:
            for chunk in _chunks(reply):
                have += out.write(chunk)
                advance(len(chunk))
    if total and have < total:
        raise DownloadFailed(f"stopped after {have:,} of {total:,} bytes")


def _chunks(reply: http.client.HTTPResponse) -> Iterator[bytes]:
    """Read a reply in chunks; only errors of the network become DownloadFailed, not the disk's."""
    while True:
        try:
            chunk = reply.read(CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise DownloadFailed(f"interrupted ({_reason(error)})") from None
        if not chunk:
            return
        yield chunk


def _open(request: Request) -> http.client.HTTPResponse:
    """Send a request and wait at most TIMEOUT for the answer to begin."""
    # urlopen's own time-out holds for each address of a host anew, and not at all for looking up
    # the name: a network that swallows packets could keep us for minutes. So we wait from outside.
    answers: queue.SimpleQueue = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(urlopen(request, timeout=TIMEOUT))
        except Exception as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=TIMEOUT)
    except queue.Empty:
        raise DownloadFailed(f"no answer in {TIMEOUT:g} s", answered=False) from None
    if isinstance(answer, HTTPError):
        answer.close()
        if answer.code == 416 and request.has_header("Range"):
            raise _RangeRefused("the part is not shorter than the file")
        raise DownloadFailed(f"HTTP {answer.code} {answer.reason}")
    if isinstance(answer, Exception):
        raise DownloadFailed(_reason(answer), answered=False)
    return answer


def _reason(error: Exception) -> str:
    """Say in few words why the network failed."""
    if isinstance(error, URLError) and isinstance(error.reason, Exception):
        error = error.reason
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


@contextmanager
def _progress_bar(name: str, total: int, done: int, wanted: bool | None) -> Iterator[Callable]:
    """Show a progress bar and give the function that advances it by some bytes."""
    if wanted is None:
        wanted = sys.stderr.isatty()
    try:
        from tqdm import tqdm
    except ImportError:
        wanted = False
    if not wanted:
        yield lambda n: None
        return
    with tqdm(desc=name, total=total, initial=done, unit="B", unit_scale=True) as bar:
        yield bar.update
