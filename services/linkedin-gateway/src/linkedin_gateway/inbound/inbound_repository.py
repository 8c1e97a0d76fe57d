"""SQL on webhooks: stored as they came, until they are understood."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal, ValueUnreadable
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.inbound.inbound_transaction import InboundTransaction
from linkedin_gateway.inbound.payloads import named
from linkedin_gateway.models import person_key
from linkedin_gateway.storage.sealed_columns import (
    NOBODYS,
    RAW_COLUMNS,
    webhook_opened,
    webhook_sealed,
)
from linkedin_gateway.storage.sealed_ids import SealedIds
from linkedin_gateway.unipile import document

STORE = """
INSERT INTO inbound (dedupe_key, raw, received_at, retry_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (dedupe_key) DO NOTHING
RETURNING true
"""
# Whose it is is known now, if it is anybody's.
UNDERSTOOD = """
UPDATE inbound
   SET understood_at = $2,
       organization_id = coalesce(
           (SELECT organization_id FROM accounts WHERE unipile_account_id = $3), organization_id)
 WHERE dedupe_key = $1
"""
NOT_UNDERSTOOD = """
SELECT dedupe_key, attempts
  FROM inbound
 WHERE understood_at IS NULL AND attempts < $2 AND coalesce(retry_at, received_at) <= $1
 ORDER BY coalesce(retry_at, received_at)
 LIMIT 100
"""
# Counted as it is read: what takes the process with it is given up, too.
TAKE_UP = f"""
UPDATE inbound SET attempts = attempts + 1, retry_at = $3
 WHERE dedupe_key = $1 AND attempts = $2 AND understood_at IS NULL
RETURNING dedupe_key,{RAW_COLUMNS}
"""
NOT_UNDERSTOOD_YET = """
UPDATE inbound SET attempts = attempts + 1, retry_at = $2 WHERE dedupe_key = $1
"""
PARKED = "SELECT count(*) FROM inbound WHERE understood_at IS NULL AND attempts >= $1"
# What is past its time, understood or not; a batch at a time.
FORGET = """
DELETE FROM inbound
 WHERE dedupe_key IN (SELECT dedupe_key FROM inbound WHERE received_at < $1
                       ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED)
"""
FORGET_UNMATCHED = "DELETE FROM unmatched_messages WHERE written_at < $1"
SINCE = f"""
SELECT dedupe_key, received_at, attempts, understood_at IS NOT NULL AS understood,{RAW_COLUMNS}
  FROM inbound
 WHERE (received_at, dedupe_key) > ($1, $2)
 ORDER BY received_at, dedupe_key
 LIMIT $3
"""
# Who is connected by their profile and whose acceptance was not published counts as pending.
PENDING = """
SELECT p.organization_id, p.person_id, p.provider_id, p.public_identifier,
       min(i.identifier) AS identifier, min(i.sent_at) AS invited_at
  FROM profiles p JOIN every_action i USING (account_id, person_id)
 WHERE p.account_id = $1 AND NOT coalesce(p.accepted_at >= i.sent_at, false)
   AND i.kind = 'invitation' AND i.sent_at IS NOT NULL AND i.state = 'done'
   AND NOT coalesce(i.outcome ? 'connected', false)
 GROUP BY p.organization_id, p.person_id, p.provider_id, p.public_identifier
"""

MOST_ATTEMPTS = 12
"""How often a webhook is tried to be understood before only people can."""
_FORGOTTEN_AT_ONCE = 1000
_READ_AT_ONCE = 500
_READ_IN_ONE = 64 * 1024
"""Bytes; the longest body takes seconds."""
_NAME_PEOPLE = frozenset({"message", "relation"})
"""What tells of people: its key is made of ids of the provider."""
_OF_NOBODY = "webhooks are of nobody before they are understood, whoever has them replayed"

log = get_logger(__name__)


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
    raw: bytes | None
    """None if it cannot be opened."""
    received_at: datetime
    attempts: int
    understood: bool

    @property
    def parked(self) -> bool:
        """Whether nobody tries to understand it any more."""
        return not self.understood and self.attempts >= MOST_ATTEMPTS


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """A webhook of which nothing has followed yet."""

    dedupe_key: str
    attempts: int


@dataclass(frozen=True, kw_only=True)
class TakenUp:
    """One that is tried now."""

    raw: bytes | None
    """None if it cannot be opened."""


async def read_body(raw: bytes) -> dict[str, Any] | None:
    """The JSON object that a body is, None if it is none; others are served while a long one is."""
    return document(raw) if len(raw) <= _READ_IN_ONE else await asyncio.to_thread(document, raw)


class InboundRepository:
    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._seal = seal
        self._ids = SealedIds(seal)

    def kept_key(self, key: str) -> str:
        """A webhook's key as it is kept: what it names of a person is hashed.

        The account stays, for who is connected anew is found by it.
        """
        kind, account_id, named_there = (*key.split("/", 2), "", "")[:3]
        if kind not in _NAME_PEOPLE or not named_there:
            return key
        return f"{kind}/{account_id}/{self._seal.hashed(NOBODYS, 'webhook', named_there)}"

    async def store(
        self, dedupe_key: str, raw: bytes, *, received_at: datetime, retry_at: datetime
    ) -> bool:
        """Keep a webhook; false if it came before."""
        kept = await webhook_sealed(self._pool, self._seal, dedupe_key, raw)
        return bool(await self._pool.fetchval(STORE, dedupe_key, kept, received_at, retry_at))

    async def not_understood(self, *, now: datetime) -> Sequence[Unfinished]:
        """What came and was not understood, and is to be tried again; the longest due first."""
        rows = await self._pool.fetch(NOT_UNDERSTOOD, now, MOST_ATTEMPTS)
        return [Unfinished(**dict(row)) for row in rows]

    async def take_up(self, unfinished: Unfinished, *, again_at: datetime) -> TakenUp | None:
        """Count an attempt, and only then read what it is of; None if another process is at it."""
        given = unfinished.dedupe_key, unfinished.attempts, again_at
        row = await self._pool.across(_OF_NOBODY).fetchrow(TAKE_UP, *given)
        return None if row is None else TakenUp(raw=_opened(self._seal, row))

    async def try_again(self, dedupe_key: str, *, at: datetime) -> None:
        """It could not be understood; after `MOST_ATTEMPTS` it stays as it is."""
        await self._pool.across(_OF_NOBODY).execute(NOT_UNDERSTOOD_YET, dedupe_key, at)

    async def parked(self) -> int:
        """How many webhooks nobody could understand."""
        count: int = await self._pool.fetchval(PARKED, MOST_ATTEMPTS)
        return count

    async def forget(self, *, before: datetime) -> None:
        """Drop some of what came long ago."""
        await self._pool.execute(FORGET, before, _FORGOTTEN_AT_ONCE)
        await self._pool.execute(FORGET_UNMATCHED, before)

    async def since(self, at: datetime) -> AsyncIterator[StoredWebhook]:
        """What came since, oldest first, as it is now in the table, whoever asks.

        What is theirs of it only its content says, which is sealed by a key of nobody.
        """
        pool = self._pool.across("webhooks are sealed before anybody knows whose they are")
        position = (at, "")
        while True:
            rows = await pool.fetch(SINCE, *position, _READ_AT_ONCE)
            for row in rows:
                yield StoredWebhook(
                    dedupe_key=row["dedupe_key"],
                    raw=_opened(self._seal, row),
                    received_at=row["received_at"],
                    attempts=row["attempts"],
                    understood=row["understood"],
                )
            if len(rows) < _READ_AT_ONCE:
                return
            position = (rows[-1]["received_at"], rows[-1]["dedupe_key"])

    async def mark_understood(
        self, dedupe_key: str, *, now: datetime, unipile_account_id: str = ""
    ) -> None:
        """It needs no more attention; it is of this account, if it names one."""
        await self._pool.across(_OF_NOBODY).execute(UNDERSTOOD, dedupe_key, now, unipile_account_id)

    @asynccontextmanager
    async def transaction(
        self, *, replayed_from: datetime | None = None
    ) -> AsyncIterator[InboundTransaction]:
        """Everything that one webhook changes, in one transaction.

        With a moment it is replayed as it was then: it concerns only what had been sent, and
        is published again.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            yield InboundTransaction(connection, self._seal, replayed_from)

    async def pending(self, account_id: str) -> Sequence[PendingInvitation]:
        """People whose invitation is open, as far as is known."""
        return [_pending(row, self._ids) for row in await self._pool.fetch(PENDING, account_id)]


def _pending(row: Row, ids: SealedIds) -> PendingInvitation:
    whose = row["organization_id"]
    names = (ids.known(whose, row[name]) for name in ("identifier", "public_identifier"))
    return PendingInvitation(
        person_id=row["person_id"],
        names=frozenset(map(person_key, names)),
        provider_id=ids.known(whose, row["provider_id"]),
        invited_at=row["invited_at"],
    )


def _opened(seal: Seal, row: Row) -> bytes | None:
    try:
        return webhook_opened(seal, row)
    except ValueUnreadable:
        log.warning("webhook_not_opened", webhook=named(row["dedupe_key"]))
        return None
