"""Parameter groups for weight decay."""


def parameter_groups(named, *, weight_decay):
    """Two groups: matrices, with weight decay, and biases and norms, without.

    Parameters
    ----------
    named : iterable of (str, array)
        Names and parameters, as ``model.named_parameters()`` gives them; one that does not want a
        gradient is left out.
    weight_decay : float
        Of the first group.

    Returns
    -------
    list of dict
        Each with "params", a list, and "weight_decay", as the optimizers of PyTorch want it.

    Notes
    -----
    A parameter with fewer than two axes is a bias, or the scale or shift of a norm. To pull a scale
    towards 0 shrinks nothing that the next layer could not stretch again.

    Examples
    --------
    >>> import numpy as np
    >>> groups = parameter_groups([("W", np.ones((2, 3))), ("b", np.ones(3))], weight_decay=0.1)
    >>> [(len(g["params"]), g["weight_decay"]) for g in groups]
    [(1, 0.1), (1, 0.0)]
    """
    trained = [p for _, p in named if getattr(p, "requires_grad", True)]
    return [{"params": [p for p in trained if p.ndim > 1], "weight_decay": weight_decay},
            {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0}]
