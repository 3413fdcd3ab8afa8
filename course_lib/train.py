"""Train a PyTorch model: one loop for every lesson."""

import sys
import time
from contextlib import contextmanager

import torch
from torch.nn import functional as F


def choose_device(name=None):
    """The device to train on.

    Parameters
    ----------
    name : str, optional
        "cpu", "cuda" or "mps". By default a CUDA GPU where there is one, else the CPU. Apple's
        "mps" must be asked for: on it results differ in more than the last digits.

    Returns
    -------
    torch.device

    Raises
    ------
    ValueError
        If the device asked for is not there.

    Examples
    --------
    >>> choose_device("cpu")
    device(type='cpu')
    """
    available = {"cpu": True, "cuda": torch.cuda.is_available(),
                 "mps": torch.backends.mps.is_available()}
    name = name or ("cuda" if available["cuda"] else "cpu")
    if not available.get(name):
        found = ", ".join(n for n, is_there in available.items() if is_there)
        raise ValueError(f"there is no device {name!r} here: choose from {found}")
    return torch.device(name)


def fit(model, train_set, *, optimizer, epochs, batch_size=128, loss=F.cross_entropy,
        scheduler=None, max_norm=None, augment=None, test_set=None, seed=0, progress=True):
    """Train a model in mini-batches.

    Parameters
    ----------
    model : torch.nn.Module
        On the device where it is to be trained; the batches are moved there.
    train_set : tuple of torch.Tensor
        Inputs, then the target: ``(x, y)``, or ``(tokens, mask, y)``; the model gets all but the
        last. The first axis counts examples.
    optimizer : torch.optim.Optimizer
    epochs, batch_size : int
    loss : callable
        ``loss(output, target)``.
    scheduler : torch.optim.lr_scheduler.LRScheduler, optional
        Moved on after every batch.
    max_norm : float, optional
        Gradients are clipped to this global norm.
    augment : callable, optional
        Changes the first input of each batch.
    test_set : tuple of torch.Tensor, optional
        Its accuracy is measured after each pass.
    seed : int
        Of the batches' order, and of what PyTorch draws in training, as in dropout: PyTorch's own
        generator starts from it.
    progress : bool
        In a notebook, tell how far it is. The line ends as it began, so that outputs compare.

    Returns
    -------
    dict
        "loss", for each step; "accuracy" on the test set and "seconds" of training (without the
        test), for each pass.

    Raises
    ------
    ValueError
        If the tensors differ in length.
    FloatingPointError
        If the loss is no longer a finite number.
    """
    n = _length(train_set)
    if test_set is not None:
        _length(test_set)
    torch.manual_seed(seed)
    order = torch.Generator().manual_seed(seed)
    device = next(model.parameters()).device
    history = {"loss": [], "accuracy": [], "seconds": []}
    with progress_line(f"{epochs} passes over {n:,} examples", progress) as tell:
        for epoch in range(1, epochs + 1):
            began, losses = time.perf_counter(), []
            model.train()
            for batch in torch.randperm(n, generator=order).split(batch_size):
                *inputs, target = (tensor[batch].to(device) for tensor in train_set)
                if augment is not None:
                    inputs[0] = augment(inputs[0])
                value = loss(model(*inputs), target)
                _step(model, value, optimizer, scheduler, max_norm)
                losses.append(value.detach())             # no .item(): a GPU would have to wait
                tell(f"pass {epoch} of {epochs}, step {len(losses)} of {-(-n // batch_size)}")
            _record_epoch(history, losses, time.perf_counter() - began)
            if test_set is not None:
                history["accuracy"].append(evaluate(model, test_set))
    return history


def _step(model, value, optimizer, scheduler, max_norm):
    """One optimizer step on a loss, with clipping and a scheduler where they are given."""
    optimizer.zero_grad()
    value.backward()
    if max_norm is not None:
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    if scheduler is not None:
        scheduler.step()


def _length(tensors):
    """Number of examples in a set of tensors."""
    lengths = {len(tensor) for tensor in tensors}
    if len(lengths) != 1 or not min(lengths):
        raise ValueError(f"the tensors have {[len(t) for t in tensors]} examples: give tensors of "
                         "one length, at least 1")
    return lengths.pop()


def _record_epoch(history, losses, seconds):
    """Add an epoch to the history; raise if the loss has diverged."""
    losses = torch.stack(losses).tolist()
    history["loss"] += losses
    history["seconds"].append(seconds)
    bad = [k for k, value in enumerate(losses) if not abs(value) < float("inf")]
    if bad:
        raise FloatingPointError(f"the loss is {losses[bad[0]]} at step {bad[0] + 1} of this pass: "
                                 "lower the learning rate, or look for a division by zero")


@contextmanager
def progress_line(first, wanted):
    """A progress line in a notebook, updated at most twice a second; it ends as it began.

    Parameters
    ----------
    first : str
        What it says at the beginning and at the end.
    wanted : bool
        False: nothing is shown.

    Yields
    ------
    callable
        ``tell(text)``; outside a notebook it does nothing.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython and wanted else None
    if getattr(shell, "kernel", None) is None:
        yield lambda text: None
        return
    handle = ipython.display.display({"text/plain": first}, raw=True, display_id=True)
    last = time.monotonic()

    def tell(text):
        nonlocal last
        if time.monotonic() - last > 0.5:
            last = time.monotonic()
            handle.update({"text/plain": text}, raw=True)
    try:
        yield tell
    finally:
        handle.update({"text/plain": first}, raw=True)


@contextmanager
def evaluating(model):
    """A model in evaluation mode; afterwards the mode of each of its parts is restored.

    Parameters
    ----------
    model : torch.nn.Module
    """
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:                    # a frozen part stays frozen
            module.training = training


def predict(model, *inputs, batch_size=500):
    """A model's outputs in evaluation mode, batch by batch.

    Parameters
    ----------
    model : torch.nn.Module
    *inputs : torch.Tensor
        The first axis counts examples.
    batch_size : int

    Returns
    -------
    torch.Tensor
        On the CPU.

    Raises
    ------
    ValueError
        If the inputs differ in length, or are empty.
    """
    _length(inputs)
    device = next(model.parameters()).device
    with evaluating(model), torch.no_grad():
        batches = zip(*(tensor.split(batch_size) for tensor in inputs), strict=True)
        return torch.cat([model(*(t.to(device) for t in batch)).cpu() for batch in batches])


def evaluate(model, test_set, *, batch_size=500):
    """Accuracy: the share of examples whose class, the largest output, is right.

    Parameters
    ----------
    model : torch.nn.Module
    test_set : tuple of torch.Tensor
        Inputs, then the labels, of shape (N,).
    batch_size : int

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If there is not one label for each example.
    """
    *inputs, labels = test_set
    if labels.shape != (_length(test_set),):
        raise ValueError(f"labels have shape {tuple(labels.shape)}: give one class for each of "
                         f"{len(labels)} examples")
    return (predict(model, *inputs, batch_size=batch_size).argmax(dim=1) == labels).double() \
        .mean().item()
