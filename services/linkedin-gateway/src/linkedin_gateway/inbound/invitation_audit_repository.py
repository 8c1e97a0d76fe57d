"""SQL on which invitations should be pending, and on how far the ledger was from the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool

from linkedin_gateway.models import Person
from linkedin_gateway.storage.sealed_ids import SealedIds

# Invitations that should be pending: sent, not answered, not withdrawn, not found to be gone.
# $1 account $2 sent before $3 sent since
EXPECTED = """
SELECT i.organization_id, i.person_id, i.identifier, coalesce(p.provider_id, '') AS provider_id
  FROM (SELECT account_id, person_id, max(organization_id) AS organization_id,
               max(identifier) AS identifier, max(sent_at) AS sent_at
          FROM every_action
         WHERE account_id = $1 AND kind = 'invitation' AND sent_at IS NOT NULL AND state = 'done'
         GROUP BY account_id, person_id) i
  LEFT JOIN profiles p ON p.account_id = i.account_id AND p.person_id = i.person_id
 WHERE i.sent_at < $2 AND i.sent_at > $3
   AND NOT coalesce(p.connected, false)
   AND NOT coalesce(p.invitation_gone_at >= i.sent_at, false)
   AND NOT EXISTS (
       SELECT 1 FROM every_action w
        WHERE w.account_id = i.account_id AND w.person_id = i.person_id
          AND w.organization_id = i.organization_id AND w.kind = 'withdrawal'
          AND w.state IN ('done', 'sending', 'unknown')
          AND coalesce(w.sent_at, w.finished_at) >= i.sent_at)
"""
# Everybody whom the account has invited, or may have.
INVITED = """
SELECT DISTINCT i.organization_id, i.person_id, i.identifier,
       coalesce(nullif(i.provider_id, ''), p.provider_id, '') AS provider_id
  FROM every_action i
  LEFT JOIN profiles p ON p.account_id = i.account_id AND p.person_id = i.person_id
 WHERE i.account_id = $1 AND i.kind = 'invitation' AND i.sent_at IS NOT NULL
   AND i.state <> 'failed'
"""
GONE = """
UPDATE profiles SET invitation_gone_at = $3, invitation_id = ''
 WHERE account_id = $1 AND person_id = ANY($2) AND NOT connected
"""
KEEP = """
INSERT INTO invitation_audits (organization_id, account_id, kind, actions, audited_at)
SELECT organization_id, account_id, $2, $3::integer, $4::timestamptz
  FROM accounts WHERE account_id = $1
ON CONFLICT (account_id, kind) DO UPDATE
   SET actions = excluded.actions, audited_at = excluded.audited_at
"""
TOTALS = """
SELECT d.kind, sum(d.actions)::integer AS actions
  FROM invitation_audits d JOIN accounts a USING (account_id)
 WHERE a.state <> 'removed'
 GROUP BY d.kind
"""


@dataclass(frozen=True, kw_only=True)
class Invitee:
    """A person whom an account invited."""

    person: Person
    provider_id: str


class InvitationAuditRepository:
    def __init__(self, pool: Pool, ids: SealedIds) -> None:
        self._pool, self._ids = pool, ids

    async def expected(
        self, account_id: str, *, sent_before: datetime, at_most: timedelta
    ) -> Sequence[Invitee]:
        """Whose invitation should be pending; nobody whom no id names that opens."""
        rows = await self._pool.fetch(EXPECTED, account_id, sent_before, sent_before - at_most)
        return [
            invitee
            for invitee in map(self._invitee, rows)
            if invitee.provider_id or invitee.person.identifier
        ]

    async def invited(self, account_id: str) -> Sequence[Invitee]:
        """Everybody whom the account has invited, or may have."""
        rows = await self._pool.fetch(INVITED, account_id)
        return [self._invitee(row) for row in rows]

    async def gone(self, account_id: str, people: Iterable[Person], *, at: datetime) -> None:
        """Their invitations are in no list any more."""
        await self._pool.execute(GONE, account_id, [each.person_id for each in people], at)

    async def keep(self, account_id: str, found: Mapping[str, int], *, at: datetime) -> None:
        """How many invitations the two disagreed about, by discrepancy."""
        await self._pool.executemany(
            KEEP, [(account_id, kind, actions, at) for kind, actions in found.items()]
        )

    async def totals(self) -> dict[str, int]:
        """How many invitations of all accounts the two disagree about, by discrepancy."""
        return {row["kind"]: row["actions"] for row in await self._pool.fetch(TOTALS)}

    def _invitee(self, row: Row) -> Invitee:
        identifier, provider_id = (
            self._ids.known(row["organization_id"], row[name])
            for name in ("identifier", "provider_id")
        )
        person = Person(person_id=row["person_id"], identifier=identifier)
        return Invitee(person=person, provider_id=provider_id)
