"""Make two pictures for the README, from the course itself.

    python site/pictures.py          both, into notebooks/pictures
    python site/pictures.py moons    moons.webp: lesson 1's network learns to tell two moons apart
    python site/pictures.py card     card.png: a check that names a mistake; needs Chromium

The network is trained by the course's own backward pass, from lesson 1's seed, and the card is what
check says of a wrong answer today. Two runs give the same bytes on the same machine. Each picture
carries what it shows in words, and tests/browser/test_pictures.py compares them with the course.
"""

import io
import shutil
import sys
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import ExifTags, Image, PngImagePlugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from course_lib import data, layers, plots
from course_lib.checks import check

FOLDER = Path(__file__).resolve().parents[1] / "notebooks" / "pictures"

# The moons. A figure of 5 inches at 288 dpi is twice as fine as the 720 pixels it is shown at.
STEPS, MOMENTS, DPI = 1000, 56, 288   # a few of the first moments fall on the same step
BEGIN, FRAME, END = 700, 160, 2000   # milliseconds: the first frame, one in between, the last
COLOURS = 24
SHADES = (0.05, 0.16, 0.28)          # of a class, from its edge inwards
INK = "#222222"
RING = {"s": 55, "facecolors": "none", "edgecolors": INK, "linewidths": 1.1}


def moons_step(x, y, weights, lr):
    """Learn one step, as in lesson 1: the loss before it, and the weights after it."""
    logits, cache = layers.mlp_forward(x, *weights)                   # (B, 1)
    loss, loss_cache = layers.binary_cross_entropy_forward(logits[:, 0], labels=y)
    dlogits = layers.binary_cross_entropy_backward(1.0, loss_cache)   # (B,)
    _, *grads = layers.mlp_backward(dlogits[:, None], cache)
    return loss, [w - lr * g for w, g in zip(weights, grads, strict=True)]


def train():
    """Train lesson 1's network: the points, their classes, and for each step loss and weights."""
    rng = np.random.default_rng(0)
    x, y = data.two_moons(100, noise=0.15, rng=rng)
    weights = layers.initialise_mlp([2, 16, 16, 1], rng=rng)
    losses, history = [], []
    for _ in range(STEPS + 1):
        history.append(weights)
        loss, weights = moons_step(x, y, weights, lr=0.5)
        losses.append(loss)
    return x, y, np.array(losses), history


def steps_shown():
    """Steps that become a frame, 0 and the last among them: the denser, the earlier."""
    return np.unique(np.geomspace(1, STEPS + 1, MOMENTS).round().astype(int) - 1)


def moons_in_words(losses):
    """What the picture shows, in the words that lesson 1 prints."""
    return f"loss: {losses[0]:.2f} at the start, {losses[-1]:.3f} after {STEPS:,} steps"


def paler(colour, share):
    """Mix a colour with white."""
    return tuple(1 - share * (1 - np.array(to_rgb(colour))))


def draw_plane(ax, score, x, y):
    """Shade by probability, draw the boundary and the points; ring those on the wrong side."""
    plots.decision_boundary(ax, score, x, y, margin=0.3)
    u, v = np.meshgrid(*(np.linspace(*lim, 120) for lim in (ax.get_xlim(), ax.get_ylim())))
    z = score(np.column_stack([u.ravel(), v.ravel()])).reshape(u.shape)
    shades = [paler(plots.BLUE, s) for s in SHADES[::-1]] + [paler(plots.ORANGE, s) for s in SHADES]
    ax.contourf(u, v, 1 / (1 + np.exp(-z)), levels=np.linspace(0, 1, len(shades) + 1),
                colors=shades, zorder=0.5)
    ax.spines[:].set_visible(False)
    wrong = (score(x) > 0) != y
    ax.scatter(*x[wrong].T, **RING)
    return wrong.sum()


def draw_loss(ax, losses, step):
    """Draw the loss up to a step, a dot there, and faintly what is to come."""
    ax.plot(losses, color="#dddddd", linewidth=1.5)
    ax.plot(losses[:step + 1], color=INK, linewidth=2)
    ax.plot(step, losses[step], "o", color=INK, markersize=6, clip_on=False)
    ax.set_xscale("symlog", linthresh=1, linscale=0.4)
    ax.set(xlim=(0, STEPS), ylim=(0, 0.7), yticks=[0, 0.3, 0.6], xticks=[0, 1, 10, 100, 1000],
           xticklabels=["0", "1", "10", "100", "1,000"])
    ax.tick_params(labelsize=9)
    ax.set_xlabel("step", labelpad=1)
    ax.minorticks_off()


def frame(x, y, losses, weights, step):
    """Draw the picture after a step."""
    def score(points):
        return layers.mlp_forward(points, *weights)[0][:, 0]

    fig = Figure(figsize=(5, 2.2), dpi=DPI, layout="none")
    wrong = draw_plane(fig.add_axes((0.015, 0.035, 0.595, 0.93)), score, x, y)
    draw_loss(fig.add_axes((0.7, 0.205, 0.252, 0.395)), losses, step)
    fig.text(0.64, 0.91, f"step {step:,}", fontsize=14, weight="bold", va="center", color=INK)
    legend = fig.add_axes((0.632, 0.745, 0.04, 0.09))
    legend.axis("off")
    legend.scatter(0, 0, **RING)
    fig.text(0.675, 0.79, f"{wrong} of {len(x)} wrong", va="center", color=INK)
    fig.text(0.64, 0.655, "loss", va="center", color=INK)
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]


def unpacked(colours):
    """Red, green and blue of 24-bit colours, along a new last axis."""
    return (colours[..., None] >> np.array([16, 8, 0])) & 255


def with_few_colours(frames):
    """Give all frames the same colours, the commonest: that halves the picture's bytes."""
    packed = [pixels.astype(np.int64) @ [1 << 16, 1 << 8, 1] for pixels in frames]
    colours, counts = np.unique(np.stack(packed[::8] + packed[-1:]), return_counts=True)
    palette = unpacked(colours[np.argsort(-counts, kind="stable")[:COLOURS]])
    few = []
    for pixels in packed:
        found, where = np.unique(pixels, return_inverse=True)
        nearest = ((unpacked(found)[:, None] - palette) ** 2).sum(axis=2).argmin(axis=1)
        few.append(palette[nearest][where.reshape(pixels.shape)].astype(np.uint8))
    return few


def moons():
    """Animate the moons: the bytes of the picture."""
    x, y, losses, history = train()
    shown = steps_shown()
    drawn = [frame(x, y, losses, history[step], step) for step in shown]
    frames = [Image.fromarray(pixels) for pixels in with_few_colours(drawn)]
    words, buffer = Image.Exif(), io.BytesIO()
    words[ExifTags.Base.ImageDescription] = moons_in_words(losses)
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:], loop=0, lossless=True,
                   quality=100, minimize_size=True, exif=words,
                   duration=[BEGIN] + [FRAME] * (len(frames) - 2) + [END])
    return buffer.getvalue()


# The card: two cells as a learner has them, run here too, and what the check says.
ANSWER = """\
def linear_backward(dout, cache):
    x, W = cache
    dx = dout @ W.T
    dW = dout.T @ x
    db = dout.sum(axis=0)
    return dx, dW, db
"""
CALL = 'check("1.4", linear_backward)'
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PAGE = """<!doctype html><meta charset="utf-8"><style>{colours}
body {{ margin: 0; background: white }}
main {{ width: 720px; box-sizing: border-box; padding: 16px 18px 14px 10px; color: #222222;
  display: grid; grid-template-columns: 50px 1fr; gap: 10px 8px;
  font: 18px/1.45 "Segoe UI", Helvetica, Arial, "Liberation Sans", sans-serif }}
pre, b {{ font: 18px/1.45 Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace }}
pre {{ margin: 0; padding: 8px 12px; background: #f5f5f5; border: 1px solid #e0e0e0 }}
b {{ color: #307fc1; text-align: right; padding-top: 9px }}
b.out {{ color: #bf5b3d; padding-top: 5px }}</style><main>
<b>[1]:</b>{answer}<b>[2]:</b>{call}<b class="out">[2]:</b>{card}</main>"""


def verdict():
    """Run both cells: what the check says of the answer."""
    names = {"check": check}
    exec(ANSWER, names)
    return eval(CALL, names)


def page():
    """Lay out a page like a notebook: the answer, the call of check, the card."""
    formatter = HtmlFormatter(nowrap=True)
    answer, call = (f"<pre>{highlight(code, PythonLexer(), formatter).rstrip()}</pre>"
                    for code in (ANSWER, CALL))
    return PAGE.format(colours=formatter.get_style_defs("pre"), answer=answer, call=call,
                       card=verdict()._repr_html_())


def screenshot(html):
    """Let Chromium draw a page: the picture of its main part, twice as fine as its pixels."""
    from playwright.sync_api import sync_playwright
    found = next(filter(None, map(shutil.which, BROWSERS)), None)   # else Playwright's own
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found,
                                             args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(device_scale_factor=2)
        tab.set_content(html)
        png = tab.locator("main").screenshot()
        browser.close()
    return Image.open(io.BytesIO(png)).convert("RGB")


def card():
    """Draw the card under the learner's code: the bytes of the picture."""
    words, buffer = PngImagePlugin.PngInfo(), io.BytesIO()
    words.add_itxt("Source", f"{ANSWER}\n{CALL}")
    words.add_itxt("Description", repr(verdict()))
    screenshot(page()).save(buffer, "PNG", optimize=True, pnginfo=words)
    return buffer.getvalue()


def main(arguments):
    """Make the pictures asked for, or both."""
    for name, make in {"moons.webp": moons, "card.png": card}.items():
        if not arguments or Path(name).stem in arguments:
            (FOLDER / name).write_bytes(make())
            print(FOLDER / name)


if __name__ == "__main__":
    main(sys.argv[1:])
