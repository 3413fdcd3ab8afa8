"""The files in a folder or a zip, each with a function that reads it, or the reason why not.

Nothing is unpacked, no link is followed, and every size has a limit.
"""

import functools
import os
import re
import stat
import zipfile
from io import BytesIO
from pathlib import Path

from course_lib.grading.extract import MAX_BYTES

SKIPPED = {"__MACOSX", "__pycache__"}                     # and all whose name begins with a dot
MAX_ENTRIES = 100_000
MAX_ZIP, MAX_CONTENTS = 50_000_000, 5_000_000             # of a student's zip, and of its table


def entries_of(where):
    """Every file: the parts of its path, and a function that reads it or the reason why not."""
    if where.is_dir():
        inside = [p for p in where.iterdir() if not _is_skipped(p.name)]
        if len(inside) == 1 and inside[0].suffix.lower() == ".zip":    # as it was downloaded
            return list(_zip_entries(inside[0]))
        return list(_from_folder(where))
    if where.suffix.lower() == ".zip" and where.is_file():
        return list(_zip_entries(where))
    if where.is_file():
        return [((where.name,), _file_reader(where))]
    raise ValueError(f"there is no {where}")


def _zip_entries(where):
    """The members of a zip on the disk, which is opened once: it may have 10,000."""
    archive = None

    def open_archive():
        nonlocal archive
        archive = archive or zipfile.ZipFile(where)
        return archive
    for parts, read in from_zip(open_archive):
        if not parts:
            raise ValueError(f"{where} {read}")
        yield parts, read


def _from_folder(top):
    """The files below a folder; a folder in it that has none is an entry, too."""
    count, closed, seen = 0, [], set()
    for folder, folders, names in os.walk(top, onerror=closed.append):
        here = Path(folder).relative_to(top).parts
        folders[:] = sorted(f for f in folders if not _is_skipped(f))
        linked = [f for f in folders if Path(folder, f).is_symlink()]
        names = sorted(name for name in [*names, *linked] if not _is_skipped(name))
        seen |= set(here[:1] if names else ())
        for name in names:
            count += 1
            if count > MAX_ENTRIES:
                raise ValueError(f"{top} holds more than {MAX_ENTRIES:,} files")
            yield (*here, name), _file_reader(Path(folder, name))
        for name in folders:                              # a folder that is called like a notebook
            if here and re.search(r"\.(ipynb|py)$", name) and name not in linked:
                yield (*here, name), "is a folder"
    own = {p.name for p in Path(top).iterdir() if p.is_dir() and not _is_skipped(p.name)}
    for name in sorted(own - seen):
        yield (name, ""), "there is no file in the folder"
    for error in closed:
        if Path(error.filename) == Path(top):
            raise ValueError(f"{top} cannot be read: {error.strerror}")
        parts = Path(error.filename).relative_to(top).parts
        yield (*parts, ""), f"{'/'.join(parts)} cannot be read: {error.strerror}"


def _file_reader(path):
    """A function that reads a file, or why it is not read."""
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if stat.S_ISLNK(mode):
        return "is a link, and links are not followed"
    if not stat.S_ISREG(mode):
        return "is not a file"

    def read(limit=MAX_BYTES):
        try:
            with path.open("rb") as file:
                return _read_limited(file, limit)
        except OSError as error:
            raise ValueError(f"cannot be read: {error.strerror}") from error
    return read


@functools.lru_cache(maxsize=1)                           # its members are read one after another
def inner_zip(read):
    """Open a zip that a student handed in; its table of contents is looked at before it is read."""
    content = read(MAX_ZIP)
    tail = content[-66_000:]
    end = tail[tail.rfind(b"PK\5\6", 0, max(0, len(tail) - 18)):]
    size = int.from_bytes(end[12:16], "little")
    if not end.startswith(b"PK\5\6") or size > MAX_CONTENTS:
        raise ValueError("it is no zip, or has too many entries")
    return zipfile.ZipFile(BytesIO(content))


def from_zip(open_archive):
    """The entries of a zip; one entry without a name if it cannot be read."""
    try:
        members = open_archive().infolist()
    except Exception as error:                            # a broken zip raises whatever it likes
        yield (), f"cannot be read: {error}"
        return
    for member in members[:MAX_ENTRIES]:
        path = re.split(r"[/\\]", member.filename.replace("\0", ""))
        parts = tuple(part for part in path if part not in ("", ".", "..")) or ("?",)
        if not member.is_dir() and not any(map(_is_skipped, parts)):
            yield parts, _member_reader(open_archive, member, outside=".." in path or not path[0])


def _member_reader(open_archive, member, outside):
    """A function that reads a member of a zip, or why it is not read."""
    if outside:
        return "its path in the zip leads outside"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link, and links are not followed"
    if member.flag_bits & 1:
        return "is encrypted"

    def read(limit=MAX_BYTES):
        try:
            with open_archive().open(member) as file:
                return _read_limited(file, limit)
        except Exception as error:
            raise ValueError(f"cannot be unpacked: {error}") from error
    return read


def _read_limited(file, limit):
    content = file.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"is larger than {limit // 1_000_000} MB")
    return content


def _is_skipped(name):
    return name.startswith((".", "~")) or name in SKIPPED
