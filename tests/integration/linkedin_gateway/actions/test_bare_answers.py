"""Where Unipile tells no more than it promises: nothing twice, and nothing after a reply."""

from typing import Any

import pytest
from servicekit.errors import FailedPrecondition, NotYet
from unipile_simulator.config import Knobs

from tests.integration.linkedin_gateway.actions.test_landings import ROUTES, possible
from tests.integration.linkedin_gateway.bare import BareWebhooks, stripped

UNHEARD = Knobs(webhook_retry_floor=0.01, new_relation_delay_hours=0.0, lost_webhooks=1.0)


@pytest.mark.parametrize("nulls", [False, True], ids=["optional", "null"])
@pytest.mark.parametrize("fault", ["drop_after", "504_after", "503", "drop"])
@pytest.mark.parametrize("kind", ROUTES)
async def test_one_at_most(open_house: Any, kind: str, fault: str, *, nulls: bool) -> None:
    """An answer is lost or refused: whatever the next ones leave out, it happens once at most."""
    async with open_house(transport=stripped(nulls=nulls)) as house:
        method, route, journalled = ROUTES[kind]
        asked = await possible(house, kind, "ada-example")
        await house.fault(method=method, route=route, fault=fault, times=1)
        for _ in range(12):
            try:
                await house.until_sent(asked)
            except NotYet as wait:
                house.come_again(wait)
            except FailedPrecondition:
                break
            else:
                break
            house.clock.advance(3600)

        assert len(house.writes(journalled)) <= 1
        # Credits that are null are those of a product that is not subscribed: none is asked for.
        hit = [] if kind == "send_inmail" and nulls else [fault]
        assert [each.fault for each in house.world.journal.entries if each.fault] == hit


async def test_a_reply_is_heard_by_a_bare_webhook(open_house: Any) -> None:
    """Its ids are enough, and enough to tell that our own messages are none."""
    bare = {
        "transport": stripped(nulls=False),
        "webhooks": lambda own: BareWebhooks(own, nulls=False),
    }
    async with open_house(**bare) as house:
        await house.perform(house.request("send_invitation", "ada", note="Shall we connect?"))
        await house.people("ada", "accept")
        await house.settle()
        await house.perform(house.request("send_message", "ada", text="Hello"))
        await house.settle()
        await house.relay()
        assert house.reported.of("invitation_accepted")
        assert not house.reported.of("reply_received")
        await house.people("ada", "reply", text="Not for us")
        await house.settle()
        await house.relay()

        heard = [
            lead.lead_id for each in house.reported.of("reply_received") for lead in each.leads
        ]
        assert heard == ["lead_ada"]


@pytest.mark.parametrize("nulls", [False, True], ids=["optional", "null"])
async def test_a_reply_is_heard(open_house: Any, *, nulls: bool) -> None:
    """By the look before the message and by the poll, without a webhook."""
    async with open_house(knobs=UNHEARD, transport=stripped(nulls=nulls)) as house:
        await house.perform(house.request("send_invitation", "ada"))
        await house.people("ada", "accept")
        # Nobody told of it; after a day the profile is read anew.
        house.clock.advance(86_400)
        await house.perform(house.request("send_message", "ada", text="Hello"))
        await house.people("ada", "reply", text="Not for us")

        with pytest.raises(FailedPrecondition):
            await house.perform(house.request("send_message", "ada", text="Again?"))
        await house.relay()

        assert len(house.writes("message")) == 1
        assert house.reported.of("reply_received")


async def test_who_is_not_said_to_be_connected_is_not_written_to(open_house: Any) -> None:
    """A profile that says nothing of it is no proof: the step fails, and nothing goes."""
    async with open_house(knobs=UNHEARD, transport=stripped(nulls=False, distance=False)) as house:
        await house.perform(house.request("send_invitation", "ada"))
        await house.people("ada", "accept")
        house.clock.advance(86_400)

        with pytest.raises(FailedPrecondition) as told:
            await house.perform(house.request("send_message", "ada", text="Hello"))

        assert told.value.reason == "NOT_CONNECTED"
        assert not house.writes("message")
