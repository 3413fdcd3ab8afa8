"""Read the code cells of a notebook or a .py file, however damaged, or say why they cannot be.

Read through json and not nbformat: a notebook without ids or metadata, or of version 3, is invalid
for the validator and perfectly readable.
"""

import json
import re
from pathlib import Path

MAX_BYTES = 10_000_000  # before parsing: json and ast take many times the size of the file
PERCENT = re.compile(r"^# ?%%(.*)$", re.MULTILINE)
# "01_" as the course writes it, wherever a platform has put it; else a bare number in front.
NUMBERS = (re.compile(r"(?:^|[^0-9A-Za-z])0([1-9])[_ -]"), re.compile(r"0*([1-9])[_ -]"))


def lesson_of(name: str) -> int | None:
    """The number of the lesson in a file's name, or None.

    >>> [lesson_of(n) for n in ("01_x.ipynb", "Copy of 04_x.ipynb", "4_x.ipynb", "mine.ipynb")]
    [1, 4, 4, None]
    """
    anywhere, in_front = NUMBERS
    found = anywhere.search(name) or in_front.match(name)
    return int(found[1]) if found else None


def read_cells(path: str | Path) -> list[tuple[int, str]]:
    """Read the code cells of a file.

    Parameters
    ----------
    path : str or Path
        An ``.ipynb`` file of nbformat 2, 3 or 4, or a ``.py`` file, plain or percent-format.

    Returns
    -------
    list of (int, str)
        The number of each code cell, counted from 1 over all cells, and its source.

    Raises
    ------
    ValueError
        If the file can't be read, with the reason in plain words.
    """
    path = Path(path)
    if not path.is_file():  # a device or a pipe would never end
        raise ValueError("there is no such file" if not path.exists() else "is not a file")
    with path.open("rb") as file:
        return cells_of(file.read(MAX_BYTES + 1), path.suffix)


def cells_of(content: bytes, suffix: str) -> list[tuple[int, str]]:
    """As `read_cells`, from the content of a file; `suffix` is ".ipynb" or ".py"."""
    if len(content) > MAX_BYTES:
        raise ValueError(f"is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 text (byte {error.start})") from error
    return _python_cells(text) if suffix == ".py" else _notebook_cells(text)


def _python_cells(text: str) -> list[tuple[int, str]]:
    text = text.replace("\r\n", "\n")
    head, *rest = PERCENT.split(text)  # head, then title and body of each cell in turn
    cells = list(zip(rest[::2], rest[1::2], strict=True))
    if head.strip():
        cells.insert(0, ("", head))
    return [
        (number, body)
        for number, (title, body) in enumerate(cells, start=1)
        if "[markdown]" not in title and "[raw]" not in title
    ]


def _notebook_cells(text: str) -> list[tuple[int, str]]:
    if not text.strip():
        raise ValueError("is empty")
    try:
        notebook = json.loads(text)
    except RecursionError as error:
        raise ValueError("is nested too deeply to be a notebook") from error
    except ValueError as error:  # JSONDecodeError, and a number of 5,000 digits
        raise ValueError(f"is not a notebook: {error}") from error
    cells = _cell_list(notebook)
    return [
        (number, _source(cell))
        for number, cell in enumerate(cells, start=1)
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]


def _cell_list(notebook: object) -> list:
    if isinstance(notebook, dict):
        cells = notebook.get("cells")
        if cells is None and isinstance(notebook.get("worksheets"), list):  # nbformat 2 and 3
            sheets = [s for s in notebook["worksheets"] if isinstance(s, dict)]
            cells = [c for sheet in sheets for c in _as_list(sheet.get("cells"))]
        if isinstance(cells, list):
            return cells
    raise ValueError("is not a notebook: it has no list of cells")


def _source(cell: dict) -> str:
    source = cell.get("source", cell.get("input", ""))  # "input" in nbformat 2 and 3
    return "".join(part for part in _as_list(source) if isinstance(part, str))


def _as_list(value: object) -> list:
    return value if isinstance(value, list) else [value]
