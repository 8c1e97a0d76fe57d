"""The organization remembers who has turned to any of its senders."""

from datetime import UTC, datetime
from typing import Any

import pytest
from outreach.linkedin.v1 import suppression_service_pb2

from tests.integration.linkedin_gateway.provider import reason_of
from tests.integration.linkedin_gateway.test_same_person import colleague


async def held_back(house: Any, lead: str, **fields: Any) -> str:
    """Why the first action of a later campaign, from a colleague's account, is refused."""
    request = house.request("send_invitation", lead, campaign_id="camp_2")
    request.account_id = fields.pop("account_id", request.account_id)
    for name, value in fields.items():
        setattr(request, name, value)
    return await reason_of(house.perform(request))


@pytest.mark.parametrize("answer", ["accept", "reply"])
@pytest.mark.parametrize("spelling", ["name", "classic", "sales_navigator"])
async def test_who_turned_to_a_colleague(house: Any, answer: str, spelling: str) -> None:
    """Who accepted or answered anybody is held back from later campaigns, by any address."""
    second = await colleague(house)
    await house.perform(house.request("send_invitation", "ada"))
    await house.people("ada", "accept")
    if answer == "reply":
        await house.people("ada", "reply", text="Not for us.")
    await house.end_lead("ada")

    address = house.called("ada", "unipile-2")[spelling]
    reason = await held_back(house, address, account_id=second)

    assert reason == "PERSON_RESPONDED_BEFORE"
    assert len(house.writes("invite")) == 1


@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize("of_another", [False, True])
async def test_who_answered_elsewhere(house: Any, *, archived: bool, of_another: bool) -> None:
    """Remembered however long ago they were contacted, and of the organization's own alone."""
    await house.perform(house.request("visit_profile", "ada"))
    if archived:
        house.clock.advance(400 * 86_400)
        assert await house.gateway.archive.archive_due()
    request = suppression_service_pb2.RecordRepliesRequest(
        organization_id="org_other" if of_another else "org_test",
        leads=[suppression_service_pb2.RepliedLead(campaign_id="camp_1", lead_id="lead_ada")],
    )
    request.reply_time.FromDatetime(datetime.fromtimestamp(house.clock.now(), UTC))

    await house.stubs.suppressions.RecordReplies(request)
    await house.end_lead("ada")

    assert await held_back(house, "ada") == ("" if of_another else "PERSON_RESPONDED_BEFORE")


async def test_the_lead_that_was_answered_goes_on(house: Any) -> None:
    """Whoever accepts is written to by the campaign that invited them."""
    await house.perform(house.request("send_invitation", "ada"))
    await house.people("ada", "accept")

    await house.perform(house.request("send_message", "ada", text="Thanks!"))

    assert len(house.writes("message")) == 1


async def test_a_campaign_may_turn_to_them(house: Any) -> None:
    """Where the campaign says so, the same people are invited by a colleague."""
    second = await colleague(house)
    await house.perform(house.request("send_invitation", "ada"))
    await house.people("ada", "accept")
    await house.end_lead("ada")

    assert not await held_back(house, "ada", account_id=second, contact_responders=True)
    assert len(house.writes("invite")) == 2


async def test_who_did_nothing_is_not_held_back(house: Any) -> None:
    """Who was only visited, and never answered, is not remembered."""
    await house.perform(house.request("visit_profile", "ada"))
    await house.end_lead("ada")

    assert not await held_back(house, "ada")


async def test_who_was_found_connected(house: Any) -> None:
    """Who accepted is remembered by what a profile shows, though nobody has told of it yet."""
    second = await colleague(house)
    await house.perform(house.request("send_invitation", "ada"))
    house.world.webhooks._by_id.clear()
    await house.people("ada", "accept")
    house.clock.advance(2 * 86_400)

    await house.resolve("ada")
    await house.end_lead("ada")

    assert await held_back(house, "ada", account_id=second) == "PERSON_RESPONDED_BEFORE"


async def test_whose_colleague_replied_has_not_answered(house: Any) -> None:
    """Leads that end because of somebody else are left in peace, and later campaigns may ask."""
    await house.perform(house.request("visit_profile", "ada"))
    request = suppression_service_pb2.RecordRepliesRequest(
        organization_id="org_test",
        leads=[
            suppression_service_pb2.RepliedLead(
                campaign_id="camp_1", lead_id="lead_ada", by_another=True
            )
        ],
    )
    request.reply_time.FromDatetime(datetime.fromtimestamp(house.clock.now(), UTC))

    await house.stubs.suppressions.RecordReplies(request)

    assert await reason_of(house.perform(house.request("visit_profile", "ada"))) == (
        "ALREADY_REPLIED"
    )
    await house.end_lead("ada")
    assert await held_back(house, "ada") == ""
