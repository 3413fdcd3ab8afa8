"""1.8 mlp_backward."""

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.layers import (
    activation_backward,
    initialise_mlp,
    linear_backward,
    mlp_backward,
    mlp_forward,
    relu_backward,
    sigmoid_backward,
    tanh_backward,
)


def cases(rng):
    found = []
    # first all widths equal: there the likeliest mistakes give wrong values, and do not raise
    for sizes, activation in [((4, 4, 4, 4), "tanh"), ((3, 4, 2), "tanh"),
                              ((2, 5, 4, 3), "sigmoid"), ((4, 3), "tanh"), ((3, 6, 5, 4), "relu")]:
        weights = initialise_mlp(sizes, rng=rng)
        x = rng.standard_normal((7, sizes[0]))
        out, cache = mlp_forward(x, *weights, activation=activation)
        found.append(Case((rng.standard_normal(out.shape), cache)))
    return found


def no_activation(dout, cache):
    grads = []
    for linear_cache, _ in reversed(cache):
        dout, dW, db = linear_backward(dout, linear_cache)
        grads = [dW, db, *grads]
    return dout, *grads


def last_layer_first(dout, cache):
    dx, *grads = mlp_backward(dout, cache)
    pairs = [grads[i:i + 2] for i in range(0, len(grads), 2)]
    return dx, *[g for pair in reversed(pairs) for g in pair]


def bias_first(dout, cache):
    dx, *grads = mlp_backward(dout, cache)
    return dx, *[g for i in range(0, len(grads), 2) for g in (grads[i + 1], grads[i])]


def no_input_gradient(dout, cache):
    return mlp_backward(dout, cache)[1:]


def input_last(dout, cache):
    dx, *grads = mlp_backward(dout, cache)
    return *grads, dx




def linear_first(dout, cache):
    grads = []
    for linear_cache, activation_cache in reversed(cache):
        dout, dW, db = linear_backward(dout, linear_cache)
        if activation_cache is not None:
            dout = activation_backward(dout, activation_cache)
        grads = [dW, db, *grads]
    return dout, *grads


def not_passed_on(dout, cache):
    grads, dx = [], None
    for linear_cache, activation_cache in reversed(cache):
        if activation_cache is not None:
            dout = activation_backward(dout, activation_cache)
        dx, dW, db = linear_backward(dout, linear_cache)
        grads = [dW, db, *grads]
    return dx, *grads


def walks_forward(dout, cache):
    grads = []
    for linear_cache, activation_cache in cache:
        if activation_cache is not None:
            dout = activation_backward(dout, activation_cache)
        dout, dW, db = linear_backward(dout, linear_cache)
        grads += [dW, db]
    return dout, *grads


def no_test_for_none(dout, cache):
    grads = []
    for linear_cache, activation_cache in reversed(cache):
        dout = activation_backward(dout, activation_cache)
        dout, dW, db = linear_backward(dout, linear_cache)
        grads = [dW, db, *grads]
    return dout, *grads


EXERCISE = Exercise(
    id="1.8",
    name="mlp_backward",
    points=4,
    minutes=20,
    reference=mlp_backward,
    cases=cases,
    given=(linear_backward, activation_backward, relu_backward, sigmoid_backward, tanh_backward),
    returns=("dx", "dW1", "db1", "dW2", "db2", "dW3", "db3"),
    mistakes=[
        Mistake("no activation", no_activation,
                "the gradient skips the activations. On the way back through a hidden layer it "
                "passes the activation first, then the linear part."),
        Mistake("no test for None", no_test_for_none,
                "the last layer has no activation: its activation_cache is None. Call "
                "activation_backward only if it is not."),
        Mistake("linear first", linear_first,
                "in a hidden layer the linear part came first and the activation second. On the "
                "way back it is the other way round: activation_backward, then linear_backward."),
        Mistake("not passed on", not_passed_on,
                "every layer gets the dout of the last one. What linear_backward returns first, "
                "dx, is the dout of the layer below: write dout, dW, db = ..."),
        Mistake("last layer first", last_layer_first,
                "the gradients come last layer first. You meet them in that order, but they are "
                "returned in the order of the arguments: dx, dW1, db1, dW2, …"),
        Mistake("db before dW", bias_first,
                "db stands before dW. The order is that of the arguments: W1, b1, W2, b2, …"),
        Mistake("dx missing", no_input_gradient,
                "dx is missing. x is the first positional argument, so its gradient comes first."),
        Mistake("dx last", input_last,
                "dx comes last. x is the first positional argument, so its gradient comes first."),
        Mistake("walks forward", walks_forward,
                "you walk through the cache from the first layer on. The gradient arrives at the "
                "last layer: use reversed(cache)."),
    ],
    hints=[
        "“What is in the cache?” A list with a pair for each layer, first layer first: the cache "
        "of its linear part, and that of its activation, which is None for the last layer.",
        "“What does one layer do on the way back?” If there is an activation cache, dout = "
        "layers.activation_backward(dout, activation_cache). Then dout, dW, db = "
        "layers.linear_backward(dout, linear_cache). The new dout is what the layer below needs.",
        "“My gradients are in the wrong order.” You meet the last layer first, so put each new "
        "pair in front: grads = [dW, db, *grads]. At the end, return dout, *grads.",
    ],
)
