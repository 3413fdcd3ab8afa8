"""6.8 mask_tokens."""

import numpy as np

from course_lib.attention import mask_tokens
from course_lib.exercises import Case, Exercise, Mistake

from .check_mask_tokens import normalise


def harness(answer, ids, *, mask_id, V, seed, **options):
    """Two calls with one generator, and the first again with an equal one."""
    import numpy as np

    rng, again = np.random.default_rng(seed), np.random.default_rng(seed)
    inputs = ids, ids.copy(), ids.copy()
    results = [answer(part, mask_id=mask_id, V=V, rng=r, **options)
               for part, r in zip(inputs, (rng, rng, again), strict=True)]
    return None if results[0] is None else results


def cases(rng):
    found = []
    for shape, V, share in [((60, 90), 10, 0.15), ((40, 50), 30, 0.5), ((200, 120), 8, 0.9)]:
        ids = rng.integers(0, V, shape)
        ids[:, -5:] = 0                                   # padding
        ids[:, 0] = V + 2
        options = {"mask_id": V + 3, "V": V, "share": share, "special": (0, V + 2, 2),
                   "seed": int(rng.integers(1000))}
        found.append(Case((ids,), options))
    none = {"mask_id": 9, "V": 9, "share": 0.2, "special": (), "seed": int(rng.integers(1000))}
    left_out = {"mask_id": 12, "V": 11, "seed": int(rng.integers(1000))}
    return [*found, Case((rng.integers(0, 9, (50, 60)),), none),
            Case((rng.integers(0, 11, (90, 70)),), left_out)]


def variant(*, parts=(0.8, 0.1), low=0, high=0, target=-100, spare=True, keep_all=False):
    """An answer with other shares, other random tokens, other targets."""
    def answer(ids, *, mask_id, V, rng, share=0.15, special=()):
        chosen = rng.random(ids.shape) < share
        chosen &= ~np.isin(ids, special) if spare else True
        how = rng.random(ids.shape)
        inputs = np.where(chosen & (how < parts[0]), mask_id, ids)
        at_random = chosen & (how >= parts[0]) & (how < sum(parts))
        inputs = np.where(at_random, rng.integers(low, V + high, ids.shape), inputs)
        return inputs, ids.copy() if keep_all else np.where(chosen, ids, target)
    return answer


def of_all_tokens(ids, *, mask_id, V, rng, share=0.15, special=()):
    """80 % of all tokens hidden, not of the chosen."""
    _, targets = mask_tokens(ids, mask_id=mask_id, V=V, rng=rng, share=share, special=special)
    return np.where((targets != -100) | (rng.random(ids.shape) < 0.1), mask_id, ids), targets


def targets_are_inputs(ids, *, mask_id, V, rng, share=0.15, special=()):
    inputs, targets = mask_tokens(ids, mask_id=mask_id, V=V, rng=rng, share=share, special=special)
    return inputs, np.where(targets != -100, inputs, -100)


def exchanged(ids, **options):
    return mask_tokens(ids, **options)[::-1]


def own_generator(ids, *, rng, **options):
    return mask_tokens(ids, rng=np.random.default_rng(0), **options)


def special_by_size(ids, *, mask_id, V, rng, share=0.15, special=()):
    """Special tokens are taken for those from V on."""
    chosen = (rng.random(ids.shape) < share) & (ids < V)
    how = rng.random(ids.shape)
    inputs = np.where(chosen & (how < 0.8), mask_id, ids)
    inputs = np.where(chosen & (how >= 0.9), rng.integers(0, V, ids.shape), inputs)
    return inputs, np.where(chosen, ids, -100)


def next_token(ids, **options):
    """The random token is the next one."""
    inputs, targets = mask_tokens(ids, **options)
    drawn = (targets != -100) & (inputs != options["mask_id"]) & (inputs != ids)
    return np.where(drawn, (ids + 1) % options["V"], inputs), targets


def whole_columns(ids, *, mask_id, V, rng, share=0.15, special=()):
    chosen = (rng.random(ids.shape[1]) < share) & ~np.isin(ids, special)
    return np.where(chosen, mask_id, ids), np.where(chosen, ids, -100)


def only_changed(ids, **options):
    """Targets only where the input was changed."""
    inputs, targets = mask_tokens(ids, **options)
    return inputs, np.where(inputs != ids, targets, -100)


EXERCISE = Exercise(
    id="6.8",
    name="mask_tokens",
    points=2,
    minutes=20,
    reference=mask_tokens,
    cases=cases,
    harness=harness,
    normalise=normalise,
    returns=("the result",),
    mistakes=[
        Mistake("all hidden", variant(parts=(1.0, 0.0)),
                "all chosen tokens become mask_id. In use there are no hidden tokens, so one in "
                "five is left visible: 10 % random, 10 % as they are."),
        Mistake("none random", variant(parts=(0.8, 0.0)),
                "of the chosen tokens none becomes a random one: 10 % should, and 10 % stay."),
        Mistake("none stays", variant(parts=(0.8, 0.2)),
                "of the chosen tokens none stays as it is: 10 % should, and 10 % become random."),
        Mistake("random and mask exchanged", variant(parts=(0.1, 0.8)),
                "80 % of the chosen tokens become random and 10 % mask_id. It is the other way "
                "round."),
        Mistake("from one", variant(low=1),
                "random tokens are drawn from 1 on. They are 0 to V - 1."),
        Mistake("up to V", variant(high=1),
                "random tokens may be V. rng.integers(0, V, ...) gives 0 to V - 1."),
        Mistake("all are targets", variant(keep_all=True),
                "targets holds every token. Where none was chosen it is -100, so that the loss "
                "does not look there."),
        Mistake("0 for -100", variant(target=0),
                "targets is 0 where no token was chosen. But 0 is a token, and the loss would look "
                "there: use -100."),
        Mistake("padding chosen", variant(spare=False),
                "special tokens are chosen, such as padding. ~np.isin(ids, special) leaves them "
                "out."),
        Mistake("special by size", special_by_size,
                "special tokens are chosen, for you leave out those from V on. Which tokens are "
                "special is told by special: ~np.isin(ids, special)."),
        Mistake("next token", next_token,
                "the random token is made from the old one. Draw it: rng.integers(0, V, "
                "ids.shape)."),
        Mistake("more than the chosen", of_all_tokens,
                "tokens are hidden that are not to be guessed."),
        Mistake("targets are the inputs", targets_are_inputs,
                "targets holds what the input became. It is to hold what stood there before."),
        Mistake("only the changed", only_changed,
                "tokens that were chosen and stay as they are must be guessed, too. Else the "
                "network may always copy what it sees."),
        Mistake("exchanged", exchanged,
                "inputs and targets are exchanged."),
        Mistake("its own generator", own_generator,
                "every call hides the same tokens, because you make a new generator from the same "
                "seed. Use the rng that is handed in."),
        Mistake("whole columns", whole_columns,
                "whole columns are chosen, and all of them hidden. Draw for each token, with "
                "rng.random(ids.shape)."),
    ],
    hints=[
        "“How do I choose?” chosen = (rng.random(ids.shape) < share) & ~np.isin(ids, special).",
        "“And 80, 10, 10?” Draw once more, how = rng.random(ids.shape). Below 0.8: mask_id. From "
        "0.9 on: a random token. In between: nothing happens.",
        "“What are targets?” np.where(chosen, ids, -100).",
    ],
)
