"""Programs that no lock file of ours has: where they are, and how they are got."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

FAKETIME: Final = "libfaketime"
"""A library, which has processes read another time than the machine's."""
_DEBIAN = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "alertmanager": "prometheus-alertmanager",
    "chromium": "chromium",
    FAKETIME: "faketime",
}
"""The package that has each."""
_ALSO_CALLED = {"alertmanager": "prometheus-alertmanager"}
_LIBRARIES = Path("/usr/lib")


def find(name: str) -> str | None:
    """The path of a program: as `NAME=path` of the environment says, else where it is installed."""
    given = os.environ.get(name.upper())
    if given:
        return given
    if name == FAKETIME:
        found = sorted(_LIBRARIES.glob("*/faketime/libfaketimeMT.so.1"))
        return str(found[0]) if found else None
    return shutil.which(name) or shutil.which(_ALSO_CALLED.get(name, name))


def how_to_get(names: Iterable[str]) -> str:
    """A sentence for whoever misses some."""
    missing = sorted(names)
    packages = sorted({_DEBIAN[name] for name in missing})
    return (
        f"Not there: {', '.join(missing)}. Debian: apt-get install {' '.join(packages)};"
        f" or say where with {', '.join(f'{name.upper()}=path' for name in missing)}."
    )
