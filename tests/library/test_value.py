"""The scalar graph: its gradients against nudging and torch, its order, its depth."""

import numpy as np
import pytest
import torch

from course_lib import gradcheck, value
from course_lib.value import Value


def expression(a, b, exp, log, tanh):
    """Every operation, numbers on both sides of each sign, and a and b used many times."""
    c = a * b + 2.0 * a - b / 3.0
    d = tanh(c) * exp(a / 4.0) + 1.0 / (b**2 + 1.0)
    return (3.0 - d) ** 3 + log(a * a + 1.0) - -c * 0.5 + (1.0 + d)


@pytest.mark.parametrize("at", [(0.7, -1.3), (-2.0, 0.4), (1.5, 2.5)])
def test_gradients_against_nudging_and_torch(at):
    a, b = map(Value, at)
    out = expression(a, b, value.exp, value.log, value.tanh)
    out.backward()
    nudged = gradcheck.central_difference(
        lambda x: expression(*x, np.exp, np.log, np.tanh), np.array(at))
    assert gradcheck.relative_error([a.grad, b.grad], nudged) < gradcheck.TOLERANCE
    x, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in at)
    other = expression(x, y, torch.exp, torch.log, torch.tanh)
    other.backward()
    assert np.isclose(out.data, other.item(), rtol=1e-13)
    assert np.allclose([a.grad, b.grad], [x.grad.item(), y.grad.item()], rtol=1e-12)


def test_gradients_add_over_calls_as_in_torch():
    a = Value(3.0)
    b = a * a
    c = b * b
    c.backward()
    c.backward()
    assert a.grad == 2 * 4 * 27                           # not 3 times: each call flows alone
    value.zero_grad(c)
    assert a.grad == b.grad == c.grad == 0
    c.backward()
    assert a.grad == 4 * 27


@pytest.mark.slow
def test_a_deep_chain_works_and_can_be_deleted():
    x = Value(1.0)
    y = x
    for _ in range(50_000):
        y = y + 0.5
    y.backward()
    assert x.grad == 1 and len(value.topological_order(y)) == 100_001
    del y


def test_order_on_random_graphs():
    rng = np.random.default_rng(0)
    for _ in range(50):
        nodes = [Value(1.0)]
        for _ in range(12):
            parents = tuple(nodes[i] for i in rng.integers(0, len(nodes), 2))
            nodes.append(Value(0.0, parents=parents))
        order = value.topological_order(nodes[-1])
        place = {id(n): k for k, n in enumerate(order)}
        assert len(place) == len(order) and order[-1] is nodes[-1]
        assert all(place[id(p)] < place[id(n)] for n in order for p in n.parents)


def test_many_paths_are_not_walked_one_by_one():
    x = y = Value(1.0)
    for _ in range(60):                                   # 2^60 paths
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


def test_powers_at_the_edge():
    with pytest.raises(ValueError, match="not a real number: give a whole power"):
        Value(-2.0) ** 0.5                                # else a complex number, in silence
    assert (Value(-2.0) ** 3).data == -8
    x = Value(0.0)
    out = x**0
    out.backward()
    assert out.data == 1 and x.grad == 0
