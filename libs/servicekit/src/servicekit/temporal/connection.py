"""The client of a process, once Temporal is reachable.

Connections follow the SDK's own environment names (`temporalio.envconfig`), plus a client
certificate and key in base64, `TEMPORAL_CLIENT_CERT` and `TEMPORAL_CLIENT_KEY`, and a file with
the API key, `TEMPORAL_API_KEY_FILE`.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.plugin import SimplePlugin
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from servicekit.backoff import Backoff
from servicekit.credentials.secrets import Secret
from servicekit.errors import ServiceError, Unavailable
from servicekit.telemetry import logs
from servicekit.temporal.sdk_metrics import SdkMetrics

API_KEY_FILE = "TEMPORAL_API_KEY_FILE"
DEFAULT_ADDRESS = "localhost:7233"

log = logs.get_logger(__name__)


class TemporalUnavailable(Unavailable):
    """Temporal cannot be reached for the moment."""

    reason = "TEMPORAL_UNAVAILABLE"


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

    Raises `ValueError` when a certificate comes without its key, a key without its
    certificate, or either is not base64, and when an API key comes twice or its file is empty.
    """
    config: dict[str, Any] = dict(
        ClientConfig.load_client_connect_config(override_env_vars=dict(environ))
    )
    config.setdefault("target_host", DEFAULT_ADDRESS)
    if path := environ.get(API_KEY_FILE):
        if config.get("api_key"):
            raise ValueError(f"set only one of TEMPORAL_API_KEY, {API_KEY_FILE}")
        config["api_key"] = Secret.in_file(Path(path)).get()
    certificate = _decoded(environ, "TEMPORAL_CLIENT_CERT")
    key = _decoded(environ, "TEMPORAL_CLIENT_KEY")
    if (certificate is None) != (key is None):
        raise ValueError("TEMPORAL_CLIENT_CERT and TEMPORAL_CLIENT_KEY go together")
    if certificate is not None:
        given = config.get("tls")
        tls = given if isinstance(given, TLSConfig) else TLSConfig()
        config["tls"] = TLSConfig(
            server_root_ca_cert=tls.server_root_ca_cert,
            domain=tls.domain,
            client_cert=certificate,
            client_private_key=key,
        )
    return config


def _decoded(environ: Mapping[str, str], name: str) -> bytes | None:
    text = environ.get(name, "").strip()
    if not text:
        return None
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ValueError(f"{name} must be base64") from error


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


async def check(client: Client) -> None:
    """Ask the server for an answer; for readiness."""
    await client.service_client.check_health(timeout=timedelta(seconds=2))
