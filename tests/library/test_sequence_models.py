"""Gradient flow, the tasks that need a memory, and the recurrent models in PyTorch."""

import numpy as np
import pytest
import torch

from course_lib import models, plots, recurrent, train, widgets


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_gradient_flow_is_the_size_of_the_jacobian(kind):
    """Against PyTorch's Jacobian of the last output by the state k steps before."""
    rng, D, H, T = np.random.default_rng(0), 3, 4, 6
    weights = recurrent.initialise_recurrent(kind, D, H, rng=rng, gain=2.0)
    x = rng.standard_normal((T, D))
    cell = {"RNN": torch.rnn_tanh, "LSTM": torch.lstm, "GRU": torch.gru}[kind]
    Wx, Wh, bx, bh = (torch.tensor(w.T) for w in [*weights, 0 * weights[2]][:4])

    def run(xs, state):
        out, *last = cell(torch.tensor(xs)[None], state, [Wx, Wh, bx, bh], True, 1, 0.0, False,
                          False, True)
        return out[0, -1], last

    def start(values):
        parts = values.view(-1, 1, 1, H)
        return tuple(parts) if kind == "LSTM" else parts[0]
    n = 2 * H if kind == "LSTM" else H
    found, state = recurrent.gradient_flow(kind, weights, x), torch.zeros(n, dtype=torch.double)
    assert found.shape == (T,)
    for t in range(T):
        jacobian = torch.autograd.functional.jacobian(
            lambda s, t=t: run(x[t:], start(s))[0], state)
        assert np.isclose(found[T - t - 1], np.linalg.norm(jacobian.numpy(), 2), rtol=1e-9)
        state = torch.cat([s.flatten() for s in run(x[t:t + 1], start(state))[1]])


def test_first_weights_are_as_pytorch_draws_them():
    rng = np.random.default_rng(0)
    for kind, gates in [("RNN", 1), ("LSTM", 4), ("GRU", 3)]:
        Wx, Wh, *biases = recurrent.initialise_recurrent(kind, 50, 100, rng=rng, forget_bias=2.0)
        assert Wx.shape == (50, gates * 100) and Wh.shape == (100, gates * 100)
        assert 0.099 < np.abs(Wh).max() <= 0.1 and len(biases) == 1 + (kind == "GRU")
        wanted = np.zeros(gates * 100)
        wanted[100:200] = 2.0 * (kind == "LSTM")
        assert np.array_equal(biases[0], wanted)
    with pytest.raises(ValueError, match="'lstm': choose from RNN, LSTM, GRU"):
        recurrent.initialise_recurrent("lstm", 2, 3, rng=rng)


def test_the_adding_task():
    x, y = recurrent.adding_task(500, 9, rng=np.random.default_rng(0))
    values, marks = x[..., 0], x[..., 1]
    assert x.shape == (500, 9, 2) and np.isclose(y.var(), 1 / 6, rtol=0.15)
    assert (marks[:, :4].sum(axis=1) == 1).all() and (marks[:, 4:].sum(axis=1) == 1).all()
    assert np.array_equal(y, (values * (marks == 1)).sum(axis=1))
    assert set(marks.argmax(axis=1)) == {0, 1, 2, 3}


def test_the_copy_task():
    x, y = recurrent.copy_task(200, 6, rng=np.random.default_rng(0), length=3, symbols=4)
    ids = x.argmax(axis=2)
    assert x.shape == (200, 12, 6) and (x.sum(axis=2) == 1).all() and set(y.ravel()) == {0, 1, 2, 3}
    assert np.array_equal(ids[:, :3], y)
    assert (ids[:, 9] == 5).all() and (np.delete(ids[:, 3:], 6, axis=1) == 4).all()


@pytest.mark.parametrize("call, words", [
    (lambda rng: recurrent.adding_task(3, 1, rng=rng), "T is 1"),
    (lambda rng: recurrent.copy_task(3, -1, rng=rng), "gap is -1"),
    (lambda rng: recurrent.copy_task(3, 2, rng=rng, length=0), "length 0"),
])
def test_tasks_refuse(call, words):
    with pytest.raises(ValueError, match=words):
        call(np.random.default_rng(0))


def test_forget_bias_is_set_for_every_layer_and_direction():
    lstm = torch.nn.LSTM(2, 3, num_layers=2, bidirectional=True)
    before = lstm.weight_hh_l0.clone()
    models.set_forget_bias(lstm, 1.5)
    for layer in ("l0", "l1", "l0_reverse", "l1_reverse"):
        both = getattr(lstm, f"bias_ih_{layer}") + getattr(lstm, f"bias_hh_{layer}")
        assert (both[3:6] == 1.5).all() and not (both[:3] == 1.5).any()
    assert torch.equal(before, lstm.weight_hh_l0)


def test_the_language_model_reads_in_pieces_as_in_one():
    torch.manual_seed(0)
    model, ids = models.LanguageModel(7).eval(), torch.randint(0, 7, (2, 11))
    first, state = model.step(ids[:, :4], None)
    second, _ = model.step(ids[:, 4:], state)
    assert torch.allclose(torch.cat([first, second], dim=1), model(ids), atol=1e-6)
    changed = ids.clone()
    changed[:, 6] = (ids[:, 6] + 1) % 7                   # it does not look ahead
    assert torch.equal(model(changed)[:, :6], model(ids)[:, :6])


def test_the_classifier_does_not_see_padding():
    torch.manual_seed(0)
    model = models.TextClassifier(20).eval()
    ids, lengths = torch.randint(2, 20, (4, 9)), torch.tensor([9, 2, 5, 1])
    alone = torch.cat([model(row[None, :n], n[None]) for row, n in zip(ids, lengths, strict=True)])
    for padding in (0, 7):
        padded = torch.where(torch.arange(9) < lengths[:, None], ids, padding)
        padded = torch.nn.functional.pad(padded, (0, 6), value=padding)
        assert torch.allclose(model(padded, lengths), alone, atol=1e-6)
    turned = torch.flip(ids[:1], dims=[1])                # but it does see the order
    assert not torch.allclose(model(turned, lengths[:1]), alone[:1], atol=1e-4)


@pytest.mark.slow
def test_the_models_learn():
    """A classifier that must find one word; a language model of a rhyme; a sum of two steps."""
    torch.manual_seed(0)
    ids, lengths = torch.randint(2, 9, (200, 6)), torch.randint(1, 7, (200,))
    real = torch.arange(6) < lengths[:, None]
    labels = ((ids == 5) & real).any(dim=1).float()
    model = models.TextClassifier(9, embedding=8, hidden=8, dropout=0.0)
    train.fit(model, (ids, lengths, labels), epochs=20, batch_size=20, progress=False,
              optimizer=torch.optim.Adam(model.parameters(), lr=0.02),
              loss=torch.nn.functional.binary_cross_entropy_with_logits)
    assert ((train.predict(model, ids, lengths) > 0) == labels.bool()).double().mean() > 0.97
    rhyme = torch.tensor([0, 1, 2, 0, 1, 3] * 20)[None]   # after 0 1: 2 or 3, in turn
    writer = models.LanguageModel(4, embedding=8, hidden=16, dropout=0.0)
    optimizer = torch.optim.Adam(writer.parameters(), lr=0.02)
    for _ in range(150):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(writer(rhyme[:, :-1])[0], rhyme[0, 1:])
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05
    net = models.SequenceModel("LSTM", 2, 5, 3, forget_bias=2.0)
    assert net(torch.zeros(4, 7, 2)).shape == (4, 7, 3)


@pytest.mark.slow
def test_the_widget_tells_what_it_draws():
    box = widgets.explore_flow()
    before = box.sentence
    bias, length = box.children[:2]
    length.value, bias.value = 30, 4.0
    assert "forget bias 4 the gate starts near 0.98" in box.sentence and "30 steps" in box.sentence
    assert box.sentence != before and "<img alt=" in box.children[3].value
    fig, sentence = widgets.draw_flow(20, -1.0)
    low = float(sentence.split("derivative is ")[1].split(",")[0])
    high = float(widgets.draw_flow(20, 3.0)[1].split("derivative is ")[1].split(",")[0])
    assert low < high and len(fig.axes[0].lines) == 3
    plots.png(fig)


def test_the_unrolled_network_has_a_way_back_for_each_way_forward():
    import matplotlib.pyplot as plt
    fig, ax = plt.subplots()
    assert plots.unrolled(ax, 3) is ax
    arrows = [a for a in ax.texts if getattr(a, "arrow_patch", None)]
    assert len(arrows) == 2 * 3 * 3
    assert {t.get_text() for t in ax.texts} >= {"$h_0$", "$h_3$", "$x_1$", "out$_3$"}
    plt.close(fig)
