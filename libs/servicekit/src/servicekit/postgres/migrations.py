"""Bring one owner's schema up to date.

An owner keeps its revisions in `<package>/migrations/versions/*.py`: Alembic revisions
whose `upgrade()` executes plain SQL. Names in it need no schema: the search path is set.
They only go up. What must be undone is undone by a further revision, so that the code
of the previous release keeps working while the next one is deployed.

Whoever asks for a table waits behind a statement that waits for it. So none of a migration waits
longer than `LOCK_TIMEOUT`: it gives up, lets the others through, and is tried again. Indexes of
tables that are there are built beside their writers (`alembic_env.indexes`).

A file is named after its revision, four digits, so that a schema at the last of them is known to
be up to date without Alembic, whose modules are a third of what a service would load to start.
What migrates, and psycopg with it (9 MB), is loaded by whoever migrates, and by no other.
"""

from importlib import resources

LOCK_TIMEOUT = "2s"


async def migrate(dsn: str, schema: str, package: str) -> str:
    """Run the migrations of `package` in `schema`; returns the revision it is at now.

    Creates the schema if it is absent, and keeps organizations apart in it (see `row_security`).
    Safe to run from several processes at once, and
    again: an up-to-date schema is left as it is. Waits until the database is reachable, and until
    nobody has what it needs for itself.
    """
    from servicekit.postgres.alembic_env import migration  # noqa: PLC0415  see above

    return await migration.migrate(dsn, schema, package)


def migrate_now(dsn: str, schema: str, package: str, *, revision: str = "head") -> str:
    """`migrate`, at once and in this thread, up to a revision."""
    from servicekit.postgres.alembic_env import migration  # noqa: PLC0415  see above

    return migration.migrate_now(dsn, schema, package, revision=revision)


def last_revision(package: str) -> str:
    """The last revision that a package knows."""
    versions = resources.files(package) / "migrations" / "versions"
    return max(
        (file.name[:4] for file in versions.iterdir() if file.name[:4].isdigit()), default=""
    )
