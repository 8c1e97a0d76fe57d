"""Whoever asks for no further contact hears from nobody of the organization, until it is lifted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from linkedin_gateway.people.merging import merge
from outreach.linkedin.v1 import suppression_pb2 as pb
from outreach.linkedin.v1 import suppression_service_pb2 as service_pb
from servicekit.errors import FailedPrecondition

from tests.integration.linkedin_gateway.conftest import MONDAY_NOON, ORGANIZATION
from tests.integration.linkedin_gateway.inbound.test_replay import replay
from tests.integration.linkedin_gateway.provider import reason_of
from tests.integration.linkedin_gateway.test_same_person import colleague

STOP = "Please remove me from your list."


async def suppressions(house: Any, organization_id: str = ORGANIZATION) -> list[pb.Suppression]:
    listed = await house.stubs.suppressions.ListSuppressions(
        service_pb.ListSuppressionsRequest(organization_id=organization_id)
    )
    return list(listed.suppressions)


async def lift(house: Any, suppression_id: str) -> None:
    await house.stubs.suppressions.RemoveSuppression(
        service_pb.RemoveSuppressionRequest(suppression_id=suppression_id)
    )


async def connected(house: Any, lead: str = "ada") -> None:
    """Somebody was invited and has accepted."""
    await house.perform(house.request("send_invitation", lead))
    await house.people(lead, "accept")
    await house.relay()


async def opts_out(house: Any, text: str = STOP) -> str:
    """Ada is connected and answers; the suppression that campaign-api was told of."""
    await connected(house)
    house.clock.advance(3600)
    await house.people("ada", "reply", text=text)
    await house.relay()
    (told,) = house.reported.of("reply_received")
    suppression_id: str = told.reply_received.suppression_id
    return suppression_id


async def turned_to(house: Any, address: str = "ada", **fields: Any) -> str:
    """Why a campaign that comes later, and turns to whoever answered before, must not."""
    request = house.request("send_invitation", address, campaign_id="camp_2")
    request.contact_responders = True
    for name, value in fields.items():
        setattr(request, name, value)
    return await reason_of(house.perform(request))


@pytest.mark.parametrize("spelling", ["name", "classic", "sales_navigator"])
async def test_nobody_contacts_them(house: Any, spelling: str) -> None:
    """Neither another campaign nor a colleague's account, by whichever address."""
    second = await colleague(house)
    await opts_out(house)

    address = house.called("ada", "unipile-2")[spelling]

    assert await turned_to(house, address, account_id=second) == "PERSON_SUPPRESSED"
    assert len(house.writes("invite")) == 1


async def test_it_is_one_of_the_organizations_suppressions(house: Any) -> None:
    """It covers the person, says why, shows nothing of them, and is nobody else's."""
    suppression_id = await opts_out(house)

    (kept,) = await suppressions(house)
    assert kept.suppression_id == suppression_id
    assert kept.coverage == pb.SUPPRESSION_COVERAGE_PERSON
    assert kept.reason == "They answered that they want no further contact."
    assert kept.public_identifier == "ad…"
    assert not kept.HasField("expire_time")
    assert await suppressions(house, "org_other") == []


@pytest.mark.parametrize("text", ["No thanks, not for us.", "Please don't remove me", "Stop?"])
async def test_another_answer_suppresses_nobody(house: Any, text: str) -> None:
    """It ends the lead as any reply does, and no more than that."""
    assert await opts_out(house, text) == ""

    assert await suppressions(house) == []


async def test_a_campaign_that_goes_on_after_replies_does_not(house: Any) -> None:
    """What it says of replies says nothing of a request to stop."""
    await opts_out(house)

    follow_up = house.request("send_message", "ada", text="And now?", continue_after_reply=True)

    assert await reason_of(house.perform(follow_up)) == "PERSON_SUPPRESSED"
    assert not house.writes("message")


async def test_it_is_found_before_a_message_goes(house: Any) -> None:
    """The webhook was lost: the chat is looked at, and the message that looked is the first."""
    await connected(house)
    house.world.webhooks._by_id.clear()
    await house.people("ada", "reply", text=STOP)

    follow_up = house.request("send_message", "ada", text="And now?", continue_after_reply=True)
    reason = await reason_of(house.perform(follow_up))
    again = await reason_of(house.perform(house.request("send_message", "ada", text="Hello?")))
    await house.relay()

    assert (reason, again) == ("PERSON_SUPPRESSED", "ALREADY_REPLIED")
    assert not house.writes("message")
    (told,) = house.reported.of("reply_received")
    assert [told.reply_received.suppression_id] == [
        each.suppression_id for each in await suppressions(house)
    ]


async def test_what_is_lifted_stays_lifted(house: Any) -> None:
    """Heard again, by a replay, the same words forbid nothing; new ones do."""
    began = house.clock.now()
    first = await opts_out(house)
    await house.end_lead("ada")
    await lift(house, first)

    assert await turned_to(house) == ""
    await replay(house, began)
    assert await suppressions(house) == []

    house.clock.advance(86_400)
    await house.people("ada", "reply", text="Stop.")
    await house.relay()

    (second,) = await suppressions(house)
    assert second.suppression_id != first
    follow_up = house.request("send_message", "ada", campaign_id="camp_2", text="Hello?")
    with pytest.raises(FailedPrecondition):
        await house.perform(follow_up)


async def test_a_replay_tells_of_the_same(house: Any) -> None:
    """Who had lost it hears of the suppression that there is, not of another one."""
    began = house.clock.now()
    suppression_id = await opts_out(house)

    await replay(house, began)

    told = {each.reply_received.suppression_id for each in house.reported.of("reply_received")}
    assert told == {suppression_id}
    assert len(await suppressions(house)) == 1


async def test_who_was_suppressed_until_a_day_is_so_for_ever(house: Any) -> None:
    """What a member had put for a time, for a reason of theirs, is one with it."""
    await connected(house)
    named = pb.Suppression(
        organization_id=ORGANIZATION, public_identifier="ada", reason="On holiday."
    )
    named.expire_time.FromDatetime(MONDAY_NOON + timedelta(days=90))
    added = await house.stubs.suppressions.AddSuppressions(
        service_pb.AddSuppressionsRequest(suppressions=[named])
    )

    await house.people("ada", "reply", text=STOP)

    (kept,) = await suppressions(house)
    assert kept.suppression_id == added.suppressions[0].suppression_id
    assert not kept.HasField("expire_time")


async def test_a_name_that_changed_hands_stays_with_whom_it_suppresses(house: Any) -> None:
    """Who is called so today asks for it; who was, and is suppressed by it, stays suppressed.

    The entry was moved from the one to the other, and the first could be contacted again.
    """
    await connected(house)
    await house.stubs.suppressions.AddSuppressions(
        service_pb.AddSuppressionsRequest(
            suppressions=[
                pb.Suppression(
                    organization_id=ORGANIZATION, public_identifier="ada", reason="Asked."
                )
            ]
        )
    )
    await house.pool.execute("UPDATE suppressions SET person_id = 'per_before'")

    await house.people("ada", "reply", text=STOP)

    rows = await house.pool.fetch("SELECT person_id, reason FROM suppressions ORDER BY created_at")
    (before, reason), (today, _) = (tuple(row) for row in rows)
    assert (before, reason) == ("per_before", "Asked.")
    assert today not in {"", "per_before"}


async def test_of_two_who_are_one_the_last_request_counts(house: Any) -> None:
    """What was lifted of the one is not made anew, and what the other said later stands."""
    put = "INSERT INTO opt_outs VALUES ('org_test', $1, $2, $3)"
    for person, days, suppression in (("per_1", 1, "supp_1"), ("per_2", 3, "supp_2")):
        await house.pool.execute(put, person, MONDAY_NOON + timedelta(days=days), suppression)

    async with house.pool.acquire() as connection, connection.transaction():
        await merge(connection, ORGANIZATION, ["per_2"], into="per_1")

    rows = await house.pool.fetch("SELECT person_id, written_at, suppression_id FROM opt_outs")
    assert [tuple(row) for row in rows] == [("per_1", MONDAY_NOON + timedelta(days=3), "supp_2")]
