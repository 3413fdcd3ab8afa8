"""Make a trained classifier smaller or faster: fewer bits, fewer weights, fewer heads."""

import copy
import io
import time
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from course_lib.train import evaluating

from .loop import to_tensors
from .settings import Settings


def quantise(model):
    """Copy a model, with the weights of its linear layers in 8 bits.

    Activations are brought to 8 bits as they come, with a scale of their own each time; so nothing
    has to be calibrated. On the CPU only.

    References
    ----------
    B. Jacob et al. (2018), Quantization and training of neural networks for efficient
    integer-arithmetic-only inference.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")                   # "will move to torchao"
        return torch.ao.quantization.quantize_dynamic(
            copy.deepcopy(model).cpu().eval(), {nn.Linear}, dtype=torch.qint8, inplace=True)


def prune_weights(model, share):
    """Copy a model, with the smallest weights of each matrix of its blocks set to 0.

    Parameters
    ----------
    model : SentenceClassifier
    share : float
        Of each matrix, from 0 to 1.

    Returns
    -------
    SentenceClassifier
        As large and as slow as it was: zeros are stored and multiplied like other numbers.

    Raises
    ------
    ValueError
        If the share is not from 0 to 1.

    References
    ----------
    S. Han, J. Pool, J. Tran, W. Dally (2015), Learning both weights and connections.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}: give a number from 0 to 1")
    pruned = copy.deepcopy(model)
    with torch.no_grad():
        for matrix in (p for p in pruned.encoder.blocks.parameters() if p.ndim == 2):
            order = matrix.abs().flatten().argsort()
            matrix.view(-1)[order[:round(share * len(order))]] = 0.0
    return pruned


def head_importance(model, examples, *, batch_size=32):
    """How much the loss would change, to first order, if a head were taken away.

    Parameters
    ----------
    model : SentenceClassifier
    examples : list of (list of int, int)
    batch_size : int

    Returns
    -------
    ndarray of shape (layers, heads)

    References
    ----------
    P. Michel, O. Levy, G. Neubig (2019), Are sixteen heads really better than one?, section 4.1;
    the absolute value is taken for each batch here, not for each sentence.
    """
    total, device = 0.0, next(model.parameters()).device
    outs = [block.attention.out.weight for block in model.encoder.blocks]
    for start in range(0, len(examples), batch_size):
        chosen = range(start, min(start + batch_size, len(examples)))
        ids, mask, labels = to_tensors(examples, chosen, Settings(), device)
        with evaluating(model):
            loss = F.cross_entropy(model(ids, mask), labels)
        grads = torch.autograd.grad(loss, outs)
        # a gate g on a head scales its columns of W: dloss/dg = sum of W dloss/dW over them
        gates = [(w * g).sum(dim=0).view(block.attention.heads, -1).sum(dim=1)
                 for w, g, block in zip(outs, grads, model.encoder.blocks, strict=True)]
        total = total + torch.stack(gates).abs().detach().cpu().numpy()
    return total


def prune_heads(model, importance, share):
    """Copy a model without its least important heads; each layer keeps at least one.

    Parameters
    ----------
    model : SentenceClassifier
    importance : ndarray of shape (layers, heads)
    share : float
        Of all heads, from 0 to 1.

    Returns
    -------
    SentenceClassifier
        With smaller matrices: it is really smaller.

    Raises
    ------
    ValueError
        If the share is not from 0 to 1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}: give a number from 0 to 1")
    pruned, keep = copy.deepcopy(model), np.ones(importance.shape, dtype=bool)
    for place in np.argsort(importance, axis=None)[:round(share * importance.size)]:
        layer, head = np.unravel_index(place, importance.shape)
        keep[layer, head] = keep[layer].sum() == 1        # the last one stays
    for block, kept in zip(pruned.encoder.blocks, keep, strict=True):
        _keep_heads(block.attention, np.flatnonzero(kept))
    return pruned


def _keep_heads(attention, kept):
    """Cut the matrices of an attention layer down to some of its heads."""
    D = attention.qkv.in_features
    E = attention.out.in_features // attention.heads
    columns = torch.from_numpy((kept[:, None] * E + np.arange(E)).ravel())
    rows = torch.cat([columns + k * attention.heads * E for k in range(3)])
    qkv, out = nn.Linear(D, len(rows)), nn.Linear(len(columns), D)
    with torch.no_grad():
        qkv.weight.copy_(attention.qkv.weight[rows])
        qkv.bias.copy_(attention.qkv.bias[rows])
        out.weight.copy_(attention.out.weight[:, columns])
        out.bias.copy_(attention.out.bias)
    attention.qkv, attention.out, attention.heads = qkv, out, len(kept)


def distillation_loss(logits, target, *, temperature=2.0, alpha=0.5):
    """The loss of `course_lib.layers.distillation_forward`, in PyTorch.

    Parameters
    ----------
    logits : torch.Tensor of shape (B, C)
        The student's.
    target : torch.Tensor of shape (B, C + 1)
        The teacher's logits, then the label.
    temperature, alpha : float

    Returns
    -------
    torch.Tensor, a scalar
    """
    teacher, labels = target[:, :-1], target[:, -1].long()
    soft = F.kl_div((logits / temperature).log_softmax(1), (teacher / temperature).log_softmax(1),
                    reduction="batchmean", log_target=True)
    return alpha * temperature**2 * soft + (1 - alpha) * F.cross_entropy(logits, labels)


def megabytes(model):
    """Size of a model's weights on disk."""
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    return file.getbuffer().nbytes / 1e6


def latency(call, *, repeats=20):
    """Median time of a call, in milliseconds, after two that are not timed."""
    times = []
    for _ in range(repeats + 2):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return 1000 * float(np.median(times[2:]))
