"""Callers who are limited to accounts: what they see, and what they change."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from devstack.stack.keys import Keys
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import import_service_pb2 as imports_pb
from outreach.campaign.v1 import lead_list_service_pb2 as lists_pb
from servicekit.errors import NotFound, PermissionDenied

from tests.fakes.campaign_ports import ORGANIZATION
from tests.fakes.stubs import CampaignStubs
from tests.integration.campaign_api.conftest import Api, new_campaign
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


async def test_lists_of_leads_are_nobodys_who_is_limited(world: IdentityWorld) -> None:
    """They are of no account: to who is limited to some they do not exist, by any RPC."""
    admin = CampaignStubs((await world.member()).channel)
    limited = CampaignStubs((await world.member(account_ids=[ONE])).channel)
    campaign_id = await create(world.api, admin, ONE)
    making = lists_pb.CreateLeadListRequest(
        request_id="r1", organization_id=ORGANIZATION, name="Fair"
    )
    lead_list_id = (await admin.lead_lists.CreateLeadList(making)).lead_list.lead_list_id
    upload = await Upload.begin(admin, lead_list_id)

    for asked in (
        limited.lead_lists.GetLeadList(lists_pb.GetLeadListRequest(lead_list_id=lead_list_id)),
        limited.lead_lists.ListLeadLists(
            lists_pb.ListLeadListsRequest(organization_id=ORGANIZATION)
        ),
        limited.lead_lists.AddLeadList(
            lists_pb.AddLeadListRequest(campaign_id=campaign_id, lead_list_id=lead_list_id)
        ),
    ):
        with pytest.raises(PermissionDenied) as closed:
            await asked
        assert closed.value.reason == "PERMISSION_MISSING"
    theirs = upload.at(limited)
    for question in (
        theirs.get(),
        theirs.wait(),
        theirs.cancel(),
        theirs.finish(b"x"),
        Upload.begin(limited, lead_list_id, "second"),
        limited.imports.ListOperations(imports_pb.ListOperationsRequest(lead_list_id=lead_list_id)),
    ):
        with pytest.raises(NotFound) as missing:
            await question
        assert missing.value.reason == "LEAD_LIST_NOT_FOUND"
