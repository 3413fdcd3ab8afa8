"""JupyterLab, opened at the course's start page."""

import json
import os
import platform
import re
import sys
import tempfile
from pathlib import Path

from course_lib.checks import record

START = {"command": "help:open", "label": "Start page",
         "args": {"url": "{base}/course/", "text": "Start page", "newBrowserTab": True}}
# These are defaults only: what somebody has set in JupyterLab's own settings wins over them. Pages
# of words are shown rendered, no pop-up comes first, and the start page is one click away.
LAB_DEFAULTS = {
    "@jupyterlab/docmanager-extension:plugin": {
        "defaultViewers": {"markdown": "Markdown Preview"},
    },
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
    "@jupyterlab/mainmenu-extension:plugin": {
        "menus": [{"id": "jp-mainmenu-course", "label": "Course", "rank": 90,
                   "items": [{k: START[k] for k in ("command", "args")}]}],
    },
    "@jupyterlab/notebook-extension:panel": {
        "toolbar": [{"name": "course-start", "rank": 900, **START}],
    },
}


def open_lab(folder, arguments=(), *, tell=print):
    """Run JupyterLab until somebody ends it.

    Parameters
    ----------
    folder : Path
        What its file browser shows; if it is the course's, the start page is opened.
    arguments : sequence of str
        Passed on to ``jupyter lab``.
    tell : callable
        Takes a sentence for the person at the terminal.
    """
    arguments = [*arguments, *_by_default("root_dir", folder, arguments),
                 *_by_default("ip", "127.0.0.1", arguments)]
    base = next((a.partition("=")[2] for a in arguments if ".base_url=" in a), "/").rstrip("/")
    if (folder / "notebooks").is_dir() and (folder / "course_lib").is_dir():
        arguments += ["--LabApp.default_url=/course/",
                      "--FileContentsManager.preferred_dir=notebooks"]
        os.environ[record.VARIABLE] = str(record.file_in(folder))
    if hasattr(os, "geteuid") and os.geteuid() == 0 and "--allow-root" not in arguments:
        arguments.append("--allow-root")
        tell("You are root, as in most containers: Jupyter is told that this is meant. It listens "
             "on 127.0.0.1 only; --ip=0.0.0.0 lets others in who have its token.")
    if not _has_display() and "--no-browser" not in arguments:
        arguments.append("--no-browser")
        tell("There is no display here: open the address below in a browser.")
    tell("JupyterLab is starting. Press Ctrl-C twice to end it.")
    _put_commands_on_the_path()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as settings:
        _set_defaults(Path(settings), base)
        from jupyterlab.labapp import main as run_lab  # only now: it looks up its folders

        run_lab([*arguments, *_quiet(arguments)])


def _by_default(name, value, arguments):
    """An option of the server, unless it is given already: Jupyter takes it once."""
    given = any(re.match(rf"--(ServerApp\.|NotebookApp\.)?{name.replace('_', '[-_]')}(=|$)", a)
                or (name == "root_dir" and a.startswith("--notebook-dir")) for a in arguments)
    return [] if given else [f"--ServerApp.{name}={value}"]


def _quiet(arguments):
    """Leave out what only its makers read; but an address without a token is told only there."""
    told = "--debug" in arguments or any(re.match(
        r"--log-level|--\w+\.(log_level|token|password)\b", a) for a in arguments)
    return [] if told or os.environ.get("JUPYTER_TOKEN") else ["--log-level=WARN"]


def _has_display():
    """Whether a browser could open a window. WSL opens it on the Windows side."""
    return (sys.platform != "linux" or "microsoft" in platform.release().lower()
            or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")))


def _put_commands_on_the_path():
    """Let `course` be found in JupyterLab's terminals, and by `!course` in a cell."""
    own = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if own not in path:
        os.environ["PATH"] = os.pathsep.join([own, *path])


def _set_defaults(settings, base):
    """Write our defaults into a folder and put that on Jupyter's path, before all others."""
    server = {"jpserver_extensions": {"course_lib.command.start": True}}
    if os.name != "nt":               # no login shell: it would set a PATH without `course`
        server["terminado_settings"] = {"shell_command": [os.environ.get("SHELL") or "bash"]}
    for name, content in (("labconfig/default_setting_overrides.json", LAB_DEFAULTS),
                          ("jupyter_server_config.json", {"ServerApp": server})):
        (settings / name).parent.mkdir(exist_ok=True)
        text = json.dumps(content).replace("{base}", base)
        (settings / name).write_text(text, encoding="utf-8")
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    path = [str(settings), others] if others else [str(settings)]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(path)
