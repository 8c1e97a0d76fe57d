"""servicekit.settings.encryption: outside of the sandbox nothing goes out as text by oversight."""

from pathlib import Path

import pytest
from servicekit.settings import ServerSettings
from servicekit.settings.encryption import is_database_verified, is_temporal_encrypted
from servicekit.settings.temporal_settings import temporal_tls_refusals
from servicekit.temporal.connection import connect_config

TEXT = "postgresql://me@db/things"


class Settings(ServerSettings, env_prefix="THING_"):
    """Of a service that is called."""


@pytest.mark.parametrize(
    ("url", "verified"),
    [
        (TEXT, False),
        (f"{TEXT}?sslmode=prefer", False),
        # Encrypted, for whoever answers.
        (f"{TEXT}?sslmode=require", False),
        (f"{TEXT}?sslmode=verify-ca", True),
        (f"{TEXT}?application_name=x&sslmode=verify-full&sslrootcert=/ca.crt", True),
        (f"{TEXT}?sslmode=verify-full&sslmode=disable", False),
        ("postgresql://me@/things?host=/run/postgresql", True),
        ("postgresql://me@%2Frun%2Fpostgresql/things", True),
        ("postgresql://me@/things?host=/run/postgresql,db", False),
        ("postgresql://me@db/things?host=/run/postgresql", False),
        ("postgresql:///things", False),
        ("postgresql://me@127.0.0.1/things", False),
    ],
)
def test_a_database_is_reached_by_tls_or_a_socket(url: str, verified: bool) -> None:  # noqa: FBT001
    """Only what checks who answers counts, and what leaves no machine."""
    assert is_database_verified(url) is verified


@pytest.mark.parametrize("field", ["database_url", "background_database_url"])
def test_each_url_is_looked_at(tmp_path: Path, field: str) -> None:
    """As a value, and in a file of several lines; refused by the name of what says it."""
    file = tmp_path / "url"
    file.write_text(f"{TEXT}?sslmode=verify-full\n{TEXT}\n")
    by_value = Settings.model_validate({"database_url": f"{TEXT}?sslmode=verify-full", field: TEXT})
    by_file = Settings.model_validate(
        {"background_database_url": f"{TEXT}?sslmode=verify-full", f"{field}_file": file}
        if field == "database_url"
        else {"database_url": f"{TEXT}?sslmode=verify-full", f"{field}_file": file}
    )

    (refused,) = by_value.database_refusals()
    (in_file,) = by_file.database_refusals()

    assert refused.setting == f"THING_{field.upper()}"
    assert in_file.setting == f"THING_{field.upper()}_FILE"
    assert "sslmode=verify-full" in refused.expected
    assert "THING_TLS_BY_MESH=MESH" in refused.expected


def test_a_mesh_is_said_and_the_sandbox_is_not_asked() -> None:
    """The one setting that a service's own certificate has."""
    text = Settings.model_validate({"database_url": TEXT})
    meshed = text.model_copy(update={"tls_by_mesh": "linkerd"})
    name = "THING_DATABASE_URL"

    assert name in {each.setting for each in text.refusals(sandbox=False)}
    assert name not in {each.setting for each in meshed.refusals(sandbox=False)}
    assert name not in {each.setting for each in text.refusals(sandbox=True)}


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"TEMPORAL_ADDRESS": "temporal:7233"},
        {"TEMPORAL_TLS": "true"},
        {"TEMPORAL_TLS": "false", "TEMPORAL_TLS_SERVER_NAME": "temporal"},
        {"TEMPORAL_TLS_SERVER_NAME": "temporal"},
        {"TEMPORAL_TLS_SERVER_CA_CERT_DATA": "a certificate"},
        {"TEMPORAL_API_KEY": "key"},
    ],
    ids=str,
)
def test_temporal_is_judged_as_the_sdk_does(environ: dict[str, str]) -> None:
    """What is said without the SDK is what it then does."""
    connects = bool(connect_config(environ).get("tls"))

    assert is_temporal_encrypted(environ) is connects
    refused = [*temporal_tls_refusals(environ, by_mesh="THING_TLS_BY_MESH")]
    assert [each.setting for each in refused] == ([] if connects else ["TEMPORAL_TLS"])
