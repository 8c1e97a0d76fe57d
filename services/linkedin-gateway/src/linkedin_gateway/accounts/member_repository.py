"""SQL on whose accounts they are: a member of LinkedIn has one account here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from servicekit.errors import ServiceError
from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from linkedin_gateway.errors import AccountNotFound, MemberConnectedAlready, MemberNotAccepted
from linkedin_gateway.models import Account, Tier
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.rows import ACCOUNT_COLUMNS, ACCOUNTS, account_of

# Registering an account again finds it as it is.
REGISTER = Statement(f"""
INSERT INTO accounts ({ACCOUNTS.names})
VALUES ({ACCOUNTS.parameters()})
ON CONFLICT (unipile_account_id) DO UPDATE SET name = excluded.name
 WHERE accounts.organization_id = excluded.organization_id
RETURNING {ACCOUNT_COLUMNS}
""")
# One that was removed and is seen again has its member from here on.
LEARN = """
UPDATE accounts
   SET name = $2, tier = $3, provider_id = coalesce(nullif($4, ''), provider_id),
       state = CASE state WHEN 'removed' THEN 'connecting' ELSE state END
 WHERE account_id = $1
   AND ((name, tier, provider_id) IS DISTINCT FROM ($2, $3, $4) OR state = 'removed')
"""
# One account of a member at a time.
ONE_BY_ONE = "SELECT pg_advisory_xact_lock(hashtextextended('member ' || $1, 0))"
# Who has the member: an account that is not removed, of whichever organization. Two that had the
# member before this was asked: the older one keeps them.
HOLDER = """
SELECT holder.account_id, holder.organization_id
  FROM accounts holder
  LEFT JOIN accounts own
    ON own.unipile_account_id = $2 AND own.provider_id = $1 AND own.state <> 'removed'
 WHERE holder.provider_id = $1 AND $1 <> '' AND holder.unipile_account_id <> $2
   AND holder.state <> 'removed'
   AND (own.account_id IS NULL
        OR (holder.created_at, holder.account_id) < (own.created_at, own.account_id))
 ORDER BY holder.created_at, holder.account_id
 LIMIT 1
"""
# It lets the member go, and Unipile's id to the account that has been theirs.
GIVE_WAY = """
UPDATE accounts
   SET provider_id = '', unipile_account_id = 'given up by ' || account_id
 WHERE account_id = $1
"""
LET_GO = """
UPDATE accounts SET provider_id = '' WHERE account_id = $1 AND state <> 'removed'
"""
HAD_BEFORE = """
SELECT true
  FROM accounts
 WHERE organization_id = $1 AND provider_id = $2 AND $2 <> '' AND state = 'removed'
   AND unipile_account_id <> $3
 LIMIT 1
"""
# A member who was removed at Unipile and connected there again has a new id, and is who they were:
# leads, budget and what is known of people go by our own id. Chats have new ids there. What came
# for the new id before was nobody's, and is followed now.
REBIND = f"""
WITH bound AS (
    UPDATE accounts
       SET unipile_account_id = $3, state = 'connecting', state_reason = '', state_at = $4
     WHERE account_id = (SELECT account_id FROM accounts
                          WHERE organization_id = $1 AND provider_id = $2 AND $2 <> ''
                            AND state = 'removed' AND unipile_account_id <> $3
                            AND NOT EXISTS (SELECT 1 FROM accounts
                                             WHERE unipile_account_id = $3)
                          ORDER BY state_at DESC LIMIT 1)
 RETURNING {ACCOUNT_COLUMNS}
), chats AS (
    UPDATE profiles p SET chat_id = '' FROM bound WHERE p.account_id = bound.account_id
), came AS (
    UPDATE inbound SET understood_at = NULL, attempts = 0, retry_at = received_at
      FROM bound
     WHERE received_at > $4::timestamptz - interval '14 days'
       AND (starts_with(dedupe_key, 'message/' || $3 || '/')
            OR starts_with(dedupe_key, 'relation/' || $3 || '/'))
)
SELECT * FROM bound
"""


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """Whose an account turned out to be."""

    account: Account
    """As it is now; another one, if that has been the member's before."""
    refused: ServiceError | None = None
    """Why it cannot be the member's."""


class MemberRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def register(self, account: Account) -> Account:
        """Keep an account, or find it; a member who was removed is bound anew, as who they were.

        Raises `MemberConnectedAlready` when the organization has the member under another of
        Unipile's ids, `MemberNotAccepted` when another organization has, and `AccountNotFound`
        when the account is another organization's.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(ONE_BY_ONE, account.provider_id)
            refused = await _refused(connection, account)
            if refused is not None:
                raise refused
            row = await _bound_anew(connection, account, now=account.created_at)
            if row is None:
                row = await connection.fetchrow(
                    REGISTER.sql, *REGISTER.given(**ACCOUNTS.values(account))
                )
        if row is None:
            # It belongs to another organization, whose business that is.
            raise AccountNotFound
        return account_of(row)

    async def holder(self, account: Account) -> str:
        """The account that keeps another one from being its member's; empty if none does.

        It may be another organization's.
        """
        holder = await self._pool.fetchrow(HOLDER, account.provider_id, account.unipile_account_id)
        return holder["account_id"] if holder is not None else ""

    async def learn(
        self, account: Account, *, name: str, tier: Tier, provider_id: str, now: datetime
    ) -> Learnt:
        """Keep what Unipile says of an account, if it can be the member's whom Unipile names.

        Whose it is may be known only now: a member has one account here, as in `register`. One
        that cannot be theirs is nobody's; theirs that was removed is bound anew, and this one
        gives way to it.
        """
        member = replace(account, provider_id=provider_id or account.provider_id)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(ONE_BY_ONE, member.provider_id)
            refused = await _refused(connection, member)
            if refused is not None:
                await connection.execute(LET_GO, account.account_id)
                return Learnt(account=replace(account, provider_id=""), refused=refused)
            if not account.provider_id and await connection.fetchval(
                HAD_BEFORE, member.organization_id, member.provider_id, member.unipile_account_id
            ):
                await connection.execute(GIVE_WAY, account.account_id)
                bound = await _bound_anew(connection, member, now=now)
                if bound is not None:
                    return Learnt(account=account_of(bound))
            await connection.execute(
                LEARN, account.account_id, name, tier.value, member.provider_id
            )
            return Learnt(account=replace(member, name=name, tier=tier))


async def _refused(connection: Connection, account: Account) -> ServiceError | None:
    """Why an account cannot be the member's; nothing if it can."""
    holder = await connection.fetchrow(HOLDER, account.provider_id, account.unipile_account_id)
    if holder is None:
        return None
    if holder["organization_id"] == account.organization_id:
        return MemberConnectedAlready(metadata={"account_id": holder["account_id"]})
    return MemberNotAccepted()


async def _bound_anew(connection: Connection, account: Account, *, now: datetime) -> Row | None:
    """The account that was the member's before, under the new id; None if there was none."""
    return await connection.fetchrow(
        REBIND, account.organization_id, account.provider_id, account.unipile_account_id, now
    )
