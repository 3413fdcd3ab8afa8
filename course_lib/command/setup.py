"""Set up the environment .venv, with every package of requirements.txt.

    python3 -m course_lib.command.setup            only that
    python3 -m course_lib.command.setup lab        and then `course lab` in it
    python3 -m course_lib.command.setup --here     into the environment of this Python, as on Binder

Runs before anything is installed: the standard library only. A second run does nothing, and one
that was interrupted goes on.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from .installers import ROOT, SetupError, find_uv, install_by_pip, install_by_uv, works

HOME = ROOT / ".venv"
PYTHON = HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = HOME / "ready"


def main(arguments=()):
    """Set up, then run `course` with the arguments, if there are any.

    Returns
    -------
    int
        The exit code.
    """
    here, rest = arguments[:1] == ["--here"], [a for a in arguments if a != "--here"]
    python = Path(sys.executable) if here else PYTHON
    try:
        check_version(sys.version_info)
        if here:
            install(python)
        elif not is_ready():
            make_venv()
            install(python)
            STAMP.write_text(fingerprint(), encoding="utf-8")
        return subprocess.call([str(python), "-m", "course_lib", *rest]) if rest else 0
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130


def check_version(version):
    """Raise if this Python is not one that the course runs on.

    Raises
    ------
    SetupError
    """
    if not (3, 11) <= tuple(version[:2]) <= (3, 14):
        raise SetupError(
            f"This is Python {version[0]}.{version[1]}; the course needs one from 3.11 to 3.14. "
            "Install it from https://www.python.org/downloads/ and run this again, or name one "
            "that you have: make lab PYTHON=/path/to/python3")


def is_ready():
    """Whether .venv is what requirements.txt, pyproject.toml and the folder's name ask for."""
    return (PYTHON.exists() and STAMP.exists()
            and STAMP.read_text(encoding="utf-8") == fingerprint())


def fingerprint():
    """What .venv is made from, as a hash."""
    parts = [(ROOT / name).read_bytes() for name in ("requirements.txt", "pyproject.toml")]
    return hashlib.sha256(b"\0".join([*parts, os.fsencode(ROOT)])).hexdigest()


def make_venv():
    """Make .venv, with pip in it, unless there is one that runs.

    Raises
    ------
    SetupError
        If something else has that name, or Python cannot make it.
    """
    if works(PYTHON, "import pip"):
        return
    if HOME.exists() and any(HOME.iterdir()) and not (HOME / "pyvenv.cfg").is_file():
        raise SetupError(f"{HOME} is there, and is no virtual environment: move it away.")
    print("Making .venv", flush=True)
    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(HOME)]) != 0:
        raise SetupError("Python could not make a virtual environment; it says why above. On "
                         "Debian and Ubuntu a package is missing: sudo apt install python3-venv")


def install(python):
    """Install every package, then the course itself, as a link to this folder."""
    print("Installing the course's packages, once: about 2 GB on the disk.", flush=True)
    uv = find_uv(python)
    for what in (["-r", ROOT / "requirements.txt"],
                 ["--no-deps", "--no-build-isolation", "--editable", ROOT]):
        install_by_uv(uv, python, what) if uv else install_by_pip(python, what)
    print("The course is set up.", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
