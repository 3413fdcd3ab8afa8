"""The course's address, and the links that are made from it.

It stands in pyproject.toml, and nowhere else by hand. After a change there:

    python notebooks/build.py --text

The sources of the lessons write {repository}, {colab} and {binder}; the pages for people (README.md
and its neighbours) are rewritten in place.
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BRANCH = "main"
GITHUB = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+)")
CLONE = re.compile(r"git clone https://github\.com/([\w.-]+)/([\w.-]+)")


def repository(file=ROOT / "pyproject.toml"):
    """Address of the repository, without a slash at its end.

    Raises
    ------
    ValueError
        If it is not one of GitHub's, which Colab, Binder and the links to single files need.
    """
    address = tomllib.loads(file.read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
    if not GITHUB.fullmatch(address):
        raise ValueError(f"{file}: Repository is {address!r}: write https://github.com/OWNER/NAME")
    return address


def links(lesson, address):
    """What a lesson's source may ask for, by name: a dictionary.

    Parameters
    ----------
    lesson : str
        Name of the notebook, as in ``01_backprop_by_hand.ipynb``.
    address : str
        Of the repository.
    """
    owner, name = GITHUB.fullmatch(address).groups()
    return {"{repository}": address,
            "{colab}": f"https://colab.research.google.com/github/{owner}/{name}/blob/{BRANCH}"
                       f"/notebooks/{lesson}",
            "{binder}": f"https://mybinder.org/v2/gh/{owner}/{name}/{BRANCH}"
                        f"?urlpath=lab/tree/notebooks/{lesson}"}


def filled(text, lesson, address):
    """The text of a source with its links."""
    for name, link in links(lesson, address).items():
        text = text.replace(name, link)
    return text


def pages(root=ROOT):
    """The pages for people, that hold the address: a list of Path."""
    return [*sorted(root.glob("*.md")), root / "CITATION.cff", *sorted(root.glob("site/*.md"))]


def moved(text, old, address):
    """A page in which every link to the course leads to another address.

    Parameters
    ----------
    text : str
    old : tuple of str
        Owner and name that the links have now.
    address : str
        Of the repository.
    """
    owner, name = GITHUB.fullmatch(address).groups()
    text = re.sub(rf"\b{re.escape(old[0])}\.github\.io/{re.escape(old[1])}\b",
                  f"{owner}.github.io/{name}", text)
    return re.sub(rf"(?<=/){re.escape('/'.join(old))}\b", f"{owner}/{name}", text)


def old_address(root=ROOT):
    """Owner and name in README.md's own `git clone`."""
    found = CLONE.search((root / "README.md").read_text(encoding="utf-8"))
    return found[1], found[2]


def outdated(address, root=ROOT):
    """The pages whose links lead elsewhere, each with the text that it should have."""
    old, found = old_address(root), {}
    for page in filter(Path.is_file, pages(root)):
        text = page.read_text(encoding="utf-8")
        if (new := moved(text, old, address)) != text:
            found[page] = new
    return found
