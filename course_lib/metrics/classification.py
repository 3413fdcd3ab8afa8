"""Classification metrics: confusion matrix, accuracy, precision, recall, F1, ROC and AUC."""

import numpy as np


def confusion_matrix(labels, predicted, *, classes):
    """Confusion matrix: how often each class was predicted as each.

    Parameters
    ----------
    labels, predicted : ndarray of int of shape (N,)
    classes : int
        Number of classes, C.

    Returns
    -------
    ndarray of int of shape (C, C)
        Row: the true class; column: the predicted one.

    Raises
    ------
    ValueError
        If shapes differ or a label is not a class.

    Examples
    --------
    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), classes=2)
    array([[1, 1],
           [0, 1]])
    """
    labels, predicted = check_pair(labels, predicted)
    for name, values in [("labels", labels), ("predicted", predicted)]:
        if values.dtype.kind not in "iub" or values.min() < 0 or values.max() >= classes:
            raise ValueError(f"{name} must be whole numbers from 0 to {classes - 1}")
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (labels.astype(int), predicted.astype(int)), 1)
    return counts


def accuracy(labels, predicted):
    """Accuracy: the share of right predictions.

    Parameters
    ----------
    labels, predicted : ndarray of shape (N,)
        Classes.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If shapes differ, or there is no label.

    Examples
    --------
    >>> accuracy(np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0]))
    0.75
    """
    labels, predicted = check_pair(labels, predicted)
    return float((labels == predicted).mean())


def precision_recall_f1(labels, predicted, *, undefined=None):
    """Precision, recall and F1 of class 1.

    Precision: of those called positive, the share that is. Recall: of those that are positive, the
    share that was found. F1: their harmonic mean, 2 TP / (2 TP + FP + FN).

    Parameters
    ----------
    labels, predicted : ndarray of shape (N,)
        0 or 1.
    undefined : float, optional
        What to return for a ratio 0 / 0.

    Returns
    -------
    precision, recall, f1 : float

    Raises
    ------
    ValueError
        For a ratio 0 / 0, unless `undefined` is given.

    Examples
    --------
    >>> precision_recall_f1(np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0]))
    (0.5, 0.5, 0.5)
    """
    (_, fp), (fn, tp) = confusion_matrix(labels, predicted, classes=2)

    def ratio(top, bottom, name, why):
        if bottom:
            return float(top / bottom)
        if undefined is None:
            raise ValueError(f"{name} is undefined: {why}. Give undefined=0.0 to count it as 0")
        return float(undefined)
    return (ratio(tp, tp + fp, "precision", "nothing was called positive"),
            ratio(tp, tp + fn, "recall", "nothing is positive"),
            ratio(2 * tp, 2 * tp + fp + fn, "F1", "nothing is or was called positive"))


def roc_curve(labels, scores):
    """ROC curve: false and true positive rates for every threshold, from the strictest on.

    Parameters
    ----------
    labels : ndarray of shape (N,)
        0 or 1.
    scores : ndarray of shape (N,)
        The higher, the likelier 1. Equal scores pass a threshold together.

    Returns
    -------
    false_positive_rate, true_positive_rate : ndarray of shape (T,)
        Both from 0 to 1; T is the number of different scores plus 1.

    Raises
    ------
    ValueError
        If a label is not 0 or 1, only one class is there, or a score is NaN.
    """
    labels, scores = check_pair(labels, scores)
    if not np.isin(labels, (0, 1)).all():
        raise ValueError("labels must be 0 or 1")
    scores = scores.astype(float)                         # unsigned numbers have no minus
    positives = int((labels == 1).sum())
    if positives in (0, len(labels)):
        raise ValueError("only one class is there: a ROC curve needs both")
    if np.isnan(scores).any():
        raise ValueError("a score is NaN: it can be ranked neither above nor below the others")
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.append(ranked[1:] != ranked[:-1], True)     # the last of each group of equal scores
    true = np.cumsum(labels[order] == 1)[last]
    false = np.cumsum(labels[order] != 1)[last]
    return (np.append(0.0, false / (len(labels) - positives)), np.append(0.0, true / positives))


def auc(labels, scores):
    """Area under the ROC curve: the chance that a positive scores above a negative, ties half.

    Fawcett (2006), An introduction to ROC analysis, algorithm 2.

    Parameters
    ----------
    labels, scores : ndarray of shape (N,)
        See :func:`roc_curve`, also for the errors.

    Returns
    -------
    float
        0.5 is chance.

    Examples
    --------
    >>> auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    x, y = roc_curve(labels, scores)
    return float((np.diff(x) * (y[1:] + y[:-1]) / 2).sum())


def check_pair(labels, other):
    """Check that there is one prediction for each label.

    Parameters
    ----------
    labels, other : array_like of shape (N,)

    Returns
    -------
    labels, other : ndarray of shape (N,)

    Raises
    ------
    ValueError
        If the shapes differ, or N is 0.
    """
    labels, other = np.asarray(labels), np.asarray(other)
    if labels.shape != other.shape or labels.ndim != 1 or not labels.size:
        raise ValueError(f"labels {labels.shape} and predictions {other.shape} do not fit: "
                         "give two arrays of one shape (N,), with N at least 1")
    return labels, other
