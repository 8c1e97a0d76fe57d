"""A lead that is told to end at the moment at which what it waits for is answered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from campaigns.models import LeadState
from campaigns.sequences.sequence import StepOutcome
from campaigns.workflow.contracts import (
    EndLead,
    LeadInput,
    LeadResult,
    UpdateWorkflow,
)
from outreach_worker.events.contracts import Recorded
from outreach_worker.leads.contracts import FinishLead, LeadRef
from outreach_worker.leads.plan import LeadPlan
from outreach_worker.leads.revision_contracts import AdoptRevision, Compared, CompareRevision
from outreach_worker.leads.workflow import LeadWorkflow
from outreach_worker.steps.contracts import CallOff, PerformStep, StepPerformed
from servicekit.errors import NotYet
from servicekit.temporal.converter import CONVERTER
from temporalio.bridge.proto import workflow_activation

from tests.fakes.driven_workflow import DrivenWorkflow, Job
from tests.fakes.lead_story import INVITE, VISIT

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLAN = LeadPlan(revision_id="seq_1", continue_after_reply=False, steps=(VISIT, INVITE))


def begin_lead(_lead: LeadRef) -> LeadPlan:
    return PLAN


def perform_step(_step: PerformStep) -> StepPerformed:
    raise NotYet(retry_after=timedelta(days=30))


def compare_revision(_compare: CompareRevision) -> Compared:
    return Compared(plan=PLAN, current_unchanged=True)


def adopt_revision(_adopt: AdoptRevision) -> None:
    """Nobody asks for the row."""


def call_off_step(call_off: CallOff) -> StepPerformed:
    return StepPerformed(outcome=StepOutcome.SKIPPED, at=NOON, reason=call_off.reason)


def finish_lead(_finish: FinishLead) -> Recorded:
    return Recorded()


ACTIVITIES = (
    begin_lead,
    perform_step,
    compare_revision,
    adopt_revision,
    call_off_step,
    finish_lead,
)


def end() -> Job:
    return Job(
        signal_workflow=workflow_activation.SignalWorkflow(
            signal_name="end", input=[payload(EndLead(reason="COLLEAGUE_REPLIED"))]
        )
    )


def payload(argument: Any) -> Any:
    return CONVERTER.payload_converter.to_payload(argument)


@dataclass
class Together(DrivenWorkflow):
    """Delivers something from outside together with the answer of one activity."""

    answers: str = ""
    brings: Callable[[], Job] = end

    def _resolve(self, seq: int) -> list[Job]:
        scheduled = self._scheduled.get(seq)
        jobs = super()._resolve(seq)
        if scheduled is None or scheduled.command.activity_type != self.answers:
            return jobs
        return [self.brings(), *jobs]


@pytest.mark.parametrize("answers", ["begin_lead", "compare_revision", "adopt_revision"])
@pytest.mark.parametrize("cancelled", [False, True], ids=["ended", "cancelled"])
def test_who_is_told_to_end_with_an_answer_ends(answers: str, *, cancelled: bool) -> None:
    """The answer swallowed the end: the lead went on waiting for its turn, and would take it."""
    cancel = Job(cancel_workflow=workflow_activation.CancelWorkflow(reason="CAMPAIGN_STOPPED"))
    lead = Together(
        definition=LeadWorkflow,
        argument=LeadInput(campaign_id="camp_1", lead_id="lead_1"),
        activities={each.__name__: each for each in ACTIVITIES},
        run_activity=lambda function, argument: function(argument),
        now=NOON,
        answers=answers,
        brings=(lambda: cancel) if cancelled else end,
    )
    lead.signal(NOON + timedelta(hours=1), "updateWorkflow", UpdateWorkflow())

    result: LeadResult = lead.until_ended(most=200)

    assert result.state is LeadState.STOPPED
    assert lead.now - NOON < timedelta(hours=2)
