"""The checker itself: what it must accept, what it must reject, and why upstream is random."""

import numpy as np
import pytest

from course_lib import gradcheck, layers

RNG = np.random.default_rng


def test_central_difference_is_second_order():
    def error(h):
        return abs(gradcheck.central_difference(np.sin, np.array(1.0), h=h) - np.cos(1.0))
    assert 3.9 < error(0.02) / error(0.01) < 4.1


def test_central_difference_leaves_x_alone_and_takes_integers():
    x = np.array([1, 2, 3])
    assert np.allclose(gradcheck.central_difference(lambda x: (x**2).sum(), x), [2, 4, 6])
    assert x.tolist() == [1, 2, 3] and x.dtype.kind == "i"


def test_relative_error():
    assert gradcheck.relative_error(np.zeros(3), np.zeros(3)) == 0
    assert gradcheck.relative_error([1.0, np.nan], [1.0, 1.0]) == np.inf
    assert gradcheck.relative_error([1e-9, 0], [0, 0]) == 1   # small, but all of it wrong
    with pytest.raises(ValueError, match=r"\(2,\) and \(3,\)"):
        gradcheck.relative_error(np.zeros(2), np.zeros(3))


def test_upstream_is_random():
    out = np.zeros((4, 5))
    a, b = (gradcheck.draw_upstream(out, rng=RNG(s)) for s in (0, 1))
    assert a.std() > 0.5 and not np.allclose(a, b)
    pair = gradcheck.draw_upstream((np.zeros(3), np.zeros((2, 2))), rng=RNG(0))
    assert [d.shape for d in pair] == [(3,), (2, 2)]


def test_ones_would_pass_a_backward_of_zeros_and_random_does_not(monkeypatch):
    def lazy(dout, cache):
        return np.zeros_like(cache)
    z = RNG(0).standard_normal((4, 3))
    with pytest.raises(gradcheck.GradientError):
        gradcheck.check_backward(layers.softmax_forward, lazy, z, rng=RNG(0))
    monkeypatch.setattr(gradcheck, "draw_upstream", lambda out, rng: np.full_like(out, 1.0))
    gradcheck.check_backward(layers.softmax_forward, lazy, z, rng=RNG(0))   # passes, and is wrong


def test_a_missing_gradient_is_named():
    def two(dout, cache):
        return layers.linear_backward(dout, cache)[:2]
    arrays = RNG(0).standard_normal((4, 3)), RNG(1).standard_normal((3, 2)), np.zeros(2)
    with pytest.raises(gradcheck.GradientError, match="2 gradients for 3"):
        gradcheck.check_backward(layers.linear_forward, two, *arrays, rng=RNG(0))
    with pytest.raises(gradcheck.GradientError, match="2 gradients for 3"):
        gradcheck.check_direction(layers.linear_forward, two, *arrays, rng=RNG(0))


def test_a_gradient_that_only_broadcasts_to_its_array_is_named():
    def wide(dout, cache):
        dx, dW, db = layers.linear_backward(dout, cache)
        return dx[None], dW, db
    arrays = RNG(0).standard_normal((4, 3)), RNG(1).standard_normal((3, 2)), np.zeros(2)
    for check in (gradcheck.check_backward, gradcheck.check_direction):
        with pytest.raises(gradcheck.GradientError, match=r"0 has shape \(1, 4, 3\)"):
            check(layers.linear_forward, wide, *arrays, rng=RNG(0))


def test_nan_is_caught():
    def nan(dout, cache):
        return dout * np.nan
    with pytest.raises(gradcheck.GradientError):
        gradcheck.check_backward(layers.tanh_forward, nan, np.ones((2, 3)), rng=RNG(0))
    with pytest.raises(gradcheck.GradientError):
        gradcheck.check_direction(layers.tanh_forward, nan, np.ones((2, 3)), rng=RNG(0))


def test_two_outputs_have_matching_tuples():
    def forward(x, *, factor):
        return (np.sin(x), x**2 * factor), (x, factor)

    def backward(dout, cache):
        x, factor = cache
        return dout[0] * np.cos(x) + dout[1] * 2 * x * factor

    def forgets_second(dout, cache):
        return dout[0] * np.cos(cache[0])
    x = RNG(0).standard_normal((3, 2))
    gradcheck.check_backward(forward, backward, x, rng=RNG(1), factor=3.0)
    gradcheck.check_direction(forward, backward, x, rng=RNG(1), factor=3.0)
    with pytest.raises(gradcheck.GradientError):
        gradcheck.check_backward(forward, forgets_second, x, rng=RNG(1), factor=3.0)


def test_verdict_names_the_place():
    a = np.zeros((2, 3))
    b = a.copy()
    b[1, 2] = 5.0
    assert gradcheck.verdict("dW", a, a).endswith("equal")
    assert gradcheck.verdict("dW", a, b).endswith("DIFFERS: 0 against 5 at (1, 2)")
    assert "DIFFERS in shape" in gradcheck.verdict("dW", a, b.T)
    assert "DIFFERS" in gradcheck.verdict("dW", a, b * np.nan)
    assert gradcheck.verdict("ok", a > 0, b > 0).endswith("DIFFERS: 0 against 1 at (1, 2)")


def test_the_callers_x_is_never_touched():
    x = np.ones(3)
    x.flags.writeable = False
    seen = []
    gradcheck.central_difference(lambda y: seen.append(y is x) or 0.0, x)
    assert seen and not any(seen)


def test_a_gradient_that_is_truly_zero_passes_in_spite_of_rounding():
    def one(x):
        return np.sin(x) ** 2 + np.cos(x) ** 2, None
    x = RNG(0).standard_normal((30, 20))
    gradcheck.check_backward(one, lambda dout, cache: 0 * dout, x, rng=RNG(1))


def test_verdict_sees_a_millionth():
    a = np.ones(3)
    assert "DIFFERS" in gradcheck.verdict("dW", a, a * (1 + 1e-6))
