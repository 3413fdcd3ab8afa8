"""Convolutional networks for images of 28 by 28 pixels."""

import torch
from torch import nn


def articles_cnn(classes=10):
    """The network of many introductions: three convolutions, two max-pools, a hidden layer.

    Parameters
    ----------
    classes : int

    Returns
    -------
    torch.nn.Sequential
        From (B, 1, 28, 28) to logits (B, classes). The softmax is in the loss.

    References
    ----------
    F. Chollet (2018), Deep Learning with Python, listing 5.1 and 5.2.
    """
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),              # (B, 32, 13, 13)
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),             # (B, 64, 5, 5)
        nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten(),                # (B, 576)
        nn.Linear(576, 64), nn.ReLU(), nn.Linear(64, classes),
    )


def fast_cnn(channels=(16, 32, 64), *, batch_norm=True, dropout=0.0, classes=10):
    """A network that learns MNIST in one epoch: each stage pools *before* its activation.

    Parameters
    ----------
    channels : (int, int, int)
        Of the three convolutions: one 5 by 5, two 3 by 3.
    batch_norm : bool
    dropout : float
        Share dropped before the last layer.
    classes : int

    Returns
    -------
    torch.nn.Sequential
        From (B, 1, 28, 28) to logits (B, classes).

    Raises
    ------
    ValueError
        If there are not three numbers of channels.
    """
    if len(channels) != 3:
        raise ValueError(f"channels are {channels}: give three numbers, one a convolution")
    layers, inputs = [], 1
    for k, outputs in enumerate(channels):
        size = 5 if k == 0 else 3
        # with batch norm a bias would be subtracted again at once
        layers += [nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=not batch_norm),
                   nn.MaxPool2d(2)]                       # 28 -> 14 -> 7 -> 3 pixels
        layers += [nn.BatchNorm2d(outputs)] if batch_norm else []
        layers += [nn.ReLU()]
        inputs = outputs
    layers += [nn.Flatten(), nn.Dropout(dropout), nn.Linear(9 * inputs, classes)]
    # how the numbers lie in memory, not what they are: on the CPU a third of the time is saved
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)
