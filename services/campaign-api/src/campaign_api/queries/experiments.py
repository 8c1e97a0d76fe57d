"""How the variants of a text have fared, and which one won."""

from automation.optimisation.experiments import read_experiment
from automation.optimisation.looks import Experiment
from campaigns.errors import ExperimentNotFound
from campaigns.models import Campaign
from campaigns.repositories.experiment_repository import ExperimentRepository
from campaigns.revision_cache import RevisionCache
from servicekit.clock import Clock


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
        return await read_experiment(
            self._repository, campaign, step, step.experiment, now=self._clock.now()
        )
