"""SQL on what was heard from LinkedIn, and on whom it concerns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from servicekit.postgres.pool import Pool

from linkedin_gateway.models import Account
from linkedin_gateway.outbox import events, outbox_repository
from linkedin_gateway.outbox.events import About, Event, Lead
from linkedin_gateway.storage.connection import Connection

STORE = """
INSERT INTO inbound (dedupe_key, body, received_at) VALUES ($1, $2, $3)
ON CONFLICT (dedupe_key) DO NOTHING
RETURNING true
"""
HEARD = "UPDATE inbound SET heard_at = $2 WHERE dedupe_key = $1"
UNHEARD = """
SELECT dedupe_key, body
  FROM inbound
 WHERE heard_at IS NULL AND received_at < $1
 ORDER BY received_at
 LIMIT 100
"""
# What is past its time, whether or not it could be made sense of; a batch at a time.
FORGET = """
DELETE FROM inbound
 WHERE dedupe_key IN (SELECT dedupe_key FROM inbound WHERE received_at < $1
                       ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED)
"""
SINCE = """
SELECT dedupe_key, body, received_at
  FROM inbound
 WHERE (received_at, dedupe_key) > ($1, $2)
 ORDER BY received_at, dedupe_key
 LIMIT $3
"""

# A person by the provider's id, or by the address when the id was never read.
PERSON = """
SELECT person
  FROM profiles
 WHERE account_id = $1 AND ((provider_id = $2 AND $2 <> '') OR person = $3)
 ORDER BY provider_id = $2 DESC
 LIMIT 1
"""
CONNECT = """
INSERT INTO profiles AS p (account_id, person, provider_id, connected, accepted_at)
VALUES ($1, $2, $3, true, $4)
ON CONFLICT (account_id, person) DO UPDATE
   SET connected = true, invitation_id = '', accepted_at = excluded.accepted_at,
       provider_id = coalesce(nullif(excluded.provider_id, ''), p.provider_id)
"""
KEEP_CHAT = "UPDATE profiles SET chat_id = $3 WHERE account_id = $1 AND person = $2"
INVITED = """
SELECT action_id, campaign_id, lead_id, text_hash
  FROM every_action
 WHERE account_id = $1 AND person = $2 AND kind = 'invitation' AND campaign_id <> ''
   AND (sent_at IS NOT NULL OR (state = 'done' AND NOT (outcome ? 'connected')))
   AND ($3::timestamptz IS NULL OR coalesce(sent_at, finished_at) <= $3)
 ORDER BY coalesce(sent_at, finished_at) DESC
"""
HAS_ACCEPTED = """
SELECT accepted_at IS NOT NULL FROM profiles WHERE account_id = $1 AND person = $2
"""
# Who was touched: everything that went out, or may have.
TOUCHED = """
SELECT DISTINCT campaign_id, lead_id
  FROM every_action
 WHERE account_id = $1 AND person = $2 AND campaign_id <> ''
   AND (sent_at IS NOT NULL OR state = 'done')
   AND ($3::timestamptz IS NULL OR coalesce(sent_at, finished_at) <= $3)
"""
REPLY = """
INSERT INTO replies (campaign_id, lead_id, account_id, replied_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (campaign_id, lead_id) DO NOTHING
"""
# Who is connected by their profile and of whom nobody was told has still to be told of.
# The last one counts: it says how long they are away.
ANSWER_AUTOMATICALLY = """
INSERT INTO automatic_replies AS known (campaign_id, lead_id, account_id, replied_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (campaign_id, lead_id)
DO UPDATE SET replied_at = greatest(known.replied_at, excluded.replied_at)
"""
PENDING = """
SELECT p.person, p.provider_id, min(i.sent_at) AS invited_at
  FROM profiles p JOIN every_action i USING (account_id, person)
 WHERE p.account_id = $1 AND NOT coalesce(p.accepted_at >= i.sent_at, false)
   AND i.kind = 'invitation' AND i.sent_at IS NOT NULL AND i.state = 'done'
   AND NOT coalesce(i.outcome ? 'connected', false)
 GROUP BY p.person, p.provider_id
"""


_FORGOTTEN_AT_ONCE = 1000
_READ_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """An invitation that went out, and for whom."""

    action_id: str
    lead: Lead
    text_hash: str


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A person who has not answered."""

    person: str
    provider_id: str
    invited_at: datetime


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What came, as it came."""

    dedupe_key: str
    body: Mapping[str, Any]
    received_at: datetime


class InboundRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def store(
        self, dedupe_key: str, body: Mapping[str, Any], *, received_at: datetime
    ) -> bool:
        """Keep what came; false if it came before."""
        return bool(await self._pool.fetchval(STORE, dedupe_key, body, received_at))

    async def unheard(self, *, before: datetime) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """What came and was not made sense of, oldest first."""
        rows = await self._pool.fetch(UNHEARD, before)
        return [(row["dedupe_key"], row["body"]) for row in rows]

    async def forget(self, *, before: datetime) -> None:
        """Drop some of what came long ago."""
        await self._pool.execute(FORGET, before, _FORGOTTEN_AT_ONCE)

    async def since(self, at: datetime) -> AsyncIterator[Stored]:
        """What came since, oldest first, as it is now in the table."""
        position = (at, "")
        while True:
            rows = await self._pool.fetch(SINCE, *position, _READ_AT_ONCE)
            for row in rows:
                yield Stored(
                    dedupe_key=row["dedupe_key"], body=row["body"], received_at=row["received_at"]
                )
            if len(rows) < _READ_AT_ONCE:
                return
            position = (rows[-1]["received_at"], rows[-1]["dedupe_key"])

    async def heard(self, dedupe_key: str, *, now: datetime) -> None:
        """It needs no more attention."""
        await self._pool.execute(HEARD, dedupe_key, now)

    def conversation(
        self, *, replayed_from: datetime | None = None
    ) -> AbstractAsyncContextManager[Conversation]:
        """Everything that one thing heard changes, in one transaction.

        With a moment it is heard again as it was then: it concerns only what had been sent,
        and is told again.
        """
        return _conversation(self._pool, replayed_from)

    async def pending(self, account_id: str) -> Sequence[Pending]:
        """People whose invitation is open, as far as is known."""
        rows = await self._pool.fetch(PENDING, account_id)
        return [
            Pending(
                person=row["person"],
                provider_id=row["provider_id"],
                invited_at=row["invited_at"],
            )
            for row in rows
        ]


@asynccontextmanager
async def _conversation(pool: Pool, replayed_from: datetime | None) -> AsyncIterator[Conversation]:
    async with pool.acquire() as connection, connection.transaction():
        yield Conversation(connection, replayed_from)


class Conversation:
    """One transaction about one person and one account."""

    def __init__(self, connection: Connection, replayed_from: datetime | None = None) -> None:
        self._connection = connection
        self._replayed_from = replayed_from
        self.told = 0
        """How many events came of it."""

    @property
    def replayed(self) -> bool:
        """Whether it was heard before."""
        return self._replayed_from is not None

    async def person(
        self, account: Account, *, provider_id: str, public_identifier: str
    ) -> str | None:
        """The person as the ledger calls them, if it knows them."""
        person: str | None = await self._connection.fetchval(
            PERSON, account.account_id, provider_id, public_identifier
        )
        return person

    async def invitations(self, account: Account, person: str) -> Sequence[Invitation]:
        """Invitations to the person that went out, newest first."""
        rows = await self._connection.fetch(
            INVITED, account.account_id, person, self._replayed_from
        )
        return [
            Invitation(
                action_id=row["action_id"],
                lead=Lead(campaign_id=row["campaign_id"], lead_id=row["lead_id"]),
                text_hash=row["text_hash"],
            )
            for row in rows
        ]

    async def has_accepted(self, account: Account, person: str) -> bool:
        """Whether their leads have heard already that they are connected."""
        return bool(await self._connection.fetchval(HAS_ACCEPTED, account.account_id, person))

    async def connect(
        self, account: Account, person: str, *, provider_id: str, now: datetime
    ) -> None:
        """They are connected, and their leads hear of it now."""
        await self._connection.execute(CONNECT, account.account_id, person, provider_id, now)

    async def keep_chat(self, account: Account, person: str, chat_id: str) -> None:
        """The chat in which they write."""
        await self._connection.execute(KEEP_CHAT, account.account_id, person, chat_id)

    async def touched(self, account: Account, person: str) -> Sequence[Lead]:
        """The leads for which the account has turned to the person."""
        rows = await self._connection.fetch(
            TOUCHED, account.account_id, person, self._replayed_from
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

    async def tell(self, event: Event, *, now: datetime) -> None:
        """Let campaign-api hear of it."""
        await outbox_repository.append(self._connection, [event], now=now, again=self.replayed)
        self.told += 1


def about(account: Account, at: datetime) -> About:
    """Which account an event concerns."""
    return events.About(
        organization_id=account.organization_id, account_id=account.account_id, at=at
    )
