"""What Temporal is shown, in files that change: the SDK takes it once, when it connects.

The files are those of the SDK's own names, `TEMPORAL_TLS_SERVER_CA_CERT_PATH`,
`TEMPORAL_TLS_CLIENT_CERT_PATH` and `TEMPORAL_TLS_CLIENT_KEY_PATH`, and `TEMPORAL_API_KEY_FILE`.
"""

import asyncio
import dataclasses
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.service import ServiceClient
from temporalio.worker import Worker

from servicekit.credentials.watched_files import LOOKED_AT_EVERY, WatchedFiles
from servicekit.settings.temporal_settings import API_KEY_FILE
from servicekit.telemetry import logs
from servicekit.temporal.connection import connect_config

_FILES = (
    "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
    "TEMPORAL_TLS_CLIENT_CERT_PATH",
    "TEMPORAL_TLS_CLIENT_KEY_PATH",
    API_KEY_FILE,
)

log = logs.get_logger(__name__)


async def keep_credentials(
    client: Client,
    *,
    environ: Mapping[str, str] = os.environ,
    every: float = LOOKED_AT_EVERY,
) -> None:
    """Connect a client anew whenever its files have changed, for ever.

    Returns at once if the environment names none. With files by which it cannot connect the client
    stays as it is connected, and it is tried again.
    """
    paths = [Path(environ[name]) for name in _FILES if environ.get(name)]
    if not paths:
        return
    files = WatchedFiles(
        paths, lambda: tuple(path.read_bytes() for path in paths), now=_always(every)
    )
    used: object = None
    while True:
        found = files.get()
        if found != used:
            try:
                if await _connect_anew(client, environ):
                    log.info("temporal_connected_anew", files=[str(path) for path in paths])
                used = found
            except (RuntimeError, ValueError) as error:
                # The SDK has no narrower type for a connection it could not make.
                log.warning("temporal_not_reached_with_new_credentials", error=str(error))
        await asyncio.sleep(every)


async def follow_client(worker: Worker, *, every: float = LOOKED_AT_EVERY) -> None:
    """Have a worker poll by its client's connection, for ever, also when that was made anew."""
    used = _connection(worker.client)
    while True:
        await asyncio.sleep(every)
        now = _connection(worker.client)
        if now is not used:
            # It takes the connection out of the client when it is given one.
            worker.client = worker.client
            used = now


async def _connect_anew(client: Client, environ: Mapping[str, str]) -> bool:
    """Whether that was needed: not where it is connected with what is in the files now."""
    service: Any = client.service_client.worker_service_client
    asked = connect_config(environ)
    tls, api_key = asked.get("tls"), asked.get("api_key")
    if (tls, api_key) == (service.config.tls, service.config.api_key):
        return False
    config = dataclasses.replace(service.config, tls=tls, api_key=api_key, lazy=False)
    fresh: Any = await ServiceClient.connect(config)
    # The SDK can exchange a worker's client, but not the connection of a client, which everything
    # that calls Temporal holds. Calls under way end on the old one.
    service.config, service._bridge_config = config, fresh._bridge_config  # noqa: SLF001
    service._bridge_client = fresh._bridge_client  # noqa: SLF001
    client.service_client.config = config
    return True


def _connection(client: Client) -> object:
    service: Any = client.service_client.worker_service_client
    return service._bridge_client  # noqa: SLF001 - see `_connect_anew`


def _always(every: float) -> Callable[[], float]:
    """A clock by which each look is due: how often is looked is decided here."""
    looks = iter(range(1, 2**62))
    return lambda: next(looks) * max(every, LOOKED_AT_EVERY)
