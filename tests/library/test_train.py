"""The training loop and the models in PyTorch."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_lib import models, train


def blobs(n=90):
    """Three clouds of points, and which cloud each is from."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 3
    x = rng.standard_normal((n, 4)) + 4 * np.eye(3, 4)[y]
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y)


def a_model(seed=0):
    torch.manual_seed(seed)
    model = models.mlp([4, 8, 3])
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


def test_fit_is_the_loop_written_out():
    """Same batches, same steps: the weights are those of a loop by hand, bit for bit."""
    x, y = blobs()
    model, optimizer = a_model()
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    history = train.fit(model, (x, y), optimizer=optimizer, epochs=2, batch_size=20,
                        scheduler=scheduler, max_norm=0.5, test_set=(x, y), seed=3)
    by_hand, optimizer = a_model()
    order, losses, lr = torch.Generator().manual_seed(3), [], 0.1
    for _ in range(2):
        for batch in torch.randperm(90, generator=order).split(20):
            loss = F.cross_entropy(by_hand(x[batch]), y[batch])
            by_hand.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(by_hand.parameters(), 0.5)
            with torch.no_grad():
                for p in by_hand.parameters():
                    p -= lr * p.grad
            losses.append(loss.item())
            lr *= 0.9
    assert np.allclose(history["loss"], losses, rtol=1e-5)
    assert all(torch.allclose(a, b, atol=1e-6)
               for a, b in zip(model.parameters(), by_hand.parameters(), strict=True))
    assert len(history["accuracy"]) == len(history["seconds"]) == 2
    assert history["accuracy"][-1] == train.evaluate(model, (x, y))


def test_fit_repeats_with_its_seed_and_not_with_another():
    x, y = blobs()

    def losses(seed):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 3))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        return train.fit(model, (x, y), optimizer=optimizer, epochs=1, seed=seed,
                         batch_size=30)["loss"]
    assert losses(1) == losses(1) != losses(2)


def test_a_model_of_two_inputs_and_its_own_loss():
    class Masked(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(4, 1)

        def forward(self, x, mask):
            return self.linear(x * mask)[:, 0]
    x, y = blobs()
    mask, target = torch.ones_like(x), x.sum(dim=1)
    model = Masked()
    history = train.fit(model, (x, mask, target), epochs=30, loss=F.mse_loss, batch_size=16,
                        optimizer=torch.optim.SGD(model.parameters(), lr=0.02))
    assert history["loss"][-1] < 0.01 < history["loss"][0]
    assert torch.allclose(train.predict(model, x, mask, batch_size=7), model(x, mask))


def test_augment_sees_every_training_batch_and_no_test_batch():
    x, y = blobs()
    seen = []

    def augment(batch):
        seen.append(len(batch))
        return batch + 1
    model, optimizer = a_model()
    train.fit(model, (x, y), optimizer=optimizer, epochs=1, batch_size=40, augment=augment,
              test_set=(x, y))
    assert seen == [40, 40, 10]


def test_predict_is_in_evaluation_mode_and_puts_the_mode_back():
    x, _ = blobs()
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Dropout(0.5))
    model.train()
    first, again = train.predict(model, x), train.predict(model, x[:1])
    assert torch.allclose(first[:1], again) and model.training and not first.requires_grad
    model.eval()
    train.predict(model, x)
    assert not model.training


def test_an_exploding_loss_is_told():
    x, y = blobs()
    model, _ = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e20)
    with pytest.raises(FloatingPointError, match="lower the learning rate"):
        train.fit(model, (x * 1e3, y), optimizer=optimizer, epochs=3, batch_size=10)


@pytest.mark.parametrize("lengths", [(4, 3), (0, 0)])
def test_lengths_must_agree(lengths):
    model, optimizer = a_model()
    x, y = torch.zeros(lengths[0], 4), torch.zeros(lengths[1], dtype=torch.long)
    with pytest.raises(ValueError, match=f"{list(lengths)} examples".replace("[", r"\[")):
        train.fit(model, (x, y), optimizer=optimizer, epochs=1)


@pytest.fixture
def notebook(monkeypatch):
    """What a notebook's line has shown, one after the other; a look at the clock takes 0.3 s."""
    shown = []

    def display(data, raw, display_id):
        shown.append(data["text/plain"])
        return SimpleNamespace(update=lambda data, raw: shown.append(data["text/plain"]))
    fake = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=object()),
                           display=SimpleNamespace(display=display))
    monkeypatch.setitem(train.sys.modules, "IPython", fake)
    clock = iter(np.arange(0, 1000, 0.3))
    monkeypatch.setattr(train.time, "monotonic", lambda: next(clock))
    return shown


def test_the_line_in_a_notebook_ends_as_it_began(notebook):
    """Outputs are compared: what is displayed first must be what stands there at the end."""
    x, y = blobs()
    model, optimizer = a_model()
    train.fit(model, (x, y), optimizer=optimizer, epochs=2, batch_size=10)
    assert notebook[0] == notebook[-1] == "2 passes over 90 examples"
    assert any("pass 2 of 2, step" in line for line in notebook[1:-1])
    notebook.clear()
    train.fit(model, (x, y), optimizer=optimizer, epochs=1, progress=False)
    assert notebook == []


def test_the_line_is_put_back_when_training_stops_early(notebook):
    x, y = blobs()
    model, _ = a_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e20)
    with pytest.raises(FloatingPointError):
        train.fit(model, (x * 1e3, y), optimizer=optimizer, epochs=3, batch_size=10)
    assert len(notebook) > 2 and notebook[-1] == notebook[0]


def test_choose_device(monkeypatch):
    assert train.choose_device("cpu") == torch.device("cpu")
    with pytest.raises(ValueError, match="no device 'abacus' here: choose from cpu"):
        train.choose_device("abacus")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert train.choose_device().type == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert train.choose_device().type == "cpu"            # mps only when asked for
    assert train.choose_device("mps").type == "mps"


@pytest.mark.parametrize("make, parameters", [
    (models.articles_cnn, 320 + 18_496 + 36_928 + 36_928 + 650),
    (models.fast_cnn, 400 + 32 + 4_608 + 64 + 18_432 + 128 + 5_770),
    (lambda: models.fast_cnn(batch_norm=False), 416 + 4_640 + 18_496 + 5_770),
    (lambda: models.mlp([784, 11, 10]), 784 * 11 + 11 + 11 * 10 + 10),
])
def test_models_take_images_and_have_as_many_parameters_as_counted_by_hand(make, parameters):
    model = make()
    assert model(torch.zeros(2, 1, 28, 28)).shape == (2, 10)
    assert models.count_parameters(model) == parameters
    model[0 if not isinstance(model[0], nn.Flatten) else 1].weight.requires_grad_(False)
    assert models.count_parameters(model) < parameters


@pytest.mark.parametrize("call, words", [
    (lambda m, x, y: train.evaluate(m, (x, y[:, None])), r"labels have shape \(90, 1\)"),
    (lambda m, x, y: train.evaluate(m, (x, y[:1])), r"\[90, 1\] examples"),
    (lambda m, x, y: train.evaluate(m, (x[:0], y[:0])), r"\[0, 0\] examples"),
    (lambda m, x, y: train.predict(m, x, x[:5]), r"\[90, 5\] examples"),
    (lambda m, x, y: train.fit(m, (x, y), optimizer=None, epochs=1, test_set=(x, y[:3])),
     r"\[90, 3\] examples"),
    (lambda m, x, y: models.fast_cnn((8, 16)), "give three numbers"),
    (lambda m, x, y: models.mlp([784]), "at least those of the input and the output"),
])
def test_bad_input_is_told(call, words):
    x, y = blobs()
    with pytest.raises(ValueError, match=words):
        call(a_model()[0], x, y)


def test_predict_leaves_frozen_parts_frozen_also_after_an_error():
    x, _ = blobs()
    model = nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 3))
    model.train()
    model[0].eval()
    train.predict(model, x)
    with pytest.raises(RuntimeError):
        train.predict(model, x[:, :2])
    assert model.training and model[1].training and not model[0].training


def test_the_articles_network_is_the_one_asked_for():
    kinds = [type(layer).__name__ for layer in models.articles_cnn()]
    assert kinds == ["Conv2d", "ReLU", "MaxPool2d", "Conv2d", "ReLU", "MaxPool2d", "Conv2d", "ReLU",
                     "Flatten", "Linear", "ReLU", "Linear"]


def test_dropout_is_where_it_was_asked_for():
    assert [m.p for m in models.fast_cnn(dropout=0.3) if isinstance(m, nn.Dropout)] == [0.3]


def test_evaluating_gives_every_part_its_mode_back_even_after_an_error():
    model = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Dropout()).train()
    model[1].eval()
    with pytest.raises(KeyError), train.evaluating(model):
        assert not any(module.training for module in model.modules())
        raise KeyError
    assert (model.training, model[0].training, model[1].training) == (True, True, False)
