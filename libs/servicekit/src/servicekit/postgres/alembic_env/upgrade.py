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


def upgrade(dsn: str, schema: str, package: str, revision: str) -> None:
    """Run the revisions of a package up to this one; `head` is the last.

    Raises what psycopg raises, as does everything else that speaks to the database here.
    """
    config = _config(schema, package)
    try:
        with _connection(dsn, schema) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except sqlalchemy.exc.DBAPIError as error:
        if error.orig is None:
            raise
        raise error.orig from error


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
def _connection(dsn: str, schema: str) -> Iterator[sqlalchemy.Connection]:
    def connect() -> psycopg.Connection[Any]:
        connection = psycopg.connect(dsn, application_name=f"migrate {schema}")
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
        connection.commit()
        return connection

    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
