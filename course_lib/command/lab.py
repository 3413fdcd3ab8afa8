"""JupyterLab, opened at the table of lessons."""

import json
import os
import tempfile
from pathlib import Path

# A newcomer should see the table of lessons and not its Markdown, and no pop-up before it. These
# are defaults only: what somebody has set in JupyterLab's own settings wins over them.
LAB_DEFAULTS = {
    "@jupyterlab/docmanager-extension:plugin": {
        "defaultViewers": {"markdown": "Markdown Preview"},
    },
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
}


def open_lab(folder, arguments=()):
    """Run JupyterLab until somebody ends it.

    Parameters
    ----------
    folder : Path
        What its file browser shows; README.md is opened when there is one.
    arguments : sequence of str
        Passed on to ``jupyter lab``.
    """
    page = "/lab/tree/README.md" if (folder / "README.md").is_file() else "/lab"
    start = [f"--ServerApp.root_dir={folder}", f"--LabApp.default_url={page}"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as settings:
        _set_defaults(Path(settings))
        from jupyterlab.labapp import main as run_lab  # only now: it looks up its folders

        run_lab([*start, *arguments])


def _set_defaults(settings):
    """Write our defaults into a folder and put that on Jupyter's path, before all others."""
    (settings / "labconfig").mkdir()
    file = settings / "labconfig" / "default_setting_overrides.json"
    file.write_text(json.dumps(LAB_DEFAULTS), encoding="utf-8")
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    path = [str(settings), others] if others else [str(settings)]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(path)
