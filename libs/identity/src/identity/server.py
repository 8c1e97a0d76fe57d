"""The gRPC server of a service: of each call it asks what the contract says, and records it."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry
from servicekit.credentials.tls import Tls
from servicekit.grpc.caller_limits import caller_limits
from servicekit.grpc.calls import Layer, Translator
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.server import GrpcServer
from servicekit.health import Readiness
from servicekit.identity.identity import Identity
from servicekit.postgres import errors as postgres_errors
from servicekit.settings import ServerSettings

from identity.access import ACCESS_OF
from identity.audit.trail import AuditTrail
from identity.deadlines import PROMISE_OF


def server_of(
    settings: ServerSettings,
    identity: Identity,
    audit: AuditTrail,
    *,
    port: int,
    once: Layer,
    registry: CollectorRegistry,
    readiness: Readiness,
    tls: Tls | None,
    translators: Sequence[Translator] = (),
) -> GrpcServer:
    """A server without servicers; `translators` know what else may be away beside PostgreSQL."""
    return GrpcServer(
        host=settings.grpc_host,
        port=port,
        interceptors=[
            standard_interceptor(
                registry,
                authenticator=identity.authenticator,
                access_of=ACCESS_OF,
                promise_of=PROMISE_OF,
                limits=caller_limits(settings),
                recorded=audit.layer,
                once=once,
                translators=[postgres_errors.unavailable, *translators],
            )
        ],
        readiness=readiness,
        grace=settings.shutdown_grace,
        max_message_bytes=settings.grpc_max_message_bytes,
        max_connection_age=settings.grpc_connection_age,
        tls=tls,
    )
