"""A suppression by a name covers the person, whatever they are called by now or later."""

from datetime import timedelta
from typing import Any

import pytest
from linkedin_gateway.actions.profiles import NAME_EVERY
from linkedin_gateway.controls.suppression_repository import MOST_NAMES_FIRST
from linkedin_gateway.errors import ActionFailed, ActionMustWait
from linkedin_gateway.people.aliases import shown
from linkedin_gateway.people.people_repository import PeopleRepository
from linkedin_gateway.people.shown_repository import Shown
from linkedin_gateway.storage.id_filling import begin_filling_anew
from linkedin_gateway.storage.reseal import reseal
from outreach.linkedin.v1 import suppression_pb2, suppression_service_pb2
from pydantic import SecretStr
from servicekit.errors import FailedPrecondition
from servicekit.sealing.composition import seal_of
from servicekit.startup.rotating import check

from tests.fakes.sealing import SECOND
from tests.integration.linkedin_gateway.conftest import StandingClock
from tests.integration.linkedin_gateway.controls.test_suppressed_by_ids import suppress

PERSON = suppression_pb2.SUPPRESSION_COVERAGE_PERSON
LOOKUP_WAITS = suppression_pb2.SUPPRESSION_COVERAGE_LOOKUP_WAITS
NAME_ALONE = suppression_pb2.SUPPRESSION_COVERAGE_NAME_ALONE


async def coverage(house: Any) -> list[int]:
    """Whom each suppression covers, oldest first."""
    answer = await house.stubs.suppressions.ListSuppressions(
        suppression_service_pb2.ListSuppressionsRequest(organization_id="org_test", page_size=1000)
    )
    return [each.coverage for each in answer.suppressions]


async def test_whom_a_suppression_covers_is_listed(house: Any) -> None:
    """It waits for a lookup, is the person's, or was found to be nobody's, and says so."""
    await house.resolve("ada")
    await suppress(house, "ada", "ACoAAB" + "x" * 30, "bob")
    listed = await coverage(house)

    await house.perform(house.request("visit_profile", "cyd"))

    assert sorted(listed) == [PERSON, LOOKUP_WAITS, LOOKUP_WAITS]
    assert sorted(await coverage(house)) == [PERSON, PERSON, NAME_ALONE]


async def test_a_name_that_somebody_else_has_by_now(house: Any) -> None:
    """Who was suppressed by a name that went on to somebody else stays suppressed."""
    await house.resolve("ada")
    await suppress(house, "ada")
    people = PeopleRepository(house.pool, house.gateway.repositories.ids)
    other = await house.resolve("bob")
    house.clock.advance(2 * 86_400)
    of_bob = house.called("bob")["classic"]
    bob = await house.pool.fetchval(
        "SELECT person_id FROM people WHERE public_identifier = $1",
        house.gateway.repositories.ids.sealed("org_test", other.public_identifier),
    )
    await people.resolve(
        "org_test",
        bob,
        Shown(
            aliases=shown(house.account.account_id, provider_id=of_bob, public_identifier="ada"),
            public_identifier="ada",
        ),
        now=house.gateway.clock.now(),
    )

    with pytest.raises(FailedPrecondition) as refused:
        await house.perform(house.request("visit_profile", house.called("ada")["classic"]))

    assert refused.value.reason == "PERSON_SUPPRESSED"


async def test_a_long_list_keeps_nobody_waiting(house: Any) -> None:
    """Of a list of names some are looked up first; the others by and by, and then they count."""
    more = 3
    old, present = "ada-once", "ada"
    ada = house.world.people.add(old, seen_in="control")
    house.world.people.rename(ada, present)
    names = [f"person-{number}" for number in range(MOST_NAMES_FIRST + more - 1)]
    await suppress(house, *names, old)
    house.clock.advance(3600)

    await house.perform(house.request("visit_profile", "bob"))
    waiting = await house.pool.fetchval("SELECT count(*) FROM suppressed_names")
    for left in reversed(range(more)):
        house.clock.advance(NAME_EVERY / timedelta(seconds=1))
        await house.gateway.profiles.read_suppressed_due()
        await house.gateway.profiles.read_suppressed_due()
        assert await house.pool.fetchval("SELECT count(*) FROM suppressed_names") == left

    assert waiting == more
    assert set(await coverage(house)) == {PERSON}
    with pytest.raises(FailedPrecondition) as refused:
        await house.perform(house.request("visit_profile", present))
    assert refused.value.reason == "PERSON_SUPPRESSED"


async def performed(gateway: Any, house: Any, request: Any) -> None:
    """Ask a gateway again whenever told to, at the moment told."""
    for _ in range(20):
        try:
            await gateway.actions.perform(request)
        except ActionMustWait as wait:
            house.come_again(wait)
        else:
            return


async def test_who_is_suppressed_by_a_name_stays_so_though_all_keys_are_lost(house: Any) -> None:
    """By other keys they are found as soon as a profile shows the name, whatever they are asked by.

    Nobody could be: each was suppressed by a hash of the key that was lost.
    """
    await house.resolve("ada")
    await suppress(house, "ada")
    settings = house.settings.model_copy(
        update={"sealing_keys": SecretStr(SECOND), "sealing_hash_key": SecretStr(SECOND)}
    )
    clock = StandingClock(house.clock)
    await check(
        settings,
        clock,
        service="linkedin-gateway",
        schema="gateway",
        lost=True,
        on_keys_lost=begin_filling_anew,
    )
    await reseal(settings, clock)
    seal = seal_of(settings, sandbox=False)
    other = house.another_process(house.pool, house.sender, seal=seal)

    request = house.asked(house.request("visit_profile", house.called("ada")["classic"]))
    with pytest.raises(ActionFailed) as refused:
        await performed(other, house, request)

    assert refused.value.reason == "PERSON_SUPPRESSED"
    assert not house.writes("visit")
