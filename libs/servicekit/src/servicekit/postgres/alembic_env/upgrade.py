"""Run revisions by Alembic; nothing else loads it, nor SQLAlchemy."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy.pool import NullPool


def upgrade(dsn: str, schema: str, package: str, revision: str, *, lock_timeout: str) -> None:
    """Run the revisions of a package up to this one; `head` is the last.

    No statement waits longer than that for a lock. Raises what psycopg raises, as does everything
    else that speaks to the database here.
    """
    config = _config(schema, package)
    try:
        with _connection(dsn, schema, lock_timeout) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise _cause(error) from error


def _cause(error: BaseException) -> BaseException:
    """What psycopg said: of a lost connection SQLAlchemy tells what could not be undone by it."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, sqlalchemy.exc.DBAPIError) and found.orig is not None:
            return found.orig
        found = found.__context__
    return error


def _config(schema: str, package: str) -> Config:
    config = Config()
    config.set_main_option("script_location", _escaped(Path(__file__).parent))
    with resources.as_file(resources.files(package) / "migrations" / "versions") as versions:
        config.set_main_option("version_locations", _escaped(versions))
    config.set_main_option("path_separator", "newline")
    config.attributes["schema"] = schema
    return config


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


@contextmanager
def _connection(dsn: str, schema: str, lock_timeout: str) -> Iterator[sqlalchemy.Connection]:
    def connect() -> psycopg.Connection[Any]:
        connection = psycopg.connect(dsn, application_name=f"migrate {schema}")
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
        connection.execute("SELECT set_config('lock_timeout', %s, false)", (lock_timeout,))
        connection.commit()
        return connection

    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
