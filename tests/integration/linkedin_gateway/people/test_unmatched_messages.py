"""What somebody wrote to an account that did not know them is an answer once it does."""

from typing import Any

import httpx
import pytest

from tests.integration.linkedin_gateway.people.test_merged_replies import QUIET, Veiled
from tests.integration.linkedin_gateway.provider import reason_of
from tests.integration.linkedin_gateway.test_same_person import colleague


@pytest.mark.parametrize(
    ("text", "wrote", "later_lead", "first_lead"),
    [
        ("Not for us", "after", "PERSON_RESPONDED_BEFORE", "ALREADY_REPLIED"),
        ("Not for us", "before", "", ""),
        # A machine's answer ends the lead that it came to, and nobody is remembered for it.
        ("Automatic reply: I am away until Monday.", "after", "", "ALREADY_REPLIED"),
    ],
)
async def test_who_wrote_to_a_colleague(
    open_house: Any, text: str, wrote: str, later_lead: str, first_lead: str
) -> None:
    """Who was visited by one account and wrote to another, by an id that nobody had been shown.

    Neither goes on once a profile shows it. It was followed once, as nobody's.
    """
    veils: list[Veiled] = []

    def transport(own: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        veils.append(Veiled(own))
        return veils[-1]

    async with open_house(knobs=QUIET, transport=transport) as house:
        second = await colleague(house, "unipile-2")
        answer = {"account_id": "unipile-2", "text": text, "attendee_specifics": {}}
        if wrote == "before":
            await house.people("ada", "reply", **answer)
            await house.settle()
            house.clock.advance(86_400)
        await house.perform(house.request("visit_profile", "ada", campaign_id="camp_1"))
        await house.end_lead("ada")
        house.clock.advance(3600)
        if wrote == "after":
            await house.people("ada", "reply", **answer)
            await house.settle()
        unmatched = await house.pool.fetchval("SELECT count(*) FROM unmatched_messages")
        for veil in veils:
            veil.lifted = True
        house.clock.advance(2 * 86_400)
        other = house.request("visit_profile", "ada", campaign_id="camp_2")
        other.account_id, other.lead_id = second, "lead_other"
        await house.resolve("ada", second)
        told = await reason_of(house.perform(other))
        await house.gateway.inbound.retry_due()
        first = house.request("react_to_post", "ada", campaign_id="camp_1")

        assert unmatched
        assert told == later_lead
        assert await reason_of(house.perform(first)) == first_lead
