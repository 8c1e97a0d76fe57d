"""What every service stands on: laid first, before any part of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Generic, Self, TypeVar

from prometheus_client import CollectorRegistry

from servicekit.clock import Clock
from servicekit.credentials.plain_text import tell_plain_text
from servicekit.credentials.secrets import database_url
from servicekit.credentials.tls import Tls, tell_certificates, tls_of
from servicekit.health import Readiness
from servicekit.http_server import HttpServer, MetricsSource, operations_app
from servicekit.process import Process
from servicekit.sealing.composition import seal_of
from servicekit.sealing.seal import Seal
from servicekit.settings import SealingSettings
from servicekit.telemetry import logs
from servicekit.telemetry import traces as telemetry
from servicekit.telemetry.loops import tell_loops
from servicekit.telemetry.metrics import new_registry

Settings = TypeVar("Settings", bound=SealingSettings)


@dataclass(frozen=True, kw_only=True)
class Groundwork(Generic[Settings]):
    """What the parts of a service are given, and the process that they are entered on."""

    running: Process
    settings: Settings
    clock: Clock
    registry: CollectorRegistry
    readiness: Readiness
    tls: Tls | None

    @classmethod
    def laid(
        cls,
        running: Process,
        settings: Settings,
        clock: Clock,
        *,
        service: str,
        checks: Sequence[str],
        called: str = "",
        meets_services: bool = True,
    ) -> Self:
        """Log, trace and count from now on; ready is who has passed all of `checks`.

        `called` is the name of a process that is not the service as a whole; one that meets no
        services has no certificate. Raises `SettingsRefused` for files of certificates that are not
        what they say.
        """
        name = called or service
        logs.configure_by(settings, service=name)
        running.allow(settings.shutdown_grace)
        running.stack.enter_context(telemetry.tracing(name, version=version(service)))
        registry = new_registry(name, version=version(service))
        tell_loops(registry)
        return cls(
            running=running,
            settings=settings,
            clock=clock,
            registry=registry,
            readiness=Readiness(*checks),
            tls=tls_of(settings, sandbox=clock.sandbox) if meets_services else None,
        )

    def seal(self) -> Seal:
        """The seal of the service, asked for once; raises what `seal_of` does."""
        return seal_of(self.settings, sandbox=self.clock.sandbox, registry=self.registry)

    async def answer_probes(self, *, more_metrics: Sequence[MetricsSource] = ()) -> None:
        """Serve probes and metrics: before anything that may have to be waited for."""
        settings, registry, readiness = self.settings, self.registry, self.readiness
        url = database_url(settings, "database_url").get()
        tell_certificates(self.tls, url, registry=registry, readiness=readiness)
        sandbox = self.clock.sandbox
        tell_plain_text(settings, sandbox=sandbox, registry=registry, readiness=readiness)
        app = operations_app(registry, readiness, more_metrics=more_metrics)
        host, port = settings.http_host, settings.http_port
        await self.running.enter(HttpServer(app, host=host, port=port))
