"""No service serves on a schema that its release does not know, whoever migrates it, and when."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from devstack.stack.loopback import free_ports, loopback_client
from servicekit.postgres.migrations import last_revision, migrate_now

from tests.servers.postgres import as_role, by_roles

pytestmark = pytest.mark.long

AUTOMATION = ("automation", "automation")
OWNERS = {
    "campaign_api": (("campaign", "campaigns"), ("identity", "identity"), AUTOMATION),
    "outreach_worker": (("campaign", "campaigns"), AUTOMATION),
    "linkedin_gateway": (("gateway", "linkedin_gateway"),),
    "webhook_dispatcher": (("webhook", "webhook_dispatcher"),),
}


class Started:
    """A service's process, what it logs, and what it says of itself."""

    def __init__(self, http: int, grpc: int) -> None:
        self.http, self.grpc = http, grpc
        self.lines: asyncio.Queue[bytes] = asyncio.Queue()

    async def hear(self, log: asyncio.StreamReader) -> None:
        """Read what it logs, to its end, which is an empty line."""
        async for line in log:
            await self.lines.put(line)
        await self.lines.put(b"")

    def forget(self) -> None:
        """Let what it has said so far not count."""
        self.lines = asyncio.Queue()

    async def waits(self, revision: str) -> None:
        """Return once it has said that it waits for the migrations after this one."""
        said: dict[str, Any] = {}
        async with asyncio.timeout(60):
            while line := await self.lines.get():
                said = json.loads(line)
                if said["event"] == "schema_waits_for_migration" and revision in said["why"]:
                    return
        raise AssertionError(f"ended, saying {said}")

    async def checks(self) -> tuple[bool, dict[str, str]]:
        async with loopback_client() as client:
            answer = await client.get(f"http://127.0.0.1:{self.http}/readyz")
        return answer.is_success, answer.json()["checks"]

    async def serves(self) -> bool:
        """Whether anybody listens where it is called."""
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.grpc)
        except OSError:
            return False
        writer.close()
        return True


@asynccontextmanager
async def started(service: str, environ: dict[str, str]) -> AsyncIterator[Started]:
    grpc, http, webhooks, public = free_ports(4)
    prefix, hosts = service.upper(), ("GRPC", "HTTP", "WEBHOOK", "PUBLIC")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        service,
        env={
            "PATH": os.environ["PATH"],
            "SANDBOX_CLOCK": "0,2",
            **{f"{prefix}_{each}_HOST": "127.0.0.1" for each in hosts},
            **{
                f"{prefix}_{each}_PORT": str(port)
                for each, port in zip(hosts, (grpc, http, webhooks, public), strict=True)
            },
            f"{prefix}_MIGRATE_ON_START": "false",
            **environ,
        },
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    assert process.stdout is not None
    heard = Started(http, grpc)
    hearing = asyncio.create_task(heard.hear(process.stdout))
    try:
        yield heard
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await hearing


@pytest.fixture
def environ(service: str, new_database: Callable[..., str], temporal_server: Any) -> dict[str, str]:
    """A database without any schema, by the roles that a cluster gives to the service."""
    new_database(*OWNERS[service])
    prefix, url, (nobody,) = service.upper(), new_database(), free_ports(1)
    told = by_roles(prefix, OWNERS[service][0][0], url)
    if service == "outreach_worker":
        told[f"{prefix}_DATABASE_URL"] = told[f"{prefix}_BACKGROUND_DATABASE_URL"]
        told[f"{prefix}_AUTOMATION_DATABASE_URL"] = as_role(url, "automation_background")
    if service == "campaign_api":
        told[f"{prefix}_IDENTITY_DATABASE_URL"] = as_role(url, "identity_background")
        told[f"{prefix}_AUTOMATION_DATABASE_URL"] = as_role(url, "automation_service")
    if service == "linkedin_gateway":
        told |= {
            f"{prefix}_DECISION_DATABASE_URL": as_role(url, "gateway_decisions"),
            f"{prefix}_WEBHOOK_TOKEN": "a-path-for-tests-only",
            f"{prefix}_WEBHOOK_SECRET": "a-secret-for-tests-only",
            "UNIPILE_DSN": f"http://127.0.0.1:{nobody}",
            "UNIPILE_ACCESS_TOKEN": "a-token-for-tests-only",
        }
    return {**temporal_server.environ, **told, "url": url}


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize("service", OWNERS)
async def test_nothing_is_served_half_migrated(service: str, environ: dict[str, str]) -> None:
    """It waits for each of its schemas, listens to nobody meanwhile, and goes on by itself.

    A pod that began before the Job had ended was ready, and served on the schema of before.
    """
    url, owners = environ.pop("url"), OWNERS[service]
    async with started(service, environ) as process:
        for number, (schema, package) in enumerate(owners):
            check = "schema" if number == 0 else f"schema {schema}"
            await process.waits(f"schema {schema} is at nothing")
            if (last := int(last_revision(package))) > 1:
                await asyncio.to_thread(
                    migrate_now, url, schema, package, revision=f"{last - 1:04}"
                )
                process.forget()
                await process.waits(f"needs {last:04}")
            ready, checks = await process.checks()

            assert (ready, await process.serves()) == (False, False)
            assert "migrate it" in checks[check]
            if (service, schema) == ("outreach_worker", "automation"):
                # Leads go on without programs: it works, though it is not ready.
                await _works(process)

            await asyncio.to_thread(migrate_now, url, schema, package)

        async with asyncio.timeout(60):
            while await check_of(process, "schema") != "ok":  # noqa: ASYNC110 - another process's
                await asyncio.sleep(0.05)
            while service != "outreach_worker" and not await process.serves():  # noqa: ASYNC110 - see above
                await asyncio.sleep(0.05)


async def _works(process: Started) -> None:
    """Once it has reached Temporal, which comes after whatever it waits for."""
    async with asyncio.timeout(60):
        while await check_of(process, "temporal") != "ok":  # noqa: ASYNC110 - another process's
            await asyncio.sleep(0.05)


async def check_of(process: Started, name: str) -> str:
    """What it says of itself, nothing while it does not answer."""
    try:
        return (await process.checks())[1].get(name, "")
    except httpx.TransportError:
        return ""
