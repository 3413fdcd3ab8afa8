"""What can be chosen when an encoder is fine-tuned."""

from dataclasses import dataclass, fields


class OutOfMemory(MemoryError):
    """The device's memory was not enough; the message says which setting to lower."""


@dataclass(frozen=True)
class Settings:
    """Every switch of the loop.

    Attributes
    ----------
    epochs, batch_size : int
        Passes over the data; examples in a step, over all processes.
    micro_batch : int
        Examples at once on one device. With fewer than a step has, gradients are added up until
        the step is whole: the same training in less memory.
    lr, warmup : float
        Highest learning rate; share of the steps in which it rises to that.
    weight_decay, max_norm : float
        Of the matrices; global norm to which gradients are clipped.
    seed : int
        Of the order and of dropout.
    patience : int, optional
        Passes without a better accuracy on the dev set after which training ends.
    pad_to : int, optional
        Pad every batch to this length. None: to the longest of the batch.
    buckets : bool
        Put sentences of about one length together.
    precision : "float32", "bf16" or "fp16"
        Of the products. fp16 needs a CUDA GPU, and scales the loss.
    fused, compiled, packed : bool
        One kernel for the optimizer's step; `torch.compile`; padding left out of the computation.
    """

    epochs: int = 3
    batch_size: int = 32
    micro_batch: int = 32
    lr: float = 1e-4
    warmup: float = 0.1
    weight_decay: float = 0.01
    max_norm: float = 1.0
    seed: int = 0
    patience: int | None = None
    pad_to: int | None = None
    buckets: bool = True
    precision: str = "float32"
    fused: bool = True
    compiled: bool = False
    packed: bool = True

    def __post_init__(self):
        for name in ("epochs", "batch_size", "micro_batch"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}: give at least 1")
        if not self.lr > 0 or not 0 <= self.warmup <= 1:
            raise ValueError(f"lr is {self.lr} and warmup {self.warmup}: give one above 0 and one "
                             "from 0 to 1")
        for name in ("pad_to", "patience"):
            if getattr(self, name) is not None and getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}: give at least 1, or None")
        if self.weight_decay < 0 or not self.max_norm > 0:
            raise ValueError(f"weight_decay is {self.weight_decay} and max_norm {self.max_norm}: "
                             "give one of at least 0 and one above 0")
        if self.precision not in ("float32", "bf16", "fp16"):
            raise ValueError(f"precision is {self.precision!r}: choose float32, bf16 or fp16")

    def differences(self, other):
        """Names of the settings in which two differ, with both values: a list of str."""
        return [f"{f.name} {getattr(self, f.name)} and {getattr(other, f.name)}"
                for f in fields(self) if getattr(self, f.name) != getattr(other, f.name)]
