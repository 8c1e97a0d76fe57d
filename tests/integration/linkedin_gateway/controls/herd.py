"""Many who wait for a campaign that is held: how they came to wait, and where they stand."""

from typing import Any

import pytest
from linkedin_gateway.controls.rejoining_repository import AT_ONCE
from outreach.linkedin.v1 import hold_pb2, hold_service_pb2
from servicekit.errors import NotYet

from tests.integration.linkedin_gateway.conftest import ORGANIZATION

WAITING = 3 * AT_ONCE + 7
SERVED = 1000.0
HERD = "camp_herd"
SCOPE = {"scope": hold_pb2.HOLD_SCOPE_CAMPAIGN, "subject_id": HERD}
# Two kinds of one campaign, of which the others were served far beyond.
WAIT = """
INSERT INTO actions (action_id, organization_id, account_id, campaign_id, lead_id, identifier, kind,
       state, reason, priority, virtual_finish, created_at, turn_at)
SELECT 'herd/' || priority || '/' || n, $4, $1, $5, 'lead_' || n, 'person-' || n, 'visit', 'queued',
       'HELD', priority, n / 2, $2::timestamptz, $2::timestamptz + interval '6 hours'
  FROM generate_series(1, $3::integer) n, (VALUES (2), (3)) AS kinds (priority)
"""
SERVE = """
INSERT INTO actions (action_id, organization_id, account_id, campaign_id, lead_id, identifier, kind,
       state, priority, virtual_finish, created_at, sent_at, finished_at)
SELECT 'on/' || priority, $4, $1, 'camp_on', 'lead_on', 'person', 'visit', 'done', priority, $3,
       at, at, at
  FROM (VALUES (2), (3)) AS kinds (priority),
       (SELECT $2::timestamptz - interval '3 days' AS at) past
"""
PLACES = """
SELECT action_id, priority, virtual_finish FROM actions
 WHERE campaign_id = $1 AND state = 'queued'
 ORDER BY priority, virtual_finish, action_id
"""


async def held(house: Any) -> list[str]:
    """Many wait for a campaign that is held; their ids, the best-ranked first."""
    now, account_id = house.gateway.clock.now(), house.account.account_id
    await put(house)
    await house.pool.execute(WAIT, account_id, now, WAITING, ORGANIZATION, HERD)
    await house.pool.execute(SERVE, account_id, now, SERVED, ORGANIZATION)
    return [row["action_id"] for row in await house.pool.fetch(PLACES, HERD)]


async def put(house: Any, reason: str = "A test.") -> None:
    await house.stubs.holds.PutHold(
        hold_service_pb2.PutHoldRequest(**SCOPE, organization_id=ORGANIZATION, reason=reason)
    )


async def lift(house: Any) -> None:
    await house.stubs.holds.LiftHold(hold_service_pb2.LiftHoldRequest(**SCOPE))


async def piece(house: Any) -> bool:
    over: bool = await house.gateway.repositories.holds.go_on(
        HERD, owner=ORGANIZATION, now=house.gateway.clock.now()
    )
    return over


async def ask(house: Any, lead: str, kind: str = "visit_profile") -> str:
    """Why somebody of the campaign waits."""
    with pytest.raises(NotYet) as told:
        await house.stubs.actions.PerformAction(house.request(kind, lead, campaign_id=HERD))
    return told.value.reason


async def all_moved(house: Any, ids: list[str]) -> None:
    """Each has moved by as much as the first one of its kind, and stands where it stood."""
    rows = await house.pool.fetch(PLACES, HERD)
    assert [row["action_id"] for row in rows if row["action_id"].startswith("herd/")] == ids
    places = {row["action_id"]: row["virtual_finish"] for row in rows}
    for priority in (2, 3):
        first = places[f"herd/{priority}/1"]
        assert first >= SERVED
        for number in range(1, WAITING + 1):
            assert places[f"herd/{priority}/{number}"] == first + number // 2


def told(house: Any) -> list[str]:
    return [lead.lead_id for event in house.reported.of("actions_freed") for lead in event.leads]


async def listed(house: Any) -> list[str]:
    answer = await house.stubs.holds.ListHolds(hold_service_pb2.ListHoldsRequest())
    return [hold.reason for hold in answer.holds]
