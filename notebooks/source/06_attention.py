# %% [markdown]
# # 6 · Look where it matters, with attention
#
# A recurrent network must carry all that it has read in one state. Attention carries nothing. It
# looks at any token whenever it needs to, and learns where. You will build it from a small
# table up to a block of a Transformer, write its backward pass, and train three small networks with
# it: one that turns sequences round, one that writes, one that fills gaps.
#
# [Open in Colab]({colab}) · [Open on Binder]({binder})

# %% [markdown]
# ## What you will do
#
# 1. Build attention: means with weights, queries and keys, the root of $E$, masks, heads.
# 2. Go backward through it.
# 3. Give it a sense of order.
# 4. Stack it: residuals and layer norm, and what happens without them.
# 5. Turn sequences round; write like lesson 5's LSTM, and be compared with it; fill gaps, as a tiny
#    BERT.
# 6. Measure what attention costs, and make it cheaper.

# %% [markdown]
# ## What you need
#
# Lessons 1 to 5: forward/backward pairs, softmax and its backward, batch norm, embeddings,
# perplexity, padding and masks. About four hours with the exercises. The notebook itself runs in
# two to three minutes on two cores and stays below 1.2 GB. A GPU is not needed.

# %% [markdown]
# ## Symbols and shapes
#
# | symbol | meaning |
# |---|---|
# | $B$, $T$ | sequences in a batch, tokens in each |
# | $D$ | numbers of a token's vector |
# | $N$, $E$ | heads, numbers in each: $D = N E$ |
# | $S$, $F$ | number of keys (mostly $S = T$); numbers of a value |
# | $Q$, $K$, $V$ | queries, keys, values, `(T, E)`, `(S, E)`, `(S, F)` |
# | $Z$, $A$ | scores, and attention weights: their softmax, `(T, S)` |
# | `V` | from section 5 on, tokens in the vocabulary |
# | $\gamma$, $\beta$, $\mu$, $\sigma$ | layer norm's scale and shift; mean and deviation |
# | `# (B, N, T, E)` | shape of the array made on that line |

# %%
try:
    import course_lib
except ModuleNotFoundError:  # opened on its own, as on Colab: fetch the library, nothing else
    # If that fails: download the whole course from {repository}, and open the lesson in there.
    get_ipython().run_line_magic("pip", "install -q git+{repository}")

# %%
import re
import time
import tracemalloc

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import course_lib.gradcheck as gradcheck
from course_lib import attention, data, language, layers, metrics, models, plots, train, widgets
from course_lib.checks import case, check, hint, predict, solution

# %% [markdown]
# ## 1. From a mean to attention
#
# Six words, each with a vector of three numbers, made up by hand:

# %%
words = ["the", "river", "bank", "was", "steep", "today"]
x = np.array([[0.1, 0.0, 0.1], [0.9, 0.8, 0.0], [0.6, 0.5, 0.5],
              [0.0, 0.1, 0.2], [0.5, 0.9, 0.1], [0.1, 0.2, 0.8]])     # (T, D)
for word, vector in zip(words, x):
    print(f"{word:<6} {vector}")

# %% [markdown]
# "bank" alone may be many things. Its neighbours say which. So let us make a new vector for it, a
# mean of all six, in which related words count more. How related are two words? Take the dot
# product of their vectors. Make the six numbers weights, by a softmax, and take the mean:
#
# $$w = \text{softmax}(x_{\text{bank}} \cdot x_1, \dots, x_{\text{bank}} \cdot x_6), \qquad
# \text{out} = \sum_j w_j \, x_j \tag{1}$$

# %%
scores = x @ x[2]                                                     # (T,)
weights, _ = layers.softmax_forward(scores)
for word, weight in zip(words, weights):
    print(f"{word:<6} {weight:.2f}")
print("vector of bank:", x[2], "; the new one:", (weights @ x).round(2))

# %% [markdown]
# Besides itself it has looked most at "river" and "steep", and its vector has moved towards theirs.
#
# For all words at once that is two matrix products, with a softmax over each row in between:

# %%
all_weights, _ = layers.softmax_forward(x @ x.T)                      # (T, T)
out = all_weights @ x                                                 # (T, D)
print("bank again:", out[2].round(2), "; each row adds up to", all_weights.sum(axis=1).round(12))

# %% [markdown]
# So far nothing can be learned. A word plays three parts in (1): it asks, it is compared with, and
# it is what goes into the mean. Let each part have a vector of its own, made from $x$ by a matrix
# that is learned: a *query*, a *key* and a *value*, $Q = X W_Q$, $K = X W_K$, $V = X W_V$. A noun
# may ask for the adjective that describes it: what it asks for is not what it is.
#
# One number is still missing:
#
# $$\text{attention}(Q, K, V) = \text{softmax}\Bigl(\frac{Q K^\top}{\sqrt{E}}\Bigr) V \tag{2}$$
#
# Where does $\sqrt E$ come from? Let the entries of a query and a key be random and independent
# of each other, with mean 0 and variance 1.
#
# **Predict.** What is the standard deviation of the dot product of two such vectors of 64 numbers?

# %%
predict("6.A", None)

# %% tags=["answer"]
rng = np.random.default_rng(0)
print(" E   deviation of q.k   largest weight of 20, mean:  as it is   divided by root E")
for E in (4, 16, 64, 256):
    q, k = rng.standard_normal((2000, E)), rng.standard_normal((2000, 20, E))
    dots = np.einsum("be,bke->bk", q, k)                              # (2000, 20)
    raw, scaled = (layers.softmax_forward(d)[0].max(axis=1).mean() for d in (dots,
                                                                             dots / np.sqrt(E)))
    print(f"{E:>3}   {dots.std():10.1f} {raw:36.2f} {scaled:14.2f}")

# %% tags=["test"]
assert raw > 0.9 and scaled < 0.4

# %% [markdown]
# Each product of two entries has mean 0 and variance 1, and there are $E$ of them. Variances of
# independent terms add up, so the dot product has variance $E$. With long vectors the scores lie
# far apart, and the softmax gives nearly everything to one. Then learning is slow: where one weight
# is nearly 1, the scores get hardly any gradient. Divided by $\sqrt E$, the scores have variance 1
# whatever $E$ is.
#
# ### Masks
#
# Sometimes a query must not look at all keys. A model that writes must not look *ahead*, at what it
# is to predict; a mask that hides what comes later is called *causal*. And nobody should look at
# padding. A mask says where a query may look. It comes *before* the softmax: a score of $-\infty$
# gets the weight 0, and the other weights still add up to one.
#
# What if a query may look nowhere? Then there is no mean to take. PyTorch's `MultiheadAttention`,
# called as usual, gives NaN, and one NaN spreads through the network. Its
# `scaled_dot_product_attention` gives zeros, and so does ours. (Mind the row in which all
# scores are $-\infty$: its largest is $-\infty$ too, and $-\infty - (-\infty)$ is NaN.)
#
# #### Exercise 6.1 · attention_forward · 3 points · 25 minutes

# %%
def attention_forward(q, k, v, *, mask=None):
    """Return out (2), or (out, cache). q is (..., T, E), k (..., S, E), v (..., S, F).

    mask, if given, is True where a query may look, and broadcasts to (..., T, S). One that may
    look nowhere: zeros. Scores may be large.
    """
    ### BEGIN SOLUTION
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])            # (..., T, S)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = weights.sum(axis=-1, keepdims=True)
    weights = weights / np.where(total > 0, total, 1.0)
    return weights @ v, (q, k, v, weights)                            # (2)
    ### END SOLUTION

# %%
check("6.1", attention_forward)

# %% [markdown]
# The mask itself has an axis for the sequences of the batch, one for the heads (all alike, so of
# size 1), one for the queries and one for the keys:
#
# #### Exercise 6.2 · attention_mask · 2 points · 15 minutes

# %%
def attention_mask(lengths, T, *, causal):
    """(B, 1, T, T): True where the key is real and, if causal, does not come after the query.

    lengths is (B,): how many tokens of each sequence are real; padding is at the end.
    """
    ### BEGIN SOLUTION
    real = np.arange(T) < lengths[:, None]                            # (B, T): the keys
    back = np.tri(T, dtype=bool) if causal else np.ones((T, T), bool)
    return real[:, None, None, :] & back
    ### END SOLUTION

# %%
check("6.2", attention_mask)

# %% tags=["folded"]
fig, axes = plt.subplots(1, 3, figsize=(8, 2.6))
settings = [("causal (blue: may look)", [5], True), ("3 of 5 are real", [3], False),
            ("both", [3], True)]
for ax, (title, lengths, causal) in zip(axes, settings):
    mask = attention.attention_mask(np.array(lengths), 5, causal=causal)[0, 0]
    ax.imshow(mask, cmap=plots.WEIGHTS, vmin=0, vmax=1.5)
    ax.set(title=title, xlabel="key", ylabel="query", xticks=range(5), yticks=range(5))
    ax.hlines(np.arange(4) + 0.5, -0.5, 4.5, color="white")
    ax.vlines(np.arange(4) + 0.5, -0.5, 4.5, color="white")
    print(f"{title:<23} {mask.sum()} of 25")
plots.show(fig, alt="Three masks of 5 by 5; blue is where a query may look. Causal: the lower "
           "triangle. Three of five real: the first three columns. Both: what they share.")

# %% [markdown]
# ### Heads
#
# One softmax gives one mean. A token may want to look in two directions at once: for the verb, and
# for the word just before. So attention is done $N$ times side by side, each time with queries,
# keys and values of $E = D / N$ numbers. No head gets a slice of $x$: its $E$ numbers are made of
# all $D$, by its own columns of $W_Q$, $W_K$ and $W_V$. What the *heads* find is put side by side
# again, and a last linear layer mixes it.
#
# #### Exercise 6.3 · split_heads · 1 point · 10 minutes

# %%
def split_heads(x, heads):
    """From (B, T, D) to (B, N, T, E): head 0 gets the first E features, head 1 the next, ..."""
    ### BEGIN SOLUTION
    B, T, D = x.shape
    return x.reshape(B, T, heads, D // heads).transpose(0, 2, 1, 3)
    ### END SOLUTION

# %%
check("6.3", split_heads)

# %%
def merge_heads(x):
    """The inverse: from (B, N, T, E) to (B, T, N E)."""
    B, N, T, E = x.shape
    return x.transpose(0, 2, 1, 3).reshape(B, T, N * E)

some = np.random.default_rng(0).standard_normal((2, 3, 8))
halves = attention.split_heads(some, 4)
print("split:", halves.shape, "; merged:", merge_heads(halves).shape)

# %% tags=["test"]
assert np.array_equal(merge_heads(halves), some)

# %% [markdown]
# ## 2. Backward
#
# Formula (2) is made of things that you have turned round before: a matrix product, a softmax, a
# factor, a matrix product. With $A$ for the attention weights and $Z$ for the scores:
#
# $$\text{d}V = A^\top \text{dout}, \qquad \text{d}A = \text{dout}\, V^\top, \qquad
# \text{d}Z = A \odot \Bigl(\text{d}A - \sum_{\text{keys}} \text{d}A \odot A\Bigr) \tag{3}$$
# $$\text{d}Q = \frac{1}{\sqrt E}\, \text{d}Z\, K, \qquad
# \text{d}K = \frac{1}{\sqrt E}\, \text{d}Z^\top Q \tag{4}$$
#
# The middle of (3) is lesson 1's softmax, row by row.
#
# ### Exercise 6.4 · attention_backward · 4 points · 30 minutes

# %%
def attention_backward(dout, cache):
    """Return dq, dk, dv; cache is (q, k, v, weights), weights (..., T, S)."""
    ### BEGIN SOLUTION
    q, k, v, weights = cache
    dweights = dout @ v.swapaxes(-1, -2)                              # (3)
    dscores = weights * (dweights - (dweights * weights).sum(axis=-1, keepdims=True))
    dscores = dscores / q.shape[-1]**0.5
    dv = weights.swapaxes(-1, -2) @ dout
    return dscores @ k, dscores.swapaxes(-1, -2) @ q, dv              # (4)
    ### END SOLUTION

# %%
check("6.4", attention_backward)

# %% [markdown]
# The mask needs nothing: where it hid a key the weight is 0, and (3) multiplies by it.
#
# With heads it is five lines. One matrix of $D \times 3D$ holds $W_Q$, $W_K$ and $W_V$ side by
# side:

# %%
def with_heads(x, Wqkv, bqkv, Wo, bo, heads):
    q, k, v = np.split(x @ Wqkv + bqkv, 3, axis=-1)                   # (B, T, D) each
    q, k, v = (attention.split_heads(part, heads) for part in (q, k, v))
    mixed, _ = attention.attention_forward(q, k, v)                   # (B, N, T, E)
    return merge_heads(mixed) @ Wo + bo

rng = np.random.default_rng(0)
some = rng.standard_normal((2, 6, 8))
layer = [rng.standard_normal(shape) for shape in [(8, 24), (24,), (8, 8), (8,)]]
out, _ = attention.multi_head_attention_forward(some, *layer, heads=2)
apart = np.abs(with_heads(some, *layer, heads=2) - out).max()
print(f"differs from the library's by ≈ {apart:.0e}")

# %% tags=["test"]
assert apart < 1e-12

# %% [markdown]
# The library's version, `attention.multi_head_attention_forward`, has a mask and a backward pass.
# Below both are compared with PyTorch's.

# %% [markdown]
# That is the same as separate attentions, each with its own columns of $W_Q$, $W_K$, $W_V$ and its
# own rows of $W_O$, whose results are *added*. (So a head can be taken away. Lesson 7 does it.)

# %%
Wqkv, bqkv, Wo, bo = layer
added = bo
for own in (slice(0, 4), slice(4, 8)):                                # a head's columns, of 8
    q, k, v = (some @ W[:, own] + b[own] for W, b in zip(np.split(Wqkv, 3, axis=1),
                                                         np.split(bqkv, 3)))
    added = added + attention.attention_forward(q, k, v)[0] @ Wo[own]
print(f"head by head, added: differs by ≈ {np.abs(added - out).max():.0e}")

# %% tags=["test"]
assert np.allclose(added, out)

# %% [markdown]
# So far queries, keys and values are made of the same tokens: *self-attention*. Formula (2) does
# not ask for that. When a sentence is translated, queries may come from what is being written, keys
# and values from what was read: *cross-attention*. Nothing else changes, but the map is no longer
# square:

# %%
written, read = np.split(np.random.default_rng(1).standard_normal((2, 8, 8)), [3], axis=1)
out, (*_, looked) = attention.attention_forward(written, read, read)
print("three tokens look at five:", looked.shape, "; what they get:", out.shape)

# %% [markdown]
# A stack in which every token may look at all is called an *encoder*; with a causal mask it is a
# *decoder*. The first Transformer, made to translate, had both: its decoder looked back at itself,
# and by cross-attention at what the encoder had read. GPT is a decoder alone, BERT an encoder
# alone; you will train a small one of each.

# %% [markdown]
# ## 3. Attention does not know order
#
# A mean does not care in which order its terms come. Without a mask, shuffle the tokens, and
# attention gives the same vectors, shuffled:

# %%
sentence, order = rng.standard_normal((1, 6, 8)), rng.permutation(6)
out, _ = attention.multi_head_attention_forward(sentence, *layer, heads=2)
shuffled, _ = attention.multi_head_attention_forward(sentence[:, order], *layer, heads=2)
print("order:", order)
print("first number of each vector, as it was:", out[0, :, 0].round(2))
print("shuffled:                              ", shuffled[0, :, 0].round(2))

# %% tags=["test"]
assert np.allclose(shuffled, out[:, order], atol=1e-12)

# %% [markdown]
# To it, "dog bites man" and "man bites dog" are the same. So each token must be told where it
# stands. One way: add a vector for each position. It may be learned, or made of waves:
#
# $$p_{t, 2i} = \sin \frac{t}{10000^{2i/D}}, \qquad p_{t, 2i+1} = \cos \frac{t}{10000^{2i/D}}
# \tag{5}$$
#
# ### Exercise 6.5 · sinusoidal_positions · 2 points · 15 minutes

# %%
def sinusoidal_positions(T, D, *, base=10_000.0):
    """Formula (5), with base in place of 10000: (T, D), i from 0 to D / 2 - 1."""
    ### BEGIN SOLUTION
    angles = np.arange(T)[:, None] / base ** (np.arange(0, D, 2) / D)
    out = np.empty((T, D))
    out[:, 0::2], out[:, 1::2] = np.sin(angles), np.cos(angles)
    return out
    ### END SOLUTION

# %%
check("6.5", sinusoidal_positions)

# %%
table = attention.sinusoidal_positions(100, 32)
likeness = table @ table[50]
print("position 50 with 47 to 53:", likeness[47:54].round(1))

# %% tags=["folded"]
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 2.8))
image = left.imshow(table.T, aspect="auto", cmap=plots.SIGNED, vmin=-1, vmax=1)
fig.colorbar(image, ax=left)
left.set(xlabel="position", ylabel="entry of the vector")
right.plot(table @ table[50])
right.set(xlabel="position", ylabel="dot product with position 50", ylim=(0, None))
plots.show(fig, alt="Left: sinusoidal positions as stripes, fast waves above, slow ones below. "
           "Right: the dot product with position 50, a peak at 50, lower waves on both sides.")

# %% tags=["test"]
assert likeness.argmax() == 50 and set(np.argsort(-likeness)[1:3]) == {49, 51}

# %% [markdown]
# Each pair of sine and cosine is the hand of a clock. From one position to the next it turns by a
# fixed angle, wherever it stands. *Rotary positions* take this further. Nothing is added; queries
# and keys are turned by the angle of their position. Then, for a given query and key, the dot
# product depends only on how far the key stands before the query or after it:

# %%
q, k = rng.standard_normal((2, 1, 8))

def score(t, s):
    turned_q, _ = attention.rotary_forward(q, positions=np.array([t]))
    turned_k, _ = attention.rotary_forward(k, positions=np.array([s]))
    return (turned_q @ turned_k.T).item()

for t, s in [(5, 3), (95, 93), (3, 5)]:
    print(f"query at {t}, key at {s}: {score(t, s):.4f}")

# %% tags=["test"]
assert np.isclose(score(5, 3), score(95, 93)) and not np.isclose(score(5, 3), score(3, 5))

# %% [markdown]
# ## 4. The block
#
# A Transformer is a stack of *blocks*. In each, the tokens first look at each other (attention),
# then each token is worked on by itself (a small network with one hidden layer, the same for all
# tokens; its activation is *GELU*, a smooth ReLU). Around both there are two things that make a
# deep stack trainable, as you will see: a *residual*, which means that the input is added to what
# comes out, and a *layer norm*:
#
# $$x \leftarrow x + \text{attention}(\text{norm}(x)), \qquad
# x \leftarrow x + \text{network}(\text{norm}(x)) \tag{6}$$
#
# That is *pre-norm*. The first Transformer had *post-norm*, $x \leftarrow \text{norm}(x +
# \text{attention}(x))$, and the same with the network.
#
# **Predict.** Which share of a block's weights, in percent, is in the small network? (Its hidden
# layer has $4D$ numbers; attention has $D \times 3D$ and $D \times D$.)

# %%
predict("6.B", None)

# %% tags=["answer"]
block = attention.initialise_block(64, rng=np.random.default_rng(0))
print(f"{100 * sum(w.size for w in block[8:]) / sum(w.size for w in block):.0f} %")

# %% [markdown]
# *Layer norm* is batch norm after a quarter turn. Mean and deviation are taken over the features of
# each token by itself, so it does not matter who else is in the batch, in training or in use:
#
# $$\hat x = \frac{x - \mu}{\sigma}, \qquad \sigma = \sqrt{\text{var}(x) + \epsilon}, \qquad
# \text{out} = \gamma \odot \hat x + \beta \tag{7}$$
#
# Backward it is lesson 4's formula, with one trap. The means now run over features, and each has
# its own $\gamma$. So $\gamma$ comes first:
#
# $$g = \gamma \odot \text{dout}, \qquad \text{d}x = \frac{1}{\sigma} \Bigl(g - \text{mean}(g) -
# \hat x \, \text{mean}(g \odot \hat x)\Bigr) \tag{8}$$
#
# ### Exercise 6.6 · layer_norm_backward · 3 points · 25 minutes

# %%
def layer_norm_backward(dout, cache):
    """Return dx (8), dgamma, dbeta; cache is (x_hat, gamma, std), std (..., 1). x is (..., D)."""
    ### BEGIN SOLUTION
    x_hat, gamma, std = cache
    g = dout * gamma
    dx = (g - g.mean(axis=-1, keepdims=True)
          - x_hat * (g * x_hat).mean(axis=-1, keepdims=True)) / std   # (8)
    rows = tuple(range(dout.ndim - 1))
    return dx, (dout * x_hat).sum(axis=rows), dout.sum(axis=rows)
    ### END SOLUTION

# %%
check("6.6", layer_norm_backward)

# %% [markdown]
# What are residuals and norms good for? Take the task of the next section: turn a sequence of ten
# digits round. (One block can do it.) Give it to stacks of six blocks, with and without them, and
# train each for 100 steps, three seeds (a line is their median, the band their range). And a single
# block without either, to see whether it is the depth:

# %%
DIGITS = 10

def reversed_batch(n, T, *, rng):
    """Digits, and the same from back to front: (n, T) twice."""
    ids = torch.from_numpy(rng.integers(0, DIGITS, (n, T)))
    return ids, ids.flip(1)

class Reverser(nn.Module):
    """A Transformer that may look everywhere, and the logits of a digit at each place."""

    def __init__(self, T=10, **options):
        super().__init__()
        self.transformer = models.Transformer(DIGITS, T, D=32, **options)
        self.output = nn.Linear(32, DIGITS)

    def forward(self, ids):
        """From ids (B, T) to logits (B, T, 10)."""
        return self.output(self.transformer(ids))

def letter_loss(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())   # (B, T, V) and (B, T)

# %%
def practise(model, *, steps, seed, T=10, lr=3e-3):
    """Train on ever new sequences; the loss of each step."""
    rng, losses = np.random.default_rng(seed), []
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    for _ in range(steps):
        inputs, targets = reversed_batch(64, T, rng=rng)
        loss = letter_loss(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses

# %%
def deep(seed, layers=6, **options):
    torch.manual_seed(seed)
    return practise(Reverser(heads=2, layers=layers, **options), steps=100, seed=seed)

neither = {"residual": False, "norm": "none"}
kinds = {"neither, one block": {**neither, "layers": 1}, "neither": neither,
         "norms only": {"residual": False}, "residuals only": {"norm": "none"},
         "post-norm": {"norm": "post"}, "pre-norm": {}}
depth = {name: np.array([deep(seed, **options) for seed in range(3)])
         for name, options in kinds.items()}                          # (3, steps)

# %%
end = {name: runs[:, -10:].mean(axis=1) for name, runs in depth.items()}      # (3,)
for name, losses in end.items():
    print(f"{name:<19} loss of the last ten steps: ≈ {losses.min():.2f} to {losses.max():.2f}")
print(f"{'guessing':<19} {np.log(DIGITS):.2f}")

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(7, 3))
for name, runs in depth.items():
    plots.band(ax, np.arange(1, 101), runs, label=name,
               linestyle="--" if name == "norms only" else "-")   # it lies on "neither"
ax.axhline(np.log(DIGITS), **plots.CHANCE, label="guessing")
ax.set(xlabel="steps of training", ylabel="loss", ylim=(0, None))
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plots.show(fig, alt="Loss of stacks of six blocks over 100 steps. Without residual and norm it "
           "stays at guessing, and so it does with norms only; a single block without them learns. "
           "With residuals only it falls, how far differs from run to run. With post-norm and with "
           "pre-norm it falls to nearly 0.")

# %% tags=["test"]
assert (end["neither"] > 2.2).all() and (end["norms only"] > 2.2).all()
assert max(end["pre-norm"].max(), end["post-norm"].max()) < 0.2 < end["residuals only"].mean()
assert (end["neither, one block"] < 2).all()

# %% [markdown]
# One block learns without either. Six learn nothing in 100 steps, and norms alone do not change
# that. Residuals help; how far depends on the run. With both it works in every run, and with
# pre-norm sooner than with post-norm:

# %%
def steps_to(runs, loss=1.0):
    """The first step of each run at which its loss is below a value."""
    return (runs < loss).argmax(axis=1) + 1

pre, post = steps_to(depth["pre-norm"]), steps_to(depth["post-norm"])
for seed in range(3):
    print(f"run {seed}: loss below 1 after ≈ {pre[seed]} steps with pre-norm, "
          f"after ≈ {post[seed]} with post-norm")

# %% tags=["test"]
assert (pre < post).all()
assert min(depth[name].min(axis=1).max() for name in ("pre-norm", "post-norm")) < 1

# %% [markdown]
# Why? Take the stacks before training and look at the vectors of the ten places. How far are they
# from their own mean, as a share of their size?

# %%
def differ(seed, layers=6, **options):
    """How far the places' vectors are apart after all blocks, as a share of their size."""
    torch.manual_seed(seed)
    stack = Reverser(heads=2, layers=layers, **options).transformer.double()
    with torch.no_grad():
        x = stack.embed(reversed_batch(64, 10, rng=np.random.default_rng(seed))[0])   # (B, T, D)
        for block in stack.blocks:
            x, _ = block(x)
    return ((x - x.mean(dim=1, keepdim=True)).norm() / x.norm()).item()

apart = {name: np.array([differ(seed, **options) for seed in range(3)])
         for name, options in kinds.items()}
for name, shares in apart.items():
    print(f"{name:<19} ≈ {np.median(shares):.0e}")

# %% tags=["test"]
assert max(apart["neither"].max(), apart["norms only"].max()) < 1e-7
assert apart["neither, one block"].min() > 1e-7
assert min(apart["pre-norm"].min(), apart["residuals only"].min()) > 0.1

# %% [markdown]
# An untrained attention takes nearly the same mean at every place. One block leaves differences of
# a few ten-thousandths, and they can be made to grow. Six leave ten equal vectors: no place knows
# any more which digit it holds or where it stands, and no gradient can tell it. A norm cannot bring
# back what is not there. A residual can: it carries each token past the mean. So think of it as the
# main road, on which every token's vector travels from below to above; attention and network read
# from it, and add.

# %% [markdown]
# ## 5. Three small Transformers
#
# ### One that turns sequences round
#
# One block, one head, ten digits. Where must each place look? At the place as far from the end as
# it is from the beginning:

# %%
def reverser(seed, **options):
    torch.manual_seed(seed)
    model = Reverser(heads=1, layers=1, **options)
    practise(model, steps=150, seed=seed, lr=0.01)
    return model.eval()

def all_right(model, T=10):
    inputs, targets = reversed_batch(1000, T, rng=np.random.default_rng(99))
    with torch.no_grad():
        return (model(inputs).argmax(dim=2) == targets).all(dim=1).double().mean().item()

reversers = [reverser(seed, T=14) for seed in range(3)]
exact = [all_right(model) for model in reversers]
print(f"of 1,000 new sequences, without an error: ≈ {1000 * min(exact):.0f} to "
      f"{1000 * max(exact):.0f}")

# %% tags=["test"]
assert min(exact) >= 0.99

# %%
inputs, _ = reversed_batch(1, 10, rng=np.random.default_rng(5))
with torch.no_grad():
    turned = reversers[0].transformer.weights(inputs)[0][0].numpy()   # (heads, T, T)
print("places 0 to 9 look most at", turned[0].argmax(axis=1))

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(3.4, 3.2))
ax.imshow(turned[0], cmap=plots.WEIGHTS, vmin=0, vmax=1)
ax.set(xlabel="place that is looked at", ylabel="place that looks", xticks=range(10),
       yticks=range(10))
plots.show(fig, alt="Attention of the network that turns sequences round: the anti-diagonal. The "
           "first place looks at the last, the second at the last but one.")

# %% tags=["test"]
assert (turned[0].argmax(axis=1) == np.arange(9, -1, -1)).all()

# %% tags=["nbval-ignore-output"]
explorer = widgets.explore_attention([str(d) for d in inputs[0].tolist()], turned)
explorer

# %% tags=["test"]
assert "looks most at token 9" in explorer.sentence

# %% tags=["folded"]
fig, sentence = widgets.draw_attention([str(d) for d in inputs[0].tolist()], turned, 0, 3)
plots.show(fig, alt=f"The anti-diagonal map, and where token 3 looks. {sentence}")
print(sentence.split(", with")[0])

# %% [markdown]
# And sequences that are shorter or longer than those in training? (There are vectors for 14
# positions, but the last four were never used.)

# %%
other = {T: [all_right(model, T) for model in reversers] for T in (6, 8, 9, 11, 12, 14)}
for T, exact in other.items():
    print(f"length {T:>2}: of 1,000, without an error at most ≈ {1000 * max(exact):.0f}")

# %% tags=["test"]
assert max(max(exact) for exact in other.values()) < 0.01

# %% [markdown]
# It has not learned to turn sequences round. It has learned that place 0 looks at place 9, because
# nothing told it more: all sequences in training had ten digits. At length 8, where all positions
# are known to it, it is just as lost as at 12.
#
# ### One that writes
#
# A *GPT* has vectors for tokens and positions, a stack of causal blocks, a last norm, and a linear
# layer that predicts the next token. The text, the pieces of 64 characters and the recipe are those
# of lesson 5's LSTM, with about half the passes (one, over a long text), for both; neither has
# dropout; and the numbers of parameters are nearly
# equal. (The learning rate was chosen for the LSTM; others that we tried made this GPT no better.)

# %%
text = data.text_corpus()
characters = language.make_vocabulary(text)
ids, V = language.encode(text, characters), len(characters)
held_out = np.arange(len(ids)) // 1000 % 10 == 9
train_ids, test_ids = ids[~held_out], ids[held_out]

def cut(ids, T=64):
    """Pieces of T characters, and for each character the one after it: (n, T) twice."""
    n = (len(ids) - 1) // T
    return tuple(torch.from_numpy(ids[k:k + n * T].reshape(n, T)) for k in (0, 1))

makers = {"LSTM": lambda: models.LanguageModel(V, dropout=0.0),
          "GPT": lambda: models.GPT(V, 64, D=48, heads=4, layers=3)}
for name, make in makers.items():
    print(f"{name:<5} {models.count_parameters(make()):,} parameters")

# %%
device = train.choose_device()   # a GPU if there is one
passes = max(1, round(370_000 / len(train_ids)))   # fewer over a longer text

def writer(name, seed):
    torch.manual_seed(seed)
    model, (inputs, targets) = makers[name]().to(device), cut(train_ids)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.01, total_steps=passes * -(-len(inputs) // 16))
    history = train.fit(model, (inputs, targets), optimizer=optimizer, epochs=passes,
                        batch_size=16, loss=letter_loss, scheduler=scheduler, max_norm=1.0,
                        seed=seed)
    return model, sum(history["seconds"])

writers = {name: [writer(name, seed) for seed in range(3)] for name in makers}

# %%
x_test, y_test = cut(test_ids)

def on_test_text(model):
    return np.exp(letter_loss(train.predict(model, x_test), y_test).item())

scores = {name: np.array([on_test_text(model) for model, _ in runs])
          for name, runs in writers.items()}
for name, (low, *_, high) in {name: sorted(values) for name, values in scores.items()}.items():
    print(f"{name:<5} perplexity ≈ {low:.2f} to {high:.2f}, three seeds")
bigram = language.bigram_probabilities(train_ids, V)[test_ids[:-1], test_ids[1:]]
print(f"counting pairs: {metrics.perplexity(bigram):.2f}")

# %% tags=["test"]
assert scores["LSTM"].max() < scores["GPT"].min() or len(text) > 100_000
assert scores["GPT"].max() < metrics.perplexity(bigram)

# %% tags=["nbval-ignore-output"]
for name, runs in writers.items():
    spent = np.mean([seconds for _, seconds in runs])
    print(f"{name:<5} {spent:.1f} s of training each; it writes:")
    model, written, past = runs[0][0].cpu().eval(), [characters.index("T")], None
    rng = np.random.default_rng(0)
    with torch.no_grad():
        for _ in range(60):
            logits, past = model.step(torch.tensor([written[-1:]]), past)
            written.append(language.sample(logits[0, -1].double().numpy(), temperature=0.7,
                                           rng=rng))
    print("      ", "".join(characters[k] for k in written).replace("\n", "/"))

# %% tags=["test"]
assert all(values.max() < 15 for values in scores.values())

# %% [markdown]
# The same text, as many parameters, as many passes: the LSTM is ahead. On a CPU it also takes less
# time for a pass, so with equal time it would be further ahead. That a recurrent network has less
# to learn about order may be one reason; no cell here proves it. What a Transformer has on its side
# does not show on two cores and 60,000 characters: it works on all tokens of a piece at once, so it
# can use much hardware, and much text.
#
# ### Writing without doing everything again
#
# To write one more token, a GPT needs the keys and values of all tokens before. They do not change:
# the past cannot see what comes later. So keep them. That is the *key-value cache*.
#
# #### Exercise 6.7 · multi_head_step · 3 points · 25 minutes

# %%
def multi_head_step(x, past, Wqkv, bqkv, Wo, bo, *, heads):
    """One more token, x (B, 1, D). Return out (B, 1, D), and the new past: (keys, values).

    past is (keys, values), (B, N, S, E) each, or None. Wqkv makes queries, keys and values, side
    by side; Wo and bo come after the heads are merged.
    """
    ### BEGIN SOLUTION
    q, k, v = (attention.split_heads(part, heads)
               for part in np.split(x @ Wqkv + bqkv, 3, axis=-1))
    if past is not None:
        k, v = np.concatenate([past[0], k], axis=2), np.concatenate([past[1], v], axis=2)
    mixed, _ = attention.attention_forward(q, k, v)
    return attention.merge_heads(mixed) @ Wo + bo, (k, v)
    ### END SOLUTION

# %%
check("6.7", multi_head_step)

# %% [markdown]
# Does it write the same? A new GPT with room for 320 characters (untrained; its text does not
# matter here), with the cache and without, from the same random numbers:

# %%
def write(model, n, *, cache, rng):
    """Go on from one token, n tokens; and the seconds after each."""
    written, past, began, times = [0], None, time.perf_counter(), []
    with torch.no_grad():
        for _ in range(n):
            if cache:
                logits, past = model.step(torch.tensor([written[-1:]]), past)
            else:
                logits = model(torch.tensor([written]))
            written.append(language.sample(logits[0, -1].double().numpy(), rng=rng))
            times.append(time.perf_counter() - began)
    return written, np.array(times)

torch.manual_seed(0)
long = models.GPT(V, 320, D=48, heads=4, layers=3).eval()
slow, slow_times = write(long, 300, cache=False, rng=np.random.default_rng(0))
fast, fast_times = write(long, 300, cache=True, rng=np.random.default_rng(0))
print(f"{sum(a == b for a, b in zip(slow, fast)) - 1} of 300 tokens are the same")
print(f"tokens worked through: without {sum(range(1, 301)):,}, with the cache {300}")
for n in (50, 150, 300):
    print(f"{n} tokens: ≈ {slow_times[n - 1] / fast_times[n - 1]:.1f} times as fast with the cache")

# %% tags=["folded"]
seconds_for_25 = {name: np.diff(times[24::25], prepend=0) for name, times in [
    ("without", slow_times), ("with the cache", fast_times)]}
fig, ax = plt.subplots()
for name, spent in seconds_for_25.items():
    ax.plot(25 * np.arange(1, 13), 25 / spent, label=name)
ax.set(xlabel="tokens written", ylabel="tokens a second", ylim=(0, None))
ax.legend()
plots.show(fig, alt="Tokens a second by the number of tokens written. With the cache about level; "
           "without, falling.")

# %% tags=["test"]
assert slow == fast

# %% [markdown]
# ### One that fills gaps
#
# A network that may look at both sides cannot be trained to predict the next token: it sees it. But
# tokens can be hidden. *BERT* is trained so. Of the tokens 15 % are chosen and must be guessed. Of
# these, 80 % are replaced by a special token, 10 % by a random one, 10 % stay as they are. (In use
# no token is hidden. If only hidden ones had to be guessed, the network could neglect all other
# places.)
#
# #### Exercise 6.8 · mask_tokens · 2 points · 20 minutes

# %%
def mask_tokens(ids, *, mask_id, V, rng, share=0.15, special=()):
    """Return inputs, with tokens hidden, and targets: the old token where chosen, else -100.

    Random tokens are 0 to V - 1. Tokens in special are never chosen.
    """
    ### BEGIN SOLUTION
    chosen = (rng.random(ids.shape) < share) & ~np.isin(ids, special)
    how = rng.random(ids.shape)
    inputs = np.where(chosen & (how < 0.8), mask_id, ids)
    inputs = np.where(chosen & (how >= 0.9), rng.integers(0, V, ids.shape), inputs)
    return inputs, np.where(chosen, ids, -100)
    ### END SOLUTION

# %%
check("6.8", mask_tokens)

# %% [markdown]
# Where the target is -100, PyTorch's cross-entropy does not look.
#
# BERT has a second task. It gets two sentences and must say whether the second follows the first in
# the text (*next-sentence prediction*). Half of the pairs are real, half have a random second
# sentence. A token in front, `<cls>`, collects the answer; `<sep>` ends a sentence; and each token
# is told by a vector which of the two sentences it belongs to.

# %%
sentences = [language.tokenize(s) for s in re.split(r"(?<=[.?!])\s+|\n+", text)]
fits = [k for k, s in enumerate(sentences) if 2 <= len(s) <= 20][:3000]   # no very long ones
sentences = [sentences[k] for k in fits]
SPECIAL = ["<pad>", "<unknown>", "<cls>", "<sep>", "<mask>"]
PAD, UNKNOWN, CLS, SEP, MASK = range(5)
vocabulary = SPECIAL + language.make_vocabulary((w for s in sentences for w in s), least=3)
place = {word: k for k, word in enumerate(vocabulary)}
encoded = [language.encode(s, place, unknown=UNKNOWN) for s in sentences]
print(f"{len(vocabulary)} tokens; first sentence:", [vocabulary[k] for k in encoded[0]])

# %%
def pairs(firsts, pool, rng):
    """Two sentences each, padded: ids, segments, lengths, and whether the second follows."""
    follows = rng.random(len(firsts)) < 0.5
    seconds = np.where(follows, firsts + 1, rng.choice(pool, len(firsts)))
    joined = [(encoded[a], encoded[b]) for a, b in zip(firsts, seconds)]
    ids, lengths = language.pad([np.r_[CLS, a, SEP, b, SEP] for a, b in joined], value=PAD)
    segments, _ = language.pad([np.r_[[0] * (len(a) + 2), [1] * (len(b) + 1)].astype(int)
                                for a, b in joined])
    return ids, segments, lengths, follows

def hidden(firsts, pool, rng):
    """The same with tokens hidden, as tensors: three inputs and the targets."""
    ids, segments, lengths, _ = pairs(firsts, pool, rng)
    inputs, targets = attention.mask_tokens(ids, mask_id=MASK, V=len(vocabulary), rng=rng,
                                            special=(PAD, CLS, SEP))
    return [torch.from_numpy(a) for a in (inputs, segments, lengths, targets)]

block_of = np.arange(len(encoded)) // 20                  # every tenth block of 20 is held back
# Both sentences in one block, and no left-out sentence between them.
inside = np.flatnonzero((block_of[:-1] == block_of[1:]) & (np.diff(fits) == 1))
pools = [np.flatnonzero((block_of % 10 == 9) == test) for test in (False, True)]
firsts = [np.intersect1d(pool, inside) for pool in pools]
ids, segments, lengths, follows = pairs(firsts[0][:1], pools[0], np.random.default_rng(1))
print(f"{len(pools[0])} sentences to learn from, {len(pools[1])} to test on")
print(" ".join(vocabulary[k] for k in ids[0]), "| follows" if follows[0] else "| does not follow")

# %% [markdown]
# No sentence of the test blocks is seen in training, neither as a first nor as a second. The
# baseline is the unigram model again: guess by frequency, without looking. We train one network,
# and on the hidden tokens alone. RoBERTa, a year after BERT, left the second task out and did as
# well or better.

# %%
torch.manual_seed(0)
rng, bert, steps = np.random.default_rng(0), models.BERT(len(vocabulary), 48, dropout=0.1), 400
optimizer = torch.optim.AdamW(bert.parameters(), lr=0.003)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.003, total_steps=steps)
for _ in range(steps):
    *inputs, targets = hidden(rng.choice(firsts[0], 32), pools[0], rng)
    guesses, _ = bert(*inputs)
    loss = F.cross_entropy(guesses.flatten(0, 1), targets.flatten())
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(bert.parameters(), 1.0)
    optimizer.step()
    scheduler.step()
bert.eval()
print("trained:", models.count_parameters(bert), "parameters")

# %%
counts = np.bincount(np.concatenate([encoded[k] for k in pools[0]]), minlength=len(vocabulary))
frequency = (counts + 0.1) / (counts + 0.1).sum()
found = {"unigram": [], "BERT": [], "right": []}
for draw in range(3):                  # of the tokens that are hidden
    *inputs, targets = hidden(np.tile(firsts[1], 3), pools[1], np.random.default_rng(draw))
    with torch.no_grad():
        guesses, _ = bert(*inputs)
    chosen = targets != -100
    found["BERT"].append(F.cross_entropy(guesses[chosen], targets[chosen]).item())
    found["unigram"].append(-np.log(frequency[targets[chosen]]).mean())
    found["right"].append((guesses[chosen].argmax(dim=1) == targets[chosen]).double().mean().item())
for draw, (counted, read) in enumerate(zip(found["unigram"], found["BERT"])):
    print(f"draw {draw}: loss of the unigram model {counted:.2f}, of BERT ≈ {read:.2f}")
print(f"guessed right: ≈ {100 * np.mean(found['right']):.0f} %")

# %% tags=["test"]
assert all(b < u for b, u in zip(found["BERT"], found["unigram"]))

# %% tags=["nbval-ignore-output"]
def fill(sentence, count=4):
    """The most probable tokens for <mask>."""
    tokens = [MASK if w == "mask" else place.get(w, UNKNOWN)
              for w in language.tokenize(sentence.replace("<mask>", "mask"))]
    ids = torch.tensor([[CLS, *tokens, SEP]])
    with torch.no_grad():
        guesses, _ = bert(ids, torch.zeros_like(ids), torch.tensor([ids.shape[1]]))
    best = guesses[0, ids[0].tolist().index(MASK)].softmax(dim=0).topk(count)
    return [f"{vocabulary[k]} {p:.2f}" for p, k in zip(best.values, best.indices)]

for sentence in ("the <mask> of the loss", "she looked at <mask> hill.", "i do not know <mask>"):
    print(f"{sentence:<28}", fill(sentence))
guessed = [guess.split()[0] for sentence in ("the <mask> of the loss", "i do not know <mask>")
           for guess in fill(sentence)]
plain = {".", ",", "?", "!", ":", ";", "the", "a", "to", "it", "of", "<unknown>"}

# %% tags=["test"]
assert np.mean([g in plain for g in guessed]) >= 0.5

# %% [markdown]
# It does better than frequency, but look at the guesses: full stops, "the", and the token for what
# it does not know. From so few sentences it has learned where marks and small words go, and little
# else. To know what words are about takes far more reading. Lesson 7 opens a network that has done
# it.

# %% [markdown]
# ## 6. What attention costs
#
# Every token looks at every other: $T^2$ weights for each head. Twice the length, four times the
# work for scores and means and, if all weights stand side by side, four times the memory.
#
# But they need not stand side by side. A mean with weights can be made piece by piece: keep the sum
# of weights times values, the sum of weights, and the largest score so far. When a larger score
# comes, shrink both sums by the right factor. That is the idea of *FlashAttention*, which PyTorch's
# `scaled_dot_product_attention` uses where it can:

# %%
def blockwise_attention(q, k, v, *, size=64):
    """The same as attention_forward, but the weights of all keys never stand side by side."""
    attention.check_attention(q, k, v)
    if size < 1:
        raise ValueError(f"size is {size}: give at least 1")
    out, total = 0.0, 0.0
    top = np.full((*q.shape[:-1], 1), -np.inf, dtype=q.dtype)         # the largest score so far
    for start in range(0, k.shape[-2], size):
        part = slice(start, start + size)
        scores = q @ np.swapaxes(k[..., part, :], -1, -2) / q.shape[-1]**0.5
        new_top = np.maximum(top, scores.max(axis=-1, keepdims=True))
        weights = np.exp(scores - new_top)                            # (..., T, size)
        shrink = np.exp(top - new_top)                    # what was summed for a smaller top
        out = out * shrink + weights @ v[..., part, :]
        total = total * shrink + weights.sum(axis=-1, keepdims=True)
        top = new_top
    return out / total

# %%
def peak_memory(call, *arrays):
    """The most memory that NumPy held at once, in megabytes."""
    tracemalloc.start()
    call(*arrays)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6

lengths = np.array([256, 512, 1024, 2048])
memory = {"all weights at once": [], "block by block": []}
for T in lengths:
    qkv = np.random.default_rng(0).standard_normal((3, 2, T, 32)).astype(np.float32)
    memory["all weights at once"].append(peak_memory(attention.attention_forward, *qkv))
    memory["block by block"].append(peak_memory(blockwise_attention, *qkv))
apart = np.abs(blockwise_attention(*qkv) - attention.attention_forward(*qkv)[0]).max()
print(f"largest difference, in float32: ≈ {apart:.0e}")

# %% tags=["test"]
assert apart < 1e-5

# %%
def exponent(x, y):
    """Slope of log y against log x: 1 is linear, 2 is quadratic."""
    return np.polyfit(np.log(x), np.log(y), 1)[0]

for name, peaks in memory.items():
    print(f"memory, {name:<20} grows with T to the power of {exponent(lengths, peaks):.1f}")

# %% tags=["folded"]
fig, ax = plt.subplots()
for name, peaks in memory.items():
    ax.plot(lengths, peaks, "o-", label=name)
ax.set(xscale="log", yscale="log", xlabel="tokens, T", ylabel="peak memory in MB", xticks=lengths,
       xticklabels=lengths)
ax.minorticks_off()
ax.legend()
plots.show(fig, alt="Peak memory of attention by length, both axes logarithmic. All weights at "
           "once: slope 2. Block by block: slope 1.")

# %%
def seconds(call, *arrays, repeats=5):
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        call(*arrays)
        times.append(time.perf_counter() - began)
    return min(times)

def naive(q, k, v):
    return torch.softmax(q @ k.mT / q.shape[-1]**0.5, dim=-1) @ v

spent = {"naive": [], "fused": []}
for T in lengths:
    q, k, v = torch.randn(3, 1, 4, T, 32, generator=torch.Generator().manual_seed(0))
    spent["naive"].append(seconds(naive, q, k, v))
    spent["fused"].append(seconds(F.scaled_dot_product_attention, q, k, v))
apart = (naive(q, k, v) - F.scaled_dot_product_attention(q, k, v)).abs().max()
print(f"largest difference, in float32: ≈ {apart:.0e}")
for name, times in spent.items():
    print(f"{name}: ≈ {1000 * times[-1]:.1f} ms at {lengths[-1]} tokens, time grows with T to the "
          f"power of ≈ {exponent(lengths, times):.1f}")

# %% tags=["test"]
assert apart < 1e-5

# %% [markdown]
# Block by block saves memory. PyTorch's fused version is also faster here; one reason is that less
# has to be moved to and from memory. The naive one may even grow faster than $T^2$; the likely
# reason is that its table no longer fits into the processor's caches. The *work* is quadratic in
# both.

# %% [markdown]
# ## Check against PyTorch
#
# Our attention with several heads against `nn.MultiheadAttention`, with its weights copied: output,
# who looks where, and every gradient, with and without masks.

# %%
def errors(lengths, causal, B=3, T=5, D=8, N=2):
    """Largest relative error of output, weights and gradients, ours against PyTorch's."""
    torch.manual_seed(0)
    module = nn.MultiheadAttention(D, N, batch_first=True).double()
    nn.init.normal_(module.in_proj_bias)
    theirs = [module.in_proj_weight, module.in_proj_bias, module.out_proj.weight,
              module.out_proj.bias]
    ours = [p.detach().numpy().T for p in theirs]
    x, dout = np.random.default_rng(0).standard_normal((2, B, T, D))
    mask = attention.attention_mask(lengths, T, causal=causal)
    out, cache = attention.multi_head_attention_forward(x, *ours, heads=N, mask=mask)
    leaf = torch.tensor(x, requires_grad=True)
    their_out, looked = module(
        leaf, leaf, leaf, average_attn_weights=False,      # there True means "hidden"
        key_padding_mask=torch.from_numpy(np.arange(T) >= lengths[:, None]),
        attn_mask=torch.ones(T, T, dtype=torch.bool).triu(1) if causal else None)
    grads = torch.autograd.grad(their_out, [leaf, *theirs], torch.from_numpy(dout))
    mine = [out, cache[1][3], *attention.multi_head_attention_backward(dout, cache)]
    other = [their_out, looked, grads[0], *(g.T if g.ndim == 2 else g for g in grads[1:])]
    return max(gradcheck.relative_error(a, b.detach()) for a, b in zip(mine, other))

apart = []
for lengths_of in (np.array([5, 5, 5]), np.array([5, 2, 3])):
    for causal in (False, True):
        apart.append(errors(lengths_of, causal))
        print(f"lengths {lengths_of}, {'causal' if causal else 'all look':<8} ≈ {apart[-1]:.0e}")

# %% tags=["test"]
assert max(apart) < 1e-10

# %% [markdown]
# And a whole block, all thirteen gradients, by central differences along five directions. It is
# smooth, so there are no kinks to fear.

# %%
rng = np.random.default_rng(0)
arrays = [rng.standard_normal((2, 5, 8)), *attention.initialise_block(8, rng=rng)]
mask = attention.attention_mask(np.array([5, 3]), 5, causal=True)
for seed in range(5):
    gradcheck.check_direction(attention.block_forward, attention.block_backward, *arrays, heads=2,
                              mask=mask, rng=np.random.default_rng(seed))
print("a block with masks, and its thirteen gradients: agree with central differences")

# %% [markdown]
# ## Claim on trial
#
# - **A** · "Transformer = MultiHeadAttention + FeedForward." And nothing else.
# - **B** · "The attention map explains the decision": what a token looks at most is what made the
#   difference.

# %%
def my_opinion():
    """Like {"A": True, "B": True}."""
    ### BEGIN SOLUTION
    return {"A": False, "B": False}
    ### END SOLUTION

# %%
print("you said:", my_opinion())

# %% [markdown]
# **A**: you have seen what six blocks do without residuals and norms. And without positions? One
# block, with everything else, on ten digits to be turned round:

# %% tags=["answer"]
lost = [all_right(reverser(seed, T=14, positions=False)) for seed in range(3)]
print(f"without positions, sequences without an error: at most ≈ {1000 * max(lost):.0f} of 1,000")
print(f"six blocks of attention and network only: loss ≈ {end['neither'].min():.2f}, by guessing "
      f"{np.log(DIGITS):.2f}")

# %% tags=["test"]
assert max(lost) < 0.01

# %% [markdown]
# **B**: take a GPT from section 5 and pieces of 32 characters. At the last place, which of the
# others is looked at most (mean of all heads and blocks)? And which matters most? To know that, put
# a space, e, a, t and n in the place of each in turn, and add up how much the prediction changes
# (the sum of the absolute differences of the probabilities).

# %% tags=["answer"]
def looked_and_mattered(model, ids):
    """The place that is looked at most, and the one that matters most; the last does not count."""
    maps = torch.stack(model.transformer.weights(ids[None], causal=True))   # (blocks, 1, N, T, T)
    looked = maps[:, 0, :, -1, :-1].mean(dim=(0, 1))                  # (T - 1,)
    mattered, places = 0.0, range(len(ids) - 1)
    for other in " eatn":
        changed = ids.repeat(len(ids), 1)
        changed[places, places] = characters.index(other)
        p = model(changed)[:, -1].softmax(dim=1)                      # the last row: unchanged
        mattered = mattered + (p[:-1] - p[-1]).abs().sum(dim=1)
    return looked.argmax().item(), mattered.argmax().item()

starts = np.arange(0, min(len(test_ids), 6000) - 32, 96)
named = []
for model, _ in writers["GPT"]:
    model.cpu().eval()
    with torch.no_grad():
        named.append([looked_and_mattered(model, torch.from_numpy(test_ids[start:start + 32]))
                      for start in starts])
named = np.array(named)                                               # (seeds, pieces, 2)

# %% tags=["answer"]
agree = (named[..., 0] == named[..., 1]).mean(axis=1)                 # (seeds,)
blind = (named[..., 1] == 30).mean(axis=1)                # always "the character before the last"
print("how often is the place that matters named?")
print(f"by the map: ≈ {100 * agree.min():.0f} to {100 * agree.max():.0f} %")
print(f"by \"the one before\": ≈ {100 * blind.min():.0f} to {100 * blind.max():.0f} %")
print(f"by chance: {1 / 31:.0%}")

# %% tags=["test"]
assert (agree > 10 / 31).all()
assert len(text) > 100_000 or (agree < blind).all()

# %% [markdown]
# The map says something: far more than chance. But to say "the character before", without looking
# at any map, is right more often. A map shows where values are taken from, not what they are worth.
# Possible reasons: a value may be small, another head may undo it, a block further up may look
# elsewhere; and a mean over heads and blocks is only one way to read maps. To know what matters,
# change it and see.
#
# Repair A: a pre-norm block, formula (6). `attend`, `think` and `norm` are functions from
# (B, T, D) to (B, T, D).

# %%
def repaired_block(x, attend, think, norm):
    """The output of a pre-norm block."""
    ### BEGIN SOLUTION
    x = x + attend(norm(x))
    return x + think(norm(x))                                         # (6)
    ### END SOLUTION

# %%
def judge_repair(block):
    rng = np.random.default_rng(0)
    gamma1, beta1, *heads_weights = (w + 0.1 * rng.standard_normal(w.shape) for w in
                                     attention.initialise_block(8, rng=rng))
    *heads_weights, _, _, W1, b1, W2, b2 = heads_weights
    x = rng.standard_normal((2, 5, 8))
    out = block(x.copy(),
                lambda z: attention.multi_head_attention_forward(z, *heads_weights, heads=2)[0],
                lambda z: attention.gelu_forward(z @ W1 + b1)[0] @ W2 + b2,
                lambda z: attention.layer_norm_forward(z, gamma1, beta1)[0])
    if out is None:
        return print("○ not repaired yet")
    wanted, _ = attention.block_forward(x, gamma1, beta1, *heads_weights, gamma1, beta1, W1, b1, W2,
                                        b2, heads=2)
    print(gradcheck.verdict("block", out, wanted))

judge_repair(repaired_block)

# %% [markdown]
# ## What can go wrong
#
# **A mask that lets the future in.** Off by one, and each token may see the one that it is to
# predict. The loss falls wonderfully, and the model is worth nothing:

# %%
class Peeking(models.GPT):
    """A GPT whose mask is off by one: each token may look one ahead."""

    def forward(self, ids):
        """From ids (B, T) to logits (B, T, V)."""
        T = ids.shape[1]
        mask = torch.ones(T, T, dtype=torch.bool).tril(1)
        return self.output(self.transformer(ids, mask=mask))

torch.manual_seed(0)
peeking, pieces = Peeking(V, 64, D=32, heads=2), cut(train_ids[:40_000])
train.fit(peeking, pieces, optimizer=torch.optim.AdamW(peeking.parameters(), lr=0.01), epochs=3,
          batch_size=16, loss=letter_loss, max_norm=1.0)
peeked = on_test_text(peeking)
print(f"perplexity after three passes over part of the text: ≈ {peeked:.2f}")

# %% tags=["test"]
assert peeked < 2

# %% [markdown]
# Test it: change a token, and see that no prediction *before* it changes.

# %%
def looks_ahead(model, T=20):
    """How far the logits before the last place move when the last token is changed."""
    ids = torch.from_numpy(test_ids[None, :T])
    changed = ids.clone()
    changed[0, T - 1] = (ids[0, T - 1] + 1) % V
    difference = (train.predict(model.cpu(), ids) - train.predict(model.cpu(), changed)).abs()
    return difference[0, :T - 1].max().item()

moved = {"the one above": looks_ahead(peeking), "the GPT of section 5": looks_ahead(
    writers["GPT"][0][0])}
for name, far in moved.items():
    print(f"{name:<20} moves by ≈ {far:.0e}")

# %% tags=["test"]
assert moved["the one above"] > 1e-2 > 1e-4 > moved["the GPT of section 5"]

# %% [markdown]
# **True means two things.** In our masks, and in `scaled_dot_product_attention`, True is where a
# query *may* look. In `nn.MultiheadAttention` and `nn.TransformerEncoder`, True is where it may
# *not*. Nothing warns you:

# %%
module = nn.MultiheadAttention(8, 2, batch_first=True).eval()
x_some = torch.randn(1, 4, 8, generator=torch.Generator().manual_seed(0))
may_look = torch.ones(4, 4, dtype=torch.bool).tril()
with torch.no_grad():
    _, wrong = module(x_some, x_some, x_some, attn_mask=may_look)
    _, right = module(x_some, x_some, x_some, attn_mask=~may_look)
print("as it is: the first token looks at", wrong[0, 0].numpy().round(2))
print("          the last one at", wrong[0, 3].numpy())
print("turned round: the first looks at", right[0, 0].numpy().round(2))

# %% tags=["test"]
assert wrong[0, 0, 0] == 0 and wrong[0, 3].isnan().all() and (right[0].triu(1) == 0).all()

# %% [markdown]
# ## Summary
#
# - Attention is a mean of values, with weights from a softmax over how well keys fit a query. The
#   root of $E$ keeps the softmax from giving nearly everything to one key; masks come before it.
# - Without a mask it does not know order. Positions must be added, or queries and keys turned by
#   them.
# - A block is attention and a small network, each with a residual and a norm. With neither, one
#   block learns and six do not, in 100 steps.
# - The network that turns sequences round learned what it was shown: place 0 looks at place 9. At
#   every other length that we tried it is lost.
# - On our text, at this size, the LSTM was better. The cache makes writing cheap; block by block
#   saves memory; the work stays quadratic.
# - Hidden tokens can be guessed by a network that may look at both sides. Little text teaches it
#   little.

# %% [markdown]
# ## Exercises
#
# | | write | points |
# |---|---|---|
# | 6.1 | `attention_forward` | 3 |
# | 6.2 | `attention_mask` | 2 |
# | 6.3 | `split_heads` | 1 |
# | 6.4 | `attention_backward` | 4 |
# | 6.5 | `sinusoidal_positions` | 2 |
# | 6.6 | `layer_norm_backward` | 3 |
# | 6.7 | `multi_head_step` | 3 |
# | 6.8 | `mask_tokens` | 2 |
#
# `course progress` in a terminal shows which of yours are done.

# %% [markdown]
# ## References
#
# - D. Bahdanau, K. Cho, Y. Bengio (2015), *Neural machine translation by jointly learning to align
#   and translate*, ICLR. Attention.
# - A. Vaswani et al. (2017), *Attention is all you need*, NeurIPS. Our (2) is its (1); (5) is in
#   its section 3.5.
# - J. Ba, J. Kiros, G. Hinton (2016), *Layer normalization*. Our (7).
# - R. Xiong et al. (2020), *On layer normalization in the Transformer architecture*, ICML. Pre- and
#   post-norm, our (6).
# - K. He, X. Zhang, S. Ren, J. Sun (2016), *Deep residual learning for image recognition*, CVPR.
#   Residuals.
# - J. Su et al. (2021), *RoFormer: enhanced transformer with rotary position embedding*.
# - A. Radford et al. (2019), *Language models are unsupervised multitask learners*. GPT-2.
# - J. Devlin, M. Chang, K. Lee, K. Toutanova (2019), *BERT: pre-training of deep bidirectional
#   transformers for language understanding*, NAACL. Section 3.1: the two tasks.
# - M. Milakov, N. Gimelshein (2018), *Online normalizer calculation for softmax*. T. Dao, D. Fu,
#   S. Ermon, A. Rudra, C. Ré (2022), *FlashAttention*, NeurIPS; T. Dao (2023), *FlashAttention-2*,
#   whose algorithm 1 divides once, at the end, as ours. Section 6.
# - Y. Dong, J. Cordonnier, A. Loukas (2021), *Attention is not all you need: pure attention loses
#   rank doubly exponentially with depth*, ICML: why six blocks learn nothing.
# - Y. Liu et al. (2019), *RoBERTa: a robustly optimized BERT pretraining approach*.
# - S. Jain, B. Wallace (2019), *Attention is not explanation*, NAACL; S. Wiegreffe, Y. Pinter
#   (2019), *Attention is not not explanation*, EMNLP. Claim B.
# - D. Hendrycks, K. Gimpel (2016), *Gaussian error linear units (GELUs)*.
# - P. Lippe, *UvA deep learning tutorials*, tutorial 6. The task of turning sequences round.
#
# **Next:** [7 · Fine-tune a pretrained BERT, and ship it](07_bert_fine_tuning.ipynb)
