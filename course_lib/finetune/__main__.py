"""Fine-tune an encoder from the command line; see ``python -m course_lib.finetune --help``."""

import os
import sys
from dataclasses import fields
from pathlib import Path
from typing import Annotated

import torch
import torch.distributed as dist
import typer

from course_lib import data, metrics, models
from course_lib.language import piece_vocabulary
from course_lib.train import choose_device

from .epochs import fine_tune
from .ladder import flops_per_token, measure_rungs
from .predict import examples_of, predict_proba, save, weight_files
from .settings import OutOfMemory, Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
                  context_settings={"help_option_names": ["-h", "--help"]})
DEFAULT = Settings()
# Encoders that are not trained: one of BERT-base's shape, and a tiny one for trying things.
UNTRAINED = {"random-small": {"D": 32, "heads": 2, "layers": 2},
             "random-base": {"D": 768, "heads": 12, "layers": 12}}
ENCODER = typer.Option(help="minilm, bert-base-uncased, or one that is not trained and needs no "
                            "download: random-small (tiny), random-base (BERT-base's shape).")


def say(rank, text):
    """Print, from the first process only."""
    if rank == 0:
        print(text, flush=True)


def build(encoder, dropout, pooling, texts):
    """A classifier and its vocabulary; that of an untrained one comes from the texts alone."""
    if encoder in UNTRAINED:
        made = models.Encoder(**UNTRAINED[encoder], dropout=dropout)
        vocabulary = piece_vocabulary(texts, size=made.tokens.num_embeddings)
    else:
        pretrained = data.pretrained_encoder(encoder)
        made = models.load_pretrained(pretrained, dropout=dropout)
        vocabulary = pretrained.vocabulary
    return models.SentenceClassifier(made, pooling=pooling, dropout=dropout), vocabulary


@app.command("train")
def train(
    encoder: Annotated[str, ENCODER] = "minilm",
    out: Annotated[Path | None, typer.Option(
        help="Folder for checkpoints and for the trained model. Run again to go on.")] = None,
    device: Annotated[str | None, typer.Option(
        help="cpu, cuda or mps; default: a GPU where there is one.")] = None,
    limit: Annotated[int | None, typer.Option(
        min=1, help="Train on so many sentences only.")] = None,
    max_length: Annotated[int, typer.Option(help="Longer sentences are cut.")] = 128,
    dropout: float = 0.1,
    pooling: Annotated[str, typer.Option(help="mean or first ([CLS]).")] = "mean",
    every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 50,
    test: Annotated[bool, typer.Option(help="At the end, look at the test set.")] = False,
    epochs: int = DEFAULT.epochs, batch_size: int = DEFAULT.batch_size,
    micro_batch: Annotated[int, typer.Option(
        help="Sentences at once on a device; lower it when memory is short.")] = 32,
    lr: float = DEFAULT.lr, warmup: float = DEFAULT.warmup,
    weight_decay: float = DEFAULT.weight_decay, max_norm: float = DEFAULT.max_norm,
    seed: int = DEFAULT.seed, patience: int | None = None,
    precision: Annotated[str, typer.Option(help="float32, bf16 or fp16.")] = "float32",
    buckets: bool = True, fused: bool = True, packed: bool = True, compiled: bool = False,
):
    """Fine-tune on sentiment. Under torchrun, several processes share each step."""
    given = locals()
    settings = Settings(**{f.name: given[f.name] for f in fields(Settings) if f.name in given})
    if out:
        weight_files()                                    # now, not after hours of training
    rank, world, where = join(device)
    torch.manual_seed(seed)                               # the last layer's first weights
    model, vocabulary, sets = prepare(encoder, dropout, pooling, limit, max_length)
    say(rank, f"{where}, {world} process{'es' * (world > 1)}, {len(sets[0]):,} sentences")
    history = fine_tune(model.to(where), sets[0], settings, dev=sets[1], folder=out, every=every,
                        rank=rank, world=world)
    if rank == 0:
        finish(model, vocabulary, history, sets[2] if test else None, out)
    if world > 1:
        dist.destroy_process_group()


def join(device):
    """Which process this is, of how many, and its device; torchrun's variables say so."""
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    where = choose_device(device)
    if where.type == "cuda" and world > 1:
        where = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(where)
    if world > 1:
        dist.init_process_group("nccl" if where.type == "cuda" else "gloo")
    return rank, world, where


def prepare(encoder, dropout, pooling, limit, max_length):
    """A classifier, its vocabulary, and examples to train on, to choose by, and to test on."""
    columns = data.sentiment()
    model, vocabulary = build(encoder, dropout, pooling, columns[0])
    return model, vocabulary, [
        examples_of(x[:n], y[:n], vocabulary, max_length=max_length)
        for x, y, n in zip(columns[0::2], columns[1::2], (limit, None, None), strict=True)]


def finish(model, vocabulary, history, test, out):
    """Say how it went, look at the test set if that was asked for, and write the model."""
    if not history["loss"]:
        print(f"{out} holds a training that is done: nothing was left to do")
    print(f"accuracy on dev: {' '.join(f'{a:.3f}' for a in history['accuracy'])}; "
          f"kept: pass {history['best']}")
    if test:
        right = predict_proba(model, test).argmax(axis=1)
        accuracy = metrics.accuracy([label for _, label in test], right)
        print(f"accuracy on test: {accuracy:.4f}")
    if out:
        save(model, vocabulary, out)
        print(f"written: {out}")


@app.command("ladder")
def show_ladder(
    encoder: Annotated[str, ENCODER] = "random-base",
    device: str | None = None,
    steps: Annotated[int, typer.Option(min=1, help="Steps that are timed, of each rung.")] = 50,
):
    """Measure the ladder of speed, from Trainer's defaults to the last rung."""
    where = choose_device(device)
    model, _, sets = prepare(encoder, 0.1, "first", None, 128)
    rate = None
    for name, got in measure_rungs(model, sets[0], where, steps=steps):
        rate = rate or got.rate
        share = "" if got.peak_share is None else f", {100 * got.peak_share:.1f} % of the peak"
        print(f"{name:<40} {got.rate:9,.0f} tokens/s  {got.rate / rate:5.2f} x  padding "
              f"{100 * got.padding:4.1f} %  {got.megabytes:7,.0f} MB{share}", flush=True)
    print(f"{flops_per_token(model) / 1e6:.0f} million operations a token; encoder: {encoder}")


def main():
    """Run the command; what is wrong with the input is told without a traceback."""
    try:
        app()
    except (ValueError, FileNotFoundError, ImportError, OutOfMemory, FloatingPointError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
