"""BERT's encoder, for pretrained weights, and a sentence classifier on top of it."""

import re

import torch
from torch import nn
from torch.nn import functional as F

from .transformer import Transformer

# Our names for the parts of a block, and those in the checkpoints.
PARTS = {"attention.out": "attention.output.dense", "norm1": "attention.output.LayerNorm",
         "network.0": "intermediate.dense", "network.2": "output.dense",
         "norm2": "output.LayerNorm"}
TABLES = {"tokens": "word_embeddings", "positions": "position_embeddings",
          "segments": "token_type_embeddings", "first": "LayerNorm"}


class Encoder(Transformer):
    """BERT without its two heads: post-norm blocks, and a norm of the embeddings.

    Parameters
    ----------
    V, T : int
        Size of the vocabulary; longest sequence.
    D, heads, layers : int
    dropout : float
        After the embeddings, and after attention and network of each block. (The original also
        drops attention weights; PyTorch's fast attention on a CPU does not.)

    References
    ----------
    J. Devlin et al. (2019), BERT, section 3, and its code.
    """

    def __init__(self, V=30522, T=512, *, D=384, heads=12, layers=6, dropout=0.1):
        super().__init__(V, T, D=D, heads=heads, layers=layers, segments=2, norm="post",
                         dropout=dropout, eps=1e-12)
        self.first, self.dropout = nn.LayerNorm(D, eps=1e-12), nn.Dropout(dropout)
        for module in self.modules():                     # BERT's first weights: small
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def embed(self, ids, *, segments=None, start=0):
        """Embeddings of tokens, (B, T, D); segment 0 by default."""
        segments = torch.zeros_like(ids) if segments is None else segments
        return self.dropout(self.first(super().embed(ids, segments=segments, start=start)))

    def forward(self, ids, mask, *, segments=None, packed=False):
        """From ids (B, T) and mask (B, T), True where a token is real, to (B, T, D).

        `packed`: padding is left out of all that is done token by token, and its vectors are 0.
        """
        x = self.embed(ids, segments=segments)
        if packed:
            return _forward_packed(self.blocks, x, mask)
        for block in self.blocks:
            x, _ = block(x, mask=mask[:, None, None, :])
        return x


def _forward_packed(blocks, x, mask):
    """Apply the blocks to real tokens only; padding is put back for attention alone."""
    B, T, D = x.shape
    places = mask.flatten().nonzero()[:, 0]               # (n,): where real tokens are
    x = x.flatten(0, 1)[places]                           # (n, D)

    def attend(attention):
        rows = attention.qkv(x)                           # (n, 3 D)
        rows = rows.new_zeros(B * T, rows.shape[1]).index_copy(0, places, rows)
        q, k, v = (part.unflatten(-1, (attention.heads, -1)).transpose(1, 2)
                   for part in rows.view(B, T, -1).chunk(3, dim=-1))           # (B, N, T, E)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :])
        return attention.out(mixed.transpose(1, 2).reshape(B * T, -1)[places])
    for block in blocks:
        x = block.norm1(x + block.dropout(attend(block.attention)))
        x = block.norm2(x + block.dropout(block.network(x)))
    return x.new_zeros(B * T, D).index_copy(0, places, x).view(B, T, D)


def load_pretrained(pretrained, *, dropout=0.1, share=False):
    """Build an encoder from a checkpoint's arrays.

    Parameters
    ----------
    pretrained : course_lib.data.Pretrained
        As `course_lib.data.pretrained_encoder` gives it.
    dropout : float
    share : bool
        Take the arrays themselves where that can be, not copies. It saves memory; but to train the
        encoder would then change the checkpoint.

    Returns
    -------
    Encoder

    Raises
    ------
    ValueError
        If an array is missing, or has another shape.
    """
    weights = {_canonical_name(name): torch.from_numpy(w) for name, w in pretrained.weights.items()}
    table = weights.get("embeddings.word_embeddings.weight")
    if table is None:
        raise ValueError("there are no word embeddings: give the checkpoint of a BERT")
    layers = len({n.split(".")[2] for n in weights if n.startswith("encoder.layer.")})
    T = len(_find_tensor(weights, "positions.weight"))
    with torch.device("meta"):                            # no first weights: they would be wasted
        encoder = Encoder(len(table), T, D=table.shape[1], heads=pretrained.heads, layers=layers,
                          dropout=dropout)
    state = {}
    for name, parameter in encoder.named_parameters():
        state[name] = _find_tensor(weights, name)
        state[name] = state[name] if share else state[name].clone()
        if state[name].shape != parameter.shape:
            raise ValueError(f"{name} has shape {tuple(state[name].shape)} in the checkpoint, and "
                             f"should have {tuple(parameter.shape)}")
    encoder.load_state_dict(state, assign=True)
    return encoder


def load_mlm_head(pretrained):
    """The masked-language-model head of a checkpoint, or None where it was left out.

    Parameters
    ----------
    pretrained : course_lib.data.Pretrained

    Returns
    -------
    torch.nn.Sequential or None
        From vectors (..., D) to logits (..., V). The last matrix is the table of word vectors.
    """
    weights = {_canonical_name(name): torch.from_numpy(w) for name, w in pretrained.weights.items()}
    if "cls.predictions.bias" not in weights:
        return None
    V, D = weights["embeddings.word_embeddings.weight"].shape
    guesser = nn.Sequential(nn.Linear(D, D), nn.GELU(), nn.LayerNorm(D, eps=1e-12),
                            nn.Linear(D, V))
    names = [f"cls.predictions.transform.{n}" for n in ("dense.weight", "dense.bias",
                                                        "LayerNorm.weight", "LayerNorm.bias")]
    names += ["embeddings.word_embeddings.weight", "cls.predictions.bias"]
    with torch.no_grad():
        for parameter, name in zip(guesser.parameters(), names, strict=True):
            parameter.copy_(weights[name])
    return guesser.eval()


def _canonical_name(name):
    """A name in a checkpoint, without the prefix and without the oldest spelling."""
    return name.removeprefix("bert.").replace("LayerNorm.gamma", "LayerNorm.weight") \
        .replace("LayerNorm.beta", "LayerNorm.bias")


def _find_tensor(weights, name):
    """The tensor for one of our parameters; queries, keys and values are one matrix with us."""
    part, kind = name.rsplit(".", 1)
    if match := re.fullmatch(r"blocks\.(\d+)\.(.+)", part):
        layer, part = f"encoder.layer.{match[1]}.", match[2]
        names = ([f"{layer}attention.self.{n}.{kind}" for n in ("query", "key", "value")]
                 if part == "attention.qkv" else [f"{layer}{PARTS[part]}.{kind}"])
    else:
        names = [f"embeddings.{TABLES[part]}.{kind}"]
    missing = [n for n in names if n not in weights]
    if missing:
        raise ValueError(f"the checkpoint has no {missing[0]}: is it the one of a BERT?")
    return torch.cat([weights[n] for n in names]) if len(names) > 1 else weights[names[0]]


class SentenceClassifier(nn.Module):
    """An encoder, one vector for each sentence, and a linear layer.

    Parameters
    ----------
    encoder : Encoder
    classes : int
    pooling : "mean" or "first"
        The mean of the real tokens, or the vector of ``[CLS]``.
    dropout : float
        Before the linear layer.
    packed : bool
        See `Encoder.forward`.

    Raises
    ------
    ValueError
        If there is no such pooling.
    """

    def __init__(self, encoder, *, classes=2, pooling="mean", dropout=0.1, packed=False):
        super().__init__()
        if pooling not in ("mean", "first"):
            raise ValueError(f"pooling is {pooling!r}: choose mean or first")
        self.encoder, self.pooling, self.packed = encoder, pooling, packed
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(encoder.tokens.embedding_dim, classes)
        nn.init.normal_(self.output.weight, std=0.02)
        nn.init.zeros_(self.output.bias)

    def pool(self, ids, mask):
        """One vector for each sentence, (B, D)."""
        x = self.encoder(ids, mask, packed=self.packed)
        if self.pooling == "first":
            return x[:, 0]
        real = mask[..., None].to(x.dtype)
        return (x * real).sum(dim=1) / real.sum(dim=1).clamp(min=1)

    def forward(self, ids, mask):
        """From ids (B, T) and mask (B, T) to logits (B, classes)."""
        return self.output(self.dropout(self.pool(ids, mask)))
