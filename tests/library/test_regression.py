"""Regression against nudging, numpy and scikit-learn; preprocessing against scikit-learn."""

import numpy as np
import pytest
from sklearn import linear_model, preprocessing

from course_lib import gradcheck, layers, preprocess, regression


def drawn(seed=0, N=40, D=5):
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(N), rng.standard_normal((N, D - 1)) * np.arange(1, D)])
    return X, X @ rng.standard_normal(D) + rng.standard_normal(N), rng


def test_line_gradient_against_nudging():
    X, y, rng = drawn(D=2)
    theta = rng.standard_normal(2)

    def loss(t):
        return ((t[0] + t[1] * X[:, 1] - y) ** 2).mean()
    nudged = gradcheck.central_difference(loss, theta)
    assert gradcheck.relative_error(regression.line_gradient(theta, X[:, 1], y), nudged) < 1e-7


def test_hessian_is_the_derivative_of_the_gradient():
    X, y, rng = drawn()
    theta, H = rng.standard_normal(5), regression.mse_hessian(X)
    for k in range(5):
        row = gradcheck.central_difference(
            lambda t, k=k: regression.ridge_gradient(t, X, y, penalty=0.0)[k], theta)
        assert gradcheck.relative_error(H[k], row) < 1e-7


@pytest.mark.parametrize("seed", range(3))
def test_the_largest_stable_lr_is_where_descent_turns_over(seed):
    X, y, _ = drawn(seed)
    limit = regression.largest_stable_lr(X)

    def grows(lr):
        theta = np.zeros(5)
        for _ in range(2000):
            theta = theta - lr * regression.ridge_gradient(theta, X, y, penalty=0.0)
        return np.abs(theta).max() > 1e6
    assert grows(1.02 * limit) and not grows(0.98 * limit)


@pytest.mark.parametrize("penalty", [0.0, 0.1, 3.0])
def test_ridge_against_nudging_and_sklearn(penalty):
    X, y, rng = drawn()
    theta = rng.standard_normal(5)

    def loss(t):
        return ((X @ t - y) ** 2).mean() + penalty * (t[1:] ** 2).sum()
    nudged = gradcheck.central_difference(loss, theta)
    ours = regression.ridge_gradient(theta, X, y, penalty=penalty)
    assert gradcheck.relative_error(ours, nudged) < 1e-7
    solution = regression.ridge(X, y, penalty=penalty)
    assert np.abs(regression.ridge_gradient(solution, X, y, penalty=penalty)).max() < 1e-10
    theirs = linear_model.Ridge(alpha=penalty * len(y)).fit(X[:, 1:], y)   # sklearn: sum, not mean
    assert np.allclose(solution, [theirs.intercept_, *theirs.coef_])


@pytest.mark.parametrize("penalty", [0.1, 1.0, 5.0])
def test_lasso_against_sklearn(penalty):
    X, y, _ = drawn()
    theirs = linear_model.Lasso(alpha=penalty / 2, tol=1e-12).fit(X[:, 1:], y)   # ½ MSE there
    ours = regression.lasso(X, y, penalty=penalty, steps=5000)
    assert np.allclose(ours, [theirs.intercept_, *theirs.coef_], atol=1e-6)
    assert np.array_equal(ours[1:] == 0, theirs.coef_ == 0)


def test_standardise_uses_the_training_set_alone():
    X, _, rng = drawn()
    train, test = X[:30, 1:], X[30:, 1:] + 5
    scaler = preprocessing.StandardScaler().fit(train)
    ours = preprocess.standardise(train, test)
    assert np.allclose(ours[0], scaler.transform(train))
    assert np.allclose(ours[1], scaler.transform(test))
    with pytest.raises(ValueError, match=r"columns \[0\] are constant"):
        preprocess.standardise(X)


@pytest.mark.parametrize("column, says", [
    (np.full(7, 0.1), "constant"), (np.full(100, 5.7, np.float32), "constant"),   # std is not 0
    (np.array([1e-200, 2e-200]), "constant"),             # here it is: squares of 0
    (np.array([1.0, np.nan, 2.0]), "have a NaN"), (np.array([1.0, np.inf]), "an infinity")])
def test_standardise_refuses_a_column_that_has_no_scale(column, says):
    train = np.column_stack([np.arange(len(column), dtype=column.dtype), column])
    with pytest.raises(ValueError, match=rf"columns \[1\].*{says}"):
        preprocess.standardise(train)


@pytest.mark.parametrize("n, size", [(10, 3), (9, 3), (5, 8), (1, 1)])
def test_minibatches_deal_everything_out_once(n, size):
    rng = np.random.default_rng(0)
    batches = preprocess.minibatches(n, size, rng=rng)
    assert sorted(np.concatenate(batches)) == list(range(n))
    assert all(len(b) == size for b in batches[:-1]) and 1 <= len(batches[-1]) <= size
    if n > 5:
        again = preprocess.minibatches(n, size, rng=rng)
        assert not np.array_equal(np.concatenate(batches), np.concatenate(again))


@pytest.mark.parametrize("n, k", [(10, 3), (7, 7), (12, 4)])
def test_k_fold_validates_everything_once(n, k):
    folds = preprocess.k_fold(n, k, rng=np.random.default_rng(0))
    assert len(folds) == k and sorted(np.concatenate([v for _, v in folds])) == list(range(n))
    for train, valid in folds:
        assert sorted([*train, *valid]) == list(range(n)) and n // k <= len(valid) <= n // k + 1


@pytest.mark.parametrize("call, says", [
    (lambda: regression.line_gradient(np.zeros(2), np.zeros((3, 1)), np.zeros(3)), r"\(3, 1\)"),
    (lambda: regression.ridge_gradient(np.zeros(2), np.zeros((3, 4)), np.zeros(3), penalty=1.0),
     r"\(3, 4\)"),
    (lambda: preprocess.minibatches(3, 0, rng=np.random.default_rng(0)), "at least 1"),
    (lambda: preprocess.k_fold(3, 4, rng=np.random.default_rng(0)), "from 2 to 3"),
    (lambda: layers.huber_forward(np.zeros((3, 1)), target=np.zeros(3)), r"\(3, 1\)"),
])
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
