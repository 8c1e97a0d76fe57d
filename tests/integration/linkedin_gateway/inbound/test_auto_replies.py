"""What an out-of-office note does to the queue, and what a reply elsewhere does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from outreach.linkedin.v1 import action_service_pb2, suppression_service_pb2
from servicekit.errors import FailedPrecondition, NotYet

AWAY = "I am out of the office and will return on Monday."


def following(house: Any, *, wait: timedelta | None) -> Any:
    request = house.request("send_message", "ada", text="Any news?")
    if wait is not None:
        request.automatic_reply_wait.FromTimedelta(wait)
    return request


async def away(house: Any) -> None:
    """Ada is connected, was written to, and her machine has answered."""
    await house.perform(house.request("send_invitation", "ada"))
    await house.people("ada", "accept")
    await house.perform(house.request("send_message", "ada", text="Thanks!"))
    await house.people("ada", "reply", text=AWAY)
    await house.relay()


async def test_a_note_counts_as_a_reply_unless_it_is_said_otherwise(house: Any) -> None:
    """Without a policy nothing more is sent, and the event says what it was."""
    await away(house)

    with pytest.raises(FailedPrecondition) as refused:
        await house.perform(following(house, wait=None))

    assert refused.value.reason == "ALREADY_REPLIED"
    (told,) = house.reported.of("reply_received")
    assert told.reply_received.automatic


async def test_a_note_is_waited_out_by_the_queue(house: Any) -> None:
    """The action waits as long as it is told to, and goes then; an ignored one goes at once."""
    await away(house)

    asked = following(house, wait=timedelta(days=5))
    with pytest.raises(NotYet) as waits:
        await house.stubs.actions.PerformAction(asked)
    explained = await house.stubs.actions.ExplainAction(
        action_service_pb2.ExplainActionRequest(
            organization_id=asked.organization_id, action_id=asked.action_id
        )
    )
    assert explained.obstacles[-1].reason == "PERSON_AWAY"
    assert waits.value.reason == "PERSON_AWAY"
    assert waits.value.retry_after is not None
    assert timedelta(days=4) < waits.value.retry_after <= timedelta(days=5)

    house.clock.advance(waits.value.retry_after.total_seconds())
    await house.perform(following(house, wait=timedelta(days=5)))


async def test_a_reply_elsewhere_is_refused_in_the_queue(house: Any) -> None:
    """From the moment the call returns; a campaign that goes on after replies goes on."""
    request = suppression_service_pb2.RecordRepliesRequest(
        organization_id="org_test",
        leads=[suppression_service_pb2.RepliedLead(campaign_id="camp_1", lead_id="lead_bob")],
    )
    request.reply_time.FromDatetime(datetime.fromtimestamp(house.clock.now(), UTC))
    for _ in range(2):
        await house.stubs.suppressions.RecordReplies(request)

    with pytest.raises(FailedPrecondition) as refused:
        await house.perform(house.request("visit_profile", "bob"))

    assert refused.value.reason == "ALREADY_REPLIED"
    await house.perform(house.request("visit_profile", "ada"))


async def test_what_another_organization_records_stops_nobody(house: Any) -> None:
    """A lead's name is its organization's: whoever else says it has said nothing of that lead."""
    request = suppression_service_pb2.RecordRepliesRequest(
        organization_id="org_other",
        leads=[suppression_service_pb2.RepliedLead(campaign_id="camp_1", lead_id="lead_bob")],
    )
    request.reply_time.FromDatetime(datetime.fromtimestamp(house.clock.now(), UTC))
    await house.stubs.suppressions.RecordReplies(request)

    await house.perform(house.request("visit_profile", "bob"))

    request.organization_id = "org_test"
    await house.stubs.suppressions.RecordReplies(request)
    with pytest.raises(FailedPrecondition) as refused:
        await house.perform(house.request("visit_profile", "bob"))
    assert refused.value.reason == "ALREADY_REPLIED"
