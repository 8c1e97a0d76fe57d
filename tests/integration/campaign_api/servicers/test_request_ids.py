"""What is asked again by its request id is answered as before, whatever became of it since."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from campaigns.repositories.edits.purge_repository import PurgeRepository
from devstack.stack.keys import Keys
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.campaign.v1 import campaign_pb2, lead_service_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.identity.v1 import member_pb2, member_service_pb2
from servicekit.errors import AlreadyExists, InvalidArgument, NotFound, Unavailable

from tests.integration.campaign_api.conftest import LEADS, Api
from tests.integration.campaign_api.identity_world import IdentityWorld, identity_world


@pytest.fixture
async def world(new_database: Callable[..., str], keys: Keys) -> AsyncIterator[IdentityWorld]:
    async with identity_world(new_database, keys) as made:
        yield made


def renamed(campaign_id: str, name: str, **more: Any) -> pb.UpdateCampaignRequest:
    return pb.UpdateCampaignRequest(
        campaign=campaign_pb2.Campaign(campaign_id=campaign_id, name=name, etag="*"),
        update_mask=FieldMask(paths=["name"]),
        **more,
    )


async def name_of(api: Api, campaign_id: str) -> str:
    request = pb.GetCampaignRequest(campaign_id=campaign_id)
    name: str = (await api.stubs.campaigns.GetCampaign(request)).campaign.name
    return name


async def test_an_edit_is_made_once_whoever_has_edited_since(api: Api) -> None:
    """Whose answer was lost does not undo what a colleague has done meanwhile."""
    campaign_id = await api.create()
    update = api.stubs.campaigns.UpdateCampaign
    first = await update(renamed(campaign_id, "Autumn", request_id="one"))
    await update(renamed(campaign_id, "Winter"))

    again = await update(renamed(campaign_id, "Autumn", request_id="one"))

    assert again == first
    assert await name_of(api, campaign_id) == "Winter"
    with pytest.raises(AlreadyExists) as refused:
        await update(renamed(campaign_id, "Spring", request_id="one"))
    assert refused.value.reason == "REQUEST_ID_REUSED"


async def test_of_calls_at_once_one_is_served(api: Api) -> None:
    """Who is told that it is under way asks again, and is told the same as the other."""
    campaign_id = await api.create()
    request = renamed(campaign_id, "Autumn", request_id="one")

    async def answered() -> Any:
        while True:
            # Whoever is told that it is under way: of what is away there is nothing here.
            with suppress(Unavailable):
                return await api.stubs.campaigns.UpdateCampaign(request)

    answers = await asyncio.gather(*(answered() for _ in range(8)))

    assert answers == [answers[0]] * 8
    assert answers[0].campaign.name == "Autumn"


@pytest.mark.parametrize("verb", ["StopLead", "RemoveLead", "RetryLead", "SkipStep"])
@pytest.mark.parametrize("lead_id", ["lead_\x00", "".join(map(chr, range(256, 6256)))], ids=len)
async def test_what_no_database_stores_is_refused_by_its_field(
    api: Api, verb: str, lead_id: str
) -> None:
    """By whatever name: whoever named the request was told INTERNAL, because that is written."""
    request = getattr(lead_service_pb2, f"{verb}Request")(
        campaign_id="camp_1", lead_id=lead_id, request_id="one"
    )

    with pytest.raises(InvalidArgument) as refused:
        await getattr(api.stubs.leads, verb)(request)

    assert "lead_id" in [each.field for each in refused.value.violations]


async def test_what_showed_a_lead_that_was_removed_is_kept_no_more(api: Api) -> None:
    """Its name and address stood in an answer for a week after they were forgotten.

    Whoever asks again is told what is so now; also what is kept behind the removal's back goes.
    """
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    (_, lead), (_, other), *_ = await api.leads.page(campaign_id, limit=5)

    def stop(lead_id: str) -> lead_service_pb2.StopLeadRequest:
        return lead_service_pb2.StopLeadRequest(
            campaign_id=campaign_id, lead_id=lead_id, request_id=f"stop {lead_id}"
        )

    remove = lead_service_pb2.RemoveLeadRequest(campaign_id=campaign_id, lead_id=lead.id)

    async def kept() -> int:
        counted: int = await api.pool.fetchval(
            "SELECT count(*) FROM request_answers WHERE answer = $1", answer
        )
        return counted

    await api.stubs.leads.StopLead(stop(lead.id))
    answer = await api.pool.fetchval("SELECT answer FROM request_answers")
    before = await kept()
    await api.stubs.leads.RemoveLead(remove)
    after = await kept()
    with pytest.raises(NotFound) as refused:
        await api.stubs.leads.StopLead(stop(lead.id))
    await api.stubs.leads.StopLead(stop(other.id))
    # As of a call that was served while the lead was removed.
    await api.pool.execute("UPDATE request_answers SET answer = $1, subject = $2", answer, lead.id)
    late = await kept()
    await PurgeRepository(api.pool).purge(now=datetime.now(UTC), keep=timedelta())

    assert lead.person.public_identifier.encode() not in answer
    assert (before, after, late, await kept()) == (1, 0, 1, 0)
    assert refused.value.reason == "LEAD_NOT_FOUND"


async def test_members_are_changed_once_too(world: IdentityWorld) -> None:
    """They are of another schema, whose role writes down here what was asked."""
    admin, colleague = (
        await world.member(member_pb2.ROLE_ADMIN),
        await world.member(member_pb2.ROLE_VIEWER),
    )
    update = admin.stubs.members.UpdateMember

    def changed(role: member_pb2.Role.ValueType, **more: Any) -> Any:
        return update(
            member_service_pb2.UpdateMemberRequest(
                member_id=colleague.member_id, role=role, etag="*", **more
            )
        )

    first = await changed(member_pb2.ROLE_MANAGER, request_id="one")
    await changed(member_pb2.ROLE_MEMBER)

    assert await changed(member_pb2.ROLE_MANAGER, request_id="one") == first
    get = member_service_pb2.GetMemberRequest(member_id=colleague.member_id)
    assert (await admin.stubs.members.GetMember(get)).member.role == member_pb2.ROLE_MEMBER
