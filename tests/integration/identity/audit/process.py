"""A process that writes, or one that seals, until somebody kills it.

`python -m tests.integration.identity.audit.process write|seal URL KEYS WRITERS`
"""

import asyncio
import random
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from devstack.stack.keys import AUDIENCE, ISSUER
from identity.audit.calls.declared import Declared
from identity.audit.calls.draft import Draft
from identity.audit.metrics import Metrics
from identity.audit.proofs import Proofs
from identity.audit.record_repository import RecordRepository
from identity.audit.seal_repository import SealRepository
from identity.audit.sealer import Sealer
from outreach.webhook.v1 import webhook_service_pb2 as pb
from prometheus_client import CollectorRegistry
from servicekit.auth import Caller, set_caller
from servicekit.grpc.calls import Call
from servicekit.identity.identity import Identity
from servicekit.ids import new_id
from servicekit.postgres import pool as postgres
from servicekit.postgres.companions import accompanied_by
from servicekit.settings import ServiceSettings

from tests.integration.identity.audit.conftest import SCHEMA, SERVICE, TRACKED

METHOD = "/outreach.webhook.v1.WebhookService/DeleteEndpoint"


def identity_of(keys: Path) -> Identity:
    """That of the service whose keys lie there."""
    settings = ServiceSettings(
        auth_jwks_file=keys / "callers.json",
        auth_issuer=ISSUER,
        auth_audience=AUDIENCE,
        auth_service_keys=keys / "services",
        auth_signing_key_file=keys / f"{SERVICE}.key",
    )
    return Identity.of_server(settings, service=SERVICE, sandbox=False, calls=True)


async def write(pool: postgres.Pool, records: RecordRepository) -> None:
    """Change one row as a call would, now and then in a transaction that takes its time."""
    set_caller(Caller("mem_1", "org_test"))
    endpoint_id = new_id("ep")
    context: Any = SimpleNamespace(peer=lambda: "ipv4:10.0.0.1:1")
    call = Call(METHOD, context, {})
    call.request = pb.DeleteEndpointRequest(organization_id="org_test", endpoint_id=endpoint_id)
    declared = Declared(changes=True, path=("endpoint_id",))
    accompanied_by(Draft(call, declared, service=SERVICE, writing=records))
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("INSERT INTO written (id) VALUES ($1)", endpoint_id)
        if random.random() < 0.2:
            await asyncio.sleep(random.random() / 10)


async def main(does: str, url: str, keys: Path, writers: int) -> None:
    proofs = Proofs(identity_of(keys))
    async with postgres.connect_pool(url, SCHEMA, max_size=writers) as pool:
        if does == "seal":
            sealer = Sealer(
                SealRepository(pool),
                proofs,
                Metrics(CollectorRegistry()),
                schema=SCHEMA,
                checkpoint_every=timedelta(milliseconds=300),
            )
            while True:
                await sealer.seal()
                await asyncio.sleep(0.02)
        records = RecordRepository(pool, proofs, TRACKED, schema=SCHEMA)

        async def writes() -> None:
            while True:
                await asyncio.create_task(write(pool, records))

        await asyncio.gather(*(writes() for _ in range(writers)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])))
