"""Right answers, each written differently from the reference. test_checks.py wants all accepted."""

import numpy as np

from course_lib import conv, layers
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
    rising = min(step / warmup_steps, 1.0) if warmup_steps else 1.0
    return rising * lr * np.cos(angle / 2) ** 2


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


def size_by_counting(size, kernel_size, *, stride=1, padding=0, dilation=1):
    starts = range(-padding, size + padding - dilation * (kernel_size - 1), stride)
    return sum(1 for _ in starts)


def conv_by_loops(x, kernels, b, *, stride=1, padding=0, dilation=1):
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    K = kernels.shape[2:]
    OH, OW = (conv.output_size(n, k, stride=stride, dilation=dilation)
              for n, k in zip(x.shape[2:], K, strict=True))
    out = np.zeros((len(x), len(kernels), OH, OW))
    for n, o, v, u in np.ndindex(out.shape):
        out[n, o, v, u] = b[o] + sum(
            x[n, c, v * stride + i * dilation, u * stride + j * dilation] * kernels[o, c, i, j]
            for c, i, j in np.ndindex(kernels.shape[1:]))
    return out                                            # the cache is the answer's own business


def conv_by_einsum(x, kernels, b, **options):
    view = conv.windows(x, kernels.shape[2:], **options)
    return np.einsum("bcyxij,ocij->boyx", view, kernels) + b[:, None, None], view


def conv_backward_by_loops(dout, cache):
    columns, kernels, (B, C, H, W), options = cache
    p, s, d = options["padding"], options["stride"], options["dilation"]
    dx, dkernels, db = np.zeros((B, C, H + 2 * p, W + 2 * p)), np.zeros(kernels.shape), 0
    patches = columns.reshape(B, *kernels.shape[1:], *dout.shape[2:])
    for n, o, v, u in np.ndindex(dout.shape):
        db = db + dout[n, o, v, u] * np.eye(len(kernels))[o]
        dkernels[o] += dout[n, o, v, u] * patches[n, ..., v, u]
        for i, j in np.ndindex(kernels.shape[2:]):
            dx[n, :, v * s + i * d, u * s + j * d] += dout[n, o, v, u] * kernels[o, :, i, j]
    return dx[..., p:p + H, p:p + W], dkernels, db


def max_pool_by_loops(x, dout, *, kernel_size, stride=None):
    stride, out, dx = stride or kernel_size, np.zeros(dout.shape), np.zeros(x.shape)
    for n, c, v, u in np.ndindex(dout.shape):
        window = x[n, c, v * stride:v * stride + kernel_size, u * stride:u * stride + kernel_size]
        out[n, c, v, u] = window.max()
        i, j = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, v * stride + i, u * stride + j] += dout[n, c, v, u]
    return [out, dx]


def batch_norm_by_steps(dout, cache):
    """Channel by channel, back through variance and mean one after the other."""
    x_hat, gamma, std, fixed = cache
    dx, dgamma, dbeta = np.zeros(dout.shape), [], []
    for c in range(len(gamma)):
        d, h = dout[:, c], x_hat[:, c]
        dgamma.append((d * h).sum())
        dbeta.append(d.sum())
        dh = d * gamma[c]
        if not fixed:
            dvar = (dh * h * std[c]).sum() * -0.5 / std[c]**3
            dmean = -dh.sum() / std[c]
            dx[:, c] = dh / std[c] + dvar * 2 * h * std[c] / h.size + dmean / h.size
        else:
            dx[:, c] = dh / std[c]
    return dx, dgamma, dbeta


def shift_by_loop(images, *, max_shift, rng):
    out = np.zeros_like(images)
    H, W = images.shape[1:]
    for n, image in enumerate(images):
        down, right = rng.integers(-max_shift, max_shift, 2, endpoint=True)
        for i, j in np.ndindex(H, W):
            if 0 <= i - down < H and 0 <= j - right < W:
                out[n, i, j] = image[i - down, j - right]
    return out


def dropout_by_choice(x, dout, *, p, rng):
    factor = rng.choice([0.0, 1 / (1 - p)], size=x.shape, p=[p, 1 - p])
    return [factor * x, factor * dout]


def dropout_by_binomial(x, dout, *, p, rng):
    keep = rng.binomial(1, 1 - p, x.shape).astype(bool)
    return np.where(keep, x, 0) / (1 - p), np.where(keep, dout, 0) / (1 - p)


def saliency_one_by_one(x, labels, *, forward, backward):
    maps = []
    for image, label in zip(x, labels, strict=True):
        logits, cache = forward(image[None])
        dx = backward(np.eye(logits.shape[1])[[label]], cache)[0]
        maps.append(np.maximum(dx.max(axis=0), -dx.min(axis=0)))
    return maps


def rnn_step_by_tanh_pair(x, h, Wx, Wh, b, dout):
    """One linear layer on x and h side by side, then tanh."""
    both, W = np.concatenate([x, h], axis=1), np.concatenate([Wx, Wh])
    z, linear = layers.linear_forward(both, W, b)
    out, cache = layers.tanh_forward(z)
    dboth, dW, db = layers.linear_backward(layers.tanh_backward(dout, cache), linear)
    D = x.shape[1]
    return [out, dboth[:, :D], dboth[:, D:], dW[:D], dW[D:], db]


def rnn_backward_by_recursion(dout, cache):
    doutputs, dlast = dout
    if not cache:
        return doutputs, dlast, 0, 0, 0
    *before, (x, h, Wx, Wh, out) = cache
    dz = (doutputs[:, -1] + dlast) * (1 - out) * (1 + out)
    dx, dh, *others = rnn_backward_by_recursion((doutputs[:, :-1], dz @ Wh.T), before)
    dxt = np.einsum("bh,dh->bd", dz, Wx)[:, None]
    dx = np.concatenate([dx, dxt], axis=1) if before else dxt
    mine = np.einsum("bd,bh->dh", x, dz), np.einsum("bg,bh->gh", h, dz), dz.sum(axis=0)
    return dx, dh, *(a + m for a, m in zip(others, mine, strict=True))


def lstm_step_by_columns(x, h, c, Wx, Wh, b):
    H = h.shape[1]
    z = np.concatenate([x, h], axis=1) @ np.concatenate([Wx, Wh]) + b
    i, f, o = (1 / (1 + np.exp(-z[:, k * H:(k + 1) * H])) for k in (0, 1, 3))
    c = f * c + i * np.tanh(z[:, 2 * H:3 * H])
    return [o * np.tanh(c), c], "a cache"


def lstm_step_backward_by_pairs(dout, cache):
    """Gate by gate, each with its own weights."""
    dh, dc = dout
    x, h, c, Wx, Wh, i, f, g, o, shown = cache
    H = h.shape[1]
    dc = dc + layers.tanh_backward(dh * o, shown)
    dgates = [layers.sigmoid_backward(dc * g, i), layers.sigmoid_backward(dc * c, f),
              layers.tanh_backward(dc * i, g), layers.sigmoid_backward(dh * shown, o)]
    dx, dold = (sum(d @ W[:, k * H:(k + 1) * H].T for k, d in enumerate(dgates)) for W in (Wx, Wh))
    dWx, dWh = (np.hstack([a.T @ d for d in dgates]) for a in (x, h))
    return dx, dold, f * dc, dWx, dWh, np.hstack([d.sum(axis=0) for d in dgates])


def gru_step_by_difference(x, h, Wx, Wh, bx, bh):
    H = h.shape[1]
    a, u = x @ Wx + bx, h @ Wh + bh
    gates = 1 / (1 + np.exp(-(a + u)[:, :2 * H]))
    n = np.tanh(a[:, 2 * H:] + gates[:, :H] * u[:, 2 * H:])
    return n + gates[:, H:] * (h - n)


def perplexity_by_bits(p):
    return 2 ** (-np.log2(p).sum() / len(p))


def sample_by_gumbel(logits, *, temperature=1.0, rng):
    return np.argmax(logits / temperature + rng.gumbel(size=len(logits)))


def sample_by_interval(logits, *, temperature=1.0, rng):
    z = logits / temperature
    ends = np.cumsum(np.exp(z - z.max()))
    return int(np.searchsorted(ends, rng.random() * ends[-1], side="right"))


def mask_by_rows(lengths, T):
    return [[t < length for t in range(T)] for length in lengths]


def attention_by_loops(q, k, v, *, mask=None):
    """Query by query, with a list of the keys that it may look at."""
    out = np.zeros((*q.shape[:-1], v.shape[-1]))
    allowed = np.ones((*q.shape[:-1], k.shape[-2]), bool) if mask is None else \
        np.broadcast_to(mask, (*q.shape[:-1], k.shape[-2]))
    for place in np.ndindex(q.shape[:-1]):
        front, seen = place[:-1], np.flatnonzero(allowed[place])
        if len(seen):
            scores = k[front][seen] @ q[place] / len(q[place])**0.5
            e = np.exp(scores - scores.max())
            out[place] = e @ v[front][seen] / e.sum()
    return out


def attention_backward_by_einsum(dout, cache):
    q, k, v, w = cache
    dw = np.einsum("...tf,...sf->...ts", dout, v)
    ds = (w * dw - w * np.einsum("...ts,...ts->...t", w, dw)[..., None]) * q.shape[-1]**-0.5
    return (np.einsum("...ts,...se->...te", ds, k), np.einsum("...ts,...te->...se", ds, q),
            np.einsum("...ts,...tf->...sf", w, dout))


def mask_by_conditions(lengths, T, *, causal):
    return [[[[s < n and (s <= t or not causal) for s in range(T)] for t in range(T)]]
            for n in lengths]


def heads_by_split(x, heads):
    return np.stack(np.split(x, heads, axis=2), axis=1)


def positions_by_numbers(T, D, *, base=10_000.0):
    return [[(np.cos if d % 2 else np.sin)(t * np.exp(-np.log(base) * (d - d % 2) / D))
             for d in range(D)] for t in range(T)]


def layer_norm_by_steps(dout, cache):
    """Back through variance and mean one after the other, row by row."""
    x_hat, gamma, std = cache
    D = len(gamma)
    flat, h, s = dout.reshape(-1, D), x_hat.reshape(-1, D), std.reshape(-1)
    dx = np.zeros_like(flat)
    for r in range(len(flat)):
        dh = flat[r] * gamma
        centred = h[r] * s[r]
        dvar = -0.5 * (dh * centred).sum() / s[r]**3
        dcentred = dh / s[r] + 2 * dvar * centred / D
        dx[r] = dcentred - dcentred.mean()
    return dx.reshape(dout.shape), (flat * h).sum(axis=0), flat.sum(axis=0)


def tokens_by_choice(ids, *, mask_id, V, rng, share=0.15, special=()):
    """Token by token."""
    inputs, targets = ids.copy(), np.full_like(ids, -100)
    for place in zip(*np.nonzero(~np.isin(ids, special)), strict=True):
        if rng.random() < share:
            targets[place] = ids[place]
            inputs[place] = rng.choice([mask_id, rng.integers(V), ids[place]], p=[0.8, 0.1, 0.1])
    return [inputs, targets]


def step_by_whole_attention(x, past, Wqkv, bqkv, Wo, bo, *, heads):
    """Head by head, with plain matrix products."""
    D = x.shape[2]
    E, kept, outs = D // heads, ([], []), []
    for n in range(heads):
        columns = [slice(p * D + n * E, p * D + (n + 1) * E) for p in range(3)]
        q, k, v = (x @ Wqkv[:, c] + bqkv[c] for c in columns)         # (B, 1, E)
        if past is not None:
            k, v = np.hstack([past[0][:, n], k]), np.hstack([past[1][:, n], v])
        e = np.exp(q @ k.transpose(0, 2, 1) / E**0.5)
        outs.append(e / e.sum(axis=2, keepdims=True) @ v)
        kept[0].append(k)
        kept[1].append(v)
    return np.concatenate(outs, axis=2) @ Wo + bo, [np.stack(part, axis=1) for part in kept]


def wordpiece_by_recursion(word, vocabulary, *, unknown="[UNK]", longest=100):
    def rest(left, mark):
        if not left:
            return []
        fits = [n for n in range(1, len(left) + 1) if mark + left[:n] in vocabulary]
        after = rest(left[fits[-1]:], "##") if fits else None
        return None if after is None else [mark + left[:fits[-1]], *after]
    pieces = None if len(word) > longest else rest(word, "")
    return (unknown,) if pieces is None else tuple(pieces)


def collate_by_lists(examples, *, pad_id=0):
    T = max(len(ids) for ids, _ in examples)
    ids = [[*row, *[pad_id] * (T - len(row))] for row, _ in examples]
    mask = [[1] * len(row) + [0] * (T - len(row)) for row, _ in examples]
    return np.array(ids), np.array(mask), np.array([y for _, y in examples])


def collate_by_padding(examples, *, pad_id=0):
    rows, labels = zip(*examples, strict=True)
    lengths = np.array([len(r) for r in rows])
    T = lengths.max()
    ids = np.stack([np.pad(np.array(r, dtype=int), (0, T - len(r)), constant_values=pad_id)
                    for r in rows])
    return ids, np.arange(T) < lengths[:, None], np.asarray(labels)


def mean_by_einsum(x, dout, *, mask):
    weights = mask / np.maximum(mask.sum(axis=1, keepdims=True), 1)
    return np.einsum("bt,btd->bd", weights, x), np.einsum("bt,bd->btd", weights, dout)


def mean_by_loops(x, dout, *, mask):
    out, dx = np.zeros_like(dout), np.zeros_like(x)
    for b, row in enumerate(mask):
        if row.any():
            out[b] = x[b][row].mean(axis=0)
            dx[b][row] = dout[b] / row.sum()
    return out, dx


def linear_by_interp(step, *, lr, warmup_steps, total_steps):
    if not warmup_steps:
        return float(np.interp(step, [0, total_steps], [lr, 0.0]))
    return np.interp(step, [0, warmup_steps, total_steps], [0.0, lr, 0.0])


def groups_by_shape(named, *, weight_decay):
    found = {True: [], False: []}
    for _, p in named:
        found[len(p.shape) >= 2].append(p)
    return [{"params": found[False], "weight_decay": 0},
            {"weight_decay": weight_decay, "params": found[True]}]


def error_by_masks(labels, probabilities, *, bins=10):
    confidence, total = probabilities.max(axis=1), 0.0
    edges = np.linspace(0, 1, bins + 1)
    for low, high in zip(edges, edges[1:], strict=False):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            hits = (probabilities[inside].argmax(axis=1) == labels[inside]).mean()
            total += inside.sum() * abs(hits - confidence[inside].mean())
    return total / len(labels)


def distillation_by_rows(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    def log_softmax(z):
        return z - z.max() - np.log(np.exp(z - z.max()).sum())
    B, loss, grad = len(logits), 0.0, np.zeros(logits.shape)
    for k in range(B):
        log_q, log_p = log_softmax(logits[k] / temperature), log_softmax(teacher[k] / temperature)
        loss += alpha * temperature**2 * (np.exp(log_p) @ (log_p - log_q)) / B
        loss -= (1 - alpha) * log_softmax(logits[k])[labels[k]] / B
        hard = np.exp(log_softmax(logits[k]))
        hard[labels[k]] -= 1
        grad[k] = (alpha * temperature * (np.exp(log_q) - np.exp(log_p)) + (1 - alpha) * hard) / B
    return loss, grad


def buckets_by_chunks(lengths, batch_size, *, rng, window=20):
    order = list(range(len(lengths)))
    rng.shuffle(order)
    batches = []
    while order:
        part, order = order[:window * batch_size], order[window * batch_size:]
        part.sort(key=lambda k: -lengths[k])
        while part:
            batches.append(part[:batch_size])
            part = part[batch_size:]
    rng.shuffle(batches)
    return batches


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
    "2.6": [huber_by_cases],
    "2.7": [folds_by_stride],
    "2.8": [ridge_by_loops],
    "3.1": [momentum_in_other_units],
    "3.2": [rmsprop_by_update],
    "3.3": [adam_with_products],
    "3.4": [adamw_from_adam],
    "3.5": [warmup_by_min],
    "3.6": [clip_by_concatenation],
    "3.7": [precision_by_sets],
    "3.8": [auc_by_ranks],
    "4.1": [size_by_counting],
    "4.2": [conv_by_loops, conv_by_einsum],
    "4.3": [conv_backward_by_loops],
    "4.4": [max_pool_by_loops],
    "4.5": [batch_norm_by_steps],
    "4.6": [shift_by_loop],
    "4.7": [dropout_by_choice, dropout_by_binomial],
    "4.8": [saliency_one_by_one],
    "5.1": [perplexity_by_bits],
    "5.2": [rnn_step_by_tanh_pair],
    "5.3": [rnn_backward_by_recursion],
    "5.4": [lstm_step_by_columns],
    "5.5": [lstm_step_backward_by_pairs],
    "5.6": [gru_step_by_difference],
    "5.7": [sample_by_gumbel, sample_by_interval],
    "5.8": [mask_by_rows],
    "6.1": [attention_by_loops],
    "6.2": [mask_by_conditions],
    "6.3": [heads_by_split],
    "6.4": [attention_backward_by_einsum],
    "6.5": [positions_by_numbers],
    "6.6": [layer_norm_by_steps],
    "6.7": [step_by_whole_attention],
    "6.8": [tokens_by_choice],
    "7.1": [wordpiece_by_recursion],
    "7.2": [collate_by_lists, collate_by_padding],
    "7.3": [mean_by_einsum, mean_by_loops],
    "7.4": [linear_by_interp],
    "7.5": [groups_by_shape],
    "7.6": [error_by_masks],
    "7.7": [buckets_by_chunks],
    "7.8": [distillation_by_rows],
}
