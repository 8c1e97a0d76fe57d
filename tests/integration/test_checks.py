"""`--check` of each service: what it needs is reached once, or told as what is missing."""

import importlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from devstack.stack.loopback import free_ports
from servicekit.settings import read


async def check(
    service: str, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[pytest.CaptureFixture[str]], tuple[int, dict[str, Any]]]:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    settings, clock = read(importlib.import_module(f"{service}.settings").Settings)
    code = await importlib.import_module(f"{service}.check_composition").check(settings, clock)

    def told(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
        lines = [
            json.loads(line) for line in capsys.readouterr().out.splitlines() if line[:1] == "{"
        ]
        checked = [line for line in lines if line.get("event") == "dependency_checked"]
        return code, {line["dependency"]: line for line in checked}

    return told


async def test_the_dispatcher_has_all_that_it_needs(
    new_database: Callable[..., str],
    temporal_server: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A database, though without a schema yet, and Temporal with its namespace: 0."""
    environ = {
        **temporal_server.environ,
        "WEBHOOK_DISPATCHER_DATABASE_URL": new_database(),
        "SANDBOX_CLOCK": "0,2",
    }

    code, told = (await check("webhook_dispatcher", environ, monkeypatch))(capsys)

    assert (code, set(told)) == (0, {"postgres", "postgres, background", "temporal"})
    assert told["postgres"]["setting"] == "WEBHOOK_DISPATCHER_DATABASE_URL"
    assert "finds schema webhook at nothing" in told["postgres"]["found"]


async def test_a_schema_that_nobody_migrates_is_missing(
    new_database: Callable[..., str],
    temporal_server: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where the service does not migrate itself, it says so before it serves; and no namespace."""
    environ = {
        **temporal_server.environ,
        "WEBHOOK_DISPATCHER_DATABASE_URL": new_database(),
        "SANDBOX_CLOCK": "0,2",
        "WEBHOOK_DISPATCHER_MIGRATE_ON_START": "false",
        "TEMPORAL_NAMESPACE": "nowhere",
    }

    code, told = (await check("webhook_dispatcher", environ, monkeypatch))(capsys)

    assert code == 69
    assert told["postgres"]["problem"] == "NotAsNeeded: the schema is not there: migrate it"
    assert "nowhere" in told["temporal"]["problem"]


@pytest.mark.parametrize(
    ("service", "missing"),
    [
        ("campaign_api", {"temporal", "linkedin-gateway", "webhook-dispatcher"}),
        ("outreach_worker", {"temporal", "linkedin-gateway", "webhook-dispatcher"}),
        ("linkedin_gateway", {"unipile", "campaign-api"}),
        ("webhook_dispatcher", {"temporal"}),
    ],
)
async def test_whatever_is_away_is_told(
    service: str,
    missing: set[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With nobody at any address: 69, and each dependency by its name and its setting."""
    (nobody,) = free_ports(1)
    address, prefix = f"127.0.0.1:{nobody}", service.upper()
    environ = {
        "SANDBOX_CLOCK": "0,2",
        "TEMPORAL_ADDRESS": address,
        "UNIPILE_DSN": f"http://{address}",
        "UNIPILE_ACCESS_TOKEN": "a-token-for-tests-only",
        f"{prefix}_WEBHOOK_TOKEN": "a-path-for-tests-only",
        f"{prefix}_WEBHOOK_SECRET": "a-secret-for-tests-only",
        f"{prefix}_DATABASE_URL": f"postgresql://me@{address}/nothing",
        f"{prefix}_GATEWAY_ADDRESS": address,
        f"{prefix}_DISPATCHER_ADDRESS": address,
        f"{prefix}_CAMPAIGN_API_ADDRESS": address,
    }

    code, told = (await check(service, environ, monkeypatch))(capsys)

    assert code == 69
    assert not any(line["ok"] for line in told.values())
    assert {name for name in told if "postgres" not in name} == missing
    assert told["postgres"]["setting"] == f"{prefix}_DATABASE_URL"
    assert all(line["problem"] for line in told.values())
