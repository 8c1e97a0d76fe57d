"""Models that a caller may see, and which of them ranks."""

from collections.abc import Sequence

from automation.errors import ProgramDeleted, ProgramNotFound
from automation.programs.program import Program, ProgramState
from automation.training.errors import ModelNotFound
from automation.training.model_repository import ModelRepository
from automation.training.trained_model import TrainedModel
from servicekit.auth import current_principal
from servicekit.clock import Clock
from servicekit.ids import has_prefix
from servicekit.telemetry import logs

from campaign_api.automation.access import ProgramAccess

log = logs.get_logger(__name__)


class Models:
    """A model is of its program, and so of its campaign's accounts."""

    def __init__(self, access: ProgramAccess, models: ModelRepository, clock: Clock) -> None:
        self._access = access
        self._models = models
        self._clock = clock

    async def get(self, model_id: str) -> TrainedModel:
        """The model; raises `ModelNotFound`, and `AccountForbidden` as `ProgramAccess` does."""
        return (await self._found(model_id))[0]

    async def promote(self, model_id: str) -> TrainedModel:
        """Have it rank.

        Raises `ModelNotFound`, `ModelNotPromotable`, `ProgramDeleted`, and `ChampionChanged`.
        """
        model, program = await self._found(model_id)
        ranks = await self._models.ranking(program.organization_id, program.program_id)
        await self._point(program, model.model_id, instead_of=ranks)
        return model

    async def rollback(self, program_id: str) -> TrainedModel | None:
        """Have rank what ranked before; None: the rules do.

        Raises `ProgramNotFound`, `ProgramDeleted`, and `ChampionChanged`.
        """
        program = await self._access.program(program_id)
        key = program.organization_id, program.program_id
        ranks = await self._models.ranking(*key)
        before = await self._models.before_champion(*key)
        await self._point(program, before, instead_of=ranks)
        return await self._models.get(before) if before else None

    async def ranking(self, organization_id: str, models: Sequence[TrainedModel]) -> set[str]:
        """Which of them rank."""
        programs = {each.program_id for each in models}
        return await self._models.ranking_of(organization_id, programs)

    async def campaigns(self, organization_id: str) -> Sequence[str] | None:
        """The campaigns whose models alone are the caller's to see; None: all."""
        return await self._access.campaigns(organization_id)

    async def _found(self, model_id: str) -> tuple[TrainedModel, Program]:
        if not has_prefix(model_id, "mdl"):
            raise ModelNotFound
        logs.bind(model_id=model_id)
        model = await self._models.get(model_id)
        try:
            return model, await self._access.program(model.program_id)
        except ProgramNotFound as error:
            raise ModelNotFound from error

    async def _point(self, program: Program, model_id: str, *, instead_of: str) -> None:
        if program.state is ProgramState.DELETED:
            raise ProgramDeleted
        await self._models.promote(
            program.organization_id,
            program.program_id,
            model_id,
            instead_of=instead_of,
            by=current_principal(),
            now=self._clock.now(),
        )
        log.info("model_promoted", program_id=program.program_id, model_id=model_id)
