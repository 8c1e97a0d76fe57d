"""SQL on decisions. Each transition is checked and written by one statement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from automation.decisions import release_sql
from automation.decisions import transition_sql as sql
from automation.decisions.decision import (
    REVERTED_WITHIN,
    Change,
    DecidedLead,
    Decision,
    DecisionState,
    LeftOut,
)
from automation.decisions.errors import (
    DecisionNotFound,
    DecisionNotProposed,
    DecisionNotRevertible,
)
from automation.decisions.releases import DecidedMeanwhile, ReleasesSeen, UndecidedLead
from automation.decisions.rows import DECIDED_LEAD, DECISIONS, lead_from_row
from automation.errors import ProgramDeleted

Connection: TypeAlias = "PoolConnectionProxy[Record]"
"""One in whose transaction a decision is recorded."""

# The same key twice is one decision, whichever run comes second.
_RECORD = Statement(f"""
    INSERT INTO decisions ({DECISIONS}) VALUES ({DECISIONS.parameters()})
    ON CONFLICT (organization_id, program_id, key) DO NOTHING
 RETURNING {sql.ALL}
""")
_BY_KEY = f"""
    SELECT {sql.ALL} FROM decisions WHERE organization_id = $1 AND program_id = $2 AND key = $3
"""
_GET = f"SELECT {sql.ALL} FROM decisions WHERE id = $1"
MOST_LEADS = 1000
"""That are told of one release, the best first."""


class DecisionRepository:
    """Whoever changes a decision names the state it must be in; who comes too late is told."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def record(
        self,
        new: Decision,
        leads: Sequence[DecidedLead] = (),
        *,
        seen: ReleasesSeen | None = None,
        beside: Callable[[Connection], Awaitable[object]] | None = None,
    ) -> Decision:
        """Keep a decision with its leads; the one that its key has already, if it has one.

        What is written `beside` it is there if this decision is, and not if another one is.
        Raises `DecidedMeanwhile` if it goes by how the organization's releases were `seen`, and
        there are others now.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            if seen is not None:
                await _refuse_others(connection, new.organization_id, seen)
            row = await connection.fetchrow(_RECORD.sql, *_RECORD.given(**DECISIONS.values(new)))
            if row is not None:
                if leads:
                    of = {
                        "organization_id": new.organization_id,
                        "created_at": new.created_at,
                        "decision_id": new.id,
                    }
                    given = release_sql.RECORD_LEADS.given(
                        **of, leads=[DECIDED_LEAD.values(one) for one in leads]
                    )
                    await connection.execute(release_sql.RECORD_LEADS.sql, *given)
                if beside is not None:
                    await beside(connection)
                return DECISIONS.read(row)
            found = (new.organization_id, new.program_id, new.key)
            row = await connection.fetchrow(_BY_KEY, *found)
        if row is None:
            raise AssertionError("a decision is never deleted while its program decides")
        return DECISIONS.read(row)

    async def get(self, decision_id: str) -> Decision:
        """The decision; raises `DecisionNotFound` if there is none."""
        row = await self._pool.fetchrow(_GET, decision_id)
        if row is None:
            raise DecisionNotFound
        return DECISIONS.read(row)

    async def by_key(self, organization_id: str, program_id: str, key: str) -> Decision | None:
        """The decision of a program about something; None if there is none."""
        row = await self._pool.fetchrow(_BY_KEY, organization_id, program_id, key)
        return None if row is None else DECISIONS.read(row)

    async def leads(self, decision_id: str, *, limit: int = MOST_LEADS) -> list[DecidedLead]:
        """Whom a release is of, the best first."""
        rows = await self._pool.fetch(release_sql.LEADS, decision_id, limit)
        return [lead_from_row(row) for row in rows]

    async def releases(self, organization_id: str, *, since: datetime) -> ReleasesSeen:
        """How far those of an organization are; to be asked before whom they are of is."""
        found = await self._pool.fetchval(release_sql.RELEASES, organization_id, since)
        return ReleasesSeen(since=since, releases=found)

    async def undecided(self, organization_id: str, *, now: datetime) -> list[UndecidedLead]:
        """Whom releases of the organization are of that have had no effect yet, and may."""
        rows = await self._pool.fetch(release_sql.UNDECIDED, organization_id, now)
        return [UndecidedLead(**dict(row)) for row in rows]

    async def fitted(
        self,
        decision: Decision,
        left_out: Mapping[str, LeftOut],
        *,
        seen: ReleasesSeen,
        now: datetime,
    ) -> None:
        """Settle which leads of an approved release are left out, once: a later look is not heard.

        Raises `DecidedMeanwhile` as `record` does.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await _refuse_others(connection, decision.organization_id, seen)
            if await connection.fetchrow(release_sql.FITTED, decision.id, now) is not None:
                await _leave_out(connection, decision.id, left_out)

    async def leave_out(self, decision_id: str, left_out: Mapping[str, LeftOut]) -> None:
        """Note whom campaign-api has not released; what was said of a lead before stays."""
        async with self._pool.acquire() as connection:
            await _leave_out(connection, decision_id, left_out)

    async def approve(self, decision_id: str, *, by: str, now: datetime) -> Decision:
        """Have its effect brought about; approving again changes nothing.

        Raises `DecisionNotProposed` if it does not wait any more, `ProgramDeleted`,
        `DecisionNotFound`.
        """
        row = await self._pool.fetchrow(sql.APPROVE, decision_id, by, now)
        if row is not None:
            return DECISIONS.read(row)
        found = await self.get(decision_id)
        if found.is_approved or found.state is DecisionState.APPLIED:
            return found
        if found.waits_at(now):
            raise ProgramDeleted
        raise _not_proposed(found, now)

    async def reject(self, decision_id: str, *, by: str, now: datetime) -> Decision:
        """End it without an effect; rejecting again changes nothing.

        Raises `DecisionNotProposed` if it does not wait any more, `DecisionNotFound`.
        """
        row = await self._pool.fetchrow(sql.REJECT, decision_id, by, now)
        if row is not None:
            return DECISIONS.read(row)
        found = await self.get(decision_id)
        if found.state is DecisionState.REJECTED:
            return found
        raise _not_proposed(found, now)

    async def revert(self, decision_id: str, *, by: str, now: datetime) -> Decision:
        """Have its effect taken back; asking again changes nothing.

        Raises `DecisionNotRevertible` if it has none, or had it more than 30 days ago,
        `DecisionNotFound`.
        """
        row = await self._pool.fetchrow(sql.REVERT, decision_id, by, now, now - REVERTED_WITHIN)
        if row is not None:
            return DECISIONS.read(row)
        found = await self.get(decision_id)
        if found.is_reverting or found.state is DecisionState.REVERTED:
            return found
        raise DecisionNotRevertible(metadata={"state": found.state.name})

    async def expire(self, *, now: datetime) -> int:
        """End proposals that nobody answered in time; returns how many."""
        return len(await self._pool.fetch(sql.EXPIRE, now))

    async def applied(self, decision_id: str, change: Change, *, now: datetime) -> Decision:
        """Its effect is there: `change` says how things were found, and are now."""
        written = {"before": dict(change.before), "after": dict(change.after)}
        return await self._ended(sql.APPLIED, decision_id, now, written)

    async def superseded(self, decision_id: str, reason: str, *, now: datetime) -> Decision:
        """A person changed the same thing meanwhile: it has no effect."""
        state = DecisionState.SUPERSEDED
        return await self._ended(sql.NOT_APPLIED, decision_id, now, state, reason)

    async def failed(self, decision_id: str, reason: str, *, now: datetime) -> Decision:
        """It cannot be brought about."""
        state = DecisionState.FAILED
        return await self._ended(sql.NOT_APPLIED, decision_id, now, state, reason)

    async def call_off(self, decision_id: str, ending: DecisionState, reason: str) -> Decision:
        """Have nobody bring it about any more; one whose effect is there already stays so."""
        return await self._ended(sql.CALL_OFF, decision_id, ending, reason)

    async def called_off(self, decision_id: str, *, now: datetime) -> Decision:
        """It has come to its ending: nothing of its effect is there."""
        return await self._ended(sql.CALLED_OFF, decision_id, now)

    async def begun(self, decision_id: str, leads: int) -> None:
        """So many had begun by a release as it was taken back, and go on."""
        await self._pool.execute(sql.BEGUN, decision_id, leads)

    async def reverted(self, decision_id: str, *, now: datetime) -> Decision:
        """Its effect is taken back."""
        return await self._ended(sql.REVERTED, decision_id, now, DecisionState.REVERTED, "")

    async def overtaken(self, decision_id: str, reason: str, *, now: datetime) -> Decision:
        """What was to be taken back is not there any more: a person changed it meanwhile."""
        return await self._ended(sql.REVERTED, decision_id, now, DecisionState.SUPERSEDED, reason)

    async def not_reverted(self, decision_id: str, reason: str) -> Decision:
        """Its effect could not be taken back, and stays; it can be asked for again."""
        return await self._ended(sql.NOT_REVERTED, decision_id, reason)

    async def awaited(self, *, since: datetime, limit: int = 1000) -> list[Decision]:
        """Those whose effect, or whose end, was asked for until then, and is not there."""
        return [DECISIONS.read(row) for row in await self._pool.fetch(sql.AWAITED, since, limit)]

    async def _ended(self, statement: str, decision_id: str, *given: Any) -> Decision:
        row = await self._pool.fetchrow(statement, decision_id, *given)
        return await self.get(decision_id) if row is None else DECISIONS.read(row)


async def _refuse_others(connection: Connection, organization_id: str, seen: ReleasesSeen) -> None:
    """Raise `DecidedMeanwhile` if the organization's releases have come on since they were seen."""
    await connection.execute(release_sql.ONE_AT_A_TIME, organization_id)
    found = await connection.fetchval(release_sql.RELEASES, organization_id, seen.since)
    if found != seen.releases:
        raise DecidedMeanwhile


async def _leave_out(
    connection: Connection, decision_id: str, left_out: Mapping[str, LeftOut]
) -> None:
    if left_out:
        reasons = [why.value for why in left_out.values()]
        await connection.execute(release_sql.LEAVE_OUT, decision_id, [*left_out], reasons)


def _not_proposed(found: Decision, now: datetime) -> DecisionNotProposed:
    waits = found.state is DecisionState.PROPOSED and not found.is_approved
    state = DecisionState.EXPIRED if waits and not found.waits_at(now) else found.state
    return DecisionNotProposed(metadata={"state": state.name})
