"""What the pairs' own proofs do not see: bad input, extreme values, broadcasting."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given

from course_lib import layers

A = np.zeros


@pytest.mark.parametrize("shapes", [
    ((4, 3), (2, 5), (5,)), ((4, 3), (3, 2), (3,)), ((3,), (3, 2), (2,)), ((4, 3), (3, 2), (1, 2)),
])
def test_linear_names_all_shapes(shapes):
    with pytest.raises(ValueError) as error:
        layers.linear_forward(*map(A, shapes))
    assert all(str(shape) in str(error.value) for shape in shapes)
    assert "give x (B, D)" in str(error.value)


@pytest.mark.parametrize("call", [
    lambda: layers.mse_forward(A((4, 1)), target=A(4)),
    lambda: layers.cross_entropy_forward(A((4, 3)), labels=np.zeros(3, int)),
    lambda: layers.binary_cross_entropy_forward(A((4, 1)), labels=A(4)),
    lambda: layers.unbroadcast(A((4, 3)), (4,)),
    lambda: layers.unbroadcast(A(3), (1, 3)),
])
def test_shapes_that_do_not_fit_are_named(call):
    with pytest.raises(ValueError, match=r"\(\d.*\(\d"):
        call()


@pytest.mark.parametrize("call", [
    lambda: layers.mse_forward(A(0), target=A(0)),
    lambda: layers.huber_forward(A((0, 2)), target=A((0, 2))),
    lambda: layers.cross_entropy_forward(A((0, 3)), labels=np.zeros(0, int)),
    lambda: layers.binary_cross_entropy_forward(A(0), labels=A(0)),
])
def test_an_empty_batch_has_no_mean(call):
    with pytest.raises(ValueError, match="at least"):
        call()


@pytest.mark.parametrize("labels", [[0, 2], [-5, 1], [0.5, 1.0]])
def test_binary_labels_are_0_or_1(labels):
    with pytest.raises(ValueError, match="must be 0 or 1"):
        layers.binary_cross_entropy_forward(A(2), labels=np.array(labels))


def test_the_upstream_gradient_of_a_linear_layer_has_its_outputs_shape():
    _, cache = layers.linear_forward(A((4, 3)), A((3, 2)), A(2))
    for shape in [(4, 3), (3, 2), (2,), (1, 2)]:          # two of them NumPy would multiply
        with pytest.raises(ValueError, match=r"dout has shape .* the output had \(4, 2\)"):
            layers.linear_backward(A(shape), cache)


def test_whole_numbers_do_not_wrap_round():
    zero, one = np.zeros(2, np.uint8), np.ones(2, np.uint8)
    assert layers.mse_and_grad(zero, target=one)[1].tolist() == [-1, -1]
    assert layers.huber_and_grad(zero, target=one)[0] == 0.5
    x = np.full((1, 300, 1), 100, np.uint8)
    assert layers.masked_mean_forward(x, mask=np.ones((1, 300)))[0] == 100


def test_float32_stays_float32():
    x, mask = np.ones((2, 3, 4), np.float32), np.ones((2, 3))
    assert layers.masked_mean_forward(x, mask=mask)[0].dtype == np.float32
    assert layers.mse_and_grad(x, target=x)[1].dtype == np.float32


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0], [0.0, 1.0]])
def test_labels_must_be_classes(labels):
    with pytest.raises(ValueError, match="whole numbers from 0 to 2"):
        layers.cross_entropy_forward(A((2, 3)), labels=np.array(labels))


def test_unknown_activation_lists_the_known():
    with pytest.raises(ValueError, match="'relu', 'sigmoid', 'tanh'"):
        layers.activation_forward(A(3), activation="swish")


def test_weights_come_in_pairs():
    with pytest.raises(ValueError, match="in pairs"):
        layers.mlp_forward(A((4, 3)), A((3, 2)))


def test_extreme_values_stay_finite():
    big = np.array([[-1e4, 0.0, 1e4]])
    with np.errstate(all="raise", under="ignore"):
        assert np.allclose(layers.sigmoid_forward(big)[0], [[0, 0.5, 1]])
        assert np.allclose(layers.softmax_forward(big)[0], [[0, 0, 1]])
        assert np.array_equal(layers.log_softmax(big), [[-2e4, -1e4, 0]])
        assert layers.cross_entropy_forward(big, labels=np.array([0]))[0] == 2e4
        loss, _ = layers.binary_cross_entropy_forward(big[0], labels=np.array([1.0, 0, 0]))
        assert np.isclose(loss, (2e4 + np.log(2)) / 3)


@given(hnp.mutually_broadcastable_shapes(num_shapes=1, base_shape=(3, 2, 4), max_dims=3))
def test_unbroadcast_is_the_adjoint_of_broadcasting(shapes):
    shape = shapes.input_shapes[0]
    rng = np.random.default_rng(0)
    x, grad = rng.standard_normal(shape), rng.standard_normal(shapes.result_shape)
    back = layers.unbroadcast(grad, shape)
    assert back.shape == shape
    # <broadcast(x), grad> = <x, unbroadcast(grad)> is what being the backward means
    assert np.isclose((np.broadcast_to(x, grad.shape) * grad).sum(), (x * back).sum())


def test_initialise_mlp_has_the_variance_it_promises():
    W, b = layers.initialise_mlp([400, 300], rng=np.random.default_rng(0))
    assert W.shape == (400, 300) and not b.any()
    assert abs(W.var() * 400 - 1) < 0.02                  # 120,000 draws: within 5 standard errors
    assert layers.initialise_mlp([2, 3], rng=np.random.default_rng(0), dtype=np.float32)[0].dtype \
        == np.float32


def test_relu_has_slope_0_at_0():
    assert layers.relu_backward(np.full(1, 3.0), np.zeros(1)) == 0
