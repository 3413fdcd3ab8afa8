"""How Sphinx reads the course. `build.py` assembles what it reads."""

import hashlib
import json
import sys
from base64 import b64decode
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notebooks"))
import figures  # noqa: E402, F401 (these two lie in another folder; build.py takes this from here)
from address import BRANCH, repository  # noqa: E402

REPOSITORY = repository()
OWNER, NAME = REPOSITORY.split("/")[-2:]

project = "Deep learning by hand"
project_copyright = "%Y, the course authors. Code: MIT. Prose and figures: CC BY 4.0"
language = "en"

extensions = [
    "myst_nb",
    "sphinx-mathjax-offline",   # MathJax among our own files: formulas need no network
]
nb_execution_mode = "off"       # the notebooks in the repository are executed
nb_merge_streams = True
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
nitpicky = True

html_theme = "sphinx_book_theme"
html_static_path = ["static"]
html_css_files = ["course.css"]
html_baseurl = f"https://{OWNER}.github.io/{NAME}/"
html_title = project            # build.py says so where the exercises are solved
html_last_updated_fmt = None    # two builds give the same pages
html_theme_options = {
    "repository_url": REPOSITORY,
    "repository_branch": BRANCH,
    "path_to_docs": "notebooks",
    "use_repository_button": True,
    "use_issues_button": True,
    "home_page_in_toc": True,
    "footer_content_items": ["copyright.html"],
    "pygments_dark_style": "github-dark",
    "navbar_persistent": [],    # the search is in the sidebar
    "launch_buttons": {
        "binderhub_url": "https://mybinder.org",
        "colab_url": "https://colab.research.google.com",
        "notebook_interface": "jupyterlab",
    },
}

linkcheck_retries = 2
linkcheck_timeout = 20
linkcheck_anchors = False       # GitHub and others make their anchors in the browser


def alternatives(path):
    """Alternative texts of a notebook's figures, by the hash that is the name of the file.

    A list for each: the same picture may be shown twice, and mean something else.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    found = {}
    for output in (output for cell in cells for output in cell.get("outputs", ())):
        if png := output.get("data", {}).get("image/png"):
            name = hashlib.sha256(b64decode(png)).hexdigest()
            found.setdefault(name, []).append(output["metadata"]["image/png"]["alt"])
    return found


def describe_figures(app, doctree):
    """Give the figures their alternative text: myst-nb passes on only width and height."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix == ".ipynb":
        known = alternatives(path)
        for image in doctree.findall(lambda node: node.tagname == "image"):
            if texts := known.get(Path(image["uri"]).stem):
                image["alt"] = texts.pop(0)


def keep_tags(app, doctree):
    r"""Write formulas with \\ out as they are: Sphinx would wrap them, and a \tag fails inside."""
    for math in doctree.findall(lambda node: node.tagname == "math_block"):
        if r"\\" in math.astext():
            math["no-wrap"] = True
            math[:] = [type(math[0])(rf"\[{math.astext()}\]")]


def setup(app):
    """Connect the two repairs."""
    app.connect("doctree-read", describe_figures)
    app.connect("doctree-read", keep_tags)
