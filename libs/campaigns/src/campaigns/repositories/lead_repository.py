"""SQL on leads and the history of their steps."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from asyncpg import Record
from servicekit.ids import new_id
from servicekit.postgres.pool import Pool

from campaigns.errors import CampaignEnded, CampaignNotFound, LeadNotFound
from campaigns.models import (
    ConnectionState,
    HeldBack,
    Lead,
    LeadState,
    Person,
    StepExecution,
    StepState,
)
from campaigns.repositories.admission_repository import TAKE_WAKE_FLAG
from campaigns.sequences.sequence import StepKind
from campaigns.texts.lead_check import Check, nobody_held_back

LEAD_COLUMNS = """id, campaign_id, position, public_identifier, first_name, last_name, company,
              title, email, phone, location, industry, variables, state, connection, reason,
              held_reason, held_detail, reply, account_id, revision_id, created_at, started_at,
              ended_at, reassigned_action_id"""
# A lead that is held back is ready in all but name.
LEAD_STATE = "CASE WHEN state = 'ready' AND held_reason <> '' THEN 'held_back' ELSE state END"

# Holds off the campaign's end until the leads are in.
_OPEN_FOR_LEADS = """
    SELECT state IN ('draft', 'running', 'paused') FROM campaigns WHERE id = $1 FOR SHARE
"""
# A person who is in the campaign already stays as they are.
_ADD = """
    INSERT INTO leads (id, campaign_id, public_identifier, first_name, last_name, company, title,
                       email, phone, location, industry, variables, held_reason,
                       held_detail, created_at)
    SELECT id, $1, public_identifier, first_name, last_name, company, title,
           email, phone, location, industry, variables, held_reason, held_detail, $2
      FROM jsonb_to_recordset($3) AS person
           (number int, id text, public_identifier text, first_name text, last_name text,
            company text, title text, email text, phone text, location text, industry text,
            variables jsonb, held_reason text, held_detail text)
     ORDER BY number
    ON CONFLICT (campaign_id, public_identifier) DO NOTHING
"""
_HAS_ANY = """
    SELECT EXISTS (SELECT FROM leads
                    WHERE campaign_id = $1 AND NOT (state = 'ready' AND held_reason <> ''))
"""
_EXISTS = "SELECT EXISTS (SELECT FROM leads WHERE campaign_id = $1 AND id = $2)"
_GET = f"SELECT {LEAD_COLUMNS} FROM leads WHERE campaign_id = $1 AND id = $2"
_LIST = f"""
    SELECT {LEAD_COLUMNS} FROM leads
     WHERE campaign_id = $1 AND position > $2 AND ($3::text IS NULL OR {LEAD_STATE} = $3)
     ORDER BY position LIMIT $4
"""
_HISTORY = """
    SELECT lead_id, step_id, state, reason, detail, started_at, ended_at, exit_name, variant
      FROM step_executions WHERE lead_id = ANY($1)
     ORDER BY started_at, ended_at NULLS LAST
"""

# --- The life of one lead --------------------------------------------------------

_BEGIN = f"""
    UPDATE leads SET started_at = coalesce(started_at, $2) WHERE id = $1
 RETURNING {LEAD_COLUMNS}
"""
# The first end counts; a repeated call changes nothing.
_FINISH = """
    UPDATE leads SET state = $2, reason = $3, ended_at = $4
     WHERE id = $1 AND state IN ('ready', 'running')
"""
# A step that has ended stays as it ended, whatever a late attempt says.
_STEP = """
    INSERT INTO step_executions
           (lead_id, step_id, campaign_id, kind, state, reason, detail, started_at, ended_at,
            exit_name, variant)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (lead_id, step_id) DO UPDATE
       SET state = excluded.state, reason = excluded.reason, detail = excluded.detail,
           started_at = coalesce(step_executions.started_at, excluded.started_at),
           ended_at = excluded.ended_at, exit_name = excluded.exit_name, variant = excluded.variant
     WHERE step_executions.state = 'waiting'
"""
_EXIT_TAKEN = "SELECT exit_name FROM step_executions WHERE lead_id = $1 AND step_id = $2"
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
               OR ($2 = 'connected' AND connection IN ('invited', 'not_accepted')),
           accepted_at = CASE
               WHEN accepted_at IS NULL AND $2 = 'connected'
                    AND connection IN ('invited', 'not_accepted') THEN $3
               ELSE accepted_at END
     WHERE id = $1
"""
_REPLY = """
    UPDATE leads SET reply = $2, replied_at = $3 WHERE id = $1 AND replied_at IS NULL
"""
_TEXT = "SELECT text, post_id FROM step_texts WHERE lead_id = $1 AND text_key = $2"
# A step that was taken back has a further text under its key, `~` and how often.
_LATEST_TEXT = """
    SELECT text FROM step_texts
     WHERE lead_id = $1 AND (text_key = $2 OR starts_with(text_key, $2 || '~'))
     ORDER BY length(text_key) DESC, text_key DESC LIMIT 1
"""
# The first text written is the one that is sent.
_SAVE_TEXT = """
    INSERT INTO step_texts (lead_id, text_key, text, post_id) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING
"""


class LeadRepository:
    """Every transition is one conditional statement."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(
        self,
        campaign_id: str,
        people: Sequence[Person],
        *,
        now: datetime,
        check: Check = nobody_held_back,
    ) -> int:
        """Add those who are not in the campaign yet; returns how many that were.

        Those that do not pass the check are added, and held back.
        """
        # Other calls go on while they are checked.
        rows = await asyncio.to_thread(_new_leads, people, check)
        async with self._pool.acquire() as connection, connection.transaction():
            is_open = await connection.fetchval(_OPEN_FOR_LEADS, campaign_id)
            if is_open is None:
                raise CampaignNotFound
            if not is_open:
                raise CampaignEnded
            return affected(await connection.execute(_ADD, campaign_id, now, rows))

    async def has_any(self, campaign_id: str) -> bool:
        """Whether there is a lead that is not held back."""
        return bool(await self._pool.fetchval(_HAS_ANY, campaign_id))

    async def exists(self, campaign_id: str, lead_id: str) -> bool:
        return bool(await self._pool.fetchval(_EXISTS, campaign_id, lead_id))

    async def get(self, campaign_id: str, lead_id: str) -> Lead:
        row = await self._pool.fetchrow(_GET, campaign_id, lead_id)
        if row is None:
            raise LeadNotFound
        return lead_from_row(row)

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
        return [(row["position"], lead_from_row(row)) for row in rows]

    async def history(self, lead_ids: Sequence[str]) -> dict[str, list[StepExecution]]:
        """The steps that each lead has reached, in that order."""
        history: dict[str, list[StepExecution]] = {lead_id: [] for lead_id in lead_ids}
        for row in await self._pool.fetch(_HISTORY, list(lead_ids)):
            history[row["lead_id"]].append(_step_execution(row))
        return history

    async def begin(self, lead_id: str, *, now: datetime) -> Lead:
        """Record when the lead began, the first time; returns the lead."""
        row = await self._pool.fetchrow(_BEGIN, lead_id, now)
        if row is None:
            raise LeadNotFound
        return lead_from_row(row)

    async def finish(
        self, campaign_id: str, lead_id: str, *, state: LeadState, reason: str, now: datetime
    ) -> bool:
        """Record how the lead ended; True if its campaign waits for room and there is some."""
        await self._pool.execute(_FINISH, lead_id, state, reason, now)
        return bool(await self._pool.fetchval(TAKE_WAKE_FLAG, campaign_id))

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
            execution.exit_name,
            execution.variant,
        )

    async def exit_taken(self, lead_id: str, step_id: str) -> str:
        """The exit by which the lead has left a step; empty if it has none or is still there."""
        return await self._pool.fetchval(_EXIT_TAKEN, lead_id, step_id) or ""

    async def skip_waiting_steps(self, lead_id: str, *, reason: str, now: datetime) -> list[str]:
        """End the step whose turn will not come any more; which were skipped for this reason."""
        rows = await self._pool.fetch(_SKIP_WAITING, lead_id, reason, now)
        return [row["step_id"] for row in rows]

    async def record_connection(
        self, lead_id: str, connection: ConnectionState, *, at: datetime
    ) -> None:
        await self._pool.execute(_CONNECTION, lead_id, connection, at)

    async def record_reply(self, lead_id: str, text: str, *, at: datetime) -> None:
        """Keep what the person wrote first."""
        await self._pool.execute(_REPLY, lead_id, text, at)

    async def written_text(self, lead_id: str, step_id: str) -> tuple[str, str] | None:
        """The text written for this step and the post it is about, if it was written."""
        row = await self._pool.fetchrow(_TEXT, lead_id, step_id)
        return None if row is None else (row["text"], row["post_id"])

    async def latest_text(self, lead_id: str, step_id: str) -> str | None:
        """What was said last under this key, however often the step was taken back."""
        text: str | None = await self._pool.fetchval(_LATEST_TEXT, lead_id, step_id)
        return text

    async def save_text(
        self, lead_id: str, step_id: str, text: str, *, post_id: str = ""
    ) -> tuple[str, str]:
        """Keep a written text unless there is one; returns the one that is kept."""
        await self._pool.execute(_SAVE_TEXT, lead_id, step_id, text, post_id)
        return await self.written_text(lead_id, step_id) or (text, post_id)


def affected(status: str) -> int:
    """How many rows a statement's status tells of."""
    return int(status.rsplit(" ", 1)[-1])


def _new_leads(people: Sequence[Person], check: Check) -> list[dict[str, Any]]:
    return [
        _new_lead(new_id("lead"), person, check) | {"number": number}
        for number, person in enumerate(people)
    ]


def _new_lead(lead_id: str, person: Person, check: Check) -> dict[str, Any]:
    return {"id": lead_id, **person_to_json(person), **held_to_json(check(lead_id, person))}


def held_to_json(held: HeldBack | None) -> dict[str, str]:
    """Why a lead is held back, as its row has it."""
    return {
        "held_reason": held.reason if held else "",
        "held_detail": held.detail if held else "",
    }


def person_to_json(person: Person) -> dict[str, Any]:
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


def lead_from_row(row: Record) -> Lead:
    """The lead of a row with LEAD_COLUMNS."""
    state, reason = LeadState(row["state"]), row["reason"]
    if state is LeadState.READY and row["held_reason"]:
        state, reason = LeadState.HELD_BACK, row["held_reason"]
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
        state=state,
        connection=ConnectionState(row["connection"]),
        reason=reason,
        detail=row["held_detail"],
        reply=row["reply"],
        account_id=row["account_id"],
        revision_id=row["revision_id"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        reassigned_action_id=row["reassigned_action_id"],
    )


def _step_execution(row: Record) -> StepExecution:
    return StepExecution(
        step_id=row["step_id"],
        state=StepState(row["state"]),
        reason=row["reason"],
        detail=row["detail"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        exit_name=row["exit_name"],
        variant=row["variant"],
    )
