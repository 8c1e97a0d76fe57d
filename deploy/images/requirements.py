"""Print what a lock file says of some packages, hashes and all: `requirements.py LOCK NAME…`."""

import re
import sys
from pathlib import Path


def blocks(lock: str, names: set[str]) -> str:
    """The lines of these packages. Raises `KeyError` for one that the lock does not have."""
    by_name = {
        re.split(r"==", block, maxsplit=1)[0].replace("_", "-"): block
        for block in re.split(r"\n(?=\S)", lock)
    }
    return "\n".join(by_name[name] for name in sorted(names)) + "\n"


if __name__ == "__main__":
    sys.stdout.write(blocks(Path(sys.argv[1]).read_text(), set(sys.argv[2:])))
