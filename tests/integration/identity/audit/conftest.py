"""The audit of one schema, as a service keeps it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import assert_never

import pytest
from devstack.stack.keys import Keys
from identity.audit.chain import Fault
from identity.audit.metrics import Metrics
from identity.audit.proofs import Proofs
from identity.audit.record import Act, Outcome
from identity.audit.record_repository import RecordRepository, Tracked
from identity.audit.seal_repository import SealRepository
from identity.audit.sealer import Sealer
from identity.audit.verification import TOLD_EVERY, SoFar, Verification, Verified
from prometheus_client import CollectorRegistry
from servicekit.identity.identity import Identity
from servicekit.ids import new_id
from servicekit.postgres import pool as postgres
from servicekit.settings import ServiceSettings

SCHEMA = "webhook"
SERVICE = "webhook-dispatcher"
TRACKED = {"endpoint_id": Tracked("endpoints", "endpoint_id")}


def act(**said: object) -> Act:
    """An act of a member; `said` replaces what it would say otherwise."""
    values: dict[str, object] = {
        "record_id": new_id("aud"),
        "organization_id": "org_test",
        "service": SERVICE,
        "rpc": "outreach.webhook.v1.WebhookService/DeleteEndpoint",
        "outcome": Outcome.DONE,
        "code": "OK",
        "reason": "",
        "caller_kind": "member",
        "subject": "mem_1",
        "actors": (),
        "address": "10.0.0.1",
        "resource": "ep_1",
        "request_id": "",
        "trace_id": "",
        **said,
    }
    return Act(**values)  # type: ignore[arg-type]


@dataclass
class Found:
    """What a verification has told."""

    faults: list[Fault] = field(default_factory=list)
    so_far: list[SoFar] = field(default_factory=list)
    verified: Verified | None = None

    def add(self, told: Fault | SoFar | Verified) -> None:
        match told:
            case Fault():
                self.faults.append(told)
            case SoFar():
                self.so_far.append(told)
            case Verified():
                self.verified = told
            case _:
                assert_never(told)

    @property
    def summary(self) -> Verified:
        assert self.verified is not None
        return self.verified


@dataclass
class Audit:
    """What a service has of it, and the means of somebody who may do everything to the database."""

    url: str
    identity: Identity
    pool: postgres.Pool
    seals: SealRepository
    records: RecordRepository
    proofs: Proofs

    def sealer(
        self,
        *,
        checkpoint_every: timedelta = timedelta(days=1),
        registry: CollectorRegistry | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> Sealer:
        return Sealer(
            self.seals,
            self.proofs,
            Metrics(registry or CollectorRegistry()),
            schema=SCHEMA,
            checkpoint_every=checkpoint_every,
            monotonic=monotonic,
        )

    async def append(self, records: int) -> None:
        await self.records.append(
            [act(resource=f"ep_{number}") for number in range(records)], again=False
        )

    def verification(self, *, told_every: int = TOLD_EVERY) -> Verification:
        return Verification(self.seals, self.proofs, schema=SCHEMA, told_every=told_every)

    async def verify(self) -> Found:
        """All of it, from the beginning."""
        found = Found()
        async for each in self.verification().verify():
            found.add(each)
        return found

    async def tamper(self, *statements: str) -> None:
        """Do by hand what no service may: triggers do not stop whoever owns the tables."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                await connection.execute(statement)


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    keys = Keys(tmp_path / "audit-keys")
    return Identity.of_server(
        ServiceSettings(**keys.settings(SERVICE)), service=SERVICE, sandbox=False, calls=True
    )


@pytest.fixture
async def audit(new_database: Callable[..., str], identity: Identity) -> AsyncIterator[Audit]:
    url = new_database((SCHEMA, "webhook_dispatcher"))
    async with postgres.connect_pool(url, SCHEMA, max_size=8) as pool:
        proofs = Proofs(identity)
        yield Audit(
            url=url,
            identity=identity,
            pool=pool,
            seals=SealRepository(pool),
            records=RecordRepository(pool, proofs, TRACKED, schema=SCHEMA),
            proofs=proofs,
        )
