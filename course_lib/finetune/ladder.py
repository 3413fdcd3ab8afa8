"""How fast training is: a ladder of settings, each rung measured in the same way."""

import copy
import re
import time
from dataclasses import replace
from typing import NamedTuple

import torch

from .loop import make_tools, release_memory, training_steps
from .settings import Settings

# Highest rate of products in bf16 (T4, V100: fp16) without sparsity, in 10^12 operations a second,
# from NVIDIA's data sheets. Looked for in the name of the device, in this order.
PEAKS = {"H200": 989.4, "H100 NVL": 835.0, "H100 PCIe": 756.0, "H100": 989.4, "A100": 312.0,
         "L40S": 362.0, "A10": 125.0, "L4": 121.0, "T4": 65.0, "V100": 125.0}


class Measured(NamedTuple):
    """What a rung gave.

    `rate`: real tokens a second. `padding`: share of the places. `megabytes`: at the peak on a GPU;
    on a CPU what is kept for the backward pass. `peak_share`: of `PEAKS`; None where that is not
    known.
    """

    rate: float
    padding: float
    megabytes: float
    peak_share: float | None


def rungs(device, *, batch_size=8):
    """Rungs, each with one more thing than the one before: a list of (name, Settings).

    The first is what `transformers.Trainer` does unless it is told otherwise, with every sentence
    padded to 128: batches of 8, float32, AdamW in one kernel where it can be.

    Parameters
    ----------
    device : torch.device
        fp16 instead of bf16 on a GPU without bf16 products. Rungs that only a GPU gains from are
        left out on a CPU.
    batch_size : int
        Of the first rungs; the last one has 32 times as many where there is a GPU.
    """
    settings = Settings(epochs=1, batch_size=batch_size, micro_batch=batch_size, pad_to=128,
                        buckets=False, packed=False, fused=True)
    rungs = [("float32, padded to 128", settings)]

    def add(name, **changes):
        rungs.append((name, replace(rungs[-1][1], **changes)))
    add("padded to the longest of the batch", pad_to=None)
    add("sentences of about one length together", buckets=True)
    if device.type == "cuda":
        bf16 = torch.cuda.get_device_capability(device)[0] >= 8
        add("bf16 products" if bf16 else "fp16 products", precision="bf16" if bf16 else "fp16")
    add("padding left out", packed=True)
    if device.type == "cuda":
        add("larger batches", batch_size=32 * batch_size, micro_batch=32 * batch_size)
        add("torch.compile", compiled=True)
    return rungs


def flops_per_token(model):
    """Multiplications and additions for one real token, forward and backward.

    Six for each weight of the blocks: a product and a sum, once forward and twice backward (Kaplan
    et al., 2020, section 2.1). Attention's own products, few at short lengths, are not counted.
    """
    return 6 * sum(p.numel() for p in model.encoder.blocks.parameters() if p.ndim > 1)


def measure(model, examples, settings, *, steps=20, warm=3):
    """Train for some steps and measure.

    Parameters
    ----------
    model : SentenceClassifier
        On its device; it is trained, so give a copy.
    examples : list of (list of int, int)
    settings : Settings
    steps, warm : int
        Steps that are timed; steps before them that are not (a compiler, a cache).

    Returns
    -------
    Measured

    Raises
    ------
    ValueError
        If the examples do not last for so many steps, or there are none.
    """
    device = next(model.parameters()).device
    if warm < 1 or steps < 1:
        raise ValueError(f"warm is {warm} and steps {steps}: give at least 1 of each")
    if len(examples) * settings.epochs < (warm + steps) * settings.batch_size:
        raise ValueError(f"{len(examples)} sentences do not last for {warm + steps} steps of "
                         f"{settings.batch_size}: give more, or raise epochs")
    tools = make_tools(model, settings)
    running, tokens, places = training_steps(tools, examples), 0, 0
    with (kept := saved_for_backward()):
        next(running)
    for _ in range(warm - 1):
        next(running)
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
    began = time.perf_counter()
    for _ in range(steps):
        _, _, real, all_places = next(running)
        tokens, places = tokens + real, places + all_places
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    rate = tokens / (time.perf_counter() - began)
    running.close()
    peak = peak_flops(device)
    most = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else kept.most
    del tools, running
    release_memory()
    return Measured(rate, 1 - tokens / places, most / 1e6,
                    rate * flops_per_token(model) / (peak * 1e12) if peak else None)


def measure_rungs(model, examples, device, *, steps=20):
    """Measure every rung of :func:`rungs`, each on a copy of the model.

    Parameters
    ----------
    model : SentenceClassifier
    examples : list of (list of int, int)
        Taken as many times as the steps need.
    device : torch.device
    steps : int
        As in :func:`measure`, and at most 20 of them before, to warm up.

    Yields
    ------
    str, Measured
        The rung's name, and what it gave.
    """
    for name, settings in rungs(device):
        passes = 1 + 2 * steps * settings.batch_size // len(examples)
        yield name, measure(copy.deepcopy(model).to(device), examples,
                            replace(settings, epochs=passes), steps=steps, warm=min(20, steps))


def peak_flops(device):
    """The peak of a GPU in `PEAKS`, or None."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    return next((peak for part, peak in PEAKS.items() if re.search(rf"\b{part}\b", name)), None)


class saved_for_backward(torch.autograd.graph.saved_tensors_hooks):
    """A context that counts the bytes of what autograd keeps, without the parameters."""

    def __init__(self):
        self.seen, self.most = set(), 0
        super().__init__(self._count, lambda tensor: tensor)

    def _count(self, tensor):
        storage = tensor.untyped_storage()
        parameter = isinstance(tensor, torch.nn.Parameter) or (
            tensor.is_leaf and tensor.requires_grad)
        if not parameter and storage.data_ptr() not in self.seen:
            self.seen.add(storage.data_ptr())
            self.most += storage.nbytes()
        return tensor
