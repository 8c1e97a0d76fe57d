"""SQL on releases: each once, under the lock of its campaign's row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy
from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.request_ids.errors import RequestIdReused

from campaigns.campaign_edit import ENDED
from campaigns.errors import CampaignEnded, CampaignNotFound
from campaigns.models import CampaignState
from campaigns.repositories.admission.release import (
    LeadStanding,
    Release,
    ReleaseAnswer,
    ToRelease,
    answer_to,
)

STANDING = """
    state = 'ready' AS is_ready, held_reason <> '' AS is_held,
    released_at IS NOT NULL AS is_released
"""
"""What is read of a lead that is to be released."""
# Admission locks the same row: who is taken back at this moment is so before it, or admitted.
_LOCK = """
    SELECT organization_id, state, account_ids
      FROM campaigns WHERE id = $1 AND deleted_at IS NULL FOR UPDATE
"""
_MADE = """
    SELECT release_id, campaign_id, lead_ids, answers, released_at
      FROM releases WHERE organization_id = $1 AND release_id = $2
"""
# Whoever holds one of them back or stops it does so before, or finds it released.
_STANDINGS = f"""
    SELECT id, {STANDING}
      FROM leads WHERE campaign_id = $1 AND id = ANY($2) ORDER BY position FOR UPDATE
"""
_RELEASE = """
    UPDATE leads
       SET released_at = $1, release_id = $2,
           rank = given.rank, released_account_id = given.account_id
      FROM unnest($3::text[], $4::text[], $5::float8[]) AS given (id, account_id, rank)
     WHERE leads.id = given.id
"""
# Nothing if another campaign of the organization has it at this moment.
_NOTE = """
    INSERT INTO releases
        (organization_id, release_id, campaign_id, lead_ids, answers, released_at)
    VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT DO NOTHING
 RETURNING true
"""
# Also of who is held back at this moment: once complete, they would enter by it.
_WITHDRAW = """
    UPDATE leads SET released_at = NULL, release_id = '', rank = NULL, released_account_id = ''
     WHERE campaign_id = $1 AND state = 'ready' AND released_at IS NOT NULL
       AND (release_id = $2 AND $2 <> '' OR id = ANY($3))
 RETURNING id
"""


class ReleaseRepository:
    """Lets leads enter the sequence, and takes that back from who has not entered yet."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def release(
        self, campaign_id: str, release_id: str, leads: Sequence[ToRelease], *, now: datetime
    ) -> Release:
        """Release those of the leads that may be, all at once.

        The first of its id in the organization counts: a later one changes nothing and is
        answered as that was, whomever it names. Raises `CampaignNotFound` if there is no such
        campaign, `CampaignEnded` if it admits nobody any more, and `RequestIdReused` if the id is
        that of another campaign's release.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            campaign = await connection.fetchrow(_LOCK, campaign_id)
            if campaign is None:
                raise CampaignNotFound
            organization_id = campaign["organization_id"]
            made = await connection.fetchrow(_MADE, organization_id, release_id)
            if made is not None:
                if made["campaign_id"] != campaign_id:
                    raise RequestIdReused
                return _release(made)
            if CampaignState(campaign["state"]) in {*ENDED, CampaignState.STOPPING}:
                raise CampaignEnded
            answers = await _answers(connection, campaign_id, campaign["account_ids"], leads)
            released = [
                lead
                for lead, answer in zip(leads, answers, strict=True)
                if answer is ReleaseAnswer.RELEASED
            ]
            lead_ids = [each.lead_id for each in leads]
            noted = await connection.fetchval(
                _NOTE, organization_id, release_id, campaign_id, lead_ids, answers, now
            )
            if noted is None:
                raise RequestIdReused
            await connection.execute(
                _RELEASE,
                now,
                release_id,
                [each.lead_id for each in released],
                [each.account_id for each in released],
                [each.rank for each in released],
            )
            return Release(id=release_id, released_at=now, lead_ids=lead_ids, answers=answers)

    async def withdraw(
        self,
        campaign_id: str,
        *,
        release_id: str = "",
        lead_ids: Sequence[str] = (),
        now: datetime,
    ) -> list[str]:
        """Take back the release of who was not admitted yet, by the release or one by one.

        Returns who they are; who was not released, or walks already, is none of them. A release
        that was not made yet is made now, of nobody: who is on the way with it comes too late.
        Raises `CampaignNotFound` if there is no such campaign.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            campaign = await connection.fetchrow(_LOCK, campaign_id)
            if campaign is None:
                raise CampaignNotFound
            if release_id:
                organization_id = campaign["organization_id"]
                await connection.fetchval(
                    _NOTE, organization_id, release_id, campaign_id, [], [], now
                )
            rows = await connection.fetch(_WITHDRAW, campaign_id, release_id, list(lead_ids))
            return sorted(row["id"] for row in rows)


async def _answers(
    connection: PoolConnectionProxy[Record],
    campaign_id: str,
    account_ids: Sequence[str],
    leads: Sequence[ToRelease],
) -> list[ReleaseAnswer]:
    rows = await connection.fetch(_STANDINGS, campaign_id, [each.lead_id for each in leads])
    standings = {row["id"]: standing_of(row) for row in rows}
    return [answer_to(lead, standings.get(lead.lead_id), account_ids) for lead in leads]


def standing_of(row: Row) -> LeadStanding:
    """What `STANDING` says of a lead."""
    return LeadStanding(
        is_ready=row["is_ready"], is_held=row["is_held"], is_released=row["is_released"]
    )


def _release(row: Record) -> Release:
    return Release(
        id=row["release_id"],
        released_at=row["released_at"],
        lead_ids=tuple(row["lead_ids"]),
        answers=tuple(ReleaseAnswer(each) for each in row["answers"]),
    )
