"""SQL on what a message reads and changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from linkedin_gateway.models import Account
from linkedin_gateway.outbox import outbox_repository
from linkedin_gateway.outbox.linkedin_events import Lead, OutboxEvent
from linkedin_gateway.replies.authors import person_of
from linkedin_gateway.replies.message import Message
from linkedin_gateway.storage.connection import Connection

CLOCK_DIFFERENCE = timedelta(minutes=2)
"""How far the provider's clock may be from ours."""

KEEP_CHAT = """
UPDATE profiles SET chat_id = $3 WHERE account_id = $1 AND person_id = $2 AND chat_id <> $3
"""
# Who had been touched by then, by anybody of the organization: all that went out, or may have.
TOUCHED = """
SELECT DISTINCT campaign_id, lead_id
  FROM every_action
 WHERE organization_id = $1 AND person_id = $2 AND campaign_id <> ''
   AND (sent_at IS NOT NULL OR state = 'done')
   AND ($3::timestamptz IS NULL OR coalesce(sent_at, finished_at) <= $3)
   AND action_id <> $4
"""
FIRST_CONTACT = """
SELECT min(sent_at)
  FROM every_action
 WHERE organization_id = $1 AND person_id = $2 AND action_id <> $3
   AND sent_at IS NOT NULL AND kind NOT IN ('lookup', 'post_list')
"""
REPLY = """
INSERT INTO replies (campaign_id, lead_id, account_id, replied_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (campaign_id, lead_id) DO NOTHING
"""
# The organization remembers who turned to any of its senders.
REMEMBER = """
INSERT INTO person_responses (organization_id, person_id, account_id, responded_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
"""
# The last one counts: it says how long they are away.
ANSWER_AUTOMATICALLY = """
INSERT INTO automatic_replies AS known (campaign_id, lead_id, account_id, replied_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (campaign_id, lead_id)
DO UPDATE SET replied_at = greatest(known.replied_at, excluded.replied_at)
"""


class ReplyTransaction:
    """What one message reads and changes; committed as a whole."""

    def __init__(self, connection: Connection, replayed_from: datetime | None = None) -> None:
        self._connection = connection
        self._replayed_from = replayed_from
        self.published = 0
        """How many events came of it."""

    @property
    def replayed(self) -> bool:
        """Whether it was followed before."""
        return self._replayed_from is not None

    async def writer(self, account: Account, message: Message) -> str | None:
        """Who wrote it, or to whom it is, if that is known."""
        return await person_of(self._connection, account, message)

    async def keep_chat(self, account: Account, person_id: str, chat_id: str) -> None:
        """The chat in which they write."""
        await self._connection.execute(KEEP_CHAT, account.account_id, person_id, chat_id)

    async def touched(
        self, account: Account, person_id: str, *, by: datetime | None, without: str = ""
    ) -> Sequence[Lead]:
        """The leads for which anybody of the organization had turned to the person.

        `by` is a moment, if only what had been done by then counts; `without` an action that
        does not count: it has not gone yet.
        """
        bounds = [self._replayed_from, by + CLOCK_DIFFERENCE if by else None]
        bound = min((each for each in bounds if each is not None), default=None)
        rows = await self._connection.fetch(
            TOUCHED, account.organization_id, person_id, bound, without
        )
        return sorted(Lead(campaign_id=row["campaign_id"], lead_id=row["lead_id"]) for row in rows)

    async def first_contact(
        self, account: Account, person_id: str, *, without: str
    ) -> datetime | None:
        """When the organization did the first thing that the person could see; one action aside."""
        first: datetime | None = await self._connection.fetchval(
            FIRST_CONTACT, account.organization_id, person_id, without
        )
        return first

    async def replied(self, account: Account, leads: Sequence[Lead], *, at: datetime) -> None:
        """From now on these leads are left in peace."""
        await self._note(REPLY, account, leads, at=at)

    async def remember(self, account: Account, person_id: str, *, at: datetime) -> None:
        """The person has accepted or answered: leads of theirs that come later are held back."""
        await self._connection.execute(
            REMEMBER, account.organization_id, person_id, account.account_id, at
        )

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
