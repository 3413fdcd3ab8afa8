"""Install packages by uv, with this machine's settings for pip, or by pip where there is no uv.

Runs before anything is installed: the standard library only.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# pip's settings that uv has an option for. Each may hold several, with blanks between them.
OPTIONS = {"find-links": "--find-links", "constraint": "--constraints",
           "trusted-host": "--allow-insecure-host", "only-binary": "--only-binary",
           "no-binary": "--no-binary"}
# And those that it takes from a variable: what is set already wins, and an index may hold a
# password, which a command line would show to everybody.
VARIABLES = {"index-url": ["UV_DEFAULT_INDEX"], "extra-index-url": ["UV_INDEX"],
             "cert": ["SSL_CERT_FILE"], "client-cert": ["SSL_CLIENT_CERT"],
             "proxy": ["HTTPS_PROXY", "HTTP_PROXY"], "retries": ["UV_HTTP_RETRIES"],
             "default-timeout": ["UV_HTTP_TIMEOUT"], "timeout": ["UV_HTTP_TIMEOUT"]}
STRENGTH = ("global", "install", ":env:")                 # of pip's sections, the strongest last
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"


class SetupError(Exception):
    """Something that the user has to mend; the message says how."""


def find_uv(python):
    """Path of the user's own uv, else of one that pip puts beside `python`, else None."""
    beside = str(Path(python).parent)
    found = shutil.which("uv")
    if found and _knows_torch(found):
        return found
    if not shutil.which("uv", path=beside):
        subprocess.call([*pip(python), "install", "--quiet", "uv"], env=pip_environment())
    return shutil.which("uv", path=beside)


def _knows_torch(uv):
    """Whether a uv is new enough to choose PyTorch's build."""
    told = subprocess.run([uv, "pip", "install", "--help"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, encoding="utf-8", errors="replace")
    return "--torch-backend" in (told.stdout or "")


def install_by_uv(uv, python, what):
    """Run `uv pip install` as this machine would run pip.

    Raises
    ------
    SetupError
        If it fails.
    """
    settings = pip_settings(python)
    options = uv_options(settings)
    if not has_torch(python):
        options += torch_options(uv, python, settings)
    _run([uv, "pip", "install", "--python", python, *options, *what], uv_environment(settings))


def install_by_pip(python, what):
    """Run `pip install`; on Linux without NVIDIA's driver with the CPU build of PyTorch first.

    Raises
    ------
    SetupError
        If it fails.
    """
    if sys.platform == "linux" and not shutil.which("nvidia-smi") and not has_torch(python):
        subprocess.call([*pip(python), "install", "--quiet", "--retries", "0", "--index-url",
                         CPU_WHEELS, torch_pin()], stderr=subprocess.DEVNULL,
                        env=pip_environment())
    _run([*pip(python), "install", *what], pip_environment())


def pip(python):
    """The beginning of a command of pip."""
    return [str(python), "-m", "pip", "--disable-pip-version-check"]


def pip_environment():
    """The environment for pip: in UTF-8, and for an environment, not for the user's home."""
    return {**os.environ, "PIP_USER": "0", "PYTHONUTF8": "1"}


def pip_settings(python):
    """How this machine has set up pip, by the name of the setting: a dict of str.

    uv reads none of it: indexes, folders with wheels, certificates, constraints.
    """
    told = subprocess.run([*pip(python), "config", "list"], stdout=subprocess.PIPE,
                          encoding="utf-8", errors="replace", env=pip_environment()).stdout
    found = re.findall(r"^([\w:]+)\.([\w-]+)=((['\"]).*\4)\s*$", told, re.MULTILINE)
    known = [row for row in found if row[0] in STRENGTH]
    return {name: " ".join(ast.literal_eval(value).split("\n")).strip()
            for _, name, value, _ in sorted(known, key=lambda row: STRENGTH.index(row[0]))}


def uv_options(settings):
    """Those of pip's settings that are options of `uv pip install`: a list of str."""
    options = [part for name, option in OPTIONS.items() for value in settings.get(name, "").split()
               for part in (option, os.path.expanduser(value))]
    if "extra-index-url" in settings:
        options += ["--index-strategy", "unsafe-best-match"]   # as pip: the best of all indexes
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on", "y", "t"):
        options.append("--no-index")
    return options


def uv_environment(settings):
    """The environment for uv, with those of pip's settings that it takes from there."""
    environment = dict(os.environ)
    for name, variables in VARIABLES.items():
        for variable in variables:
            if settings.get(name):
                environment.setdefault(variable, os.path.expanduser(settings[name]))
    return environment


def has_torch(python):
    """Whether the PyTorch that is asked for is there, whatever its build: then it stays."""
    version = torch_pin().partition("==")[2]
    return works(python, "from importlib.metadata import version as v; "
                 f"raise SystemExit(v('torch').partition('+')[0] != '{version}')")


def torch_options(uv, python, settings):
    """Options for the build of PyTorch that fits this machine; [] for the package index's own.

    On macOS that one is right. Elsewhere uv looks for a driver: the CPU build without one, the
    right CUDA build with one. They come from PyTorch's own index, which is asked for PyTorch only.
    Where it cannot be reached, the package index's build is taken, or the machine's own.
    """
    if sys.platform == "darwin" or "UV_TORCH_BACKEND" in os.environ:
        return []
    options = ["--torch-backend", "auto"]
    asked = subprocess.run(
        [uv, "pip", "compile", "--quiet", "--no-deps", "--python", str(python),
         *uv_options(settings), *options, "-"],
        input=torch_pin(), encoding="utf-8", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**uv_environment(settings), "UV_HTTP_TIMEOUT": "15", "UV_HTTP_RETRIES": "1"})
    if asked.returncode == 0:
        return options
    print("PyTorch's own index cannot be reached: taking the PyTorch of the package index.",
          flush=True)
    return []


def torch_pin():
    """PyTorch's line of requirements.txt, as in torch==2.13.0."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return re.search(r"^torch==[\w.]+", text, re.MULTILINE)[0]


def works(python, code):
    """Whether a Python is there, runs, and can run some code."""
    return Path(python).exists() and subprocess.call(
        [str(python), "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def _run(command, environment=None):
    """Run a command that shows what it does."""
    if subprocess.call([str(part) for part in command], env=environment) != 0:
        raise SetupError("That did not work; the reason stands above. Once it is mended (a "
                         "network? room on the disk?), the same command goes on from here.")
