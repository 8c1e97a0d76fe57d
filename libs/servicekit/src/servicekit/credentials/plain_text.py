"""What of a process goes out as text, and by whose word: in its log, a metric, and `/readyz`.

Without TLS everything works as with it. So that nobody takes one for the other, a process says
what it leaves to a mesh, or to the sandbox, for as long as it runs.
"""

import os
from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Gauge

from servicekit.health import Readiness
from servicekit.settings import ServiceSettings
from servicekit.settings.encryption import is_temporal_encrypted
from servicekit.telemetry import logs

SERVICES, POSTGRES, TEMPORAL = "services", "postgres", "temporal"

log = logs.get_logger(__name__)


class PlainText(Exception):
    """Something goes out as text, because somebody said that it may."""


def plain_text(settings: ServiceSettings, environ: Mapping[str, str] = os.environ) -> Sequence[str]:
    """What is reached without TLS; a socket of this machine's is not."""
    found = []
    if settings.tls_certificate_file is None and settings.meets_services:
        found.append(SERVICES)
    if any(settings.database_refusals()):
        found.append(POSTGRES)
    if settings.uses_temporal and not is_temporal_encrypted(environ):
        found.append(TEMPORAL)
    return found


def plain_text_gauge(registry: CollectorRegistry) -> Gauge:
    """What it is counted by."""
    return Gauge(
        "connections_plain_text",
        "1 where connections go out as text, because a setting says that they may.",
        ["dependency"],
        registry=registry,
    )


def tell_plain_text(
    settings: ServiceSettings,
    *,
    sandbox: bool,
    registry: CollectorRegistry,
    readiness: Readiness,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Say it for as long as the process runs; nothing but a metric where all is encrypted."""
    found = plain_text(settings, environ)
    gauge = plain_text_gauge(registry)
    for each in (SERVICES, POSTGRES, TEMPORAL):
        gauge.labels(each).set(each in found)
    if not found:
        return
    by = f"{settings.name_of('tls_by_mesh')}={settings.tls_by_mesh}"
    declared = "in the sandbox" if sandbox else f"by declaration ({by})"
    said = f"plain text, {declared}: {', '.join(found)}"
    log.warning("plain_text", connections=found, declared=declared)

    async def check() -> None:
        raise PlainText(said)

    readiness.note("encryption", check)
