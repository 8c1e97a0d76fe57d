"""`python -m SERVICE.migrate` as a Job runs it: given how the owner connects, and no more."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from typing import Any

import pytest

SCHEMAS = {
    "campaign_api": {"campaign", "identity", "automation"},
    "outreach_worker": {"campaign", "automation"},
    "linkedin_gateway": {"gateway"},
    "webhook_dispatcher": {"webhook"},
}


def migrate(service: str, environ: dict[str, str]) -> tuple[int, list[dict[str, Any]]]:
    ended = subprocess.run(
        [sys.executable, "-m", f"{service}.migrate"],
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()]


@pytest.mark.lasts(seconds=5)
@pytest.mark.parametrize("service", SCHEMAS)
def test_the_owners_url_is_enough(
    service: str, new_database: Callable[..., str], temporal_server: Any
) -> None:
    """Outside of the sandbox, with neither keys nor certificates nor anything of the provider's.

    Every migration refused to begin, exit 78, for want of what only serving needs: no Job could
    succeed but in the sandbox.
    """
    prefix, url = service.upper(), new_database()
    environ = {f"{prefix}_MIGRATION_DATABASE_URL": url}
    if service == "campaign_api":
        environ[f"{prefix}_IDENTITY_MIGRATION_DATABASE_URL"] = url
    if service == "outreach_worker":
        environ |= temporal_server.environ | {f"{prefix}_TLS_BY_MESH": "loopback"}

    code, lines = migrate(service, environ)

    assert code == 0
    migrated = {line["schema"] for line in lines if line["event"] == "schema_migrated"}
    assert migrated == SCHEMAS[service]


@pytest.mark.lasts(seconds=10)
def test_the_rows_do_not_cross_the_network_as_text() -> None:
    """What migrations do use is held to the same as ever."""
    url = "postgresql://webhook@database.example.com/outreach"

    code, lines = migrate("webhook_dispatcher", {"WEBHOOK_DISPATCHER_MIGRATION_DATABASE_URL": url})

    assert code == 78
    assert [line["setting"] for line in lines] == ["WEBHOOK_DISPATCHER_MIGRATION_DATABASE_URL"]


@pytest.mark.lasts(seconds=5)
def test_temporals_namespace_is_made_where_that_is_asked_for(
    new_database: Callable[..., str], temporal_server: Any
) -> None:
    """And once: a second run leaves it as it is. Nobody made it but in the sandbox.

    Without being asked a namespace that is not there is an error: its name may be misspelt.
    """
    environ = temporal_server.environ | {
        "OUTREACH_WORKER_MIGRATION_DATABASE_URL": new_database(),
        "OUTREACH_WORKER_TLS_BY_MESH": "loopback",
        "TEMPORAL_NAMESPACE": f"made-{uuid.uuid4().hex[:8]}",
    }
    asked = environ | {"OUTREACH_WORKER_TEMPORAL_NAMESPACE_KEPT": "30d"}

    runs = [migrate("outreach_worker", each) for each in (environ, asked, asked)]

    assert [code == 0 for code, _ in runs] == [False, True, True], runs[1]
    made = [[line["event"] for line in lines].count("temporal_namespace_made") for _, lines in runs]
    assert made == [0, 1, 0]
