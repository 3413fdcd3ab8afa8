"""JupyterLab in headless Chromium: a server, a page, and what a person does with a notebook."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHROMIUM = next(filter(None, map(shutil.which, (
    "chromium", "chromium-browser", "google-chrome"))), None)
# Without the switches for a sandbox of its own it does not start as root, as in containers.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
            "--disable-component-update"]
CELLS = """() => window.jupyterapp.shell.currentWidget.content.model.toJSON().cells.map(c => ({
  kind: c.cell_type, source: [].concat(c.source).join(''), count: c.execution_count ?? 0,
  tags: c.metadata.tags ?? [],
  outputs: (c.outputs ?? []).map(o => ({kind: o.output_type, name: o.ename ?? '',
    text: [].concat(o.text ?? o.evalue ?? (o.data ?? {})['text/plain'] ?? '').join('')}))}))"""
READY = """() => { const w = window.jupyterapp?.shell.currentWidget;
  return w?.sessionContext?.session?.kernel?.status === "idle"
    && w.content.model?.cells.length > 0 }"""


@contextlib.contextmanager
def server(folder):
    """Serve a folder with JupyterLab on a free port, as `course lab` does; give its address."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    environment = {**os.environ, "COURSE_OFFLINE": "1", "COURSE_CACHE": str(folder / "cache"),
                   "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
                   "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")}
    environment.pop("COURSE_DATA", None)
    log = (folder / "lab.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "course_lib", "lab", "--no-browser",
         f"--port={port}", "--allow-root", "--IdentityProvider.token=",
         "--LabApp.expose_app_in_browser=True"],
        cwd=folder, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process, folder / "lab.log")
        yield address
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _wait_for(address, process, log):
    until = time.monotonic() + 90
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/api", timeout=5)
            return
        time.sleep(0.3)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


class Notebook:
    """An open notebook, and what one can do with it.

    Parameters
    ----------
    page : playwright.sync_api.Page
    address : str
        Of the server.
    name : str
        Of the file.
    """

    def __init__(self, page, address, name):
        self.page, self.complaints = page, []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(f"{address}/lab/tree/{name}?reset")
        page.wait_for_function(READY, timeout=90_000)
        # The stored outputs and numbers go, or one would take them for this kernel's.
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")

    def shut_down(self):
        """End its kernel: the next lesson needs the memory."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def run_all(self, seconds):
        """Run every cell, and wait until the kernel has nothing left to do."""
        self.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
        until = time.monotonic() + seconds
        while True:
            self.page.wait_for_timeout(1000)
            idle = self.page.evaluate(READY)
            if idle and all(c["count"] for c in self.cells() if c["kind"] == "code"
                            and c["source"].strip()):
                return
            if time.monotonic() > until:
                raise TimeoutError(f"the kernel is still busy after {seconds} s")

    def cells(self):
        """List the cells: kind, source, how often run, outputs as text."""
        return self.page.evaluate(CELLS)

    def index(self, text, start=0):
        """Number of the first code cell that contains a text."""
        for k, cell in enumerate(self.cells()):
            if k >= start and cell["kind"] == "code" and text in cell["source"]:
                return k
        raise LookupError(text)

    def cell(self, index):
        """Bring a cell into view; return it as a locator."""
        self.page.evaluate(
            "async k => { const n = window.jupyterapp.shell.currentWidget.content;"
            " n.activeCellIndex = k; await n.scrollToItem(k, 'center'); }", index)
        found = self.page.locator(
            f".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell[data-windowed-list-index='{index}']")
        found.wait_for(timeout=20_000)
        found.scroll_into_view_if_needed()
        return found

    def focus(self, index, button):
        """Move the keyboard's focus to a button in a cell's output."""
        from playwright.sync_api import TimeoutError as NotThere
        for _ in range(4):            # a redraw may scroll the cell away; then JupyterLab drops it
            with contextlib.suppress(NotThere):
                return self.cell(index).get_by_role("button", name=button).focus(timeout=15_000)
        raise LookupError(f"no button {button!r} in cell {index}")

    def write(self, index, text):
        """Replace what stands in a cell, by typing, and run it."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(text)
        self.run(index)

    def run(self, index):
        """Run a cell and wait for it."""
        before = self.cells()[index]["count"]
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(
            f"k => ({CELLS})()[k].count > {before}", arg=index, timeout=60_000)
        self.page.wait_for_function(READY, timeout=60_000)

    def status(self, index):
        """What the last status line in a cell's output says."""
        line = self.cell(index).locator("[role=status]").last
        line.wait_for(timeout=20_000)
        return line.inner_text()

    def wait_for_change(self, index, before):
        """The new status line, once it is another one and stays so for a while."""
        until, now = time.monotonic() + 40, before
        while time.monotonic() < until:
            earlier, now = now, self.status(index)
            if now == earlier != before:
                return now
            self.page.wait_for_timeout(700)
        raise TimeoutError(f"it still says: {now}")
