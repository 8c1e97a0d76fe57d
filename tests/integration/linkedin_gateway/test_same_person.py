"""One person, whoever asks: invited once, and the one who was meant."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from linkedin_gateway.models import InvitationScope, Kind
from outreach.linkedin.v1 import account_service_pb2 as pb
from servicekit.errors import FailedPrecondition, NotYet, ServiceError

from tests.integration.linkedin_gateway.conftest import ALWAYS


async def colleague(house: Any) -> str:
    """Another account of the organization."""
    house.world.add_account("unipile-2", tier="premium")
    second = await house.stubs.accounts.RegisterAccount(
        pb.RegisterAccountRequest(
            organization_id="org_test", unipile_account_id="unipile-2", working_hours=ALWAYS
        )
    )
    account_id: str = second.account.account_id
    return account_id


async def test_two_accounts_at_the_same_instant(house: Any) -> None:
    """Of two accounts that invite one person at once, one does, and the other is told."""
    second = await colleague(house)
    rounds = []
    for number in range(10):
        one = house.request("send_invitation", f"lead-{number}")
        two = house.request("send_invitation", f"lead-{number}", campaign_id="camp_2")
        two.account_id = second
        rounds.append((one, two))
        # Both know the person already, so that both decide at once.
        for request in (one, two):
            house.clock.advance(400)
            await house.pool.execute(
                "INSERT INTO profiles (account_id, person, provider_id) VALUES ($1, $2, $3)",
                request.account_id,
                request.person.public_identifier,
                await _provider_id(house, request),
            )

    for one, two in rounds:
        house.clock.advance(3600)
        answers = await asyncio.gather(
            house.stubs.actions.PerformAction(one),
            house.stubs.actions.PerformAction(two),
            return_exceptions=True,
        )
        refusals = [each for each in answers if isinstance(each, ServiceError)]
        assert [each.reason for each in refusals] == ["ALREADY_INVITED"], answers

    assert len(house.writes("invite")) == len(rounds)


async def _provider_id(house: Any, request: Any) -> str:
    row = await house.gateway.repositories.accounts.read(request.account_id)
    seen = await house.gateway._unipile.people.profile(
        row.unipile_account_id, request.person.public_identifier, visit=False, kind=Kind.LOOKUP
    )
    provider_id: str = seen.provider_id
    return provider_id


async def test_campaigns_that_go_their_own_ways(open_house: Callable[..., Any]) -> None:
    """Where the organization wants it so, only the own campaign's invitations count."""
    async with open_house(invitation_scope=InvitationScope.CAMPAIGN) as house:
        second = await colleague(house)
        await house.perform(house.request("send_invitation", "ada"))
        other = house.request("send_invitation", "ada", campaign_id="camp_2")
        other.account_id = second
        same = house.request("send_invitation", "ada")
        same.account_id = second

        await house.perform(other)
        with pytest.raises(FailedPrecondition) as told:
            await house.perform(same)

        assert told.value.reason == "ALREADY_INVITED"


async def test_withdrawn_by_the_gateway(house: Any) -> None:
    """After a withdrawal LinkedIn is not even asked for three weeks; then it takes the person."""
    await house.perform(house.request("send_invitation", "ada"))
    await house.perform(house.request("withdraw_invitation", "ada"))
    house.clock.advance(20 * 86400)
    with pytest.raises(FailedPrecondition) as told:
        await house.perform(house.request("send_invitation", "ada", campaign_id="camp_2"))
    house.clock.advance(86400)
    await house.perform(house.request("send_invitation", "ada", campaign_id="camp_3"))

    assert told.value.reason == "INVITED_TOO_RECENTLY"
    assert told.value.metadata["effect"] == "step_failed"
    assert len(house.writes("invite")) == 2
    assert not [each for each in house.world.journal.entries if each.status == 422]


@pytest.mark.parametrize("kind", ["visit_profile", "send_invitation", "send_message"])
async def test_somebody_else_is_never_contacted(open_house: Callable[..., Any], kind: str) -> None:
    """When LinkedIn shows another person than the lead, nothing is sent, and the lead ends."""
    async with open_house(transport=_Swapped) as house:
        fields = {"text": "Hello"} if kind == "send_message" else {}
        with pytest.raises(FailedPrecondition) as told:
            await house.perform(house.request(kind, "ada", **fields))

        assert told.value.reason == "TARGET_MISMATCH"
        assert told.value.metadata["effect"] == "lead_failed"
        assert not house.writes("invite")
        assert not house.writes("message")


async def test_a_request_for_one_lead_is_not_anothers(house: Any) -> None:
    """An action id that comes back with another person is refused, not performed."""
    first = house.request("visit_profile", "ada")
    await house.perform(first)
    first.person.public_identifier = "bob"

    with pytest.raises(Exception, match="action id") as told:
        await house.stubs.actions.PerformAction(first)

    assert not isinstance(told.value, NotYet)
    assert [each.target for each in house.writes("visit")] == ["ada"]


class _Swapped(httpx.AsyncBaseTransport):
    """A provider that answers with somebody else's profile."""

    def __init__(self, own: httpx.AsyncBaseTransport) -> None:
        self._own = own

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.replace("/users/ada", "/users/mallory")
        request.url = request.url.copy_with(path=path)
        return await self._own.handle_async_request(request)
