"""The start page of `course lab`: a small extension of Jupyter's server, at /course/.

It reads the notebooks and the record of checks; no kernel is started and nothing is run.
"""

import json
from pathlib import Path

from .state import state_of

PAGE = Path(__file__).with_name("page.html")


def _jupyter_server_extension_points():
    """Tell Jupyter's server where the extension is."""
    return [{"module": "course_lib.command.start"}]


def _load_jupyter_server_extension(app):
    """Add the page, and its state for those who have it open."""
    from jupyter_server.base.handlers import JupyterHandler
    from jupyter_server.utils import url_path_join
    from tornado.web import authenticated

    root = Path(app.root_dir)

    def folder():
        """The course: what the server shows, or, as on a JupyterHub, the folder of that name."""
        return root if (root / "notebooks").is_dir() else root / "course"

    class Page(JupyterHandler):
        @authenticated
        def get(self):
            state = json.dumps(state_of(folder(), root)).replace("<", "\\u003c")
            page = PAGE.read_text(encoding="utf-8").replace("{state}", state)
            self.set_header("Cache-Control", "no-store")
            self.finish(page.replace("{base}", self.base_url))

    class State(JupyterHandler):
        @authenticated
        def get(self):
            self.set_header("Cache-Control", "no-store")
            self.finish(state_of(folder(), root))         # a dict: tornado makes it JSON

    start = url_path_join(app.web_app.settings["base_url"], "course")
    app.web_app.add_handlers(".*$", [(start + "/?", Page), (start + "/state", State)])
