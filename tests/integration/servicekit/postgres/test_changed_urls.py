"""A database's URL that comes from a file: another one needs no restart."""

from pathlib import Path

import pytest
from servicekit.credentials import watched_files
from servicekit.credentials.secrets import Secret, database_url
from servicekit.postgres import pool as postgres
from servicekit.postgres.listener import Listener
from servicekit.settings import ServerSettings

OLD, NEW = "url_of_before", "url_of_after"


class Settings(ServerSettings, env_prefix="THING_"):
    """Of some service."""


@pytest.fixture(autouse=True)
def _looks_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched_files, "LOOKED_AT_EVERY", 0.0)


def named(url: str, user: str) -> str:
    """The same database, by a session setting that tells which URL made the connection."""
    return f"{url}{'&' if '?' in url else '?'}outreach.made_by={user}"


def say(file: Path, url: str) -> None:
    """Put another URL into the file."""
    file.write_text(url)


@pytest.fixture
def file(database_url: str, tmp_path: Path) -> Path:
    path = tmp_path / "url"
    path.write_text(named(database_url, OLD))
    return path


async def test_connections_are_those_of_the_file(file: Path, database_url: str) -> None:
    """What is lent after a change was made by the new URL; what was lent before ends in order."""
    secret = Secret.in_file(file, begins=("postgres",))
    asked = "SELECT current_setting('outreach.made_by')"
    async with postgres.connect_pool(secret, "public", max_size=2) as pool:
        async with pool.acquire() as lent:
            say(file, named(database_url, NEW))
            during = await pool.fetchval(asked)
            still = await lent.fetchval(asked)
        after = {await pool.fetchval(asked) for _ in range(4)}
        say(file, "mysql://nobody")
        broken = await pool.fetchval(asked)

    assert (during, still, after, broken) == (NEW, OLD, {NEW}, NEW)


async def test_a_listener_connects_by_the_file(file: Path, database_url: str) -> None:
    """The connection that takes the place of a lost one is made by what the file has then."""
    secret = Secret.in_file(file)
    async with (
        postgres.connect_pool(database_url, "public", max_size=1) as pool,
        Listener(secret, "things", application="listens") as listener,
    ):
        await anext(listener)
        say(file, f"{named(database_url, NEW)}&application_name=other")
        await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'listens' AND datname = current_database()"
        )
        again = await anext(listener)

    assert again.missed
    assert secret.get().endswith("other")


@pytest.mark.lasts(seconds=10)
def test_the_first_that_is_given_is_how_it_is_reached(file: Path, tmp_path: Path) -> None:
    """By value or by file; what is no URL of PostgreSQL is refused at the start."""
    wrong = tmp_path / "wrong"
    wrong.write_text("mysql://nobody")
    settings = Settings(database_url_file=file)

    reached = database_url(settings, "background_database_url", "database_url")

    assert OLD in reached.get()
    with pytest.raises(ValueError, match="begins with postgresql://"):
        database_url(Settings(database_url_file=wrong), "database_url")
    with pytest.raises(ValueError, match="THING_DATABASE_URL or THING_DATABASE_URL_FILE"):
        Settings()
