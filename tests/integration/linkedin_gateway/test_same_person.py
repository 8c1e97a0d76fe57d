"""One person, whoever asks: invited once, and the one who was meant."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from linkedin_gateway.models import EnrolmentPolicy, InvitationScope
from outreach.linkedin.v1 import account_service_pb2 as pb
from servicekit.errors import FailedPrecondition, NotYet, ServiceError

from tests.integration.linkedin_gateway.conftest import ALWAYS, SECRET, TOKEN


async def colleague(house: Any, unipile_account_id: str = "unipile-2") -> str:
    """Another account of the organization."""
    house.world.add_account(unipile_account_id, tier="premium")
    second = await house.stubs.accounts.RegisterAccount(
        pb.RegisterAccountRequest(
            organization_id="org_test",
            unipile_account_id=unipile_account_id,
            working_hours=ALWAYS,
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
            await house.resolve(request.person.public_identifier, request.account_id)

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


async def test_campaigns_that_go_their_own_ways(open_house: Callable[..., Any]) -> None:
    """Where the organization wants it so, only the own campaign's invitations count."""
    async with open_house(
        invitation_scope=InvitationScope.CAMPAIGN, enrolment_policy=EnrolmentPolicy.ALLOW
    ) as house:
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
    await house.end_lead("ada")
    house.clock.advance(20 * 86400)
    with pytest.raises(FailedPrecondition) as told:
        await house.perform(house.request("send_invitation", "ada", campaign_id="camp_2"))
    house.clock.advance(86400)
    await house.perform(house.request("send_invitation", "ada", campaign_id="camp_3"))

    assert told.value.reason == "INVITED_TOO_RECENTLY"
    assert told.value.metadata["effect"] == "step_failed"
    assert len(house.writes("invite")) == 2
    assert not [each for each in house.world.journal.entries if each.status == 422]


@pytest.mark.parametrize("kind", ["visit_profile", "send_message"])
async def test_somebody_else_is_never_contacted(open_house: Callable[..., Any], kind: str) -> None:
    """When LinkedIn shows another person than it did, nothing is sent, and the lead ends."""
    async with open_house(transport=_Swapped) as house:
        await house.resolve("ada")
        house.sender.instead = "mallory"
        house.clock.advance(2 * 86400)
        fields = {"text": "Hello"} if kind == "send_message" else {}

        with pytest.raises(FailedPrecondition) as told:
            await house.perform(house.request(kind, "ada", **fields))

        assert told.value.reason == "TARGET_MISMATCH"
        assert told.value.metadata["effect"] == "lead_failed"
        assert not house.writes("message")


async def test_a_name_that_changed_hands(open_house: Callable[..., Any]) -> None:
    """Another account asks by the name, which is somebody else's by now: nobody is invited."""
    async with open_house(transport=_Swapped) as house:
        second = await colleague(house)
        await house.resolve("ada")
        house.sender.instead = "mallory"
        request = house.request("send_invitation", "ada")
        request.account_id = second

        with pytest.raises(FailedPrecondition) as told:
            await house.perform(request)

        assert told.value.reason == "TARGET_MISMATCH"
        assert not house.writes("invite")


async def test_whoever_is_found_first_is_the_lead(house: Any) -> None:
    """An old name, and an id of another product, lead to the person who has them now."""
    for number, spelling in enumerate(("assigned name", "sales_navigator", "recruiter")):
        lead = f"lead-{number}"
        await house.perform(house.request("send_invitation", house.called(lead)[spelling]))

        (written,) = [each for each in house.writes("invite") if each.target == lead]
        assert written.target_provider_id == house.called(lead)["classic"]


@pytest.mark.parametrize("first", ["name", "assigned name", "classic", "sales_navigator"])
@pytest.mark.parametrize("second", ["name", "assigned name", "classic", "sales_navigator"])
async def test_invited_once_whatever_the_address(house: Any, first: str, second: str) -> None:
    """Whoever was invited by one address is not invited by another, from any account."""
    other = await colleague(house)
    again = house.request("send_invitation", house.called("ada", "unipile-2")[second])
    again.campaign_id, again.account_id = "camp_2", other
    await house.perform(house.request("send_invitation", house.called("ada")[first]))

    with pytest.raises(FailedPrecondition) as told:
        await house.perform(again)

    assert told.value.reason == "ALREADY_INVITED"
    assert len(house.writes("invite")) == 1


async def test_another_products_id_does_not_act(house: Any) -> None:
    """A relation told with another product's id is an acceptance; what acts keeps its own."""
    await house.perform(house.request("send_invitation", "ada"))
    await house.people("ada", "accept")
    transport = httpx.ASGITransport(app=house.gateway.webhooks)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as unipile:
        await unipile.post(
            f"/webhooks/unipile/{TOKEN}",
            json={
                "event": "new_relation",
                "account_id": "unipile-1",
                "user_provider_id": house.called("ada")["sales_navigator"],
                "user_public_identifier": "ada",
            },
            headers={"Unipile-Auth": SECRET},
        )

    await house.perform(house.request("send_message", "ada", text="Thanks!"))
    await house.relay()

    assert house.reported.of("invitation_accepted")
    (written,) = house.writes("message")
    assert written.target == "ada"


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
    """A provider that may answer with somebody else's profile."""

    def __init__(self, own: httpx.AsyncBaseTransport) -> None:
        self._own = own
        self.instead = ""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        page, _, person = request.url.path.rpartition("/users/")
        if self.instead and page and person not in {"me", "relations"} and "/" not in person:
            request.url = request.url.copy_with(path=f"{page}/users/{self.instead}")
        return await self._own.handle_async_request(request)
