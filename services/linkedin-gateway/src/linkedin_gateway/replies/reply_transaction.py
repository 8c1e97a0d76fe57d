"""SQL on what a message reads and changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from servicekit.postgres.statement import Statement
from servicekit.sealing.seal import Seal

from linkedin_gateway.kinds.registry import CONTACTS, MAKE_MESSAGES
from linkedin_gateway.models import Account, text_hash
from linkedin_gateway.outbox import outbox_repository
from linkedin_gateway.outbox.linkedin_events import Lead, OutboxEvent
from linkedin_gateway.outbox.sealed_events import sealed
from linkedin_gateway.people.unmatched import CLOCK_DIFFERENCE
from linkedin_gateway.replies.authors import person_of
from linkedin_gateway.replies.message import Message
from linkedin_gateway.replies.suppressing import Suppressing
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.sealed_ids import SealedIds

KEEP_CHAT = """
UPDATE profiles SET chat_id = $3 WHERE account_id = $1 AND person_id = $2 AND chat_id <> $3
"""
# Who had been touched by then, by anybody of the organization: all that went out, or may have,
# and what an owner wrote by hand.
TOUCHED = """
SELECT campaign_id, lead_id
  FROM every_action
 WHERE organization_id = $1 AND person_id = $2 AND campaign_id <> ''
   AND (sent_at IS NOT NULL OR state = 'done')
   AND ($3::timestamptz IS NULL OR coalesce(sent_at, finished_at) <= $3)
   AND action_id <> $4
 UNION
SELECT campaign_id, lead_id
  FROM owner_messages JOIN every_action USING (organization_id, campaign_id, lead_id)
 WHERE organization_id = $1 AND person_id = $2
   AND ($3::timestamptz IS NULL OR written_at <= $3)
"""
# What they could see: not what LinkedIn refused, and not what was taken back.
FIRST_CONTACT = """
SELECT min(sent_at) AS by_anybody, min(sent_at) FILTER (WHERE account_id = $4) AS by_account
  FROM every_action
 WHERE organization_id = $1 AND person_id = $2 AND action_id <> $3
   AND sent_at IS NOT NULL AND state <> 'failed'
   AND kind = ANY($5)
"""
REPLY = """
INSERT INTO replies AS known
       (organization_id, campaign_id, lead_id, account_id, replied_at, last_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (organization_id, campaign_id, lead_id)
DO UPDATE SET last_at = greatest(coalesce(known.last_at, known.replied_at), excluded.last_at)
"""
# The organization remembers who turned to any of its senders.
REMEMBER = """
INSERT INTO person_responses (organization_id, person_id, account_id, responded_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
"""
# The last one counts: it says how long they are away.
ANSWER_AUTOMATICALLY = """
INSERT INTO automatic_replies AS known
       (organization_id, campaign_id, lead_id, account_id, replied_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (organization_id, campaign_id, lead_id)
DO UPDATE SET replied_at = greatest(known.replied_at, excluded.replied_at)
"""
# Leads that the account acts for, from when they were asked for first until they are over.
IN_SEQUENCE = """
SELECT a.campaign_id, a.lead_id
  FROM every_action a
 WHERE a.organization_id = $1 AND a.person_id = $2 AND a.account_id = $3
   AND a.campaign_id <> '' AND a.state <> 'cancelled'
   AND NOT EXISTS (SELECT 1 FROM enrolments e
                    WHERE e.organization_id = $1 AND e.campaign_id = a.campaign_id
                      AND e.lead_id = a.lead_id AND e.ended_at IS NOT NULL)
 GROUP BY a.campaign_id, a.lead_id
HAVING min(a.created_at) <= $4
"""
# By its id; where the id of ours is not known, because the answer was lost or did not tell it, by
# its words. The note of an invitation comes back as a message whose id nobody told. A member who
# is connected anew has other ids of the same messages: then words and time say so. What has no
# words, a file, is none of ours, though an invitation without a note has none either.
OURS = Statement("""
SELECT EXISTS (
  SELECT 1 FROM every_action
   WHERE organization_id = :organization_id AND person_id = :person_id AND account_id = :account_id
     AND kind = ANY(:kinds::text[])
     AND state IN ('sending', 'unknown', 'done') AND action_id <> :without
     AND :message_id <> ALL(string_to_array(earlier_ids, ' '))
     AND CASE WHEN coalesce(outcome ->> 'message_id', '') = ''
              THEN text_hash = nullif(:text_hash, '')
              ELSE outcome ->> 'message_id' = :message_id
                OR (text_hash = nullif(:text_hash, '')
                    AND coalesce(:at BETWEEN sent_at - :clock_difference::interval
                                 AND coalesce(finished_at, sent_at) + :clock_difference, true)) END)
""")
OWNER_WROTE = """
INSERT INTO owner_messages AS known
       (organization_id, campaign_id, lead_id, account_id, written_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (organization_id, campaign_id, lead_id)
DO UPDATE SET written_at = greatest(known.written_at, excluded.written_at)
"""
CONVERSATION = """
SELECT (SELECT written_at FROM owner_messages
         WHERE organization_id = $1 AND campaign_id = $2 AND lead_id = $3) AS owner_wrote_at,
       (SELECT coalesce(last_at, replied_at) FROM replies
         WHERE organization_id = $1 AND campaign_id = $2 AND lead_id = $3) AS answered_at
"""
# Who waits for the person's answer to what the owner wrote.
WAITING = """
SELECT DISTINCT campaign_id, lead_id
  FROM actions
 WHERE organization_id = $1 AND person_id = $2 AND state = 'queued' AND reason = 'OWNER_WROTE'
"""


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """What was written by people, as far as it stops or releases a lead."""

    owner_wrote_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class FirstContact:
    """When a person could first see that somebody turned to them; None if nobody has."""

    by_anybody: datetime | None
    """Of the organization."""
    by_account: datetime | None


class ReplyTransaction:
    """What one message reads and changes; committed as a whole."""

    def __init__(
        self, connection: Connection, seal: Seal, replayed_from: datetime | None = None
    ) -> None:
        self._connection = connection
        self._seal = seal
        self._ids = SealedIds(seal)
        self._replayed_from = replayed_from
        self.suppressing = Suppressing(connection, self._ids)
        self.published = 0
        """How many events came of it."""

    @property
    def replayed(self) -> bool:
        """Whether it was followed before."""
        return self._replayed_from is not None

    async def writer(self, account: Account, message: Message) -> str | None:
        """Who wrote it, or to whom it is, if that is known."""
        return await person_of(self._connection, self._ids, account, message)

    async def keep_chat(self, account: Account, person_id: str, chat_id: str) -> None:
        """The chat in which they write."""
        kept = self._ids.sealed(account.organization_id, chat_id)
        await self._connection.execute(KEEP_CHAT, account.account_id, person_id, kept)

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
    ) -> FirstContact:
        """When the first thing was done that the person could see; one action aside."""
        row = await self._connection.fetchrow(
            FIRST_CONTACT,
            account.organization_id,
            person_id,
            without,
            account.account_id,
            [kind.value for kind in CONTACTS],
        )
        return FirstContact(
            by_anybody=row["by_anybody"] if row else None,
            by_account=row["by_account"] if row else None,
        )

    async def replied(
        self, account: Account, leads: Sequence[Lead], *, written_at: datetime, at: datetime
    ) -> None:
        """From now on these leads are left in peace."""
        await self._note(REPLY, account, leads, at, written_at)

    async def remember(self, account: Account, person_id: str, *, at: datetime) -> None:
        """The person has accepted or answered: leads of theirs that come later are held back."""
        await self._connection.execute(
            REMEMBER, account.organization_id, person_id, account.account_id, at
        )

    async def answered_automatically(
        self, account: Account, leads: Sequence[Lead], *, at: datetime
    ) -> None:
        """A machine answered; what follows from it, who asks for an action says."""
        await self._note(ANSWER_AUTOMATICALLY, account, leads, at)

    async def in_sequence(
        self, account: Account, person_id: str, *, by: datetime
    ) -> Sequence[Lead]:
        """The leads that the account acts for, which had begun by a moment and are not over."""
        bound = min(by + CLOCK_DIFFERENCE, self._replayed_from or datetime.max.replace(tzinfo=UTC))
        rows = await self._connection.fetch(
            IN_SEQUENCE, account.organization_id, person_id, account.account_id, bound
        )
        return sorted(Lead(campaign_id=row["campaign_id"], lead_id=row["lead_id"]) for row in rows)

    async def is_ours(
        self, account: Account, person_id: str, message: Message, *, without: str
    ) -> bool:
        """Whether an action has written it, or may have: its answer is lost, and the words fit.

        `without` is an action that does not count: it has not gone yet.
        """
        values = OURS.given(
            organization_id=account.organization_id,
            person_id=person_id,
            account_id=account.account_id,
            kinds=[kind.value for kind in MAKE_MESSAGES],
            message_id=self._ids.sealed(account.organization_id, message.message_id),
            text_hash=text_hash(message.text),
            at=message.at,
            clock_difference=CLOCK_DIFFERENCE,
            without=without,
        )
        return bool(await self._connection.fetchval(OURS.sql, *values))

    async def owner_wrote(self, account: Account, leads: Sequence[Lead], *, at: datetime) -> None:
        """The account's owner has written to the person of these leads by hand."""
        await self._note(OWNER_WROTE, account, leads, at)

    async def conversation(self, account: Account, lead: Lead) -> Conversation:
        """What was written by people since a lead began."""
        row = await self._connection.fetchrow(
            CONVERSATION, account.organization_id, lead.campaign_id, lead.lead_id
        )
        return Conversation(
            owner_wrote_at=row["owner_wrote_at"] if row else None,
            answered_at=row["answered_at"] if row else None,
        )

    async def waiting(self, account: Account, person_id: str) -> Sequence[Lead]:
        """The leads that wait for the person to answer the owner."""
        rows = await self._connection.fetch(WAITING, account.organization_id, person_id)
        return [Lead(campaign_id=row["campaign_id"], lead_id=row["lead_id"]) for row in rows]

    async def _note(
        self, statement: str, account: Account, leads: Sequence[Lead], *at: datetime
    ) -> None:
        await self._connection.executemany(
            statement,
            [
                (account.organization_id, lead.campaign_id, lead.lead_id, account.account_id, *at)
                for lead in leads
            ],
        )

    async def publish(self, event: OutboxEvent, *, now: datetime, about: str = "") -> None:
        """Add an event to the outbox; what it says about a person is sealed by their key."""
        if about:
            event = await sealed(self._connection, self._seal, event, person_id=about)
        await outbox_repository.append(self._connection, [event], now=now, again=self.replayed)
        self.published += 1
