"""Stops: in force when the call returns, whatever is going on."""

import asyncio
from typing import Any

import pytest
from outreach.linkedin.v1 import (
    action_service_pb2,
    hold_pb2,
    hold_service_pb2,
    suppression_pb2,
    suppression_service_pb2,
)
from servicekit.errors import FailedPrecondition, NotYet


def put(scope: str, subject_id: str) -> hold_service_pb2.PutHoldRequest:
    return hold_service_pb2.PutHoldRequest(
        scope=hold_pb2.HoldScope.Value(f"HOLD_SCOPE_{scope}"),
        subject_id=subject_id,
        reason="A test.",
    )


async def test_hold_waits_for_what_is_on_the_wire(house: Any) -> None:
    """The call returns only after the write that was on the wire has been answered."""
    await house.fault(method="GET", route="/users/{identifier}", fault="latency", seconds=0.5)
    visit = asyncio.ensure_future(house.perform(house.request("visit_profile", "ada")))
    await house.until(lambda: house.gateway.attempts._tasks)

    await house.stubs.holds.PutHold(put("CAMPAIGN", "camp_1"))

    (written,) = house.writes("visit")
    assert written.status == 200
    await visit


async def test_no_write_begins_after_a_hold(house: Any) -> None:
    """While many callers push, none gets through once the call has returned."""
    house.clock.advance(1)
    requests = [
        house.request("visit_profile", f"p{n}", campaign_id=f"camp_{n % 2}") for n in range(40)
    ]

    async def push(request: action_service_pb2.PerformActionRequest) -> None:
        while not stopped:
            try:
                await house.stubs.actions.PerformAction(request)
            except NotYet:
                house.clock.advance(61)
            else:
                return

    stopped = False
    pushing = [asyncio.create_task(push(request)) for request in requests]
    await house.until(lambda: len(house.writes("visit")) > 3)
    await house.stubs.holds.PutHold(put("CAMPAIGN", "camp_0"))
    held_from = len(house.world.journal.entries)
    before = len(house.writes("visit"))
    await house.until(lambda: len(house.writes("visit")) > before)
    stopped = True
    await asyncio.gather(*pushing)

    late = {entry.target for entry in house.world.journal.entries[held_from:] if entry.changed}
    assert late
    assert all(int(target.removeprefix("p")) % 2 == 1 for target in late if target)


async def test_lifting_wakes_those_who_waited(house: Any) -> None:
    """Who was told to come in hours is woken when the hold is lifted, and goes."""
    visit = house.request("visit_profile", "ada")
    await house.stubs.holds.PutHold(put("CAMPAIGN", "camp_1"))
    with pytest.raises(NotYet) as told:
        await house.stubs.actions.PerformAction(visit)

    await house.stubs.holds.LiftHold(
        hold_service_pb2.LiftHoldRequest(scope=hold_pb2.HOLD_SCOPE_CAMPAIGN, subject_id="camp_1")
    )
    await house.relay()

    assert told.value.reason == "HELD"
    (freed,) = house.reported.of("actions_freed")
    assert [(lead.campaign_id, lead.lead_id) for lead in freed.leads] == [("camp_1", "lead_ada")]
    await house.stubs.actions.PerformAction(visit)


async def test_holds_are_listed_and_audited(house: Any) -> None:
    """Putting twice is putting once; what was put and lifted, and by whom, stays on record."""
    await house.stubs.holds.PutHold(put("ACCOUNT", house.account.account_id))
    await house.stubs.holds.PutHold(put("ACCOUNT", house.account.account_id))
    listed = await house.stubs.holds.ListHolds(hold_service_pb2.ListHoldsRequest())
    await house.stubs.holds.LiftHold(
        hold_service_pb2.LiftHoldRequest(
            scope=hold_pb2.HOLD_SCOPE_ACCOUNT, subject_id=house.account.account_id
        )
    )

    assert [hold.subject_id for hold in listed.holds] == [house.account.account_id]
    assert not (await house.stubs.holds.ListHolds(hold_service_pb2.ListHoldsRequest())).holds
    deeds = await house.pool.fetch("SELECT deed, caller FROM hold_audit ORDER BY id")
    assert [tuple(row) for row in deeds] == [
        ("put", "anonymous"),
        ("put", "anonymous"),
        ("lifted", "anonymous"),
    ]


async def test_a_campaign_that_was_held_does_not_starve_the_others(house: Any) -> None:
    """Held for long, a campaign comes back beside those who went on, not before all of them."""
    await house.perform(house.request("visit_profile", "first", campaign_id="camp_0"))
    for number in range(10):
        with pytest.raises(NotYet):
            await house.stubs.actions.PerformAction(
                house.request("visit_profile", f"held{number}", campaign_id="camp_held")
            )
    await house.stubs.holds.PutHold(put("CAMPAIGN", "camp_held"))
    for number in range(10):
        await house.perform(house.request("visit_profile", f"on{number}", campaign_id="camp_on"))
    await house.stubs.holds.LiftHold(
        hold_service_pb2.LiftHoldRequest(scope=hold_pb2.HOLD_SCOPE_CAMPAIGN, subject_id="camp_held")
    )

    virtual_finishes = await house.pool.fetch(
        "SELECT min(virtual_finish) FILTER (WHERE campaign_id = 'camp_held') AS held,"
        " max(virtual_finish) FILTER (WHERE campaign_id = 'camp_on') AS went_on FROM actions"
    )
    assert virtual_finishes[0]["held"] >= virtual_finishes[0]["went_on"]


async def test_suppression(house: Any) -> None:
    """Who must not be contacted is not, whatever way their address is spelt, until removed."""
    added = await house.stubs.suppressions.AddSuppressions(
        suppression_service_pb2.AddSuppressionsRequest(
            suppressions=[
                suppression_pb2.Suppression(
                    organization_id="org_test", public_identifier="Ada-Example", reason="Asked."
                )
            ]
        )
    )
    with pytest.raises(FailedPrecondition) as told:
        await house.stubs.actions.PerformAction(house.request("visit_profile", "ada-example"))
    (suppression,) = added.suppressions
    await house.stubs.suppressions.RemoveSuppression(
        suppression_service_pb2.RemoveSuppressionRequest(suppression_id=suppression.suppression_id)
    )
    await house.perform(house.request("visit_profile", "ada-example"))

    assert told.value.reason == "PERSON_SUPPRESSED"
    assert told.value.metadata["effect"] == "lead_failed"
