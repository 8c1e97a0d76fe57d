"""`python -m servicekit.postgres.roles FOLDER`: make the roles that services connect by.

Each file of the folder is a URL, as a secret is mounted: of `administrator`, who may make roles,
and of every role that there is to be. A role is made with the password of its URL, or given it
anew; a file whose name is the role's own is that of an owner, whose schema is made as well.
What a role may do with the rows of a schema its migrations say (see `row_security`).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from servicekit.telemetry import logs

ADMINISTRATOR = "administrator"
_EXISTS = "SELECT FROM pg_roles WHERE rolname = %s"

log = logs.get_logger(__name__)


class RolesUnknown(ValueError):
    """A file of the folder is no URL with a role and a password."""


def make_roles(folder: Path) -> list[str]:
    """Make what is missing and set every password; the names of the roles.

    Raises `RolesUnknown` before anything is done, `FileNotFoundError` without an administrator,
    and psycopg's `OperationalError` when the database is away: who runs this tries again.
    """
    urls = {
        path.name: path.read_text().strip()
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.startswith(".")
    }
    if ADMINISTRATOR not in urls:
        raise FileNotFoundError(folder / ADMINISTRATOR)
    administrator = urls.pop(ADMINISTRATOR)
    roles = {name: _role(name, url) for name, url in urls.items()}
    with psycopg.connect(administrator, application_name="database roles") as connection:
        for name, (role, password) in roles.items():
            _make_role(connection, role, password)
            if name == role:
                _make_schema(connection, role)
    made = sorted({role for role, _ in roles.values()})
    log.info("roles_made", roles=made)
    return made


def _role(name: str, url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    if not (parts.username and parts.password):
        raise RolesUnknown(f"{name} is no URL with a role and its password")
    return unquote(parts.username), unquote(parts.password)


def _make_role(connection: psycopg.Connection[Any], role: str, password: str) -> None:
    exists = connection.execute(_EXISTS, (role,)).fetchone() is not None
    statement = "ALTER ROLE {} LOGIN PASSWORD {}" if exists else "CREATE ROLE {} LOGIN PASSWORD {}"
    connection.execute(sql.SQL(statement).format(sql.Identifier(role), sql.Literal(password)))


def _make_schema(connection: psycopg.Connection[Any], owner: str) -> None:
    # Who makes something for another must be able to act as that other.
    connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(owner)))
    connection.execute(
        sql.SQL("CREATE SCHEMA IF NOT EXISTS {0} AUTHORIZATION {0}").format(sql.Identifier(owner))
    )


def main() -> None:
    logs.configure("database-roles", level=os.environ.get("LOG_LEVEL", "INFO"))
    make_roles(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
