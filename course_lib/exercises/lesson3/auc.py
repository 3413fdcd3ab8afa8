"""3.8 auc."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.metrics import auc

# One of each class; a negative, a positive, both alone at the top; ties at either end; all equal;
# a perfect ranking, and one that is turned round.
EDGES = [([1, 0], [0.7, 0.2]), ([0, 1], [0.9, 0.1]), ([0, 1, 0, 1], [0.9, 0.8, 0.3, 0.2]),
         ([1, 0, 1, 0], [0.9, 0.8, 0.3, 0.2]), ([0, 1, 1, 0, 1], [0.9, 0.9, 0.5, 0.1, 0.1]),
         ([1, 0, 1], [0.4, 0.4, 0.4]), ([1, 1, 0, 0, 0], [5.0, 4.0, 3.0, 2.0, 1.0])]


def cases(rng):
    found = []
    for N in (12, 25, 18):
        labels = rng.integers(0, 2, N)
        labels[:2] = 0, 1
        scores = (rng.random(N) + 0.3 * labels).round(1)  # rounded: there are ties
        scores[:2] = 0.5                                  # one of them between the classes
        found.append(Case((labels, scores)))
    return found + [Case((np.array(labels), np.array(scores))) for labels, scores in EDGES]


def pairs(labels, scores, tie):
    up, down = scores[labels == 1][:, None], scores[labels == 0][None, :]
    return float(((up > down) + tie * (up == down)).mean())


def ties_lose(labels, scores):
    return pairs(labels, scores, 0.0)


def ties_win(labels, scores):
    return pairs(labels, scores, 1.0)


def turned_round(labels, scores):
    return 1 - auc(labels, scores)


def accuracy_at_half(labels, scores):
    return float(((scores > 0.5) == labels).mean())


def share_of_all(labels, scores):
    wins = pairs(labels, scores, 0.5) * labels.sum() * (1 - labels).sum()
    return float(wins / len(labels) ** 2)


def difference_of_means(labels, scores):
    return float(scores[labels == 1].mean() - scores[labels == 0].mean())


def gini(labels, scores):
    return 2 * auc(labels, scores) - 1


EXERCISE = Exercise(
    id="3.8",
    name="auc",
    points=3,
    minutes=15,
    reference=auc,
    cases=cases,
    returns=("the area",),
    mistakes=[
        Mistake("ties lose", ties_lose,
                "a positive and a negative with the same score count as lost. They count half."),
        Mistake("ties win", ties_win,
                "a positive and a negative with the same score count as won. They count half."),
        Mistake("turned round", turned_round,
                "this is 1 minus the area: a high score speaks for class 1."),
        Mistake("accuracy", accuracy_at_half,
                "this is the accuracy at the threshold 0.5. The area needs no threshold: it "
                "compares the scores with each other."),
        Mistake("share of all pairs", share_of_all,
                "you divide by all pairs of examples. Only pairs of a positive and a negative "
                "count."),
        Mistake("difference of means", difference_of_means,
                "this is the difference of the mean scores. Count how often a positive is above a "
                "negative, whatever the distance."),
        Mistake("Gini", gini,
                "this is 2 AUC - 1, the Gini coefficient. Scores that know nothing have AUC ½."),
    ],
    hints=[
        "“What does the area mean?” The chance that a positive, drawn at random, scores higher "
        "than a negative, drawn at random. A tie counts half.",
        "“How do I compare all pairs?” up = scores[labels == 1][:, None] and "
        "down = scores[labels == 0][None, :]: then up > down is an array with all pairs.",
        "“And ties?” Add half of up == down, then take the mean.",
    ],
)
