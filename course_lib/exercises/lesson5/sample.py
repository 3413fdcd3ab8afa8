"""5.7 sample."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.language import sample
from course_lib.layers import softmax_forward

from .check_sample import normalise, softmax


def harness(answer, logits, *, seed, **options):
    """Many calls with one generator, and some again with an equal one."""
    import numpy as np

    if answer(logits, rng=np.random.default_rng(seed), **options) is None:
        return None
    rng, equal = np.random.default_rng(seed), np.random.default_rng(seed)
    return [[answer(logits, rng=rng, **options) for _ in range(1200)],
            [answer(logits, rng=equal, **options) for _ in range(60)]]


def cases(rng):
    found = []
    for V, temperature, lift in [(5, 1.0, 0.0), (4, 0.5, 0.0), (6, 2.5, 0.0), (3, 1.5, 900.0),
                                 (7, 0.7, -900.0)]:
        logits = rng.permutation(np.linspace(-1.5, 1.5, V)) + lift
        found.append(Case((logits,), {"temperature": temperature, "seed": int(rng.integers(1000))}))
    left_out = rng.permutation(np.linspace(-1.5, 1.5, 5))
    return [*found, Case((left_out,), {"seed": int(rng.integers(1000))})]


def draw(p, rng):
    return int((np.cumsum(p) < rng.random()).sum())


def largest(logits, *, temperature=1.0, rng):
    return int(logits.argmax())


def multiplied(logits, *, temperature=1.0, rng):
    return draw(softmax(logits * temperature), rng)


def after_the_softmax(logits, *, temperature=1.0, rng):
    p = softmax(logits) / temperature
    return draw(p / p.sum(), rng)


def all_alike(logits, *, temperature=1.0, rng):
    return int(rng.integers(len(logits)))


def own_generator(logits, *, temperature=1.0, rng):
    """The last token or the one before, never the largest, to be told from argmax."""
    order = np.argsort(logits)
    return int(order[np.random.default_rng(0).integers(0, len(order) - 1)])


def from_one(logits, *, temperature=1.0, rng):
    return 1 + sample(logits, temperature=temperature, rng=rng)


def no_shift(logits, *, temperature=1.0, rng):
    e = np.exp(logits / temperature)
    return draw(e / e.sum(), rng)


def no_shift_by_choice(logits, *, temperature=1.0, rng):
    e = np.exp(logits / temperature)
    return rng.choice(len(logits), p=e / e.sum())


def probabilities(logits, *, temperature=1.0, rng):
    return softmax(logits / temperature)


def one_hot(logits, *, temperature=1.0, rng):
    return rng.multinomial(1, softmax(logits / temperature))


def the_logit(logits, *, temperature=1.0, rng):
    return logits[sample(logits, temperature=temperature, rng=rng)]


EXERCISE = Exercise(
    id="5.7",
    name="sample",
    points=2,
    minutes=15,
    reference=sample,
    cases=cases,
    given=(softmax_forward,),
    harness=harness,
    normalise=normalise,
    returns=("the result",),
    mistakes=[
        Mistake("the largest", largest,
                "it always returns the most probable token. That is the limit of temperature 0; "
                "here you draw, with the probabilities, and from the rng that is handed in."),
        Mistake("multiplied", multiplied,
                "you multiply the logits by the temperature, or take the probabilities to its "
                "power, which is the same. Divide: a high temperature makes tokens more alike."),
        Mistake("after the softmax", after_the_softmax,
                "the temperature has no effect. You divide the probabilities by it, and to make "
                "them add up to 1 you divide it out again. Divide the logits, before the softmax."),
        Mistake("all alike", all_alike,
                "all tokens come equally often: rng.choice needs p=..."),
        Mistake("its own generator", own_generator,
                "every call draws the same token. Do you make a new generator, from the same seed, "
                "at each call? Use the rng that is handed in."),
        Mistake("from one", from_one,
                "tokens are numbered from 0, and yours from 1."),
        Mistake("no shift", no_shift,
                "with large logits exp overflows, with very negative ones all of them are 0. "
                "Subtract the largest first, as the softmax of lesson 1 did: "
                "layers.softmax_forward."),
        Mistake("no shift, by choice", no_shift_by_choice,
                "exp overflows with large logits, and then the probabilities are NaN. Subtract the "
                "largest logit first, as the softmax of lesson 1 did: layers.softmax_forward."),
        Mistake("probabilities", probabilities,
                "it returns the probabilities. Draw a token with them: rng.choice(len(p), p=p)."),
        Mistake("one-hot", one_hot,
                "it returns a row with a 1 in it. Return the place of that 1."),
        Mistake("the logit", the_logit,
                "it returns the token's logit. Return its place."),
    ],
    hints=[
        "“How do I get probabilities?” p, _ = layers.softmax_forward(logits / temperature): it is "
        "a forward pass, and returns a cache too.",
        "“How do I draw?” rng.choice(len(p), p=p) draws a whole number from 0 to len(p) - 1.",
    ],
)
