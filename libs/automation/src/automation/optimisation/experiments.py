"""How the variants of a text have fared, and which one won: one answer for everybody who asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from campaigns.campaign_edit import ENDED
from campaigns.models import Campaign
from campaigns.repositories.experiment_repository import ExperimentRepository
from campaigns.sequences.experiment import ExperimentPlan, Tally
from campaigns.sequences.sequence import Step

from automation.optimisation.looks import Experiment, planned_looks, verdict_at

_EVERYBODY = 2**31
"""More leads than any campaign has."""


async def read_hold_out(
    repository: ExperimentRepository,
    campaign: Campaign,
    step: Step,
    plan: ExperimentPlan,
    *,
    now: datetime,
) -> Sequence[Tally]:
    """How the variants of a step have fared at the shares it has now, of all whose time is over.

    A hold-out has no looks: whoever stopped counting at the first one would judge it by hardly
    anybody.
    """
    return await repository.tallies(campaign.id, step, plan, now=now, leads=_EVERYBODY)


async def read_experiment(
    repository: ExperimentRepository,
    campaign: Campaign,
    step: Step,
    plan: ExperimentPlan,
    *,
    now: datetime,
) -> Experiment:
    """The experiment on a step of the campaign, as of now: its looks in turn until one decides."""
    # Those who were sent the text last still have their time, although the campaign is over.
    over = (
        campaign.state in ENDED
        and campaign.ended_at is not None
        and campaign.ended_at + plan.within <= now
    )
    looks = planned_looks(plan, len(step.variants))
    for look in looks:
        tallies = await repository.tallies(campaign.id, step, plan, now=now, leads=look.leads)
        last = look is looks[-1]
        found = verdict_at(look, tallies, plan=plan, last=last, over=over)
        if found is not None:
            break
    else:
        raise AssertionError("the last look decides")
    return Experiment(step_id=step.step_id, plan=plan, looks=looks, tallies=tallies, verdict=found)
