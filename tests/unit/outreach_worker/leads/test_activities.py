"""outreach_worker.leads.activities: a lead begins and ends while others change its rows."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from campaigns.errors import LeadNotFound
from campaigns.models import (
    Campaign,
    CampaignSettings,
    CampaignState,
    ConnectionState,
    Lead,
    LeadState,
    Person,
)
from campaigns.sequences.sequence import Sequence, Step, StepKind
from outreach_worker.leads.activities import LeadActivities
from outreach_worker.leads.contracts import FinishLead, LeadRef
from servicekit.clock import Clock
from temporalio.testing import ActivityEnvironment

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LEAD = Lead(
    id="lead_1",
    campaign_id="camp_1",
    state=LeadState.RUNNING,
    connection=ConnectionState.NONE,
    person=Person(public_identifier="ada-example"),
    created_at=NOON,
)
CAMPAIGN = Campaign(
    id="camp_1",
    organization_id="org_1",
    name="Spring",
    state=CampaignState.RUNNING,
    account_ids=("acct_1",),
    settings=CampaignSettings(continue_after_reply=True),
    revision_id="seq_1",
    created_at=NOON,
)
SEQUENCE = Sequence(steps=(Step(step_id="visit", index=0, kind=StepKind.PROFILE_VISIT),))


@dataclass
class Rows:
    """A lead's row and its campaign's; `edited` is what the campaign is once the lead has begun."""

    lead: Lead | None = LEAD
    campaign: Campaign = CAMPAIGN
    edited: Campaign | None = None
    told: list[str] = field(default_factory=list)

    async def get(self, _campaign_id: str, _lead_id: str = "") -> Lead:
        if self.lead is None:
            raise LeadNotFound
        return self.lead

    async def begin(self, _lead_id: str, *, now: datetime) -> Lead | None:
        if self.lead is None or not self.lead.state.walks:
            return None
        self.campaign = self.edited or self.campaign
        self.lead = replace(self.lead, started_at=now)
        return self.lead

    async def finish(self, *_lead: str, **_end: object) -> None:
        """It has ended."""

    async def takes_wake_flag(self, _campaign_id: str) -> bool:
        return False

    def activities(self) -> LeadActivities:
        async def campaign(_campaign_id: str) -> Campaign:
            return self.campaign

        async def sequence(_revision_id: str) -> Sequence:
            return SEQUENCE

        def together() -> AbstractAsyncContextManager[None]:
            return nullcontext()

        async def nothing(*_args: object, **_given: object) -> tuple[()]:
            return ()

        async def ended(_campaign_id: str, lead_id: str) -> None:
            self.told.append(f"{lead_id} is over")

        async def signal(name: Any, **_options: object) -> None:
            self.told.append(name.__name__)

        async def read() -> None:
            self.told.append("its history is read")

        counted = SimpleNamespace(labels=lambda *_: SimpleNamespace(inc=lambda: None))
        handle = SimpleNamespace(signal=signal)
        parts: Any = SimpleNamespace(
            get=campaign,
            sequence=sequence,
            wait=nothing,
            together=together,
            publish=nothing,
            end=ended,
            skip_waiting=nothing,
            record_cancellation=read,
            leads_ended=counted,
            get_workflow_handle_for=lambda *_: handle,
        )
        rows: Any = self
        return LeadActivities(
            parts,
            rows,
            parts,
            parts,
            revisions=parts,
            recorder=parts,
            publisher=parts,
            temporal=parts,
            enrolments=parts,
            metrics=parts,
            clock=Clock(NOON, 1.0),
            acts=parts,
        )


async def test_a_lead_goes_by_the_campaign_as_it_is_once_it_has_begun() -> None:
    """An edit just before found nobody to tell, and the lead walked by the policies of before."""
    edited = replace(CAMPAIGN, settings=CampaignSettings(continue_after_reply=False))
    rows = Rows(edited=edited)

    plan = await rows.activities().begin_lead(LeadRef(campaign_id="camp_1", lead_id="lead_1"))

    assert not plan.continue_after_reply


@pytest.mark.parametrize(
    ("lead", "reason"),
    [
        (replace(LEAD, state=LeadState.STOPPED, reason="LEAD_STOPPED"), "LEAD_STOPPED"),
        (None, "LEAD_REMOVED"),
    ],
    ids=["stopped", "removed"],
)
async def test_a_lead_that_is_over_does_not_begin(lead: Lead | None, reason: str) -> None:
    """Of one that was removed too its workflow comes to its end, instead of failing."""
    rows = Rows(lead=lead)

    plan = await rows.activities().begin_lead(LeadRef(campaign_id="camp_1", lead_id="lead_1"))

    assert (plan.ended, plan.reason, plan.steps) == (LeadState.STOPPED, reason, ())


async def test_the_end_of_a_removed_lead_is_heard_where_it_matters() -> None:
    """Its row is gone: the gateway kept the person for it, and its campaign waited."""
    rows = Rows(lead=None)
    finish = FinishLead(campaign_id="camp_1", lead_id="lead_1", state=LeadState.STOPPED)

    recorded = await ActivityEnvironment().run(rows.activities().finish_lead, finish)

    assert recorded.unpublished == ()
    assert rows.told == ["lead_1 is over", "room_freed"]


@pytest.mark.parametrize(
    ("ended_at", "told"),
    [(None, ["lead_1 is over"]), (NOON, ["lead_1 is over", "room_freed"])],
    ids=["at first", "once its row had ended"],
)
async def test_a_wake_that_was_lost_is_made_up_for_whatever_the_attempt_is_called(
    ended_at: datetime | None, told: list[str]
) -> None:
    """A reset counts attempts from one again, and its campaign waited for ever."""
    ended = replace(LEAD, state=LeadState.COMPLETED, ended_at=ended_at)
    rows = Rows(lead=ended if ended_at else LEAD)
    finish = FinishLead(campaign_id="camp_1", lead_id="lead_1", state=LeadState.COMPLETED)

    await ActivityEnvironment().run(rows.activities().finish_lead, finish)

    assert rows.told == told


@pytest.mark.parametrize(
    ("reason", "asked"),
    [
        ("CAMPAIGN_TIME_OVER", False),
        ("LEAD_TIME_OVER", False),
        ("CAMPAIGN_STOPPED", False),
        ("WORKFLOW_CANCELLED", True),
    ],
)
async def test_only_of_who_was_ended_by_somebody_it_is_asked_by_whom(
    reason: str, *, asked: bool
) -> None:
    """Each lead that ended by time read its whole history at Temporal, all at one moment."""
    rows = Rows()
    finish = FinishLead(
        campaign_id="camp_1", lead_id="lead_1", state=LeadState.STOPPED, reason=reason
    )

    await ActivityEnvironment().run(rows.activities().finish_lead, finish)

    assert ("its history is read" in rows.told) is asked
