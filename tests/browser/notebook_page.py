"""JupyterLab in headless Chromium: a server, a page, and what a person does with a notebook."""

import ast
import contextlib
import os
import shutil
import socket
import subprocess
import symtable
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


# For axe-core, to which code is slow to look at: of its blocks only those with a colour that none
# before them has.
LOOK_ONCE = """seen => {
  for (const block of document.querySelectorAll('.highlight pre')) {
    const colours = [...block.querySelectorAll('span')].map(e => e.className);
    if (colours.every(c => seen.includes(c))) block.setAttribute('data-seen', '');
    seen.push(...colours.filter(c => !seen.includes(c)));
  }
  return [...new Set(seen)];
}"""
NOT_SEEN = {"exclude": [["[data-seen]"]]}


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

    def run_for(self, index, text=None):
        """Run a cell after those above it that it needs and that have not been run.

        With `text`, that is typed into the cell first.
        """
        if text is not None:
            self.write(index, text, run=False)
        for k in needed(self.cells(), index):
            if not self.cells()[k]["count"]:
                self.run(k)

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

    def write(self, index, text, *, run=True):
        """Replace what stands in a cell, by typing, and run it."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(text)
        if run:
            self.run(index)

    def run(self, index):
        """Run a cell and wait for it."""
        before = self.cells()[index]["count"]
        self.cell(index).locator(".cm-content, .jp-Placeholder").first.click()    # or it is folded
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(
            f"k => ({CELLS})()[k].count > {before}", arg=index, timeout=300_000)
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


def needed(cells, index):
    """Numbers of the code cells that a cell needs, in order, and its own.

    Of the cells above: the last that binds a name which a needed cell uses, and those after it that
    train the model of that name.
    """
    trees = {k: ast.parse(c["source"]) for k, c in enumerate(cells[:index + 1])
             if c["kind"] == "code"}
    chosen, todo = set(), [index]
    while todo:
        here = todo.pop()
        if here in chosen:
            continue
        chosen.add(here)
        for name in names_used(trees[here]):
            for k in sorted((k for k in trees if k < here), reverse=True):
                if name in names_bound(trees[k]):
                    todo.append(k)
                    break
                if name in trained_in(trees[k]):
                    todo.append(k)
    return sorted(chosen)


def names_used(tree):
    """Names that a cell takes from above: those that it reads before it binds them."""
    used, bound = set(), set()
    for step in tree.body:
        table = symtable.symtable(ast.unparse(step), "<cell>", "exec")
        free = {s.get_name() for s in table.get_symbols() if s.is_referenced()
                and (isinstance(step, (ast.Assign, ast.AugAssign)) or not s.is_assigned())}
        inside = list(table.get_children())
        while inside:
            part = inside.pop()
            free |= {s.get_name() for s in part.get_symbols() if s.is_global()}
            inside += part.get_children()
        used |= free - bound
        bound |= names_bound(ast.Module([step], []))
    return used


def names_bound(tree):
    """Names that a cell binds at its top level, loops and blocks included."""
    table = symtable.symtable(ast.unparse(tree), "<cell>", "exec")
    return {s.get_name() for s in table.get_symbols()
            if s.is_assigned() or s.is_imported() or s.is_namespace()}


def trained_in(tree):
    """Names of the models that a cell trains, in a call whose result it does not keep."""
    calls = [n.value for n in ast.walk(tree) if isinstance(n, ast.Expr)
             and isinstance(n.value, ast.Call)
             and getattr(n.value.func, "attr", "") in ("fit", "fine_tune", "load_state_dict")]
    return {n.id for call in calls for n in ast.walk(call) if isinstance(n, ast.Name)}
