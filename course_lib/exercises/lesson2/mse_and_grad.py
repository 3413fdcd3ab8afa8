"""2.1 mse_and_grad."""

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.layers import mse_and_grad, mse_backward, mse_forward


def cases(rng):
    return [Case((rng.standard_normal(shape),), {"target": rng.standard_normal(shape)})
            for shape in [(5,), (3, 2), (7,)]]


def sums(prediction, *, target):
    loss, grad = mse_and_grad(prediction, target=target)
    return loss * grad.size, grad * grad.size


def sums_gradient(prediction, *, target):
    loss, grad = mse_and_grad(prediction, target=target)
    return loss, grad * grad.size


def wrong_sign(prediction, *, target):
    loss, grad = mse_and_grad(prediction, target=target)
    return loss, -grad


def no_two(prediction, *, target):
    loss, grad = mse_and_grad(prediction, target=target)
    return loss, grad / 2


def one_slope(prediction, *, target):
    loss, grad = mse_and_grad(prediction, target=target)
    return loss, grad.sum()


def rows_only(prediction, *, target):
    loss, grad = mse_and_grad(prediction, target=target)
    return loss, grad * grad.size / len(grad)


def not_squared(prediction, *, target):
    _, grad = mse_and_grad(prediction, target=target)
    return (prediction - target).mean(), grad


EXERCISE = Exercise(
    id="2.1",
    name="mse_and_grad",
    points=2,
    minutes=10,
    reference=mse_and_grad,
    parts=(mse_forward, mse_backward, mse_and_grad),
    cases=cases,
    returns=("the loss", "the gradient"),
    mistakes=[
        Mistake("sums", sums,
                "you add the squares up; the loss is their mean, so both the loss and the gradient "
                "are divided by N."),
        Mistake("gradient of the sum", sums_gradient,
                "the loss is a mean, but your gradient is that of the sum: it lacks the 1/N."),
        Mistake("wrong sign", wrong_sign,
                "the gradient's sign is turned round. It is prediction minus target: if the "
                "prediction is too large, growing it makes the loss larger."),
        Mistake("no 2", no_two,
                "the factor 2 is missing: the slope of e² is 2e."),
        Mistake("one slope", one_slope,
                "you return one number for the gradient. Each prediction has a slope of its own: "
                "an array of the prediction's shape."),
        Mistake("N counts rows", rows_only,
                "for one array it is right, but with shape (3, 2) you divide by 3. N is the number "
                "of entries: prediction.size."),
        Mistake("not squared", not_squared,
                "your loss is the mean error: positive and negative errors cancel. Square first."),
    ],
    hints=[
        "“What is N?” The number of entries, whatever the shape: prediction.size.",
        "“How do I get the gradient?” One entry contributes (p - t)² / N to the loss. Its slope "
        "along p is 2 (p - t) / N, and the other entries do not know of p.",
        "“What do I return?” Two things: the number, and an array of the prediction's shape.",
    ],
)
