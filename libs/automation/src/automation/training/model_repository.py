"""SQL on models and on which of them ranks. A model is written once; the champion is a pointer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from servicekit.postgres.columns import Table, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from automation.scoring.champion import Champion
from automation.training.errors import ChampionChanged, ModelNotFound, ModelNotPromotable
from automation.training.evaluation import Verdict
from automation.training.trained_model import TrainedModel
from automation.training.training_result import evaluation_of

MODEL: Table[TrainedModel] = Table(
    TrainedModel,
    column("organization_id"),
    column("model_id"),
    column("program_id"),
    column("run_id"),
    column("trained_at", "timestamptz"),
    column("seed", "integer"),
    column("verdict", read=Verdict),
    column("evaluation", "jsonb", write=lambda model: asdict(model.evaluation), read=evaluation_of),
    column("body"),
)
# Who learns it a second time finds the first.
_RECORD = Statement(f"""
    INSERT INTO models ({MODEL}) VALUES ({MODEL.parameters()})
    ON CONFLICT (model_id) DO NOTHING
""")
_GET = f"SELECT {MODEL} FROM models WHERE model_id = $1"
_OF_PROGRAM = f"""
    SELECT {MODEL} FROM models WHERE organization_id = $1 AND program_id = $2
     ORDER BY trained_at DESC, model_id DESC LIMIT $3
"""
# A campaign may have one program after another: what ranked for one ranks for the next.
_SAME = """
    SELECT same.program_id FROM programs AS asked
      JOIN programs AS same USING (organization_id, campaign_id)
     WHERE asked.organization_id = $1 AND asked.program_id = $2
"""
_OF_CAMPAIGN = f"organization_id = $1 AND (program_id = $2 OR program_id IN ({_SAME}))"
# Programs once counted each for itself: of several the one that has promoted last, by the time.
_LAST = f"""
    SELECT max(number) OVER () AS number, model_id
      FROM (SELECT DISTINCT ON (program_id) number, model_id, promoted_at
              FROM champions WHERE {_OF_CAMPAIGN}
             ORDER BY program_id, number DESC) AS last
     ORDER BY promoted_at DESC, last.number DESC LIMIT 1
"""
_CHAMPION = f"""
    SELECT last.model_id, coalesce(models.body, '') AS body, models.trained_at
      FROM ({_LAST}) AS last LEFT JOIN models USING (model_id)
     WHERE last.model_id <> ''
"""
_BEFORE = f"""
    SELECT model_id FROM champions WHERE {_OF_CAMPAIGN} AND model_id <> $3
     ORDER BY promoted_at DESC, number DESC LIMIT 1
"""
_RANKING = """
    WITH asked AS (
        SELECT coalesce(programs.campaign_id, given) AS campaign_id
          FROM unnest($2::text[]) AS given
          LEFT JOIN programs ON programs.organization_id = $1 AND programs.program_id = given
    ), last AS (
        SELECT DISTINCT ON (champions.program_id) champions.model_id, number, promoted_at,
               coalesce(programs.campaign_id, champions.program_id) AS campaign_id
          FROM champions LEFT JOIN programs USING (organization_id, program_id)
         WHERE champions.organization_id = $1
           AND coalesce(programs.campaign_id, champions.program_id) IN (TABLE asked)
         ORDER BY champions.program_id, number DESC)
    SELECT DISTINCT ON (campaign_id) model_id FROM last
     ORDER BY campaign_id, promoted_at DESC, number DESC
"""
_IS_OF = f"SELECT true FROM models WHERE {_OF_CAMPAIGN} AND model_id = $3"
# Of two who promote at once the key lets one through.
_POINT = """
    INSERT INTO champions (organization_id, program_id, number, model_id, promoted_at, promoted_by)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
 RETURNING true
"""


class ModelRepository:
    """Models by their programs; which of them ranks is asked of a program and is its campaign's."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def record(self, model: TrainedModel) -> TrainedModel:
        """Keep a model; the one that its id has already, if it has one.

        Raises `ModelNotFound` if that has gone in between.
        """
        await self._pool.execute(_RECORD.sql, *_RECORD.given(**MODEL.values(model)))
        return await self.get(model.model_id)

    async def get(self, model_id: str) -> TrainedModel:
        """Raises `ModelNotFound`."""
        row = await self._pool.fetchrow(_GET, model_id)
        if row is None:
            raise ModelNotFound
        return MODEL.read(row)

    async def of_program(
        self, organization_id: str, program_id: str, *, limit: int
    ) -> Sequence[TrainedModel]:
        """The newest first."""
        rows = await self._pool.fetch(_OF_PROGRAM, organization_id, program_id, limit)
        return [MODEL.read(row) for row in rows]

    async def champion(self, organization_id: str, program_id: str) -> Champion | None:
        """What was promoted last; None while the rules rank. One that is gone has no body."""
        row = await self._pool.fetchrow(_CHAMPION, organization_id, program_id)
        return None if row is None else Champion(**row)

    async def ranking(self, organization_id: str, program_id: str) -> str:
        """What was promoted last, whether or not it can be read; empty while the rules rank."""
        row = await self._pool.fetchrow(_LAST, organization_id, program_id)
        return "" if row is None else str(row["model_id"])

    async def ranking_of(self, organization_id: str, program_ids: Collection[str]) -> set[str]:
        """The models that rank for some programs."""
        rows = await self._pool.fetch(_RANKING, organization_id, list(program_ids))
        return {row["model_id"] for row in rows}

    async def before_champion(self, organization_id: str, program_id: str) -> str:
        """What ranked before what ranks now: another model, or empty for the rules."""
        row = await self._pool.fetchrow(_LAST, organization_id, program_id)
        if row is None:
            return ""
        found = await self._pool.fetchval(_BEFORE, organization_id, program_id, row["model_id"])
        return str(found or "")

    async def promote(
        self,
        organization_id: str,
        program_id: str,
        model_id: str,
        *,
        instead_of: str,
        by: str,
        now: datetime,
    ) -> None:
        """Have a model rank, or the rules by an empty id; what ranks already stays as it is.

        Raises `ChampionChanged` if something else ranks than what it is to replace,
        `ModelNotPromotable` for a model whose card says no, and `ModelNotFound`.
        """
        if model_id:
            await self._check(organization_id, program_id, model_id)
        last = await self._pool.fetchrow(_LAST, organization_id, program_id)
        number, ranks = (0, "") if last is None else (last["number"], last["model_id"])
        if ranks == model_id:
            return
        if ranks != instead_of:
            raise ChampionChanged(metadata={"model_id": ranks})
        given = organization_id, program_id, number + 1, model_id, now, by
        if not await self._pool.fetchval(_POINT, *given):
            raise ChampionChanged

    async def _check(self, organization_id: str, program_id: str, model_id: str) -> None:
        model = await self.get(model_id)
        if not await self._pool.fetchval(_IS_OF, organization_id, program_id, model_id):
            raise ModelNotFound
        if not model.may_rank:
            raise ModelNotPromotable(metadata={"verdict": model.verdict.name})
