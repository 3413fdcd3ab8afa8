"""Linear regression: gradients, the largest stable step, and the penalties of ridge and lasso."""

import numpy as np


def line_gradient(theta, x, y):
    """Gradient of the mean squared error of a straight line.

    Parameters
    ----------
    theta : ndarray of shape (2,)
        Intercept and slope: the prediction is theta[0] + theta[1] x.
    x, y : ndarray of shape (N,)

    Returns
    -------
    ndarray of shape (2,)

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> line_gradient(np.zeros(2), np.array([1.0, 2, 3, 4]), np.array([2.0, 4, 6, 8]))
    array([-10., -30.])
    """
    if np.shape(theta) != (2,) or np.shape(x) != np.shape(y) or np.ndim(x) != 1:
        raise ValueError(f"theta {np.shape(theta)}, x {np.shape(x)} and y {np.shape(y)} do not "
                         "fit: give (2,), (N,) and (N,)")
    error = theta[0] + theta[1] * x - y                   # (N,)
    return 2 * np.array([error.mean(), (error * x).mean()])


def line_path(theta, x, y, *, lr, batches):
    """Parameters of a line after each step of gradient descent.

    Parameters
    ----------
    theta : ndarray of shape (2,)
        Where to start.
    x, y : ndarray of shape (N,)
    lr : float
    batches : sequence of ndarray of int or slice
        For each step, the examples it looks at.

    Returns
    -------
    ndarray of shape (T + 1, 2)
        The start, then T steps.
    """
    path = [theta]
    for batch in batches:
        theta = theta - lr * line_gradient(theta, x[batch], y[batch])
        path.append(theta)
    return np.array(path)                                 # (T + 1, 2)


def mse_hessian(X):
    """Second derivatives of the mean squared error of X θ: 2 Xᵀ X / N, whatever the targets.

    Parameters
    ----------
    X : ndarray of shape (N, D)

    Returns
    -------
    ndarray of shape (D, D)
    """
    return 2 * X.T @ X / len(X)


def largest_stable_lr(X):
    """Learning rate above which gradient descent on the mean squared error diverges.

    Parameters
    ----------
    X : ndarray of shape (N, D)
        With its column of ones, if the model has an intercept.

    Returns
    -------
    float
        2 / λ, with λ the largest eigenvalue of :func:`mse_hessian`. LeCun et al. (1998), Efficient
        BackProp, section 5.1.

    Examples
    --------
    >>> largest_stable_lr(np.array([[1.0], [-1.0]]))
    1.0
    """
    return float(2 / np.linalg.eigvalsh(mse_hessian(X))[-1])


def ridge_gradient(theta, X, y, *, penalty):
    """Gradient of the mean squared error plus an L2 penalty on all but the intercept.

    Parameters
    ----------
    theta : ndarray of shape (D,)
        theta[0] is the intercept: the first column of X is ones.
    X : ndarray of shape (N, D)
    y : ndarray of shape (N,)
    penalty : float
        Factor of Σ theta[1:]².

    Returns
    -------
    ndarray of shape (D,)

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    if np.ndim(X) != 2 or theta.shape != X.shape[1:] or y.shape != X.shape[:1]:
        raise ValueError(f"theta {theta.shape}, X {np.shape(X)} and y {y.shape} do not fit: "
                         "give (D,), (N, D) and (N,)")
    grad = 2 * X.T @ (X @ theta - y) / len(y)             # (D,)
    shrink = 2 * penalty * theta
    shrink[0] = 0.0                                       # the mean of y is no sign of complexity
    return grad + shrink


def ridge(X, y, *, penalty):
    """Minimum of the loss whose gradient is :func:`ridge_gradient`, solved as least squares.

    The penalty is written as D more examples with target 0, which keeps the condition number
    small. Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, exercise
    3.12.

    Parameters
    ----------
    X : ndarray of shape (N, D)
        The first column is ones.
    y : ndarray of shape (N,)
    penalty : float
        Factor of Σ theta[1:]².

    Returns
    -------
    ndarray of shape (D,)
    """
    extra = np.sqrt(penalty * len(y)) * np.eye(X.shape[1])
    extra[0] = 0.0
    rows, targets = np.vstack([X, extra]), np.append(y, np.zeros(X.shape[1]))
    return np.linalg.lstsq(rows, targets, rcond=None)[0]


def soft_threshold(theta, amount):
    """Move every entry towards 0 by `amount`, and stop there.

    Parameters
    ----------
    theta : ndarray
    amount : float

    Returns
    -------
    ndarray of the shape of `theta`

    Examples
    --------
    >>> soft_threshold(np.array([3.0, -0.5, -2.0]), 1.0)
    array([ 2., -0., -1.])
    """
    return np.sign(theta) * np.maximum(np.abs(theta) - amount, 0.0)


def lasso(X, y, *, penalty, steps=2000):
    """Minimise the mean squared error plus `penalty` Σ |theta[1:]| by proximal gradient descent.

    After each step of gradient descent the entries are moved towards 0: Beck & Teboulle (2009), A
    fast iterative shrinkage-thresholding algorithm, equation 1.4.

    Parameters
    ----------
    X : ndarray of shape (N, D)
        The first column is ones.
    y : ndarray of shape (N,)
    penalty : float
    steps : int

    Returns
    -------
    ndarray of shape (D,)
    """
    theta, lr = np.zeros(X.shape[1]), largest_stable_lr(X) / 2
    for _ in range(steps):
        theta = theta - lr * 2 * X.T @ (X @ theta - y) / len(y)
        theta[1:] = soft_threshold(theta[1:], lr * penalty)
    return theta
