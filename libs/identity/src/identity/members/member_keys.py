"""API keys, as the caller of an rpc may see, make and end them.

Everybody has their own; who may change members has everybody's of their organization.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from servicekit.auth import Caller, CallerKind, current_caller, current_principal, require_theirs
from servicekit.errors import BadInput, FieldViolation
from servicekit.grpc.requests.rules import FIELD_INVALID
from servicekit.ids import new_id
from servicekit.lists.listing import Asked
from servicekit.lists.reader import Page

from identity.errors import KeyNotFound, MemberNotFound
from identity.grants import NO_TIME, require_given, rights_of_key
from identity.keys.api_key import hash_of, new_key
from identity.keys.key_list import KeyList
from identity.keys.key_repository import KeyRepository
from identity.members.directory import Directory
from identity.models import ApiKey


class ApiKeys:
    """Every method is on behalf of the caller."""

    def __init__(self, keys: KeyRepository, directory: Directory, *, key_list: KeyList) -> None:
        self._keys = keys
        self._list = key_list
        self._directory = directory

    async def create(
        self,
        member_id: str,
        *,
        name: str,
        scopes: frozenset[str] = frozenset(),
        account_ids: frozenset[str] | None = None,
        expires_at: datetime | None = None,
    ) -> tuple[ApiKey, str]:
        """A new key, and the key itself.

        Raises `MemberNotFound`, `GrantExceedsOwn`, and `BadInput` for one that would open nothing.
        """
        now = datetime.now(UTC)
        if expires_at is not None and expires_at <= now:
            told = "A key that is to open anything expires later than now."
            raise BadInput([FieldViolation("expire_time", told, FIELD_INVALID)])
        member = await self._directory.member(member_id)
        if not _has(current_caller(), member_id):
            raise MemberNotFound
        secret, prefix = new_key()
        key = ApiKey(
            organization_id=member.organization_id,
            key_id=new_id("key"),
            member_id=member_id,
            name=name,
            prefix=prefix,
            scopes=scopes,
            account_ids=account_ids,
            created_at=now,
            expires_at=expires_at,
            created_by=current_principal(),
        )
        require_given(await self._directory.own_rights(), rights_of_key(member, key))
        return await self._keys.create(key, hash=hash_of(secret)), secret

    async def get(self, key_id: str) -> ApiKey:
        """Raises `KeyNotFound`."""
        key = await self._keys.get(key_id)
        require_theirs(key.organization_id, KeyNotFound)
        if not _has(current_caller(), key.member_id):
            raise KeyNotFound
        return key

    async def page(self, organization_id: str, member_id: str, asked: Asked) -> Page[ApiKey]:
        """Those of a member, or ("") of all that the caller may see.

        Raises `OrganizationNotFound`, `MemberNotFound` for one whose keys are not theirs, and
        what `ListReader.page` does.
        """
        await self._directory.organization(organization_id)
        caller = current_caller()
        if not member_id and not _administers(caller):
            member_id = caller.subject
        if member_id and not _has(caller, member_id):
            raise MemberNotFound
        return await self._list.page(organization_id, asked, member_id=member_id)

    async def rotate(self, key_id: str, *, overlap: timedelta) -> tuple[ApiKey, str, ApiKey]:
        """The new key, the key itself, and the old one, which opens as much for `overlap`.

        Raises `KeyNotFound`, `KeyEnded` and `GrantExceedsOwn`.
        """
        old = await self.get(key_id)
        member = await self._directory.member(old.member_id)
        require_given(await self._directory.own_rights(), rights_of_key(member, old))
        secret, prefix = new_key()
        new = replace(old, key_id=new_id("key"), prefix=prefix, created_by=current_principal())
        made, replaced = await self._keys.replace(
            key_id, new, hash=hash_of(secret), overlap=overlap
        )
        return made, secret, replaced

    async def revoke(self, key_id: str) -> ApiKey:
        """Raises `KeyNotFound`, and `GrantExceedsOwn` for another's key that opens more."""
        key = await self.get(key_id)
        if key.member_id != current_caller().subject:
            member = await self._directory.member(key.member_id)
            taken = replace(rights_of_key(member, key), ends_at=NO_TIME)
            require_given(await self._directory.own_rights(), taken)
        return await self._keys.revoke(key_id)


def _has(caller: Caller, member_id: str) -> bool:
    return caller.subject == member_id or _administers(caller)


def _administers(caller: Caller) -> bool:
    return caller.kind is CallerKind.ANYONE or "members.write" in caller.permissions
