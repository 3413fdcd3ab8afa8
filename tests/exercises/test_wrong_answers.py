"""Wrong answers that no mistake lists: none may be called right. And what the judge's parts say."""

import warnings

import numpy as np
import pytest

from course_lib import checks, exercises, gradcheck, layers, value
from course_lib.checks import check, compare, predict, solution
from course_lib.checks.judge import AnswerKey, _agree, _rest, judge
from course_lib.checks.plain_data import Refused, plain
from course_lib.checks.run import Outcome
from course_lib.value import Value, topological_order

WRONG = []


def wrong(id):
    def keep(fn):
        WRONG.append(pytest.param(id, fn, id=f"{id} {fn.__name__}"))
        return fn
    return keep


def measured(x, slope):
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        grad[i] = slope(i)
    return grad


def moved(x, i, h):
    y = x.copy()
    y[i] += h
    return y


@wrong("1.1")
def ignores_h(f, x, *, h=1e-5):
    return gradcheck.central_difference(f, x)


@wrong("1.1")
def another_default(f, x, *, h=0.1):
    return gradcheck.central_difference(f, x, h=h)


@wrong("1.1")
def gives_f_a_flat_array(f, x, *, h=1e-5):
    return gradcheck.central_difference(f, x.ravel(), h=h).reshape(x.shape)


@wrong("1.1")
def drops_the_sign(f, x, *, h=1e-5):
    return abs(gradcheck.central_difference(f, x, h=h))


@wrong("1.1")
def first_axis_only(f, x, *, h=1e-5):
    grad = np.zeros(x.shape)
    for i in range(len(x)):
        grad[i] = (f(moved(x, i, h)) - f(moved(x, i, -h))) / (2 * h)
    return grad


@wrong("1.1")
def backward_difference(f, x, *, h=1e-5):
    return measured(x, lambda i: (f(x) - f(moved(x, i, -h))) / h)


def product(a, b, backward, data=None, parents=None):
    return Value(a.data * b.data if data is None else data, parents or (a, b), "×", backward)


@wrong("1.2")
def sum_for_data(a, b):
    return product(a, b, value.multiply(a, b)._backward, data=a.data + b.data)


@wrong("1.2")
def only_a(a, b):
    def backward(dout):
        a.grad += b.data * dout
    return product(a, b, backward)


@wrong("1.2")
def only_b(a, b):
    def backward(dout):
        b.grad += a.data * dout
    return product(a, b, backward)


@wrong("1.2")
def b_only_when_it_is_a(a, b):
    def backward(dout):
        a.grad += (2 if a is b else 1) * b.data * dout
    return product(a, b, backward)


@wrong("1.2")
def adds_only_when_twice(a, b):
    def backward(dout):
        if a is not b:
            a.grad = b.grad = 0.0
        value.multiply(a, b)._backward(dout)
    return product(a, b, backward)


@wrong("1.2")
def one_parent(a, b):
    return product(a, b, value.multiply(a, b)._backward, parents=(a,))


@wrong("1.2")
def reads_both_first(a, b):
    def backward(dout):
        da, db = a.grad + b.data * dout, b.grad + a.data * dout
        a.grad, b.grad = da, db                           # a × a: one share is lost
    return product(a, b, backward)


@wrong("1.2")
def calls_the_parents_backward(a, b):
    def backward(dout):
        value.multiply(a, b)._backward(dout)
        for parent in (a, b):
            if parent._backward:
                parent._backward(parent.grad)
    return product(a, b, backward)


@wrong("1.2")
def updates_data(a, b):
    def backward(dout):
        value.multiply(a, b)._backward(dout)
        a.data -= 0.1 * a.grad
    return product(a, b, backward)


@wrong("1.3")
def marks_the_nodes(root):
    order, stack = [], [root]
    while stack:
        waiting = [p for p in stack[-1].parents if not hasattr(p, "visited")]
        if waiting:
            stack.append(waiting[0])
        elif not hasattr(node := stack.pop(), "visited"):
            node.visited = True                           # a Value has no such attribute
            order.append(node)
    return order


@wrong("1.3")
def walks_every_path(root):
    order, stack = [], [(root, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        else:
            stack += [(node, True), *((p, False) for p in node.parents)]
    return list(dict.fromkeys(order))


@wrong("1.3")
def follows_one_parent(root):
    order = [root]
    while order[-1].parents:
        order.append(order[-1].parents[-1])
    return order[::-1]


@wrong("1.3")
def by_number_of_parents(root):
    return sorted(topological_order(root), key=lambda n: len(n.parents))


@wrong("1.3")
def depth_in_one_pass(root):
    depth, stack, nodes = {id(root): 0}, [root], [root]
    while stack:
        node = stack.pop()
        for p in node.parents:
            if id(p) not in depth:
                stack.append(p)
                nodes.append(p)
            depth[id(p)] = max(depth.get(id(p), 0), depth[id(node)] + 1)
    return sorted(nodes, key=lambda n: -depth[id(n)])


@wrong("1.3")
def preorder_reversed(root):
    order, seen, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            order.append(node)
            stack += node.parents[::-1]
    return order[::-1]


@wrong("1.3")
def a_leaf_twice(root):
    order = topological_order(root)
    return [order[0], *order]


@wrong("1.3")
def without_leaves(root):
    return [n for n in topological_order(root) if n.parents]


@wrong("1.4")
def squeezes(dout, cache):
    return tuple(map(np.squeeze, layers.linear_backward(dout, cache)))


@wrong("1.4")
def keeps_dims(dout, cache):
    dx, dW, _ = layers.linear_backward(dout, cache)
    return dx, dW, dout.sum(axis=0, keepdims=True)


_seen = {}


@wrong("1.4")
def adds_to_a_global(dout, cache):
    dx, dW, db = layers.linear_backward(dout, cache)
    _seen[dW.shape] = _seen.get(dW.shape, 0) + dW
    return dx, _seen[dW.shape], db


def branch(name, wrong_one):
    def answer(dout, cache):
        activation, kept = cache
        return wrong_one(dout, kept) if activation == name \
            else layers.activation_backward(dout, cache)
    answer.__name__ = f"{name}_{wrong_one.__name__}"
    wrong("1.5")(answer)
    return wrong_one


@lambda f: branch("relu", f)
def half_at_zero(dout, kept):
    return dout * (np.sign(kept) + 1) / 2


@lambda f: branch("relu", f)
def threshold(dout, kept):
    return dout * (kept > 0.01)


@lambda f: branch("relu", f)
def by_the_sign_of_the_product(dout, kept):
    return np.maximum(dout * kept, 0) / np.maximum(kept, 1e-12)


@lambda f: branch("sigmoid", f)
def like_tanh(dout, kept):
    return dout * (1 - kept**2)


@lambda f: branch("tanh", f)
def like_sigmoid(dout, kept):
    return dout * kept * (1 - kept)


@lambda f: branch("relu", f)
def leaky(dout, kept):
    return dout * np.where(kept > 0, 1, 0.01)


@lambda f: branch("relu", f)
def drops_negative_dout(dout, kept):
    return abs(dout) * (kept > 0)


def cross(rows_of_y, divide=len):
    def answer(dout, cache):
        p, labels = cache
        return dout * (p - rows_of_y(p, labels)) / divide(p)
    answer.__name__ = rows_of_y.__name__
    wrong("1.6")(answer)
    return rows_of_y


@cross
def eye_of_the_largest_label(p, labels):
    return np.eye(labels.max() + 1)[labels]


@cross
def the_first_label_for_all(p, labels):
    return np.eye(p.shape[1])[[labels[0]] * len(p)]


@cross
def the_likeliest_class(p, labels):
    return np.eye(p.shape[1])[p.argmax(axis=1)]


@wrong("1.7")
def axes_found_by_size(grad, shape):
    return grad.sum(tuple(k for k, n in enumerate(grad.shape) if n not in shape)).reshape(shape)


def after_the_front(sums):
    def answer(grad, shape):
        return sums(grad.sum(axis=tuple(range(grad.ndim - len(shape)))), shape)
    answer.__name__ = sums.__name__
    wrong("1.7")(answer)
    return sums


@after_the_front
def one_stretched_axis(grad, shape):
    return grad.sum(axis=shape.index(1), keepdims=True) if 1 in shape else grad


@after_the_front
def only_the_last_axis(grad, shape):
    return grad.sum(axis=-1, keepdims=True) if shape[-1:] == (1,) else grad


@after_the_front
def forgets_to_return_what_fits(grad, shape):
    return layers.unbroadcast(grad, shape) if grad.shape != shape else None


@after_the_front
def axes_shift(grad, shape):
    for k, n in enumerate(shape):
        if n == 1:
            grad = grad.sum(axis=k)
    return grad.reshape(shape)


@after_the_front
def sums_ones_too(grad, shape):
    for k in range(grad.ndim):
        if 1 in shape and shape.count(1) < grad.ndim and shape[k] != max(shape):
            grad = grad.sum(axis=k, keepdims=True)
    return grad


@wrong("1.7")
def one_axis_in_front(grad, shape):
    grad = grad.sum(axis=0) if grad.ndim > len(shape) else grad
    for k, n in enumerate(shape):
        grad = grad.sum(axis=k, keepdims=True) if n == 1 else grad
    return grad


@wrong("1.8")
def a_default_list(dout, cache, grads=[]):  # noqa: B006
    dx, *new = layers.mlp_backward(dout, cache)
    grads[:] = [*new, *grads]
    return dx, *grads


@wrong("1.8")
def upstream_of_ones(dout, cache):
    return layers.mlp_backward(np.ones_like(dout), cache)


@wrong("1.8")
def always_tanh(dout, cache):
    return layers.mlp_backward(dout, [(a, b and ("tanh", b[1])) for a, b in cache])


@wrong("1.8")
def nested(dout, cache):
    dx, *grads = layers.mlp_backward(dout, cache)
    return dx, grads


@pytest.mark.parametrize("id, answer", WRONG)
def test_no_wrong_answer_is_right(id, answer):
    for seed in range(3):
        result = check(id, answer, seed=seed)
        assert result.status in ("wrong", "error"), seed
        assert " at 0x" not in result.message and "it is tuple" not in result.message


A = np.arange(6.0).reshape(2, 3) + 1


@pytest.mark.parametrize("got, expected, says", [
    (-A, A, "sign"), (A * 3, A, "3 times"), (A.T, A, "Transposed, it is right"),
    (np.array([[1.0, 2], [3, 4]]).T, np.array([[1.0, 2], [3, 4]]), "once it is transposed"),
    (A + [0, 0, 5], A, "[0, 2]: 8, but should be 3"), (A + [[0, 0, 1], [0, 9, 0]], A, "[1, 1]"),
    (2.5, 2.0, "is 2.5, but should be 2"), (A * 1.00002, A, "1.00002 times"),
    (A[0] + [0, 0, 4e-6], A[0], "in the last digits only"), (((1.0,), (2.0, 3.0)), A, "one array"),
    (True, 1.0, "dtype bool"), (A > 2, A, "dtype bool"), (1j, 1.0, "not made of numbers"),
    (("b", "a"), ("a", "b"), "wrong order"), (("x",), "a", "should be 'a'"),
])
def test_a_difference_in_words(got, expected, says):
    assert not compare.same(got, expected)
    assert says in compare.describe(got, expected, ("y", "z"))


def test_what_is_the_same():
    assert compare.same(A.astype(np.float32) / 3, A / 3) and not compare.same(A * 1.0001, A)
    assert not compare.same(A + 1e-4, A) and not compare.same(0.001, 0.0)
    assert compare.same(A * 1e6, A * 1e6 + 1e-3) and compare.same(A, A.tolist())
    assert compare.same(A, (A[0], A[1])) and not compare.same(A, (A[0],))
    assert compare.same({"a": 1}, {"a": 1.0}) and not compare.same({"a": 1}, {"a": 1, "b": 2})


def test_the_first_wrong_output_is_described_and_the_right_ones_named():
    got, right = (A, A + [[0, 0, 1], [0, 0, 0]], A * 2), (A, A, A)
    text = compare.describe(got, right, ("dx", "dW", "db"))
    assert text.startswith("dW ") and text.endswith("(dx: right.)")


def test_a_wrong_answer_that_also_changes_its_input():
    def both(dout, cache):
        dout[...] = 7.3 * dout**2
        return layers.linear_backward(dout, cache)
    assert "also changes dout" in check("1.4", both).message


@pytest.mark.parametrize("change", [
    lambda c: c.pop(), lambda c: c.append(c[0]), lambda c: c.__setitem__(0, None),
    lambda c: c.__setitem__(0, 0.0), lambda c: c.__setitem__(-1, (c[-1][0], np.ones(3))),
    lambda c: c[0][0][0].__imul__(1 + 1e-9), lambda c: c.reverse(),
    lambda c: c.__setitem__(0, list(c[0])),
])
def test_every_change_of_a_cache_is_seen(change):
    def answer(dout, cache):
        out = layers.mlp_backward(dout, cache)
        change(cache)
        return out
    assert check("1.8", answer).mistake == "changes its input"


def test_the_line_is_the_one_that_raised():
    def answer(dout, cache):
        def inner():
            return 1 / 0
        return inner()
    line = answer.__code__.co_firstlineno + 2
    assert f"in line {line}: return 1 / 0" in check("1.4", answer).message


class BadWords(Exception):
    """An exception that does not say what it is."""

    def __str__(self):
        raise RuntimeError

    __repr__ = __str__


class BadList(list):
    """A list that cannot be read."""

    def __iter__(self):
        raise BadWords


class Own(BaseException):
    """Not an Exception."""


@pytest.mark.parametrize("error", [BadWords(), Own("x"), GeneratorExit(), KeyError(object()),
                                   ValueError("y" * 5000)])
def test_whatever_is_raised_becomes_a_short_message(error):
    def raises(dout, cache):
        raise error
    result = check("1.4", raises)
    assert result.status == "error" and "0x" not in result.message and len(result.message) < 1000


def test_what_cannot_be_read_is_only_wrong():
    assert check("1.4", lambda dout, cache: BadList([1])).status == "wrong"
    assert "parentheses" in check("1.4", lambda dout, cache: len).message
    deep = inner = []
    for _ in range(10):
        inner.append([])
        inner = inner[0]
    assert plain(deep)
    inner.append(deep)
    with pytest.raises(Refused, match="deep"):
        plain(deep)
    assert plain({"a": [1]}) == {"a": (1,)}


def test_no_warning_of_numpys_reaches_the_learner():
    def divides(dout, cache):
        return tuple(g * 1.0 for g in layers.linear_backward(dout / np.zeros(1), cache))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "division by zero" in check("1.4", divides).message


def test_judge_prefers_all_of_a_mistake_to_a_part():
    def o(*values):
        return [Outcome(value=v) for v in values]
    right = o((1.0, 2.0), (3.0, 4.0))
    assert _rest(o((1.0, 9.0), (3.0, 8.0)), o((1.0, 9.0), (3.0, 8.0)), right) == "right"
    assert _rest(o((1.0, 9.0), (7.0, 8.0)), o((1.0, 9.0), (3.0, 8.0)), right) == "wrong"
    # one of two is not enough; nor is one case in two, where the rest is wrong
    assert not _rest(o((8.0, 9.0)), o((7.0, 9.0)), o((1.0, 2.0)))
    assert not _rest(o((5.0, 9.0), (3.0, 4.0)), o((6.0, 9.0), (3.0, 4.0)), right)
    assert not _rest(o((5.0, 2.0), (3.0, 4.0)), right, right)
    assert not _rest(o((1.0, 9.0), (7.0, 4.0)), o((1.0, 9.0), (3.0, 4.0)), right)
    mistakes = [exercises.Mistake("a part", lambda x: (9.0, x), "part"),
                exercises.Mistake("all of it", lambda x: (9.0, 8.0), "all")]
    e = exercises.Exercise("1.9", "f", 1, 1, lambda x: (x, x), None, mistakes, [])
    cases = [exercises.Case((1.0,)), exercises.Case((2.0,))]
    assert judge(AnswerKey(e, cases), o((9.0, 8.0), (9.0, 8.0)))[1] == "all of it"
    assert _agree(Outcome(raised="RecursionError", message="a"),
                        Outcome(raised="RecursionError", message="b"))


def test_the_inputs_are_told_only_when_short():
    assert "That was with" not in check("1.8", nested).message


def test_cards_and_predictions_in_detail():
    assert "pre-wrap" in check("1.4", nested)._repr_html_()
    assert "&gt;" in solution("1.5")._repr_html_()
    for id, question in exercises.predictions().items():
        truth, within = question.truth(), question.within
        assert repr(predict(id, truth + 0.9 * within)).startswith("✓")
        assert repr(predict(id, truth + 1.1 * within)).startswith("✗")
        assert repr(predict(id, True)).startswith("!")
    assert len({repr(checks.draw_cases(e, 0)[0]) for e in exercises.all()}) == len(exercises.all())
