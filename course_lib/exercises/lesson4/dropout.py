"""4.7 dropout_and_grad."""

import numpy as np

from course_lib.conv import dropout_and_grad
from course_lib.exercises import Case, Exercise, Mistake


def harness(answer, x, dout, *, p, seed):
    """Two calls with one generator, and the first again with an equal one."""
    import numpy as np

    rng, again = np.random.default_rng(seed), np.random.default_rng(seed)
    inputs = (x, dout), (x.copy(), dout.copy()), (x.copy(), dout.copy())
    results = [answer(a, b, p=p, rng=r) for (a, b), r in zip(inputs, (rng, rng, again),
                                                           strict=True)]
    return None if results[0] is None else results


def normalise(results, x, dout, *, p, seed):
    """Describe what is wrong; an empty string if nothing is: many masks are right."""
    results = [as_two_arrays(r) for r in results]
    if None in results:
        return "return two arrays: out and dx"
    (out, dx), (second, _), (again, _) = results
    if out.shape != x.shape or dx.shape != x.shape:
        return f"out and dx have shapes {out.shape} and {dx.shape}, but x has {x.shape}"
    if not (np.isfinite(out).all() and np.isfinite(dx).all()):
        return "out or dx is not a finite number everywhere: do you divide by p?"
    kept = out != 0
    words = (wrong_mask(kept, p) or wrong_scale(x, dout, out, kept, p)
             or wrong_gradient(dout, dx, kept, p))
    if words:
        return words
    if not np.array_equal(out, again):
        return "two equal generators give two different masks: use the rng that is handed in"
    return repeated_mask(kept, second != 0, p)


def as_two_arrays(result):
    """A result as two arrays of numbers, or None."""
    try:
        out, dx = result
        return np.asarray(out, dtype=float), np.asarray(dx, dtype=float)
    except (TypeError, ValueError):
        return None


def wrong_mask(kept, p):
    """Describe what is wrong with the choice of dropped entries."""
    if p and kept.all():
        return "nothing is dropped"
    if not kept.any():
        return "everything is dropped: draw for each entry"
    if p and (kept == kept[:1]).all():
        return "every example gets the same mask: draw for each entry"
    if p and any((kept == kept.take([0], axis=k)).all() for k in range(kept.ndim)):
        return "whole rows or columns are dropped: draw for each entry"
    return ""


def wrong_scale(x, dout, out, kept, p):
    """Describe a wrong share of dropped entries, or a wrong scale of the kept ones."""
    ratio, share = (out / x)[kept], (~kept).mean()
    if np.ptp(ratio) > 1e-6:
        swapped = np.ptp((out / dout)[kept]) < 1e-6
        return ("the order is wrong: return out, then dx" if swapped else
                "entries that are kept are not all multiplied by the same factor")
    if not np.isclose(ratio[0], 1 / (1 - p)):
        return f"what is kept is multiplied by {ratio[0]:.3g}, and not by 1 / (1 - p)"
    if abs(share - p) > 6 * np.sqrt(p * (1 - p) / x.size):
        return f"the share {share:.2f} is dropped, and p is {p}"
    return ""


def wrong_gradient(dout, dx, kept, p):
    """Describe what is wrong with dx."""
    if p and (dx != 0).all():
        return "dx is zero nowhere, also where entries were dropped"
    if not np.array_equal(dx != 0, kept):
        return "dx is not zero where out is: use one mask for both"
    back = (dx / dout)[kept]
    if np.ptp(dx[kept]) < 1e-6:
        return "dx is the mask itself: multiply it by dout"
    if np.ptp(back) > 1e-6:
        return "dx is not dout times one factor, where entries were kept"
    if not np.isclose(back[0], 1 / (1 - p)):
        return f"in dx what is kept is multiplied by {back[0]:.3g}, not by 1 / (1 - p)"
    return ""


def repeated_mask(kept, second, p):
    """Describe a second mask that repeats the first: by chance p² + (1 - p)² of it is the same."""
    if not p:
        return ""
    chance = p**2 + (1 - p)**2
    if (kept == second).mean() > chance + 6 * np.sqrt(chance * (1 - chance) / kept.size):
        return "two calls drop the same entries: draw from rng, do not make a new generator"
    return ""


def cases(rng):
    found = []
    for shape, p in [((60, 70), 0.3), ((30, 20, 6), 0.85), ((80, 40), 0.37), ((3, 4), 0.0)]:
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


def exchanged(x, dout, *, p, rng):
    return dropout_and_grad(x, dout, p=p, rng=rng)[::-1]


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
one_row_for_all = by_mask(lambda x, p, rng: rng.random(x.shape[1:]) >= p, right)
one_coin = by_mask(lambda x, p, rng: rng.random() >= p, right)
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
        Mistake("one row for all", one_row_for_all,
                "every example gets the same mask. Draw for each entry, with "
                "rng.random(x.shape)."),
        Mistake("one coin", one_coin,
                "you draw one number for the whole array, so all of it is kept or all of it "
                "dropped. Draw for each entry, with rng.random(x.shape)."),
        Mistake("exchanged", exchanged,
                "out and dx are exchanged: return out, then dx."),
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
