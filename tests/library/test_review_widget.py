"""The widget of lesson 7: type a review."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_lib import widgets

matplotlib.use("Agg")
GOOD, BAD = {"good", "fine"}, {"cold", "dull"}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def by_words(texts):
    """A judge that counts: 0.5, and 0.2 more or less for each word."""
    words = [text.lower().strip("!").split() for text in texts]
    return np.array([0.5 + 0.2 * (len(GOOD & set(w)) - len(BAD & set(w))) for w in words])


def test_each_word_is_left_out_once():
    p, names, changed = widgets.try_review("a good cold soup", by_words)
    assert p == 0.5 and names == ["a", "good", "cold", "soup"]
    assert changed == pytest.approx([0.5, 0.3, 0.7, 0.5])


def test_every_filler_is_tried_in_the_gap():
    _, names, changed = widgets.try_review("a [MASK] soup", by_words, ["good", "cold", "thin"])
    assert names == ["good", "cold", "thin"] and changed == pytest.approx([0.7, 0.3, 0.5])


@pytest.mark.parametrize("text, fillers, says", [
    ("", (), "type a review"), ("   ", (), "type a review"), ("[MASK]", ["a"], "type a review"),
    ("[MASK] and [MASK]", ["a"], "one gap"), ("a [MASK]", (), "no words to fill in")])
def test_what_cannot_be_judged_says_why(text, fillers, says):
    with pytest.raises(ValueError, match=says):
        widgets.try_review(text, by_words, fillers)


def test_the_sentence_names_what_matters_most():
    _, told = widgets.draw_review("a good soup", by_words)
    assert told == "Positive with probability 0.70. Without “good” it would be 0.50."
    fig, told = widgets.draw_review("a [MASK] soup", by_words, ["thin", "cold", "good"])
    assert told == "Filled in, “good” sounds best (0.70) and “cold” worst (0.30)."
    assert [t.get_text() for t in fig.axes[0].get_yticklabels()] == ["cold", "thin", "good"]


def test_of_many_fillers_only_both_ends_are_drawn():
    fillers = [f"word{k}" for k in range(30)]
    def by_number(texts):
        return np.array([float(t.split()[1].removeprefix("word")) / 30 if "word" in t else 0.5
                         for t in texts])
    fig, _ = widgets.draw_review("a [MASK] soup", by_number, fillers, most=2)
    assert [t.get_text() for t in fig.axes[0].get_yticklabels()] == ["word0", "word1", "word28",
                                                                     "word29"]


def test_typing_changes_what_is_shown():
    box = widgets.explore_review(by_words, str.split, ["good", "cold"], text="a good soup")
    entry, words, told, image = box.children
    before = image.value
    assert "<code>good</code>" in words.value and "0.70" in told.value and 'alt="' in before
    entry.value = "a [MASK] soup"
    assert box.sentence.startswith("Filled in, “good”") and image.value != before
    assert "<code>[MASK]</code>" in words.value
    entry.value = ""
    assert box.sentence == "type a review, of a few words." and image.value == words.value == ""
    entry.value = "<b>good</b> $x$"                       # neither HTML nor a formula
    assert "<b>" not in words.value and "&lt;b&gt;" in words.value and image.value
