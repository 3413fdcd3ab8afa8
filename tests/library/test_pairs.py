"""Every forward/backward pair, found by name, is proved three ways; and the proofs are tried.

A pair is any ``name_forward`` with its ``name_backward`` in a NumPy module of course_lib. Its cases
stand in a file ``cases_*.py`` beside this one. A pair without a case fails.
"""

import copy
import importlib
import inspect
import pkgutil
import zlib
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from course_lib import gradcheck

ROOT = Path(__file__).parents[2]
# Against torch there is no truncation: both compute the same formula in float64, and only the
# order of sums differs. 1e-10 leaves room for sums of thousands of terms.
TORCH_TOLERANCE = 1e-10
SKIP = {"exercises", "checks", "widgets", "grading", "models", "train", "plots", "data", "finetune",
        "gradcheck"}                                      # its check_backward is the proof itself


def numpy_modules():
    """Every module of course_lib's NumPy parts, however deep."""
    for part in pkgutil.iter_modules([ROOT / "course_lib"], "course_lib."):
        if part.name.split(".")[1] not in SKIP:
            module = importlib.import_module(part.name)
            yield module
            for inside in pkgutil.walk_packages(getattr(module, "__path__", []), part.name + "."):
                yield importlib.import_module(inside.name)


def found_pairs():
    """Every public forward or backward, by its pair's name, with the module that defines it."""
    pairs = {}
    for module in numpy_modules():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            stem, _, end = name.rpartition("_")
            if end in ("forward", "backward") and function.__module__ == module.__name__:
                pairs[stem] = module
    return pairs


def found_cases(attribute):
    cases = {}
    for path in sorted(Path(__file__).parent.glob("cases_*.py")):
        cases.update(getattr(importlib.import_module(path.stem), attribute))
    return cases


PAIRS, CASES, LARGE = found_pairs(), found_cases("CASES"), found_cases("LARGE")
ALL = pytest.mark.parametrize("name", sorted(PAIRS))


def pair(name):
    return getattr(PAIRS[name], f"{name}_forward"), getattr(PAIRS[name], f"{name}_backward")


def generator(name):
    return np.random.default_rng(zlib.crc32(name.encode()))


def test_there_are_pairs():
    assert len(PAIRS) >= 11


@pytest.mark.parametrize("end", ["forward", "backward"])
def test_a_half_that_no_package_exports_is_found_too(end, monkeypatch):
    def planted(x):
        return x, None
    planted.__module__ = "course_lib.layers.activations"
    module = importlib.import_module(planted.__module__)
    monkeypatch.setattr(module, f"planted_{end}", planted, raising=False)
    assert found_pairs()["planted"] is module


@ALL
def test_axes_of_an_input_differ_in_size(name):
    """So that a transposed array does not fit by chance. Weights from a state to itself do."""
    for args, _ in [*CASES[name].draw(generator(name)), LARGE[name](generator(name))]:
        for a in args:
            sizes = [n for n in a.shape if n > 1]         # an axis of 1 has nothing to exchange
            assert len(set(sizes)) == len(sizes) or a.ndim == 2, a.shape


@ALL
def test_every_pair_is_complete_and_has_a_case(name):
    for end in ("forward", "backward"):
        assert hasattr(PAIRS[name], f"{name}_{end}"), f"there is no {name}_{end}"
    assert name in CASES and name in LARGE, f"no case for {name}: add one to a cases_*.py"


@ALL
def test_entrywise_against_central_differences(name):
    rng = generator(name)
    for args, options in CASES[name].draw(rng):
        forward, backward = pair(name)                    # an option may be called rng too
        gradcheck.check_backward(partial(forward, **options), backward, *args, rng=rng)


@ALL
def test_along_a_random_direction(name):
    rng = generator(name)
    for _ in range(5):
        args, options = LARGE[name](rng)
        forward, backward = pair(name)
        gradcheck.check_direction(partial(forward, **options), backward, *args, rng=rng)


def torch_gradients(in_torch, args, options, dout):
    leaves = [torch.tensor(a, requires_grad=True) for a in args]
    out = in_torch(*leaves, **options)
    douts = [torch.tensor(d) for d in (dout if isinstance(dout, tuple) else (dout,))]
    outs = out if isinstance(out, tuple) else (out,)
    return out, torch.autograd.grad(outs, leaves, douts)


@ALL
def test_against_torch(name):
    rng = generator(name)
    forward, backward = pair(name)
    for args, options in CASES[name].draw(rng):
        out, cache = forward(*args, **options)
        dout = gradcheck.draw_upstream(out, rng=rng)
        grads = backward(dout, cache)
        grads = grads if isinstance(grads, tuple) else (grads,)
        their_out, theirs = torch_gradients(CASES[name].in_torch, args, options, dout)
        for mine, other in zip(out if isinstance(out, tuple) else (out,),
                               their_out if isinstance(their_out, tuple) else (their_out,),
                               strict=True):
            assert gradcheck.relative_error(mine, other.detach()) < TORCH_TOLERANCE
        for k, (mine, other) in enumerate(zip(grads, theirs, strict=True)):
            assert gradcheck.relative_error(mine, other) < TORCH_TOLERANCE, f"gradient {k}"


@ALL
def test_nothing_is_changed_in_place(name):
    rng = generator(name)
    forward, backward = pair(name)
    for args, options in CASES[name].draw(rng):
        before = [a.copy() for a in args]
        out, cache = forward(*args, **options)
        dout = gradcheck.draw_upstream(out, rng=rng)
        kept = copy.deepcopy(dout)
        first = backward(dout, cache)
        again = backward(dout, cache)                     # a cache can be read twice
        douts = (dout, kept) if isinstance(dout, tuple) else ((dout,), (kept,))
        assert all(np.array_equal(a, b) for a, b in zip(*douts, strict=True))
        assert all(np.array_equal(a, b) for a, b in zip(args, before, strict=True))
        first, again = (g if isinstance(g, tuple) else (g,) for g in (first, again))
        assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


@ALL
def test_positional_arguments_are_arrays_and_the_rest_keywords(name):
    parameters = inspect.signature(pair(name)[0]).parameters.values()
    kinds = {p.kind for p in parameters}
    assert inspect.Parameter.POSITIONAL_OR_KEYWORD in kinds
    assert all(p.default is p.empty for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD)
    assert list(inspect.signature(pair(name)[1]).parameters) == ["dout", "cache"]


# The proofs on trial: each way of planting an error in any gradient of any pair must be caught.
def scaled(g, rng):
    return g * 1.0001


def negated(g, rng):
    return -g


def zeroed(g, rng):
    return np.zeros_like(g)


def one_entry_off(g, rng):
    g = np.array(g)
    if g.size:
        g.flat[rng.integers(g.size)] += 1e-3 * np.abs(g).max()
    return g


def flattened(g, rng):
    return np.ravel(g)[None, :, None]


@pytest.mark.slow
@ALL
@pytest.mark.parametrize("plant", [scaled, negated, zeroed, one_entry_off, flattened])
def test_a_planted_error_is_caught(name, plant):
    rng = generator(name)
    forward, backward = pair(name)
    args, options = CASES[name].draw(rng)[1 % len(CASES[name].draw(generator(name)))]
    forward = partial(forward, **options)
    for k in range(len(args)):
        def wrong(dout, cache, k=k):
            grads = backward(dout, cache)
            single = not isinstance(grads, tuple)
            grads = [grads] if single else list(grads)
            grads[k] = plant(grads[k], rng)
            return grads[0] if single else tuple(grads)
        with pytest.raises(gradcheck.GradientError):
            gradcheck.check_backward(forward, wrong, *args, rng=rng)
        with pytest.raises(gradcheck.GradientError):      # several directions: one may miss
            for _ in range(3):
                gradcheck.check_direction(forward, wrong, *args, rng=rng)
