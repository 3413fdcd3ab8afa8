# %% [markdown]
# # 3 · Choose an optimizer, and judge it fairly
#
# Gradient descent follows the slope. Every optimizer since is the same idea plus a repair of
# something that went wrong: it swings, so give it inertia; one weight needs larger steps than
# another, so give each its own. You will see each fault first and then its repair, six in all. Four
# of them you write yourself. Then comes the harder half: to find out whether it helped.
#
# [Open in Colab]({colab}) · [Open on Binder]({binder})

# %% [markdown]
# ## What you will do
#
# 1. Walk down a stretched bowl, and repair gradient descent six times, up to AdamW.
# 2. See why weight decay and an L2 penalty are two things.
# 3. Vary the learning rate over time, clip gradients, and start from better weights.
# 4. Compare seven optimizers on two real problems, fairly, with spread.
# 5. Judge a classifier: why 63 % accuracy can be worth nothing.

# %% [markdown]
# ## What you need
#
# Lessons 1 and 2: backpropagation, learning rates, mini-batches, standardising. About two and a
# half hours with the exercises. The notebook itself runs in less than a minute and stays below 600
# MB.

# %% [markdown]
# ## Symbols and shapes
#
# | symbol | meaning |
# |---|---|
# | $\theta$, `param` | the parameters |
# | $g$, `grad` | the gradient of the loss at $\theta$ |
# | $\eta$, `lr` | the learning rate |
# | $v$, $m$ | what an optimizer remembers: velocity, mean gradient |
# | $s$ | and the mean square (in AdaGrad the sum of squares) |
# | $\mu$, $\alpha$, $\beta_1$, $\beta_2$ | how much of it stays at each step, between 0 and 1 |
# | $\epsilon$, `eps` | a small number that keeps a division from failing |
# | $S$, $N$, $B$ | seeds, examples in the training set, in a batch |
# | $D$, $H$, $C$ | inputs, hidden units, classes |
# | $t$, $T$, $w$ | the step (from 1 in Adam, from 0 in schedules), all steps, warm-up steps |
# | $\lambda$ | how strongly weights decay |
# | `# (S, B, D)` | arrays with one slice for each seed: five networks train at once |

# %%
try:
    import course_lib
except ModuleNotFoundError:  # opened on its own, as on Colab: fetch the library, nothing else
    # If that fails: download the whole course from {repository}, and open the lesson in there.
    get_ipython().run_line_magic("pip", "install -q git+{repository}")

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch

from course_lib import data, gradcheck, layers, metrics, optim, plots, preprocess, widgets
from course_lib.checks import case, check, hint, predict, solution

# %% [markdown]
# ## 1. A stretched bowl
#
# The loss $L = \tfrac12 x^2 + \tfrac{50}{2} y^2$ is curved fifty times as strongly along $y$ as
# along $x$. From lesson 2 you know what that means: above $\eta = 2/50$ it explodes along $y$. A
# small rate creeps along $x$; one just below the limit wastes its steps swinging along $y$. Two
# rates, both bad.
#
# An optimizer here is a pure function. It gets the parameter, the gradient and a dictionary with
# what it remembers, at first empty. It returns the new parameter and what it remembers now, and
# changes nothing in place.

# %%
ravine = optim.SURFACES["ravine"]

def descend(update, steps=60, **options):
    """Path of an optimizer in the ravine: the loop is the same for all of them."""
    param, state = np.array(ravine.start), {}
    path = [param]
    for _ in range(steps):
        param, state = update(param, ravine.gradient(param), state, **options)
        path.append(param)
    return np.array(path)                                 # (T + 1, 2)

def height(path):
    return ravine.value(path[-1])

# %%
def sgd(param, grad, state, *, lr, weight_decay=0.0):
    return param - lr * (grad + weight_decay * param), state

# %% tags=["folded"]
def compare(alt, **paths):
    fig, axes = plt.subplots(1, len(paths), figsize=(10, 2.6), sharey=True, squeeze=False)
    for ax, (title, path) in zip(axes[0], paths.items()):
        plots.loss_surface(ax, ravine.value, x_range=ravine.view[:2], y_range=ravine.view[2:])
        name = title.lower().split(",")[0]
        plots.path(ax, path, color=plots.OPTIMIZERS.get(name, plots.GREY))
        ax.plot(0, 0, "*", color=plots.RED, markersize=10)
        ax.set(title=f"{title}\nheight {height(path):.2g}", xlabel="x")
    axes[0][0].set_ylabel("y")
    plots.show(fig, alt=alt)

# %%
slow, wild = descend(sgd, lr=0.005), descend(sgd, lr=0.0395)

# %% tags=["folded"]
compare("Sixty steps of gradient descent in a narrow valley. With the small rate it "
        "slides to the floor and then creeps along it, far from the end. With the large rate "
        "it jumps from wall to wall all the way.",
        **{"rate 0.005": slow, "rate 0.0395": wild})

# %% tags=["test"]
assert height(slow) > 0.1 and np.all(np.diff(np.sign(wild[:20, 1])) != 0)

# %% [markdown]
# (The number above each picture is the height reached after 60 steps; the minimum is 0. Leave
# `weight_decay` aside until section 2.)
#
# ### Repair 1: momentum
#
# Along the valley all gradients agree; across it they alternate. So add up past gradients, letting
# old ones fade, and step along the sum. What agrees builds up, what alternates cancels:
#
# $$v \leftarrow \mu v + g, \qquad \theta \leftarrow \theta - \eta v \tag{1}$$
#
# #### Exercise 3.1 · momentum · 2 points · 10 minutes

# %%
def momentum(param, grad, state, *, lr, momentum=0.9):
    """One step (1). Return the new param and the new state; the state is {} at the first step."""
    ### BEGIN SOLUTION
    v = momentum * state.get("v", 0.0) + grad                         # (1)
    return param - lr * v, {"v": v}
    ### END SOLUTION

# %%
check("3.1", momentum)

# %% [markdown]
# If the gradient is always the same, $v$ grows to $g\,(1 + \mu + \mu^2 + \dots) = g / (1 - \mu)$.
# With $\mu = 0.9$ the steps become ten times as long. So a good rate for momentum is about a tenth
# of one for plain descent; section 4 will start from that. (Adam, below, takes a *mean* instead,
# with a factor of $1 - \beta_1$ before $g$, and needs no such correction. $\mu$ is `momentum` in
# the code, as in PyTorch.)

# %%
param, state = np.zeros(1), {}
for _ in range(200):
    before, (param, state) = param, optim.momentum(param, np.ones(1), state, lr=0.01)
print(f"the 200th step is {abs(param - before)[0] / 0.01:.1f} rates long")

# %% tags=["test"]
assert np.isclose(abs(param - before)[0] / 0.01, 10)

# %% [markdown]
# How much does it help? In lesson 2 the number of steps grew in proportion to the condition number
# $\kappa$: a hundred times $\kappa$, a hundred times the steps.
#
# **Predict.** With momentum, at the best $\mu$ and the best rate: $\kappa$ grows from 100 to
# 10,000. How many times as many steps are needed?

# %%
predict("3.A", None)

# %% [markdown]
# Lesson 2's cars again: weight in several units, weight above 2,000 lb, and standardised. Count the
# steps until a millionth of the avoidable loss is left. Plain descent gets lesson 2's rate,
# $1/\lambda_{\max}$. Momentum gets the best rate for its $\mu$; and $\mu$ is either 0.9 or the
# best one, $\bigl((\sqrt\kappa - 1) / (\sqrt\kappa + 1)\bigr)^2$.

# %% tags=["answer"]
def steps_needed(H, error, *, lr, mu=0.0, limit=100_000):
    """Steps of (1) on a bowl with Hessian H until the loss is a millionth, and stays below."""
    v, goal, last = 0.0, 1e-6 * error @ H @ error, 0
    for step in range(1, limit + 1):
        if error @ H @ error > goal:
            last = step
        elif step > last + 50:                            # no swing leads back above it
            return last
        v = mu * v + H @ error
        error = error - lr * v
    return limit

def with_momentum(H, error, mu):
    """Fewest steps with this mu, over 39 rates below the largest stable one."""
    top, fewest = 2 * (1 + mu) / np.linalg.eigvalsh(H)[-1], 100_000
    for share in np.arange(39, 0, -1) / 40:
        steps = steps_needed(H, error, lr=share * top, mu=mu, limit=fewest + 51)
        fewest = min(fewest, steps)
    return fewest

# %% tags=["answer"]
features, mpg, _ = data.auto_mpg()
pounds = features[:, 3]
inputs = {f"{unit:,} lb": pounds / unit for unit in (200, 500, 1000, 2000)}
inputs |= {"above 2,000 lb": (pounds - 2000) / 1000,
           "standardised": (pounds - pounds.mean()) / pounds.std()}
kappas, counts = [], []
for name, weight in inputs.items():
    X = np.column_stack([np.ones(len(weight)), weight])
    H = 2 * X.T @ X / len(X)                              # lesson 2's Hessian
    error = -np.linalg.lstsq(X, mpg, rcond=None)[0]       # from theta = 0
    low, high = np.linalg.eigvalsh(H)
    root = np.sqrt(high / low)
    best_mu = ((root - 1) / (root + 1)) ** 2
    counts.append([steps_needed(H, error, lr=1 / high), with_momentum(H, error, 0.9),
                   with_momentum(H, error, best_mu)])
    kappas.append(high / low)
    print(f"{name:<15} κ {kappas[-1]:>5,.0f}: {counts[-1][0]:>6,} steps; with μ = 0.9 "
          f"{counts[-1][1]:>3}; with the best μ, {best_mu:.2f}: {counts[-1][2]:>3}")
counts = np.array(counts)                                 # (6, 3)

# %% tags=["answer", "folded"]
fig, ax = plt.subplots()
line = np.array([1.0, 4000.0])
ax.loglog(line, counts[0, 0] * line / kappas[0], **plots.CHANCE)
ax.loglog(line, counts[0, 2] * np.sqrt(line / kappas[0]), **plots.CHANCE)
blue = plots.OPTIMIZERS["momentum"]
for k, (name, colour, inside) in enumerate([
        ("plain descent", plots.GREY, plots.GREY), ("momentum, μ = 0.9", blue, "none"),
        ("momentum, best μ", blue, blue)]):
    ax.loglog(kappas, counts[:, k], "o", color=colour, markerfacecolor=inside, label=name)
ax.text(900, 12_000, "slope 1", ha="right")
ax.text(1000, 60, "slope ½")
ax.set(xlabel="condition number κ", ylabel="steps to a millionth of the loss", ylim=(0.7, 5e4))
ax.legend(loc="upper left")
plots.show(fig, alt="Steps needed against the condition number, both on log scales. Plain descent "
           "lies on a line of slope 1, momentum with its best μ on one of slope a half. With μ = "
           "0.9 the steps are about the same for all small condition numbers, more than plain "
           "descent needs there.")

# %% tags=["test"]
ratio = np.array(kappas) / kappas[1]
assert np.allclose(counts[:4, 0] / counts[1, 0], ratio[:4], rtol=0.05)
assert np.allclose(counts[:4, 2] / counts[1, 2], np.sqrt(ratio[:4]), rtol=0.35)   # 39 rates only
assert counts[4, 1] > counts[4, 0] and counts[5, 0] == 1

# %% [markdown]
# With the best $\mu$ the steps grow like $\sqrt\kappa$: a hundred times $\kappa$ costs about ten
# times the steps. That is the gain, and it is largest where the bowl is narrowest.
#
# Momentum has a price, too. Along each axis of the bowl the parameter now swings like a weight on a
# spring in oil. On average a step cannot shrink the swing to less than $\sqrt\mu$ times what it
# was, nor the loss to less than $\mu$ times. With 0.9, a millionth takes more than a hundred steps,
# even on a round bowl, where plain descent needs a single one. So 0.9 is no law: it fits narrow
# bowls.

# %% [markdown]
# ### Repair 2: look ahead
#
# A heavy ball overshoots. *Nesterov* momentum takes the velocity's next step into account before it
# happens, and brakes earlier:
#
# $$v \leftarrow \mu v + g, \qquad \theta \leftarrow \theta - \eta\,(g + \mu v) \tag{2}$$
#
# (Papers take the gradient at the point to which the velocity is about to carry us. (2) is the same
# walk, told from there: our $\theta$ is the point ahead.)

# %%
def nesterov(param, grad, state, *, lr, momentum=0.9, weight_decay=0.0):
    grad = grad + weight_decay * param
    v = momentum * state.get("v", 0.0) + grad
    return param - lr * (grad + momentum * v), {"v": v}

# %%
def best_rate(update):
    """The rate with which an optimizer is lowest after sixty steps."""
    rates = 10.0 ** np.arange(-3, 0, 0.05)
    with np.errstate(over="ignore", invalid="ignore"):
        heights = [height(descend(update, lr=lr)) for lr in rates]
    return rates[np.nanargmin(heights)]

at_best = {}
for name in ("sgd", "momentum", "nesterov"):
    lr = best_rate(getattr(optim, name))
    at_best[f"{name}, rate {lr:.2g}"] = descend(getattr(optim, name), lr=lr)
for name, path in at_best.items():
    print(f"{name:<20} height after 60 steps ≈ {height(path):.1g}")

# %% tags=["folded"]
compare("Sixty steps in the narrow valley, each optimizer at its best rate. Gradient descent "
        "swings from wall to wall on the way. Momentum swings around the end. Nesterov arrives "
        "with less swinging.", **at_best)

# %% tags=["test"]
plain, rolling, braking = map(height, at_best.values())
assert braking < rolling / 10 and rolling < plain / 5

# %% [markdown]
# Each has its own best rate here. At one rate for all, the picture would say whatever we like.

# %% [markdown]
# ### Repair 3: a step size for each weight
#
# The real trouble is one rate for two directions that need different ones. *AdaGrad* divides each
# entry's step by the size of all its past gradients:
#
# $$s \leftarrow s + g^2, \qquad \theta \leftarrow \theta - \eta\,\frac{g}{\sqrt{s} + \epsilon}
# \tag{3}$$

# %%
def adagrad(param, grad, state, *, lr, eps=1e-10, weight_decay=0.0):
    grad = grad + weight_decay * param
    s = state.get("s", 0.0) + grad**2
    return param - lr * grad / (np.sqrt(s) + eps), {"s": s}

# %% [markdown]
# Steep and flat directions are now treated alike. But $s$ only grows, so the rate only falls,
# whether that is wanted or not.
#
# ### Repair 4: forget
#
# *RMSProp* lets old squares fade, as momentum lets old gradients fade:
#
# $$s \leftarrow \alpha s + (1 - \alpha)\, g^2, \qquad
# \theta \leftarrow \theta - \eta\,\frac{g}{\sqrt{s} + \epsilon} \tag{4}$$
#
# #### Exercise 3.2 · rmsprop · 2 points · 10 minutes

# %%
def rmsprop(param, grad, state, *, lr, alpha=0.99, eps=1e-8):
    """One step (4). Return the new param and the new state."""
    ### BEGIN SOLUTION
    s = alpha * state.get("s", 0.0) + (1 - alpha) * grad**2           # (4)
    return param - lr * grad / (np.sqrt(s) + eps), {"s": s}
    ### END SOLUTION

# %%
check("3.2", rmsprop)

# %% [markdown]
# Here are both in the ravine, AdaGrad at rate 1 and RMSProp, whose squares fade with
# $\alpha = 0.9$, at 0.1:

# %% tags=["folded"]
name, path = next(iter(at_best.items()))                  # plain descent
compare("Sixty steps in the narrow valley. AdaGrad and RMSProp head straight for the minimum and "
        "arrive. Gradient descent at its best rate is still on the way.",
        **{name: path, "AdaGrad, rate 1": descend(optim.adagrad, lr=1.0),
           "RMSProp, rate 0.1": descend(optim.rmsprop, lr=0.1, alpha=0.9)})

# %% tags=["test"]
assert height(descend(optim.adagrad, lr=1.0)) < 1e-10

# %% [markdown]
# Neither creeps, neither swings. Then why forget? Because something large may have been seen once.
# Give both a single gradient of 1,000, and then 400 times a gradient of 1:

# %%
last = {}
for name, update in [("AdaGrad", optim.adagrad), ("RMSProp", optim.rmsprop)]:
    param, state = update(np.zeros(1), np.array([1000.0]), {}, lr=0.1)
    for _ in range(400):
        before = param
        param, state = update(param, np.ones(1), state, lr=0.1)
    last[name] = abs(param - before)[0]
    print(f"{name}: the last step has the length {last[name]:.4f}")

# %% tags=["test"]
assert np.isclose(last["AdaGrad"], 1e-4, rtol=0.01) and last["RMSProp"] > 5e-3

# %% [markdown]
# AdaGrad divides by 1,000 for ever. And even without the outlier its steps would shrink as
# $1/\sqrt t$, whether that is wanted or not. RMSProp, here with $\alpha = 0.99$, is on its way
# back to steps of 0.1.
#
# But how long should it remember? Let it go on in the ravine, for 300 steps, with three memories:

# %%
for alpha in (0.9, 0.99, 0.999):
    path = descend(optim.rmsprop, steps=300, lr=0.1, alpha=alpha)
    print(f"α = {alpha:<5}: height after 60 steps ≈ {ravine.value(path[60]):.0e}, after 300 ≈ "
          f"{height(path):.0e}; last step ≈ {np.abs(path[-1] - path[-2]).max():.0e}")

# %% tags=["test"]
short, long = (descend(optim.rmsprop, steps=300, lr=0.1, alpha=alpha) for alpha in (0.9, 0.999))
assert ravine.value(short[60]) < 1e-10 and height(short) > 0.01 and height(long) < 1e-50
assert np.allclose(np.abs(short[-1] - short[-2]), 0.1, rtol=0.01)

# %% [markdown]
# With $\alpha = 0.9$ it was there, and it left. Near the minimum $g$ is tiny. After some ten steps
# the large gradients are forgotten. Then $\sqrt s$ is tiny too, and the quotient is of size 1
# again: it ends jumping from one side to the other, by 0.1 each time. A step stays small only as
# long as $s$ remembers larger gradients. A longer memory is one remedy. Here is another: what
# alternates should cancel, and we have a repair for that.

# %% [markdown]
# ### Repair 5: both, and a fair start
#
# *Adam* puts momentum's mean of gradients, in which alternating ones cancel, over RMSProp's mean of
# squares. Both start at 0, and so both are too small at first. How much? After $t$ steps a fading
# mean has collected only the share $1 - \beta^t$ of its weights. Divide by that, and the start is
# fair:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad
# s \leftarrow \beta_2 s + (1 - \beta_2)\, g^2$$
# $$\hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat s = \frac{s}{1 - \beta_2^t}, \qquad
# \theta \leftarrow \theta - \eta\,\frac{\hat m}{\sqrt{\hat s} + \epsilon} \tag{5}$$
#
# #### Exercise 3.3 · adam · 3 points · 20 minutes

# %%
def adam(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8):
    """One step (5); t is 1 at the first step. Return the new param and the new state."""
    ### BEGIN SOLUTION
    t = state.get("t", 0) + 1
    m = betas[0] * state.get("m", 0.0) + (1 - betas[0]) * grad
    s = betas[1] * state.get("s", 0.0) + (1 - betas[1]) * grad**2
    step = (m / (1 - betas[0]**t)) / (np.sqrt(s / (1 - betas[1]**t)) + eps)   # (5)
    return param - lr * step, {"t": t, "m": m, "s": s}
    ### END SOLUTION

# %%
check("3.3", adam)

# %% [markdown]
# **Predict.** The very first gradient is 1,000, the rate is 0.1. How far does Adam's first step go?

# %%
predict("3.B", None)

# %% tags=["answer"]
for gradient in (1000.0, 1.0, 0.001):
    param, _ = optim.adam(np.zeros(1), np.array([gradient]), {}, lr=0.1)
    plain, _ = optim.rmsprop(np.zeros(1), np.array([gradient]), {}, lr=0.1)
    print(f"gradient {gradient:>8g}: Adam steps {abs(param[0]):.2f}, RMSProp {abs(plain[0]):.2f}")

# %% [markdown]
# Always by the learning rate, whatever the gradient (unless it is as small as $\epsilon$): at the
# first step $\hat m / \sqrt{\hat s}$ is just its sign.
#
# Does it land? Adam changes two things at once, so look at them one by one: with and without the
# mean of gradients ($\beta_1$ = 0.9 or 0), with a short and a long memory of squares ($\beta_2$).
# 300 steps in the ravine, rate 0.1:

# %%
landed = {(b1, b2): height(descend(optim.adam, steps=300, lr=0.1, betas=(b1, b2)))
          for b1 in (0.0, 0.9) for b2 in (0.9, 0.999)}
for b1 in (0.0, 0.9):
    print(f"β1 = {b1}: with β2 = 0.9 height ≈ {landed[b1, 0.9]:.0e}; with β2 = 0.999 height ≈ "
          f"{landed[b1, 0.999]:.0e}")

# %% tags=["test"]
assert landed[0.0, 0.9] > 0.01 and landed[0.9, 0.9] < landed[0.0, 0.9] / 100
assert max(landed[0.0, 0.999], landed[0.9, 0.999]) < 1e-6

# %% [markdown]
# With a short memory momentum helps: the jumps cancel, and what is left is about two thousand times
# lower. With a long memory both land, and without momentum lower still. (Nobody needs a height of
# 1e-13, let alone the other.) So it is above all the long memory of squares that lets Adam land
# here.
#
# What people like about Adam is something else: its rate has the units of the *parameters*, and a
# good guess for one problem is often good for the next. Its price: two more numbers kept for every
# weight.

# %% [markdown]
# ## 2. Weight decay is not an L2 penalty
#
# Lesson 2's ridge penalty adds a multiple of the weights, $2\rho\theta$, to the gradient. Call it
# $\lambda\theta$ here ($\lambda$ is no eigenvalue any more). Every step of gradient descent then
# shrinks the weights by a factor of $1 - \eta\lambda$. In Adam that sum goes through the division
# by $\sqrt{\hat s}$. A weight with large gradients has a large $\hat s$, and its penalty is divided
# away. *AdamW*, repair 6, takes the decay out of the gradient and applies it to the weight itself:
#
# $$\theta \leftarrow (1 - \eta\lambda)\,\theta - \eta\,\frac{\hat m}{\sqrt{\hat s} + \epsilon}
# \tag{6}$$
#
# ### Exercise 3.4 · adamw · 2 points · 10 minutes

# %%
def adamw(param, grad, state, *, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
    """One step (6). optim.adam does the part that is Adam's."""
    ### BEGIN SOLUTION
    new, state = optim.adam(param, grad, state, lr=lr, betas=betas, eps=eps)
    return new - lr * weight_decay * param, state                     # (6)
    ### END SOLUTION

# %%
check("3.4", adamw)

# %% [markdown]
# Does it matter? Two weights start at 1. Their gradients are pure noise around 0, so the loss has
# no wish for either; only the decay acts. The first weight's noise is a thousand times as large.
# It would be fair if both faded alike.

# %%
def decay(update, seed, steps=1500, lr=0.001, weight_decay=1.0):
    rng, param, state = np.random.default_rng(seed), np.ones(2), {}
    for _ in range(steps):
        grad = rng.standard_normal(2) * np.array([10.0, 0.01])
        param, state = update(param, grad, state, lr=lr, weight_decay=weight_decay)
    return param

left = {name: np.array([decay(update, seed) for seed in range(5)])     # each (5, 2)
        for name, update in [("L2 in Adam", optim.adam), ("AdamW", optim.adamw)]}
for name, params in left.items():
    loud, quiet = np.median(params, axis=0)
    print(f"{name:<10}: the loud weight is at {loud:.1f}, the quiet one at {abs(quiet):.1f}")
print(f"without noise, decay alone would leave {0.999**1500:.2f}")

# %% tags=["folded"]
fig, ax = plt.subplots()
for k, params in enumerate(left.values()):
    for j, fill in enumerate(["black", "none"]):
        label = ["loud gradients", "quiet gradients"][j] if k == 0 else None
        ax.plot(np.full(5, k + 0.15 * (j - 0.5)), params[:, j], "o", color="black",
                markerfacecolor=fill, label=label)
ax.axhline(0.999**1500, **plots.CHANCE, label="decay alone")
ax.set(xticks=[0, 1], xticklabels=list(left), ylabel="weight after 1,500 steps", xlim=(-0.5, 1.5),
       ylim=(0, 1.05))
ax.legend()
plots.show(fig, alt="Two weights after decay, five seeds. With L2 in Adam the one with loud "
           "gradients has hardly decayed while the quiet one is near 0. With AdamW both lie "
           "around the dotted line, the decay that was asked for.")

# %% tags=["test"]
assert np.median(left["L2 in Adam"][:, 0]) > 0.7 > 0.2 > abs(np.median(left["L2 in Adam"][:, 1]))
assert np.all(np.abs(np.median(left["AdamW"], axis=0) - 0.999**1500) < 0.15)

# %% [markdown]
# ## 3. Around the optimizer
#
# ### Schedules
#
# Large steps first, small ones last (lesson 2's scribble was the reason). And the very first steps
# small again, while Adam's averages still rest on two or three gradients: the *warm-up*. The
# schedule in wide use is a straight rise and then half a cosine:
#
# $$\eta_t = \eta \cdot \begin{cases} t / w & t < w \\ \tfrac12\bigl(1 + \cos \pi
# \frac{t - w}{T - w}\bigr) & t \ge w \end{cases} \tag{7}$$
#
# #### Exercise 3.5 · warmup_cosine · 2 points · 10 minutes

# %%
def warmup_cosine(step, *, lr, warmup_steps, total_steps):
    """The rate (7) at a step, counted from 0; w is warmup_steps, T total_steps. w may be 0."""
    ### BEGIN SOLUTION
    if step < warmup_steps:
        return lr * step / warmup_steps
    progress = (step - warmup_steps) / (total_steps - warmup_steps)
    return lr * (1 + np.cos(np.pi * progress)) / 2                    # (7)
    ### END SOLUTION

# %%
check("3.5", warmup_cosine)

# %% [markdown]
# (At step 0 the rate is 0, so the first batch moves nothing. That is how it is usually written.)
#
# Another one that you will meet is *one-cycle*: it rises from a 25th of the peak to the peak in the
# first 30 % of the steps, and falls to almost 0 in the rest, both along half a cosine. The library
# has three more: `step_lr`, `exponential_lr`, and `cosine_lr`, which is (7) without the rise.

# %%
steps = np.arange(100)
schedules = {
    "warm-up + cosine": [optim.warmup_cosine(t, lr=1.0, warmup_steps=10, total_steps=100)
                         for t in steps],
    "one-cycle": [optim.one_cycle_lr(t, max_lr=1.0, total_steps=100) for t in steps],
}

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(6, 2.6))
for name, rates in schedules.items():
    ax.plot(steps, rates, label=name)
ax.set(xlabel="step", ylabel="rate, as a share of the peak")
ax.legend()
plots.show(fig, alt="Two schedules over 100 steps: a straight rise and then half a cosine; and "
           "one-cycle, a smooth rise to a peak at 30 % and a smooth fall to nearly 0.")

# %% [markdown]
# ### Clipping
#
# Once in a while a batch has a monstrous gradient, and one step along it can undo an hour of
# training. *Clipping* scales it down: not entry by entry, which would change its direction, but all
# gradients of all parameters by one factor, so that their common norm is at most a limit.
#
# #### Exercise 3.6 · clip_by_global_norm · 2 points · 10 minutes

# %%
def clip_by_global_norm(grads, *, max_norm):
    """Scale a list of arrays by one factor so that their common norm is at most max_norm.

    Return the list and the norm before. Short gradients stay as they are.
    """
    ### BEGIN SOLUTION
    norm = np.sqrt(sum((g**2).sum() for g in grads))
    factor = min(1.0, max_norm / norm)
    return [g * factor for g in grads], norm
    ### END SOLUTION

# %%
check("3.6", clip_by_global_norm)

# %% [markdown]
# Rosenbrock's valley has steep walls. A step from the wall, at a rate that is right for the floor,
# can throw you out of it. Ten random starts, eight rates each, 500 steps, with the norm clipped at
# 10 and without. Of the 80 descents 13 explode without clipping.
#
# **Predict.** In how many per cent of the other 67 does clipping end *higher*, that is, do harm?

# %%
predict("3.C", None)

# %% tags=["answer"]
valley = optim.SURFACES["Rosenbrock"]
starts = np.random.default_rng(0).uniform([-2, -1], [2, 3], (10, 2))

def valley_height(param, lr, max_norm, steps=500):
    """The height where a descent ends; infinite if it explodes."""
    for _ in range(steps):
        (grad,), _ = optim.clip_by_global_norm([valley.gradient(param)], max_norm=max_norm)
        param = param - lr * grad
        if not np.abs(param).max() < 1e6:
            return np.inf
    return valley.value(param)

rates = 10.0 ** np.arange(-4, -2, 0.25)
free, clipped = (np.array([valley_height(start, lr, limit) for start in starts for lr in rates])
                 for limit in (np.inf, 10.0))             # (80,) each
begin = np.repeat([valley.value(start) for start in starts], len(rates))
lost = np.isinf(free)
print(f"{lost.sum()} explode. Clipped, these begin at {begin[lost].min():.0f} to "
      f"{begin[lost].max():,.0f} and end at ≈ {clipped[lost].min():.2f} to "
      f"{clipped[lost].max():.2f}")
higher = (clipped > free + 1e-3)[~lost]
lower = (clipped < free - 1e-3)[~lost]
print(f"of the other {(~lost).sum()}, clipped, {higher.sum()} end higher and {lower.sum()} lower; "
      f"median ≈ {np.median(clipped[~lost]):.2f}, without clipping ≈ {np.median(free[~lost]):.2f}")

# %% tags=["test"]
assert lost.sum() == 13 and clipped[lost].max() < begin[lost].min()
assert higher.sum() > 3 * lower.sum()

# %% [markdown]
# So clipping has a price. It saves the runs in which one step would have undone all the others, and
# slows most of the rest, for here it cuts many steps and not only the monstrous ones. Choose the
# limit so that it is rarely reached.

# %% [markdown]
# ### Where to start
#
# In lesson 1 gradients faded through one activation and hardly through another, with the same first
# weights. How large those are matters as much. A unit adds up $n_{in}$ inputs. To keep the variance
# of what flows forward, each weight needs the variance $1/n_{in}$, a *gain* of 1. ReLU sets half of
# its inputs to 0 and so needs twice that variance: *He*, $2/n_{in}$. And what flows back adds up
# $n_{out}$ terms; *Xavier* makes a compromise, $2/(n_{in} + n_{out})$, which for layers of equal
# width is $1/n_{in}$ again. *tanh* bends large values down, so it needs a little more than 1: in
# wide use is a gain of 5/3.
#
# Ten hidden layers of 64, with five seeds: how large are the outputs of the tenth? And when a
# gradient of size 1 comes in from behind, what is left of it at the first?

# %%
def signals(activation, gain, seed, depth=10):
    """Size of the last layer's output, and of the gradient that arrives at the first layer."""
    rng, caches = np.random.default_rng(seed), []
    x = rng.standard_normal((256, 64))
    for _ in range(depth):
        W = gain * rng.standard_normal((64, 64)) / np.sqrt(64)        # variance gain² / fan-in
        x, cache = layers.activation_forward(x @ W, activation=activation)
        caches.append((W, cache))
    g = rng.standard_normal(x.shape)
    for W, cache in reversed(caches):
        g = layers.activation_backward(g, cache) @ W.T
    return np.sqrt((x**2).mean()), np.sqrt((g**2).mean())

gains = [0.5, 0.7, 1.0, 1.2, np.sqrt(2), 5 / 3, 2.0]
size = {name: np.array([[signals(name, gain, seed) for gain in gains] for seed in range(5)])
        for name in ["tanh", "relu"]}                                 # each (5, 7, 2)
for name, k, says in [("relu", 0, "½"), ("relu", 4, "√2 (He)"), ("tanh", 2, "1 (Xavier)"),
                      ("tanh", 5, "5/3")]:
    forward, backward = np.median(size[name][:, k], axis=0)
    print(f"{name}, gain {says:<10}: output ≈ {forward:.1g}, gradient ≈ {backward:.1g}")

# %% tags=["folded"]
fig, axes = plt.subplots(1, 2, figsize=(9, 3.2), sharey=True, layout="constrained")
for k, (ax, title) in enumerate(zip(axes, ["output of the 10th layer", "gradient at the 1st"])):
    for name, runs in size.items():
        plots.band(ax, gains, runs[..., k], label=name, color=plots.ACTIVATIONS[name], marker="o")
    ax.axhline(1.0, **plots.CHANCE)
    ax.set(xscale="log", yscale="log", xlabel="gain: standard deviation of the weights × √fan-in",
           title=title, xticks=gains)
    ax.set_xticklabels(["0.5", "0.7", "1", "1.2", "√2", "5/3", "2"])
    ax.minorticks_off()
axes[0].set_ylabel("size")
axes[0].legend()
plots.show(fig, alt="Size of the tenth layer's output, and of the gradient that arrives at the "
           "first layer, against the gain of the weights, on log scales; the lines are medians of "
           "five seeds. For ReLU both rise in a straight line and come near 1 at the root of 2. "
           "For tanh the output levels off below 1, and the gradient comes near 1 at gains "
           "between 1 and 5/3.")

# %% tags=["test"]
he, xavier, wide = (np.median(size[name][:, k], axis=0)
                    for name, k in [("relu", 4), ("tanh", 2), ("tanh", 5)])
assert 0.3 < he.min() and he.max() < 3 and xavier[0] < 0.3 < 0.5 < wide[0]

# %% [markdown]
# At He's gain ReLU keeps both near their size. So this is lesson 1's fading gradient once more,
# from the other side: the same network lets its gradients through or not, depending on the first
# weights. For tanh none of these gains keeps both at 1. With a gain of 1 the output shrinks to a
# fifth and the gradient to a third; with 5/3 more of the output is left, and the gradient doubles.
#
# ### The race
#
# Six optimizers (without weight decay AdamW is Adam), **each with its own best learning rate** out
# of 49. That is what makes a race fair, and we shall do it again on real data. We count the steps
# until an optimizer is down to a thousandth of the height at which it began.
#
# So far our valley lay along the axes. That is just what a step size *for each entry* can see. The
# second surface is the same valley, turned by 45°. The third is Rosenbrock's.
#
# **Predict.** In the ravine AdaGrad needs 3 steps, and plain descent 67. How many does AdaGrad need
# in the turned one?

# %%
predict("3.D", None)

# %% tags=["answer"]
racers = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"]
places = ["ravine", "tilted ravine", "Rosenbrock"]
fewest = {(place, name): optim.fewest_steps(optim.SURFACES[place], getattr(optim, name),
                                            rates=10.0 ** np.arange(-4, 2.01, 0.125))
          for place in places for name in racers}
print(" " * 14 + "".join(f"{name:>10}" for name in racers))
for place in places:
    print(f"{place:<14}" + "".join(f"{fewest[place, name][0]:>10.0f}" for name in racers))

# %% tags=["test"]
counts = np.array([[fewest[place, name][0] for name in racers] for place in places])
assert (counts[0, :3] == counts[1, :3]).all() and (counts[1, 3:5] > 10 * counts[0, 3:5]).all()
assert counts[1, 3] > counts[1, 0] and counts[2].argmax() == 0

# %% tags=["answer", "folded"]
fig, axes = plt.subplots(3, 6, figsize=(10, 5), layout="constrained")
for row, place in zip(axes, places):
    surface = optim.SURFACES[place]
    for ax, name in zip(row, racers):
        count, lr = fewest[place, name]
        path = widgets.race_path(place, name, lr=lr, steps=int(count))
        plots.loss_surface(ax, surface.value, x_range=surface.view[:2], y_range=surface.view[2:])
        plots.path(ax, path, color=plots.OPTIMIZERS[name])
        ax.plot(*np.transpose(surface.minima), "*", color=plots.RED, markersize=8)
        ax.set(title=f"{name}: {count:.0f}", xticks=[], yticks=[])
    row[0].set_ylabel(place)
plots.show(fig, alt="The paths of six optimizers on three surfaces, each at its best rate, with "
           "the number of steps over it. In the ravine AdaGrad and RMSProp jump almost straight to "
           "the minimum; in the same ravine turned by 45 degrees they swing as plain descent does.")

# %% [markdown]
# Turning the valley changes nothing for plain descent and for momentum, to the step: they know no
# axes. AdaGrad and RMSProp go from 3 steps to more than plain descent takes. Their gift is a rate
# for each *entry*. Where the valley runs askew to the entries, it is lost. A network's valleys need
# not lie along its weights.
#
# People fear *local minima*, too. But to be one, a flat place must curve up in every direction.
# Draw curvatures at random, and see how often that happens:

# %%
rng = np.random.default_rng(0)
for n in (1, 2, 4, 8):
    curvatures = rng.standard_normal((10_000, n, n))
    curvatures = np.linalg.eigvalsh(curvatures + curvatures.swapaxes(1, 2))
    share = (curvatures > 0).all(axis=1).mean()
    print(f"{n} direction{'s' * (n > 1)}: {share:.0%} curve up in all of them")

# %% tags=["test"]
assert share == 0

# %% [markdown]
# A network has thousands of directions, and its curvatures are not drawn at random, so this is a
# hint and no proof. But it agrees with what one sees: in section 4 five seeds begin at five places
# and end about equally low.
#
# And now by hand, with one rate for all. Look for a surface and a rate that make your favourite
# win. A comparison at one rate says what its author wants it to say.

# %% tags=["nbval-ignore-output"]
explorer = widgets.race()
explorer

# %% tags=["test"]
assert set(explorer.paths) >= {"sgd", "adam"}

# %% [markdown]
# For those who read this on paper: the same surface, another rate, another winner.

# %%
ends = {}
for lr in (0.01, 0.3):
    for name in racers:
        path = widgets.race_path("ravine", name, lr=lr)
        ends[lr, name] = ravine.value(path[-1]) if len(path) > 100 else np.inf
print("height after 100 steps" + "".join(f"{name:>10}" for name in racers))
for lr in (0.01, 0.3):
    heights = [f"{h:.0e}" if h < np.inf else "explodes" for h in (ends[lr, n] for n in racers)]
    print(f"rate {lr:<4} for all     " + "".join(f"{h:>10}" for h in heights))

# %% tags=["test"]
winners = {lr: min(racers, key=lambda name: ends[lr, name]) for lr in (0.01, 0.3)}
assert len(set(winners.values())) == 2

# %% [markdown]
# ## 4. A fair comparison
#
# Two real problems. **Tumours**: 569 biopsies, 30 measurements of cell nuclei each; is the tumour
# malignant? **Digits**: those of lesson 1. For each of seven optimizers we try eight learning
# rates, and train five networks with five seeds (each has its own split, weights and order). The
# rate is chosen on the *validation* set, never on the *test* set, which is only reported.
#
# That is 560 trainings. To have them quickly, five networks train at once: every array gets a first
# axis for the seed, and `@` does the rest.

# %%
def network_forward(x, W1, b1, W2, b2):
    h = np.tanh(x @ W1 + b1)                                          # (S, B, H)
    return h @ W2 + b2, (x, h, W2)                                    # (S, B, C)

def network_backward(dout, cache):
    x, h, W2 = cache
    dz = dout @ W2.swapaxes(1, 2) * (1 - h**2)                        # (S, B, H)
    return (x.swapaxes(1, 2) @ dz, dz.sum(axis=1, keepdims=True),
            h.swapaxes(1, 2) @ dout, dout.sum(axis=1, keepdims=True))

# %%
def initial(sizes, seeds, rng):
    D, H, C = sizes
    return [rng.standard_normal((seeds, D, H)) / np.sqrt(D), np.zeros((seeds, 1, H)),
            rng.standard_normal((seeds, H, C)) / np.sqrt(H), np.zeros((seeds, 1, C))]

rng = np.random.default_rng(0)
x, weights = rng.standard_normal((2, 6, 5)), initial((5, 4, 3), 2, rng)
dout = rng.standard_normal((2, 6, 3))
grads = network_backward(dout, network_forward(x, *weights)[1])
for k, name in enumerate(["W1", "b1", "W2", "b2"]):
    def scalar(w, k=k):
        return (network_forward(x, *weights[:k], w, *weights[k + 1:])[0] * dout).sum()
    print(gradcheck.verdict("d" + name, grads[k], gradcheck.central_difference(scalar, weights[k]),
                            tolerance=gradcheck.TOLERANCE))

# %% [markdown]
# The last layer's gradient is $p - y$ for both problems (lesson 1): with a sigmoid for one output,
# with a softmax for ten.

# %%
def p_minus_y(logits, labels):
    if logits.shape[-1] == 1:
        p, _ = layers.sigmoid_forward(logits)
        return p - labels[..., None]
    p, _ = layers.softmax_forward(logits)
    return p - (labels[..., None] == np.arange(logits.shape[-1]))

def loss_of(logits, labels):
    """Mean cross-entropy of each seed, (S,)."""
    if logits.shape[-1] == 1:
        z = logits[..., 0]
        return (np.logaddexp(0, z) - labels * z).mean(axis=1)
    shifted = logits - logits.max(axis=-1, keepdims=True)             # as in lesson 1
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0].mean(axis=1)

# %%
def train(problem, update, lr, *, passes, batch_size, hidden=16, schedule=None):
    x, y = problem["train"]                               # (S, N, D), (S, N)
    S, N, D = x.shape
    rng, classes = np.random.default_rng(0), problem["classes"]
    weights = initial((D, hidden, classes), S, rng)
    states, step, steps = [{} for _ in weights], 0, passes * -(-N // batch_size)
    for _ in range(passes):
        order = rng.permuted(np.tile(np.arange(N), (S, 1)), axis=1)   # (S, N): its own for each
        for i in range(0, N, batch_size):
            batch = order[:, i:i + batch_size]
            logits, cache = network_forward(np.take_along_axis(x, batch[..., None], 1), *weights)
            dlogits = p_minus_y(logits, np.take_along_axis(y, batch, 1)) / batch.shape[1]
            rate, step = lr * (schedule(step, steps) if schedule else 1.0), step + 1
            for k, grad in enumerate(network_backward(dlogits, cache)):
                weights[k], states[k] = update(weights[k], grad, states[k], lr=rate)
    return weights

# %%
def problem_from(x, y, classes, sizes, seeds=5):
    """Standardised training, validation and test sets, one split for each seed."""
    parts = {"train": [], "valid": [], "test": []}
    for seed in range(seeds):
        order = np.random.default_rng(seed).permutation(len(x))
        rows = np.split(order, np.cumsum(sizes)[:2])
        for name, r, s in zip(parts, rows, preprocess.standardise(*(x[r] for r in rows))):
            parts[name].append((s, y[r]))
    stacked = {name: tuple(np.stack(a) for a in zip(*sets)) for name, sets in parts.items()}
    return {**stacked, "classes": classes}

# %%
x, malignant, names = data.breast_cancer()
tumours = problem_from(x, malignant, 1, (341, 114, 114))
x_train, y_train, x_test, y_test = data.digits()
pixels = np.concatenate([x_train, x_test]).reshape(-1, 64)
pixels = pixels[:, pixels.std(axis=0) > 0.02]             # some are white in nearly all 1,797
digits = problem_from(pixels, np.concatenate([y_train, y_test]), 10, (1077, 360, 360))
print("tumours:", tumours["train"][0].shape, " digits:", digits["train"][0].shape)

# %%
slow_rates, fast_rates = 10.0 ** np.arange(-2.5, 1.2, 0.5), 10.0 ** np.arange(-4, -0.4, 0.5)
contestants = {"sgd": slow_rates, "momentum": slow_rates / 10, "nesterov": slow_rates / 10,
               "adagrad": fast_rates * 10, "rmsprop": fast_rates, "adam": fast_rates,
               "adamw": fast_rates}                       # eight rates each

def sweep(problem, **options):
    """For each optimizer and rate: validation loss and test accuracy of each seed."""
    table = {}
    for name, rates in contestants.items():
        for lr in rates:
            with np.errstate(all="ignore"):
                weights = train(problem, getattr(optim, name), lr, **options)
                valid, test = (network_forward(problem[part][0], *weights)[0]
                               for part in ("valid", "test"))
                loss = np.nan_to_num(loss_of(valid, problem["valid"][1]), nan=np.inf)
            guess = test[..., 0] > 0 if problem["classes"] == 1 else test.argmax(axis=-1)
            table[name, lr] = loss, (guess == problem["test"][1]).mean(axis=1)
    return table

# %%
tables = {"tumours": sweep(tumours, passes=20, batch_size=32),
          "digits": sweep(digits, passes=8, batch_size=64, hidden=32)}

# %% tags=["folded"]
fig, axes = plt.subplots(1, 2, figsize=(10, 3.2))
for ax, (title, table) in zip(axes, tables.items()):
    for name, rates in contestants.items():
        losses = np.array([table[name, lr][0] for lr in rates]).T     # (5, 8)
        style = ".--" if name in ("nesterov", "adamw") else ".-"      # they lie on their cousins
        ax.plot(rates, np.minimum(np.median(losses, axis=0), 3), style, label=name,
                color=plots.OPTIMIZERS[name])
    ax.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="validation loss",
           title=title)
axes[1].legend(fontsize=9, loc="center left", bbox_to_anchor=(1, 0.5))
plots.show(fig, alt="Median validation loss against the learning rate for seven optimizers on two "
           "problems. On the digits all curves are U-shaped, on the tumours their floors are "
           "bumpy. The floors are about equally low, but lie at different rates: plain gradient "
           "descent's far to the right of Adam's.")

# %% [markdown]
# Too small a rate does not arrive in the time given, too large a one destroys: a U, clean on the
# digits, with a bumpy floor on the small set of tumours. The floors are at different places, which
# is why a comparison at *one* rate for all is worthless. They are about equally low. Does the test
# set see a difference? Each at its best rate:

# %%
def at_best_rate(table):
    """Test accuracy of each seed at the rate with the lowest median validation loss."""
    best = {name: min(rates, key=lambda lr: np.median(table[name, lr][0]))
            for name, rates in contestants.items()}
    return best, {name: table[name, lr][1] for name, lr in best.items()}

results = {title: at_best_rate(table) for title, table in tables.items()}

# %% tags=["folded"]
fig, axes = plt.subplots(1, 2, figsize=(10, 3), sharey=True)
for ax, (title, (_, accuracies)) in zip(axes, results.items()):
    for k, (name, accuracy) in enumerate(accuracies.items()):
        colour = plots.OPTIMIZERS[name]
        ax.plot(k + np.linspace(-0.2, 0.2, 5), 100 * accuracy, "o", color=colour, alpha=0.6)
        ax.plot([k - 0.3, k + 0.3], [100 * np.median(accuracy)] * 2, color=colour)
    ax.set(title=title, xticks=range(7), ylabel="test accuracy (%)")
    ax.set_xticklabels(contestants, rotation=40, ha="right")
plots.show(fig, alt="Test accuracy of seven optimizers at their best rates, a dot for each of five "
           "seeds and a line for the median, on two problems. The clouds overlap almost "
           "completely.")

# %% [markdown]
# All optimizers get the same five splits, first weights and orders. So the fairest question is: on
# the *same* split, how far is each from Adam? Five differences give a mean, and a standard error
# that says how uncertain it is. With five values, luck alone keeps the mean within 2.8 standard
# errors of 0 in 95 of 100 cases.

# %%
told_apart, most = {}, {}
for title, (_, accuracies) in results.items():
    gaps = {name: 100 * (a - accuracies["adam"]) for name, a in accuracies.items()
            if name != "adam"}
    uncertain = {name: 2.8 * gap.std(ddof=1) / np.sqrt(5) for name, gap in gaps.items()}
    most[title] = max(uncertain.values())
    told_apart[title] = [n for n, gap in gaps.items() if abs(gap.mean()) > uncertain[n]]
    for name, gap in gaps.items():
        print(f"{title}: {name:<9} ≈ {gap.mean():+.1f} points, "
              f"give or take ≈ {uncertain[name]:.1f}")

# %% tags=["test"]
assert not any(told_apart.values()) and max(most.values()) < 4

# %% [markdown]
# So, on these two problems: **no difference that one could tell from luck.** A difference smaller
# than the numbers on the right could not show; and those are rather too small, since the five test
# sets are drawn from the same few hundred cases and overlap. A careful rate matters far more than
# the name of the optimizer. That need not be so for other networks. But it has to be shown, in this
# way, each time.

# %% [markdown]
# Why do the floors lie at such different rates? Look at what a rate *does*: how far one step moves
# the weights, as a share of the weights themselves.

# %%
def relative_step(name, lr):
    """Median length of a step of a weight matrix, as a share of the matrix's own length."""
    shares = []
    def watched(param, grad, state, *, lr):
        new, state = getattr(optim, name)(param, grad, state, lr=lr)
        if param.shape[1] > 1:                            # weights, not biases
            shares.append(np.linalg.norm(new - param) / np.linalg.norm(param))
        return new, state
    train(digits, watched, lr, passes=8, batch_size=64, hidden=32)
    return np.median(shares)

best_rates = results["digits"][0]
moved = {name: relative_step(name, lr) for name, lr in best_rates.items()}
for name, share in moved.items():
    print(f"{name:<9} best rate {best_rates[name]:<7.2g} a step moves the weights by {share:.1%}")

# %% tags=["test"]
apart = [max(values.values()) / min(values.values()) for values in (best_rates, moved)]
assert apart[0] > 100 and apart[1] < 10
assert 0.003 < min(moved.values()) < 0.008 and 0.01 < max(moved.values()) < 0.03
assert np.isclose(best_rates["sgd"], 10**0.5) and np.isclose(best_rates["rmsprop"], 0.01)

# %% [markdown]
# From 3.2 for plain descent to 0.01 for RMSProp; yet each moves its weights by about half a per
# cent to two per cent a step. When a training of your own will not start, measure this. Far below a
# tenth of a per cent, the rate is too small; tens of per cent, too large. (A rule of thumb, not a
# law.)
#
# Does a *schedule* help? Adam on the digits at four rates, constant and with warm-up and cosine,
# five seeds:

# %%
def fading(step, steps):
    return optim.warmup_cosine(step, lr=1.0, warmup_steps=steps // 10, total_steps=steps)

def digits_loss(lr, schedule):
    weights = train(digits, optim.adam, lr, passes=8, batch_size=64, hidden=32, schedule=schedule)
    return loss_of(network_forward(digits["valid"][0], *weights)[0], digits["valid"][1])

rates = [0.003, 0.01, 0.03, 0.1]
by_schedule = {name: np.array([digits_loss(lr, schedule) for lr in rates]).T          # (5, 4)
               for name, schedule in [("constant", None), ("warm-up + cosine", fading)]}

# %% tags=["folded"]
fig, ax = plt.subplots()
for (name, losses), colour in zip(by_schedule.items(), [plots.GREY, plots.RED]):
    plots.band(ax, rates, losses, label=name, color=colour, marker="o")
ax.set(xscale="log", yscale="log", xlabel="peak learning rate", ylabel="validation loss",
       xticks=rates, xticklabels=rates, yticks=[0.1, 0.2, 0.4], yticklabels=[0.1, 0.2, 0.4])
ax.minorticks_off()
ax.legend()
plots.show(fig, alt="Validation loss of Adam on the digits against the peak learning rate, with a "
           "constant rate and with warm-up and cosine, five seeds. The constant one is lower at "
           "small rates, the schedule at the largest; at their best rates the bands overlap.")

# %%
constant, scheduled = (np.median(losses, axis=0) for losses in by_schedule.values())
print("validation loss, the median of five seeds")
for lr, alike, faded in zip(rates, constant, scheduled):
    print(f"rate {lr:<5}  constant ≈ {alike:.3f}   with the schedule ≈ {faded:.3f}")

# %% tags=["test"]
assert constant[0] < scheduled[0] and scheduled[3] < constant[3]

# %% [markdown]
# Here, in eight passes, the schedule does *not* beat the best constant rate. What it does is
# forgive a rate that is too large; at a small one it only costs time. That is what we measured, in
# a short training; lesson 4 puts a schedule to the test again.
#
# ### Batch size and rate
#
# Smaller batches are noisier (lesson 2 measured it), and noise wants smaller steps. The best rate
# of plain gradient descent on the digits for four batch sizes, each with about 140 steps (so
# batches of 512 see the data 45 times, batches of 8 once), for each of five seeds:

# %%
rates, best = 10.0 ** np.arange(-2, 1.3, 0.25), {}
for size, passes in [(8, 1), (32, 4), (128, 16), (512, 45)]:
    losses = []
    for lr in rates:
        with np.errstate(all="ignore"):
            weights = train(digits, optim.sgd, lr, passes=passes, batch_size=size, hidden=32)
            logits, _ = network_forward(digits["valid"][0], *weights)
            losses.append(np.nan_to_num(loss_of(logits, digits["valid"][1]), nan=np.inf))
    best[size] = rates[np.argmin(losses, axis=0)]                     # (5,)
for size, found in best.items():
    print(f"batches of {size:>3}: median {np.median(found):.2g}, "
          f"from {found.min():.2g} to {found.max():.2g}")
middle = [np.median(found) for found in best.values()]

# %% tags=["test"]
assert middle == sorted(middle) and best[128].min() >= best[8].max() and middle[3] < 2 * middle[2]

# %% [markdown]
# From batches of 8 to 128 the best rate grows several times over. From 128 to 512 it hardly does
# any more. (A guess, which we have not measured: there it is the curvature that sets the limit, and
# no longer the noise.)

# %% [markdown]
# ## 5. How good is a classifier?
#
# **Predict.** 212 of the 569 tumours are malignant, 357 benign. What accuracy, in per cent, has a
# doctor who says "benign" every time and never looks?

# %%
predict("3.E", None)

# %% tags=["answer"]
print(f"{100 * (malignant == 0).mean():.1f} % accuracy, and not one of {malignant.sum()} found")

# %% [markdown]
# Accuracy hides *which* errors are made. The *confusion matrix* shows them: a row for what is, a
# column for what was said. We take the network of the first seed, trained with Adam at a rate of
# 0.01.

# %%
weights = train(tumours, optim.adam, 0.01, passes=20, batch_size=32)
labels = tumours["test"][1][0]                            # (114,)
logits = network_forward(tumours["test"][0], *weights)[0][0, :, 0]
scores, _ = layers.sigmoid_forward(logits)                # probability of "malignant"
predicted = (scores > 0.5).astype(int)
print("                said benign  said malignant")
for name, row in zip(["is benign", "is malignant"],
                     metrics.confusion_matrix(labels, predicted, classes=2)):
    print(f"{name:<15} {row[0]:>11}  {row[1]:>14}")

# %% [markdown]
# Three numbers are read off it. *Precision*: of those called malignant, the share that is.
# *Recall*: of those that are, the share that was found. *F1*: their harmonic mean, low as soon as
# one of them is:
#
# $$P = \frac{TP}{TP + FP}, \qquad R = \frac{TP}{TP + FN}, \qquad F_1 = \frac{2PR}{P + R} \tag{8}$$
#
# $TP$ are the hits (true positives), $FP$ the false alarms, $FN$ the misses.
#
# ### Exercise 3.7 · precision_recall_f1 · 2 points · 10 minutes

# %%
def precision_recall_f1(labels, predicted):
    """Precision, recall and F1 (8); arrays of 0 and 1, and 1 is what is looked for."""
    ### BEGIN SOLUTION
    tp = ((labels == 1) & (predicted == 1)).sum()
    precision, recall = tp / (predicted == 1).sum(), tp / (labels == 1).sum()
    return precision, recall, 2 * precision * recall / (precision + recall)
    ### END SOLUTION

# %%
check("3.7", precision_recall_f1)

# %% [markdown]
# Where to draw the line is a choice, and not the network's. A threshold of 0.01 finds more of the
# malignant ones and frightens more of the healthy. The *ROC curve* (receiver operating
# characteristic, a term from radar) shows all thresholds at once. For each it has a point: to the
# right the share of the benign ones called malignant, upwards the share of the malignant ones
# found, which is the recall. The area under it, the *AUC*, needs no threshold and has a simple
# meaning: draw one malignant and one benign case at random; it is the chance that the malignant one
# has the higher score. Ties count half.
#
# #### Exercise 3.8 · auc · 3 points · 15 minutes

# %%
def auc(labels, scores):
    """The chance that a random positive scores above a random negative; ties count half."""
    ### BEGIN SOLUTION
    positive, negative = scores[labels == 1][:, None], scores[labels == 0][None, :]
    return ((positive > negative) + 0.5 * (positive == negative)).mean()
    ### END SOLUTION

# %%
check("3.8", auc)

# %% tags=["folded"]
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.2))
false_alarms, found = metrics.roc_curve(labels, scores)
left.plot(false_alarms, found)
left.plot([0, 1], [0, 1], ":", color=plots.GREY)
for threshold, marker in [(0.5, "o"), (0.01, "^")]:
    said = scores > threshold
    left.plot(said[labels == 0].mean(), said[labels == 1].mean(), marker, color="black",
              label=f"threshold {threshold}")
left.set(xlabel="share of benign ones called malignant", ylabel="share of malignant ones found")
left.legend()
all_scores, _ = layers.sigmoid_forward(network_forward(tumours["test"][0], *weights)[0][..., 0])
said, happened, counts = metrics.calibration_curve(tumours["test"][1].ravel(), all_scores.ravel(),
                                                   bins=5)
right.plot([0, 1], [0, 1], ":", color=plots.GREY)
right.plot(said, happened, "o-")
for a, b, n in zip(said, happened, counts):
    right.annotate(f"{n} cases", (a, b), xytext=(6, -10), textcoords="offset points", fontsize=9)
right.set(xlabel="probability that the network gives", ylabel="share that is malignant")
plots.show(fig, alt="Left, the ROC curve, which hugs the upper left corner; the threshold 0.01 "
           "finds more, at the price of a few false alarms. Right, calibration: what the networks "
           "call probable against how often it is so, with the diagonal for comparison.")

# %%
precision, recall, f1 = metrics.precision_recall_f1(labels, predicted)
lenient = metrics.precision_recall_f1(labels, (scores > 0.01).astype(int))
print(f"AUC {metrics.auc(labels, scores):.3f}; at threshold 0.5: precision {precision:.3f}, "
      f"recall {recall:.3f}, F1 {f1:.3f}")
for threshold in (0.5, 0.01):
    (_, alarms), (missed, _) = metrics.confusion_matrix(
        labels, (scores > threshold).astype(int), classes=2)
    print(f"threshold {threshold}: {missed} missed, {alarms} false alarms")

# %% tags=["test"]
assert metrics.auc(labels, scores) > 0.95 and f1 > 0.9
assert lenient[1] > recall and lenient[0] < precision

# %% [markdown]
# The right picture asks another question: when the network says 80 %, is it so in 80 % of the
# cases? That is *calibration*. It is a property of its own: a network can rank perfectly and still
# be far too sure. The points in the middle rest on a handful of cases. Look at the two ends, where
# nearly all of the 570 predictions of the five networks are:

# %%
truth = tumours["test"][1]                                # (5, 114), as all_scores
for name, end in [("below 20 %", all_scores < 0.2), ("80 % and above", all_scores >= 0.8)]:
    p = all_scores[end]
    print(f"{name}: {end.sum()} cases, {p.sum():.1f} malignant expected, give or take "
          f"{np.sqrt((p * (1 - p)).sum()):.1f}; {truth[end].sum()} found")
low = all_scores < 0.2

# %% tags=["test"]
assert truth[low].sum() > all_scores[low].sum() + 2 and (low | (all_scores >= 0.8)).mean() > 0.9

# %% [markdown]
# Where the networks say "benign" they are too sure: they expected two or three malignant tumours
# there, and there are nine. At the other end two cases are missing, and that can be luck. (The five
# test sets overlap, so even the nine weigh less than nine.)

# %% [markdown]
# ## Check against PyTorch
#
# Each optimizer against `torch.optim`, fifty steps with random gradients, five settings.

# %%
in_torch = torch.optim
settings = {
    "sgd": (in_torch.SGD, [{}, {"weight_decay": 0.1}] + [{"lr": lr} for lr in (1.0, 0.01, 1e-4)]),
    "momentum": (in_torch.SGD, [{"momentum": m} for m in (0.9, 0.5, 0.0)]
                 + [{"momentum": 0.9, "weight_decay": 0.1}, {"momentum": 0.99, "lr": 1e-3}]),
    "nesterov": (in_torch.SGD, [{"momentum": m, "nesterov": True} for m in (0.9, 0.5, 0.1)]
                 + [{"momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
                    {"momentum": 0.99, "nesterov": True, "lr": 1e-3}]),
    "adagrad": (in_torch.Adagrad, [{}, {"lr": 1.0}, {"eps": 0.1}, {"weight_decay": 0.1},
                                   {"lr": 1e-3}]),
    "rmsprop": (in_torch.RMSprop, [{}, {"alpha": 0.5}, {"eps": 0.1}, {"weight_decay": 0.1},
                                   {"lr": 1.0}]),
    "adam": (in_torch.Adam, [{}, {"betas": (0.5, 0.9)}, {"eps": 0.1}, {"weight_decay": 0.1},
                             {"lr": 1.0}]),
    "adamw": (in_torch.AdamW, [{}, {"betas": (0.5, 0.9)}, {"eps": 0.1}, {"weight_decay": 0.1},
                        {"lr": 1.0}]),
}

# %%
worst = {}
for name, (their_class, options_list) in settings.items():
    apart, rng = [], np.random.default_rng(0)
    for options in options_list:
        ours, state = rng.standard_normal((3, 4)), {}
        theirs = torch.tensor(ours, requires_grad=True)
        optimizer = their_class([theirs], **{"lr": 0.1, **options})
        mine = {"lr": 0.1, **{k: v for k, v in options.items() if k != "nesterov"}}
        for _ in range(50):
            grad = rng.standard_normal((3, 4))
            ours, state = getattr(optim, name)(ours, grad, state, **mine)
            theirs.grad = torch.tensor(grad)
            optimizer.step()
        apart.append(np.abs(ours - theirs.detach().numpy()).max())
    worst[name] = max(apart)
    print(f"{name:<9} {len(apart)} settings, from torch.optim at most ≈ {worst[name]:.0e}")

# %% tags=["test"]
assert max(worst.values()) < 1e-10

# %% [markdown]
# Four of the five schedules against `torch.optim.lr_scheduler`, 100 steps each, and the metrics
# against scikit-learn. (Warm-up with a cosine has no class of its own there; it is put together
# from two.)

# %%
steps, schedulers = range(100), torch.optim.lr_scheduler
schedules |= {
    "step": [optim.step_lr(t, lr=1.0, step_size=30, gamma=0.5) for t in steps],
    "exponential": [optim.exponential_lr(t, lr=1.0, gamma=0.97) for t in steps],
    "cosine": [optim.cosine_lr(t, lr=1.0, total_steps=100) for t in steps],
}
in_torch = {
    "cosine": lambda o: schedulers.CosineAnnealingLR(o, 100),
    "exponential": lambda o: schedulers.ExponentialLR(o, 0.97),
    "one-cycle": lambda o: schedulers.OneCycleLR(o, max_lr=1.0, total_steps=100),
    "step": lambda o: schedulers.StepLR(o, 30, 0.5),
}
apart = {}
for name, make in in_torch.items():
    optimizer, rates = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0), []
    scheduler = make(optimizer)
    for step in range(100):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        if step < 99:
            scheduler.step()
    apart[name] = np.abs(np.array(schedules[name]) - rates).max()
    print(f"{name:<11} differs by at most ≈ {apart[name]:.0e}")

# %%
from sklearn import metrics as sklearn_metrics

theirs = sklearn_metrics.precision_recall_fscore_support(labels, predicted, average="binary")[:3]
area = sklearn_metrics.roc_auc_score(labels, scores)
print("precision, recall, F1, AUC")
print("ours:        ", np.round([precision, recall, f1, metrics.auc(labels, scores)], 6))
print("scikit-learn:", np.round([*theirs, area], 6))

# %% tags=["test"]
assert max(apart.values()) < 1e-10
assert np.allclose((precision, recall, f1), theirs)
assert np.isclose(metrics.auc(labels, scores), area)

# %% [markdown]
# ## Claim on trial
#
# Three claims, as they stand in published articles. The letters are theirs: in A, $\alpha$ is the
# rate and $\beta$ our $\mu$; in C, $x_t$ stands for the gradient.
#
# - **A** · "Momentum: $\theta := \theta - \alpha \nabla J + \beta v$", with $v$ set to 0 at the
#   start and no line that changes it.
# - **B** · "Adam without bias correction is the same."
# - **C** · "Adam's first moment: $m_t = \beta_1 m_{t-1} + (1 - \beta_1)(x_t - \mu_{t-1})$", with
#   $\mu_{t-1}$ the mean so far, where (5) has the gradient.

# %%
def my_opinion():
    """Like {"A": True, "B": True, "C": True}."""
    ### BEGIN SOLUTION
    return {"A": False, "B": False, "C": False}
    ### END SOLUTION

# %%
print("you said:", my_opinion())

# %% tags=["answer"]
def claim_a(param, grad, state, *, lr):
    v = 0.0
    return param - lr * grad + 0.9 * v, {}

def claim_b(param, grad, state, *, lr, betas=(0.9, 0.999)):
    m = betas[0] * state.get("m", 0.0) + (1 - betas[0]) * grad
    s = betas[1] * state.get("s", 0.0) + (1 - betas[1]) * grad**2
    return param - lr * m / (np.sqrt(s) + 1e-8), {"m": m, "s": s}

def claim_c(param, grad, state, *, lr, betas=(0.9, 0.999)):
    new_param, new = optim.adam(param, grad, state, lr=lr, betas=betas)
    m = betas[0] * state.get("m", 0.0) + (1 - betas[0]) * (grad - state.get("m", 0.0))
    m_hat, s_hat = m / (1 - betas[0]**new["t"]), new["s"] / (1 - betas[1]**new["t"])
    return param - lr * m_hat / (np.sqrt(s_hat) + 1e-8), {**new, "m": m}

# %% tags=["answer"]
a, plain = descend(claim_a, lr=0.01), descend(optim.sgd, lr=0.01)
print(f"A: differs from plain gradient descent by at most {np.abs(a - plain).max():.1f}")
first = [abs(update(np.zeros(1), np.ones(1), {}, lr=0.1)[0][0]) for update in (claim_b, optim.adam)]
print(f"B: the first step is {first[0] / first[1]:.2f} times as long as with correction")
walked, times = [(np.zeros(1), {}), (np.zeros(1), {})], []
for _ in range(100):
    moved = [update(*(param, np.ones(1), state), lr=0.1)
             for update, (param, state) in zip((claim_b, optim.adam), walked)]
    times.append(np.divide(*(abs(new[0] - old[0])[0] for new, old in zip(moved, walked))))
    walked = moved
print(f"   and with a gradient that is always 1, at most {max(times):.1f} times, at step "
      f"{np.argmax(times) + 1}; {times[-1]:.1f} times at step 100")
constant, state = np.zeros(1), {}
for _ in range(500):
    constant, state = claim_c(constant, np.ones(1), state, lr=0.1)
print(f"C: for a gradient that is always 1, m settles at {state['m'][0]:.2f}, not at 1")

# %% tags=["test"]
assert np.array_equal(a, plain) and first[0] > 3 * first[1] and abs(state["m"][0] - 1) > 0.3

# %% [markdown]
# **A** has no memory: what is called momentum is plain descent. **B** takes steps that are several
# times as long, for a hundred steps and more. At the first, $m$ is too small by a factor of 10, but
# $\sqrt s$ by one of 32; then $m$ recovers in some ten steps and $\sqrt s$ in some thousand. **C**
# subtracts the mean from what is to be averaged, so the average does not even get a constant right.
# (We read $\mu_{t-1}$ as $m_{t-1}$, the mean so far.)
#
# Repair A here; B and C are exercise 3.3.

# %%
def repaired_momentum(theta, gradient, v, *, alpha=0.01, beta=0.9):
    """One step of momentum, with v the velocity so far. Return the new theta and the new v."""
    ### BEGIN SOLUTION
    v = beta * v - alpha * gradient
    return theta + v, v
    ### END SOLUTION

# %%
def judge_repair(step):
    theta, v = np.array(ravine.start), np.zeros(2)
    for _ in range(60):
        out = step(theta, ravine.gradient(theta), v)
        if out is None:
            return print("○ not repaired yet")
        theta, v = out
    right = descend(optim.momentum, lr=0.01)[-1]
    print(gradcheck.verdict("theta", theta, right))

judge_repair(repaired_momentum)

# %% [markdown]
# ## What can go wrong
#
# **One rate for all.** Here is the digits table again, read the wrong way: at Adam's best rate.
# Plain gradient descent "loses", of course.

# %%
table, rate = tables["digits"], results["digits"][0]["adam"]
for name in ("sgd", "momentum", "adam"):
    nearest = min(contestants[name], key=lambda lr: abs(np.log(lr / rate)))
    print(f"{name:<9} at about Adam's rate: {np.median(table[name, nearest][1]):.0%},"
          f" at its own best: {np.median(results['digits'][1][name]):.0%}")
nearest = min(contestants["sgd"], key=lambda lr: abs(np.log(lr / rate)))

# %% tags=["test"]
assert np.median(table["sgd", nearest][1]) < np.median(results["digits"][1]["sgd"]) - 0.02

# %% [markdown]
# **One split, one seed.** Two trainings with the same optimizer, on other splits and from other
# weights, differ. By how much, on average over all pairs of the five seeds? And two optimizers, on
# the same split and from the same weights?

# %%
accuracies = 100 * np.array(list(results["tumours"][1].values()))     # (7, 5)
pairs = np.triu_indices(5, 1)
seeds_apart = np.mean([np.abs(np.subtract.outer(row, row))[pairs].mean() for row in accuracies])
pairs = np.triu_indices(7, 1)
names_apart = np.mean([np.abs(np.subtract.outer(c, c))[pairs].mean() for c in accuracies.T])
print(f"tumours: two seeds ≈ {seeds_apart:.1f} points, two optimizers ≈ {names_apart:.1f}")

# %% tags=["test"]
assert seeds_apart > 1.3 * names_apart

# %% [markdown]
# **Undefined numbers.** Precision where nothing was called positive is 0/0, and an AUC needs both
# classes. Libraries often warn and return 0, or NaN; ours says what is missing:

# %%
for call in (lambda: metrics.precision_recall_f1(np.array([0, 1]), np.array([0, 0])),
             lambda: metrics.auc(np.array([1, 1]), np.array([0.2, 0.9]))):
    try:
        call()
    except ValueError as error:
        print("ValueError:", error)

# %% [markdown]
# ## Summary
#
# - Momentum adds up what agrees; RMSProp gives every weight a step of its own; Adam does both, with
#   a fair start; AdamW shrinks the weights directly, not by way of the gradient.
# - Momentum turns $\kappa$ into $\sqrt\kappa$. A rate for each entry helps where the valley lies
#   along the entries.
# - A schedule forgives a rate that is too large. Clipping, of the norm of all gradients together,
#   saves runs and slows others. Draw first weights with variance $2/n_{in}$ for ReLU.
# - Compare with the best rate of each, chosen on validation data, over several seeds. If the
#   difference is smaller than the spread, say so.
# - Accuracy says little where one class is rare. Look at the confusion matrix; choose the threshold
#   for the cost of each error; use the AUC to compare rankings, and check the calibration.

# %% [markdown]
# ## Exercises
#
# | | write | points |
# |---|---|---|
# | 3.1 | `momentum` | 2 |
# | 3.2 | `rmsprop` | 2 |
# | 3.3 | `adam` | 3 |
# | 3.4 | `adamw` | 2 |
# | 3.5 | `warmup_cosine` | 2 |
# | 3.6 | `clip_by_global_norm` | 2 |
# | 3.7 | `precision_recall_f1` | 2 |
# | 3.8 | `auc` | 3 |
#
# `course progress` in a terminal shows which of yours are done.

# %% [markdown]
# ## References
#
# - B. Polyak (1964), *Some methods of speeding up the convergence of iteration methods*. Momentum.
# - I. Sutskever, J. Martens, G. Dahl, G. Hinton (2013), *On the importance of initialization and
#   momentum in deep learning*, ICML: Nesterov's momentum, its (3) and (4). Y. Bengio, N.
#   Boulanger-Lewandowski, R. Pascanu (2013), *Advances in optimizing recurrent networks*, ICASSP:
#   the same, told from the point ahead, as our (2).
# - J. Duchi, E. Hazan, Y. Singer (2011), *Adaptive subgradient methods for online learning and
#   stochastic optimization*, JMLR 12. AdaGrad.
# - T. Tieleman, G. Hinton (2012), *Neural Networks for Machine Learning*, lecture 6e. RMSProp.
# - D. Kingma, J. Ba (2015), *Adam: a method for stochastic optimization*, ICLR. Our (5) is its
#   algorithm 1; the bias correction is its section 3.
# - I. Loshchilov, F. Hutter (2019), *Decoupled weight decay regularization*, ICLR. Our (6), in
#   PyTorch's form.
# - R. Pascanu, T. Mikolov, Y. Bengio (2013), *On the difficulty of training recurrent neural
#   networks*, ICML. Clipping. L. Smith, N. Topin (2019), *Super-convergence*. One-cycle.
# - K. He, X. Zhang, S. Ren, J. Sun (2015), *Delving deep into rectifiers*, ICCV; X. Glorot, Y.
#   Bengio (2010), *Understanding the difficulty of training deep feedforward neural networks*,
#   AISTATS. First weights.
# - I. Loshchilov, F. Hutter (2017), *SGDR*, ICLR, equation 5: the cosine of our (7). P. Goyal and
#   others (2017), *Accurate, large minibatch SGD*: warm-up, batch size and rate.
# - C. Guo, G. Pleiss, Y. Sun, K. Weinberger (2017), *On calibration of modern neural networks*,
#   ICML. Y. Dauphin et al. (2014), *Identifying and attacking the saddle point problem*, NeurIPS.
# - R. Schmidt, F. Schneider, P. Hennig (2021), *Descending through a crowded valley*, ICML. The
#   same question with fifteen optimizers: none wins everywhere.
# - T. Fawcett (2006), *An introduction to ROC analysis*, Pattern Recognition Letters 27.
# - W. Street, W. Wolberg, O. Mangasarian (1993), *Nuclear feature extraction for breast tumor
#   diagnosis*, SPIE 1905: the tumours.
#
# **Next:** [4 · Classify handwritten digits with convolutions](04_cnn_mnist.ipynb)
