"""3.7 precision_recall_f1."""

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.metrics import confusion_matrix, precision_recall_f1


def cases(rng):
    found = []
    for N in (20, 31, 17):
        labels = (rng.random(N) < 0.4).astype(int)
        predicted = (rng.random(N) < 0.5).astype(int)
        labels[:7], predicted[:7] = (1, 1, 1, 1, 0, 0, 0), (1, 1, 1, 0, 1, 1, 0)  # all four kinds
        found.append(Case((labels, predicted)))
    return found


def swapped(labels, predicted):
    precision, recall, f1 = precision_recall_f1(labels, predicted)
    return recall, precision, f1


def other_class(labels, predicted):
    return precision_recall_f1(1 - labels, 1 - predicted)


def plain_mean(labels, predicted):
    precision, recall, _ = precision_recall_f1(labels, predicted)
    return precision, recall, (precision + recall) / 2


def no_two(labels, predicted):
    precision, recall, f1 = precision_recall_f1(labels, predicted)
    return precision, recall, f1 / 2


def shares_of_all(labels, predicted):
    share = float((labels & predicted).mean())
    return share, share, share


def accuracy_first(labels, predicted):
    _, recall, f1 = precision_recall_f1(labels, predicted)
    return float((labels == predicted).mean()), recall, f1


EXERCISE = Exercise(
    id="3.7",
    name="precision_recall_f1",
    points=2,
    minutes=10,
    reference=precision_recall_f1,
    cases=cases,
    given=(confusion_matrix,),
    returns=("precision", "recall", "F1"),
    mistakes=[
        Mistake("swapped", swapped,
                "precision and recall are swapped. Precision: of those that were called positive. "
                "Recall: of those that are positive."),
        Mistake("other class", other_class,
                "you count class 0 as the positive one. What is looked for is class 1."),
        Mistake("plain mean", plain_mean,
                "F1 is the harmonic mean, 2PR / (P + R), not the plain one: it is low as soon as "
                "one of the two is."),
        Mistake("no 2", no_two,
                "in F1 the 2 is missing: 2PR / (P + R)."),
        Mistake("shares of all", shares_of_all,
                "you divide the hits by all examples. Divide by those called positive, and by "
                "those that are."),
        Mistake("accuracy", accuracy_first,
                "your precision is the accuracy: it counts right negatives too. Look only at what "
                "was called positive."),
    ],
    hints=[
        "“What do I count?” Hits: labels and predicted both 1. False alarms: predicted 1, label 0. "
        "Misses: predicted 0, label 1.",
        "“And then?” Precision = hits / (hits + false alarms); recall = hits / (hits + misses).",
        "“F1?” 2PR / (P + R), or 2 hits / (2 hits + false alarms + misses).",
    ],
)
