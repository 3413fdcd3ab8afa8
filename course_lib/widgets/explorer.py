"""What all widgets with a figure have in common."""

import re

from ipywidgets import HTML, VBox

PLAY = "<p>Run this cell to play with it.</p>"


class Explorer(VBox):
    """Controls above a sentence and a figure.

    The notebook stores the first sentence and figure, for who has not run it yet, or cannot: on
    GitHub, on the site, on paper.
    """

    def _repr_mimebundle_(self, **options):
        frame = "".join(child.value for child in self.children if isinstance(child, HTML))
        words = " ".join(re.sub(r"<[^>]*>", " ", frame).split())
        return super()._repr_mimebundle_(**options) | {"text/html": frame + PLAY,
                                                       "text/plain": words}
