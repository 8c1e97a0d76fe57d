"""A guardrail's pause is its own: whoever paused before, resumed or paused since is left to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from automation.decisions.decision import Change, Decision, DecisionKind
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.linkedin.v1 import hold_pb2
from outreach.linkedin.v1 import hold_service_pb2 as hold_pb
from outreach_worker.decisions.effects import Effect, Overtaken
from outreach_worker.optimisation.pauses import CampaignPause, SenderPause

from tests.fakes.holds_kept import HoldsKept

ACCOUNT, CAMPAIGN = hold_pb2.HOLD_SCOPE_ACCOUNT, hold_pb2.HOLD_SCOPE_CAMPAIGN
SUBJECTS = {ACCOUNT: "acct_1", CAMPAIGN: "camp_1"}


class Campaigns:
    """Pauses by a hold, as campaign-api does."""

    def __init__(self, holds: HoldsKept) -> None:
        self._holds = holds

    async def PauseCampaign(self, request: pb.PauseCampaignRequest) -> None:  # noqa: N802
        await self._holds.PutHold(
            hold_pb.PutHoldRequest(
                scope=CAMPAIGN, subject_id=request.campaign_id, reason=request.reason
            )
        )

    async def ResumeCampaign(self, request: pb.ResumeCampaignRequest) -> None:  # noqa: N802
        await self._holds.LiftHold(
            hold_pb.LiftHoldRequest(scope=CAMPAIGN, subject_id=request.campaign_id)
        )


def pause(scope: int, holds: HoldsKept) -> Effect:
    if scope == ACCOUNT:
        return SenderPause(holds.stub)
    return CampaignPause(cast("Any", Campaigns(holds)), holds.stub)


def decision(way_out: str = "Rest.") -> Decision:
    return Decision(
        id="dec_1",
        organization_id="org_1",
        program_id="prog_1",
        campaign_id="camp_1",
        key="k",
        kind=DecisionKind.PAUSE_SENDER,
        rule="guardrails",
        inputs={"guardrail": "it was asked to slow down", "way_out": way_out},
        change=Change(before={"paused": False}, after={"paused": True, "account_id": "acct_1"}),
        created_at=datetime(2027, 3, 1, tzinfo=UTC),
    )


async def somebody_holds(scope: int, holds: HoldsKept) -> None:
    await holds.PutHold(
        hold_pb.PutHoldRequest(scope=scope, subject_id=SUBJECTS[scope], reason="Security")
    )


@pytest.fixture(params=[ACCOUNT, CAMPAIGN], ids=["sender", "campaign"])
def scope(request: pytest.FixtureRequest) -> int:
    return int(request.param)


async def test_it_says_why_and_is_taken_back(scope: int) -> None:
    """Twice is once, either way; a way out as long as a book leaves room for whose it is."""
    holds, made = HoldsKept(), decision("Rest. " * 500)
    effect = pause(scope, holds)

    await effect.apply(made)
    await effect.apply(made)

    (held,) = holds.held.values()
    assert held.reason.startswith("Guardrail: it was asked to slow down.")
    assert len(held.reason) == 1000
    await effect.take_back(made)
    await effect.take_back(made)
    assert not holds.held


async def test_what_was_held_before_is_not_its_own(scope: int) -> None:
    """The decision has changed nothing, and taking it back lets nothing go on."""
    holds = HoldsKept()
    await somebody_holds(scope, holds)

    with pytest.raises(Overtaken) as overtaken:
        await pause(scope, holds).apply(decision())

    assert overtaken.value.reason == "HELD"
    assert [held.reason for held in holds.held.values()] == ["Security"]


async def test_a_pause_of_somebody_else_since_stays(scope: int) -> None:
    """Lifted by a person, held anew a week later: that hold is not the decision's to lift."""
    holds, effect = HoldsKept(), pause(scope, HoldsKept())
    effect = pause(scope, holds)
    await effect.apply(decision())
    holds.held.clear()
    await somebody_holds(scope, holds)

    with pytest.raises(Overtaken):
        await effect.take_back(decision())

    assert [held.reason for held in holds.held.values()] == ["Security"]
