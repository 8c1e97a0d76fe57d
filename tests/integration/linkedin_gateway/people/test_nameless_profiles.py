"""Names and public identifiers of a profile may be null: ids still tell who it is."""

from typing import Any

import pytest
from servicekit.errors import FailedPrecondition
from unipile_simulator.config import Knobs

NAMELESS = Knobs(nameless_profiles=1.0, webhook_retry_floor=0.01, new_relation_delay_hours=0.0)


async def test_a_nameless_person_is_led_to_the_reply(open_house: Any) -> None:
    """Visited, invited and written to once; what they write is heard, and ends the rest."""
    async with open_house(knobs=NAMELESS) as house:
        for kind in ("visit_profile", "react_to_post", "send_invitation"):
            await house.perform(house.request(kind, "ada"))
        await house.people("ada", "accept")
        await house.perform(house.request("send_message", "ada", text="Hello"))
        await house.people("ada", "reply", text="Not for us")
        await house.relay()

        with pytest.raises(FailedPrecondition):
            await house.perform(house.request("send_message", "ada", text="Again?"))

        heard = [
            lead.lead_id for each in house.reported.of("reply_received") for lead in each.leads
        ]
        assert heard == ["lead_ada"]
        assert [len(house.writes(kind)) for kind in ("visit", "invite", "message")] == [1, 1, 1]


async def test_a_nameless_person_of_two_addresses_is_one(open_house: Any) -> None:
    """By name and by id: the second lead is told as the first's double before it is contacted."""
    async with open_house(knobs=NAMELESS) as house:
        ids = house.called("ada")
        await house.perform(house.request("send_invitation", "ada"))
        other = house.request("send_invitation", "ada-by-id")
        other.person.public_identifier = ids["classic"]

        with pytest.raises(FailedPrecondition) as told:
            await house.perform(other)

        assert told.value.reason == "DUPLICATE_PERSON"
        assert len(house.writes("invite")) == 1
