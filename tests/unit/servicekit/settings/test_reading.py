"""servicekit.settings.reading: everything that is wrong is told at once, and by its name."""

import json
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import Field, SecretStr
from servicekit.settings import ServerSettings, SettingsRefused, read

SAFE = {
    "THING_DATABASE_URL": "postgresql://me@db/things",
    "THING_TOKEN": "0123456789abcdef",
    "VENDOR_ADDRESS": "vendor.example",
    "THING_TLS_BY_MESH": "true",
    "SANDBOX_CLOCK": "0,2",
}


class Settings(ServerSettings, env_prefix="THING_"):
    uses_temporal: ClassVar[bool] = True

    token: SecretStr = Field(min_length=16)
    """What others show us, at least 16 characters."""
    vendor_address: str = Field(validation_alias="VENDOR_ADDRESS")
    """Where the vendor is."""
    timeout: timedelta = timedelta(seconds=1)
    """One whole request."""
    connections: int = Field(4, ge=1)
    """The most at once."""


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> "Asked":
    return Asked(monkeypatch)


class Asked:
    """Reads settings that are safe in the sandbox, but for what is changed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, **changed: str) -> dict[str, tuple[str, str]]:
        """Problem and expectation by the setting's name; empty where nothing is refused."""
        environ = SAFE | changed
        for name, value in environ.items():
            self._monkeypatch.setenv(name, value)
        try:
            read(Settings, environ)
        except SettingsRefused as error:
            lines = [json.loads(line) for line in error.lines("thing")]
            assert {line["service"] for line in lines} == {"thing"}
            return {line["setting"]: (line["problem"], line["expected"]) for line in lines}
        return {}


def test_what_is_right_is_read(refused: Asked) -> None:
    """Settings and the clock; nothing is refused."""
    assert refused() == {}
    settings, clock = read(Settings, SAFE)

    assert settings.vendor_address == "vendor.example"
    assert clock.sandbox


def test_all_that_is_wrong_is_told_at_once(refused: Asked) -> None:
    """Missing, mistyped and unsafe settings: whoever mends them needs one look.

    Pydantic told of those of one kind alone, by the names of its fields, with a traceback.
    """
    told = refused(
        THING_DATABASE_URL="",
        THING_TOKEN="",
        VENDOR_ADDRESS="",
        THING_TIMEOUT="soon",
        THING_CONNECTIONS="0",
        THING_TLS_CERTIFICATE_FILE="/nowhere/cert.pem",
        TEMPORAL_CLIENT_CERT="%%%",
        TEMPORAL_API_KEY_FILE="/nowhere/key",
    )

    assert set(told) == {
        "THING_DATABASE_URL",
        "THING_TOKEN",
        "VENDOR_ADDRESS",
        "THING_TIMEOUT",
        "THING_CONNECTIONS",
        "THING_TLS_CERTIFICATE_FILE",
        "THING_TLS_KEY_FILE",
        "THING_TLS_AUTHORITIES_FILE",
        "TEMPORAL_CLIENT_CERT",
        "TEMPORAL_CLIENT_KEY",
        "TEMPORAL_API_KEY_FILE",
        # Files of TLS are no keys; but `THING_AUTH_…` is only asked for outside of the sandbox.
    }
    assert told["THING_TOKEN"] == ("is not set", "What others show us, at least 16 characters.")
    assert told["THING_CONNECTIONS"][0].startswith("is wrong: Input should be greater")
    assert told["THING_TLS_CERTIFICATE_FILE"][0] == (
        "names what cannot be read: No such file or directory"
    )
    assert told["THING_DATABASE_URL"][1] == "set THING_DATABASE_URL or THING_DATABASE_URL_FILE"


def test_safety_is_required_outside_of_the_sandbox(refused: Asked) -> None:
    """Whom it believes, how it is known, and what encrypts: empty, they stop the start."""
    told = refused(SANDBOX_CLOCK="", THING_TLS_BY_MESH="false")

    assert set(told) == {
        "THING_TLS_CERTIFICATE_FILE",
        "THING_TLS_KEY_FILE",
        "THING_TLS_AUTHORITIES_FILE",
        "THING_AUTH_SIGNING_KEY_FILE",
        "THING_AUTH_SERVICE_KEYS",
        "THING_AUTH_ISSUER",
        "THING_AUTH_AUDIENCE",
        "THING_AUTH_JWKS_URL",
        "THING_DATABASE_URL",
        "TEMPORAL_TLS",
    }
    assert told["THING_AUTH_SERVICE_KEYS"][0] == "is required: callers would be let in unknown"


def test_no_line_tells_a_secret(refused: Asked) -> None:
    """The value of what is wrong is not told, whatever it is."""
    told = refused(THING_TOKEN="hunter2", THING_DATABASE_URL="mysql://me:hunter2@db/x")

    assert set(told) == {"THING_TOKEN", "THING_DATABASE_URL"}
    assert "hunter2" not in str(told)


def test_a_clock_that_is_none_is_refused(refused: Asked) -> None:
    """Nothing is said to be unsafe meanwhile: it is not known yet what for."""
    assert set(refused(SANDBOX_CLOCK="noon")) == {"SANDBOX_CLOCK"}


def test_a_credential_comes_once(refused: Asked, tmp_path: Path) -> None:
    """As a value or by a file."""
    file = tmp_path / "url"
    file.write_text("postgresql://me@db/things")

    told = refused(THING_DATABASE_URL_FILE=str(file))

    assert told["THING_DATABASE_URL"][0] == "is given twice"
