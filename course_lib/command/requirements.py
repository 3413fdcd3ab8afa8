"""Compile requirements.txt from pyproject.toml; see `make requirements`.

    python -m course_lib.command.requirements              what has changed in pyproject.toml
    python -m course_lib.command.requirements --upgrade    and the newest release of everything

One set of pins for Python 3.11 to 3.14 on Linux, macOS and Windows. Left out is what only PyTorch's
CUDA build needs (that build names it itself, and no other has a use for it) or only a browser.
"""

import re
import subprocess
import sys
from pathlib import Path

from .installers import ROOT, SetupError, find_uv, pip_settings, uv_environment, uv_options

FILE = ROOT / "requirements.txt"
LEFT_OUT = re.compile(r"^(nvidia-|cuda-|triton\b|.*== 'emscripten'$).*\n", re.MULTILINE)


def compile_requirements(old, options=()):
    """Compile the pins of all that pyproject.toml asks for.

    Parameters
    ----------
    old : Path
        Pins that are kept where they still fit; nothing is written there.
    options : sequence of str
        Passed on to `uv pip compile`.

    Returns
    -------
    str
        The text of requirements.txt.

    Raises
    ------
    SetupError
        If uv cannot be had, or finds no solution, or no package index.
    """
    uv = find_uv(sys.executable)
    if uv is None:
        raise SetupError("uv cannot be had: pip install uv")
    settings = pip_settings(sys.executable)
    for own in ("extra-index-url", "find-links", "constraint"):   # what only this machine has
        settings.pop(own, None)
    told = subprocess.run(
        [uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11",
         "--all-extras", "--no-annotate", "--custom-compile-command", "make requirements",
         "--output-file", str(old), *uv_options(settings), *options, "pyproject.toml"],
        cwd=ROOT, env=uv_environment(settings), encoding="utf-8", stderr=subprocess.PIPE)
    if told.returncode:
        raise SetupError(told.stderr.strip())
    return LEFT_OUT.sub("", Path(old).read_text(encoding="utf-8"))


if __name__ == "__main__":
    try:
        FILE.write_text(compile_requirements(FILE, sys.argv[1:]), encoding="utf-8", newline="\n")
    except SetupError as problem:
        sys.exit(str(problem))
