"""What a server records of its calls, asked as its callers would."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from devstack.stack.keys import Keys, every_permission
from identity.audit.calls.strangers import MOST_OF_AN_ADDRESS
from outreach.audit.v1 import audit_service_pb2 as audit_pb
from outreach.audit.v1 import record_pb2
from outreach.audit.v1.audit_service_pb2_grpc import AuditServiceStub
from outreach.webhook.v1 import webhook_service_pb2 as pb
from servicekit.errors import InvalidArgument, NotFound, PermissionDenied, Unauthenticated
from servicekit.grpc import client as grpc_client
from servicekit.identity.identity import Identity
from servicekit.ids import new_id
from servicekit.postgres import pool as postgres
from servicekit.settings import ServiceSettings

from tests.integration.webhook_dispatcher.conftest import (
    ORGANIZATION,
    SCHEMA,
    Receiver,
    Running,
    StartDispatcher,
    eventually,
)

SERVICE = "webhook-dispatcher"
DONE, DENIED = record_pb2.OUTCOME_DONE, record_pb2.OUTCOME_DENIED


@dataclass
class Audited:
    """A dispatcher that knows its callers, and what it has recorded."""

    running: Running
    keys: Keys
    channel: grpc.aio.Channel

    def member(self, organization_id: str = ORGANIZATION, **claims: Any) -> Any:
        said = {"sub": "mem_1", "org": organization_id, "permissions": sorted(every_permission())}
        return self._metadata(self.keys.token(**{**said, **claims}))

    @property
    def staff(self) -> Any:
        return self._metadata(self.keys.operator())

    @staticmethod
    def _metadata(token: str) -> Any:
        return (("authorization", f"Bearer {token}"),)

    async def create(self, url: str, **fields: Any) -> pb.CreateEndpointResponse:
        request = pb.CreateEndpointRequest(
            request_id=new_id("req"), organization_id=ORGANIZATION, url=url, **fields
        )
        metadata = (
            *self.member(),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        )
        return await self.running.stub.CreateEndpoint(request, metadata=metadata)

    async def records(self, metadata: Any = None, **wanted: Any) -> list[record_pb2.Record]:
        request = audit_pb.ListRecordsRequest(filter=audit_pb.RecordFilter(**wanted))
        answer = await AuditServiceStub(self.channel).ListRecords(
            request, metadata=metadata or self.staff
        )
        return list(answer.records)

    async def verified(self) -> audit_pb.VerifyRecordsResponse:
        asked = AuditServiceStub(self.channel).VerifyRecords(
            audit_pb.VerifyRecordsRequest(), metadata=self.staff
        )
        return [answer async for answer in asked][-1]


@pytest.fixture
async def audited(start_dispatcher: StartDispatcher, keys: Keys) -> AsyncIterator[Audited]:
    identity = Identity.of_server(
        ServiceSettings(**keys.settings(SERVICE)), service=SERVICE, sandbox=False, calls=True
    )
    async with (
        start_dispatcher(identity=identity) as running,
        grpc_client.channel(running.address) as channel,
    ):
        yield Audited(running, keys, channel)


async def test_a_change_is_recorded_with_what_it_changed(
    audited: Audited, receiver: Receiver
) -> None:
    """One record: who, from where, what, and the row before and after it, named by its digest."""
    made = (await audited.create(receiver.url, description="Ada's inbox")).endpoint
    delete = pb.DeleteEndpointRequest(organization_id=ORGANIZATION, endpoint_id=made.endpoint_id)
    await audited.running.stub.DeleteEndpoint(delete, metadata=audited.member())

    deleted, created = await audited.records(resource_id=made.endpoint_id)
    assert (created.rpc, created.outcome, created.code) == (
        "outreach.webhook.v1.WebhookService/CreateEndpoint",
        DONE,
        "OK",
    )
    assert (created.subject, created.caller_kind) == ("mem_1", "member")
    assert (created.organization_id, created.service) == (ORGANIZATION, SERVICE)
    assert created.address in {"127.0.0.1", "::1"}
    assert created.request_id.startswith("req_")
    assert created.trace_id == "0af7651916cd43dd8448eb211c80319c"
    assert (created.digest_before, len(created.digest_after)) == ("", 64)
    assert deleted.digest_before == created.digest_after
    assert deleted.digest_after != deleted.digest_before


async def test_what_is_repeated_is_recorded_as_no_change(
    audited: Audited, receiver: Receiver
) -> None:
    """A call that finds everything done leaves its record, and no digests."""
    request = pb.CreateEndpointRequest(
        request_id="req_again", organization_id=ORGANIZATION, url=receiver.url
    )
    for _ in range(2):
        await audited.running.stub.CreateEndpoint(request, metadata=audited.member())

    again, first = await audited.records(rpc="CreateEndpoint")
    assert (first.digest_after != "", again.digest_after) == (True, "")
    assert (again.outcome, again.request_id, again.resource_id) == (DONE, "req_again", "")


async def test_refusals_stand_where_the_caller_belongs(
    audited: Audited, receiver: Receiver
) -> None:
    """Of who is not known with nobody; of a stranger with theirs, also where nothing was found."""
    made = (await audited.create(receiver.url)).endpoint
    get = pb.GetEndpointRequest(organization_id="org_stranger", endpoint_id=made.endpoint_id)
    delete = pb.DeleteEndpointRequest(organization_id=ORGANIZATION, endpoint_id=made.endpoint_id)
    stub = audited.running.stub
    with pytest.raises(Unauthenticated):
        await stub.DeleteEndpoint(delete)
    with pytest.raises(PermissionDenied):
        await stub.DeleteEndpoint(delete, metadata=audited.member(permissions=["webhooks.read"]))
    with pytest.raises(NotFound):
        await stub.DeleteEndpoint(delete, metadata=audited.member("org_stranger"))
    with pytest.raises(NotFound):
        await stub.GetEndpoint(get, metadata=audited.member("org_stranger"))

    found = await audited.records(outcome=DENIED)
    assert [(each.organization_id, each.subject, each.reason) for each in found] == [
        ("org_stranger", "mem_1", "ENDPOINT_NOT_FOUND"),
        ("org_stranger", "mem_1", "ORGANIZATION_NOT_FOUND"),
        (ORGANIZATION, "mem_1", "PERMISSION_MISSING"),
        ("", "", "TOKEN_INVALID"),
    ]


async def test_a_member_is_told_of_their_organization_alone(
    audited: Audited, receiver: Receiver
) -> None:
    """Another does not exist; naming none is one's own; our staff are told of all."""
    await audited.create(receiver.url)
    stranger = audited.member("org_stranger")

    assert await audited.records(stranger) == []
    assert [each.rpc for each in await audited.records(stranger)] == [
        "outreach.audit.v1.AuditService/ListRecords"
    ]
    with pytest.raises(NotFound):
        await audited.records(stranger, organization_id=ORGANIZATION)
    assert {each.organization_id for each in await audited.records()} == {
        ORGANIZATION,
        "org_stranger",
    }


async def test_it_is_sealed_while_it_runs(audited: Audited, receiver: Receiver) -> None:
    """Within two seconds what was recorded is in the chain, signed for and without a fault."""
    await audited.create(receiver.url)

    async def sealed() -> Any:
        found = (await audited.verified()).verified
        return found if found.seals and not found.unsealed else None

    found = await eventually(sealed)
    assert (found.service, found.faults) == (SERVICE, 0)
    assert found.signed_position > 0


async def test_a_page_goes_on_by_its_own_token(audited: Audited, receiver: Receiver) -> None:
    """Nobody makes one, and it is of what was asked: by another filter it leads nowhere."""
    for _ in range(3):
        await audited.create(receiver.url)
    stub, asked = AuditServiceStub(audited.channel), audit_pb.ListRecordsRequest(page_size=2)
    asked.filter.outcome = DONE
    first = await stub.ListRecords(asked, metadata=audited.staff)
    asked.page_token = first.next_page_token
    second = await stub.ListRecords(asked, metadata=audited.staff)

    made_up = base64.urlsafe_b64encode(b'["2026-03-02T12:00:00+00:00","rec_1"]').decode()
    for token, outcome in (("rubbish", DONE), (made_up, DONE), (first.next_page_token, DENIED)):
        asked.page_token, asked.filter.outcome = token, outcome
        with pytest.raises(InvalidArgument) as refused:
            await stub.ListRecords(asked, metadata=audited.staff)
        assert refused.value.reason == "PAGE_TOKEN_INVALID"

    found = [each.record_id for page in (first, second) for each in page.records]
    assert len(found) == len(set(found)) >= 3


async def test_a_token_is_of_its_organization(audited: Audited, receiver: Receiver) -> None:
    """Who acts for one asks the same words as who acts for all, and means another list."""
    for _ in range(2):
        await audited.create(receiver.url)
    stub, asked = AuditServiceStub(audited.channel), audit_pb.ListRecordsRequest(page_size=1)
    first = await stub.ListRecords(asked, metadata=audited.staff)
    asked.page_token = first.next_page_token

    with pytest.raises(InvalidArgument):
        await stub.ListRecords(asked, metadata=audited.member())


async def test_nothing_of_a_person_is_in_it(audited: Audited, receiver: Receiver) -> None:
    """Neither what was written in a field nor what was put where an id belongs."""
    await audited.create(receiver.url, description="Ada Example <ada@example.com>")
    for personal in ("Ada Example", "ada@example.com"):
        delete = pb.DeleteEndpointRequest(organization_id=ORGANIZATION, endpoint_id=personal)
        with pytest.raises(NotFound):
            await audited.running.stub.DeleteEndpoint(delete, metadata=audited.member())

    async with postgres.connect_pool(audited.running.database_url, SCHEMA[0]) as pool:
        rows = await pool.fetch("SELECT record::text AS shown FROM audit_records record")
    shown = "\n".join(row["shown"] for row in rows)
    assert "DeleteEndpoint" in shown
    for personal in ("Ada", "ada@", receiver.url):
        assert personal not in shown


async def test_strangers_fill_no_database(start_dispatcher: StartDispatcher, keys: Keys) -> None:
    """Some rows of one address, and one that counts the others, at the end of the process too."""
    identity = Identity.of_server(
        ServiceSettings(**keys.settings(SERVICE)), service=SERVICE, sandbox=False, calls=True
    )
    get = pb.GetEndpointRequest(organization_id=ORGANIZATION, endpoint_id="ep_1")
    async with start_dispatcher(identity=identity) as running:
        for _ in range(MOST_OF_AN_ADDRESS + 5):
            with pytest.raises(Unauthenticated):
                await running.stub.GetEndpoint(get)

    async with postgres.connect_pool(running.database_url, SCHEMA[0], max_size=1) as pool:
        rows = await pool.fetch(
            "SELECT reason, resource, count(*) AS records FROM audit_records GROUP BY 1, 2"
        )
    assert {(row["reason"], row["resource"]): row["records"] for row in rows} == {
        ("TOKEN_INVALID", ""): MOST_OF_AN_ADDRESS,
        ("REFUSALS_LEFT_OUT", "refusals/5"): 1,
    }
