"""outreach_client.services.pages: what is followed, and what is no more."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from google.protobuf.message import Message
from outreach.campaign.v1 import campaign_service_pb2, lead_service_pb2
from outreach_client import Outreach
from outreach_client.services.members import MEMBERS, items_field, removed_field
from outreach_client.services.pages import Pages

from tests.unit.outreach_client.conftest import Server


def page(
    *ids: str, removed: tuple[str, ...] = (), **tokens: str
) -> lead_service_pb2.ListLeadsResponse:
    answer = lead_service_pb2.ListLeadsResponse(**tokens)
    for each in ids:
        answer.leads.add().lead.lead_id = each
    for each in removed:
        answer.removed_leads.add().lead_id = each
    return answer


def answering(*pages: Message) -> Callable[[Message], Awaitable[Any]]:
    rest = [*pages]

    async def ask(_: Message) -> Any:
        return rest.pop(0)

    return ask


CHANGES = (
    page("a", removed=("b",), next_page_token="1"),
    page(removed=("c",), next_sync_token="1"),
    page("d", next_sync_token="2"),
    page(next_sync_token="3"),
)


async def test_who_follows_hears_what_is_no_more() -> None:
    """The token went past it, and nobody was told; a page of that alone was taken for the end."""
    asked = lead_service_pb2.ListLeadsRequest(sync_token="0")
    followed: Pages[Any, Any] = Pages(answering(*CHANGES), asked, "leads", "removed_leads")

    assert [each.lead.lead_id async for each in followed] == ["a", "d"]
    assert [each.lead_id for each in followed.removed] == ["b", "c"]
    assert followed.sync_token == "3"


def test_who_waits_hears_the_same(server: Server) -> None:
    """By the client's own method, which knows where an answer has it."""
    server.pages = [*CHANGES]
    with Outreach() as client:
        followed = client.leads.list(campaign_id="camp_1", sync_token="0")
        assert [each.lead.lead_id for each in followed] == ["a", "d"]

    assert [each.lead_id for each in followed.removed] == ["b", "c"]


def test_of_each_list_it_is_known_what_tells_of_removals() -> None:
    """A list that has a further one in its answer would hide it from who goes through."""
    lists = [
        method
        for member in MEMBERS.values()
        for method in member.descriptor.methods
        if items_field(method)
    ]

    for method in lists:
        several = {
            each.name
            for each in method.output_type.fields
            if each.is_repeated and each.message_type is not None
        }
        told = {items_field(method), removed_field(method)} - {""}
        assert several == told, method.full_name
    assert "removed_leads" in map(removed_field, lists)


@pytest.mark.parametrize("times", [1, 2])
async def test_each_time_it_is_gone_through_it_is_told_anew(times: int) -> None:
    """What was removed is not told twice by one object."""
    asked = lead_service_pb2.ListLeadsRequest(sync_token="0")
    followed: Pages[Any, Any] = Pages(answering(*CHANGES * times), asked, "leads", "removed_leads")

    for _ in range(times):
        _all = [each async for each in followed]

    assert [each.lead_id for each in followed.removed] == ["b", "c"]


def campaigns(*ids: str, **told: Any) -> campaign_service_pb2.ListCampaignsResponse:
    answer = campaign_service_pb2.ListCampaignsResponse(**told)
    for each in ids:
        answer.campaigns.add(campaign_id=each)
    return answer


PARTS = (
    campaigns(next_sync_token="1", more_changes=True),
    campaigns("b", next_sync_token="2", more_changes=True),
    campaigns(next_sync_token="3"),
)


async def test_a_page_of_nothing_is_not_the_end_where_there_are_more() -> None:
    """Whoever does not see the first thousands heard of nothing behind them."""
    asked = campaign_service_pb2.ListCampaignsRequest(sync_token="0")
    followed: Pages[Any, Any] = Pages(answering(*PARTS, *PARTS), asked, "campaigns")

    assert [each.campaign_id async for each in followed] == ["b"]
    assert followed.sync_token == "3"
    assert await followed.gathered() == campaigns("b", next_sync_token="3")


@pytest.mark.parametrize("limit", [0, -1])
async def test_a_limit_of_nothing_is_none(limit: int) -> None:
    """Pages of less than nothing were asked for."""
    followed: Pages[Any, Any] = Pages(answering(), campaigns_asked(), "campaigns")

    with pytest.raises(ValueError, match="one at the least"):
        await followed.gathered(limit)


def campaigns_asked() -> campaign_service_pb2.ListCampaignsRequest:
    return campaign_service_pb2.ListCampaignsRequest(organization_id="org_1")
