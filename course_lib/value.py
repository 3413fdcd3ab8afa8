"""Scalar automatic differentiation: a Value records its computation graph, for backprop.

Lesson 1 only. Each operation is a function that makes a new ``Value`` and says, in a line for each
parent, how much an upstream gradient adds to that parent's.
"""

import math


class Value:
    """A scalar in a computation graph.

    Parameters
    ----------
    data : float
    parents : tuple of Value
        What it was computed from.
    op : str
        The operation's sign, for drawing.
    backward : callable, optional
        Takes the gradient of the final scalar with respect to this value and adds to each
        parent's ``grad``.
    label : str
        A name, for drawing.

    Examples
    --------
    >>> a, b = Value(2.0), Value(-3.0)
    >>> c = a * b + a
    >>> c.backward()
    >>> c.data, a.grad, b.grad
    (-4.0, -2.0, 2.0)
    """

    __slots__ = ("_backward", "data", "grad", "label", "op", "parents")

    def __init__(self, data, parents=(), op="", backward=None, label=""):
        self.data = data
        self.grad = 0.0
        self.parents = parents
        self.op = op
        self.label = label
        self._backward = backward

    def backward(self):
        """Add to ``grad`` of every node the derivative of this value with respect to it.

        Gradients add up over calls, as in PyTorch: call :func:`zero_grad` between two.
        """
        order = topological_order(self)
        before = [node.grad for node in order]
        for node in order:
            node.grad = 0.0                               # what flows back is of this call alone
        self.grad = 1.0
        for node in reversed(order):
            if node._backward is not None:
                node._backward(node.grad)
        for node, grad in zip(order, before, strict=True):
            node.grad += grad

    def __add__(self, other):
        return add(self, _value(other))

    def __mul__(self, other):
        return multiply(self, _value(other))

    def __pow__(self, exponent):
        return power(self, exponent)

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -_value(other)

    def __truediv__(self, other):
        return self * _value(other) ** -1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return _value(other) / self

    def __repr__(self):
        name = f"{self.label}: " if self.label else ""
        return f"Value({name}data={self.data:.4g}, grad={self.grad:.4g})"


def _value(x):
    """A number as a Value."""
    return x if isinstance(x, Value) else Value(x)


def add(a, b):
    """Sum of two values."""
    def backward(dout):
        a.grad += dout
        b.grad += dout
    return Value(a.data + b.data, parents=(a, b), op="+", backward=backward)


def multiply(a, b):
    """Product of two values: each parent's gradient is the other's data."""
    def backward(dout):
        a.grad += b.data * dout
        b.grad += a.data * dout
    return Value(a.data * b.data, parents=(a, b), op="×", backward=backward)


def power(a, exponent):
    """Value to a constant power. Of a negative value only whole powers are real numbers."""
    if a.data < 0 and not float(exponent).is_integer():
        raise ValueError(f"{a.data:g} to the power of {exponent:g} is not a real number: give a "
                         "whole power, or a value of at least 0")

    def backward(dout):
        if exponent:                                      # a^0 is 1 and flat, also where a is 0
            a.grad += exponent * a.data ** (exponent - 1) * dout
    return Value(a.data**exponent, parents=(a,), op=f"^{exponent:g}", backward=backward)


def exp(a):
    """Exponential of a value."""
    out = math.exp(a.data)
    def backward(dout):
        a.grad += out * dout
    return Value(out, parents=(a,), op="exp", backward=backward)


def log(a):
    """Natural logarithm of a value."""
    def backward(dout):
        a.grad += dout / a.data
    return Value(math.log(a.data), parents=(a,), op="log", backward=backward)


def tanh(a):
    """Hyperbolic tangent of a value."""
    out = math.tanh(a.data)
    def backward(dout):
        a.grad += (1.0 - out**2) * dout
    return Value(out, parents=(a,), op="tanh", backward=backward)


def topological_order(root):
    """List every node that `root` depends on, parents before children, `root` last.

    Iterative, with the path kept on a list of its own: a chain of a million nodes works, where a
    recursive version stops at Python's limit of about a thousand calls.

    Parameters
    ----------
    root : Value
        Anything with ``.parents``.

    Returns
    -------
    list of Value
        Each node once.

    Examples
    --------
    >>> a = Value(1.0, label="a"); b = a + a; b.label = "b"
    >>> [node.label for node in topological_order(b)]
    ['a', 'b']
    """
    order, seen = [], {id(root)}
    stack = [(root, iter(root.parents))]
    while stack:
        node, parents = stack[-1]
        unseen = next((p for p in parents if id(p) not in seen), None)
        if unseen is None:                                # all its parents are listed
            order.append(node)
            stack.pop()
        else:
            seen.add(id(unseen))
            stack.append((unseen, iter(unseen.parents)))
    return order


def zero_grad(root):
    """Set the gradient of every node that `root` depends on to zero."""
    for node in topological_order(root):
        node.grad = 0.0
