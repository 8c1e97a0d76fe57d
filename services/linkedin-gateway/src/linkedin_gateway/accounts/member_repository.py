"""SQL on whose accounts they are: a member of LinkedIn has one account here."""

from __future__ import annotations

from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from linkedin_gateway.errors import AccountNotFound, MemberConnectedAlready
from linkedin_gateway.models import Account, Tier
from linkedin_gateway.storage.rows import ACCOUNT_COLUMNS, ACCOUNTS, account_of

# Registering an account again finds it as it is.
REGISTER = Statement(f"""
INSERT INTO accounts ({ACCOUNTS.names})
VALUES ({ACCOUNTS.parameters()})
ON CONFLICT (unipile_account_id) DO UPDATE SET name = excluded.name
 WHERE accounts.organization_id = excluded.organization_id
RETURNING {ACCOUNT_COLUMNS}
""")
LEARN = """
UPDATE accounts
   SET name = $2, tier = $3, provider_id = coalesce(nullif($4, ''), provider_id)
 WHERE account_id = $1 AND (name, tier, provider_id) IS DISTINCT FROM ($2, $3, $4)
"""
# The members of an organization, one registration at a time.
ONE_BY_ONE = "SELECT pg_advisory_xact_lock(hashtextextended('members of ' || $1, 0))"
SAME_MEMBER = """
SELECT account_id
  FROM accounts
 WHERE organization_id = $1 AND provider_id = $2 AND $2 <> '' AND unipile_account_id <> $3
   AND state <> 'removed'
 LIMIT 1
"""
# A member who was removed at Unipile and connected there again has a new id, and is who they were:
# leads, budget and what is known of people go by our own id. Chats have new ids there. What came
# for the new id before was nobody's, and is followed now.
REBIND = f"""
WITH bound AS (
    UPDATE accounts SET unipile_account_id = $3
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


class MemberRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def register(self, account: Account) -> Account:
        """Keep an account, or find it; a member who was removed is bound anew, as who they were.

        Raises `MemberConnectedAlready` when the organization has the member under another of
        Unipile's ids, and `AccountNotFound` when the account is another organization's.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(ONE_BY_ONE, account.organization_id)
            same = await connection.fetchval(
                SAME_MEMBER,
                account.organization_id,
                account.provider_id,
                account.unipile_account_id,
            )
            if same is not None:
                raise MemberConnectedAlready(metadata={"account_id": same})
            row = await connection.fetchrow(
                REBIND,
                account.organization_id,
                account.provider_id,
                account.unipile_account_id,
                account.created_at,
            )
            if row is None:
                row = await connection.fetchrow(
                    REGISTER.sql, *REGISTER.given(**ACCOUNTS.values(account))
                )
        if row is None:
            # It belongs to another organization, whose business that is.
            raise AccountNotFound
        return account_of(row)

    async def learn(self, account_id: str, *, name: str, tier: Tier, provider_id: str) -> None:
        """Keep what Unipile says of an account."""
        await self._pool.execute(LEARN, account_id, name, tier.value, provider_id)
