"""What Colab has installed, and whether the course accepts it.

    python tests/lessons/colab_versions.py            by the list of this repository
    python tests/lessons/colab_versions.py --compare  by the newest list; exit 1 if it cannot be had

``pip freeze`` writes some packages as ``name @ https://…/name-1.2-….whl``; such a version is read
from the file's name.
"""

import argparse
import re
import sys
import tomllib
import urllib.request
from pathlib import Path
from urllib.parse import unquote

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).parent
LIST = HERE / "colab_versions.txt"
NEWEST = "https://raw.githubusercontent.com/googlecolab/backend-info/main/pip-freeze.txt"
ON_COLAB = ("torch", "bert")   # the extras whose packages a lesson imports


def parse(text):
    """Versions by the names of packages, from the output of pip freeze."""
    found = {}
    for line in text.splitlines():
        line = unquote(line.partition("#")[0].strip())
        exact = re.fullmatch(r"([\w.-]+)==(\S+)", line)
        wheel = re.fullmatch(r"([\w.-]+) @ .*/[\w.]+-([\w.+!]+)(?:-[^/]+\.whl|\.tar\.gz)", line)
        if match := exact or wheel:
            found[canonicalize_name(match[1])] = match[2]
    return found


def requirements(*extras):
    """What pyproject.toml asks for, without extras or with some."""
    text = (HERE.parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    lines = [*project["dependencies"]]
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    return [Requirement("python" + project["requires-python"]), *map(Requirement, lines)]


def refused(versions, wanted):
    """Sentences on the listed versions that do not satisfy what is wanted."""
    for need in wanted:
        has = versions.get(canonicalize_name(need.name))
        if has and not need.specifier.contains(has, prereleases=True):
            yield f"Colab has {need.name} {has}; pyproject.toml asks for {need}"


def lacking(versions, wanted):
    """Names of what is wanted and not listed."""
    return {need.name for need in wanted} - {"python"} - {
        need.name for need in wanted if canonicalize_name(need.name) in versions}


def newest():
    """Fetch the newest list.

    Raises
    ------
    ValueError
        For an answer that is no such list.
    """
    with urllib.request.urlopen(NEWEST, timeout=30) as reply:
        versions = parse(reply.read().decode("utf-8"))
    if "numpy" not in versions:
        raise ValueError("there is no NumPy in it")
    return versions


def main(arguments=None):
    """Print what does not fit; the exit status is 1 then."""
    parser = argparse.ArgumentParser(description="Does the course accept what Colab has?")
    parser.add_argument("--compare", action="store_true", help="fetch the newest list")
    options = parser.parse_args(arguments)
    try:
        versions = newest() if options.compare else parse(LIST.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"{NEWEST} could not be had: {error}")
        return 1
    troubles = list(refused(versions, requirements(*ON_COLAB)))
    print("\n".join(troubles) or "Colab's versions satisfy pyproject.toml.")
    print("not there:", ", ".join(sorted(lacking(versions, requirements(*ON_COLAB)))) or "nothing")
    if options.compare:
        ours = parse(LIST.read_text(encoding="utf-8"))
        for name in sorted(ours.keys() & versions.keys()):
            if ours[name] != versions[name]:
                print(f"{name}: {ours[name]} in our list, {versions[name]} now")
    return int(bool(troubles))


if __name__ == "__main__":
    sys.exit(main())
