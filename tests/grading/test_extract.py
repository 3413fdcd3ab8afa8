"""The learner's code is found by name in whatever a notebook has become on its way."""

import json

import pytest

from course_lib.grading.extract import answers as module
from course_lib.grading.extract import extract

F = "def f(x):\n    return 2 * x"


def run(answer):
    namespace = {}
    exec(answer.source, namespace)
    return namespace


def notebook(path, cells, **more):
    path.write_text(json.dumps({"cells": cells, **more}), encoding="utf-8")
    return path


def code(source):
    return {"cell_type": "code", "source": source}


def test_takes_definitions_imports_and_constants_and_leaves_the_rest():
    answer = extract(
        ["import math", "print(1 / 0)\nfor i in range(3): pass", "N = 2\nRNG = open('nowhere')",
         "class A:\n    k = N", "if True:\n    def g(): pass",
         "def f(x): return A.k * math.pi * x"], ["f", "g"])
    assert answer.found == ["f"] and not answer.problems
    assert run(answer)["f"](1) == pytest.approx(6.2831853)
    assert "RNG" not in answer.source and "print" not in answer.source


@pytest.mark.parametrize("value, taken", [
    ("1e-5", True), ("-(2 ** 3) / 4", True), ("[1, (2, 'a')]", True), ("np.float32", True),
    ("float", True), ("K + 1", True), ("lambda x: open(x)", True),
    ("open('x')", False), ("unknown + 1", False), ("[i for i in K]", False), ("f'{K!r}'", False),
])
def test_constants_hold_literals_arithmetic_and_taken_names_but_no_calls(value, taken):
    answer = extract(["import numpy as np\nK = 3", f"C = {value}"], [])
    assert ("C = " in answer.source) == taken


def test_a_constant_from_a_left_out_one_is_left_out_too():
    assert "B" not in extract(["A = input()", "B = A + 1"], []).source


def test_library_import_never_replaces_the_answer():
    """After the check, the lesson goes on with the library's version of the same name."""
    after = ["from statistics import mean as f", "import math\nf = math.sqrt",
             "lib = math.sqrt\nf = lib"]
    answer = extract([F, *after], ["f"])
    assert run(answer)["f"](4) == 8 and answer.duplicates == {}
    assert extract(after, ["f"]).found == []


def test_course_lib_imports_are_taken():
    assert run(extract(["from course_lib import __version__ as v", F], ["f"]))["v"]


def test_alias_of_an_own_function_is_an_answer():
    answer = extract(["def mine(x): return 3 * x", "f = mine"], ["f"])
    assert answer.found == ["f"] and run(answer)["f"](1) == 3


def test_last_definition_wins_and_duplicates_are_reported():
    answer = extract([F, "", "def f(x):\n    return 3 * x"], ["f"])
    assert run(answer)["f"](1) == 3
    assert answer.duplicates == {"f": [1, 3]}


@pytest.mark.parametrize("magic", [
    "%matplotlib inline", "!pip install x \\\n    y", "f?", "??f", "files = !ls", "t = %timeit f",
    "if 1:\n    %time f", "%%time", "!echo it's",
])
def test_magics_are_dropped_and_the_cell_is_kept(magic):
    answer = extract([magic + "\n" + F], ["f"])
    assert answer.problems == [] and run(answer)["f"](1) == 2


def test_other_cell_magics_drop_the_cell():
    assert extract(["%%bash\nf = 3\n", "%%writefile x.py\n" + F], ["f"]).source.strip() == ""


def test_percent_that_continues_an_expression_is_no_magic():
    assert run(extract(["K = 7\nR = (K\n     %K)\nS = '''\n%a\n!b\n'''"], []))["S"] == "\n%a\n!b\n"
    assert run(extract(["%time\nR = (7\n     % 4)"], []))["R"] == 3


def test_a_syntax_error_costs_only_its_cell_and_is_named():
    answer = extract(["x = 1", "y = 1\ndef g(:", F], ["f", "g"])
    assert answer.found == ["f"]
    assert answer.problems == ["cell 2: skipped, line 2: invalid syntax: def g(:"]


@pytest.mark.parametrize("bad", ["class A:\n    return 1", "def g(a, a): pass",
                                 "def g():\n    nonlocal q", "x = '\0'", "x = '\ud800'"])
def test_what_only_the_compiler_refuses_costs_only_itself(bad):
    answer = extract([bad, F], ["f"])
    assert len(answer.problems) == 1 and "cell 1" in answer.problems[0]
    assert run(answer)["f"](1) == 2


@pytest.mark.parametrize("deep", [
    "x = " + "(" * 5000, "x = " + "-" * 200_000 + "1", "x = " + "1+" * 150_000 + "1",
    "def g(): return g" + "()" * 100_000, "if x: pass\n" + "elif x: pass\n" * 20_000,
])
def test_nesting_too_deep_is_reported(deep):
    answer = extract([deep, F], ["f"])
    assert answer.found == ["f"] and len(answer.problems) == 1


def test_decorators_semicolons_and_letters_of_two_bytes():
    answer = extract(["import functools; É = 'é'; K = 3", "@functools.cache\n@functools.cache\n"
                      "def f(x):\n    return K * x"], ["f"])
    assert run(answer)["f"](1) == 3 and run(answer)["É"] == "é"


def test_only_pure_import_fallbacks_are_taken_from_try():
    cells = ["try:\n    import no_such\nexcept ImportError:\n    import math as no_such",
             "try:\n    import os\nexcept ImportError:\n    os = open('x')",
             "try:\n    import re\nexcept Exception:\n    pass", "from . import sibling"]
    source = extract(cells, []).source
    assert "no_such" in source and not {"os", "re", "sibling"} & set(source.split())


def test_future_import_of_a_later_cell_comes_first():
    answer = extract(["import math", "from __future__ import annotations", F], ["f"])
    assert run(answer)["f"](1) == 2


def test_reads_cells_without_metadata_and_source_as_list(tmp_path):
    cells = [{"cell_type": "markdown", "source": "x"}, code(["def f(x):\n", "    return 2 * x"]),
             "no cell", {"cell_type": "code"}, code(None), code([1, "g = 1"])]
    answer = extract(notebook(tmp_path / "a.ipynb", cells), ["f"])
    assert answer.found == ["f"] and "g = 1" in answer.source


def test_reads_nbformat_3(tmp_path):
    sheet = {"cells": [{"cell_type": "code", "input": F, "language": "python"}]}
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"nbformat": 3, "worksheets": [sheet]}), encoding="utf-8")
    assert extract(path, ["f"]).found == ["f"]


def test_cell_numbers_count_markdown_cells_too(tmp_path):
    cells = [{"cell_type": "markdown", "source": "x"}, code("def f(:")]
    assert extract(notebook(tmp_path / "a.ipynb", cells), ["f"]).problems[0].startswith("cell 2:")


def test_reads_plain_and_percent_python(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("\ufeff" + F, encoding="utf-8")
    assert extract(path, ["f"]).found == ["f"]
    path.write_bytes(("# %% [markdown]\r\n# def f(:\r\n# %%\r\ndef g(:\r\n\r\n# %% title\r\n" + F)
                     .encode())
    answer = extract(str(path), ["f"])
    assert answer.found == ["f"] and answer.problems[0].startswith("cell 2:")


@pytest.mark.parametrize("content, reason", [
    (b"", "is empty"), (b"{", "is not a notebook"), (b"\xff\xfe{", "is not UTF-8"),
    (b"[" * 200_000, "nested too deeply"), (b"9" * 5000, "is not a notebook"),
    (b'{"cells": 3}', "no list of cells"), (b"[]", "no list of cells"),
    (b'{"worksheets": [3]}', None), (b" " * 10_000_001, "larger than 10 MB"),
])
def test_unreadable_files_become_one_plain_reason(tmp_path, content, reason):
    path = tmp_path / "a.ipynb"
    path.write_bytes(content)
    answer = extract(path, ["f"])
    assert answer.found == []
    assert answer.problems == [] if reason is None else reason in answer.problems[0]


def test_missing_file_and_folder_are_reasons_too(tmp_path):
    assert "no such file" in extract(tmp_path / "x.ipynb", ["f"]).problems[0]
    assert "not a file" in extract(tmp_path, ["f"]).problems[0]


def test_too_much_code_is_refused_before_parsing(monkeypatch):
    monkeypatch.setattr(module, "parse_cell", None)
    assert "more than 400 KB" in extract(["x = 1\n" * 200_000], ["f"]).problems[0]


def test_nothing_is_executed(tmp_path):
    file = tmp_path / "written"
    extract([f"@open({str(file)!r}, 'w')\nclass A: pass", f"open({str(file)!r}, 'w')"], ["A"])
    assert not file.exists()
