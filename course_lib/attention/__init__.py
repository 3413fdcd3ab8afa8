"""Attention and the other parts of a Transformer as forward/backward pairs, in NumPy.

Sequences are arrays of shape (B, T, D); with heads, (B, N, T, E), where D = N E. A mask is Boolean:
True where a query may look.
"""

from .attention import attention_backward, attention_forward, check_attention
from .block import block_backward, block_forward, initialise_block
from .blockwise import blockwise_attention
from .layer_norm import gelu_backward, gelu_forward, layer_norm_backward, layer_norm_forward
from .masks import attention_mask, mask_tokens
from .multi_head import (
    merge_heads,
    multi_head_attention_backward,
    multi_head_attention_forward,
    multi_head_step,
    split_heads,
)
from .positions import rotary_backward, rotary_forward, sinusoidal_positions

__all__ = [
    "attention_backward", "attention_forward", "attention_mask", "block_backward", "block_forward",
    "blockwise_attention", "check_attention", "gelu_backward", "gelu_forward", "initialise_block",
    "layer_norm_backward", "layer_norm_forward", "mask_tokens", "merge_heads",
    "multi_head_attention_backward", "multi_head_attention_forward", "multi_head_step",
    "rotary_backward", "rotary_forward", "sinusoidal_positions", "split_heads",
]
