"""Migrations that two branches numbered alike leave a service that cannot start."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = sorted(ROOT.glob("*/*/src/*/migrations/versions"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parents[1].name)
def test_migrations_are_one_chain(folder: Path) -> None:
    """Each follows the one numbered before it, and none is there twice; no database is asked."""
    chain = [
        (
            path.name[:4],
            *re.findall(r'^(?:down_)?revision = (?:"(\d+)"|None)', path.read_text(), re.MULTILINE),
        )
        for path in sorted(folder.glob("0*.py"))
    ]

    assert chain == [
        (f"{number:04}", f"{number:04}", f"{number - 1:04}" if number > 1 else "")
        for number in range(1, len(chain) + 1)
    ]
