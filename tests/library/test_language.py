"""Text as numbers: what the doctests of course_lib.language do not say."""

import numpy as np
import pytest

from course_lib import gradcheck, language, metrics


def test_tokens():
    assert language.tokenize("") == []
    assert language.tokenize("It's Ada's: 3.5 m, NOT 4!") == [
        "it's", "ada's", ":", "3", ".", "5", "m", ",", "not", "4", "!"]
    assert language.tokenize("'quoted' words--and dashes") == ["quoted", "words", "and", "dashes"]


def test_a_vocabulary_is_sorted_and_encodes_what_it_has():
    words = language.tokenize("the cat saw the dog and the dog saw a bird")
    vocabulary = language.make_vocabulary(words, least=2)
    assert vocabulary == ["dog", "saw", "the"]
    ids = language.encode(words, vocabulary)
    assert [vocabulary[k] for k in ids] == ["the", "saw", "the", "the", "dog", "dog", "saw"][:3] + [
        "dog", "the", "dog", "saw"]
    assert (language.encode(words, vocabulary, unknown=3) == 3).sum() == 4
    assert language.encode([], vocabulary).dtype == int


def test_bigrams_add_up_and_know_what_follows():
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 5, 400)
    p = language.bigram_probabilities(ids, 6, add=0.5)
    assert p.shape == (6, 6) and np.allclose(p.sum(axis=1), 1) and (p > 0).all()
    assert np.allclose(p[5], 1 / 6)                       # never seen: all alike
    pairs = [(a, b) for a, b in zip(ids[:-1], ids[1:], strict=True) if a == 2]
    seen = sum(b == 3 for _, b in pairs)
    assert np.isclose(p[2, 3], (seen + 0.5) / (len(pairs) + 3))


@pytest.mark.parametrize("ids, V, add", [([0, 1], 2, 0.0), ([0, 2], 2, 0.1), ([-1, 0], 2, 0.1)])
def test_bigrams_refuse(ids, V, add):
    with pytest.raises(ValueError, match="give add above 0, and a row of ids"):
        language.bigram_probabilities(np.array(ids), V, add=add)


def test_padding_and_mask_belong_together():
    sequences = [np.arange(1, n + 1) for n in (3, 0, 5, 1)]
    padded, lengths = language.pad(sequences, value=-1)
    mask = language.length_mask(lengths, padded.shape[1])
    assert padded.shape == mask.shape == (4, 5)
    assert np.array_equal(mask, padded != -1)
    assert all(np.array_equal(row[m], s) for row, m, s in zip(padded, mask, sequences, strict=True))
    with pytest.raises(ValueError, match="at least one"):
        language.pad([])
    assert language.pad([[1, 2], []])[0].tolist() == [[1, 2], [0, 0]]


@pytest.mark.parametrize("lengths", [[1.5], [4], [-1], [True], [[1]]])
def test_lengths_are_a_row_of_whole_numbers(lengths):
    with pytest.raises(ValueError, match="a row of whole numbers from 0 to T"):
        language.length_mask(np.array(lengths), 3)


def test_draws_follow_the_softmax():
    logits, rng, n = np.array([2.0, 0.0, -1.0, 1.0]), np.random.default_rng(0), 20_000
    for temperature in (0.5, 1.0, 3.0):
        e = np.exp(logits / temperature)
        counts = np.bincount([language.sample(logits, temperature=temperature, rng=rng)
                              for _ in range(n)], minlength=4)
        assert np.abs(counts / n - e / e.sum()).max() < 5 * np.sqrt(0.25 / n)
    far = np.array([-1e4, 1e4, 0.0], dtype=np.float32)    # no overflow, also in float32
    assert language.sample(far, temperature=0.01, rng=rng) == 1


@pytest.mark.parametrize("logits, temperature", [
    (np.zeros(3), 0.0), (np.zeros(3), -1.0), (np.zeros((1, 3)), 1.0), (np.array([np.nan, 0]), 1.0)])
def test_sample_refuses(logits, temperature):
    with pytest.raises(ValueError, match="a temperature above 0, and one row of finite logits"):
        language.sample(logits, temperature=temperature, rng=np.random.default_rng(0))


def test_pairs_stand_near_each_other_and_near_ones_come_more_often():
    ids = np.arange(3000)                                 # each word is its own place
    centers, contexts = language.skipgram_pairs(ids, window=3, rng=np.random.default_rng(0))
    distance = np.abs(centers - contexts)
    assert set(distance) == {1, 2, 3}
    counts = np.bincount(distance)[1:] / 2 / len(ids)     # reach 1, 2 or 3, equally often
    assert np.abs(counts - [1, 2 / 3, 1 / 3]).max() < 0.04
    for center in (0, 1, 1500, 2999):                     # up to its reach, on both sides
        mine = sorted(contexts[centers == center] - center)
        reach = max(map(abs, mine))
        assert mine == [d for d in range(-reach, reach + 1) if d and 0 <= center + d < 3000]
    for ids, window in [(np.arange(1), 1), (np.arange(5), 0)]:
        with pytest.raises(ValueError, match="a row of at least two words"):
            language.skipgram_pairs(ids, window=window, rng=np.random.default_rng(0))


def test_the_loss_of_negative_sampling():
    zero = np.zeros((2, 3)), np.zeros((2, 3)), np.zeros((2, 4, 3))
    assert np.isclose(language.negative_sampling_forward(*zero)[0], 5 * np.log(2))
    big = 1e3 * np.ones((1, 1)), np.ones((1, 1)), -np.ones((1, 2, 1))
    loss, cache = language.negative_sampling_forward(*big)
    grads = language.negative_sampling_backward(1.0, cache)
    assert loss == 0 and all((g == 0).all() for g in grads)
    with pytest.raises(ValueError, match=r"give \(B, E\), \(B, E\) and \(B, K, E\)"):
        language.negative_sampling_forward(np.zeros((2, 3)), np.zeros((2, 3)), np.zeros((3, 4, 3)))


def test_a_planted_wrong_gradient_of_negative_sampling_is_caught():
    def wrong(dout, cache):
        dcenter, dcontext, dnegatives = language.negative_sampling_backward(dout, cache)
        return dcenter, dcontext, -dnegatives
    rng = np.random.default_rng(0)
    args = [rng.standard_normal(s) for s in [(2, 3), (2, 3), (2, 4, 3)]]
    with pytest.raises(gradcheck.GradientError):
        gradcheck.check_backward(language.negative_sampling_forward, wrong, *args, rng=rng)


def test_nearest_goes_by_direction():
    vectors = np.array([[1.0, 0.0], [5.0, 0.5], [0.0, 1.0], [-1.0, 0.0], [1.0, 1.0]])
    assert language.nearest(vectors, 0, count=4).tolist() == [1, 4, 2, 3]
    with pytest.raises(ValueError, match="V at least 1"):
        language.nearest(np.zeros((0, 2)), 0)


def test_perplexity():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.01, 1, 5000)
    assert np.isclose(metrics.perplexity(p), np.exp(-np.log(p).mean()))
    assert np.isclose(metrics.perplexity(np.full(5000, 1e-3)), 1000)
    assert metrics.perplexity(np.ones(3)) == 1 and metrics.perplexity(np.array([0.5, 0])) == np.inf
    with pytest.raises(ValueError, match=r"p goes from -3 to 0\.5"):
        metrics.perplexity([0.5, -3.0])
    for bad in ([], [1.5], [-0.1], np.ones((2, 2)), [np.nan]):
        with pytest.raises(ValueError, match="one row of probabilities"):
            metrics.perplexity(np.array(bad))
