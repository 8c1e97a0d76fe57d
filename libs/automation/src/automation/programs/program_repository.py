"""SQL on programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from asyncpg import UniqueViolationError
from servicekit.errors import EtagMismatch
from servicekit.etags import require_fitting
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.request_ids.errors import RequestIdReused

from automation.errors import CampaignHasProgram, ProgramDeleted, ProgramNotFound
from automation.programs.program import Program, ProgramEdit, ProgramState, etag_of
from automation.programs.rows import (
    NEW_PROGRAM,
    PROGRAM_COLUMNS,
    SCHEDULED_COLUMNS,
    SETTINGS,
    program_from_row,
)

# The same request twice inserts once. A campaign that has one gets no second.
_CREATE = Statement(f"""
    INSERT INTO programs ({NEW_PROGRAM}, {SETTINGS}, request_id, request_hash, said)
    VALUES ({NEW_PROGRAM.parameters()}, {SETTINGS.parameters()}, :request_id, :request_hash,
            :said)
    ON CONFLICT DO NOTHING
 RETURNING true
""")
# Kept beside each other for a while, what was said came behind the hash.
_BY_REQUEST = f"""
    SELECT {PROGRAM_COLUMNS}, split_part(request_hash, '/', 1) AS etag,
           coalesce(nullif(said, ''), split_part(request_hash, '/', 2)) AS said
      FROM programs
     WHERE organization_id = $1 AND request_id = $2
"""
_GET = f"SELECT {PROGRAM_COLUMNS} FROM programs WHERE program_id = $1"
_NEWEST = f"""
    SELECT {PROGRAM_COLUMNS} FROM programs
     WHERE organization_id = $1 AND state <> 'deleted'
       AND ($2::text[] IS NULL OR campaign_id = ANY($2))
     ORDER BY created_at DESC, program_id DESC LIMIT $3
"""
_LIVE = f"""
    SELECT {PROGRAM_COLUMNS} FROM programs
     WHERE state <> 'deleted' AND program_id > $1 ORDER BY program_id LIMIT $2
"""
_SCHEDULED = f"""
    SELECT {SCHEDULED_COLUMNS} FROM programs
     WHERE state <> 'deleted' AND program_id > $1 ORDER BY program_id LIMIT $2
"""
_LOCK = f"SELECT {PROGRAM_COLUMNS} FROM programs WHERE program_id = $1 FOR UPDATE"
_EDIT = Statement(f"""
    UPDATE programs SET ({SETTINGS}, updated_at, updated_by) = ({SETTINGS.parameters()}, :now, :by)
     WHERE program_id = :program_id
 RETURNING {PROGRAM_COLUMNS}
""")
# What is deleted stays so; to say again what it is changes nothing.
_TO_STATE = f"""
    UPDATE programs
       SET state = $2, updated_at = CASE WHEN state = $2 THEN updated_at ELSE $3 END,
           updated_by = CASE WHEN state = $2 THEN updated_by ELSE $4 END,
           deleted_at = CASE WHEN $2 = 'deleted' AND state <> 'deleted' THEN $3 ELSE deleted_at END
     WHERE program_id = $1 AND (state <> 'deleted' OR $2 = 'deleted')
 RETURNING {PROGRAM_COLUMNS}
"""
# When it was deleted stays: what had been decided by then is called off, whoever looks at it later.
_UNDELETE = f"""
    UPDATE programs SET state = 'paused', updated_at = $2, updated_by = $3
     WHERE program_id = $1 AND state = 'deleted'
 RETURNING {PROGRAM_COLUMNS}
"""


class ProgramRepository:
    """Every change is one conditional statement, or made under the row's lock."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def made(self, organization_id: str, request_id: str, *, said: str) -> Program | None:
        """What a request made that was said before, to the letter."""
        row = await self._pool.fetchrow(_BY_REQUEST, organization_id, request_id)
        if row is None or not said or row["said"] != said:
            return None
        return program_from_row(row)

    async def create(self, program: Program, *, request_id: str, said: str = "") -> Program:
        """Insert a program, or return the one that this request made.

        By `said`, the request as it came as one word, it is found as `made` finds it. Raises
        `CampaignHasProgram`, and `RequestIdReused` for another request of this id.
        """
        values = {**NEW_PROGRAM.values(program), **SETTINGS.values(program.settings)}
        asked = etag_of(program.settings)
        given = _CREATE.given(**values, request_id=request_id, request_hash=asked, said=said)
        if await self._pool.fetchval(_CREATE.sql, *given):
            return program
        row = await self._pool.fetchrow(_BY_REQUEST, program.organization_id, request_id)
        if row is None:
            raise CampaignHasProgram
        if (row["etag"], row["campaign_id"]) != (asked, program.campaign_id):
            raise RequestIdReused
        return program_from_row(row)

    async def get(self, program_id: str) -> Program:
        """The program, also a deleted one; raises `ProgramNotFound`."""
        row = await self._pool.fetchrow(_GET, program_id)
        if row is None:
            raise ProgramNotFound
        return program_from_row(row)

    async def newest(
        self, organization_id: str, *, campaign_ids: Sequence[str] | None = None, limit: int
    ) -> Sequence[Program]:
        """Those of an organization that are not deleted, or of some campaigns of it alone."""
        given = None if campaign_ids is None else list(campaign_ids)
        rows = await self._pool.fetch(_NEWEST, organization_id, given, limit)
        return [program_from_row(row) for row in rows]

    async def live(self, *, after: str = "", limit: int) -> Sequence[Program]:
        """A page of those that are not deleted, of all organizations, by their ids."""
        return [program_from_row(row) for row in await self._pool.fetch(_LIVE, after, limit)]

    async def scheduled(self, *, after: str = "", limit: int) -> Sequence[Program]:
        """The same without their rules and guardrails, which may be long: when they are due."""
        rows = await self._pool.fetch(_SCHEDULED, after, limit)
        return [program_from_row(row) for row in rows]

    async def edit(
        self,
        program_id: str,
        edit: ProgramEdit,
        *,
        now: datetime,
        by: str = "",
        allowed: Callable[[Program], object] = lambda _: None,
    ) -> Program:
        """Change what the edit names, if the program is as its editor has read it.

        `allowed` raises if its editor may not change it as it is now. Raises `EtagMismatch` if it
        is not as it was read, `ProgramDeleted` and `ProgramNotFound`.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_LOCK, program_id)
            if row is None:
                raise ProgramNotFound
            before = program_from_row(row)
            if before.state is ProgramState.DELETED:
                raise ProgramDeleted
            allowed(before)
            if not edit.is_of(before.settings):
                raise EtagMismatch(metadata={"etag": before.etag})
            after = edit.of(before.settings)
            if after == before.settings:
                return before
            given = _EDIT.given(**SETTINGS.values(after), now=now, by=by, program_id=program_id)
            row = await connection.fetchrow(_EDIT.sql, *given)
            return before if row is None else program_from_row(row)

    async def to_state(
        self, program_id: str, state: ProgramState, *, now: datetime, etag: str = "", by: str = ""
    ) -> Program:
        """Have it be in a state; where it is, it is, whatever its etag.

        Raises `ProgramDeleted`, `ProgramNotFound`, and `EtagMismatch` if it is not as it was read.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_LOCK, program_id)
            if row is None:
                raise ProgramNotFound
            before = program_from_row(row)
            if before.state is not state:
                require_fitting(etag, before.etag)
            row = await connection.fetchrow(_TO_STATE, program_id, state.value, now, by)
            if row is None:
                raise ProgramDeleted
            return program_from_row(row)

    async def undelete(self, program_id: str, *, now: datetime, by: str = "") -> Program:
        """Have a deleted program be there again, paused; one that is not deleted stays as it is.

        Raises `ProgramNotFound`, and `CampaignHasProgram` if its campaign has another one.
        """
        try:
            row = await self._pool.fetchrow(_UNDELETE, program_id, now, by)
        except UniqueViolationError as error:
            raise CampaignHasProgram from error
        return await self.get(program_id) if row is None else program_from_row(row)
