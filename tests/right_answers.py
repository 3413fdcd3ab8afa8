"""Right answers, each written differently from the reference. test_checks.py wants all accepted."""

import numpy as np

from course_lib import layers
from course_lib.value import Value


def central_by_flat_index(f, x, *, h=1e-5):
    steps = h * np.eye(x.size).reshape(-1, *x.shape)
    return np.reshape([(f(x + s) - f(x - s)) / h / 2 for s in steps], x.shape)


def multiply_with_lambda(a, b):
    out = Value(a.data * b.data, (a, b), "*")

    def backward(dout):
        for one, other in ((a, b), (b, a)):
            one.grad = one.grad + dout * other.data
    out._backward = backward
    return out


def order_by_counting(root):
    """Kahn (1962): from the root down, a node once all its uses are listed."""
    uses, seen, stack = {}, {id(root)}, [root]
    while stack:
        for p in stack.pop().parents:
            uses[id(p)] = uses.get(id(p), 0) + 1
            if id(p) not in seen:
                seen.add(id(p))
                stack.append(p)
    order, ready = [], [root]
    while ready:
        node = ready.pop()
        order.append(node)
        for p in node.parents:
            uses[id(p)] -= 1
            if not uses[id(p)]:
                ready.append(p)
    return tuple(reversed(order))


def linear_by_loops(dout, cache):
    x, W = cache
    dx, dW, db = np.zeros(x.shape), np.zeros(W.shape), np.zeros(W.shape[1])
    for n in range(len(x)):
        for h in range(W.shape[1]):
            db[h] += dout[n, h]
            for d in range(W.shape[0]):
                dW[d, h] += x[n, d] * dout[n, h]
                dx[n, d] += W[d, h] * dout[n, h]
    return [dx, dW, db]


def linear_by_einsum(dout, cache):
    x, W = cache
    return (np.einsum("bh,dh->bd", dout, W), np.einsum("bd,bh->dh", x, dout),
            np.einsum("bh->h", dout))


def activation_by_where(dout, cache):
    name, kept = cache
    slopes = {"sigmoid": kept - kept * kept, "tanh": (1 - kept) * (1 + kept),
              "relu": np.where(kept > 0, 1, 0)}
    return slopes[name] * dout


def cross_entropy_by_loops(dout, cache):
    p, labels = cache
    rows = [[(p[n, c] - (c == labels[n])) * dout / len(p) for c in range(p.shape[1])]
            for n in range(len(p))]
    return rows                                           # a list of lists is as good as an array


def unbroadcast_by_reshape(grad, shape):
    padded = (1,) * (grad.ndim - len(shape)) + tuple(shape)
    axes = tuple(i for i in range(grad.ndim) if padded[i] == 1)
    return grad.sum(axis=axes, keepdims=True).reshape(shape)


def mlp_by_recursion(dout, cache):
    *below, (linear_cache, activation_cache) = cache
    if activation_cache is not None:
        dout = layers.activation_backward(dout, activation_cache)
    dx, dW, db = layers.linear_backward(dout, linear_cache)
    if not below:
        return dx, dW, db
    return *mlp_by_recursion(dx, below), dW, db


def mse_by_dot(prediction, *, target):
    e = (prediction - target).ravel()
    return e @ e / e.size, ((prediction - target) / (0.5 * e.size))


def line_by_matrix(theta, x, y):
    X = np.stack([np.ones_like(x), x])
    return [float(v) for v in 2 / len(x) * X @ (theta @ X - y)]


def stable_by_singular_values(X):
    return len(X) / np.linalg.svd(X, compute_uv=False)[0] ** 2


def standardise_by_columns(train, *others):
    out = tuple(np.empty_like(x) for x in (train, *others))
    for k in range(train.shape[1]):
        m = sum(train[:, k]) / len(train)
        s = (sum((train[:, k] - m) ** 2) / len(train)) ** 0.5
        for new, old in zip(out, (train, *others), strict=True):
            new[:, k] = (old[:, k] - m) / s
    return out


def minibatches_by_generator(n, batch_size, *, rng):
    left = list(range(n))
    rng.shuffle(left)
    while left:
        yield left[:batch_size]
        left = left[batch_size:]


def ridge_by_loops(theta, X, y, *, penalty):
    grad = []
    for d in range(len(theta)):
        slope = sum(2 * (X[n] @ theta - y[n]) * X[n, d] for n in range(len(y))) / len(y)
        grad.append(slope + (2 * penalty * theta[d] if d else 0))
    return grad


def folds_by_stride(n, k, *, rng):
    order = rng.permutation(n)
    return [[[i for j, i in enumerate(order) if j % k != f], order[f::k]] for f in range(k)]


def huber_by_cases(prediction, *, target, delta=1.0):
    loss, grad = 0.0, np.zeros(prediction.shape)
    for i in np.ndindex(prediction.shape):
        e = prediction[i] - target[i]
        if abs(e) < delta:
            loss, grad[i] = loss + e * e / 2, e
        else:
            loss, grad[i] = loss + delta * abs(e) - delta**2 / 2, delta * np.sign(e)
    return loss / prediction.size, grad / prediction.size


def momentum_in_other_units(param, grad, state, *, lr, momentum=0.9):
    step = momentum * state["step"] + lr * grad if state else lr * grad
    return param - step, {"step": step}


def rmsprop_by_update(param, grad, state, *, lr, alpha=0.99, eps=1e-8):
    s = state.get("mean square", np.zeros_like(grad))
    s = s + (1 - alpha) * (grad * grad - s)
    return param - grad * (lr / (s**0.5 + eps)), {"mean square": s}


def adam_with_products(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8):
    a, b = betas
    m, s, pa, pb = state.get("all", (0 * grad, 0 * grad, 1.0, 1.0))
    m, s, pa, pb = a * m + grad - a * grad, b * s + grad**2 - b * grad**2, pa * a, pb * b
    return param - lr * (m / (1 - pa)) / ((s / (1 - pb)) ** 0.5 + eps), {"all": (m, s, pa, pb)}


def adamw_from_adam(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    new, state = adam_with_products(param, grad, state, lr=lr, betas=betas, eps=eps)
    return new - lr * weight_decay * param, state


def warmup_by_min(step, *, lr, warmup_steps, total_steps):
    angle = max(0, step - warmup_steps) / (total_steps - warmup_steps) * np.pi
    return min(step / warmup_steps, 1.0) * lr * np.cos(angle / 2) ** 2


def clip_by_concatenation(grads, *, max_norm):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in grads]))
    return tuple(g / max(1.0, norm / max_norm) for g in grads), norm


def precision_by_sets(labels, predicted):
    is_one, said_one = ({i for i, v in enumerate(a) if v == 1} for a in (labels, predicted))
    p, r = (len(is_one & said_one) / len(s) for s in (said_one, is_one))
    return [p, r, 2 / (1 / p + 1 / r)]


def auc_by_ranks(labels, scores):
    ranks = np.array([(scores < s).sum() + ((scores == s).sum() + 1) / 2 for s in scores])
    n = (labels == 1).sum()
    return (ranks[labels == 1].sum() - n * (n + 1) / 2) / (n * (len(labels) - n))


ANSWERS = {
    "1.1": [central_by_flat_index],
    "1.2": [multiply_with_lambda],
    "1.3": [order_by_counting],
    "1.4": [linear_by_loops, linear_by_einsum],
    "1.5": [activation_by_where],
    "1.6": [cross_entropy_by_loops],
    "1.7": [unbroadcast_by_reshape],
    "1.8": [mlp_by_recursion],
    "2.1": [mse_by_dot],
    "2.2": [line_by_matrix],
    "2.3": [stable_by_singular_values],
    "2.4": [standardise_by_columns],
    "2.5": [minibatches_by_generator],
    "2.6": [ridge_by_loops],
    "2.7": [folds_by_stride],
    "2.8": [huber_by_cases],
    "3.1": [momentum_in_other_units],
    "3.2": [rmsprop_by_update],
    "3.3": [adam_with_products],
    "3.4": [adamw_from_adam],
    "3.5": [warmup_by_min],
    "3.6": [clip_by_concatenation],
    "3.7": [precision_by_sets],
    "3.8": [auc_by_ranks],
}
