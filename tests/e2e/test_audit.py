"""The whole local stack records its calls, and what is recorded verifies."""

import asyncio
from typing import Any

import pytest
from devstack.stack.certificates import CALLER
from devstack.stack.stack import Stack
from outreach.audit.v1 import audit_service_pb2 as pb
from outreach.audit.v1 import record_pb2
from outreach.audit.v1.audit_service_pb2_grpc import AuditServiceStub
from servicekit.errors import Unauthenticated
from servicekit.grpc import client as grpc_client

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("service", ["campaign-api", "linkedin-gateway", "webhook-dispatcher"])
async def test_every_server_keeps_an_audit(stack: Stack, service: str) -> None:
    """A refusal is told of, the chain over everything has no fault, and a signature vouches."""
    address, tls = stack.addresses.grpc(service), stack.certificates.tls(CALLER)
    denied = pb.ListRecordsRequest(filter=pb.RecordFilter(outcome=record_pb2.OUTCOME_DENIED))
    async with (
        grpc_client.channel(address, tls=tls) as unknown,
        grpc_client.channel(address, token=stack.operators_token, tls=tls) as known,
    ):
        with pytest.raises(Unauthenticated):
            await AuditServiceStub(unknown).ListRecords(denied)
        audit = AuditServiceStub(known)

        newest = (await audit.ListRecords(denied)).records[0]
        assert (newest.service, newest.reason) == (service, "TOKEN_INVALID")
        async with asyncio.timeout(30):
            while (found := await _verified(audit)).unsealed:  # noqa: ASYNC110 - rows say nothing
                await asyncio.sleep(0.2)
    assert found.faults == 0
    assert found.signed_position > 0


async def _verified(audit: Any) -> pb.Verified:
    answers = [answer async for answer in audit.VerifyRecords(pb.VerifyRecordsRequest())]
    found: pb.Verified = answers[-1].verified
    return found
