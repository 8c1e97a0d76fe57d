"""The four services as parts of the stack, and what each reads from its environment."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
from cryptography.fernet import Fernet
from identity.issuer.http import INTROSPECTION_PATH, JWKS_PATH

from devstack.stack.loopback import loopback_client
from devstack.stack.processes import Command, Process, Reaper
from devstack.stack.simulator import ACCESS_TOKEN
from devstack.stack.writer_simulator import MODEL

SERVICES = ("linkedin-gateway", "webhook-dispatcher", "campaign-api", "outreach-worker")

_SCHEMA_OF = {
    "campaign-api": "campaign",
    "outreach-worker": "campaign",
    "linkedin-gateway": "gateway",
    "webhook-dispatcher": "webhook",
}
_DRAWN_KEYS = (
    "issuer_encryption_key",
    *(f"{schema}_{of}_key" for schema in set(_SCHEMA_OF.values()) for of in ("sealing", "hash")),
)
_READY_WITHIN = timedelta(seconds=60)
_PASSED_ON = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "SSL_CERT_FILE")


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the parts of one stack find each other."""

    database_urls: Mapping[str, Mapping[str, str]]
    """By service, and by the setting that has it."""
    temporal: str
    unipile: str
    writer: str
    grpc_ports: Mapping[str, int]
    http_ports: Mapping[str, int]
    webhook_port: int
    identity_url: str
    """How the role that sees all of the schema `identity` connects."""
    identity_owner_url: str
    """How its owner does."""
    issuer_port: int
    secrets: Mapping[str, str] = field(
        default_factory=lambda: (
            {name: secrets.token_urlsafe(32) for name in ("webhook_token", "webhook_secret")}
            | {name: Fernet.generate_key().decode() for name in _DRAWN_KEYS}
        )
    )

    def grpc(self, service: str) -> str:
        """Where a service is called."""
        return f"127.0.0.1:{self.grpc_ports[service]}"


class Service:
    """One service, started as in production."""

    def __init__(
        self,
        name: str,
        environment: Mapping[str, str],
        *,
        http_port: int,
        log: Path,
        reaper: Reaper,
    ) -> None:
        self.url = f"http://127.0.0.1:{http_port}"
        self.process = Process(
            Command(
                name=name,
                arguments=(sys.executable, "-m", name.replace("-", "_")),
                environment=environment,
                log=log,
            ),
            reaper,
        )

    async def start(self) -> None:
        """Start it, also after it was killed; returns once it is ready."""
        await self.process.start()
        async with loopback_client(self.url) as http:

            async def ready() -> bool:
                try:
                    return (await http.get("/readyz")).is_success
                except httpx.HTTPError:
                    return False

            await self.process.until_ready(ready, within=_READY_WITHIN)


def common_environment(clock: str) -> dict[str, str]:
    """What every process is given; of the caller's own variables only what it needs to run."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    telemetry = {name: value for name, value in os.environ.items() if name.startswith("OTEL_")}
    return {**passed, **telemetry, "SANDBOX_CLOCK": clock, "PYTHONUNBUFFERED": "1"}


def prefix(name: str) -> str:
    """How the names of a service's variables begin."""
    return name.replace("-", "_").upper()


def service_environment(name: str, at: Addresses, *, open_caps: bool) -> dict[str, str]:
    """What one service reads, beside what all are given."""
    own = {
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": str(at.http_ports[name]),
        **at.database_urls[name],
        "SHUTDOWN_GRACE": "3s",
        "SEALING_KEYS": at.secrets[f"{_SCHEMA_OF[name]}_sealing_key"],
        "SEALING_HASH_KEY": at.secrets[f"{_SCHEMA_OF[name]}_hash_key"],
    }
    if name in at.grpc_ports:
        own |= {"GRPC_HOST": "127.0.0.1", "GRPC_PORT": str(at.grpc_ports[name])}
    if name in {"campaign-api", "outreach-worker"}:
        own |= {
            "GATEWAY_ADDRESS": at.grpc("linkedin-gateway"),
            "DISPATCHER_ADDRESS": at.grpc("webhook-dispatcher"),
        }
    if name == "outreach-worker":
        own["CAMPAIGN_API_ADDRESS"] = at.grpc("campaign-api")
    if name == "campaign-api":
        own |= {
            "IDENTITY_DATABASE_URL": at.identity_url,
            "IDENTITY_MIGRATION_DATABASE_URL": at.identity_owner_url,
            "ISSUER_ENCRYPTION_KEYS": at.secrets["issuer_encryption_key"],
            "PUBLIC_HOST": "127.0.0.1",
            "PUBLIC_PORT": str(at.issuer_port),
        }
    elif name in at.grpc_ports:
        issuer = f"https://127.0.0.1:{at.issuer_port}"
        own |= {
            "AUTH_JWKS_URL": f"{issuer}{JWKS_PATH}",
            "AUTH_INTROSPECTION_URL": f"{issuer}{INTROSPECTION_PATH}",
        }
    shared = {"TEMPORAL_ADDRESS": at.temporal, "TEMPORAL_NAMESPACE": "default"}
    if name in {"campaign-api", "outreach-worker"}:
        own |= {"WRITER_URL": at.writer, "WRITER_MODEL": MODEL}
    if name == "webhook-dispatcher":
        own |= {"ALLOW_LOOPBACK": "true", "DELIVERY_TIMEOUT": "2s"}
    if name == "linkedin-gateway":
        own |= _gateway(at)
        if open_caps:
            own["SANDBOX_OPEN_CAPS"] = "true"
        shared |= {"UNIPILE_DSN": at.unipile, "UNIPILE_ACCESS_TOKEN": ACCESS_TOKEN}
    return shared | {f"{prefix(name)}_{key}": value for key, value in own.items()}


def _gateway(at: Addresses) -> dict[str, str]:
    return {
        "WEBHOOK_HOST": "127.0.0.1",
        "WEBHOOK_PORT": str(at.webhook_port),
        "WEBHOOK_TOKEN": at.secrets["webhook_token"],
        "WEBHOOK_SECRET": at.secrets["webhook_secret"],
        "WEBHOOK_TLS": "true",
        "WEBHOOK_PUBLIC_URL": f"https://127.0.0.1:{at.webhook_port}",
        "CAMPAIGN_API_ADDRESS": at.grpc("campaign-api"),
        # A simulator on loopback answers at once, or is gone.
        "UNIPILE_LATENCY": "20ms",
        "UNIPILE_TIMEOUT": "5s",
        "UNIPILE_STORE_LAG": "1s",
        "VERIFY_PAUSE": "500ms",
        "WEBHOOK_CHECK_INTERVAL": "5s",
        "MESSAGE_POLL_INTERVAL": "5s",
        "MESSAGE_POLL_OVERLAP": "5s",
    }
