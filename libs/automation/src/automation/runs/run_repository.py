"""SQL on runs: one row a program, type and nominal time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from servicekit.postgres.columns import Table, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement, in_pieces

from automation.errors import RunNotFound
from automation.runs.run import Run, RunState, RunTrigger, RunType

RUN: Table[Run] = Table(
    Run,
    column("organization_id"),
    column("run_id"),
    column("program_id"),
    column("type", read=RunType),
    column("nominal_at", "timestamptz"),
    column("nominal_day", "date"),
    column("workflow_id"),
    column("trigger", read=RunTrigger),
    column("actor"),
    column("state", read=RunState),
    column("started_at", "timestamptz"),
    column("ended_at", "timestamptz"),
    column("took", "interval"),
    column("result", "jsonb", write=lambda run: dict(run.result)),
    column("error"),
)
# Whoever comes second finds the row of the first; of one workflow, it is its own. A workflow that
# is started again once its run has come to nothing has the row anew.
_BEGIN = Statement(f"""
    INSERT INTO runs AS known ({RUN}) VALUES ({RUN.parameters()})
    ON CONFLICT (organization_id, program_id, type, nominal_at) DO UPDATE
       SET state = excluded.state, trigger = excluded.trigger, actor = excluded.actor,
           started_at = excluded.started_at, began_at = now(),
           ended_at = NULL, took = NULL, result = '{{}}', error = ''
     WHERE known.workflow_id = excluded.workflow_id
       AND known.state IN ('failed', 'cancelled', 'terminated')
 RETURNING {RUN}
""")
_STANDING = """
    SELECT nominal_at FROM runs
     WHERE organization_id = $1 AND program_id = $2 AND type = $3 AND nominal_at = ANY($4)
       AND state IN ('running', 'completed')
"""
_OF_MOMENT = f"""
    SELECT {RUN} FROM runs
     WHERE organization_id = $1 AND program_id = $2 AND type = $3 AND nominal_at = $4
"""
# The first end stays: whoever ended a run that was lost may be followed by the run itself.
_END = f"""
    UPDATE runs SET state = $3, ended_at = $4, took = clock_timestamp() - began_at,
                    result = $5, error = $6
     WHERE run_id = $1 AND nominal_at = $2 AND state = 'running'
 RETURNING {RUN}
"""
_GET = f"SELECT {RUN} FROM runs WHERE run_id = $1"
_RUNNING = f"""
    SELECT {RUN} FROM runs
     WHERE state = 'running' AND began_at <= now() - $1::interval
     ORDER BY began_at LIMIT $2
"""
# By the index of each program's runs, and no further back than asked.
_NEWEST = """
    SELECT asked.program_id,
           (SELECT max(nominal_at) FROM runs
             WHERE runs.organization_id = asked.organization_id
               AND runs.program_id = asked.program_id
               AND type = $3 AND nominal_at >= $4) AS nominal_at
      FROM unnest($1::text[], $2::text[]) AS asked (organization_id, program_id)
"""
# One that runs is kept, however old its day is.
_FORGET = """
    WITH old AS (
        SELECT run_id, nominal_at FROM runs
         WHERE nominal_at < $1 AND state <> 'running'
         ORDER BY nominal_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    DELETE FROM runs USING old
     WHERE runs.run_id = old.run_id AND runs.nominal_at = old.nominal_at
 RETURNING true
"""


_LAST = f"""
    SELECT last.* FROM unnest($2::text[]) AS asked (program_id)
     CROSS JOIN LATERAL (
           SELECT {RUN} FROM runs
            WHERE organization_id = $1 AND runs.program_id = asked.program_id AND type = $3
            ORDER BY nominal_at DESC LIMIT 1) AS last
"""


class RunRepository:
    """The log of workflows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def begin(self, run: Run) -> Run:
        """Insert a run, or return the one of that nominal time, whoever it is of.

        One of the same workflow that has come to nothing begins anew. Raises `RunNotFound` if it
        has gone in between.
        """
        row = await self._pool.fetchrow(_BEGIN.sql, *_BEGIN.given(**RUN.values(run)))
        if row is None:
            key = run.organization_id, run.program_id, run.type.value, run.nominal_at
            row = await self._pool.fetchrow(_OF_MOMENT, *key)
        if row is None:
            raise RunNotFound
        return RUN.read(row)

    async def standing(
        self,
        organization_id: str,
        program_id: str,
        of: RunType,
        times: Sequence[datetime],
    ) -> Collection[datetime]:
        """Of which of these nominal times there is a run that goes on or is complete."""
        rows = await self._pool.fetch(_STANDING, organization_id, program_id, of.value, list(times))
        return {row["nominal_at"] for row in rows}

    async def end(
        self,
        run_id: str,
        nominal_at: datetime,
        state: RunState,
        *,
        at: datetime,
        result: Mapping[str, Any] | None = None,
        error: str = "",
    ) -> Run | None:
        """Have a run end; None if it has ended before, and is left as it is."""
        given = run_id, nominal_at, state.value, at, dict(result or {}), error
        row = await self._pool.fetchrow(_END, *given)
        return None if row is None else RUN.read(row)

    async def get(self, run_id: str) -> Run:
        """Raises `RunNotFound`."""
        row = await self._pool.fetchrow(_GET, run_id)
        if row is None:
            raise RunNotFound
        return RUN.read(row)

    async def running(self, *, longer_than: timedelta, limit: int) -> Sequence[Run]:
        """Those of all organizations that have run for so long on the wall, the oldest first."""
        rows = await self._pool.fetch(_RUNNING, longer_than, limit)
        return [RUN.read(row) for row in rows]

    async def last(
        self, organization_id: str, program_ids: Sequence[str], of: RunType
    ) -> Mapping[str, Run]:
        """The run of the latest nominal time of each of some programs, by the program."""
        rows = await self._pool.fetch(_LAST, organization_id, list(program_ids), of.value)
        runs = [RUN.read(row) for row in rows]
        return {each.program_id: each for each in runs}

    async def newest(
        self, programs: Sequence[tuple[str, str]], of: RunType, *, since: datetime
    ) -> Mapping[str, datetime]:
        """The nominal time of the last run of each of some programs, if it has had one since.

        Each program by its organization's id and its own.
        """
        organization_ids = [organization_id for organization_id, _ in programs]
        program_ids = [program_id for _, program_id in programs]
        rows = await self._pool.fetch(_NEWEST, organization_ids, program_ids, of.value, since)
        return {
            row["program_id"]: row["nominal_at"] for row in rows if row["nominal_at"] is not None
        }

    async def forget(self, *, before: datetime) -> int:
        """Delete the runs whose nominal time was before then and that have ended; how many."""
        return await in_pieces(self._pool, _FORGET, before)
