"""Whatever becomes of webhooks: nobody is written to who has answered."""

import random
from typing import Any

import pytest
from servicekit.errors import FailedPrecondition, NotYet
from unipile_simulator.config import Knobs

from tests.laws import worlds

LEADS = ("ada", "bob", "cyd", "dot")


async def live(house: Any, dice: random.Random, *, steps: int) -> None:
    """People accept and answer, messages are asked for, and registrations break, in any order."""
    accepted: set[str] = set()
    for lead in LEADS:
        await house.perform(house.request("send_invitation", lead))
    for _ in range(steps):
        lead = dice.choice(LEADS)
        match dice.randrange(7):
            case 0 if lead not in accepted:
                accepted.add(lead)
                await house.people(lead, "accept")
            case 1 if lead in accepted:
                await house.people(lead, "reply", text=f"No {dice.random()}")
            case 2:
                for webhook in list(house.world.webhooks):
                    webhook.enabled = dice.random() < 0.5
            case 3:
                await house.gateway.webhook_registration.register()
            case 4:
                await house.gateway.message_polling.poll_due()
            case 5:
                route = dice.choice(["/chat*", "/messages", "/webhooks"])
                await house.fault(route=route, method="GET", fault="503", times=1)
            case _:
                await ask(house, lead)
        house.clock.advance(dice.choice([1, 60, 600, 7200]))


async def ask(house: Any, lead: str) -> None:
    """A message is asked for until it went, is refused, or the provider does not answer."""
    request = house.request("send_message", lead, text="Hello")
    try:
        for _ in range(10):
            try:
                await house.stubs.actions.PerformAction(request)
            except NotYet as wait:
                house.come_again(wait)
            else:
                return
    except FailedPrecondition:
        return


@pytest.mark.parametrize("seed", range(worlds(6)))
async def test_nobody_is_written_to_whose_answer_lay_there(open_house: Any, seed: int) -> None:
    """Webhooks lost, late, doubled, reordered, disabled: no message follows an answer.

    An answer counts from the moment at which Unipile had it; the request that left is judged by
    the provider's clock.
    """
    knobs = Knobs(
        webhook_retry_floor=0.01,
        new_relation_delay_hours=0.0,
        lost_webhooks=0.5,
        late_webhooks=0.3,
        duplicate_webhooks=0.3,
    )
    async with open_house(knobs=knobs) as house:
        await live(house, random.Random(seed), steps=60)
        wronged = [
            (lead, written.at)
            for chat in house.world.chats.of("unipile-1")
            for lead in chat.public_ids
            if lead in LEADS
            for written in chat.messages
            if written.sender is None
            and written.type == "MESSAGE"
            and any(
                answer.sender is not None and answer.arrived_at < written.at
                for answer in chat.messages
            )
        ]
        assert not wronged


async def test_without_any_webhook_nobody_is_written_to(open_house: Any) -> None:
    """All webhooks of a campaign's life are lost: every answer is heard all the same."""
    async with open_house(knobs=Knobs(lost_webhooks=1.0, webhook_retry_floor=0.01)) as house:
        for lead in LEADS:
            await house.perform(house.request("send_invitation", lead))
            await house.people(lead, "accept")
        for lead in LEADS[:2]:
            await house.people(lead, "reply", text="Not for us")
        house.clock.advance(2 * 86_400)
        for lead in LEADS:
            await ask(house, lead)
        await house.relay()

        heard = {
            lead.lead_id for each in house.reported.of("reply_received") for lead in each.leads
        }
        assert heard == {"lead_ada", "lead_bob"}
        assert len(house.writes("message")) == 2
