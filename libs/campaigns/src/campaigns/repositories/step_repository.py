"""SQL on the steps of leads: whose turn it is, and how each has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from asyncpg import Record
from servicekit.postgres.columns import Columns, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.sealing.data_keys import wrapped_key
from servicekit.sealing.seal import Seal

from campaigns.errors import TextUnreadable
from campaigns.models import StepExecution, StepState
from campaigns.sealing.words import STEP_DETAIL, WordSeal
from campaigns.sequences.sequence import Step, StepKind

_INSTANTS = {"started_at": "timestamptz", "ended_at": "timestamptz"}
_EXECUTION: Columns[StepExecution] = Columns(
    *(column(field.name, _INSTANTS.get(field.name, "text")) for field in fields(StepExecution))
)
"""Each is a field of `StepExecution`."""
_KEPT = f"""
    {_EXECUTION}, step_executions.organization_id, lead_id, sealed_detail AS sealed,
    {wrapped_key("step_executions", "sealed_detail")} AS wrapped
"""
_ROW = Columns(column("lead_id"), column("campaign_id"), column("kind")) | _EXECUTION

# A step that has ended stays as it ended, whatever a late attempt says.
_RECORD = Statement(f"""
    INSERT INTO step_executions (organization_id, sealed_detail, {_ROW})
    SELECT organization_id, :sealed_detail::bytea, {_ROW.parameters()}
      FROM leads WHERE id = :lead_id
    ON CONFLICT (lead_id, step_id) DO UPDATE
       SET {_EXECUTION.without("step_id", "started_at").set_from("excluded")},
           sealed_detail = excluded.sealed_detail,
           started_at = coalesce(step_executions.started_at, excluded.started_at)
     WHERE step_executions.state = 'waiting'
 RETURNING {_KEPT}
""")
_STANDING = f"SELECT {_KEPT} FROM step_executions WHERE lead_id = $1 AND step_id = $2"
_ENDED = f"{_STANDING} AND state <> 'waiting'"
# Under the lead's lock, as a switch of revisions: no step of another one is left waiting.
_WAIT = """
    WITH follows AS (
        SELECT organization_id, id FROM leads WHERE id = $1 AND revision_id IN ($2, '') FOR SHARE
    ), waits AS (
        INSERT INTO step_executions
               (organization_id, lead_id, step_id, campaign_id, kind, state, reason, detail,
                started_at)
        SELECT organization_id, id, $3, $4, $5, 'waiting', '', '', $6::timestamptz FROM follows
        ON CONFLICT (lead_id, step_id) DO NOTHING
    )
    SELECT EXISTS (SELECT FROM follows)
"""
# Asked again, it names the same steps: what was told of them may have been lost.
_SKIP_WAITING = """
    WITH skipped AS (
        UPDATE step_executions SET state = 'skipped', reason = $2, ended_at = $3
         WHERE lead_id = $1 AND state = 'waiting'
     RETURNING step_id
    )
    SELECT step_id FROM skipped
     UNION
    SELECT step_id FROM step_executions
     WHERE lead_id = $1 AND state = 'skipped' AND reason = $2
"""
_HISTORY = f"""
    SELECT {_KEPT}
      FROM step_executions WHERE lead_id = ANY($1)
     ORDER BY started_at, ended_at NULLS LAST
"""


class StepRepository:
    """A row for each step that a lead has reached."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._words = WordSeal(seal)

    async def record(
        self, campaign_id: str, lead_id: str, kind: StepKind, execution: StepExecution
    ) -> StepExecution:
        """Record how far a step is; returns what stands: one that has ended stays as it ended."""
        detail, sealed = await self._sealed(lead_id, execution)
        values = {
            "lead_id": lead_id,
            "campaign_id": campaign_id,
            "kind": kind,
            **asdict(replace(execution, detail=detail)),
            "sealed_detail": sealed,
        }
        row = await self._pool.fetchrow(_RECORD.sql, *_RECORD.given(**values))
        if row is None:
            row = await self._pool.fetchrow(_STANDING, lead_id, execution.step_id)
        if row is None:
            raise AssertionError("a step that has ended has a row")
        return self._opened(row)

    async def _sealed(self, lead_id: str, execution: StepExecution) -> tuple[str, Any]:
        """Why it ended so, in clear and sealed; by another key where the person's is lost."""
        if not execution.detail:
            return "", None
        by = await self._words.key_of(self._pool, lead_id, replaced=True)
        if by is None:
            # Its lead is gone, and nothing is recorded.
            return "", None
        place = f"{lead_id}/{execution.step_id}"
        return self._words.sealed(STEP_DETAIL, place, execution.detail, by)

    def _opened(self, row: Record) -> StepExecution:
        """What does not open is left out: how the step ended is known without it."""
        values = {name: row[name] for name in _EXECUTION.types}
        try:
            place = f"{row['lead_id']}/{row['step_id']}"
            detail = self._words.opened(STEP_DETAIL, place, row, row["detail"])
        except TextUnreadable:
            detail = ""
        return StepExecution(**values | {"state": StepState(row["state"]), "detail": detail})

    async def ended(self, lead_id: str, step_id: str) -> StepExecution | None:
        """How the step has ended; None if it has not."""
        row = await self._pool.fetchrow(_ENDED, lead_id, step_id)
        return None if row is None else self._opened(row)

    async def wait(
        self, campaign_id: str, lead_id: str, step: Step, *, revision_id: str, since: datetime
    ) -> bool:
        """Record that it is this step's turn; False if the lead follows another revision."""
        return bool(
            await self._pool.fetchval(
                _WAIT, lead_id, revision_id, step.step_id, campaign_id, step.kind, since
            )
        )

    async def skip_waiting(self, lead_id: str, *, reason: str, now: datetime) -> list[str]:
        """End the step whose turn will not come any more; which were skipped for this reason."""
        rows = await self._pool.fetch(_SKIP_WAITING, lead_id, reason, now)
        return [row["step_id"] for row in rows]

    async def history(self, lead_ids: Sequence[str]) -> dict[str, list[StepExecution]]:
        """The steps that each lead has reached, in that order."""
        history: dict[str, list[StepExecution]] = {lead_id: [] for lead_id in lead_ids}
        for row in await self._pool.fetch(_HISTORY, list(lead_ids)):
            history[row["lead_id"]].append(self._opened(row))
        return history
