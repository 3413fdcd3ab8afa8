"""What could stop a lesson from running here, looked at one by one, each with its remedy."""

import json
import os
import platform
import shutil
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

GIB = 2**30
NEEDED = 2 * GIB
TESTED = ((3, 11), (3, 14))
PIP = subprocess.list2cmdline([sys.executable, "-m", "pip", "install"])  # quotes blanks
LOADED = """
import json, numpy
for name in ("sklearn.cluster", "torch"):
    try: __import__(name)
    except Exception: pass
from threadpoolctl import threadpool_info
print(json.dumps([r["filepath"] for r in threadpool_info() if r["user_api"] == "openmp"]))
"""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: "ok", a "note" (works, but worth knowing) or "problem"."""

    name: str
    status: str
    detail: str
    remedy: str = ""


def examine(folder):
    """Look at everything; each finding comes as soon as it is made.

    Parameters
    ----------
    folder : Path
        Where the course lies.

    Yields
    ------
    Finding
    """
    for probe in PROBES:
        yield from _carefully(probe.__name__.replace("_", " "), probe, folder)
    for name in PACKAGES:
        yield from _carefully(name, package, name)
    yield from _carefully("data", data_sets)


def _carefully(name, probe, *args):
    try:
        found = probe(*args)
        return found if isinstance(found, list) else [found]
    except Exception as error:
        text = f"could not be looked at: {type(error).__name__}: {error}"
        return [Finding(name, "problem", text, f"{PIP} --requirement requirements.txt")]


def python(folder):
    """Python itself, and whether it is one that the course is tested with."""
    detail = f"{platform.python_version()} at {sys.executable}"
    if TESTED[0] <= sys.version_info[:2] <= TESTED[1]:
        return Finding("python", "ok", detail)
    if sys.version_info[:2] < TESTED[0]:
        return Finding("python", "problem", f"{detail} is too old", "install 3.14 from "
                       "https://www.python.org/downloads/, delete .venv, set up again")
    return Finding("python", "note", detail, "3.11 to 3.14 are tested; this one may work as well")


def environment(folder):
    """Whether this is the Python of the course's own environment."""
    own = folder / ".venv"
    if own.is_dir() and own.samefile(sys.prefix):
        return Finding("environment", "ok", f"the course's own, {own}")
    if own.is_dir():
        course = own / ("Scripts" if os.name == "nt" else "bin") / "course"
        return Finding("environment", "note", f"{sys.prefix}, and not the course's own",
                       f"the course's own is run by {course}")
    if sys.prefix != sys.base_prefix or os.environ.get("CONDA_PREFIX"):
        return Finding("environment", "ok", sys.prefix)
    return Finding("environment", "note", "none: this Python is shared with everything else",
                   "make lab sets one up for the course")


def kernel(folder):
    """Whether a notebook's kernel "python3" is this Python."""
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        return Finding("kernel", "problem", "Jupyter is not installed",
                       f"{PIP} jupyterlab ipykernel")
    try:
        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        return Finding("kernel", "problem", 'there is no kernel "python3"', f"{PIP} ipykernel")
    # Jupyter replaces a bare "python" by its own interpreter. Links are not followed: in a venv
    # they all lead to the one system Python.
    theirs, ours = (Path(os.path.abspath(p)).parent for p in (program, sys.executable))
    if program in {"python", "python3"} or theirs == ours:
        return Finding("kernel", "ok", "python3, this Python")
    return Finding("kernel", "problem", f"python3 is another Python, {program}",
                   PIP.replace("pip install", "ipykernel install --sys-prefix"))


def package(name):
    """Whether a package that the lessons import, or that opens them, is installed."""
    try:
        found, wanted = version(name), _bounds().get(name, "")
    except PackageNotFoundError:
        missing = "note" if name in SPARED else "problem"
        return Finding(name, missing, "is not installed" + SPARED.get(name, ""), f"{PIP} {name}")
    if wanted and found not in wanted:
        return Finding(name, "problem", f"{found}; the course needs {wanted}",
                       f'{PIP} "{name}{wanted}"')
    return Finding(name, "ok", found)


def _bounds():
    """What the course asks of each package's version, as pip has it on record."""
    from packaging.requirements import Requirement

    with suppress(PackageNotFoundError):  # run from the checkout, without pip
        wanted = map(Requirement, requires("deep-learning-by-hand") or ())
        return {need.name: need.specifier for need in wanted}
    return {}


def torch(folder):
    """PyTorch, and which build of it."""
    try:
        import torch
    except ModuleNotFoundError:
        return Finding("torch", "problem", "is not installed",
                       f"{PIP} torch --index-url https://download.pytorch.org/whl/cpu")
    cuda, hip = torch.version.cuda, torch.version.hip
    build = f"CUDA {cuda}" if cuda else "ROCm" if hip else "CPU"
    return Finding("torch", "ok", f"{torch.__version__}, built for {build}")


def device(folder):
    """What PyTorch will compute on, and whether it overlooks a graphics card."""
    try:
        import torch
    except ModuleNotFoundError:
        return Finding("device", "note", "unknown without torch", "install torch first")
    if torch.cuda.is_available():
        return Finding("device", "ok", f"cuda: {torch.cuda.get_device_name(0)}")
    if torch.backends.mps.is_available():
        return Finding("device", "ok", "mps: the graphics of this Mac")
    if not (card := _nvidia_card()):
        return Finding("device", "ok", "cpu (enough for all lessons; lesson 7 is quicker on a GPU)")
    if torch.version.cuda:
        return Finding("device", "note", f"cpu, though there is {card}",
                       "update the NVIDIA driver: it is too old for this torch")
    return Finding("device", "note", f"cpu, though there is {card}: torch is built for CPU only",
                   f"{PIP} --force-reinstall torch --index-url "
                   "https://download.pytorch.org/whl/cu126")


def _nvidia_card():
    program = shutil.which("nvidia-smi")
    if not program:
        return ""
    listed = subprocess.run([program, "-L"], capture_output=True, text=True, encoding="utf-8",
                            errors="replace", timeout=20)
    return listed.stdout.partition("(")[0].strip() if listed.returncode == 0 else ""


def openmp(folder):
    """Whether libraries that each bring an OpenMP of their own get along in one process.

    In a process of its own, because when they do not, Python dies.
    """
    ran = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True,
                         encoding="utf-8", errors="replace", timeout=120)
    if "No module named 'threadpoolctl'" in ran.stderr:
        return Finding("openmp", "note", "not looked at", f"{PIP} threadpoolctl")
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or [f"exit code {ran.returncode}"])[-1]
        return Finding("openmp", "problem", f"NumPy, scikit-learn and torch together fail: {last}",
                       "install all three with pip into a fresh environment, none with conda")
    found = [Path(file).name.split(".")[0].split("-")[0] for file in json.loads(ran.stdout)]
    if {"libiomp5", "libomp"} <= set(found) and sys.platform == "linux":
        return Finding("openmp", "problem", "Intel's and LLVM's are both loaded: they can deadlock",
                       "install NumPy, scikit-learn and torch all with pip, or all with conda")
    return Finding("openmp", "ok", f"{len(found)} loaded, and they get along" if found else "none")


def disk(folder):
    """Room for the data sets and the models, which may go to another disk than the course's."""
    from course_lib.data.store import cache

    place = next(p for p in (cache().absolute(), *cache().absolute().parents) if p.is_dir())
    free, tightest = min((shutil.disk_usage(where).free, str(where)) for where in (folder, place))
    return _enough("disk", free, f"make room in {tightest}: data and models take up to 2 GB")


def memory(folder):
    """Memory that is free now, or what a container leaves of it."""
    import psutil

    free = psutil.virtual_memory().available
    group = Path("/sys/fs/cgroup")
    try:  # on Binder the machine has far more than we may use
        limit = int((group / "memory.max").read_text(encoding="utf-8"))
        free = min(free, limit - int((group / "memory.current").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        pass  # no container, or one without a limit ("max")
    return _enough("memory", free, "close other programs and notebooks; lesson 7 needs 1.5 GB")


def _enough(name, free, remedy):
    detail = f"{free / GIB:.1f} GiB free"
    if free >= NEEDED:
        return Finding(name, "ok", detail)
    return Finding(name, "problem", f"only {detail}", remedy)


def sandbox(folder):
    """Whether `course grade` could run other people's answers; a lesson needs none."""
    from course_lib.grading.run import Sandbox, Unavailable

    try:
        with closing(Sandbox()) as found:
            return Finding("sandbox", "ok", found.kind)
    except Unavailable:
        return Finding("sandbox", "note", "none that works; only `course grade` needs one", BWRAP)


PROBES = (python, environment, kernel, torch, device, openmp, disk, memory, sandbox)
PACKAGES = ("numpy", "matplotlib", "scikit-learn", "mlxtend", "jupyterlab", "nbformat",
            "ipywidgets", "anywidget", "transformers")
SPARED = {"jupyterlab": "; VS Code opens the lessons, too", "transformers": "; lesson 7 needs it"}
BWRAP = "on Linux: sudo apt-get install bubblewrap; if it is there, course grade-selftest says why"


def data_sets():
    """What each data set would be loaded from."""
    from course_lib import data

    return [found for name in data.names() for found in _carefully(f"data {name}", data_set, name)]


def data_set(name):
    """What a data set would be loaded from."""
    from course_lib import data

    state, title = data.state(name), f"data {name}"
    if not state.ok:
        return Finding(title, "problem", state.detail, state.remedy)
    if state.fetchable and state.source == "embedded":
        return Finding(title, "note", state.detail, f"all of it: course data fetch {name}")
    return Finding(title, "ok", state.detail)
