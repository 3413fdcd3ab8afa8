"""Answers to lesson 7 that its checks once judged wrongly, or told the wrong thing."""

import ast

import numpy as np
import pytest
from lesson_sources import SOURCES, number_of, tree_of

from course_lib import gradcheck, language, layers, metrics, optim
from course_lib.checks import check

SEEDS = range(4)


def statuses(id, answer):
    return {check(id, answer, seed=seed).status for seed in SEEDS}


def longest_first(word, start, vocabulary, mark="##"):
    """The longest piece that fits at a place, and where it ends; None if there is none."""
    pieces = ((mark * (start > 0) + word[start:end], end) for end in range(len(word), start, -1))
    return next((p for p in pieces if p[0] in vocabulary), None)


def cut(word, find, *, unknown, longest):
    if len(word) > longest:
        return [unknown]
    pieces, start = [], 0
    while start < len(word):
        found = find(word, start)
        if found is None:
            return [unknown]
        pieces.append(found[0])
        start = found[1]
    return pieces


def known_before_its_length(word, vocabulary, *, unknown="[UNK]", longest=100):
    if word in vocabulary:
        return [word]
    return language.wordpiece(word, vocabulary, unknown=unknown, longest=longest)


def else_without_the_mark(word, vocabulary, *, unknown="[UNK]", longest=100):
    return cut(word, lambda w, s: (longest_first(w, s, vocabulary)
                                   or longest_first(w, s, vocabulary, mark="")),
               unknown=unknown, longest=longest)


def else_with_the_mark(word, vocabulary, *, unknown="[UNK]", longest=100):
    def find(w, s):
        inside = longest_first("-" + w, 1, vocabulary) if s == 0 else None
        return longest_first(w, s, vocabulary) or inside and (inside[0], inside[1] - 1)
    return cut(word, find, unknown=unknown, longest=longest)


@pytest.mark.parametrize("answer", [known_before_its_length, else_without_the_mark,
                                    else_with_the_mark])
def test_words_that_are_looked_up_in_another_way(answer):
    assert statuses("7.1", answer) == {"wrong"}


def without_the_last_letter(word, vocabulary, *, unknown="[UNK]", longest=100):
    def find(w, s):
        ends = range(len(w) - 1, s, -1)
        return next((("##" * (s > 0) + w[s:e], e) for e in ends
                     if "##" * (s > 0) + w[s:e] in vocabulary), None)
    return cut(word, find, unknown=unknown, longest=longest)


def test_a_missed_last_letter_is_not_a_limit_off_by_one():
    result = check("7.1", without_the_last_letter)
    assert result.status == "wrong" and result.mistake != "limit off by one"


def test_a_word_that_is_cut_wrongly_is_told_with_the_word():
    def stops(word, vocabulary, *, unknown="[UNK]", longest=100):
        return language.wordpiece(word, vocabulary, unknown=unknown, longest=longest)[:2]
    message = check("7.1", stops).message
    assert "values where" not in message and len(message) < 300


def narrow(dtype):
    def answer(examples, *, pad_id=0):
        ids, mask, labels = language.collate(examples, pad_id=pad_id)
        return ids.astype(dtype), mask, labels
    return answer


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, float])
def test_ids_of_a_dtype_that_will_not_do(dtype):
    assert statuses("7.2", narrow(dtype)) == {"wrong"}


def test_examples_are_lists_as_they_say():
    def adds_lists(examples, *, pad_id=0):
        T = max(len(ids) for ids, _ in examples)
        ids = np.array([ids + [pad_id] * (T - len(ids)) for ids, _ in examples])
        mask = np.array([[1] * len(ids) + [0] * (T - len(ids)) for ids, _ in examples])
        return ids, mask, np.array([label for _, label in examples])
    assert statuses("7.2", adds_lists) == {"right"}


def test_padding_the_examples_themselves_is_caught():
    def appends(examples, *, pad_id=0):
        out = language.collate(examples, pad_id=pad_id)
        for ids, _ in examples:
            while len(ids) < out[0].shape[1]:
                ids.append(pad_id)
        return out
    result = check("7.2", appends)
    assert (result.status, result.mistake) == ("wrong", "changes its input")


def test_a_mask_with_holes_is_not_a_length():
    def by_length(x, dout, *, mask):
        front = np.arange(mask.shape[1]) < mask.sum(axis=1)[:, None]
        return layers.masked_mean_and_grad(x, dout, mask=front)
    assert {check("7.3", by_length, seed=seed).status for seed in range(30)} == {"wrong"}


def test_a_rate_below_zero_just_after_the_end():
    def one_late(step, *, lr, warmup_steps, total_steps):
        if step > total_steps + 1:
            return 0.0
        if step < warmup_steps:
            return lr * step / warmup_steps
        return lr * (total_steps - step) / (total_steps - warmup_steps)
    assert statuses("7.4", one_late) == {"wrong"}


def test_a_rate_that_is_none_is_told_as_that():
    def ends(step, *, lr, warmup_steps, total_steps):
        if step <= total_steps:
            return optim.warmup_linear(step, lr=lr, warmup_steps=warmup_steps,
                                       total_steps=total_steps)
    result = check("7.4", ends)
    assert result.status in ("wrong", "error") and "float() argument" not in result.message


def split(rule, value=lambda name, p: p):
    def answer(named, *, weight_decay):
        named = list(named)
        return [{"params": [value(n, p) for n, p in named if rule(p) == flag], "weight_decay": d}
                for flag, d in [(True, weight_decay), (False, 0.0)]]
    return answer


def test_parameters_may_be_asked_what_torch_can_tell():
    def trained(named, *, weight_decay):
        return split(lambda p: p.ndim > 1)([(n, p) for n, p in named if p.requires_grad],
                                           weight_decay=weight_decay)
    assert statuses("7.5", split(lambda p: p.dim() > 1)) == {"right"}
    assert statuses("7.5", trained) == {"right"}


def test_copies_are_not_names():
    result = check("7.5", split(lambda p: p.ndim > 1, lambda name, p: p * 1))
    assert result.status == "wrong" and result.mistake != "names"


def test_a_parameter_in_the_wrong_group_is_told_in_a_few_words():
    for rule in (lambda p: p.ndim != 1, lambda p: p.ndim > 0):
        result = check("7.5", split(rule))
        assert result.status == "wrong"
        assert "values where" not in result.message and len(result.message) < 300


def test_a_missing_decay_is_told_in_words():
    def left_out(named, *, weight_decay):
        first, second = optim.parameter_groups(named, weight_decay=weight_decay)
        return [first, {"params": second["params"]}]
    result = check("7.5", left_out)
    assert result.status in ("wrong", "error") and "KeyError" not in result.message


def calibration(which):
    """An answer with other bins."""
    def answer(labels, probabilities, *, bins=10):
        confidence, hit = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
        places = which(confidence, bins)
        return sum(abs((hit - confidence)[places == b].sum())
                   for b in np.unique(places)) / len(labels)
    return answer


OTHER_BINS = {
    "one more for 1.0": lambda c, bins: (c * bins).astype(int),
    "one more by digitize": lambda c, bins: np.digitize(c, np.linspace(0, 1, bins + 1)),
    "one bin less": lambda c, bins: np.digitize(c, np.linspace(0, 1, bins)),
    "rounded": lambda c, bins: np.round(c * (bins - 1)),
    "from the least to the most": lambda c, bins: np.digitize(
        c, np.histogram_bin_edges(c, bins)[1:-1]),
    "from a half": lambda c, bins: np.clip(((c - 0.5) * 2 * bins).astype(int), 0, bins - 1),
}


@pytest.mark.parametrize("which", OTHER_BINS)
def test_other_bins(which):
    assert {check("7.6", calibration(OTHER_BINS[which]), seed=seed).status
            for seed in range(20)} == {"wrong"}


def test_either_side_of_a_bin_may_be_open():
    for which in (lambda c, bins: np.ceil(c * bins),
                  lambda c, bins: np.digitize(c, np.linspace(0, 1, bins + 1)[1:-1]),
                  lambda c, bins: np.minimum(np.floor(c * bins), bins - 1)):
        assert statuses("7.6", calibration(which)) == {"right"}
    assert metrics.expected_calibration_error(np.array([0]), np.array([[1.0, 0.0]])) == 0


def softmax(z):
    return layers.softmax_forward(z)[0]


def small_number_in_the_logarithm(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    _, grad = layers.distillation_and_grad(logits, teacher=teacher, labels=labels,
                                           temperature=temperature, alpha=alpha)
    p, q = softmax(teacher / temperature), softmax(logits / temperature)
    soft = (p * (np.log(p + 1e-12) - np.log(q + 1e-12))).sum(axis=1).mean()
    hard, _ = layers.cross_entropy_forward(logits, labels=labels)
    return alpha * temperature**2 * soft + (1 - alpha) * hard, grad


def logarithm_of_a_zero_for_the_label(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    options = {"teacher": teacher, "labels": labels, "temperature": temperature}
    soft, _ = layers.distillation_and_grad(logits, alpha=1.0, **options)
    _, grad = layers.distillation_and_grad(logits, alpha=alpha, **options)
    hard = -np.log(softmax(logits)[np.arange(len(labels)), labels]).mean()
    return alpha * soft + (1 - alpha) * hard, grad


@pytest.mark.parametrize("answer", [small_number_in_the_logarithm,
                                    logarithm_of_a_zero_for_the_label])
def test_logarithms_of_probabilities_that_are_zero(answer):
    assert statuses("7.8", answer) == {"wrong"}


def cut_up(part, batch_size):
    return [part[k:k + batch_size] for k in range(0, len(part), batch_size)]


def shuffled(batches, rng):
    return [batches[k] for k in rng.permutation(len(batches))]


def variant(order, cut_up=cut_up, size=lambda window: window):
    """An answer with another first order, another cut or another window."""
    def answer(lengths, batch_size, *, rng, window=20):
        places, batches = order(rng, len(lengths)), []
        for part in cut_windows(places, batch_size * size(window)):
            batches += cut_up(part[np.argsort(lengths[part])], batch_size)
        return shuffled(batches, rng)
    return answer


cut_windows = cut_up


def permutation(rng, N):
    return rng.permutation(N)


def rotated(rng, N):
    return np.roll(np.arange(N), rng.integers(N))


def few_swaps(rng, N):
    order = np.arange(N)
    for a, b in rng.integers(N, size=(N // 4, 2)):
        order[a], order[b] = order[b], order[a]
    return order


def sorted_then_shuffled_in_windows(lengths, batch_size, *, rng, window=20):
    batches = []
    for part in cut_windows(np.argsort(lengths), batch_size * window):
        batches += cut_up(rng.permutation(part), batch_size)
    return shuffled(batches, rng)


def the_rest_at_the_end(lengths, batch_size, *, rng, window=20):
    full = len(lengths) // batch_size * batch_size
    batches = language.length_buckets(lengths[:full], batch_size, rng=rng, window=window)
    return batches + [np.arange(full, len(lengths))] * (full < len(lengths))


def equal_parts(part, batch_size):
    return np.array_split(part, max(1, len(part) // batch_size))


NOT_BUCKETS = {
    "rotated, not shuffled": variant(rotated),
    "a few swapped": variant(few_swaps),
    "sorted, then shuffled in windows": sorted_then_shuffled_in_windows,
    "always the same rest": the_rest_at_the_end,
    "equal parts": variant(permutation, cut_up=equal_parts),
    "shuffled, then all sorted": variant(permutation, size=lambda window: 10**6),
    "a window of 20": variant(permutation, size=lambda window: 20),
    "twice the window": variant(permutation, size=lambda window: 2 * window),
    "half the window": variant(permutation, size=lambda window: window // 2),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NOT_BUCKETS)
def test_batches_that_are_only_nearly_right(name):
    assert statuses("7.7", NOT_BUCKETS[name]) == {"wrong"}


@pytest.mark.slow
@pytest.mark.parametrize("answer", [language.length_buckets, variant(permutation)])
def test_right_batches_are_never_refused(answer):
    for seed in range(40):
        assert check("7.7", answer, seed=seed).status == "right"


def test_empty_batches_and_places_from_one_are_told_as_that():
    def empties(part, batch_size):
        return [part[k:k + batch_size] for k in range(0, len(part) + 1, batch_size)]

    def from_one(lengths, batch_size, *, rng, window=20):
        return [b + 1 for b in language.length_buckets(lengths, batch_size, rng=rng,
                                                       window=window)]
    assert "empty" in check("7.7", variant(permutation, cut_up=empties)).message
    assert "not their lengths" not in check("7.7", from_one).message


UNREPAIRED = {
    "all texts": lambda predict, seen, texts, labels: np.mean(predict(texts) == labels),
    "the training's": lambda predict, seen, texts, labels: np.mean(
        predict(seen) == labels[:len(seen)]),
    "a half": lambda predict, seen, texts, labels: 0.5,
}


@pytest.mark.parametrize("answer", [*UNREPAIRED, "repaired", "blank"])
def test_the_claim_is_repaired_only_by_an_accuracy_on_new_texts(answer, capsys):
    def repaired(predict, seen, texts, labels):
        new = [k for k, text in enumerate(texts) if text not in seen]
        return np.mean(predict([texts[k] for k in new]) == labels[new])

    path, = (p for p in SOURCES if number_of(p) == 7)
    judge, = (n for n in tree_of(path).body if getattr(n, "name", "") == "judge_repair")
    namespace = {"np": np, "gradcheck": gradcheck}
    exec(compile(ast.Module([judge], []), "lesson 7", "exec"), namespace)
    namespace["judge_repair"]({**UNREPAIRED, "repaired": repaired,
                               "blank": lambda *_: None}[answer])
    said = capsys.readouterr().out.strip()
    right = {"repaired": "equal", "blank": "not repaired yet"}.get(answer, "DIFFERS")
    assert right in said
