"""The lessons as pages, for axe-core; and their colours, as colour-blind people see them."""

import io
import itertools
import json
import re
from html import unescape

import notebook_page as lab
import numpy as np
import pytest
from lesson_sources import figures

LESSONS = sorted((lab.ROOT / "notebooks").glob("*.ipynb"))
SERIOUS = ("serious", "critical")
# Machado, Oliveira, Fernandes (2009), full severity: what three kinds of eyes make of linear RGB.
EYES = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}
APART = 10                                                # in CIELAB; 2.3 is just noticeable
NEAR = 8                                                  # and the lessons need less than 3
PALETTE = ("BLUE", "ORANGE", "GREEN", "RED", "PURPLE", "SKY", "GREY")
MAPS = ("Blues", "Oranges", "PuOr")
DRAWS_A_MAP = re.compile(r"imshow\(|signed=|plots\.confusion\(|draw_attention\(")


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_a_lesson_as_a_page_has_no_serious_fault(page, tmp_path, path):
    from axe_playwright_python.sync_playwright import Axe
    from nbconvert import HTMLExporter

    html, _ = HTMLExporter(embed_images=True).from_filename(str(path))
    assert "No description has been provided" not in html     # nbconvert's filler: axe accepts it
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for figure in (figure for cell in cells for figure in figures.figures_of(cell)):
        assert f'alt="{figure.alt}"' in unescape(html)
    target = tmp_path / "lesson.html"
    target.write_text(html, encoding="utf-8")
    page.goto(target.as_uri(), wait_until="domcontentloaded")
    page.evaluate(lab.LOOK_ONCE, [])
    found = Axe().run(page, context=lab.NOT_SEEN, options={"rules": {
        "color-contrast": {"enabled": False}}})           # of Jupyter's own highlighting
    faults = [(v["id"], v["help"], [n["html"][:160] for n in v["nodes"][:3]])
              for v in found.response["violations"] if v["impact"] in SERIOUS]
    assert faults == []


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_every_figure_says_what_it_shows(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    found = [figure for cell in cells for figure in figures.figures_of(cell)]
    assert found and min(len(figure.alt) for figure in found) > 20


def lab_colours(rgb):
    """CIELAB of linear RGB, (..., 3), by the formulas of CIE 15."""
    to_xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                       [0.0193339, 0.1191920, 0.9503041]])
    xyz = rgb @ to_xyz.T / to_xyz.sum(axis=1)
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def linear(colour):
    """Linear RGB of a colour like #0072b2."""
    return linear_of([int(colour[k:k + 2], 16) for k in (1, 3, 5)])


def linear_of(srgb):
    """Linear RGB of colours from 0 to 255, (..., 3)."""
    s = np.asarray(srgb) / 255
    return np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)


def distance(a, b, eye):
    """How far apart two colours are for a kind of eye, in CIELAB."""
    seen = [np.clip(np.array(EYES[eye]) @ linear(c), 0, 1) for c in (a, b)]
    return float(np.linalg.norm(lab_colours(seen[0]) - lab_colours(seen[1])))


@pytest.mark.parametrize("eye", EYES)
def test_the_colours_of_the_figures_are_told_apart(eye):
    from course_lib import plots

    colours = {n: getattr(plots, n) for n in PALETTE}
    close = {(m, n): round(d, 1) for (m, a), (n, b) in itertools.combinations(colours.items(), 2)
             if (d := distance(a, b, eye)) < APART}
    assert close == {}


def test_a_pair_that_is_not_told_apart_would_be_found():
    assert distance("#d62728", "#2ca02c", "deuteranopia") < distance("#d62728", "#1f77b4",
                                                                     "deuteranopia")
    assert distance("#bbaa00", "#ccaa22", "deuteranopia") < APART


def foreign(pixels, maps=()):
    """Colours of a figure, with some saturation, that are neither the palette's nor of a map.

    The palette's colours count also where they are half transparent, on white, and where the bands
    of two of them lie on each other.
    """
    import matplotlib

    from course_lib import plots

    palette = np.array([[int(getattr(plots, n)[k:k + 2], 16) for k in (1, 3, 5)] for n in PALETTE])
    own = [255 - share * (255 - palette) for share in np.linspace(0.1, 1, 37)]
    bands = 255 - 0.2 * (255 - palette)                   # as plots.band draws them
    own.append((0.8 * bands[:, None] + 0.2 * palette).reshape(-1, 3))
    own += [255 * matplotlib.colormaps[m](np.linspace(0, 1, 256))[:, :3] for m in maps]
    own = lab_colours(linear_of(np.concatenate(own)))
    colours, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
    flat = colours[counts > 0.004 * counts.sum()]         # areas and lines, not their soft edges
    strong = flat[flat.max(axis=1).astype(int) - flat.min(axis=1) > 40]
    return [tuple(map(int, colour)) for colour in strong
            if np.linalg.norm(own - lab_colours(linear_of(colour)), axis=1).min() > NEAR]


def pixels_of(png):
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_strong_colours_of_every_figure_are_of_the_palette(path):
    """What the figures really use; in a cell that draws a colour map, also the map's."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for k, cell in enumerate(cells):
        maps = MAPS if DRAWS_A_MAP.search("".join(cell["source"])) else ()
        for figure in figures.figures_of(cell):
            found = foreign(pixels_of(figure.png), maps)
            assert found == [], f"cell {k}: {found} are not of the palette"


def test_a_figure_in_the_default_colours_would_be_found():
    """Matplotlib's own cycle, but for its blue and its grey, which are like the palette's."""
    import matplotlib
    from matplotlib.colors import to_hex
    from matplotlib.figure import Figure

    cycle = matplotlib.rcParamsDefault["axes.prop_cycle"].by_key()["color"]
    seen = set()
    for colour in cycle:
        with matplotlib.rc_context(matplotlib.rcParamsDefault):
            fig, file = Figure(), io.BytesIO()
            fig.subplots().plot([0, 1], [0, 1], color=colour, linewidth=9)
            fig.savefig(file, format="png")
        if foreign(pixels_of(file.getvalue())):
            seen.add(to_hex(colour))
    assert set(map(to_hex, cycle)) - seen == {"#1f77b4", "#7f7f7f"}
    assert foreign(np.full((9, 9, 3), (255, 0, 0), dtype=np.uint8)) == [(255, 0, 0)]
