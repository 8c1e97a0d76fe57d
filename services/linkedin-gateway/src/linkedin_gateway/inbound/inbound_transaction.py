"""SQL on whom a webhook concerns: one transaction about one account and one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from linkedin_gateway.models import Account
from linkedin_gateway.outbox import outbox_repository
from linkedin_gateway.outbox.linkedin_events import Lead, OutboxEvent
from linkedin_gateway.people.aliases import Alias, is_acting_id
from linkedin_gateway.people.people_repository import called
from linkedin_gateway.storage.connection import Connection

CONNECT = """
INSERT INTO profiles AS p (account_id, person_id, provider_id, connected, accepted_at)
VALUES ($1, $2, $3, true, $4)
ON CONFLICT (account_id, person_id) DO UPDATE
   SET connected = true, invitation_id = '', accepted_at = excluded.accepted_at,
       provider_id = coalesce(nullif(excluded.provider_id, ''), p.provider_id)
"""
KEEP_CHAT = "UPDATE profiles SET chat_id = $3 WHERE account_id = $1 AND person_id = $2"
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
# Who was touched by anybody of the organization: everything that went out, or may have.
TOUCHED = """
SELECT DISTINCT campaign_id, lead_id
  FROM every_action
 WHERE organization_id = $1 AND person_id = $2 AND campaign_id <> ''
   AND (sent_at IS NOT NULL OR state = 'done')
   AND ($3::timestamptz IS NULL OR coalesce(sent_at, finished_at) <= $3)
"""
REPLY = """
INSERT INTO replies (campaign_id, lead_id, account_id, replied_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (campaign_id, lead_id) DO NOTHING
"""
# The last one counts: it says how long they are away.
ANSWER_AUTOMATICALLY = """
INSERT INTO automatic_replies AS known (campaign_id, lead_id, account_id, replied_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (campaign_id, lead_id)
DO UPDATE SET replied_at = greatest(known.replied_at, excluded.replied_at)
"""


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """An invitation that went out, and for whom."""

    action_id: str
    lead: Lead
    text_hash: str


class InboundTransaction:
    """What one webhook reads and changes; committed as a whole."""

    def __init__(self, connection: Connection, replayed_from: datetime | None = None) -> None:
        self._connection = connection
        self._replayed_from = replayed_from
        self.published = 0
        """How many events came of it."""

    @property
    def replayed(self) -> bool:
        """Whether the webhook came before."""
        return self._replayed_from is not None

    async def person(self, account: Account, aliases: Sequence[Alias]) -> str | None:
        """Who is called so, if that is known; the first that anybody is called by decides.

        From then on nobody else decides about them until this is over, and they are known by
        the ids that were shown too.
        """
        return await called(self._connection, account.organization_id, aliases)

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
        await self._connection.execute(CONNECT, account.account_id, person_id, acting_id, now)

    async def keep_chat(self, account: Account, person_id: str, chat_id: str) -> None:
        """The chat in which they write."""
        await self._connection.execute(KEEP_CHAT, account.account_id, person_id, chat_id)

    async def touched(self, account: Account, person_id: str) -> Sequence[Lead]:
        """The leads for which anybody of the organization has turned to the person."""
        rows = await self._connection.fetch(
            TOUCHED, account.organization_id, person_id, self._replayed_from
        )
        return sorted(Lead(campaign_id=row["campaign_id"], lead_id=row["lead_id"]) for row in rows)

    async def replied(self, account: Account, leads: Sequence[Lead], *, at: datetime) -> None:
        """From now on these leads are left in peace."""
        await self._note(REPLY, account, leads, at=at)

    async def answered_automatically(
        self, account: Account, leads: Sequence[Lead], *, at: datetime
    ) -> None:
        """A machine answered; what follows from it, who asks for an action says."""
        await self._note(ANSWER_AUTOMATICALLY, account, leads, at=at)

    async def _note(
        self, statement: str, account: Account, leads: Sequence[Lead], *, at: datetime
    ) -> None:
        await self._connection.executemany(
            statement,
            [(lead.campaign_id, lead.lead_id, account.account_id, at) for lead in leads],
        )

    async def publish(self, event: OutboxEvent, *, now: datetime) -> None:
        """Add an event to the outbox."""
        await outbox_repository.append(self._connection, [event], now=now, again=self.replayed)
        self.published += 1
