"""Fine-tune an encoder: one loop for a laptop, a GPU and several.

    python -m course_lib.finetune --help

`Settings` names every switch; `fine_tune` is the loop; `ladder`, `compress` and `predict` are what
comes after it. `vocabulary` makes one from the sentences, for an encoder that is not trained.
"""

from .epochs import fine_tune
from .loop import training_steps
from .predict import examples_of, load, predict_proba, save
from .settings import OutOfMemory, Settings

__all__ = ["OutOfMemory", "Settings", "examples_of", "fine_tune", "load", "predict_proba", "save",
           "training_steps"]
