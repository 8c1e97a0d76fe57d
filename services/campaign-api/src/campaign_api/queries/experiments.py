"""How the variants of a text have fared, and which one won."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.errors import ExperimentNotFound
from campaigns.models import Campaign, CampaignState
from campaigns.repositories.experiment_repository import ExperimentRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.experiment import (
    ExperimentPlan,
    Tally,
    Verdict,
    leads_per_variant,
    verdict,
)
from servicekit.clock import Clock

_OVER = (CampaignState.STOPPED, CampaignState.COMPLETED)


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """The plan of a step's experiment, how its variants fare, and what that decides."""

    step_id: str
    plan: ExperimentPlan
    leads_per_variant: int
    tallies: Sequence[Tally]
    verdict: Verdict


class ExperimentQueries:
    """Reads experiments; reading one changes nothing."""

    def __init__(
        self, repository: ExperimentRepository, revisions: RevisionCache, clock: Clock
    ) -> None:
        self._repository = repository
        self._revisions = revisions
        self._clock = clock

    async def get(self, campaign: Campaign, step_id: str) -> Experiment:
        """The experiment on a step of the campaign's present sequence.

        Raises `ExperimentNotFound` if the step has no variants to compare.
        """
        sequence = (await self._revisions.get(campaign.revision_id)).sequence
        step = next((step for step in sequence.steps if step.step_id == step_id), None)
        if step is None or step.experiment is None:
            raise ExperimentNotFound
        plan, now = step.experiment, self._clock.now()
        tallies = await self._repository.tallies(campaign.id, step, plan, now=now)
        # Those who were sent the text last still have their time, although the campaign is over.
        over = (
            campaign.state in _OVER
            and campaign.ended_at is not None
            and campaign.ended_at + plan.within <= now
        )
        return Experiment(
            step_id=step_id,
            plan=plan,
            leads_per_variant=leads_per_variant(plan, len(step.variants)),
            tallies=tallies,
            verdict=verdict(plan, tallies, over=over),
        )
