"""SQL on whom a webhook concerns: one transaction about one account and one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from linkedin_gateway.models import Account
from linkedin_gateway.outbox.linkedin_events import Lead
from linkedin_gateway.people.aliases import Alias, is_acting_id
from linkedin_gateway.people.people_repository import called
from linkedin_gateway.people.unmatched import keep_unmatched
from linkedin_gateway.replies.auto_replies import is_automatic
from linkedin_gateway.replies.message import Message, to_whom, written_by_owner
from linkedin_gateway.replies.reply_transaction import ReplyTransaction

CONNECT = """
INSERT INTO profiles AS p (organization_id, account_id, person_id, provider_id, connected,
       accepted_at)
VALUES ($5, $1, $2, $3, true, $4)
ON CONFLICT (account_id, person_id) DO UPDATE
   SET connected = true, invitation_id = '', accepted_at = excluded.accepted_at,
       provider_id = coalesce(nullif(excluded.provider_id, ''), p.provider_id)
"""
INVITED = """
SELECT action_id, campaign_id, lead_id, text_hash
  FROM every_action
 WHERE organization_id = $4 AND person_id = $2 AND account_id = $1
   AND kind = 'invitation' AND campaign_id <> ''
   AND (sent_at IS NOT NULL OR (state = 'done' AND NOT (outcome ? 'connected')))
   AND ($3::timestamptz IS NULL OR coalesce(sent_at, finished_at) <= $3)
 ORDER BY coalesce(sent_at, finished_at) DESC
"""
HAS_ACCEPTED = """
SELECT accepted_at IS NOT NULL FROM profiles WHERE account_id = $1 AND person_id = $2
"""


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """An invitation that went out, and for whom."""

    action_id: str
    lead: Lead
    text_hash: str


class InboundTransaction(ReplyTransaction):
    """What one webhook reads and changes; committed as a whole."""

    for_later = False
    """It may concern a lead of whom it is not known yet that they are the person."""

    async def person(self, account: Account, aliases: Sequence[Alias]) -> str | None:
        """Who is called so, if that is known; the first that anybody is called by decides.

        From then on nobody else decides about them until this is over, and they are known by
        the ids that were shown too.
        """
        return await called(self._connection, self._ids, account.organization_id, aliases)

    async def keep_unmatched(
        self, account: Account, message: Message, *, key: str, at: datetime
    ) -> None:
        """Nobody knows who wrote it: it is followed again once a profile has shown that.

        So is what the owner wrote to somebody who is nobody's lead, as far as is known. `key` is
        the webhook's.
        """
        author, by_owner = message.author, written_by_owner(message, account.provider_id)
        if by_owner:
            others = to_whom(message, account.provider_id)
            if len(others) != 1 or not message.may_be_by_hand:
                return
            author = others[0]
        await keep_unmatched(
            self._connection,
            self._ids,
            account,
            author.provider_ids,
            dedupe_key=key,
            written_at=at if message.edited else message.at or at,
            automatic=is_automatic(message.text),
            by_owner=by_owner,
        )

    async def invitations(self, account: Account, person_id: str) -> Sequence[Invitation]:
        """Invitations to the person that went out, newest first."""
        rows = await self._connection.fetch(
            INVITED, account.account_id, person_id, self._replayed_from, account.organization_id
        )
        return [
            Invitation(
                action_id=row["action_id"],
                lead=Lead(campaign_id=row["campaign_id"], lead_id=row["lead_id"]),
                text_hash=row["text_hash"],
            )
            for row in rows
        ]

    async def has_accepted(self, account: Account, person_id: str) -> bool:
        """Whether it was published already that they are connected."""
        return bool(await self._connection.fetchval(HAS_ACCEPTED, account.account_id, person_id))

    async def connect(
        self, account: Account, person_id: str, *, provider_id: str, now: datetime
    ) -> None:
        """They are connected, and it is published now."""
        # The id of another product would be refused by what acts.
        acting_id = provider_id if is_acting_id(provider_id) else ""
        organization_id = account.organization_id
        kept = self._ids.sealed(organization_id, acting_id)
        await self._connection.execute(
            CONNECT, account.account_id, person_id, kept, now, organization_id
        )
