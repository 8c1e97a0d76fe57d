"""servicekit.credentials.plain_text: what is not encrypted never looks as if it were."""

import io
import json
from typing import ClassVar

import pytest
from prometheus_client import CollectorRegistry
from servicekit.credentials.plain_text import tell_plain_text
from servicekit.health import Readiness
from servicekit.settings import ServerSettings
from servicekit.telemetry import logs

TEXT = "postgresql://me@db/things"
VERIFIED = f"{TEXT}?sslmode=verify-full"
ENCRYPTED = {"TEMPORAL_TLS": "true"}


class Settings(ServerSettings, env_prefix="THING_"):
    """Of a service that is called."""

    uses_temporal: ClassVar[bool] = True


@pytest.mark.parametrize(
    ("values", "environ", "told"),
    [
        ({"database_url": TEXT}, {}, {"services", "postgres", "temporal"}),
        ({"database_url": VERIFIED}, {}, {"services", "temporal"}),
        ({"database_url": TEXT, "tls_certificate_file": "a"}, ENCRYPTED, {"postgres"}),
        ({"database_url": VERIFIED, "tls_certificate_file": "a"}, ENCRYPTED, set()),
    ],
    ids=["all", "database-by-tls", "database-alone", "nothing"],
)
async def test_what_goes_out_as_text_is_told(
    values: dict[str, str], environ: dict[str, str], told: set[str]
) -> None:
    """In the log, a metric and a note of readiness, by whose declaration; it is ready."""
    stream, registry, readiness = io.StringIO(), CollectorRegistry(), Readiness()
    logs.configure("thing", stream=stream)
    settings = Settings.model_validate({"tls_by_mesh": "linkerd", **values})

    tell_plain_text(
        settings, sandbox=False, registry=registry, readiness=readiness, environ=environ
    )

    report = await readiness.report()
    said = {
        each
        for each in ("services", "postgres", "temporal")
        if registry.get_sample_value("connections_plain_text", {"dependency": each})
    }
    events = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    assert report.ready
    assert said == told
    assert ("plain_text" in events) is bool(told)
    if told:
        note = report.notes["encryption"]
        assert "plain text, by declaration (THING_TLS_BY_MESH=linkerd): " in note
        assert set(note.rpartition(": ")[2].split(", ")) == told
    else:
        assert "encryption" not in report.notes


async def test_the_sandbox_is_named() -> None:
    """There nobody declared anything; that it is one is why."""
    readiness = Readiness()

    tell_plain_text(
        Settings.model_validate({"database_url": TEXT}),
        sandbox=True,
        registry=CollectorRegistry(),
        readiness=readiness,
        environ={},
    )

    assert "in the sandbox" in (await readiness.report()).notes["encryption"]


class Alone(Settings, env_prefix="THING_"):
    """Of a service that neither calls our others nor is called."""

    @property
    def meets_services(self) -> bool:
        return False


async def test_who_meets_no_services_says_nothing_of_them() -> None:
    """A process without a certificate that shows none to anybody has nothing to declare."""
    registry, readiness = CollectorRegistry(), Readiness()
    settings = Alone.model_validate({"database_url": VERIFIED})

    tell_plain_text(
        settings, sandbox=False, registry=registry, readiness=readiness, environ=ENCRYPTED
    )

    assert "encryption" not in (await readiness.report()).notes
    assert not registry.get_sample_value("connections_plain_text", {"dependency": "services"})
