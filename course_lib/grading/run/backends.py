"""The command that starts a sandboxed Python: bubblewrap, podman, docker, or none at all."""

import importlib.util
import os
import shutil
import sys
import sysconfig
from pathlib import Path

import course_lib.checks
from course_lib.grading import inside

from .limits import MB

PACKAGES = ("numpy", "numpy.libs")                        # what an answer may import
START = """import sys, types
for name, folder in {folders!r}.items():
    sys.modules[name] = module = types.ModuleType(name)
    module.__path__ = [folder]
sys.path.insert(0, {packages!r})
from inside.serve import main
main({mode!r})"""
CODE = Path(inside.__file__).parent                       # runs in there, beside the answer
CHECKS = Path(course_lib.checks.__file__).parent
THREADS = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
REMEDY = """No sandbox works here, so nothing was run: answers are other people's code. Either
  install bubblewrap    Debian, Ubuntu, WSL: sudo apt-get install bubblewrap
                        Fedora: sudo dnf install bubblewrap
                        ("setting up uid map: Permission denied"? INSTRUCTORS.md has the profile)
  or podman or docker   with the image {image}
  or grade on Linux     bubblewrap is there only
or, if you would run all of these files yourself without reading them: --trust-submissions."""


def image():
    """Name of the container image that has this Python."""
    return f"docker.io/library/python:{sys.version_info.major}.{sys.version_info.minor}-slim"


def installed_backends():
    """List the sandboxes that are installed, the best first; whether they work is tried later."""
    return [name for name in ("bubblewrap", "podman", "docker")
            if shutil.which("bwrap" if name == "bubblewrap" else name)]


def command(kind, mode, *, limits, name):
    """Build the command line.

    Parameters
    ----------
    kind : str
        "bubblewrap", "podman", "docker" or "none".
    mode : str
        As `inside.serve.main` takes it.
    limits : Limits
        Of the container, where it is one.
    name : str
        Of the container.

    Returns
    -------
    list of str, dict of str to str
        The command and its environment.
    """
    if kind == "none":
        start = START.format(folders={"inside": str(CODE), "checks": str(CHECKS)},
                             packages=str(_package_folder()), mode=mode)
        kept = {k: v for k, v in os.environ.items() if k in ("SYSTEMROOT", "TEMP", "TMP")}
        return [sys.executable, "-I", "-S", "-B", "-c", start], {**kept, **THREADS}
    start = START.format(folders={"inside": "/grader/inside", "checks": "/grader/checks"},
                         packages="/packages", mode=mode)
    inner = ["-I", "-S", "-B", "-c", start]
    if kind == "bubblewrap":
        python = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
        python = python if python.exists() else Path(sys.executable).resolve()
        return [*_bubblewrap(mode, limits), str(python), *inner], {}
    return [*_container(kind, limits, name), "python", *inner], dict(os.environ)


def _bubblewrap(mode, limits):
    """Options of bubblewrap: no network, no other processes, no files but Python's, read-only."""
    line = [shutil.which("bwrap"), "--unshare-all", "--die-with-parent", "--new-session",
            "--clearenv", "--cap-drop", "ALL", "--hostname", "grader",
            "--uid", "65534", "--gid", "65534"]       # root may not map itself once more
    for name, value in THREADS.items():
        line += ["--setenv", name, value]
    shown = [Path("/usr")]
    line += ["--ro-bind", "/usr", "/usr"]
    for link in ("/bin", "/lib", "/lib32", "/lib64", "/sbin"):
        if Path(link).is_symlink():
            line += ["--symlink", os.readlink(link), link]
        elif Path(link).is_dir():
            line += ["--ro-bind", link, link]
    line += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    base = Path(sys.base_prefix).resolve()
    if not any(base.is_relative_to(folder) for folder in shown):
        shown.append(base)
        line += ["--ro-bind", str(base), str(base)]
    for folder in _paths_to_hide(shown):
        line += ["--tmpfs", str(folder)]
    disk = ["--size", str(limits.disk * MB), "--tmpfs"] if mode == "once" else ["--dir"]
    line += [*disk, "/tmp", "--proc", "/proc", "--dir", "/dev"]
    for device in ("null", "zero", "urandom"):
        line += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    for source, target in _mounts():
        line += ["--ro-bind", str(source), target]
    return [*line, "--remount-ro", "/", "--chdir", "/tmp", "--"]


def _paths_to_hide(shown):
    """Installed packages and the course, where they lie inside a folder that is shown."""
    inside = {Path(sysconfig.get_paths(vars=variables)[key]).resolve()
              for variables in (None, {"base": sys.base_prefix, "platbase": sys.base_prefix})
              for key in ("purelib", "platlib")}
    inside |= {Path(folder) for folder in ("/usr/lib/python3/dist-packages", "/usr/local/src")}
    inside |= set(Path("/usr/local/lib").glob("python3*/*-packages"))
    inside.add(Path(__file__).resolve().parents[3])       # the checkout, or site-packages
    return sorted(folder for folder in inside if folder.is_dir()
                  and any(folder.is_relative_to(top) and folder != top for top in shown))


def _container(kind, limits, name):
    """Command line of a container for one answer."""
    mounts = [f"--volume={source}:{target}:ro" for source, target in _mounts()]
    environment = [f"--env={name}={value}" for name, value in THREADS.items()]
    return [shutil.which(kind), "run", "--rm", "--interactive", "--pull=never", f"--name={name}",
            "--network=none", "--read-only", "--cap-drop=ALL", "--user=65534:65534",
            "--security-opt=no-new-privileges", "--pids-limit=16", "--ipc=none",
            f"--memory={limits.memory + 300}m", f"--memory-swap={limits.memory + 300}m", "--cpus=1",
            f"--tmpfs=/tmp:rw,size={limits.disk}m", "--workdir=/tmp", *environment, *mounts,
            image()]


def _package_folder():
    """Where NumPy is installed."""
    return Path(importlib.util.find_spec("numpy").origin).parents[1]


def _mounts():
    """What the sandbox sees of this machine beside a Python: pairs of a path and its path there."""
    yield CODE, "/grader/inside"
    for name in ("plain_data.py", "run.py"):
        yield CHECKS / name, f"/grader/checks/{name}"
    for name in PACKAGES:
        if (_package_folder() / name).is_dir():
            yield _package_folder() / name, f"/packages/{name}"
