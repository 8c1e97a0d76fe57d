"""Which model ranks for a program."""

from __future__ import annotations

from automation.programs.program import Program
from automation.scoring.champion import scorer_of
from automation.scoring.model import Model
from automation.training.model_repository import ModelRepository
from servicekit.telemetry import logs

log = logs.get_logger(__name__)


class Champions:
    """Reads them; one that cannot be read leaves it to the rules, and the log says so."""

    def __init__(self, models: ModelRepository) -> None:
        self._models = models

    async def of(self, program: Program) -> Model | None:
        """The model that ranks; None: the program's rules do."""
        champion = await self._models.champion(program.organization_id, program.program_id)
        chosen = scorer_of(champion)
        if chosen.refusal:
            log.warning(
                "champion_refused",
                program_id=program.program_id,
                model_id=chosen.model_id,
                reason=chosen.refusal,
            )
        return chosen.model
