"""Resource limits of an answer: time, memory, disk and output."""

from dataclasses import asdict, dataclass

MB = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Limits of one exercise of one submission.

    Attributes
    ----------
    seconds : float
        From start to end, and of processor time.
    memory : int
        MB, beside what Python and NumPy need.
    disk : int
        MB in /tmp, which is gone when the answer ends.
    output : int
        MB that it may return.
    """

    seconds: float = 10.0
    memory: int = 500
    disk: int = 16
    output: int = 32

    def __post_init__(self):
        for name, value in asdict(self).items():
            if not value > 0:
                raise ValueError(f"the limit of {name} must be above 0, and is {value}")

    def job(self):
        """The limits as a job for the sandbox carries them, in seconds and bytes."""
        return {"seconds": float(self.seconds), "memory": self.memory * MB,
                "disk": self.disk * MB, "output": self.output * MB}
