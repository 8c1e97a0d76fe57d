"""Owners who connect an account on a page of Unipile's."""

from typing import Any

import httpx
import pytest
from google.protobuf.duration_pb2 import Duration
from outreach.linkedin.v1 import account_pb2
from outreach.linkedin.v1 import account_service_pb2 as pb
from servicekit.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotYet,
)

from tests.integration.linkedin_gateway.conftest import ORGANIZATION, UNIPILE_ACCOUNT
from tests.integration.linkedin_gateway.owners import (
    CALLBACK,
    CONNECTED,
    accounts,
    link,
    owner_signs_in,
)


async def test_an_owner_connects_by_a_link(house: Any) -> None:
    """When the owner is done the account is there, in the organization of the link."""
    made = await link(house, success_url="https://app.example.com/done")

    answer = await house.control.post(f"/hosted/{made.id}", data={"outcome": "success"})
    await house.settle()

    assert answer.headers["location"] == "https://app.example.com/done"
    found = await accounts(house)
    assert len(found) == 2
    assert found[1].state == CONNECTED
    assert found[1].tier == account_pb2.ACCOUNT_TIER_PREMIUM


async def test_the_token_is_not_kept(house: Any) -> None:
    """Whoever reads the database cannot use a link."""
    made = await link(house)

    (row,) = await house.pool.fetch("SELECT sign_ins::text AS text FROM sign_ins")

    assert len(made.name) > 40
    assert made.name not in row["text"]


async def test_a_forged_callback(house: Any, unipile: httpx.AsyncClient) -> None:
    """Without a token that we issued nobody binds an account, whatever they know of it."""
    house.world.add_account("unipile-stranger")
    body = {"status": "CREATION_SUCCESS", "account_id": "unipile-stranger"}
    forged: list[tuple[str, Any]] = [
        (CALLBACK, body),
        (CALLBACK, {**body, "name": "guessed"}),
        (CALLBACK, {**body, "name": ["guessed"]}),
        ("/webhooks/unipile/another-path-token/connected", {**body, "name": "guessed"}),
    ]

    answers = [(await unipile.post(path, json=sent)).status_code for path, sent in forged]

    assert answers == [404] * 4
    assert len(await accounts(house)) == 1


async def test_a_token_on_the_wrong_path(house: Any, unipile: httpx.AsyncClient) -> None:
    """A token that we issued is worth nothing to those who do not know the path."""
    made = await link(house)
    house.world.add_account("unipile-new")

    answer = await unipile.post(
        "/webhooks/unipile/guessed/connected",
        json={"status": "CREATION_SUCCESS", "account_id": "unipile-new", "name": made.name},
    )

    assert answer.status_code == 404
    assert len(await accounts(house)) == 1


async def test_a_callback_told_again(house: Any, unipile: httpx.AsyncClient) -> None:
    """A token works once: the same callback changes nothing, one for another is refused."""
    made = await link(house)
    await owner_signs_in(house, made)
    bound = (await accounts(house))[1].unipile_account_id
    house.world.add_account("unipile-second")

    same = await unipile.post(CALLBACK, json={"account_id": bound, "name": made.name})
    other = await unipile.post(CALLBACK, json={"account_id": "unipile-second", "name": made.name})

    assert (same.status_code, other.status_code) == (200, 404)
    assert len(await accounts(house)) == 2


async def test_a_callback_too_late(house: Any, unipile: httpx.AsyncClient) -> None:
    """After its time a token binds nothing."""
    made = await link(house, valid_for=Duration(seconds=600))
    house.clock.advance(600 + 15 * 60 + 1)
    house.world.add_account("unipile-late")

    answer = await unipile.post(CALLBACK, json={"account_id": "unipile-late", "name": made.name})

    assert answer.status_code == 404
    assert len(await accounts(house)) == 1


@pytest.mark.parametrize("known", ["of_nobody", "of_another", "not_at_all"])
async def test_a_foreign_account(house: Any, unipile: httpx.AsyncClient, known: str) -> None:
    """A good token does not bind an account that was not made with it."""
    if known != "not_at_all":
        house.world.add_account("unipile-foreign")
    if known == "of_another":
        await house.stubs.accounts.RegisterAccount(
            pb.RegisterAccountRequest(
                organization_id="org_other", unipile_account_id="unipile-foreign"
            )
        )
    house.clock.advance(3600)
    made = await link(house)

    await unipile.post(CALLBACK, json={"account_id": "unipile-foreign", "name": made.name})
    await house.gateway.account_registration.finish_due()

    assert len(await accounts(house)) == 1
    assert len(await accounts(house, "org_other")) == (known == "of_another")


async def test_what_is_anothers_stays(house: Any, unipile: httpx.AsyncClient) -> None:
    """An account of another organization is not removed, though its member is ours as well."""
    made = await link(house)
    house.world.add_account("unipile-foreign")
    await house.stubs.accounts.RegisterAccount(
        pb.RegisterAccountRequest(organization_id="org_other", unipile_account_id="unipile-foreign")
    )
    # Both had the member before anybody asked.
    member = (await house.account_row()).provider_id
    await house.pool.execute("UPDATE accounts SET provider_id = $1", member)

    await unipile.post(CALLBACK, json={"account_id": "unipile-foreign", "name": made.name})

    assert house.world.accounts.find("unipile-foreign") is not None
    assert [each.state for each in await accounts(house, "org_other")] == [CONNECTED]
    assert len(await accounts(house)) == 1


async def test_an_account_connected_during_an_outage(open_house: Any) -> None:
    """The owner's deed is kept: Unipile cannot be asked now, and the account comes later."""

    class Outage(httpx.AsyncBaseTransport):
        def __init__(self, own: httpx.AsyncBaseTransport) -> None:
            self.own, self.lasts = own, False

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if self.lasts:
                raise httpx.ConnectError("away")
            return await self.own.handle_async_request(request)

    outages: list[Outage] = []

    def transport(own: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        outages.append(Outage(own))
        return outages[0]

    async with open_house(transport=transport) as house:
        made = await link(house)
        outages[0].lasts = True
        await owner_signs_in(house, made)
        during = len(await accounts(house))
        outages[0].lasts = False

        await house.gateway.account_registration.finish_due()

        assert (during, len(await accounts(house))) == (1, 2)


async def test_connected_again_by_a_link(house: Any) -> None:
    """A reconnect link brings the same account back, and its parked leads go on."""
    await house.status("CREDENTIALS")
    visit = house.request("visit_profile", "ada")
    with pytest.raises(NotYet) as told:
        await house.stubs.actions.PerformAction(visit)
    made = await link(house, house.account.account_id)

    await owner_signs_in(house, made)
    await house.relay()

    assert told.value.reason == "ACCOUNT_PARKED"
    assert made.reconnect_account == UNIPILE_ACCOUNT
    assert [(each.account_id, each.state) for each in await accounts(house)] == [
        (house.account.account_id, CONNECTED)
    ]
    assert [lead.lead_id for lead in house.reported.of("actions_freed")[-1].leads] == ["lead_ada"]
    await house.perform(visit)


async def test_a_reconnect_link_is_for_one_account(house: Any, unipile: httpx.AsyncClient) -> None:
    """The token of a reconnect link binds no other account, and stays good for its own."""
    made = await link(house, house.account.account_id)
    house.world.add_account("unipile-other")

    other = await unipile.post(CALLBACK, json={"account_id": "unipile-other", "name": made.name})
    own = await unipile.post(CALLBACK, json={"account_id": UNIPILE_ACCOUNT, "name": made.name})

    assert (other.status_code, own.status_code) == (404, 200)
    assert len(await accounts(house)) == 1


async def test_the_same_member_twice(house: Any) -> None:
    """A member who is connected already is not driven at two paces: the second one goes."""
    made = await link(house)
    people, member = house.world.people, (await house.account_row()).provider_id
    people.provider_id = lambda _person, _account_id: member

    await owner_signs_in(house, made)
    house.world.add_account("unipile-twice")
    with pytest.raises(AlreadyExists) as told:
        await house.stubs.accounts.RegisterAccount(
            pb.RegisterAccountRequest(
                organization_id=ORGANIZATION, unipile_account_id="unipile-twice"
            )
        )

    assert len(await accounts(house)) == 1
    assert told.value.metadata["account_id"] == house.account.account_id
    assert {each.id for each in house.world.accounts} == {UNIPILE_ACCOUNT, "unipile-twice"}


async def test_a_link_that_is_not_in_order(house: Any) -> None:
    """Every wrong field of a link is named."""
    with pytest.raises(InvalidArgument) as told:
        await link(house, success_url="javascript:alert(1)", valid_for=Duration(seconds=90_000))

    assert {wrong.field for wrong in told.value.violations} == {"success_url", "valid_for"}


async def test_a_gateway_that_cannot_be_called(open_house: Any) -> None:
    """Without an address for Unipile to call no link is made that could not come to its end."""
    async with open_house(webhook_public_url="") as house:
        with pytest.raises(FailedPrecondition):
            await link(house)
