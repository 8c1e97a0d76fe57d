"""How a decision to rank by another model is brought about, and taken back."""

from __future__ import annotations

from automation.decisions.decision import Change, Decision
from automation.training.errors import ChampionChanged
from automation.training.model_repository import ModelRepository
from servicekit.clock import Clock

from outreach_worker.decisions.effects import Overtaken


class ModelPromotion:
    """Moves the pointer, if it points where the decision has found it."""

    def __init__(self, models: ModelRepository, clock: Clock) -> None:
        self._models = models
        self._clock = clock

    async def apply(self, decision: Decision) -> Change:
        """Rank by the model. Raises `Overtaken` if somebody has promoted another one meanwhile."""
        await self._point(decision, decision.change)
        return decision.change

    async def take_back(self, decision: Decision) -> None:
        """Rank by what did before. Raises `Overtaken` if another one ranks by now."""
        await self._point(decision, decision.change.inverse)

    async def _point(self, decision: Decision, change: Change) -> None:
        try:
            await self._models.promote(
                decision.organization_id,
                decision.program_id,
                str(change.after.get("model_id", "")),
                instead_of=str(change.before.get("model_id", "")),
                by=f"program:{decision.program_id}",
                now=self._clock.now(),
            )
        except ChampionChanged as error:
            raise Overtaken(error.reason) from error
