"""Messages whose webhooks were lost are found in Unipile's store within minutes."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from servicekit.errors import FailedPrecondition


async def invited(house: Any, lead: str, note: str = "") -> None:
    await house.perform(house.request("send_invitation", lead, note=note))
    house.world.webhooks._by_id.clear()


async def poll(house: Any) -> None:
    """The time of the next poll comes."""
    house.clock.advance(house.settings.message_poll_interval.total_seconds())
    await house.gateway.message_polling.poll_due()
    await house.relay()


async def test_the_note_of_an_accepted_invitation(house: Any) -> None:
    """It opens a chat, and is found there within minutes: the store tells whom a chat is with."""
    await house.perform(house.request("send_invitation", "ada", note="Hello Ada"))
    house.world.webhooks._by_id.clear()
    await house.people("ada", "accept")

    account = await house.account_row()
    await house.gateway.message_polling.poll(account, overlap_before=account.state_at)
    await house.relay()

    (accepted,) = house.reported.of("invitation_accepted")
    assert [lead.lead_id for lead in accepted.leads] == ["lead_ada"]


async def test_a_chat_that_is_gone_stops_no_poll(house: Any) -> None:
    """Whom it was with is not told any more; what others wrote is heard."""
    await house.perform(house.request("send_invitation", "bob"))
    house.world.webhooks._by_id.clear()
    await house.people("ada", "write", text="Lunch?")
    await house.people("bob", "reply", text="Not for us")
    gone = {"route": "/chats/{chat_id}/attendees", "method": "GET", "times": None}
    await house.fault(fault="error", type="resource_not_found", **gone)

    account = await house.account_row()
    await house.gateway.message_polling.poll(account, overlap_before=account.state_at)
    await house.relay()

    assert len(house.reported.of("reply_received")) == 1


@pytest.mark.parametrize("note", ["Hello Ada", ""])
async def test_the_sweep_finds_every_acceptance(house: Any, note: str) -> None:
    """With no webhook and no message to go by, the list of relations tells; within a day."""
    await house.perform(house.request("send_invitation", "ada", note=note))
    house.world.webhooks._by_id.clear()
    await house.people("ada", "accept")
    accepted_at, longest = house.clock.now(), 1.5 * house.settings.poll_interval.total_seconds()

    while not house.reported.of("invitation_accepted"):
        house.clock.advance(600)
        await house.gateway.polling.poll_due()
        await house.relay()
        assert house.clock.now() - accepted_at <= longest + 600

    assert longest < 86_400


async def test_a_reply_is_found(house: Any) -> None:
    """Nobody told of it, and it is heard all the same; once."""
    await invited(house, "ada")
    await house.people("ada", "accept")
    await poll(house)
    await house.people("ada", "reply", text="Not for us")
    await poll(house)
    await poll(house)

    (event,) = house.reported.of("reply_received")
    assert event.reply_received.text == "Not for us"
    assert [lead.lead_id for lead in event.leads] == ["lead_ada"]


async def test_what_a_webhook_told_is_not_heard_again(house: Any) -> None:
    """A poll and a webhook are two tellings of one message."""
    await house.perform(house.request("send_invitation", "ada"))
    await house.people("ada", "accept")
    await house.people("ada", "reply", text="Yes")
    before = await house.pool.fetchval("SELECT count(*) FROM inbound")
    await poll(house)

    assert len(house.reported.of("reply_received")) == 1
    assert await house.pool.fetchval("SELECT count(*) FROM inbound") == before


async def test_what_lags_behind_is_found_by_the_overlap(house: Any) -> None:
    """A message that the store shows only after the poll that should have seen it is heard."""
    await invited(house, "ada")
    await house.people("ada", "accept")
    await poll(house)
    account = await house.account_row()
    written_at = house.gateway.clock.now()
    await house.people("ada", "reply", text="Late")
    house.clock.advance(60)
    await house.gateway.repositories.message_polls.release(
        account, read_to=written_at + timedelta(minutes=1), next_at=house.gateway.clock.now()
    )
    await poll(house)

    assert len(house.reported.of("reply_received")) == 1


async def test_one_process_polls_and_not_oftener_than_told(house: Any) -> None:
    """Several at once make one poll; before its time nobody makes another."""
    other = house.another_process(house.pool, house.sender)
    await house.gateway.message_polling.poll_due()
    began = len(house.world.journal.entries)
    house.clock.advance(house.settings.message_poll_interval.total_seconds())
    await asyncio.gather(
        *(each.message_polling.poll_due() for each in (house.gateway, other) for _ in range(3))
    )
    await other.message_polling.poll_due()

    calls = [
        each for each in house.world.journal.entries[began:] if each.path.endswith("/messages")
    ]
    assert len(calls) == 1


async def test_a_poll_that_fails_is_made_up_for(house: Any) -> None:
    """While the store is away nothing is skipped: the next poll reads from where the last ended."""
    await invited(house, "ada")
    await house.people("ada", "accept")
    await poll(house)
    await house.people("ada", "reply", text="Hello")
    await house.fault(route="/messages", method="GET", fault="503", times=None)
    for _ in range(20):
        await poll(house)
    assert not house.reported.of("reply_received")

    await house.control.delete("/_simulator/faults")
    await poll(house)

    assert len(house.reported.of("reply_received")) == 1


async def test_who_is_found_is_left_in_peace(house: Any) -> None:
    """From the poll on the decision itself refuses, without another look."""
    await invited(house, "ada")
    await house.people("ada", "accept")
    await house.people("ada", "reply", text="No")
    await poll(house)

    with pytest.raises(FailedPrecondition) as told:
        await house.stubs.actions.PerformAction(house.request("send_message", "ada", text="Hi"))
    assert told.value.reason == "ALREADY_REPLIED"
