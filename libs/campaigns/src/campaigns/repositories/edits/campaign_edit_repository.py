"""SQL on edits of campaigns: kept only if the campaign is as its editor has read it."""

from __future__ import annotations

from servicekit.errors import EtagMismatch
from servicekit.postgres.pool import Pool

from campaigns.campaign_edit import ENDED, CampaignEdit, etag_of
from campaigns.errors import CampaignEnded, CampaignNotFound, SenderInUse
from campaigns.models import Campaign
from campaigns.repositories.campaign_repository import CAMPAIGN_COLUMNS
from campaigns.repositories.rows import campaign_from_row
from campaigns.settings_json import LEFT_OUT_IF_NONE, settings_to_json

# Admission locks the same row: no account gets a lead while it is taken out.
_LOCK = f"""
    SELECT {CAMPAIGN_COLUMNS} FROM campaigns WHERE id = $1 AND deleted_at IS NULL FOR UPDATE
"""
# One that is on its way to another account may have to come back: the first has contacted it.
_LEADS_OF = """
    SELECT count(*) FROM leads
     WHERE campaign_id = $1 AND state = 'running'
       AND (account_id = ANY($2) OR replacement_account_id = ANY($2)
            OR (reassigned_from = ANY($2) AND replacement_account_id <> ''))
"""
# Settings that this release does not know are kept, as a replica of the next has written them.
_EDIT = f"""
    UPDATE campaigns
       SET name = $2, account_ids = $3, settings = (settings - $5::text[]) || $4::jsonb,
           updated_by = $6
     WHERE id = $1
 RETURNING {CAMPAIGN_COLUMNS}
"""


class CampaignEditRepository:
    """Of two who have read the same the second is refused."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def edit(self, campaign_id: str, edit: CampaignEdit, *, by: str = "") -> Campaign:
        """Change what the edit names, if the campaign is as its editor has read it.

        Raises `EtagMismatch` if it is not, `SenderInUse` if leads in the sequence have an account
        that is taken out, `CampaignEnded` if more than the name of one that is over is changed,
        and `CampaignNotFound` if there is none.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(_LOCK, campaign_id)
            if row is None:
                raise CampaignNotFound
            before = campaign_from_row(row)
            if not edit.is_of(before):
                raise EtagMismatch(metadata={"etag": etag_of(before)})
            after = edit.of(before)
            if after == before:
                return before
            if before.state in ENDED and not edit.only_names(before):
                raise CampaignEnded
            gone = [each for each in before.account_ids if each not in after.account_ids]
            if gone and (leads := await connection.fetchval(_LEADS_OF, campaign_id, gone)):
                raise SenderInUse(metadata={"leads": str(leads)})
            given = (after.name, list(after.account_ids), settings_to_json(after.settings))
            row = await connection.fetchrow(_EDIT, campaign_id, *given, [*LEFT_OUT_IF_NONE], by)
            return after if row is None else campaign_from_row(row)
