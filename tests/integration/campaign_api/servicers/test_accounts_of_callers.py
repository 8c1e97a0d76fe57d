"""Callers who are limited to accounts: what they see, and what they change."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from campaigns.models import Person
from campaigns.repositories.lead_lists.entry_repository import put_in_list
from devstack.stack.keys import Keys
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.campaign.v1 import campaign_pb2, lead_list_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import import_service_pb2 as imports_pb
from outreach.campaign.v1 import lead_list_service_pb2 as lists_pb
from outreach.campaign.v1 import lead_service_pb2 as leads_pb
from servicekit.errors import AlreadyExists, NotFound, PermissionDenied

from tests.fakes.campaign_ports import ORGANIZATION
from tests.fakes.sealing import SEAL
from tests.fakes.stubs import CampaignStubs
from tests.integration.campaign_api.conftest import NOON, Api, new_campaign
from tests.integration.campaign_api.identity_world import IdentityWorld, identity_world
from tests.integration.campaign_api.imports.uploading import Upload

ONE, TWO, THREE = "acct_one", "acct_two", "acct_three"


@pytest.fixture
async def world(new_database: Callable[..., str], keys: Keys) -> AsyncIterator[IdentityWorld]:
    async with identity_world(new_database, keys) as made:
        yield made


async def create(api: Api, by: CampaignStubs, *account_ids: str) -> str:
    for account_id in account_ids:
        api.linkedin.add_account(account_id)
    answer = await by.campaigns.CreateCampaign(
        new_campaign(f"of {account_ids}", account_ids=account_ids)
    )
    return answer.campaign.campaign_id


async def listed(by: CampaignStubs) -> set[str]:
    """All that there are for somebody, one at a time: a count would be wrong by what is hidden."""
    found, token = [], ""
    while True:
        answer = await by.campaigns.ListCampaigns(
            pb.ListCampaignsRequest(organization_id=ORGANIZATION, page_size=1, page_token=token)
        )
        found += [each.campaign_id for each in answer.campaigns]
        token = answer.next_page_token
        assert bool(answer.campaigns) or not token
        if not token:
            assert len(found) == len(set(found))
            return set(found)


@pytest.mark.parametrize("by_key", [True, False])
async def test_a_campaign_is_seen_by_one_account_and_changed_by_all(
    world: IdentityWorld, *, by_key: bool
) -> None:
    """Whether the member is limited or the key alone."""
    admin = CampaignStubs((await world.member()).channel)
    limit: dict[str, Any] = {"account_ids": [ONE, TWO]}
    person = await world.member(**({"key": limit} if by_key else limit))
    limited = CampaignStubs(person.channel)
    inside = await create(world.api, admin, ONE, TWO)
    across = await create(world.api, admin, TWO, THREE)
    outside = await create(world.api, admin, THREE)

    assert await listed(admin) == {inside, across, outside}
    assert await listed(limited) == {inside, across}
    for seen in (inside, across):
        await limited.campaigns.GetCampaign(pb.GetCampaignRequest(campaign_id=seen))
    with pytest.raises(NotFound):
        await limited.campaigns.GetCampaign(pb.GetCampaignRequest(campaign_id=outside))
    await limited.campaigns.DeleteCampaign(pb.DeleteCampaignRequest(campaign_id=inside))
    with pytest.raises(PermissionDenied) as refused:
        await limited.campaigns.DeleteCampaign(pb.DeleteCampaignRequest(campaign_id=across))
    with pytest.raises(NotFound):
        await limited.campaigns.DeleteCampaign(pb.DeleteCampaignRequest(campaign_id=outside))

    assert refused.value.reason == "ACCOUNT_FORBIDDEN"


async def followed(by: CampaignStubs, **told: Any) -> pb.ListCampaignsResponse:
    """All that has changed up to now, as a caller goes on who keeps to the contract."""
    whole = pb.ListCampaignsResponse()
    while True:
        asked = pb.ListCampaignsRequest(organization_id=ORGANIZATION, **told)
        page = await by.campaigns.ListCampaigns(asked)
        whole.campaigns.extend(page.campaigns)
        whole.removed_campaigns.extend(page.removed_campaigns)
        whole.next_sync_token = page.next_sync_token
        told = {"sync_token": page.next_sync_token}
        if not (page.more_changes or page.campaigns or page.removed_campaigns):
            return whole


ADA_BY_EMAIL = b"""first_name,linkedin_url,email
Ada,https://www.linkedin.com/in/ada-example/,ada@example.com
"""
ADA_BY_ADDRESS = b"""first_name,linkedin_url
Ada,https://www.linkedin.com/in/ada-example/
"""


async def test_whose_an_email_is_elsewhere_is_not_told(world: IdentityWorld) -> None:
    """A list that they do not see says who has the address; theirs has the person without it.

    They were told that lead, and so whose the address was.
    """
    api = replace(world.api, channel=(await world.member()).channel)
    admin, limited = api.stubs, CampaignStubs((await world.member(account_ids=[ONE])).channel)
    hidden, own = await create(world.api, admin, TWO), await create(world.api, admin, ONE)
    await api.import_leads(hidden, ADA_BY_EMAIL)
    await api.import_leads(own, ADA_BY_ADDRESS)
    asked = leads_pb.FindLeadsRequest(organization_id=ORGANIZATION, email="ada@example.com")

    theirs, everything = [(await stubs.leads.FindLeads(asked)).leads for stubs in (limited, admin)]

    assert len(everything) == 2
    assert not theirs


_OTHERS = """
    INSERT INTO campaigns
    SELECT (jsonb_populate_record(it, jsonb_build_object('id', 'camp_' || n, 'request_id', n))).*
      FROM campaigns it, generate_series(1, 4100) n WHERE it.id = $1
"""


async def test_a_follower_comes_past_what_they_do_not_see(world: IdentityWorld) -> None:
    """A page of others' campaigns alone has none, and says that there are more."""
    admin = CampaignStubs((await world.member()).channel)
    limited = CampaignStubs((await world.member(account_ids=[ONE])).channel)
    await world.api.pool.execute(_OTHERS, await create(world.api, admin, TWO))
    inside = await create(world.api, admin, ONE)

    async with asyncio.timeout(60):
        # A transaction of somebody else on the server holds it up.
        while not (told := await followed(limited, updated_since=Timestamp(seconds=1))).campaigns:
            pass

    assert [each.campaign_id for each in told.campaigns] == [inside]
    assert not told.removed_campaigns


async def test_a_follower_hears_of_what_they_see_no_more(world: IdentityWorld) -> None:
    """By its id alone; of what they never saw they hear nothing, and of what comes back all."""
    admin = CampaignStubs((await world.member()).channel)
    limited = CampaignStubs((await world.member(account_ids=[ONE])).channel)
    shared = await create(world.api, admin, ONE, TWO)
    never = await create(world.api, admin, TWO)
    world.api.linkedin.add_account(THREE)
    heard = []

    token = (await followed(limited, updated_since=Timestamp(seconds=1))).next_sync_token
    for account_ids in ([THREE, TWO], [THREE], [ONE, THREE]):
        for campaign_id in (shared, never)[: 1 if ONE in account_ids else 2]:
            await admin.campaigns.UpdateCampaign(
                pb.UpdateCampaignRequest(
                    campaign=campaign_pb2.Campaign(
                        campaign_id=campaign_id, etag="*", account_ids=account_ids
                    ),
                    update_mask=FieldMask(paths=["account_ids"]),
                )
            )
        told = await until_told(limited, token)
        token = told.next_sync_token
        heard.append((ids(told.campaigns), ids(told.removed_campaigns)))

    assert heard[-3:] == [(set(), {shared}), (set(), {shared}), ({shared}, set())]


async def until_told(by: CampaignStubs, token: str) -> pb.ListCampaignsResponse:
    """What comes next, which a transaction of somebody else on the server may hold up."""
    async with asyncio.timeout(60):
        while True:
            told = await followed(by, sync_token=token)
            if told.campaigns or told.removed_campaigns:
                return told


def ids(campaigns: Iterable[Any]) -> set[str]:
    return {each.campaign_id for each in campaigns}


async def test_nobody_draws_for_anothers_account(world: IdentityWorld) -> None:
    """Neither at the start nor by a replacement."""
    admin = CampaignStubs((await world.member()).channel)
    limited = CampaignStubs((await world.member(account_ids=[ONE])).channel)
    inside = await create(world.api, admin, ONE)

    with pytest.raises(PermissionDenied) as creating:
        await create(world.api, limited, ONE, TWO)
    with pytest.raises(PermissionDenied) as replacing:
        await limited.campaigns.ReplaceSender(
            pb.ReplaceSenderRequest(campaign_id=inside, account_id=ONE, replacement_account_id=TWO)
        )

    assert {creating.value.reason, replacing.value.reason} == {"ACCOUNT_FORBIDDEN"}
    assert len(await listed(admin)) == 1


async def test_a_list_is_of_its_maker_and_of_who_took_from_it(world: IdentityWorld) -> None:
    """The organization's is seen where a campaign of one's own took from it, and only read there.

    The page, its total and each reading say the same.
    """
    admin = CampaignStubs((await world.member()).channel)
    one = CampaignStubs((await world.member(account_ids=[ONE])).channel)
    two = CampaignStubs((await world.member(account_ids=[TWO])).channel)
    unused = await new_list(admin, "unused")
    shared = await new_list(admin, "shared")
    own = await new_list(one, "own")
    await take(world.api, admin, shared, await create(world.api, admin, ONE, THREE))

    assert await lists_of(admin) == {unused, shared, own}
    assert await lists_of(one) == {shared, own}
    assert await lists_of(two) == set()
    for hidden, by in ((unused, one), (own, two), (shared, two)):
        for asked in everything_of(by, hidden):
            with pytest.raises(NotFound) as missing:
                await asked
            assert missing.value.reason == "LEAD_LIST_NOT_FOUND"
    await read(one, shared)
    for asked in changes_of(one, shared):
        with pytest.raises(PermissionDenied) as refused:
            await asked
        assert refused.value.reason == "ACCOUNT_FORBIDDEN"
    for asked in changes_of(one, own):
        await asked


async def test_a_list_that_others_took_from_is_not_changed_by_its_maker(
    world: IdentityWorld,
) -> None:
    """It stays theirs to see; and once no campaign of others has it, theirs to change."""
    admin = CampaignStubs((await world.member()).channel)
    one = CampaignStubs((await world.member(account_ids=[ONE])).channel)
    two = CampaignStubs((await world.member(account_ids=[TWO])).channel)
    own = await new_list(one, "own")
    theirs = await create(world.api, admin, TWO)
    await take(world.api, admin, own, theirs)

    await read(one, own)
    await read(two, own)
    for by in (one, two):
        with pytest.raises(PermissionDenied):
            await rename(by, own)
    await admin.campaigns.DeleteCampaign(pb.DeleteCampaignRequest(campaign_id=theirs))
    await rename(one, own)

    with pytest.raises(NotFound):
        await read(two, own)


async def test_who_is_limited_takes_from_a_list_that_they_see(world: IdentityWorld) -> None:
    """Into campaigns that they change, and of no other list; a request id tells of none either."""
    admin = CampaignStubs((await world.member()).channel)
    one = CampaignStubs((await world.member(account_ids=[ONE])).channel)
    shared, unused = await new_list(admin, "shared"), await new_list(admin, "unused")
    await take(world.api, admin, shared, await create(world.api, admin, ONE, THREE))
    inside, across = [await create(world.api, admin, *of) for of in ((ONE,), (ONE, TWO))]

    answer = await add(one, inside, shared)
    with pytest.raises(PermissionDenied):
        await add(one, across, shared)
    with pytest.raises(NotFound):
        await add(one, inside, unused)
    with pytest.raises(AlreadyExists) as reused:
        await new_list(one, "unused")

    assert answer.added == 1
    assert reused.value.reason == "REQUEST_ID_REUSED"


async def new_list(by: CampaignStubs, request_id: str) -> str:
    making = lists_pb.CreateLeadListRequest(
        request_id=request_id, organization_id=ORGANIZATION, name="Fair"
    )
    return (await by.lead_lists.CreateLeadList(making)).lead_list.lead_list_id


async def take(api: Api, by: CampaignStubs, lead_list_id: str, campaign_id: str) -> None:
    """A campaign has a lead of a list, in which there is one person."""
    async with api.pool.acquire() as connection, connection.transaction():
        person = Person(public_identifier="ada-example", first_name="Ada")
        await put_in_list(connection, SEAL, lead_list_id, [person], now=NOON)
    assert (await add(by, campaign_id, lead_list_id)).added == 1


async def add(
    by: CampaignStubs, campaign_id: str, lead_list_id: str
) -> lists_pb.AddLeadListResponse:
    return await by.lead_lists.AddLeadList(
        lists_pb.AddLeadListRequest(campaign_id=campaign_id, lead_list_id=lead_list_id)
    )


async def lists_of(by: CampaignStubs) -> set[str]:
    """All that there are for somebody, whose number is told as well."""
    answer = await by.lead_lists.ListLeadLists(
        lists_pb.ListLeadListsRequest(organization_id=ORGANIZATION)
    )
    assert answer.total_size == len(answer.lead_lists)
    return {each.lead_list_id for each in answer.lead_lists}


async def read(by: CampaignStubs, lead_list_id: str) -> None:
    for asked in readings_of(by, lead_list_id):
        await asked


async def rename(by: CampaignStubs, lead_list_id: str) -> None:
    await by.lead_lists.UpdateLeadList(
        lists_pb.UpdateLeadListRequest(
            lead_list=lead_list_pb2.LeadList(lead_list_id=lead_list_id, name="Autumn"),
            update_mask=FieldMask(paths=["name"]),
        )
    )


async def end(by: CampaignStubs, lead_list_id: str) -> None:
    """Begun when it is awaited: a call goes out as soon as it is made, before those ahead of it."""
    await by.lead_lists.DeleteLeadList(lists_pb.DeleteLeadListRequest(lead_list_id=lead_list_id))


def readings_of(by: CampaignStubs, lead_list_id: str) -> list[Awaitable[Any]]:
    of: dict[str, Any] = {"lead_list_id": lead_list_id}
    return [
        by.lead_lists.GetLeadList(lists_pb.GetLeadListRequest(**of)),
        by.lead_lists.ListLeadListEntries(lists_pb.ListLeadListEntriesRequest(**of)),
        by.imports.ListOperations(imports_pb.ListOperationsRequest(**of)),
    ]


def changes_of(by: CampaignStubs, lead_list_id: str) -> list[Awaitable[Any]]:
    """The last one ends it."""
    return [
        rename(by, lead_list_id),
        Upload.begin(by, lead_list_id, "second"),
        end(by, lead_list_id),
    ]


def everything_of(by: CampaignStubs, lead_list_id: str) -> list[Awaitable[Any]]:
    return [*readings_of(by, lead_list_id), *changes_of(by, lead_list_id)]


async def test_people_are_found_in_the_campaigns_of_the_callers_accounts(
    world: IdentityWorld,
) -> None:
    """Where else a person is, is not told to who is limited to accounts."""
    admin = CampaignStubs((await world.member()).channel)
    limited = CampaignStubs((await world.member(account_ids=[ONE])).channel)
    seen = [await create(world.api, admin, ONE), await create(world.api, admin, ONE, TWO)]
    for campaign_id in (*seen, await create(world.api, admin, TWO)):
        people = [Person(public_identifier="ada-example")]
        await world.api.leads.add(campaign_id, people, now=NOON)
    asked = leads_pb.FindLeadsRequest(organization_id=ORGANIZATION, address="in/ada-example")

    told = (await limited.leads.FindLeads(asked)).leads

    assert {each.lead.campaign_id for each in told} == set(seen)
    assert len((await admin.leads.FindLeads(asked)).leads) == 3
