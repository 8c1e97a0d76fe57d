"""SQL by which whoever asks for no further contact is suppressed, once for each time they ask.

The suppression is the organization's as any other: of the person, whatever they are called and
whoever sends, until somebody lifts it. What was lifted is not made anew of words that were heard
before that.
"""

from __future__ import annotations

from datetime import datetime

from servicekit.ids import new_id

from linkedin_gateway.models import Account, Suppression
from linkedin_gateway.models.suppression_keys import Subject, key, masked, spelling_of
from linkedin_gateway.people.people_repository import LOCK, NAME
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.locks import person_lock
from linkedin_gateway.storage.sealed_ids import SealedIds
from linkedin_gateway.storage.suppressions import SUPPRESSIONS, add_suppressions

REASON = "They answered that they want no further contact."

# When they asked last, and the suppression of it; none if that was lifted.
ASKED = """
SELECT asked.written_at, coalesce(known.suppression_id, '') AS suppression_id
  FROM opt_outs asked
  LEFT JOIN suppressions known USING (organization_id, suppression_id)
 WHERE asked.organization_id = $1 AND asked.person_id = $2
"""
NOTE = """
INSERT INTO opt_outs (organization_id, person_id, written_at, suppression_id)
VALUES ($1, $2, $3, $4)
ON CONFLICT (organization_id, person_id)
DO UPDATE SET written_at = excluded.written_at, suppression_id = excluded.suppression_id
"""
# An address may have changed hands: what suppresses whoever was called so stays theirs.
SOMEBODY_ELSES = """
SELECT EXISTS (SELECT FROM suppressions
                WHERE organization_id = $1 AND key = $3 AND person_id NOT IN ('', $2))
"""
COVER = """
UPDATE suppressions SET person_id = $2 WHERE organization_id = $1 AND suppression_id = $3
"""


class Suppressing:
    """What one transaction does about people who ask for no further contact."""

    def __init__(self, connection: Connection, ids: SealedIds) -> None:
        self._connection, self._ids = connection, ids

    async def alone_with(self, account: Account, person_id: str) -> None:
        """Nobody else decides about the person, or hears of them, until the transaction is over."""
        await self._connection.execute(LOCK, person_lock(account.organization_id, person_id))

    async def suppress(
        self, account: Account, person_id: str, *, called: str, written_at: datetime, now: datetime
    ) -> str:
        """Suppress who asked for it at a moment; the transaction is alone with them.

        `called` is what the account knows them by. Returns the suppression's id; nothing if the
        one that was made of these words was lifted.
        """
        whose = (account.organization_id, person_id)
        asked = await self._connection.fetchrow(ASKED, *whose)
        if asked is not None and written_at <= asked["written_at"]:
            return str(asked["suppression_id"])
        named = await self._name(*whose) or called or person_id
        spelling = spelling_of(Subject.PERSON, named) or named
        theirs = _suppression(account.organization_id, spelling, now=now)
        if await self._connection.fetchval(SOMEBODY_ELSES, *whose, theirs.key):
            theirs = _suppression(account.organization_id, person_id, now=now)
        suppression_id = await self._add(theirs)
        await self._connection.execute(COVER, *whose, suppression_id)
        await self._connection.execute(NOTE, *whose, written_at, suppression_id)
        return suppression_id

    async def _name(self, organization_id: str, person_id: str) -> str:
        """Of their profile's address; empty if there is none that opens."""
        kept = await self._connection.fetchval(NAME, organization_id, person_id)
        return self._ids.known(organization_id, kept) if kept else ""

    async def _add(self, suppression: Suppression) -> str:
        (row,) = await add_suppressions(self._connection, self._ids, [suppression])
        return SUPPRESSIONS.read(row).suppression_id


def _suppression(organization_id: str, spelling: str, *, now: datetime) -> Suppression:
    return Suppression(
        suppression_id=new_id("supp"),
        organization_id=organization_id,
        subject=Subject.PERSON.value,
        key=key(organization_id, Subject.PERSON, spelling),
        label=masked(Subject.PERSON, spelling),
        reason=REASON,
        created_at=now,
    )
