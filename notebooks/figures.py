"""The figures among a notebook's outputs."""

import re
from base64 import b64decode
from html import unescape
from typing import NamedTuple

IMAGE = re.compile(
    r'<img alt="([^"]*)" width="(\d+)" style="[^"]*" src="data:image/png;base64,([^"]*)">')


class Figure(NamedTuple):
    """A figure that `course_lib.plots.show` has written."""

    alt: str
    width: int                                            # on the page, in pixels
    base64: str

    @property
    def png(self):
        """Its bytes."""
        return b64decode(self.base64)


def figure_of(output):
    """The figure of an output, or None."""
    found = IMAGE.fullmatch("".join(output.get("data", {}).get("text/html", "")))
    return found and Figure(unescape(found[1]), int(found[2]), found[3])


def are_described(output):
    """Whether each image of an output has its alternative text."""
    data = output.get("data", {})
    html = "".join(data.get("text/html", ""))
    found = IMAGE.findall(html)
    return ("image/png" not in data and len(found) == html.count("<img")
            and all(alt.strip() for alt, _, _ in found))


def figures_of(cell):
    """The figures of a cell."""
    return [figure for output in cell.get("outputs", ()) if (figure := figure_of(output))]
