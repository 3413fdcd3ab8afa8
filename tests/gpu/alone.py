"""Hide every package but a few, as on a machine that has nothing else.

It says what may be imported, not what may not: a package that the course comes to need is noticed,
whatever it is called.
"""

import importlib.metadata
import re
import sys

MAY = ("torch", "numpy", "scikit-learn", "typer", "tqdm")           # and what these need themselves


def plain(name):
    """A distribution's name as it is compared: scikit_learn and scikit-learn are one."""
    return re.sub(r"[-_.]+", "-", name).lower()


def with_needs(names):
    """The distributions that were named and all that they need, as far as they are installed."""
    found, left = set(), [plain(name) for name in names]
    while left:
        name = left.pop()
        if name in found:
            continue
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        found.add(name)
        left += [plain(re.match(r"[\w.-]+", need)[0]) for need in needs
                 if not re.search(r"extra\s*==", need)]
    return found


class Only:
    """A finder that asks the others, and only for what may be there."""

    def __init__(self, distributions, finders):
        self.distributions, self.finders = distributions, finders
        self.modules = {"course_lib", *sys.stdlib_module_names}
        for module, owners in importlib.metadata.packages_distributions().items():
            if distributions & set(map(plain, owners)):
                self.modules.add(module)

    def find_spec(self, name, path=None, target=None):
        """None for a hidden package, which is what a missing one gives."""
        top = name.partition(".")[0]
        if top not in self.modules and not top.startswith("_sysconfigdata"):
            return None
        specs = (finder.find_spec(name, path, target) for finder in self.finders)
        return next((spec for spec in specs if spec is not None), None)

    def find_distributions(self, *context):
        """What importlib.metadata finds: of the packages that may be there (Triton looks)."""
        for finder in self.finders:
            for found in getattr(finder, "find_distributions", lambda *_: ())(*context):
                if plain(found.metadata["Name"]) in self.distributions:
                    yield found


def hide_the_rest():
    """From now on, what is not in `MAY`, needed by it or the course's own cannot be imported."""
    sys.meta_path[:] = [Only(with_needs(MAY), list(sys.meta_path))]
