"""SQL on which account sends to which lead."""

from __future__ import annotations

from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from campaigns.errors import (
    CampaignEnded,
    CampaignNotFound,
    LeadContacted,
    LeadNotFound,
    LeadNotInSequence,
    SenderUnknown,
)
from campaigns.models import Lead
from campaigns.repositories.admission.admission_repository import LOADS
from campaigns.repositories.rows import LEAD_COLUMNS, LeadRows
from campaigns.senders.replacement import Contact, ContactedLeads, Replaced, ReplacementPolicy
from campaigns.sequences.kinds.registry import CONTACTS

# Contact is whatever an account did.
_CONTACTED = """
    EXISTS (SELECT FROM step_executions
             WHERE lead_id = leads.id AND state IN ('done', 'failed') AND kind = ANY({kinds}))
"""
# Whoever takes the new account out of the campaign at this moment does so first, or finds its lead.
# Until the action of the old account is called off the lead may go back to it: as long as it is
# said where it came from and what it is to have, it is told as a lead of both (`campaign_edit`).
_REASSIGN = f"""
    UPDATE leads
       SET account_id = $3, reassigned_from = $2, reassigned_action_id = $4,
           replacement_account_id = $3, replaced_if_contacted = false
     WHERE id = $1 AND account_id = $2 AND state = 'running' AND replacement_account_id = ''
       AND EXISTS (SELECT FROM campaigns
                    WHERE id = leads.campaign_id AND $3 = ANY(account_ids) FOR SHARE)
       AND NOT {_CONTACTED.format(kinds="$5")}
 RETURNING {LEAD_COLUMNS}
"""
# Who is to have another account whatever happened until then keeps that wish.
_UNDO = """
    UPDATE leads
       SET account_id = reassigned_from, reassigned_from = '', reassigned_action_id = '',
           replacement_account_id =
               CASE WHEN replaced_if_contacted THEN replacement_account_id ELSE '' END
     WHERE id = $1 AND reassigned_action_id = $2 AND reassigned_from <> ''
"""

# --- An account in the place of another ------------------------------------------

# One on its way to a third may have to come back (`_UNDO`): until then it is the old account's too.
_OF = """
    ($2 IN (account_id, replacement_account_id)
     OR (reassigned_from = $2 AND replacement_account_id <> ''))
"""
# Admission locks the same row: no lead is given to the old account afterwards.
_REPLACE_SENDER = f"""
    UPDATE campaigns
       SET account_ids = array_remove(array_remove(account_ids, $2), $3) || $3::text
     WHERE id = $1 AND state NOT IN ('stopped', 'completed') AND deleted_at IS NULL
       AND ($2 = ANY(account_ids)
            OR EXISTS (SELECT FROM leads WHERE campaign_id = $1 AND {_OF}))
 RETURNING true
"""
_IS_OVER = "SELECT state IN ('stopped', 'completed') FROM campaigns WHERE id = $1"
CONTACT = f"""
    CASE WHEN connection = 'connected' THEN 'connected'
         WHEN {_CONTACTED} THEN 'contacted'
         ELSE 'none' END
"""
"""How far a lead and its account have come with each other, by what was done (`kinds`)."""
_THEIRS = f"""
    SELECT id, {CONTACT.format(kinds="$3")} AS contact
      FROM leads
     WHERE campaign_id = $1 AND state = 'running' AND {_OF}
     ORDER BY id
       FOR UPDATE
"""
_SENDERS = "SELECT account_ids FROM campaigns WHERE id = $1 AND deleted_at IS NULL FOR SHARE"
_LOCK_LEAD = f"""
    SELECT {LEAD_COLUMNS}, {CONTACT.format(kinds="$3")} AS contact
      FROM leads WHERE campaign_id = $1 AND id = $2 FOR UPDATE
"""
# Only a wish: an action may wait at the old account under this very name, or be on the wire.
_WISH = """
    UPDATE leads
       SET replacement_account_id =
               CASE WHEN account_id = $2 AND (reassigned_from = '' OR replacement_account_id = '')
                    THEN '' ELSE $2 END,
           replaced_if_contacted = $3
     WHERE id = ANY($1)
"""
# Who was contacted since the wish was made stays, unless it was made for such leads too.
_REPLACE = f"""
    UPDATE leads
       SET account_id = replacement_account_id, reassigned_action_id = $2,
           reassigned_from =
               CASE WHEN account_id = replacement_account_id THEN reassigned_from
                    ELSE account_id END
     WHERE id = $1 AND state = 'running' AND replacement_account_id <> ''
       AND (replaced_if_contacted OR NOT ($3 OR {_CONTACTED.format(kinds="$4")}))
 RETURNING {LEAD_COLUMNS}
"""
_FORGET_WISH = "UPDATE leads SET replacement_account_id = '' WHERE id = $1"
# The lead and its account have not met. Another account that it is to have since stays wished for.
_COMPLETE = """
    UPDATE leads
       SET reassigned_from = '', connection = 'none',
           replacement_account_id =
               CASE WHEN replacement_account_id = account_id THEN '' ELSE replacement_account_id END
     WHERE id = $1 AND reassigned_action_id = $2 AND replacement_account_id <> ''
"""


class SenderRepository:
    """A lead keeps the account that has contacted it, unless somebody decides otherwise."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._rows = LeadRows(seal)

    async def loads(self, campaign_id: str) -> dict[str, int]:
        """How many leads each account has in the sequence."""
        rows = await self._pool.fetch(LOADS, campaign_id)
        return {row["account_id"]: row["leads"] for row in rows}

    async def reassign(
        self, lead_id: str, *, from_account: str, to_account: str, action_id: str
    ) -> Lead | None:
        """Give a lead that nobody has contacted to another account, instead of this action.

        None if it has been contacted, has ended, or another account has it by now, or if the new
        one does not send for its campaign any more.
        """
        row = await self._pool.fetchrow(
            _REASSIGN, lead_id, from_account, to_account, action_id, CONTACTS
        )
        return None if row is None else self._rows.read(row)

    async def undo_reassignment(self, lead_id: str, *, action_id: str) -> None:
        """It was too late: the account that it had has contacted the lead."""
        await self._pool.execute(_UNDO, lead_id, action_id)

    async def replace(
        self, campaign_id: str, account_id: str, replacement: str, policy: ReplacementPolicy
    ) -> Replaced:
        """Put an account in the place of another, and note which leads are to go on from it.

        Each of them changes before its next action. Raises `CampaignEnded` if the campaign is
        over, and `SenderUnknown` if the account never sent for it.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(_REPLACE_SENDER, campaign_id, account_id, replacement):
                raise (
                    CampaignEnded
                    if await connection.fetchval(_IS_OVER, campaign_id)
                    else SenderUnknown
                )
            lead_ids: dict[Contact, list[str]] = {contact: [] for contact in Contact}
            for row in await connection.fetch(_THEIRS, campaign_id, account_id, CONTACTS):
                lead_ids[Contact(row["contact"])].append(row["id"])
            replaced = Replaced(
                lead_ids={contact: tuple(ids) for contact, ids in lead_ids.items()}, policy=policy
            )
            moves_contacted = policy.contacted is ContactedLeads.MOVE
            for contact, ids in lead_ids.items():
                if ids and policy.of(contact) is ContactedLeads.MOVE:
                    always = contact is not Contact.NONE or moves_contacted
                    await connection.execute(_WISH, ids, replacement, always)
            return replaced

    async def move(
        self, campaign_id: str, lead_id: str, account_id: str, *, even_if_contacted: bool
    ) -> Lead:
        """Note that a lead is to go on from another sender of its campaign; the lead as it was.

        It changes before its next action. Raises `CampaignNotFound` if that was deleted,
        `SenderUnknown` if the account does not send for it, `LeadNotFound`, `LeadNotInSequence`,
        and `LeadContacted` if it is to stay where it has been contacted from.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            senders = await connection.fetchval(_SENDERS, campaign_id)
            if senders is None:
                raise CampaignNotFound
            if account_id not in senders:
                raise SenderUnknown
            row = await connection.fetchrow(_LOCK_LEAD, campaign_id, lead_id, CONTACTS)
            if row is None:
                raise LeadNotFound
            lead, contact = self._rows.read(row), Contact(row["contact"])
            if not lead.state.walks:
                raise LeadNotInSequence(metadata={"state": lead.state})
            if lead.sender_id == account_id:
                return lead
            if contact is not Contact.NONE and not even_if_contacted:
                raise LeadContacted(metadata={"contact": contact})
            await connection.execute(_WISH, [lead_id], account_id, even_if_contacted)
            return lead

    async def take_replacement(
        self, lead_id: str, *, action_id: str, contacted: bool
    ) -> Lead | None:
        """Give a lead to the account it is to have, instead of this action.

        `contacted` says that the step which the action belongs to has done something already.
        None if the lead stays, because the account it had has contacted it since; nobody tries
        again then.
        """
        row = await self._pool.fetchrow(_REPLACE, lead_id, action_id, contacted, CONTACTS)
        if row is None:
            await self._pool.execute(_FORGET_WISH, lead_id)
            return None
        return self._rows.read(row)

    async def complete_replacement(self, lead_id: str, *, action_id: str) -> None:
        """The action of the old account was called off in time."""
        await self._pool.execute(_COMPLETE, lead_id, action_id)
