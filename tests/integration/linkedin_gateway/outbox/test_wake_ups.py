"""Who is told that something is over: the best-ranked, as many as can go, and each once."""

from datetime import timedelta
from typing import Any

import pytest
from linkedin_gateway.models import ActionKey
from linkedin_gateway.outbox.called_off_turn_repository import CalledOffTurnRepository
from linkedin_gateway.outbox.called_off_turns import STRETCH, CalledOffTurns
from linkedin_gateway.outbox.linkedin_events import WOKEN_AT_ONCE
from outreach.linkedin.v1 import account_service_pb2, action_service_pb2, hold_pb2, hold_service_pb2
from servicekit.errors import NotYet

WAIT = """
INSERT INTO actions (action_id, organization_id, account_id, campaign_id, lead_id, identifier, kind,
       state, reason, priority, virtual_finish, created_at, turn_at)
SELECT 'herd/' || n, 'org_test', $1, 'camp_herd', 'lead_' || n, 'person-' || n, 'visit',
       'queued', $2, 2, n, $3::timestamptz, $3::timestamptz + n * interval '3 minutes'
  FROM generate_series(1, $4::integer) n
"""


async def waiting(house: Any, reason: str, number: int) -> None:
    now = house.gateway.clock.now()
    await house.pool.execute(WAIT, house.account.account_id, reason, now, number)


def told(house: Any) -> list[str]:
    return [lead.lead_id for event in house.reported.of("actions_freed") for lead in event.leads]


async def test_a_lifted_hold_tells_the_best_ranked(house: Any) -> None:
    """Of a thousand held on one account, those are told who could go until the others come."""
    scope = {"scope": hold_pb2.HOLD_SCOPE_CAMPAIGN, "subject_id": "camp_herd"}
    await house.stubs.holds.PutHold(
        hold_service_pb2.PutHoldRequest(**scope, organization_id="org_test", reason="A test.")
    )
    await waiting(house, "HELD", 1000)

    await house.stubs.holds.LiftHold(hold_service_pb2.LiftHoldRequest(**scope))
    await house.relay()

    assert told(house) == [f"lead_{number}" for number in range(1, WOKEN_AT_ONCE + 1)]


async def test_raised_caps_tell_the_best_ranked(house: Any) -> None:
    """So it is when the customer raises a cap."""
    await waiting(house, "WAITING_FOR_CAP", 1000)

    await house.stubs.accounts.UpdateAccount(
        account_service_pb2.UpdateAccountRequest(
            account_id=house.account.account_id,
            caps=account_service_pb2.UpdateAccountRequest.Caps(),
        )
    )
    await house.relay()

    assert told(house) == [f"lead_{number}" for number in range(1, WOKEN_AT_ONCE + 1)]


@pytest.mark.parametrize(("called_off", "expected"), [(3, 3), (600, WOKEN_AT_ONCE)])
async def test_turns_called_off_are_taken(house: Any, called_off: int, expected: int) -> None:
    """For each turn that is called off somebody behind is told, by one process, in one go."""
    await waiting(house, "WAITING_FOR_TURN", 1000)
    house.clock.advance(1)
    for number in range(1, called_off + 1):
        key = ActionKey(house.account.organization_id, f"herd/{number}")
        await house.gateway.ledger.cancel(key, now=house.gateway.clock.now())
    house.clock.advance(STRETCH.total_seconds())
    replica = CalledOffTurns(CalledOffTurnRepository(house.pool), house.gateway.clock)

    first = house.gateway.called_off_turns
    for process in (first, first, replica):
        await process.publish_due()
    await house.relay()

    first = called_off + 1
    assert told(house) == [f"lead_{number}" for number in range(first, first + expected)]


async def test_who_is_told_of_a_free_turn_takes_it(house: Any) -> None:
    """The one behind comes when it is told, and goes at the turn of the one called off."""
    await house.perform(house.request("visit_profile", "first"))
    ahead, behind = (house.request("visit_profile", lead) for lead in ("ahead", "behind"))
    for request in (ahead, behind):
        with pytest.raises(NotYet):
            await house.stubs.actions.PerformAction(request)
    await house.stubs.actions.CancelAction(
        action_service_pb2.CancelActionRequest(
            organization_id=ahead.organization_id, action_id=ahead.action_id
        )
    )
    with pytest.raises(NotYet) as before:
        await house.stubs.actions.PerformAction(behind)
    house.clock.advance(timedelta(seconds=180).total_seconds())

    outcome = await house.stubs.actions.PerformAction(behind)

    assert before.value.retry_after is not None
    assert before.value.retry_after <= timedelta(seconds=180)
    assert outcome is not None
