"""The client of a process, once Temporal is reachable.

Connections follow the SDK's own environment names (`temporalio.envconfig`), plus a client
certificate and key in base64, `TEMPORAL_CLIENT_CERT` and `TEMPORAL_CLIENT_KEY`, and a file with
the API key, `TEMPORAL_API_KEY_FILE`.
"""

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from google.protobuf.duration_pb2 import Duration
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
)
from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.plugin import SimplePlugin
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from servicekit.backoff import Backoff
from servicekit.credentials.secrets import Secret
from servicekit.errors import ServiceError, Unavailable
from servicekit.settings.refusals import require_none
from servicekit.settings.temporal_settings import API_KEY_FILE, decoded, temporal_refusals
from servicekit.telemetry import logs
from servicekit.temporal.sdk_metrics import SdkMetrics

_CALL = timedelta(seconds=10)
DEFAULT_ADDRESS = "localhost:7233"
_CALLED = re.compile(r"(?P<service>[^/\s]+)/(?P<version>[^+\s]+)(?:\+(?P<revision>\S+))? \S+")

log = logs.get_logger(__name__)


class TemporalUnavailable(Unavailable):
    """Temporal cannot be reached for the moment."""

    reason = "TEMPORAL_UNAVAILABLE"


@dataclass(frozen=True)
class WorkerBuild:
    """A service, its version, and the commit that it was built of, if that was said.

    Its workers are called by it at Temporal, `outreach-worker/0.1.0+4f2a91c 17@host`: whoever looks
    at pollers, or at who did a task of a history, reads it there.
    """

    service: str
    version: str
    revision: str = ""

    @property
    def identity(self) -> str:
        """What a worker of it is called, in this process."""
        built = f"+{self.revision}" if self.revision else ""
        return f"{self.service}/{self.version}{built} {os.getpid()}@{socket.gethostname()}"

    @classmethod
    def of(cls, identity: str) -> "WorkerBuild | None":
        """What a worker is by what it is called; None where it is called otherwise."""
        found = _CALLED.fullmatch(identity)
        return cls(found["service"], found["version"], found["revision"] or "") if found else None


def unavailable(error: BaseException) -> ServiceError | None:
    """The error of our tree that a client's error stands for, if it is one of being away."""
    if isinstance(error, RPCError) and error.status in _AWAY:
        return TemporalUnavailable(metadata={"dependency": "temporal"})
    return None


_AWAY = {
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.CANCELLED,
}


def connect_config(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The arguments of `Client.connect` that the environment asks for.

    Raises `SettingsRefused` when a certificate comes without its key, a key without its
    certificate, or either is not base64, and when an API key comes twice or its file is empty.
    """
    require_none(temporal_refusals(environ))
    config: dict[str, Any] = dict(
        ClientConfig.load_client_connect_config(override_env_vars=dict(environ))
    )
    config.setdefault("target_host", DEFAULT_ADDRESS)
    if path := environ.get(API_KEY_FILE):
        config["api_key"] = Secret.in_file(Path(path)).get()
    certificate, key = map(
        decoded, (environ.get("TEMPORAL_CLIENT_CERT", ""), environ.get("TEMPORAL_CLIENT_KEY", ""))
    )
    if certificate:
        given = config.get("tls")
        tls = given if isinstance(given, TLSConfig) else TLSConfig()
        config["tls"] = TLSConfig(
            server_root_ca_cert=tls.server_root_ca_cert,
            domain=tls.domain,
            client_cert=certificate,
            client_private_key=key,
        )
    return config


async def connect(
    plugin: SimplePlugin,
    *,
    environ: Mapping[str, str] = os.environ,
    sdk_metrics: SdkMetrics | None = None,
    identity: str | None = None,
) -> Client:
    """A client, once Temporal is reachable; it waits for that for ever."""
    config = connect_config(environ)
    backoff = Backoff()
    while True:
        try:
            return await Client.connect(
                **config,
                plugins=[plugin],
                runtime=sdk_metrics.runtime if sdk_metrics else None,
                identity=identity,
            )
        except RuntimeError as error:
            # The SDK has no narrower type for a connection it could not make.
            log.warning("temporal_unreachable", address=config["target_host"], error=str(error))
            await backoff.wait()


async def look(environ: Mapping[str, str] = os.environ) -> str:
    """Whether Temporal is reached, and has the namespace; raises what its client does."""
    client = await Client.connect(**connect_config(environ))
    request = DescribeNamespaceRequest(namespace=client.namespace)
    await client.workflow_service.describe_namespace(request, timeout=timedelta(seconds=5))
    return f"namespace {client.namespace} at {client.service_client.config.target_host}"


async def make_namespace(client: Client, *, kept: timedelta) -> None:
    """Make the client's namespace, which keeps ended workflows so long; leave one that is there.

    Returns once the server knows it. Raises `RPCError` where that is not ours to do.
    """
    retention, backoff = Duration(), Backoff()
    retention.FromTimedelta(kept)
    made = RegisterNamespaceRequest(
        namespace=client.namespace, workflow_execution_retention_period=retention
    )
    while not await _is_known(client):
        try:
            await client.workflow_service.register_namespace(made, timeout=_CALL)
            log.info("temporal_namespace_made", namespace=client.namespace)
        except RPCError as error:
            # Whoever made it, it is not known everywhere at once.
            if error.status is not RPCStatusCode.ALREADY_EXISTS:
                raise
        await backoff.wait()


async def _is_known(client: Client) -> bool:
    """Whether the namespace is there, to what answers for namespaces and to what works in them."""
    asked = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        await client.workflow_service.describe_namespace(asked, timeout=_CALL)
        await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace), timeout=_CALL
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


def place_of(client: Client) -> tuple[str, str]:
    """Where a client's workflows are: the address that it calls, and the namespace."""
    return client.service_client.config.target_host, client.namespace


async def check(client: Client) -> None:
    """Ask the server for an answer; for readiness."""
    await client.service_client.check_health(timeout=timedelta(seconds=2))
