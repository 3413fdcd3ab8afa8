"""Look a file up in the mirror, then in the cache, then on the network."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from .download import DownloadFailed, download, say
from .files import Corrupt, File, content

DISTRIBUTION = "deep-learning-by-hand"  # the package's name for pip
_network_failure = ""  # why no source answered, if none did: other files need not wait again


@dataclass(frozen=True)
class Found:
    """A file's decompressed content, and whether "mirror", "cache" or "network" had it."""

    content: bytes
    source: str


class Unavailable(Exception):
    """A file cannot be obtained: the text says why, ``remedy`` what to do."""

    def __init__(self, why: str, *, remedy: str):
        super().__init__(why)
        self.remedy = remedy


def mirror() -> Path | None:
    """Folder named by COURSE_DATA, which is only read."""
    folder = os.environ.get("COURSE_DATA")
    return Path(folder).expanduser() if folder else None


def cache() -> Path:
    """Folder that downloads go to: COURSE_CACHE, else the checkout's, else the user's."""
    folder = os.environ.get("COURSE_CACHE")
    if folder:
        return Path(folder).expanduser()
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "data" / "README.md").is_file() and (checkout / "notebooks").is_dir():
        return checkout / "data" / "cache"
    return Path("~/.cache/course_lib").expanduser()


def offline() -> bool:
    """Whether COURSE_OFFLINE forbids the network."""
    return os.environ.get("COURSE_OFFLINE", "0") not in ("", "0")


def look(file: File) -> Iterator[Found | str]:
    """Look for a file on this machine, without the network and without printing.

    Parameters
    ----------
    file : File
        What to look for.

    Yields
    ------
    Found or str
        For the mirror, then for the cache: the file, or one line that says what is wrong with it.
        Nothing where there is none.
    """
    for source, folder in (("mirror", mirror()), ("cache", cache())):
        if folder is None:
            continue
        try:
            yield Found(content(folder / file.name, file), source)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except Corrupt as error:
            yield f"corrupt: {file.name} in the {source}: {error}"
        except OSError as error:
            yield f"unreadable: {file.name} in the {source}: {error.strerror}"


def local(file: File) -> tuple[Found | None, list[str]]:
    """Give the first right one of mirror and cache, and what was wrong before it was found."""
    problems = []
    for one in look(file):
        if isinstance(one, Found):
            return one, problems
        problems.append(one)
    return None, problems


def obtain(file: File, *, progress: bool | None = None) -> Found:
    """Get a file from the mirror, the cache or the network.

    Parameters
    ----------
    file : File
        What to get.
    progress : bool, optional
        Show a progress bar on stderr. None: only when that is a terminal.

    Returns
    -------
    Found
        Its content and its source.

    Raises
    ------
    Unavailable
        When none of the three has it.
    """
    found, problems = local(file)
    for problem in problems:
        say(problem)
    if found:
        return found
    if offline():
        raise Unavailable("COURSE_OFFLINE forbids the network", remedy="unset COURSE_OFFLINE")
    if problems:
        say(f"fetching {file.name} again")
    return _from_network(file, progress)


def _from_network(file: File, progress: bool | None) -> Found:
    """Download a file into the cache and read it there."""
    global _network_failure
    remedy = "connect to the network and try again, or point COURSE_DATA at a copy of the files"
    if _network_failure:
        raise Unavailable(_network_failure, remedy=remedy)
    target = cache() / file.name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        download(file, target, progress=progress)
        return Found(content(target, file), "network")
    except DownloadFailed as failed:
        why = f"could not download {file.name}: {failed}"
        _network_failure = "" if failed.answered else why
        raise Unavailable(why, remedy=remedy) from None
    except OSError as error:
        why = f"cannot write to the cache {cache()} ({error.strerror})"
        remedy = "set COURSE_CACHE to a folder that you can write to"
        raise Unavailable(why, remedy=remedy) from None


def reset_network_failure() -> None:
    """Forget an earlier network failure, so that the next call tries again."""
    global _network_failure
    _network_failure = ""


def load(files: Iterable[File]) -> list[Found] | None:
    """Get all the files of a data set, or None; a line says why not, but for want of a network.

    Parameters
    ----------
    files : iterable of File
        What the data set needs.

    Returns
    -------
    list of Found, or None
        In the order of ``files``. None: the loader falls back to its embedded default.
    """
    if mirror() and not mirror().is_dir():
        say(f"COURSE_DATA names {mirror()}, which is not a folder")
    found = []
    try:
        for file in files:
            found.append(obtain(file))
    except Unavailable as why:
        # Whoever forbids the network need not be told, and no network is no failure: see `rest`.
        if not offline() and not _network_failure:
            say(f"{why}; going on with the embedded examples ({why.remedy})")
        return None
    return found


def rest(name: str) -> str:
    """What the line on embedded examples ends with where there was no network."""
    return f" (no network; `course data fetch {name}` gets the rest)" if _network_failure else ""


def origin(found: list[Found]) -> str:
    """Say where files came from, without a path."""
    words = {"mirror": "from the mirror (COURSE_DATA)", "cache": "from the cache",
             "network": "downloaded, now in the cache"}
    return " and ".join(text for source, text in words.items()
                        if any(one.source == source for one in found))


def own(name: str) -> Path:
    """Find one of the course's own data files: in the checkout, else where pip put it.

    Raises
    ------
    FileNotFoundError
        When it is in neither place.
    """
    checkout = Path(__file__).resolve().parents[2] / "data" / name
    if checkout.is_file():
        return checkout
    with suppress(metadata.PackageNotFoundError):
        for file in metadata.files(DISTRIBUTION) or ():
            path = Path(file.locate())
            if file.name == name and path.is_file():
                return path
    raise FileNotFoundError(f"{name}, which belongs to the course, is not there: install the "
                            "course again")
