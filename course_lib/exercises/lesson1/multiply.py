"""1.2 multiply, on Values."""

from course_lib.exercises import Case, Exercise, Mistake
from course_lib.value import Value, multiply


def harness(answer, a, b, *, already, dout, twice):
    """Multiply two Values, or one by itself, that hold a gradient already; then go back once."""
    from course_lib.value import Value

    class Told(Exception):
        """What is wrong, in words for the answer's author."""

    class Given(Value):
        def __mul__(self, other):
            if not isinstance(other, Value):
                return super().__mul__(other)
            raise Told("a * b is the library's own product. Make it yourself: multiply the "
                       "numbers, a.data * b.data, and write the backward.")

    a = Given(a)
    b = a if twice else Given(b)
    numbers = a.data, b.data
    a.grad, b.grad = already
    a._backward = b._backward = lambda dout: calls.append(dout)   # backward() calls it, not you
    calls = []
    out = answer(a, b)
    if not hasattr(out, "parents"):
        return out
    parents = tuple("a" if p is a else "b" if p is b else "another" for p in out.parents)
    early, out.grad = (a.grad, b.grad) != already, dout   # as backward() does
    if out._backward is not None:
        try:
            out._backward(dout)
        except TypeError as error:
            told = Told("backward is called with one value, dout, the gradient that arrives: "
                        "def backward(dout).")
            raise (told if "positional arg" in str(error) else error) from None
    when = ("at once, not on the way back" if early else
            "never: there is no backward" if out._backward is None else "on the way back")
    op = "×" if out.op in ("×", "*", "·", "x") else out.op
    return (out.data, a.grad, b.grad, parents, op, when,
            (a.data, b.data) == numbers and not calls)


def cases(rng):
    return [
        Case(tuple(rng.normal(0.0, 2.0, 2).tolist()),
             {"already": tuple(rng.standard_normal(2).tolist()),
              "dout": float(rng.uniform(0.3, 0.7)), "twice": twice})
        for twice in (False, True, False)
    ]


def product(a, b, backward, parents=None):
    return Value(a.data * b.data, (a, b) if parents is None else parents, "×", backward)


def overwrites(a, b):
    def backward(dout):
        a.grad = b.data * dout
        b.grad = a.data * dout
    return product(a, b, backward)


def own_data(a, b):
    def backward(dout):
        a.grad += a.data * dout
        b.grad += b.data * dout
    return product(a, b, backward)


def forgets_upstream(a, b):
    def backward(dout):
        a.grad += b.data
        b.grad += a.data
    return product(a, b, backward)


def like_addition(a, b):
    def backward(dout):
        a.grad += dout
        b.grad += dout
    return product(a, b, backward)


def values_for_numbers(a, b):
    def backward(dout):
        a.grad += b * dout
        b.grad += a * dout
    return product(a, b, backward)


def only_a_number(a, b):
    return a.data * b.data


def called_at_once(a, b):
    return product(a, b, multiply(a, b)._backward(1.0))


def no_parents(a, b):
    return product(a, b, multiply(a, b)._backward, parents=())


def no_backward(a, b):
    return product(a, b, None)


EXERCISE = Exercise(
    id="1.2",
    name="multiply",
    points=2,
    minutes=10,
    reference=multiply,
    cases=cases,
    given=(Value,),
    harness=harness,
    returns=("out.data", "a.grad", "b.grad", "out.parents", "out.op", "the gradients come",
             "nothing else is changed"),
    mistakes=[
        Mistake("overwrites", overwrites,
                "you overwrite the parents' gradients. A value used twice gets a share from each "
                "use: write +=, not =."),
        Mistake("own data", own_data,
                "you multiply each parent's gradient by that parent's own data. Nudge a in a × b: "
                "the product moves by b. Each parent needs the other's data."),
        Mistake("forgets dout", forgets_upstream,
                "dout is missing: the local slope must be multiplied by the gradient that arrives "
                "from above. That product is the chain rule."),
        Mistake("like addition", like_addition,
                "this is the backward of a + b. In a × b the slope along a is b, not 1."),
        Mistake("Values for numbers", values_for_numbers,
                "a Value stands where a number should: data and grad are numbers. Write b.data, "
                "not b."),
        Mistake("only a number", only_a_number,
                "you return the product, a number. Return a Value that holds it, and that knows "
                "its parents and its backward."),
        Mistake("called at once", called_at_once,
                "you call your inner function at once, with parentheses. Pass the function itself: "
                "backward=backward. It is called later, when dout is known."),
        Mistake("no parents", no_parents,
                "the result does not say what it was made from: give it parents=(a, b), or "
                "backward() never finds a and b."),
        Mistake("no backward", no_backward,
                "the result has no backward. Pass your inner function on: "
                "Value(..., backward=backward)."),
    ],
    hints=[
        "“What do I return?” A new Value: its data is the product, its parents are (a, b), its op "
        "is \"*\", and its backward is a function of your own.",
        "“What does that function do?” It takes dout, the slope of the final number with respect "
        "to this product, and adds to a.grad and to b.grad. It returns nothing.",
        "“How much is added to a.grad?” If a grows by 1, the product grows by b.data, and the "
        "final number by b.data * dout.",
    ],
)
