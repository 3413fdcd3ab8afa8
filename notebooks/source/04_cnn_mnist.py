# %% [markdown] accelerator="GPU"
# # 4 · Classify handwritten digits with convolutions
#
# To a fully connected layer an image is a list of numbers, in any order. A convolutional layer
# knows one thing more: which pixels are neighbours. You will measure what that is worth, write the
# convolution and its backward pass, and train networks with it, in NumPy and in PyTorch. Then you
# look inside one, and draw digits for it.
#
# [Open in Colab]({colab}) · [Open on Binder]({binder})

# %% [markdown]
# ## What you will do
#
# 1. Measure what it is worth to know which pixels are neighbours.
# 2. Write the convolution three times, each time faster.
# 3. Turn it round: the backward pass of convolution, max-pool and batch norm.
# 4. Train a small LeNet in NumPy.
# 5. Train in PyTorch, and put five popular tricks to the test.
# 6. Look inside: filters, feature maps, errors, saliency. Draw a digit yourself.

# %% [markdown]
# ## What you need
#
# Lessons 1 to 3: backpropagation in arrays, mini-batches, Adam and learning-rate schedules. About
# four hours with the exercises. The notebook itself runs in two to three minutes on two cores and
# stays below 1.2 GB; with all 70,000 digits it takes longer. A GPU is not needed.

# %% [markdown]
# ## Symbols and shapes
#
# | symbol | meaning |
# |---|---|
# | $B$, $C$, $H$, $W$ | images in a batch, channels, height, width |
# | $O$ | output channels |
# | $KH$, $KW$ | height and width of a kernel |
# | $OH$, $OW$ | height and width of what comes out |
# | $k$, `kernels` | the kernels, `(O, C, KH, KW)` |
# | $s$, $p$, $d$ | stride, padding, dilation; from section 5 on, $p$ is a probability |
# | $y$, $x$; $i$, $j$; $h$, $w$ | row and column in the output; in the kernel; in the image |
# | $b$, $c$, $o$ | as an index: image, input channel, output channel; $b_o$ is a bias |
# | $\gamma$, $\beta$, $\mu$, $\sigma$ | batch norm's scale and shift; mean and deviation |
# | `# (B, C, H, W)` | shape of the array made on that line |

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
from torch import nn
from torch.nn import functional as F

import course_lib.preprocess as preprocess
from course_lib import conv, data, gradcheck, layers, metrics, models, optim, plots, train, widgets
from course_lib.checks import case, check, hint, predict, solution

# %% [markdown]
# ## 1. What a network knows about images
#
# MNIST: 70,000 digits, written by some 500 people, as images of 28 by 28 pixels. The next line says
# how many of them you have. All that this lesson shows works with 5,000.

# %%
x_train, y_train, x_test, y_test = data.mnist()

# %% tags=["folded"]
fig, axes = plt.subplots(3, 10, figsize=(8, 2.6))
shown = np.array([np.flatnonzero(y_train == digit)[:3] for digit in range(10)]).T   # (3, 10)
plots.images(axes, x_train[shown.ravel()])
plots.show(fig, alt="Thirty handwritten digits, three of each. They differ in slant, width and "
           "thickness of the stroke.")

# %% [markdown]
# The ink runs from 0 to 255. We scale it to 1 and subtract the mean, and add an axis for the
# channels. (Grey images have one; colour images have three.)

# %%
print(f"mean ink: {x_train.mean() / 255:.2f}")

def as_input(images):
    return (images[:, None] / 255 - 0.13).astype(np.float32)          # (B, 1, H, W)

print(as_input(x_train[:5]).shape)

# %% [markdown]
# Suppose a layer makes 8 *maps* from such an image: grids of 24 by 24 numbers, in which everything
# stays in its place. A fully connected one has a weight for each pair of input and output:

# %%
print(f"{28 * 28:,} inputs times {8 * 24 * 24:,} outputs: {28 * 28 * 8 * 24 * 24:,} weights")

# %% [markdown]
# A convolutional layer makes the same maps from 8 *kernels* of 5 by 5 weights, one for each map. It
# slides each kernel over the image. The weights are the same wherever the kernel stands.
#
# **Predict.** How many parameters is that, biases included?

# %%
predict("4.A", None)

# %% tags=["answer"]
kernels, bias, *_ = conv.initialise_lenet(rng=np.random.default_rng(0))
print(f"{kernels.size + bias.size} parameters")

# %% [markdown]
# So few weights can work only if images are special: what is worth looking for in one place is
# worth looking for in another, and pixels that belong together are close together. Such an
# assumption, built into a network, is an *inductive bias*. Is it any good? Here is an experiment.
#
# Take one fixed random order of the 784 pixels and shuffle *every* image by it. Nothing is lost:
# the order could be undone. But neighbours are no longer neighbours. A fully connected network
# should not care. A convolutional one should.

# %%
few = 4000   # the comparisons use only these, also where there are 60,000
order = np.random.default_rng(0).permutation(28 * 28)

def shuffled(images):
    return images.reshape(-1, 28 * 28)[:, order].reshape(-1, 28, 28)

# %% tags=["folded"]
fig, axes = plt.subplots(1, 6, figsize=(8, 1.6))
pictures = np.stack([x_train[shown[0, 3:6]], shuffled(x_train[shown[0, 3:6]])], axis=1)
plots.images(axes, pictures.reshape(6, 28, 28), titles=["as it is", "shuffled"] * 3)
plots.show(fig, alt="Three digits, each beside its shuffled version, which looks like noise.")

# %% [markdown]
# Three networks: a small convolutional one, a fully connected one (MLP) with as many parameters,
# and an MLP with more than twenty times as many. Each learns both versions, with three seeds, at a
# rate of 0.01. (Of four rates that we tried, none makes either MLP as good as the CNN. `train.fit`
# is the training loop in PyTorch. Section 5 opens it.)

# %%
contestants = {
    "CNN": lambda: models.fast_cnn((8, 16, 32), batch_norm=False),
    "MLP, as many": lambda: models.mlp([784, 11, 10]),
    "MLP, 20 times": lambda: models.mlp([784, 256, 10]),
}
for name, make in contestants.items():
    print(f"{name:<14} {models.count_parameters(make()):>8,} parameters")

# %%
device = train.choose_device()   # a GPU if there is one

def tensors(images, labels):
    return torch.from_numpy(as_input(images)), torch.from_numpy(labels)

def trained(make, train_set, *, epochs, lr=0.01, seed=0, one_cycle=True, **options):
    """A new model, trained with AdamW and (as a rule) a one-cycle schedule; and its history."""
    torch.manual_seed(seed)
    model, steps = make().to(device), epochs * -(-len(train_set[0]) // 64)
    optimizer, scheduler = torch.optim.AdamW(model.parameters(), lr=lr), None
    if one_cycle:   # making a scheduler already changes the optimizer's rate
        scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps)
    history = train.fit(model, train_set, optimizer=optimizer, epochs=epochs, batch_size=64,
                        scheduler=scheduler, seed=seed, **options)
    return model.cpu(), history

# %%
accuracy = {}
for name, make in contestants.items():
    for version, change in [("as it is", lambda images: images), ("shuffled", shuffled)]:
        train_set = tensors(change(x_train[:few]), y_train[:few])
        test_set = tensors(change(x_test[:1000]), y_test[:1000])
        runs = [trained(make, train_set, epochs=4, lr=0.01, seed=seed, test_set=test_set,
                        progress=False)[1]["accuracy"][-1] for seed in range(3)]
        accuracy[name, version] = np.array(runs)

# %% tags=["folded"]
fig, ax = plt.subplots()
for k, name in enumerate(contestants):
    for version, colour, marker, aside in [("as it is", plots.BLUE, "o", -0.1),
                                           ("shuffled", plots.GREY, "s", 0.1)]:
        ax.plot(np.full(3, k + aside), 100 * accuracy[name, version], marker, color=colour,
                alpha=0.7, label=version if k == 0 else None)
ax.set(xticks=range(3), xlim=(-0.5, 2.5), ylabel="test accuracy (%), three seeds")
ax.set_xticklabels(list(contestants))
ax.legend()
plots.show(fig, alt="Test accuracy of three networks. The CNN is far above both MLPs on the images "
           "as they are, and falls below the small MLP when pixels are shuffled. Both MLPs "
           "stay where they were.")

# %%
for (name, version), runs in accuracy.items():
    print(f"{name:<14} {version:<9} ≈ {100 * runs.min():.1f} to {100 * runs.max():.1f} % right")

# %% tags=["test"]
for name in contestants:
    loss = accuracy[name, "as it is"].mean() - accuracy[name, "shuffled"].mean()
    assert loss > 0.05 if name == "CNN" else abs(loss) < 0.02
best_mlp = max(accuracy[name, "as it is"].max() for name in contestants if name != "CNN")
assert accuracy["CNN", "as it is"].min() > best_mlp
assert accuracy["CNN", "shuffled"].max() < accuracy["MLP, as many", "shuffled"].min()

# %% [markdown]
# To the MLPs both versions are the same problem. The CNN's advantage is gone once neighbours are
# scattered: it does not come from a better network, it comes from an assumption that fits images.

# %% [markdown]
# ## 2. The convolution, three times
#
# Put a kernel on a window of the image, multiply entry by entry, add up, go on to the next window:
#
# $$\text{out}_{y,x} = b + \sum_{i,j} k_{i,j} \; \text{image}_{y+i,\,x+j} \tag{1}$$
#
# In mathematics that is a *cross-correlation*; a convolution would turn the kernel by half a turn
# first. Deep learning leaves it as it is and calls it a convolution all the same: the kernel is
# learned, so its orientation is a matter of naming.

# %%
def slide(image, kernel):
    """Formula (1) with loops, b = 0."""
    KH, KW = kernel.shape
    out = np.zeros((image.shape[0] - KH + 1, image.shape[1] - KW + 1))
    for y, x in np.ndindex(out.shape):
        out[y, x] = (kernel * image[y:y + KH, x:x + KW]).sum()        # (1)
    return out

# %% [markdown]
# A kernel can be made by hand. This one is positive on the right and negative on the left. The
# result is large where the image gets darker from left to right:

# %%
sobel = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
seven = x_train[shown[2, 7]] / 255
edges = slide(seven, sobel)
print(f"on even paper: {edges[0, 0]:.0f}; 28 pixels become {edges.shape[0]}")

# %% tags=["nbval-ignore-output"]
explorer = widgets.explore_kernel(seven)
explorer

# %% tags=["test"]
assert "28 by 28 becomes 26 by 26" in explorer.sentence

# %% [markdown]
# Above you can change the kernel (and other things, which come next). For those who only read, four
# of its settings. (Orange is positive, purple negative, and 0 has the colour of the paper; each
# picture has its own scale.)

# %% tags=["folded"]
fig, axes = plt.subplots(1, 5, figsize=(9, 2.1))
names = ["vertical edges", "horizontal edges", "blur", "outline"]
plots.image(axes[0], seven, title="the image")
for ax, name in zip(axes[1:], names):
    plots.image(ax, slide(seven, np.array(widgets.KERNELS[name])), signed=True, title=name)
plots.show(fig, alt="A seven, and what four kernels make of it. Vertical and horizontal edges come "
           "out orange on one side of a stroke and purple on the other; blur softens; outline "
           "marks the contour.")

# %% tags=["test"]
assert np.array_equal(np.array(widgets.KERNELS["vertical edges"]), sobel)

# %% [markdown]
# ### Stride, padding, dilation
#
# Three things vary. The kernel may move by a *stride* of several pixels at a time. The image may
# get a *padding* of zeros all round: without it every layer eats the rim (28 became 26), and a
# corner pixel is seen through one window where one in the middle is seen through 25, with a kernel
# of 5 by 5. Half the kernel's width, $p = (k - 1) / 2$, keeps the size. And the kernel's entries
# may stand several pixels apart: that is *dilation*, and it lets a small kernel reach far. With all
# three, (1) becomes
#
# $$\text{out}_{b,o,y,x} = b_o + \sum_{c,i,j} k_{o,c,i,j} \;
# \text{image}_{b,\,c,\,s y + d i - p,\,s x + d j - p} \tag{2}$$
#
# where pixels outside of the image count as 0. There are now many images, $C$ channels in and $O$
# channels out: each output channel has a kernel for each input channel, and adds up over them.
#
# #### Exercise 4.1 · output_size · 1 point · 10 minutes

# %%
def output_size(size, kernel_size, *, stride=1, padding=0, dilation=1):
    """At how many places along one axis the kernel stands, wholly inside the padded image."""
    ### BEGIN SOLUTION
    reach = dilation * (kernel_size - 1) + 1
    return (size + 2 * padding - reach) // stride + 1
    ### END SOLUTION

# %%
check("4.1", output_size)

# %% [markdown]
# ### Faster: windows
#
# Loops in Python are slow. NumPy can show all windows at once, as one array with six axes. Nothing
# is copied: it is the same memory, read in another order.

# %%
batch = as_input(x_train[:32]).astype(np.float64)
windows = conv.windows(batch, (5, 5))
print("windows", windows.shape, "of the image", batch.shape)
print(f"as if {windows.nbytes:,} bytes; the image has {batch.nbytes:,}")

# %% tags=["test"]
assert np.array_equal(windows[3, 0, 7, 9], batch[3, 0, 7:12, 9:14])
assert np.shares_memory(batch, windows)

# %% [markdown]
# Formula (2) is then a sum over three of the axes: `einsum("bcyxij,ocij->boyx", windows, kernels)`.
# Read it so: name the axes of each array; the letters on the right of the arrow stay; over those
# that are missing there, c, i and j, it multiplies and adds up.
#
# ### Faster still: one matrix product
#
# Write each window as a *column*, $C \cdot KH \cdot KW$ numbers long, and each kernel as a row.
# Then every number of the output is a row times a column, and the convolution of an image is one
# matrix product. Matrix products are what computers are best at. The price: a pixel is copied into
# every window that it is part of, here up to 25 times.

# %%
columns, (OH, OW) = conv.window_columns(batch, (5, 5))
rows = kernels.reshape(8, -1)
print("rows", rows.shape, "times columns", columns.shape[1:], "for each of", len(columns), "images")
print("out", (rows @ columns).shape, "which is", (32, 8, OH, OW))

# %% [markdown]
# #### Exercise 4.2 · conv2d_forward · 3 points · 25 minutes
#
# Use whichever way you like. `conv.windows` and `conv.window_columns` take stride, padding and
# dilation. Return the output and a cache; what you keep in it is your business.

# %%
def conv2d_forward(x, kernels, b, *, stride=1, padding=0, dilation=1):
    """Formula (2): x (B, C, H, W), kernels (O, C, KH, KW), b (O,). Return out and a cache."""
    ### BEGIN SOLUTION
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    columns, shape = conv.window_columns(x, kernels.shape[2:], **options)
    out = kernels.reshape(len(kernels), -1) @ columns + b[:, None]    # (B, O, OH OW)
    return out.reshape(len(x), len(kernels), *shape), (columns, kernels, x.shape, options)
    ### END SOLUTION

# %%
check("4.2", conv2d_forward)

# %% [markdown]
# The three ways give the same numbers. Their times differ a lot:

# %%
def by_loops():
    return np.array([[slide(image[0], kernel[0]) for kernel in kernels] for image in batch])

def by_windows():
    return np.einsum("bcyxij,ocij->boyx", windows, kernels)

def by_product():
    return conv.conv2d_forward(batch, kernels, np.zeros(8))[0]

results = [way() for way in (by_loops, by_windows, by_product)]       # each (B, O, OH, OW)
apart = max(np.abs(one - results[0]).max() for one in results)
print(f"largest difference: ≈ {apart:.0e}")

# %% tags=["test"]
assert all(np.allclose(one, results[0], atol=1e-12) for one in results)

# %%
def seconds(call, repeats):
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)

times = [seconds(way, n) for way, n in [(by_loops, 1), (by_windows, 5), (by_product, 10)]]
for name, t in zip(["loops", "windows", "one matrix product"], times):
    print(f"{name:<19} ≈ {1000 * t:8.1f} ms   ≈ {times[0] / t:6.0f} times as fast")

# %% tags=["test"]
assert times[0] > 20 * times[2]

# %% [markdown]
# ### A kernel learned from data
#
# A column is a window, and the output is a weighted sum of it. So a convolution is lesson 2's
# linear regression, with windows as examples. Give it images and what Sobel's kernel makes of them,
# with noise, and ask for the kernel:

# %%
digits = x_train[:20, None] / 255                                     # (B, 1, H, W)
X = conv.window_columns(digits, (3, 3))[0].transpose(0, 2, 1).reshape(-1, 9)   # (windows, 9)
target = X @ sobel.ravel() + np.random.default_rng(0).normal(0, 0.1, len(X))
theta, state = np.zeros(9), {}
for _ in range(1000):
    gradient = 2 * X.T @ (X @ theta - target) / len(X)
    theta, state = optim.adam(theta, gradient, state, lr=0.03)
print(theta.reshape(3, 3).round(1) + 0.0)

# %% tags=["test"]
assert np.abs(theta - sobel.ravel()).max() < 0.05

# %% [markdown]
# Nobody wrote the nine numbers down for it. A thousand steps of Adam, on examples of what the
# kernel does, have found them. A network does the same, except that nobody gives it the targets of
# its inner layers. These come from the loss at the end, through the backward pass.

# %% [markdown]
# ## 3. Backward
#
# Ask one pixel: which outputs did you touch? The picture shows them, for a kernel of 3 by 3.
# Through entry $k_{ij}$ the pixel has touched the output marked "kij".

# %% tags=["folded"]
fig, axes = plt.subplots(2, 3, figsize=(8, 5))
ways = [("plain", {}), ("stride 2", {"stride": 2}), ("dilation 2", {"dilation": 2})]
for (top, bottom), (name, options) in zip(axes.T, ways):
    touched = plots.draw_affected_outputs(top, bottom, size=7, kernel_size=3, pixel=(4, 4),
                                          **options)
    top.set_title(f"image, {name}", fontsize=9)
    bottom.set_title("output", fontsize=9)
    print(f"{name}: {len(touched)} outputs touched")
plots.show(fig, alt="Above, a pixel in an image of 7 by 7; below, the outputs it "
           "touches, each marked with the entry of the kernel. Plain: nine, in reverse order. "
           "Stride 2: four, side by side. Dilation 2: four, in the corners of the output.")

# %% [markdown]
# That picture *is* the backward pass. Each output that the pixel touched passes its gradient back,
# times the entry through which it was touched, and what comes back adds up:
#
# $$\text{d}x_{b,c,h,w} = \sum_{o} \sum_{(y,x,i,j)\,:\; s y + d i - p = h,\; s x + d j - p = w}
# k_{o,c,i,j} \; \text{dout}_{b,o,y,x} \tag{3}$$
#
# The kernel's gradient comes from the same pairs, seen from the kernel: entry $(i, j)$ met a pixel
# at each place. And the bias was added everywhere:
#
# $$\text{d}k_{o,c,i,j} = \sum_{b,y,x} \text{dout}_{b,o,y,x} \;
# \text{image}_{b,\,c,\,s y + d i - p,\,s x + d j - p}, \qquad
# \text{d}b_o = \sum_{b,y,x} \text{dout}_{b,o,y,x} \tag{4}$$
#
# In code (4) is again one matrix product, with the columns that the forward pass has kept. For (3),
# take the entries of the kernel one by one. `conv.seen_by(i, j, (OH, OW), stride=…, dilation=…)`
# gives, as two slices, the rows and the columns of the *padded* image that entry $(i, j)$ has met
# at all its places. (So fill a padded array of zeros, and cut the padding off at the end.)

# %%
rows_met, columns_met = conv.seen_by(0, 2, (3, 3), stride=2)
print("entry (0, 2), stride 2, 3 by 3 places: rows", list(range(7))[rows_met],
      "and columns", list(range(7))[columns_met])

# %% [markdown]
# ### Exercise 4.3 · conv2d_backward · 4 points · 40 minutes
#
# The cache is the library's: the columns, the kernels, the image's shape, and a dictionary with
# stride, padding and dilation.

# %%
def conv2d_backward(dout, cache):
    """Return dx (3), dkernels and db (4), each in the shape of its array.

    cache is (columns, kernels, (B, C, H, W), options): columns has shape (B, C KH KW, OH OW),
    options is like {"stride": 1, "padding": 0, "dilation": 1}.
    """
    ### BEGIN SOLUTION
    columns, kernels, (B, C, H, W), options = cache
    p, s, d = options["padding"], options["stride"], options["dilation"]
    OH, OW = dout.shape[2:]
    flat = dout.reshape(B, len(kernels), OH * OW)
    dkernels = (flat @ columns.transpose(0, 2, 1)).sum(axis=0).reshape(kernels.shape)     # (4)
    dpadded = np.zeros((B, C, H + 2 * p, W + 2 * p))
    for i, j in np.ndindex(kernels.shape[2:]):
        rows, cols = conv.seen_by(i, j, (OH, OW), stride=s, dilation=d)
        share = kernels[:, :, i, j].T @ flat                          # (B, C, OH OW)
        dpadded[:, :, rows, cols] += share.reshape(B, C, OH, OW)                          # (3)
    return dpadded[:, :, p:p + H, p:p + W], dkernels, dout.sum(axis=(0, 2, 3))
    ### END SOLUTION

# %%
check("4.3", conv2d_backward)

# %% [markdown]
# The library's version differs in two things. It keeps float32. And it adds up an array with the
# channels *last*, so that the numbers of one addition lie side by side in memory. `solution("4.3")`
# shows it.

# %% [markdown]
# ### The linear layer inside
#
# Is this a new backward pass at all? Send in 64 images with a single pixel each. What comes out are
# the rows of a matrix: the convolution, written as lesson 1's linear layer.

# %%
kernel = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)         # nine different numbers
single = np.eye(64).reshape(64, 1, 8, 8)
full = conv.conv2d_forward(single, kernel, np.zeros(1))[0].reshape(64, 36)   # (inputs, outputs)
print(f"{full.size:,} weights, {np.mean(full == 0):.0%} of them 0, "
      f"the others {len(np.unique(full)) - 1} numbers again and again")

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(6, 3.4))
plots.image(ax, full.T)
plots.show(fig, alt="The matrix, an output a row, a pixel a column: white but for stripes along "
           "the diagonal, which repeat the same nine shades.")

# %% [markdown]
# What is *blank* is locality: a pixel far away has no say. *The same nine shades* are the shared
# weights. And the way back is lesson 1's, formula for formula; the entries that are one and the
# same number add up their gradients, as always when something is used more than once.

# %%
image = np.random.default_rng(0).standard_normal((5, 1, 8, 8))
out, cache = conv.conv2d_forward(image, kernel, np.zeros(1))
dout = np.random.default_rng(1).standard_normal(out.shape)
dx, dkernel, _ = conv.conv2d_backward(dout, cache)
dx_linear, dfull, _ = layers.linear_backward(dout.reshape(5, 36), (image.reshape(5, 64), full))
shared = [dfull[full == entry].sum() for entry in kernel.ravel()]
print("dkernel:                 ", dkernel.ravel()[:4].round(4), "…")
print("of the matrix, added up: ", np.round(shared[:4], 4), "…")
print(f"dx, largest difference: ≈ {np.abs(dx.reshape(5, 64) - dx_linear).max():.0e}")

# %% tags=["test"]
assert np.allclose(dx.reshape(5, 64), dx_linear) and np.allclose(dkernel.ravel(), shared)

# %% [markdown]
# ### Max-pool
#
# A pool makes the maps smaller. Max-pool takes the largest number of each window, often 2 by 2:
#
# $$\text{out}_{b,c,y,x} = \max_{i,j} \; \text{image}_{b,\,c,\,s y + i,\,s x + j} \tag{5}$$
#
# Only the largest pixel moved the output. So it alone gets the gradient, all of it. Where several
# are the largest there is no derivative, only a choice: as in PyTorch, the first one, row by row,
# gets it all. Where windows overlap, gradients add. What does not fill a window at the right and at
# the bottom is dropped.
#
# #### Exercise 4.4 · max_pool2d_and_grad · 3 points · 25 minutes

# %%
def max_pool2d_and_grad(x, dout, *, kernel_size, stride=None):
    """Return out (5) and dx. The stride is kernel_size where it is None."""
    ### BEGIN SOLUTION
    stride = stride or kernel_size
    view = conv.windows(x, (kernel_size, kernel_size), stride=stride)
    out = view.max(axis=(4, 5))                                       # (B, C, OH, OW)
    dx, waiting = np.zeros_like(x), np.ones(out.shape, bool)
    for i, j in np.ndindex(kernel_size, kernel_size):
        rows, cols = conv.seen_by(i, j, out.shape[2:], stride=stride)
        chosen = waiting & (x[:, :, rows, cols] == out)
        dx[:, :, rows, cols] += dout * chosen
        waiting &= ~chosen
    return out, dx
    ### END SOLUTION

# %%
check("4.4", max_pool2d_and_grad)

# %% [markdown]
# ### Batch norm
#
# Deep networks train more easily with *batch norm*; why, is still argued about. It keeps the mean
# and the spread of each channel steady: subtract the channel's mean over the batch (and over all
# places), divide by its standard deviation, and let the network choose a new scale $\gamma$ and
# shift $\beta$:
#
# $$\hat x = \frac{x - \mu}{\sigma}, \qquad \sigma = \sqrt{\text{var}(x) + \epsilon}, \qquad
# \text{out} = \gamma \hat x + \beta \tag{6}$$
#
# Backward, $\gamma$ and $\beta$ are easy: they were copied to all $N$ values of their channel. And
# $x$? If mean and deviation were constants, $\text{d}x$ would be $\gamma\,\text{dout} / \sigma$.
# But each $x$ moves both. Add a constant to all $x$ of a channel: $\mu$ takes it out again, and
# nothing changes. Stretch them all about their mean: $\sigma$ takes it out again (but for the small
# $\epsilon$). So a gradient must not ask for either. Take both parts out of it:
#
# $$\text{d}x = \frac{\gamma}{\sigma} \Bigl( \text{dout} - \frac{1}{N} \sum \text{dout} -
# \hat x \, \frac{1}{N} \sum \text{dout}\,\hat x \Bigr) \tag{7}$$
#
# The sums run over the channel's $N$ values, $N = B H W$ for images.
#
# When the network is *used*, there may be one image only, and its result should not depend on what
# happens to stand beside it. Then $\mu$ and $\sigma$ are constants, remembered from training. The
# cache says so with `fixed`.
#
# #### Exercise 4.5 · batch_norm_backward · 3 points · 30 minutes

# %%
def batch_norm_backward(dout, cache):
    """Return dx (7), dgamma and dbeta. x may be (B, C), (B, C, H, W), ...

    cache is (x_hat, gamma, std, fixed): std is σ; gamma and std have shape (C,).
    """
    ### BEGIN SOLUTION
    x_hat, gamma, std, fixed = cache
    axes, wide = (0, *range(2, dout.ndim)), (1, -1) + (1,) * (dout.ndim - 2)
    dbeta, dgamma = dout.sum(axis=axes), (dout * x_hat).sum(axis=axes)
    scale, N = (gamma / std).reshape(wide), dout.size // len(gamma)
    if fixed:
        return scale * dout, dgamma, dbeta
    correction = dbeta.reshape(wide) + x_hat * dgamma.reshape(wide)
    return scale * (dout - correction / N), dgamma, dbeta             # (7)
    ### END SOLUTION

# %%
check("4.5", batch_norm_backward)

# %% [markdown]
# The argument can be tested. Moved along "add a constant" or "stretch", the loss must not change,
# so $\text{d}x$ must have no part in either direction:

# %%
rng = np.random.default_rng(0)
values = rng.normal(3.0, 2.0, (16, 4, 5, 5))
out, cache = conv.batch_norm_forward(values, rng.standard_normal(4), rng.standard_normal(4), eps=0)
dx, _, _ = conv.batch_norm_backward(rng.standard_normal(out.shape), cache)
added, stretched = dx.sum(axis=(0, 2, 3)), (dx * cache[0]).sum(axis=(0, 2, 3))
print(f"along a constant: ≈ {np.abs(added).max():.0e}, along a stretch: ≈ "
      f"{np.abs(stretched).max():.0e}")
print(f"of a dx as long as {np.linalg.norm(dx):.1f}")

# %% tags=["test"]
assert np.allclose(added, 0, atol=1e-12) and np.allclose(stretched, 0, atol=1e-12)

# %% [markdown]
# ## 4. LeNet in NumPy
#
# Now a network: twice convolution, ReLU and pool, then two linear layers. It is modelled on LeNet,
# which read cheques in the 1990s. `conv.lenet_forward` and `conv.lenet_backward` are a pair made of
# pairs, as the MLP was in lesson 1.

# %%
weights = conv.initialise_lenet(rng=np.random.default_rng(0))
h = as_input(x_train[:2])
for kernels_k, bias_k in (weights[:2], weights[2:4]):
    h, _ = conv.conv2d_forward(h, kernels_k, bias_k)
    print("convolution", h.shape, end="   ")
    h, _ = conv.max_pool2d_forward(layers.relu_forward(h)[0], kernel_size=2)
    print("pool", h.shape)
print("flattened", h.reshape(2, -1).shape, "  logits", conv.lenet_forward(as_input(x_train[:2]),
                                                                          *weights)[0].shape)
print(f"{sum(w.size for w in weights):,} parameters")

# %% [markdown]
# A kernel sees 5 pixels. But the second convolution looks at maps that are themselves made from
# windows, and pooled.
#
# **Predict.** How many pixels wide is the part of the image that one number after the second
# convolution depends on?

# %%
predict("4.B", None)

# %% [markdown]
# That width is the number's *receptive field*. To find it, ask backwards: which pixels get a
# gradient? (With average pools, so that no pixel is left out for being smaller.)

# %% tags=["answer"]
ones, zero = np.ones((1, 1, 5, 5)), np.zeros(1)
first, cache1 = conv.conv2d_forward(np.zeros((1, 1, 28, 28)), ones, zero)
pooled, cache2 = conv.avg_pool2d_forward(first, kernel_size=2)
second, cache3 = conv.conv2d_forward(pooled, ones, zero)
dout = np.zeros_like(second)
dout[0, 0, 3, 3] = 1
for back, cache in [(conv.conv2d_backward, cache3), (conv.avg_pool2d_backward, cache2),
                    (conv.conv2d_backward, cache1)]:
    dout = back(dout, cache)[0] if back is conv.conv2d_backward else back(dout, cache)
print("pixels wide:", (dout[0, 0].sum(axis=0) > 0).sum())

# %% [markdown]
# That is why kernels are small: two of 3 by 3 in a row see 5 by 5, with $2 \cdot 9$ weights in
# place of 25 for each pair of channels, and a bend more. Even a kernel of 1 by 1 has its use: it is
# lesson 1's linear layer, across the channels, at every pixel by itself. Lesson 6 will do the same
# at every word. And now train it.

# %%
def train_lenet(seed, epochs=5):
    """Accuracy on the test set after each pass over the training set; the weights."""
    rng, steps = np.random.default_rng(seed), 0
    weights, states, history = conv.initialise_lenet(rng=rng), [{}] * 8, []
    for _ in range(epochs):
        for batch in preprocess.minibatches(few, 32, rng=rng):
            logits, cache = conv.lenet_forward(as_input(x_train[batch]), *weights)
            _, loss_cache = layers.cross_entropy_forward(logits, labels=y_train[batch])
            grads = conv.lenet_backward(layers.cross_entropy_backward(1.0, loss_cache), cache)[1:]
            lr = optim.one_cycle_lr(steps, max_lr=0.004, total_steps=epochs * few // 32)
            updates = [optim.adam(w, g, state, lr=lr)
                       for w, g, state in zip(weights, grads, states)]
            weights, states = zip(*updates)
            steps += 1
        predicted = conv.lenet_forward(as_input(x_test[:1000]), *weights)[0].argmax(axis=1)
        history.append((predicted == y_test[:1000]).mean())
    return history, weights

# %%
numpy_runs = [train_lenet(seed) for seed in range(3)]
curves = np.array([history for history, _ in numpy_runs])             # (seeds, passes)
last = 100 * curves[:, -1]
print(f"three seeds: ≈ {last.min():.1f} to {last.max():.1f} % right")

# %% tags=["folded"]
fig, ax = plt.subplots()
plots.band(ax, np.arange(1, 6), 100 * curves, label="median and range of three seeds",
           color=plots.TEST)
ax.axhline(95, color=plots.GREY, linestyle=":")
ax.set(xlabel="passes over 4,000 digits", ylabel="test accuracy (%)", xticks=range(1, 6))
ax.legend(loc="lower right")
plots.show(fig, alt="LeNet in NumPy: test accuracy rises quickly and levels off; after five passes "
           "it is above 95 % with all of three seeds.")

# %% tags=["test"]
assert curves[:, -1].min() >= 0.95

# %% [markdown]
# More than 95 %, with NumPy alone.

# %% [markdown]
# ## 5. PyTorch
#
# PyTorch has the same layers, and writes the backward pass for you. This is the network that many
# introductions use: three convolutions of 3 by 3 with 32, 64 and 64 channels, two pools, a hidden
# layer of 64, ten outputs. There is no softmax at the end, because `F.cross_entropy` has it inside.

# %%
def articles_cnn(classes=10):
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),              # (B, 32, 13, 13)
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),             # (B, 64, 5, 5)
        nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten(),                # (B, 576)
        nn.Linear(576, 64), nn.ReLU(), nn.Linear(64, classes),
    )

print(f"{models.count_parameters(articles_cnn()):,} parameters")

# %% [markdown]
# ### First, overfit fifty images
#
# Before you train for long, train on next to nothing. A network of this size must be able to learn
# 50 images by heart. If it cannot, there is a bug, and you have found it within seconds. Here is
# the whole loop:

# %%
torch.manual_seed(0)
model = articles_cnn()
optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
x, y = tensors(x_train[:50], y_train[:50])
for _ in range(60):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()        # without this, gradients of all steps would add up
    loss.backward()
    optimizer.step()
print(f"{(model(x).argmax(dim=1) == y).sum()} of 50 right, loss ≈ {loss:.1g}")

# %% tags=["test"]
assert (model(x).argmax(dim=1) == y).all() and loss < 0.1

# %% [markdown]
# `train.fit` is that loop with mini-batches, on the device where the model lies.
#
# ### Five passes
#
# Adam, batches of 64, five passes:

# %%
torch.manual_seed(0)
articles = articles_cnn().to(device)
optimizer = torch.optim.Adam(articles.parameters(), lr=0.001)
train_set, test_set = tensors(x_train, y_train), tensors(x_test, y_test)
history = train.fit(articles, train_set, optimizer=optimizer, epochs=5, batch_size=64,
                    test_set=test_set)
print(f"test accuracy: ≈ {100 * history['accuracy'][-1]:.1f} %")

# %% tags=["test"]
assert history["accuracy"][-1] > 0.93
if len(x_train) == few:
    assert history["accuracy"][-1] <= curves[:, -1].max()              # LeNet's best seed

# %%
said = train.predict(articles, test_set[0]).argmax(dim=1).numpy()
table = metrics.confusion_matrix(y_test, said, classes=10)
print(f"{table.sum():,} images, on the diagonal ≈ {np.trace(table):,}")

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(4.2, 4))
plots.confusion(ax, table, range(10))
ax.set_title(f"test accuracy {100 * (said == y_test).mean():.1f} %")
plots.show(fig, alt="Confusion matrix of this network. Nearly all counts are on the diagonal. Most "
           "other fields are empty; the errors crowd in a few rows and columns.")

# %% tags=["test"]
assert table.sum() == len(y_test) and np.trace(table) == (said == y_test).sum()

# %% [markdown]
# With 4,000 digits that is no better than the LeNet above with a fifth of the
# parameters. But LeNet took twice as many steps, in batches of 32, and followed a one-cycle
# schedule. Parameters alone do not decide.
#
# ### Five tricks
#
# *Augmentation* makes new examples from old ones. A digit that is moved by a pixel or two is still
# the same digit.
#
# #### Exercise 4.6 · random_shift · 2 points · 20 minutes

# %%
def random_shift(images, *, max_shift, rng):
    """Shift each image (B, H, W) down and right, by two whole numbers of its own.

    Each is equally likely from -max_shift to max_shift. Zeros move in; what leaves is lost.
    """
    ### BEGIN SOLUTION
    H, W = images.shape[1:]
    padded = np.pad(images, [(0, 0), (max_shift, max_shift), (max_shift, max_shift)])
    corners = rng.integers(0, 2 * max_shift + 1, (len(images), 2))
    return np.array([p[i:i + H, j:j + W] for p, (i, j) in zip(padded, corners)])
    ### END SOLUTION

# %%
check("4.6", random_shift)

# %% [markdown]
# *Dropout* sets a random part of the numbers in a layer to 0 at each step, each with probability
# $p$. No unit can then rely on any single other one. What is kept is divided by $1 - p$, so that
# its expected value stays the same and nothing need be done when the network is used.
#
# #### Exercise 4.7 · dropout_and_grad · 2 points · 15 minutes

# %%
def dropout_and_grad(x, dout, *, p, rng):
    """Drop entries of x with probability p, scale the others. Return out and dx."""
    ### BEGIN SOLUTION
    factor = (rng.random(x.shape) >= p) / (1 - p)
    return x * factor, dout * factor
    ### END SOLUTION

# %%
check("4.7", dropout_and_grad)

# %% [markdown]
# *Batch norm* you know, and *one-cycle* from lesson 3. *Label smoothing* asks for a little less
# than certainty: 90 % for the right digit, and the other 10 % shared equally among all ten.
#
# Do they help? Take all five together, then leave out one at a time. That is an *ablation*. To
# choose among settings one must not use the test set, so 1,000 of the training digits are held out.
# Three seeds each:

# %%
everything = {"shift": 2, "dropout": 0.25, "batch norm": True, "smoothing": 0.1, "one-cycle": True}
nothing = {"shift": 0, "dropout": 0.0, "batch norm": False, "smoothing": 0.0, "one-cycle": False}
arms = {"everything": everything, "nothing": nothing} | {
    f"without {name}": {**everything, name: nothing[name]} for name in everything}
learn = tensors(x_train[:few - 1000], y_train[:few - 1000])
valid = tensors(x_train[few - 1000:few], y_train[few - 1000:few])

# %%
def shifting(max_shift, seed):
    """Augmentation for train.fit: it changes a batch (B, 1, H, W)."""
    rng = np.random.default_rng(seed)
    def augment(batch):
        ink = batch.cpu().numpy() + np.float32(0.13)     # paper is 0 again: zeros move in
        moved = conv.random_shift(ink, max_shift=max_shift, rng=rng) - np.float32(0.13)
        return torch.from_numpy(moved).to(batch.device)
    return augment

def run_arm(arm, seed):
    return trained(
        lambda: models.fast_cnn((8, 16, 32), batch_norm=arm["batch norm"], dropout=arm["dropout"]),
        learn, epochs=5, seed=seed, one_cycle=arm["one-cycle"], test_set=valid, progress=False,
        augment=shifting(arm["shift"], seed) if arm["shift"] else None,
        loss=nn.CrossEntropyLoss(label_smoothing=arm["smoothing"]))[1]["accuracy"][-1]

# %%
ablation = {name: np.array([run_arm(arm, seed) for seed in range(3)]) for name, arm in arms.items()}
one_error = 100 * np.sqrt(0.97 * 0.03 / 1000)            # of a share of 97 %, among 1,000

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(6, 3))
for k, runs in enumerate(ablation.values()):
    ax.plot(100 * runs, np.full(3, k), "o", color=plots.VALIDATION, alpha=0.6)
    ax.plot(100 * np.median(runs), k, "|", color="black", markersize=14)
middle = 100 * np.median(ablation["everything"])
ax.axvspan(middle - one_error, middle + one_error, color=plots.GREY, alpha=0.2)
ax.set(yticks=range(len(arms)), xlabel="accuracy on 1,000 held-out digits (%)")
ax.set_yticklabels(list(arms))
ax.invert_yaxis()
plots.show(fig, alt="Seven settings, three seeds each. With nothing the network is clearly worse "
           "than with everything. Leaving out any one trick alone moves the median by about one "
           "point or less; the seeds spread nearly as far.")

# %% [markdown]
# (A black tick is the median.) The grey band is the yardstick, one standard error: measured on
# 1,000 other digits, an accuracy of 97 % would come out differently by half a point or so, whatever
# the seeds do. (All rows share the same 1,000 digits, so their differences are somewhat surer than
# that.)

# %%
medians = {name: 100 * np.median(runs) for name, runs in ablation.items()}
print(f"standard error of one measurement: {one_error:.1f} points")
for name, middle in medians.items():
    print(f"{name:<22} ≈ {middle:.1f} % (≈ {middle - medians['everything']:+.1f} points)")

# %% tags=["test"]
assert ablation["nothing"].max() < ablation["everything"].min()
assert max(abs(medians["everything"] - medians[name]) for name in arms if "without" in name) < 1.5

# %% [markdown]
# Together the tricks help: that is beyond the seeds and beyond the yardstick. Which of them does
# it, the figure cannot say. Leaving out one trick moves the median by about a point or less, and
# the seeds of one row differ by as much. A row whose three points all lie left of all those of
# "everything" may mean something. By chance alone that happens to one row in twenty; so with five
# rows, and one set of 1,000 digits for all, it is no proof. Put `range(3, 6)` for the seeds and see
# what stays. And all of it holds for this rate and five passes: with more of them, dropout and
# shifts may do more.

# %% [markdown]
# One of the five is worth more than this figure can show. Our network is shallow, and PyTorch
# starts it well. Take six hidden layers, and start them badly, with the gains of lesson 3. (The 8
# by 8 digits of lesson 1, 100 steps.)

# %%
small, small_labels, _, _ = data.digits()
small = torch.from_numpy((small.reshape(-1, 64) - small.mean()) / small.std()).float()
small_labels = torch.from_numpy(small_labels)

def deep(gain, norm):
    parts = []
    for _ in range(6):
        linear = nn.Linear(64, 64, bias=False)
        nn.init.normal_(linear.weight, std=gain / np.sqrt(64))
        parts += [linear, nn.BatchNorm1d(64), nn.ReLU()] if norm else [linear, nn.ReLU()]
    return nn.Sequential(*parts, nn.Linear(64, 10))

def after_100_steps(gain, norm, seed):
    torch.manual_seed(seed)
    network = deep(gain, norm)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for batch in torch.randint(0, 1000, (100, 64)):
        loss = F.cross_entropy(network(small[batch]), small_labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    said = network.eval()(small[1000:]).argmax(dim=1)
    return (said == small_labels[1000:]).float().mean().item()

# %%
gains = [0.25, 0.5, 1.0, np.sqrt(2), 2.0, 4.0]
reached = {name: np.array([[after_100_steps(gain, norm, seed) for gain in gains]
                           for seed in range(3)])
           for name, norm in [("without", False), ("with batch norm", True)]}   # each (3, 6)
for name, runs in reached.items():
    print(f"{name:<16}", "   ".join(f"gain {gain:.2g}: ≈ {share:.0%}"
                                    for gain, share in zip(gains, np.median(runs, axis=0))))

# %% tags=["folded"]
fig, ax = plt.subplots()
for name, runs in reached.items():
    plots.band(ax, gains, runs, label=name)
ax.set(xscale="log", xlabel="gain of the first weights", ylabel="accuracy", xticks=gains,
       xticklabels=[f"{gain:.2g}" for gain in gains])
ax.minorticks_off()
ax.legend()
plots.show(fig, alt="Accuracy after 100 steps against the gain. Without batch norm it is at the "
           "level of guessing for small gains, high near the root of 2, and falls back at 4. "
           "With batch norm it is high for all gains, a little lower for the largest.")

# %% tags=["test"]
assert reached["without"][:, [0, 5]].max() < 0.2 and reached["with batch norm"].min() > 0.7

# %% [markdown]
# Without it only gains near He's $\sqrt 2$ learn. With it nearly any start will do: multiply all
# weights of a layer by ten, and $\sigma$ takes the ten out again. (For the same reason a bias
# before batch norm is useless: $\mu$ takes it out. `models.fast_cnn` has none there.)
#
# For now, take all five, with wider layers, and train on all of the training set. The test set had
# no part in this choice. Now ask it:

# %%
model, history = trained(lambda: models.fast_cnn((8, 32, 64), dropout=0.25), train_set, epochs=10,
                         augment=shifting(2, seed=0), test_set=test_set,
                         loss=nn.CrossEntropyLoss(label_smoothing=0.1))
print(f"test accuracy: ≈ {100 * history['accuracy'][-1]:.1f} %")

# %% tags=["test"]
assert history["accuracy"][-1] >= 0.975

# %% [markdown]
# Two things make `models.fast_cnn` fast. It pools *before* batch norm and ReLU, so that these work
# on a quarter of the numbers. And its arrays lie in memory with the channels last, as in the
# library's `conv2d_backward`.
#
# ## 6. Look inside
#
# ### Filters and feature maps
#
# The first layer has eight kernels. Four pictures of each: its weights; what it makes of a seven;
# what it responds to most, the mean of the hundred windows, among all those of 200 digits, that
# give it its largest values; and the same for the network *before* it was trained.

# %%
torch.manual_seed(0)
untrained = models.fast_cnn((8, 32, 64), dropout=0.25)   # as `model` began
columns, _ = conv.window_columns(as_input(x_train[:200]), (5, 5))
windows = columns.transpose(0, 2, 1).reshape(-1, 25)                  # (windows, 25)

def liked(network):
    rows = network[0].weight.detach().numpy().reshape(8, 25)
    strongest = np.argsort(-windows @ rows.T, axis=0)[:100]           # (100, 8)
    return windows[strongest].mean(axis=0).reshape(8, 5, 5) + 0.13

# %%
filters = model[0].weight.detach().numpy()                            # (8, 1, 5, 5)
made, _ = conv.conv2d_forward(as_input(seven[None] * 255), filters, np.zeros(8), padding=2)
rows_shown = {"weights": filters[:, 0], "made of a seven": made[0], "likes most": liked(model),
              "liked before": liked(untrained)}

# %% tags=["folded"]
fig, axes = plt.subplots(4, 8, figsize=(9, 5))
for row, (name, pictures) in zip(axes, rows_shown.items()):
    plots.images(row, pictures, signed=not name.startswith("like"))
    row[0].set_ylabel(name, fontsize=9)
plots.show(fig, alt="Eight columns, one a kernel. First row: the weights, in which it is hard to "
           "see a pattern. Second: the seven, with strokes of some directions and edges on some "
           "sides brought out. Third: the windows each likes most, pieces of strokes and edges. "
           "Fourth: what it liked before training, nearly the same.")

# %%
alike = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(liked(untrained), liked(model))]
print(f"correlation of what each kernel likes, before and after: ≈ {min(alike):.2f} to "
      f"{max(alike):.2f}")

# %% tags=["test"]
assert min(alike) > 0.6

# %% [markdown]
# In the weights there is little to see. What a kernel likes is easier to read: pieces of strokes
# and their edges. It would be a fine story that the network has learned them. But the last row
# tells another one: before training, each kernel liked nearly the same. Any kernel finds strokes,
# because digits are made of strokes. So these pictures do not show what was learned. Never look at
# such pictures without the untrained network beside them.
#
# ### What it gets wrong

# %%
p = torch.softmax(train.predict(model, test_set[0]), dim=1).numpy()   # (N, 10)
said = p.argmax(axis=1)
wrong = np.flatnonzero(said != y_test)
worst = wrong[np.argsort(-p[wrong, said[wrong]])][:10]

# %% tags=["folded"]
fig, axes = plt.subplots(1, 10, figsize=(9, 1.5))
plots.images(axes, x_test[worst],
             titles=[f"{y_test[k]}, said {said[k]}\n{100 * p[k, said[k]]:.0f} %" for k in worst])
plots.show(fig, alt="The ten errors of which the network was most certain, or all if there are "
           "fewer, each with its label, what was said, and the probability. Some are hard to read "
           "for people, too.")

# %% tags=["test"]
assert len(wrong) <= 0.025 * len(y_test)

# %% [markdown]
# Look at your errors before you build a larger network. Some of them people would misread as
# well; others are plain failures.
#
# ### Where it looks
#
# Which pixels matter for the score of a class? The backward pass answers that, too. Do not ask for
# the gradient of the loss with respect to the weights. Ask for the gradient of *one logit* with
# respect to the *pixels*: a pixel with a large gradient moves the score most, if all are changed
# equally little. That is a *saliency map*.
#
# #### Exercise 4.8 · saliency · 2 points · 15 minutes

# %%
def saliency(x, labels, *, forward, backward):
    """For image k, the absolute gradient of logit labels[k] with respect to each pixel.

    Where there are several channels, the largest of them. Return an array of shape (B, H, W).
    forward(x) returns logits (B, classes) and a cache; backward(dout, cache) returns dx.
    """
    ### BEGIN SOLUTION
    logits, cache = forward(x)
    dout = np.zeros_like(logits)
    dout[np.arange(len(x)), labels] = 1
    return np.abs(backward(dout, cache)).max(axis=1)                  # (B, H, W)
    ### END SOLUTION

# %%
check("4.8", saliency)

# %% [markdown]
# PyTorch's networks can be made into such a pair: the cache is the graph.

# %%
def pair_of(network):
    network = network.eval().cpu()
    def forward(x):
        leaf = torch.tensor(x, requires_grad=True)
        logits = network(leaf)
        return logits.detach().numpy(), (leaf, logits)
    def backward(dout, cache):
        leaf, logits = cache
        return torch.autograd.grad(logits, leaf, torch.from_numpy(dout))[0].numpy()
    return {"forward": forward, "backward": backward}

# %%
some = shown[1, [2, 4, 5, 8]]
maps = {name: conv.saliency(as_input(x_train[some]), y_train[some], **pair_of(network))
        for name, network in [("trained", model), ("untrained", untrained)]}

# %% tags=["folded"]
fig, axes = plt.subplots(3, 4, figsize=(6, 4.8))
plots.images(axes[0], x_train[some])
for row, name in zip(axes[1:], ["trained", "untrained"]):
    for ax, one in zip(row, maps[name]):
        plots.image(ax, one)                              # each on its own scale
    row[0].set_ylabel(name)
plots.show(fig, alt="Four digits and their saliency maps. Those of the trained network lie more on "
           "and around the strokes. Those of an untrained one, for comparison, are spread over the "
           "whole image.")

# %% [markdown]
# A map always shows *something*. So put it beside one from a network that has learned nothing, and
# measure: which share of it lies within two pixels of the ink, and which share would lie there if
# it were spread evenly? Three seeds, four passes each:

# %%
def share_near_ink(network, images, labels):
    saliency_maps = conv.saliency(as_input(images), labels, **pair_of(network))
    near, _ = conv.max_pool2d_forward(np.pad(images[:, None], [(0, 0), (0, 0), (2, 2), (2, 2)]),
                                      kernel_size=5, stride=1)
    near = near[:, 0] > 0                                             # (B, H, W)
    shares = (saliency_maps * near).sum(axis=(1, 2)) / saliency_maps.sum(axis=(1, 2))
    return shares.mean(), near.mean()

# %%
def taught(seed):
    return trained(lambda: models.fast_cnn((8, 32, 64), dropout=0.25),
                   tensors(x_train[:few], y_train[:few]), epochs=4, seed=seed, progress=False,
                   augment=shifting(2, seed), loss=nn.CrossEntropyLoss(label_smoothing=0.1))[0]

shares = []
for seed in range(3):
    torch.manual_seed(seed)
    fresh = models.fast_cnn((8, 32, 64), dropout=0.25)
    shares.append([share_near_ink(network, x_test[:200], y_test[:200])[0]
                   for network in (fresh, taught(seed))])
before, after = np.array(shares).T                                    # each (3,)
_, evenly = share_near_ink(model, x_test[:200], y_test[:200])
print(f"spread evenly: {evenly:.0%} near the ink")
for seed, (b, a) in enumerate(shares):
    print(f"seed {seed}: near the ink before training ≈ {100 * b:.0f} %, after ≈ {100 * a:.0f} %")

# %% tags=["test"]
assert before.min() > evenly and after.mean() > before.mean() and before.max() > after.min() - 0.1

# %% [markdown]
# An untrained network, too, puts more near the ink than chance would. Training adds to that, with
# one seed hardly anything. And the best of the networks that had learned nothing comes close to the
# worst of those that had, or beats it. So a map that hugs the stroke shows little. It has to be
# compared, and with more than one seed.
#
# ### A shifted digit
#
# A convolution does the same everywhere. Does a CNN then recognise a digit wherever it stands?

# %%
plain = trained(lambda: models.fast_cnn((8, 32, 64), dropout=0.25), train_set, epochs=10,
                loss=nn.CrossEntropyLoss(label_smoothing=0.1))[0]     # all but the shifts
mlp = trained(lambda: models.mlp([784, 256, 10]), tensors(x_train[:few], y_train[:few]),
              epochs=4, lr=0.003)[0]

def to_the_right(images, pixels):
    return np.pad(images, [(0, 0), (0, 0), (pixels, 0)])[:, :, :28]

# %%
shifts = range(7)
moved = [tensors(to_the_right(x_test[:1000], k), y_test[:1000]) for k in shifts]
right = {name: np.array([train.evaluate(network, test) for test in moved]) for name, network in
         [("CNN, trained with shifts", model), ("CNN", plain), ("MLP", mlp)]}

# %% tags=["folded"]
fig, ax = plt.subplots()
for name, values in reversed(right.items()):
    ax.plot(shifts, 100 * values, "o-", label=name)
ax.set(xlabel="pixels to the right", ylabel="test accuracy (%)", ylim=(0, 102))
ax.legend(loc="lower left", fontsize=9)
plots.show(fig, alt="Test accuracy against how far the digits are shifted to the right. The MLP "
           "falls at once and furthest; the CNN holds out for two or three pixels and then falls; "
           "the CNN trained with shifts falls last.")

# %%
lost = {name: values[0] - values[4] for name, values in right.items()}
print("lost four pixels to the right:")
for name, share in lost.items():
    print(f"{name:<24} ≈ {100 * share:.1f} points")

# %% tags=["test"]
assert lost["MLP"] > 0.4 and 0.03 < lost["CNN"] < lost["MLP"] / 2
assert lost["CNN, trained with shifts"] < lost["CNN"]

# %% [markdown]
# (From four pixels on, some digits are cut at the edge; at six, half of them, though little of
# their ink.)
#
# Not wherever. Shift the image, and the maps of a convolution shift with it, but for the edges: it
# is *equivariant*. Pools of stride 2 break that a little, and forgive a pixel or two. But the
# linear layer at the end has its own weight for each place of the map, and was trained on digits in
# the middle. Trained with shifts, it has seen other places.
#
# ### Draw a digit
#
# Digits on your screen are not in the middle, and not of MNIST's size. The makers of MNIST scaled
# each digit's box to 20 pixels on its longer side, then moved its centre of mass to the middle of
# 28 by 28. What you draw must be treated the same way, and `conv.as_mnist` does it. Put to the
# test: enlarge MNIST's own digits ten times, move them somewhere, and see whether they come back.

# %%
def come_back(image):
    canvas = np.pad(np.kron(image, np.ones((10, 10))), ((40, 90), (120, 10)))
    return np.abs(conv.as_mnist(canvas) * image.max() / 255 - image).max() < 1e-9

back = sum(map(come_back, x_train[:500]))
print(f"of 500 digits, {back} come back pixel by pixel")

# %% tags=["test"]
assert back > 490

# %% [markdown]
# Does it matter? Shrink test digits to half their size and put them into a corner:

# %%
small = np.zeros((300, 28, 28))
small[:, 1:15, 1:15] = [conv.area_resize(image, (14, 14)) for image in x_test[:300]]
centred = np.array([conv.as_mnist(image) for image in small])
as_is, after = (train.evaluate(model, tensors(images, y_test[:300])) for images in (small, centred))
print(f"half the size, in a corner: ≈ {100 * as_is:.0f} % right; after as_mnist: ≈ "
      f"{100 * after:.0f} %")

# %% tags=["test"]
assert as_is < 0.4 and after > 0.85

# %% tags=["nbval-ignore-output"]
def classify(picture):
    """The ten probabilities of a picture (28, 28) with ink from 0 to 255."""
    logits = train.predict(model, torch.from_numpy(as_input(picture[None])))
    return torch.softmax(logits, dim=1)[0].numpy()

canvas = widgets.draw_digit(classify)
canvas

# %% tags=["test"]
assert classify(x_test[0]).shape == (10,)

# %% [markdown]
# Draw in the white field, with mouse, pen or finger; or with the keys: the arrows move the pen,
# Space puts it down and lifts it, Delete wipes the field. For those who only read, three drawings,
# made of strokes:

# %% tags=["folded"]
drawings = {name: widgets.rasterise(strokes) for name, strokes in widgets.SAMPLES.items()}
fig, said = widgets.draw_predictions(list(drawings.values()), classify)
plots.show(fig, alt="Three drawings: a small two in a corner, a large seven with a bar, a four at "
           "the lower edge. Below, what the network sees of each, in the middle and of full size, "
           "and the probabilities. The bars of 2, 7 and 4 are the highest.")
print("said:", dict(zip(drawings, said)))

# %% tags=["test"]
assert said == [2, 7, 4]

# %% [markdown]
# ## Check against PyTorch
#
# Convolution and its three gradients, over a grid of strides, paddings, dilations and shapes, with
# a random upstream gradient in each:

# %%
def errors(pair, in_torch, *arrays, **options):
    """Largest relative error of output and gradients, ours against PyTorch's."""
    forward, backward = pair
    out, cache = forward(*arrays, **options)
    dout = np.random.default_rng(0).standard_normal(out.shape)
    leaves = [torch.tensor(a, requires_grad=True) for a in arrays]
    their_out = in_torch(*leaves, **options)
    theirs = torch.autograd.grad(their_out, leaves, torch.from_numpy(dout))
    ours = backward(dout, cache)
    ours = ours if isinstance(ours, tuple) else (ours,)
    return max(gradcheck.relative_error(a, t.detach())
               for a, t in zip((out, *ours), (their_out, *theirs)))

# %%
rng, grid = np.random.default_rng(0), []
for stride, padding, dilation in np.ndindex(3, 3, 2):
    for image, kernel in [((2, 3, 9, 12), (4, 3, 3, 2)), ((3, 1, 8, 7), (2, 1, 1, 4))]:
        arrays = [rng.standard_normal(shape) for shape in (image, kernel, kernel[:1])]
        grid.append(errors((conv.conv2d_forward, conv.conv2d_backward), F.conv2d, *arrays,
                           stride=stride + 1, padding=padding, dilation=dilation + 1))
print(f"conv2d: {len(grid)} settings, largest difference ≈ {max(grid):.0e}")

# %% tags=["test"]
assert max(grid) < 1e-10

# %% [markdown]
# The pools on whole numbers from 0 to 3, so that there are ties everywhere, and batch norm as it is
# in training and in use:

# %%
ties = rng.integers(0, 4, (2, 3, 9, 7)).astype(float)
three, four = rng.standard_normal(3), rng.standard_normal((4, 3, 5, 2))
running = (rng.standard_normal(3), rng.uniform(0.5, 2, 3))
found = {
    "max-pool": max(errors((conv.max_pool2d_forward, conv.max_pool2d_backward), F.max_pool2d, ties,
                           kernel_size=k, stride=s) for k, s in [(2, 2), (3, 2), (3, 1), (2, 3)]),
    "average pool": errors((conv.avg_pool2d_forward, conv.avg_pool2d_backward), F.avg_pool2d, ties,
                           kernel_size=2, stride=2),
    "batch norm": errors((conv.batch_norm_forward, conv.batch_norm_backward),
                         lambda x, g, b: F.batch_norm(x, None, None, g, b, training=True),
                         four, three, three + 1),
    "batch norm in use": errors(
        (lambda *a: conv.batch_norm_forward(*a, running=running), conv.batch_norm_backward),
        lambda x, g, b: F.batch_norm(x, *map(torch.tensor, running), g, b), four, three, three + 1),
}
for name, error in found.items():
    print(f"{name:<18} differs by ≈ {error:.0e}")

# %% tags=["test"]
assert max(found.values()) < 1e-10

# %% [markdown]
# And the whole LeNet, with the weights trained above. Central differences have the last word, along
# five random directions. They need a smooth loss, and a network of ReLUs and pools has kinks. On
# even paper all pixels of a pool's window are tied, so we break the ties with a little noise. And
# the step is smaller than usual, because a small one seldom leads across a kink.

# %%
double = [w.astype(np.float64) for w in numpy_runs[0][1]]
image = as_input(x_test[:1]) + 0.1 * np.random.default_rng(0).standard_normal((1, 1, 28, 28))

def torch_lenet(x, k1, b1, k2, b2, W3, b3, W4, b4):
    for k, b in [(k1, b1), (k2, b2)]:
        x = F.max_pool2d(F.relu(F.conv2d(x, k, b)), 2)
    return F.relu(x.flatten(1) @ W3 + b3) @ W4 + b4

error = errors((conv.lenet_forward, conv.lenet_backward), torch_lenet, image, *double)
print(f"LeNet, output and nine gradients: differ from PyTorch's by ≈ {error:.0e}")

# %% tags=["test"]
assert error < 1e-10

# %%
def agrees(seed):
    try:
        gradcheck.check_direction(conv.lenet_forward, conv.lenet_backward, image, *double,
                                  rng=np.random.default_rng(seed), h=1e-7)
    except gradcheck.GradientError:
        return False
    return True

smooth = sum(agrees(seed) for seed in range(5))
print(f"equal to central differences along ≈ {smooth} of 5 directions")

# %% tags=["test"]
assert smooth >= 4                                        # one may lead across a kink

# %% [markdown]
# ## Claim on trial
#
# Four claims, as they stand in published articles. (In A and B, $a$ is the image; in B, $p$ is what
# the pool gives.)
#
# - **A** · "The convolution is $f_{ij} = \sum_k W_{ik}\, a_{kj} + b_j$."
# - **B** · "Pooling is $p_{ij} = \max_k f_{ij}$."
# - **C** · "Load the images, 28 by 28, and hand them to the convolutional layer."
# - **D** · "The network minimises the squared error $\tfrac12 \sum (y - \hat y)^2$", above code
#   that says `CrossEntropyLoss`.

# %%
def my_opinion():
    """Like {"A": True, "B": True, "C": True, "D": True}."""
    ### BEGIN SOLUTION
    return {"A": False, "B": False, "C": False, "D": False}
    ### END SOLUTION

# %%
print("you said:", my_opinion())

# %% [markdown]
# **A and B**: change one pixel, and count what changes in the output.

# %% tags=["answer"]
rng = np.random.default_rng(0)
a, W, kernel = (rng.uniform(0.1, 1, shape) for shape in [(28, 28), (28, 28), (3, 3)])
nudged = a.copy()
nudged[12, 7] += 1
by_claim = np.argwhere(~np.isclose(W @ nudged, W @ a))
by_sliding = np.argwhere(~np.isclose(slide(nudged, kernel), slide(a, kernel)))
print(f"A: the pixel touches {len(by_claim)} outputs, in column", *set(by_claim[:, 1].tolist()))
print(f"a convolution: it touches {len(by_sliding)}, its neighbourhood")
f = W @ a
pooled = np.max([f for k in range(4)], axis=0)            # no k in f
print(f"B: the maximum over k changes {(pooled != f).sum()} of {f.size} entries")

# %% tags=["test"]
assert len(by_claim) == 28 and set(by_claim[:, 1].tolist()) == {7} and len(by_sliding) == 9

# %% [markdown]
# **C**: a batch of 64 images, one image, and the batch with an axis for the channels.

# %% tags=["answer"]
layer = nn.Conv2d(1, 8, 3)
for shape in [(64, 28, 28), (1, 28, 28), (64, 1, 28, 28)]:
    try:
        print(shape, "becomes", tuple(layer(torch.zeros(shape)).shape))
    except RuntimeError as error:
        refused = str(error)
        print(shape, "is refused: 64 is taken for the number of channels")

# %% tags=["test"]
assert "64 channels" in refused

# %% [markdown]
# **D**: three probabilities, the first class is right; once those of lesson 1, once with a network
# that is sure of the wrong class.

# %% tags=["answer"]
label = torch.tensor([0])
for logits in (torch.log(torch.tensor([[0.7, 0.2, 0.1]])), torch.tensor([[-6.0, 6.0, 0.0]])):
    logits.requires_grad_()
    squared = 0.5 * ((F.one_hot(label, 3) - torch.softmax(logits, dim=1))**2).sum()
    for name, loss in [("squared error", squared), ("CrossEntropyLoss", F.cross_entropy(logits,
                                                                                         label))]:
        slope = torch.autograd.grad(loss, logits, retain_graph=True)[0]
        print(f"{name:<17} {loss.item():7.3f}, largest slope {slope.abs().max():.4f}")

# %% [markdown]
# **A** is a matrix product: a pixel reaches its whole column and no other, so there is no
# neighbourhood and no sliding. (A convolution can be *written* as a matrix product, as in section
# 2, but of other matrices.) **B** has no $k$ under its maximum, so it does nothing. **C** is
# refused; worse, with a batch of *one* image it is accepted, and the batch is taken for the
# channel. **D** is another loss, with other values. And where the network is sure and wrong, the
# slope of the squared error has all but gone, when it is needed most.
#
# Repair A and B: `a` is one image, `W` a kernel, `b` a number; the pool has windows of 2 by 2, side
# by side.

# %%
def repaired_layer(a, W, b):
    """Return f, the convolution of a with W, plus b; and p, its max-pool."""
    ### BEGIN SOLUTION
    KH, KW = W.shape
    f = np.array([[(W * a[i:i + KH, j:j + KW]).sum() + b for j in range(a.shape[1] - KW + 1)]
                  for i in range(a.shape[0] - KH + 1)])
    p = np.array([[f[i:i + 2, j:j + 2].max() for j in range(0, f.shape[1] - 1, 2)]
                  for i in range(0, f.shape[0] - 1, 2)])
    return f, p
    ### END SOLUTION

# %%
def judge_repair(layer):
    rng = np.random.default_rng(0)
    a, W, b = rng.standard_normal((9, 12)), rng.standard_normal((3, 2)), 0.5
    out = layer(a, W, b)
    if out is None:
        return print("○ not repaired yet")
    f, _ = conv.conv2d_forward(a[None, None], W[None, None], np.array([b]))
    p, _ = conv.max_pool2d_forward(f, kernel_size=2)
    print(gradcheck.verdict("f", out[0], f[0, 0]))
    print(gradcheck.verdict("p", out[1], p[0, 0]))

judge_repair(repaired_layer)

# %% [markdown]
# ## What can go wrong
#
# **A network left in training mode.** Batch norm then uses the mean of whatever batch it is shown.
# Show it the test digits sorted, all zeros first, so that a batch of 50 holds one digit only, or
# two. (Dropout stays off, so that only batch norm is on trial.)

# %%
by_digit = np.argsort(y_test[:1000], kind="stable")
x_sorted, y_sorted = tensors(x_test[:1000][by_digit], y_test[:1000][by_digit])

def share_right(network):
    with torch.no_grad():
        said = torch.cat([network(part).argmax(dim=1) for part in x_sorted.split(50)])
    return (said == y_sorted).float().mean().item()

in_use, remembered = share_right(plain.eval()), plain[2].running_mean.clone()
for layer in plain:
    layer.train(isinstance(layer, nn.BatchNorm2d))
in_training = share_right(plain)
moved_by = (plain.eval()[2].running_mean - remembered).abs().max().item()
print(f"in use ≈ {100 * in_use:.1f} % right, left in training ≈ {100 * in_training:.1f} %")
print(f"and a mean that batch norm remembers has moved by ≈ {moved_by:.0e}")

# %% tags=["test"]
assert in_use - in_training > 0.03 and moved_by > 0

# %% [markdown]
# Nothing in the training log would tell you. Call `model.eval()` before you use a model, and
# `model.train()` before you train on.
#
# **A check that cannot fail.** Here is a backward of batch norm that returns zeros for `dx`. With
# an upstream gradient of ones it is *right*, because ones ask for the one thing that batch norm
# takes out. With a random one it is caught:

# %%
def lazy_backward(dout, cache):
    _, dgamma, dbeta = conv.batch_norm_backward(dout, cache)
    return np.zeros_like(dout), dgamma, dbeta

args = rng.standard_normal((6, 3)), rng.standard_normal(3), rng.standard_normal(3)
out, cache = conv.batch_norm_forward(*args)
ones = np.ones_like(out)
largest = np.abs(conv.batch_norm_backward(ones, cache)[0]).max()
print(f"upstream gradient of ones: the largest entry of the true dx is {largest:.0f}")
try:
    gradcheck.check_backward(conv.batch_norm_forward, lazy_backward, *args, rng=rng)
except gradcheck.GradientError:
    print("random upstream gradient: caught")

# %% tags=["test"]
assert largest < 1e-12

# %% [markdown]
# **A softmax too many.** `F.cross_entropy` wants logits. Give it probabilities, and it makes
# probabilities of those. Nothing complains. Here is a network that is certain, and right:

# %%
certain, label = torch.tensor([[100.0] + 9 * [0.0]]), torch.tensor([0])
twice = F.cross_entropy(certain.softmax(dim=1), label).item()
print(f"logits: {F.cross_entropy(certain, label):.3f}, probabilities: {twice:.3f}")

# %% tags=["test"]
assert abs(twice - np.log(np.e + 9) + 1) < 1e-3

# %% [markdown]
# With ten classes such a loss never falls below 1.461, however good the network. If yours gets
# stuck there, look for the second softmax.

# %% [markdown]
# **An augmentation that changes the label.** Mirrored photos of cats are cats. Mirrored digits are
# another matter:

# %%
mirrored = train.predict(model, tensors(x_test[:, :, ::-1].copy(), y_test)[0]).argmax(dim=1).numpy()
kept = np.array([(mirrored[y_test == digit] == digit).mean() for digit in range(10)])
print("mirrored, at least three in four still right:", np.flatnonzero(kept > 0.75))
print("less than one in two:", np.flatnonzero(kept < 0.5))

# %% tags=["test"]
assert {0, 1, 8} <= set(np.flatnonzero(kept > 0.75)) and {2, 7} <= set(np.flatnonzero(kept < 0.5))

# %% [markdown]
# Ask of each augmentation: would a person still give it the same label?

# %% [markdown]
# ## Summary
#
# - A convolution assumes that neighbours belong together and that what is worth finding in one
#   place is worth finding in another. Where that fits, it beats networks with many times the
#   parameters; where it does not (shuffled pixels), the advantage is gone.
# - Written as one matrix product it is fast. Its backward pass asks each pixel which outputs it
#   touched, and adds up what they pass back.
# - Max-pool passes the gradient to the largest. Batch norm's gradient has no part along what mean
#   and deviation would take out.
# - Overfit 50 images first. Choose on held-out data, show the spread over seeds, and know how
#   uncertain one measured accuracy is.
# - Convolution moves with the image; the network as a whole does not. Feed it what it was trained
#   on: the same size, the same place, the same scale of the ink.

# %% [markdown]
# ## Exercises
#
# | | write | points |
# |---|---|---|
# | 4.1 | `output_size` | 1 |
# | 4.2 | `conv2d_forward` | 3 |
# | 4.3 | `conv2d_backward` | 4 |
# | 4.4 | `max_pool2d_and_grad` | 3 |
# | 4.5 | `batch_norm_backward` | 3 |
# | 4.6 | `random_shift` | 2 |
# | 4.7 | `dropout_and_grad` | 2 |
# | 4.8 | `saliency` | 2 |
#
# `course progress` in a terminal shows which of yours are done.

# %% [markdown]
# ## References
#
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner (1998), *Gradient-based learning applied to document
#   recognition*, Proceedings of the IEEE 86. LeNet, MNIST, and how its digits were scaled and
#   centred (section III.A).
# - I. Goodfellow, Y. Bengio, A. Courville (2016), *Deep Learning*, chapter 9. Our (1) is its
#   (9.6), but for the bias.
# - V. Dumoulin, F. Visin (2016), *A guide to convolution arithmetic for deep learning*. Exercise
#   4.1.
# - S. Ioffe, C. Szegedy (2015), *Batch normalization*, ICML. Our (6) is its algorithm 1; (7) is its
#   section 3, gathered into one line.
# - N. Srivastava et al. (2014), *Dropout*, JMLR 15. C. Szegedy et al. (2016), *Rethinking the
#   Inception architecture*, CVPR. Label smoothing (section 7).
# - S. Santurkar, D. Tsipras, A. Ilyas, A. Madry (2018), *How does batch normalization help
#   optimization?*, NeurIPS.
# - K. Simonyan, A. Vedaldi, A. Zisserman (2014), *Deep inside convolutional networks: visualising
#   image classification models and saliency maps*, ICLR workshop.
#   J. Adebayo et al. (2018), *Sanity checks for saliency maps*, NeurIPS. The untrained network.
# - I. Sobel, G. Feldman (1968). The edge kernel, in a talk at the Stanford Artificial Intelligence
#   Project.
# - F. Chollet (2018), *Deep Learning with Python*, section 5.1. The network of section 5; the book
#   trains it with RMSprop.
#
# **Next:** [5 · Remember what came before, with recurrent networks](05_rnn_lstm.ipynb)
