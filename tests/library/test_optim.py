"""Optimizers against torch.optim, schedules against torch's, clipping against torch's."""

import numpy as np
import pytest
import torch

from course_lib import gradcheck, optim

O = torch.optim  # noqa: E741
CONFIGURATIONS = {
    "sgd": (O.SGD, [{}, {"lr": 1.0}, {"lr": 1e-4}, {"weight_decay": 0.1},
                    {"lr": 0.5, "weight_decay": 0.01}]),
    "momentum": (O.SGD, [{"momentum": 0.9}, {"momentum": 0.0}, {"momentum": 0.99, "lr": 1e-3},
                         {"momentum": 0.5, "weight_decay": 0.1},
                         {"momentum": 0.9, "lr": 1.0, "weight_decay": 0.01}]),
    "nesterov": (O.SGD, [{"momentum": 0.9}, {"momentum": 0.1}, {"momentum": 0.99, "lr": 1e-3},
                         {"momentum": 0.5, "weight_decay": 0.1},
                         {"momentum": 0.9, "lr": 1.0, "weight_decay": 0.01}]),
    "adagrad": (O.Adagrad, [{}, {"lr": 1.0}, {"eps": 1e-3}, {"weight_decay": 0.1},
                            {"lr": 0.5, "eps": 0.1, "weight_decay": 0.01}]),
    "rmsprop": (O.RMSprop, [{}, {"lr": 1.0}, {"alpha": 0.5}, {"eps": 1e-2},
                            {"weight_decay": 0.1, "alpha": 0.9}]),
    "adam": (O.Adam, [{}, {"lr": 1.0}, {"betas": (0.5, 0.9)}, {"eps": 1e-2},
                      {"weight_decay": 0.1}, {"betas": (0.0, 0.0)}]),
    "adamw": (O.AdamW, [{}, {"lr": 0.5}, {"betas": (0.5, 0.9)}, {"eps": 1e-2},
                        {"weight_decay": 0.1}, {"weight_decay": 0.0, "lr": 1.0}]),
}
EACH = [(name, k) for name, (_, options) in CONFIGURATIONS.items() for k in range(len(options))]
# 50 steps of the same formula in float64, in another order of operations: rounding, amplified by
# AdaGrad's and RMSProp's divisions, stays below 1e-12 here.
TOLERANCE = 1e-10


def run_both(name, options, rates, seed=0):
    """Fifty steps with random gradients here and in torch; the path of each."""
    rng = np.random.default_rng(seed)
    shape = (3, 4)
    ours, state = rng.standard_normal(shape), {}
    theirs = torch.tensor(ours, requires_grad=True)
    extra = {"nesterov": True} if name == "nesterov" else {}
    optimizer = CONFIGURATIONS[name][0]([theirs], **{"lr": 0.1, **options}, **extra)
    paths = [], []
    for lr in rates:
        grad = rng.standard_normal(shape) * rng.choice([0.01, 1.0, 10.0])
        ours, state = getattr(optim, name)(ours, grad, state, **{**options, "lr": lr})
        optimizer.param_groups[0]["lr"] = lr
        theirs.grad = torch.tensor(grad)
        optimizer.step()
        paths[0].append(ours)
        paths[1].append(theirs.detach().numpy().copy())
    return map(np.array, paths)


@pytest.mark.parametrize("name, k", EACH)
def test_fifty_steps_are_torchs(name, k):
    options = CONFIGURATIONS[name][1][k]
    ours, theirs = run_both(name, options, [options.get("lr", 0.1)] * 50)
    assert np.abs(ours - theirs).max() < TOLERANCE


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_fifty_steps_with_a_schedule_are_torchs(name):
    rates = [optim.warmup_cosine(t, lr=0.3, warmup_steps=10, total_steps=50) for t in range(50)]
    ours, theirs = run_both(name, CONFIGURATIONS[name][1][-1], rates, seed=1)
    assert np.abs(ours - theirs).max() < TOLERANCE


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_nothing_is_changed_in_place(name):
    rng = np.random.default_rng(0)
    param, state, update = rng.standard_normal((2, 3)), {}, getattr(optim, name)
    for _ in range(3):
        grad = rng.standard_normal((2, 3))
        before = param.copy(), grad.copy(), {k: np.copy(v) for k, v in state.items()}
        new, new_state = update(param, grad, state, lr=0.1)
        assert np.array_equal(param, before[0]) and np.array_equal(grad, before[1])
        assert all(np.array_equal(state[k], v) for k, v in before[2].items())
        param, state = new, new_state


def torch_rates(make, steps=100, lr=0.3):
    optimizer = O.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    schedule, rates = make(optimizer), []
    for _ in range(steps):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return rates


S = O.lr_scheduler
SCHEDULES = [
    (optim.step_lr, {"step_size": 30, "gamma": 0.5}, lambda o: S.StepLR(o, 30, 0.5)),
    (optim.step_lr, {"step_size": 7}, lambda o: S.StepLR(o, 7)),
    (optim.exponential_lr, {"gamma": 0.97}, lambda o: S.ExponentialLR(o, 0.97)),
    (optim.cosine_lr, {"total_steps": 100}, lambda o: S.CosineAnnealingLR(o, 100)),
    (optim.cosine_lr, {"total_steps": 100, "minimum": 0.1},
     lambda o: S.CosineAnnealingLR(o, 100, eta_min=0.1)),
    (optim.warmup_cosine, {"warmup_steps": 20, "total_steps": 100}, lambda o: S.SequentialLR(o, [
        S.LambdaLR(o, lambda t: t / 20), S.CosineAnnealingLR(o, 80)], milestones=[20])),
]


@pytest.mark.parametrize("schedule, options, make", SCHEDULES)
def test_schedules_are_torchs(schedule, options, make):
    ours = [schedule(t, lr=0.3, **options) for t in range(100)]
    assert np.allclose(ours, torch_rates(make), rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("options", [{}, {"pct_start": 0.1}, {"div_factor": 5.0},
                                     {"pct_start": 0.5, "final_div_factor": 10.0}])
def test_one_cycle_is_torchs(options):
    ours = [optim.one_cycle_lr(t, max_lr=0.3, total_steps=101, **options) for t in range(100)]
    theirs = torch_rates(lambda o: S.OneCycleLR(o, max_lr=0.3, total_steps=101, **options))
    assert np.allclose(ours, theirs, rtol=1e-10)


@pytest.mark.parametrize("max_norm", [0.1, 1.0, 100.0])
def test_clipping_is_torchs(max_norm):
    rng = np.random.default_rng(0)
    grads = [rng.standard_normal((3, 4)), rng.standard_normal(5)]
    params = [torch.zeros(g.shape, dtype=torch.float64) for g in grads]
    for p, g in zip(params, grads, strict=True):
        p.grad = torch.tensor(g)
    total = torch.nn.utils.clip_grad_norm_(params, max_norm)
    clipped, norm = optim.clip_by_global_norm(grads, max_norm=max_norm)
    assert np.isclose(norm, total.item(), rtol=1e-12)
    for ours, p in zip(clipped, params, strict=True):
        assert np.allclose(ours, p.grad, rtol=1e-6)       # torch adds 1e-6 to the norm
    assert np.sqrt(sum((c**2).sum() for c in clipped)) <= max_norm * (1 + 1e-12)


def test_clipping_nothing_and_clipping_nan():
    clipped, norm = optim.clip_by_global_norm([np.zeros(3)], max_norm=1.0)
    assert norm == 0 and not clipped[0].any()
    with pytest.raises(ValueError, match="norm is nan"):
        optim.clip_by_global_norm([np.array([np.nan])], max_norm=1.0)


@pytest.mark.parametrize("total_steps, pct_start", [(4, 0.25), (10, 0.1), (5, 0.0), (1, 0.3)])
def test_a_cycle_of_few_steps(total_steps, pct_start):
    """Where only the first step would rise, it is the peak."""
    rates = [optim.one_cycle_lr(t, max_lr=1.0, total_steps=total_steps, pct_start=pct_start)
             for t in range(total_steps)]
    assert np.all(np.diff(rates) < 0) and np.isclose(rates[-1], 1 / 25e4)
    if pct_start * total_steps == 1:
        assert np.isclose(rates[0], 1.0)


@pytest.mark.parametrize("call, says", [
    (lambda: optim.cosine_lr(0, lr=1.0, total_steps=0), "total_steps is 0: give"),
    (lambda: optim.step_lr(0, lr=1.0, step_size=0), "step_size is 0: give"),
    (lambda: optim.one_cycle_lr(0, max_lr=1.0, total_steps=0), "total_steps is 0 and"),
    (lambda: optim.one_cycle_lr(4, max_lr=1.0, total_steps=4, pct_start=1.0), "pct_start 1.0"),
])
def test_a_schedule_without_steps_is_told(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_clipping_large_numbers():
    large = np.full(4, 1e20, np.float32)                  # the square is no float32 any more
    (clipped,), norm = optim.clip_by_global_norm([large], max_norm=1.0)
    assert np.isclose(norm, 2e20) and np.allclose(clipped, 0.5) and clipped.dtype == np.float32
    with pytest.raises(ValueError, match="norm is inf"):
        optim.clip_by_global_norm([np.full(4, 1e200)], max_norm=1.0)


@pytest.mark.parametrize("name", sorted(optim.SURFACES))
def test_a_surface_takes_many_points_and_its_gradient_is_its_slope(name):
    surface, rng = optim.SURFACES[name], np.random.default_rng(0)
    points = rng.uniform(-1.5, 1.5, (3, 4, 2))
    assert surface.value(points).shape == (3, 4) and surface.gradient(points).shape == (3, 4, 2)
    one = points[1, 2]
    np.testing.assert_allclose(surface.value(points)[1, 2], surface.value(one), rtol=1e-12)
    np.testing.assert_allclose(surface.gradient(points)[1, 2], surface.gradient(one), rtol=1e-12)
    slope = gradcheck.central_difference(surface.value, one)
    np.testing.assert_allclose(surface.gradient(one), slope, rtol=1e-6, atol=1e-8)
    for place in surface.minima:
        assert np.abs(surface.gradient(np.array(place))).max() < 1e-12


def test_fewest_steps_are_those_of_the_best_rate_alone():
    rates = np.array([0.001, 0.01, 0.02, 1.0])            # the last explodes
    for name in ("ravine", "tilted ravine"):
        surface, counts = optim.SURFACES[name], []
        for lr in rates[:3]:
            param, state, steps = np.array(surface.start), {}, 0
            while surface.value(param) > 1e-3 * surface.value(np.array(surface.start)):
                param, state = optim.nesterov(param, surface.gradient(param), state, lr=lr,
                                              momentum=0.8)
                steps += 1
            counts.append(steps)
        best = min(counts), rates[np.argmin(counts)]
        assert optim.fewest_steps(surface, optim.nesterov, rates=rates, momentum=0.8) == best
    assert optim.fewest_steps(surface, optim.sgd, rates=[1e-6], limit=50) == (np.inf, None)
