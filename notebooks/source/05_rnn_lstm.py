# %% [markdown]
# # 5 · Remember what came before, with recurrent networks
#
# An image arrives all at once. A text arrives one letter after the other, and what the next one
# will be depends on those before, sometimes on one far back. A recurrent network reads step by step
# and keeps a memory. You will write a step of three of them, and the way back through time, and
# measure how far their memory reaches. Then they learn to write, and to tell praise from complaint.
#
# [Open in Colab]({colab}) · [Open on Binder]({binder})

# %% [markdown]
# ## What you will do
#
# 1. Predict the next letter by counting. A network must be measured against that.
# 2. Write a step of the RNN, the LSTM and the GRU, and go backward through time.
# 3. Measure how much of a gradient arrives after 10, 50, 100 steps.
# 4. Let them solve two tasks that need a memory.
# 5. Train a language model, letter by letter, and let it write.
# 6. Give words vectors, so that related words are close together.
# 7. Classify texts with a bidirectional LSTM, and compare it with a simple baseline.

# %% [markdown]
# ## What you need
#
# Lessons 1 to 4: backpropagation in arrays, Adam, clipping, the training loop in PyTorch. About
# four hours with the exercises. The notebook itself runs in two to three minutes on two cores and
# stays below 1.2 GB; with the larger texts it takes longer. A GPU is not needed.

# %% [markdown]
# ## Symbols and shapes
#
# | symbol | meaning |
# |---|---|
# | $B$, $T$, $D$ | sequences in a batch, steps, numbers that go in at each step |
# | $H$ | numbers in the state, the network's memory |
# | $V$, $E$ | tokens in the vocabulary; numbers in a token's vector |
# | $x_t$, $h_t$, $c_t$ | input and state after step $t$, `(B, D)` and `(B, H)`; the LSTM's cell |
# | $W_x$, $W_h$, $b$ | weights on the input and on the old state, `(D, H)` and `(H, H)`; bias |
# | $i$, $f$, $o$, $g$ | the LSTM's input, forget and output gate; its candidate |
# | $r$, $z$, $n$ | the GRU's reset and update gate; its candidate |
# | $\sigma$ | the sigmoid |
# | $\tau$, $z_k$ | temperature; logit of token $k$, in (9) |
# | $u$, $v$, $K$ | a word's vector; its context vector; number of negative samples |
# | $\odot$ | multiply entry by entry |
# | `# (B, T, H)` | shape of the array made on that line |

# %%
try:
    import course_lib
except ModuleNotFoundError:  # opened on its own, as on Colab: fetch the library, nothing else
    # If that fails: download the whole course from {repository}, and open the lesson in there.
    get_ipython().run_line_magic("pip", "install -q git+{repository}")

# %%
import bz2
import re
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import sklearn
import torch
from torch import nn
from torch.nn import functional as F

import course_lib.gradcheck as gradcheck
import course_lib.optim as optim
from course_lib import data, language, layers, metrics, models, plots, recurrent, train, widgets
from course_lib.checks import case, check, hint, predict, solution

# %% [markdown]
# ## 1. Baselines: what counting can do
#
# The next line loads a text and says which. Where nothing can be downloaded it is one that was
# written for this course: dialogues and letters about learning machines. Otherwise it is
# Shakespeare.

# %%
text = data.text_corpus()

# %%
characters = language.make_vocabulary(text)
ids = language.encode(text, characters)                               # (number of characters,)
V = len(characters)
print(text[:226])
print(f"\n{V} different characters; the first ones as numbers: {ids[:12]}")

# %% [markdown]
# A *language model* gives each possible next character (or word: one says *token*) a probability,
# knowing what came before. Multiplied, these are the probability of the whole text:
#
# $$p(x_1, \dots, x_T) = \prod_{t=1}^{T} p(x_t \mid x_1, \dots, x_{t-1}) \tag{1}$$
#
# We hold every tenth block of 1,000 characters back, to test on.

# %%
held_out = np.arange(len(ids)) // 1000 % 10 == 9
train_ids, test_ids = ids[~held_out], ids[held_out]
print(f"held back: {held_out.mean():.0%}")

# %% [markdown]
# How good is a model? Take the mean of $-\log p$ over the tokens of the test text. That is the
# cross-entropy of lesson 1. Its exponential is called the *perplexity*:
#
# $$\text{perplexity} = \exp\Bigl(-\frac{1}{T} \sum_t \log p_t \Bigr) \tag{2}$$
#
# where $p_t$ is the probability that the model gave to the token that then came. It reads as a
# number of choices. A model that is always torn between four equally probable tokens has perplexity
# 4, a perfect one has 1.
#
# **Predict.** In nine cases out of ten a model gives the right token the probability 1/2. In the
# tenth it gives it only 1/1000. What is its perplexity?

# %%
predict("5.A", None)

# %% [markdown]
# ### Exercise 5.1 · perplexity · 1 point · 10 minutes

# %%
def perplexity(p):
    """Formula (2): p (T,) holds the probability of each token that came; if one is 0, infinity."""
    ### BEGIN SOLUTION
    return np.exp(-np.log(p).mean())
    ### END SOLUTION

# %%
check("5.1", perplexity)

# %% tags=["answer"]
p = np.array([0.5] * 9 + [0.001])
print(f"nine times 1/2, once 1/1000: {metrics.perplexity(p):.2f}")

# %% [markdown]
# Now the baselines. The first model gives every character the same probability. The second, the
# *unigram* model, knows how often each occurs. The *bigram* model has counted which character
# follows which. To each count it adds 0.1, so that a pair that it has never seen is improbable, but
# not impossible:

# %%
def bigram_probabilities(ids, V, *, add=0.1):
    """How probable each token is after each, counted: row, the one before; column, the next."""
    if not 0 < add < np.inf or ids.ndim != 1 or not ((ids >= 0) & (ids < V)).all():
        raise ValueError(f"add is {add}, ids have shape {ids.shape}: give add above 0, and a row "
                         f"of ids from 0 to V - 1 = {V - 1}")
    counts = np.full((V, V), add)
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    return counts / counts.sum(axis=1, keepdims=True)

bigram = bigram_probabilities(train_ids, V)                           # (V, V)
after_q = bigram[characters.index("q")]
print("after q most often comes:", characters[after_q.argmax()])

# %% [markdown]
# Looking at two, three or four characters before is the same, with larger tables. Most long
# contexts never occur, so each table leans on the one before it: it pretends to have seen five more
# examples of each context, spread as the shorter context would have it.

# %%
unigram = (np.bincount(train_ids, minlength=V) + 0.1) / (len(train_ids) + 0.1 * V)
known = 4                                                 # the longest context, for all models
now = test_ids[known:]                                    # the characters to be guessed

def contexts(ids, n):
    """Each run of n characters, as one whole number."""
    return np.lib.stride_tricks.sliding_window_view(ids, n) @ V ** np.arange(n)[::-1]

def times_seen(wanted, seen):
    """How often each of some numbers is among others."""
    values, counts = np.unique(seen, return_counts=True)
    place = np.searchsorted(values, wanted).clip(max=len(values) - 1)
    return np.where(values[place] == wanted, counts[place], 0)

def by_tables(order):
    """Probability of each character to be guessed, from the order - 1 before it."""
    p = bigram[test_ids[known - 1:-1], now]
    for n in range(3, order + 1):
        runs = contexts(test_ids, n)[known + 1 - n:]
        p = ((times_seen(runs, contexts(train_ids, n)) + 5 * p)
             / (times_seen(runs // V, contexts(train_ids[:-1], n - 1)) + 5))
    return p

# %%
baselines = {"any": np.full(len(now), 1 / V), "unigram": unigram[now],
             **{f"{n}-gram": by_tables(n) for n in (2, 3, 4, 5)}}
for name, p in baselines.items():
    print(f"{name:<8} perplexity {metrics.perplexity(p):6.2f}")
print(f"always the most frequent character: {(now == unigram.argmax()).mean():.0%} right")

# %% tags=["test"]
assert metrics.perplexity(baselines["2-gram"]) < metrics.perplexity(baselines["unigram"]) / 1.5

# %% [markdown]
# (A bigram is a 2-gram.) The most frequent character is the space, and to guess it always is a
# *majority* guess. Each further character of memory helps, less and less. A table knows only what
# it has seen: two contexts that are alike, but not equal, share nothing but their last letters, and
# what stands ten characters back is out of reach. For that, something must remember that is not a
# table.

# %% [markdown]
# ## 2. A step, and back through time
#
# A *recurrent network* (RNN) has a state, $H$ numbers. At each step it makes a new one out of the
# input and the old one:
#
# $$h_t = \tanh(x_t W_x + h_{t-1} W_h + b) \tag{3}$$
#
# The same weights serve at every step, as a kernel serves at every place of an image. The state is
# all that the network knows of the past. It is also its output: a linear layer on $h_t$ predicts
# whatever is wanted.
#
# A step is two linear layers, added, and a tanh. You have all its parts from lesson 1.
#
# ### Exercise 5.2 · rnn_step_and_grad · 2 points · 20 minutes

# %%
def rnn_step_and_grad(x, h, Wx, Wh, b, dout):
    """Return out, dx, dh, dWx, dWh, db: the new state (3), and gradients; dout is that of out."""
    ### BEGIN SOLUTION
    out = np.tanh(x @ Wx + h @ Wh + b)                                # (B, H)
    dz = dout * (1 - out**2)
    return out, dz @ Wx.T, dz @ Wh.T, x.T @ dz, h.T @ dz, dz.sum(axis=0)
    ### END SOLUTION

# %%
check("5.2", rnn_step_and_grad)

# %% [markdown]
# Unrolled in time, the loop is a deep network, with one layer for each step:

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(6, 2.8))
plots.unrolled(ax, 4)
plots.show(fig, alt="A recurrent network over four steps. Blue arrows lead from each input up to "
           "its state, from each state up to its output and right to the next state. Beside each, "
           "an orange dashed arrow leads back.")

# %% [markdown]
# Blue goes forward, orange is the gradient on its way back. Look at what arrives at a state, say
# $h_2$. It was used twice: as the output of step 2, and as the input of step 3. So its gradient is
# a sum of two, and *backpropagation through time* is nothing but that, from the last step to the
# first:
#
# $$\text{d}h_t = \text{dout}_t + \bigl[\text{d}h \text{ that step } t+1 \text{ hands back}\bigr]
# \tag{4}$$
#
# The weights were used at *every* step. So their gradients are sums over all steps:
# $\text{d}W_h = \sum_t \text{d}W_h^{(t)}$, and so are those of $W_x$ and $b$. That is the rule of
# lesson 1, and the one thing that is easily forgotten here: gradients of several uses add.
#
# What is read out depends on the task. A language model needs an output at every step. A classifier
# of texts needs the last state only. To translate, one network reads a sentence to its end, and a
# second one starts from that last state and writes. (The copy task of section 4 is a small
# translation.) So gradients may come from all outputs, from the last state, or from both. And
# networks can be stacked: the states of one are the inputs of the next. In PyTorch that is
# `num_layers`; here one layer will do.
#
# #### Exercise 5.3 · rnn_backward · 4 points · 30 minutes
#
# The forward pass has kept the cache of each step, in a list. `dout` has two parts: the gradient of
# the outputs of all steps, and that of the last state, in case something else goes on from there.
# For one step back there is `recurrent.rnn_step_backward(upstream, cache[t])`.

# %%
def rnn_backward(dout, cache):
    """Return dx (B, T, D), dh (B, H) for the state before the first step, dWx, dWh, db.

    dout is (doutputs, dlast), of shapes (B, T, H) and (B, H); cache is a list of T caches.
    """
    ### BEGIN SOLUTION
    doutputs, dh = dout
    dxs, dWx, dWh, db = [], 0, 0, 0
    for t in reversed(range(len(cache))):
        upstream = doutputs[:, t] + dh                                            # (4)
        dx, dh, *grads = recurrent.rnn_step_backward(upstream, cache[t])
        dWx, dWh, db = (a + g for a, g in zip((dWx, dWh, db), grads))
        dxs.append(dx)
    return np.stack(dxs[::-1], axis=1), dh, dWx, dWh, db
    ### END SOLUTION

# %%
check("5.3", rnn_backward)

# %% [markdown]
# ### A memory that is not overwritten
#
# The way back from step $T$ to step $t$ leads through $T - t$ steps. Each multiplies the gradient
# by $W_h^\top$ and by the slope of tanh. What that does in the long run can be seen with a single
# number:

# %%
for factor in (0.7, 1.0, 1.3):
    print(f"{factor} times itself: 10 factors {factor**10:7.3f}, 50 factors {factor**50:10.3g}")

# %% [markdown]
# Unless the factor is 1, either nothing arrives or far too much. The *LSTM* (long short-term
# memory) has a second state for this, the *cell* $c$. A step does not replace it. It keeps a share
# of it and adds something:
#
# $$c_t = f \odot c_{t-1} + i \odot g \tag{5}$$
# $$h_t = o \odot \tanh(c_t) \tag{6}$$
#
# The *gates* $i$, $f$ and $o$ are shares between 0 and 1, one for each number of the cell: how much
# to take in, how much to keep, how much to show. The *candidate* $g$, from -1 to 1, is what could
# be taken in. All four are made like (3), each with weights of its own; the gates with a sigmoid in
# place of the tanh. One matrix product makes all four at once: $W_x$ has $4H$ columns, in the order
# $i, f, g, o$. That is PyTorch's order.
#
# #### Exercise 5.4 · lstm_step_forward · 2 points · 20 minutes

# %%
def lstm_step_forward(x, h, c, Wx, Wh, b):
    """Return ((h, c), cache): (5), (6), and what the way back will need (it is not checked).

    Wx (D, 4 H), Wh (H, 4 H), b (4 H,): input gate, forget gate, candidate, output gate.
    """
    ### BEGIN SOLUTION
    i, f, g, o = np.split(x @ Wx + h @ Wh + b, 4, axis=1)             # (B, H) each
    i, f, o = (layers.sigmoid_forward(gate)[0] for gate in (i, f, o))
    g = np.tanh(g)
    new_c = f * c + i * g                                             # (5)
    shown = np.tanh(new_c)
    return (o * shown, new_c), (x, h, c, Wx, Wh, i, f, g, o, shown)   # (6)
    ### END SOLUTION

# %%
check("5.4", lstm_step_forward)

# %% [markdown]
# Backward, begin with the cell. It goes on in two ways: along (5) to the next step, which hands
# back $\text{d}c$, and through (6). Add both. Then each gate gets its share, passes it through the
# slope of its sigmoid (the candidate: of its tanh), and from there it is the linear part of 5.2
# again. What goes to the step before along the cell is $\text{d}c \odot f$. No matrix and no tanh
# is on that way. (The first LSTM, of 1997, had no forget gate: there the factor was 1.)
#
# #### Exercise 5.5 · lstm_step_backward · 4 points · 35 minutes

# %%
def lstm_step_backward(dout, cache):
    """Return dx, dh, dc, dWx, dWh, db; dout is (dh, dc), for the two outputs.

    cache is (x, h, c, Wx, Wh, i, f, g, o, shown): the inputs, gates and candidate as they came
    out of sigmoid and tanh, and shown, tanh of the new cell.
    """
    ### BEGIN SOLUTION
    dh, dc = dout
    x, h, c, Wx, Wh, i, f, g, o, shown = cache
    dc = dc + dh * o * (1 - shown**2)
    dgates = [dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g**2),
              dh * shown * o * (1 - o)]
    dz = np.concatenate(dgates, axis=1)                               # (B, 4 H)
    return dz @ Wx.T, dz @ Wh.T, dc * f, x.T @ dz, h.T @ dz, dz.sum(axis=0)
    ### END SOLUTION

# %%
check("5.5", lstm_step_backward)

# %% [markdown]
# ### The GRU
#
# The *gated recurrent unit* gets by with one state and two gates. The update gate $z$ says which
# share of the old state stays; the candidate $n$ gets the rest. The reset gate $r$ says how much of
# the old state the candidate may see:
#
# $$n = \tanh\bigl(x_t W_x^{(n)} + b_x^{(n)} +
# r \odot (h_{t-1} W_h^{(n)} + b_h^{(n)})\bigr) \tag{7}$$
# $$h_t = (1 - z) \odot n + z \odot h_{t-1} \tag{8}$$
#
# The gates are $r = \sigma(x_t W_x^{(r)} + b_x^{(r)} + h_{t-1} W_h^{(r)} + b_h^{(r)})$, with the
# sigmoid $\sigma$, and $z$ likewise. Because $r$ comes between the two parts of (7), each part has
# its own bias.
#
# #### Exercise 5.6 · gru_step_forward · 2 points · 20 minutes

# %%
def gru_step_forward(x, h, Wx, Wh, bx, bh):
    """Return the new state (8), and a cache if you like.

    Wx (D, 3 H), Wh (H, 3 H), bx and bh (3 H,): reset gate, update gate, candidate.
    """
    ### BEGIN SOLUTION
    ar, az, an = np.split(x @ Wx + bx, 3, axis=1)                     # the input's part
    ur, uz, un = np.split(h @ Wh + bh, 3, axis=1)                     # the old state's part
    r, z = layers.sigmoid_forward(ar + ur)[0], layers.sigmoid_forward(az + uz)[0]
    n = np.tanh(an + r * un)                                          # (7)
    return (1 - z) * n + z * h                                        # (8)
    ### END SOLUTION

# %%
check("5.6", gru_step_forward)

# %% [markdown]
# The library has all three for whole sequences, each as a pair: `recurrent.rnn_forward` and
# `rnn_backward`, and the same for `lstm` and `gru`. Below, all their gradients are compared with
# PyTorch's.

# %% [markdown]
# ## 3. How much of a gradient arrives
#
# Can a network learn that something early matters for the end? Only if the gradient of the end
# arrives there. So measure it: nudge the state after step $T - k$, and see how far $h_T$ moves. The
# derivative is a matrix. Its largest singular value is the factor by which it stretches a nudge in
# the most sensitive direction.
#
# `recurrent.gradient_flow` computes it for each $k$, by going back through time from each number of
# $h_T$. For the LSTM the state is $h$ and $c$ together. First the RNN, with its $W_h$ as PyTorch
# would draw it, and with the same times 2 and times 3. Five networks each, on random inputs (a line
# is the median, the band around it runs from the smallest to the largest):

# %%
def flows(kind, T=100, D=16, H=32, **options):
    """Gradient flow of five random networks, each on a random sequence: (5, T)."""
    found = []
    for rng in map(np.random.default_rng, range(5)):
        weights = recurrent.initialise_recurrent(kind, D, H, rng=rng, **options)
        found.append(recurrent.gradient_flow(kind, weights, rng.standard_normal((T, D))))
    return np.array(found)

steps = np.arange(1, 101)
rnn = {gain: flows("RNN", gain=gain) for gain in (1, 2, 3)}

# %%
for gain, runs in rnn.items():
    far = runs[:, 49]
    print(f"weights times {gain}, 50 steps back: ≈ {far.min():.0e} to {far.max():.0e}")

# %% tags=["folded"]
fig, ax = plt.subplots()
for (gain, runs), style in zip(rnn.items(), ["-", "--", ":"]):
    plots.band(ax, steps, runs, label=f"RNN, weights times {gain}", color=plots.BLUE,
               linestyle=style)
ax.set(yscale="log", ylim=(1e-15, 1e5), xlabel="steps back, k", ylabel="size of the derivative")
ax.legend(loc="center right", bbox_to_anchor=(1, 0.32))
plots.show(fig, alt="Size of the derivative of the last state by the state k steps before, for "
           "RNNs. As drawn it falls below 1e-15 after some 60 steps. Times 2 it falls slowly, "
           "times 3 it grows, with a large spread.")

# %% tags=["test"]
assert (rnn[1][:, 49] < 1e-6).all() and (rnn[3][:, 49] > 1).all()

# %% [markdown]
# The gradient *vanishes* or it *explodes*. Times 2 lies in between, but loses too, and training
# moves the weights. Now the LSTM. Along its cell the gradient is multiplied by the forget gate at
# each step, and by nothing else. How large is the gate, before anything is learned? Its weights are
# small, so it is about the sigmoid of its bias.
#
# **Predict.** With forget bias 1, and nothing taken in: after how many steps is less than 1 % of a
# cell left?

# %%
predict("5.B", None)

# %% tags=["answer"]
for bias in (0, 1, 3):
    gate = layers.sigmoid_forward(np.array(float(bias)))[0]
    print(f"forget bias {bias}: gate {gate:.2f}, left after 10 steps {gate**10:.3f}, "
          f"after 50 {gate**50:.0e}; below 1 % after {np.ceil(np.log(0.01) / np.log(gate)):.0f}")

# %% tags=["answer"]
gated = {"GRU": flows("GRU")}
for bias in (0, 1, 3):
    gated[f"LSTM, forget bias {bias}"] = flows("LSTM", forget_bias=bias)

# %% tags=["answer", "folded"]
fig, ax = plt.subplots()
for name, runs in {"RNN": rnn[1], **gated}.items():
    plots.band(ax, steps, runs, label=name, **plots.NETWORKS[name])
ax.set(yscale="log", ylim=(1e-15, 1e5), xlabel="steps back, k", ylabel="size of the derivative")
ax.legend(fontsize=9)
plots.show(fig, alt="Size of the derivative by steps back for RNN, GRU and LSTM with forget bias "
           "0, 1 and 3. RNN, GRU and LSTM with bias 0 fall steeply, with bias 1 slowly; with bias "
           "3 it starts near 0.6 and rises to about 7.")

# %% tags=["answer"]
at_50 = {name: runs[:, 49] for name, runs in {"RNN": rnn[1], **gated}.items()}
for name, sizes in at_50.items():
    print(f"{name:<20} after 50 steps, powers of ten: {np.log10(np.median(sizes)):6.1f} "
          f"(from {np.log10(sizes.min()):.1f} to {np.log10(sizes.max()):.1f})")

# %% tags=["test"]
assert (at_50["LSTM, forget bias 0"] < 1e-8).all() and (at_50["LSTM, forget bias 3"] > 1).all()
assert (at_50["GRU"] < 1e-8).all() and (at_50["LSTM, forget bias 1"] < 0.01).all()
assert 3 < np.median(gated["LSTM, forget bias 3"][:, 99]) < 15

# %% [markdown]
# An LSTM with forget bias 0 loses the gradient about as fast as a GRU. Among these LSTMs it is the
# *bias* that opens the way; the architecture only makes such a bias possible. PyTorch's own LSTM
# starts with a bias near 0. Keep this in mind for the claim on trial.
#
# What is measured is more than the gate alone would leave. The gates move with the input, the
# largest singular value picks the best direction, and a second way leads through $h$. With bias 3
# the derivative even grows, over 100 steps to about 7: nothing in an LSTM keeps gradients from
# exploding.

# %% tags=["nbval-ignore-output"]
explorer = widgets.explore_flow()
explorer

# %% tags=["test"]
assert "starts near 0.73" in explorer.sentence

# %% [markdown]
# Above you can turn both knobs. For those who only read, two of its settings:

# %% tags=["folded"]
for bias in (2, 5):
    fig, sentence = widgets.draw_flow(100, bias)
    plots.show(fig, alt=f"Size of the derivative by steps back. {sentence}")
    print(sentence.split(". ")[0])

# %% [markdown]
# ### Clipping
#
# Exploding gradients have a simple cure, clipping by the global norm (exercise 3.6): too long a
# gradient is shortened, its direction kept. Here are the gradients of $W_h$ for 200 random
# sequences, in an RNN that explodes:

# %%
weights = recurrent.initialise_recurrent("RNN", 16, 32, rng=np.random.default_rng(0), gain=3)

def gradient_of_Wh(rng, T=60):
    x, h = rng.standard_normal((1, T, 16)), np.zeros((1, 32))
    (outputs, last), cache = recurrent.rnn_forward(x, h, *weights)
    dout = np.zeros_like(outputs), rng.standard_normal(last.shape)    # the loss looks at the end
    return recurrent.rnn_backward(dout, cache)[3]

gradients = [gradient_of_Wh(np.random.default_rng(seed)) for seed in range(200)]
norms = np.array([np.linalg.norm(g) for g in gradients])
clipped = [optim.clip_by_global_norm([g], max_norm=1.0)[0] for g in gradients]
print(f"median length ≈ {np.median(norms):.0f}, longest ≈ {norms.max():.0f}")
print(f"longest after clipping: {max(np.linalg.norm(g) for g in clipped):.2f}")

# %% tags=["test"]
assert norms.max() > 10 * np.median(norms)

# %% [markdown]
# In plain gradient descent one such gradient can undo many good steps. For vanishing gradients
# there is no such cure: what has not arrived cannot be scaled up.
#
# ### Truncation, and what it leaves out
#
# A text of a million characters cannot be unrolled whole. One cuts it into pieces of $k$ steps. The
# state is handed on from piece to piece, the gradient is not: *truncated* backpropagation through
# time. (In PyTorch: hand on `state.detach()`. Without it the second backward pass would enter the
# first piece again, and PyTorch refuses.) What reaches further back than the cut is left out. How
# much is that?
#
# To see it, take a loss that asks, at the end of 60 steps, for a sum over all of them: of the first
# of the four numbers that go in at each step. And average the gradient over many sequences, so that
# noise does not matter. When only the last $k$ steps pass gradients back, how far is the gradient
# of $W_h$ from the full one?

# %%
def gradient_from_the_last(k, kind, weights, x, w):
    """Gradient of Wh for the loss (h_T w - sum of x)² / 2, with gradients of the last k steps."""
    forward, backward = (getattr(recurrent, f"{kind.lower()}_{way}") for way in ("forward",
                                                                                "backward"))
    state = [np.zeros((len(x), len(w)))] * (2 if kind == "LSTM" else 1)
    if k < x.shape[1]:
        (_, *state), _ = forward(x[:, :-k], *state, *weights)         # read, but not gone back
    (outputs, *last), cache = forward(x[:, -k:], *state, *weights)
    wrong = last[0] @ w - x[:, :, 0].sum(axis=1)                      # (B,)
    dlast = [wrong[:, None] * w / len(x), *[np.zeros_like(s) for s in last[1:]]]
    grads = backward((np.zeros_like(outputs), *dlast), cache)         # dx, states, dWx, dWh, ...
    return grads[2 + len(state)]

pieces = [1, 2, 5, 10, 20, 30, 60]

def left_out(kind, rng, n=128, **options):
    """Relative error of the gradient, for each k."""
    weights = recurrent.initialise_recurrent(kind, 4, 32, rng=rng, **options)
    x, w = rng.standard_normal((n, 60, 4)), rng.standard_normal(32) / np.sqrt(32)
    *parts, full = (gradient_from_the_last(k, kind, weights, x, w) for k in pieces)
    return [np.linalg.norm(part - full) / np.linalg.norm(full) for part in (*parts, full)]

# %%
errors_of = {}
for name, kind, options in [("RNN", "RNN", {}),
                            ("LSTM, forget bias 1", "LSTM", {"forget_bias": 1}),
                            ("LSTM, forget bias 3", "LSTM", {"forget_bias": 3})]:
    errors_of[name] = np.array([left_out(kind, np.random.default_rng(seed), **options)
                                for seed in range(5)])                # (5, pieces)
    print(f"{name:<20} the last 10 steps only: error {np.median(errors_of[name][:, 3]):.0%}")
more = left_out("LSTM", np.random.default_rng(0), n=1024, forget_bias=3)[3]
print(f"the last one with eight times as many sequences: ≈ {100 * more:.0f} %")

# %% tags=["folded"]
fig, ax = plt.subplots()
for name, runs in errors_of.items():
    plots.band(ax, pieces, runs, label=name, **plots.NETWORKS[name])
ax.set(xscale="log", xlabel="steps that pass gradients back, k", xticks=pieces,
       xticklabels=pieces, ylabel="error of the gradient, relative")
ax.minorticks_off()
ax.legend(fontsize=9, ncols=3, loc="lower center", bbox_to_anchor=(0.45, 1), columnspacing=1,
          handlelength=1.6)
plots.show(fig, alt="Relative error of the truncated gradient by the number of steps. It falls to "
           "0 at 60, the whole sequence: at once for the RNN, late for the LSTM with forget bias "
           "3.")

# %% tags=["test"]
assert (errors_of["RNN"][:, 3] < errors_of["LSTM, forget bias 3"][:, 3]).all() and more > 0.5

# %% [markdown]
# More data does not help: it is a bias, not noise. It is largest for the network with the longest
# memory. Short pieces teach a long memory that nothing far away matters.

# %% [markdown]
# ## 4. Two tasks that need a memory
#
# So much for the start. What do these networks *learn*? Two tasks are made so that nothing but a
# memory helps. In the *adding task* two numbers of a sequence are marked, and at the end their sum
# is asked for:

# %%
def adding_task(n, T, *, rng):
    """Numbers and marks, x (n, T, 2); the sum of the two marked numbers, y (n,)."""
    if T < 2:
        raise ValueError(f"T is {T}: two numbers are marked, so give at least 2")
    values, marks, rows = rng.random((n, T)), np.zeros((n, T)), np.arange(n)
    marks[rows, rng.integers(0, T // 2, n)] = 1
    marks[rows, rng.integers(T // 2, T, n)] = 1
    return np.stack([values, marks], axis=2), (values * marks).sum(axis=1)

x, y = adding_task(1, 6, rng=np.random.default_rng(1))
print("numbers", x[0, :, 0].round(2), "marks", x[0, :, 1].astype(int), "sum", y.round(2))

# %% [markdown]
# In the *copy task* a few symbols are shown, then nothing for a while, then a signal, and the
# symbols are to be repeated:

# %%
def copy_task(n, gap, *, rng, length=5, symbols=8):
    """One-hot x (n, length + gap + length, symbols + 2), and the symbols to repeat, y."""
    if gap < 0 or length < 1 or symbols < 1:
        raise ValueError(f"gap is {gap}, length {length}, symbols {symbols}: give a gap of at "
                         "least 0, the others at least 1")
    y = rng.integers(0, symbols, (n, length))
    ids = np.full((n, length + gap + length), symbols)    # the blank
    ids[:, :length] = y
    ids[:, length + gap] = symbols + 1                    # the signal
    return np.eye(symbols + 2)[ids], y

x, y = copy_task(1, 4, rng=np.random.default_rng(0), length=3, symbols=4)
print("shown:", " ".join("abcd_!"[k] for k in x[0].argmax(axis=1)), "  wanted: " + "".join(
    "abcd"[k] for k in y[0]))

# %% [markdown]
# Each step of training gets 64 sequences, drawn anew. In the adding task no two are alike. In the
# copy task below there are only $4^3 = 64$ different ones, so the test has those of the training.
# But whoever has learned them by heart must still remember, across the gap, which one it was. All
# networks have 32 numbers in their state (an LSTM has 32 more in its cell, and more weights). Adam,
# learning rate
# 0.01, gradients clipped to 1, three seeds.

# %%
def loss_of(model, x, y):
    out, y = model(torch.from_numpy(x).float()), torch.from_numpy(y)  # (n, T, outputs)
    if y.ndim == 1:                                       # adding: a number at the last step
        return F.mse_loss(out[:, -1, 0], y.float())
    return F.cross_entropy(out[:, -y.shape[1]:].flatten(0, 1), y.flatten())

def practise(task, size, kind, *, steps, seed, forget_bias=None, **options):
    """Train a new network; the loss on 500 sequences of another draw, after every 50 steps."""
    torch.manual_seed(seed)
    rng, test = np.random.default_rng(seed), task(500, size, rng=np.random.default_rng(99),
                                                  **options)
    D, outputs = test[0].shape[2], 1 if test[1].ndim == 1 else options["symbols"]
    model = models.SequenceModel(kind, D, 32, outputs, forget_bias=forget_bias)
    optimizer, curve = torch.optim.Adam(model.parameters(), lr=0.01), []
    for step in range(1, steps + 1):
        loss = loss_of(model, *task(64, size, rng=rng, **options))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 50 == 0:
            with torch.no_grad():
                curve.append(loss_of(model, *test).item())
    return curve

# %%
networks = {"RNN": ("RNN", None), "LSTM, forget bias 0": ("LSTM", 0.0),
            "LSTM, forget bias 1": ("LSTM", 1.0), "LSTM, forget bias 3": ("LSTM", 3.0),
            "GRU": ("GRU", None)}

def contest(task, size, names, **options):
    return {name: np.array([practise(task, size, networks[name][0], seed=seed,
                                     forget_bias=networks[name][1], **options)
                            for seed in range(3)]) for name in names}         # (3, steps / 50)

def draw_contest(ax, curves, title, chance, label):
    for name, runs in curves.items():
        plots.band(ax, 50 * np.arange(1, runs.shape[1] + 1), runs, label=name,
                   **plots.NETWORKS[name])
    ax.axhline(chance, color="black", linewidth=0.8, label=label)
    ax.set(title=title, xlabel="steps of training", ylabel="test loss", ylim=(0, None))

# %% [markdown]
# Adding, over 30 steps. Without looking at the input it is best to say 1, always. The mean squared
# error is then the variance of the sum of two uniform numbers, 1/6.

# %%
three = ["RNN", "LSTM, forget bias 1", "GRU"]
adding = contest(adding_task, 30, three, steps=300)
_, sums = adding_task(100_000, 30, rng=np.random.default_rng(0))
print(f"always 1            {((sums - 1)**2).mean():.3f}")
for name, runs in adding.items():
    print(f"{name:<20}≈ {runs[:, -1].min():.3f} to {runs[:, -1].max():.3f}, three runs")

# %% tags=["folded"]
fig, ax = plt.subplots()
draw_contest(ax, adding, "adding, 30 steps", 1 / 6, "always 1")
ax.legend(fontsize=9)
plots.show(fig, alt="Test loss in the adding task over 30 steps. The GRU learns it quickly, the "
           "LSTM late or not yet, the RNN stays where no memory would be.")

# %% tags=["test"]
assert adding["GRU"][:, -1].max() < 0.05 and adding["RNN"][:, -1].min() > 0.12

# %% [markdown]
# In 300 steps of training the RNN has not begun. Can it learn at all? Give it a shorter way.
#
# Copying three symbols, each one of four, over a gap of 5 and of 20. A network that remembers
# nothing has the cross-entropy $\log 4$.

# %%
size = {"length": 3, "symbols": 4}
copying = {5: contest(copy_task, 5, three, steps=250, **size),
           20: contest(copy_task, 20, networks, steps=500, **size)}

# %%
last = {name: runs[:, -1] for name, runs in copying[20].items()}
print(f"no memory: {np.log(4):.2f}")
for name, runs in copying[5].items():
    print(f"gap 5, after 100 steps:  {name:<20} ≈ {np.median(runs[:, 1]):.2f}, median of three")
for name, losses in last.items():
    print(f"gap 20, after 500 steps: {name:<20} ≈ {losses.min():.2f} to {losses.max():.2f}")

# %% tags=["folded"]
fig, axes = plt.subplots(1, 2, figsize=(10, 3.2), sharey=True)
for ax, (gap, curves) in zip(axes, copying.items()):
    draw_contest(ax, curves, f"copying, gap {gap}", np.log(4), "no memory")
axes[1].legend(fontsize=9, loc="center left", bbox_to_anchor=(1, 0.5))
plots.show(fig, alt="Test loss in the copy task. Over a gap of 5 all learn it, the RNN first. Over "
           "a gap of 20 the LSTM with forget bias 0 stays at no memory, the one with forget bias 3 "
           "learns it, so does the GRU; the RNN comes part of the way, and so, in some runs, does "
           "the LSTM with bias 1.")

# %% tags=["test"]
assert (last["LSTM, forget bias 0"] > 1.3).all() and (last["LSTM, forget bias 3"] < 0.5).all()
assert (last["RNN"] < 1.3).all()
early = {name: np.median(runs[:, 1]) for name, runs in copying[5].items()}
assert early["RNN"] < min(early[name] for name in three[1:])

# %% [markdown]
# Three surprises. When the gap is short, the plain RNN is *ahead*, perhaps because it has fewer
# weights, and no gates to open first. Over the longer gap the LSTM with forget bias 0 has learned
# nothing at all, less than the RNN; with forget bias 3 the same network learns the task. And the
# GRU, which starts with as little gradient as the LSTM with bias 0, learns it too. How much of the
# gradient arrives at the start is not everything.

# %% [markdown]
# ## 5. A language model, letter by letter
#
# Back to the text. The model: a vector for each character (an *embedding*, a table of $V$ rows that
# is learned), an LSTM, and a linear layer that gives the logits of the next character. The text is
# cut into pieces of 64 characters; the target is the same piece, moved on by one. Each piece starts
# with an empty state. That is simpler than the truncation above, where the state is handed on: here
# nothing further back than 64 characters is ever seen in training. (Vectors of 32 numbers, a state
# of 128, no dropout.)

# %%
device = train.choose_device()   # a GPU if there is one

def cut(ids, T=64):
    """Pieces of T characters, and for each character the one after it: (N, T) twice."""
    n = (len(ids) - 1) // T
    return tuple(torch.from_numpy(ids[k:k + n * T].reshape(n, T)) for k in (0, 1))

def letter_loss(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())   # (B, T, V) and (B, T)

def language_model(train_set, *, seed, epochs):
    torch.manual_seed(seed)
    model = models.LanguageModel(V, dropout=0.0).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    steps = epochs * -(-len(train_set[0]) // 16)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps)
    train.fit(model, train_set, optimizer=optimizer, epochs=epochs, batch_size=16,
              loss=letter_loss, scheduler=scheduler, max_norm=1.0, seed=seed)
    return model

# %%
passes = max(1, round(800_000 / len(train_ids)))   # fewer over a longer text
writers = [language_model(cut(train_ids), seed=seed, epochs=passes) for seed in range(3)]

# %% [markdown]
# To test, the model reads the held-out text from beginning to end, without a cut. (It was not
# trained for that, but no gradient is needed, so it can be done.)

# %%
def probabilities(model, ids):
    """What the model gave to each character that came, but for the first: (T - 1,)."""
    reading = torch.from_numpy(ids[None])
    logits = train.predict(model, reading[:, :-1])[0]                 # (T - 1, V)
    return torch.softmax(logits.double(), dim=1)[range(len(ids) - 1), ids[1:]].numpy()

lstm = [probabilities(model, test_ids)[known - 1:] for model in writers]
mixed = [(p + baselines["5-gram"]) / 2 for p in lstm]
alone, together = ([metrics.perplexity(p) for p in ps] for ps in (lstm, mixed))
counted = {name: metrics.perplexity(p) for name, p in baselines.items()}

# %%
print(f"5-gram model: {counted['5-gram']:.2f}")
print(f"three LSTMs: ≈ {min(alone):.2f} to {max(alone):.2f}")
print(f"the mean of both probabilities: ≈ {min(together):.2f} to {max(together):.2f}")

# %% tags=["folded"]
fig, ax = plt.subplots()
names = ["unigram", "2-gram", "3-gram", "4-gram", "5-gram"]
ax.bar(names, [counted[name] for name in names], color=plots.SKY)
for k, values in [(5, alone), (6, together)]:
    ax.plot([k - 0.15, k, k + 0.15], values, "o", color=plots.GREEN, alpha=0.7)
ax.set(ylabel="perplexity of the test text", ylim=(0, None))
ax.set_xticks(range(7), [*names, "LSTM", "LSTM +\n5-gram"], fontsize=9)
plots.show(fig, alt="Perplexity of the held-out text. Bars: unigram to 5-gram, falling, the last "
           "two almost alike. Points: three LSTMs, about level with the 5-gram model; and the mean "
           "of LSTM and 5-gram, below both.")

# %% tags=["test"]
level = [abs(p / counted["5-gram"] - 1) < 0.05 for p in alone]
assert max(alone) < counted["2-gram"] and (len(ids) > 100_000 or all(level))
assert len(ids) > 100_000 or max(together) < min(min(alone), counted["5-gram"])

# %% [markdown]
# Counting is hard to beat. A table of four characters does as well as our network, and it was made
# in a second: worth knowing before one trains anything. But on a text as short as ours the two know
# different things, and half of each is better than either. (On all of Shakespeare, read once, the
# table is ahead.)
#
# ### How far back does it look?
#
# We wanted a memory because a table cannot reach ten characters back. Does ours? Let the network
# read only the last $k$ characters before the one to be guessed:

# %%
ends = 64 + np.random.default_rng(0).permutation(len(test_ids) - 64)[:500]
reach, after = [1, 2, 4, 8, 16, 64], []
for k in reach:
    rows = torch.from_numpy(np.stack([test_ids[end - k:end] for end in ends]))    # (500, k)
    logits = [train.predict(model, rows)[:, -1].double() for model in writers]    # (500, V) each
    after.append([F.cross_entropy(z, torch.from_numpy(test_ids[ends])).exp().item()
                  for z in logits])
after = np.array(after)                                               # (6, seeds)

# %%
for k, values in zip(reach, after):
    print(f"k = {k:>2}: perplexity ≈ {values.min():.2f} to {values.max():.2f}")

# %% tags=["folded"]
fig, ax = plt.subplots()
plots.band(ax, reach, after.T, label="LSTM", color=plots.GREEN)
ax.set(xscale="log", xlabel="characters it may read, k", ylabel="perplexity", xticks=reach,
       xticklabels=reach, ylim=(0, None))
ax.minorticks_off()
plots.show(fig, alt="Perplexity by the number of characters that the LSTM may read: it falls "
           "steeply up to four, a little up to eight, and is level from there to 64.")

# %% tags=["test"]
gain = 1 - after[-1] / after[3]                           # from 8 to 64 characters
assert (after[0] > 1.5 * after[3]).all() and (len(ids) > 100_000 or (gain < 0.05).all())

# %% [markdown]
# Eight characters, a word and a half. It could keep things for longer: in training it read 64, and
# section 4's networks, with smaller states, kept a symbol over a gap of 20. But what an early
# character says about the next one is little, and 60,000 characters are too few to learn it. A
# memory is used as far as the data pay for it. So no wonder that a table of four characters is hard
# to beat.
#
# ### Let it write
#
# To write, draw a character from the predicted distribution, feed it back in, draw the next. (In
# training it always got the character that really came; that is *teacher forcing*. Now it reads
# what it wrote itself, and after a slip it stands in a context that no training text had.) One knob
# is left. Divide the logits by a *temperature* $\tau$ before the softmax:
#
# $$p_k = \frac{\exp(z_k / \tau)}{\sum_j \exp(z_j / \tau)} \tag{9}$$
#
# #### Exercise 5.7 · sample · 2 points · 15 minutes

# %%
def sample(logits, *, temperature=1.0, rng):
    """Draw a token, a whole number, with the probabilities (9) of its logits z, (V,)."""
    ### BEGIN SOLUTION
    p, _ = layers.softmax_forward(logits / temperature)
    return int(rng.choice(len(p), p=p))
    ### END SOLUTION

# %%
check("5.7", sample)

# %%
def write(model, start, n, *, temperature, rng):
    """Go on from a start, n characters."""
    model.cpu().eval()
    written, state = list(language.encode(start, characters)), None
    with torch.no_grad():
        logits, state = model.step(torch.tensor([written]), None)
        for _ in range(n):
            token = language.sample(logits[0, -1].double().numpy(), temperature=temperature,
                                    rng=rng)
            written.append(token)
            logits, state = model.step(torch.tensor([[token]]), state)
    return "".join(characters[k] for k in written)

samples = {temperature: [write(model, "The ", 600, temperature=temperature,
                               rng=np.random.default_rng(0)) for model in writers]
           for temperature in (0.3, 0.8, 1.5)}                        # three networks each

# %% tags=["nbval-ignore-output"]
for temperature, sampled in samples.items():
    print(f"temperature {temperature}:\n{sampled[0][:300]}\n")

# %% tags=["test"]
assert all(len(one) == 604 for sampled in samples.values() for one in sampled)

# %% [markdown]
# At a low temperature it says the same safe things again and again. At a high one it spells like
# nobody. Both can be counted, over words of more than three letters and for each of the three
# networks: the share of words that occur in the training text, and the share of words that it has
# not already written itself.

# %%
train_words = set(language.tokenize("".join(characters[k] for k in train_ids)))
real, fresh = {}, {}
for temperature, sampled in samples.items():
    written = [[w for w in language.tokenize(one) if len(w) > 3] for one in sampled]
    real[temperature] = np.array([np.mean([w in train_words for w in ws]) for ws in written])
    fresh[temperature] = np.array([len(set(ws)) / len(ws) for ws in written])      # (3,)
print("temperature   words of the training text   words not yet used")
for temperature in samples:
    print(f"{temperature:<13} ≈ {100 * real[temperature].mean():3.0f} %"
          f"{'':<24}≈ {100 * fresh[temperature].mean():3.0f} %")

# %% tags=["test"]
falling = (real[0.3] > real[0.8]).all() and (real[0.8] > real[1.5]).all()
assert falling and (fresh[0.3] < np.minimum(fresh[0.8], fresh[1.5])).all()

# %% [markdown]
# ## 6. Words as vectors
#
# Letters are few. Words are many, and to a network that only numbers them, "row" and "rows" are as
# different as "row" and "sunshine". Better to give each word a vector, so that related words lie
# close together. Where should such vectors come from? From the company that words keep.
#
# *Skip-gram*: take a word and one that stands near it in the text. The dot product of the first
# one's vector $u$ with the second one's context vector $v$ should be large. Then draw $K$ words at
# random. With their context vectors $v_k$ it should be small: these are the *negative samples*.
# (Each word has two vectors, one as centre and one as context; in the end only $u$ is kept.) A
# sigmoid tells true from random: this is lesson 1's binary cross-entropy, $1 + K$ times:
#
# $$L = -\log \sigma(u \cdot v) - \sum_{k=1}^{K} \log \sigma(-u \cdot v_k) \tag{10}$$
#
# The derivative of $-\log\sigma(s)$ is $-\sigma(-s)$. So each dot product gets a gradient. It
# hands it to both of its vectors: to each, times the other one.

# %%
def negative_sampling_backward(dout, cache):
    """Gradients of the mean of (10) by center, context (B, E) and negatives (B, K, E)."""
    center, context, negatives, near, far = cache
    dnear = -dout * layers.sigmoid_forward(-near)[0] / len(center)           # (B,)
    dfar = dout * layers.sigmoid_forward(far)[0] / len(center)               # (B, K)
    dcenter = dnear[:, None] * context + np.einsum("bk,bke->be", dfar, negatives)
    return dcenter, dnear[:, None] * center, dfar[:, :, None] * center[:, None]

rng = np.random.default_rng(0)
arrays = [rng.standard_normal(shape) for shape in [(4, 3), (4, 3), (4, 5, 3)]]
gradcheck.check_backward(language.negative_sampling_forward, negative_sampling_backward, *arrays,
                         rng=rng)
print("gradients of (10) agree with central differences")

# %% [markdown]
# How much text does that take? You have a large one on your disk: the manual of scikit-learn, which
# is in its source files, between triple quotes.

# %%
def manual():
    folder, found = Path(sklearn.__file__).parent, []
    for path in sorted(folder.rglob("*.py")):
        if "tests" not in path.parts:
            found += re.findall(r'"""(.*?)"""', path.read_text(encoding="utf-8"), re.S)
    return language.tokenize("\n".join(found))

manual_words, our_words = manual(), language.tokenize(text)
print(f"words and marks in the manual: ≈ {len(manual_words):,}")

# %% tags=["test"]
assert len(manual_words) > 200_000

# %% [markdown]
# Training is stochastic gradient descent by hand. Frequent words teach little, so many of them are
# left out (`keep`). Negative samples are drawn in proportion to a word's frequency to the power of
# 3/4. Both are from the paper of Mikolov and others. The loss is a mean over the
# rows, and each vector is to move by the *sum* of its gradients; so the upstream gradient is the
# number of rows, which undoes the division. `U` holds the vectors $u$, `W` the $v$, and
# `np.add.at` also adds where a word comes up twice.

# %%
def word_vectors(words, *, passes, rng, E=48, K=5, lr=0.1, batch=256):
    """The words that come up at least five times, and a vector for each, (V, E)."""
    vocabulary = language.make_vocabulary(words, least=5)
    ids = language.encode(words, vocabulary)
    often = np.bincount(ids) / len(ids)                               # (V,)
    noise = np.cumsum(often**0.75) / (often**0.75).sum()
    U, W = rng.uniform(-0.5, 0.5, (len(often), E)) / E, np.zeros((len(often), E))
    for n in range(passes):
        keep = ids[rng.random(len(ids)) < np.sqrt(1e-3 / often[ids])]
        centers, contexts = language.skipgram_pairs(keep, window=4, rng=rng)
        batches = np.array_split(rng.permutation(len(centers)), len(centers) // batch)
        for k, rows in enumerate(batches):
            rate = lr * (1 - (n + k / len(batches)) / passes)
            one, near = centers[rows], contexts[rows]     # places of words
            far = np.searchsorted(noise, rng.random((len(rows), K)))
            _, cache = language.negative_sampling_forward(U[one], W[near], W[far])
            grads = language.negative_sampling_backward(len(rows), cache)
            for table, places, grad in zip((U, W, W), (one, near, far), grads):
                np.add.at(table, places, -rate * grad)
    return vocabulary, U

# %% [markdown]
# Are the vectors any good? Here is a test that needs no human: a word and the same word with an
# *s*, a plural (or a verb: keep, keeps), should be close. For each word whose form with an *s* is
# in the vocabulary too, which share of all words is nearer to it than that form? With vectors that
# mean nothing that would be one half.

# %%
def plural_ranks(vocabulary, vectors):
    """For each word with a form in s: the share of words nearer to it than that. 0 is best."""
    place = {word: k for k, word in enumerate(vocabulary)}
    unit, ranks = vectors / np.linalg.norm(vectors, axis=1, keepdims=True), {}
    for word in vocabulary:
        if len(word) > 2 and word + "s" in place:
            likeness = np.delete(unit @ unit[place[word]], place[word])
            plural = unit[place[word]] @ unit[place[word + "s"]]
            ranks[word] = (likeness > plural + 1e-12).mean()
    return ranks

amounts = {   # words, passes
    "the text above": (our_words, 12), "manual, 20,000": (manual_words[:20_000], 12),
    "manual, all": (manual_words, 2)}
learned = {name: word_vectors(words, passes=n, rng=np.random.default_rng(0))
           for name, (words, n) in amounts.items()}

found, chance = {}, {}
for name, (vocabulary, vectors) in learned.items():
    dealt_out = np.random.default_rng(0).permutation(vectors)         # to the wrong words
    found[name], chance[name] = (plural_ranks(vocabulary, v) for v in (vectors, dealt_out))

# %% tags=["folded"]
fig, ax = plt.subplots()
for name in learned:
    for ranks, colour, label in [(found[name], plots.BLUE, "learned"),
                                 (chance[name], plots.GREY, "dealt out to other words")]:
        marker = "^" if name == "the text above" else "o"
        ax.plot(len(amounts[name][0]), np.median([*ranks.values()]), marker, color=colour,
                label=label if name == "manual, all" else None)
ax.axhline(0.5, **plots.CHANCE)
ax.set(xscale="log", ylim=(0, 0.7), xlabel="thousands of words", xlim=(1e4, 1e6),
       ylabel="share of words nearer\nthan the form in s, median",
       xticks=[1e4, 2e4, 1e5, 1e6], xticklabels=[10, 20, 100, 1000])
ax.minorticks_off()
ax.legend(loc="center right", bbox_to_anchor=(1, 0.4))
plots.show(fig, alt="Median share of words that are nearer to a word than its form in s, by the "
           "amount of text. In blue, for the learned vectors, it falls from about a tenth to a few "
           "hundredths; a triangle stands for the text above. In grey the same vectors, dealt "
           "out to other words: near one half.")

# %% tags=["nbval-ignore-output"]
same = set.intersection(*(set(found[name]) for name in amounts if name.startswith("manual")))
medians = {name: np.median([ranks[w] for w in same]) for name, ranks in found.items()
           if name.startswith("manual")}                              # on the same words
for name, ranks in found.items():
    by_chance = np.median([*chance[name].values()])
    print(f"{name:<16} {len(ranks):>3} forms, median {np.median([*ranks.values()]):.3f}, dealt out "
          f"{by_chance:.2f}" + (f"; on the {len(same)} that both manuals have: {medians[name]:.3f}"
                                if name in medians else ""))

# %% tags=["test"]
for name, ranks in found.items():
    assert np.median([*ranks.values()]) < np.median([*chance[name].values()])
assert sorted(medians.values(), reverse=True) == [*medians.values()]

# %% [markdown]
# Even from little text these forms are well ahead of chance, and on the same words more text brings
# them nearer. (One training each. With 30 words or so, as the small texts have, the median is
# rough: do not read much into the triangle.) All this is little text. The vectors one downloads
# were made from billions of words.

# %% tags=["nbval-ignore-output"]
vocabulary, vectors = learned["manual, all"]
for word in ("mean", "rows", "true", "two", "train", "figure", "gradient"):
    near = [vocabulary[k] for k in language.nearest(vectors, vocabulary.index(word))]
    print(f"{word:<9} {', '.join(near)}")
like_true = language.nearest(vectors, vocabulary.index("true"))

# %% tags=["test"]
assert "false" in [vocabulary[k] for k in like_true]

# %% [markdown]
# Near means: used alike, in *this* text. "true" is close to "false", and words are close to those
# that they often stand beside. Whoever trains on a manual gets a manual's idea of the world.
#
# ### Words that nobody has seen
#
# A word that is not in the vocabulary has no vector. In held-out text there are always some:

# %%
test_words = language.tokenize("".join(characters[k] for k in test_ids))
unseen = [word for word in test_words if word not in train_words]
print(f"words and marks of the test text that the training text does not have: "
      f"{len(unseen) / len(test_words):.1%}")

# %% [markdown]
# Letters are always known, but a text of letters is long. In between are *subwords*. Start with
# letters; then join, again and again, the pair of neighbours that is most frequent. That is
# *byte-pair encoding*, and lesson 7 meets a relative of it.

# %%
def join(pieces, pair):
    """The same pieces, with the pair made one wherever it stands."""
    out = []
    for piece in pieces:
        if out and (out[-1], piece) == pair:
            out[-1] += piece
        else:
            out.append(piece)
    return tuple(out)

counts = Counter(tuple(word) for word in our_words)
merges = []
for _ in range(300):
    neighbours = Counter()
    for pieces, count in counts.items():
        for pair in pairwise(pieces):
            neighbours[pair] += count
    merges.append(max(neighbours, key=lambda pair: (neighbours[pair], pair)))
    counts = Counter({join(pieces, merges[-1]): count for pieces, count in counts.items()})

# %%
def subwords(word):
    pieces = tuple(word)
    for pair in merges:
        pieces = join(pieces, pair)
    return pieces

print("first merges:", ["".join(pair) for pair in merges[:8]])
print("a word that the text does not have:", subwords("understandings"))

# %% tags=["test"]
assert 1 < len(subwords("understandings")) < len("understandings")

# %% [markdown]
# ## 7. Praise or complaint: a text classifier
#
# Short reviews, and whether the writer was pleased. Again the line says which: SST-2, sentences
# from film reviews, or the course's own, which were written without templates, with negations,
# mixed feelings and sarcasm.

# %%
x_train, y_train, _, _, x_test, y_test = data.sentiment()   # the third part is to choose by

# %%
for review, label in list(zip(x_train, y_train))[:6]:
    print("+" if label else "-", review[:90])

# %% [markdown]
# The *baselines*. First, always say what was more frequent in training. Second, a *bag of words*
# with logistic regression: which words are in the review, in any order, each with a weight of its
# own. (scikit-learn does the counting and the regression.)

# %%
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

counter = CountVectorizer(tokenizer=language.tokenize, token_pattern=None, binary=True)
bag_train, bag_test = counter.fit_transform(x_train), counter.transform(x_test)
regression = LogisticRegression(max_iter=1000).fit(bag_train, y_train)
bag = regression.score(bag_test, y_test)
majority = (y_test == (y_train.mean() >= 0.5)).mean()

# %% [markdown]
# Now the network: a vector for each word, an LSTM that reads from the front and one that reads from
# the back, and one logit from the two last states. Reviews differ in length, and a batch is one
# array. So the short ones are filled up, *padded*, with a token that means nothing:

# %%
PADDING, UNKNOWN = 0, 1
words = language.make_vocabulary(w for review in x_train for w in language.tokenize(review))
entries = {word: k for k, word in enumerate(["<padding>", "<unknown>", *words])}

def as_tensors(reviews, labels):
    sequences = [language.encode(language.tokenize(r), entries, unknown=UNKNOWN) for r in reviews]
    padded, lengths = language.pad(sequences, value=PADDING)          # (N, T) and (N,)
    return torch.from_numpy(padded), torch.from_numpy(lengths), torch.tensor(labels).float()

train_set, test_set = as_tensors(x_train, y_train), as_tensors(x_test, y_test)
print(train_set[0][0, :16].tolist(), "of length", train_set[1][0].item())

# %% [markdown]
# Whatever works on such an array must know what is real in it.
#
# ### Exercise 5.8 · length_mask · 1 point · 10 minutes

# %%
def length_mask(lengths, T):
    """(B, T) of Booleans: True where a sequence of that length is real. lengths is (B,)."""
    ### BEGIN SOLUTION
    return np.arange(T) < lengths[:, None]
    ### END SOLUTION

# %%
check("5.8", length_mask)

# %% [markdown]
# `models.TextClassifier` uses PyTorch's `pack_padded_sequence`. It knows the lengths, and stops
# each review at its own end. The backward direction starts there too. (Vectors of 64 numbers, 64 in
# the state of each direction, dropout of 0.5.) Three seeds:

# %%
def classifier(train_set, *, seed, epochs=5, progress=True):
    torch.manual_seed(seed)
    model = models.TextClassifier(len(entries)).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.003)
    steps = epochs * -(-len(train_set[0]) // 32)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.003, total_steps=steps)
    train.fit(model, train_set, optimizer=optimizer, epochs=epochs, batch_size=32, seed=seed,
              loss=F.binary_cross_entropy_with_logits, scheduler=scheduler, max_norm=1.0,
              progress=progress)
    return model

def share_right(model, examples):
    *inputs, labels = examples
    return ((train.predict(model, *inputs) > 0) == labels.bool()).double().mean().item()

classifiers = [classifier(train_set, seed=seed) for seed in range(3)]
bilstm = np.array([share_right(model, test_set) for model in classifiers])

# %%
uncertain = np.sqrt(0.25 / len(y_test))   # standard error of a share near one half, at most
print(f"majority {100 * majority:.1f} % right, bag of words ≈ {100 * bag:.1f} %, three BiLSTMs ≈ "
      f"{100 * bilstm.min():.1f} to {100 * bilstm.max():.1f} %; standard error {uncertain:.1%}")
bag_right, apart = regression.predict(bag_test) == y_test, []
# Where both agree nothing is learned. Of the n reviews that only one gets right, a fair coin gives
# half to each, give or take half the root of n: the difference has standard error root n.
for model in classifiers:
    right = ((train.predict(model, *test_set[:2]) > 0) == test_set[2].bool()).numpy()
    only_bag, only_lstm = (bag_right & ~right).sum(), (right & ~bag_right).sum()
    apart.append((only_lstm - only_bag, np.sqrt(only_bag + only_lstm)))
    print(f"a BiLSTM gets ≈ {apart[-1][0]:+d} more right than the bag of words, give or take ≈ "
          f"{apart[-1][1]:.0f}")

# %% tags=["folded"]
fig, ax = plt.subplots()
for k, (runs, colour) in enumerate([([majority], plots.GREY), ([bag], plots.GREY),
                                    (bilstm, plots.GREEN)]):
    ax.errorbar([k], [100 * np.mean(runs)], yerr=200 * uncertain, fmt="none", color=colour,
                capsize=4)
    ax.plot(k + 0.1 * np.arange(len(runs)) - 0.05 * (len(runs) - 1), 100 * np.array(runs), "o",
            color=colour, alpha=0.7)
ax.set(xticks=range(3), xlim=(-0.5, 2.5), ylabel="test accuracy (%),\nbars: ± 2 standard errors")
ax.set_xticklabels(["majority", "bag of words", "BiLSTM, three seeds"])
plots.show(fig, alt="Test accuracy of the majority guess, of bag of words with logistic regression "
           "and of three bidirectional LSTMs, with two standard errors. The last two are above the "
           "majority, and close together.")

# %% tags=["test"]
assert bag > majority + uncertain and bilstm.mean() > majority + uncertain
assert all(abs(more) < 2 * error for more, error in apart)
if len(y_train) < 5000:
    assert 0.55 < min(bag, *bilstm) and max(bag, *bilstm) < 0.7
assert bag > majority and bilstm.mean() > majority and abs(bilstm.mean() - bag) < 0.07
assert len(y_train) < 5000 or bilstm.min() > 0.78

# %% [markdown]
# A network that knows the order of words does no better than a bag of them. With 920 reviews to
# learn from, both are only a little better than a coin. (With SST-2's 6,920 sentences each run gets
# more than 78 %. But the bag of words is close behind there, too.) One reason:

# %%
trained_on = set(words)
test_tokens = [w for review in x_test for w in language.tokenize(review)]
print(f"words and marks of the test reviews that no training review has: "
      f"{np.mean([w not in trained_on for w in test_tokens]):.0%}")
rare = np.mean([n <= 2 for n in Counter(
    w for review in x_train for w in language.tokenize(review)).values()])
print(f"words of the training reviews that come up once or twice: {rare:.0%} of the vocabulary")
sure = np.abs(regression.decision_function(bag_test))
wrong = np.flatnonzero(~bag_right)
for k in wrong[np.argsort(-sure[wrong])][:4]:
    print("+" if y_test[k] else "-", x_test[k])

# %% [markdown]
# These four the bag of words got wrong, and was surest of. What a word means must be learned from
# the examples alone, and most words come up only once or twice. Lesson 7 takes the same
# reviews to a network that has read a great deal more.
#
# ### What padding costs
#
# A padded batch is as long as its longest review, and a network that does not pack works through
# all the padding. What share of its work is that? It depends on who is put together:

# %%
lengths = train_set[1].numpy()

def share_padding(order, batch=32):
    batches = [lengths[order[k:k + batch]] for k in range(0, len(order), batch)]
    return 1 - lengths.sum() / sum(len(b) * b.max() for b in batches)

at_random = np.random.default_rng(0).permutation(len(lengths))
by_length = np.argsort(lengths, kind="stable")
print(f"all reviews in one array: {1 - lengths.mean() / lengths.max():.0%} padding")
print(f"batches of 32 in random order: {share_padding(at_random):.0%}")
print(f"batches of 32, similar lengths together: {share_padding(by_length):.1%}")

# %% tags=["test"]
assert share_padding(by_length) < 0.1 < share_padding(at_random)

# %%
reader = nn.LSTM(64, 64, batch_first=True, bidirectional=True)
vectors = torch.randn(len(lengths), int(lengths.max()), 64)

def seconds(order):
    began = time.perf_counter()
    with torch.no_grad():
        for rows in torch.from_numpy(order).split(32):
            reader(vectors[rows, :int(lengths[rows].max())])
    return time.perf_counter() - began

times = {name: min(seconds(order) for _ in range(3))
         for name, order in [("random", at_random), ("by length", by_length)]}
print(f"random order takes ≈ {times['random'] / times['by length']:.2f} times as long")

# %% tags=["test"]
assert all(t > 0 for t in times.values())

# %% [markdown]
# But sorted once and for all, the batches are the same in every pass, and training may suffer. So
# one sorts within large random
# groups, or shuffles the order of the batches. That is exercise 7.7.

# %% [markdown]
# ## Check against PyTorch
#
# Our three networks against `nn.RNN`, `nn.LSTM` and `nn.GRU`: outputs and every gradient, with
# random gradients upstream on all outputs and on the last states.

# %%
def errors(kind, B=3, T=6, D=4, H=5):
    """Largest relative error of outputs and gradients, ours against PyTorch's."""
    torch.manual_seed(0)
    module, rng = getattr(nn, kind)(D, H, batch_first=True).double(), np.random.default_rng(0)
    arrays = [rng.standard_normal(s) for s in [(B, T, D)] + [(B, H)] * (1 + (kind == "LSTM"))]
    Wx, Wh, bx, bh = (p.detach().numpy().T for p in module.parameters())
    weights = [Wx, Wh, bx, bh] if kind == "GRU" else [Wx, Wh, bx + bh]
    forward, backward = (getattr(recurrent, f"{kind.lower()}_{w}") for w in ("forward", "backward"))
    out, cache = forward(*arrays, *weights)
    dout = gradcheck.draw_upstream(out, rng=rng)
    ours = backward(dout, cache)
    leaves = [torch.tensor(a, requires_grad=True) for a in arrays]
    start = tuple(leaf[None] for leaf in leaves[1:])
    outputs, last = module(leaves[0], start if kind == "LSTM" else start[0])
    theirs_out = [outputs, *(s[0] for s in (last if kind == "LSTM" else [last]))]
    theirs = torch.autograd.grad(theirs_out, [*leaves, *module.parameters()],
                                 [torch.from_numpy(d) for d in dout])
    n = len(leaves)
    wanted = [*theirs[:n], *(t.T for t in theirs[n:n + 2]), *theirs[n + 2:]]
    if kind != "GRU":                                     # two biases, where one would do
        wanted.pop()
    return max(gradcheck.relative_error(a, b.detach()) for a, b in
               zip([*out, *ours], [*theirs_out, *wanted], strict=True))

largest = {kind: errors(kind) for kind in ("RNN", "LSTM", "GRU")}
for kind, error in largest.items():
    print(f"{kind:<4} outputs and gradients differ from PyTorch's by ≈ {error:.0e}")

# %% tags=["test"]
assert max(largest.values()) < 1e-10

# %% [markdown]
# PyTorch has two biases also where one would do; their gradients are the same. And central
# differences, along five random directions each:

# %%
for kind in ("rnn", "lstm", "gru"):
    rng = np.random.default_rng(0)
    weights = recurrent.initialise_recurrent(kind.upper(), 4, 5, rng=rng, gain=2)
    states = [rng.standard_normal((3, 5)) for _ in range(2 if kind == "lstm" else 1)]
    for seed in range(5):
        gradcheck.check_direction(
            getattr(recurrent, f"{kind}_forward"), getattr(recurrent, f"{kind}_backward"),
            rng.standard_normal((3, 9, 4)), *states, *weights, rng=np.random.default_rng(seed))
    print(f"{kind}: nine steps, agrees with central differences")

# %% [markdown]
# ## Claim on trial
#
# Three claims, from published articles.
#
# - **A** · "The LSTM solves the problem of vanishing gradients."
# - **B** · A classifier is trained on three sentences and evaluated on two more: "accuracy 100 %".
# - **C** · "Sequences are padded with zeros to the same length": and nothing more is said, so
#   padding does not matter.

# %%
def my_opinion():
    """Like {"A": True, "B": True, "C": True}: A is true, B says something, C does no harm."""
    ### BEGIN SOLUTION
    return {"A": False, "B": False, "C": False}
    ### END SOLUTION

# %%
print("you said:", my_opinion())

# %% [markdown]
# **A**: you have seen it. In one table, how much of a gradient arrives over 50 steps before
# training (section 3), and whether such a network has learned to copy over a gap of 20 (section 4):

# %% tags=["answer"]
for name in networks:
    print(f"{name:<20} derivative about 10^{np.log10(np.median(at_50[name])):.0f}; copies, in "
          f"{(last[name] < 0.5).sum()} of 3 runs")

# %% [markdown]
# The LSTM makes it *possible* to keep a gradient: by a gate that stays open. Whether it does, is a
# matter of the bias, and then of what it learns. It is not the only way: the GRU starts with as
# little as an LSTM with bias 0, and learns the task all the same. An open gate also forgets
# nothing. And no gate keeps gradients from exploding.
#
# **B**: do it thirty times, each time with three other sentences to learn from (good and bad ones
# among them) and two others to judge by.

# %% tags=["answer"]
def three_and_two(seed):
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(y_train))
    while len(set(y_train[rows[:3]])) < 2:
        rows = rng.permutation(len(y_train))
    few, two = ([tensor[rows[part]] for tensor in train_set] for part in (slice(3), slice(3, 5)))
    return share_right(classifier(few, seed=seed, epochs=15, progress=False), two)

shares = np.array([three_and_two(seed) for seed in range(30)])
for share, n in sorted(Counter(shares.tolist()).items()):
    print(f"accuracy {share:.0%}: ≈ {n} of 30")
print(f"mean of all thirty: ≈ {100 * shares.mean():.0f} %")

# %% tags=["test"]
assert set(shares) == {0, 0.5, 1} and 0.3 < shares.mean() < 0.7

# %% [markdown]
# Two sentences can only ever give 0 %, 50 % or 100 %, and a coin gets 100 % in a quarter of all
# cases. If both are right, all one may say is that the true share is unlikely to be below 16 %: a
# method that is right in 16 % of cases gets both right in 2.5 % of trials ($0.16^2$).
# (Statisticians call the range from there up a 95 % confidence interval.)
#
# **C**: three ways to treat the same reviews. The classifier from above, trained with the lengths
# and used with them. The same one, used without. And one that was also *trained* without: to it,
# padding is a word like others. Each gets more and more padding at the end. Eight reviews are
# drawn, good ones blue and bad ones orange.

# %% tags=["answer"]
def without_lengths(examples, extra=0):
    ids, _, labels = examples
    ids = F.pad(ids, (0, extra), value=PADDING)
    return ids, torch.full((len(ids),), ids.shape[1]), labels

def with_lengths(examples, extra=0):
    return F.pad(examples[0], (0, extra), value=PADDING), *examples[1:]

ways = {"lengths known": (classifiers[0], with_lengths),
        "not known in use": (classifiers[0], without_lengths),
        "never known": (classifier(without_lengths(train_set), seed=0), without_lengths)}
extras, hundred = [0, 10, 20, 40, 80], [tensor[:100] for tensor in test_set]
logits = {name: torch.stack([train.predict(model, *way(hundred, extra)[:2])
                             for extra in extras]).numpy()
          for name, (model, way) in ways.items()}                     # (extras, 100) each

# %% tags=["answer"]
turned = {name: ((values[-1] > 0) != (values[0] > 0)).mean() for name, values in logits.items()}
turned["not known in use"] = ((logits["not known in use"][-1] > 0)
                              != (logits["lengths known"][0] > 0)).mean()
for name, share in turned.items():
    print(f"{name:<17} ≈ {100 * share:.0f} of 100 verdicts are turned")
spoiled = [((train.predict(model, *without_lengths(hundred, 80)[:2]) > 0)
            != (train.predict(model, *hundred[:2]) > 0)).double().mean().item()
           for model in classifiers]
print(f"not known in use, three seeds: ≈ {100 * min(spoiled):.0f} to {100 * max(spoiled):.0f}")

# %% tags=["answer", "folded"]
fig, axes = plt.subplots(1, 3, figsize=(10, 3), sharey=True)
for ax, (name, values) in zip(axes, logits.items()):
    for line, good in zip(ax.plot(extras, values[:, :8]), hundred[2]):
        line.set_color(plots.BLUE if good else plots.ORANGE)
    ax.axhline(0, color=plots.GREY, linestyle=":")
    ax.set(title=name, xlabel="padding added (tokens)")
axes[0].set_ylabel("logit of eight reviews")
plots.show(fig, alt="Logits of eight reviews by the amount of padding. With known lengths the "
           "lines are level. Where lengths were known in training and not in use, the lines begin "
           "elsewhere and run together. Where they were never known, they are nearly level again.")

# %% tags=["test"]
assert turned["lengths known"] == 0 and turned["not known in use"] > 0.1 > turned["never known"]
assert min(spoiled) > 0.1

# %% [markdown]
# So C is half a truth. A network that was trained on padding learns to live with it. One that was
# trained with lengths and is used without them falls apart. Both directions suffer: the backward
# one begins with a long row of something that it has never seen, and the forward one ends with it,
# so that the review fades. What matters is that training and use agree, and "nothing more is said"
# hides that choice. And whoever takes a *mean* over all steps has padding in it, in either case.
#
# Repair C for a network that uses the *mean* of its outputs: `outputs` is (B, T, H), and padding
# must have no part in the mean. (A review has at least one word.)

# %%
def repaired_mean(outputs, lengths):
    """Mean of the real outputs of each sequence, (B, H)."""
    ### BEGIN SOLUTION
    real = language.length_mask(lengths, outputs.shape[1])[:, :, None]            # (B, T, 1)
    return np.where(real, outputs, 0).sum(axis=1) / lengths[:, None]
    ### END SOLUTION

# %%
def judge_repair(mean):
    rng = np.random.default_rng(0)
    outputs, lengths = rng.standard_normal((4, 7, 3)), np.array([7, 3, 1, 5])
    out = mean(outputs.copy(), lengths)
    if out is None:
        return print("○ not repaired yet")
    expected = np.array([row[:n].mean(axis=0) for row, n in zip(outputs, lengths)])
    print(gradcheck.verdict("mean", out, expected))
    outputs[1, 3:], outputs[3, 5:] = 1e6, -7.0
    print(gradcheck.verdict("mean, whatever padding holds", mean(outputs, lengths), expected))

judge_repair(repaired_mean)

# %% [markdown]
# ## What can go wrong
#
# **A model that looks at the answer.** A perplexity near 1 is not a triumph. Here the targets are
# not moved on by one, so the model is asked for the character that it has just been given. A
# bidirectional LSTM as language model does the same in a less obvious way: its backward direction
# has read the next character.

# %%
inputs, _ = cut(train_ids[:20_000])
torch.manual_seed(0)
copier = models.LanguageModel(V).to(device)
train.fit(copier, (inputs, inputs), optimizer=torch.optim.AdamW(copier.parameters(), lr=0.01),
          epochs=3, batch_size=16, loss=letter_loss, max_norm=1.0)
said = torch.softmax(train.predict(copier, inputs), dim=2).gather(2, inputs[:, :, None])
cheated = metrics.perplexity(said.double().numpy().ravel().clip(0, 1))
print(f"perplexity after three passes: ≈ {cheated:.2f}")

# %% tags=["test"]
assert cheated < 1.5

# %% [markdown]
# When a result is too good, look for the leak first.
#
# **A perplexity compared with another one.** Perplexity is *per token*. Models with different
# tokens cannot be compared by it. The same text, the same probability of the whole, once counted
# over characters and once over words:

# %%
p = baselines["2-gram"]
per_word = np.exp(-np.log(p).sum() / len(test_words))
print(f"the bigram model: per character {metrics.perplexity(p):.1f}, per word {per_word:,.0f}")
print(f"but in bits for each character of the text, both are {-np.log2(p).sum() / len(p):.2f}")

# %% tags=["test"]
assert per_word > 1000

# %% [markdown]
# The probability of the whole text is the same, however it is cut. So count bits for each character
# (the negative logarithm to base 2): a perplexity of 8 is 3 bits. It is what a perfect packer that
# knows the model would need. How good is a packer that knows no network? Pack the training text
# with and without the test text behind it, and see by how much the file grows:

# %%
def packed(ids):
    """Bits of a text, packed by bz2."""
    return 8 * len(bz2.compress("".join(characters[k] for k in ids).encode()))

grown = packed(np.concatenate([train_ids, test_ids])) - packed(train_ids)
print(f"bz2    {grown / len(test_ids):.2f} bits for each character")
for name, p in [("5-gram", baselines["5-gram"]), ("LSTM", lstm[0]), ("both", mixed[0])]:
    print(f"{name:<6} ≈ {-np.log2(p).mean():.2f}")

# %% tags=["test"]
assert 0 < grown / len(test_ids) < np.log2(V)

# %% [markdown]
# ## Summary
#
# - Begin with counting: tables for a language model, the bag of words for a classifier. On little
#   text they are hard to beat, and a mixture may be better than either.
# - Backpropagation through time is backpropagation. A state gets gradients from two sides, the
#   weights from all steps, and all of them add.
# - A gradient over many steps is a product of many factors. It vanishes or explodes, unless a gate
#   keeps the way open. In the LSTM that is the forget gate, and its bias decides how it starts.
# - A plain RNN learns what is near, and sometimes faster than the others.
# - Word vectors come from the company that words keep. They grow better with more text.
# - Padding costs time, and must be treated in use as it was in training. Mask it, pack it, and put
#   similar lengths together.

# %% [markdown]
# ## Exercises
#
# | | write | points |
# |---|---|---|
# | 5.1 | `perplexity` | 1 |
# | 5.2 | `rnn_step_and_grad` | 2 |
# | 5.3 | `rnn_backward` | 4 |
# | 5.4 | `lstm_step_forward` | 2 |
# | 5.5 | `lstm_step_backward` | 4 |
# | 5.6 | `gru_step_forward` | 2 |
# | 5.7 | `sample` | 2 |
# | 5.8 | `length_mask` | 1 |
#
# `course progress` in a terminal shows which of yours are done.

# %% [markdown]
# ## References
#
# - J. Elman (1990), *Finding structure in time*, Cognitive Science 14. The RNN, our (3).
# - P. Werbos (1990), *Backpropagation through time: what it does and how to do it*, Proceedings of
#   the IEEE 78.
# - S. Hochreiter, J. Schmidhuber (1997), *Long short-term memory*, Neural Computation 9; also the
#   adding task. F. Gers, J. Schmidhuber, F. Cummins (2000), *Learning to forget*, Neural
#   Computation 12. The forget gate.
# - K. Cho et al. (2014), *Learning phrase representations using RNN encoder-decoder for statistical
#   machine translation*, EMNLP. The GRU; (7) is in PyTorch's form.
# - Y. Bengio, P. Simard, P. Frasconi (1994), *Learning long-term dependencies with gradient descent
#   is difficult*, IEEE Transactions on Neural Networks 5.
# - R. Pascanu, T. Mikolov, Y. Bengio (2013), *On the difficulty of training recurrent neural
#   networks*, ICML. Vanishing, exploding, clipping.
# - R. Jozefowicz, W. Zaremba, I. Sutskever (2015), *An empirical exploration of recurrent network
#   architectures*, ICML. The forget bias.
# - M. Arjovsky, A. Shah, Y. Bengio (2016), *Unitary evolution recurrent neural networks*, ICML. The
#   copy task in this form.
# - T. Mikolov et al. (2013), *Distributed representations of words and phrases and their
#   compositionality*, NeurIPS. Our (10) is minus its (4), with K draws for the expectation.
# - M. Schuster, K. Paliwal (1997), *Bidirectional recurrent neural networks*, IEEE Transactions on
#   Signal Processing 45. R. Williams, J. Peng (1990), *An efficient gradient-based algorithm for
#   on-line training of recurrent network trajectories*, Neural Computation 2: truncation.
# - D. MacKay, L. Peto (1995), *A hierarchical Dirichlet language model*, Natural Language
#   Engineering 1: tables that lean on shorter ones. T. Mikolov et al. (2013), *Efficient estimation
#   of word representations in vector space*: skip-gram.
# - R. Sennrich, B. Haddow, A. Birch (2016), *Neural machine translation of rare words with subword
#   units*, ACL. Byte-pair encoding.
# - R. Socher et al. (2013), *Recursive deep models for semantic compositionality over a sentiment
#   treebank*, EMNLP. SST.
# - A. Karpathy (2015), *The unreasonable effectiveness of recurrent neural networks*. Tiny
#   Shakespeare.
#
# **Next:** [6 · Look where it matters, with attention](06_attention.ipynb)
