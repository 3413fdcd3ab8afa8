"""Fine-tuning: the loop, checkpoints and kills, several processes, the folder, less and faster."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from course_lib import data, finetune, layers, models
from course_lib.finetune import __main__ as command
from course_lib.finetune import checkpoint, compress, ladder, loop
from course_lib.finetune import epochs as whole
from course_lib.language import piece_vocabulary
from course_lib.optim import warmup_linear

ROOT = Path(__file__).parents[2]
ALONE = {**os.environ, "OMP_NUM_THREADS": "1", "COURSE_OFFLINE": "1"}
SMALL = finetune.Settings(epochs=2, batch_size=8, micro_batch=8, lr=1e-3)


def classifier(*, dropout=0.0, seed=0, pooling="mean", **options):
    torch.manual_seed(seed)
    encoder = models.Encoder(**{"V": 40, "T": 32, "D": 16, "heads": 2, "layers": 2,
                                "dropout": dropout, **options})
    return models.SentenceClassifier(encoder, dropout=dropout, pooling=pooling)


def sentences(count, *, seed=0, longest=12):
    """The label is whether token 5 is there."""
    rng, found = np.random.default_rng(seed), []
    for k in range(count):
        ids = rng.choice(np.r_[1:5, 6:40], rng.integers(2, longest + 1))
        if k % 2:
            ids[rng.integers(len(ids))] = 5
        found.append((ids.tolist(), k % 2))
    return found


def weights_of(model):
    return {k: v.clone() for k, v in model.state_dict().items()}


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def gap(a, b):
    """Largest difference; but of the keys' biases, which nothing depends on, and so move freely."""
    largest = 0.0
    assert a.keys() == b.keys()
    for name in a:
        difference = (a[name] - b[name]).abs()
        if name.endswith("qkv.bias"):
            difference = torch.cat([difference.chunk(3)[0], difference.chunk(3)[2]])
        largest = max(largest, float(difference.max()))
    return largest


# --- batches and steps ------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("micro_batch", [1, 3, 5, 8])
def test_micro_batches_train_the_same_model(micro_batch):
    data, trained = sentences(37), []
    for size in (64, micro_batch):
        model = classifier().double()
        history = finetune.fine_tune(model, data, replace(SMALL, micro_batch=size, batch_size=16))
        trained.append((model.state_dict(), history["loss"]))
    assert gap(trained[0][0], trained[1][0]) < 1e-6
    assert np.allclose(trained[0][1], trained[1][1], atol=1e-6)
    assert gap(trained[0][0], classifier().double().state_dict()) > 1e-3


def test_micro_batches_are_as_large_as_they_were_told(monkeypatch):
    seen, real = [], loop.to_tensors

    def watch(examples, chosen, settings, device):
        seen.append(len(chosen))
        return real(examples, chosen, settings, device)
    monkeypatch.setattr(loop, "to_tensors", watch)
    finetune.fine_tune(classifier(), sentences(21), replace(SMALL, epochs=1, micro_batch=3))
    assert sorted(seen) == [2] * 3 + [3] * 5


@pytest.mark.parametrize("changes", [{"packed": False}, {"pad_to": 31, "packed": False},
                                     {"pad_to": 31}, {"fused": False}])
def test_what_only_makes_it_faster_trains_the_same_model(changes):
    trained = []
    for settings in (SMALL, replace(SMALL, **changes)):
        model = classifier().double()
        finetune.fine_tune(model, sentences(30), settings)
        trained.append(model.state_dict())
    assert gap(*trained) < 1e-6


@pytest.mark.parametrize("buckets", [False, True])
@pytest.mark.parametrize("count", [1, 8, 37, 200])
def test_a_pass_takes_every_example_once(buckets, count):
    lengths = np.random.default_rng(0).integers(1, 50, count)
    steps = loop.plan(lengths, replace(SMALL, epochs=3, buckets=buckets))
    per_pass = -(-count // 8)
    assert len(steps) == 3 * per_pass
    for k in range(3):
        part = steps[k * per_pass:(k + 1) * per_pass]
        assert sorted(np.concatenate(part).tolist()) == list(range(count))
        assert sorted(map(len, part))[1:] == [8] * (per_pass - 1)


def test_the_plan_depends_on_seed_and_pass_alone():
    lengths = np.random.default_rng(0).integers(1, 50, 45)

    def plan(**changes):
        return [row.tolist() for row in loop.plan(lengths, replace(SMALL, **changes))]
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002
    first = plan(epochs=2)
    torch.manual_seed(2)
    np.random.seed(2)  # noqa: NPY002
    others = dict(lr=1.0, micro_batch=2, packed=False, pad_to=99, warmup=0.5, precision="bf16")
    assert plan(epochs=2) == first == plan(epochs=5, **others)[:12] == plan(epochs=1) + first[6:]
    assert first[:6] != first[6:] and plan(seed=1) != first
    assert plan(seed=1)[:6] != first[6:]                  # a seed is not a pass


def test_buckets_leave_less_padding():
    lengths = np.random.default_rng(0).integers(1, 50, 400)
    places = [sum(lengths[row].max() * len(row) for row in loop.plan(lengths, replace(
        SMALL, buckets=buckets))) for buckets in (False, True)]
    assert places[1] < 0.75 * places[0]


def test_the_rate_follows_the_schedule():
    settings = replace(SMALL, epochs=3, warmup=0.3, lr=0.01)
    tools, seen = loop.make_tools(classifier(), settings), []
    for step, *_ in loop.training_steps(tools, sentences(29)):
        rates = {group["lr"] for group in tools.optimizer.param_groups}
        assert len(rates) == 1
        seen.append((step, rates.pop()))
    assert seen == [(t + 1, warmup_linear(t, lr=0.01, warmup_steps=4, total_steps=12))
                    for t in range(12)]
    assert max(rate for _, rate in seen) == 0.01


def test_only_matrices_are_decayed():
    """One step with and without decay: they differ by lr · decay · weight, or not at all."""
    after = []
    for decay in (0.0, 0.5):
        model = classifier()
        with torch.no_grad():                             # biases that a decay would be seen at
            for p in model.parameters():
                p.add_(0.1)
        before = weights_of(model)
        settings = replace(SMALL, lr=0.01, warmup=0.0, weight_decay=decay)
        next(loop.training_steps(loop.make_tools(model, settings), sentences(8)))
        after.append(weights_of(model))
    for name, w in before.items():
        wanted = 0.01 * 0.5 * w if w.ndim > 1 else torch.zeros_like(w)
        assert torch.allclose(after[0][name] - after[1][name], wanted, atol=1e-6), name


@pytest.mark.parametrize("micro_batch", [8, 3])
def test_gradients_are_clipped_when_they_are_whole(micro_batch):
    norms = {}
    for max_norm in (1e-3, 1e6):
        settings = replace(SMALL, max_norm=max_norm, micro_batch=micro_batch)
        tools, seen = loop.make_tools(classifier(), settings), []

        def look(*_, tools=tools, seen=seen):
            seen.append(float(torch.cat([p.grad.flatten() for p in tools.model.parameters()])
                              .norm()))
        tools.optimizer.register_step_pre_hook(look)
        for _ in loop.training_steps(tools, sentences(32)):
            pass
        norms[max_norm] = seen
    assert len(norms[1e-3]) == 8 and min(norms[1e6]) > 2e-3
    assert np.allclose(norms[1e-3], 1e-3, rtol=1e-3)


def test_the_gradient_of_a_step_is_that_of_its_mean_loss():
    data, settings = sentences(8), replace(SMALL, max_norm=1e9, micro_batch=3)
    tools, seen = loop.make_tools(classifier().double(), settings), []
    tools.optimizer.register_step_pre_hook(
        lambda *_: seen.append([p.grad.clone() for p in tools.model.parameters()]))
    _, loss, tokens, places = next(loop.training_steps(tools, data))
    model = classifier().double()
    ids, mask, labels = loop.to_tensors(data, range(8), settings, torch.device("cpu"))
    wanted = F.cross_entropy(model(ids, mask), labels)
    wanted.backward()
    assert np.isclose(loss.item(), wanted.item(), atol=1e-6)
    assert tokens == sum(len(row) for row, _ in data) and tokens <= places <= 8 * 12
    for found, (name, p) in zip(seen[0], model.named_parameters(), strict=True):
        assert torch.allclose(found, p.grad, atol=1e-6), name


@pytest.mark.slow
def test_the_loss_falls_and_the_model_learns():
    model, data = classifier(D=32), sentences(256)
    history = finetune.fine_tune(model, data, replace(SMALL, epochs=14, lr=3e-3), dev=data[:64])
    assert np.mean(history["loss"][-20:]) < 0.3 * np.mean(history["loss"][:20])
    assert len(history["loss"]) == 14 * 32 and len(history["accuracy"]) == 14
    assert max(history["accuracy"]) > 0.95 and not model.training
    right = finetune.predict_proba(model, data[:64]).argmax(axis=1) == [y for _, y in data[:64]]
    assert right.mean() == max(history["accuracy"])
    assert history["best"] == 1 + history["accuracy"].index(max(history["accuracy"]))


@pytest.mark.parametrize("patience, accuracies, passes, best", [
    (2, [0.5, 0.7, 0.6, 0.7, 0.9], 4, 2), (1, [0.5, 0.4, 0.9], 2, 1),
    (None, [0.5, 0.7, 0.6, 0.7, 0.9], 5, 5), (3, [0.0, 0.0, 0.0, 0.0, 0.0], 4, 1),
    (3, [0.5, 0.6, 0.7, 0.8, 0.9], 5, 5), (None, [0.9, 0.5, 0.5, 0.5, 0.5], 5, 1)])
def test_patience_ends_and_the_best_weights_are_kept(monkeypatch, patience, accuracies, passes,
                                                     best):
    kept, dev = [], [([1, 2], 1)] * 10

    def predict(model, examples):
        kept.append(weights_of(model))
        right = np.arange(10) < round(10 * accuracies[len(kept) - 1])
        return np.stack([~right, right], axis=1).astype(float)
    monkeypatch.setattr(whole, "predict_proba", predict)
    model = classifier()
    history = finetune.fine_tune(model, sentences(16), replace(
        SMALL, epochs=len(accuracies), patience=patience), dev=dev)
    assert history["accuracy"] == accuracies[:passes] and history["best"] == best
    assert len(history["loss"]) == 2 * passes
    assert same(weights_of(model), kept[best - 1])
    assert sum(same(kept[best - 1], other) for other in kept) == 1


def test_without_a_dev_set_the_last_weights_stay():
    model = classifier()
    history = finetune.fine_tune(model, sentences(16), replace(SMALL, patience=1, epochs=3))
    assert (history["accuracy"], history["best"], len(history["loss"])) == ([], 0, 6)


@pytest.mark.slow
def test_the_same_seed_trains_the_same_model_and_another_another():
    def train(seed, before):
        model = classifier(dropout=0.2)
        torch.manual_seed(before)                         # what was drawn before does not matter
        finetune.fine_tune(model, sentences(24), replace(SMALL, seed=seed))
        return weights_of(model)
    first = train(0, 5)
    assert same(first, train(0, 6)) and not same(first, train(1, 5))


def test_bf16_trains_near_to_float32():
    trained = []
    for precision in ("float32", "bf16"):
        model = classifier()
        history = finetune.fine_tune(model, sentences(32), replace(SMALL, precision=precision))
        assert {p.dtype for p in model.parameters()} == {torch.float32}
        trained.append(history["loss"])
    assert trained[0] != trained[1] and np.allclose(*trained, atol=0.02)


# --- checkpoints ------------------------------------------------------------------------------


class Stop(Exception):
    """What stands for a plug that is pulled."""


def break_off(monkeypatch, at):
    """Let the training break off after a step."""
    @contextlib.contextmanager
    def line(*_):
        def tell(text):
            if text.startswith(f"step {at} of"):
                raise Stop
        yield tell
    monkeypatch.setattr(whole, "progress_line", line)


@pytest.mark.slow
@pytest.mark.parametrize("breaks", [(2,), (7,), (10,), (11,), (4, 8, 9, 19, 20)])
def test_a_training_that_was_broken_off_goes_on_as_if_it_had_not_been(tmp_path, monkeypatch,
                                                                      breaks):
    data, dev, settings = sentences(37), sentences(20, seed=1), replace(SMALL, epochs=4)
    undisturbed = classifier(dropout=0.2)
    wanted = finetune.fine_tune(undisturbed, data, settings, dev=dev)
    for at in breaks:
        with monkeypatch.context() as patch, pytest.raises(Stop):
            break_off(patch, at)
            finetune.fine_tune(classifier(dropout=0.2), data, settings, dev=dev, folder=tmp_path,
                               every=3)
    model = classifier(dropout=0.2, seed=9)               # its first weights do not matter any more
    if breaks == (2,):
        model = classifier(dropout=0.2)                   # there is no checkpoint yet
    found = finetune.fine_tune(model, data, settings, dev=dev, folder=tmp_path, every=3)
    assert same(weights_of(model), weights_of(undisturbed))
    assert (found["accuracy"], found["best"]) == (wanted["accuracy"], wanted["best"])
    assert 0 < len(found["loss"]) and wanted["loss"][-len(found["loss"]):] == found["loss"]
    assert len(found["loss"]) < 20 or breaks == (2,)


def test_a_training_that_is_done_is_not_done_again(tmp_path):
    data, settings = sentences(24), replace(SMALL, epochs=9, patience=1)
    dev, model, again = sentences(9, seed=1), classifier(), classifier(seed=5)
    first = finetune.fine_tune(model, data, settings, dev=dev, folder=tmp_path)
    assert len(first["accuracy"]) < 9                     # patience had an end
    second = finetune.fine_tune(again, data, settings, dev=dev, folder=tmp_path)
    assert second == {**first, "loss": []} and same(weights_of(model), weights_of(again))


def test_a_part_that_was_left_does_no_harm(tmp_path, monkeypatch):
    data, wanted = sentences(24), classifier(dropout=0.1)
    finetune.fine_tune(wanted, data, SMALL)
    (tmp_path / "checkpoint.pt.part").write_bytes(b"half of a checkpoint")
    with monkeypatch.context() as patch, pytest.raises(Stop):
        break_off(patch, 4)
        finetune.fine_tune(classifier(dropout=0.1), data, SMALL, folder=tmp_path, every=1)
    (tmp_path / "checkpoint.pt.part").write_bytes(b"half of a checkpoint")
    model = classifier(seed=3, dropout=0.1)
    finetune.fine_tune(model, data, SMALL, folder=tmp_path, every=1)
    assert same(weights_of(model), weights_of(wanted))
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_a_checkpoint_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    finetune.fine_tune(classifier(), sentences(8), replace(SMALL, epochs=1), folder=tmp_path)
    before = (tmp_path / "checkpoint.pt").read_bytes()

    def full(what, file):
        file.write(b"the first bytes")
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(torch, "save", full)
    tools = loop.make_tools(classifier(), SMALL)
    with pytest.raises(OSError, match="No space"):
        checkpoint.save(tools, sentences(8), None, {}, tmp_path)
    assert (tmp_path / "checkpoint.pt").read_bytes() == before


@pytest.mark.parametrize("changes", [{"lr": 2e-3}, {"epochs": 3}, {"seed": 1}, {"batch_size": 4},
                                     {"patience": 2}, {"buckets": False}])
def test_a_checkpoint_of_other_settings_is_refused(tmp_path, changes):
    finetune.fine_tune(classifier(), sentences(16), SMALL, folder=tmp_path)
    other = replace(SMALL, **changes)
    (name, value), = changes.items()
    with pytest.raises(ValueError) as error:
        finetune.fine_tune(classifier(), sentences(16), other, folder=tmp_path)
    assert f"made otherwise ({name} {getattr(SMALL, name)} and {value})" in str(error.value)
    assert "choose another folder, or delete it" in str(error.value)


def test_a_checkpoint_of_other_sentences_is_refused(tmp_path):
    data = sentences(16)
    finetune.fine_tune(classifier(), data, SMALL, folder=tmp_path)
    for other in (data[:-1], data[::-1], [*data[:-1], (data[-1][0], 1 - data[-1][1])],
                  [*data[:-1], (data[-1][0] + [3], data[-1][1])]):
        with pytest.raises(ValueError, match=r"made otherwise \(the sentences\)"):
            finetune.fine_tune(classifier(), other, SMALL, folder=tmp_path)
    as_arrays = [(np.array(ids), np.int64(y)) for ids, y in data]
    finetune.fine_tune(classifier(), as_arrays, SMALL, folder=tmp_path)


@pytest.mark.parametrize("changes", [{"D": 24}, {"layers": 1}, {"V": 41}, {"dropout": 0.3},
                                     {"pooling": "first"}, {"heads": 4}])
def test_a_checkpoint_of_another_model_is_refused(tmp_path, changes):
    """The last three have weights of the same shapes: it would go on, as neither of the two."""
    finetune.fine_tune(classifier(), sentences(16), SMALL, folder=tmp_path)
    with pytest.raises(ValueError, match="choose another folder, or delete it"):
        finetune.fine_tune(classifier(**changes), sentences(16), SMALL, folder=tmp_path)


@pytest.mark.parametrize("damage", ["cut", "empty", "other", "incomplete"])
def test_a_damaged_checkpoint_says_what_to_do(tmp_path, damage):
    finetune.fine_tune(classifier(), sentences(16), SMALL, folder=tmp_path)
    path = tmp_path / "checkpoint.pt"
    raw = path.read_bytes()
    path.write_bytes({"cut": raw[:len(raw) // 2], "empty": b"", "other": b"no checkpoint",
                      "incomplete": raw}[damage])
    if damage == "incomplete":                            # as of an older version of the course
        torch.save({"settings": {"epochs": 2, "of_old": 1}, "model": {}}, path)
    with pytest.raises(ValueError, match=r"(?s)checkpoint\.pt .*delete it.* begin afresh") as told:
        finetune.fine_tune(classifier(), sentences(16), SMALL, folder=tmp_path)
    assert "\n" not in str(told.value)                    # and not what PyTorch advises


def test_an_error_in_the_sentences_is_not_blamed_on_the_checkpoint(tmp_path):
    finetune.fine_tune(classifier(), sentences(16), SMALL, folder=tmp_path)
    with pytest.raises(TypeError):
        finetune.fine_tune(classifier(), sentences(16), SMALL, dev=[(None, 1)], folder=tmp_path)


def spoil(monkeypatch, at, what):
    """Let the loss be NaN from a step on, or the weights after it."""
    real = loop.one_step

    def one_step(tools, examples, chosen, step, total):
        loss, *rest = real(tools, examples, chosen, step, total)
        if step + 1 == at:
            with torch.no_grad():
                tools.model.output.weight.fill_(torch.nan)
            loss = loss * torch.nan if what == "loss" else loss
        return loss, *rest
    monkeypatch.setattr(loop, "one_step", one_step)


@pytest.mark.parametrize("at, what, words", [
    (4, "loss", "the loss is nan at step 4"), (3, "loss", "the loss is nan at step 3"),
    (4, "weight", "a weight is not finite after step 4"),
    (3, "weight", "the loss is nan at step 4"), (10, "weight", "after step 10")])
def test_what_is_no_number_never_replaces_a_good_checkpoint(tmp_path, monkeypatch, at, what, words):
    settings = replace(SMALL, epochs=1)
    with monkeypatch.context() as patch, pytest.raises(FloatingPointError, match=words):
        spoil(patch, at, what)
        finetune.fine_tune(classifier(), sentences(80), settings, folder=tmp_path, every=2)
    found = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert found["state"]["step"] == (8 if at == 10 else 2)
    assert all(w.isfinite().all() for w in found["model"].values())
    with monkeypatch.context() as patch, pytest.raises(FloatingPointError, match=words):
        spoil(patch, at, what)                            # the steps are counted from the first
        finetune.fine_tune(classifier(), sentences(80), settings, folder=tmp_path, every=2)


@pytest.mark.parametrize("measure", [finetune.predict_proba, compress.head_importance])
def test_measuring_leaves_a_frozen_part_frozen(measure):
    model = classifier(dropout=0.5)
    model.train()
    model.encoder.eval()
    modes = [module.training for module in model.modules()]
    assert np.array_equal(measure(model, sentences(6)), measure(model, sentences(6)))
    assert [module.training for module in model.modules()] == modes and any(modes)


def test_a_checkpoint_runs_no_code(tmp_path):
    class Evil:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'was_here'}",)
    torch.save({"settings": Evil()}, tmp_path / "checkpoint.pt")
    with pytest.raises(ValueError, match="cannot be read"):
        finetune.fine_tune(classifier(), sentences(16), SMALL, folder=tmp_path)
    assert not (tmp_path / "was_here").exists()


def arguments(out, *more):
    return ["-m", "course_lib.finetune", "train", "--encoder", "random-small", "--device", "cpu",
            "--batch-size", "8", "--out", str(out), *more]


# Runs the command, and kills itself at the n-th call of a function: before it, or in the middle of
# a checkpoint, of which half is written.
KILLED = """
import io, os, signal, sys
import torch
from course_lib.finetune import __main__, loop
where, left = sys.argv.pop(1), int(sys.argv.pop(1))
home, name = {"save": (torch, "save"), "replace": (os, "replace"),
              "step": (loop, "one_step")}[where]
real = getattr(home, name)
def call(*args):
    global left
    left -= 1
    if left:
        return real(*args)
    if where == "save":
        whole = io.BytesIO()
        real(args[0], whole)
        args[1].write(whole.getvalue()[:len(whole.getvalue()) // 2])
        args[1].flush()
    os.kill(os.getpid(), signal.SIGKILL)
setattr(home, name, call)
__main__.main()
"""


@pytest.mark.slow
def test_a_training_that_is_killed_again_and_again_ends_as_if_it_had_not_been(tmp_path):
    """With kill -9: at a step, in the middle of writing a checkpoint, before it gets its name."""
    line = arguments(tmp_path / "killed", "--limit", "200", "--epochs", "2", "--every", "1")[2:]
    folder, step = tmp_path / "killed", 0
    for where, call, saved in [("save", 1, 0), ("step", 3, 2), ("replace", 2, 3), ("save", 4, 6),
                               ("step", 1, 6), ("replace", 21, 26)]:
        killed = subprocess.run([sys.executable, "-c", KILLED, where, str(call), *line], env=ALONE,
                                cwd=ROOT, capture_output=True, text=True)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert where == "step" or (folder / "checkpoint.pt.part").exists()
        if saved:
            found = torch.load(folder / "checkpoint.pt", weights_only=True)
            step = found["state"]["step"]
        assert step == saved
    line = [sys.executable, "-m", "course_lib.finetune", *line]
    assert not (tmp_path / "killed" / "model.safetensors").exists()
    last = subprocess.run(line, env=ALONE, cwd=ROOT, capture_output=True, text=True)
    assert last.returncode == 0, last.stderr
    subprocess.run([sys.executable, *arguments(tmp_path / "whole", "--limit", "200", "--epochs",
                                               "2")], env=ALONE, cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    found, wanted = ((tmp_path / name / "model.safetensors").read_bytes()
                     for name in ("killed", "whole"))
    assert found == wanted


# --- several processes ------------------------------------------------------------------------


@pytest.mark.slow
def test_two_processes_train_the_model_of_one(tmp_path):
    """201 sentences: the last step has one, and one process has no share of it."""
    common = ("--limit", "201", "--epochs", "1", "--dropout", "0", "--lr", "1e-3")
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    outputs = {}
    for name, more in [("one", ()), ("two", ()), ("two in pieces", ("--micro-batch", "3"))]:
        start = [] if name == "one" else torchrun
        done = subprocess.run([sys.executable, *start, *arguments(tmp_path / name, *common, *more)],
                              env=ALONE, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        outputs[name] = done.stdout.splitlines()
    found = {name: load_file(tmp_path / name / "model.safetensors") for name in outputs}
    assert "cpu, 1 process, 201 sentences" in outputs["one"]
    for name in ("two", "two in pieces"):
        assert "cpu, 2 processes, 201 sentences" in outputs[name]
        assert sum("accuracy on dev" in text for text in outputs[name]) == 1     # told once
        assert gap(found["one"], found[name]) < 1e-4
    torch.manual_seed(0)
    untrained = command.build("random-small", 0.0, "mean", ["good"])[0].state_dict()
    assert gap(found["one"], untrained) > 5e-3


@pytest.mark.parametrize("world", [1, 2, 3])
@pytest.mark.parametrize("count", [1, 2, 7, 8])
def test_the_shares_of_the_processes_are_the_step(world, count):
    tools = loop.make_tools(classifier(), replace(SMALL, micro_batch=2))
    chosen = np.random.default_rng(0).permutation(50)[:count]
    shares = [loop.micro_batches(chosen, tools._replace(rank=rank, world=world))
              for rank in range(world)]
    assert all(1 <= len(share) and max(map(len, share)) <= 2 for share in shares)
    assert sorted(np.concatenate([p for share in shares for p in share])) == sorted(chosen)
    sizes = [sum(map(len, share)) for share in shares]
    assert max(sizes) - min(sizes) <= 1


# --- what goes wrong --------------------------------------------------------------------------


def fail_with(error, *, after=0):
    """A classifier that fails after some calls."""
    model, calls = classifier(), []
    real = model.forward

    def forward(ids, mask):
        calls.append(1)
        if len(calls) > after:
            raise error
        return real(ids, mask)
    model.forward = forward
    return model


@pytest.mark.parametrize("error", [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."),
    RuntimeError("[enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't "
                 "allocate memory: you tried to allocate 3096 bytes. Error code 12"),
    RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate 9"),
    RuntimeError("MPS backend out of memory (MPS allocated: 9.00 GB)"),
])
@pytest.mark.parametrize("after", [0, 3])
def test_too_little_memory_says_which_setting_to_lower(error, after):
    for size, half in [(6, 3), (1, 1), (7, 3)]:
        settings = replace(SMALL, micro_batch=size, batch_size=8)
        with pytest.raises(finetune.OutOfMemory) as told:
            finetune.fine_tune(fail_with(error, after=after), sentences(24), settings)
        assert f"lower micro_batch (now {size}; --micro-batch {half})" in str(told.value)
        assert "8 sentences" in str(told.value) and told.value.__cause__ is error
    assert issubclass(finetune.OutOfMemory, MemoryError)


@pytest.mark.parametrize("error", [
    RuntimeError("mat1 and mat2 shapes cannot be multiplied (3x4 and 5x6)"),
    RuntimeError("CUDA error: an illegal memory access was encountered"),
    RuntimeError("unsupported memory format option Preserve"),
    ValueError("of quite another kind"),
])
def test_other_errors_pass_through(error):
    with pytest.raises(type(error)) as told:
        finetune.fine_tune(fail_with(error), sentences(8), SMALL)
    assert told.value is error


def test_a_loss_that_is_no_number_is_told():
    model = classifier()
    with torch.no_grad():
        model.output.bias.fill_(torch.nan)
    with pytest.raises(FloatingPointError, match="the loss is nan at step 1: lower lr"):
        finetune.fine_tune(model, sentences(16), SMALL)


@pytest.mark.parametrize("changes, words", [
    ({"epochs": 0}, "epochs is 0: give at least 1"),
    ({"batch_size": 0}, "batch_size is 0: give at least 1"),
    ({"micro_batch": -1}, "micro_batch is -1: give at least 1"),
    ({"lr": 0.0}, "lr is 0.0"), ({"lr": float("nan")}, "lr is nan"),
    ({"warmup": 1.5}, "warmup 1.5"), ({"warmup": -0.1}, "warmup -0.1"),
    ({"precision": "float16"}, "precision is 'float16': choose float32, bf16 or fp16"),
])
def test_bad_settings_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        finetune.Settings(**changes)


def test_the_differences_of_settings_are_named_with_both_values():
    assert SMALL.differences(SMALL) == []
    other = replace(SMALL, lr=0.5, pad_to=7)
    assert SMALL.differences(other) == ["lr 0.001 and 0.5", "pad_to None and 7"]


def test_what_cannot_be_trained_is_refused():
    with pytest.raises(ValueError, match="there is no example: give at least one"):
        finetune.fine_tune(classifier(), [], SMALL)
    with pytest.raises(ValueError, match="fp16 needs a CUDA GPU: choose bf16 or float32 here"):
        finetune.fine_tune(classifier(), sentences(8), replace(SMALL, precision="fp16"))
    with pytest.raises(ValueError, match="a sentence has 12 tokens and pad_to is 11: cut the sen"):
        finetune.fine_tune(classifier(), sentences(80), replace(SMALL, pad_to=11, batch_size=80))


# --- the folder -------------------------------------------------------------------------------

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film", "##ly", "\x85"]


@pytest.mark.parametrize("pooling", ["mean", "first"])
def test_what_was_saved_predicts_the_same(tmp_path, pooling):
    model = classifier(pooling=pooling, heads=4, V=len(WORDS), T=20)
    with torch.no_grad():
        model.encoder.tokens.weight.mul_(30)
    texts = ["good film", "bad", "badly good", "", "film film film unknown"]
    data = finetune.examples_of(texts, None, WORDS)
    finetune.save(model, WORDS, tmp_path / "a" / "b")
    found, words = finetune.load(tmp_path / "a" / "b")
    assert words == WORDS and not found.training and found.pooling == pooling
    assert found.encoder.blocks[0].attention.heads == 4
    a, b = finetune.predict_proba(model, data), finetune.predict_proba(found, data)
    assert np.array_equal(a, b) and a.shape == (5, 2) and a.dtype == np.float64
    assert len(np.unique(a[:, 0])) == 5 and np.allclose(a.sum(axis=1), 1)


def test_saving_again_replaces_the_model(tmp_path):
    for seed in (1, 2):
        model = classifier(seed=seed)
        finetune.save(model, [f"w{k}" for k in range(40)], tmp_path)
    assert same(weights_of(finetune.load(tmp_path)[0]), weights_of(model))


def test_predictions_keep_the_order_and_do_not_depend_on_the_batch():
    model, data = classifier(dropout=0.5).train(), sentences(23)
    with torch.no_grad():
        model.encoder.tokens.weight.mul_(30)
    alone = np.concatenate([finetune.predict_proba(model, [one]) for one in data])
    assert len(np.unique(alone[:, 0].round(4))) > 15 and model.training     # as it was before
    for size in (1, 4, 22, 23, 64):
        found = finetune.predict_proba(model, data, batch_size=size)
        assert found.shape == (23, 2) and np.allclose(found, alone, atol=1e-6)
    model.eval()
    finetune.predict_proba(model, data)
    assert not model.training
    others = [(ids, 7) for ids, _ in data]                # labels are not looked at
    assert np.array_equal(finetune.predict_proba(model, others), found)


def test_examples_have_ids_and_labels():
    found = finetune.examples_of(["good film", "Badly!"], np.array([1, 0]), WORDS)
    assert found == [([2, 5, 7, 3], 1), ([2, 6, 8, 1, 3], 0)]
    assert all(type(label) is int for _, label in found)
    assert finetune.examples_of(["good film good"], None, WORDS, max_length=4) == [([2, 5, 7, 3],
                                                                                  0)]
    with pytest.raises(ValueError, match="there are 2 texts and 1 labels: give one each"):
        finetune.examples_of(["good", "bad"], [1], WORDS)
    assert finetune.examples_of([], [], WORDS) == []


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "vocab.txt"])
def test_a_folder_without_a_file_is_refused(tmp_path, name):
    finetune.save(classifier(), WORDS, tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"has no {name}: give a folder that save"):
        finetune.load(tmp_path)


@pytest.mark.parametrize("change", [
    {"D": 32}, {"layers": 3}, {"layers": 1}, {"V": 41}, {"classes": 3}, {"heads": 5},
    {"pooling": "max"}, {"unknown": 1}, {"pooling": None, "_drop": "pooling"}, {"_drop": "D"},
    {"_text": "{"}, {"_text": "[]"}])
def test_a_configuration_that_does_not_fit_is_refused(tmp_path, change):
    finetune.save(classifier(), WORDS, tmp_path)
    path = tmp_path / "config.json"
    config = json.loads(path.read_text())
    config.pop(change.pop("_drop", None), None)
    text = change.pop("_text", None)
    path.write_text(text or json.dumps({**config, **{k: v for k, v in change.items() if v}}))
    with pytest.raises(ValueError):
        finetune.load(tmp_path)


def test_weights_that_are_damaged_are_refused(tmp_path):
    finetune.save(classifier(), WORDS, tmp_path)
    path = tmp_path / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="model.safetensors"):
        finetune.load(tmp_path)


@pytest.mark.parametrize("act", [lambda at: finetune.save(classifier(), WORDS, at), finetune.load])
def test_a_folder_without_safetensors_says_what_to_install(tmp_path, monkeypatch, act):
    finetune.save(classifier(), WORDS, tmp_path)
    monkeypatch.setitem(sys.modules, "safetensors.torch", None)
    with pytest.raises(ImportError, match="not here: pip install safetensors"):
        act(tmp_path)


# --- a vocabulary of the sentences ------------------------------------------------------------

TEXTS = ["Tom saw a cat; a cat saw Tom.", "Élan, a cat", "cat-like"]


def test_a_vocabulary_has_special_tokens_characters_and_words_by_frequency():
    letters = sorted(set("tomsawacat;.elan,-like"))
    wanted = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters,
              *("##" + c for c in letters), "cat", "saw", "tom", "elan", "like"]
    assert piece_vocabulary(TEXTS) == wanted == piece_vocabulary(reversed(TEXTS))
    assert piece_vocabulary(TEXTS, size=len(wanted) - 3) == wanted[:-3]
    assert piece_vocabulary([]) == wanted[:5]
    with pytest.raises(ValueError, match=f"{len(letters)} characters need {len(wanted) - 5} pieces "
                                         f"and size is {len(wanted) - 6}: give a larger one"):
        piece_vocabulary(TEXTS, size=len(wanted) - 6)


def test_a_vocabulary_cuts_its_own_texts_into_words_and_others_into_pieces():
    words = piece_vocabulary(TEXTS)

    def pieces(text):
        return [words[k] for k in finetune.examples_of([text], None, words)[0][0][1:-1]]
    assert pieces("A cat saw Élan!") == ["a", "cat", "saw", "elan", "[UNK]"]
    assert pieces("cats like wells") == ["cat", "##s", "like", "w", "##e", "##l", "##l", "##s"]
    cut = piece_vocabulary(data.sentiment()[0], size=300)
    found = finetune.examples_of(data.sentiment()[0], None, cut)
    assert cut.index("[UNK]") not in {k for ids, _ in found for k in ids}
    assert 290 < max(k for ids, _ in found for k in ids) < 300


def test_an_untrained_encoder_takes_its_vocabulary_from_the_sentences_alone(monkeypatch):
    monkeypatch.setattr(command.data, "pretrained_encoder", None)
    model, words = command.build("random-small", 0.0, "mean", TEXTS)
    assert words == piece_vocabulary(TEXTS)
    assert tuple(model.encoder.tokens.weight.shape) == (30522, 32)


@pytest.mark.slow
def test_what_the_command_wrote_predicts_as_the_model_did(tmp_path, monkeypatch):
    """With a limit, too, the vocabulary is that of all sentences: it can be raised later."""
    trained = []

    def keep(model, vocabulary, folder):
        trained.append(model)
        finetune.save(model, vocabulary, folder)
    monkeypatch.setattr(command, "save", keep)
    monkeypatch.setattr(sys, "argv", arguments(tmp_path, "--limit", "64", "--epochs", "1")[1:])
    with contextlib.suppress(SystemExit):
        command.main()
    texts, _, unseen, _, _, _ = data.sentiment()
    model, words = finetune.load(tmp_path)
    assert words == piece_vocabulary(texts) and len(words) < model.encoder.tokens.num_embeddings
    examples = finetune.examples_of(unseen, None, words)
    a, b = (finetune.predict_proba(m, examples) for m in (model, trained[0]))
    assert np.array_equal(a, b) and len(np.unique(a)) > 300


# --- smaller ----------------------------------------------------------------------------------


def test_eight_bits_are_a_quarter_and_near():
    model, data = classifier(D=128, heads=4), sentences(40)
    with torch.no_grad():
        model.output.weight.mul_(30)
    before = weights_of(model)
    small = compress.quantise(model)
    assert 0.24 < compress.megabytes(small.encoder.blocks) \
        / compress.megabytes(model.encoder.blocks) < 0.30
    assert same(before, weights_of(model)) and torch.equal(small.encoder.tokens.weight,
                                                           model.encoder.tokens.weight)
    a, b = finetune.predict_proba(model, data), finetune.predict_proba(small, data)
    assert a[:, 0].std() > 0.02 and 0 < np.abs(a - b).max() < 0.02
    small.packed = True                                   # the scales are then of real tokens alone
    packed = finetune.predict_proba(small, data)
    assert 0 < np.abs(packed - b).max() < 0.05


def test_the_size_of_a_model_is_that_of_its_weights():
    model = classifier(D=128, heads=4)
    count = sum(p.numel() for p in model.parameters())
    assert 4 * count / 1e6 < compress.megabytes(model) < 4 * count / 1e6 + 0.02


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 0.99, 1.0])
def test_the_smallest_weights_are_set_to_zero(share):
    model = classifier()
    before = weights_of(model)
    pruned = weights_of(compress.prune_weights(model, share))
    assert same(before, weights_of(model))
    for name, w in before.items():
        if not (".blocks." in name and w.ndim == 2):
            assert torch.equal(pruned[name], w), name
            continue
        gone = pruned[name] == 0
        assert gone.sum() == round(share * w.numel()), name
        assert torch.equal(pruned[name][~gone], w[~gone])
        if 0 < share < 1:
            assert w[gone].abs().max() <= w[~gone].abs().min()


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match=f"share is {share}: give a number from 0 to 1"):
        compress.prune_weights(classifier(), share)


@pytest.mark.parametrize("packed", [False, True])
def test_a_head_that_is_taken_away_is_one_whose_columns_are_zero(packed):
    model, data = classifier(heads=4), sentences(12)
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn_like(p) * 0.3)
    importance = np.ones((2, 4))
    importance[0, 1] = importance[1, 3] = importance[1, 0] = 0.1
    small, model.packed = compress.prune_heads(model, importance, 3 / 8), packed
    small.packed = packed
    zeroed = classifier(heads=4)
    zeroed.load_state_dict(model.state_dict())
    with torch.no_grad():
        for layer, head in [(0, 1), (1, 3), (1, 0)]:
            zeroed.encoder.blocks[layer].attention.out.weight[:, 4 * head:4 * head + 4] = 0
    whole, found, wanted = (finetune.predict_proba(m, data) for m in (model, small, zeroed))
    assert np.allclose(found, wanted, atol=1e-6) and np.abs(found - whole).max() > 1e-3
    shapes = [(b.attention.heads, tuple(b.attention.qkv.weight.shape),
               tuple(b.attention.out.weight.shape)) for b in small.encoder.blocks]
    assert shapes == [(3, (36, 16), (16, 12)), (2, (24, 16), (16, 8))]
    assert sum(p.numel() for p in model.parameters()) - sum(p.numel() for p in small.parameters()) \
        == 3 * (4 * 4 * 16 + 3 * 4)
    assert model.encoder.blocks[0].attention.heads == 4 and compress.megabytes(
        small) < compress.megabytes(model)


def test_every_layer_keeps_its_most_important_head():
    rng = np.random.default_rng(0)
    model, importance = classifier(heads=4, layers=3), rng.permuted(np.arange(12.0)).reshape(3, 4)
    small = compress.prune_heads(model, importance, 1.0)
    for block, old, row in zip(small.encoder.blocks, model.encoder.blocks, importance, strict=True):
        best = int(row.argmax())
        assert block.attention.heads == 1
        assert torch.equal(block.attention.out.weight,
                           old.attention.out.weight[:, 4 * best:4 * best + 4])
    assert finetune.predict_proba(small, sentences(3)).shape == (3, 2)
    same_size = compress.prune_heads(model, importance, 0.0)
    assert same(weights_of(same_size), weights_of(model))


def test_a_pruned_model_can_be_trained_on():
    model = compress.prune_heads(classifier(heads=4), np.arange(8.0).reshape(2, 4), 0.5)
    history = finetune.fine_tune(model, sentences(16), SMALL)
    assert np.isfinite(history["loss"]).all()


@pytest.mark.parametrize("batch_size", [16, 5])
def test_importance_is_the_derivative_with_respect_to_a_gate(batch_size):
    model, data = classifier(heads=4).double().eval(), sentences(16)
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn_like(p) * 0.2)

    def loss(start):
        ids, mask, labels = loop.to_tensors(data, range(start, min(start + batch_size, 16)),
                                            SMALL, torch.device("cpu"))
        with torch.no_grad():
            return F.cross_entropy(model(ids, mask), labels).item()
    wanted, h = np.zeros((2, 4)), 1e-5
    for start in range(0, 16, batch_size):
        for layer, block in enumerate(model.encoder.blocks):
            for head in range(4):
                part = block.attention.out.weight.data[:, 4 * head:4 * head + 4]
                kept, losses = part.clone(), []
                for gate in (1 + h, 1 - h):
                    part.copy_(gate * kept)
                    losses.append(loss(start))
                part.copy_(kept)
                wanted[layer, head] += abs(losses[0] - losses[1]) / (2 * h)
    found = compress.head_importance(model, data, batch_size=batch_size)
    assert found.shape == (2, 4) and wanted.min() > 1e-6
    assert np.allclose(found, wanted, rtol=1e-5, atol=1e-8)
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize("temperature, alpha", [(2.0, 0.5), (1.0, 0.0), (5.0, 1.0), (0.5, 0.3)])
def test_the_loss_of_distillation_is_the_one_in_numpy(temperature, alpha):
    rng = np.random.default_rng(0)
    logits, teacher, labels = rng.normal(0, 2, (6, 3)), rng.normal(0, 2, (6, 3)), rng.integers(0, 3,
                                                                                              6)
    x = torch.from_numpy(logits).requires_grad_()
    target = torch.from_numpy(np.column_stack([teacher, labels]))
    loss = compress.distillation_loss(x, target, temperature=temperature, alpha=alpha)
    loss.backward()
    wanted, dlogits = layers.distillation_and_grad(logits, teacher=teacher, labels=labels,
                                                   temperature=temperature, alpha=alpha)
    assert loss.dtype == torch.float64 and np.isclose(loss.item(), wanted, rtol=1e-12)
    assert np.allclose(x.grad.numpy(), dlogits, atol=1e-12)


def test_the_latency_is_that_of_the_call():
    calls = []
    assert compress.latency(lambda: calls.append(1), repeats=5) >= 0 and len(calls) == 7


# --- faster -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_measure_counts_tokens_and_padding():
    data = sentences(80)
    lengths = np.array([len(ids) for ids, _ in data])
    for changes in ({"buckets": False}, {"buckets": True}, {"pad_to": 20}, {"micro_batch": 3}):
        settings = replace(SMALL, **changes)
        got = ladder.measure(classifier(), data, settings, steps=6, warm=2)
        tokens = places = 0
        for row in loop.plan(lengths, settings)[2:8]:
            for k in range(0, len(row), settings.micro_batch):
                piece = lengths[row[k:k + settings.micro_batch]]
                tokens += piece.sum()
                places += len(piece) * (settings.pad_to or piece.max())
        assert np.isclose(got.padding, 1 - tokens / places) and 0 < got.padding < 1
        assert got.rate > 0 and got.megabytes > 0 and got.peak_share is None
    equal = [([1, 2, 3, 4, 5], 0)] * 40
    assert ladder.measure(classifier(), equal, SMALL, steps=3, warm=1).padding == 0
    assert ladder.measure(classifier(), equal, replace(SMALL, pad_to=20), steps=3,
                         warm=1).padding == 0.75


@pytest.mark.parametrize("warm", [1, 3])
def test_measure_refuses_too_few_examples_and_takes_just_enough(warm):
    data, settings = sentences(32), replace(SMALL, epochs=1)
    assert ladder.measure(classifier(), data, settings, steps=4 - warm, warm=warm).rate > 0
    with pytest.raises(ValueError, match="32 sentences do not last for 5 steps of 8: give mo"):
        ladder.measure(classifier(), data, settings, steps=5 - warm, warm=warm)


def changed(rungs):
    return [{f.name: getattr(b, f.name) for f in fields(b) if getattr(a, f.name)
             != getattr(b, f.name)} for (_, a), (_, b) in zip(rungs, rungs[1:], strict=False)]


@pytest.mark.slow
def test_climbing_measures_every_rung_on_a_copy_however_few_the_sentences_are():
    model, cpu = classifier(T=128), torch.device("cpu")
    before = weights_of(model)
    found = dict(ladder.measure_rungs(model, sentences(5), cpu, steps=1))
    assert list(found) == [name for name, _ in ladder.rungs(cpu)]
    assert all(got.rate > 0 and got.megabytes > 0 for got in found.values())
    assert found["float32, padded to 128"].padding > 0.9 and same(before, weights_of(model))


def test_the_ladder_adds_one_thing_at_a_time():
    rungs = ladder.rungs(torch.device("cpu"))
    assert changed(rungs) == [{"pad_to": None}, {"buckets": True}, {"packed": True}]
    first = rungs[0][1]
    assert (first.pad_to, first.buckets, first.packed, first.precision, first.compiled,
            first.batch_size, first.fused) == (128, False, False, "float32", False, 8, True)
    assert len({name for name, _ in rungs}) == len(rungs)


@pytest.mark.parametrize("capability, precision", [((9, 0), "bf16"), ((8, 0), "bf16"),
                                                   ((7, 5), "fp16")])
def test_the_ladder_of_a_gpu_is_longer(monkeypatch, capability, precision):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    rungs = ladder.rungs(torch.device("cuda"), batch_size=4)
    assert changed(rungs) == [{"pad_to": None}, {"buckets": True}, {"precision": precision},
                              {"packed": True}, {"batch_size": 128, "micro_batch": 128},
                              {"compiled": True}]
    assert rungs[3][0].startswith(precision)


def test_products_are_six_for_each_weight_of_the_blocks():
    for D, count in [(16, 2), (32, 3)]:
        model = classifier(D=D, layers=count)
        assert ladder.flops_per_token(model) == 6 * count * 12 * D * D


@pytest.mark.parametrize("name, peak", [
    ("NVIDIA H100 80GB HBM3", 989.4), ("NVIDIA H100 PCIe", 756.0), ("NVIDIA H200", 989.4),
    ("NVIDIA A100-SXM4-40GB", 312.0), ("Tesla T4", 65.0), ("Tesla V100-SXM2-16GB", 125.0),
    ("NVIDIA L4", 121.0), ("NVIDIA L40S", 362.0), ("NVIDIA A10", 125.0),
    ("NVIDIA GeForce RTX 4090", None), ("NVIDIA RTX A1000", None), ("NVIDIA L40", None)])
def test_the_peak_of_a_gpu_is_known_by_its_name(monkeypatch, name, peak):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: name)
    assert ladder.peak_flops(torch.device("cuda")) == peak
    assert ladder.peak_flops(torch.device("cpu")) is None


def test_what_is_kept_for_the_backward_pass_is_counted():
    x, w = torch.randn(100, 50), torch.nn.Parameter(torch.randn(50, 20))
    with (kept := ladder.saved_for_backward()):
        y = (x @ w).exp()                                 # x for w's gradient; y for exp's
    assert kept.most == 4 * (100 * 50 + 100 * 20)
    with (kept := ladder.saved_for_backward()):
        y.view(50, 40).sin().sum() + y.cos().sum()        # two of the same numbers count once
    assert kept.most == 4 * 100 * 20


@pytest.mark.slow
def test_what_leaves_padding_out_keeps_less():
    data, settings = sentences(32), replace(SMALL, buckets=False, epochs=9)
    kept = [ladder.measure(classifier(T=128), data, replace(settings, **changes), steps=1,
                          warm=1).megabytes
            for changes in ({"pad_to": 128, "packed": False}, {"packed": False}, {"packed": True})]
    assert kept[0] > 4 * kept[1] > 4 * kept[2] > 0


# --- the command ------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_training_that_is_done_says_so(tmp_path, monkeypatch, capsys):
    said = []
    for _ in range(2):
        monkeypatch.setattr(sys, "argv", arguments(tmp_path / "out", "--limit", "16", "--epochs",
                                                   "1")[1:])
        with contextlib.suppress(SystemExit):
            command.main()
        said.append(capsys.readouterr().out)
    assert "nothing was left to do" not in said[0]
    assert f"{tmp_path / 'out'} holds a training that is done: nothing was left to do" in said[1]


@pytest.mark.parametrize("line, words", [
    ("train --epochs 0", "epochs is 0: give at least 1"),
    ("train --encoder nothing", "there is no encoder 'nothing'"),
    ("train --encoder random-small --pooling max", "pooling is 'max': choose mean or first"),
    ("train --device tpu", "there is no device 'tpu' here"),
    ("train --encoder random-small --device cpu --limit 0", "limit"),
    ("train --encoder random-small --max-length 1", "max_length is 1: give at least 2"),
    ("train --encoder random-small --device cpu --precision fp16", "fp16 needs a CUDA GPU"),
    ("ladder --encoder nothing", "there is no encoder 'nothing'"),
    ("train --encoder random-small --device cpu --limit -3", "limit"),
    ("train --encoder random-small --device cpu --limit 9 --every 0", "every"),
    ("ladder --encoder random-small --device cpu --steps 0", "steps"),
])
def test_a_bad_command_line_gets_one_line(monkeypatch, capsys, line, words):
    monkeypatch.setattr(sys, "argv", ["finetune", *line.split()])
    with pytest.raises(SystemExit) as end:
        command.main()
    told = capsys.readouterr().err.splitlines()
    assert end.value.code == 2 and words in told[-1] and "Traceback" not in " ".join(told)


@pytest.mark.slow
def test_a_bad_command_line_ends_without_a_traceback():
    done = subprocess.run([sys.executable, "-m", "course_lib.finetune", "train", "--epochs", "0"],
                          env=ALONE, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == "ValueError: epochs is 0: give at least 1\n"
