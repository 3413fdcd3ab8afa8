"""Set up the environment .venv, with every package of requirements.txt.

    python3 -m course_lib.command.setup            only that
    python3 -m course_lib.command.setup lab        and then `course lab` in it
    python3 -m course_lib.command.setup --here     into the environment of this Python, as on Binder

Runs before anything is installed: the standard library only. But for --here, a second run does
nothing. One that was interrupted goes on.
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
SUPPORTED = "(3, 11) <= sys.version_info[:2] <= (3, 14)"


def main(arguments=()):
    """Set up, then run `course` with the arguments, if there are any.

    Returns
    -------
    int
        The exit code.
    """
    here, rest = list(arguments[:1]) == ["--here"], list(arguments)
    if rest[:1] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    python = Path(sys.executable) if here else PYTHON
    try:
        check_version(sys.version_info)
        if here:
            install(python)
        elif not is_ready():
            make_venv()
            install(python)
            STAMP.write_text(fingerprint(), encoding="utf-8")
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130
    return run_course(python, rest[here:])


def run_course(python, arguments):
    """Run `course` in the place of this process, so that Ctrl-C is its own; 0 without arguments."""
    if not arguments:
        return 0
    command = [str(python), "-m", "course_lib", *arguments]
    if os.name != "nt":
        os.execv(command[0], command)
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:                         # it has heard it, too
            pass


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
    """Whether .venv runs, and is what requirements.txt and pyproject.toml ask for, here."""
    found = "import importlib.util as u; raise SystemExit(not u.find_spec('typer'))"
    return STAMP.is_file() and STAMP.read_text(encoding="utf-8") == fingerprint() and works(
        PYTHON, found)


def fingerprint():
    """What .venv is made from, as a hash, and the folder: one that was moved is made anew."""
    parts = [(ROOT / name).read_bytes() for name in ("requirements.txt", "pyproject.toml")]
    return f"{hashlib.sha256(b' '.join(parts)).hexdigest()}\n{ROOT}"


def make_venv():
    """Make .venv, with pip in it, unless there is one that runs.

    Raises
    ------
    SetupError
        If something else has that name, or Python cannot make it.
    """
    own = (HOME / "pyvenv.cfg").is_file()
    if os.path.lexists(HOME) and not own and (not HOME.is_dir() or any(HOME.iterdir())):
        raise SetupError(f"{HOME} is there, and is no virtual environment: move it away.")
    moved = STAMP.is_file() and STAMP.read_text(encoding="utf-8").partition("\n")[2] not in (
        "", str(ROOT))
    if works(PYTHON, f"import sys; raise SystemExit(not {SUPPORTED})") and not moved:
        if not works(PYTHON, "import pip"):               # as uv makes one
            subprocess.call([str(PYTHON), "-m", "ensurepip"], stdout=subprocess.DEVNULL)
        return
    print("Making .venv", flush=True)
    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(HOME)]) != 0:
        raise SetupError("Python could not make a virtual environment; it says why above. On "
                         "Debian and Ubuntu a package is missing: sudo apt install python3-venv")


def install(python):
    """Install every package, then the course itself, as a link to this folder."""
    print("Installing the course's packages, once: about 2 GB on the disk, more with a GPU.",
          flush=True)
    uv = find_uv(python)
    for what in (["-r", ROOT / "requirements.txt"],
                 ["--no-deps", "--no-build-isolation", "--editable", ROOT]):
        install_by_uv(uv, python, what) if uv else install_by_pip(python, what)
    print("The course is set up.", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
