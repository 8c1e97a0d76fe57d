"""Organizations and members, as the caller of an rpc may see and change them.

What is not the caller's organization's does not exist; nobody changes who may do more.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from servicekit.auth import current_caller, require_theirs, visible_organization
from servicekit.ids import new_id
from servicekit.postgres.companions import note_created

from identity.errors import MemberNotFound
from identity.grants import require_covers, rights_of_member
from identity.members.member_repository import MemberRepository
from identity.members.organization_repository import OrganizationRepository
from identity.models import Member, Organization
from identity.roles import Role

Position = tuple[datetime, str]


class Directory:
    """Every method is on behalf of the caller."""

    def __init__(self, organizations: OrganizationRepository, members: MemberRepository) -> None:
        self._organizations = organizations
        self._members = members

    async def create_organization(self, organization_id: str, *, name: str) -> Organization:
        """A new one, or the one that has this id; raises `OrganizationNotFound` for another's."""
        organization_id = organization_id or new_id("org")
        require_theirs(organization_id)
        note_created("organization_id", organization_id)
        return await self._organizations.create(organization_id, name=name)

    async def organization(self, organization_id: str) -> Organization:
        """Raises `OrganizationNotFound`."""
        require_theirs(organization_id)
        return await self._organizations.get(organization_id)

    async def organizations(self, *, after: Position | None, limit: int) -> list[Organization]:
        """Those that the caller acts for."""
        return await self._organizations.page(visible_organization(), after=after, limit=limit)

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
        require_covers(current_caller(), rights_of_member(role, account_ids))
        member = Member(
            organization_id=organization_id,
            member_id=new_id("mem"),
            name=name,
            role=role,
            account_ids=account_ids,
            created_at=datetime.now(UTC),
        )
        return await self._members.create(member, request_id=request_id or member.member_id)

    async def member(self, member_id: str) -> Member:
        """Raises `MemberNotFound`."""
        member = await self._members.get(member_id)
        require_theirs(member.organization_id, MemberNotFound)
        return member

    async def members(
        self, organization_id: str, *, after: Position | None, limit: int
    ) -> list[Member]:
        """Raises `OrganizationNotFound`."""
        await self.organization(organization_id)
        return await self._members.page(organization_id, after=after, limit=limit)

    async def update_member(
        self,
        member_id: str,
        *,
        role: Role | None,
        account_ids: Callable[[Member], frozenset[str] | None],
    ) -> Member:
        """Raises `MemberNotFound`, `GrantExceedsOwn` and `LastAdministrator`."""

        def changed(member: Member) -> Member:
            return replace(member, role=role or member.role, account_ids=account_ids(member))

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
        caller = current_caller()

        def changed(member: Member) -> Member:
            after = change(member)
            require_covers(
                caller,
                rights_of_member(member.role, member.account_ids),
                rights_of_member(after.role, after.account_ids),
            )
            return after

        return await self._members.change(await self.member(member_id), changed)
