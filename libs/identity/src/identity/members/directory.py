"""Organizations and members, as the caller of an rpc may see and change them.

What is not the caller's organization's does not exist; nobody changes who may do more.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from servicekit.auth import (
    CallerKind,
    current_caller,
    current_principal,
    require_theirs,
    visible_organization,
)
from servicekit.errors import EtagMismatch
from servicekit.etags import fits
from servicekit.ids import new_id
from servicekit.lists.listing import Asked
from servicekit.lists.reader import Page
from servicekit.postgres.companions import note_created

from identity.errors import MemberNotFound
from identity.grants import (
    NO_TIME,
    Rights,
    require_changed,
    require_given,
    rights_of_caller,
    rights_of_member,
)
from identity.keys.key_repository import KeyRepository
from identity.members.member_list import MemberList
from identity.members.member_repository import MemberRepository
from identity.members.organization_list import OrganizationList
from identity.members.organization_repository import OrganizationRepository
from identity.models import Member, Organization
from identity.roles import Role


class Directory:
    """Every method is on behalf of the caller."""

    def __init__(
        self,
        organizations: OrganizationRepository,
        members: MemberRepository,
        keys: KeyRepository,
        *,
        organization_list: OrganizationList,
        member_list: MemberList,
    ) -> None:
        self._organizations = organizations
        self._members = members
        self._keys = keys
        self._organization_list = organization_list
        self._member_list = member_list

    async def own_rights(self) -> Rights:
        """What the caller may do, and so may give: until their key ends.

        Who has none, as whoever a company's identity provider vouches for, until their token does.
        """
        caller = current_caller()
        if caller.kind is CallerKind.ANYONE:
            ends_at = None
        elif caller.key_id:
            ends_at = (await self._keys.get(caller.key_id)).expires_at
        else:
            ends_at = None if caller.until is None else datetime.fromtimestamp(caller.until, UTC)
        return rights_of_caller(caller, ends_at=ends_at)

    async def create_organization(self, organization_id: str, *, name: str) -> Organization:
        """A new one, or the one that has this id; raises `OrganizationNotFound` for another's."""
        organization_id = organization_id or new_id("org")
        require_theirs(organization_id)
        note_created("organization_id", organization_id)
        return await self._organizations.create(organization_id, name=name, by=current_principal())

    async def organization(self, organization_id: str) -> Organization:
        """Raises `OrganizationNotFound`."""
        require_theirs(organization_id)
        return await self._organizations.get(organization_id)

    async def organizations(self, asked: Asked) -> Page[Organization]:
        """Those that the caller acts for; raises what `ListReader.page` does."""
        return await self._organization_list.page(visible_organization(), asked)

    async def disable_organization(self, organization_id: str) -> Organization:
        """Raises `OrganizationNotFound`."""
        await self.organization(organization_id)
        return await self._organizations.disable(organization_id)

    async def enable_organization(self, organization_id: str) -> Organization:
        """Raises `OrganizationNotFound`."""
        await self.organization(organization_id)
        return await self._organizations.enable(organization_id)

    async def create_member(
        self,
        organization_id: str,
        *,
        name: str,
        role: Role,
        account_ids: frozenset[str] | None,
        request_id: str,
    ) -> Member:
        """Raises `OrganizationNotFound`, and `GrantExceedsOwn`."""
        await self.organization(organization_id)
        require_given(await self.own_rights(), rights_of_member(role, account_ids, ends_at=NO_TIME))
        member = Member(
            organization_id=organization_id,
            member_id=new_id("mem"),
            name=name,
            role=role,
            account_ids=account_ids,
            created_at=datetime.now(UTC),
            created_by=current_principal(),
        )
        return await self._members.create(member, request_id=request_id or member.member_id)

    async def member(self, member_id: str) -> Member:
        """Raises `MemberNotFound`."""
        member = await self._members.get(member_id)
        require_theirs(member.organization_id, MemberNotFound)
        return member

    async def members(self, organization_id: str, asked: Asked) -> Page[Member]:
        """Raises `OrganizationNotFound`, and what `ListReader.page` does."""
        await self.organization(organization_id)
        return await self._member_list.page(organization_id, asked)

    async def update_member(
        self,
        member_id: str,
        *,
        role: Role | None,
        account_ids: Callable[[Member], frozenset[str] | None],
        etag: str = "",
    ) -> Member:
        """Raises `MemberNotFound`, `GrantExceedsOwn` and `LastAdministrator`.

        And `EtagMismatch` if they are not as their editor has read them, and would change.
        """

        def changed(member: Member) -> Member:
            after = replace(member, role=role or member.role, account_ids=account_ids(member))
            if after != member and not fits(etag, member.etag):
                raise EtagMismatch(metadata={"etag": member.etag})
            return after

        return await self._change(member_id, changed)

    async def disable_member(self, member_id: str) -> Member:
        """Raises what `update_member` does."""
        return await self._change(
            member_id, lambda member: replace(member, disabled_at=datetime.now(UTC))
        )

    async def enable_member(self, member_id: str) -> Member:
        """Raises what `update_member` does."""
        return await self._change(member_id, lambda member: replace(member, disabled_at=None))

    async def _change(self, member_id: str, change: Callable[[Member], Member]) -> Member:
        own = await self.own_rights()

        def changed(member: Member, keys_end_at: datetime | None) -> Member:
            after = change(member)
            require_changed(own, _rights(member, keys_end_at), _rights(after, keys_end_at))
            return after

        member = await self.member(member_id)
        return await self._members.change(member, changed, by=current_principal())


def _rights(member: Member, keys_end_at: datetime | None) -> Rights:
    ends_at = keys_end_at if member.disabled_at is None else NO_TIME
    return rights_of_member(member.role, member.account_ids, ends_at=ends_at)
