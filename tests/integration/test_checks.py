"""`--check` of each service: what it needs is reached once, or told as what is missing."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from devstack.stack.keys import Keys
from devstack.stack.loopback import free_ports
from identity.issuer.http_client import IssuerUnavailable
from identity.issuer.reach import issuers
from servicekit.settings import ServiceSettings, read
from servicekit.startup.checks import NotAsNeeded

from tests.fakes.openid_provider import OpenIdProvider
from tests.servers.postgres import as_role, by_roles

ISSUER = ("issuer's keys", "issuer's introspection")


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

    migrations = "postgres, migrations of webhook"
    assert (code, set(told)) == (0, {"postgres", "postgres, background", migrations, "temporal"})
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
        ("campaign_api", {"temporal", "linkedin-gateway", "webhook-dispatcher", "writer", *ISSUER}),
        (
            "outreach_worker",
            {"temporal", "campaign-api", "linkedin-gateway", "webhook-dispatcher", "writer"},
        ),
        ("linkedin_gateway", {"unipile", "campaign-api", *ISSUER}),
        ("webhook_dispatcher", {"temporal", *ISSUER}),
    ],
)
async def test_whatever_is_away_is_told(
    service: str,
    missing: set[str],
    keys: Keys,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With nobody at any address: 69, and each dependency by its name and its setting."""
    (nobody,) = free_ports(1)
    address, prefix = f"127.0.0.1:{nobody}", service.upper()
    environ = {
        "SANDBOX_CLOCK": "0,2",
        **keys.environment_in_stack(service.replace("_", "-")),
        "TEMPORAL_ADDRESS": address,
        "UNIPILE_DSN": f"http://{address}",
        "UNIPILE_ACCESS_TOKEN": "a-token-for-tests-only",
        f"{prefix}_WEBHOOK_TOKEN": "a-path-for-tests-only",
        f"{prefix}_WEBHOOK_SECRET": "a-secret-for-tests-only",
        f"{prefix}_DATABASE_URL": f"postgresql://me@{address}/nothing",
        f"{prefix}_GATEWAY_ADDRESS": address,
        f"{prefix}_DISPATCHER_ADDRESS": address,
        f"{prefix}_CAMPAIGN_API_ADDRESS": address,
        f"{prefix}_AUTH_JWKS_URL": f"http://{address}/keys",
        f"{prefix}_AUTH_INTROSPECTION_URL": f"http://{address}/introspect",
        f"{prefix}_WRITER_URL": f"http://{address}/v1",
        f"{prefix}_MIGRATION_DATABASE_URL": f"postgresql://owner@{address}/nothing",
    }

    code, told = (await check(service, environ, monkeypatch))(capsys)

    assert code == 69
    assert not any(line["ok"] for line in told.values())
    assert {name for name in told if "postgres" not in name} == missing
    assert told["postgres"]["setting"] == f"{prefix}_DATABASE_URL"
    owners = {line["setting"] for name, line in told.items() if "migrations" in name}
    assert f"{prefix}_MIGRATION_DATABASE_URL" in owners
    assert all(line["problem"] for line in told.values())


async def test_whoever_may_not_migrate_is_told(
    new_database: Callable[..., str],
    temporal_server: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A role that sees rows is given for the owner's: it would fail at the first roll."""
    url = new_database(("webhook", "webhook_dispatcher"))
    prefix = "WEBHOOK_DISPATCHER"
    environ = {
        **temporal_server.environ,
        **by_roles(prefix, "webhook", url),
        f"{prefix}_MIGRATION_DATABASE_URL": as_role(url, "webhook_service"),
        "SANDBOX_CLOCK": "0,2",
    }

    code, told = (await check("webhook_dispatcher", environ, monkeypatch))(capsys)

    owner = told["postgres, migrations of webhook"]
    assert code == 69
    assert [name for name, line in told.items() if not line["ok"]] == [owner["dependency"]]
    assert owner["setting"] == f"{prefix}_MIGRATION_DATABASE_URL"
    assert "webhook_service neither owns the schema webhook" in owner["problem"]


async def test_who_says_whom_to_believe_is_asked(tmp_path: Path) -> None:
    """Each issuer's keys and its judgement of tokens; one that tells no keys is told of."""
    provider = OpenIdProvider("RS256")
    async with provider.server:
        further = tmp_path / "issuers.json"
        listed = {"issuer": "https://login.example", "audience": "us", "roles": {"a": "admin"}}
        listed |= {"jwks_url": f"{provider.issuer}/keys", "organization_id": "org_1"}
        further.write_text(json.dumps([listed]))
        settings = ServiceSettings(
            auth_jwks_url=f"{provider.issuer}/keys",
            auth_introspection_url=f"{provider.issuer}/nothing",
            auth_issuers_file=further,
        )
        told = {each.name: each for each in issuers(settings, None)}

        assert await told["issuer's keys"].reach() == "1 keys"
        assert await told["keys of https://login.example"].reach() == "1 keys"
        with pytest.raises(IssuerUnavailable):
            await told["issuer's introspection"].reach()
        provider._told.clear()
        with pytest.raises(NotAsNeeded, match="no key"):
            await told["issuer's keys"].reach()
