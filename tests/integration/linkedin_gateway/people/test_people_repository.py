"""People on PostgreSQL: who is meant, and when two turn out to be one."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from linkedin_gateway.errors import ActionFailed
from linkedin_gateway.people import people_repository
from linkedin_gateway.people.aliases import Alias, address, alias_of, provider_alias, shown
from linkedin_gateway.people.people_repository import PeopleRepository
from linkedin_gateway.people.shown_repository import Shown
from servicekit.postgres import pool as postgres
from servicekit.postgres.columns import Row
from servicekit.postgres.errors import DatabaseBusy
from servicekit.postgres.pool import Pool

from tests.contracts.ledger import NOW
from tests.integration.linkedin_gateway.conftest import IDS

ORGANIZATION = "org_1"
ACCOUNTS = ("acct_1", "acct_2")
_numbers = itertools.count()


@pytest.fixture
async def pool(gateway_url: str) -> AsyncIterator[Pool]:
    async with postgres.connect_pool(gateway_url, "gateway", max_size=8) as pool:
        yield pool


@pytest.fixture
def people(pool: Pool) -> PeopleRepository:
    return PeopleRepository(pool, IDS)


def profile(account_id: str, name: str, *, urn: str = "") -> Shown:
    """What an account is shown of somebody."""
    return Shown(
        aliases=shown(
            account_id,
            provider_id=classic(account_id, name),
            public_identifier=name,
            urn=urn,
        ),
        public_identifier=name,
    )


def classic(account_id: str, name: str) -> str:
    return f"ACoAA{account_id}{name}".ljust(39, "x")


def sales(account_id: str, name: str) -> str:
    return f"ACwAA{account_id}{name}".ljust(39, "x")


async def identified(people: PeopleRepository, *aliases: Alias) -> list[str]:
    return [await people.identify(ORGANIZATION, alias, now=NOW) for alias in aliases]


async def test_who_is_new_and_who_is_known(people: PeopleRepository) -> None:
    """The same name is the same person, another name and another organization are others."""
    ada, again, bob = await identified(people, address("ada"), address("ada"), address("bob"))
    other = await people.identify("org_2", address("ada"), now=NOW)

    assert ada == again
    assert len({ada, bob, other}) == 3


async def test_asked_at_once(people: PeopleRepository) -> None:
    """Many who call somebody for the first time at one instant mean one person."""
    found = await asyncio.gather(
        *(people.identify(ORGANIZATION, address("ada"), now=NOW) for _ in range(16))
    )

    assert len(set(found)) == 1


async def test_one_by_a_profile_that_shows_both(people: PeopleRepository) -> None:
    """A profile that shows a name and an id makes one of those who were called so."""
    by_name, by_id = await identified(
        people, address("ada"), provider_alias(classic("acct_1", "ada"), "acct_1")
    )

    found = await people.resolve(ORGANIZATION, by_id, profile("acct_1", "ada"), now=NOW)

    assert found == min(by_name, by_id)
    assert await identified(
        people, address("ada"), provider_alias(classic("acct_1", "ada"), "acct_1")
    ) == [found, found]


async def test_a_name_that_changed_hands(people: PeopleRepository) -> None:
    """Who has the name now is somebody else; who had it is not contacted in their stead."""
    (first,) = await identified(people, address("ada"))
    await people.resolve(ORGANIZATION, first, profile("acct_1", "ada", urn="1"), now=NOW)

    with pytest.raises(ActionFailed) as told:
        await people.resolve(ORGANIZATION, first, profile("acct_1", "ada", urn="2"), now=NOW)
    (second,) = await identified(people, provider_alias(sales("acct_1", "two"), "acct_1"))
    found = await people.resolve(ORGANIZATION, second, profile("acct_1", "ada", urn="2"), now=NOW)

    assert told.value.reason == "TARGET_MISMATCH"
    assert found == second
    assert await identified(people, address("ada")) == [second]


LOOKS = st.tuples(
    st.sampled_from(["ada", "ada-old", "bob"]),
    st.sampled_from(ACCOUNTS),
    st.sampled_from(["ada", "bob"]),
    st.sampled_from(["", "1", "2"]),
)
"""Whom is looked at by which account, what is shown as their address and their number."""


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(looks=st.lists(LOOKS, min_size=2, max_size=8))
async def test_what_was_seen_before_teaches_nothing(
    pool: Pool,
    people: PeopleRepository,
    monkeypatch: pytest.MonkeyPatch,
    looks: Sequence[tuple[str, str, str, str]],
) -> None:
    """A profile that is not learnt from again leaves all as if it had been.

    Each was learnt from under the locks of whom it shows, by seven statements, however often.
    """

    async def never(*_: object) -> bool:
        return False

    run = next(_numbers)
    outcomes = {}
    for name, shortened in (("quick", True), ("whole", False)):
        organization_id, found = f"org_{name}_{run}", []
        with monkeypatch.context() as patched:
            if not shortened:
                patched.setattr(people_repository, "seen_before", never)
            for asked, account_id, seen, urn in looks:
                person_id = await people.identify(organization_id, address(asked), now=NOW)
                looked_at = profile(account_id, seen, urn=urn)
                try:
                    found.append(
                        await people.resolve(organization_id, person_id, looked_at, now=NOW)
                    )
                except ActionFailed as refused:
                    found.append(refused.reason)
        rows = await pool.fetch(STATE, organization_id)
        places = {each: place for place, each in enumerate(sorted({*found}))}
        outcomes[name] = (
            [places[each] for each in found],
            sorted(told(organization_id, row) for row in rows),
        )

    assert outcomes["quick"] == outcomes["whole"]


STATE = """
SELECT person_id, kind, viewer_account_id, product, known_as, shown, who.public_identifier,
       resolved_at, merged_into IS NULL,
       dense_rank() OVER (ORDER BY person_id)
  FROM person_aliases JOIN people who USING (organization_id, person_id)
 WHERE organization_id = $1
"""


def told(organization_id: str, row: Row) -> tuple[Any, ...]:
    """What a row of `STATE` says, whosever it is: ids are sealed by each organization's key."""
    _, *said = row
    return tuple(
        IDS.opened(organization_id, each) if isinstance(each, str) else each for each in said
    )


async def test_two_merges_at_once(people: PeopleRepository) -> None:
    """Accounts that look at one person at one instant agree who they are."""
    called = [
        alias_of(each, account_id)
        for account_id in ACCOUNTS
        for each in ("ada", "ada-old", classic(account_id, "ada"), sales(account_id, "ada"))
    ]
    persons = await identified(people, *called)

    async def look(alias: Alias, person: str) -> None:
        seen = profile(alias.viewer_account_id or "acct_1", "ada", urn="7")
        while True:
            # Twelve in one line: whoever is given up in favour of others asks again.
            with suppress(DatabaseBusy):
                await people.resolve(ORGANIZATION, person, seen, now=NOW)
                return

    await asyncio.gather(
        *(look(alias, person) for alias, person in zip(called, persons, strict=True))
    )

    assert set(await identified(people, *called)) == {min(persons)}


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    order=st.permutations(range(8)),
    looked=st.lists(st.integers(0, 7), min_size=1, max_size=12),
)
async def test_any_order_of_addresses(
    pool: Pool, order: Sequence[int], looked: Sequence[int]
) -> None:
    """Who is meant does not depend on which name came first, nor on who looked when.

    Whoever was looked at is one; whoever was not is nobody's double.
    """
    people, name, urn = PeopleRepository(pool, IDS), f"ada-{next(_numbers)}", str(next(_numbers))
    spellings = [
        (each, account_id)
        for account_id in ACCOUNTS
        for each in (name, f"{name}-old", classic(account_id, name), sales(account_id, name))
    ]
    persons = {at: (await identified(people, alias_of(*spellings[at])))[0] for at in order}

    for at in looked:
        _, account_id = spellings[at]
        found = await people.resolve(
            ORGANIZATION, persons[at], profile(account_id, name, urn=urn), now=NOW
        )

    after = await identified(people, *(alias_of(*spelling) for spelling in spellings))
    assert {after[at] for at in looked} == {found}
    merged = await pool.fetch(
        "SELECT person_id, merged_into FROM people WHERE person_id = ANY($1)",
        list(persons.values()),
    )
    assert {row["merged_into"] for row in merged} <= {None, found}
