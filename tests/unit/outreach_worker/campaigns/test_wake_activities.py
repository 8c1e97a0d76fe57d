"""outreach_worker.campaigns.wake_activities: a bounded number of leads, over several attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from outreach_worker.campaigns import wake_activities
from outreach_worker.campaigns.contracts import WakeLeads, Woken
from outreach_worker.campaigns.wake_activities import WakeActivities
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment

LEADS = [f"lead_{number:02}" for number in range(12)]
CAMPAIGN = "camp_1"


@dataclass
class Engine:
    """The leads of a campaign, and Temporal; those in `gone` have ended there."""

    gone: Sequence[str] = ()
    woken: list[str] = field(default_factory=list)
    namespace: str = "default"
    identity: str = "tests"

    @property
    def workflow_service(self) -> Engine:
        return self

    async def running_ids(
        self, _campaign_id: str, *, after: str, limit: int, moving_to: str
    ) -> Sequence[str]:
        leads = LEADS[1::4] if moving_to else LEADS
        return [lead for lead in leads if lead > after][:limit]

    async def reset_activity(self, request: Any, **_options: object) -> None:
        lead_id = request.execution.workflow_id.rpartition("/")[2]
        if lead_id in self.gone:
            raise RPCError("gone", RPCStatusCode.NOT_FOUND, b"")
        self.woken.append(lead_id)


async def wake(engine: Any, after: str = "", moving_to: str = "") -> Woken:
    activities = WakeActivities(engine, temporal=engine, page=3, concurrency=2)
    asked = WakeLeads(campaign_id=CAMPAIGN, after=after, moving_to=moving_to)
    woken: Woken = await ActivityEnvironment().run(activities.wake_leads, asked)
    return woken


@pytest.mark.parametrize("most", [1, 2, 3, 5, 11, 12, 13, 100])
async def test_each_is_woken_once_and_never_too_many_at_a_time(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Whatever the bound, who goes on where an activity ended comes to every lead."""
    monkeypatch.setattr(wake_activities, "MOST_AT_A_TIME", most)
    engine, after, counted = Engine(), "", []
    while not counted or after:
        woken = await wake(engine, after)
        after = woken.after
        counted.append(woken.leads)

    assert sorted(engine.woken) == LEADS
    assert sum(counted) == len(LEADS)
    assert max(counted) <= most


async def test_who_has_ended_is_passed_by() -> None:
    """Nothing of it waits; the others are woken all the same."""
    engine = Engine(gone=LEADS[::2])

    assert (await wake(engine)).after == ""
    assert sorted(engine.woken) == LEADS[1::2]


async def test_who_does_not_move_is_left_alone() -> None:
    """Those that are to go on from an account are woken for it, and nobody else."""
    engine = Engine()

    assert (await wake(engine, moving_to="acct_new")).leads == 3
    assert sorted(engine.woken) == LEADS[1::4]
