"""From a compiled sequence to the plan that a lead's workflow decides by (pure)."""

from campaigns.models import Campaign
from campaigns.sequences.sequence import Sequence, Step

from outreach_worker.events.contracts import CustomerEvent
from outreach_worker.leads.plan import LeadPlan, PlanExit, PlanStep


def lead_plan(
    campaign: Campaign,
    revision_id: str,
    sequence: Sequence,
    *,
    unpublished: tuple[CustomerEvent, ...] = (),
) -> LeadPlan:
    """What lies before a lead of the campaign on this revision."""
    return LeadPlan(
        revision_id=revision_id,
        continue_after_reply=campaign.settings.continue_after_reply,
        automatic_replies=campaign.settings.automatic_replies,
        steps=tuple(_plan_step(step) for step in sequence.steps),
        unpublished=unpublished,
    )


def _plan_step(step: Step) -> PlanStep:
    return PlanStep(
        step_id=step.step_id,
        index=step.index,
        kind=step.kind,
        next_step_id=step.next_step_id,
        next_delay_seconds=step.next_delay.total_seconds(),
        not_accepted_step_id=step.not_accepted_step_id,
        accept_within_seconds=step.accept_within.total_seconds(),
        waits_for_acceptance=step.waits_for_acceptance,
        posts=step.posts,
        wait_seconds=step.wait_for.total_seconds(),
        exits=tuple(
            PlanExit(name=way.name, step_id=way.step_id, delay_seconds=way.delay.total_seconds())
            for way in step.exits
        ),
    )
