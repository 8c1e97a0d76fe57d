"""Import all that an image runs, so that one that lacks something is not built.

`imports.py PACKAGE…`: every module of the packages, what only a migration or `--check` loads too. A
module that is named itself is imported, whatever it is called.
"""

import importlib
import pkgutil
import sys


def modules(package: str) -> list[str]:
    """The package and all modules below it that do nothing but being imported.

    A schema's revisions are named by numbers, and `__main__` runs the package.
    """
    found = importlib.import_module(package)
    below = getattr(found, "__path__", ())
    names = [each.name for each in pkgutil.walk_packages(below, f"{package}.")]
    last = {name: name.rpartition(".")[2] for name in names}
    return [package, *(n for n in names if last[n].isidentifier() and last[n] != "__main__")]


if __name__ == "__main__":
    for name in sys.argv[1:]:
        for module in modules(name):
            importlib.import_module(module)
