"""Attention against PyTorch's module, and what the pairs' own proofs do not cover."""

import numpy as np
import pytest
import torch

from course_lib import attention, gradcheck, models, widgets

B, T, D, N = 3, 5, 8, 2


def weights_of(module):
    """Our four weights from PyTorch's module: its matrices are (out, in)."""
    arrays = (module.in_proj_weight.T, module.in_proj_bias, module.out_proj.weight.T,
              module.out_proj.bias)
    return [a.detach().numpy() for a in arrays]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("lengths", [[5, 5, 5], [5, 2, 3]])
def test_equal_to_pytorchs_module_in_outputs_and_every_gradient(causal, lengths):
    torch.manual_seed(0)
    module = torch.nn.MultiheadAttention(D, N, batch_first=True).double()
    torch.nn.init.normal_(module.in_proj_bias)
    rng, lengths = np.random.default_rng(0), np.array(lengths)
    x, dout = rng.standard_normal((2, B, T, D))
    mask = attention.attention_mask(lengths, T, causal=causal)
    out, cache = attention.multi_head_attention_forward(x, *weights_of(module), heads=N, mask=mask)
    grads = attention.multi_head_attention_backward(dout, cache)
    leaf = torch.tensor(x, requires_grad=True)
    theirs, looked = module(
        leaf, leaf, leaf, key_padding_mask=torch.tensor(np.arange(T) >= lengths[:, None]),
        attn_mask=torch.triu(torch.ones(T, T, dtype=bool), 1) if causal else None,
        average_attn_weights=False)
    assert gradcheck.relative_error(out, theirs.detach()) < 1e-12
    assert gradcheck.relative_error(cache[1][3], looked.detach()) < 1e-12
    wanted = [leaf, module.in_proj_weight, module.in_proj_bias, module.out_proj.weight,
              module.out_proj.bias]
    found = torch.autograd.grad(theirs, wanted, torch.tensor(dout))
    for mine, other in zip(grads, found, strict=True):
        other = other.T if other.ndim == 2 else other
        assert gradcheck.relative_error(mine, other) < 1e-12


def test_a_query_that_may_look_nowhere_gets_zeros_and_passes_no_gradient():
    rng = np.random.default_rng(0)
    q, k, v = rng.standard_normal((3, 4, 6))
    mask = rng.random((4, 4)) < 0.7
    mask[2] = False
    out, cache = attention.attention_forward(q, k, v, mask=mask)
    assert (out[2] == 0).all() and np.isfinite(out).all()
    dq, dk, dv = attention.attention_backward(rng.standard_normal(out.shape), cache)
    assert (dq[2] == 0).all() and all(np.isfinite(d).all() for d in (dq, dk, dv))


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_block_by_block_is_the_same(size):
    rng = np.random.default_rng(0)
    q, k, v = (rng.standard_normal((2, n, 4)) for n in (5, 7, 7))
    out = attention.blockwise_attention(30 * q, 30 * k, v, size=size)
    assert gradcheck.relative_error(out, attention.attention_forward(30 * q, 30 * k, v)[0]) < 1e-12
    with pytest.raises(ValueError, match="give at least 1"):
        attention.blockwise_attention(q, k, v, size=0)


def test_attention_does_not_know_order_and_a_rotation_tells_distance_only():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((B, T, D))
    weights = [rng.standard_normal(s) for s in [(D, 3 * D), (3 * D,), (D, D), (D,)]]
    order = rng.permutation(T)
    out, _ = attention.multi_head_attention_forward(x, *weights, heads=N)
    moved, _ = attention.multi_head_attention_forward(x[:, order], *weights, heads=N)
    assert np.allclose(moved, out[:, order], atol=1e-12)
    q, k = rng.standard_normal((2, 1, 6))

    def score(t, s):
        turned = [attention.rotary_forward(a, positions=np.array([p]))[0]
                  for a, p in [(q, t), (k, s)]]
        return (turned[0] @ turned[1].T).item()
    assert np.isclose(score(3, 1), score(12, 10)) and not np.isclose(score(3, 1), score(3, 2))


def test_step_by_step_is_causal_attention():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((B, T, D))
    weights = [rng.standard_normal(s) for s in [(D, 3 * D), (3 * D,), (D, D), (D,)]]
    mask = attention.attention_mask(np.full(B, T), T, causal=True)
    whole, _ = attention.multi_head_attention_forward(x, *weights, heads=N, mask=mask)
    past = None
    for t in range(T):
        out, past = attention.multi_head_step(x[:, t:t + 1], past, *weights, heads=N)
        assert np.allclose(out[:, 0], whole[:, t], atol=1e-12)
    assert past[0].shape == (B, N, T, D // N)


def test_heads_come_back_together():
    x = np.random.default_rng(0).standard_normal((B, T, D))
    assert np.array_equal(attention.merge_heads(attention.split_heads(x, 4)), x)
    assert np.array_equal(attention.split_heads(x, 4)[1, 2, 3], x[1, 3, 4:6])


def test_positions_turn_by_a_fixed_angle():
    """A step of one is the same rotation everywhere: so a linear layer can look k steps back."""
    table = attention.sinusoidal_positions(50, 6)
    pairs = table[:, 1::2] + 1j * table[:, ::2]
    steps = pairs[1:] / pairs[:-1]
    assert np.allclose(steps, steps[0]) and np.allclose(np.abs(pairs), 1)


def test_hidden_tokens():
    ids = np.random.default_rng(0).integers(5, 50, (200, 100))
    ids[:, -1] = 1
    inputs, targets = attention.mask_tokens(ids, mask_id=2, V=50, rng=np.random.default_rng(1),
                                            special=(1,))
    chosen = targets != -100
    assert abs(chosen[:, :-1].mean() - 0.15) < 0.01 and not chosen[:, -1].any()
    assert np.array_equal(targets[chosen], ids[chosen])
    assert np.array_equal(inputs[~chosen], ids[~chosen])
    shares = [(inputs == 2)[chosen].mean(), (inputs == ids)[chosen].mean()]
    assert np.abs(np.array(shares) - [0.8, 0.1 + 0.1 / 50]).max() < 0.03


@pytest.mark.parametrize("call, words", [
    (lambda: attention.attention_forward(np.ones((2, 3)), np.ones((4, 2)), np.ones((4, 5))),
     r"give \(..., T, E\), \(..., S, E\)"),
    (lambda: attention.attention_forward(*np.ones((3, 2, 2)), mask=np.ones((2, 2))),
     "give Booleans"),
    (lambda: attention.attention_forward(*np.ones((3, 2, 2)), mask=np.ones((3, 2), bool)),
     r"mask \(3, 2\)"),
    (lambda: attention.split_heads(np.ones((1, 2, 6)), 4), "give a divisor of 6"),
    (lambda: attention.layer_norm_forward(np.ones((2, 3)), np.ones(2), np.ones(3)), r"\(3,\)"),
    (lambda: attention.sinusoidal_positions(3, 5), "an even number"),
    (lambda: attention.attention_mask(np.array([4]), 3, causal=True), "numbers from 0 to T"),
    (lambda: models.Attention(6, 4), "cannot be cut into 4 heads: give a divisor of 6"),
    (lambda: models.Block(6, 2, norm="after"), "choose pre, post or none"),
    (lambda: models.GPT(5, 4, D=8)(torch.zeros(1, 5, dtype=torch.long)),
     "5 tokens, and there are positions for 4: give shorter sequences"),
    (lambda: attention.layer_norm_backward(np.ones((2, 4)), attention.layer_norm_forward(
        np.ones((2, 3)), np.ones(3), np.ones(3))[1]), r"the output had \(2, 3\)"),
])
def test_bad_input_is_told(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_our_block_is_the_models_block():
    """One block in NumPy and in PyTorch, with the same weights."""
    torch.manual_seed(0)
    block = models.Block(D, N).double()
    first, _, last = block.network
    arrays = [block.norm1.weight, block.norm1.bias, block.attention.qkv.weight.T,
              block.attention.qkv.bias, block.attention.out.weight.T, block.attention.out.bias,
              block.norm2.weight, block.norm2.bias, first.weight.T, first.bias, last.weight.T,
              last.bias]
    x = np.random.default_rng(0).standard_normal((B, T, D))
    mask = attention.attention_mask(np.full(B, T), T, causal=True)
    ours, _ = attention.block_forward(x, *(a.detach().numpy() for a in arrays), heads=N, mask=mask)
    block.network[1].approximate = "tanh"
    theirs, _ = block(torch.tensor(x), causal=True)
    assert gradcheck.relative_error(ours, theirs.detach()) < 1e-12


def test_the_gpt_does_not_look_ahead_and_its_cache_changes_nothing():
    torch.manual_seed(0)
    model, ids = models.GPT(11, 20, D=16, heads=2).eval(), torch.randint(0, 11, (2, 9))
    whole = model(ids)
    logits, past = model.step(ids[:, :4], None)
    found = [logits]
    for t in range(4, 9):
        logits, past = model.step(ids[:, t:t + 1], past)
        found.append(logits)
    assert torch.allclose(torch.cat(found, dim=1), whole, atol=1e-5)
    changed = ids.clone()
    changed[:, 6] = (ids[:, 6] + 1) % 11
    assert torch.allclose(model(changed)[:, :6], whole[:, :6], atol=1e-6)
    assert not torch.allclose(model(changed)[:, 6:], whole[:, 6:], atol=1e-3)
    with pytest.raises(ValueError, match="after the first call give one"):
        model.step(ids[:, :2], past)
    assert torch.equal(model.step(ids, [])[0], model.step(ids, None)[0])
    with pytest.raises(ValueError, match="past or causal, not both"):
        models.Attention(8, 2)(torch.zeros(1, 1, 8), causal=True, past=(None, None))


def test_the_bert_does_not_see_padding_but_both_sides():
    torch.manual_seed(0)
    model, ids = models.BERT(11, 20, D=16, heads=2).eval(), torch.randint(0, 11, (2, 9))
    segments, lengths = (torch.arange(9) > 4).long().expand(2, 9), torch.tensor([9, 6])
    guesses, follows = model(ids, segments, lengths)
    assert guesses.shape == (2, 9, 11) and follows.shape == (2,)
    padding = ids.clone()
    padding[1, 6:] = 0
    again, _ = model(padding, segments, lengths)
    assert torch.allclose(again[1, :6], guesses[1, :6], atol=1e-6)
    later = ids.clone()
    later[0, 8] = (ids[0, 8] + 1) % 11
    assert not torch.allclose(model(later, segments, lengths)[0][0, 0], guesses[0, 0], atol=1e-4)
    other = model(ids, 1 - segments, lengths)[0]
    assert not torch.allclose(other, guesses, atol=1e-3)


def test_weights_of_attention_are_those_that_are_used():
    torch.manual_seed(0)
    layer, x = models.Attention(8, 2), torch.randn(2, 5, 8)
    mask = torch.ones(5, 5, dtype=torch.bool).tril()
    weights = layer.weights(x, mask=mask)
    assert torch.allclose(weights.sum(dim=-1), torch.ones(2, 2, 5)) and (weights[..., 0, 1:] == 0
                                                                         ).all()
    _, _, v = layer.split(x)
    mixed = layer.out((weights @ v).transpose(1, 2).flatten(2))
    assert torch.allclose(mixed, layer(x, mask=mask)[0], atol=1e-6)


def test_the_widget_tells_where_a_head_looks():
    weights = np.full((2, 3, 3), 0.2)
    weights[:, range(3), [2, 0, 1]] = 0.6
    box = widgets.explore_attention(["a", " ", "c"], weights)
    assert "token 0, “a”, looks most at token 2, “c”, with weight 0.60" in box.sentence
    head, place = box.children[:2]
    assert (head.max, place.max) == (1, 2)
    place.value, head.value = 2, 1
    assert "Head 1: token 2, “c”, looks most at token 1, “␣”" in box.sentence
    assert box.sentence in box.children[2].value and "<img alt=" in box.children[3].value
    with pytest.raises(ValueError, match=r"weights of shape \(N, T, T\)"):
        widgets.explore_attention(["a", "b"], weights)


def test_the_maps_of_a_transformer_are_causal_when_asked():
    torch.manual_seed(0)
    model = models.Transformer(7, 9, D=8, heads=2, layers=2).eval()
    ids = torch.randint(0, 7, (2, 5))
    for maps in model.weights(ids, causal=True):
        assert maps.shape == (2, 2, 5, 5) and (maps.triu(1) == 0).all()
        assert torch.allclose(maps.sum(dim=-1), torch.ones(2, 2, 5))
    assert (model.weights(ids)[0].triu(1) > 0).any()


def test_a_transformer_decides_nothing_by_what_is_in_a_tensor():
    """On the meta device there are shapes and no numbers: to look at one is an error there."""
    with torch.device("meta"):
        model = models.GPT(7, 5, D=8, heads=2)
        assert model(torch.zeros(2, 5, dtype=torch.long)).shape == (2, 5, 7)
    none = models.Transformer(7, 5, D=8, heads=2)(torch.zeros(2, 0, dtype=torch.long))
    assert none.shape == (2, 0, 8)


def test_whole_numbers_are_turned_as_floats_are():
    x, positions = np.arange(8).reshape(2, 4), np.arange(2)
    out, _ = attention.rotary_forward(x, positions=positions)
    assert np.array_equal(out, attention.rotary_forward(x.astype(float), positions=positions)[0])
    half = attention.rotary_forward(x.astype(np.float32), positions=positions)[0]
    assert half.dtype == np.float32


def test_gelu_of_large_numbers():
    x = np.array([-1e30, -1e10, 1e10, 1e30], np.float32)
    with np.errstate(all="raise"):
        out, cache = attention.gelu_forward(x)
        dx = attention.gelu_backward(np.ones(4, np.float32), cache)
    assert np.array_equal(out, np.maximum(x, 0)) and np.array_equal(dx, [0, 0, 1, 1])
