"""The README's pictures: small enough, moving, and saying what the course says today."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

PIL = pytest.importorskip("PIL.Image")
features = pytest.importorskip("PIL.features")
pytest.importorskip("pygments")

ROOT = Path(__file__).parents[2]
MOONS, CARD = (ROOT / "notebooks" / "pictures" / name for name in ("moons.webp", "card.png"))
pictures = runpy.run_path(str(ROOT / "site" / "pictures.py"), run_name="pictures")
needs_webp = pytest.mark.skipif(not features.check("webp"), reason="this Pillow reads no WebP")


@pytest.fixture(scope="module")
def moons():
    """Number of frames, their milliseconds, the first and the last one's pixels, the words."""
    with PIL.open(MOONS) as image:
        lasting, pixels = [], []
        for k in range(image.n_frames):
            image.seek(k)
            image.load()
            lasting.append(image.info["duration"])
            if k in (0, image.n_frames - 1):
                pixels.append(np.asarray(image.convert("RGB"), dtype=int))
        return lasting, pixels, image.info["loop"], image.getexif()[0x010E]


@pytest.fixture(scope="module")
def trained():
    return pictures["train"]()


@needs_webp
def test_the_moons_move_and_hold_on_the_last_frame(moons):
    lasting, (first, last), loop, _ = moons
    assert len(lasting) >= 30 and 8000 <= sum(lasting) <= 12_000 and lasting[-1] >= 2000
    assert loop == 0                                      # for ever
    assert (np.abs(first - last).max(axis=2) > 40).mean() > 0.05


def test_the_files_are_small_and_fine_enough():
    assert 30_000 < MOONS.stat().st_size <= 600_000 and 10_000 < CARD.stat().st_size < 120_000
    with PIL.open(CARD) as image:
        assert image.width == 1440 and 400 < image.height < 900


@needs_webp
def test_the_moons_were_learned_as_lesson_1_learns_them(moons, trained):
    words = pictures["moons_in_words"](trained[2])
    assert moons[-1] == words
    lesson = json.loads((ROOT / "notebooks/01_backprop_by_hand.ipynb").read_text(encoding="utf-8"))
    printed = ["".join(o.get("text", "")).strip() for cell in lesson["cells"]
               for o in cell.get("outputs", ())]
    assert words in printed


@needs_webp
def test_the_moons_look_as_they_would_today(moons, trained):
    x, y, losses, history = trained
    lasting, stored, *_ = moons
    shown = pictures["steps_shown"]()
    assert len(lasting) == len(shown) and (shown[0], shown[-1]) == (0, 1000)
    for step, pixels in zip((0, 1000), stored, strict=True):
        now = pictures["frame"](x, y, losses, history[step], step).astype(int)
        assert now.shape == pixels.shape
        assert np.abs(now - pixels).mean() < 2            # another version draws other edges


def test_the_frames_are_denser_where_more_happens():
    gaps = np.diff(pictures["steps_shown"]())
    assert gaps[0] == 1 and gaps.min() >= 1 and (np.diff(gaps) >= -1).all()


def test_the_card_says_what_check_says_today():
    found = pictures["verdict"]()
    with PIL.open(CARD) as image:
        image.load()
        assert image.text["Description"] == repr(found)
        assert image.text["Source"] == f"{pictures['ANSWER']}\n{pictures['CALL']}"
    assert (found.status, found.mistake) == ("wrong", "dW transposed")


def test_the_page_shows_all_of_it_and_fits(page):
    page.set_content(pictures["page"]())
    assert page.locator("main [role=status]").inner_text() == repr(pictures["verdict"]())
    answer, call = page.locator("main pre").all_inner_texts()
    assert answer.strip() == pictures["ANSWER"].strip() and call.strip() == pictures["CALL"]
    assert page.locator("main pre, main [role=status]").evaluate_all(
        "all => all.every(one => one.scrollWidth <= one.clientWidth)")
    height = page.locator("main").bounding_box()["height"]
    with PIL.open(CARD) as image:
        assert abs(image.height / 2 - height) < 40        # other fonts break lines elsewhere
