"""servicekit.settings.reading: everything that is wrong is told at once, and by its name."""

import json
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import Field, SecretStr
from servicekit.settings import ServerSettings, SettingsRefused, read, read_to_migrate

SAFE = {
    "THING_DATABASE_URL": "postgresql://me@db/things",
    "THING_TOKEN": "0123456789abcdef",
    "VENDOR_ADDRESS": "vendor.example",
    "THING_TLS_BY_MESH": "loopback",
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

    @property
    def longest_call(self) -> timedelta:
        return timedelta(seconds=30)


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
        "THING_SEALING_KEYS",
        "THING_SEALING_HASH_KEY",
        "THING_DATABASE_URL",
        "TEMPORAL_TLS",
        "THING_SHUTDOWN_GRACE",
    }
    assert told["THING_AUTH_SERVICE_KEYS"][0] == "is required: callers would be let in unknown"


@pytest.mark.parametrize("said", ["true", "Yes", "1", "on"])
def test_a_mesh_has_a_name(refused: Asked, said: str) -> None:
    """That something encrypts is easily said; by whom, only by who has one."""
    told = refused(THING_TLS_BY_MESH=said)

    assert set(told) == {"THING_TLS_BY_MESH"}
    assert "must name the mesh" in told["THING_TLS_BY_MESH"][0]


@pytest.mark.parametrize(("grace", "starts"), [("29s", False), ("30s", True)])
def test_no_call_is_cut_off_by_a_drain(refused: Asked, grace: str, *, starts: bool) -> None:
    """A grace that is shorter than the longest call is refused at the start, with that call.

    The manifests alone were held to that; whoever runs a service by other means was not told.
    """
    told = refused(SANDBOX_CLOCK="", THING_SHUTDOWN_GRACE=grace)

    assert ("THING_SHUTDOWN_GRACE" not in told) is starts
    if not starts:
        assert "(30 s)" in told["THING_SHUTDOWN_GRACE"][0]
    assert "THING_SHUTDOWN_GRACE" not in refused(THING_SHUTDOWN_GRACE=grace)


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


def test_what_ends_a_secrets_file_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret made of a file has its newline, in the environment too; a value has it not.

    A token of a path did, and was told to the provider as part of a URL.
    """
    for name, value in (SAFE | {"THING_TOKEN": f"{SAFE['THING_TOKEN']}\n"}).items():
        monkeypatch.setenv(name, value)

    settings, _ = read(Settings, SAFE)

    assert settings.token.get_secret_value() == SAFE["THING_TOKEN"]


def refused_to_migrate(monkeypatch: pytest.MonkeyPatch, **environ: str) -> list[str]:
    """The settings for which a migration does not begin, outside of the sandbox."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    try:
        read_to_migrate(Settings, environ)
    except SettingsRefused as error:
        return [each.setting for each in error.refusals]
    return []


VERIFIED = "postgresql://me@db/things?sslmode=verify-full"


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"THING_MIGRATION_DATABASE_URL": VERIFIED}, []),
        ({"THING_DATABASE_URL": VERIFIED}, []),
        ({}, ["THING_DATABASE_URL"]),
        # One that is wrong is not passed over for another role's.
        (
            {"THING_MIGRATION_DATABASE_URL": "mysql://me@db/x", "THING_DATABASE_URL": VERIFIED},
            ["THING_MIGRATION_DATABASE_URL"],
        ),
        (
            {"THING_MIGRATION_DATABASE_URL_FILE": "/nowhere", "THING_DATABASE_URL": VERIFIED},
            ["THING_MIGRATION_DATABASE_URL_FILE"],
        ),
        ({"THING_MIGRATION_DATABASE_URL": "postgresql://db/x"}, ["THING_MIGRATION_DATABASE_URL"]),
        # The service's own is not used, so it is not judged.
        (
            {
                "THING_MIGRATION_DATABASE_URL": VERIFIED,
                "THING_DATABASE_URL": "postgresql://db/x",
                "TEMPORAL_API_KEY_FILE": "/nowhere",
            },
            [],
        ),
        (
            {"THING_MIGRATION_DATABASE_URL": VERIFIED, "SANDBOX_CLOCK": "noon"},
            ["SANDBOX_CLOCK"],
        ),
        ({"THING_MIGRATION_DATABASE_URL": VERIFIED, "THING_LOG_LEVEL": "ALL"}, ["THING_LOG_LEVEL"]),
    ],
)
def test_a_migration_refuses_what_it_uses(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], named: list[str]
) -> None:
    """And nothing else: it serves nobody, so keys, certificates and vendors are not asked for."""
    assert refused_to_migrate(monkeypatch, **environ) == named
