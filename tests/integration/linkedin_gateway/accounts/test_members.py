"""A member of LinkedIn has one account here, whenever it becomes known whose an account is."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from linkedin_gateway.accounts.statuses import MEMBER_NOT_ACCEPTED, OWNER_UNKNOWN, SAME_MEMBER
from linkedin_gateway.models import Account, AccountState
from outreach.linkedin.v1 import account_pb2, action_pb2, pace_service_pb2
from outreach.linkedin.v1 import account_service_pb2 as pb
from servicekit.errors import AlreadyExists, FailedPrecondition, NotYet
from servicekit.postgres.scope import acting_for

from tests.integration.linkedin_gateway.conftest import ORGANIZATION, UNIPILE_ACCOUNT

_OTHERS = "org_other"


def another(house: Any, number: int = 2, *, told: bool) -> str:
    """Another account at Unipile of the member who has the first one."""
    account_id = f"unipile-{number}"
    house.world.accounts.add(
        now=house.world.clock.now(),
        account_id=account_id,
        same_member_as=UNIPILE_ACCOUNT,
        owner_told=told,
    )
    return account_id


async def register(house: Any, unipile_id: str, organization_id: str = ORGANIZATION) -> Account:
    answer = await house.stubs.accounts.RegisterAccount(
        pb.RegisterAccountRequest(organization_id=organization_id, unipile_account_id=unipile_id)
    )
    return await read(house, answer.account.account_id)


async def read(house: Any, account_id: str) -> Account:
    account: Account = await house.gateway.repositories.accounts.read(account_id)
    return account


async def told(house: Any, unipile_id: str, account: Account) -> Account:
    """Unipile tells whose the account is, and is asked."""
    answer = await house.control.put(
        f"/_simulator/accounts/{unipile_id}/owner", json={"told": True}
    )
    assert answer.is_success, answer.text
    await house.gateway.lifecycle.probe(await read(house, account.account_id))
    return await read(house, account.account_id)


async def disconnect(house: Any) -> None:
    await house.stubs.accounts.DisconnectAccount(
        pb.DisconnectAccountRequest(account_id=house.account.account_id, park=True)
    )


async def test_nothing_goes_before_it_is_known_whose_it_is(house: Any) -> None:
    """An account whose owner is not told connects; then it acts, unless they have another."""
    house.world.accounts.add(
        now=house.world.clock.now(), account_id="unipile-new", owner_told=False
    )
    account = await register(house, "unipile-new")
    visit = house.request("visit_profile", "ada")
    visit.account_id = account.account_id

    with pytest.raises(NotYet) as waits:
        await house.until_sent(visit)
    known = await told(house, "unipile-new", account)

    assert waits.value.reason == "ACCOUNT_PARKED"
    assert (account.state, account.state_reason) == (AccountState.CONNECTING, OWNER_UNKNOWN)
    assert known.state is AccountState.CONNECTED
    assert known.provider_id
    await house.perform(visit)


@pytest.mark.parametrize(
    ("organization_id", "reason"), [(ORGANIZATION, SAME_MEMBER), (_OTHERS, MEMBER_NOT_ACCEPTED)]
)
async def test_known_too_late_to_be_refused(house: Any, organization_id: str, reason: str) -> None:
    """An account that turns out to be another's member's does not act; the other one goes on."""
    second = await register(house, another(house, told=False), organization_id)

    refused = await told(house, "unipile-2", second)
    await house.gateway.lifecycle.probe(await house.account_row())

    assert (refused.state, refused.state_reason) == (AccountState.DISCONNECTED, reason)
    assert refused.provider_id == ""
    assert (await house.account_row()).state is AccountState.CONNECTED


@pytest.mark.parametrize(
    ("organization_id", "error", "reason"),
    [
        (ORGANIZATION, AlreadyExists, "ALREADY_EXISTS"),
        (_OTHERS, FailedPrecondition, "MEMBER_NOT_ACCEPTED"),
    ],
)
async def test_known_at_once(
    house: Any, organization_id: str, error: type[Exception], reason: str
) -> None:
    """Two accounts of a member are not driven at two paces, by one organization or by two."""
    with pytest.raises(error) as refused:
        await register(house, another(house, told=True), organization_id)

    assert refused.value.reason == reason  # type: ignore[attr-defined]
    names_the_first = {house.account.account_id, ORGANIZATION} & {
        *refused.value.metadata.values()  # type: ignore[attr-defined]
    }
    assert bool(names_the_first) == (organization_id == ORGANIZATION)


async def test_bound_anew_when_it_is_known(house: Any) -> None:
    """Who was removed and comes back unrecognized has leads and budget again once recognized."""
    await house.perform(house.request("visit_profile", "ada"))
    waiting = house.request("visit_profile", "bob")
    await disconnect(house)
    with pytest.raises(NotYet):
        await house.until_sent(waiting)
    second = await register(house, another(house, told=False))

    given_up = await told(house, "unipile-2", second)

    bound = await house.account_row()
    assert bound.unipile_account_id == "unipile-2"
    assert bound.state is AccountState.CONNECTED
    assert (given_up.state, given_up.state_reason) == (AccountState.REMOVED, SAME_MEMBER)
    usage = await house.gateway.ledger.usage(bound.account_id, now=house.gateway.clock.now())
    assert sum(bool(each.counted) for each in usage.values())
    await house.perform(waiting)


async def test_the_next_in_line(house: Any) -> None:
    """Once the first organization has let the member go, the second one's account acts."""
    second = await register(house, another(house, told=False), _OTHERS)
    await told(house, "unipile-2", second)
    await disconnect(house)

    account = await told(house, "unipile-2", second)

    assert account.state is AccountState.CONNECTED


async def test_back_too_late(house: Any) -> None:
    """An account that was removed stays so when it comes back after another has its member."""
    second = await register(house, another(house, told=False), _OTHERS)
    first = await house.account_row()
    await house.gateway.lifecycle.move(first, AccountState.REMOVED, reason="DELETED")
    await told(house, "unipile-2", second)

    await house.gateway.lifecycle.probe(first)

    assert (await house.account_row()).state is AccountState.REMOVED
    assert (await read(house, second.account_id)).state is AccountState.CONNECTED


async def test_two_from_before(house: Any) -> None:
    """Of two that acted before anybody asked, the older one goes on, whichever is seen first."""
    second = await register(house, another(house, told=False))
    await house.pool.execute(
        "UPDATE accounts SET provider_id = $1, state = 'connected' WHERE account_id = $2",
        (await house.account_row()).provider_id,
        second.account_id,
    )
    await house.pool.execute(
        "UPDATE accounts SET created_at = created_at - interval '1 day' WHERE account_id = $1",
        house.account.account_id,
    )

    await house.gateway.lifecycle.probe(await house.account_row())
    younger = await told(house, "unipile-2", second)

    assert (await house.account_row()).state is AccountState.CONNECTED
    assert (younger.state, younger.state_reason) == (AccountState.DISCONNECTED, SAME_MEMBER)


async def test_many_at_once(house: Any) -> None:
    """Of several that are recognized at the same moment one at most acts."""
    await disconnect(house)
    numbers = range(2, 6)
    owners = [ORGANIZATION, _OTHERS, ORGANIZATION, _OTHERS]
    accounts = [
        await register(house, another(house, number, told=False), owner)
        for number, owner in zip(numbers, owners, strict=True)
    ]

    await asyncio.gather(
        *(
            told(house, f"unipile-{number}", account)
            for number, account in zip(numbers, accounts, strict=True)
        )
    )

    states = [
        (await read(house, account_id)).state
        for account_id in [house.account.account_id, *(each.account_id for each in accounts)]
    ]
    assert states.count(AccountState.CONNECTED) == 1


async def test_back_before_it_is_known_that_they_went(house: Any) -> None:
    """Who was removed at Unipile, which told nobody, and has come back is bound anew at once."""
    await house.perform(house.request("visit_profile", "ada"))
    house.world.accounts.delete(house.world.accounts.get(UNIPILE_ACCOUNT))

    account = await register(house, another(house, told=True))

    assert account.account_id == house.account.account_id
    assert (account.unipile_account_id, account.state) == ("unipile-2", AccountState.CONNECTED)
    await house.perform(house.request("visit_profile", "bob"))


async def test_gone_from_another_organization_which_was_not_told(house: Any) -> None:
    """A member who was removed from one organization at Unipile can be connected by another."""
    house.world.accounts.delete(house.world.accounts.get(UNIPILE_ACCOUNT))

    account = await register(house, another(house, told=True), _OTHERS)

    assert account.state is AccountState.CONNECTED
    assert (await house.account_row()).state is AccountState.REMOVED


async def test_used_with_another_organization(house: Any) -> None:
    """What a member has used with an organization that let go is used with the next one too."""
    began = house.clock.now()
    for person in ("ada", "bob"):
        await house.perform(house.request("visit_profile", person))
    await disconnect(house)
    account = await register(house, another(house, told=True), _OTHERS)
    cap = account_pb2.Cap(kind=action_pb2.ACTION_KIND_VISIT, actions=2)
    cap.per.FromTimedelta(timedelta(days=1))
    caps = pb.UpdateAccountRequest.Caps(caps=[cap])
    await house.stubs.accounts.UpdateAccount(
        pb.UpdateAccountRequest(account_id=account.account_id, caps=caps)
    )
    visit = house.request("visit_profile", "eve")
    visit.account_id, visit.organization_id = account.account_id, _OTHERS

    await house.perform(visit)

    assert account.state is AccountState.CONNECTED
    assert house.clock.now() >= began + 86_400


async def test_what_another_organization_has_used_is_shown(house: Any) -> None:
    """The next organization's usage counts what a member did before; by the roles of a service.

    Whoever asks is bound to the rows of its own organization, and is shown a count of the other's
    and nothing else: by the rows that it may see it would be told less than what binds.
    """
    for person in ("ada", "bob"):
        await house.perform(house.request("visit_profile", person))
    await disconnect(house)
    account = await register(house, another(house, told=True), _OTHERS)
    asked = pace_service_pb2.GetAccountUsageRequest(account_id=account.account_id)
    own = (("x-organization-id", _OTHERS),)

    answer = await house.stubs.pace.GetAccountUsage(asked, metadata=own)
    with acting_for(_OTHERS):
        seen = await house.gateway.pool.fetchval("SELECT count(*) FROM actions")

    visits = {each.used for each in answer.usages if each.kind == action_pb2.ACTION_KIND_VISIT}
    assert visits == {2}
    assert seen == 0
