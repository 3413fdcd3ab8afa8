"""Run one answer on its cases and return the outcomes as plain data; no verdict is reached here."""

import __future__

import ast
import importlib
import importlib.abc
import importlib.machinery
import linecache
import sys
from types import SimpleNamespace

FILE = "<your notebook>"
COURSE = "course_lib"


def run_answer(job):
    """Define an answer and call it on every case, and on the first one again.

    Parameters
    ----------
    job : dict
        ``name`` of the function, ``source`` of the answer, ``harness`` (source or ""), ``course``
        (sources of the parts of the course that the answer may build on, by module), ``cases``
        (pairs of arguments and options).

    Returns
    -------
    dict
        ``failure``: why it could not be called, or "". ``outcomes``: for each call what
        `checks.run.Outcome` holds, the repeated one last.
    """
    from checks.run import run_case

    sys.meta_path.insert(0, _RestrictedImporter(job["course"]))
    fn, failure = function_of(*define(job["source"]), job["name"])
    if failure:
        return {"failure": failure, "outcomes": []}
    exercise = SimpleNamespace(harness=_harness(job["harness"]))
    cases = [SimpleNamespace(args=tuple(args), options=options) for args, options in job["cases"]]
    ran = [run_case(fn, exercise, case, quiet=False) for case in [*cases, cases[0]]]
    return {"failure": "", "outcomes": [vars(outcome) for outcome in ran]}


def define(source):
    """Execute the learner's statements one by one, as a notebook would.

    `course progress` runs them by this as well, so that it says what the grader will say.

    Parameters
    ----------
    source : str

    Returns
    -------
    namespace : dict
    broken : dict of str
        Why a name could not be defined.
    """
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    namespace, broken, flags = {"__name__": "__main__"}, {}, 0
    for node in ast.parse(source).body:
        if getattr(node, "module", "") == "__future__":
            for alias in node.names:
                flags |= getattr(getattr(__future__, alias.name, None), "compiler_flag", 0)
        try:
            code = compile(ast.Module([node], []), FILE, "exec", flags, dont_inherit=True)
            exec(code, namespace)
        except BaseException as error:                    # sys.exit too
            broken[getattr(node, "name", "")] = f"{type(error).__name__}: {error}"[:600]
            namespace |= {name: _Absent(full) for name, full in _imports(node)
                          if name not in namespace}
    return namespace, broken


def function_of(namespace, broken, name):
    """Find a function in what `define` gave: the function and "", or None and why not."""
    fn = namespace.get(name)
    if callable(fn):
        return fn, ""
    return None, broken.get(name) or f"{name} is not a function"


def _imports(node):
    """Names that an import would have bound, each with its full name."""
    if isinstance(node, ast.Import):
        return [((a.asname or a.name).partition(".")[0], a.name) for a in node.names]
    if isinstance(node, ast.ImportFrom):
        return [(a.asname or a.name, f"{node.module}.{a.name}") for a in node.names]
    return []


def _harness(source):
    """The exercise's harness, for answers that are not called with plain data."""
    if not source:
        return None
    namespace = {}
    exec(source, namespace)
    return namespace["harness"]


class _RestrictedImporter(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Importer of a course_lib with only what the answer may use; the rest is `_Absent`."""

    def __init__(self, sources):
        self.sources = sources

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] != COURSE:
            return None
        package = name not in self.sources or any(n.startswith(name + ".") for n in self.sources)
        return importlib.machinery.ModuleSpec(name, self, is_package=package)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__name__
        module.__getattr__ = lambda attribute: self._attribute(f"{name}.{attribute}")
        exec(self.sources.get(name, ""), module.__dict__)

    def _attribute(self, name):
        """An allowed module that is not imported yet, or a placeholder for what is not here."""
        if name.rpartition(".")[2].startswith("__"):
            raise AttributeError(name)
        within = any(known == name or known.startswith(name + ".") for known in self.sources)
        return importlib.import_module(name) if within else _Absent(name)


class _Absent:
    """Placeholder for what is not in the sandbox: using it raises an error that says so."""

    def __init__(self, name):
        self._name = name

    def __call__(self, *args, **kwargs):
        raise NameError(f"a graded answer cannot use {self._name}: write it yourself, in NumPy")

    def __getattr__(self, attribute):
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return _Absent(f"{self._name}.{attribute}")

    def __getitem__(self, key):                           # in an annotation
        return self

    def __or__(self, other):
        return self

    __ror__ = __or__
