"""The loop: batches, shares and micro-batches, steps."""

import contextlib
import ctypes
import gc
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

from course_lib.language import collate, length_buckets
from course_lib.optim import parameter_groups, warmup_linear

from .settings import OutOfMemory

NO_ROOM = ("out of memory", "not enough memory", "can't allocate memory")
DTYPES = {"float32": None, "bf16": torch.bfloat16, "fp16": torch.float16}


class Tools(NamedTuple):
    """What a step needs besides the data; `module` is the model as it is called."""

    model: Any
    module: Any
    optimizer: Any
    scaler: Any
    settings: Any
    rank: int
    world: int


def make_tools(model, settings, *, rank=0, world=1):
    """Put optimizer, scaler, compiler and DDP round a model that is on its device."""
    device = next(model.parameters()).device
    if settings.precision == "fp16" and device.type != "cuda":
        raise ValueError("fp16 needs a CUDA GPU: choose bf16 or float32 here")
    model.packed = settings.packed
    module = torch.compile(model, dynamic=True) if settings.compiled else model
    if world > 1:
        module = DistributedDataParallel(module)
    groups = parameter_groups(model.named_parameters(), weight_decay=settings.weight_decay)
    optimizer = torch.optim.AdamW(groups, lr=settings.lr, fused=settings.fused)
    scaler = torch.amp.GradScaler(device.type, enabled=settings.precision == "fp16")
    return Tools(model, module, optimizer, scaler, settings, rank, world)


def plan(lengths, settings):
    """Every step of the training: a list of ndarray, which examples it takes.

    The order of a pass depends on the seed and on the number of the pass alone, so that training
    can go on from any step.
    """
    steps = []
    for epoch in range(settings.epochs):
        rng = np.random.default_rng([settings.seed, epoch])
        steps += length_buckets(lengths, settings.batch_size, rng=rng,
                                window=20 if settings.buckets else 1)
    return steps


def micro_batches(chosen, tools):
    """The share of a step that is this process's, cut into pieces that fit into memory."""
    share = chosen[tools.rank::tools.world]
    size = tools.settings.micro_batch
    return [share[k:k + size] for k in range(0, len(share), size)] or [chosen[:0]]


def to_tensors(examples, chosen, settings, device):
    """Ids (B, T), mask (B, T) and labels (B,) of some examples, on the device."""
    batch = [examples[k] for k in chosen]
    ids, mask, labels = collate(batch)
    if settings.pad_to is not None:
        if ids.shape[1] > settings.pad_to:
            raise ValueError(f"a sentence has {ids.shape[1]} tokens and pad_to is "
                             f"{settings.pad_to}: cut the sentences, or give a larger one")
        room = ((0, 0), (0, settings.pad_to - ids.shape[1]))
        ids, mask = np.pad(ids, room), np.pad(mask, room)
    return [torch.from_numpy(a).to(device, non_blocking=True) for a in (ids, mask, labels)]


def one_step(tools, examples, chosen, step, total):
    """One step of training on the chosen examples: this share's mean loss, tokens and places."""
    settings = tools.settings
    rate = warmup_linear(step, lr=settings.lr, total_steps=total,
                         warmup_steps=round(settings.warmup * total))
    for group in tools.optimizer.param_groups:
        group["lr"] = rate
    # what dropout draws depends on the step alone: a training that was cut off goes on as it was
    torch.manual_seed((settings.seed * 1_000_003 + step) * 1_009 + tools.rank)
    pieces = micro_batches(chosen, tools)
    losses, tokens, places = [], 0, 0
    for k, piece in enumerate(pieces):
        wait = tools.world > 1 and k + 1 < len(pieces)    # gradients travel once a step
        with tools.module.no_sync() if wait else contextlib.nullcontext():
            loss, width = add_gradients(tools, examples, piece, chosen)
        losses.append(loss)
        tokens += sum(len(examples[j][0]) for j in piece)
        places += len(piece) * width
    update(tools)
    return sum(losses) / max(1, sum(map(len, pieces))), tokens, places


def add_gradients(tools, examples, piece, chosen):
    """Forward and backward on a piece of a step: the sum of its losses, and its padded length."""
    settings, device = tools.settings, next(tools.model.parameters()).device
    # a process without a share computes something all the same, for the others wait for it
    ids, mask, labels = to_tensors(examples, piece if len(piece) else chosen[:1], settings, device)
    with torch.autocast(device.type, DTYPES[settings.precision],
                        enabled=settings.precision != "float32"):
        logits = tools.module(ids, mask)
    loss = F.cross_entropy(logits.float(), labels, reduction="sum") * bool(len(piece))
    # DDP takes the mean over the processes, and the sum is wanted
    tools.scaler.scale(loss * tools.world / len(chosen)).backward()
    return loss.detach(), ids.shape[1]


def update(tools):
    """Clip the gradients, and move the parameters."""
    tools.scaler.unscale_(tools.optimizer)
    torch.nn.utils.clip_grad_norm_(tools.model.parameters(), tools.settings.max_norm)
    tools.scaler.step(tools.optimizer)
    tools.scaler.update()
    tools.optimizer.zero_grad(set_to_none=True)


def training_steps(tools, examples, *, start=0):
    """Train, step by step.

    Parameters
    ----------
    tools : Tools
        From `make_tools`.
    examples : list of (list of int, int)
    start : int
        The step to begin with.

    Yields
    ------
    step, loss, tokens, places
        Steps done; the mean loss of this process's share, a tensor; real tokens in it, and places
        with padding.

    Raises
    ------
    OutOfMemory
        If the device's memory is not enough.
    """
    steps = plan(np.array([len(ids) for ids, _ in examples]), tools.settings)
    for step in range(start, len(steps)):
        tools.model.train()
        try:
            result = one_step(tools, examples, steps[step], step, len(steps))
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if not isinstance(error, torch.OutOfMemoryError) and not any(
                    words in str(error) for words in NO_ROOM):
                raise
            size = tools.settings.micro_batch
            raise OutOfMemory(
                f"not enough memory for {size} sentences at once: lower micro_batch (now {size}; "
                f"--micro-batch {max(1, size // 2)}). A step keeps its {tools.settings.batch_size} "
                "sentences: gradients are added up. If it is 1 already, cut the sentences shorter "
                "(max_length), or take a smaller encoder") from error
        yield step + 1, *result


def release_memory():
    """Return freed memory to the system, where the C library keeps it (on Linux it does)."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
