"""Fully connected networks."""

from torch import nn


def mlp(sizes):
    """Linear layers with ReLU between them.

    Parameters
    ----------
    sizes : sequence of int
        Width of the input, of each hidden layer, of the output.

    Returns
    -------
    torch.nn.Sequential
        From (B, ...), flattened to (B, sizes[0]), to (B, sizes[-1]).

    Raises
    ------
    ValueError
        If there are fewer than two sizes.
    """
    if len(sizes) < 2:
        raise ValueError(f"sizes are {sizes}: give at least those of the input and the output")
    layers = [nn.Flatten()]
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def count_parameters(model):
    """Number of trainable parameters.

    Parameters
    ----------
    model : torch.nn.Module

    Returns
    -------
    int

    Examples
    --------
    >>> count_parameters(mlp([784, 10]))
    7850
    """
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
