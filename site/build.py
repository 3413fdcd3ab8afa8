"""Build the site: the lessons to read, from the notebooks as they were executed.

    python site/build.py                       the learners' edition, in build/site
    python site/build.py --solved              the solved one, in build/site-solved
    python site/build.py --builder linkcheck   ask every external link whether it is still there

Nothing is executed. Written for the site are coming_from.md, errata.md and using.md; the rest comes
from the notebooks, README.md and INSTRUCTORS.md. A warning is an error.
"""

import argparse
import json
import posixpath
import re
import shutil
import sys
import tempfile
from pathlib import Path

from conf import BRANCH, REPOSITORY, figures, project

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TOC = "```{{toctree}}\n:hidden:\n:caption: {}\n\n{}\n```\n"
WRITTEN = ("using", "coming_from", "errata")              # pages that lie in this folder
CLAIMS = """# Claims on trial

Each lesson takes claims from published texts and tries them. Here they are, without the verdicts.
Decide which of them hold, then open the lesson.
"""


def relink(text, pages, folder=""):
    """Point a page's relative links at the site's `pages` where it has them, else at GitHub.

    `folder` is where the page lies in the repository.
    """
    def target(match):
        path, anchor = posixpath.normpath(posixpath.join(folder, match[1])), match[2] or ""
        if path in pages:
            return f"]({pages[path]}{anchor})"
        if not (ROOT / path).exists():
            raise ValueError(f"a link to {path}, which is not there")
        kind = "tree" if (ROOT / path).is_dir() else "blob"
        return f"]({REPOSITORY}/{kind}/{BRANCH}/{path}{anchor})"
    return re.sub(r"\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)", target, text)


def index(readme, lessons):
    """The first page: the README, and the order of all pages."""
    about = ["using", "coming_from", "claims", "errata", "For instructors <instructors>"]
    return readme + TOC.format("Lessons", "\n".join(p.stem for p in lessons)) + TOC.format(
        "About", "\n".join(about))


def claims_of(path):
    """What a lesson puts on trial, with a link to where it does."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    pattern = r"^## (Claims? on trial)$\n(.*?)(?=^##? |\Z)"
    found = [m for m in (re.search(pattern, t, re.DOTALL | re.MULTILINE) for t in texts) if m]
    if len(found) != 1 or "\n- **A**" not in found[0][2]:
        raise ValueError(f"{path}: one section 'Claim on trial', with a list of claims, is needed")
    title, anchor = texts[0].splitlines()[0][2:], found[0][1].lower().replace(" ", "-")
    return f"## {title}\n{found[0][2].strip()}\n\n[Try them in the lesson]({path.name}#{anchor})\n"


def unpack_figures(notebook):
    """Make the figures images again, so that they become files, and not a part of the page."""
    for output in (o for cell in notebook["cells"] for o in cell.get("outputs", ())):
        if figure := figures.figure_of(output):
            output["data"] = {"image/png": figure.base64, "text/plain": figure.alt}
            output["metadata"] = {"image/png": {"alt": figure.alt, "width": figure.width}}


def fold_answers(notebook, solved):
    """Put what answers a question under it, folded; the solved lesson has it."""
    outputs = {cell["id"]: cell["outputs"] for cell in solved["cells"] if "outputs" in cell}
    for cell in notebook["cells"]:
        tags = cell["metadata"].get("tags", [])
        if "answer" in tags:
            cell["outputs"] = outputs[cell["id"]]
            cell["metadata"]["tags"] = [*tags, "hide-output"]


def leave_out_tests(notebook):
    """Take away the cells that test: the solved lessons have them, and nobody reads them."""
    notebook["cells"] = [cell for cell in notebook["cells"]
                         if "test" not in cell["metadata"].get("tags", [])]


def assemble(folder, lessons):
    """Write all that Sphinx is to read."""
    readme, handbook = ((ROOT / name).read_text(encoding="utf-8")
                        for name in ("README.md", "INSTRUCTORS.md"))
    pages = {"INSTRUCTORS.md": "instructors.md"} | {f"site/{name}.md": f"{name}.md"
                                                    for name in WRITTEN}
    pages |= {f"notebooks/{p.name}": p.name for p in lessons}
    for path in lessons:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        title = notebook["cells"][0]   # the site has buttons of its own
        lines = "".join(title["source"]).splitlines(keepends=True)
        title["source"] = [line for line in lines if not line.startswith("[Open in Colab]")]
        fold_answers(notebook, json.loads(
            (ROOT / "notebooks" / "solutions" / path.name).read_text(encoding="utf-8")))
        leave_out_tests(notebook)
        unpack_figures(notebook)
        (folder / path.name).write_text(json.dumps(notebook), encoding="utf-8")
    for picture in sorted((ROOT / "notebooks" / "pictures").iterdir()):
        shutil.copy(picture, folder)
        pages[f"notebooks/pictures/{picture.name}"] = picture.name
    made = {"index": relink(index(readme, lessons), pages), "instructors": relink(handbook, pages),
            "claims": "\n".join([CLAIMS, *map(claims_of, lessons)])}
    for name in WRITTEN:
        text = (HERE / f"{name}.md").read_text(encoding="utf-8")
        made[name] = relink(text, pages, "site")
    for name, text in made.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def main(arguments=None):
    """Build one edition; 0 if nothing was wrong."""
    from sphinx.cmd.build import main as sphinx
    parser = argparse.ArgumentParser(description="Build the site.")
    parser.add_argument("--solved", action="store_true", help="with the exercises solved")
    parser.add_argument("--builder", default="html", help="Sphinx's builder")
    parser.add_argument("--out", type=Path, help="another folder, new or empty")
    options = parser.parse_args(arguments)
    home = "notebooks/solutions" if options.solved else "notebooks"
    name = "site" if options.builder == "html" else options.builder
    out = options.out or ROOT / "build" / (name + "-solved" * options.solved)
    title = project + " · solved" * options.solved
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.mkdir()
        assemble(source, sorted((ROOT / home).glob("[0-9][0-9]_*.ipynb")))
        made = Path(folder) / "made"   # myst-nb also writes beside it
        status = sphinx(["-W", "--keep-going", "-q", "-b", options.builder, "-c", str(HERE),
                         "-d", f"{folder}/doctrees", "-D", f"html_title={title}",
                         "-D", f"html_theme_options.path_to_docs={home}", str(source), str(made)])
        if not options.out:            # no page of an earlier build stays
            shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(made, out, dirs_exist_ok=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
