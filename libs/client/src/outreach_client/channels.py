"""The ways to the services: TLS, keepalive, sizes, deadlines, and what is called again."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import grpc
import outreach
from outreach.common.v1 import deadline_pb2
from servicekit.credentials.tls import Tls
from servicekit.grpc import client as grpc_client
from servicekit.grpc.deadlines import promised_in

from outreach_client.services.members import Server
from outreach_client.settings import Settings

SERVICE_CONFIG = Path(outreach.__file__).parent / "service_config.json"
"""How calls are made, for every gRPC library; `make client` writes it from the contract."""

_LEAST_TIMEOUT = timedelta(seconds=10)
_PROMISE_OF = promised_in(
    method=deadline_pb2.answers_within, service=deadline_pb2.methods_answer_within
)


def channel(
    settings: Settings,
    server: Server,
    *,
    token: Callable[[], str] | None,
    tls: Tls | None,
    wait_for_ready: bool,
) -> grpc.aio.Channel:
    """A channel to a server; an async context manager."""
    return grpc_client.channel(
        address_of(settings, server),
        timeout=settings.timeout or _LEAST_TIMEOUT,
        promise_of=_PROMISE_OF,
        token=token,
        wait_for_ready=wait_for_ready,
        credentials=_credentials(settings),
        tls=tls,
        service_config=repeats(),
    )


def address_of(settings: Settings, server: Server) -> str:
    """host:port."""
    match server:
        case Server.CAMPAIGN_API:
            return settings.campaign_api_address
        case Server.LINKEDIN_GATEWAY:
            return settings.gateway_address
        case Server.WEBHOOK_DISPATCHER:
            return settings.dispatcher_address


@cache
def repeats() -> Mapping[str, Any]:
    """The service config, but for its deadlines.

    Those a channel sets by itself, of the same promises: whoever waits for a server that is not
    there yet says how long, and gRPC's core would be seconds early.
    """
    config: dict[str, Any] = json.loads(SERVICE_CONFIG.read_text())
    for method in config["methodConfig"]:
        method.pop("timeout", None)
    return config


def tls_of(settings: Settings) -> Tls | None:
    """What is shown to the services and believed of them, where one shows a certificate.

    Raises `ValueError` where a file that goes with it is missing, or is not what it should be.
    """
    certificate, key = settings.tls_certificate_file, settings.tls_key_file
    if certificate is None and key is None:
        return None
    if certificate is None or key is None or settings.tls_authorities_file is None:
        raise ValueError(
            "OUTREACH_TLS_CERTIFICATE_FILE, OUTREACH_TLS_KEY_FILE and OUTREACH_TLS_AUTHORITIES_FILE"
            " go together"
        )
    return Tls(certificate, key, settings.tls_authorities_file)


def _credentials(settings: Settings) -> grpc.ChannelCredentials | None:
    if not settings.secure:
        return None
    believed = settings.tls_authorities_file
    return grpc.ssl_channel_credentials(believed.read_bytes() if believed is not None else None)
