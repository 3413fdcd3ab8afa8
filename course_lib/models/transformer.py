"""Transformers small enough to read in one sitting: blocks, a GPT, a BERT."""

import torch
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    """Multi-head self-attention.

    Parameters
    ----------
    D, heads : int
        Features, and into how many heads they are cut.

    Raises
    ------
    ValueError
        If D is not a multiple of `heads`; in `forward`, if past and causal are both given.
    """

    def __init__(self, D, heads):
        super().__init__()
        if heads < 1 or D % heads:
            raise ValueError(f"{D} features cannot be cut into {heads} heads: "
                             f"give a divisor of {D}")
        self.heads = heads
        self.qkv, self.out = nn.Linear(D, 3 * D), nn.Linear(D, D)

    def split(self, x):
        """Queries, keys and values of x, (B, N, T, E) each."""
        return [part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
                for part in self.qkv(x).chunk(3, dim=-1)]

    def forward(self, x, *, mask=None, causal=False, past=None):
        """From x (B, T, D) to (B, T, D), and the keys and values.

        `mask` is True where a query may look; `past` holds keys and values of tokens before x.
        """
        if past is not None and causal:
            raise ValueError("give past or causal, not both: all that is kept may be looked at")
        q, k, v = self.split(x)
        if past is not None:
            k, v = (torch.cat(pair, dim=2) for pair in zip(past, (k, v), strict=True))
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
        return self.out(mixed.transpose(1, 2).flatten(2)), (k, v)

    def weights(self, x, *, mask=None):
        """Attention weights, (B, N, T, T); a row adds up to 1, or is NaN where all is masked."""
        q, k, _ = self.split(x)
        scores = q @ k.mT / q.shape[-1]**0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        return torch.softmax(scores, dim=-1)


class Block(nn.Module):
    """Attention, then a feed-forward network, each with a residual and a layer norm.

    The network's activation is the exact GELU. `attention.block_forward` has its tanh form: with
    the same weights the two differ by up to some 5e-4.

    Parameters
    ----------
    D, heads : int
    norm : "pre", "post" or "none"
        Before attention and network (on the side way), after the sum, or nowhere.
    residual : bool
        Whether the input is added to what comes out.
    dropout : float
    eps : float
        Of the layer norms.

    Raises
    ------
    ValueError
        If there is no such norm, or D is not a multiple of `heads`.
    """

    def __init__(self, D, heads, *, norm="pre", residual=True, dropout=0.0, eps=1e-5):
        super().__init__()
        if norm not in ("pre", "post", "none"):
            raise ValueError(f"norm is {norm!r}: choose pre, post or none")
        self.norm, self.residual = norm, residual
        self.attention = Attention(D, heads)
        self.network = nn.Sequential(nn.Linear(D, 4 * D), nn.GELU(), nn.Linear(4 * D, D))
        self.norm1, self.norm2 = (nn.LayerNorm(D, eps=eps) if norm != "none" else nn.Identity()
                                  for _ in range(2))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, *, mask=None, causal=False, past=None):
        """From x (B, T, D) to (B, T, D), and the keys and values."""
        normed = self.norm1(x) if self.norm == "pre" else x
        mixed, kept = self.attention(normed, mask=mask, causal=causal, past=past)
        x = self._add_and_norm(x, mixed, self.norm1)
        normed = self.norm2(x) if self.norm == "pre" else x
        return self._add_and_norm(x, self.network(normed), self.norm2), kept

    def _add_and_norm(self, x, new, norm):
        """Residual connection and, with post-norm, the layer norm of the sum."""
        x = self.dropout(new) + x if self.residual else self.dropout(new)
        return norm(x) if self.norm == "post" else x


class Transformer(nn.Module):
    """Token and position embeddings, a stack of blocks, a final norm.

    Parameters
    ----------
    V : int
        Size of the vocabulary.
    T : int
        Longest sequence.
    D, heads, layers : int
    positions : bool
        Whether position vectors, which are learned, are added.
    segments : int
        Kinds of segments, each with a vector of its own; 0: none.
    norm, residual, dropout, eps
        See `Block`.
    """

    def __init__(self, V, T, *, D=64, heads=4, layers=2, positions=True, segments=0, norm="pre",
                 residual=True, dropout=0.0, eps=1e-5):
        super().__init__()
        self.tokens = nn.Embedding(V, D)
        self.positions = nn.Embedding(T, D) if positions else None
        self.segments = nn.Embedding(segments, D) if segments else None
        self.blocks = nn.ModuleList(Block(D, heads, norm=norm, residual=residual, dropout=dropout,
                                          eps=eps)
                                    for _ in range(layers))
        self.last = nn.LayerNorm(D) if norm == "pre" else nn.Identity()
        for table in (self.tokens, self.positions, self.segments):
            if table is not None:
                nn.init.normal_(table.weight, std=0.1)

    def embed(self, ids, *, segments=None, start=0):
        """Embeddings of tokens that begin at a position: (B, T, D).

        Raises
        ------
        ValueError
            If the sequence goes on beyond the last position.
        """
        x, stop = self.tokens(ids), start + ids.shape[1]
        if self.positions is not None:
            # a comparison of ints: to look into a tensor would wait for the GPU at every forward
            if stop > self.positions.num_embeddings:
                raise ValueError(f"{stop} tokens, and there are positions for "
                                 f"{self.positions.num_embeddings}: give shorter sequences")
            x = x + self.positions(torch.arange(start, stop, device=ids.device))
        return x if segments is None else x + self.segments(segments)

    def forward(self, ids, *, mask=None, causal=False, segments=None):
        """From ids (B, T) to a vector for each token, (B, T, D)."""
        x = self.embed(ids, segments=segments)
        for block in self.blocks:
            x, _ = block(x, mask=mask, causal=causal)
        return self.last(x)

    def weights(self, ids, *, causal=False):
        """Attention weights of each block: a list of (B, N, T, T)."""
        mask = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool, device=ids.device)
        mask, x, found = mask.tril() if causal else mask, self.embed(ids), []
        for block in self.blocks:
            normed = block.norm1(x) if block.norm == "pre" else x
            found.append(block.attention.weights(normed, mask=mask))
            x, _ = block(x, mask=mask)
        return found

    def step(self, ids, past):
        """Causal step with a key-value cache (None: empty): vectors of the new tokens, new cache.

        Raises
        ------
        ValueError
            If there is a past, and more than one new token.
        """
        start = past[0][0].shape[2] if past else 0
        if past and ids.shape[1] != 1:
            raise ValueError(f"{ids.shape[1]} tokens at once: after the first call give one")
        x, kept = self.embed(ids, start=start), []
        for block, before in zip(self.blocks, past or [None] * len(self.blocks), strict=True):
            x, now = block(x, causal=not past, past=before)
            kept.append(now)
        return self.last(x), kept


class GPT(nn.Module):
    """A language model: a causal Transformer, and the logits of the next token.

    Parameters
    ----------
    V, T : int
        Size of the vocabulary; longest sequence.
    **options
        See `Transformer`.

    References
    ----------
    A. Radford et al. (2019), Language models are unsupervised multitask learners.
    """

    def __init__(self, V, T, **options):
        super().__init__()
        self.transformer = Transformer(V, T, **options)
        self.output = nn.Linear(self.transformer.tokens.embedding_dim, V)

    def forward(self, ids):
        """From ids (B, T) to the logits of what comes next, (B, T, V)."""
        return self.output(self.transformer(ids, causal=True))

    def step(self, ids, past):
        """Causal step with a key-value cache (None: empty): logits of the new tokens, new cache."""
        x, past = self.transformer.step(ids, past)
        return self.output(x), past


class BERT(nn.Module):
    """Encoder with BERT's two heads: masked tokens, and next-sentence prediction.

    Parameters
    ----------
    V, T : int
        Size of the vocabulary; longest sequence.
    **options
        See `Transformer`.

    References
    ----------
    J. Devlin, M. Chang, K. Lee, K. Toutanova (2019), BERT, section 3.
    """

    def __init__(self, V, T, **options):
        super().__init__()
        self.transformer = Transformer(V, T, segments=2, **options)
        D = self.transformer.tokens.embedding_dim
        self.guess, self.follows = nn.Linear(D, V), nn.Linear(D, 1)

    def forward(self, ids, segments, lengths):
        """From ids (B, T) to logits of each token, (B, T, V), and of "it follows", (B,)."""
        real = torch.arange(ids.shape[1], device=ids.device) < lengths[:, None]
        x = self.transformer(ids, segments=segments, mask=real[:, None, None, :])
        return self.guess(x), self.follows(x[:, 0])[:, 0]
