"""Tokens: short ones, each of an API key that opens something at that moment."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from servicekit.auth import Caller
from servicekit.ids import new_id

from identity.errors import ApiKeyInvalid
from identity.grants import rights_of_caller, rights_of_key
from identity.issuer.issuer_keys import IssuerKeys
from identity.keys.api_key import is_hash_of, prefix_of
from identity.keys.key_repository import KeyRepository, StandingKey

LIFE = timedelta(minutes=10)
OVERLAP = timedelta(minutes=15)
"""How long a key that signs no more is told: the last token that it signed has ended by then."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """What a caller carries."""

    token: str
    expires_at: datetime


class Tokens:
    """Exchanges API keys for tokens."""

    def __init__(
        self,
        keys: KeyRepository,
        issuer_keys: IssuerKeys,
        *,
        issuer: str,
        audience: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._issuer_keys = issuer_keys
        self._issuer = issuer
        self._audience = audience
        self._now = now

    async def create(self, api_key: str) -> Token:
        """A token of the key; raises `ApiKeyInvalid` without saying what is wrong with it."""
        prefix = prefix_of(api_key)
        found = await self._keys.find(prefix) if prefix is not None else None
        if found is None or not is_hash_of(api_key, found.hash):
            raise ApiKeyInvalid
        await self._keys.used(found.key.key_id)
        name, private = await self._issuer_keys.signing()
        claims = self._claims(found)
        return Token(
            token=jwt.encode(claims, private, "ES256", headers={"kid": name}),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        )

    def _claims(self, found: StandingKey) -> dict[str, Any]:
        rights, now = rights_of_key(found.member, found.key), int(self._now())
        whose = {"operator": True} if rights.operator else {"org": found.member.organization_id}
        limit = rights.account_ids
        return {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": found.member.member_id,
            "iat": now,
            "exp": now + int(LIFE.total_seconds()),
            "jti": new_id("tok"),
            "key": found.key.key_id,
            "permissions": sorted(rights.permissions),
            **whose,
            **({} if limit is None else {"accounts": sorted(limit)}),
        }


class OwnStanding:
    """The issuer knows by itself what stands."""

    def __init__(self, keys: KeyRepository) -> None:
        self._keys = keys

    async def stands(self, _token: str, caller: Caller) -> bool:
        """See `Standing`."""
        found = await self._keys.standing(caller.key_id)
        if found is None:
            return False
        # Whose role was taken, or accounts, does not take them back by a token of before.
        of_key = rights_of_key(found.member, found.key)
        return of_key.cover(rights_of_caller(caller, ends_at=of_key.ends_at))
