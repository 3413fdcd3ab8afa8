"""Metrics against scikit-learn, on random and on degenerate inputs."""

import numpy as np
import pytest
from sklearn import calibration
from sklearn import metrics as sk

from course_lib import metrics

SEEDS = range(10)


def drawn(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 60))
    labels = rng.integers(0, 2, n)
    labels[:2] = 0, 1                                     # both classes are there
    scores = rng.random(n).round(int(rng.integers(1, 4)))  # rounded: ties
    return labels, scores, (scores > 0.5).astype(int)


@pytest.mark.parametrize("seed", SEEDS)
def test_confusion_matrix_and_accuracy(seed):
    rng = np.random.default_rng(seed)
    labels, predicted = rng.integers(0, 5, (2, 40))
    assert np.array_equal(metrics.confusion_matrix(labels, predicted, classes=5),
                          sk.confusion_matrix(labels, predicted, labels=range(5)))
    assert metrics.accuracy(labels, predicted) == sk.accuracy_score(labels, predicted)


@pytest.mark.parametrize("seed", SEEDS)
def test_precision_recall_f1(seed):
    labels, _, predicted = drawn(seed)
    theirs = sk.precision_recall_fscore_support(labels, predicted, average="binary",
                                                zero_division=0)[:3]
    assert np.allclose(metrics.precision_recall_f1(labels, predicted, undefined=0.0), theirs)


@pytest.mark.parametrize("labels, predicted, says", [
    ([0, 0], [0, 0], "precision is undefined"), ([1, 1], [0, 0], "nothing was called positive"),
    ([0, 0], [1, 0], "recall is undefined: nothing is positive"),
])
def test_undefined_ratios(labels, predicted, says):
    with pytest.raises(ValueError, match=says):
        metrics.precision_recall_f1(np.array(labels), np.array(predicted))
    for value in (0.0, 1.0):
        theirs = sk.precision_recall_fscore_support(labels, predicted, average="binary",
                                                    zero_division=value)[:3]
        ours = metrics.precision_recall_f1(np.array(labels), np.array(predicted), undefined=value)
        assert np.allclose(ours, theirs)


@pytest.mark.parametrize("seed", SEEDS)
def test_roc_and_auc_with_ties(seed):
    labels, scores, _ = drawn(seed)
    theirs = sk.roc_curve(labels, scores, drop_intermediate=False)[:2]
    assert np.allclose(metrics.roc_curve(labels, scores), theirs)
    assert np.isclose(metrics.auc(labels, scores), sk.roc_auc_score(labels, scores))


def test_auc_of_equal_scores_is_a_half():
    assert metrics.auc(np.array([0, 1, 1]), np.zeros(3)) == 0.5


def test_auc_of_unsigned_and_of_infinite_scores():
    labels = np.array([0, 1, 0, 1])
    assert metrics.auc(labels, np.arange(4, dtype=np.uint8)) == 0.75
    assert metrics.auc(labels, np.full(4, np.inf)) == 0.5
    with pytest.raises(ValueError, match="0 or 1"):
        metrics.auc(labels * 2, np.arange(4.0))


@pytest.mark.parametrize("labels", [[0, 0, 0], [1, 1, 1]])
def test_one_class_has_no_curve(labels):
    for call in (metrics.roc_curve, metrics.auc):
        with pytest.raises(ValueError, match="only one class"):
            call(np.array(labels), np.array([0.1, 0.2, 0.3]))


@pytest.mark.parametrize("seed", SEEDS)
def test_calibration(seed):
    labels, scores, _ = drawn(seed)
    predicted, happened, counts = metrics.calibration_curve(labels, scores * 0.999 + 1e-4, bins=5)
    theirs = calibration.calibration_curve(labels, scores * 0.999 + 1e-4, n_bins=5)
    assert np.allclose((happened, predicted), theirs) and counts.sum() == len(labels)


@pytest.mark.parametrize("call, says", [
    (lambda: metrics.accuracy(np.zeros(3), np.zeros(4)), r"\(3,\).*\(4,\)"),
    (lambda: metrics.accuracy(np.zeros(0), np.zeros(0)), "N at least 1"),
    (lambda: metrics.accuracy(np.zeros((3, 1)), np.zeros((3, 1))), r"\(N,\)"),
    (lambda: metrics.confusion_matrix(np.array([0, 3]), np.array([0, 1]), classes=3), "0 to 2"),
    (lambda: metrics.confusion_matrix(np.array([0.5]), np.array([0]), classes=3), "labels must"),
    (lambda: metrics.auc(np.array([0, 1]), np.array([0.1, np.nan])), "NaN"),
    (lambda: metrics.calibration_curve(np.array([0, 1]), np.array([-3.0, 2.0])), "logits"),
    (lambda: metrics.calibration_curve(np.array([0, 2]), np.array([0.5, 0.5])), "0 or 1"),
    (lambda: metrics.expected_calibration_error(np.array([0, 2]), np.full((2, 2), 0.5)), "0 to 1"),
    (lambda: metrics.expected_calibration_error(np.array([7.5]), np.full((1, 9), 0.1)), "0 to 8"),
])
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
