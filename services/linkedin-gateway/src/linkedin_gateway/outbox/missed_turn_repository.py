"""SQL on turns that nobody came for, and on who is told to come instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from servicekit.postgres.pool import Pool

from linkedin_gateway.outbox import linkedin_events, outbox_repository
from linkedin_gateway.outbox.linkedin_events import WOKEN_AT_ONCE, About, Lead
from linkedin_gateway.storage.connection import Connection

# Accounts of which a turn was missed by now ($1), or for which it is time ($2) to tell more. By
# account there are few turns of one time.
DUE = """
SELECT a.account_id, a.organization_id
  FROM accounts a
  LEFT JOIN missed_turns m USING (account_id)
 WHERE a.state = 'connected'
   AND (m.look_at <= $2 OR EXISTS (
        SELECT 1 FROM actions q
         WHERE q.account_id = a.account_id AND q.state = 'queued' AND q.turn_at <= $1))
"""
# One process at a time.
TAKE = """
INSERT INTO missed_turns AS m (organization_id, account_id, turns, told_ids, rounds, since, look_at)
VALUES ($1, $2, 0, '{}', 0, $3, $3)
ON CONFLICT (account_id) DO UPDATE SET account_id = m.account_id
RETURNING turns, told_ids, rounds, since
"""
# Whoever missed a turn has none, nor has who never comes ($4): it keeps its rank, for when it is
# asked again. Rows are locked in the order in which batches of decisions write theirs. $3 the
# account's organization
GIVE_UP = """
WITH missed AS (
    SELECT action_id
      FROM actions
     WHERE account_id = $1 AND state = 'queued' AND (turn_at <= $2 OR action_id = ANY($4))
     ORDER BY action_id
       FOR UPDATE
)
UPDATE actions a
   SET turn_at = NULL
  FROM missed
 WHERE a.organization_id = $3 AND a.action_id = missed.action_id
   AND a.state = 'queued' AND (a.turn_at <= $2 OR a.action_id = ANY($4))
RETURNING a.reason
"""
# Of those of an organization ($2) who were told, whoever came: it went, or something else was in
# its way.
CAME = """
SELECT count(*) FROM actions
 WHERE organization_id = $2 AND action_id = ANY($1)
   AND (state <> 'queued' OR reason <> 'TOLD_TO_COME')
"""
# Who went before their turn left their own: how many of such turns have come since $2, and when
# the next one comes. $3 now
LEFT = """
SELECT count(*) FILTER (WHERE turn_at <= $3) AS turns,
       min(turn_at) FILTER (WHERE turn_at > $3) AS next_at
  FROM actions
 WHERE account_id = $1 AND sent_at IS NOT NULL AND turn_at > $2
   AND turn_at > sent_at + interval '1 s'
"""
# The best-ranked who sleep until later for the pace's sake and nothing else's, and were not told
# to come before. $2 now $3 how many
_BEHIND = """
    SELECT {columns}
      FROM actions
     WHERE account_id = $1 AND state = 'queued' AND turn_at > $2
       AND reason IN (
           'WAITING_FOR_CAP', 'WAITING_FOR_HOURS', 'WAITING_FOR_GAP', 'WAITING_FOR_TURN')
     ORDER BY priority, virtual_finish, action_id
     LIMIT $3"""
BEHIND = _BEHIND.format(columns="action_id, campaign_id, lead_id")
# $4 the account's organization
TELL = f"""
WITH behind AS (
{_BEHIND.format(columns="action_id, priority, virtual_finish")}
), locked AS (
    SELECT action_id FROM actions
     WHERE organization_id = $4 AND action_id IN (SELECT action_id FROM behind)
       AND state = 'queued'
     ORDER BY action_id
       FOR UPDATE
), told AS (
    UPDATE actions a
       SET reason = 'TOLD_TO_COME'
      FROM locked
     WHERE a.organization_id = $4 AND a.action_id = locked.action_id
       AND a.state = 'queued' AND a.turn_at > $2
 RETURNING a.action_id, a.campaign_id, a.lead_id
)
SELECT told.action_id, told.campaign_id, told.lead_id
  FROM behind JOIN told USING (action_id)
 ORDER BY behind.priority, behind.virtual_finish, behind.action_id
"""
KEEP = """
UPDATE missed_turns SET turns = $2, told_ids = $3, rounds = $4, since = $5, look_at = $6
 WHERE account_id = $1
"""
FORGET = "DELETE FROM missed_turns WHERE account_id = $1"

_MORE = 4
"""Nobody came of those who were told: so many times as many are told next."""
_ROUNDS = 6
"""So often somebody is told for a turn that nobody takes."""
_PACE = frozenset({"WAITING_FOR_CAP", "WAITING_FOR_HOURS", "WAITING_FOR_GAP", "WAITING_FOR_TURN"})
"""Who had been told a turn for one of these, or to come to one, has left it to the next."""


@dataclass(frozen=True, kw_only=True)
class AccountDue:
    """An account of which turns were missed."""

    account_id: str
    organization_id: str


@dataclass(frozen=True, kw_only=True)
class Behind:
    """Who of an account would be told to come, as far as is known of them."""

    dead: Sequence[str] = ()
    """Actions whose leads have ended: nobody comes for them."""
    known: bool = False
    """Whether the others run, by the word of who knows."""
    ready_at: datetime | None = None
    """When the first of the others can go, if that is known."""
    more: bool = False
    """Whether all of these are dead, and there are more."""

    def early_until(self, now: datetime) -> datetime | None:
        """Until when who comes is too early; None if they are not, or nobody can know."""
        if self.more:
            # Of these, who comes is not known yet.
            return now
        return self.ready_at if self.ready_at is not None and self.ready_at > now else None


class MissedTurnRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def due(self, *, missed_by: datetime, now: datetime) -> Sequence[AccountDue]:
        """Accounts of which turns before `missed_by` were missed, or are still nobody's."""
        rows = await self._pool.fetch(DUE, missed_by, now)
        return [AccountDue(**row) for row in rows]

    async def behind(self, due: AccountDue, *, now: datetime) -> Sequence[tuple[str, Lead]]:
        """Who would be told to come, the best-ranked first: actions and their leads."""
        rows = await self._pool.fetch(BEHIND, due.account_id, now, WOKEN_AT_ONCE)
        return [
            (row["action_id"], Lead(campaign_id=row["campaign_id"], lead_id=row["lead_id"]))
            for row in rows
        ]

    async def pass_on(
        self, due: AccountDue, behind: Behind, *, now: datetime, grace: timedelta
    ) -> int:
        """Give up the missed turns of an account, and tell others to come; returns how many."""
        async with self._pool.acquire() as connection, connection.transaction():
            before = await connection.fetchrow(TAKE, due.organization_id, due.account_id, now)
            if before is None:
                raise AssertionError("an upsert returns its row")
            given_up = await connection.fetch(
                GIVE_UP, due.account_id, now - grace, due.organization_id, behind.dead
            )
            missed = sum(row["reason"] in _PACE | {"TOLD_TO_COME"} for row in given_up)
            came = await connection.fetchval(CAME, before["told_ids"], due.organization_id)
            if before["told_ids"] and not came and now < before["since"] + grace:
                # Who was told may be on the way: what is free by now is looked at after that.
                on_the_way = (before["told_ids"], before["rounds"], before["since"])
                looks_at = before["since"] + grace
                free = before["turns"] + missed
                await connection.execute(KEEP, due.account_id, free, *on_the_way, looks_at)
                return 0
            left = await connection.fetchrow(LEFT, due.account_id, before["since"], now)
            if left is None:
                raise AssertionError("an aggregate has one row")
            nobodys = max(0, before["turns"] - came)
            free = nobodys + missed + left["turns"]
            nobody_came = not came if behind.known else nobodys
            in_vain = len(before["told_ids"]) if nobody_came else 0
            rounds = before["rounds"] if in_vain else 0
            early_until = None if in_vain else behind.early_until(now)
            most = 0 if early_until or not free else _most(free, behind, in_vain=in_vain)
            told = await self._tell(connection, due, most, now=now) if most else []
            if not (told or early_until) or rounds + 1 >= _ROUNDS:
                # Whoever comes by itself takes them.
                free = 0
            looks = [early_until or now + grace] if free else []
            looks += [left["next_at"]] if left["next_at"] is not None else []
            if looks:
                values = (free, told, rounds + 1, now, min(looks))
                await connection.execute(KEEP, due.account_id, *values)
            else:
                await connection.execute(FORGET, due.account_id)
        return len(told)

    async def _tell(
        self, connection: Connection, due: AccountDue, most: int, *, now: datetime
    ) -> list[str]:
        rows = await connection.fetch(TELL, due.account_id, now, most, due.organization_id)
        found = {(row["campaign_id"], row["lead_id"]): None for row in rows}
        leads = [Lead(campaign_id=campaign, lead_id=lead) for campaign, lead in found]
        about = About(organization_id=due.organization_id, account_id=due.account_id, at=now)
        freed = linkedin_events.actions_freed(about, cause="turns missed", leads=leads)
        await outbox_repository.append(connection, freed, now=now)
        return [row["action_id"] for row in rows]


def _most(free: int, behind: Behind, *, in_vain: int) -> int:
    """How many are told to come.

    Of those who live only one can take a turn, and the next is told when that one has gone; nobody
    is whose wait has no end. Where nobody knows who lives, or who should have come has not, several
    are told at once.
    """
    if behind.known and not in_vain:
        return int(behind.ready_at is not None)
    return min(max(free, in_vain * _MORE), WOKEN_AT_ONCE)
