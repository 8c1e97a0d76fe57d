"""Who must not be contacted is not, whatever the suppression and whatever the lead call them."""

import random
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from outreach.linkedin.v1 import (
    hold_pb2,
    hold_service_pb2,
    suppression_pb2,
    suppression_service_pb2,
)
from servicekit.errors import FailedPrecondition, NotYet

from tests import laws
from tests.integration.linkedin_gateway.test_same_person import colleague

IDS = ("classic", "sales_navigator", "recruiter")
NAMES = ("name", "assigned name", "former name")
VIEWERS = ("unipile-1", "unipile-2")
KINDS = ("visit_profile", "send_invitation")


def ways() -> Iterator[tuple[str, str, str, str, str, str]]:
    """The suppression's spelling and viewer, the lead's, when it comes, and what is asked."""
    spelled = [*product(NAMES, VIEWERS[:1]), *product(IDS, VIEWERS)]
    asked = product((*NAMES, *IDS), VIEWERS)
    orders = ("before anybody knows them", "once they are known", "while it waits")
    for (by, viewer), (named, sender), order, kind in product(spelled, asked, orders, KINDS):
        yield by, viewer, named, sender, order, kind


async def suppress(house: Any, *identifiers: str) -> None:
    await house.stubs.suppressions.AddSuppressions(
        suppression_service_pb2.AddSuppressionsRequest(
            suppressions=[
                suppression_pb2.Suppression(
                    organization_id="org_test", public_identifier=each, reason="Asked."
                )
                for each in identifiers
            ]
        )
    )


@pytest.mark.law
@pytest.mark.lasts(seconds=20)
async def test_nobody_suppressed_is_contacted(house: Any) -> None:
    """By any id, of any account and product, by any name they have or had, in any order: no visible
    action, and the lead ends."""
    accounts = {"unipile-1": house.account.account_id, "unipile-2": await colleague(house)}
    dice = random.Random(laws.seed())
    drawn = dice.sample(list(ways()), laws.worlds(40))
    for number, (by, viewer, named, sender, order, kind) in enumerate(drawn):
        lead = f"person-{number}"
        person = house.world.people.add(f"{lead}-once", seen_in="control")
        house.world.people.rename(person, lead)
        called = {"former name": f"{lead}-once"}
        request = house.request(kind, (house.called(lead, sender) | called)[named])
        request.account_id = accounts[sender]
        spelling = (house.called(lead, viewer) | called)[by]
        if order == "once they are known":
            house.clock.advance(3600)
            await house.resolve(lead, dice.choice(list(accounts.values())))
        if order == "while it waits":
            hold = {"scope": hold_pb2.HOLD_SCOPE_EVERYTHING}
            await house.stubs.holds.PutHold(hold_service_pb2.PutHoldRequest(reason="Wait.", **hold))
            with pytest.raises(NotYet):
                await house.until_sent(request)
        await suppress(house, spelling)
        if order == "while it waits":
            await house.stubs.holds.LiftHold(hold_service_pb2.LiftHoldRequest(**hold))

        with pytest.raises(FailedPrecondition) as refused:
            await house.perform(request)

        case = (by, viewer, named, sender, order, kind)
        assert refused.value.reason == "PERSON_SUPPRESSED", case
        assert refused.value.metadata["effect"] == "lead_failed", case
    assert not house.writes("visit")
    assert not house.writes("invite")


async def test_an_id_costs_one_look(house: Any) -> None:
    """Others go on once it is known who is meant; who is meant is read once, and nobody twice."""
    await suppress(house, house.called("ada", "unipile-2")["sales_navigator"])
    await house.perform(house.request("visit_profile", "bob"))
    await house.perform(house.request("visit_profile", "cyd"))

    looks = "SELECT count(*) FROM actions WHERE kind = 'lookup' AND state = 'done'"
    assert await house.pool.fetchval(looks) == 3
    assert await house.pool.fetchval("SELECT count(*) FROM suppressed_ids") == 0


async def test_an_id_of_nobody_is_in_nobodys_way(house: Any) -> None:
    """An id by which nobody is to be found is looked for once."""
    await suppress(house, "ACoAAB" + "x" * 30)

    await house.perform(house.request("visit_profile", "bob"))

    assert await house.pool.fetchval("SELECT count(*) FROM suppressed_ids") == 0


async def test_the_look_waits_for_the_provider(house: Any) -> None:
    """Nobody is contacted while the provider does not say who is meant."""
    await suppress(house, house.called("ada", "unipile-2")["recruiter"])
    await house.resolve("bob")
    await house.fault(route="/users/{identifier}", method="GET", fault="503", times=3)

    visit = house.request("visit_profile", "bob")
    with pytest.raises(NotYet):
        await house.stubs.actions.PerformAction(visit)

    assert not house.writes("visit")
    await house.control.delete("/_simulator/faults")
    house.clock.advance(3600)
    await house.perform(visit)


async def test_as_many_as_can_be_looked_up(house: Any) -> None:
    """More ids than can be looked up soon are refused, and none of them is kept as nobody."""
    ids = [house.called(f"person-{number}")["sales_navigator"] for number in range(51)]

    with pytest.raises(FailedPrecondition) as refused:
        await suppress(house, *ids)
    await suppress(house, *ids[:50])

    assert refused.value.reason == "TOO_MANY_SUPPRESSED_IDS"
    assert await house.pool.fetchval("SELECT count(*) FROM suppressions") == 50


async def test_a_suppression_that_is_lifted_needs_no_look(house: Any) -> None:
    """Who may be contacted again is looked up for nobody's sake."""
    await suppress(house, house.called("ada", "unipile-2")["sales_navigator"])
    listed = await house.stubs.suppressions.ListSuppressions(
        suppression_service_pb2.ListSuppressionsRequest(organization_id="org_test")
    )
    await house.stubs.suppressions.RemoveSuppression(
        suppression_service_pb2.RemoveSuppressionRequest(
            suppression_id=listed.suppressions[0].suppression_id
        )
    )

    assert await house.pool.fetchval("SELECT count(*) FROM suppressed_ids") == 0
