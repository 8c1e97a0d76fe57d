"""Two who turn out to be one person: what the one has answered, the other's leads heed as well."""

import json
from typing import Any

import httpx
import pytest
from unipile_simulator.config import Knobs

from tests.integration.linkedin_gateway.provider import reason_of
from tests.integration.linkedin_gateway.test_same_person import colleague

QUIET = Knobs(webhook_retry_floor=0.01, new_relation_delay_hours=0.0)
_WHO = ("public_identifier", "public_profile_url", "member_urn")


class Veiled(httpx.AsyncBaseTransport):
    """A provider whose profiles do not tell who somebody is, until they do."""

    def __init__(self, own: httpx.AsyncBaseTransport) -> None:
        self._own = own
        self.lifted = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._own.handle_async_request(request)
        raw = await answer.aread()
        if self.lifted or not request.url.path.startswith("/api/v1/users/"):
            return answer
        told = json.loads(raw)
        return httpx.Response(
            answer.status_code,
            json={name: value for name, value in told.items() if name not in _WHO},
        )


@pytest.mark.parametrize("responders", [False, True])
@pytest.mark.parametrize("deed", ["reply", "accept"])
async def test_a_lead_that_began_after_the_reply(
    open_house: Any, deed: str, *, responders: bool
) -> None:
    """A lead that began as somebody else, after they had responded, is held back once they are one.

    It is as one that comes later: it goes on if its campaign contacts responders.
    """
    veils: list[Veiled] = []

    def transport(own: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        veils.append(Veiled(own))
        return veils[-1]

    async with open_house(knobs=QUIET, transport=transport) as house:
        second = await colleague(house, "unipile-2")
        await house.perform(house.request("send_invitation", "ada", campaign_id="camp_1"))
        await house.people("ada", "accept")
        await house.perform(house.request("send_message", "ada", campaign_id="camp_1", text="Hi"))
        if deed == "reply":
            await house.people("ada", "reply", text="Please stop")
        await house.relay()
        await house.end_lead("ada")
        house.clock.advance(3600)
        other = house.request(
            "visit_profile", house.called("ada", "unipile-2")["classic"], campaign_id="camp_2"
        )
        other.account_id, other.lead_id = second, "lead_other"
        await house.perform(other)
        for veil in veils:
            veil.lifted = True
        house.clock.advance(2 * 86_400)
        await house.resolve(other.person.public_identifier, second)
        follow_up = house.request(
            "send_invitation", other.person.public_identifier, campaign_id="camp_2"
        )
        follow_up.account_id, follow_up.lead_id = second, "lead_other"
        follow_up.contact_responders = responders

        told = await reason_of(house.perform(follow_up))

        assert told == ("" if responders else "PERSON_RESPONDED_BEFORE")


@pytest.mark.parametrize(("deed", "reason"), [("reply", "ALREADY_REPLIED"), ("nothing", "")])
async def test_a_reply_from_before_they_were_one(open_house: Any, deed: str, reason: str) -> None:
    """Whoever has answered the one lead is left in peace by the other, once they are one."""
    veils: list[Veiled] = []

    def transport(own: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        veils.append(Veiled(own))
        return veils[-1]

    async with open_house(knobs=QUIET, transport=transport) as house:
        second = await colleague(house, "unipile-2")
        visit = house.request("visit_profile", "ada", campaign_id="camp_1")
        await house.perform(visit)
        other = house.request(
            "visit_profile", house.called("ada", "unipile-2")["classic"], campaign_id="camp_2"
        )
        other.account_id, other.lead_id = second, "lead_other"
        await house.perform(other)
        invitation = house.request("send_invitation", "ada", campaign_id="camp_1")
        await house.perform(invitation)
        await house.people("ada", "accept")
        await house.perform(house.request("send_message", "ada", campaign_id="camp_1", text="Hi"))
        if deed == "reply":
            await house.people("ada", "reply", text="Please stop")
        await house.relay()
        await house.end_lead("ada")
        for veil in veils:
            veil.lifted = True
        house.clock.advance(2 * 86_400)
        follow_up = house.request(
            "send_invitation", other.person.public_identifier, campaign_id="camp_2"
        )
        follow_up.account_id, follow_up.lead_id = second, "lead_other"
        await house.resolve(other.person.public_identifier, second)

        assert await reason_of(house.perform(follow_up)) == reason
