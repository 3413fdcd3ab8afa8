"""The fine-tuning command where there is a GPU, and little besides PyTorch.

    python3 -m pytest -o addopts= --import-mode=importlib -p no:cacheprovider -q tests/gpu

Without a GPU the same tests run on the CPU, but for those that say so.
"""

import gc
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from course_lib import data, finetune
from course_lib.finetune import __main__ as command
from course_lib.finetune import ladder, loop
from course_lib.train import choose_device

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DEVICE = choose_device()
SETTINGS = finetune.Settings(epochs=2, lr=1e-3)


@pytest.fixture(scope="module")
def reviews():
    return data.sentiment()[:2]


def classifier(texts, *, pooling="mean"):
    """The command's small encoder without dropout, and its vocabulary."""
    torch.manual_seed(0)
    model, vocabulary = command.build("random-small", 0.0, pooling, texts)
    return model.to(DEVICE), vocabulary


@pytest.fixture(scope="module")
def examples(reviews):
    return finetune.examples_of(*reviews, classifier(reviews[0])[1])


# --- with nothing but PyTorch, NumPy, scikit-learn, typer and tqdm ------------------------------


COMMAND = "import runpy; runpy.run_module('course_lib.finetune', run_name='__main__')"
TRY = """
import sys
for name in sys.argv[1:]:
    try:
        __import__(name)
        print(name)
    except ModuleNotFoundError:
        pass
"""
SHAPE = """
from course_lib import data
from course_lib.finetune.__main__ import build
model, vocabulary = build("random-base", 0.1, "first", data.sentiment()[0])
blocks = model.encoder.blocks
print(len(blocks), *{block.attention.heads for block in blocks}, *model.encoder.tokens.weight.shape,
      model.encoder.positions.num_embeddings, sum(p.numel() for p in model.encoder.parameters()),
      len(vocabulary))
"""


def alone(code, line=""):
    """Run code in a process in which all other packages are hidden."""
    paths = {"PYTHONPATH": os.pathsep.join([str(HERE), str(ROOT)]), "COURSE_OFFLINE": "1"}
    return subprocess.run(
        [sys.executable, "-c", f"import alone; alone.hide_the_rest()\n{code}", *line.split()],
        env=os.environ | paths, cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_what_is_hidden_cannot_be_imported_and_the_rest_can():
    done = alone(TRY, "numpy sklearn.metrics typer tqdm pytest safetensors transformers matplotlib")
    assert done.stdout.split() == ["numpy", "sklearn.metrics", "typer", "tqdm"], done.stderr


def test_the_ladder_needs_no_other_package():
    done = alone(COMMAND, "ladder --encoder random-small --device cpu --steps 2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(" tokens/s ") == len(ladder.rungs(torch.device("cpu"))), done.stdout
    assert done.stdout.endswith("encoder: random-small\n")


def test_training_needs_no_other_package():
    done = alone(COMMAND, "train --encoder random-small --device cpu --limit 64 --epochs 1 --test")
    assert done.returncode == 0, done.stderr
    assert "64 sentences" in done.stdout and "accuracy on test: 0." in done.stdout


def test_without_safetensors_a_folder_is_refused_before_the_training(tmp_path):
    done = alone(COMMAND, f"train --encoder random-small --device cpu --out {tmp_path / 'out'}")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == ("ImportError: a model is saved with safetensors, which is not here: "
                           "pip install safetensors\n")
    assert not (tmp_path / "out").exists()


def test_random_base_has_the_shape_of_bert_base():
    """BERT-base has 109,482,240 weights with its pooler, and 768 x 768 + 768 of them are that."""
    done = alone(SHAPE)
    assert done.returncode == 0, done.stderr
    *shape, words = map(int, done.stdout.splitlines()[-1].split())
    assert shape == [12, 12, 30522, 768, 512, 109_482_240 - 768 * 769]
    assert 1000 < words <= 30522


# --- on the device ------------------------------------------------------------------------------


def test_every_rung_of_the_ladder_gives_numbers(reviews, examples):
    model, _ = classifier(reviews[0], pooling="first")
    found = dict(ladder.measure_rungs(model, examples, DEVICE, steps=2))
    assert list(found) == [name for name, _ in ladder.rungs(DEVICE)]
    for name, got in found.items():
        shares = [] if ladder.peak_flops(DEVICE) is None else [got.peak_share]
        numbers = np.array([got.rate, got.megabytes, *shares])
        assert (np.isfinite(numbers) & (numbers > 0)).all() and 0 <= got.padding < 1, (name, got)


def test_training_in_bf16_is_in_bf16_and_stays_finite(reviews, examples):
    losses, seen = [], []
    for precision in ("float32", "bf16"):
        model, _ = classifier(reviews[0])
        model.output.register_forward_hook(lambda module, given, made: seen.append(made.dtype))
        settings = finetune.Settings(**vars(SETTINGS) | {"precision": precision, "warmup": 0.0})
        losses.append(finetune.fine_tune(model, examples[:64], settings)["loss"])
        assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert seen == [torch.float32] * 4 + [torch.bfloat16] * 4
    assert np.isfinite(losses).all() and losses[0] != losses[1]
    # a number in bf16 is right to 2^-9, 0.2 %; the loss is about 0.7
    assert np.allclose(*losses, atol=0.02)


def gradients(model, examples, **changes):
    """Of the mean loss of the first 32 examples, by name; and what a block's network was given."""
    settings, rows = finetune.Settings(**vars(SETTINGS) | changes), []
    tools, chosen = loop.make_tools(model, settings), np.arange(32)
    watch = model.encoder.blocks[0].network.register_forward_hook(
        lambda module, given, made: rows.append(given[0].shape[:-1].numel()))
    model.zero_grad()
    loop.add_gradients(tools, examples, chosen, chosen)
    watch.remove()
    return {name: p.grad.clone() for name, p in model.named_parameters()}, *rows


# Rounding alone: float32 is right to 2^-24 and a gradient adds up some hundred products, in another
# order when padding is left out; bf16 is right to 2^-9, and rounds after every product.
@pytest.mark.parametrize("precision, tolerance", [("float32", 1e-5), ("bf16", 3e-2)])
@pytest.mark.parametrize("pooling", ["mean", "first"])
def test_gradients_are_the_same_with_padding_and_without(reviews, examples, precision, tolerance,
                                                         pooling):
    model, _ = classifier(reviews[0], pooling=pooling)
    with torch.no_grad():                                 # else attention is almost a mean
        for p in model.encoder.blocks.parameters():
            p.add_(torch.randn_like(p) * 0.2)
    (padded, places), (packed, tokens) = (
        gradients(model, examples, packed=which, precision=precision) for which in (False, True))
    lengths = [len(ids) for ids, _ in examples[:32]]
    assert (places, tokens) == (32 * max(lengths), sum(lengths))
    for name, wanted in padded.items():
        assert (packed[name] - wanted).norm() < tolerance * wanted.norm(), name


@pytest.mark.skipif(DEVICE.type != "cuda", reason="there is no GPU whose memory could be limited")
def test_a_full_gpu_says_which_setting_to_lower_and_that_helps(reviews, examples):
    model, _ = classifier(reviews[0])
    settings = vars(SETTINGS) | {"epochs": 1, "batch_size": 512, "pad_to": 512, "packed": False}

    def train(micro_batch):
        """The advice, if there was any; the error itself would hold the memory."""
        try:
            finetune.fine_tune(model, examples[:512],
                               finetune.Settings(**settings | {"micro_batch": micro_batch}))
        except finetune.OutOfMemory as error:
            return f"{type(error.__cause__).__name__}: {error}"
        return None
    gc.collect()
    torch.cuda.empty_cache()
    # of 512 x 512 tokens the widest array of a block alone takes 134 MB; of 4 x 512, 1 MB
    room = torch.cuda.memory_reserved() + 256e6
    torch.cuda.set_per_process_memory_fraction(
        room / torch.cuda.get_device_properties(DEVICE).total_memory)
    try:
        assert str(train(512)).startswith(
            "OutOfMemoryError: not enough memory for 512 sentences at once: lower micro_batch "
            "(now 512; --micro-batch 256)")
        gc.collect()
        assert train(4) is None
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
        torch.cuda.empty_cache()
