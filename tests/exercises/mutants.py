"""Change a right answer in every small way, and see whether the check sees it.

    python tests/exercises/mutants.py               all exercises, 20 seeds
    python tests/exercises/mutants.py 3.5 7.4 --seeds 5

The answer of the solved lesson is changed in one place: an operator, a constant, a name, a
statement, a branch, a default. A changed answer that the check calls right is a hole in its cases,
or the change makes no difference: equivalent.py says which ones do not, and why.
"""

import argparse
import ast
import contextlib
import difflib
import re
import signal
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lessons")]
from equivalent import EQUIVALENT  # noqa: E402
from test_solutions import names_above  # noqa: E402

from course_lib import checks, exercises  # noqa: E402
from course_lib.checks.judge import RIGHT, AnswerKey, judge, normalised  # noqa: E402
from course_lib.checks.judge import _agree as agree  # noqa: E402
from course_lib.checks.run import run_case  # noqa: E402

SECONDS = 5                                               # for one answer on one seed
OPERATORS = {
    ast.Add: [ast.Sub], ast.Sub: [ast.Add], ast.Mult: [ast.Div], ast.Div: [ast.Mult, ast.FloorDiv],
    ast.FloorDiv: [ast.Div], ast.Pow: [ast.Mult], ast.Mod: [ast.FloorDiv], ast.MatMult: [ast.Mult],
    ast.BitAnd: [ast.BitOr], ast.BitOr: [ast.BitAnd], ast.And: [ast.Or], ast.Or: [ast.And],
    ast.Lt: [ast.LtE, ast.GtE], ast.LtE: [ast.Lt, ast.Gt], ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt], ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq], ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is], ast.In: [ast.NotIn], ast.NotIn: [ast.In]}
PAIRS = [("max", "min"), ("sum", "mean"), ("argmax", "argmin"), ("maximum", "minimum"),
         ("zeros", "ones"), ("zeros_like", "ones_like"), ("sin", "cos"), ("any", "all"),
         ("std", "var"), ("exp", "expm1"), ("log", "log1p"), ("sqrt", "square"), ("tanh", "sin"),
         ("integers", "normal"), ("random", "normal"), ("permutation", "arange"),
         ("reversed", "list"), ("abs", "float"), ("argsort", "sort"), ("round", "floor")]
NAMES = dict(PAIRS) | {b: a for a, b in PAIRS if b not in ("list", "float", "sort", "normal")}


def changed(node, **fields):
    """A node of the same type with some fields changed."""
    return type(node)(**{**dict(ast.iter_fields(node)), **fields})


def exchanged(items):
    """A list with two neighbours exchanged, for each two whose order may matter."""
    for k in range(len(items) - 1):
        first, second = items[k:k + 2]
        if not (isinstance(first, ast.stmt) and independent(first, second)):
            yield [*items[:k], second, first, *items[k + 2:]]


def independent(first, second):
    """Whether two statements assign to names, or to entries, that the other does not use."""
    if not all(isinstance(s, (ast.Assign, ast.AugAssign)) for s in (first, second)):
        return False
    (used, bound), (used_too, bound_too) = map(names, (first, second))
    return not (bound & used_too or bound_too & used or bound & bound_too
                or "rng" in used & used_too)


def names(statement):
    """Names that a statement uses, and those of them that it binds or writes into."""
    used = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return used, {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}


def less(items):
    """A list without one of its items, for each."""
    for k in range(len(items)):
        yield items[:k] + items[k + 1:]


def other_values(value):
    """What may stand in place of a constant."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, (int, float)):
        return [value + 1, value - 1] + [-value] * bool(value) + [0] * (value not in (-1, 0, 1))
    return [value.upper()] if isinstance(value, str) and "\n" not in value else []


def expressions(node):
    """What may stand in place of an expression."""
    if isinstance(node, (ast.BinOp, ast.BoolOp)):
        yield from (changed(node, op=other()) for other in OPERATORS.get(type(node.op), ()))
        yield from (node.values if isinstance(node, ast.BoolOp) else (node.left, node.right))
    if isinstance(node, ast.Compare):
        for k, op in enumerate(node.ops):
            for other in OPERATORS.get(type(op), ()):
                yield changed(node, ops=[*node.ops[:k], other(), *node.ops[k + 1:]])
    if isinstance(node, ast.Constant):
        yield from (ast.Constant(value) for value in other_values(node.value))
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield from (changed(node, attr=other) for other in [NAMES.get(node.attr)] if other)
        if node.attr == "T":
            yield node.value
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in NAMES:
        yield ast.Name(NAMES[node.id], ast.Load())
    if isinstance(node, ast.Call):
        yield from (changed(node, keywords=kept) for kept in less(node.keywords))
        yield from (changed(node, args=args) for args in exchanged(node.args))
        if isinstance(node.func, ast.Attribute) and not node.args:
            yield node.func.value                         # x.copy() becomes x
    if isinstance(node, ast.Slice):
        yield from (changed(node, **{part: None}) for part in ("lower", "upper", "step")
                    if getattr(node, part))
    if isinstance(node, (ast.Tuple, ast.List)) and isinstance(node.ctx, ast.Load):
        yield from (changed(node, elts=elts) for elts in exchanged(node.elts))
    if isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)


def statements(node):
    """What may stand in place of a statement or a function: also its blocks, changed."""
    if isinstance(node, ast.AugAssign):
        yield from (changed(node, op=other()) for other in OPERATORS.get(type(node.op), ()))
        yield ast.Assign([node.target], node.value, lineno=0)
    if isinstance(node, ast.If):
        yield from (changed(node, test=ast.Constant(value)) for value in (True, False))
    for field in ("body", "orelse"):
        block = getattr(node, field, None)
        if isinstance(block, list):
            for body in [*less(block), *exchanged(block)]:
                yield changed(node, **{field: body or [ast.Pass()] * (field == "body")})


def mutants(source):
    """Each answer that differs from a right one in one place, as text; none twice.

    Parameters
    ----------
    source : str
        One function.

    Yields
    ------
    str
    """
    tree = ast.parse(source)
    del tree.body[0].body[:ast.get_docstring(tree.body[0]) is not None]
    seen = {ast.unparse(tree)}
    for parent in list(ast.walk(tree)):
        for field, value in list(ast.iter_fields(parent)):
            items = value if isinstance(value, list) else [value]
            for k, node in enumerate(items):
                if not isinstance(node, ast.AST):
                    continue
                for other in [*expressions(node), *statements(node)]:
                    items[k] = other
                    setattr(parent, field, items if isinstance(value, list) else other)
                    text = ast.unparse(ast.fix_missing_locations(tree))
                    if text not in seen:
                        seen.add(text)
                        yield text
                items[k] = node
                setattr(parent, field, value)


def difference(source, mutant):
    """The lines that differ, in one line: what stood there, and what stands there now."""
    tree = ast.parse(source)
    del tree.body[0].body[:ast.get_docstring(tree.body[0]) is not None]
    changes = [line for line in difflib.ndiff(ast.unparse(tree).splitlines(), mutant.splitlines())
               if line[0] in "-+"]
    return " ".join(f"{line[0]} {line[2:].strip()}" for line in changes)


def matches(known, what):
    """Whether a change is one of equivalent.py, where … stands for anything."""
    return re.fullmatch(re.escape(known).replace("…", ".*"), what) is not None


@contextlib.contextmanager
def limit(seconds):
    """Raise TimeoutError in what takes longer; on the main thread of a Unix."""
    def late(*_):
        raise TimeoutError
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def takes(key, answer):
    """Whether a check with these cases takes an answer."""
    outcomes = []
    with contextlib.suppress(TimeoutError), limit(SECONDS):
        for case, wanted in zip(key.cases, key.expected, strict=True):
            outcomes.append(run_case(answer, key.exercise, case))
            if not agree(normalised(key.exercise, case, outcomes[-1]), wanted):
                return False
        return judge(key, outcomes)[0] == RIGHT           # an input that was changed
    return False


def survivors(exercise, seeds, some=None):
    """Pairs of a changed answer, in one line, and the seeds that took it; all changes, or some."""
    keys = [AnswerKey(exercise, checks.draw_cases(exercise, seed)) for seed in seeds]
    names = names_above(exercise.id)
    for text in mutants(exercise.source) if some is None else some:
        what = difference(exercise.source, text)
        if any(id == exercise.id and matches(known, what) for id, known in EQUIVALENT):
            continue
        space = dict(names)
        exec(compile(text, "<mutant>", "exec"), space)
        took = [s for s, key in zip(seeds, keys, strict=True) if takes(key, space[exercise.name])]
        if took:
            yield what, took


def main(arguments=None):
    """Try all, and print what no check sees."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args(arguments)
    found = 0
    for exercise in exercises.all():
        if not options.ids or exercise.id in options.ids:
            total = sum(1 for _ in mutants(exercise.source))
            print(f"{exercise.id} {exercise.name}: {total} changes", flush=True)
            for what, took in survivors(exercise, range(options.seeds)):
                found += 1
                print(f"    taken by {len(took)} of {options.seeds}: {what}", flush=True)
    return f"{found} changed answers are taken for right" if found else 0


if __name__ == "__main__":
    sys.exit(main())
