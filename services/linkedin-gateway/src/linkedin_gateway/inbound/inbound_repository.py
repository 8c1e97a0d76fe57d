"""SQL on webhooks: stored as they came, until they are understood."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from servicekit.postgres.pool import Pool

from linkedin_gateway.inbound.inbound_transaction import InboundTransaction
from linkedin_gateway.models import person_key

STORE = """
INSERT INTO inbound (dedupe_key, body, received_at) VALUES ($1, $2, $3)
ON CONFLICT (dedupe_key) DO NOTHING
RETURNING true
"""
UNDERSTOOD = "UPDATE inbound SET understood_at = $2 WHERE dedupe_key = $1"
NOT_UNDERSTOOD = """
SELECT dedupe_key, body
  FROM inbound
 WHERE understood_at IS NULL AND received_at < $1
 ORDER BY received_at
 LIMIT 100
"""
# What is past its time, understood or not; a batch at a time.
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
# Who is connected by their profile and whose acceptance was not published counts as pending.
PENDING = """
SELECT p.person_id, p.provider_id, p.public_identifier, min(i.identifier) AS identifier,
       min(i.sent_at) AS invited_at
  FROM profiles p JOIN every_action i USING (account_id, person_id)
 WHERE p.account_id = $1 AND NOT coalesce(p.accepted_at >= i.sent_at, false)
   AND i.kind = 'invitation' AND i.sent_at IS NOT NULL AND i.state = 'done'
   AND NOT coalesce(i.outcome ? 'connected', false)
 GROUP BY p.person_id, p.provider_id, p.public_identifier
"""

_FORGOTTEN_AT_ONCE = 1000
_READ_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class PendingInvitation:
    """A person whose invitation is open, as far as is known."""

    person_id: str
    names: frozenset[str]
    provider_id: str
    invited_at: datetime


@dataclass(frozen=True, kw_only=True)
class StoredWebhook:
    """A webhook, as it came."""

    dedupe_key: str
    body: Mapping[str, Any]
    received_at: datetime


class InboundRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def store(
        self, dedupe_key: str, body: Mapping[str, Any], *, received_at: datetime
    ) -> bool:
        """Keep a webhook; false if it came before."""
        return bool(await self._pool.fetchval(STORE, dedupe_key, body, received_at))

    async def not_understood(self, *, before: datetime) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """What came and was not understood, oldest first."""
        rows = await self._pool.fetch(NOT_UNDERSTOOD, before)
        return [(row["dedupe_key"], row["body"]) for row in rows]

    async def forget(self, *, before: datetime) -> None:
        """Drop some of what came long ago."""
        await self._pool.execute(FORGET, before, _FORGOTTEN_AT_ONCE)

    async def since(self, at: datetime) -> AsyncIterator[StoredWebhook]:
        """What came since, oldest first, as it is now in the table."""
        position = (at, "")
        while True:
            rows = await self._pool.fetch(SINCE, *position, _READ_AT_ONCE)
            for row in rows:
                yield StoredWebhook(
                    dedupe_key=row["dedupe_key"], body=row["body"], received_at=row["received_at"]
                )
            if len(rows) < _READ_AT_ONCE:
                return
            position = (rows[-1]["received_at"], rows[-1]["dedupe_key"])

    async def mark_understood(self, dedupe_key: str, *, now: datetime) -> None:
        """It needs no more attention."""
        await self._pool.execute(UNDERSTOOD, dedupe_key, now)

    @asynccontextmanager
    async def transaction(
        self, *, replayed_from: datetime | None = None
    ) -> AsyncIterator[InboundTransaction]:
        """Everything that one webhook changes, in one transaction.

        With a moment it is replayed as it was then: it concerns only what had been sent, and
        is published again.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            yield InboundTransaction(connection, replayed_from)

    async def pending(self, account_id: str) -> Sequence[PendingInvitation]:
        """People whose invitation is open, as far as is known."""
        rows = await self._pool.fetch(PENDING, account_id)
        return [
            PendingInvitation(
                person_id=row["person_id"],
                names=frozenset(
                    person_key(name) for name in (row["identifier"], row["public_identifier"])
                ),
                provider_id=row["provider_id"],
                invited_at=row["invited_at"],
            )
            for row in rows
        ]
