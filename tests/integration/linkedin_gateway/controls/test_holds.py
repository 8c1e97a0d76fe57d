"""Stops: in force when the call returns, whatever is going on."""

import asyncio
import time
from datetime import UTC, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from automation.optimisation.guardrails import Guardrail
from linkedin_gateway.models import HoldScope
from linkedin_gateway.storage.stops import IN_FORCE_WITHIN
from outreach.linkedin.v1 import (
    action_service_pb2,
    hold_pb2,
    hold_service_pb2,
    suppression_pb2,
    suppression_service_pb2,
)
from outreach_worker.optimisation.past_pauses import PastPauses
from servicekit.errors import FailedPrecondition, NotFound, NotYet, Unavailable

from tests.integration.linkedin_gateway.conftest import ORGANIZATION


def put(scope: str, subject_id: str) -> hold_service_pb2.PutHoldRequest:
    return hold_service_pb2.PutHoldRequest(
        scope=hold_pb2.HoldScope.Value(f"HOLD_SCOPE_{scope}"),
        subject_id=subject_id,
        organization_id=ORGANIZATION if scope == "CAMPAIGN" else "",
        reason="A test.",
    )


async def test_a_hold_names_what_is_on_the_wire(house: Any) -> None:
    """The call does not wait for a slow write: it says which there are, and until when at most.

    It used to return when the write was answered, 45 seconds later, when its callers had given up.
    """
    await house.resolve("ada")
    await house.fault(method="GET", route="/users/{identifier}", fault="latency", seconds=45)
    request = house.request("visit_profile", "ada")
    visit = asyncio.ensure_future(house.perform(request))
    await house.until(lambda: house.gateway.attempts._tasks)

    begun_at = time.monotonic()
    answer = await house.stubs.holds.PutHold(put("CAMPAIGN", "camp_1"))
    other = await house.stubs.suppressions.AddSuppressions(
        suppression_service_pb2.AddSuppressionsRequest(
            suppressions=[
                suppression_pb2.Suppression(
                    organization_id=ORGANIZATION, public_identifier="ada", reason="Asked."
                )
            ]
        )
    )
    took = timedelta(seconds=time.monotonic() - begun_at)

    assert not house.writes("visit")
    for named in (answer.on_the_wire, other.on_the_wire):
        assert list(named.action_ids) == [request.action_id]
        assert named.actions == 1
        lasts = named.until.ToDatetime(UTC) - house.gateway.clock.now()
        assert timedelta(seconds=45) < lasts
        assert lasts <= house.settings.unipile_timeout + timedelta(seconds=20)
    assert took < 2 * IN_FORCE_WITHIN
    await house.control.delete("/_simulator/faults")
    await visit
    again = await house.stubs.holds.PutHold(put("CAMPAIGN", "camp_1"))
    assert not again.on_the_wire.actions


async def test_no_write_begins_after_a_hold(house: Any) -> None:
    """While many callers push, none gets through once the call has returned but what it named."""
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
            except Unavailable:
                # A decision that took too long on a busy machine was made by nobody: asked again.
                continue
            else:
                return

    stopped = False
    pushing = [asyncio.create_task(push(request)) for request in requests]
    await house.until(lambda: len(house.writes("visit")) > 3)
    answer = await house.stubs.holds.PutHold(put("CAMPAIGN", "camp_0"))
    named = {name.split("/")[1] for name in answer.on_the_wire.action_ids}
    held_from = len(house.world.journal.entries)
    before = len(house.writes("visit"))
    await house.until(lambda: len(house.writes("visit")) > before)
    stopped = True
    await asyncio.gather(*pushing)

    entries = house.world.journal.entries[held_from:]
    late = {entry.target for entry in entries if entry.changed} - named
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
    other = put("ACCOUNT", house.account.account_id)
    other.reason = "Another one's."
    answered = await house.stubs.holds.PutHold(other)
    listed = await house.stubs.holds.ListHolds(hold_service_pb2.ListHoldsRequest())
    of_account = f"scope = ACCOUNT AND subject_id = {house.account.account_id}"
    (found,) = (
        await house.stubs.holds.ListHolds(
            hold_service_pb2.ListHoldsRequest(page_size=1, filter=of_account)
        )
    ).holds
    of_campaign = f"scope = CAMPAIGN AND subject_id = {house.account.account_id}"
    none = await house.stubs.holds.ListHolds(hold_service_pb2.ListHoldsRequest(filter=of_campaign))
    await house.stubs.holds.LiftHold(
        hold_service_pb2.LiftHoldRequest(
            scope=hold_pb2.HOLD_SCOPE_ACCOUNT, subject_id=house.account.account_id
        )
    )

    assert found == answered.hold
    assert found.reason != other.reason
    assert not none.holds
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


async def test_a_campaign_is_held_before_its_first_action(house: Any) -> None:
    """One of our services vouches for a campaign that has asked for nothing yet: it is held."""
    await house.stubs.holds.PutHold(put("CAMPAIGN", "camp_1"))

    with pytest.raises(NotYet) as told:
        await house.stubs.actions.PerformAction(house.request("visit_profile", "ada"))

    assert told.value.reason == "HELD"


async def test_nobodys_campaign_is_not_held(house: Any) -> None:
    """A hold on a campaign that nobody knows, or of another organization, is refused.

    It used to be kept, and to stop nothing.
    """
    await house.perform(house.request("visit_profile", "ada"))
    unknown, anothers = put("CAMPAIGN", "camp_typo"), put("CAMPAIGN", "camp_1")
    unknown.organization_id, anothers.organization_id = "", "org_other"

    for request in (unknown, anothers, put("ORGANIZATION", "org_nobody")):
        with pytest.raises(NotFound) as told:
            await house.stubs.holds.PutHold(request)
        assert told.value.reason == "HOLD_SUBJECT_UNKNOWN"
    listed = await house.stubs.holds.ListHolds(hold_service_pb2.ListHoldsRequest())
    assert not listed.holds


async def test_what_is_known_here_needs_no_voucher(house: Any) -> None:
    """A campaign that has acted, and an organization that has an account, are held by name."""
    await house.perform(house.request("visit_profile", "ada"))
    campaign = put("CAMPAIGN", "camp_1")
    campaign.organization_id = ""

    await house.stubs.holds.PutHold(campaign)
    await house.stubs.holds.PutHold(put("ORGANIZATION", ORGANIZATION))

    own = (("x-organization-id", ORGANIZATION),)
    listed = await house.stubs.holds.ListHolds(hold_service_pb2.ListHoldsRequest(), metadata=own)
    assert len(listed.holds) == 2


async def test_a_campaign_of_another_organization_with_the_same_id(house: Any) -> None:
    """A hold is one organization's: it neither stops nor frees what others call the same."""
    await house.resolve("ada")
    holds, now = house.gateway.repositories.holds, house.gateway.clock.now()
    told = {"caller": "svc", "now": now}
    await holds.put(HoldScope.CAMPAIGN, "camp_1", owner="org_other", reason="Theirs.", **told)
    await house.perform(house.request("visit_profile", "ada"))
    await house.stubs.holds.PutHold(put("CAMPAIGN", "camp_1"))
    await holds.lift(HoldScope.CAMPAIGN, "camp_1", organization_id="org_other", **told)

    with pytest.raises(NotYet) as held:
        await house.until_sent(house.request("send_invitation", "ada"))

    assert held.value.reason == "HELD"


async def test_the_worker_learns_when_a_pause_ended(house: Any) -> None:
    """Of a sender that is held nothing is asked; once it is not, the first time since it was."""
    account_id, began_at = house.account.account_id, house.gateway.clock.now()
    pause = SimpleNamespace(
        change=SimpleNamespace(after={"account_id": account_id}),
        inputs={"figure": Guardrail.REFUSALS.value},
        applied_at=began_at,
        ended_at=None,
        created_at=began_at,
    )

    class History:
        async def of_campaign(self, *_: object, **__: object) -> list[Any]:
            return []

        async def sender_pauses(self, *_: object) -> list[Any]:
            return [pause]

    campaign: Any = SimpleNamespace(
        id="camp_1", organization_id=ORGANIZATION, account_ids=(account_id,), created_at=began_at
    )
    past = PastPauses(cast("Any", History()), house.stubs.holds)
    lift = hold_service_pb2.LiftHoldRequest(
        scope=hold_pb2.HOLD_SCOPE_ACCOUNT, subject_id=account_id
    )

    await house.stubs.holds.PutHold(put("ACCOUNT", account_id))
    held = await past.of(campaign, now=began_at)
    house.clock.advance(3600)
    lifted_at = house.gateway.clock.now()
    await house.stubs.holds.LiftHold(lift)
    house.clock.advance(3600)
    await house.stubs.holds.PutHold(put("ACCOUNT", account_id))
    await house.stubs.holds.LiftHold(lift)
    lifted = await past.of(campaign, now=began_at)

    assert (held.passed_over, held.ended_at) == ({account_id}, {})
    assert not lifted.passed_over
    assert abs(lifted.ended_at[account_id, Guardrail.REFUSALS] - lifted_at) < timedelta(minutes=1)


async def test_lifting_what_is_not_held_is_told(house: Any) -> None:
    """Unless that is allowed."""
    asked = {"scope": hold_pb2.HOLD_SCOPE_EVERYTHING}

    with pytest.raises(NotFound) as refused:
        await house.stubs.holds.LiftHold(hold_service_pb2.LiftHoldRequest(**asked))
    await house.stubs.holds.LiftHold(hold_service_pb2.LiftHoldRequest(**asked, allow_missing=True))

    assert refused.value.reason == "HOLD_NOT_FOUND"
