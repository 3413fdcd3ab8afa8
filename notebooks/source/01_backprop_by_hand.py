# %% [markdown]
# # 1 · Backpropagate by hand
#
# A neural network learns by asking one question over and over: *if I turned this weight a little,
# would the loss go up or down, and how fast?* Backpropagation answers it for a million weights at
# once, at the price of a few runs of the network. By the end of this lesson you will have written
# it yourself, from a single number to a network that reads handwritten digits, and you will have
# checked every step, twice.
#
# [Open in Colab]({colab}) · [Open on Binder]({binder})

# %% [markdown]
# ## What you will do
#
# 1. Measure a slope by nudging, and find out how far the measurement can be trusted.
# 2. Build a graph of numbers that computes its own slopes.
# 3. Do the same with arrays: a forward and a backward for each layer.
# 4. Go backward through a whole network by hand, and compare every step with PyTorch.
# 5. Train it: first on two moons, then on real digits.
# 6. See where it goes wrong, and put four published claims on trial.

# %% [markdown]
# ## What you need
#
# Python, NumPy (arrays, broadcasting), and from mathematics: what a derivative is, the chain rule,
# exponential and logarithm, and how to multiply two matrices. About three hours with the exercises.
# No GPU, no network; the notebook itself runs in less than a minute and stays below 600 MB.
#
# **Exercises.** A cell that says `YOUR CODE HERE` is yours: replace `return None` by your code, run
# the cell, and run the check below it. The check tries your function on random inputs. If you made
# a mistake that it knows, it tells you which. Its card holds hints: click one to open it. In a cell
# of its own, `case("1.1")` gives you the inputs that your function got wrong, and `solution("1.1")`
# an answer that you can paste. You can leave any exercise for later: the lesson goes on with the
# library's version, so nothing breaks.
#
# **How to read it.** A grey line that ends in three dots is a cell that only draws; click it to see
# its code. And ≈ stands before what your own machine measures: a time, or a result whose last
# digits depend on the processor.

# %% [markdown]
# ## Symbols and shapes
#
# A *network* is a function with adjustable numbers, its *weights*. It takes the numbers that
# describe an example and computes new ones in *layers*: each number of a layer, a *unit*, is a
# weighted sum of those before it plus a constant, its *bias*, bent by a curve such as $\tanh$.
# Layers between input and output are *hidden*. Where the answer is one of several, cat or dog,
# these are the *classes*.
#
# | symbol | meaning |
# |---|---|
# | $B$ | examples in a batch |
# | $D$ | numbers that describe one example (the inputs) |
# | $H$ | hidden units of a layer |
# | $C$ | classes |
# | $n, d, h$ | a place along $B$, $D$, $H$ |
# | `x` | inputs, shape `(B, D)` |
# | `W`, `b` | weights `(D, H)` and biases `(H,)` of a layer |
# | $L$ | the loss, one number: how wrong the network is |
# | `dx` | $\partial L/\partial x$: how fast $L$ grows with each entry of `x`, the rest held fixed |
# | `dout` | the same for a function's output: the *upstream gradient* |
# | `# (B, H)` | at the end of a line: the shape of the array made there |

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

from course_lib import data, gradcheck, layers, plots, value, widgets
from course_lib.checks import case, check, hint, predict, solution

# %% [markdown]
# ## 1. Nudge it
#
# Here is about the smallest network there is: one input $x$, three weights, two $\tanh$ units
# one after the other. Its loss is the squared distance from a target $y$:
#
# $$L = \bigl(w_3 \tanh(w_2 \tanh(w_1 x)) - y\bigr)^2$$

# %%
def tiny_loss(w1, w2, w3, x=1.5, y=1.0):
    return (w3 * np.tanh(w2 * np.tanh(w1 * x)) - y) ** 2

w1, w2, w3 = 0.4, -0.9, 0.7
print(f"loss: {tiny_loss(w1, w2, w3):.4f}")

# %% [markdown]
# We want to know which way to turn $w_1$. The simplest way to find out: nudge it and look.

# %%
nudge = 0.01
slope = (tiny_loss(w1 + nudge, w2, w3) - tiny_loss(w1, w2, w3)) / nudge
print(f"when w1 grows, the loss grows {slope:.3f} times as fast")

# %% tags=["test"]
assert slope > 0

# %% [markdown]
# The slope is positive: a larger $w_1$ makes the loss larger, so $w_1$ should shrink. That is all
# of gradient descent: measure the slope, step the other way. In the picture, the slope is that of
# the straight line.

# %% tags=["folded"]
w = np.linspace(-1.5, 1.5, 200)
fig, ax = plt.subplots()
ax.plot(w, tiny_loss(w, w2, w3), label="loss")
near = np.array([w1 - 0.6, w1 + 0.6])
ax.plot(near, tiny_loss(w1, w2, w3) + slope * (near - w1), label="slope, by nudging")
ax.plot(w1, tiny_loss(w1, w2, w3), "o", color="black")
ax.set(xlabel="weight w1", ylabel="loss")
ax.legend()
plots.show(fig, alt="The loss as a smooth, rising curve over the weight w1, and at w1 = 0.4 a "
           "straight line that touches it: its slope was found by nudging.")

# %% [markdown]
# ### How good is a nudge?
#
# Let $f$ be any smooth function. Taylor's formula says what a nudge of size $h$ really measures:
#
# $$\frac{f(x+h) - f(x)}{h} = f'(x) + \frac{h}{2} f''(x) + \dots \tag{1}$$
#
# The error shrinks like $h$. Nudge both ways, and the second-order terms cancel:
#
# $$\frac{f(x+h) - f(x-h)}{2h} = f'(x) + \frac{h^2}{6} f'''(x) + \dots \tag{2}$$
#
# Now it shrinks like $h^2$. This is the *central difference*. Build it first, for a function of a
# whole array: the result has a slope for each entry. All these slopes together are the *gradient*,
# and nudging is the yardstick against which we shall hold every gradient in this course.

# %% [markdown]
# #### Exercise 1.1 · central_difference · 2 points · 10 minutes

# %%
def central_difference(f, x, *, h=1e-5):
    """Slope of f along each entry of the array x, by formula (2).

    f takes an array of the shape of x and returns a number. Return an array of the shape of x.
    Leave x itself as it is.
    """
    ### BEGIN SOLUTION
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[i] = h
        grad[i] = (f(x + step) - f(x - step)) / (2 * h)               # (2)
    return grad
    ### END SOLUTION

# %%
check("1.1", central_difference)

# %% [markdown]
# **Predict.** We measure the slope of $\sin$ at $x = 1$ with formula (2) and compare with the true
# slope, $\cos 1$. Then we halve $h$. How many times smaller does the error get? Put your guess in
# place of `None`.

# %%
predict("1.A", None)

# %% tags=["answer"]
def central_error(h, x=1.0):
    return np.abs(gradcheck.central_difference(np.sin, np.array(x), h=h) - np.cos(x))

print(f"{central_error(0.02) / central_error(0.01):.2f} times smaller")

# %% [markdown]
# So should we make $h$ as small as we can? Let us measure the error for steps from $10^{-1}$ down
# to $10^{-15}$, at forty points $x$. (In this figure and all that follow, a line is the median and
# the band around it runs from the smallest to the largest.)

# %%
x = np.linspace(0.1, 1.4, 40)
steps = 10.0 ** -np.arange(1, 16)                                     # (15,)
h = steps[:, None]                                                    # (15, 1), against (40,)
one_sided = np.abs((np.sin(x + h) - np.sin(x)) / h - np.cos(x))       # (15, 40), formula (1)
central = np.abs((np.sin(x + h) - np.sin(x - h)) / (2 * h) - np.cos(x))  # (15, 40), formula (2)

for name, error in [("one-sided", one_sided), ("central", central)]:
    print(f"{name}: best with h = {steps[np.median(error, axis=1).argmin()]:.0e}")

# %% tags=["folded"]
fig, ax = plt.subplots()
for name, error in [("one-sided", one_sided), ("central", central)]:
    plots.band(ax, steps, error.T + 1e-17, label=name)
ax.axvline(1e-5, color=plots.GREY, linestyle=":")
ax.text(1.4e-5, 4e-13, "h = 1e-5", color=plots.GREY)
ax.text(1e-14, 1e-8, "rounding", rotation=-32)
ax.text(2e-4, 1e-11, "truncation", rotation=52)
ax.set(xscale="log", yscale="log", xlabel="step h", ylabel="error of the slope")
ax.legend(loc="upper center")
plots.show(fig, alt="Error of the slope against the step, both on log scales: two Vs. Coming from "
           "large steps the error falls, ten times a decade for the one-sided difference and a "
           "hundred times for the central one; below a best step it rises again.")

# %% [markdown]
# Two Vs. On the right side the step is too large and the terms that Taylor's formula leaves out
# dominate: *truncation*. On the left side two nearly equal numbers are subtracted and their last
# digits are noise; dividing by a tiny $h$ blows the noise up: *rounding*. In between, the central
# difference gets ten digits right.
#
# Remember this picture. It says why, in this course, we check with $h = 10^{-5}$, in float64, and
# call a gradient right when it agrees to $10^{-7}$: that is far above the noise, and a wrong
# formula is wrong in its first digits.

# %%
typical = dict(zip(steps.round(15), np.median(central, axis=1)))
print(f"median error at h = 1e-5: ≈ {typical[1e-5]:.0e}")

# %% tags=["test"]
assert typical[1e-5] < 1e-10

# %% [markdown]
# ### Why nudging is not enough
#
# Each weight needs two runs of the network. A million weights need two million runs, for a single
# step of learning. So nudging is for checking. For learning we need the slopes all at once, and
# that takes calculus. The chain rule turns the tiny network's loss into this:
#
# $$\frac{\partial L}{\partial w_3} = 2\,(w_3 a_2 - y)\; a_2$$
# $$\frac{\partial L}{\partial w_2} = 2\,(w_3 a_2 - y)\; w_3\,(1 - a_2^2)\; a_1$$
# $$\frac{\partial L}{\partial w_1} = 2\,(w_3 a_2 - y)\; w_3\,(1 - a_2^2)\; w_2\,(1 - a_1^2)\; x$$
#
# with $a_1 = \tanh(w_1 x)$ and $a_2 = \tanh(w_2 a_1)$. (The slope of $\tanh$ is $1 - \tanh^2$.)

# %%
def tiny_gradient(w1, w2, w3, x=1.5, y=1.0):
    a1 = np.tanh(w1 * x)
    a2 = np.tanh(w2 * a1)
    dout = 2 * (w3 * a2 - y)
    return np.array([dout * w3 * (1 - a2**2) * w2 * (1 - a1**2) * x,
                     dout * w3 * (1 - a2**2) * a1,
                     dout * a2])

by_calculus = tiny_gradient(w1, w2, w3)
by_nudging = gradcheck.central_difference(lambda w: tiny_loss(*w), np.array([w1, w2, w3]))
print("by calculus", by_calculus.round(6))
print("by nudging ", by_nudging.round(6))

# %% tags=["test"]
assert gradcheck.relative_error(by_calculus, by_nudging) < gradcheck.TOLERANCE
assert 0.005 < abs(slope / by_calculus[0] - 1) < 0.015                # the first nudge

# %% [markdown]
# The very first nudge gave 1.397. One-sided, with $h = 0.01$, it was 1 % off.
#
# Now that the true slope is known, play with the nudge. Drag $w_1$: the line of a large nudge is
# not the tangent. Drag $h$, and run down one V and up the other side.

# %% tags=["nbval-ignore-output"]
nudger = widgets.explore_nudge(lambda w: tiny_loss(w, w2, w3),
                               lambda w: tiny_gradient(w, w2, w3)[0])
nudger

# %% tags=["test"]
assert nudger.sentence.startswith("At w1 = 0.40")

# %% [markdown]
# Now use the three slopes. Move all weights at once, by 0.01 in total, against the gradient $g$.
# The loss should fall by 0.01 times the length of $g$. And does another direction do better? Try a
# thousand.

# %%
w, length, size = np.array([w1, w2, w3]), 0.01, np.linalg.norm(by_calculus)

def change(direction):
    return tiny_loss(*(w + length * direction)) - tiny_loss(w1, w2, w3)

downhill = change(-by_calculus / size)
others = np.random.default_rng(0).standard_normal((1000, 3))
others = [change(v / np.linalg.norm(v)) for v in others]
print(f"predicted {-length * size:.5f}, measured {downhill:.5f}")
print(f"the best of a thousand others: {min(others):.5f}")

# %% tags=["test"]
assert abs(downhill / (-length * size) - 1) < 0.01 and downhill < min(others)

# %% [markdown]
# Look at the three formulas again. Each begins with the whole of the one above it, but for its last
# factor. Whoever works **from the loss backward** and keeps what has been computed pays for each
# factor once. That is backpropagation. The rest of this lesson makes it systematic.

# %% [markdown]
# ## 2. A graph of numbers
#
# Break the formula into single operations, and draw an arrow from each number to those that are
# computed from it. A `Value` is a number that remembers this. It holds
#
# - `data`: the number;
# - `grad`: the slope of the final number with respect to this one, at first 0;
# - `parents`: what it was computed from;
# - a function that, given its own gradient `dout`, adds to the gradients of its parents.
#
# Addition, for instance. If `a` grows by a little, `a + b` grows by as much, so the gradient passes
# through unchanged, to both:

# %%
def add(a, b):
    def backward(dout):
        a.grad += dout
        b.grad += dout
    return value.Value(a.data + b.data, parents=(a, b), op="+", backward=backward)

# %% [markdown]
# And $\tanh$, which has the slope $1 - \tanh^2$:

# %%
def tanh(a):
    out = np.tanh(a.data)
    def backward(dout):
        a.grad += (1.0 - out**2) * dout
    return value.Value(out, parents=(a,), op="tanh", backward=backward)

# %% [markdown]
# Each operation knows only its own *local* slope. The chain rule does the rest: the gradient that
# arrives from above, times the local slope.
#
# ### Exercise 1.2 · multiply · 2 points · 10 minutes

# %%
def multiply(a, b):
    """Product of two Values: a Value that holds the number a.data * b.data.

    Its parents are (a, b), its op is "*", and its backward adds to a.grad and b.grad.
    """
    ### BEGIN SOLUTION
    def backward(dout):
        a.grad += b.data * dout
        b.grad += a.data * dout
    return value.Value(a.data * b.data, parents=(a, b), op="*", backward=backward)
    ### END SOLUTION

# %%
check("1.2", multiply)

# %% [markdown]
# The library's `Value` has these operations behind Python's own operators, so that `a * b + c`
# builds the graph by itself. Here is the tiny network again. This time `backward()` finds all
# slopes in one sweep from right to left. (In the drawing, green nodes are given and blue ones
# computed. The number on an arrow is the local slope: what a gradient is multiplied by on its way
# back along it.)

# %%
x, y = value.Value(1.5, label="x"), 1.0
v1, v2, v3 = (value.Value(w, label=f"w{k}") for k, w in enumerate([w1, w2, w3], start=1))
a1 = value.tanh(v1 * x)
a2 = value.tanh(v2 * a1)
error = v3 * a2 + -y
L = error**2
a1.label, a2.label, error.label, L.label = "a1", "a2", "error", "L"

L.backward()
print([round(float(v.grad), 6) for v in (v1, v2, v3)])

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(10, 2.2))
plots.draw_graph(ax, L, slopes=True)
plots.show(fig, alt="The tiny network as a graph. From left to right: x and w1 are multiplied, "
           "tanh gives a1, times w2, tanh gives a2, times w3, minus 1 is the error, squared is L. "
           "Each node shows its number and its gradient, each arrow its local slope; the gradient "
           "of L is 1.")

# %% tags=["test"]
assert np.allclose([v.grad for v in (v1, v2, v3)], by_calculus, rtol=1e-12)

# %% [markdown]
# ### When a number is used twice
#
# Every node so far led to one other. What if a number is used twice, as in $b = a + a$ and
# $c = b + b$? There are several paths from $a$ to $c$ now, and along each of them a nudge of $a$
# arrives at $c$. All the effects add:
#
# $$\frac{\partial c}{\partial a} = \sum_{\text{paths from } a \text{ to } c}\;
# \prod_{\text{edges on the path}} \text{local slope} \tag{3}$$
#
# **Predict.** What is $\partial c / \partial a$?

# %%
predict("1.B", None)

# %% tags=["answer"]
a = value.Value(3.0, label="a")
b = a + a
c = b + b
b.label, c.label = "b", "c"
c.backward()

# %% tags=["answer", "folded"]
fig, ax = plt.subplots(figsize=(5, 1.4))
plots.draw_graph(ax, c, slopes=True)
plots.show(fig, alt="Two arrows from a to b and two from b to c. The gradients are 1 "
           f"at c, 2 at b and {a.grad:g} at a.")

# %% tags=["test"]
assert a.grad == 4

# %% [markdown]
# There are $2 \times 2$ paths, each with slope 1. This is why every backward above says `+=` and
# not `=`: **gradients add**. With `=`, the second arrow would wipe out what the first one brought.
#
# ### In which order?
#
# Formula (3) counts paths, and there can be astronomically many. `backward()` never walks them one
# by one. It visits each node once, and when it comes to a node, that node's gradient must already
# be complete, because it is passed on at that moment. See what happens when it is not:

# %%
def gradient_of_a(order):
    """Slope of e along a, when the nodes pass their gradients on in this order."""
    a = value.Value(2.0)
    b = a * 3.0
    c = b * b
    e = c + b
    e.grad = 1.0
    for name in order:
        {"e": e, "c": c, "b": b}[name]._backward({"e": e, "c": c, "b": b}[name].grad)
    return a.grad

print("e, c, b:", gradient_of_a("ecb"))
print("e, b, c:", gradient_of_a("ebc"))
f = lambda a: (3 * a) * (3 * a) + 3 * a
print(f"nudging: {gradcheck.central_difference(f, np.array(2.0)):.1f}")

# %% tags=["test"]
assert gradient_of_a("ecb") == 39.0 and gradient_of_a("ebc") == 3.0

# %% [markdown]
# In the second line `b` passed its gradient on before `c` had added to it. So list the nodes with
# **every parent before its children**, and walk the list from its end. Such a list is a
# *topological order*.
#
# The obvious way to write it is a function that calls itself for each parent. It works, until the
# graph is deeper than Python's own stack:

# %%
def recursive_order(node, order, seen):
    if id(node) not in seen:
        seen.add(id(node))
        for parent in node.parents:
            recursive_order(parent, order, seen)
        order.append(node)
    return order

deep = first = value.Value(1.0)
for _ in range(10_000):
    deep = deep + 0.001
try:
    recursive_order(deep, [], set())
except RecursionError:
    print("a chain of 10,000 is too deep for Python's own stack")

# %% [markdown]
# The way out is to keep the path on a list of your own. It begins as `[root]`. Look at its last
# node: if one of its parents is not listed yet, append that parent to the path; if all are, list
# the node and take it off the path. Here are all steps for $b = a \cdot 3$, $c = b \cdot b$,
# $e = c + b$:

# %% tags=["folded"]
a, three = value.Value(2.0, label="a"), value.Value(3.0, label="3")
b = a * three
c = b * b
e = c + b
b.label, c.label, e.label = "b", "c", "e"
fig, ax = plt.subplots(figsize=(7.5, 3.8))
plots.draw_order(ax, e)
plots.show(fig, alt="Ten rows. The path grows from e to c, to b, to a; a is listed and leaves "
           "it, then 3, b and c, and at last e. The list grows from a to a, 3, b, c, e.")

# %% tags=["test"]
assert [node.label for node in value.topological_order(e)] == ["a", "3", "b", "c", "e"]

# %% [markdown]
# The second parent of `e` is `b`, and that is listed already: nothing is done twice.
#
# #### Exercise 1.3 · topological_order · 3 points · 20 minutes

# %%
def topological_order(root):
    """List every node that root depends on, once each: parents before children, root last.

    A node has .parents, a tuple of nodes. Chains of 10,000 nodes must work.
    """
    ### BEGIN SOLUTION
    order, listed, stack = [], set(), [root]
    while stack:
        node = stack[-1]
        waiting = [p for p in node.parents if id(p) not in listed]
        if waiting:
            stack.append(waiting[0])
        else:
            stack.pop()
            if id(node) not in listed:
                listed.add(id(node))
                order.append(node)
    return order
    ### END SOLUTION

# %%
check("1.3", topological_order)

# %%
deep.backward()
count = len(value.topological_order(deep))   # 10,000 sums, as many constants, and the start
print(f"{count:,} nodes, and the gradient of the first is {first.grad}")

# %% [markdown]
# ### Clear before the next pass
#
# `grad` is only ever added to. Going backward twice adds the gradients of both passes, which is
# wanted when a loss comes in pieces, and a classic bug when it does not.

# %%
a = value.Value(3.0)
c = a * a
c.backward()
once = a.grad
c.backward()
print("once:", once, "  twice:", a.grad)
value.zero_grad(c)
c.backward()
print("cleared in between:", a.grad)

# %% [markdown]
# ### Step through it
#
# Press *Next node* and watch the gradients arrive, one node at a time.

# %% tags=["nbval-ignore-output"]
stepper = widgets.step_through_backward(L)
stepper

# %% tags=["test"]
assert stepper.step == 0 and L.grad == 1.0 and v1.grad == 0.0

# %% [markdown]
# Three moments of it, for those who read this on paper: the start, half way, and the end. The node
# at work has an orange frame.

# %% tags=["folded"]
fig, says = widgets.draw_step(L, 0)
plots.show(fig, alt=f"The graph with all gradients 0 but that of L. {says}")
print(says)

# %% tags=["folded"]
fig, says = widgets.draw_step(L, 6)
plots.show(fig, alt=f"The graph half way: the gradients of a1, w2 and all that comes after "
           f"them are there. {says}")
print(says)

# %% tags=["folded"]
fig, says = widgets.draw_step(L, len(value.topological_order(L)))
plots.show(fig, alt=f"The graph with all its gradients. {says}")
print(says)

# %% tags=["test"]
assert np.allclose([v.grad for v in (v1, v2, v3)], by_calculus, rtol=1e-12)

# %% [markdown]
# Read the last drawing once more, from the right, and two habits show. A *sum* hands its gradient
# on to everyone, unchanged. A *product* hands each factor the gradient times the *other* factor. So
# a large input gives its weight a large gradient; lesson 2 scales its inputs for that reason. And
# where a gradient has to travel far, people build on the first habit: the LSTM's cell in lesson 5,
# the residuals in lesson 6.

# %% [markdown]
# ## 3. From numbers to arrays
#
# A Python object for every number is clear, and hopelessly slow: we shall measure how slow. So we
# let one node be a whole array. Nothing changes in the principle. Each operation gets two
# functions:
#
# ```python
# out, cache = name_forward(x)        # the cache holds what the way back will need
# dx = name_backward(dout, cache)     # dout and out have one shape; so have dx and x
# ```
#
# ### The linear layer
#
# The basic layer of every network: each output is a weighted sum of all inputs.

# %%
def linear_forward(x, W, b):
    if x.ndim != 2 or W.ndim != 2 or x.shape[1] != W.shape[0] or b.shape != W.shape[1:]:
        raise ValueError(
            f"x {x.shape}, W {W.shape} and b {b.shape} do not fit: give x (B, D), W (D, H), b (H,)"
        )
    return x @ W + b, (x, W)                              # (B, H)

# %% [markdown]
# For the way back, write down one entry:
#
# $$\text{out}_{nh} = \sum_d x_{nd} W_{dh} + b_h$$
#
# Now ask of each array, as in formula (3), which outputs one of its entries touches. The weight
# $W_{dh}$ touches $\text{out}_{nh}$ for *every* example $n$, with local slope $x_{nd}$. Add these
# effects up, and do the same for $x$ and $b$:
#
# $$\frac{\partial L}{\partial W_{dh}} = \sum_n x_{nd}\,\text{dout}_{nh} \tag{4}$$
# $$\frac{\partial L}{\partial x_{nd}} = \sum_h \text{dout}_{nh}\,W_{dh} \tag{5}$$
# $$\frac{\partial L}{\partial b_h} = \sum_n \text{dout}_{nh} \tag{6}$$
#
# The first two are matrix products. Which factor to transpose? You need not remember it: when all
# sizes differ, only one way gives the right shape. Forward there was one product, backward there
# are two: that is why the way back costs about twice as much as the way there, however many weights
# there are.
#
# (PyTorch keeps its weights as `(H, D)`, so they are the transpose of ours throughout the course.)

# %% tags=["folded"]
sizes = {"B": 5, "D": 3, "H": 2}
rows = [[("x", ("B", "D")), ("·", ()), ("W", ("D", "H")), ("+", ()), ("b", ("H",)), ("=", ()),
         ("out", ("B", "H"))],
        [("$x^T$", ("D", "B")), ("·", ()), ("dout", ("B", "H")), ("=", ()), ("dW", ("D", "H"))],
        [("dout", ("B", "H")), ("·", ()), ("$W^T$", ("H", "D")), ("=", ()), ("dx", ("B", "D"))]]
fig, axes = plt.subplots(3, 1, figsize=(6, 5.2))
for ax, row in zip(axes, rows):
    plots.array_shapes(ax, row, sizes)
plots.show(fig, alt="Shapes. Forward: x, B by D, times W, D by H, plus b, H, is out, B by H. "
           "Backward: x transposed, D by B, times dout, B by H, is dW, D by H; and dout, B by H, "
           "times W transposed, H by D, is dx, B by D.")

# %% [markdown]
# #### Exercise 1.4 · linear_backward · 3 points · 15 minutes

# %%
def linear_backward(dout, cache):
    """Gradients (dx, dW, db) of linear_forward, by formulas (5), (4) and (6).

    dout has shape (B, H); the cache is (x, W), of shapes (B, D) and (D, H).
    """
    ### BEGIN SOLUTION
    x, W = cache
    dx = dout @ W.T                                                   # (5)
    dW = x.T @ dout                                                   # (4)
    db = dout.sum(axis=0)                                             # (6)
    return dx, dW, db
    ### END SOLUTION

# %%
check("1.4", linear_backward)

# %% [markdown]
# That check compares with the library. But who checks the library? The nudge does:
# `check_backward` runs the forward and draws a **random** `dout`. Then it nudges the single number
# `(dout * out).sum()`, whose gradient with respect to `out` is just `dout`, and compares every
# entry of every gradient. (Why random? See *What can go wrong*.)

# %%
rng = np.random.default_rng(0)
x, W, b = rng.standard_normal((4, 3)), rng.standard_normal((3, 2)), rng.standard_normal(2)
errors = gradcheck.check_backward(layers.linear_forward, layers.linear_backward, x, W, b, rng=rng)
for name, error in zip(["dx", "dW", "db"], errors, strict=True):
    print(f"{name} differs from nudging by ≈ {error:.0e}")

# %% tags=["test"]
assert max(errors) < gradcheck.TOLERANCE

# %% [markdown]
# ### Activations
#
# Two linear layers in a row are no more than one: the product of two matrices is a matrix. What
# makes depth worth having is a bend in between, an *activation*. Three will do for now:
#
# - sigmoid, $1 / (1 + e^{-x})$, also written $\sigma(x)$;
# - $\tanh x$;
# - the *rectified linear unit*, ReLU: $\max(x, 0)$.

# %%
x = np.linspace(-4, 4, 401)

# %% tags=["folded"]
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3), sharex=True)
for name in ["sigmoid", "tanh", "relu"]:
    out, cache = layers.activation_forward(x, activation=name)
    slope = layers.activation_backward(np.ones_like(x), cache)
    if name == "relu":
        slope[np.abs(x) < 0.01] = np.nan                  # a jump, no slanted line
    left.plot(x, out, label=name, color=plots.ACTIVATIONS[name])
    right.plot(x, slope, color=plots.ACTIVATIONS[name])
left.set(xlabel="x", ylabel="output", ylim=(-1.2, 2.2))
right.set(xlabel="x", ylabel="slope")
left.legend()
plots.show(fig, alt="Left: sigmoid rises from 0 to 1, tanh from -1 to 1, ReLU is 0 and then x. "
           "Right, their slopes: sigmoid's is a low hump of height 0.25, tanh's a hump of height "
           "1, ReLU's jumps from 0 to 1.")

# %%
for name in ["sigmoid", "tanh", "relu"]:
    _, cache = layers.activation_forward(x, activation=name)
    print(f"{name}: largest slope {layers.activation_backward(np.ones_like(x), cache).max()}")

# %% [markdown]
# The slopes of sigmoid and $\tanh$ are easiest to write with their own *output*. With
# $s = 1/(1 + e^{-x})$ and $t = \tanh x$:
#
# $$s' = s\,(1 - s), \qquad t' = 1 - t^2, \qquad \mathrm{relu}'(x) = \begin{cases} 1 & x > 0 \\
# 0 & x < 0 \end{cases} \tag{7}$$
#
# So their forward keeps the output in the cache, and ReLU's keeps its input. At exactly $x = 0$
# ReLU has no slope; like PyTorch's `relu`, we take 0.
#
# #### Exercise 1.5 · activation_backward · 3 points · 15 minutes

# %%
def activation_backward(dout, cache):
    """Gradient dx of sigmoid, tanh or ReLU, by formula (7).

    The cache is (activation, kept). activation is "sigmoid", "tanh" or "relu"; kept is the output
    for sigmoid and tanh, and the input x for ReLU. All arrays have the shape of dout.
    """
    ### BEGIN SOLUTION
    activation, kept = cache
    if activation == "sigmoid":
        return dout * kept * (1 - kept)
    if activation == "tanh":
        return dout * (1 - kept**2)
    return dout * (kept > 0)
    ### END SOLUTION

# %%
check("1.5", activation_backward)

# %% [markdown]
# ### Losses
#
# The last node is a single number. For predictions of a quantity it is usually the *mean squared
# error*. Predict 2.5 where the truth is 3, and it is $0.5^2 = 0.25$:

# %%
loss, _ = layers.mse_forward(np.array([2.5]), target=np.array([3.0]))
print(loss)

# %% tags=["test"]
assert loss == 0.25

# %% [markdown]
# Its gradient is quickly found. Let $\hat y$ be a prediction and $y$ the truth. Each of the $N$
# entries adds $(\hat y - y)^2 / N$ to the loss, so its slope is $2\,(\hat y - y) / N$. Prediction
# minus truth: remember the form.

# %% [markdown]
# For classes we first turn $C$ numbers of any size, the *logits* $z$, into probabilities, by the
# *softmax* $p_k = e^{z_k} / \sum_j e^{z_j}$. The loss is the *cross-entropy*
# $-\sum_k y_k \ln p_k$, where $y$ is 1 at the right class and 0 elsewhere: small if the right class
# got a probability near 1, large if it got one near 0. If $p = (0.7, 0.2, 0.1)$ and the first class
# is the right one, it is $-\ln 0.7$. (We hand over $\ln p$ as logits: its softmax is $p$ again.)

# %%
loss, _ = layers.cross_entropy_forward(np.log([[0.7, 0.2, 0.1]]), labels=np.array([0]))
print(f"{loss:.3f} = {-np.log(0.7):.3f}")

# %% tags=["test"]
assert round(loss, 3) == 0.357

# %% [markdown]
# Now the most beautiful gradient of the lesson. Put the softmax into the loss,
#
# $$L = -\ln p_r = -z_r + \ln \sum_j e^{z_j} \qquad (r \text{ is the right class}),$$
#
# and take the slope along one logit. The second term gives $e^{z_k} / \sum_j e^{z_j} = p_k$; the
# first gives $-1$ if $k = r$, and 0 otherwise. Together:
#
# $$\frac{\partial L}{\partial z_k} = p_k - y_k \tag{8}$$
#
# What the network says, minus what is true. Descent steps the other way, along $y - p$: every wrong
# class is pushed down by exactly the probability it was wrongly given; the right one is pulled up
# by what it lacks. The forces cancel.

# %%
names = ["cat", "dog", "fox", "owl", "bee"]
p, _ = layers.softmax_forward(np.array([1.2, 2.0, 0.3, -0.5, 0.9]))
force = np.eye(5)[0] - p
print("forces:", force.round(2), f" together: {abs(force.sum()):.2f}")

# %% tags=["folded"]
fig, ax = plt.subplots()
plots.logit_gradient(ax, p, label=0, names=names)
ax.set_title("the picture shows a cat", fontsize=10)
plots.show(fig, alt="Probabilities of five classes as bars; the right one is cat. A long green "
           "arrow pulls cat up to 1; red arrows push every other class down by all it has.")

# %% [markdown]
# Do you have to know this formula? The graph of section 2 has never heard of a softmax. Give it the
# pieces:

# %%
z = [value.Value(v) for v in (1.2, 2.0, 0.3)]
powers = [value.exp(v) for v in z]
nll = -value.log(powers[0] / (powers[0] + powers[1] + powers[2]))     # class 0 is right
nll.backward()
p, _ = layers.softmax_forward(np.array([1.2, 2.0, 0.3]))
print("from the pieces:", np.array([v.grad for v in z]).round(4))
print("p - y:          ", (p - [1, 0, 0]).round(4))

# %% tags=["test"]
assert np.allclose([v.grad for v in z], p - [1, 0, 0], rtol=1e-12)

# %% [markdown]
# How finely you cut a function is up to you. The gradient is the same; one large piece is faster,
# and exact where the small ones are not. And why do the forces cancel? Add the same number to all
# logits: top and bottom of the softmax grow by the same factor, and nothing changes. The slope in
# that direction is the sum of all entries, so that sum is 0. The same fact saves us from
# $e^{1000}$, which is too large for a float64:

# %%
large = np.array([1000.0, 1001.0, 1002.0])
with np.errstate(over="ignore", invalid="ignore"):
    print("as written:           ", np.exp(large) / np.exp(large).sum())
shifted = np.exp(large - large.max())
print("the largest taken off:", (shifted / shifted.sum()).round(3))

# %% tags=["test"]
assert np.allclose(shifted / shifted.sum(), layers.softmax_forward(np.array([0.0, 1.0, 2.0]))[0])

# %% [markdown]
# Whoever writes a softmax takes the largest logit off first. You will meet that line again.

# %% [markdown]
# In a batch, the loss is the *mean* over the $B$ examples, so each row of (8) is divided by $B$.
#
# #### Exercise 1.6 · cross_entropy_backward · 3 points · 15 minutes

# %%
def cross_entropy_backward(dout, cache):
    """Gradient of the mean cross-entropy with respect to the logits, by formula (8); (B, C).

    dout is a number. The cache is (p, labels): the softmax of the logits, of shape (B, C), and the
    index of the right class of each example, of shape (B,).
    """
    ### BEGIN SOLUTION
    p, labels = cache
    y = np.eye(p.shape[1])[labels]                                    # (B, C), one-hot
    return dout * (p - y) / len(labels)                               # (8)
    ### END SOLUTION

# %%
check("1.6", cross_entropy_backward)

# %% [markdown]
# ### Broadcasting forward is summing backward
#
# In `x @ W + b` NumPy acted as if `b` had been copied to every row. Formula (6) was the price: the
# gradients of the copies add up. It is always so. Whenever an array was stretched on the way
# forward, its gradient has to be summed over the stretched axes on the way back, until it has the
# array's own shape again:
#
# | forward | copies along | backward |
# |---|---|---|
# | `(3,)` becomes `(4, 3)` | a new axis in front | sum over axis 0; the axis disappears |
# | `(4, 1)` becomes `(4, 3)` | the axis of length 1 | sum over axis 1; keep it, with length 1 |
# | `(3, 1)` becomes `(2, 3, 4)` | both | both: the result has the shape `(3, 1)` again |
#
# #### Exercise 1.7 · unbroadcast · 2 points · 15 minutes

# %%
def unbroadcast(grad, shape):
    """Sum grad back to shape, the shape of an array before broadcasting stretched it."""
    ### BEGIN SOLUTION
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad
    ### END SOLUTION

# %%
check("1.7", unbroadcast)

# %%
row, column = rng.standard_normal(3), rng.standard_normal((4, 1))
out, cache = layers.add_forward(row, column)
drow, dcolumn = layers.add_backward(rng.standard_normal(out.shape), cache)
print(row.shape, "+", column.shape, "=", out.shape, "  back:", drow.shape, dcolumn.shape)

# %% [markdown]
# ## 4. A network by hand
#
# Now put the pieces together: two hidden layers, each with a $\tanh$, cross-entropy at the end.
# Forward, keeping every intermediate result. (`initialise_mlp` draws small random weights; lesson 3
# says how small.)

# %%
B, D, H1, H2, C = 6, 5, 4, 3, 2
rng = np.random.default_rng(1)
x, labels = rng.standard_normal((B, D)), rng.integers(0, C, B)        # (B, D), (B,)
W1, b1, W2, b2, W3, b3 = layers.initialise_mlp([D, H1, H2, C], rng=rng)

z1 = x @ W1 + b1                                                      # (B, H1)
a1 = np.tanh(z1)                                                      # (B, H1)
z2 = a1 @ W2 + b2                                                     # (B, H2)
a2 = np.tanh(z2)                                                      # (B, H2)
z3 = a2 @ W3 + b3                                                     # (B, C)
loss, loss_cache = layers.cross_entropy_forward(z3, labels=labels)
print(f"loss {loss:.4f}")

# %% [markdown]
# And backward. Read the forward from its last line to its first; each line becomes one of the
# formulas above.

# %%
dz3 = layers.cross_entropy_backward(1.0, loss_cache)                  # (B, C)   (8)
dW3, db3 = a2.T @ dz3, dz3.sum(axis=0)                                # (4), (6)
da2 = dz3 @ W3.T                                                      # (B, H2)  (5)
dz2 = da2 * (1 - a2**2)                                               # (B, H2)  (7)
dW2, db2 = a1.T @ dz2, dz2.sum(axis=0)                                # (4), (6)
da1 = dz2 @ W2.T                                                      # (B, H1)  (5)
dz1 = da1 * (1 - a1**2)                                               # (B, H1)  (7)
dW1, db1 = x.T @ dz1, dz1.sum(axis=0)                                 # (4), (6)
dx = dz1 @ W1.T                                                       # (B, D)   (5)

# %% [markdown]
# Nine lines. Are they right? Let PyTorch compute the same loss, ask it for the gradient of
# *every* intermediate array, and compare one by one.

# %%
t = {name: torch.tensor(array, requires_grad=True) for name, array in
     dict(x=x, W1=W1, b1=b1, W2=W2, b2=b2, W3=W3, b3=b3).items()}
t["z1"] = t["x"] @ t["W1"] + t["b1"]
t["a1"] = torch.tanh(t["z1"])
t["z2"] = t["a1"] @ t["W2"] + t["b2"]
t["a2"] = torch.tanh(t["z2"])
t["z3"] = t["a2"] @ t["W3"] + t["b3"]
for array in t.values():
    array.retain_grad()
torch.nn.functional.cross_entropy(t["z3"], torch.tensor(labels)).backward()

# %%
mine = dict(z3=dz3, W3=dW3, b3=db3, a2=da2, z2=dz2, W2=dW2, b2=db2, a1=da1, z1=dz1, W1=dW1,
            b1=db1, x=dx)
for name, gradient in mine.items():
    print(gradcheck.verdict("d" + name, gradient, t[name].grad.numpy()))

# %% tags=["test"]
assert all(gradcheck.relative_error(g, t[name].grad) < 1e-10 for name, g in mine.items())

# %% [markdown]
# Twelve arrays, twelve times equal. Writing these lines out for every new network would be tedious,
# so let us do it once for any depth. A network, too, is a forward and a backward, made of those of
# its layers: its cache is the list of their caches, and its backward reads that list from the end.

# %%
def mlp_forward(x, *weights, activation="tanh"):
    if not weights or len(weights) % 2:
        raise ValueError(f"{len(weights)} weight arrays given: they come in pairs W1, b1, W2, b2 …")
    cache = []
    for i in range(0, len(weights), 2):
        x, linear_cache = layers.linear_forward(x, weights[i], weights[i + 1])
        activation_cache = None
        if i + 2 < len(weights):                          # a hidden layer
            x, activation_cache = layers.activation_forward(x, activation=activation)
        cache.append((linear_cache, activation_cache))
    return x, cache

# %% [markdown]
# ### Exercise 1.8 · mlp_backward · 4 points · 20 minutes

# %%
def mlp_backward(dout, cache):
    """Gradients (dx, dW1, db1, dW2, db2, ...) of mlp_forward.

    The cache has a pair (linear_cache, activation_cache) for each layer, the first layer first;
    the last layer's activation_cache is None. Use layers.linear_backward and
    layers.activation_backward.
    """
    ### BEGIN SOLUTION
    grads = []
    for linear_cache, activation_cache in reversed(cache):
        if activation_cache is not None:
            dout = layers.activation_backward(dout, activation_cache)
        dout, dW, db = layers.linear_backward(dout, linear_cache)
        grads = [dW, db, *grads]
    return dout, *grads
    ### END SOLUTION

# %%
check("1.8", mlp_backward)

# %% [markdown]
# ## 5. Train it
#
# One step of learning: forward, backward, and every weight moves a little against its gradient. The
# size of that little is the *learning rate*, `lr`.
#
# ### Two moons
#
# A hundred points in the plane, in two classes that no straight line separates. The output is one
# logit $z$; its sigmoid $p$ is the probability of the second class, so $z > 0$ says "second". The
# loss is the *binary* cross-entropy, $-\ln p$ for a point of the second class and $-\ln(1 - p)$ for
# one of the first. Written with $z$, these are $\ln(1 + e^{-z})$ and $\ln(1 + e^{z})$. Let $y$ be 1
# for the second class and 0 for the first. A sigmoid is a softmax over the two logits $z$ and 0:
# $e^z / (e^z + e^0) = 1 / (1 + e^{-z})$. So by (8) the gradient of a point's loss along $z$ is
# $p - y$ again; for the mean over the batch, divide by $B$.
#
# Once your exercise 1.8 is right, put your own `mlp_backward` into the next cell: then it is your
# code that learns.

# %%
network_backward = layers.mlp_backward

# %%
def moons_step(x, y, weights, lr):
    logits, cache = layers.mlp_forward(x, *weights)                   # (B, 1)
    loss, loss_cache = layers.binary_cross_entropy_forward(logits[:, 0], labels=y)
    dlogits = layers.binary_cross_entropy_backward(1.0, loss_cache)   # (B,)
    _, *grads = network_backward(dlogits[:, None], cache)
    return loss, [w - lr * g for w, g in zip(weights, grads)]

# %%
rng = np.random.default_rng(0)
x, y = data.two_moons(100, noise=0.15, rng=rng)
weights = start = layers.initialise_mlp([2, 16, 16, 1], rng=rng)
losses, kept = [], {}
for step in range(1001):
    if step in (0, 20, 100, 1000):
        kept[step] = weights
    loss, weights = moons_step(x, y, weights, lr=0.5)
    losses.append(loss)
print(f"loss: {losses[0]:.2f} at the start, {losses[-1]:.3f} after 1,000 steps")

# %%
def correct(weights):
    return float(((layers.mlp_forward(x, *weights)[0][:, 0] > 0) == y).mean())
print("right, by steps:", {step: f"{correct(w):.0%}" for step, w in kept.items()})

# %% tags=["folded"]
fig, axes = plt.subplots(1, 4, figsize=(10, 2.8))
for ax, (step, w) in zip(axes, kept.items()):
    plots.decision_boundary(ax, lambda points, w=w: layers.mlp_forward(points, *w)[0][:, 0], x, y)
    ax.set_title(f"after {step:,} steps\n{correct(w):.0%} right", fontsize=10)
plots.show(fig, alt="The decision boundary on the two moons at four moments. At first it is nearly "
           "straight and cuts through both moons; after 1,000 steps it winds between them.")

# %% tags=["test"]
assert correct(kept[0]) < 0.9 and correct(kept[1000]) == 1.0

# %% [markdown]
# The 79 % at the start is luck: other random weights cut the plane elsewhere.

# %%
untrained = [correct(layers.initialise_mlp([2, 16, 16, 1], rng=np.random.default_rng(seed)))
             for seed in range(20)]
print(f"twenty untrained networks: from {min(untrained):.0%} to {max(untrained):.0%} right")

# %% [markdown]
# ### What the arrays bought us
#
# The same step with the graph of single numbers: for each of the hundred points, every
# multiplication is an object. It gives the same gradients. It does not take the same time.

# %%
def scalar_gradients(x, y, weights):
    graph = [np.vectorize(value.Value, otypes=[object])(w) for w in weights]
    total = value.Value(0.0)
    for row, label in zip(x, y):
        h = [float(v) for v in row]
        for k in range(0, len(graph), 2):
            W, b = graph[k], graph[k + 1]
            h = [sum((h[d] * W[d, j] for d in range(len(h))), b[j]) for j in range(len(b))]
            if k + 2 < len(graph):
                h = [value.tanh(v) for v in h]
        total = total + value.log(1.0 + value.exp(h[0] * (1.0 - 2.0 * label)))
    (total * (1 / len(x))).backward()
    return [np.vectorize(lambda v: v.grad, otypes=[float])(w) for w in graph]

# %%
began = time.perf_counter()
by_scalars = scalar_gradients(x, y, start)
scalar_seconds = time.perf_counter() - began

began = time.perf_counter()
for _ in range(100):
    _, stepped = moons_step(x, y, start, lr=1.0)
array_seconds = (time.perf_counter() - began) / 100

print(f"a step with single numbers: ≈ {1000 * scalar_seconds:,.0f} ms")
print(f"a step with arrays: ≈ {1000 * array_seconds:.2f} ms")
print(f"≈ {scalar_seconds / array_seconds:,.0f} times as fast")

# %% tags=["test"]
assert scalar_seconds > 100 * array_seconds
assert all(np.allclose(w - s, g, atol=1e-12) for w, s, g in zip(start, stepped, by_scalars))

# %% [markdown]
# Same gradients, thousands of times as fast. The mathematics is the same. The arrays save Python
# the book-keeping.

# %% [markdown]
# ### Real digits
#
# Now for something real: 1,797 handwritten digits, eight by eight pixels each. The network sees
# 1,437 of them and is judged on the other 360. (The same thirteen people wrote both parts, so this
# says little about a stranger's hand.)

# %%
x_train, y_train, x_test, y_test = data.digits()

# %% tags=["folded"]
fig, axes = plt.subplots(1, 10, figsize=(10, 1.3))
for ax, image, label in zip(axes, x_train, y_train):
    ax.imshow(image, cmap="gray_r")
    ax.set_title(label, fontsize=10)
    ax.axis("off")
plots.show(fig, alt="Ten handwritten digits of 8 by 8 grey pixels, each with its label: "
           + ", ".join(str(label) for label in y_train[:10]) + ".")

# %% [markdown]
# **Predict.** Before any training, the network knows nothing: it gives each of the ten digits about
# the same probability. What is its cross-entropy, with the natural logarithm?

# %%
predict("1.C", None)

# %% tags=["answer"]
x_train, x_test = x_train.reshape(-1, 64), x_test.reshape(-1, 64)     # (1437, 64), (360, 64)
untrained = layers.initialise_mlp([64, 64, 32, 10], rng=np.random.default_rng(0))
logits, _ = layers.mlp_forward(x_train, *untrained)
loss, _ = layers.cross_entropy_forward(logits, labels=y_train)
print(f"loss before training {loss:.1f}, -ln(1/10) = {-np.log(0.1):.1f}")

# %% tags=["test"]
assert abs(loss + np.log(0.1)) < 0.3

# %% [markdown]
# A little above $\ln 10$, because untrained logits are not quite equal. It is worth a look at the
# start of *every* training. Where the classes are about equally frequent, a first loss far from
# $\ln C$ means that something is wrong before the first step.
#
# We go through the training set thirty times (thirty *epochs*), in a new random order each time,
# and step after every 32 or 33 examples (a *mini-batch*; lesson 2 asks why). One run could be
# lucky, so we do five, with different seeds. (We look at the test set after each pass only to draw
# the curve. To choose the number of passes by it would be cheating: lesson 2 says why.)

# %%
def share_right(weights, x, y, activation="tanh"):
    logits, _ = layers.mlp_forward(x, *weights, activation=activation)
    return (logits.argmax(axis=1) == y).mean()

def train_digits(weights, *, rng, epochs, lr, activation="tanh"):
    history = []
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(len(x_train)), len(x_train) // 32):
            logits, cache = layers.mlp_forward(x_train[batch], *weights, activation=activation)
            _, loss_cache = layers.cross_entropy_forward(logits, labels=y_train[batch])
            _, *grads = network_backward(layers.cross_entropy_backward(1.0, loss_cache), cache)
            weights = [w - lr * g for w, g in zip(weights, grads)]
        history.append(share_right(weights, x_test, y_test, activation))
    return weights, history

# %%
histories = []
for seed in range(5):
    rng = np.random.default_rng(seed)
    weights = layers.initialise_mlp([64, 64, 32, 10], rng=rng)
    weights, history = train_digits(weights, rng=rng, epochs=30, lr=0.5)
    histories.append(history)
histories = np.array(histories)                                       # (5, 30)
last = 100 * histories[:, -1]
print(f"test accuracy of five seeds: ≈ {last.min():.1f} to {last.max():.1f} %")

# %% tags=["folded"]
fig, ax = plt.subplots()
plots.band(ax, np.arange(1, 31), 100 * histories, label="test, five seeds", color=plots.TEST)
ax.axhline(95, color=plots.GREY, linestyle=":")
ax.set(xlabel="passes over the training set", ylabel="test accuracy (%)", ylim=(80, 100))
ax.legend(loc="lower right")
plots.show(fig, alt="Test accuracy against passes over the training set, five seeds close "
           f"together: from {100 * histories[:, 0].min():.0f} to "
           f"{100 * histories[:, 0].max():.0f} % after the first pass, above 95 % for all after "
           "thirty.")

# %% tags=["test"]
assert histories[:, -1].min() > 0.95

# %% [markdown]
# All five get above 95 %, with nothing but NumPy and formulas that you have checked yourself. And
# where the network is wrong, one can often see why:

# %%
logits, _ = layers.mlp_forward(x_test, *weights)
wrong = np.flatnonzero(logits.argmax(axis=1) != y_test)[:8]

# %% tags=["folded"]
fig, axes = plt.subplots(1, 8, figsize=(10, 1.8))
for ax, i in zip(axes, wrong):
    ax.imshow(x_test[i].reshape(8, 8), cmap="gray_r")
    ax.set_title(f"{y_test[i]}, taken\nfor {logits[i].argmax()}", fontsize=9)
for ax in axes:
    ax.axis("off")
pairs = "; ".join(f"{y_test[i]} taken for {logits[i].argmax()}" for i in wrong)
plots.show(fig, alt=f"Test digits that the last of the five networks gets wrong: {pairs}.")

# %% [markdown]
# ## Check against PyTorch
#
# The nudge is one check, PyTorch is the other. Here every pair of this lesson goes through both,
# each with a random upstream gradient. First the functions of one array:

# %%
rng = np.random.default_rng(2)
F = torch.nn.functional
z, target = rng.standard_normal((5, 4)), rng.standard_normal((5, 4))
labels, binary = rng.integers(0, 4, 5), rng.integers(0, 2, (5, 4)).astype(float)
pairs = {
    "sigmoid": ([z], {}, torch.sigmoid),
    "tanh": ([z], {}, torch.tanh),
    "relu": ([z], {}, torch.relu),
    "activation": ([z], {"activation": "tanh"}, torch.tanh),
    "softmax": ([z], {}, lambda z: torch.softmax(z, dim=-1)),
    "mse": ([z], {"target": target}, lambda z: F.mse_loss(z, torch.tensor(target))),
    "cross_entropy": ([z], {"labels": labels}, lambda z: F.cross_entropy(z, torch.tensor(labels))),
    "binary_cross_entropy": ([z], {"labels": binary}, lambda z: F.binary_cross_entropy_with_logits(
        z, torch.tensor(binary))),
}

# %% [markdown]
# Then those of several:

# %%
W, b = rng.standard_normal((4, 3)), rng.standard_normal(3)
V, c = rng.standard_normal((3, 2)), rng.standard_normal(2)
pairs["add"] = ([z, rng.standard_normal((5, 1))], {}, torch.add)
pairs["linear"] = ([z, W, b], {}, lambda z, W, b: z @ W + b)
pairs["mlp"] = ([z, W, b, V, c], {}, lambda z, W, b, V, c: torch.tanh(z @ W + b) @ V + c)

# %%
apart = {}
for name, (arrays, options, in_torch) in pairs.items():
    forward, backward = (getattr(layers, f"{name}_{way}") for way in ["forward", "backward"])
    gradcheck.check_backward(forward, backward, *arrays, rng=rng, **options)     # raises if wrong
    out, cache = forward(*arrays, **options)
    dout = rng.standard_normal(np.shape(out))                         # random, never ones
    mine = backward(dout, cache)
    leaves = [torch.tensor(array, requires_grad=True) for array in arrays]
    in_torch(*leaves).backward(torch.tensor(dout))
    apart[name] = max(gradcheck.relative_error(gradient, leaf.grad) for gradient, leaf in
                      zip(mine if len(arrays) > 1 else [mine], leaves, strict=True))
    print(f"{name:<21} differs from PyTorch by ≈ {apart[name]:.0e}")

# %% tags=["test"]
assert max(apart.values()) < 1e-10

# %% [markdown]
# And the whole of training: ten steps on the moons, with our gradients and with PyTorch's. Do they
# end at the same weights?

# %%
ours, theirs = start, [torch.tensor(w, requires_grad=True) for w in start]
for _ in range(10):
    _, ours = moons_step(x, y, ours, lr=0.5)
    h = torch.tensor(x)
    for k in range(0, 6, 2):
        h = h @ theirs[k] + theirs[k + 1]
        h = torch.tanh(h) if k < 4 else h
    loss = F.binary_cross_entropy_with_logits(h[:, 0], torch.tensor(y, dtype=torch.float64))
    grads = torch.autograd.grad(loss, theirs)
    theirs = [(w - 0.5 * g).detach().requires_grad_() for w, g in zip(theirs, grads)]
apart = max(gradcheck.relative_error(a, b.detach()) for a, b in zip(ours, theirs))
print(f"after ten steps the weights differ by ≈ {apart:.0e}")

# %% tags=["test"]
assert apart < 1e-10

# %% [markdown]
# ## Claim on trial
#
# Four claims, as they stand in published articles. The notation is theirs: examples are columns,
# so our `x @ W` is their $W x$, with everything transposed; $\sigma$ is the sigmoid and $\cdot$
# multiplies entry by entry. Layer $l$ computes $z^l = W^l a^{l-1} + b^l$ and $a^l = \sigma(z^l)$,
# with $a^0 = x$; $\delta^l$ is the gradient of an example's loss with respect to $z^l$, and $J$ is
# the mean loss of $m$ examples.
#
# - **A** · "$\delta^l = (W^{l+1} \delta^{l+1}) \cdot \sigma'(z^l)$"
# - **B** · "$\partial J / \partial W^l = \delta^{l+1} (z^{l-1})^T / m$"
# - **C** · "$\partial L / \partial z = 2\,(y - \hat y)$ for $L = \tfrac12 \sum (y - \hat y)^2$",
#   where $\hat y = z$
# - **D** · "The hidden layer has four units: its weights are
#   `w = np.array([0.1, 0.2, 0.3, 0.4])`, its output is `sigmoid(np.dot(w, x))`, `x` being the three
#   inputs."

# %% [markdown]
# First the court: a network of 3 inputs, two hidden layers of 4 sigmoid units and 4 linear outputs,
# on five examples. Nudging gives the truth.

# %%
rng = np.random.default_rng(3)
m, x, y = 5, rng.standard_normal((3, 5)), rng.standard_normal((4, 5))
W1, W2, W3 = (rng.standard_normal(shape) for shape in [(4, 3), (4, 4), (4, 4)])
b1, b2, b3 = rng.standard_normal((3, 4, 1))
sigmoid = lambda z: layers.sigmoid_forward(z)[0]
z1 = W1 @ x + b1                                                      # (4, m)
a1 = sigmoid(z1)                                                      # (4, m)
z2 = W2 @ a1 + b2                                                     # (4, m)
z3 = W3 @ sigmoid(z2) + b3                                            # (4, m), the prediction

# %%
def loss_of(z3):
    return 0.5 * ((y - z3) ** 2).sum()

def loss_after(z2):
    return loss_of(W3 @ sigmoid(z2) + b3)

truth = {
    "A": gradcheck.central_difference(lambda z: loss_after(W2 @ sigmoid(z) + b2), z1),
    "B": gradcheck.central_difference(lambda W: loss_after(W @ a1 + b2) / m, W2),
    "C": gradcheck.central_difference(loss_of, z3),
    "D": a1[:, 0],
}
delta2, delta3 = gradcheck.central_difference(loss_after, z2), truth["C"]

# %% [markdown]
# And each claim, computed as it stands: A for $l = 1$, B for $l = 2$.

# %%
claims = {
    "A": lambda: (W2 @ delta2) * a1 * (1 - a1),
    "B": lambda: delta3 @ z1.T / m,
    "C": lambda: 2 * (y - z3),
    "D": lambda: sigmoid(np.dot(np.array([0.1, 0.2, 0.3, 0.4]), x[:, 0])),
}

def verdict_on(claim, formula):
    """What comes of computing a formula and comparing it with the truth."""
    try:
        found = formula()
        if found is None:
            return f"○ {claim} not repaired yet"
        return gradcheck.verdict(claim, found, truth[claim], tolerance=gradcheck.TOLERANCE)
    except ValueError:
        return f"{claim:<17} cannot be computed: the shapes do not fit"

# %% [markdown]
# Which of them hold? Commit yourself before you run on.

# %%
def my_opinion():
    """True or False for each claim, like {"A": True, "B": False, "C": True, "D": False}."""
    ### BEGIN SOLUTION
    return {"A": False, "B": False, "C": False, "D": False}
    ### END SOLUTION

# %% tags=["answer"]
def hear(opinion):
    """Print each verdict beside the opinion."""
    said = opinion() or {}
    said = said if isinstance(said, dict) else dict(zip(claims, said))
    for claim, formula in claims.items():
        print(f"{verdict_on(claim, formula)}   (you said {said.get(claim)})")

hear(my_opinion)

# %% tags=["test"]
assert all("equal" not in verdict_on(claim, formula) for claim, formula in claims.items())

# %% [markdown]
# None of them holds. **A** has the transpose missing: the gradient goes back through $W^{l+1}$ the
# other way. The layers here are equally wide, so nothing crashes, and the result is just wrong.
# **B** takes $\delta$ one layer too high, and the sums $z$ where the outputs $a$ belong. **C** is
# wrong by a factor and a sign: the 2 cancels the ½, and descent along it would climb. **D** has one
# vector where four are needed: four units with three inputs have a $4 \times 3$ matrix.
#
# Repair them. Each function gets what the right formula needs.

# %%
def repaired_a(W_next, delta_next, a):
    """The gradient delta of a layer whose output is a = sigmoid(z)."""
    ### BEGIN SOLUTION
    return (W_next.T @ delta_next) * a * (1 - a)
    ### END SOLUTION

def repaired_b(delta, a_before, m):
    """The gradient of J with respect to a layer's W."""
    ### BEGIN SOLUTION
    return delta @ a_before.T / m
    ### END SOLUTION

def repaired_c(prediction, y):
    """The gradient of half the sum of squares with respect to the prediction."""
    ### BEGIN SOLUTION
    return prediction - y
    ### END SOLUTION

def repaired_d(W, b, x):
    """The output of the hidden layer for one example; W is (4, 3), b is (4,), x is (3,)."""
    ### BEGIN SOLUTION
    return sigmoid(W @ x + b)
    ### END SOLUTION

# %%
def retry(a, b, c, d):
    """Print the verdict on each repaired formula."""
    repaired = {"A": lambda: a(W2, delta2, a1), "B": lambda: b(delta2, a1, m),
                "C": lambda: c(z3, y), "D": lambda: d(W1, b1[:, 0], x[:, 0])}
    for claim, formula in repaired.items():
        print(verdict_on(claim, formula))

retry(repaired_a, repaired_b, repaired_c, repaired_d)

# %% [markdown]
# ## What can go wrong
#
# Gradient code fails quietly. Nothing crashes; the network just learns worse than it could. Here
# are six ways in which a gradient, or its check, deceives you. For the first we need a wrong
# backward: this one forgets the slopes of the activations.

# %%
def forgetful_backward(dout, cache):
    grads = []
    for linear_cache, _ in reversed(cache):                           # the activation is skipped
        dout, dW, db = layers.linear_backward(dout, linear_cache)
        grads = [dW, db, *grads]
    return dout, *grads

def passes(forward, backward, *arrays):
    """Whether a pair passes the gradient check."""
    try:
        gradcheck.check_backward(forward, backward, *arrays, rng=np.random.default_rng(0))
    except gradcheck.GradientError as error:
        return f"no: {error}"
    return "yes"

# %% [markdown]
# **1. All weights zero.** It looks like a harmless start. But with $W = 0$ nothing flows back
# through any layer, so below the last one all gradients are zero, in the right backward and in the
# wrong one. The check says yes to a bug.

# %%
x = np.random.default_rng(4).standard_normal((5, 3))
random_start = layers.initialise_mlp([3, 4, 4, 2], rng=np.random.default_rng(5))
zero_start = [0 * w for w in random_start]
print("zero weights:  ", passes(layers.mlp_forward, forgetful_backward, x, *zero_start))
print("random weights:", passes(layers.mlp_forward, forgetful_backward, x, *random_start))

# %% [markdown]
# Check at random weights. And never let the weights of a hidden layer *start* equal: units that
# begin equal get equal gradients and stay equal for ever. (Biases may start at 0. So may a model
# without hidden units: lesson 2 does it all the time.)

# %% [markdown]
# **2. An upstream gradient of ones.** Many gradient checks take the *sum* of the outputs as their
# scalar, which means that `dout` is all ones. The outputs of a softmax always sum to 1, so that sum
# never changes, and a backward that returns nothing but zeros passes.

# %%
def lazy_backward(dout, cache):
    return np.zeros_like(cache)

z = np.random.default_rng(6).standard_normal((4, 3))
summed = gradcheck.central_difference(lambda z: layers.softmax_forward(z)[0].sum(), z)
print("ones:  ", "yes" if np.allclose(summed, lazy_backward(None, z), atol=1e-7) else "no")
print("random:", passes(layers.softmax_forward, lazy_backward, z))

# %% [markdown]
# **3. A kink under the nudge.** ReLU bends at 0. If an input lies closer to 0 than $h$, the nudge
# straddles the bend and measures neither slope. Here the check complains, and the *backward* is
# right.

# %%
near_kink = np.array([2e-6])
_, cache = layers.relu_forward(near_kink)
print("backward:", layers.relu_backward(np.array([1.0]), cache))
nudged = gradcheck.central_difference(lambda x: layers.relu_forward(x)[0].sum(), near_kink)
print("nudging: ", nudged.round(2))
print("check:   ", passes(layers.relu_forward, layers.relu_backward, near_kink))

# %% [markdown]
# If one entry in a thousand disagrees in a ReLU network, see whether any ReLU's input changes its
# sign between the two nudges before you hunt for a bug. In the tests of ReLU itself we draw inputs
# away from the kink.

# %% [markdown]
# **4. Gradients that fade.** The slope of the sigmoid is at most ¼. In a network of ten hidden
# layers a gradient meets nine sigmoids on its way from layer 10 back to layer 1: together at most
# $(1/4)^9$, four millionths. Each weight matrix multiplies too, with our random weights by about 1.
# We take such a network, untrained, with 64 units a layer, and measure how large the gradient still
# is when it reaches each layer.

# %%
def gradient_norms(activation, seed):
    weights = layers.initialise_mlp([64] * 11 + [10], rng=np.random.default_rng(seed))
    logits, cache = layers.mlp_forward(x_train[:128], *weights, activation=activation)
    _, loss_cache = layers.cross_entropy_forward(logits, labels=y_train[:128])
    dz, norms = layers.cross_entropy_backward(1.0, loss_cache), []
    for linear_cache, activation_cache in reversed(cache):
        if activation_cache is not None:
            dz = layers.activation_backward(dz, activation_cache)
            norms.append(np.linalg.norm(dz))                          # of a hidden layer
        dz, _, _ = layers.linear_backward(dz, linear_cache)
    return norms[::-1]                                                # ten, input side first

# %%
norms = {name: np.array([gradient_norms(name, seed) for seed in range(5)])            # (5, 10)
         for name in ["sigmoid", "tanh", "relu"]}
left = {name: np.median(runs[:, 0] / runs[:, -1]) for name, runs in norms.items()}
for name, share in left.items():
    print(f"{name}: in layer 1 the gradient is {share:.1g} of that in layer 10")
print(f"(1/4)^9 is {0.25**9:.1g}")

# %% tags=["folded"]
fig, ax = plt.subplots()
for name, runs in norms.items():
    plots.band(ax, np.arange(1, 11), runs, label=name, color=plots.ACTIVATIONS[name])
ax.set(yscale="log", xlabel="hidden layer (1 is nearest the input)", ylabel="norm of dz",
       xticks=range(1, 11))
ax.legend(loc="lower right")
plots.show(fig, alt="Norm of the gradient against the hidden layer, on a log scale, five seeds. "
           "From layer 10 back to layer 1 it stays nearly level for tanh, falls somewhat for ReLU, "
           "and falls by more than five decades for sigmoid.")

# %% tags=["test"]
assert 1e-7 < left["sigmoid"] < 0.25**9 and 0.3 < left["tanh"] < 1 and left["relu"] < 0.1

# %% [markdown]
# With sigmoids, the first layer hardly gets a signal at all. It is not depth alone: with the same
# weights and the same depth, $\tanh$ lets about half of it through. ReLU loses more, because half
# of its slopes are 0. How large the first weights should be, so that nothing fades, is a question
# for lesson 3.

# %% [markdown]
# **5. Dead ReLUs.** A unit whose weighted sum is negative for every example has slope 0 for every
# example. It gets no gradient, so its own weights stand still: in the first hidden layer, which
# sees the same examples again and again, for ever. Too large a learning rate kills units by the
# dozen. Five passes over the digits, five seeds for each rate; $\tanh$, which has no flat half, is
# there to compare.

# %%
def dead_share(weights):
    """Share of hidden units that are 0 for every training example."""
    _, cache = layers.mlp_forward(x_train, *weights, activation="relu")
    inputs = [activation_cache[1] for _, activation_cache in cache[:-1]]
    return np.concatenate([(z <= 0).all(axis=0) for z in inputs]).mean()

def train_once(activation, lr, seed):
    rng = np.random.default_rng(seed)
    weights = layers.initialise_mlp([64, 64, 32, 10], rng=rng)
    weights, _ = train_digits(weights, rng=rng, epochs=5, lr=lr, activation=activation)
    return weights

# %%
rates, seen = [0.1, 0.3, 0.5, 1.0], (x_train, y_train)
share = {"dead ReLU units": [], "ReLU, training accuracy": [], "tanh, training accuracy": []}
for lr in rates:
    bent, smooth = ([train_once(f, lr, seed) for seed in range(5)] for f in ["relu", "tanh"])
    share["dead ReLU units"].append([dead_share(w) for w in bent])
    share["ReLU, training accuracy"].append([share_right(w, *seen, "relu") for w in bent])
    share["tanh, training accuracy"].append([share_right(w, *seen) for w in smooth])
share = {name: 100 * np.array(runs).T for name, runs in share.items()}    # each (5, 4), in %

# %% tags=["folded"]
fig, ax = plt.subplots()
for (name, runs), colour in zip(share.items(), [plots.RED, plots.GREEN, plots.ORANGE]):
    plots.band(ax, rates, runs, label=name, color=colour, marker="o")
ax.set(xscale="log", xlabel="learning rate", ylabel="share (%)", xticks=rates,
       xticklabels=rates, ylim=(0, 100))
ax.minorticks_off()
ax.legend(loc="center left")
plots.show(fig, alt="Dead units and training accuracy against the learning rate, five seeds. At "
           "rates up to 0.5 few units are dead and the accuracy of ReLU is near that of tanh. At "
           "1.0 most are dead and ReLU has fallen far below tanh, which still learns.")

# %%
dead, bent, smooth = (np.median(runs, axis=0) for runs in share.values())
for k, lr in enumerate(rates):
    print(f"rate {lr}: ≈ {dead[k]:.0f} % are dead; "
          f"right with ReLU ≈ {bent[k]:.0f} %, with tanh ≈ {smooth[k]:.0f} %")

# %% tags=["test"]
assert dead[0] < 15 and bent[0] > 85 and dead[3] > 50 and bent[3] < 60 and smooth[3] > 85

# %% [markdown]
# **6. A gradient that is not cleared.** You saw it in section 2: `backward()` twice, and the slopes
# are twice as large. Nothing complains. In PyTorch the cure is called `optimizer.zero_grad()`.

# %% [markdown]
# ## Summary
#
# - A slope can be measured by nudging, best both ways with $h = 10^{-5}$ in float64. That is how
#   gradients are checked, not how networks learn.
# - Backpropagation visits each node once, children before parents. Each passes on its gradient
#   times its local slope. Where a number was used twice, its gradients add.
# - For arrays: the gradient has its array's shape; a linear layer's backward is two matrix products
#   and a sum; broadcasting forward is summing backward; softmax with cross-entropy gives $p - y$.
# - A network's backward is its layers' backwards, read from the end.
# - Check with a random upstream gradient, at random weights, away from kinks, and against a second
#   implementation.

# %% [markdown]
# ## Exercises
#
# | | write | points |
# |---|---|---|
# | 1.1 | `central_difference` | 2 |
# | 1.2 | `multiply`, on Values | 2 |
# | 1.3 | `topological_order` | 3 |
# | 1.4 | `linear_backward` | 3 |
# | 1.5 | `activation_backward` | 3 |
# | 1.6 | `cross_entropy_backward` | 3 |
# | 1.7 | `unbroadcast` | 2 |
# | 1.8 | `mlp_backward` | 4 |
#
# `course progress` in a terminal shows which of yours are done.

# %% [markdown]
# ## References
#
# - D. Rumelhart, G. Hinton, R. Williams (1986), *Learning representations by back-propagating
#   errors*, Nature 323, 533–536. The paper that made it known; four pages, still worth reading.
# - I. Goodfellow, Y. Bengio, A. Courville (2016), *Deep Learning*, section 6.5: back-propagation on
#   graphs, and why it does not walk every path of our formula (3).
# - C. Bishop (2006), *Pattern Recognition and Machine Learning*, section 5.3. Our (8), times the
#   inputs, is its (4.109).
# - E. Alpaydin, C. Kaynak (1998), *Optical Recognition of Handwritten Digits*, UCI Machine Learning
#   Repository: the digits, as scikit-learn keeps them.
# - M. Nielsen (2015), *Neural Networks and Deep Learning*, chapter 2: the four equations BP1 to
#   BP4.
# - Y. Bengio, P. Simard, P. Frasconi (1994), *Learning long-term dependencies with gradient descent
#   is difficult*, IEEE Transactions on Neural Networks 5. Gradients that fade; more in lesson 5.
# - X. Glorot, Y. Bengio (2010), *Understanding the difficulty of training deep feedforward neural
#   networks*, AISTATS. How sigmoids saturate, and how first weights should be drawn: lesson 3.
# - S. Prince (2023), *Understanding Deep Learning*, chapter 7: another way through the same.
# - A. Karpathy, *micrograd*: a graph of numbers in one short file; our `Value` is of its kind.
#
# **Next:** [2 · Fit a line by gradient descent](02_linear_regression.ipynb)
