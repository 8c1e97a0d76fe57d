"""Accounts that go and come back."""

from typing import Any

import pytest
from linkedin_gateway.background import probing
from linkedin_gateway.models import AccountState
from outreach.linkedin.v1 import account_pb2
from outreach.linkedin.v1 import account_service_pb2 as pb
from servicekit.errors import EtagMismatch, InvalidArgument, NotFound, NotYet


async def state(house: Any) -> str:
    answer = await house.stubs.accounts.GetAccount(
        pb.GetAccountRequest(account_id=house.account.account_id)
    )
    return account_pb2.AccountState.Name(answer.account.state).removeprefix("ACCOUNT_STATE_")


async def test_register_again(house: Any) -> None:
    """Registering an account again returns the same one; its tier was detected."""
    again = await house.stubs.accounts.RegisterAccount(
        pb.RegisterAccountRequest(organization_id="org_test", unipile_account_id="unipile-1")
    )

    assert again.account.account_id == house.account.account_id
    assert again.account.tier == account_pb2.ACCOUNT_TIER_PREMIUM


async def test_register_what_unipile_does_not_have(house: Any) -> None:
    """An account that Unipile does not know cannot be taken under care."""
    with pytest.raises(NotFound) as told:
        await house.stubs.accounts.RegisterAccount(
            pb.RegisterAccountRequest(organization_id="org_test", unipile_account_id="nobody")
        )

    assert told.value.reason == "ACCOUNT_UNKNOWN_TO_PROVIDER"


async def test_register_what_is_anothers(house: Any) -> None:
    """An account of one organization is not found by another."""
    with pytest.raises(NotFound) as told:
        await house.stubs.accounts.RegisterAccount(
            pb.RegisterAccountRequest(organization_id="org_2", unipile_account_id="unipile-1")
        )

    assert told.value.reason == "ACCOUNT_NOT_FOUND"


async def test_connected_again_under_another_id(house: Any) -> None:
    """A member who was removed and comes back has their leads, and the budget they have used."""
    await house.perform(house.request("visit_profile", "ada"))
    before = await house.gateway.ledger.usage(
        house.account.account_id, now=house.gateway.clock.now()
    )
    member, people = (await house.account_row()).provider_id, house.world.people
    waiting = house.request("visit_profile", "bob")
    await house.stubs.accounts.DisconnectAccount(
        pb.DisconnectAccountRequest(account_id=house.account.account_id, park=True)
    )
    with pytest.raises(NotYet):
        await house.until_sent(waiting)
    house.world.add_account("unipile-again")
    people.provider_id = lambda person, account_id, *product: (
        member
        if person is house.world.accounts.owner(house.world.accounts.find("unipile-again"))
        else type(people).provider_id(people, person, account_id, *product)
    )

    again = await house.stubs.accounts.RegisterAccount(
        pb.RegisterAccountRequest(organization_id="org_test", unipile_account_id="unipile-again")
    )

    assert again.account.account_id == house.account.account_id
    assert again.account.state == account_pb2.ACCOUNT_STATE_CONNECTED
    after = await house.gateway.ledger.usage(
        house.account.account_id, now=house.gateway.clock.now()
    )
    assert {kind: each.counted for kind, each in after.items()} == {
        kind: each.counted for kind, each in before.items()
    }
    await house.perform(waiting)
    assert len(house.writes("visit")) == 2


async def test_what_came_before_it_was_known_whose_it_is(house: Any) -> None:
    """A reply to a member who comes back under another id is heard, though it came too early."""
    await house.perform(house.request("send_invitation", "ada"))
    member, people = (await house.account_row()).provider_id, house.world.people
    await house.stubs.accounts.DisconnectAccount(
        pb.DisconnectAccountRequest(account_id=house.account.account_id, park=True)
    )
    again = house.world.add_account("unipile-again")
    owner = house.world.accounts.owner(again)
    people.provider_id = lambda person, _account_id, *product: (
        member
        if person is owner
        else type(people).provider_id(people, person, "unipile-1", *product)
    )
    house.clock.advance(60)
    await house.people("ada", "reply", text="Not for us", account_id=again.id)

    await house.stubs.accounts.RegisterAccount(
        pb.RegisterAccountRequest(organization_id="org_test", unipile_account_id=again.id)
    )
    await house.gateway.inbound.retry_due()
    await house.gateway.message_polling.poll_due()
    await house.relay()

    (event,) = house.reported.of("reply_received")
    assert [lead.lead_id for lead in event.leads] == ["lead_ada"]


@pytest.mark.parametrize("heard", [True, False])
async def test_drop_and_return(house: Any, *, heard: bool) -> None:
    """An account that drops parks its leads, by webhook or by the first refusal; back, they go."""
    if not heard:
        webhooks = dict(house.world.webhooks._by_id)
        house.world.webhooks._by_id.clear()
    await house.status("CREDENTIALS")
    visit = house.request("visit_profile", "ada")
    with pytest.raises(NotYet) as told:
        await house.stubs.actions.PerformAction(visit)
    parked = await state(house)
    if not heard:
        house.world.webhooks._by_id.update(webhooks)
    await house.status("RECONNECTED")
    await house.relay()

    assert told.value.reason == "ACCOUNT_PARKED"
    assert parked == "DISCONNECTED"
    assert await state(house) == "CONNECTED"
    kinds = [event.WhichOneof("event") for event in house.reported.events]
    assert kinds == ["account_disconnected", "account_reconnected", "actions_freed"]
    assert [lead.lead_id for lead in house.reported.events[-1].leads] == ["lead_ada"]
    await house.perform(visit)


async def test_restricted(house: Any) -> None:
    """LinkedIn restricts the account: it is parked, and a fine session does not unpark it."""
    await house.status("RESTRICTED")
    with pytest.raises(NotYet) as told:
        await house.stubs.actions.PerformAction(house.request("visit_profile", "ada"))

    await house.gateway.lifecycle.probe(await house.account_row())

    assert told.value.reason == "ACCOUNT_PARKED"
    assert await state(house) == "RESTRICTED"


async def test_who_waits_for_a_removed_account_is_told_so(house: Any) -> None:
    """It does not come back by itself; should it come all the same, its leads are woken."""
    visit = house.request("visit_profile", "ada")
    account = await house.account_row()
    await house.gateway.lifecycle.move(account, AccountState.REMOVED, reason="DELETED")

    with pytest.raises(NotYet) as told:
        await house.stubs.actions.PerformAction(visit)
    await house.gateway.lifecycle.move(account, AccountState.CONNECTED, reason="")
    await house.relay()

    assert told.value.reason == "ACCOUNT_REMOVED"
    assert "does not come back by itself" in told.value.message
    (freed,) = house.reported.of("actions_freed")
    assert [lead.lead_id for lead in freed.leads] == ["lead_ada"]


async def test_probe_notices(house: Any) -> None:
    """A change that no webhook told of is noticed by asking."""
    house.world.webhooks._by_id.clear()
    await house.status("CREDENTIALS")

    await probing(house.gateway)()

    assert await state(house) == "DISCONNECTED"


async def test_bad_fields_all_at_once(house: Any) -> None:
    """Every wrong field of a request is named, with its path, whoever finds it."""
    request = pb.RegisterAccountRequest(holidays=["2026-13-01"])
    request.working_hours.time_zone = "Nowhere/Land"
    request.working_hours.opens = "25:00"
    request.working_hours.closes = "9"
    request.caps.add(actions=5).per.FromSeconds(86_400)
    update = pb.UpdateAccountRequest(working_hours=request.working_hours)
    update.holidays.dates.append("2026-13-01")

    with pytest.raises(InvalidArgument) as told:
        await house.stubs.accounts.RegisterAccount(request)
    with pytest.raises(InvalidArgument) as told_of_update:
        await house.stubs.accounts.UpdateAccount(update)

    hours = {f"working_hours.{field}" for field in ("time_zone", "opens", "closes")}
    assert {wrong.field for wrong in told.value.violations} == {
        "organization_id",
        "unipile_account_id",
        "holidays[0]",
        "caps[0].kind",
        *hours,
    }
    assert {wrong.field for wrong in told_of_update.value.violations} == {
        "account_id",
        "holidays.dates[0]",
        *hours,
    }


async def test_of_two_who_edit_the_same_the_second_is_refused(house: Any) -> None:
    """And told what it is now; its state may change meanwhile, and a probe changes nothing."""
    read, stub = house.account, house.stubs.accounts
    days_off = pb.UpdateAccountRequest.Holidays(dates=["2026-12-25"])
    none = pb.UpdateAccountRequest.Caps()
    asked = {"account_id": read.account_id, "etag": read.etag}
    await house.gateway.lifecycle.move(
        await house.gateway.repositories.accounts.read(read.account_id),
        AccountState.DISCONNECTED,
        reason="CREDENTIALS",
    )

    first = (await stub.UpdateAccount(pb.UpdateAccountRequest(**asked, holidays=days_off))).account
    other = pb.UpdateAccountRequest.Holidays(dates=["2026-12-26"])
    with pytest.raises(EtagMismatch) as refused:
        await stub.UpdateAccount(pb.UpdateAccountRequest(**asked, holidays=other))
    again = await stub.UpdateAccount(pb.UpdateAccountRequest(**asked, holidays=days_off))
    capless = await stub.UpdateAccount(
        pb.UpdateAccountRequest(account_id=read.account_id, etag="*", caps=none)
    )

    assert refused.value.metadata["etag"] == first.etag != read.etag
    assert first.update_time.ToDatetime() > read.update_time.ToDatetime()
    assert again.account.update_time == capless.account.update_time == first.update_time


async def test_list_accounts(house: Any) -> None:
    """Accounts are listed page by page, each once."""
    for number in range(2, 5):
        house.world.add_account(f"unipile-{number}")
        await house.stubs.accounts.RegisterAccount(
            pb.RegisterAccountRequest(
                organization_id="org_test", unipile_account_id=f"unipile-{number}"
            )
        )
        house.clock.advance(1)
    seen, token = [], ""

    while True:
        page = await house.stubs.accounts.ListAccounts(
            pb.ListAccountsRequest(organization_id="org_test", page_size=2, page_token=token)
        )
        seen += [account.unipile_account_id for account in page.accounts]
        token = page.next_page_token
        if not token:
            break

    assert sorted(seen) == [f"unipile-{number}" for number in range(1, 5)]


async def test_named_accounts_are_listed(house: Any) -> None:
    """Of those that are named, those that the organization has; page by page, like all of them."""
    registered = {"org_test": [house.account.account_id], "org_other": []}
    for number, organization_id in enumerate(["org_test", "org_test", "org_other"], start=2):
        house.world.add_account(f"unipile-{number}")
        request = pb.RegisterAccountRequest(
            organization_id=organization_id, unipile_account_id=f"unipile-{number}"
        )
        answer = await house.stubs.accounts.RegisterAccount(request)
        registered[organization_id].append(answer.account.account_id)
        house.clock.advance(1)
    first, _, last = registered["org_test"]

    async def listed(**named: Any) -> list[str]:
        request = pb.ListAccountsRequest(organization_id="org_test", **named)
        page = await house.stubs.accounts.ListAccounts(request)
        found = [account.account_id for account in page.accounts]
        token = page.next_page_token
        return found + (await listed(**{**named, "page_token": token}) if token else [])

    named = [last, "acct_nobody", first, *registered["org_other"]]
    assert await listed(account_ids=named) == [first, last]
    assert await listed(account_ids=named, page_size=1) == [first, last]
    assert await listed(account_ids=registered["org_other"]) == []
    assert await listed() == registered["org_test"]
    with pytest.raises(InvalidArgument):
        await listed(account_ids=["acct"] * 1001)


@pytest.mark.parametrize("known_by", ["webhook", "probe", "registration"])
async def test_somebody_else_signs_in(house: Any, known_by: str) -> None:
    """Nothing goes on in another human's name; when the owner is back, everything does."""
    await house.perform(house.request("visit_profile", "ada"))
    owner = (await house.account_row()).provider_id
    own = house.world.accounts.get("unipile-1").owner
    house.world.people.add("grace", seen_in="control")
    webhooks = dict(house.world.webhooks._by_id)
    if known_by != "webhook":
        house.world.webhooks._by_id.clear()

    await house.signs_in("grace")
    if known_by == "probe":
        await house.gateway.lifecycle.probe(await house.account_row())
    if known_by == "registration":
        await house.stubs.accounts.RegisterAccount(
            pb.RegisterAccountRequest(organization_id="org_test", unipile_account_id="unipile-1")
        )
    account = await house.account_row()
    visit = house.request("visit_profile", "bob")
    with pytest.raises(NotYet) as told:
        await house.until_sent(visit)
    house.world.webhooks._by_id.update(webhooks)
    house.clock.advance(60)
    await house.signs_in(own)

    assert (account.state, account.state_reason) == (AccountState.DISCONNECTED, "OTHER_MEMBER")
    assert account.provider_id == owner
    assert told.value.reason == "ACCOUNT_PARKED"
    await house.perform(visit)


async def test_who_signed_in_is_known_before_anything_goes(house: Any) -> None:
    """While Unipile does not tell who came back, an account stays as it is."""
    await house.status("CREDENTIALS")
    await house.fault(route="/accounts/{account_id}", method="GET", fault="503", times=None)

    await house.status("RECONNECTED")

    assert await state(house) == "DISCONNECTED"
    await house.control.delete("/_simulator/faults")
    house.clock.advance(3600)
    await house.gateway.inbound.retry_due()
    assert await state(house) == "CONNECTED"
