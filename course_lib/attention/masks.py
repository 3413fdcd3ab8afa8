"""Attention masks (causal and padding), and the choice of tokens for masked language modelling."""

import numpy as np

IGNORED = -100                                            # PyTorch's ignore_index


def attention_mask(lengths, T, *, causal):
    """Attention mask, True where a query may attend: to real tokens and, if causal, none ahead.

    Parameters
    ----------
    lengths : ndarray of int of shape (B,)
        How many tokens of each sequence are real; the rest, at the end, is padding.
    T : int
        Length of the padded sequences.
    causal : bool

    Returns
    -------
    ndarray of bool of shape (B, 1, T, T)
        Axes: sequence, head (all alike), query, key.

    Raises
    ------
    ValueError
        If a length is not a whole number from 0 to T.

    Examples
    --------
    >>> attention_mask(np.array([2]), 3, causal=True)[0, 0].astype(int)
    array([[1, 0, 0],
           [1, 1, 0],
           [1, 1, 0]])
    """
    places, lengths = np.arange(T), np.asarray(lengths)
    whole = lengths.ndim == 1 and lengths.dtype.kind in "iu"
    if not whole or not ((lengths >= 0) & (lengths <= T)).all():
        raise ValueError(f"lengths {lengths} do not fit T = {T}: give a row of whole "
                         "numbers from 0 to T")
    mask = (places < lengths[:, None])[:, None, None, :]              # (B, 1, 1, T): the keys
    ahead = places > places[:, None] if causal else np.zeros((T, T), bool)
    return mask & ~ahead


def mask_tokens(ids, *, mask_id, V, rng, share=0.15, special=()):
    """Choose and mask tokens for masked language modelling.

    Of the chosen tokens 80 % become `mask_id`, 10 % a random token, 10 % stay as they are.

    Parameters
    ----------
    ids : ndarray of int of shape (B, T)
    mask_id : int
        The token that stands for a hidden one.
    V : int
        Random tokens are drawn from 0 to V - 1.
    rng : numpy.random.Generator
    share : float
        Probability of a token to be chosen.
    special : sequence of int
        Tokens that are never chosen, such as padding.

    Returns
    -------
    inputs : ndarray of int of shape (B, T)
    targets : ndarray of int of shape (B, T)
        The token where one was chosen, -100 elsewhere: there PyTorch's cross-entropy does not look.

    Raises
    ------
    ValueError
        If ids are not whole numbers, or the share is not from 0 to 1.

    References
    ----------
    J. Devlin, M. Chang, K. Lee, K. Toutanova (2019), BERT, section 3.1 and appendix A.1.
    """
    if np.asarray(ids).dtype.kind not in "iu" or not 0 <= share <= 1:
        raise ValueError(f"ids have dtype {np.asarray(ids).dtype}, share is {share}: give whole "
                         "numbers, and a share from 0 to 1")
    ids = np.asarray(ids, dtype=np.int64)                 # -100 must fit
    chosen = (rng.random(ids.shape) < share) & ~np.isin(ids, list(special))
    how = rng.random(ids.shape)
    inputs = np.where(chosen & (how < 0.8), mask_id, ids)
    inputs = np.where(chosen & (how >= 0.9), rng.integers(0, V, ids.shape), inputs)
    return inputs, np.where(chosen, ids, IGNORED)
