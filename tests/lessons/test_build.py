"""build.py: what it makes, and that it says file and line when a source is wrong."""

import nbformat
import pytest
from lesson_sources import build

HEAD = "# %% [markdown]\n# # Title\n\n"
EXERCISE = """# %%
def double(x):
    \"\"\"Twice x.\"\"\"
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %%
check("1.1", double)
"""


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()

    def write(text):
        path = folder / "01_test.py"
        path.write_text(text, encoding="utf-8")
        return path
    return write


def learner_and_solved(path):
    return [notebook for _, notebook in build.notebooks_of(path)]


def test_the_solution_is_only_in_the_solved_notebook(source):
    learner, solved = learner_and_solved(source(HEAD + EXERCISE))
    assert "return 2 * x" in solved.cells[1].source
    assert learner.cells[1].source == \
        'def double(x):\n    """Twice x."""\n    # YOUR CODE HERE\n    return None'
    assert learner.cells[2].source == solved.cells[2].source == 'check("1.1", double)'


def test_ids_are_valid_unique_and_come_from_the_text(source):
    text = HEAD + EXERCISE + "\n# %%\n1 + 1\n\n# %%\n1 + 1\n"
    first, second = learner_and_solved(source(text)), learner_and_solved(source(text))
    for a, b in zip(first, second, strict=True):
        nbformat.validate(a)
        assert (a.nbformat, a.nbformat_minor) == (4, 5)
        ids = [c.id for c in a.cells]
        assert len(set(ids)) == len(ids) and ids == [c.id for c in b.cells]


@pytest.mark.parametrize("text, line, says", [
    (EXERCISE.replace("    ### END SOLUTION\n", ""), 7, "not closed before the next cell"),
    (EXERCISE.split("    ### END")[0], 7, "is not closed"),
    (EXERCISE.replace("    return 2 * x", "    ### BEGIN SOLUTION\n    return 2"), 8, "inside"),
    (EXERCISE.replace("    ### BEGIN SOLUTION\n", ""), 8, "END SOLUTION without"),
    (EXERCISE.replace("def double(x):", "if True:"), 7, "outside a function"),
    (EXERCISE.split("# %%\ncheck")[0], 7, "exercise double without a check"),
    (EXERCISE.replace('check("1.1", double)', "double(3)\ncheck(\"1.1\", other)").replace(
        "double(3)\n", ""), 7, "exercise double without a check"),
    ("# %%\nx = 1\nfig, ax = plt.subplots()\nplots.show(fig)\n", 7, "alternative text"),
    ("# %%\nx = 1\nfig, ax = plt.subplots()\nplots.show(fig, alt=' ')\n", 7, "alternative text"),
    ("# %%\nx = 1\nfig, ax = plt.subplots()\n", 6, "a figure that plots.show does not show"),
    ("# %%\nx = 1\nplt.show()\n", 6, "alternative text"),
    ("# %%\nx = 1\nfig = 1\nplots.show(fig, alt='a')\n", 7, "a figure beside what is read"),
    ('# %% tags=["folded"]\nx = 1\nfor y in [x]:\n    assert y\n', 7, "an assert beside"),
    ("# %%\nx = 1\nx = = 2\n", 6, "not Python"),
])
def test_a_wrong_source_is_named_with_file_and_line(source, text, line, says):
    path = source(HEAD + text)
    with pytest.raises(build.SourceError) as error:
        build.notebooks_of(path)
    assert str(error.value).startswith(f"{path}:{line}: ") and says in str(error.value)


def built(source, text):
    path = source(HEAD + text)
    for target, notebook in build.notebooks_of(path):
        build.execute(notebook, target)
        build.write(notebook, target)
    return build.notebooks_of(path)


def test_two_builds_give_the_same_bytes_and_check_sees_changes(source):
    text = "# %%\nprint(1)\n\n# %%\n2 + 2\n"
    (target, fresh), (solved, _) = built(source, text)
    first = target.read_bytes()
    built(source, text)
    assert target.read_bytes() == first == solved.read_bytes()
    build.compare(fresh, target)

    def changed(edit):
        notebook = nbformat.read(target, as_version=4)
        edit(notebook)
        build.write(notebook, target)
        with pytest.raises(build.SourceError):
            build.compare(fresh, target)
        target.write_bytes(first)
    changed(lambda n: n.cells[1].update(source="print(2)"))
    changed(lambda n: n.cells[1].update(execution_count=None))
    changed(lambda n: n.cells[1].update(execution_count=7))
    changed(lambda n: n.cells.pop())
    changed(lambda n: n.metadata.update(widgets={}))
    changed(lambda n: n.cells[1].outputs.append(nbformat.v4.new_output(
        "display_data", {"image/png": "", "text/plain": "x"})))
    changed(lambda n: n.cells[1].outputs.append(nbformat.v4.new_output(
        "error", ename="E", evalue="", traceback=[])))
    target.unlink()
    with pytest.raises(build.SourceError, match="missing"):
        build.compare(fresh, target)


def test_a_cell_that_fails_stops_the_build_and_writes_nothing(source):
    path = source(HEAD + "# %%\n1 / 0\n")
    target, notebook = build.notebooks_of(path)[0]
    with pytest.raises(build.SourceError, match="ZeroDivisionError"):
        build.execute(notebook, target)
    assert not target.exists()


def test_a_dead_kernel_is_told_apart_from_a_failing_cell(source):
    path = source(HEAD + "# %%\nimport os; os._exit(1)\n")
    target, notebook = build.notebooks_of(path)[0]
    with pytest.raises(build.SourceError, match="kernel died"):
        build.execute(notebook, target)


def test_a_cell_that_takes_too_long_is_told_apart(source, monkeypatch):
    monkeypatch.setattr(build, "TIMEOUT", 1)
    path = source(HEAD + "# %%\nimport time; time.sleep(20)\n")
    target, notebook = build.notebooks_of(path)[0]
    with pytest.raises(build.SourceError, match="longer than 1 s"):
        build.execute(notebook, target)


def test_an_indented_solution_and_tags_are_kept(source):
    text = ('# %% tags=["a"]\ndef f(x):\n    if x:\n        ### BEGIN SOLUTION\n        return 1\n'
            '        ### END SOLUTION\n\n# %%\ncheck("1.1", f)\n')
    learner, solved = learner_and_solved(source(HEAD + text))
    assert learner.cells[1].source.endswith("        # YOUR CODE HERE\n        return None")
    assert learner.cells[1].metadata.tags == solved.cells[1].metadata.tags == ["a"]


def test_cells_that_test_are_in_the_solved_notebook_only(source):
    text = '# %%\nx = 1\n\n# %% tags=["test"]\nassert x == 1\n\n# %%\nprint(x)\n'
    learner, solved = learner_and_solved(source(HEAD + text))
    assert [c.source for c in solved.cells[1:]] == ["x = 1", "assert x == 1", "print(x)"]
    assert solved.cells[2].metadata.jupyter.source_hidden
    assert [c.id for c in learner.cells] == [solved.cells[k].id for k in (0, 1, 3)]


def test_a_lesson_can_ask_colab_for_a_gpu():
    for mark, wanted in [(' accelerator="GPU"', "GPU"), ("", None)]:
        lines = HEAD.replace("[markdown]", "[markdown]" + mark).splitlines()
        notebook = build.assemble(lines)
        assert notebook.metadata.get("accelerator") == wanted
        assert "accelerator" not in notebook.cells[0].metadata


def test_widget_state_and_widget_views_are_not_stored(source):
    (target, fresh), _ = built(source, "# %%\nimport ipywidgets\nipywidgets.IntSlider()\n")
    stored = target.read_text(encoding="utf-8")
    assert "widget-view" not in stored and "widget-state" not in stored
    build.compare(fresh, target)


def test_cards_are_renewed_and_nothing_else(source, monkeypatch):
    path = source(HEAD + EXERCISE.replace("# %%", "# %%\nfrom course_lib.checks import check\n"
                                          "print('runs')\n\n# %%", 1))
    monkeypatch.setattr(build, "HERE", path.parent.parent)
    monkeypatch.setattr(build, "SOLUTIONS", path.with_name("solutions.json"))
    assert build.main([]) == 0
    for target, _ in build.notebooks_of(path):
        notebook = nbformat.read(target, as_version=4)
        printed, shown = (o for cell in notebook.cells for o in cell.get("outputs", []))
        before, shown.data["text/plain"], printed["text"] = dict(shown.data), "old", "stays"
        build.write(notebook, target)
        assert build.main(["--cards"]) == 0
        printed, shown = (o for cell in nbformat.read(target, as_version=4).cells
                          for o in cell.get("outputs", []))
        assert dict(shown.data) == before and printed["text"] == "stays"
        assert "1.1 central_difference" in before["text/plain"]


def test_main_says_what_it_did_and_what_is_wrong(source, monkeypatch, capsys):
    path = source(HEAD + "# %%\nprint('é')\n")
    monkeypatch.setattr(build, "HERE", path.parent.parent)
    monkeypatch.setattr(build, "SOLUTIONS", path.with_name("solutions.json"))   # not the course's
    assert build.main([]) == 0 and build.main(["--check", "1"]) == 0
    assert "built: 01_test.ipynb" in capsys.readouterr().out
    assert "no source for lesson [9]" in build.main(["9"])
    source(HEAD + "# %%\nprint('è')\n")
    assert "does not match the source" in build.main(["--check"])
