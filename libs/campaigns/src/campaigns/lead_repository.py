"""SQL on leads and the history of their steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy
from servicekit.ids import new_id
from servicekit.postgres import Pool

from campaigns.admission import Admission, AdmittedLead, day_of, opens_at
from campaigns.campaign_repository import settings_from_json
from campaigns.errors import CampaignEnded, CampaignNotFound, LeadNotFound
from campaigns.models import (
    ConnectionState,
    Lead,
    LeadState,
    Person,
    StepExecution,
    StepState,
)
from campaigns.sequence import StepKind

_COLUMNS = """id, campaign_id, position, public_identifier, first_name, last_name, company, title,
              email, phone, location, industry, variables, state, connection, reason, reply,
              account_id, revision_id, created_at, started_at, ended_at"""

# Holds off the campaign's end until the leads are in.
_OPEN_FOR_LEADS = """
    SELECT state IN ('draft', 'running', 'paused') FROM campaigns WHERE id = $1 FOR SHARE
"""
# A person who is in the campaign already stays as they are.
_ADD = """
    INSERT INTO leads (id, campaign_id, public_identifier, first_name, last_name, company, title,
                       email, phone, location, industry, variables, created_at)
    SELECT id, $1, public_identifier, first_name, last_name, company, title,
           email, phone, location, industry, variables, $2
      FROM jsonb_to_recordset($3) AS person
           (number int, id text, public_identifier text, first_name text, last_name text,
            company text, title text, email text, phone text, location text, industry text,
            variables jsonb)
     ORDER BY number
    ON CONFLICT (campaign_id, public_identifier) DO NOTHING
"""
_HAS_ANY = "SELECT EXISTS (SELECT FROM leads WHERE campaign_id = $1)"
_EXISTS = "SELECT EXISTS (SELECT FROM leads WHERE campaign_id = $1 AND id = $2)"
_GET = f"SELECT {_COLUMNS} FROM leads WHERE campaign_id = $1 AND id = $2"
_LIST = f"""
    SELECT {_COLUMNS} FROM leads
     WHERE campaign_id = $1 AND position > $2 AND ($3::text IS NULL OR state = $3)
     ORDER BY position LIMIT $4
"""
_HISTORY = """
    SELECT lead_id, step_id, state, reason, detail, started_at, ended_at
      FROM step_executions WHERE lead_id = ANY($1)
     ORDER BY started_at, ended_at NULLS LAST
"""

# --- Admission: one campaign at a time, under the lock of its row ---------------

_LOCK_CAMPAIGN = """
    SELECT state, settings, account_ids, revision_id, admitted
      FROM campaigns WHERE id = $1 FOR UPDATE
"""
_COUNTS = """
    SELECT count(*) FILTER (WHERE state = 'running') AS running,
           count(*) FILTER (WHERE state = 'ready') AS ready
      FROM leads WHERE campaign_id = $1 AND state IN ('running', 'ready')
"""
# Admitted before, but Temporal has not confirmed the workflow: a crash came between.
_UNCONFIRMED = """
    SELECT id, start_at FROM leads
     WHERE campaign_id = $1 AND state = 'running' AND NOT workflow_started
     ORDER BY position LIMIT $2
"""
_STARTED_BETWEEN = """
    SELECT count(*) FROM leads WHERE campaign_id = $1 AND start_at >= $2 AND start_at < $3
"""
_LAST_START = "SELECT max(start_at) FROM leads WHERE campaign_id = $1"
# The next ones of the list; starts are `$4` apart, accounts are dealt out in turn.
_ADMIT = """
    WITH chosen AS (
        SELECT id, row_number() OVER (ORDER BY position) - 1 AS number
          FROM (SELECT id, position FROM leads
                 WHERE campaign_id = $1 AND state = 'ready'
                 ORDER BY position LIMIT $2) AS head
    )
    UPDATE leads
       SET state = 'running',
           start_at = $3::timestamptz + chosen.number * $4::interval,
           account_id = ($5::text[])[1 + ($6 + chosen.number) % cardinality($5::text[])],
           revision_id = $7
      FROM chosen WHERE leads.id = chosen.id
 RETURNING leads.id, leads.start_at, leads.position
"""
_COUNT_ADMITTED = "UPDATE campaigns SET admitted = admitted + $2 WHERE id = $1"
_CONFIRM = """
    UPDATE leads SET workflow_started = true WHERE campaign_id = $1 AND id = ANY($2)
"""

# --- The life of one lead --------------------------------------------------------

_BEGIN = f"""
    UPDATE leads SET started_at = coalesce(started_at, $2) WHERE id = $1
 RETURNING {_COLUMNS}
"""
# The first end counts; a repeated call changes nothing.
_FINISH = """
    UPDATE leads SET state = $2, reason = $3, ended_at = $4
     WHERE id = $1 AND state IN ('ready', 'running')
"""
# The flag is taken down by the one that finds room; its own end is committed before.
_TAKE_WAKE_FLAG = """
    UPDATE campaigns SET wake_at_running = NULL
     WHERE id = $1 AND wake_at_running IS NOT NULL
       AND (SELECT count(*) FROM leads WHERE campaign_id = $1 AND state = 'running')
           <= wake_at_running
 RETURNING true
"""
_RAISE_WAKE_FLAG = "UPDATE campaigns SET wake_at_running = $2 WHERE id = $1"
# A step that has ended stays as it ended, whatever a late attempt says.
_STEP = """
    INSERT INTO step_executions
           (lead_id, step_id, campaign_id, kind, state, reason, detail, started_at, ended_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (lead_id, step_id) DO UPDATE
       SET state = excluded.state, reason = excluded.reason, detail = excluded.detail,
           started_at = coalesce(step_executions.started_at, excluded.started_at),
           ended_at = excluded.ended_at
     WHERE step_executions.state = 'waiting'
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
# Accepted is who became connected after this campaign had invited them.
_CONNECTION = """
    UPDATE leads
       SET connection = $2,
           accepted = accepted
               OR ($2 = 'connected' AND connection IN ('invited', 'not_accepted'))
     WHERE id = $1
"""
_REPLY = """
    UPDATE leads SET reply = $2, replied_at = $3 WHERE id = $1 AND replied_at IS NULL
"""
_STOP_READY = """
    UPDATE leads SET state = 'stopped', reason = 'CAMPAIGN_STOPPED', ended_at = $2
     WHERE campaign_id = $1 AND state = 'ready'
"""
_RUNNING_IDS = """
    SELECT id FROM leads
     WHERE campaign_id = $1 AND state = 'running' AND id > $2 ORDER BY id LIMIT $3
"""
_TEXT = "SELECT text, post_id FROM written_texts WHERE lead_id = $1 AND step_id = $2"
# The first text written is the one that is sent.
_SAVE_TEXT = """
    INSERT INTO written_texts (lead_id, step_id, text, post_id) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING
"""


class LeadRepository:
    """Every transition is one conditional statement."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, campaign_id: str, people: Sequence[Person], *, now: datetime) -> int:
        """Add those who are not in the campaign yet; returns how many that were."""
        rows = [
            {"number": number, "id": new_id("lead"), **_person_to_json(person)}
            for number, person in enumerate(people)
        ]
        async with self._pool.acquire() as connection, connection.transaction():
            is_open = await connection.fetchval(_OPEN_FOR_LEADS, campaign_id)
            if is_open is None:
                raise CampaignNotFound
            if not is_open:
                raise CampaignEnded
            return _affected(await connection.execute(_ADD, campaign_id, now, rows))

    async def has_any(self, campaign_id: str) -> bool:
        return bool(await self._pool.fetchval(_HAS_ANY, campaign_id))

    async def exists(self, campaign_id: str, lead_id: str) -> bool:
        return bool(await self._pool.fetchval(_EXISTS, campaign_id, lead_id))

    async def get(self, campaign_id: str, lead_id: str) -> Lead:
        row = await self._pool.fetchrow(_GET, campaign_id, lead_id)
        if row is None:
            raise LeadNotFound
        return _lead(row)

    async def page(
        self,
        campaign_id: str,
        *,
        state: LeadState | None = None,
        after_position: int = 0,
        limit: int,
    ) -> list[tuple[int, Lead]]:
        """In the order of the list, each with its position."""
        rows = await self._pool.fetch(_LIST, campaign_id, after_position, state, limit)
        return [(row["position"], _lead(row)) for row in rows]

    async def history(self, lead_ids: Sequence[str]) -> dict[str, list[StepExecution]]:
        """The steps that each lead has reached, in that order."""
        history: dict[str, list[StepExecution]] = {lead_id: [] for lead_id in lead_ids}
        for row in await self._pool.fetch(_HISTORY, list(lead_ids)):
            history[row["lead_id"]].append(_step_execution(row))
        return history

    async def admit(self, campaign_id: str, *, now: datetime, limit: int) -> Admission:
        """Move the next leads of the list into the sequence, as many as may be.

        Leads admitted before whose workflow was not confirmed come first, and
        alone. Admits nobody unless the campaign is running.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            campaign = await connection.fetchrow(_LOCK_CAMPAIGN, campaign_id)
            if campaign is None:
                raise CampaignNotFound
            counts = await connection.fetchrow(_COUNTS, campaign_id)
            running, ready = (counts["running"], counts["ready"]) if counts else (0, 0)
            left = await connection.fetch(_UNCONFIRMED, campaign_id, limit)
            if left:
                return Admission(leads=_admitted(left), running=running, ready=ready)
            if campaign["state"] != "running" or ready == 0:
                return Admission(running=running, ready=ready)
            return await self._admit_next(
                connection,
                campaign_id,
                campaign,
                now=now,
                limit=limit,
                running=running,
                ready=ready,
            )

    async def _admit_next(
        self,
        connection: PoolConnectionProxy[Record],
        campaign_id: str,
        campaign: Record,
        *,
        now: datetime,
        limit: int,
        running: int,
        ready: int,
    ) -> Admission:
        settings = settings_from_json(campaign["settings"])
        today = day_of(settings, now)
        started_today = await connection.fetchval(
            _STARTED_BETWEEN, campaign_id, today.begins_at, today.ends_at
        )
        next_at = opens_at(settings, now, started_today=started_today)
        if next_at is not None:
            return Admission(running=running, ready=ready, next_at=next_at)
        room = min(limit, settings.max_concurrent_leads - running)
        if settings.leads_per_day:
            room = min(room, settings.leads_per_day - started_today)
        if room <= 0:
            return Admission(running=running, ready=ready)
        last_start_at = await connection.fetchval(_LAST_START, campaign_id)
        delay = settings.lead_processing_delay
        rows = await connection.fetch(
            _ADMIT,
            campaign_id,
            room,
            now if last_start_at is None else max(now, last_start_at + delay),
            delay,
            list(campaign["account_ids"]),
            campaign["admitted"],
            campaign["revision_id"],
        )
        await connection.execute(_COUNT_ADMITTED, campaign_id, len(rows))
        in_order = sorted(rows, key=lambda row: int(row["position"]))
        return Admission(
            leads=_admitted(in_order), running=running + len(rows), ready=ready - len(rows)
        )

    async def confirm_started(self, campaign_id: str, lead_ids: Sequence[str]) -> None:
        await self._pool.execute(_CONFIRM, campaign_id, list(lead_ids))

    async def begin(self, lead_id: str, *, now: datetime) -> Lead:
        """Record when the lead began, the first time; returns the lead."""
        row = await self._pool.fetchrow(_BEGIN, lead_id, now)
        if row is None:
            raise LeadNotFound
        return _lead(row)

    async def finish(
        self, campaign_id: str, lead_id: str, *, state: LeadState, reason: str, now: datetime
    ) -> bool:
        """Record how the lead ended; True if its campaign waits for room and there is some."""
        await self._pool.execute(_FINISH, lead_id, state, reason, now)
        return bool(await self._pool.fetchval(_TAKE_WAKE_FLAG, campaign_id))

    async def wait_for_room(self, campaign_id: str, *, wake_at_running: int) -> bool:
        """Ask to be woken once at most so many leads run; False if that is so already."""
        await self._pool.execute(_RAISE_WAKE_FLAG, campaign_id, wake_at_running)
        return not await self._pool.fetchval(_TAKE_WAKE_FLAG, campaign_id)

    async def record_step(
        self, campaign_id: str, lead_id: str, kind: StepKind, execution: StepExecution
    ) -> None:
        await self._pool.execute(
            _STEP,
            lead_id,
            execution.step_id,
            campaign_id,
            kind,
            execution.state,
            execution.reason,
            execution.detail,
            execution.started_at,
            execution.ended_at,
        )

    async def skip_waiting_steps(self, lead_id: str, *, reason: str, now: datetime) -> list[str]:
        """End the step whose turn will not come any more; which were skipped for this reason."""
        rows = await self._pool.fetch(_SKIP_WAITING, lead_id, reason, now)
        return [row["step_id"] for row in rows]

    async def record_connection(self, lead_id: str, connection: ConnectionState) -> None:
        await self._pool.execute(_CONNECTION, lead_id, connection)

    async def record_reply(self, lead_id: str, text: str, *, at: datetime) -> None:
        """Keep what the person wrote first."""
        await self._pool.execute(_REPLY, lead_id, text, at)

    async def stop_ready(self, campaign_id: str, *, now: datetime) -> int:
        """End those who were never admitted; returns how many that were."""
        return _affected(await self._pool.execute(_STOP_READY, campaign_id, now))

    async def running_ids(self, campaign_id: str, *, after: str = "", limit: int) -> list[str]:
        """A page of those in the sequence, by id."""
        rows = await self._pool.fetch(_RUNNING_IDS, campaign_id, after, limit)
        return [row["id"] for row in rows]

    async def written_text(self, lead_id: str, step_id: str) -> tuple[str, str] | None:
        """The text written for this step and the post it is about, if it was written."""
        row = await self._pool.fetchrow(_TEXT, lead_id, step_id)
        return None if row is None else (row["text"], row["post_id"])

    async def save_text(
        self, lead_id: str, step_id: str, text: str, *, post_id: str = ""
    ) -> tuple[str, str]:
        """Keep a written text unless there is one; returns the one that is kept."""
        await self._pool.execute(_SAVE_TEXT, lead_id, step_id, text, post_id)
        return await self.written_text(lead_id, step_id) or (text, post_id)


def _affected(status: str) -> int:
    return int(status.rsplit(" ", 1)[-1])


def _admitted(rows: Sequence[Record]) -> tuple[AdmittedLead, ...]:
    return tuple(AdmittedLead(lead_id=row["id"], start_at=row["start_at"]) for row in rows)


def _person_to_json(person: Person) -> dict[str, Any]:
    return {
        "public_identifier": person.public_identifier,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "company": person.company,
        "title": person.title,
        "email": person.email,
        "phone": person.phone,
        "location": person.location,
        "industry": person.industry,
        "variables": dict(person.variables),
    }


def _lead(row: Record) -> Lead:
    return Lead(
        id=row["id"],
        campaign_id=row["campaign_id"],
        person=Person(
            public_identifier=row["public_identifier"],
            first_name=row["first_name"],
            last_name=row["last_name"],
            company=row["company"],
            title=row["title"],
            email=row["email"],
            phone=row["phone"],
            location=row["location"],
            industry=row["industry"],
            variables=row["variables"],
        ),
        state=LeadState(row["state"]),
        connection=ConnectionState(row["connection"]),
        reason=row["reason"],
        reply=row["reply"],
        account_id=row["account_id"],
        revision_id=row["revision_id"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )


def _step_execution(row: Record) -> StepExecution:
    return StepExecution(
        step_id=row["step_id"],
        state=StepState(row["state"]),
        reason=row["reason"],
        detail=row["detail"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )
