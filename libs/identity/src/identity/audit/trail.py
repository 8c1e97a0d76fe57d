"""One service's audit: its parts put together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from outreach.audit.v1.audit_service_pb2_grpc import add_AuditServiceServicer_to_server
from prometheus_client import CollectorRegistry
from servicekit import process
from servicekit.grpc.calls import Layer
from servicekit.grpc.server import GrpcServer
from servicekit.identity.identity import Identity
from servicekit.lists.page_token_key import PageTokenKey
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool
from servicekit.tasks import every

from identity.audit import retention, sealer
from identity.audit.calls.appender import Appender
from identity.audit.calls.declared import declared_of
from identity.audit.calls.layer import audited
from identity.audit.calls.strangers import WINDOW, Strangers
from identity.audit.metrics import Metrics
from identity.audit.proofs import Proofs
from identity.audit.record_repository import RecordRepository, Tracked
from identity.audit.retention import Retention
from identity.audit.seal_repository import SealRepository
from identity.audit.sealer import Sealer
from identity.audit.servicer import AuditServicer
from identity.audit.verification import Verification


class AuditTrail:
    """What a server records of its calls, in its own schema."""

    def __init__(
        self,
        pool: Pool,
        identity: Identity,
        registry: CollectorRegistry,
        *,
        schema: str,
        tracked: Mapping[str, Tracked],
        keep: timedelta,
    ) -> None:
        proofs, metrics = Proofs(identity), Metrics(registry)
        seals = SealRepository(pool.across("a chain is of all that a service has recorded"))
        self.records = RecordRepository(pool, proofs, tracked, schema=schema)
        self.verification = Verification(seals, proofs, schema=schema)
        self.sealer = Sealer(seals, proofs, metrics, schema=schema)
        self.retention = Retention(seals, proofs, schema=schema, keep=keep)
        self.appender = Appender(self.records, metrics)
        self._tokens = PageTokens(PageTokenKey(pool))
        self._strangers = Strangers(identity.service, metrics)
        self._service = identity.service

    @property
    def layer(self) -> Layer:
        """What every call goes through."""
        return audited(
            self.appender,
            writing=self.records,
            declared_of=declared_of,
            service=self._service,
            strangers=self._strangers,
        )

    def add_to(self, server: GrpcServer) -> None:
        """Have a server that has not started tell of it."""
        server.add(
            add_AuditServiceServicer_to_server,
            AuditServicer(self.records, self.verification, self._tokens, service=self._service),
        )

    def keep_up(self, running: process.Process) -> None:
        """Write, seal and make room until the process is left; what waits then is written."""
        self.write(running)
        running.spawn("audit seals", partial(every, sealer.EVERY, "audit seals", self.sealer.seal))
        running.spawn(
            "audit of strangers", partial(every, WINDOW, "audit of strangers", self._tell_left_out)
        )
        running.spawn(
            "audit months",
            partial(every, retention.EVERY, "audit months", self.retention.keep_months),
        )

    def write(self, running: process.Process) -> None:
        """Write until the process is left, and then what waits; another process seals it."""
        running.drain_at_exit("audit records", self._drain)
        running.spawn("audit records", self.appender.write)

    async def _tell_left_out(self) -> None:
        self._count_left_out()

    def _count_left_out(self) -> None:
        """Record, once, how many refusals of strangers are in no record of their own."""
        left_out = self._strangers.left_out()
        if left_out is not None:
            self.appender.keep(left_out)

    async def _drain(self) -> None:
        self._count_left_out()
        await self.appender.drain()
