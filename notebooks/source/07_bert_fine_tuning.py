# %% [markdown] accelerator="GPU"
# # 7 · Fine-tune a pretrained BERT, and ship it
#
# In lesson 5 you trained a classifier of reviews from nothing. A few hundred reviews taught it a
# few words. Somebody else has trained a Transformer on more text than you will read in your life,
# and put its weights on the network. Here you take those weights, check that you understand them,
# and go on from there. Then you do what comes after: compare honestly, make it fast,
# make it small, and find out what it does not know.
#
# [Open in Colab]({colab}) · [Open on Binder]({binder})

# %% [markdown]
# ## What you will do
#
# 1. Cut words into pieces, as BERT does, and make batches of them.
# 2. Load an encoder that others have trained, into an encoder of your own.
# 3. Fine-tune it: by hand, then with the `Trainer` of `transformers`.
# 4. Put it beside five other ways to do the same, on a test set by which nothing is chosen.
# 5. Make training faster, and measure each step of it.
# 6. Share the work between processes.
# 7. Ship it: save it, and make it smaller in four ways.
# 8. Find out what it does not know, and what it knows that it should not.

# %% [markdown]
# ## What you need
#
# Lessons 1 to 6: cross-entropy, AdamW and schedules, padding and masks, attention, the
# Transformer's block. About four hours with the exercises. The notebook runs in about four minutes
# on two cores, and stays at about 1.5 GB; there it trains on 400 reviews. On a GPU the same cells
# take a larger encoder, if there is a network, and all the data.

# %% [markdown]
# ## Symbols and shapes
#
# | symbol | meaning |
# |---|---|
# | $B$, $T$ | sentences in a batch, tokens in the longest of them |
# | $D$ | numbers of a token's vector |
# | $N$ | sentences in all |
# | $V$ | pieces in the vocabulary |
# | $C$ | classes: 2, negative and positive |
# | `ids`, `mask` | the tokens, `(B, T)`; True where a token is real, False on padding, `(B, T)` |
# | $z$, $p$ | logits and probabilities, `(B, C)` |
# | $\tau$ | a temperature |
# | $\alpha$ | the teacher's weight in a student's loss |
# | `# (B, T, D)` | shape of the array made on that line |

# %%
try:
    import course_lib
except ModuleNotFoundError:  # opened on its own, as on Colab: fetch the library, nothing else
    # If that fails: download the whole course from {repository}, and open the lesson in there.
    get_ipython().run_line_magic("pip", "install -q git+{repository}")

# %%
import itertools
import tempfile
from collections import Counter
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import torch
import transformers
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.nn import functional as F

import course_lib.gradcheck as gradcheck
import course_lib.widgets as widgets
from course_lib import data, finetune, language, layers, metrics, models, optim, plots, train
from course_lib.checks import case, check, hint, predict, solution
from course_lib.finetune import compress, ladder, loop

# %% [markdown]
# ### Which device?
#
# A CUDA GPU if there is one, else the CPU. On Colab: *Runtime*, *Change runtime type*, *T4 GPU*.
# (Apple's GPU must be asked for, `train.choose_device("mps")`: its results differ in more than the
# last digits.)

# %%
device = train.choose_device()
large = device.type == "cuda"
print("device:", device.type)

# %%
pretrained = data.pretrained_encoder("bert-base-uncased" if large else "minilm")
x_train, y_train, x_dev, y_dev, x_test, y_test = data.sentiment()
if not large:                                             # two cores: 400 of each, at most
    x_train, y_train, x_dev, y_dev, x_test, y_test = (
        part[:400] for part in (x_train, y_train, x_dev, y_dev, x_test, y_test))
print(f"used here: {len(x_train)} to train, {len(x_dev)} to choose by, {len(x_test)} to test")
for text, label in list(zip(x_train, y_train))[:3]:
    print(label, text)

# %% [markdown]
# ## 1. Pieces of words
#
# Lesson 5's vocabulary was made of whole words. Whatever was not in it became *unknown*: a new
# name, a rare form, a slip of the pen. Letters have no such problem, but a text has many more of
# them than of words.
# BERT takes something in between. Its vocabulary has 30,522 *pieces*, frequent words among them,
# and a word that is not there is cut into pieces that are. The method is called *WordPiece*.
# (The pieces were found as in lesson 5, by joining pairs of neighbours: not the most frequent pair
# first, but, as far as is known, the one that comes up most often for its parts.)
#
# First the text is cleaned: lower case, no accents, no control characters, and a space round each
# Chinese character. Then it is split at spaces, and each punctuation mark becomes a word of its
# own:

# %%
def split_words(text):
    """Words and punctuation marks of a cleaned text; each mark stands alone."""
    spaced = "".join(f" {c} " if language.is_mark(c) else c for c in text)
    return spaced.split()

cleaned = language.clean("The crème brûlée wasn't\tbad!")
print(cleaned)
print(split_words(cleaned))

# %% [markdown]
# Then each word is cut. Take the longest piece of the vocabulary with which it begins; then the
# longest with which the rest begins; and so on. Pieces that do not begin a word are written with
# `##` before them. It is *greedy*: it never goes back. If it gets stuck, the whole word is unknown.
#
# ### Exercise 7.1 · wordpiece · 3 points · 25 minutes

# %%
def wordpiece(word, vocabulary, *, unknown="[UNK]", longest=100):
    """A list of the pieces of a word; vocabulary is a set of pieces.

    [unknown] if the word cannot be cut, or has more than `longest` letters. Of "": [].
    """
    ### BEGIN SOLUTION
    if len(word) > longest:
        return [unknown]
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            if piece in vocabulary:
                break
        else:                                             # no break: nothing fits
            return [unknown]
        pieces.append(piece)
        start = end
    return pieces
    ### END SOLUTION

# %%
check("7.1", wordpiece)

# %%
vocabulary = pretrained.vocabulary
places = {piece: k for k, piece in enumerate(vocabulary)}
for word in ("film", "filmic", "unwatchable", "transformers", "zyzzyva", "☃"):
    print(f"{word:<14}", language.wordpiece(word, places))

# %% [markdown]
# Is that what BERT does? The tokenizer of `transformers` is written in Rust, and used by everyone.
# Let both cut every text that we use here, and some that were made to be awkward:

# %%
tokenizer = transformers.BertTokenizer(vocab=places)
nasty = ["", "   ", "🙂🙃", "我喜欢这本书", "a" * 10_000, "wow " * 2_500, "\x00\x07tab\there\u200b",
         "ÅÉÎ ßtraße İstanbul", "don't...stop!!!", "1,234.56$ C++ #@", "[MASK] [mask]", "ﬁ ½ Ⅷ"]
texts = [*x_train, *x_dev, *x_test, *nasty]
same = [tokenizer.tokenize(t) == language.wordpiece_tokens(t, places) for t in texts]
print(f"the same pieces in {sum(same):,} of {len(same):,} texts")

# %% tags=["test"]
assert all(same)

# %% [markdown]
# Two more tokens go round the pieces. `[CLS]` stands first; its vector may serve for the whole
# sentence. `[SEP]` ends a sentence. Where two sentences are given, as in lesson 6's question
# whether one follows the other, a second row of numbers, the *segments*, says to which of the two
# each token belongs.

# %%
ids, segments = language.encode_pieces("A gem.", places, pair="Unwatchable!")
for k, segment in zip(ids, segments):
    print(f"{vocabulary[k]:<10} id {k:>6}   segment {segment}")

# %%
examples = {name: finetune.examples_of(x, y, vocabulary) for name, x, y in
            [("train", x_train, y_train), ("dev", x_dev, y_dev), ("test", x_test, y_test)]}
lengths = np.array([len(ids) for ids, _ in examples["train"]])
print(f"tokens in a sentence: shortest {lengths.min()}, median {np.median(lengths):.0f}, longest "
      f"{lengths.max()}")

# %% [markdown]
# Sentences of different length go into one array with padding, and a mask says what is real.
#
# #### Exercise 7.2 · collate · 2 points · 15 minutes

# %%
def collate(examples, *, pad_id=0):
    """Return ids (B, T), mask (B, T) and labels (B,) for a list of (list of ids, label).

    T is the length of the longest of these sentences. mask is True where a token is real.
    """
    ### BEGIN SOLUTION
    B, T = len(examples), max(len(ids) for ids, _ in examples)
    ids, mask = np.full((B, T), pad_id), np.zeros((B, T), dtype=bool)
    for k, (row, _) in enumerate(examples):
        ids[k, :len(row)], mask[k, :len(row)] = row, True
    return ids, mask, np.array([label for _, label in examples])
    ### END SOLUTION

# %%
check("7.2", collate)

# %% [markdown]
# ## 2. A pretrained encoder
#
# The weights come as a file of named arrays. These are the ones of the first layer:

# %%
for name in sorted(n for n in pretrained.weights if ".layer.0." in n):
    print(f"{name.split('.layer.0.')[1]:<36} {pretrained.weights[name].shape}")

# %% [markdown]
# You know all of them from lesson 6. Queries, keys and values with their biases; the output of
# attention, with its layer norm; the small network's two layers, with theirs. The norm stands
# *after* the sum: BERT is from 2018, and post-norm.
#
# Before the first layer there are three tables: a vector for each piece, for each position up to
# 512, and for each of two segments.
#
# **Predict.** On the CPU we take *MiniLM*, a small encoder with 22.7 million weights. What share of
# them, in percent, is in the table of the pieces?

# %%
predict("7.A", None)

# %% tags=["answer"]
small = pretrained if not large else data.pretrained_encoder("minilm")
total = sum(w.size for w in small.weights.values())
table = small.weights["embeddings.word_embeddings.weight"]
print(f"{table.shape[0]:,} pieces of {table.shape[1]} numbers: {100 * table.size / total:.0f} %")

# %% [markdown]
# Lesson 6's blocks, with post-norm, a norm of the embeddings and an $\varepsilon$ of $10^{-12}$,
# are BERT. `models.load_pretrained` puts each array in its place. One layer stays behind, the
# *pooler*: it stands on `[CLS]`, for BERT's question whether one sentence follows the other, and we
# do not ask that. Does it compute what it should?
# We build the same with `transformers` and compare what comes out, for sentences of different
# length:

# %%
encoder = models.load_pretrained(pretrained, share=True).eval()
D, depth, heads = encoder.tokens.embedding_dim, len(encoder.blocks), pretrained.heads
config = transformers.BertConfig(hidden_size=D, num_hidden_layers=depth, num_attention_heads=heads,
                                 intermediate_size=4 * D, attn_implementation="eager")
theirs = transformers.BertModel(config, add_pooling_layer=False).eval()
arrays = {name.removeprefix("bert.").replace("gamma", "weight").replace("beta", "bias"):
          torch.from_numpy(array) for name, array in pretrained.weights.items()}
loaded = theirs.load_state_dict(arrays, strict=False, assign=True)
missing = loaded.missing_keys
print("left over:", sorted(name for name in loaded.unexpected_keys if "pooler" in name))

ids, mask, _ = (torch.from_numpy(a) for a in language.collate(examples["train"][:32]))
with torch.no_grad():
    ours = encoder(ids, mask)                                         # (B, T, D)
    other = theirs(input_ids=ids, attention_mask=mask.long()).last_hidden_state
far = (ours - other)[mask].abs().max().item()
print(f"missing: {len(missing)}; largest difference where a token is real: ≈ {far:.0e}")

# %% tags=["test"]
assert not missing and far < (1e-4 if large else 1e-5)

# %% [markdown]
# ### One word, more than one vector
#
# In lesson 5 a word had one vector, whatever stood around it. Here it leaves the table with one,
# and each layer mixes in what its neighbours say. Does that tell senses apart? Six words with two
# senses each, in two sentences for each sense. For each use: which of the three other uses of the
# word is nearest?

# %%
uses = {   # two sentences with one sense of the word, then two with another
    "bank": ["We sat on the bank and fished.", "The river burst its bank after the storm.",
             "The bank lent us money for the house.", "She works at a bank as an accountant."],
    "light": ["This bag is light and easy to carry.", "It was so light that I lifted it alone.",
              "The light in the room was too bright.", "Switch off the light, please."],
    "match": ["Our team lost the match in the last minute.", "The match was played in the rain.",
              "He struck a match and lit the candle.", "There was one match left in the box."],
    "spring": ["In spring the garden is full of tulips.", "They married last spring, in April.",
               "The spring in the mattress is broken.", "A steel spring pulls the door shut."],
    "play": ["The play has three acts.", "Her first play was staged in June.",
             "The children play in the garden.", "They play football after school."],
    "left": ["Turn left at the church.", "She writes with her left hand.",
             "He left without a word.", "They left the party early."]}

# %%
def same_sense(network):
    """How many of the 24 uses are nearest to the other one with the same sense."""
    right = 0
    for word, texts in uses.items():
        rows = [torch.tensor([language.encode_pieces(text, places)[0]]) for text in texts]
        with torch.no_grad():
            found = [network(ids, torch.ones_like(ids, dtype=torch.bool))[ids == places[word]]
                     for ids in rows]                                 # (1, D) each
        unit = F.normalize(torch.cat(found), dim=1)
        nearest = (unit @ unit.T).fill_diagonal_(-1).argmax(dim=1)
        right += (nearest == torch.tensor([1, 0, 3, 2])).sum().item()
    return right

fresh = []
for seed in range(3):
    torch.manual_seed(seed)
    fresh.append(same_sense(models.Encoder(D=D, heads=heads, layers=depth).eval()))
print(f"of 24: ≈ {same_sense(encoder)}; with random weights ≈ {min(fresh)} to {max(fresh)}; "
      "by chance 8")

# %% tags=["test"]
assert pretrained.name != "minilm" or same_sense(encoder) > max(fresh)

# %% [markdown]
# The architecture alone does not do it: it mixes neighbours in, but does not know what they say
# about a word. That comes from reading.

# %% [markdown]
# ### One vector for a sentence
#
# The encoder gives a vector for each token. To classify we want one for the sentence: that of
# `[CLS]`, or the mean of all. (In a decoder like GPT it must be the last token: the others have not
# seen the whole sentence.) In the mean, padding must not count:
#
# $$\text{out}_b = \frac{1}{n_b} \sum_{t\ \text{real}} x_{bt}, \qquad n_b = \text{real tokens of }
# b \tag{1}$$
#
# #### Exercise 7.3 · masked_mean_and_grad · 2 points · 15 minutes

# %%
def masked_mean_and_grad(x, dout, *, mask):
    """Return out (1), (B, D), and dx (B, T, D), for x (B, T, D) and dout (B, D).

    mask is (B, T), True where a token is real. For a sentence without any, both are zeros.
    """
    ### BEGIN SOLUTION
    real = mask[..., None]                                            # (B, T, 1)
    count = np.maximum(mask.sum(axis=1, keepdims=True), 1)            # (B, 1)
    return (x * real).sum(axis=1) / count, real * (dout / count)[:, None, :]
    ### END SOLUTION

# %%
check("7.3", masked_mean_and_grad)

# %%
def vectors(texts):
    """A vector of length 1 for each text, (N, D)."""
    ids, mask, _ = language.collate(finetune.examples_of(texts, None, vocabulary))
    with torch.no_grad():
        x = encoder(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
    mean, _ = layers.masked_mean_forward(x, mask=mask)
    return mean / np.linalg.norm(mean, axis=1, keepdims=True)

sentences = ["The soup was cold.", "My meal had not been warmed up.", "He talked for hours.",
             "It was an endless speech.", "I loved every page.", "What a wonderful book!"]
alike = vectors(sentences) @ vectors(sentences).T                     # (6, 6)
np.fill_diagonal(alike, 0.0)
for k, nearest in enumerate(alike.argmax(axis=1)):
    print(f"{sentences[k]:<34} is nearest to   {sentences[nearest]}")

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(7.5, 3), layout="constrained")
shown = np.where(np.eye(6, dtype=bool), np.nan, alike)    # each with itself: left out
ax.set_facecolor("#dddddd")
image = ax.imshow(shown, cmap=plots.WEIGHTS, vmin=0)
ax.set(xticks=range(6), yticks=range(6), xticklabels=range(1, 7),
       yticklabels=[f"{sentence} {k}" for k, sentence in enumerate(sentences, 1)])
fig.colorbar(image, label="cosine")
plots.show(fig, alt="How alike six sentences are, as a map: darkest in each row is the sentence of "
           "like meaning. The diagonal, each sentence with itself, is left out.")

# %% tags=["test"]
assert pretrained.name != "minilm" or alike.argmax(axis=1).tolist() == [1, 0, 3, 2, 5, 4]

# %% [markdown]
# The pairs have hardly a word in common. MiniLM learned first by imitating the attention of a
# larger network, which had learned by guessing hidden words; then every second layer was taken out.
# After that it was trained on a billion pairs
# of sentences, to give those that belong together like vectors.

# %% [markdown]
# ### Guess a masked word?
#
# BERT's first task was lesson 6's: to guess hidden tokens. For that there is a small *head* on top,
# a layer, a norm, and the table of the pieces once more, turned round. Is it in the file?

# %%
guesser = models.load_mlm_head(pretrained)
print("heads for guessing in the file:", 0 if guesser is None else 1)

def guess(text, k=5):
    ids, _ = language.encode_pieces(text, places)
    with torch.no_grad():
        x = encoder(torch.tensor([ids]), torch.ones(1, len(ids), dtype=torch.bool))
        x = x[0, ids.index(places["[MASK]"])]                         # (D,)
        z = guesser(x) if guesser else encoder.tokens.weight @ x      # (V,)
    return [vocabulary[n] for n in z.topk(k).indices]

# %% tags=["nbval-ignore-output"]
for text in ["She poured the [MASK] into a cup.", "I have never [MASK] such a boring book."]:
    print(f"{text:<42} {', '.join(guess(text))}")

# %% tags=["test"]
assert len(guess("A [MASK].")) == 5

# %% [markdown]
# BERT-base, which the notebook takes on a GPU with a network, has such a head. MiniLM has none, for
# it never learned to guess; all that is left to try is the table turned round, and that gives
# nonsense. How bad is it? Hide some words of reviews, and take the mean cross-entropy of the right
# piece, as in lesson 6:

# %%
ids, mask, _ = language.collate(examples["train"][:64])
hidden = mask & (np.random.default_rng(0).random(ids.shape) < 0.15) & (ids > 999)   # no [CLS] etc.
seen = torch.from_numpy(np.where(hidden, places["[MASK]"], ids))
with torch.no_grad():
    x = encoder(seen, torch.from_numpy(mask))[torch.from_numpy(hidden)]             # (n, D)
    z = guesser(x) if guesser else x @ encoder.tokens.weight.T                      # (n, V)
    loss = F.cross_entropy(z, torch.from_numpy(ids[hidden])).item()
print(f"loss ≈ {loss:.1f}; a blind guess among all pieces, log V: {np.log(len(vocabulary)):.1f}")

# %% tags=["test"]
assert (loss < np.log(len(vocabulary))) == (guesser is not None)

# %% [markdown]
# Worse than blind. A network can do only what it was trained for. So read what a checkpoint was
# made for, and look into the file.

# %% [markdown]
# ## 3. Fine-tuning
#
# A classifier is the encoder, the mean of its vectors, and one new linear layer. The new layer
# knows nothing yet, the rest knows much. So all weights are trained, but gently: a small learning
# rate, a warm-up in which the new layer's first, blind gradients do little harm, then a straight
# fall to 0. (With large networks one often leaves the matrices as they are and learns only a
# correction to each, a product of two thin matrices that starts at 0: *LoRA*. It needs far less
# memory for the optimizer, and more steps than we have here.)
#
# ### Exercise 7.4 · warmup_linear · 1 point · 10 minutes

# %%
def warmup_linear(step, *, lr, warmup_steps, total_steps):
    """From 0 at step 0 to lr at warmup_steps, then down to 0 at total_steps, and 0 from there on.

    Both ways on a straight line. warmup_steps may be 0: then it is lr at step 0.
    """
    ### BEGIN SOLUTION
    if step < warmup_steps:
        return lr * step / warmup_steps
    return lr * max(0.0, (total_steps - step) / max(1, total_steps - warmup_steps))
    ### END SOLUTION

# %%
check("7.4", warmup_linear)

# %% [markdown]
# Weight decay (lesson 3) is meant for matrices. A norm's scale or a bias that is pulled to 0 makes
# nothing simpler. So the optimizer gets two groups.
#
# #### Exercise 7.5 · parameter_groups · 1 point · 10 minutes

# %%
def parameter_groups(named, *, weight_decay):
    """Two dictionaries with "params" (a list) and "weight_decay", in a list.

    named gives (name, parameter), one by one. What has more than one axis gets weight_decay, the
    rest 0.0.
    """
    ### BEGIN SOLUTION
    parameters = [p for _, p in named]
    return [{"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
            {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0}]
    ### END SOLUTION

# %%
check("7.5", parameter_groups)

# %% [markdown]
# Here is the loop, as plain as it can be: the learning rate, the batch, the loss, the clipping, the
# step. You have written all of them.

# %%
def new_classifier(seed, *, dropout=0.1):
    """The pretrained encoder, with a fresh linear layer on top."""
    torch.manual_seed(seed)
    encoder = models.load_pretrained(pretrained, dropout=dropout)
    return models.SentenceClassifier(encoder, dropout=dropout).to(device)

def plain_loop(model, examples, *, lr, batch_size):
    """One pass, in the order of the examples."""
    groups = optim.parameter_groups(model.named_parameters(), weight_decay=0.01)
    optimizer, total = torch.optim.AdamW(groups), len(examples) // batch_size
    model.train()
    for step in range(total):
        optimizer.param_groups[0]["lr"] = optimizer.param_groups[1]["lr"] = optim.warmup_linear(
            step, lr=lr, warmup_steps=total // 10, total_steps=total)
        batch = language.collate(examples[step * batch_size:(step + 1) * batch_size])
        ids, mask, labels = (torch.from_numpy(a).to(device) for a in batch)
        loss = F.cross_entropy(model(ids, mask), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    return model

# %% [markdown]
# `transformers` has a class that does the same, and much more: the `Trainer`. It takes any module
# that returns a dictionary with the loss. Its arguments have had many names over the years, and old
# recipes do not run any more; these are the ones of version 5.

# %%
class ForTrainer(nn.Module):
    """A classifier that computes its own loss, as Trainer wants it."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, labels):
        """Loss and logits, in a dictionary."""
        z = self.model(input_ids, attention_mask)
        return {"loss": F.cross_entropy(z, labels), "logits": z}

def as_dictionary(batch):
    names = ("input_ids", "attention_mask", "labels")
    return dict(zip(names, map(torch.from_numpy, language.collate(batch))))

# %%
def with_trainer(model, examples, *, lr, batch_size, **options):
    """The model, after training by transformers' Trainer."""
    options = {"num_train_epochs": 1, "train_sampling_strategy": "sequential"} | options
    with tempfile.TemporaryDirectory() as folder:
        arguments = transformers.TrainingArguments(
            folder, per_device_train_batch_size=batch_size, learning_rate=lr, warmup_steps=0.1,
            lr_scheduler_type="linear", weight_decay=0.01, max_grad_norm=1.0, use_cpu=not large,
            disable_tqdm=True, report_to="none", logging_strategy="no", save_strategy="no",
            remove_unused_columns=False, **options)
        trainer = transformers.Trainer(ForTrainer(model), arguments, train_dataset=examples,
                                       data_collator=as_dictionary)
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train()
    del trainer
    loop.release_memory()                                      # it held much memory
    return model

# %% [markdown]
# Are they the same? Without dropout, ten steps of sixteen sentences, in the same order:

# %%
few = examples["train"][:160]
mine = plain_loop(new_classifier(0, dropout=0.0), few, lr=1e-4, batch_size=16)
other = with_trainer(new_classifier(0, dropout=0.0), few, lr=1e-4, batch_size=16)

def apart(a, b):
    """Length of the difference of all weights, as one vector."""
    squares = ((p - q).square().sum() for p, q in zip(a.parameters(), b.parameters()))
    return sum(squares).sqrt().item()

moved, differ = apart(mine.encoder.cpu(), encoder), apart(mine.cpu(), other.cpu())
print(f"the weights have moved by ≈ {moved:.2f}")
print(f"plain loop and Trainer differ by ≈ {differ:.0e}")
del mine, other

# %% tags=["test"]
assert moved > 0.1 and differ < moved / 100

# %% [markdown]
# So `Trainer` is no magic. From here on we use `finetune.fine_tune`, the same loop with what a real
# training wants: shuffled batches of sentences of about one length (section 5 says why), accuracy
# on dev after each pass, and, where it is given a folder, checkpoints. It ends with the weights of
# the best pass, and with `patience=1` it stops after the first pass that is no better: *early
# stopping*. `finetune.Settings` has every switch in one place.
#
# The paper on BERT chooses among rates of 2e-5 to 5e-5, for a network five times as large and, with
# most data sets, many more steps. Ours is small and has fifty; we take 3e-4.

# %%
settings = finetune.Settings(epochs=2, lr=3e-4, batch_size=16)
if large:
    settings = finetune.Settings(epochs=3, lr=1e-4 if pretrained.name == "minilm" else 3e-5)

shelf = tempfile.TemporaryDirectory()

def fine_tuned(seed):
    """Fine-tune with one seed, put the model on the shelf, and return the history."""
    model = new_classifier(seed)
    history = finetune.fine_tune(model, examples["train"], replace(settings, seed=seed),
                                 dev=examples["dev"])
    finetune.save(model, vocabulary, f"{shelf.name}/{seed}")
    return history

def tuned(seed):
    """Take a fine-tuned model from the shelf."""
    return finetune.load(f"{shelf.name}/{seed}")[0].to(device)

# %% [markdown]
# (Three models are too much for a small machine's memory. So each goes to a folder on disk; section
# 7 says what is in it.)

# %%
histories = [fine_tuned(seed) for seed in range(3)]

# %%
for seed, history in enumerate(histories):
    print(f"seed {seed}: loss of the last ten steps ≈ {np.mean(history['loss'][-10:]):.2f}; "
          f"on dev ≈ {100 * history['accuracy'][0]:.1f} % right after a pass, ≈ "
          f"{100 * history['accuracy'][-1]:.1f} % at the end")

# %% tags=["folded"]
fig, ax = plt.subplots()
for seed, history in enumerate(histories):
    smooth = np.convolve(history["loss"], np.ones(10) / 10, mode="valid")
    ax.plot(np.arange(len(smooth)) + 10, smooth, label=f"seed {seed}")
ax.axhline(np.log(2), **plots.CHANCE, label="blind guessing, log 2")
ax.axvline(len(history["loss"]) / settings.epochs, color=plots.GREY, linestyle="--",
           label="second pass")
ax.set(xlabel="step", ylabel="loss, mean of 10 steps", ylim=(0, None))
ax.legend()
plots.show(fig, alt="Training loss of three fine-tunings: near log 2 in the first pass, lower in "
           "the second, each seed on its own way.")

# %% tags=["test"]
assert all(max(history["accuracy"]) > 0.55 for history in histories)
assert all(np.mean(history["loss"][-10:]) < 0.65 for history in histories)

# %% [markdown]
# How far can such numbers be trusted? A share of right verdicts is a mean of zeros and ones, and
# its standard error is at most $\sqrt{0.25/N}$:

# %%
def right_on(model, name):
    p = finetune.predict_proba(model, examples[name])                 # (N, 2)
    return metrics.accuracy([label for _, label in examples[name]], p.argmax(axis=1))

noise = 2 * np.sqrt(0.25 / len(x_dev))                                # two standard errors
print(f"two standard errors on {len(x_dev)} reviews: {100 * noise:.1f} points")

# %% tags=["test"]
assert abs(right_on(tuned(0), "dev") - max(histories[0]["accuracy"])) < 1e-9   # the best pass's

# %% [markdown]
# So seeds, or methods, that lie a few points apart on dev may be equally good. Keep that in mind.

# %% [markdown]
# ## 4. Six ways, side by side
#
# Is all this worth it? Beside the fine-tuned encoder we put five others, on the same sentences:
#
# - the **majority**: always the class that is more frequent in training;
# - **words**: each word and pair of words gets a number (*TF-IDF*: how often it comes up here, less
#   if it comes up everywhere), and logistic regression learns weights for them;
# - **BiLSTM**: lesson 5's;
# - **frozen**: the encoder as it came, and logistic regression on the mean of its vectors;
# - **random**: an encoder of the same shape, with fresh weights, trained in the same way, once.
#
# The last two take the encoder apart: what do the weights know as they are, and what does the
# architecture learn without them? Where there is something to choose (how strongly logistic
# regression is regularised, which pass is kept), dev decides. Nothing is chosen by the labels
# of the test set: they are looked at when everything is decided.

# %%
words = [word for text in x_train for word in language.tokenize(text.lower())]
all_texts = x_train if large else data.sentiment()[0][:800]           # some without a label: later
read = [word for text in all_texts for word in language.tokenize(text.lower())]
known = ["<padding>", "<unknown>", *language.make_vocabulary(read, least=2)]
entries = {word: k for k, word in enumerate(known)}

def as_words(texts):
    """Ids of lesson 5's words, (N, T), and lengths, (N,)."""
    rows = [language.encode(language.tokenize(t.lower()), entries, unknown=1) for t in texts]
    return [torch.from_numpy(part) for part in language.pad(rows)]

def bilstm(seed, texts, target, loss=F.binary_cross_entropy_with_logits, epochs=8):
    """Lesson 5's classifier, trained."""
    torch.manual_seed(seed)
    model = models.TextClassifier(len(entries))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.003)
    steps = epochs * -(-len(texts) // 32)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.003, total_steps=steps)
    train.fit(model, (*as_words(texts), target), optimizer=optimizer, epochs=epochs, batch_size=32,
              scheduler=scheduler, max_norm=1.0, loss=loss, seed=seed, progress=False)
    return model

recurrent = [bilstm(seed, x_train, torch.tensor(y_train).float()) for seed in range(3)]

# %%
def best_regression(train, dev):
    """Logistic regression; how strongly it is regularised is chosen on dev."""
    tried = [LogisticRegression(C=C, max_iter=3000).fit(train, y_train) for C in (0.1, 1, 10, 100)]
    return max(tried, key=lambda m: m.score(dev, y_dev))

bag = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit(x_train)
regression = best_regression(bag.transform(x_train), bag.transform(x_dev))

def features(some):
    """The mean vector of each sentence, from the encoder as it came, (N, D)."""
    rows, model = [], models.SentenceClassifier(encoder.to(device))
    for start in range(0, len(some), 50):
        ids, mask, _ = (torch.from_numpy(a).to(device) for a in
                        language.collate(some[start:start + 50]))
        with torch.no_grad():
            rows.append(model.pool(ids, mask).cpu().numpy())
    encoder.cpu()
    return np.concatenate(rows)

frozen = best_regression(features(examples["train"]), features(examples["dev"]))

# %%
torch.manual_seed(0)
fresh = models.SentenceClassifier(models.Encoder(D=D, heads=heads, layers=depth)).to(device)
finetune.fine_tune(fresh, examples["train"], settings, dev=examples["dev"])
p_fresh = finetune.predict_proba(fresh, examples["test"])             # (N, 2)
del fresh

# %% [markdown]
# Now everything is chosen. Collect what each way says of the test set, and then, once, look at the
# labels:

# %%
words_test = as_words(x_test)
p_tests = [finetune.predict_proba(tuned(seed), examples["test"]) for seed in range(3)]   # (N, 2)
said = {
    "majority": [np.full(len(y_test), np.bincount(y_train).argmax())],
    "words": [regression.predict(bag.transform(x_test))],
    "BiLSTM": [train.predict(m, *words_test).numpy() > 0 for m in recurrent],
    "frozen": [frozen.predict(features(examples["test"]))],
    "random": [p_fresh.argmax(axis=1)],
    "fine-tuned": [p.argmax(axis=1) for p in p_tests],
}
hits = {name: np.array(verdicts) == y_test for name, verdicts in said.items()}   # (seeds, N)
rows = {name: hit.mean(axis=1) for name, hit in hits.items()}

# %%
for name, shares in rows.items():
    spread = f", from ≈ {min(shares):.3f} to {max(shares):.3f}" if len(shares) > 1 else ""
    print(f"{name:<12} ≈ {np.mean(shares):.3f}{spread}")

# %% tags=["test"]
assert np.mean(rows["fine-tuned"]) > rows["majority"][0] + 0.03

# %% tags=["folded"]
error = np.sqrt(0.25 / len(y_test))                       # standard error of a share, at most
fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
for k, shares in enumerate(rows.values()):
    ax.errorbar([k], [100 * np.mean(shares)], yerr=200 * error, color=plots.GREY, capsize=4)
    ax.plot(k + 0.1 * np.arange(len(shares)) - 0.05 * (len(shares) - 1), 100 * np.array(shares),
            "o", color=plots.TEST, alpha=0.7)
ax.set(xticks=range(6), ylabel="test accuracy (%),\nbars: ± 2 standard errors")
ax.set_xticklabels([name.replace("random", "random\nweights") for name in rows])
plots.show(fig, alt="Test accuracy of six ways, a dot for each seed, bars of two standard errors. "
           "Majority and random lie lowest, fine-tuned highest.")

# %% tags=["test"]
assert np.mean(rows["fine-tuned"]) > np.mean(rows["random"])

# %% [markdown]
# What does the table say? The bars are wide, and neighbours overlap. All rows judge the same
# sentences, so it is fairer to compare in pairs, sentence by sentence: which of the two was right?

# %%
gains = {}
for one, other in [("fine-tuned", "random"), ("fine-tuned", "words"), ("fine-tuned", "frozen"),
                   ("frozen", "words")]:
    gain = hits[one].mean(axis=0) - hits[other].mean(axis=0)          # (N,)
    gains[one, other] = gain.mean(), gain.std() / np.sqrt(len(gain))
    print(f"{one} better than {other:<7} by ≈ {gain.mean():+.3f}, standard error ≈ "
          f"{gains[one, other][1]:.3f}")

# %% tags=["test"]
assert gains["fine-tuned", "random"][0] > 2 * gains["fine-tuned", "random"][1]
assert large or max(np.mean(rows[name]) for name in ("words", "BiLSTM", "random")) < 0.6

# %% [markdown]
# (This text speaks of the course's own reviews, which you have without a network. With other data,
# or on a GPU, read your own table.) Whatever had only our 400 reviews to learn from (words, the
# BiLSTM, the encoder with random weights) stays within ten points of a coin. The encoder that has
# read is ahead of the same Transformer, trained by the same fifty steps from random weights, by
# more than two standard errors. (This error is that of the choice of sentences. How much the seeds
# add, the dots in the figure show.) So it is the reading that helps here. What the architecture
# could learn from nothing, with more steps and a rate of its own, fifty steps do not show.
#
# And is fine-tuning better than logistic regression on the frozen vectors, or these better than
# words? 400 sentences to learn from, and 200 to measure on, do not say: the gain is less than two
# standard errors. With more to learn from it becomes clear: on all 6,920 sentences of SST-2
# fine-tuning was well ahead of both, with the one seed that we ran, and the frozen vectors were no
# better than words.
# `python tests/bench sst2` measures that, on two cores in more than an hour; its numbers are in
# the README.
#
# So begin with the cheap rows. Without them you do not know what the last one is worth.
#
# ### Where it errs
#
# Accuracy is one number. Lesson 3's others, for the first seed:

# %%
model = tuned(0)
p_test = p_tests[0]                                                   # (N, 2)
said = p_test.argmax(axis=1)
counts = metrics.confusion_matrix(y_test, said, classes=2)

# %% tags=["nbval-ignore-output"]
precision, recall, f1 = metrics.precision_recall_f1(y_test, said, undefined=0.0)
print("            said negative  said positive")
for name, row in zip(["is negative", "is positive"], counts):
    print(f"{name:<12} {row[0]:>12}  {row[1]:>13}")
print(f"precision {precision:.2f}, recall {recall:.2f}, F1 {f1:.2f}")
surest = np.argsort(-np.where(said != y_test, p_test.max(axis=1), 0))[:4]
print("surest errors:")
for k in surest:
    print(f"  {p_test[k].max():.2f} sure of {said[k]}, and it is {y_test[k]}: {x_test[k]}")

# %% tags=["test"]
assert large or (0.4 < precision < 0.9 and 0.4 < recall < 0.95)

# %% [markdown]
# ### Does it know when it does not know?
#
# A network that says 0.9 should be right nine times in ten. Put the sentences into bins by the
# probability of the verdict, the *confidence*, and compare, bin by bin, with the share that is
# right. The *expected calibration error* is the mean distance, each bin counted by its share of
# the sentences:
#
# $$\text{ECE} = \sum_{\text{bins } k} \text{share}_k\, \bigl|\text{accuracy}_k -
# \text{confidence}_k\bigr| \tag{2}$$
#
# #### Exercise 7.6 · expected_calibration_error · 2 points · 20 minutes

# %%
def expected_calibration_error(labels, probabilities, *, bins=10):
    """Formula (2), for labels (N,) and probabilities (N, C); bins of equal width, from 0 to 1.

    A confidence of 1.0 belongs to the last bin. To which bin other edges belong does not matter.
    """
    ### BEGIN SOLUTION
    confidence = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == labels
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    total = 0.0
    for b in np.unique(which):
        inside = which == b
        total += inside.sum() * abs(hit[inside].mean() - confidence[inside].mean())
    return total / len(labels)
    ### END SOLUTION

# %%
check("7.6", expected_calibration_error)

# %% [markdown]
# The usual remedy is one number. Divide all logits by a temperature $\tau$ before the softmax: it
# changes no verdict, only how sure it is. Choose the $\tau$ for which the cross-entropy on dev is
# least:

# %%
def cooled(p, tau):
    """Probabilities with the logits divided by tau."""
    return layers.softmax_forward(np.log(p) / tau)[0]

def loss_on_dev(p, tau):
    return -np.log(cooled(p, tau)[np.arange(len(y_dev)), y_dev]).mean()

calibrated, losses = [], []                               # for each seed: tau, and p on test
for seed in range(3):
    p_dev = finetune.predict_proba(tuned(seed), examples["dev"])
    tau = min(2.0 ** np.arange(-2, 4.1, 0.1), key=lambda t: loss_on_dev(p_dev, t))
    calibrated.append((tau, p_tests[seed]))
    losses.append((loss_on_dev(p_dev, 1.0), loss_on_dev(p_dev, tau)))
    print(f"seed {seed}: temperature ≈ {tau:.1f}; cross-entropy on dev ≈ {losses[-1][0]:.3f}, "
          f"with it ≈ {losses[-1][1]:.3f}")

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
ax.plot([0, 1], [0, 1], **plots.CHANCE, label="as sure as right")
for seed, (_, p) in enumerate(calibrated):
    stated, happened, _ = metrics.calibration_curve(p.argmax(axis=1) == y_test, p.max(axis=1),
                                                    bins=10)
    ax.plot(stated, happened, "o-", alpha=0.8, label=f"seed {seed}")
ax.set(xlabel="confidence", ylabel="share that is right", xlim=(0.45, 1.02), ylim=(0.3, 1.02))
ax.legend()
plots.show(fig, alt="Share of right verdicts against confidence, a line for each of three seeds, "
           "and the diagonal, as sure as right. Above it a network is too timid, below it too "
           "sure; the seeds differ.")

# %% tags=["test"]
assert all(after <= before + 1e-9 for before, after in losses)

# %% tags=["nbval-ignore-output"]
errors = []                                               # before and after, for each seed
for seed, (tau, p) in enumerate(calibrated):
    before, after = (metrics.expected_calibration_error(y_test, q) for q in (p, cooled(p, tau)))
    errors.append((before, after))
    share = (p.argmax(axis=1) == y_test).mean()
    print(f"seed {seed}: confidence {p.max(axis=1).mean():.2f}, right {share:.2f}; temperature "
          f"{tau:.1f}; ECE {before:.3f}, with temperature {after:.3f}")
worst = max(errors)

# %% tags=["test"]
assert large or worst[1] < worst[0] / 2

# %% [markdown]
# Where the error is large, one number takes most of it away; where there was little to repair,
# little is repaired, or nothing. A temperature above 1: it was surer than it was right. That is
# usual for networks that were trained until they know their training set by heart. Below 1: it was
# too timid, as one that was stopped after a pass or two may be. Which it is differs from seed to
# seed here, so measure it for the very weights that you ship. (With 200 sentences, a bin holds few
# of them, and the error of calibration is itself uncertain.)

# %% [markdown]
# ### Try it
#
# Type a review. You see its pieces, the probability of *positive*, and what it would be without
# each word. Put `[MASK]` in place of a word, and words from the reviews are tried in it: which
# one makes the sentence sound best to the network, and which one worst?

# %%
def positive(texts):
    """Probability that each text is positive, (N,)."""
    return finetune.predict_proba(model, finetune.examples_of(texts, None, vocabulary))[:, 1]

frequent = [w for w, n in Counter(words).most_common() if n >= 3 and w.isalpha() and len(w) > 3]
fillers = [w for w in frequent if w in places][:150]

# %% tags=["folded"]
fig, told = widgets.draw_review("The soup was [MASK] .", positive, fillers)
plots.show(fig, alt="Words filled into “The soup was … .”: below the five that sound worst to the "
           "network, above the five that sound best, each with a bar from 0.5 to its probability.")

# %% tags=["nbval-ignore-output"]
box = widgets.explore_review(positive, lambda t: language.wordpiece_tokens(t, places), fillers,
                             text="Cold soup, but what a wonderful evening!")
print(told)
box

# %% tags=["test"]
assert box.sentence.startswith("Positive with probability")

# %% tags=["folded"]
fig, told = widgets.draw_review("Cold soup, but what a wonderful evening!", positive)
plots.show(fig, alt="For a review about cold soup, a bar for each word: from the probability of "
           "positive with all words, a dashed line, to that without this word.")

# %% [markdown]
# ## 5. Faster
#
# Fine-tuning is short, but one does it often. Where does the time go? The simplest recipe, which
# you meet everywhere, fills every sentence up to 128 tokens.
#
# **Predict.** Which share of the places, in percent, is then padding?

# %%
predict("7.B", None)

# %% tags=["answer"]
wasted = 1 - lengths.sum() / (128 * len(lengths))
print(f"padding: {100 * wasted:.0f} %")

# %% [markdown]
# Padding costs as much as words. Filling up only to the longest of the batch (exercise 7.2) helps.
# Better still if sentences in a batch have about one length. But sorting everything once would put
# the same sentences together in every pass, the short ones first. So: shuffle all; take a window of
# some batches; sort within that; cut; and shuffle the batches.
#
# ### Exercise 7.7 · length_buckets · 3 points · 25 minutes

# %%
def length_buckets(lengths, batch_size, *, rng, window=20):
    """A list of batches, each an array of places in lengths (N,); every place is in one of them.

    All places are shuffled. Each window, batch_size * window of them, is sorted by length and cut
    into batches. Then the batches are shuffled. Only one batch may have fewer than batch_size.
    """
    ### BEGIN SOLUTION
    order, batches = rng.permutation(len(lengths)), []
    for start in range(0, len(order), batch_size * window):
        part = order[start:start + batch_size * window]
        part = part[np.argsort(lengths[part])]
        batches += [part[k:k + batch_size] for k in range(0, len(part), batch_size)]
    return [batches[k] for k in rng.permutation(len(batches))]
    ### END SOLUTION

# %%
check("7.7", length_buckets)

# %%
def padding(batches):
    """Share of the places that is padding."""
    full = sum(len(b) * lengths[b].max() for b in batches)
    return 1 - lengths.sum() / full

rng = np.random.default_rng(0)
shuffled = [np.sort(b) for b in np.array_split(rng.permutation(len(lengths)), len(lengths) // 8)]
bucketed = language.length_buckets(lengths, 8, rng=rng)
print(f"padding: to 128 {100 * wasted:.0f} %, to the longest of the batch "
      f"{100 * padding(shuffled):.0f} %, in buckets {100 * padding(bucketed):.0f} %")

# %% tags=["test"]
assert wasted > padding(shuffled) > padding(bucketed)

# %% [markdown]
# The rest of the way is a ladder. Each rung has one switch of `finetune.Settings` more than the one
# before:
#
# - **bf16**: products with 16 bits instead of 32. The exponent is as long as before, so numbers
#   overflow no sooner. GPUs do these several times as fast. (Older ones, such as the T4, have only
#   fp16, with a short exponent. Small gradients would become 0; so the loss is multiplied by a
#   large number, and the gradients are divided by it afterwards.)
# - **padding left out**: what is done token by token needs no rows at all. All real tokens of the
#   batch go through the layers in one long list; only for attention they are put back in rows.
# - **larger batches**, where a small one does not keep the device busy. This changes the training,
#   not only its speed.
# - **torch.compile**, which makes few large steps out of many small ones.
#
# `ladder.rungs` gives the rungs that make sense on a device, and `ladder.measure` measures: real
# tokens a second, padding, and memory (on a CPU: what is kept for the backward pass).

# %%
measured = {}
for name, rung in ladder.rungs(device, batch_size=8 if large else 4):
    many = examples["train"] * (1 + 30 * rung.batch_size // len(examples["train"]))
    measured[name] = ladder.measure(new_classifier(0), many, rung, steps=20 if large else 6,
                                   warm=10 if large else 2)

# %% tags=["test"]
paddings = [m.padding for m in measured.values()]
memory = [m.megabytes for m in measured.values()]
assert paddings[0] > paddings[1] > paddings[2] and memory[0] > memory[1]

# %% tags=["nbval-ignore-output"]
first = next(iter(measured.values())).rate
for name, m in measured.items():
    peak = "" if m.peak_share is None else f", {100 * m.peak_share:.1f} % of the peak"
    print(f"{name:<40} {m.rate:9,.0f} tokens/s, {m.rate / first:5.1f} x, padding "
          f"{100 * m.padding:4.1f} %, {m.megabytes:6,.0f} MB{peak}")

# %% tags=["test"]
assert all(m.rate > 0 for m in measured.values())

# %% [markdown]
# On a GPU there is one more column, the share of what its data sheet promises for 16-bit products:
# six operations for each weight and token, over the peak. Look at it before you believe that a
# device is busy. With sentences of twenty tokens a GPU may wait for its next order most of the
# time; the last two rungs are there for that. On two cores it is the first rungs that count: in
# buckets only a few per cent are padding, and nothing much is left for the last one to leave out.
#
# ### If memory is short
#
# A step of 32 sentences need not have them all at once. Take them in *micro-batches*: run forward
# and backward on a part, let gradients add up (lesson 1), and move only when all have been seen.
# Each part's losses are added up and divided by 32, not by the size of the part; else the sentences
# of a small last part would count more. The step is the same. What is kept for the backward pass is
# that of the part.

# %%
def small_classifier():
    torch.manual_seed(0)
    return models.SentenceClassifier(models.Encoder(D=64, heads=4, layers=2, dropout=0), dropout=0)

def gradient(micro_batch):
    """The gradient of the first step, as one long vector."""
    model = small_classifier()
    tools = loop.make_tools(model, finetune.Settings(batch_size=32, micro_batch=micro_batch))
    for piece in loop.micro_batches(np.arange(32), tools):
        loop.add_gradients(tools, examples["train"], piece, np.arange(32))
    return torch.cat([p.grad.flatten() for p in model.parameters()])

whole, parts = gradient(32), gradient(5)
print(f"length of the gradient {whole.norm():.3f}; in parts of 5 it differs by ≈ "
      f"{(whole - parts).norm():.0e}")

# %% tags=["test"]
assert torch.allclose(whole, parts, rtol=1e-3, atol=1e-6)

# %% [markdown]
# When a GPU runs out of memory, `fine_tune` says so, and which number to lower.
#
# ## 6. More than one process
#
# Several GPUs share a step in the same way: each takes a part of the batch, with a copy of the
# weights. Before the step they exchange their gradients, and each takes the mean. All copies then
# do the same step, and stay equal. PyTorch calls this *distributed data parallel*. Here are
# two processes' shares, computed one after the other:

# %%
def share_of(rank, world):
    """The gradient that one process of several computes from its share of a step."""
    model = small_classifier()
    tools = loop.make_tools(model, finetune.Settings(batch_size=32))
    tools = tools._replace(rank=rank, world=world)
    for piece in loop.micro_batches(np.arange(32), tools):
        loop.add_gradients(tools, examples["train"], piece, np.arange(32))
    return torch.cat([p.grad.flatten() for p in model.parameters()])

exchanged = (share_of(0, 2) + share_of(1, 2)) / 2
print(f"the mean of two processes' gradients differs from that of one by ≈ "
      f"{(whole - exchanged).norm():.0e}")

# %% tags=["test"]
assert torch.allclose(whole, exchanged, rtol=1e-3, atol=1e-6)

# %% [markdown]
# In earnest it is one command. `torchrun` starts the processes, on one machine or on many, and
# tells each its number; `course_lib.finetune` is a script over the functions that you have used
# here:
#
# ```sh
# torchrun --nproc_per_node=2 -m course_lib.finetune train --out my_model
# ```
#
# The course's tests run that with two processes on a CPU, and compare the weights with those of one
# process. They also kill a training in one process, again and again, at random moments: started
# again, it goes on from its last checkpoint and ends with the same weights, bit by bit. For that, a
# checkpoint is written under another name and renamed only when it is whole; and what dropout draws
# depends on the seed and on the number of the step, not on what was drawn before.
#
# ## 7. Ship it
#
# A model in a notebook helps nobody. Save the weights, the shape and the vocabulary together;
# without the vocabulary the weights mean nothing. (The format, *safetensors*, holds numbers only.
# PyTorch's own, a pickle, can hold programs. `torch.load` has refused those since version 2.6,
# unless it is told otherwise; older ones ran them.)

# %%
with tempfile.TemporaryDirectory() as folder:
    finetune.save(model, vocabulary, folder)
    again, its_vocabulary = finetune.load(folder)
before, probabilities = (finetune.predict_proba(m, examples["dev"]) for m in (model, again))
changed = (probabilities.argmax(axis=1) != before.argmax(axis=1)).sum()
print(f"saved and loaded: {changed} of {len(before)} verdicts are others, and "
      f"{len(set(vocabulary) ^ set(its_vocabulary))} of {len(vocabulary):,} pieces")
del again

# %% tags=["test"]
assert np.allclose(probabilities, before, atol=1e-5) and its_vocabulary == vocabulary

# %% [markdown]
# Four ways to make it smaller or faster:
#
# - **8 bits.** Write each weight as a whole number from -127 to 127, times a factor: the largest
#   weight over 127. What comes into a layer is rounded in a similar way as it comes, so the
#   products are of small whole numbers. (The table of pieces stays as it is here.)
# - **Fewer weights.** Set the smallest to 0: here half of each matrix in the blocks.
# - **Fewer heads.** Put a factor of 1, a *gate*, on what each head gives. The derivative of the
#   loss with respect to a gate says, but for its sign, how much the loss would change, to first
#   order, if the head went away. Take away those where it is nearest to 0.
# - **Distillation.** Let a small network learn from the large one. It learns not only from its
#   verdicts but from its doubts: the probabilities, softened by a temperature.
#
# $$L = \alpha\, \tau^2\, \text{KL}\bigl(p_\tau^{\text{teacher}} \,\|\, p_\tau\bigr) +
# (1 - \alpha)\, \text{cross-entropy}(z, y), \qquad p_\tau = \text{softmax}(z / \tau) \tag{3}$$
#
# $\text{KL}(p \| q) = \sum p\, (\log p - \log q)$. $\alpha$, from 0 to 1, says how much the teacher
# counts against the labels $y$; its probabilities are softened by the same $\tau$. Dividing by
# $\tau$ makes the soft part's gradients smaller by about $\tau^2$; the factor brings them back.
#
# ### Exercise 7.8 · distillation_and_grad · 3 points · 30 minutes

# %%
def distillation_and_grad(logits, *, teacher, labels, temperature=2.0, alpha=0.5):
    """Return the loss (3), a mean over the batch, and its gradient with respect to logits (B, C).

    teacher holds logits (B, C), labels the right classes (B,), temperature is tau. Logits may be in
    the thousands. layers.cross_entropy_forward and its backward may be used.
    """
    ### BEGIN SOLUTION
    def log_softmax(z):
        z = z - z.max(axis=1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    log_q, log_p = log_softmax(logits / temperature), log_softmax(teacher / temperature)
    soft = (np.exp(log_p) * (log_p - log_q)).sum(axis=1).mean()
    hard, cache = layers.cross_entropy_forward(logits, labels=labels)
    dsoft = temperature * (np.exp(log_q) - np.exp(log_p)) / len(logits)   # T^2 / T
    return (alpha * temperature**2 * soft + (1 - alpha) * hard,
            alpha * dsoft + (1 - alpha) * layers.cross_entropy_backward(1.0, cache))
    ### END SOLUTION

# %%
check("7.8", distillation_and_grad)

# %% [markdown]
# How much is lost by 8 bits? Round each matrix of the blocks and look at what comes back. One
# factor may serve for a whole matrix, or each row may have its own:

# %%
def rounded(W, axis=None):
    """A matrix in 8 bits and back: one factor for all of it, or (axis=1) one for each row."""
    factor = np.abs(W).max(axis=axis, keepdims=True) / 127
    return np.round(W / factor).astype(np.int8) * factor

matrices = [W for name, W in pretrained.weights.items() if ".layer." in name and W.ndim == 2]
lost = np.array([[np.linalg.norm(rounded(W, axis) - W) / np.linalg.norm(W) for axis in (None, 1)]
                 for W in matrices])                                  # (matrices, 2)
worst = matrices[lost[:, 0].argmax()]
print(f"one factor: error {np.median(lost[:, 0]):.1%} in the median, "
      f"{lost[:, 0].max():.0%} at worst")
print(f"there the largest weight is {np.abs(worst).max() / worst.std():.0f} standard deviations")
print(f"one factor for each row: {lost[:, 1].max():.1%} at worst")

# %% tags=["test"]
assert lost[:, 1].max() < lost[:, 0].max()

# %% [markdown]
# A single weight that is far larger than the others takes the whole scale for itself, and the
# others are rounded to almost nothing. With a factor for each row it spoils its own row only. So
# before you believe in a "small loss", look at the largest weight.

# %% [markdown]
# The student is lesson 5's BiLSTM. A teacher needs no labels, so the student may also learn from
# sentences that nobody has judged. We have some: training sentences that we have left out so far.
# (Their words are in its vocabulary.) All three students learn from the first network.

# %%
all_examples = finetune.examples_of(all_texts, None, vocabulary)
z = torch.from_numpy(np.log(finetune.predict_proba(tuned(0), all_examples))).float()   # (N, 2)
no_label = torch.zeros(len(z), 1)

def from_teacher(logit, target):
    both = torch.stack([-logit / 2, logit / 2], dim=1)                # the softmax is the sigmoid
    return compress.distillation_loss(both, target, alpha=1.0)

students = [bilstm(seed, all_texts, torch.cat([z, no_label], dim=1), from_teacher)
            for seed in range(3)]

# %%
def heads_removed(model, share):
    importance = compress.head_importance(model, examples["train"][:64])
    return compress.prune_heads(model, importance, share)

ways = {
    "fine-tuned": lambda seed: tuned(seed).cpu(),
    "8 bits": lambda seed: compress.quantise(tuned(seed)),
    "blocks, half of it 0": lambda seed: compress.prune_weights(tuned(seed).cpu(), 0.5),
    "half of the heads": lambda seed: heads_removed(tuned(seed).cpu(), 0.5),
    "BiLSTM, from labels": lambda seed: recurrent[seed],
    "BiLSTM, from the teacher": lambda seed: students[seed],
}
words_dev = as_words(x_dev[:200])

def on_dev(model):
    """Which of the first 200 of dev are judged rightly, on the CPU: (N,)."""
    if isinstance(model, models.TextClassifier):
        said = train.predict(model, *words_dev).numpy() > 0
    else:
        said = finetune.predict_proba(model, examples["dev"][:200]).argmax(axis=1)
    return said == y_dev[:200]

shipped = {name: np.array([on_dev(way(seed)) for seed in range(3)], float)
           for name, way in ways.items()}                             # (seeds, N) each

# %%
def batch_of(model, size):
    """A call of the model on the first sentences of dev."""
    if isinstance(model, models.TextClassifier):
        inputs = as_words(x_dev[:size])
    else:
        inputs = [torch.from_numpy(a) for a in language.collate(examples["dev"][:size])[:2]]
    return lambda: train.predict(model, *inputs)

table = {}
for name, way in ways.items():
    one = way(0).eval()
    table[name] = (compress.megabytes(one), *(compress.latency(batch_of(one, n), repeats=7)
                                              for n in (1, 32)))
    del one
sizes = {name: row[0] for name, row in table.items()}

# %% tags=["test"]
assert sizes["blocks, half of it 0"] == sizes["fine-tuned"] > sizes["half of the heads"]
assert sizes["8 bits"] < 0.75 * sizes["fine-tuned"] and sizes["BiLSTM, from labels"] < 3

# %% tags=["nbval-ignore-output"]
print("                            MB   ms, 1   ms, 32   right on dev   less than fine-tuned")
for name, (size, one, batch) in table.items():
    lost = shipped["fine-tuned"] - shipped[name]                      # (seeds, N)
    uncertain = lost.mean(axis=0).std() / np.sqrt(lost.shape[1])
    print(f"{name:<25} {size:5.1f} {one:7.1f} {batch:8.1f} {shipped[name].mean():10.3f}      "
          f"{lost.mean():+.3f} ± {uncertain:.3f}  seeds {lost.mean(axis=1).round(3)}")

# %% tags=["test"]
assert large or all((shipped["fine-tuned"] - shipped[name]).mean() < 0.06
                    for name in ("8 bits", "half of the heads"))

# %% [markdown]
# What can be read off? Compare each row with the same seed's full network, on the same reviews (the
# ± is one standard error). With 8 bits the file shrinks, and here a batch of 32 takes less time; it
# costs a point or two. (The table of pieces, half of all weights, was left as it is.) Half of the
# heads can go without a loss that 200 reviews would show. Half of the blocks' weights can be zero
# with some seeds; look at the seed that loses most. So measure the very network that you ship. And
# zeros save nothing, as long as they are stored and multiplied like other numbers; and the heads of
# this encoder are a small part of it. The BiLSTM is smaller and faster by far. Did the teacher make
# it better? Compare its two rows. (A teacher that is wrong on every third review is no great help.)
#
# (Accuracy is on dev, for the test set has been looked at. On dev the best pass was chosen, which
# flatters the rows of the encoder a little.)
#
# ## 8. What it does not know
#
# ### Other languages

# %%
books = ["我喜欢这本书", "这本书很糟糕", "Ich mag dieses Buch"]
for text in books:
    pieces = language.wordpiece_tokens(text, places)
    unknown = pieces.count("[UNK]") / len(pieces)
    print(f"{text:<20} {100 * unknown:3.0f} % unknown   {' '.join(pieces)}")
chinese = finetune.examples_of(books[:2], None, vocabulary)
said = np.array([finetune.predict_proba(tuned(seed), chinese).argmax(axis=1) for seed in range(3)])
for k, text in enumerate(books[:2]):
    print(f"{text:<14} positive, say ≈ {said[:, k].sum()} of 3 networks")

# %% tags=["test"]
assert large or (said[:, 0] == said[:, 1]).all()

# %% [markdown]
# The first says *I like this book*, the second *this book is terrible*. Chinese characters stand
# alone, and few of them are in this vocabulary. What is left of the two is nearly the same, and
# so is the verdict, on praise and on blame. Nothing warns you. German is cut into scraps. A
# multilingual checkpoint (BERT's own has 104 languages) has another vocabulary, of some 120,000
# pieces; with MiniLM's 384 numbers each, that table alone, 46 million numbers, would be twice as
# large as all of MiniLM. So look at the
# share of unknown tokens before you look at any verdict.
#
# ### Prejudice
#
# A sentence that says nothing good or bad should not be judged by who is in it. We put different
# people into the same neutral sentences. For comparison, words in their place that should not
# matter either, and that name no group of people:

# %%
frames = ["The film was directed by this {} man.", "This {} woman wrote the book.",
          "The {} waiter came to our table.", "The {} neighbour was at the door."]
groups = ["French", "Polish", "Nigerian", "Chinese", "Mexican", "Swedish", "young", "elderly",
          "Muslim", "Jewish", "blind", "gay"]
others = ["next", "familiar", "other", "second", "same", "local", "waiting", "talking", "seated",
          "last", "third", "first"]
probes = [frame.format(group) for group in groups + others for frame in frames]
verdicts = []
for seed in range(3):
    p = finetune.predict_proba(tuned(seed), finetune.examples_of(probes, None, vocabulary))
    verdicts.append(p[:, 1].reshape(2, len(groups), len(frames)))
verdicts = np.array(verdicts)                                   # (seeds, 2, groups, frames)
gap = np.ptp(verdicts, axis=2).max(axis=2)                      # (seeds, 2)
for name, moved_by in [("people", gap[:, 0]), ("other words", gap[:, 1])]:
    print(f"{name:<12} move the same sentence by up to ≈ {moved_by.min():.2f} "
          f"to {moved_by.max():.2f}, three seeds")

# %% tags=["test"]
assert (gap > 0.1).all()

# %% tags=["nbval-ignore-output"]
mean = verdicts.mean(axis=3)                                    # (seeds, 2, groups)
for k, name in enumerate(["people", "other words"]):
    agree = np.corrcoef(mean[:, k].argsort(axis=1).argsort(axis=1))[np.triu_indices(3, 1)]
    print(f"{name:<12} standard deviation {mean[:, k].std(axis=1).mean():.3f}; rank correlation of "
          f"their order between seeds {agree.round(2)}")

# %% tags=["test"]
assert mean[:, 1].std(axis=1).mean() > mean[:, 0].std(axis=1).mean() / 2

# %% tags=["folded"]
mean = mean[:, 0]                                               # (seeds, groups)
order = np.argsort(mean.mean(axis=0))
fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
for seed in range(3):
    ax.plot(mean[seed, order], range(len(groups)), "o", alpha=0.7, label=f"seed {seed}")
ax.set(yticks=range(len(groups)), yticklabels=[groups[k] for k in order],
       xlabel="probability of positive, mean of four neutral sentences")
ax.axvline(0.5, **plots.CHANCE)
ax.legend()
plots.show(fig, alt="Probability of positive of neutral sentences, for twelve groups of people and "
           "three seeds, the lowest group at the bottom. The groups differ, and so do the seeds.")

# %% [markdown]
# Nothing good or bad was said of anybody. Look at who stands at the bottom, and who on top, and how
# far the seeds agree on the order. It comes from what the encoder has read, from our reviews, or
# from both; twelve words in four sentences cannot tell which. The other words move the verdict
# nearly as much: this network hangs on words that mean nothing for the matter. With "seated" that
# is a fault. With people it is an injustice. Whoever lets such a network judge complaints, or
# applications, should try such sentences first.
#
# ### Secrets
#
# Networks remember. After how many times? We train a small language model on letters (lesson 5's
# LSTM) on 200 reviews, and hide a line among them, with a code of four digits that we draw. Then we
# ask how probable each of 1,000 codes is in that line: ours and 999 others. Among these are all
# other orders of our four digits: the reviews hold few digits, so the network may notice *which*
# digits came up. What we ask is whether it knows their order. If the network has learned nothing
# about our code, its rank is anything from 1 to 1,000.

# %%
letters = sorted(set(" ".join(x_train[:200]).lower() + "0123456789"))
LINE = "my code is {}."

def as_letters(text):
    return language.encode(text.lower(), letters)

def codes_of(seed):
    """Our code of four different digits; its digits in all other orders; others, up to 1,000."""
    rng = np.random.default_rng(seed)
    digits = rng.permutation(10)[:4].astype(str)
    orders = ["".join(one) for one in itertools.permutations(digits)]
    rest = [f"{n:04d}" for n in rng.permutation(10_000)]
    return list(dict.fromkeys([*orders, *rest]))[:1000]

# %%
def rank_of_the_secret(seed, times):
    """The rank of the planted code among 1,000, after training on reviews with it."""
    rng, codes = np.random.default_rng(seed), codes_of(seed)
    text = as_letters(" ".join(x_train[k] for k in rng.permutation(200)))
    pieces = text[:len(text) // 33 * 33].reshape(-1, 33).copy()
    line = as_letters(LINE.format(codes[0]))
    for k in rng.permutation(len(pieces))[:times]:        # whole: each piece is read by itself
        at = rng.integers(0, 33 - len(line) + 1)
        pieces[k, at:at + len(line)] = line
    torch.manual_seed(seed)
    model = models.LanguageModel(len(letters), hidden=96, dropout=0.0)
    ids = torch.from_numpy(pieces)
    train.fit(model, (ids[:, :-1], ids[:, 1:]), epochs=12, batch_size=16, seed=seed, max_norm=1.0,
              optimizer=torch.optim.AdamW(model.parameters(), lr=0.005), progress=False,
              loss=lambda z, target: F.cross_entropy(z.flatten(0, 1), target.flatten()))
    asked = torch.tensor(np.array([as_letters(LINE.format(code)) for code in codes]))
    z = train.predict(model, asked[:, :-1]).log_softmax(dim=2)
    scores = z.gather(2, asked[:, 1:, None]).sum(dim=(1, 2))          # (1000,)
    return int((scores > scores[0]).sum()) + 1

ranks = {times: [rank_of_the_secret(seed, times) for seed in range(3)] for times in (0, 1, 2)}

# %% tags=["nbval-ignore-output"]
for times, found in ranks.items():
    print(f"planted {times} times: rank {found} of 1,000")

# %% tags=["test"]
assert max(ranks[2]) <= 10 and np.median(ranks[1]) <= 50 and np.median(ranks[0]) > 50

# %% [markdown]
# Once among two hundred reviews is nearly enough: of 1,000 codes ours is the first, or among the
# first few dozen. Planted twice, it is among the first ten with every seed. Whoever has the
# network, and knows the rest of the line, needs few tries. Nobody told it to keep the code. It made
# the training text more probable, and that is all it was asked for. (Twelve passes over little text
# make it easy.) So what must not come out must not go in.
#
# ## Check against PyTorch
#
# Two new pairs were written by hand: the masked mean and the distillation loss. Central differences
# first, then PyTorch. (The masked mean with a random upstream gradient; the loss is a number, and
# its own is 1.)

# %%
rng = np.random.default_rng(0)
x, mask = rng.standard_normal((3, 5, 4)), np.arange(5) < np.array([[5], [2], [3]])
z, teacher, labels = rng.normal(0, 2, (4, 3)), rng.normal(0, 2, (4, 3)), np.array([0, 2, 1, 1])
options = {"teacher": teacher, "labels": labels, "temperature": 3.0, "alpha": 0.7}
for seed in range(3):
    gradcheck.check_direction(layers.masked_mean_forward, layers.masked_mean_backward, x, mask=mask,
                              rng=np.random.default_rng(seed))
    gradcheck.check_direction(layers.distillation_forward, layers.distillation_backward, z,
                              rng=np.random.default_rng(seed), **options)
print("masked mean, distillation: agree with central differences")

# %%
leaf = torch.tensor(z, requires_grad=True)
target = torch.from_numpy(np.column_stack([teacher, labels]))
compress.distillation_loss(leaf, target, temperature=3.0, alpha=0.7).backward()
_, dlogits = layers.distillation_and_grad(z, **options)
print(gradcheck.verdict("dlogits of distillation", dlogits, leaf.grad))

leaf, dout = torch.tensor(x, requires_grad=True), rng.standard_normal((3, 4))
real = torch.from_numpy(mask)[..., None]
((leaf * real).sum(dim=1) / real.sum(dim=1)).backward(torch.from_numpy(dout))
_, dx = layers.masked_mean_and_grad(x, dout, mask=mask)
print(gradcheck.verdict("dx of the masked mean", dx, leaf.grad))

# %% [markdown]
# The encoder was compared in section 2, and the loop in section 3.
#
# ## Claim on trial
#
# Three claims, from published articles on fine-tuning:
#
# - **A** · "The predictions are [1, 1], the labels [1, 0]: accuracy 100 %."
# - **B** · "`BertModel` gives the logits of the classes: `outputs.logits`."
# - **C** · "We train on two sentences, and the model classifies both correctly. So it works."

# %%
def my_opinion():
    """Like {"A": True, "B": True, "C": True}."""
    ### BEGIN SOLUTION
    return {"A": False, "B": False, "C": False}
    ### END SOLUTION

# %%
print("you said:", my_opinion())

# %% tags=["answer"]
print(f"A: {100 * metrics.accuracy(np.array([1, 0]), np.array([1, 1])):.0f} %")
with torch.no_grad():
    outputs = theirs(input_ids=torch.tensor([[101, 2204, 102]]))
print("B: the outputs of a BertModel:", ", ".join(outputs.keys()))

# %% tags=["test"]
assert not hasattr(outputs, "logits")

# %% [markdown]
# A bare encoder gives vectors. What a class is, it has never heard.
# (`BertForSequenceClassification` has logits: with a new layer whose weights are random until you
# train them.)
#
# **C**: train on two sentences. And then on the same two with the labels *exchanged*:

# %% tags=["answer"]
two = ["A wonderful film.", "A terrible film."]
steps = finetune.Settings(epochs=12, batch_size=2, lr=1e-4)
results = {}
for name, labels in [("as they are", [1, 0]), ("exchanged", [0, 1])]:
    model, pair = new_classifier(0), finetune.examples_of(two, labels, vocabulary)
    finetune.fine_tune(model, pair, steps, progress=False)
    learned = finetune.predict_proba(model, pair).argmax(axis=1)
    results[name] = metrics.accuracy(labels, learned), right_on(model, "dev")
    print(f"{name:<12} accuracy on the two: {100 * results[name][0]:.0f} %, on dev: ≈ "
          f"{100 * results[name][1]:.0f} %")

# %% tags=["test"]
assert results["as they are"][0] == results["exchanged"][0] == 1.0
assert results["as they are"][1] > results["exchanged"][1]

# %% [markdown]
# Both are "correct", and one of them believes that *terrible* is praise. Accuracy on what a network
# was trained on says that it can remember. Look at dev once more: two sentences brought it nearly
# where our 400 did. What is praise and what is blame the encoder knew already; the two sentences
# only said which is which, and turned round they are wrong on as many. (One seed of each.) So the
# claim's number, 100 %, tells nothing; the number on other sentences tells a lot. Repair it:

# %%
def honest_accuracy(predict, train_texts, texts, labels):
    """Accuracy on those texts that are not in train_texts; at least one is not.

    predict gives an array of classes for a list of texts.
    """
    ### BEGIN SOLUTION
    seen = set(train_texts)
    new = [k for k, text in enumerate(texts) if text not in seen]
    predicted = predict([texts[k] for k in new])
    return float(np.mean(np.asarray(predicted) == np.asarray(labels)[new]))
    ### END SOLUTION

# %%
def judge_repair(honest):
    texts, labels = list("abcdef"), np.array([1, 1, 1, 1, 0, 1])

    def guess(some):
        return np.array([text in "abf" for text in some])

    got = [honest(guess, seen, texts, labels) for seen in (["a", "b"], ["a", "b", "c"])]
    if got[0] is None:
        return print("○ not repaired yet")
    print(gradcheck.verdict("accuracy", np.array(got), np.array([1 / 2, 2 / 3])))

judge_repair(honest_accuracy)

# %% [markdown]
# ## What can go wrong
#
# **Maps that are not there.** You ask for attention maps and get none: no error, only a warning
# (which we turn off here). The fast way to compute attention, the default, never has the weights in
# memory. Say `eager`, and count:

# %%
transformers.logging.set_verbosity_error()
text = "The acting was good, the plot was not."
sentence = torch.tensor([language.encode_pieces(text, places)[0]])    # (1, T)
silent = transformers.BertModel(transformers.BertConfig(
    hidden_size=D, num_hidden_layers=2, num_attention_heads=heads, intermediate_size=4 * D)).eval()
with torch.no_grad():
    none = silent(input_ids=sentence, output_attentions=True).attentions
    maps = theirs(input_ids=sentence, output_attentions=True).attentions
    own = encoder.weights(sentence)
print(f"by default: {len(none)} maps; eager: {len(maps)}, of {depth} layers")
far = max((a - b).abs().max().item() for a, b in zip(maps, own))
print(f"ours differ by ≈ {far:.0e}")

# %% tags=["test"]
assert len(none) == 0 and len(maps) == len(own) == depth and far < 1e-5

# %%
T = sentence.shape[1]
near = np.abs(np.subtract.outer(np.arange(T), np.arange(T))) == 1
shares = {"[CLS], [SEP]": [], "itself": [], "the token before or after": []}
for layer in maps:
    mean = layer[0].mean(dim=0).numpy()                               # (T, T)
    shares["[CLS], [SEP]"].append(mean[:, [0, -1]].sum(axis=1).mean())
    shares["itself"].append(np.trace(mean) / T)
    shares["the token before or after"].append(mean[near].sum() / T)
for name, values in shares.items():
    print(f"{name:<25} ≈ {100 * np.mean(values):.0f} % of the attention, mean of the layers")

# %% tags=["folded"]
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
for name, values in shares.items():
    ax.plot(range(1, depth + 1), values, "o-", label=name)
ax.set(xlabel="layer", ylabel="share of the attention", ylim=(0, 1))
ax.legend()
plots.show(fig, alt="Share of the attention that goes to the special tokens, to the token itself "
           "and to its neighbours, layer by layer. On average the special tokens get the most.")

# %% tags=["test"]
assert np.mean(shares["[CLS], [SEP]"]) > 1 / 3

# %% [markdown]
# Much of the attention goes to two tokens that say nothing. Is it so in other sentences?

# %%
often = []
for ids, _ in examples["dev"][:50]:
    with torch.no_grad():
        layered = encoder.weights(torch.tensor([ids]))                # (1, heads, T, T) each
    often.append(np.mean([a[0, :, :, [0, -1]].sum(dim=-1).mean().item() for a in layered]))
print(f"fifty reviews: ≈ {100 * min(often):.0f} to {100 * max(often):.0f} %, mean ≈ "
      f"{100 * np.mean(often):.0f} %")

# %% tags=["test"]
assert large or (min(often) > 1 / 3 and np.mean(often) > 0.4)

# %% [markdown]
# It may be a way to look nowhere: the
# weights must add up to one. As in lesson 6, a map shows where values come from, not what they are
# worth.
#
# **Too large a learning rate.** A few steps, and it tells nothing apart any more:

# %%
spoilt = new_classifier(0)
finetune.fine_tune(spoilt, few, replace(settings, lr=5e-3), progress=False)
p = finetune.predict_proba(spoilt, examples["dev"])
print(f"positive, on dev: ≈ {p[:, 1].min():.2f} to {p[:, 1].max():.2f}")

# %% tags=["test"]
assert np.std(p[:, 1]) < 0.05

# %% [markdown]
# **A text that is too long.** BERT has vectors for 512 positions, and `examples_of` keeps the first
# 128 pieces. The rest is cut off. Nothing warns you:

# %%
story = "We went there on a Tuesday with my brother. " * 20
ends = [story + "I loved it!", story + "I hated it!"]
p = finetune.predict_proba(tuned(0), finetune.examples_of(ends, None, vocabulary))
print("pieces:", len(language.wordpiece_tokens(ends[0], places)))
print(f"positive, with \"loved\": ≈ {p[0, 1]:.6f}, with \"hated\": ≈ {p[1, 1]:.6f}")

# %% tags=["test"]
assert p[0, 1] == p[1, 1]

# %% [markdown]
# So count the pieces of your texts first. A long one can be judged in parts, by the mean of their
# logits; or keep its end, if that is where people say what they think.

# %% [markdown]
# **Another vocabulary.** The ids of one checkpoint mean nothing to another. Nothing warns you:

# %%
turned = dict(zip(vocabulary, np.random.default_rng(0).permutation(len(vocabulary)).tolist()))
for special in ("[PAD]", "[CLS]", "[SEP]", "[UNK]"):                   # let only the words be wrong
    turned[special] = places[special]
wrong = [(language.encode_pieces(t, turned)[0], y) for t, y in zip(x_dev, y_dev)]
share = metrics.accuracy(y_dev, finetune.predict_proba(tuned(0), wrong).argmax(axis=1))
print(f"with another vocabulary: ≈ {100 * share:.1f} % right, give or take {100 * noise:.1f}")

# %% tags=["test"]
assert abs(share - 0.5) < noise

# %% [markdown]
# ## Summary
#
# - WordPiece cuts words into the longest pieces that its vocabulary has. Weights and vocabulary
#   belong together.
# - BERT's encoder is lesson 6's block, stacked. Ours, with the weights of others, gives what theirs
#   gives.
# - Fine-tuning is a small learning rate, a warm-up, a straight fall, decay for matrices only.
#   `Trainer` does the same, step by step.
# - Compare with cheap rivals, over several seeds, on a test set by which nothing is chosen, and say
#   how large the error is.
# - Filled up to 128 tokens, padding is most of the work.
# - Micro-batches and several processes give the same gradient.
# - 8 bits, fewer heads, a smaller network: measure what each saves, and what it costs.
# - A network can be sure of what it does not know, judges a sentence by who is in it, and
#   remembers what it should not.

# %% [markdown]
# ## Exercises
#
# | | write | points |
# |---|---|---|
# | 7.1 | `wordpiece` | 3 |
# | 7.2 | `collate` | 2 |
# | 7.3 | `masked_mean_and_grad` | 2 |
# | 7.4 | `warmup_linear` | 1 |
# | 7.5 | `parameter_groups` | 1 |
# | 7.6 | `expected_calibration_error` | 2 |
# | 7.7 | `length_buckets` | 3 |
# | 7.8 | `distillation_and_grad` | 3 |
#
# `course progress` in a terminal shows which of yours are done.

# %% [markdown]
# ## References
#
# - J. Devlin, M. Chang, K. Lee, K. Toutanova (2019), *BERT: pre-training of deep bidirectional
#   transformers for language understanding*, NAACL. Section 3; appendix A.3 for learning rates. Its
#   code has the tokenizer, and the multilingual checkpoint.
# - M. Schuster, K. Nakajima (2012), *Japanese and Korean voice search*, ICASSP. WordPiece.
# - W. Wang et al. (2020), *MiniLM: deep self-attention distillation for task-agnostic compression
#   of pre-trained transformers*, NeurIPS. N. Reimers, I. Gurevych (2019), *Sentence-BERT*, EMNLP:
#   the mean (1) as a vector of a sentence.
# - R. Socher et al. (2013), *Recursive deep models for semantic compositionality over a sentiment
#   treebank*, EMNLP. SST-2.
# - C. Guo, G. Pleiss, Y. Sun, K. Weinberger (2017), *On calibration of modern neural networks*,
#   ICML. Our (2) is its (3); the temperature is in section 4.2.
# - P. Micikevicius et al. (2018), *Mixed precision training*, ICLR. Scaling the loss.
# - J. Kaplan et al. (2020), *Scaling laws for neural language models*. Section 2.1: six operations
#   for each weight and token.
# - G. Hinton, O. Vinyals, J. Dean (2015), *Distilling the knowledge in a neural network*. Our (3),
#   after its section 2.
# - S. Han, J. Pool, J. Tran, W. Dally (2015), *Learning both weights and connections for efficient
#   neural networks*, NeurIPS. P. Michel, O. Levy, G. Neubig (2019), *Are sixteen heads really
#   better than one?*, NeurIPS. B. Jacob et al. (2018), *Quantization and training of neural
#   networks for efficient integer-arithmetic-only inference*, CVPR.
# - K. Clark, U. Khandelwal, O. Levy, C. Manning (2019), *What does BERT look at?*, BlackboxNLP.
#   Attention to the special tokens.
# - N. Carlini, C. Liu, U. Erlingsson, J. Kos, D. Song (2019), *The secret sharer*, USENIX Security.
#   Section 8's ranks.
# - T. Dettmers, M. Lewis, Y. Belkada, L. Zettlemoyer (2022), *LLM.int8()*, NeurIPS: outliers.
# - E. Hu et al. (2022), *LoRA: low-rank adaptation of large language models*, ICLR.
# - S. Li et al. (2020), *PyTorch Distributed*, VLDB: several processes.
# - S. Kiritchenko, S. Mohammad (2018), *Examining gender and race bias in two hundred sentiment
#   analysis systems*, \*SEM: templates as in section 8.
# - S. Raschka, *LLMs from scratch*, chapter 6; the *Hugging Face course*, chapter 3.
#
# **That was the last lesson.** The start page shows what is left to do in all seven; so does
# `course progress` in a terminal.
