"""The notebooks as Jupyter, git and people handle them: saved unchanged, corrected, merged."""

import json
import shutil
import subprocess

import nbformat
import pytest
from jupyter_server.services.contents.filemanager import FileContentsManager
from lesson_sources import ROOT, build

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb")) + sorted(
    (ROOT / "notebooks" / "solutions").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[str(p.relative_to(ROOT)) for p in NOTEBOOKS])
def test_saving_it_unchanged_changes_nothing(path, tmp_path):
    copy = tmp_path / path.name
    shutil.copy(path, copy)
    manager = FileContentsManager(root_dir=str(tmp_path))
    manager.save(manager.get(path.name), path.name)
    assert copy.read_bytes() == path.read_bytes()
    assert '"tags": []' not in copy.read_text(encoding="utf-8")


SOURCE = """# %% [markdown]
# # 1 · Title
#
# The old sentence, which is wrong.

# %%
def double(x):
    \"\"\"Twice x.

    Of an old kind of number.
    \"\"\"
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %%
print("check", double)

# %% [markdown]
# More words.

# %%
print("end")
"""


class Course:
    """A course with one lesson, in a repository of the author's and a clone of a learner's."""

    def __init__(self, folder):
        self.author, self.learner = folder / "author", folder / "learner"
        (self.author / "source").mkdir(parents=True)
        self.git(self.author, "init", "--quiet", "--initial-branch=main")
        self.publish(SOURCE)
        self.git(folder, "clone", "--quiet", str(self.author), str(self.learner))

    def git(self, where, *words):
        """Run git in a folder; what it says."""
        names = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "merge.conflictStyle=merge"]
        return subprocess.run(["git", *names, *words], cwd=where, check=True, text=True,
                              capture_output=True).stdout

    def publish(self, text):
        """Build the lesson from a source, and commit it."""
        path = self.author / "source" / "01_test.py"
        path.write_text(text, encoding="utf-8")
        for target, notebook in build.notebooks_of(path):
            target.parent.mkdir(exist_ok=True)
            for k, cell in enumerate(c for c in notebook.cells if c.cell_type == "code"):
                cell.execution_count = k + 1
            build.write(notebook, target)
        self.git(self.author, "add", "--all")
        self.git(self.author, "commit", "--quiet", "--message=correction")

    def solve(self):
        """Write an answer, run all of it twice, save as Jupyter does, commit."""
        path = self.learner / "01_test.ipynb"
        notebook = nbformat.read(path, as_version=4)
        cell = next(c for c in notebook.cells if "YOUR CODE HERE" in c.source)
        cell.source = cell.source.replace("return None", "return x + x")
        for k, cell in enumerate(c for c in notebook.cells if c.cell_type == "code"):
            cell.execution_count = k + 21
            cell.outputs = [nbformat.v4.new_output("stream", text=f"mine {k}\n")]
        nbformat.write(notebook, path)
        self.git(self.learner, "commit", "--quiet", "--all", "--message=my answer")

    def sources(self):
        """All that the learner's notebook says."""
        text = (self.learner / "01_test.ipynb").read_text(encoding="utf-8")
        return "\n".join("".join(c["source"]) for c in json.loads(text)["cells"])


GIT, NBGITPULLER = [], ["-Xours"]          # which takes the learner's side of what cannot be merged


@pytest.mark.parametrize("way", [GIT, NBGITPULLER], ids=["git pull", "nbgitpuller"])
@pytest.mark.parametrize("old, new", [
    ("The old sentence, which is wrong.", "The new sentence."), ("Of an old kind", "Of a new kind"),
    ("More words.", "Many more words.\n#\n# And others."), ('print("end")', 'print("new")')],
    ids=["a sentence", "the exercise's own docstring", "a paragraph", "code"])
def test_a_correction_and_an_answer_are_merged(tmp_path, way, old, new):
    course = Course(tmp_path)
    course.solve()
    course.publish(SOURCE.replace(old, new))
    course.git(course.learner, "pull", "--quiet", "--no-rebase", *way)
    assert "return x + x" in course.sources() and old not in course.sources()
    assert new.split("\n")[0] in course.sources()
    nbformat.validate(nbformat.read(course.learner / "01_test.ipynb", as_version=4))


def test_a_corrected_cell_keeps_its_id(tmp_path):
    course = Course(tmp_path)
    before = [c.id for c in nbformat.read(course.author / "01_test.ipynb", 4).cells]
    course.publish(SOURCE.replace("Twice x.", "Two times x.").replace(
        "# %% [markdown]\n# More", "# %%\n1 + 1\n\n# %% [markdown]\n# More"))
    after = [c.id for c in nbformat.read(course.author / "01_test.ipynb", 4).cells]
    assert [id for id in after if id in before] == before and len(after) == len(before) + 1
    solved = [c.id for c in nbformat.read(course.author / "solutions" / "01_test.ipynb", 4).cells]
    assert solved == after
