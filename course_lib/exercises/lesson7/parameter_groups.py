"""7.5 parameter_groups."""

import numpy as np

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.optim import parameter_groups

NAMES = ("tokens.weight", "first.weight", "first.bias", "blocks.0.attention.qkv.weight",
         "blocks.0.attention.qkv.bias", "blocks.0.norm1.weight", "blocks.0.norm1.bias",
         "blocks.0.network.0.weight", "scale", "output.weight", "output.bias")


def harness(answer, names, arrays, *, weight_decay):
    """For each parameter that was returned: its name, or what it is instead, and its decay."""
    import numpy as np

    class Parameter(np.ndarray):
        """An array with those attributes of a PyTorch parameter that are used here."""

        requires_grad = True

        def dim(self):
            return self.ndim

        def numel(self):
            return self.size

    parameters = [a.copy().view(Parameter) for a in arrays]
    groups = answer(iter(list(zip(names, parameters, strict=True))), weight_decay=weight_decay)
    if groups is None:
        return None
    if isinstance(groups, dict) or not all(isinstance(g, dict) for g in groups):
        return "return a list of dictionaries"
    found = []
    for group in groups:
        missing = [key for key in ("params", "weight_decay") if key not in group]
        if missing:
            return f"a group has no \"{missing[0]}\""
        for p in group["params"]:
            name = next((n for n, q in zip(names, parameters, strict=True) if q is p), None)
            kind = "a name" if isinstance(p, str) else "a copy, or something else"
            found.append((name or kind, float(group["weight_decay"])))
    return found


def normalise(output, names, arrays, *, weight_decay):
    """What is wrong, in words."""
    if isinstance(output, str):
        return output
    strange = [name for name, _ in output if name not in names]
    if strange:
        return f"params holds {strange[0]}, and not the parameter itself"
    wrong = []
    for name, array in zip(names, arrays, strict=True):
        got, right = [d for n, d in output if n == name], weight_decay if array.ndim > 1 else 0.0
        if len(got) != 1:
            wrong.append(f"{name} is in {len(got)} groups, and should be in one")
        elif abs(got[0] - right) > 1e-6 * weight_decay:
            wrong.append(f"{name}, of shape {array.shape}, has decay {got[0]} and should have "
                         f"{right}")
    return wrong[0] + f" (wrong: {len(wrong)} of {len(names)})" if wrong else ""


def cases(rng):
    found = []
    for weight_decay, D in [(0.01, 3), (0.1, 4), (0.3, 2)]:
        order = [int(k) for k in rng.permutation(len(NAMES))]
        shapes = [(7, D), (D,), (D,), (3 * D, D), (3 * D,), (D,), (D,), (4 * D, D), (), (2, D),
                  (2,)]
        found.append(Case((tuple(NAMES[k] for k in order),
                           tuple(np.full(shapes[k], float(k)) for k in order)),
                          {"weight_decay": weight_decay}))
    kernel = (("conv.weight", "conv.bias", "gain"), (rng.standard_normal((2, 3, 3, 3)), np.ones(2),
                                                     np.ones(4)))
    return [*found, Case(kernel, {"weight_decay": 0.2})]


def variant(rule):
    """An answer in which rule(name, array) tells what is decayed."""
    def answer(named, *, weight_decay):
        named = list(named)
        yes, no = ([p for n, p in named if bool(rule(n, p)) == flag] for flag in (True, False))
        return [{"params": yes, "weight_decay": weight_decay}, {"params": no, "weight_decay": 0.0}]
    return answer


def scalars_lost(named, *, weight_decay):
    named = list(named)
    return [{"params": [p for _, p in named if p.ndim > 1], "weight_decay": weight_decay},
            {"params": [p for _, p in named if p.ndim == 1], "weight_decay": 0.0}]


def one_group(named, *, weight_decay):
    return [{"params": [p for _, p in named], "weight_decay": weight_decay}]


def names(named, *, weight_decay):
    named = list(named)
    return [{"params": [n for n, p in named if (p.ndim > 1) == flag], "weight_decay": d}
            for flag, d in [(True, weight_decay), (False, 0.0)]]


def exhausted(named, *, weight_decay):
    """Goes through the iterator twice: the second time nothing is left."""
    return [{"params": [p for _, p in named if p.ndim > 1], "weight_decay": weight_decay},
            {"params": [p for _, p in named if p.ndim < 2], "weight_decay": 0.0}]


def fixed_decay(named, *, weight_decay):
    return parameter_groups(named, weight_decay=0.01)


def no_second_decay(named, *, weight_decay):
    """The group without decay is left to the optimizer, whose default is not 0."""
    groups = parameter_groups(named, weight_decay=weight_decay)
    groups[1]["weight_decay"] = 0.01
    return groups


EXERCISE = Exercise(
    id="7.5",
    name="parameter_groups",
    points=1,
    minutes=10,
    reference=parameter_groups,
    cases=cases,
    harness=harness,
    normalise=normalise,
    returns=("the groups",),
    mistakes=[
        Mistake("all decayed", one_group,
                "everything is in one group. Biases and norms are not to be decayed: make two."),
        Mistake("exchanged", variant(lambda n, p: p.ndim < 2),
                "the groups are exchanged: matrices are decayed, vectors are not."),
        Mistake("norms decayed", variant(lambda n, p: not n.endswith("bias")),
                "only biases are spared. The scales of norms are called weight too, and are "
                "vectors: go by the number of axes."),
        Mistake("norms by name", variant(lambda n, p: not (n.endswith("bias") or "norm" in n)),
                "you go by names, and a norm need not be called so (here: first.weight, scale). Go "
                "by the number of axes, p.ndim."),
        Mistake("scalars decayed", variant(lambda n, p: p.ndim != 1),
                "a parameter without axes (here: scale) is decayed. Only what has more than one "
                "axis is."),
        Mistake("scalars left out", scalars_lost,
                "scale, which has no axis, is in no group. What does not have more than one axis "
                "belongs into the second."),
        Mistake("weight by name", variant(lambda n, p: "weight" in n),
                "you go by names, and the scale of a norm is called weight, too. Go by the number "
                "of axes, p.ndim."),
        Mistake("only two axes", variant(lambda n, p: p.ndim == 2),
                "only parameters with exactly two axes are decayed. A kernel of a convolution has "
                "four: take all with more than one."),
        Mistake("names", names,
                "params holds names. The optimizer wants the parameters themselves."),
        Mistake("read twice", exhausted,
                "the second group is empty. model.named_parameters() can be gone through once: "
                "make a list of it first."),
        Mistake("0.01 for all", fixed_decay,
                "the decay is always 0.01. Use weight_decay."),
        Mistake("no zero", no_second_decay,
                "biases and norms still have a decay: theirs must be 0.0, given explicitly, for "
                "AdamW's default is 0.01."),
        Mistake("nothing decayed", variant(lambda n, p: False),
                "nothing is decayed."),
    ],
    hints=[
        "“How do I tell a matrix?” p.ndim > 1. Biases, and the scale and shift of a norm, have one "
        "axis.",
        "“What do I return?” A list of two dictionaries: {\"params\": [...], \"weight_decay\": "
        "weight_decay} and {\"params\": [...], \"weight_decay\": 0.0}.",
        "“The second list is empty?” named may be an iterator, which can be read once. Begin with "
        "named = list(named).",
    ],
)
