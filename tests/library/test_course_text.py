"""What the course wrote itself is what data/README.md says of it."""

import csv
import string
from collections import Counter
from pathlib import Path

DATA = Path(__file__).parents[2] / "data"


def reviews():
    with open(DATA / "reviews.csv", encoding="ascii", newline="") as file:
        return list(csv.DictReader(file))


def test_the_reviews_are_balanced_split_and_different():
    rows = reviews()
    assert len(rows) == 1320 and len({row["text"].lower() for row in rows}) == 1320
    counts = Counter((row["split"], row["label"]) for row in rows)
    assert counts == {("train", "0"): 460, ("train", "1"): 460, ("dev", "0"): 100,
                      ("dev", "1"): 100, ("test", "0"): 100, ("test", "1"): 100}
    assert {row["kind"] for row in rows} == {"plain", "negation", "mixed", "hard"}
    for split in ("train", "dev", "test"):                # each kind, with both labels, in each
        kinds = {(row["kind"], row["label"]) for row in rows if row["split"] == split}
        assert len(kinds) == 8


def test_the_reviews_are_not_made_from_templates():
    openings = Counter(" ".join(row["text"].lower().split()[:3]) for row in reviews())
    assert max(openings.values()) <= 5
    assert all(4 <= len(row["text"].split()) <= 30 for row in reviews())


def test_the_text_is_long_enough_and_of_few_characters():
    text = (DATA / "course_text.txt").read_text(encoding="ascii")
    assert len(text) >= 60_000
    assert set(text) <= set(string.ascii_letters + string.digits + "\n .,;:!?'\"()-")
    assert "\n\n\n" not in text and not text.startswith("\n")
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert f"{len(text):,} characters, {len(set(text))} different ones" in readme
