"""The checks are tested with answers: right, right in another way, and wrong in many ways."""

import ast
import copy
import inspect
import random
import re
import sys
import time
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from right_answers import ANSWERS

from course_lib import checks, exercises
from course_lib.checks import case, check, hint, patience, predict, solution
from course_lib.checks.compare import same
from course_lib.checks.plain_data import Refused, plain
from course_lib.checks.run import Outcome

ALL = exercises.all()
IDS = [e.id for e in ALL]
EACH = pytest.mark.parametrize("exercise", ALL, ids=IDS)
MISTAKES = [(e, m) for e in ALL for m in e.mistakes]
# The names of the arguments that a learner's function has.
STUBS = {e.id: {a.arg for a in ast.walk(ast.parse(e.source).body[0].args) if isinstance(a, ast.arg)}
         for e in ALL}


def first_array(value):
    """The first array in nested tuples."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, (tuple, list)):
        return next((a for a in map(first_array, value) if a is not None), None)
    return None


def plain_exercises():
    """Exercises whose answer is called with plain data, arrays among it, and returns numbers."""
    def numbers(e):
        case = checks.draw_cases(e, 0)[0]
        out = first_array(e.reference(*case.args, **case.options))
        return first_array(case.args) is not None and (out is None or out.dtype != bool)
    return [e for e in ALL if e.harness is None and e.normalise is None and numbers(e)]


PLAIN = pytest.mark.parametrize("exercise", plain_exercises(), ids=lambda e: e.id)


@EACH
def test_the_reference_gets_full_marks(exercise, seeds):
    for seed in seeds:
        result = check(exercise.id, exercise.reference, seed=seed)
        assert (result.status, result.points) == ("right", exercise.points), result.message
        assert result.mistake is None and result.max_points == exercise.points


@EACH
def test_blank_gets_zero(exercise):
    def stub(*args, **options):
        """Only a docstring."""
        return None
    for blank in (stub, lambda *args, **options: None):
        result = check(exercise.id, blank)
        assert (result.status, result.points) == ("blank", 0)
    assert repr(result) == f"○ {exercise.id} {exercise.name}: not done yet"


@pytest.mark.parametrize("exercise, mistake", MISTAKES,
                         ids=[f"{e.id} {m.name}" for e, m in MISTAKES])
def test_each_mistake_gets_its_own_message(exercise, mistake, seeds):
    for seed in seeds:
        result = check(exercise.id, mistake.fn, seed=seed)
        assert (result.status, result.points) == ("wrong", 0)
        assert (result.mistake, result.message) == (mistake.name, mistake.message)


@EACH
def test_a_right_answer_written_differently_is_right(exercise, seeds):
    assert ANSWERS.get(exercise.id), "add one to right_answers.py"
    for answer in ANSWERS[exercise.id]:
        for seed in seeds:
            result = check(exercise.id, answer, seed=seed)
            assert result.status == "right", f"{answer.__name__}: {result.message}"


@EACH
def test_an_exercise_has_what_it_needs(exercise):
    assert len(exercise.mistakes) >= 4 and exercise.hints
    assert len({m.message for m in exercise.mistakes}) == len(exercise.mistakes)
    assert all(h.startswith("“") for h in exercise.hints), "a hint answers a learner's complaint"
    assert exercise.points > 0 and exercise.minutes > 0 and exercise.returns
    assert exercise.name in exercise.source
    assert exercise.lesson == int(exercise.id.split(".")[0])


@EACH
def test_inputs_are_of_several_shapes(exercise):
    def shapes(value):
        if isinstance(value, np.ndarray):
            return (value.shape,)
        return tuple(map(shapes, value)) if isinstance(value, (tuple, list)) else ()
    cases = checks.draw_cases(exercise, 0)
    assert len(cases) >= 3
    if exercise in plain_exercises():
        assert len({shapes(case.args) for case in cases}) >= 3
    again = checks.draw_cases(exercise, 1)
    assert repr(cases) != repr(again) or exercise.name == "topological_order"


@EACH
def test_defaults_are_left_out_in_some_case_and_given_in_another(exercise):
    """Else a wrong default, or an option that is not looked at, shows nowhere."""
    options = [case.options for case in checks.draw_cases(exercise, 0)]
    for name, p in inspect.signature(exercise.reference).parameters.items():
        if p.default is not p.empty and name in STUBS[exercise.id]:
            assert any(name not in given for given in options), name
            others = [given[name] for given in options if name in given]
            assert any(repr(value) != repr(p.default) for value in others), name


@pytest.mark.slow
def test_the_engine_sees_a_wrong_reference():
    """The check itself on trial: with the reference of a neighbour nothing may be right."""
    for exercise in ALL:
        for other in ALL:
            if other.lesson == exercise.lesson and other is not exercise:
                assert check(exercise.id, other.reference).status in ("wrong", "error")


# Wrong in ways of their own: what each returns instead of the reference's output.
def first_array_changed(change):
    def wrap(out):
        if isinstance(out, tuple):
            return (change(out[0]), *out[1:])
        return change(out)
    return wrap


WAYS = {
    "NaN": (first_array_changed(lambda a: a * np.nan), "overflow|NaN|nan"),
    "another shape": (first_array_changed(lambda a: np.asarray(a)[..., None]), "shape"),
    "text": (lambda out: "text", "text|number|where"),
    "an object": (lambda out: object(), "it returns a object"),
    "a generator": (lambda out: (v for v in [out]), r"list\(...\)"),
    "a tensor": (first_array_changed(torch.tensor), "numpy"),
    "a masked array": (first_array_changed(np.ma.masked_array), "plain array"),
    "complex": (first_array_changed(lambda a: a + 1j), "complex"),
    "doubled": (first_array_changed(lambda a: a * 2.5), r"2\.5 times"),
    "off in one place": (first_array_changed(lambda a: a + 7 * (a == np.max(a))),
                         "off most|should be|times"),
    "Booleans": (first_array_changed(lambda a: np.asarray(a) > 0), "dtype|should be"),
}


@PLAIN
@pytest.mark.parametrize("way", WAYS)
def test_other_wrong_answers_get_a_useful_message(exercise, way):
    change, says = WAYS[way]

    def answer(*args, **options):
        return change(exercise.reference(*args, **options))
    result = check(exercise.id, answer)
    assert (result.status, result.points) == ("wrong", 0), result.message
    assert result.mistake is None
    assert np.any([part in result.message for part in says.replace("\\", "").split("|")]), \
        result.message
    assert " at 0x" not in result.message and "Traceback" not in result.message


@EACH
@pytest.mark.parametrize("value", [
    "text", {"a": 1}, [[1.0], [1.0, 2.0]], object(), np.nan, (), [None, 3], b"bytes", 1j,
    np.array("a"), [[], []]], ids=lambda v: re.sub(r" at 0x\w+", "", repr(v)))
def test_no_value_makes_the_check_raise(exercise, value):
    result = check(exercise.id, lambda *args, **options: value)
    assert result.status in ("wrong", "error") and result.message


@PLAIN
def test_an_answer_that_changes_its_input_is_caught(exercise):
    def mutates(*args, **options):
        out = copy.deepcopy(exercise.reference(*args, **options))     # it may be a view
        first_array(args)[...] += 1
        return out
    result = check(exercise.id, mutates)
    assert (result.status, result.mistake) == ("wrong", "changes its input")
    assert "copy" in result.message


def test_the_check_survives_an_answer_that_changes_one_of_many_inputs():
    def scales_in_place(train, *others):
        mean, std = train.mean(axis=0), train.std(axis=0)
        for x in (train, *others):
            x -= mean
            x /= std
        return [train, *others]
    result = check("2.4", scales_in_place)
    assert (result.status, result.mistake) == ("wrong", "changes its input")


@EACH
def test_an_exception_is_an_error_with_its_line(exercise):
    def raises(*args, **options):
        return 1 / 0
    result = check(exercise.id, raises)
    assert (result.status, result.points) == ("error", 0)
    assert "ZeroDivisionError" in result.message and "return 1 / 0" in result.message


@EACH
def test_leaving_the_program_is_only_an_error(exercise):
    def leaves(*args, **options):
        raise SystemExit(1)
    assert check(exercise.id, leaves).status == "error"


def test_who_tries_again_does_not_wait_for_the_mistakes_again(monkeypatch):
    ran = []
    monkeypatch.setattr(sys.modules["course_lib.checks.judge"], "run_case",
                        lambda fn, *a: ran.append(fn) or Outcome(value=1))
    monkeypatch.setattr(checks, "_latest_keys", [])
    for _ in range(2):
        assert check("1.4", lambda dout, cache: 1.0, seed=7).status != "blank"
    assert len(ran) == len(set(ran)) * len(checks.draw_cases(exercises.get("1.4"), 7))


def test_another_seed_has_other_cases():
    first, again, other = (checks._answer_key(exercises.get("1.4"), seed) for seed in (1, 1, 2))
    assert first is again and repr(first.cases) != repr(other.cases)


def test_too_few_arguments():
    result = check("1.4", lambda: 1)
    assert result.status == "error" and "argument" in result.message


def test_an_interrupt_is_a_card_and_no_traceback():
    def stopped(*args, **options):
        raise KeyboardInterrupt
    result = check("1.4", stopped)
    assert result.status == "error" and "a loop that never ends" in result.message


def test_what_takes_long_gives_a_sign_of_life(capsys):
    with patience.sign_of_life(exercises.get("1.4"), after=0.01):
        time.sleep(0.3)
    assert "1.4 linear_backward has been running" in capsys.readouterr().out
    with patience.sign_of_life(exercises.get("1.4")):
        pass
    assert capsys.readouterr().out == ""


def test_what_an_answer_changes_for_everybody_is_as_it_was():
    def meddles(dout, cache):
        sys.setrecursionlimit(12_345)
        np.set_printoptions(precision=1)
        np.random.seed(0)                                 # noqa: NPY002
        random.seed(0)
        np.seterr(all="raise")
        warnings.simplefilter("error")
        return exercises.get("1.4").reference(dout, cache)
    before = [f() for f in EVERYBODYS]
    assert check("1.4", meddles).status == "right"
    assert repr([f() for f in EVERYBODYS]) == repr(before)


EVERYBODYS = (sys.getrecursionlimit, np.get_printoptions, np.random.get_state, random.getstate,
              np.geterr, lambda: list(warnings.filters))


@pytest.mark.parametrize("id", ["1.4", 1.4, " 1.4 ", "1,4", "linear_backward", "exercise 1.4"])
def test_an_id_is_taken_as_it_is_meant(id):
    right = exercises.get("1.4").reference
    assert check(id, right).status == "right" and repr(hint(id)).startswith("Hint 1 of")
    assert repr(solution(id)) == repr(solution("1.4")) and repr(case(id)).startswith("1.4")
    checks._hints_shown.clear()


def test_a_function_is_found_by_its_name():
    notebook = {"check": check}
    exec('missing = check("1.4")', notebook)
    assert notebook["missing"].status == "error"
    assert "run the cell that defines it" in notebook["missing"].message
    exec("from course_lib.layers import linear_backward\n"
         'named, itself = check("1.4"), check(linear_backward)', notebook)
    assert notebook["named"].status == notebook["itself"].status == "right"


def test_the_wrong_function_is_told():
    result = check("1.4", exercises.get("1.6").reference)
    assert result.status == "error"
    assert "this is cross_entropy_backward, the answer to 1.6" in result.message


def test_an_answer_that_writes_into_an_array_spoils_no_other_call():
    def in_place(logits, *, temperature=1.0, rng):
        logits /= temperature
        return exercises.get("5.7").reference(logits, rng=rng)
    result = check("5.7", in_place)
    assert result.mistake == "changes its input" and "logits in place" in result.message


@pytest.mark.parametrize("id", [e.id for e in ALL if e.harness])
def test_none_in_one_case_is_told_as_that(id):
    """And not as an exception out of the harness, which the learner has not written."""
    exercise, calls = exercises.get(id), []

    def sometimes(*args, **options):
        calls.append(1)
        return None if len(calls) > 2 else exercise.reference(*args, **options)
    result = check(id, sometimes)
    assert result.status == "wrong", result.message
    assert "None" in result.message or "called again" in result.message, result.message


def test_a_tuple_in_the_wrong_order():
    def turned(dout, cache):
        return exercises.get("1.4").reference(dout, cache)[::-1]
    result = check("1.4", turned)
    assert result.status == "wrong"
    assert "you return db, dW, dx; return dx, dW, db" in result.message


def test_too_few_outputs():
    def one(dout, cache):
        return exercises.get("1.4").reference(dout, cache)[0]
    assert "1 value where 3 are asked: return dx, dW, db" in check("1.4", one).message


def test_two_mistakes_in_one_answer_are_named_one_after_the_other():
    def twice(dout, cache):
        dx, dW, db = exercises.get("1.4").reference(dout, cache)
        return dx, dW.T, db / len(dout)
    assert check("1.4", twice).mistake == "dW transposed"


def test_a_forgotten_return_is_not_blank():
    def forgets(dout, cache):
        x, W = cache
        dx = dout @ W.T  # noqa: F841
    result = check("1.4", forgets)
    assert (result.status, result.mistake) == ("wrong", "returns nothing")


def test_code_without_names_is_not_blank():
    def product(a, b):
        return a * b

    def forever(dout, cache):
        while True:
            pass
    assert check("1.4", product).status == "error"
    assert not checks.run.is_stub(forever)                # not called: it would never end


def test_the_inputs_are_told():
    result = check("1.7", lambda grad, shape: grad)
    assert "That was with grad = array (4, 3), shape = (3,)." in result.message


@pytest.mark.parametrize("order, says", [
    (lambda order: order[1:], "missing"),
    (lambda order: [order[-2], *order[:-2], order[-1]], "before one of its parents"),
])
def test_an_order_is_judged_in_words(order, says):
    reference = exercises.get("1.3").reference
    assert says in check("1.3", lambda root: order(reference(root))).message


def test_a_branch_without_return():
    def sometimes(dout, cache):
        if cache[0] != "relu":
            return exercises.get("1.5").reference(dout, cache)
    result = check("1.5", sometimes)
    assert result.status == "wrong" and "return missing" in result.message


@pytest.mark.parametrize("given", [None, 3.0, np.zeros(3)])
def test_check_wants_the_function_itself(given):
    result = check("1.4", given)
    assert result.status == "error" and 'check("1.4", linear_backward)' in result.message


def test_a_value_that_fights_back():
    class Hostile:
        def __eq__(self, other):
            return True

        def __array__(self, *args, **options):
            raise RuntimeError("no")
    assert check("1.4", lambda dout, cache: (Hostile(), Hostile(), Hostile())).status == "wrong"

    class Equal(np.ndarray):
        def __eq__(self, other):
            return np.ones(self.shape, bool)
    result = check("1.6", lambda dout, cache: np.zeros(cache[0].shape).view(Equal))
    assert result.status == "wrong" and "plain array" in result.message


@pytest.mark.parametrize("id, says", [
    ("1.9", "'1.9'; lesson 1 has 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8"),
    ("linear_backwards", "did you mean 'linear_backward'"), ("9.9", "there are lessons 1 to 7")])
def test_an_unknown_id_says_what_there_is(id, says):
    for call in (lambda: check(id, len), lambda: hint(id), lambda: solution(id), lambda: case(id)):
        with pytest.raises(ValueError, match=re.escape(says)) as error:
            call()
        assert error.value._render_traceback_() == [f"ValueError: {error.value}"]   # in a notebook
    with pytest.raises(ValueError, match="lesson 1 has 1.A, 1.B"):
        predict("1.9", 1)


def test_only_the_first_case_prints(capsys):
    def prints(dout, cache):
        print("seen")
        return exercises.get("1.4").reference(dout, cache)
    check("1.4", prints)
    assert capsys.readouterr().out == "seen\n"


def test_hints_come_one_at_a_time():
    checks._hints_shown.clear()
    hints = exercises.get("1.4").hints
    for k in range(len(hints)):                           # those before stay
        assert repr(hint("1.4")) == "\n\n".join(
            f"Hint {n + 1} of {len(hints)} for 1.4. {hints[n]}" for n in range(k + 1))
    assert hints[0] in repr(hint("1.4")) and 'solution("1.4")' in repr(hint("1.4"))
    assert repr(hint("1.6")).startswith("Hint 1 of")      # each exercise counts for itself


@EACH
def test_hints_are_in_the_card_of_what_is_not_right(exercise):
    """As plain HTML that opens without a kernel: in an untrusted notebook, on the site."""
    blank = check(exercise.id, lambda *args, **options: None)._repr_html_()
    assert blank.count("<details>") == blank.count("<summary") == len(exercise.hints)
    assert "<script" not in blank and "onclick" not in blank
    assert "<details>" not in check(exercise.id, exercise.reference)._repr_html_()


def test_a_right_card_says_how_well_and_what_is_next(monkeypatch):
    monkeypatch.setattr(checks.record, "_session", {})
    monkeypatch.delenv(checks.record.VARIABLE, raising=False)
    right = exercises.get("1.4")
    text = repr(check("1.4", lambda *a: tuple(np.float32(g) for g in right.reference(*a))))
    sign, agrees, standing = text.splitlines()
    assert sign == "✓ 1.4 linear_backward: right, 3 points"
    assert re.fullmatch(r"Tried on 5 inputs: the largest difference from the library's numbers is "
                        r"\de-0\d\.", agrees)
    assert standing == "Lesson 1: ▯▯▯▮▯▯▯▯ 3 of 22 points. Next: 1.5 activation_backward."
    for exercise in (e for e in ALL if e.lesson == 1):
        last = repr(check(exercise.id, exercise.reference))
    assert last.endswith("Lesson 1: ▮▮▮▮▮▮▮▮ 22 of 22 points. All of it is right.")


@EACH
def test_a_case_that_was_wrong_can_be_had(exercise):
    """The inputs of the card, copies of them, and what the reference makes of them."""
    mistake = exercise.mistakes[0]
    said = check(exercise.id, mistake.fn)
    assert f'case("{exercise.id}")' in repr(said)
    found = case(exercise.id)
    first = checks.run_case(exercise.reference, exercise, exercises.Case(
        found.args, found.options))
    if exercise.normalise is None:
        assert same(first.value, found.expected)
        wrong = checks.run_case(mistake.fn, exercise, exercises.Case(found.args, found.options))
        assert wrong.raised or wrong.mutated or not same(
            wrong.value, found.expected)
    assert repr(found).startswith(f"{exercise.id} {exercise.name}.")
    assert len(repr(found)) < 20_000


def test_a_wrong_picture_is_drawn():
    right = exercises.get("4.2").reference
    card = check("4.2", lambda *a, **k: np.flip(right(*a, **k)[0], axis=-1))
    html = card._repr_html_()
    assert card.status == "wrong" and "expected, yours, and the difference" in html
    assert "data:image/png" not in check("4.2", lambda *a, **k: np.zeros(3))._repr_html_()
    assert {e.id[0] for e in ALL if e.picture} == {"4", "5", "6"}
    assert all(e.picture in e.returns for e in ALL if e.picture)


def test_a_card_is_safe_html():
    result = checks.Result(exercises.get("1.1"), "wrong", None, "<script>alert(1)</script> & more")
    assert "<script>" not in result._repr_html_() and "&lt;script&gt;" in result._repr_html_()


@pytest.mark.parametrize("number", [Fraction(1, 4), Decimal("0.25"), 10**400, np.array(0.25),
                                    np.array([0.25]), np.float32(0.25), -(10**400)])
def test_any_number_is_a_guess(number):
    assert repr(predict("1.A", number))[0] in "✓✗"


@pytest.mark.parametrize("nothing", ["four", True, [1, 2], np.zeros(3), 1j, object()])
def test_what_is_no_number_is_told(nothing):
    assert "is not a number" in repr(predict("1.a", nothing))


@pytest.mark.parametrize("id", sorted(exercises.predictions()))
def test_predictions(id):
    truth, within = (getattr(exercises.predictions()[id], a) for a in ("truth", "within"))
    truth = truth()
    assert repr(predict(id, None)).startswith("○")
    assert repr(predict(id, truth)).startswith("✓")
    assert repr(predict(id, truth + 2 * within)).startswith("✗")
    assert repr(predict(id, "four")).startswith("!")
    with pytest.raises(ValueError, match="there are lessons 1 to 7"):
        predict("0.A", 1.0)


def test_each_lesson_has_two_predictions():
    for lesson in {e.lesson for e in ALL}:
        assert sum(id.startswith(f"{lesson}.") for id in exercises.predictions()) >= 2


@pytest.mark.parametrize("order", "<>")
def test_characters_in_either_order_of_bytes(order):
    words = np.array(["as", "is"], dtype=f"{order}U2")
    assert plain(words).tolist() == ["as", "is"]
    with pytest.raises(Refused, match="characters that are none"):
        plain(np.array([0x110000], dtype=f"{order}u4").view(f"{order}U1"))
