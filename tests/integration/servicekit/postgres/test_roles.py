"""Roles are made from the URLs by which services connect."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from servicekit.postgres.roles import RolesUnknown, make_roles

OWNER, SERVICE = "shop_of_a_test", "shop_of_a_test_service"


@pytest.fixture
def folder(tmp_path: Path, database_url: str) -> Iterator[Path]:
    """A secret as it is mounted: links into a folder of its own, and a URL in each file."""
    (tmp_path / "..data").mkdir()
    database = urlsplit(database_url).path
    (tmp_path / "administrator").write_text(database_url)
    (tmp_path / OWNER).write_text(f"postgresql://{OWNER}:one@host{database}")
    (tmp_path / "shop-service").write_text(f"postgresql://{SERVICE}:two%2F@host{database}\n")
    yield tmp_path
    with psycopg.connect(database_url) as connection:
        for role in (OWNER, SERVICE):
            if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
                connection.execute(f"DROP OWNED BY {role} CASCADE")
                connection.execute(f"DROP ROLE {role}")


def test_roles_and_schemas_are_made(folder: Path, database_url: str) -> None:
    """Each URL's role may sign in, an owner has its schema, and doing it again changes nothing."""
    assert make_roles(folder) == make_roles(folder) == [OWNER, SERVICE]

    with psycopg.connect(database_url) as connection:
        roles = connection.execute(
            "SELECT rolname, rolcanlogin, rolsuper FROM pg_roles WHERE rolname IN (%s, %s)",
            (OWNER, SERVICE),
        ).fetchall()
        schema = connection.execute(
            "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = %s", (OWNER,)
        ).fetchall()
    assert sorted(roles) == [(OWNER, True, False), (SERVICE, True, False)]
    assert schema == [(OWNER,)]


def test_nothing_is_made_of_half_a_secret(folder: Path, database_url: str) -> None:
    """A URL without a password is named before anything is done."""
    (folder / "later").write_text("postgresql://later_of_a_test@host/database")

    with pytest.raises(RolesUnknown, match="later"):
        make_roles(folder)

    with psycopg.connect(database_url) as connection:
        assert not connection.execute(
            "SELECT FROM pg_roles WHERE rolname = %s", (OWNER,)
        ).fetchone()
