"""The troubles that `course doctor` must see, each of them made, and each with its remedy.

What the command prints of them is in `test_main.py`.
"""

import importlib.metadata as metadata
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from course_lib import data
from course_lib.command import doctor
from course_lib.data import store
from course_lib.grading import run

ROOT = Path(__file__).parents[2]
GIB = 2**30


def test_every_probe_says_how_the_machine_is_and_every_trouble_has_a_remedy(tmp_path, monkeypatch):
    probes = [p for p in doctor.PROBES if p.__name__ not in ("openmp", "sandbox", "device")]
    monkeypatch.setattr(doctor, "PROBES", probes)
    for found in doctor.examine(tmp_path):
        assert found.status in ("ok", "note", "problem") and found.detail
        assert found.remedy or found.status == "ok", found


def test_a_probe_that_raises_becomes_a_finding(monkeypatch):
    def cursed(folder):
        raise OSError("no such luck")

    monkeypatch.setattr(doctor, "PROBES", (cursed, doctor.python))
    monkeypatch.setattr(data, "state", lambda name: 1 / 0)
    found = {f.name: f for f in doctor.examine(Path())}
    assert found["cursed"].status == "problem" and "no such luck" in found["cursed"].detail
    assert found["data mnist"].status == "problem" and "python" in found


def test_doctor_runs_where_torch_jupyter_and_widgets_are_missing(tmp_path):
    """A fresh Python that refuses these imports, and says they have no version."""
    program = f"""
import importlib.metadata as metadata, sys
GONE = ("torch", "jupyterlab", "ipywidgets", "jupyter_client", "nbformat")
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in GONE:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Refuse())
version = metadata.version
def missing(name):
    if name in GONE: raise metadata.PackageNotFoundError(name)
    return version(name)
metadata.version = missing
from course_lib import data
from course_lib.command import doctor
doctor.LOADED = "print('[]')"
for f in doctor.examine(__import__("pathlib").Path({str(tmp_path)!r})):
    print(f.name, f.status, f.remedy, sep="|")
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                         encoding="utf-8")
    found = {line.split("|")[0]: line.split("|")[1:] for line in ran.stdout.splitlines()}
    assert ran.returncode == 0, ran.stderr
    for name, status in [("torch", "problem"), ("device", "note"), ("kernel", "problem"),
                         ("jupyterlab", "note"), ("ipywidgets", "problem"),
                         ("nbformat", "problem")]:
        assert found[name][0] == status and "install" in found[name][1]


# --- Python


@pytest.mark.parametrize("version, status", [((3, 11), "ok"), ((3, 14), "ok"), ((3, 15), "note")])
def test_the_tested_pythons_are_ok_and_a_newer_one_is_a_note(monkeypatch, version, status):
    monkeypatch.setattr(doctor.sys, "version_info", (*version, 0))
    assert doctor.python(ROOT).status == status

def test_a_python_that_pip_would_refuse_is_a_problem(monkeypatch):
    monkeypatch.setattr(doctor.sys, "version_info", (3, 10, 14))
    found = doctor.python(ROOT)
    assert found.status == "problem" and "too old" in found.detail and "python.org" in found.remedy


def test_the_tested_pythons_begin_with_the_oldest_that_pip_takes():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    oldest = ".".join(map(str, doctor.TESTED[0]))
    assert f'requires-python = ">={oldest}"' in text


# --- the environment


def test_environment_of_somebody_else_is_noted(tmp_path, monkeypatch):
    (tmp_path / ".venv").mkdir()
    found = doctor.environment(tmp_path)
    assert found.status == "note" and str(tmp_path / ".venv") in found.remedy
    monkeypatch.setattr(doctor.sys, "prefix", str(tmp_path / ".venv"))
    assert doctor.environment(tmp_path).status == "ok"


# --- the kernel


@pytest.fixture
def kernel(monkeypatch):
    """Give Jupyter a kernel python3 that is started by this program."""
    kernelspec = pytest.importorskip("jupyter_client.kernelspec")

    def of(program):
        def spec(self, name):
            if program is None:
                raise kernelspec.NoSuchKernel(name)
            return SimpleNamespace(argv=[str(program), "-m", "ipykernel_launcher"])

        monkeypatch.setattr(kernelspec.KernelSpecManager, "get_kernel_spec", spec)
        return doctor.kernel(ROOT)

    return of


def test_the_kernel_of_another_environment_is_a_problem_though_it_leads_to_the_same_python(
    kernel, tmp_path
):
    other = tmp_path / "bin" / "python"
    other.parent.mkdir()
    other.write_bytes(b"")
    found = kernel(other)
    assert found.status == "problem" and str(other) in found.detail
    assert "-m ipykernel install --sys-prefix" in found.remedy


def test_no_kernel_is_a_problem_and_a_detour_to_this_python_is_not(kernel):
    assert "ipykernel" in kernel(None).remedy
    here = Path(sys.executable)
    assert kernel(here.parent / ".." / here.parent.name / here.name).status == "ok"
    assert kernel("python").status == "ok"                # which Jupyter replaces by its own


# --- two OpenMP runtimes


@pytest.mark.parametrize("system, status", [("linux", "problem"), ("darwin", "ok")])
def test_two_openmp_runtimes_that_deadlock_are_seen(monkeypatch, system, status):
    printed = '["/a/libiomp5.so", "/b/libomp.so.5"]'
    monkeypatch.setattr(doctor.sys, "platform", system)
    monkeypatch.setattr(doctor.subprocess, "run", lambda *a, **k: SimpleNamespace(
        returncode=0, stdout=printed, stderr=""))
    found = doctor.openmp(ROOT)
    assert found.status == status and ("all with pip" in found.remedy) == (status == "problem")


@pytest.mark.parametrize("printed", ['["/a/libgomp-a34.so.1", "/b/libgomp.so.1"]', "[]"])
def test_runtimes_that_get_along_are_ok(monkeypatch, printed):
    monkeypatch.setattr(doctor.subprocess, "run", lambda *a, **k: SimpleNamespace(
        returncode=0, stdout=printed, stderr=""))
    assert doctor.openmp(ROOT).status == "ok"


def test_a_process_that_two_runtimes_kill_is_seen(monkeypatch):
    dies = "import os, sys; print('OMP: Error #15: loaded', file=sys.stderr); os.abort()"
    monkeypatch.setattr(doctor, "LOADED", dies)
    found = doctor.openmp(ROOT)
    assert found.status == "problem" and "Error #15" in found.detail and "fresh" in found.remedy


# --- the graphics card


@pytest.mark.parametrize("build, card, status, remedy", [
    (None, True, "note", "/whl/cu"), ("12.6", True, "note", "update the NVIDIA driver"),
    (None, False, "ok", "")])
def test_a_graphics_card_that_torch_overlooks_is_noted(monkeypatch, build, card, status, remedy):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", build)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: f"/usr/bin/{name}" if card else None)
    monkeypatch.setattr(doctor.subprocess, "run", lambda *a, **k: SimpleNamespace(
        returncode=0, stdout="GPU 0: NVIDIA L4 (UUID: GPU-1)\n"))
    found = doctor.device(ROOT)
    assert found.status == status and remedy in found.remedy
    assert ("GPU 0: NVIDIA L4" in found.detail) == card and "UUID" not in found.detail


def test_an_nvidia_smi_without_a_driver_is_no_card(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(doctor.subprocess, "run", lambda *a, **k: SimpleNamespace(
        returncode=9, stdout="NVIDIA-SMI has failed"))
    assert doctor._nvidia_card() == ""


# --- the disk


@pytest.mark.parametrize("full, status", [("course", "problem"), ("cache", "problem"), ("", "ok")])
def test_a_full_disk_is_named_whether_the_course_lies_on_it_or_the_downloads(
    tmp_path, monkeypatch, full, status
):
    for name in ("course", "cache"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache" / "not yet" / "there"))
    assert store.cache().name == "there"
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda where: SimpleNamespace(
        free=GIB if Path(where).name == full else 9 * GIB))
    found = doctor.disk(tmp_path / "course")
    assert found.status == status and (status == "ok" or str(tmp_path / full) in found.remedy)


def test_two_gib_are_enough_and_less_is_not():
    for free, status in [(doctor.NEEDED, "ok"), (doctor.NEEDED - 1, "problem")]:
        found = doctor._enough("disk", free, "make room")
        assert found.status == status and bool(found.remedy) == (status == "problem")


# --- packages


@pytest.fixture
def installed(monkeypatch):
    """Give a package this version, and the course these needs."""
    def of(version, needs):
        monkeypatch.setattr(doctor, "version", lambda name: version)
        monkeypatch.setattr(doctor, "requires", lambda name: needs)

    return of


def test_a_package_that_is_too_old_is_a_problem_with_the_version_to_install(installed):
    installed("5.1.0", ["numpy>=1.26", 'transformers>=5.2; extra == "bert"'])
    found = doctor.package("transformers")
    assert found.status == "problem" and "5.1.0" in found.detail
    assert found.remedy.endswith('pip install "transformers>=5.2"')
    installed("5.2.0", ['transformers>=5.2; extra == "bert"'])
    assert doctor.package("transformers").status == "ok"


@pytest.mark.parametrize("name, status", [("numpy", "problem"), ("anywidget", "problem"),
                                          ("jupyterlab", "note"), ("transformers", "note")])
def test_what_no_lesson_or_only_the_last_needs_is_a_note(monkeypatch, name, status):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor, "version", missing)
    found = doctor.package(name)
    assert found.status == status and found.remedy.endswith(f"pip install {name}")


def test_a_course_that_pip_does_not_know_has_no_bounds_and_no_trouble(monkeypatch):
    def unknown(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor, "requires", unknown)
    assert doctor.package("numpy").status == "ok"


def test_every_package_that_is_looked_at_has_its_bound_in_pyproject():
    assert set(doctor.PACKAGES) <= set(doctor._bounds())


# --- the graders' sandbox


def test_no_sandbox_is_only_a_note_with_what_to_install(monkeypatch):
    monkeypatch.setattr("course_lib.grading.run.backends.installed_backends", lambda: [])
    found = doctor.sandbox(ROOT)
    assert found.status == "note" and "apt-get install bubblewrap" in found.remedy
    assert "course grade" in found.detail


@pytest.mark.skipif("bubblewrap" not in run.installed_backends(),
                    reason="bubblewrap is not installed")
def test_a_bubblewrap_that_is_there_and_may_not_be_used_is_a_note(monkeypatch, tmp_path):
    refuses = tmp_path / "bwrap"
    refuses.write_text("#!/bin/sh\necho no permission >&2\nexit 1\n", encoding="utf-8")
    refuses.chmod(0o755)
    monkeypatch.setattr("course_lib.grading.run.backends.installed_backends",
                        lambda: ["bubblewrap"])
    monkeypatch.setattr("course_lib.grading.run.backends.shutil.which",
                        lambda name: str(refuses))
    assert doctor.sandbox(ROOT).status == "note"


def test_the_sandbox_that_was_tried_is_ended(monkeypatch):
    ended = []
    monkeypatch.setattr(run, "Sandbox", lambda: SimpleNamespace(
        kind="bubblewrap", close=lambda: ended.append(True)))
    assert doctor.sandbox(ROOT).status == "ok" and ended == [True]
