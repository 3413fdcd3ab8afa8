"""2.3 largest_stable_lr."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.regression import largest_stable_lr, mse_hessian


def cases(rng):
    return [Case((np.column_stack([np.ones(N), rng.normal(1.0, 2.0, (N, D - 1))]),))
            for N, D in [(5, 2), (8, 4), (6, 3)]]


def smallest(X):
    return float(2 / np.linalg.eigvalsh(mse_hessian(X))[0])


def one_over(X):
    return largest_stable_lr(X) / 2


def without_n(X):
    return largest_stable_lr(X) / len(X)


def without_two(X):
    return largest_stable_lr(X) * 2


def without_both(X):
    return largest_stable_lr(X) * 2 / len(X)


def trace(X):
    return float(2 / np.trace(mse_hessian(X)))


def singular_value(X):
    return float(2 / np.sqrt(np.linalg.eigvalsh(mse_hessian(X))[-1]))


EXERCISE = Exercise(
    id="2.3",
    name="largest_stable_lr",
    points=2,
    minutes=10,
    reference=largest_stable_lr,
    cases=cases,
    returns=("the learning rate",),
    mistakes=[
        Mistake("smallest eigenvalue", smallest,
                "you use the smallest eigenvalue. The steepest direction diverges first: take the "
                "largest."),
        Mistake("one over", one_over,
                "this is 1/λ, the rate that is best in the steepest direction. Divergence begins "
                "at twice that."),
        Mistake("without 1/N", without_n,
                "in the Hessian the 1/N is missing: it is 2 XᵀX / N."),
        Mistake("without 2", without_two,
                "in the Hessian the 2 is missing: it is 2 XᵀX / N."),
        Mistake("without 2/N", without_both,
                "this is 2 over the largest eigenvalue of XᵀX. The Hessian is 2 XᵀX / N: the "
                "factor 2/N is missing."),
        Mistake("trace", trace,
                "you use the trace, the sum of all eigenvalues. That is safe, but smaller than it "
                "need be: take the largest."),
        Mistake("square root", singular_value,
                "a square root has crept in: singular values of X have to be squared to become "
                "eigenvalues of XᵀX."),
    ],
    hints=[
        "“What is the Hessian?” The derivative of the gradient 2 Xᵀ(Xθ - y) / N with respect to θ: "
        "2 XᵀX / N. The targets drop out.",
        "“How do I get its largest eigenvalue?” np.linalg.eigvalsh returns them in ascending "
        "order: [-1].",
    ],
)
