"""Filters, orders and page tokens, as callers meet them."""

import asyncio
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.campaign.v1 import campaign_service_pb2, lead_service_pb2
from servicekit.errors import InvalidArgument

from tests.integration.campaign_api.conftest import LEADS, ORGANIZATION, Api


async def leads(api: Api, campaign_id: str, **asked: Any) -> lead_service_pb2.ListLeadsResponse:
    request = lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id, **asked)
    return await api.stubs.leads.ListLeads(request)


async def told(api: Api, campaign_id: str, **asked: Any) -> lead_service_pb2.ListLeadsResponse:
    """The next answer to who follows that has any leads.

    A transaction of somebody else on the server holds what was committed up.
    """
    async with asyncio.timeout(60):
        while not (page := await leads(api, campaign_id, **asked)).leads:
            asked = {"sync_token": page.next_sync_token}
    return page


def names(page: lead_service_pb2.ListLeadsResponse) -> list[str]:
    return [each.lead.first_name for each in page.leads]


async def test_leads_are_filtered_and_ordered(api: Api) -> None:
    """What `state` says and what `filter` says must both be so."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)

    assert names(await leads(api, campaign_id, order_by="position desc")) == ["Alan", "Grace"]
    assert names(await leads(api, campaign_id, filter="public_identifier = grace-example")) == [
        "Grace"
    ]
    for written in ("Grace-Example", '"https://www.linkedin.com/in/grace-example/"'):
        found = await leads(api, campaign_id, filter=f"public_identifier = {written}")
        assert names(found) == ["Grace"]
    assert names(await leads(api, campaign_id, filter="state = LEAD_STATE_READY")) == [
        "Grace",
        "Alan",
    ]
    assert names(await leads(api, campaign_id, filter="public_identifier:*", state=2)) == []
    assert (await leads(api, campaign_id)).leads[0].lead.HasField("update_time")


@pytest.mark.parametrize(
    ("asked", "reason", "metadata"),
    [
        ({"filter": "state ="}, "FILTER_INVALID", {"position": "8"}),
        ({"filter": "state = ASLEEP"}, "FILTER_INVALID", {"position": "1"}),
        (
            {"filter": "shoe_size = 41"},
            "FILTER_NOT_SUPPORTED",
            {"update_time": "= != < <= > >=", "public_identifier": "= != :"},
        ),
        ({"filter": "email:example"}, "FILTER_NOT_SUPPORTED", {"account_id": "= != :"}),
        ({"filter": "state < READY"}, "FILTER_NOT_SUPPORTED", {"account_id": "= != :"}),
        (
            {"order_by": "first_name"},
            "ORDER_NOT_SUPPORTED",
            {"orders": "position, position desc, update_time, update_time desc"},
        ),
        ({"page_token": "rubbish"}, "PAGE_TOKEN_INVALID", {}),
    ],
)
async def test_what_is_not_served_says_what_is(
    api: Api, asked: dict[str, str], reason: str, metadata: dict[str, str]
) -> None:
    """By a stable reason, the field of the request, and what would be answered."""
    campaign_id = await api.create()

    with pytest.raises(InvalidArgument) as refused:
        await leads(api, campaign_id, **asked)

    assert refused.value.reason == reason
    assert [wrong.field for wrong in refused.value.violations] == [*asked]
    assert metadata.items() <= refused.value.metadata.items()


@pytest.mark.parametrize(
    "changed",
    [{"filter": "public_identifier:*"}, {"order_by": "position desc"}, {"state": 1}],
    ids=["filter", "order", "state"],
)
async def test_a_token_belongs_to_what_was_asked(api: Api, changed: dict[str, Any]) -> None:
    """With another filter, order or campaign it is no token; another size is fine."""
    campaign_id, other_id = await api.create(), await api.create("second")
    await api.import_leads(campaign_id, LEADS)
    token = (await leads(api, campaign_id, page_size=1)).next_page_token

    assert names(await leads(api, campaign_id, page_size=5, page_token=token)) == ["Alan"]
    for asked in ({"campaign_id": campaign_id, **changed}, {"campaign_id": other_id}):
        with pytest.raises(InvalidArgument) as refused:
            await leads(api, page_token=token, **asked)
        assert refused.value.reason == "PAGE_TOKEN_INVALID"


async def test_nobody_makes_a_token(api: Api) -> None:
    """One character changed, and it is refused: where a page begins is not the caller's to say."""
    for number in range(2):
        await api.create(f"request {number}")
    request = campaign_service_pb2.ListCampaignsRequest(organization_id=ORGANIZATION, page_size=1)
    token = (await api.stubs.campaigns.ListCampaigns(request)).next_page_token

    request.page_token = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    with pytest.raises(InvalidArgument) as refused:
        await api.stubs.campaigns.ListCampaigns(request)

    assert refused.value.reason == "PAGE_TOKEN_INVALID"


async def test_changes_are_followed_by_token(api: Api) -> None:
    """What was there, then what came, then nothing: each answer says from where to go on."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)

    since = {"updated_since": Timestamp(seconds=1)}
    # Until both can be told.
    while len((await told(api, campaign_id, **since)).leads) < 2:
        pass
    first = await told(api, campaign_id, **since, page_size=1)
    second = await leads(api, campaign_id, sync_token=first.next_sync_token)
    third = await leads(api, campaign_id, sync_token=second.next_sync_token)

    assert [names(page) for page in (first, second, third)] == [["Grace"], ["Alan"], []]
    assert third.next_sync_token
    assert not first.next_page_token


async def test_a_deleted_campaign_is_told_to_who_follows(api: Api) -> None:
    """With the moment; whoever lists does not see it."""
    campaign_id = await api.create()
    request = campaign_service_pb2.ListCampaignsRequest(
        organization_id=ORGANIZATION, updated_since=Timestamp(seconds=1)
    )
    token = (await api.stubs.campaigns.ListCampaigns(request)).next_sync_token
    await api.stubs.campaigns.DeleteCampaign(
        campaign_service_pb2.DeleteCampaignRequest(campaign_id=campaign_id, force=True)
    )

    request = campaign_service_pb2.ListCampaignsRequest(
        organization_id=ORGANIZATION, sync_token=token
    )
    async with asyncio.timeout(60):
        while not (page := await api.stubs.campaigns.ListCampaigns(request)).campaigns:
            # A transaction of somebody else on the server holds it up.
            request.sync_token = page.next_sync_token
    (told,) = page.campaigns

    assert told.campaign_id == campaign_id
    assert told.HasField("delete_time")


async def test_changes_are_told_from_one_place(api: Api) -> None:
    """Of a token and a moment the moment was forgotten, without a word."""
    campaign_id = await api.create()
    since = Timestamp(seconds=1)
    token = (await leads(api, campaign_id, updated_since=since)).next_sync_token
    asked = campaign_service_pb2.ListCampaignsRequest(
        organization_id=ORGANIZATION, updated_since=since, sync_token=token
    )

    with pytest.raises(InvalidArgument) as of_leads:
        await leads(api, campaign_id, updated_since=since, sync_token=token)
    with pytest.raises(InvalidArgument) as of_campaigns:
        await api.stubs.campaigns.ListCampaigns(asked)

    for refused in (of_leads, of_campaigns):
        assert [each.field for each in refused.value.violations] == ["updated_since"]


async def test_changes_are_told_whole(api: Api) -> None:
    """Who leaves a filter would leave the copy without a word: there is none."""
    campaign_id = await api.create()

    with pytest.raises(InvalidArgument) as refused:
        await leads(
            api,
            campaign_id,
            updated_since=Timestamp(seconds=1),
            filter="state = READY",
            order_by="position",
            state=1,
        )

    assert refused.value.reason == "INVALID_FIELDS"
    assert {wrong.field for wrong in refused.value.violations} == {"filter", "order_by", "state"}
