# %% [markdown]
# # 2 · Fit a line by gradient descent
#
# A straight line is the smallest model that can be right or wrong about the world. It has a bowl
# for a loss, its gradient fits on one line, and the answer can be computed exactly. So here
# everything that gradient descent does can be *predicted* first and measured afterwards: how large
# a step may be, how many it takes, what a mini-batch costs. What you learn on the bowl you will use
# in every later lesson.
#
# [Open in Colab]({colab}) · [Open on Binder]({binder})

# %% [markdown]
# ## What you will do
#
# 1. Fit four points by hand, then 392 real cars, and arrive at the exact answer.
# 2. Look at the bowl, and at what a wrong step size does.
# 3. Predict the step size at which descent explodes, to two digits.
# 4. Use a few examples at a time, and measure the noise.
# 5. Ask why errors are squared, and what one typing mistake does.
# 6. Fit too well, notice it, and cure it; and see how easily one fools oneself.

# %% [markdown]
# ## What you need
#
# Lesson 1: gradients, and how to check them by nudging. From mathematics: matrix products; that a
# symmetric matrix has perpendicular directions, its *eigenvectors*, in which it only stretches, by
# its *eigenvalues*; mean, median, standard deviation and the bell curve. About two and a half hours
# with the exercises. The notebook itself runs in less than a minute and stays below 600 MB.

# %% [markdown]
# ## Symbols and shapes
#
# | symbol | meaning |
# |---|---|
# | $N$, $D$ | examples; columns of a matrix |
# | `x`, `y` | one feature and the target of each example, `(N,)` |
# | `X` | the features, `(N, D)`; for a model with an intercept, with a column of ones in front |
# | $\theta$, `theta` | the parameters: intercept $\theta_0$, slope $\theta_1$, … |
# | $\hat y$ | the prediction, $\theta_0 + \theta_1 x$, or $X\theta$ |
# | $L$ | the loss: the mean of the squared errors |
# | $\eta$, `lr` | the learning rate: the size of a step |
# | $H$ | the Hessian: the second derivatives of $L$, `(D, D)` |
# | $\lambda$ | an eigenvalue of $H$: how strongly the bowl is curved in one direction |
# | $\kappa$ | the condition number: the largest $\lambda$ over the smallest |
# | $B$ | examples in a mini-batch |
# | $\sigma$, $\delta$, $\rho$ | width of the noise; where Huber's loss turns straight; a penalty |

# %%
try:
    import course_lib
except ModuleNotFoundError:  # opened on its own, as on Colab: fetch the library, nothing else
    # If that fails: download the whole course from {repository}, and open the lesson in there.
    get_ipython().run_line_magic("pip", "install -q git+{repository}")

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
import torch

from course_lib import data, gradcheck, layers, plots, preprocess, regression, widgets
from course_lib.checks import case, check, hint, predict, solution

# %% [markdown]
# ## 1. Four points, then 392 cars
#
# Four points: $(1, 2), (2, 4), (3, 6), (4, 8)$. You see the line at once, $\hat y = 2x$. Gradient
# descent does not. It begins at $\theta = (0, 0)$, where every prediction is 0, and asks how wrong
# that is:
#
# $$L = \frac1N \sum_n (\hat y_n - y_n)^2 \tag{1}$$

# %%
x, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 4.0, 6.0, 8.0])
loss, _ = layers.mse_forward(np.zeros(4), target=y)
print(f"({'+'.join(f'{v:.0f}' for v in y**2)}) / 4 = {loss}")

# %% tags=["test"]
assert loss == 30

# %% [markdown]
# Each prediction contributes $(\hat y_n - y_n)^2 / N$, so its own slope is
#
# $$\frac{\partial L}{\partial \hat y_n} = \frac2N\,(\hat y_n - y_n) \tag{2}$$
#
# ### Exercise 2.1 · mse_and_grad · 2 points · 10 minutes

# %%
def mse_and_grad(prediction, *, target):
    """Mean squared error (1), a number, and its gradient (2), an array of prediction's shape.

    Both arrays have the same shape, whatever it is; N is the number of their entries.
    """
    ### BEGIN SOLUTION
    error = prediction - target
    return (error**2).mean(), 2 * error / error.size                  # (1), (2)
    ### END SOLUTION

# %%
check("2.1", mse_and_grad)

# %% [markdown]
# Now the chain rule. If $\theta_0$ grows by 1, every prediction grows by 1; if $\theta_1$ grows by
# 1, the prediction for $x_n$ grows by $x_n$:
#
# $$\frac{\partial L}{\partial \theta_0} = \frac2N \sum_n (\hat y_n - y_n), \qquad
# \frac{\partial L}{\partial \theta_1} = \frac2N \sum_n (\hat y_n - y_n)\, x_n \tag{3}$$
#
# #### Exercise 2.2 · line_gradient · 2 points · 15 minutes

# %%
def line_gradient(theta, x, y):
    """Gradient (3) of the mean squared error of theta[0] + theta[1] * x; two numbers."""
    ### BEGIN SOLUTION
    error = theta[0] + theta[1] * x - y
    return np.array([2 * error.mean(), 2 * (error * x).mean()])       # (3)
    ### END SOLUTION

# %%
check("2.2", line_gradient)

# %%
theta = np.zeros(2)
gradient = regression.line_gradient(theta, x, y)
nudged = gradcheck.central_difference(lambda t: ((t[0] + t[1] * x - y) ** 2).mean(), theta)
print("by formula (3):", gradient)
print("by nudging:    ", nudged.round(6))

# %% tags=["test"]
assert gradcheck.relative_error(gradient, nudged) < gradcheck.TOLERANCE

# %% [markdown]
# The gradient points where the loss rises fastest; in lesson 1 none of a thousand other directions
# did better. So take a step the other way:
#
# $$\theta \leftarrow \theta - \eta\, \frac{\partial L}{\partial \theta} \tag{4}$$
#
# **Predict.** With $\eta = 0.05$ the first step leads to $\theta = (0.5, 1.5)$. The loss was 30.
# What is it now? Four errors, squared, averaged: you can do it in your head.

# %%
predict("2.A", None)

# %% tags=["answer"]
theta = theta - 0.05 * gradient
print("theta:", theta, " loss:", layers.mse_forward(theta[0] + theta[1] * x, target=y)[0])

# %% [markdown]
# From 30 to less than 1 in a single step. Here is the loop that does nothing but this. (`batches`
# says which examples each step looks at; for now, all of them. The lesson goes on with the
# library's copy, `regression.line_path`.)

# %%
def line_path(theta, x, y, *, lr, batches):
    path = [theta]
    for batch in batches:
        theta = theta - lr * line_gradient(theta, x[batch], y[batch])  # (4)
        path.append(theta)
    return np.array(path)                                 # (T + 1, 2)

# %% [markdown]
# ### Cars
#
# Real data has units and does not lie on a line. 392 cars of the years 1970 to 1982: how far does a
# car of a given weight go on a gallon of petrol?

# %%
features, mpg, names = data.auto_mpg()                    # (392, 7), (392,)
print(names[3])
weight = features[:, 3] / 1000                            # in 1000 lb
print(f"from {weight.min():.2f} to {weight.max():.2f} thousand lb, "
      f"{mpg.min():.0f} to {mpg.max():.0f} miles per gallon")

# %% [markdown]
# For a line the best $\theta$ can be written down. With a column of ones and a column of $x$ in
# $X$, the predictions are $X\theta$, and the two sums of (3) are the two entries of $\frac2N
# X^T(X\theta - y)$. At the bottom of the bowl that is zero: $\frac2N X^T(X\theta - y) = 0$, and so
#
# $$X^T X\,\theta = X^T y \tag{5}$$
#
# These are the *normal equations*. `lstsq` solves them without forming $X^TX$, which is more exact.
# Then why descend at all? Because (5) needs predictions that are linear in $\theta$. One $\tanh$,
# and there is no such formula; descent does not mind.

# %%
X = np.column_stack([np.ones(len(weight)), weight])       # (392, 2)
exact = np.linalg.lstsq(X, mpg, rcond=None)[0]            # (2,)
print(f"miles per gallon = {exact[0]:.2f} - {-exact[1]:.2f} for every 1000 lb")

# %% tags=["test"]
assert np.allclose(X.T @ X @ exact, X.T @ mpg)                        # (5)

# %% [markdown]
# That is the truth. Gradient descent, which knows nothing of it, must arrive at the same two
# numbers.

# %%
every = [slice(None)] * 5000                              # all examples, 5,000 times
path = regression.line_path(np.zeros(2), weight, mpg, lr=0.09, batches=every)
print("after    10 steps:", path[10].round(2))
print("after   500 steps:", path[500].round(2))
print("after 5,000 steps:", path[-1].round(2))
print("exact:            ", exact.round(2))
print(f"largest difference: ≈ {np.abs(path[-1] - exact).max():.0e}")

# %% tags=["folded"]
fig, ax = plt.subplots()
ax.scatter(weight, mpg, s=6, color=plots.SKY)
ends = np.array([1.5, 5.2])
for step, colour in [(3, plots.GREY), (100, plots.ORANGE), (5000, plots.BLUE)]:
    ax.plot(ends, path[step][0] + path[step][1] * ends, color=colour, label=f"{step:,} steps")
ax.set(xlabel="weight (1000 lb)", ylabel="miles per gallon", ylim=(0, 50))
ax.legend()
plots.show(fig, alt="Miles per gallon against weight for 392 cars, falling from the upper left to "
           "the lower right. The line after 3 steps rises, quite wrong; that after 100 falls, not "
           "yet steep enough; that after 5,000 runs through the middle of the cloud.")

# %% tags=["test"]
assert np.abs(path[-1] - exact).max() < 1e-8
assert path[3][1] > 0 > path[100][1] > 0.9 * exact[1]

# %% [markdown]
# Arrived; but 5,000 steps for two numbers? Something makes this bowl hard to walk in.

# %% [markdown]
# ## 2. The bowl
#
# With two parameters the loss can be drawn as a map. We count the weight from 2,000 lb on, which
# makes the bowl rounder (you will see why); the intercept is now how many miles a car of 2,000 lb
# goes on a gallon. Four learning rates start from the same point, (0, 0), and take 25 steps; the
# star is the minimum.

# %%
light = weight - 2.0                                      # 1000 lb above 2,000 lb
X = np.column_stack([np.ones(len(light)), light])
exact = np.linalg.lstsq(X, mpg, rcond=None)[0]

def bowl(theta):
    return ((theta[0] + theta[1] * light - mpg) ** 2).mean()

# %% tags=["folded"]
fig, axes = plt.subplots(1, 4, figsize=(10, 2.8), sharey=True)
for ax, lr in zip(axes, [0.01, 0.2, 0.4, 0.43]):
    plots.loss_surface(ax, bowl, x_range=(-5, 55), y_range=(-30, 22))
    path = regression.line_path(np.zeros(2), light, mpg, lr=lr, batches=[slice(None)] * 25)
    plots.path(ax, path)
    ax.plot(*exact, "*", color=plots.RED, markersize=10)
    ax.set(title=f"lr = {lr}, loss {bowl(path[-1]):,.0f}", xlabel="intercept (mpg)")
axes[0].set_ylabel("slope (mpg per 1000 lb)")
plots.show(fig, alt="The loss as a tilted oval bowl over intercept and slope, with 25 steps of "
           "descent at four rates: 0.01 creeps and has not arrived; 0.2 bends into the valley and "
           "arrives; 0.4 jumps from wall to wall, less far each time; 0.43 jumps farther each "
           "time and leaves.")

# %% [markdown]
# Too small, and 25 steps are not nearly enough. Larger, and it arrives. Larger still, and it leaps
# from one wall of the valley to the other. A hair more, and every leap is longer than the one
# before. The passage from *works* to *explodes* is sharp. Where exactly is it?

# %% [markdown]
# ## 3. How large may a step be?
#
# The loss is a quadratic function, so its second derivatives are the same everywhere:
#
# $$H = \frac2N X^T X \tag{6}$$
#
# and its gradient at $\theta$ is exactly $H(\theta - \theta^*)$, with $\theta^*$ the minimum,
# because $X^Ty = X^TX\theta^*$ by (5). Put this into (4). The eigenvectors of $H$ are perpendicular
# to each other, so every distance from the minimum is a sum of parts along them; and along one of
# them $H$ just multiplies by $\lambda$. One step multiplies the distance from the minimum by
#
# $$1 - \eta\lambda \tag{7}$$
#
# If this is between $-1$ and $1$ in *every* direction, the distance shrinks. It is below $-1$ as
# soon as $\eta > 2/\lambda$, and that happens first for the largest $\lambda$. So the largest
# stable rate is $2 / \lambda_{\max}$.
#
# ### Exercise 2.3 · largest_stable_lr · 2 points · 10 minutes

# %%
def largest_stable_lr(X):
    """The learning rate 2 / λ_max above which descent on the loss (1) of X θ diverges."""
    ### BEGIN SOLUTION
    H = 2 * X.T @ X / len(X)                                          # (6)
    return 2 / np.linalg.eigvalsh(H)[-1]
    ### END SOLUTION

# %%
check("2.3", largest_stable_lr)

# %% [markdown]
# That was a prediction from two lines of algebra. Now the experiment, which knows no eigenvalues:
# run 1,000 steps, see whether $\theta$ has left for the millions, and halve the interval until the
# threshold is found.

# %%
def explodes(x, lr):
    path = regression.line_path(np.zeros(2), x, mpg, lr=lr, batches=[slice(None)] * 1000)
    return not np.abs(path[-1]).max() < 1e6               # "not <" is true for NaN as well

def threshold(x, low=0.0, high=2.0):
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(12):
            middle = (low + high) / 2
            low, high = (low, middle) if explodes(x, middle) else (middle, high)
    return (low + high) / 2

# %%
ratios = []
for name, x in [("weight", weight), ("weight above 2,000 lb", light)]:
    predicted = regression.largest_stable_lr(np.column_stack([np.ones(len(x)), x]))
    measured = threshold(x)
    print(f"{name:<22} predicted {predicted:.2g}, measured {measured:.2g}")
    ratios.append(measured / predicted)

# %% tags=["test"]
assert np.allclose(ratios, 1, atol=0.02)

# %% [markdown]
# To two digits. This is why a network that explodes is first cured with a smaller learning rate.
#
# ### Scaling
#
# The slowest direction is the one with the smallest $\lambda$. With $\eta = 1/\lambda_{\max}$, half
# of the threshold, its distance shrinks by a factor of $1 - \lambda_{\min}/\lambda_{\max}$ per
# step. So what counts is the *condition number* $\kappa = \lambda_{\max} / \lambda_{\min}$: the
# number of steps grows in proportion to it. And for the same cars, $\kappa$ depends only on the
# **units** and the zero that we chose.

# %%
def steps_needed(x, tolerance=1e-6):
    """Condition number, and steps until all but a millionth of the avoidable loss is gone."""
    X = np.column_stack([np.ones(len(x)), x])
    eigenvalues = np.linalg.eigvalsh(regression.mse_hessian(X))
    best = ((X @ np.linalg.lstsq(X, mpg, rcond=None)[0] - mpg) ** 2).mean()
    theta, lr, steps = np.zeros(2), regression.largest_stable_lr(X) / 2, 0
    goal = best + tolerance * ((mpg**2).mean() - best)
    while ((X @ theta - mpg) ** 2).mean() > goal:
        theta, steps = theta - lr * regression.line_gradient(theta, x, mpg), steps + 1
    return eigenvalues[-1] / eigenvalues[0], steps

# %%
tried = {f"{unit:,} lb": steps_needed(features[:, 3] / unit) for unit in (200, 500, 1000, 2000)}
tried["above 2,000 lb"] = steps_needed(light)
for name, (kappa, steps) in tried.items():
    print(f"{name:<15} condition number {kappa:>6,.0f}   steps {steps:>6,}")

# %% [markdown]
# **Predict.** Now *standardise* the weight: subtract the mean and divide by the standard deviation.
# Then $H$ is twice the identity, all eigenvalues are 2, and the bowl is round. With
# $\eta = \tfrac12$, how many steps lead to the bottom?

# %%
predict("2.B", None)

# %% tags=["answer"]
standardised = (weight - weight.mean()) / weight.std()
tried["standardised"] = steps_needed(standardised)
path = regression.line_path(np.zeros(2), standardised, mpg, lr=0.5, batches=[slice(None)])
exact = np.linalg.lstsq(np.column_stack([np.ones(392), standardised]), mpg, rcond=None)[0]
print("steps:", tried["standardised"][1])
print("theta:", path[-1].round(4), " exact:", exact.round(4))
print(f"standardising saves a factor of {tried['1,000 lb'][1] / tried['standardised'][1]:,.0f}")

# %% tags=["test"]
assert np.allclose(path[-1], exact)

# %% tags=["answer", "folded"]
fig, ax = plt.subplots()
ax.loglog(*zip(*tried.values()), "o")
kappas = np.array([1, 1e4])
kappa, steps = tried["1,000 lb"]
ax.plot(kappas, kappas * steps / kappa, **plots.CHANCE, label="in proportion")
for name, (kappa, steps) in tried.items():
    ax.annotate(name, (kappa, steps), xytext=(6, -4), textcoords="offset points", fontsize=9)
ax.set(xlabel="condition number", ylabel="steps until a millionth of\nthe avoidable loss is left",
       xlim=(0.7, 2e4), ylim=(0.6, 1e5))
ax.legend()
plots.show(fig, alt="Steps needed against the condition number, both on log scales: the points "
           "lie on a rising straight line, but for the standardised weight, which needs 1 step "
           "and lies below it.")

# %% [markdown]
# With all seven features the bowl does not become quite round, because they are correlated, but the
# difference is enormous:

# %%
def condition(Z):
    eigenvalues = np.linalg.eigvalsh(regression.mse_hessian(np.column_stack([np.ones(392), Z])))
    return eigenvalues[-1] / eigenvalues[0]

raw, scaled = condition(features), condition(preprocess.standardise(features)[0])
print(f"all seven features: condition number 10^{np.log10(raw):.0f} raw, {scaled:.0f} standardised")

# %% tags=["test"]
assert raw > 1e6 * scaled

# %% [markdown]
# So standardise, always. One rule comes with it: mean and deviation are *learned* numbers. Take
# them from the training set, and use the same ones for every other set, because a new car arrives
# alone and has no mean.
#
# #### Exercise 2.4 · standardise · 2 points · 10 minutes

# %%
def standardise(train, *others):
    """Every set with train's mean subtracted and divided by train's deviation, column by column.

    The sets have shapes (N, D), (M, D), … Return a list: train first, then the others. The
    deviation is the standard deviation as NumPy's std computes it, so that train's is exactly 1.
    """
    ### BEGIN SOLUTION
    mean, std = train.mean(axis=0), train.std(axis=0)
    return [(x - mean) / std for x in (train, *others)]
    ### END SOLUTION

# %%
check("2.4", standardise)

# %% [markdown]
# ## 4. All, some, or one
#
# Each step so far looked at all 392 cars. With a million examples that is a high price for one
# small step. But a handful of examples, drawn at random, already tells roughly which way is down.
# Take a *mini-batch* for each step; when every example has been used once, that was one *pass* (or
# *epoch*).
#
# ### Exercise 2.5 · minibatches · 2 points · 10 minutes

# %%
def minibatches(n, batch_size, *, rng):
    """Deal 0 … n - 1 out, in random order, into arrays of batch_size; the last may be smaller."""
    ### BEGIN SOLUTION
    order = rng.permutation(n)
    return [order[i:i + batch_size] for i in range(0, n, batch_size)]
    ### END SOLUTION

# %%
check("2.5", minibatches)

# %% [markdown]
# On average nothing is lost: at one and the same $\theta$, the mean of the gradients of all
# mini-batches of a pass *is* the full gradient, if the batches are equally large.

# %%
theta, rng = np.array([20.0, 3.0]), np.random.default_rng(0)
batches = preprocess.minibatches(392, 8, rng=rng)         # 49 batches of 8
gradients = [regression.line_gradient(theta, light[b], mpg[b]) for b in batches]
full = regression.line_gradient(theta, light, mpg)
print("mean of 49:", np.mean(gradients, axis=0).round(4), "  full:", full.round(4))

# %% tags=["test"]
assert np.allclose(np.mean(gradients, axis=0), full)

# %% [markdown]
# What changes is the noise. Draw many mini-batches of each size, here with replacement, and measure
# how far their gradients scatter. (As in all figures, a line is the median and the band around it
# runs from the smallest to the largest.)

# %%
sizes = [1, 2, 4, 8, 16, 32, 64, 128]

def scatter(size, seed):
    rng = np.random.default_rng(seed)
    drawn = [rng.integers(0, 392, size) for _ in range(500)]
    return np.std([regression.line_gradient(theta, light[b], mpg[b]) for b in drawn], axis=0)[1]

noise = np.array([[scatter(size, seed) for size in sizes] for seed in range(5)])   # (5, 8)
ratio = np.median(noise[:, 0] / noise[:, 4])
print(f"16 times as many examples, {ratio:.0f} times less noise")

# %% tags=["folded"]
fig, ax = plt.subplots()
plots.band(ax, sizes, noise, label="measured, five seeds")
ax.plot(sizes, np.median(noise[:, 0]) / np.sqrt(sizes), ":", color="black", label="1 / √B")
ax.set(xscale="log", yscale="log", xlabel="batch size B", ylabel="scatter of the slope's gradient",
       xticks=sizes, xticklabels=sizes, yticks=[2, 5, 10, 20], yticklabels=[2, 5, 10, 20])
ax.minorticks_off()
ax.legend()
plots.show(fig, alt="Scatter of the gradient against the batch size, both on log scales: a "
           "straight line that falls as one over the square root of the batch size.")

# %% tags=["test"]
assert 3.5 < ratio < 4.5

# %% [markdown]
# One over the square root. To halve the noise you pay four times as much, and that is why small
# batches are such a bargain. (We drew with replacement. Dealt out as in a pass, large batches
# scatter less still: with all 392 there is no noise left.) Here are three sizes on the same bowl,
# with the same rate, for two passes over the data.

# %%
paths = {}
for size in (392, 32, 1):
    rng = np.random.default_rng(1)
    batches = [b for _ in range(2) for b in preprocess.minibatches(392, size, rng=rng)]
    paths[size] = regression.line_path(np.zeros(2), light, mpg, lr=0.05, batches=batches)

exact = np.linalg.lstsq(X, mpg, rcond=None)[0]

# %% tags=["folded"]
fig, axes = plt.subplots(1, 3, figsize=(10, 2.8), sharey=True)
for ax, (size, path) in zip(axes, paths.items()):
    plots.loss_surface(ax, bowl, x_range=(-5, 55), y_range=(-20, 22))
    plots.path(ax, path)
    ax.plot(*exact, "*", color=plots.RED, markersize=10)
    ax.set(title=f"batches of {size}: {len(path) - 1} steps", xlabel="intercept (mpg)")
axes[0].set_ylabel("slope (mpg per 1000 lb)")
plots.show(fig, alt="Two passes over the data on the bowl. With all 392 at once, two steps and "
           "far from the minimum. With batches of 32, 26 steps, a slightly trembling line, more "
           "than half of the way. One at a time, 784 steps, that arrive early and then scribble "
           "around it.")

# %% [markdown]
# One pass is not one second, though: 392 small steps take longer than one large one. So again,
# against both clocks, and each size with a rate that suits it: the less noise, the larger the rate
# may be.

# %%
def timed(size, lr, passes):
    """Passes, seconds and loss after every step; the time is the best of five runs."""
    rng, took = np.random.default_rng(1), []
    batches = [b for _ in range(passes) for b in preprocess.minibatches(392, size, rng=rng)]
    for _ in range(5):
        began = time.perf_counter()
        path = regression.line_path(np.zeros(2), light, mpg, lr=lr, batches=batches)
        took.append(time.perf_counter() - began)
    share = np.linspace(0, 1, len(path))
    return share * passes, share * min(took), np.array([bowl(theta) for theta in path])

runs = {392: timed(392, 0.3, 40), 32: timed(32, 0.2, 10), 1: timed(1, 0.05, 5)}

# %%
after = {size: losses[passes >= 1][0] for size, (passes, _, losses) in runs.items()}
steps = {size: int(np.argmax(losses < 25)) for size, (_, _, losses) in runs.items()}
print("loss after one pass:    ", {size: round(float(loss)) for size, loss in after.items()})
print("steps to a loss below 25:", steps)

# %% tags=["folded"]
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3), sharey=True)
for size, (passes, seconds, losses) in runs.items():
    left.plot(passes, losses, label=f"batches of {size}")
    right.plot(1000 * seconds, losses)
left.set(xlabel="passes over the data", ylabel="loss (mpg²)", xlim=(0, 5), yscale="log",
         yticks=[20, 50, 100, 200, 500], yticklabels=[20, 50, 100, 200, 500])
left.minorticks_off()
right.set(xlabel="milliseconds", xlim=(0, 2))
left.legend()
plots.show(fig, alt="The loss against passes, left, and against milliseconds, right, for batches "
           "of 392, 32 and 1. Per pass, one car at a time is far ahead and all 392 at once are far "
           "behind; against the clock it is the other way round.")

# %% tags=["test"]
assert after[1] < after[32] < after[392] / 2 and max(steps.values()) < 100

# %% [markdown]
# Per pass, small batches win by far. Per second it is another matter. A step on 392 cars costs
# NumPy hardly more than one on a single car, and with less noise the steps may be larger, so there
# are fewer of them: here the order is turned round. With a million examples, one step on all of
# them costs what thousands of small ones do, and small batches win again. Which size is best
# depends on the data and on the machine: measure it.
#
# Note also the scribble: with a fixed rate, noisy steps never settle. How far they stay away grows
# with the rate:

# %%
def hovering(lr, seed, passes=20):
    """Mean excess loss over the second half of training, one example at a time."""
    rng = np.random.default_rng(seed)
    batches = [b for _ in range(passes) for b in preprocess.minibatches(392, 1, rng=rng)]
    path = regression.line_path(np.zeros(2), light, mpg, lr=lr, batches=batches)
    return np.mean([bowl(t) for t in path[len(path) // 2::50]]) - bowl(exact)

rates = [0.005, 0.01, 0.02, 0.04]
excess = np.array([[hovering(lr, seed) for lr in rates] for seed in range(5)])     # (5, 4)
for lr, column in zip(rates, excess.T):
    print(f"lr {lr:<6} excess loss, median of five seeds: {np.median(column):.1f} mpg²")

# %% tags=["test"]
assert np.all(np.diff(np.median(excess, axis=0)) > 0)

# %% [markdown]
# So one starts with large steps and makes them smaller: a *schedule*, in lesson 3.
#
# ### Try it
#
# Move the sliders. Find a rate that works with all 392 and fails one at a time.

# %% tags=["nbval-ignore-output"]
explorer = widgets.explore_descent(light, mpg)
explorer

# %% tags=["test"]
assert "Learning rate 0.05" in explorer.sentence

# %% [markdown]
# Three settings of it, for those who read this on paper. Look at the second. A rate of 0.3 works
# with all 392; one car at a time, $\theta$ is thrown out to enormous losses, falls back, and is
# thrown out again.

# %% tags=["folded"]
for lr, size in [(0.3, 392), (0.3, 1), (0.05, 1)]:
    fig, says = widgets.draw_descent(light, mpg, lr=lr, batch_size=size)
    plots.show(fig, alt=says)

# %% [markdown]
# ## 5. Why squares?
#
# Because of a picture of the world: the truth lies on the line, and what we see is off by Gaussian
# noise of width $\sigma$, drawn anew for each example. The probability density $p$ of what we saw
# is then a product of bell curves, and
#
# $$-\ln p = \frac{1}{2\sigma^2}\sum_n (\hat y_n - y_n)^2 + \text{const} \tag{8}$$
#
# To make the data as probable as possible is to make the squares as small as possible. If the
# picture is right. Is it?

# %%
residual = mpg - X @ exact                                # (392,), in mpg
skew = ((residual / residual.std()) ** 3).mean()
print(f"typical error {residual.std():.1f} mpg, skewness {skew:.1f} (0 for a bell curve)")

# %% tags=["folded"]
fig, ax = plt.subplots()
ax.hist(residual, bins=30, density=True, color=plots.SKY)
e = np.linspace(-14, 18, 200)
bell = np.exp(-(e**2) / (2 * residual.var())) / np.sqrt(2 * np.pi * residual.var())
ax.plot(e, bell, color="black", label="bell curve of the same width")
ax.set(xlabel="error of the line (mpg)", ylabel="density")
ax.legend()
plots.show(fig, alt="Histogram of the line's errors with a bell curve of the same width. The "
           "errors lean to the right: more large positive ones than the curve allows.")

# %% tags=["test"]
assert skew > 0.5

# %% [markdown]
# Roughly; but the tail on the right is too long. (8) says what that means: to squares, a large
# error is nearly impossible, so they bend everything to avoid it. Suppose one number was typed
# without its point: the lightest car, 35.0 miles per gallon, entered as 350.

# %%
typo = mpg.copy()
lightest = light.argmin()
typo[lightest] *= 10
squares, squares_typo = (np.linalg.lstsq(X, t, rcond=None)[0] for t in (mpg, typo))
print(f"{mpg[lightest]:.0f} became {typo[lightest]:.0f}")
print("slope by squares, before and after:", squares[1].round(2), squares_typo[1].round(2))

# %% [markdown]
# This one wrong entry among 392 moves the slope by a fifth. (We chose its place with care: at the
# end of the range a point has the longest lever. In the middle it would hardly move the slope.)
# The *Huber loss* is more forgiving: a square
# near the target, a straight line far away, joined without a corner at a distance $\delta$:
#
# $$\ell(e) = \begin{cases} \tfrac12 e^2 & |e| \le \delta \\ \delta\,(|e| - \tfrac12\delta) & |e| >
# \delta \end{cases} \qquad \ell'(e) = \begin{cases} e & |e| \le \delta \\ \delta\,\mathrm{sign}(e)
# & |e| > \delta \end{cases} \tag{9}$$
#
# However wrong a point is, it pulls with a force of $\delta$ at most.
#
# ### Exercise 2.6 · huber_and_grad · 3 points · 15 minutes

# %%
def huber_and_grad(prediction, *, target, delta=1.0):
    """Mean of the Huber loss (9) over all entries, a number, and its gradient.

    prediction, target and the gradient have one shape, whatever it is.
    """
    ### BEGIN SOLUTION
    e = prediction - target
    loss = np.where(np.abs(e) <= delta, e**2 / 2, delta * (np.abs(e) - delta / 2))
    return loss.mean(), np.clip(e, -delta, delta) / e.size            # (9)
    ### END SOLUTION

# %%
check("2.6", huber_and_grad)

# %%
def huber_line(y, delta=3.0, lr=0.4):
    theta = np.zeros(2)
    for _ in range(5000):
        _, grad = layers.huber_and_grad(X @ theta, target=y, delta=delta)
        theta = theta - lr * X.T @ grad
    return theta

huber, huber_typo = huber_line(mpg), huber_line(typo)
print("slope by Huber, before and after:", huber[1].round(2), huber_typo[1].round(2))

# %% tags=["folded"]
fig, ax = plt.subplots()
ax.scatter(light + 2, typo, s=6, color=plots.SKY)
for name, t, colour in [("squares", squares_typo, plots.RED), ("Huber", huber_typo, plots.GREEN)]:
    ax.plot(ends, t[0] + t[1] * (ends - 2), color=colour, label=f"{name}, with the typo")
ax.plot(ends, huber[0] + huber[1] * (ends - 2), ":", color="black", linewidth=3,
        label="Huber, without")
ax.annotate("350 mpg", (light[lightest] + 2, 59.5), (light[lightest] + 2, 50), ha="center",
            arrowprops={"arrowstyle": "->"})
ax.set(xlabel="weight (1000 lb)", ylabel="miles per gallon", ylim=(0, 60))
ax.legend()
plots.show(fig, alt="The cars with one value ten times too large, outside the picture. The line by "
           "squares is visibly steeper than Huber's two, with and without it, which lie on each "
           "other.")

# %% tags=["test"]
assert abs(squares_typo[1] / squares[1] - 1) > 0.15 and abs(huber_typo[1] / huber[1] - 1) < 0.01

# %% [markdown]
# ## 6. Fitting too well
#
# A line is too stiff: miles per gallon do not fall along a straight line as horsepower grows. Add
# $x^2$, $x^3$, … as further features, and the model is a *polynomial*; it is still linear in
# $\theta$, so (5) still solves it. We learn from 30 cars and judge on the other 362, with twenty
# random draws of the 30.

# %%
horsepower = features[:, 2]

def split(seed, n=30):
    """Standardised horsepower and mpg of n cars to learn from, and of the rest."""
    order = np.random.default_rng(seed).permutation(392)
    a, b = order[:n], order[n:]
    learn, judge = preprocess.standardise(horsepower[a, None], horsepower[b, None])
    return learn[:, 0], mpg[a], judge[:, 0], mpg[b]

def fit(x, y, degree):
    return np.linalg.lstsq(np.vander(x, degree + 1), y, rcond=None)[0]

def rmse(theta, x, y):
    """Root of the mean squared error, in miles per gallon."""
    return np.sqrt(((np.vander(x, len(theta)) @ theta - y) ** 2).mean())

# %% tags=["folded"]
fig, axes = plt.subplots(1, 3, figsize=(10, 2.8), sharey=True)
for ax, degree in zip(axes, [1, 2, 10]):
    for seed, colour in enumerate([plots.BLUE, plots.ORANGE, plots.GREEN]):
        x, y, _, _ = split(seed)
        between = np.linspace(x.min(), x.max(), 200)
        ax.plot(x, y, ".", color=colour, alpha=0.4)
        ax.plot(between, np.vander(between, degree + 1) @ fit(x, y, degree), color=colour)
    ax.set(title=f"degree {degree}", xlabel="horsepower (standardised)", ylim=(0, 50))
axes[0].set_ylabel("miles per gallon")
plots.show(fig, alt="Polynomials of degree 1, 2 and 10, each fitted to three draws of 30 cars. The "
           "three lines nearly agree, so do the three parabolas; those of degree 10 swing up and "
           "down between the points, each in its own way.")

# %%
degrees, seen, unseen = range(1, 11), [], []
for seed in range(20):
    x, y, x_new, y_new = split(seed)
    fits = [fit(x, y, degree) for degree in degrees]
    seen.append([rmse(theta, x, y) for theta in fits])
    unseen.append([rmse(theta, x_new, y_new) for theta in fits])
seen, unseen = np.array(seen), np.array(unseen)           # each (20, 10)
for degree in (1, 2, 8):
    a, b = np.median(seen[:, degree - 1]), np.median(unseen[:, degree - 1])
    print(f"degree {degree}: off by {a:.1f} mpg on the 30, by {b:.1f} on the others")

# %% tags=["folded"]
fig, ax = plt.subplots()
plots.band(ax, degrees, seen, label="the 30 it learned from", color=plots.TRAIN)
plots.band(ax, degrees, unseen, label="the other 362", color=plots.TEST)
ax.set(yscale="log", xlabel="degree of the polynomial", ylabel="error (mpg)",
       xticks=list(degrees))
ax.legend(loc="upper left")
plots.show(fig, alt="Error against the degree of the polynomial, on a log scale, twenty draws. On "
           "the 30 cars it learned from the error keeps falling; on the others it is lowest at "
           "degree 2 and explodes from about 6 on.")

# %% tags=["test"]
assert np.all(np.diff(np.median(seen, axis=0)) < 0.05)
assert np.median(unseen, axis=0).argmin() == 1 and np.median(unseen[:, 7]) > 20

# %% [markdown]
# On what it has seen, the more flexible model is never worse. On what it has not seen, it is a
# catastrophe. Where does that come from? Look at the new cars within the range of the thirty, and
# at the others, which are stronger or weaker than all thirty.

# %%
def by_range(seed, degree):
    """Error on new cars within the range of the 30; share of the squared error of the others."""
    x, y, x_new, y_new = split(seed)
    inside = (x_new >= x.min()) & (x_new <= x.max())
    squared = (np.vander(x_new, degree + 1) @ fit(x, y, degree) - y_new) ** 2
    return np.sqrt(squared[inside].mean()), squared[~inside].sum() / squared.sum()

(stiff, _), (flexible, share) = (
    np.median([by_range(seed, degree) for seed in range(20)], axis=0) for degree in (2, 8))
print(f"within the range, degree 2 is off by {stiff:.1f} mpg, degree 8 by {flexible:.1f}")
print(f"the cars outside make {share:.0%} of the squared error of degree 8")

# %% tags=["test"]
assert flexible < 1.3 * stiff and share > 0.8

# %% [markdown]
# Within the range, degree 8 is only a little worse than degree 2. Beyond it nothing holds the
# curve, and high powers shoot off. Both are *overfitting*: the curve follows the noise of its
# thirty cars, and pays most where it has none. (The field has two names for what the first figure
# shows. A model that is too stiff is off in the same way on every draw: that is *bias*. One that is
# too flexible is off in another way on each: *variance*.) The lesson of it is a rule: **never judge
# a model on what it learned from.**
#
# ### Choosing fairly
#
# But we chose degree 2 by looking at the other cars! A number that was used to choose is no longer
# a fair judge. So data is split in three: *training* to fit, *validation* to choose, *test* to
# report, once. And when there is little data, as here, each part takes its turn as the validation
# set: *k-fold cross-validation*.
#
# #### Exercise 2.7 · k_fold · 2 points · 15 minutes

# %%
def k_fold(n, k, *, rng):
    """Shuffle 0 … n - 1 and cut into k parts; return k pairs (train, valid), each part valid once.

    The parts' sizes differ by 1 at most.
    """
    ### BEGIN SOLUTION
    parts = np.array_split(rng.permutation(n), k)
    return [(np.concatenate(parts[:i] + parts[i + 1:]), parts[i]) for i in range(k)]
    ### END SOLUTION

# %%
check("2.7", k_fold)

# %% [markdown]
# Three ways of choosing the degree from the same 30 cars: by the training error; by the error on
# six cars set aside; by five-fold cross-validation. The other 362 are the test set, and are looked
# at only to report. Sixty draws.

# %%
def chosen_degree(x, y, how, rng):
    def score(train, valid, degree):
        return rmse(fit(x[train], y[train], degree), x[valid], y[valid]) ** 2
    folds = preprocess.k_fold(30, 5, rng=rng)
    folds = {"training": [(np.arange(30),) * 2], "one split": folds[:1], "5-fold": folds}[how]
    return 1 + np.argmin([np.mean([score(a, b, d) for a, b in folds]) for d in range(1, 9)])

# %%
ways = ["training", "one split", "5-fold"]
reported = {way: [] for way in ways}
for seed in range(60):
    x, y, x_new, y_new = split(seed)
    for way in ways:
        degree = chosen_degree(x, y, way, np.random.default_rng(seed))
        reported[way].append(rmse(fit(x, y, degree), x_new, y_new))
for way, errors in reported.items():
    low, middle, high = np.percentile(errors, [10, 50, 90])
    print(f"{way:<9} test error {middle:5.1f} mpg   (one draw in ten is above {high:,.0f})")
disasters = {way: float(np.mean(np.array(errors) > 10)) for way, errors in reported.items()}
print("off by more than 10 mpg:", {way: f"{share:.0%}" for way, share in disasters.items()})

# %% tags=["test"]
assert disasters["5-fold"] < 0.1 < disasters["one split"] < 0.3 < 0.6 < disasters["training"]

# %% [markdown]
# The training error picks a disaster in most draws. One split usually picks well, but one draw in
# five is a disaster. Cross-validation costs five fits instead of one and is hardly ever far off.
#
# ### Keeping the weights small
#
# Instead of forbidding high degrees one can make large weights expensive. *Ridge* regression adds
# their squares to the loss:
#
# $$L + \rho \sum_{d \ge 1} \theta_d^2, \qquad \text{with gradient}\quad
# \frac2N X^T(X\theta - y) + 2\rho\,(0, \theta_1, \theta_2, \dots) \tag{10}$$
#
# The intercept is left out: how high the curve lies is no sign of complexity.
#
# #### Exercise 2.8 · ridge_gradient · 3 points · 15 minutes

# %%
def ridge_gradient(theta, X, y, *, penalty):
    """Gradient (10); X is (N, D) with ones in its first column, penalty is ρ."""
    ### BEGIN SOLUTION
    not_first = np.arange(len(theta)) > 0
    return 2 * X.T @ (X @ theta - y) / len(y) + 2 * penalty * theta * not_first
    ### END SOLUTION

# %%
check("2.8", ridge_gradient)

# %%
def powers(x, x_new, degree=10):
    """Standardised powers 1 to degree of both sets, with a column of ones."""
    sets = [np.vander(v, degree + 1, increasing=True)[:, 1:] for v in (x, x_new)]
    return [np.column_stack([np.ones(len(s)), s]) for s in preprocess.standardise(*sets)]

penalties = 10.0 ** np.arange(-5, 2)

def off_by(theta, P, y):
    return np.sqrt(((P @ theta - y) ** 2).mean())

def chosen_penalty(x, y, rng):
    """The penalty with the lowest error in 5-fold cross-validation on these cars alone."""
    def score(train, valid, rho):
        P, P_valid = powers(x[train], x[valid])
        return off_by(regression.ridge(P, y[train], penalty=rho), P_valid, y[valid]) ** 2
    folds = preprocess.k_fold(len(x), 5, rng=rng)
    return min(penalties, key=lambda rho: np.mean([score(*fold, rho) for fold in folds]))

# %%
errors, honest, low = [], [], []
for seed in range(20):
    x, y, x_new, y_new = split(seed)
    degree = chosen_degree(x, y, "5-fold", np.random.default_rng(seed))
    low.append(rmse(fit(x, y, degree), x_new, y_new))
    P, P_new = powers(x, x_new)
    tried = {rho: off_by(regression.ridge(P, y, penalty=rho), P_new, y_new) for rho in penalties}
    errors.append(list(tried.values()))
    honest.append(tried[chosen_penalty(x, y, np.random.default_rng(seed))])
errors = np.array(errors)                                 # (20, 7)
print("on new cars, and how often off by less than 10 mpg:")
for name, runs in [("degree 10, penalty chosen by 5-fold", honest), ("degree 10, no penalty",
                   unseen[:, 9]), ("degree chosen by 5-fold, no penalty", low)]:
    middle = f"{np.median(runs):.1f} mpg" if np.median(runs) < 100 else "above 100"
    print(f"{name:<36} {middle:>9} {np.mean(np.array(runs) < 10):5.0%}")

# %% tags=["folded"]
fig, ax = plt.subplots()
plots.band(ax, penalties, errors, label="degree 10 with ridge", color=plots.ORANGE)
ax.axhline(np.median(low), color=plots.GREY, linestyle=":", label="low degree, without")
ax.set(xscale="log", yscale="log", ylim=(3, 1e4), xlabel="penalty ρ",
       ylabel="error on new cars (mpg)")
ax.legend()
plots.show(fig, alt="Error on new cars against the ridge penalty, both on log scales, for degree "
           "10: large for small penalties, lowest near 0.1, where the median is close to that of "
           "a low degree, and rising again for large ones. The band reaches far up everywhere.")

# %% tags=["test"]
assert np.median(low) < np.median(honest) < 10 < 100 < np.median(unseen[:, 9])
assert np.mean(np.array(honest) < 10) > 0.6

# %% [markdown]
# In most draws ridge turns a disaster into something usable. A low degree, chosen just as honestly
# and without a penalty, is still better: the right model beats the cured one. And the band reaches
# far up: a penalty does not protect from a car that is stronger than all thirty it learned from.

# %% [markdown]
# There is another cure, and it is free: stop early. By (7), $t$ steps leave the share $(1 -
# \eta\lambda)^t$ of the way to the bottom, in each direction. Steep ones are done at once; the
# flattest direction of these ten powers has a $\lambda$ near $10^{-8}$. No need to run the steps:
# the formula says where they would be.

# %%
stops = 10 ** np.arange(9)                                # after 1, 10, … 100,000,000 steps

def stopped_early(seed):
    """Error on the 30 cars and on the others after each number of steps, from theta = 0."""
    x, y, x_new, y_new = split(seed)
    P, P_new = powers(x, x_new)
    curvature, U = np.linalg.eigh(regression.mse_hessian(P))
    bottom, lr = np.linalg.lstsq(P, y, rcond=None)[0], regression.largest_stable_lr(P) / 2
    thetas = [bottom - U @ ((1 - lr * curvature) ** t * (U.T @ bottom)) for t in stops]    # (7)
    return [[off_by(theta, *cars) for theta in thetas] for cars in ((P, y), (P_new, y_new))]

early = np.array([stopped_early(seed) for seed in range(20)])         # (20, 2, 9)
on_seen, on_unseen = np.median(early, axis=0)
print(f"degree 10, no penalty: {on_unseen[2]:.1f} mpg on new cars after 100 steps")
print(f"after 100,000,000 steps: ≈ {on_unseen[8]:.0f} mpg")

# %% tags=["folded"]
fig, ax = plt.subplots()
for k, (name, colour) in enumerate([("the 30", plots.TRAIN), ("the other 362", plots.TEST)]):
    plots.band(ax, stops, early[:, k], label=name, color=colour)
ax.set(xscale="log", yscale="log", xlabel="steps", ylabel="error (mpg)")
ax.legend()
plots.show(fig, alt="Error of a polynomial of degree 10 against the number of steps, both on log "
           "scales. On the 30 cars it keeps falling. On the others it is lowest near 100 steps and "
           "then rises: to be patient is to overfit.")

# %% tags=["test"]
assert np.all(np.diff(on_seen) < 0) and on_unseen.argmin() == 2 and on_unseen[8] > 20

# %% [markdown]
# What is common to all draws lies in the steep directions and is learned first. What is peculiar to
# these thirty cars lies in the flat ones and comes last. So one watches a validation set and keeps
# the weights of the best moment: *early stopping*. Lesson 7 will do it. The 100 steps were picked
# on the new cars here, so take the number as a promise, not as a result. And the band reaches far
# up, as it did for ridge, and for the same reason.
#
# *Lasso* takes absolute values instead of squares, $\rho \sum |\theta_d|$. Their slope does not
# fade near zero, so it pushes weights all the way to 0: it *selects*, if not cleanly. Take all
# seven features of the cars, add thirty of pure noise, and learn from 60 cars.

# %%
def noisy_cars(seed):
    rng = np.random.default_rng(seed)
    order = rng.permutation(392)
    everything = np.column_stack([features, rng.standard_normal((392, 30))])
    sets = preprocess.standardise(everything[order[:60]], everything[order[60:]])
    A, A_new = (np.column_stack([np.ones(len(s)), s]) for s in sets)
    return A, mpg[order[:60]], A_new, mpg[order[60:]]

# %%
table, kept = [], []
for seed in range(5):
    A, y, A_new, y_new = noisy_cars(seed)
    ridges = [regression.ridge(A, y, penalty=rho) for rho in (0.1, 0.3, 0.5, 1.0)]
    best = min(ridges, key=lambda theta: off_by(theta, A_new, y_new))
    lassos = [regression.lasso(A, y, penalty=rho) for rho in (0.5, 1.0)]
    fits = [np.linalg.lstsq(A, y, rcond=None)[0], best, *lassos]
    table.append([off_by(theta, A_new, y_new) for theta in fits])
    kept.append([np.count_nonzero(fits[3][1:8]), np.count_nonzero(fits[3][8:])])
table, kept = np.array(table), np.array(kept)                         # (5, 4), (5, 2)
names = ["no penalty", "ridge, best of four ρ", "lasso, ρ = 0.5", "lasso, ρ = 1"]
for name, column in zip(names, table.T):
    print(f"{name:<22} {np.median(column):.1f} mpg  ({column.min():.1f} to {column.max():.1f})")
real, noise_kept = np.median(kept, axis=0)
print(f"lasso, ρ = 1, keeps {real:.0f} of 7 real features and {noise_kept:.0f} of 30 of noise")

# %% tags=["test"]
assert np.all(table[:, 2:] < table[:, 1:2]) and np.all(table[:, 1] < table[:, 0])

# %% [markdown]
# The penalties were set by hand. So that nobody thinks they decide it: with either of its two, the
# lasso beats ridge with the best of four, and that best was picked on the new cars themselves, in
# ridge's favour.
#
# ### More data
#
# The surest cure for overfitting is more data. A *learning curve* says whether it would help: error
# on seen and unseen cars against the number of cars seen.

# %%
numbers = [10, 15, 20, 30, 50, 80, 120, 200]
curves = {"seen": [], "unseen": []}
for seed in range(20):
    runs = [split(seed, n) for n in numbers]
    fits = [fit(x, y, 4) for x, y, _, _ in runs]
    curves["seen"].append([rmse(t, x, y) for t, (x, y, _, _) in zip(fits, runs)])
    curves["unseen"].append([rmse(t, x, y) for t, (_, _, x, y) in zip(fits, runs)])
gap = np.median(np.array(curves["unseen"]) - np.array(curves["seen"]), axis=0)
for n, between in zip(numbers, gap):
    print(f"{n:>3} cars: off by {between:5.1f} mpg more on unseen cars than on seen ones")

# %% tags=["folded"]
fig, ax = plt.subplots()
for (name, runs), colour in zip(curves.items(), [plots.TRAIN, plots.TEST]):
    plots.band(ax, numbers, np.array(runs), label=f"{name} cars", color=colour, marker="o")
ax.set(xscale="log", yscale="log", xlabel="cars to learn from", ylabel="error (mpg)",
       xticks=numbers, xticklabels=numbers)
ax.minorticks_off()
ax.legend()
plots.show(fig, alt="Learning curves of a polynomial of degree 4, twenty draws. With 10 cars the "
           "error on seen ones is small and on unseen ones huge; with more cars the two meet, a "
           "little above 4 mpg.")

# %% tags=["test"]
assert gap[0] > 3 and abs(gap[-1]) < 0.5

# %% [markdown]
# Where the two curves have met, more cars no longer help; only a better model does.
#
# ### Leakage
#
# The most expensive mistakes are made before the model is fitted. *Leakage* is any way for the test
# set to influence the training. Two experiments, twenty seeds each. First the textbook case: mean
# and deviation taken over all cars, test cars included.

# %%
def with_scaling_from(scale, learn, test):
    Z = (features - features[scale].mean(axis=0)) / features[scale].std(axis=0)
    A = np.column_stack([np.ones(392), Z])
    theta = regression.ridge(A[learn], mpg[learn], penalty=0.1)
    return np.sqrt(((A[test] @ theta - mpg[test]) ** 2).mean())

orders = [np.random.default_rng(seed).permutation(392) for seed in range(20)]
honest = [with_scaling_from(o[:30], o[:30], o[30:]) for o in orders]
leaky = [with_scaling_from(o, o[:30], o[30:]) for o in orders]
gain = np.array(honest) - leaky
print(f"leaking improves the error by {gain.min():+.2f} to {gain.max():+.2f} mpg, "
      f"in {np.sum(gain > 0)} of 20 draws")

# %% tags=["test"]
assert np.abs(gain).max() < 0.5 and 5 <= np.sum(gain > 0) <= 15

# %% [markdown]
# It is wrong, and here it makes hardly any difference: which comes out better is a toss of a coin.
# Now a case that looks just as harmless: 60 patients, 1,000 measurements of each, and we keep the
# five that correlate most with the outcome. Then, properly, five-fold cross-validation. All numbers
# are random: there is **nothing** to learn.

# %%
def explained(select_inside, seed, n=60):
    """Share of the outcome's variance that five selected measurements explain, cross-validated."""
    rng = np.random.default_rng(seed)
    measured, outcome = rng.standard_normal((n, 1000)), rng.standard_normal(n)
    predicted = np.zeros(n)

    def best_five(rows):
        return np.argsort(-np.abs(measured[rows].T @ (outcome[rows] - outcome[rows].mean())))[:5]
    for train, valid in preprocess.k_fold(n, 5, rng=rng):
        chosen = best_five(train if select_inside else np.arange(n))
        A = np.column_stack([np.ones(n), measured[:, chosen]])
        predicted[valid] = A[valid] @ np.linalg.lstsq(A[train], outcome[train], rcond=None)[0]
    return 1 - ((predicted - outcome) ** 2).sum() / ((outcome - outcome.mean()) ** 2).sum()

leaky, honest = ([explained(inside, seed) for seed in range(20)] for inside in (False, True))
print(f"selected before splitting: {np.median(leaky):.0%} of the variance explained")
print(f"selected in each fold:     {np.median(honest):.0%}")

# %% tags=["test"]
assert min(leaky) > 0.1 and np.median(honest) < 0

# %% [markdown]
# More than a third of pure chance "explained", in the median of twenty studies, and a good part in
# every one. Done properly the share is negative: worse than to predict the mean outcome for
# everybody. That is the honest answer, for there is nothing to learn. The cross-validation was
# flawless; it just came too late. **Everything that is learned from data belongs inside the fold,
# above all what looks at the outcome.**

# %% [markdown]
# ## Check against PyTorch

# %%
rng = np.random.default_rng(0)
X, y, theta = rng.standard_normal((7, 3)), rng.standard_normal(7), rng.standard_normal(3)
X[:, 0] = 1.0
F, leaf = torch.nn.functional, torch.tensor(theta, requires_grad=True)
predicted = torch.tensor(X) @ leaf
losses = {
    "mse": (F.mse_loss, layers.mse_and_grad, {}),
    "huber": (F.huber_loss, layers.huber_and_grad, {"delta": 0.7}),
}
errors = []
for name, (in_torch, ours, options) in losses.items():
    theirs, = torch.autograd.grad(in_torch(predicted, torch.tensor(y), **options), leaf,
                                  retain_graph=True)
    _, dprediction = ours(X @ theta, target=y, **options)
    print(f"{name:<6}", gradcheck.verdict("theta", X.T @ dprediction, theirs.numpy()))
    errors.append(gradcheck.relative_error(X.T @ dprediction, theirs))

# %% tags=["test"]
assert max(errors) < 1e-10

# %%
loss = F.mse_loss(predicted, torch.tensor(y)) + 0.3 * (leaf[1:] ** 2).sum()
theirs, = torch.autograd.grad(loss, leaf)
ours = regression.ridge_gradient(theta, X, y, penalty=0.3)
print("ridge ", gradcheck.verdict("theta", ours, theirs.numpy()))
hessian = torch.autograd.functional.hessian(
    lambda t: F.mse_loss(torch.tensor(X) @ t, torch.tensor(y)), leaf)
print("H     ", gradcheck.verdict("", regression.mse_hessian(X), hessian.numpy()))

# %% tags=["test"]
assert gradcheck.relative_error(ours, theirs) < 1e-10
assert gradcheck.relative_error(regression.mse_hessian(X), hessian) < 1e-10

# %% [markdown]
# ## Claim on trial
#
# Two claims, as they stand in published articles.
#
# - **A** · "With $J = \tfrac14 \sum (y_i - (\theta_0 + \theta_1 x_i))^2$, the gradient is
#   $\partial J / \partial \theta_1 = \tfrac14 \sum (y_i - (\theta_0 + \theta_1 x_i))\,x_i$, and the
#   update $\theta_1 := \theta_1 - \alpha\,\partial J / \partial \theta_1$." For the four points of
#   section 1, and likewise for $\theta_0$, without the factor $x_i$.
# - **B** · "Stochastic gradient descent has the same formula as gradient descent."
#
# Do they hold?

# %%
def my_opinion():
    """Like {"A": True, "B": True}."""
    ### BEGIN SOLUTION
    return {"A": False, "B": False}
    ### END SOLUTION

# %%
print("you said:", my_opinion())

# %% [markdown]
# The court for A: take the printed gradient at its word and walk.

# %% tags=["answer"]
x, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 4.0, 6.0, 8.0])

def printed_gradient(theta):
    error = y - (theta[0] + theta[1] * x)
    return np.array([error.mean(), (error * x).mean()])

def walk(gradient, steps=6, lr=0.05):
    theta, losses = np.zeros(2), []
    for _ in range(steps):
        losses.append(float(((theta[0] + theta[1] * x - y) ** 2).mean()))
        theta = theta - lr * gradient(theta)
    return [round(loss, 1) for loss in losses]

print("as printed:", walk(printed_gradient))
at = np.array([0.3, 0.7])
nudged = gradcheck.central_difference(lambda t: ((t[0] + t[1] * x - y) ** 2).mean(), at)
print("true gradient / printed gradient:", (nudged / printed_gradient(at)).round(6))

# %% tags=["test"]
assert np.allclose(nudged / printed_gradient(at), -2)

# %% [markdown]
# It climbs: each loss is larger than the one before. The true gradient is $-2$ times the printed
# one. The minus was lost when $y - \hat y$ was differentiated; the 2 came down from the square and
# was dropped. A lost factor changes only the speed. A lost sign turns descent into ascent.
#
# Repair it.

# %%
def repaired_gradient(theta):
    """Gradient of J on the four points x, y, with respect to theta[0] and theta[1]."""
    ### BEGIN SOLUTION
    error = y - (theta[0] + theta[1] * x)
    return -2 * np.array([error.mean(), (error * x).mean()])
    ### END SOLUTION

# %%
def judge_repair(gradient):
    if gradient(at) is None:
        print("○ not repaired yet")
    else:
        print(gradcheck.verdict("J", gradient(at), nudged, tolerance=gradcheck.TOLERANCE))
        print("walking:", walk(gradient))

judge_repair(repaired_gradient)

# %% [markdown]
# The court for B: one step of each from the same place, on the cars.

# %% tags=["answer"]
theta = np.array([30.0, 0.0])
full = regression.line_gradient(theta, light, mpg)
one = np.array([regression.line_gradient(theta, light[i:i + 1], mpg[i:i + 1]) for i in range(392)])
print("all cars:        ", full.round(1))
other = np.flatnonzero(one[:, 0] * full[0] < 0)[0]
print("three single cars:", one[[0, 1, other]].round(1).tolist())
print("mean over single cars:", one.mean(axis=0).round(1))
print(f"{np.mean(one[:, 0] * full[0] < 0):.0%} of single cars push the intercept the wrong way")

# %% tags=["test"]
assert np.allclose(one.mean(axis=0), full) and not np.allclose(one[0], full)

# %% [markdown]
# It depends on what "formula" means, and that is the trouble with the sentence. The update (4) is
# the same: `line_path` runs both. What is put into it is not: there the mean over all examples,
# here one example, and a good part of the cars push the other way. What holds is weaker, and more
# useful: *on average* over the examples, at one and the same $\theta$, the two agree.

# %% [markdown]
# ## What can go wrong
#
# **A column meets a row.** Predictions of shape `(N, 1)` and targets of shape `(N,)` subtract
# without complaint, to `(N, N)`: every prediction against every target. The loss is a number, and
# it even falls. But the best answer to *every* target at once is their mean, so the line comes out
# flat. PyTorch warns; our loss refuses.

# %%
A, theta = np.column_stack([np.ones(392), light]), np.zeros(2)
losses = []
for _ in range(500):
    error = (A @ theta)[:, None] - mpg                    # (392, 392), every one against every one
    losses.append((error**2).mean())
    theta = theta - 0.2 * 2 * A.T @ error.mean(axis=1) / 392
print(f"loss {losses[0]:.0f}, then {losses[-1]:.0f};",
      f"intercept {theta[0]:.1f}, slope {abs(theta[1]):.1f}")

# %% tags=["test"]
assert np.allclose(losses[-1], mpg.var()) and np.allclose(theta, [mpg.mean(), 0], atol=1e-6)

# %%
column, flat = (X @ rng.standard_normal(3))[:, None], rng.standard_normal(7)
try:
    layers.mse_forward(column, target=flat)
except ValueError as error:
    print("ours says:  ", error)

# %% [markdown]
# **The loss is NaN.** On a bowl, the cause is a step above $2/\lambda_{\max}$. Far above it,
# the loss grows from the first step on, as here. Just above it, it may even fall at first, while
# the other directions still shrink, like the rate of 0.43 in section 2. Print the first losses, and
# some later ones.

# %%
pounds = features[:, 3]                                   # not scaled
with np.errstate(over="ignore", invalid="ignore"):
    path = regression.line_path(np.zeros(2), pounds, mpg, lr=0.01, batches=[slice(None)] * 100)
print("first losses:", [f"{((t[0] + t[1] * pounds - mpg) ** 2).mean():.0e}" for t in path[:4]])
print("theta after 100 steps:", path[-1])

# %% [markdown]
# **Beyond the data.** A fit is a statement about the range that it has seen. Ask the line about a
# lorry:

# %%
print(f"a lorry of 7,000 lb: {squares[0] + squares[1] * 5:.1f} miles per gallon")

# %% tags=["test"]
assert squares[0] + squares[1] * 5 < 0

# %% [markdown]
# ## Summary
#
# - The gradient of the mean squared error is $\frac2N X^T(X\theta - y)$. Descent along it arrives
#   at the solution of the normal equations.
# - A step multiplies the distance from the minimum by $1 - \eta\lambda$ in each direction. It
#   explodes above $\eta = 2/\lambda_{\max}$, and needs steps in proportion to the condition number.
#   Standardise.
# - A mini-batch gives the right gradient on average, with noise that falls as $1/\sqrt B$.
# - Squares are the best choice for bell-shaped errors. Where a few may be wildly wrong, use Huber.
# - Fit on the training set, choose on the validation set, report on the test set, once. Everything
#   that is learned belongs inside the fold.
# - Ridge keeps weights small, lasso makes many of them zero; to stop early does much the same as
#   ridge. A learning curve says whether more data would help.

# %% [markdown]
# ## Exercises
#
# | | write | points |
# |---|---|---|
# | 2.1 | `mse_and_grad` | 2 |
# | 2.2 | `line_gradient` | 2 |
# | 2.3 | `largest_stable_lr` | 2 |
# | 2.4 | `standardise` | 2 |
# | 2.5 | `minibatches` | 2 |
# | 2.6 | `huber_and_grad` | 3 |
# | 2.7 | `k_fold` | 2 |
# | 2.8 | `ridge_gradient` | 3 |
#
# `course progress` in a terminal shows which of yours are done.

# %% [markdown]
# ## References
#
# - A. Géron (2022), *Hands-On Machine Learning*, 3rd edition, chapter 4: the same ground with
#   scikit-learn.
# - S. Prince (2023), *Understanding Deep Learning*, chapters 2 and 6.
# - Y. LeCun, L. Bottou, G. Orr, K.-R. Müller (1998), *Efficient BackProp*, section 5: learning
#   rates and eigenvalues, our (7).
# - H. Robbins, S. Monro (1951), *A stochastic approximation method*, Annals of Mathematical
#   Statistics 22: the first stochastic steps.
# - A. Hoerl, R. Kennard (1970), *Ridge regression*, Technometrics 12.
# - R. Tibshirani (1996), *Regression shrinkage and selection via the lasso*, Journal of the Royal
#   Statistical Society B 58.
# - P. Huber (1964), *Robust estimation of a location parameter*, Annals of Mathematical Statistics
#   35.
# - T. Hastie, R. Tibshirani, J. Friedman (2009), *The Elements of Statistical Learning*, sections
#   3.4 (ridge and lasso) and 7.10 (cross-validation, and the wrong way to do it: our leakage
#   experiment is theirs in spirit).
# - J. R. Quinlan (1993), *Combining instance-based and model-based learning*: the cars.
#
# **Next:** [3 · Choose an optimizer, and judge it fairly](03_optimizers.ipynb)
