"""SQL on decisions. Each transition is checked and written by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from automation.decisions import transition_sql as sql
from automation.decisions.decision import (
    REVERTED_WITHIN,
    Change,
    DecidedLead,
    Decision,
    DecisionKind,
    DecisionState,
)
from automation.decisions.errors import (
    DecisionNotFound,
    DecisionNotProposed,
    DecisionNotRevertible,
)
from automation.decisions.rows import DECIDED_LEAD, DECISIONS, lead_from_row
from automation.errors import ProgramDeleted

# The same key twice is one decision, whichever run comes second.
_RECORD = Statement(f"""
    INSERT INTO decisions ({DECISIONS}) VALUES ({DECISIONS.parameters()})
    ON CONFLICT (organization_id, program_id, key) DO NOTHING
 RETURNING {sql.ALL}
""")
_RECORD_LEADS = Statement(f"""
    INSERT INTO decision_leads (organization_id, created_at, decision_id, {DECIDED_LEAD})
    SELECT :organization_id::text, :created_at::timestamptz, :decision_id::text, {DECIDED_LEAD}
      FROM jsonb_to_recordset(:leads::jsonb) AS given ({DECIDED_LEAD.declared})
""")
_BY_KEY = f"""
    SELECT {sql.ALL} FROM decisions WHERE organization_id = $1 AND program_id = $2 AND key = $3
"""
# Asked anew it has a day behind its key. A no stands before whatever came later.
_STANDING = f"""
    SELECT {sql.ALL} FROM decisions
     WHERE organization_id = $1 AND program_id = $2
       AND (key = $3 OR starts_with(key, $3 || '/') AND length(key) = length($3) + 11)
     ORDER BY state IN ('rejected', 'reverted') DESC, created_at DESC, id DESC LIMIT 1
"""
_GET = f"SELECT {sql.ALL} FROM decisions WHERE id = $1"
_OF_KINDS = f"""
    SELECT {sql.ALL} FROM decisions
     WHERE organization_id = $1 AND program_id = $2 AND kind = ANY($3) AND created_at >= $4
     ORDER BY created_at, id
"""
_LEADS = f"""
    SELECT {DECIDED_LEAD} FROM decision_leads
     WHERE decision_id = $1 ORDER BY rank DESC, lead_id LIMIT $2
"""
# Whom somebody may still approve, or has approved, and who is not released yet.
_UNDECIDED = """
    SELECT decisions.program_id, decisions.answered_at IS NOT NULL AS is_approved,
           leads.lead_id, leads.account_id
      FROM decisions JOIN decision_leads AS leads
        ON leads.created_at = decisions.created_at AND leads.decision_id = decisions.id
     WHERE decisions.organization_id = $1 AND decisions.state = 'proposed'
       AND decisions.kind = 'release_leads'
       AND (decisions.answered_at IS NOT NULL OR decisions.expires_at > $2)
"""
# Two that look at once would each take the same sender's slots, and two senders one company.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('releases/' || $1, 0))"
# What is answered takes slots, too; nothing is any more two days after it was proposed.
_RELEASES = """
    SELECT count(*) + count(answered_at) FROM decisions
     WHERE organization_id = $1 AND created_at >= $2::timestamptz - interval '3 days'
       AND kind = 'release_leads' AND state <> 'dry'
"""
MOST_LEADS = 1000
"""That are told of one release, the best first."""


@dataclass(frozen=True, kw_only=True)
class UndecidedLead:
    """A lead that a decision would release, or is about to."""

    program_id: str
    lead_id: str
    account_id: str
    is_approved: bool


@dataclass(frozen=True, kw_only=True)
class ReleasesSeen:
    """How many releases had been decided or answered since then, when somebody looked."""

    since: datetime
    releases: int


class DecidedMeanwhile(Exception):
    """The organization has decided another release since it was looked at: look again."""


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
    ) -> Decision:
        """Keep a decision with its leads; the one that its key has already, if it has one.

        Raises `DecidedMeanwhile` if it goes by how the organization's releases were `seen`, and
        there are others now.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            if seen is not None:
                await connection.execute(_ONE_AT_A_TIME, new.organization_id)
                found = await connection.fetchval(_RELEASES, new.organization_id, seen.since)
                if found != seen.releases:
                    raise DecidedMeanwhile
            row = await connection.fetchrow(_RECORD.sql, *_RECORD.given(**DECISIONS.values(new)))
            if row is not None:
                if leads:
                    of = {
                        "organization_id": new.organization_id,
                        "created_at": new.created_at,
                        "decision_id": new.id,
                    }
                    given = _RECORD_LEADS.given(
                        **of, leads=[DECIDED_LEAD.values(one) for one in leads]
                    )
                    await connection.execute(_RECORD_LEADS.sql, *given)
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

    async def standing(self, organization_id: str, program_id: str, key: str) -> Decision | None:
        """How something stands that may have been asked for on several days; None if on none.

        What somebody rejected or took back, if they ever did; else the last.
        """
        row = await self._pool.fetchrow(_STANDING, organization_id, program_id, key)
        return None if row is None else DECISIONS.read(row)

    async def of_kinds(
        self,
        organization_id: str,
        program_id: str,
        kinds: Sequence[DecisionKind],
        *,
        since: datetime,
    ) -> list[Decision]:
        """What a program has decided of some kinds since then, the oldest first."""
        names = [kind.value for kind in kinds]
        rows = await self._pool.fetch(_OF_KINDS, organization_id, program_id, names, since)
        return [DECISIONS.read(row) for row in rows]

    async def leads(self, decision_id: str, *, limit: int = MOST_LEADS) -> list[DecidedLead]:
        """Whom a release is of, the best first."""
        return [lead_from_row(row) for row in await self._pool.fetch(_LEADS, decision_id, limit)]

    async def releases(self, organization_id: str, *, since: datetime) -> ReleasesSeen:
        """How many an organization has decided; to be asked before what they are of is."""
        found = await self._pool.fetchval(_RELEASES, organization_id, since)
        return ReleasesSeen(since=since, releases=found)

    async def undecided(self, organization_id: str, *, now: datetime) -> list[UndecidedLead]:
        """Whom releases of the organization are of that have had no effect yet, and may."""
        rows = await self._pool.fetch(_UNDECIDED, organization_id, now)
        return [UndecidedLead(**dict(row)) for row in rows]

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


def _not_proposed(found: Decision, now: datetime) -> DecisionNotProposed:
    waits = found.state is DecisionState.PROPOSED and not found.is_approved
    state = DecisionState.EXPIRED if waits and not found.waits_at(now) else found.state
    return DecisionNotProposed(metadata={"state": state.name})
