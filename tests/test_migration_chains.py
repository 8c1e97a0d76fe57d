"""Migrations that two branches numbered alike leave a service that cannot start."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BESIDE_WRITERS = {
    "automation": 2,
    "campaigns": 17,
    "identity": 2,
    "linkedin_gateway": 30,
    "webhook_dispatcher": 7,
}
"""From which migration on no index is built that writers of its table would wait for."""
BUILDS = re.compile(
    r"CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)[^;]*?\sON\s+(\w+)"
    r"|ALTER\s+TABLE\s+(\w+)[^;]*?\sADD\s+(?:CONSTRAINT\s+\w+\s+)?(?:UNIQUE|PRIMARY\s+KEY)\s*\("
)
CREATES = re.compile(r"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)")
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


def waited_for(migration: str) -> set[str]:
    """The tables whose writers wait while a migration builds an index; new ones have none."""
    tables = {table or altered for table, altered in BUILDS.findall(migration)}
    return tables - set(CREATES.findall(migration))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parents[1].name)
def test_nobody_waits_for_an_index(folder: Path) -> None:
    """An index of a table that is there is built by `build_index`, beside its writers.

    The migrations of lists and changes kept every lead waiting until five indexes were built.
    """
    first = BESIDE_WRITERS[folder.parents[1].name]
    later = [path for path in folder.glob("0*.py") if int(path.name[:4]) >= first]

    assert {path.name: found for path in later if (found := waited_for(path.read_text()))} == {}


@pytest.mark.parametrize(
    ("migration", "tables"),
    [
        ("CREATE INDEX a ON leads (b)", {"leads"}),
        ("CREATE UNIQUE INDEX a\n    ON leads (b)", {"leads"}),
        ("ALTER TABLE leads\n ADD COLUMN b text, ADD UNIQUE (b)", {"leads"}),
        ("ALTER TABLE leads ADD CONSTRAINT a PRIMARY KEY (b)", {"leads"}),
        ("CREATE INDEX CONCURRENTLY a ON leads (b)", set()),
        ("CREATE TABLE leads (b text); CREATE INDEX a ON leads (b)", set()),
        ("ALTER TABLE leads ADD COLUMN b text; CREATE UNIQUE INDEX a ON others (b)", {"others"}),
    ],
)
def test_what_builds_an_index_is_known(migration: str, tables: set[str]) -> None:
    """In each of the ways in which SQL says it."""
    assert waited_for(migration) == tables
