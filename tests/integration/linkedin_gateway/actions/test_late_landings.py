"""What lands long after its answer was lost is neither sent twice nor told as never sent."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from linkedin_gateway.models import ActionKey, text_hash
from linkedin_gateway.unipile.transport import PAGE
from outreach.linkedin.v1 import action_service_pb2
from servicekit.errors import NotYet
from unipile_simulator.config import Knobs

from tests.integration.linkedin_gateway.provider import reason_of
from tests.integration.linkedin_gateway.test_faults import FIELDS, ROUTES, ready

TIMEOUT = timedelta(seconds=60)
LAG = timedelta(minutes=20)


@pytest.mark.parametrize("kind", ROUTES)
@pytest.mark.parametrize("seconds", [0, 1, 12, 25, 45, 59])
async def test_a_late_landing_is_found(house: Any, kind: str, seconds: int) -> None:
    """However long after the cut it is carried out, within the time that a call may take: once."""
    asked = await ready(house, kind, "ada-example")
    route, journalled = ROUTES[kind]
    await house.fault(
        method="POST", route=route, fault="drop_late", seconds=seconds, clock="virtual"
    )

    outcome = await house.perform(asked)
    house.clock.advance((2 * (TIMEOUT + LAG)).total_seconds())
    await house.settle()

    assert outcome.provider_id
    assert len(house.writes(journalled)) == 1


@pytest.mark.parametrize("kind", ["send_message", "send_invitation", "comment_on_post"])
@pytest.mark.parametrize("seconds", [90, 600, 1250])
async def test_a_landing_that_is_shown_late_is_found(house: Any, kind: str, seconds: int) -> None:
    """Later than the call may take, as the store's lag makes it look: once, up to the margin."""
    asked = await ready(house, kind, "ada-example")
    route, journalled = ROUTES[kind]
    await house.fault(
        method="POST", route=route, fault="504_late", seconds=seconds, clock="virtual"
    )

    await house.perform(asked)
    house.clock.advance((2 * (TIMEOUT + LAG)).total_seconds())
    await house.settle()

    assert len(house.writes(journalled)) == 1


async def test_what_never_lands_goes_once_more(house: Any) -> None:
    """Not before the call's timeout and the store's lag are over; then it is sent again."""
    asked = await ready(house, "send_message", "ada-example")
    await house.fault(method="POST", route="/chats", fault="drop")
    with pytest.raises(Exception, match="answer was lost"):
        await house.until_sent(asked)
    cut_at = house.clock.now()

    await house.perform(asked)

    (written,) = house.writes("message")
    assert written.received_at - cut_at >= (TIMEOUT + LAG).total_seconds()


async def test_the_same_words_twice_are_two_messages(house: Any) -> None:
    """A message with the same text that another action has made is not this attempt."""
    first = await ready(house, "send_message", "ada-example")
    await house.perform(first)
    again = house.request("send_message", "ada-example", **FIELDS["send_message"])
    await house.fault(method="POST", route="/chats/{chat_id}/messages", fault="drop")
    with pytest.raises(Exception, match="answer was lost"):
        await house.until_sent(again)

    await house.perform(again)

    assert len(house.writes("message")) == 2


@pytest.mark.parametrize("landed", [True, False])
@pytest.mark.parametrize("seconds", [1, 30, 119])
async def test_the_same_words_by_hand_are_not_ours(
    house: Any, seconds: float, *, landed: bool
) -> None:
    """What the owner wrote just before, with the same words, was there before: ours goes too."""
    asked = await ready(house, "send_message", "ada-example")
    asked.owner_messages = action_service_pb2.OWNER_MESSAGES_CONTINUE
    await house.until_waiting_is_over(asked, less=seconds)
    await house.people("ada-example", "write", text=FIELDS["send_message"]["text"], webhook=False)
    house.clock.advance(seconds)
    await house.fault(method="POST", route="/chats", fault="504_after" if landed else "drop")

    outcome = await house.perform(asked)
    house.clock.advance((2 * (TIMEOUT + LAG)).total_seconds())
    await house.settle()

    (ours,) = house.writes("message")
    assert len(house.messages("ada-example", FIELDS["send_message"]["text"])) == 2
    assert outcome.message_id == house.messages("ada-example", ours.text)[-1].id


@pytest.mark.parametrize("landed", [(True, False), (False, True), (True, True), (False, False)])
async def test_two_lost_with_the_same_words_are_two(house: Any, landed: tuple[bool, bool]) -> None:
    """Two messages with the same words, both answers lost: whichever landed, two there are."""
    first = await ready(house, "send_message", "ada-example")
    second = house.request("send_message", "ada-example", **FIELDS["send_message"])
    for asked, there in zip((first, second), landed, strict=True):
        await house.fault(
            method="POST", route="/chats*", fault="504_after" if there else "504", times=1
        )
        with pytest.raises(Exception, match="answer was lost"):
            await house.until_sent(asked)
    house.clock.advance((2 * (TIMEOUT + LAG)).total_seconds())

    outcomes = await asyncio.gather(house.perform(first), house.perform(second))

    there = {message.id for message in house.messages("ada-example", first.send_message.text)}
    assert len(house.writes("message")) == len(there) == 2
    assert {outcome.message_id for outcome in outcomes} == there


@pytest.mark.parametrize("landed", [True, False])
async def test_a_twin_without_an_id_has_made_one(house: Any, *, landed: bool) -> None:
    """Of two with the same words one was answered without an id: it is one of those there."""
    first = await ready(house, "send_message", "ada-example")
    second = house.request("send_message", "ada-example", **FIELDS["send_message"])
    await house.fault(method="POST", route="/chats", fault="504_after" if landed else "504")
    with pytest.raises(Exception, match="answer was lost"):
        await house.until_sent(first)
    object.__setattr__(house.world.config.knobs, "null_chat_id", 1.0)
    await house.until_sent(second)

    await house.perform(first)

    assert len(house.writes("message")) == 2


@pytest.mark.lasts(seconds=10)
async def test_looks_go_back_to_before_the_attempt(house: Any) -> None:
    """However many messages came after it, a message whose answer was lost is found."""
    asked = await ready(house, "send_message", "ada-example")
    await house.fault(method="POST", route="/chats", fault="504_after")
    with pytest.raises(Exception, match="answer was lost"):
        await house.until_sent(asked)
    for number in range(3 * PAGE):
        house.clock.advance(1)
        await house.people("ada-example", "write", text=f"And another thing, {number}")

    outcome = await house.perform(asked)

    (ours,) = house.messages("ada-example", asked.send_message.text)
    assert outcome.message_id == ours.id
    assert len(house.writes("message")) == 1


async def test_accepted_before_it_could_be_withdrawn(house: Any) -> None:
    """Who accepted meanwhile is in no list of those pending; it is told as accepted."""
    lead = "ada-example"
    await house.perform(house.request("send_invitation", lead))
    withdrawal = house.request("withdraw_invitation", lead)
    await house.fault(
        method="DELETE", route="/users/invite/sent/{invitation_id}", fault="drop", times=1
    )
    with pytest.raises(Exception, match="answer was lost"):
        await house.until_sent(withdrawal)
    await house.people(lead, "accept")

    outcome = await house.perform(withdrawal)

    assert outcome.connected
    assert house.writes("withdraw") == []


async def test_a_comment_of_an_account_that_is_not_known_is_not_told(house: Any) -> None:
    """Without the account's own id nobody can say whose comment it is: it is never repeated."""
    asked = await ready(house, "comment_on_post", "ada-example")
    await house.fault(method="POST", route=ROUTES["comment_on_post"][0], fault="drop")
    with pytest.raises(Exception, match="answer was lost"):
        await house.until_sent(asked)
    await house.pool.execute("UPDATE accounts SET provider_id = ''")

    assert await reason_of(house.perform(asked)) == "OUTCOME_UNKNOWN"
    assert house.writes("comment") == []


async def test_a_text_that_was_changed_while_queued_is_looked_for(house: Any) -> None:
    """What is sent is what was asked for last, and by those words it is found again."""
    asked = await ready(house, "send_message", "ada-example")
    with pytest.raises(NotYet):
        await house.stubs.actions.PerformAction(asked)
    asked.send_message.text = "Other words"
    await house.fault(method="POST", route="/chats", fault="504_after")

    await house.perform(asked)
    house.clock.advance((2 * (TIMEOUT + LAG)).total_seconds())

    assert [written.text for written in house.writes("message")] == ["Other words"]


async def test_a_note_that_was_added_while_queued_counts_as_one(house: Any) -> None:
    """Invitations with notes have caps of their own: the row says what was sent."""
    await house.perform(house.request("visit_profile", "ada-example"))
    asked = house.request("send_invitation", "ada-example")
    with pytest.raises(NotYet):
        await house.stubs.actions.PerformAction(asked)
    asked.send_invitation.note = "Hello"

    await house.perform(asked)

    row = await house.gateway.ledger.read(ActionKey(asked.organization_id, asked.action_id))
    assert row.noted
    assert row.text_hash == text_hash("Hello")


async def test_a_comment_whose_author_is_not_told_may_be_ours(open_house: Any) -> None:
    """Its very words stand there, and nobody's name: it is not said to be absent, nor repeated."""
    async with open_house(knobs=Knobs(anonymous_comments=1.0)) as house:
        asked = await ready(house, "comment_on_post", "ada-example")
        await house.fault(method="POST", route=ROUTES["comment_on_post"][0], fault="drop_after")
        with pytest.raises(Exception, match="answer was lost"):
            await house.until_sent(asked)

        assert await reason_of(house.perform(asked)) == "OUTCOME_UNKNOWN"
        assert len(house.writes("comment")) == 1
