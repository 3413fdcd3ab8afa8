"""The lessons as pages, for axe-core; and their colours, as colour-blind people see them."""

import base64
import io
import itertools
import json

import notebook_page as lab
import numpy as np
import pytest

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


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_a_lesson_as_a_page_has_no_serious_fault(page, tmp_path, path):
    from axe_playwright_python.sync_playwright import Axe
    from nbconvert import HTMLExporter

    html, _ = HTMLExporter(embed_images=True).from_filename(str(path))
    target = tmp_path / "lesson.html"
    target.write_text(with_alternatives(html, path), encoding="utf-8")
    page.goto(target.as_uri(), wait_until="domcontentloaded")
    found = Axe().run(page, options={"rules": {
        "color-contrast": {"enabled": False}}})           # of Jupyter's own highlighting
    faults = [(v["id"], v["help"], [n["html"][:160] for n in v["nodes"][:3]])
              for v in found.response["violations"] if v["impact"] in SERIOUS]
    assert faults == []


def with_alternatives(html, path):
    """The page with each figure's alternative text, which nbconvert leaves out."""
    texts = [o["metadata"]["image/png"]["alt"] for c in json.loads(path.read_text("utf-8"))["cells"]
             for o in c.get("outputs", []) if "image/png" in o.get("data", {})]
    parts = html.split('<img alt="No description has been provided for this image"')
    if len(parts) != len(texts) + 1:
        return html
    escaped = ['<img alt="' + t.replace("&", "&amp;").replace('"', "&quot;") + '"' for t in texts]
    return "".join(itertools.chain.from_iterable(
        itertools.zip_longest(parts, escaped, fillvalue="")))


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_every_figure_says_what_it_shows(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    figures = [o for c in cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})]
    assert figures
    for output in figures:
        assert len(output["metadata"]["image/png"]["alt"]) > 20


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
    s = np.array([int(colour[k:k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)


def distance(a, b, eye):
    """How far apart two colours are for a kind of eye, in CIELAB."""
    seen = [np.clip(np.array(EYES[eye]) @ linear(c), 0, 1) for c in (a, b)]
    return float(np.linalg.norm(lab_colours(seen[0]) - lab_colours(seen[1])))


@pytest.mark.parametrize("eye", EYES)
def test_the_colours_of_the_figures_are_told_apart(eye):
    from course_lib import plots

    colours = {n: getattr(plots, n) for n in ("BLUE", "ORANGE", "GREEN", "RED", "PURPLE", "SKY",
                                              "GREY")}
    close = {(m, n): round(d, 1) for (m, a), (n, b) in itertools.combinations(colours.items(), 2)
             if (d := distance(a, b, eye)) < APART}
    assert close == {}


def test_a_pair_that_is_not_told_apart_would_be_found():
    assert distance("#d62728", "#2ca02c", "deuteranopia") < distance("#d62728", "#1f77b4",
                                                                     "deuteranopia")
    assert distance("#bbaa00", "#ccaa22", "deuteranopia") < APART


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_strong_colours_of_every_figure_are_of_the_palette(path):
    """What the figures really use: no saturated colour that is not near one of the palette."""
    from PIL import Image

    from course_lib import plots

    palette = np.array([linear(getattr(plots, n)) for n in
                        ("BLUE", "ORANGE", "GREEN", "RED", "PURPLE", "SKY", "GREY")])
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for k, cell in enumerate(cells):
        for output in cell.get("outputs", []):
            if "image/png" not in output.get("data", {}):
                continue
            image = Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"])))
            pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
            colours, counts = np.unique(pixels, axis=0, return_counts=True)
            flat = colours[counts > 0.004 * len(pixels)]  # areas and lines, not their soft edges
            strong = flat[flat.max(axis=1).astype(int) - flat.min(axis=1) > 120]
            for colour in strong:
                own = linear("#" + "".join(f"{v:02x}" for v in colour))
                nearest = np.abs(palette - own).max(axis=1).min()
                assert nearest < 0.35, f"cell {k}: {colour} is not of the palette"
