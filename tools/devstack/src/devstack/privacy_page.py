"""The tables of `docs/privacy.md`, written anew; `make privacy-page`."""

import sys
from pathlib import Path

from privacy import personal_data
from privacy.page import renewed


def main() -> None:
    page = Path(sys.argv[1])
    page.write_text(renewed(page.read_text(), personal_data.read()))


if __name__ == "__main__":
    main()
