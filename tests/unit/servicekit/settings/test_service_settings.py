"""servicekit.settings."""

from datetime import timedelta

import pytest
from pydantic import Field, SecretStr, ValidationError
from servicekit.settings import DatabaseUrl, ServiceSettings, environment


class Settings(ServiceSettings, env_prefix="THING_"):
    database_url: DatabaseUrl
    """Where the things are."""
    api_key: SecretStr = Field(default=SecretStr(""), validation_alias="VENDOR_API_KEY")
    """What the vendor
    knows us by."""
    timeout: timedelta = timedelta(seconds=1.5)
    """One whole request."""


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING_DATABASE_URL", "postgresql://me:hunter2@/db?host=/run/pg")


def read() -> Settings:
    return Settings()  # type: ignore[call-arg]  # the environment gives the rest


def test_names_have_the_services_prefix_or_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields are read as PREFIX_NAME, those with an alias under exactly that name."""
    monkeypatch.setenv("THING_HTTP_PORT", "1234")
    monkeypatch.setenv("VENDOR_API_KEY", "k")
    monkeypatch.setenv("THING_UNHEARD_OF", "x")

    settings = read()

    assert settings.http_port == 1234
    assert settings.api_key.get_secret_value() == "k"


def test_settings_do_not_change() -> None:
    """They are read once."""
    with pytest.raises(ValidationError):
        read().http_port = 1


def test_secrets_never_print(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither settings nor the error about wrong ones show a password."""
    assert "hunter2" not in repr(read())

    monkeypatch.setenv("THING_DATABASE_URL", "mysql://me:hunter2@db/x")
    with pytest.raises(ValidationError, match="postgresql://") as refused:
        read()
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("250ms", timedelta(milliseconds=250)),
        ("5m", timedelta(minutes=5)),
        ("1.5h", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("PT30S", timedelta(seconds=30)),
        ("45", timedelta(seconds=45)),
    ],
)
def test_durations_are_read_with_their_unit(
    monkeypatch: pytest.MonkeyPatch, text: str, expected: timedelta
) -> None:
    """A unit, ISO-8601, or seconds."""
    monkeypatch.setenv("THING_TIMEOUT", text)

    assert read().timeout == expected


def test_the_environment_lists_every_name() -> None:
    """Each field is listed with its name, its default as one would write it, and what it is."""
    listed = {variable.name: variable for variable in environment(Settings)}

    assert listed["THING_SHUTDOWN_GRACE"].default == "25s"
    assert listed["THING_MIGRATE_ON_START"].default == "true"
    assert listed["THING_TIMEOUT"].description == "One whole request."
    assert listed["THING_DATABASE_URL"].required
    assert listed["VENDOR_API_KEY"].secret
    assert listed["VENDOR_API_KEY"].description == "What the vendor knows us by."
    assert all(variable.description for variable in listed.values())
