"""Update rules. Results and options are those of torch.optim; only lr has no default.

In the states v is the velocity, m the mean of gradients, and s that of their squares: Adam's paper
writes v for it, torch exp_avg_sq.
"""

import numpy as np


def sgd(param, grad, state, *, lr, weight_decay=0.0):
    """One step of gradient descent.

    Parameters
    ----------
    param, grad : ndarray of the same shape
    state : dict
        Empty at the first step; here it stays so.
    lr : float
        Learning rate.
    weight_decay : float
        Factor of the L2 penalty's gradient, which is added to `grad`.

    Returns
    -------
    param : ndarray
    state : dict

    Examples
    --------
    >>> sgd(np.array([1.0]), np.array([2.0]), {}, lr=0.1)[0]
    array([0.8])
    """
    return param - lr * (grad + weight_decay * param), state


def momentum(param, grad, state, *, lr, momentum=0.9, weight_decay=0.0):
    """One step with momentum: the velocity v remembers past gradients.

    Polyak (1964), in the form v = μ v + g, θ = θ - lr v. See :func:`sgd` for the arguments.
    """
    grad = grad + weight_decay * param
    v = momentum * state.get("v", 0.0) + grad
    return param - lr * v, {"v": v}


def nesterov(param, grad, state, *, lr, momentum=0.9, weight_decay=0.0):
    """One step with Nesterov momentum: as if the gradient were taken one step ahead.

    Sutskever et al. (2013), On the importance of initialization and momentum in deep learning.
    """
    grad = grad + weight_decay * param
    v = momentum * state.get("v", 0.0) + grad
    return param - lr * (grad + momentum * v), {"v": v}


def adagrad(param, grad, state, *, lr, eps=1e-10, weight_decay=0.0):
    """One step of AdaGrad: each entry's step is divided by the size of all its past gradients.

    Duchi, Hazan & Singer (2011), Adaptive subgradient methods.
    """
    grad = grad + weight_decay * param
    s = state.get("s", 0.0) + grad**2
    return param - lr * grad / (np.sqrt(s) + eps), {"s": s}


def rmsprop(param, grad, state, *, lr, alpha=0.99, eps=1e-8, weight_decay=0.0):
    """One step of RMSProp: as AdaGrad, but old gradients fade.

    Tieleman & Hinton (2012), Neural Networks for Machine Learning, lecture 6e.
    """
    grad = grad + weight_decay * param
    s = alpha * state.get("s", 0.0) + (1 - alpha) * grad**2
    return param - lr * grad / (np.sqrt(s) + eps), {"s": s}


def adam(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
    """One step of Adam: momentum, scaled as in RMSProp, both corrected for their start at zero.

    Kingma & Ba (2015), Adam, algorithm 1.
    """
    beta1, beta2 = betas
    grad = grad + weight_decay * param
    t = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0.0) + (1 - beta1) * grad
    s = beta2 * state.get("s", 0.0) + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)                            # without these, the first step is
    s_hat = s / (1 - beta2**t)                            # (1-β1)/sqrt(1-β2) times as long
    return param - lr * m_hat / (np.sqrt(s_hat) + eps), {"t": t, "m": m, "s": s}


def adamw(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    """One step of AdamW: the weights decay directly, not through the gradient.

    Loshchilov & Hutter (2019), Decoupled weight decay regularization, algorithm 2.
    """
    shrunk = param * (1 - lr * weight_decay)
    stepped, state = adam(param, grad, state, lr=lr, betas=betas, eps=eps)
    return shrunk + (stepped - param), state
