"""Set-up: what pip is told on this machine uv is told, too, and nothing is done twice."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from course_lib.command import installers, setup
from course_lib.command.installers import SetupError

ROOT = Path(__file__).parents[2]
TOLD = """:env:.find-links='/a /b'
:env:.timeout='7'
global.cert='/etc/my certificates.pem'
global.extra-index-url='https://one.example/simple\\nhttps://two.example/simple'
global.find-links='/weaker'
global.index-url='https://weaker.example/simple'
install.constraint='~/limits.txt'
install.index-url='https://mirror.example/simple'
wheel.no-index='1'"""


@pytest.fixture
def told(monkeypatch):
    """Say what `pip config list` prints, and write down what else is run."""
    def say(text, compiles=True):
        ran = []

        def run(command, **options):
            ran.append((list(map(str, command)), options))
            failed = "compile" in command and not compiles
            return SimpleNamespace(stdout=text, stderr="", returncode=int(failed))

        def call(command, **options):
            ran.append((list(map(str, command)), options))
            return 0

        monkeypatch.setattr(installers.subprocess, "run", run)
        monkeypatch.setattr(installers.subprocess, "call", call)
        return ran
    return say


def test_pips_settings_are_read_with_pips_own_precedence(told):
    told(TOLD)
    assert installers.pip_settings("python") == {
        "find-links": "/a /b", "timeout": "7", "cert": "/etc/my certificates.pem",
        "extra-index-url": "https://one.example/simple https://two.example/simple",
        "index-url": "https://mirror.example/simple", "constraint": "~/limits.txt"}


def test_uv_gets_each_of_them(told, monkeypatch):
    told(TOLD)
    for name in ("SSL_CERT_FILE", "UV_HTTP_TIMEOUT", "UV_DEFAULT_INDEX", "UV_INDEX"):
        monkeypatch.delenv(name, raising=False)
    settings = installers.pip_settings("python")
    assert installers.uv_options(settings) == [
        "--find-links", "/a", "--find-links", "/b",
        "--constraints", os.path.expanduser("~/limits.txt"),
        "--index-strategy", "unsafe-best-match"]
    environment = installers.uv_environment(settings)
    assert environment["SSL_CERT_FILE"] == "/etc/my certificates.pem"
    assert environment["UV_HTTP_TIMEOUT"] == "7"
    assert environment["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert environment["UV_INDEX"] == "https://one.example/simple https://two.example/simple"


def test_a_password_of_an_index_is_on_no_command_line(told):
    told("global.index-url='https://me:secret@mirror.example/simple'")
    assert "secret" not in str(installers.uv_options(installers.pip_settings("p")))


def test_backslashes_of_windows_stay(told):
    path = "C:\\certs\\net\\new.pem"
    told(f"global.cert={path!r}")
    assert installers.pip_settings("p") == {"cert": path}


def test_what_the_user_has_set_for_uv_wins(told, monkeypatch):
    told(TOLD)
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "99")
    assert installers.uv_environment(installers.pip_settings("p"))["UV_HTTP_TIMEOUT"] == "99"


@pytest.mark.parametrize("value, kept", [("1", True), ("true", True), ("0", False)])
def test_a_machine_without_any_index_stays_without(value, kept):
    assert ("--no-index" in installers.uv_options({"no-index": value})) == kept


def test_no_settings_are_no_options(told):
    told("")
    assert installers.pip_settings("p") == {} and installers.uv_options({}) == []


# --- PyTorch


@pytest.mark.parametrize("platform, compiles, options", [
    ("linux", True, ["--torch-backend", "auto"]), ("win32", True, ["--torch-backend", "auto"]),
    ("linux", False, []), ("darwin", True, [])])
def test_torch_is_the_build_for_this_machine_where_it_can_be_had(
    told, monkeypatch, platform, compiles, options
):
    ran = told("", compiles)
    monkeypatch.setattr(installers.sys, "platform", platform)
    assert installers.torch_options("uv", "python", {}) == options
    asked = [options["input"] for command, options in ran if "compile" in command]
    assert asked == ([] if platform == "darwin" else [installers.torch_pin()])


@pytest.mark.parametrize("there", [True, False])
def test_a_torch_that_is_there_stays(told, monkeypatch, there):
    ran = told("")
    monkeypatch.setattr(installers, "has_torch", lambda python: there)
    monkeypatch.setattr(installers.sys, "platform", "linux")
    installers.install_by_uv("uv", "python", ["x"])
    assert ("--torch-backend" in ran[-1][0]) != there and ran[-1][0][-1] == "x"


def test_has_torch_looks_at_the_version_and_not_at_the_build(tmp_path):
    pin = installers.torch_pin()
    assert pin.startswith("torch==")
    assert installers.has_torch(sys.executable)
    assert not installers.has_torch(tmp_path / "no python")


@pytest.mark.parametrize("driver, first", [(None, installers.CPU_WHEELS), ("/usr/bin/x", None)])
def test_pip_takes_the_cpu_build_where_there_is_no_driver(told, monkeypatch, driver, first):
    ran = told("")
    monkeypatch.setattr(installers.sys, "platform", "linux")
    monkeypatch.setattr(installers, "has_torch", lambda python: False)
    monkeypatch.setattr(installers.shutil, "which", lambda name, **k: driver)
    installers.install_by_pip("python", ["-r", "requirements.txt"])
    commands = [command for command, _ in ran]
    assert any(first in c for c in commands) if first else len(commands) == 1
    assert commands[-1][-2:] == ["-r", "requirements.txt"]


# --- uv, or pip


def test_the_users_own_uv_is_taken(told, monkeypatch):
    ran = told("")
    monkeypatch.setattr(installers.shutil, "which", lambda name, path=None: path or "/mine/uv")
    monkeypatch.setattr(installers, "_knows_torch", lambda uv: True)
    assert installers.find_uv("/env/bin/python") == "/mine/uv" and ran == []


def test_a_uv_that_is_too_old_to_choose_pytorch_is_not_taken(told, monkeypatch):
    told("no such option")
    monkeypatch.setattr(installers.shutil, "which", lambda name, path=None: (
        f"{path}/uv" if path else "/old/uv"))
    assert installers.find_uv("/env/bin/python") == "/env/bin/uv"


def test_uv_comes_by_pip_and_without_it_pip_installs(told, monkeypatch):
    ran = told("")
    monkeypatch.setattr(installers.shutil, "which", lambda name, path=None: None)
    assert installers.find_uv("/env/bin/python") is None
    assert ran[-1][0][-3:] == ["install", "--quiet", "uv"]
    assert ran[-1][1]["env"]["PIP_USER"] == "0"
    monkeypatch.setattr(setup, "find_uv", lambda python: None)
    monkeypatch.setattr(setup, "install_by_uv", pytest.fail)
    installed = []
    monkeypatch.setattr(setup, "install_by_pip", lambda python, what: installed.append(what[0]))
    setup.install("python")
    assert installed == ["-r", "--no-deps"]


def test_a_command_that_fails_says_so_in_words(told, monkeypatch):
    monkeypatch.setattr(installers.subprocess, "call", lambda *a, **k: 1)
    with pytest.raises(SetupError, match="goes on from here"):
        installers._run(["false"])


# --- .venv


@pytest.fixture
def home(monkeypatch, tmp_path):
    """A course without .venv, in which nothing is really installed; the list of what was."""
    folder = tmp_path / "my course é"
    folder.mkdir()
    for name in ("requirements.txt", "pyproject.toml"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    for module in (setup, installers):
        monkeypatch.setattr(module, "ROOT", folder)
    monkeypatch.setattr(setup, "HOME", folder / ".venv")
    python = setup.PYTHON.relative_to(ROOT / ".venv")
    monkeypatch.setattr(setup, "PYTHON", folder / ".venv" / python)
    monkeypatch.setattr(setup, "STAMP", folder / ".venv" / "ready")
    done = []
    monkeypatch.setattr(setup, "install", lambda python: done.append(python))
    monkeypatch.setattr(setup, "works", lambda python, code: installers.works(
        python, code.replace("'typer'", "'json'")))       # what is really installed in there
    return folder, done


@pytest.mark.slow
def test_a_second_run_does_nothing_and_a_change_of_the_pins_does(home):
    folder, done = home
    assert setup.main() == 0 and len(done) == 1 and setup.PYTHON.exists()
    assert setup.main() == 0 and len(done) == 1
    with (folder / "requirements.txt").open("a") as file:
        file.write("# another pin\n")
    assert setup.main() == 0 and len(done) == 2


@pytest.mark.slow
@pytest.mark.parametrize("trouble, code", [(KeyboardInterrupt(), 130), (SetupError("no"), 1)])
def test_one_that_was_interrupted_goes_on(home, monkeypatch, trouble, code, capsys):
    folder, done = home

    def interrupted(python):
        raise trouble

    monkeypatch.setattr(setup, "install", interrupted)
    assert setup.main() == code and not setup.STAMP.exists() and capsys.readouterr().err.strip()
    made = setup.PYTHON.stat().st_ctime_ns
    monkeypatch.setattr(setup, "install", done.append)
    assert setup.main() == 0 and len(done) == 1
    assert setup.PYTHON.stat().st_ctime_ns == made        # .venv was not made a second time


@pytest.mark.slow
def test_half_a_venv_is_made_anew_and_something_else_is_left_alone(home, capsys):
    folder, done = home
    setup.PYTHON.parent.mkdir(parents=True)
    (setup.HOME / "pyvenv.cfg").touch()
    assert setup.main() == 0 and len(done) == 1
    (folder / ".venv").rename(folder / "elsewhere")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "thesis.txt").write_text("mine")
    assert setup.main() == 1 and "move it away" in capsys.readouterr().err
    assert (folder / ".venv" / "thesis.txt").read_text() == "mine"
    (folder / ".venv").rename(folder / "another")
    (folder / ".venv").write_text("of a plug-in of some shell")
    assert setup.main() == 1 and "move it away" in capsys.readouterr().err


@pytest.mark.slow
def test_a_venv_whose_packages_are_gone_is_filled_again(home, monkeypatch):
    folder, done = home
    setup.main()
    monkeypatch.setattr(setup, "works", lambda python, code: "find_spec" not in code)
    assert setup.main() == 0 and len(done) == 2


@pytest.mark.slow
def test_a_venv_of_another_folder_is_made_anew(home):
    folder, done = home
    setup.main()
    (setup.HOME / "mine.txt").touch()
    setup.STAMP.write_text(setup.STAMP.read_text("utf-8").replace(str(folder), "/was/here"))
    assert setup.main() == 0 and len(done) == 2 and not (setup.HOME / "mine.txt").exists()


@pytest.mark.slow
def test_a_venv_without_pip_gets_it_and_keeps_what_is_in_it(home):
    folder, done = home
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", setup.HOME], check=True)
    (setup.HOME / "mine.txt").touch()
    assert setup.main() == 0 and len(done) == 1 and (setup.HOME / "mine.txt").exists()
    assert installers.works(setup.PYTHON, "import pip")


@pytest.mark.slow
def test_then_the_command_runs_in_there(home, monkeypatch):
    setup.main()
    called = []
    monkeypatch.setattr(setup, "run_course", lambda *words: called.append(words) or 3)
    assert setup.main(["lab", "--port=9"]) == 3
    assert setup.main(["--here", "lab"]) == 3
    assert called == [(setup.PYTHON, ["lab", "--port=9"]), (Path(sys.executable), ["lab"])]


def test_the_command_takes_the_place_of_the_set_up():
    """So its exit code is the command's, and Ctrl-C reaches it once."""
    code = ("import sys; from pathlib import Path; from course_lib.command import setup\n"
            "sys.exit(setup.run_course(Path(sys.executable), sys.argv[1:]))")
    for arguments, expected in (["--version"], 0), (["no-such-command"], 2), ([], 0):
        ran = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT,
                             capture_output=True)
        assert ran.returncode == expected


def test_help_installs_nothing(home, capsys):
    assert setup.main(["--help"]) == 0 and home[1] == []
    assert "course_lib.command.setup lab" in capsys.readouterr().out


@pytest.mark.parametrize("version, fine", [((3, 10), False), ((3, 11), True), ((3, 14), True),
                                           ((3, 15), False), ((4, 0), False)])
def test_the_pythons_that_are_taken(version, fine):
    if fine:
        return setup.check_version((*version, 0))
    with pytest.raises(SetupError, match=r"3\.11 to 3\.14.*python\.org.*PYTHON="):
        setup.check_version((*version, 0))


def test_an_old_python_gets_the_message_and_no_syntax_error():
    """As far back as syntax is checked: 3.8, which some systems still call python3."""
    import ast

    for module in (setup, installers):
        source = Path(module.__file__).read_text(encoding="utf-8")
        ast.parse(source, feature_version=(3, 8))
    code = ("import sys; sys.version_info = (3, 8, 1); from course_lib.command import setup; "
            "sys.exit(setup.main())")
    ran = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, text=True,
                         capture_output=True)
    assert ran.returncode == 1 and "3.11 to 3.14" in ran.stderr and "Traceback" not in ran.stderr


def test_set_up_needs_nothing_but_the_standard_library():
    code = ("import sys\nsys.path = [p for p in sys.path if 'site-packages' not in p]\n"
            "import course_lib.command.setup\n"
            "print([m for m in ('numpy', 'typer') if m in sys.modules])")
    ran = subprocess.run([sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, "
                          f"{str(ROOT)!r})\n{code}"], capture_output=True, text=True)
    assert ran.stdout.strip() == "[]", ran.stderr
