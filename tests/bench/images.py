"""Measurements of lesson 4: NumPy's pairs against PyTorch, and MNIST trained fast. See __main__."""

import statistics
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from course_lib import conv, data, layers, models, optim, preprocess, train

BATCH = 32                                                # of lesson 4's LeNet


def forward_backward_ratio(forward, backward, in_torch, arrays, options, seconds):
    """Time of forward plus backward, ours over PyTorch's, in float32, taken in turn."""
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape).astype(np.float32) for shape in arrays]
    dout = rng.standard_normal(forward(*arrays, **options)[0].shape).astype(np.float32)
    leaves, upstream = [torch.tensor(a, requires_grad=True) for a in arrays], torch.tensor(dout)

    def ours():
        _, cache = forward(*arrays, **options)
        return backward(dout, cache)

    def theirs():
        return torch.autograd.grad(in_torch(*leaves), leaves, upstream)
    mine = ours()
    for a, b in zip(mine if isinstance(mine, tuple) else (mine,), theirs(), strict=True):
        assert np.allclose(a, b, rtol=1e-3, atol=1e-2), "they compute different things"
    return statistics.median(seconds(ours) / seconds(theirs) for _ in range(5))


def pairs(seconds):
    """Yield the ratios of the NumPy pairs at LeNet's sizes."""
    B = BATCH
    conv_pair = conv.conv2d_forward, conv.conv2d_backward, F.conv2d
    pool_pair = conv.max_pool2d_forward, conv.max_pool2d_backward, lambda x: F.max_pool2d(x, 2)
    norm_pair = (conv.batch_norm_forward, conv.batch_norm_backward,
                 lambda x, g, b: F.batch_norm(x, None, None, g, b, training=True))
    for name, pair, arrays, options in [
            ("conv2d, first", conv_pair, [(B, 1, 28, 28), (8, 1, 5, 5), (8,)], {}),
            ("conv2d, second", conv_pair, [(B, 8, 12, 12), (16, 8, 5, 5), (16,)], {}),
            ("max_pool2d, first", pool_pair, [(B, 8, 24, 24)], {"kernel_size": 2}),
            ("max_pool2d, second", pool_pair, [(B, 16, 8, 8)], {"kernel_size": 2}),
            ("batch_norm, first", norm_pair, [(B, 8, 24, 24), (8,), (8,)], {}),
            ("batch_norm, second", norm_pair, [(B, 16, 8, 8), (16,), (16,)], {})]:
        ratio = forward_backward_ratio(*pair, arrays, options, seconds)
        yield f"{name}: NumPy's time over torch's", ratio, "×"


def lenet_to_95(x_train, y_train, x_test, y_test):
    """Seconds until LeNet in NumPy has 95 % on the test set, seed 0."""
    x_train, x_test = (((x[:, None] / 255) - 0.13).astype(np.float32) for x in (x_train, x_test))
    rng = np.random.default_rng(0)
    weights, states, spent, k = conv.initialise_lenet(rng=rng), [{}] * 8, 0.0, 0
    for _ in range(5):
        began = time.perf_counter()
        for batch in preprocess.minibatches(len(x_train), BATCH, rng=rng):
            logits, cache = conv.lenet_forward(x_train[batch], *weights)
            _, loss_cache = layers.cross_entropy_forward(logits, labels=y_train[batch])
            grads = conv.lenet_backward(layers.cross_entropy_backward(1.0, loss_cache), cache)[1:]
            lr = optim.one_cycle_lr(k, max_lr=0.004, total_steps=5 * len(x_train) // BATCH)
            updates = [optim.adam(w, g, s, lr=lr)
                       for w, g, s in zip(weights, grads, states, strict=True)]
            weights, states = zip(*updates, strict=True)
            k += 1
        spent += time.perf_counter() - began
        if (conv.lenet_forward(x_test, *weights)[0].argmax(axis=1) == y_test).mean() >= 0.95:
            return spent
    raise RuntimeError("95 % was not reached in five passes")


def pytorch_example_cnn():
    """The network of PyTorch's own MNIST example, which everyone copies."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(128, 10))


def train_pytorch_example(train_set, test_set, passes=8):
    """Seconds of training until 99.0 %, and epochs, with that example's recipe."""
    torch.manual_seed(1)
    model = pytorch_example_cnn()
    optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.7)
    spent = 0.0
    for epoch in range(1, passes + 1):
        history = train.fit(model, train_set, optimizer=optimizer, epochs=1, batch_size=64,
                            test_set=test_set, seed=epoch)
        schedule.step()
        spent += history["seconds"][0]
        if history["accuracy"][-1] >= 0.99:
            return spent, epoch
    raise RuntimeError(f"99 % was not reached in {passes} passes")


def train_one_epoch(train_set, test_set, seed):
    """Seconds and accuracy of one epoch of fast_cnn: AdamW, one-cycle, batches of 128."""
    torch.manual_seed(seed)
    model = models.fast_cnn((8, 32, 64))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    steps = -(-len(train_set[0]) // 128)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps)
    history = train.fit(model, train_set, optimizer=optimizer, epochs=1, batch_size=128,
                        scheduler=cycle, test_set=test_set, seed=seed)
    return history["seconds"][0], history["accuracy"][-1]


def train_lesson_model(train_set, test_set, seed):
    """Accuracy of the lesson's last training: ten epochs, with all five tricks."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    def augment(batch):
        ink = batch.numpy() + np.float32(0.13)
        return torch.from_numpy(conv.random_shift(ink, max_shift=2, rng=rng) - np.float32(0.13))
    model = models.fast_cnn((8, 32, 64), dropout=0.25)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    steps = 10 * -(-len(train_set[0]) // 64)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps)
    return train.fit(model, train_set, optimizer=optimizer, epochs=10, batch_size=64, seed=seed,
                     scheduler=cycle, augment=augment, test_set=test_set,
                     loss=nn.CrossEntropyLoss(label_smoothing=0.1))["accuracy"][-1]


def mnist():
    """Yield the measurements that need all 70,000 digits; none where they are missing."""
    x_train, y_train, x_test, y_test = data.mnist()
    if len(x_train) < 60_000:
        print("mnist: the full set is not here: set COURSE_DATA")
        return
    torch.set_num_threads(2)

    def tensors(images, labels):
        ink = ((images[:, None] / 255) - 0.13).astype(np.float32)
        return torch.from_numpy(ink), torch.from_numpy(labels)
    sets = tensors(x_train, y_train), tensors(x_test, y_test)
    runs = [train_one_epoch(*sets, seed) for seed in range(3)]
    # the recipe divides by the deviation, too
    scaled = [(x / 0.3081, y) for x, y in sets]
    recipe, passes = train_pytorch_example(*scaled)
    runs += [train_one_epoch(*sets, seed) for seed in range(3, 5)]
    ours = statistics.median(t for t, _ in runs)
    yield "MNIST: everyone's recipe to 99.0 %", recipe, "s"
    yield "MNIST: its passes", passes, "passes"
    yield "MNIST: one pass of ours, median of five seeds", ours, "s"
    yield "MNIST: its worst accuracy of five seeds", 100 * min(a for _, a in runs), "%"
    yield "MNIST: everyone's time over ours", recipe / ours, "times"
    final = [train_lesson_model(*sets, seed) for seed in range(3)]
    yield "MNIST: ten passes of lesson 4, median of three", 100 * statistics.median(final), "%"
