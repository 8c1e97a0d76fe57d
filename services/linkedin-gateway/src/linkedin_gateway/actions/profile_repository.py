"""SQL on profiles: what each account knows of people."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.sealing import sealed_values
from servicekit.sealing.data_keys import wrapped_key
from servicekit.sealing.seal import Seal, ValueUnreadable

from linkedin_gateway.models import Account, Profile, ProfileWords
from linkedin_gateway.storage.rows import PROFILES
from linkedin_gateway.storage.sealed_columns import WORDS
from linkedin_gateway.storage.sealed_ids import SealedIds

READ = f"""
SELECT organization_id, {PROFILES.selected()}
  FROM profiles WHERE account_id = $1 AND person_id = $2
"""

# What a profile says of a person is sealed with the account, and with the id that it has of them.
READ_WORDS = f"""
SELECT provider_id, words, {wrapped_key("profiles", "words")} AS wrapped
  FROM profiles
 WHERE organization_id = $1 AND account_id = $2 AND person_id = $3 AND words IS NOT NULL
"""
KEEP_WORDS = """
INSERT INTO profiles (organization_id, account_id, person_id, provider_id, words)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (account_id, person_id) DO UPDATE
   SET provider_id = excluded.provider_id, words = excluded.words
"""
# What a release before has kept in clear goes with it, once none of its processes is left.
KEEP_SEALED = f"{KEEP_WORDS}, first_name = '', last_name = '', headline = '', location = ''"
# A reading replaces what was read before; what only we know (invitation, chat) stays.
REMEMBER = Statement("""
INSERT INTO profiles (organization_id, account_id, person_id, provider_id, public_identifier,
       connected, open_profile, read_at, invitation_id)
SELECT organization_id, account_id, :person_id, :provider_id, :public_identifier, :connected,
       :open_profile, :read_at::timestamptz, :invitation_id
  FROM accounts WHERE account_id = :account_id
ON CONFLICT (account_id, person_id) DO UPDATE
   SET provider_id = excluded.provider_id, public_identifier = excluded.public_identifier,
       connected = excluded.connected, open_profile = excluded.open_profile,
       read_at = excluded.read_at
 WHERE profiles.read_at IS NULL OR profiles.read_at <= excluded.read_at
""")
NOT_CONNECTED = """
UPDATE profiles SET connected = false WHERE account_id = $1 AND person_id = $2
"""
# Connected to whom the account has invited: they have accepted, though nobody has told so yet.
ACCEPTED = """
INSERT INTO person_responses (organization_id, person_id, account_id, responded_at)
SELECT $1, $2, $3, $4
 WHERE EXISTS (SELECT FROM every_action
                WHERE organization_id = $1 AND person_id = $2 AND account_id = $3
                  AND kind = 'invitation' AND state <> 'failed'
                  AND (sent_at IS NOT NULL OR (state = 'done' AND NOT (outcome ? 'connected'))))
ON CONFLICT DO NOTHING
"""
FORGET_CHAT = "UPDATE profiles SET chat_id = '' WHERE account_id = $1 AND person_id = $2"
FORGET_INVITATION = """
UPDATE profiles SET invitation_id = '' WHERE account_id = $1 AND person_id = $2
"""
KEEP_INVITATION = """
UPDATE profiles SET invitation_id = $3
 WHERE account_id = $1 AND person_id = $2 AND invitation_id = ''
"""


class ProfileRepository:
    def __init__(self, pool: Pool, seal: Seal, ids: SealedIds) -> None:
        self._pool, self._seal, self._ids = pool, seal, ids

    async def read(self, account_id: str, person_id: str) -> Profile | None:
        row = await self._pool.fetchrow(READ, account_id, person_id)
        return self._ids.profile_of(row["organization_id"], row) if row else None

    async def remember(self, account: Account, profile: Profile, *, read_at: datetime) -> None:
        """Keep what was read of a person, unless something newer is known."""
        kept = self._ids.profile_sealed(account.organization_id, PROFILES.values(profile))
        values = REMEMBER.given(
            account_id=account.account_id,
            person_id=profile.person_id,
            provider_id=kept["provider_id"],
            public_identifier=kept["public_identifier"],
            connected=profile.connected,
            open_profile=profile.open_profile,
            read_at=read_at,
            invitation_id=kept["invitation_id"],
        )
        await self._pool.execute(REMEMBER.sql, *values)

    async def words(self, account: Account, person_id: str) -> ProfileWords | None:
        """What a profile has said of a person, if it is there and opens."""
        organization_id, account_id = account.organization_id, account.account_id
        row = await self._pool.fetchrow(READ_WORDS, organization_id, account_id, person_id)
        if row is None:
            return None
        name = _row_name(account, row["provider_id"])
        try:
            kept = sealed_values.opened(
                self._seal, WORDS, organization_id, name, row["words"], row["wrapped"]
            )
        except ValueUnreadable:
            # Counted and logged by the seal; the profile can be read again.
            return None
        return ProfileWords(**json.loads(kept))

    async def keep_words(
        self, account: Account, person_id: str, provider_id: str, words: ProfileWords
    ) -> None:
        """Keep what a profile says of a person, by the person's key."""
        if not provider_id:
            return
        organization_id = account.organization_id
        kept_id = self._ids.sealed(organization_id, provider_id)
        kept = await sealed_values.sealed(
            self._pool,
            self._seal,
            WORDS,
            organization_id,
            _row_name(account, kept_id),
            json.dumps(asdict(words)).encode(),
            subject=self._seal.hashed(organization_id, "person", person_id),
        )
        statement = KEEP_SEALED if self._seal.on else KEEP_WORDS
        await self._pool.execute(
            statement, organization_id, account.account_id, person_id, kept_id, kept
        )

    async def not_connected(self, account_id: str, person_id: str) -> None:
        """The person turned out not to be connected."""
        await self._pool.execute(NOT_CONNECTED, account_id, person_id)

    async def remember_connected(self, account: Account, person_id: str, *, at: datetime) -> None:
        """The person is connected to the account: if it has invited them, they have accepted."""
        await self._pool.execute(
            ACCEPTED, account.organization_id, person_id, account.account_id, at
        )

    async def forget_chat(self, account_id: str, person_id: str) -> None:
        """The chat is gone."""
        await self._pool.execute(FORGET_CHAT, account_id, person_id)

    async def forget_invitation(self, account_id: str, person_id: str) -> None:
        """The invitation is no more."""
        await self._pool.execute(FORGET_INVITATION, account_id, person_id)

    async def keep_invitation(self, account: Account, person_id: str, invitation_id: str) -> None:
        """The invitation was found in the list of those sent."""
        kept = self._ids.sealed(account.organization_id, invitation_id)
        await self._pool.execute(KEEP_INVITATION, account.account_id, person_id, kept)


def _row_name(account: Account, kept_id: str) -> str:
    """How a row is named, by the id of the person as it lies there."""
    return f"{account.account_id}/{kept_id}"
