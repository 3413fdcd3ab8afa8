"""4.8 saliency."""

import numpy as np

from course_lib.conv import saliency
from course_lib.exercises import Case, Exercise, Mistake


def harness(answer, x, labels, inner, outer):
    """Ask for the map of a small network: tanh(x inner) outer, with x flattened."""
    import numpy as np

    def forward(x):
        if np.ndim(x) != 4:
            raise ValueError(f"forward wants a batch, (B, C, H, W), and got {np.shape(x)}")
        h = np.tanh(x.reshape(len(x), -1) @ inner)
        return h @ outer, (x.shape, h)

    def backward(dout, cache):
        if not isinstance(cache, tuple):
            raise ValueError("backward wants the cache: logits, cache = forward(x)")
        shape, h = cache
        if not isinstance(dout, np.ndarray) or np.shape(dout) != (shape[0], outer.shape[1]):
            raise ValueError(f"backward wants a gradient for each logit, of shape "
                             f"{(shape[0], outer.shape[1])}, and got one of shape {np.shape(dout)}")
        return ((dout @ outer.T * (1 - h**2)) @ inner.T).reshape(shape)

    return answer(x, labels, forward=forward, backward=backward)


def cases(rng):
    found = []
    for B, C, H, W, classes in [(4, 3, 2, 5, 6), (3, 1, 4, 2, 5), (1, 2, 3, 3, 4)]:
        inner = rng.standard_normal((C * H * W, 7)) / 3
        found.append(Case((rng.standard_normal((B, C, H, W)), rng.integers(0, classes, B), inner,
                           rng.standard_normal((7, classes)))))
    return found


def gradient(x, labels, forward, backward, *, dout=None):
    """Gradient of the labels' logits, or of whatever dout says; (B, C, H, W)."""
    logits, cache = forward(x)
    one = np.eye(logits.shape[1])[labels]
    return backward(one if dout is None else dout(logits, one), cache)


def signed(x, labels, *, forward, backward):
    return gradient(x, labels, forward, backward).max(axis=1)


def mean_over_channels(x, labels, *, forward, backward):
    return np.abs(gradient(x, labels, forward, backward)).mean(axis=1)


def sum_over_channels(x, labels, *, forward, backward):
    return np.abs(gradient(x, labels, forward, backward)).sum(axis=1)


def channels_kept(x, labels, *, forward, backward):
    return np.abs(gradient(x, labels, forward, backward))


def abs_after_max(x, labels, *, forward, backward):
    return np.abs(gradient(x, labels, forward, backward).max(axis=1))


def of_the_probability(x, labels, *, forward, backward):
    def slope(logits, one):
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        return (p * one).sum(axis=1, keepdims=True) * (one - p)
    return np.abs(gradient(x, labels, forward, backward, dout=slope)).max(axis=1)


def of_the_mean_loss(x, labels, *, forward, backward):
    return of_the_loss(x, labels, forward=forward, backward=backward) / len(x)


def length_over_channels(x, labels, *, forward, backward):
    return np.sqrt((gradient(x, labels, forward, backward)**2).sum(axis=1))


def all_classes(x, labels, *, forward, backward):
    def ones(logits, one):
        return np.ones_like(logits)
    return np.abs(gradient(x, labels, forward, backward, dout=ones)).max(axis=1)


def of_the_loss(x, labels, *, forward, backward):
    def error(logits, one):
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        return p / p.sum(axis=1, keepdims=True) - one
    return np.abs(gradient(x, labels, forward, backward, dout=error)).max(axis=1)


def of_the_winner(x, labels, *, forward, backward):
    def winner(logits, one):
        return np.eye(logits.shape[1])[logits.argmax(axis=1)]
    return np.abs(gradient(x, labels, forward, backward, dout=winner)).max(axis=1)


def times_input(x, labels, *, forward, backward):
    return np.abs(x * gradient(x, labels, forward, backward)).max(axis=1)


def of_the_batch_mean(x, labels, *, forward, backward):
    return saliency(x, labels, forward=forward, backward=backward) / len(x)


def first_label(x, labels, *, forward, backward):
    return saliency(x, np.full(len(x), labels[0]), forward=forward, backward=backward)


def logit_upstream(x, labels, *, forward, backward):
    def value(logits, one):
        return logits * one
    return np.abs(gradient(x, labels, forward, backward, dout=value)).max(axis=1)


def every_label(x, labels, *, forward, backward):
    def columns(logits, one):
        dout = np.zeros_like(logits)
        dout[:, labels] = 1
        return dout
    return np.abs(gradient(x, labels, forward, backward, dout=columns)).max(axis=1)


EXERCISE = Exercise(
    id="4.8",
    name="saliency",
    points=2,
    minutes=15,
    reference=saliency,
    cases=cases,
    harness=harness,
    returns=("the map",),
    picture="the map",
    mistakes=[
        Mistake("signed", signed,
                "the sign is left in. A pixel matters whether it speaks for or against: take the "
                "absolute value, before the maximum over channels."),
        Mistake("absolute value last", abs_after_max,
                "you take the largest over channels first, then its absolute value. A strongly "
                "negative channel is lost that way: the absolute value comes first."),
        Mistake("of the probability", of_the_probability,
                "this is the gradient of the probability, after softmax. Ask for the logit: dout "
                "is 1 at the label, 0 elsewhere."),
        Mistake("of the mean loss", of_the_mean_loss,
                "this is the gradient of the mean loss. Ask for the logit of the class: dout is 1 "
                "at the label, 0 elsewhere."),
        Mistake("length over channels", length_over_channels,
                "you take the length over channels, the root of the sum of squares. Take the "
                "largest absolute value."),
        Mistake("mean over channels", mean_over_channels,
                "you take the mean over channels. Of the channels, take the largest."),
        Mistake("sum over channels", sum_over_channels,
                "you add the channels up. Of the channels, take the largest."),
        Mistake("channels kept", channels_kept,
                "the map still has channels: take the largest over axis 1."),
        Mistake("all classes", all_classes,
                "dout is one everywhere, so this is the gradient of the sum of all logits. Ask for "
                "one: 1 at the label, 0 elsewhere."),
        Mistake("of the loss", of_the_loss,
                "this is the gradient of the loss. Ask for the logit of the class: dout is 1 at "
                "the label, 0 elsewhere."),
        Mistake("of the winner", of_the_winner,
                "you ask for the class with the largest logit. Ask for the one in labels; they "
                "differ where the network is wrong, and that is where one wants to look."),
        Mistake("times the input", times_input,
                "you multiply by the image. That is another method; here the gradient stands "
                "alone."),
        Mistake("divided by the batch", of_the_batch_mean,
                "it is divided by the batch size. Each image has its own map: no mean."),
        Mistake("first label for all", first_label,
                "every image is asked for the first label. Image k is asked for labels[k]: "
                "dout[np.arange(len(x)), labels] = 1."),
        Mistake("every label for all", every_label,
                "dout has a 1 for every label in every row. Each image has one label: "
                "dout[np.arange(len(x)), labels] = 1."),
        Mistake("the logit as dout", logit_upstream,
                "dout is the logit itself. It is the derivative of the logit with respect to "
                "itself, which is 1."),
    ],
    hints=[
        "“What is differentiated?” For image k the logit of class labels[k]. No loss, no softmax.",
        "“How do I ask the network?” logits, cache = forward(x). Then backward(dout, cache), where "
        "dout has the shape of the logits: 1 at each image's label, 0 elsewhere.",
        "“And then?” The absolute value, and over the channels, axis 1, the largest.",
    ],
)
