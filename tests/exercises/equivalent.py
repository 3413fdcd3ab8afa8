"""Changes of a right answer that make no difference, and why."""

OWN = "what the answer keeps for its own way back is not looked at"
SAME = "the same by another order"
EQUIVALENT = {
    ("1.1", "- def central_difference(f, x, *, h=1e-05): + def central_difference(f, x, *, "
     "h=-1e-05):"): "the difference is symmetric in h",
    ("1.1", "- grad = np.zeros_like(x) + grad = np.ones_like(x)"): "every entry is written to",
    ("1.3", "- stack.append(waiting[0]) + stack.append(waiting[-1])"): "any that waits will do",
    ("1.3", "- if id(node) not in listed: + if True:"): "a path has no node twice",
    ("1.6", "- y = np.eye(p.shape[1])[labels] + y = np.eye(p.shape[-1])[labels]"): SAME,
    ("4.2", "- return (out.reshape(len(x), len(kernels), *shape), (columns, kernels, x.shape, "
     "options)) + return (out.reshape(len(x), len(kernels), *shape), (columns, kernels, options, "
     "x.shape))"): OWN,
    ("4.7", "- factor = (rng.random(x.shape) >= p) / (1 - p) + factor = (rng.random(x.shape) > p)"
     " / (1 - p)"): "a draw is p itself with probability 0",
    ("5.4", "- i, f, o = (layers.sigmoid_forward(gate)[0] for gate in (i, f, o)) + i, f, o = "
     "(layers.sigmoid_forward(gate)[1] for gate in (i, f, o))"): "its cache is its output",
    ("5.6", "- r, z = (layers.sigmoid_forward(ar + ur)[0], layers.sigmoid_forward(az + uz)[0]) + "
     "r, z = (layers.sigmoid_forward(ar + ur)[1], layers.sigmoid_forward(az + uz)[0])"):
        "its cache is its output",
    ("5.6", "+ ur, uz, un = np.split(h @ Wh + bh, 3, axis=1) - ur, uz, un = np.split(h @ Wh + bh, "
     "3, axis=1)"): SAME,
    ("6.1", "- return (weights @ v, (q, k, v, weights)) + return (weights @ v, (q, v, k, "
     "weights))"): OWN,
    ("6.1", "- weights = weights / np.where(total > 0, total, 1.0) + weights = weights / "
     "np.where(total > 0, total, 2.0)"): "there the weights are 0",
    ("6.1", "- scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]) + scores = q @ "
     "k.swapaxes(-2, -1) / np.sqrt(q.shape[-1])"): SAME,
    ("6.4", "- dv = weights.swapaxes(-1, -2) @ dout + dv = weights.swapaxes(-2, -1) @ dout"): SAME,
    ("6.5", "- out[:, 0::2], out[:, 1::2] = (np.sin(angles), np.cos(angles)) + out[:, ::2], "
     "out[:, 1::2] = (np.sin(angles), np.cos(angles))"): SAME,
    ("7.2", "- ids, mask = (np.full((B, T), pad_id), np.zeros((B, T), dtype=bool)) + ids, mask = "
     "(np.full((B, T), pad_id), np.zeros((B, T)))"): "a mask of 0 and 1 is taken",
    ("7.4", "- return lr * max(0.0, (total_steps - step) / max(1, total_steps - warmup_steps)) + "
     "return lr * max(0.0, (total_steps - step) / max(total_steps - warmup_steps, 1))"): SAME,
}
