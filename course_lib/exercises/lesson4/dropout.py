"""4.7 dropout_and_grad."""

import numpy as np

from course_lib.conv import dropout_and_grad
from course_lib.exercises import Case, Exercise, Mistake


def harness(answer, x, dout, *, p, seed):
    """Two calls with one generator, and the first again with an equal one."""
    import numpy as np

    rng, again = np.random.default_rng(seed), np.random.default_rng(seed)
    results = [answer(x, dout, p=p, rng=r) for r in (rng, rng, again)]
    if results[0] is None:
        return None
    if not all(isinstance(r, (tuple, list)) and len(r) == 2 for r in results):
        return "return two arrays: out and dx"
    return [[np.asarray(a, dtype=float) for a in r] for r in results]


def normalise(results, x, dout, *, p, seed):
    """What is wrong, in words; nothing if it is right: there are many right masks."""
    if isinstance(results, str):
        return results
    (out, dx), (second, _), (again, _) = results
    if out.shape != x.shape or dx.shape != x.shape:
        return f"out and dx have shapes {out.shape} and {dx.shape}, but x has {x.shape}"
    kept = out != 0
    if np.array_equal(out, x) and p:
        return "nothing is dropped"
    ratio, back = (out / x)[kept], (dx / dout)[kept]
    if not np.allclose(ratio, 1 / (1 - p)):
        return _scaled(ratio, p)
    if abs((~kept).mean() - p) > 6 * np.sqrt(p * (1 - p) / x.size):
        return f"the share {(~kept).mean():.2f} is dropped, and p is {p}"
    if _whole_rows(kept, p):
        return "whole rows or columns are dropped: draw for each entry"
    if p and (dx != 0).all():
        return "dx is zero nowhere, also where entries were dropped"
    if not np.array_equal(dx != 0, kept):
        return "dx is not zero where out is: use one mask for both"
    if not np.allclose(back, 1 / (1 - p)):
        return f"in dx what is kept is multiplied by {back.flat[0]:.3g}, not by 1 / (1 - p)"
    if not np.array_equal(out, again):
        return "two equal generators give two different masks: use the rng that is handed in"
    if p and np.array_equal(out, second):
        return "every call drops the same entries: draw from rng, do not make a new generator"
    return ""


def _scaled(ratio, p):
    """What is wrong with the factor of what is kept."""
    if np.ptp(ratio) > 1e-6:
        return "entries that are kept are not all multiplied by the same factor"
    return f"what is kept is multiplied by {ratio[0]:.3g}, and not by 1 / (1 - p)"


def _whole_rows(kept, p):
    """Whether fates are shared along a row or a column; by chance that does not happen."""
    return p > 0 and any((kept == kept.take([0], axis=k)).all() for k in range(kept.ndim))


def cases(rng):
    found = []
    for shape, p in [((40, 50), 0.3), ((30, 20, 4), 0.8), ((60, 30), 0.5), ((3, 4), 0.0)]:
        x, dout = (rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape) for _ in range(2))
        found.append(Case((x, dout), {"p": p, "seed": int(rng.integers(1000))}))
    return found


def by_mask(mask, factor, back=None):
    """An answer with a given mask and factor (and another one for dx)."""
    def answer(x, dout, *, p, rng):
        m = mask(x, p, rng)
        return x * m * factor(p, m), dout * m * (back or factor)(p, m)
    return answer


def kept_by_coin(x, p, rng):
    return rng.random(x.shape) >= p


def one(p, m):
    return 1.0


def right(p, m):
    return 1 / (1 - p)


def second_mask(x, dout, *, p, rng):
    out, _ = dropout_and_grad(x, dout, p=p, rng=rng)
    return out, dropout_and_grad(x, dout, p=p, rng=rng)[1]


def gradient_everywhere(x, dout, *, p, rng):
    return dropout_and_grad(x, dout, p=p, rng=rng)[0], dout / (1 - p)


def own_generator(x, dout, *, p, rng):
    return dropout_and_grad(x, dout, p=p, rng=np.random.default_rng(0))


not_scaled = by_mask(kept_by_coin, one)
turned_round = by_mask(lambda x, p, rng: rng.random(x.shape) < p, right)
kept_share = by_mask(lambda x, p, rng: rng.random(x.shape) < p,
                     lambda p, m: 1 / p if p else 1.0)
by_p = by_mask(kept_by_coin, lambda p, m: 1 / p if p else 1.0)
times_kept = by_mask(kept_by_coin, lambda p, m: 1 - p)
dx_not_scaled = by_mask(kept_by_coin, right, one)
rows = by_mask(lambda x, p, rng: rng.random((len(x),) + (1,) * (x.ndim - 1)) >= p, right)
by_counted_share = by_mask(kept_by_coin, lambda p, m: 1 / max(m.mean(), 1e-9))


EXERCISE = Exercise(
    id="4.7",
    name="dropout_and_grad",
    points=2,
    minutes=15,
    reference=dropout_and_grad,
    cases=cases,
    harness=harness,
    normalise=normalise,
    returns=("the result",),
    mistakes=[
        Mistake("not scaled", not_scaled,
                "what is kept is not scaled. The layer after it would get smaller sums in training "
                "than in testing: divide by 1 - p."),
        Mistake("p is kept", kept_share,
                "you keep the share p. p is the share that is dropped."),
        Mistake("turned round", turned_round,
                "you drop the share 1 - p and scale by 1 / (1 - p). Keep where rng.random(x.shape) "
                ">= p."),
        Mistake("divided by p", by_p,
                "you divide by p. What is kept is divided by the share that is kept, 1 - p."),
        Mistake("multiplied by 1 - p", times_kept,
                "you multiply by 1 - p. That is what the first form of dropout did at test time; "
                "here what is kept is divided by 1 - p, in training."),
        Mistake("another mask for dx", second_mask,
                "dx uses a second mask. The gradient goes back the way the values went: draw once, "
                "use it twice."),
        Mistake("dx everywhere", gradient_everywhere,
                "dx passes gradients to entries that were dropped. They did not move the output: "
                "their gradient is 0."),
        Mistake("dx not scaled", dx_not_scaled,
                "dx is not scaled. out is x times a factor; so dx is dout times the same factor."),
        Mistake("whole rows", rows,
                "you drop whole rows. Draw for each entry, with rng.random(x.shape)."),
        Mistake("its own generator", own_generator,
                "every call drops the same entries, because you make a new generator from the same "
                "seed. Use the rng that is handed in."),
        Mistake("by the counted share", by_counted_share,
                "you divide by the share that happened to be kept. Divide by 1 - p: then each "
                "entry's expected value is right, whatever happens to the others."),
    ],
    hints=[
        "“How do I draw the mask?” rng.random(x.shape) >= p is True with probability 1 - p.",
        "“Why divide?” On average only the share 1 - p comes through. Dividing by 1 - p makes up "
        "for that, and at test time there is nothing to do.",
        "“And backward?” out = x * factor, with factor = mask / (1 - p). So dx = dout * factor.",
    ],
)
