"""Changes of a right answer that make no difference, and why; … stands for anything."""

OWN = "what the answer keeps for its own way back is not looked at"
SAME = "the same by another order"
LAST = "the same axis or entry, counted from the end"
ANY = "NumPy takes any negative size for the one that is left open"
SIGMOID = "its cache is its output"
EQUIVALENT = {
    ("1.1", "- def central_difference(f, x, *, h=1e-05): + def central_difference(f, x, *, "
     "h=-1e-05):"): "the difference is symmetric in h",
    ("1.1", "- grad = np.zeros_like(x) + grad = np.ones_like(x)"): "every entry is written to",
    ("1.2", "+ b.grad += a.data * dout - b.grad += a.data * dout"): SAME,
    ("1.3", "- stack.pop() + stack.pop()"): SAME,
    ("1.3", "+ order.append(node) - order.append(node)"): SAME,
    ("1.3", "- stack.append(waiting[0]) + stack.append(waiting[-1])"): "any that waits will do",
    ("1.3", "- if id(node) not in listed: + if True:"): "a path has no node twice",
    ("1.5", "+ if activation == 'tanh': + …- if activation == 'tanh': - …"): SAME,
    ("1.6", "- y = np.eye(p.shape[1])[labels] + y = np.eye(p.shape[-1])[labels]"): SAME,
    ("2.2", "…+ error = theta[0] + theta[-1] * x - y"): LAST,
    ("2.6", "- loss = np.where(np.abs(e) <= delta, …+ loss = np.where(np.abs(e) < delta, …"):
        "at delta both are the same",
    ("2.6", "…+ return (loss.mean(), np.clip(-delta, e, delta) / e.size)"): SAME,
    ("3.3", "- s =…betas[-1]…"): LAST,
    ("3.3", "…(1 - betas[-1] ** t)) + eps)"): LAST,
    ("3.6", "…+ factor = min(max_norm / norm, 1.0)"): SAME,
    ("4.2", "- return…+ return (out.reshape(len(x), len(kernels), *shape), (…))"): OWN,
    ("4.2", "…kernels.shape[-2:], **options)"): LAST,
    ("4.2", "…+ out = kernels.reshape(len(kernels), -2) @ …"): ANY,
    ("4.3", "…dout.shape[-2:]"): LAST,
    ("4.3", "…np.ndindex(kernels.shape[-2:]):"): LAST,
    ("4.3", "…dout.sum(axis=(2, 0, 3)))"): SAME,
    ("4.3", "…dout.sum(axis=(0, 3, 2)))"): SAME,
    ("4.3", "…dout.sum(axis=(0, -2, 3)))"): LAST,
    ("4.3", "…3 * p…"): "more room than is needed",
    ("4.4", "…+ out = view.max(axis=(5, 4))"): SAME,
    ("4.4", "…out.shape[-2:], stride=stride)"): LAST,
    ("4.5", "…+ axes, wide = ((*range(2, dout.ndim), 0), …"): SAME,
    ("4.5", "…+ scale, N = ((gamma / std).reshape(wide), dout.size / len(gamma))"): "it is whole",
    ("4.5", "…+ axes, wide = ((0, *range(2, dout.ndim)), (1, -2) + …"): ANY,
    ("4.6", "…np.pad(images, [(0, 1), …"): "one empty image more, that is not looked at",
    ("4.7", "- factor = (rng.random(x.shape) >= p) / (1 - p) + factor = (rng.random(x.shape) > p)"
     " / (1 - p)"): "a draw is p itself with probability 0",
    ("4.8", "…+ dout[np.arange(len(x)), labels] = -1"): "the absolute value is taken",
    ("5.3", "…+ dWx, dWh, db = (a + g for a, g in zip(grads, (dWx, dWh, db)))"): SAME,
    ("5.3", "+ dxs.append(dx) - dxs.append(dx)"): SAME,
    ("5.4", "- return…+ return ((o * shown, new_c), (…))"): OWN,
    ("5.4", "…axis=-1)"): LAST,
    ("5.4", "…+ i, f, o = (layers.sigmoid_forward(gate)[…1] for gate in (i, f, o))"): SIGMOID,
    ("5.5", "…+ dz = np.concatenate(dgates, axis=-1)"): LAST,
    ("5.6", "…axis=-1)"): LAST,
    ("5.6", "- r, z =…+ r, z = (…)[…1], …"): SIGMOID,
    ("5.6", "- r, z =…+ r, z = (…, layers.sigmoid_forward(az + uz)[…1])"): SIGMOID,
    ("6.1", "- scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]) + scores = q @ "
     "k.swapaxes(-2, -1) / np.sqrt(q.shape[-1])"): SAME,
    ("6.1", "- return…+ return (weights @ v, (…))"): OWN,
    ("6.1", "…np.where(total > 0, total, 2.0)"): "there the weights are 0",
    ("6.1", "…np.where(total > 0, total, -1.0)"): "there the weights are 0",
    ("6.1", "…np.where(total > 1, total, 1.0)"): "a total is at least 1, or it is 0",
    ("6.1", "…np.where(np.isfinite(top), top, …1.0))"): "exp(-inf - 1) is 0, too",
    ("6.3", "…transpose(0, -2, 1, 3)"): LAST,
    ("6.4", "…swapaxes(-2, -1)…"): SAME,
    ("6.5", "- out[:, 0::2], out[:, 1::2] = (np.sin(angles), np.cos(angles)) + out[:, ::2], "
     "out[:, 1::2] = (np.sin(angles), np.cos(angles))"): SAME,
    ("6.7", "- k, v =…axis=-2)…"): LAST,
    ("6.7", "…+ …[past[-1], v]…"): LAST,
    ("6.8", "+ how = rng.random(ids.shape) - how = rng.random(ids.shape)"): "a draw is a draw",
    ("6.8", "…(rng.random(ids.shape) <= share)…"): "a draw is that number with probability 0",
    ("6.8", "…(how <= 0.8)…"): "a draw is that number with probability 0",
    ("6.8", "…(how > 0.9)…"): "a draw is that number with probability 0",
    ("7.1", "+ pieces, start = ([], 0) - pieces, start = ([], 0)"): SAME,
    ("7.1", "+ start = end - start = end"): SAME,
    ("7.2", "- ids, mask = (np.full((B, T), pad_id), np.zeros((B, T), dtype=bool)) + ids, mask = "
     "(np.full((B, T), pad_id), np.zeros((B, T)))"): "a mask of 0 and 1 is taken",
    ("7.3", "…np.maximum(1, mask.sum(axis=1, keepdims=True))"): SAME,
    ("7.3", "…np.maximum(mask.sum(axis=-1, keepdims=True), 1)"): LAST,
    ("7.4", "…+ return lr * max((total_steps - step) / max(1, total_steps - warmup_steps), 0.0)"):
        SAME,
    ("7.4", "- return lr * max(0.0, (total_steps - step) / max(1, total_steps - warmup_steps)) + "
     "return lr * max(0.0, (total_steps - step) / max(total_steps - warmup_steps, 1))"): SAME,
    ("7.5", "…+ return [{'params': [p for p in parameters if p.ndim < 2], …0.0}, {…}]"):
        "the groups in either order",
    ("7.6", "…+ which = np.minimum(bins - 1, (confidence * bins).astype(int))"): SAME,
    ("7.6", "…+ confidence = probabilities.max(axis=-1)"): LAST,
    ("7.6", "…+ hit = probabilities.argmax(axis=-1) == labels"): LAST,
    ("7.8", "…sum(axis=-1).mean()"): LAST,
    ("7.8", "…(axis=-1, keepdims=True)…"): LAST,
}
