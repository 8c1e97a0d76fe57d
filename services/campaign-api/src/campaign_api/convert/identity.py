"""Organizations, members and API keys on the wire."""

from collections.abc import Collection
from datetime import timedelta

from identity.models import ApiKey, Member, Organization
from identity.roles import PERMISSIONS, Role
from outreach.identity.v1 import api_key_pb2, member_pb2, organization_pb2
from servicekit.tables import total

from campaign_api.convert.instants import timestamp
from campaign_api.errors import InvalidFields, invalid

DEFAULT_OVERLAP = timedelta(days=1)


def organization_to_proto(organization: Organization) -> organization_pb2.Organization:
    """An organization as callers see it."""
    return organization_pb2.Organization(
        organization_id=organization.organization_id,
        name=organization.name,
        create_time=timestamp(organization.created_at),
        created_by=organization.created_by,
        disable_time=timestamp(organization.disabled_at),
    )


def member_to_proto(member: Member) -> member_pb2.Member:
    """A member as callers see it."""
    return member_pb2.Member(
        member_id=member.member_id,
        organization_id=member.organization_id,
        name=member.name,
        role=_ROLES[member.role],
        account_ids=sorted(member.account_ids or ()),
        create_time=timestamp(member.created_at),
        created_by=member.created_by,
        updated_by=member.updated_by,
        disable_time=timestamp(member.disabled_at),
        update_time=timestamp(member.updated_at),
        etag=member.etag,
    )


def key_to_proto(key: ApiKey) -> api_key_pb2.ApiKey:
    """A key as callers see it, without the key itself."""
    return api_key_pb2.ApiKey(
        key_id=key.key_id,
        organization_id=key.organization_id,
        member_id=key.member_id,
        name=key.name,
        prefix=key.prefix,
        scopes=sorted(key.scopes),
        account_ids=sorted(key.account_ids or ()),
        create_time=timestamp(key.created_at),
        created_by=key.created_by,
        expire_time=timestamp(key.expires_at),
        revoke_time=timestamp(key.revoked_at),
        last_use_time=timestamp(key.last_used_at),
        replaced_by=key.replaced_by,
    )


_ROLES = total(
    Role,
    {
        Role.VIEWER: member_pb2.ROLE_VIEWER,
        Role.MEMBER: member_pb2.ROLE_MEMBER,
        Role.MANAGER: member_pb2.ROLE_MANAGER,
        Role.ADMIN: member_pb2.ROLE_ADMIN,
        Role.OPERATOR: member_pb2.ROLE_OPERATOR,
    },
)
ROLE_BY_NUMBER = {number: role for role, number in _ROLES.items()}


def role_from_proto(number: member_pb2.Role.ValueType) -> Role | None:
    """The role; None where none is said."""
    return ROLE_BY_NUMBER[number] if number != member_pb2.ROLE_UNSPECIFIED else None


def accounts_from_proto(account_ids: Collection[str]) -> frozenset[str] | None:
    """The accounts that somebody is limited to; of none: to none."""
    return frozenset(account_ids) or None


def scopes_from_proto(scopes: Collection[str]) -> frozenset[str]:
    """The permissions that a key is limited to; raises `InvalidFields` for what is none."""
    unknown = sorted({*scopes} - PERMISSIONS)
    if unknown:
        told = f"This is no permission that a key may have: {unknown[0][:80]}"
        raise InvalidFields([invalid("scopes", told)])
    return frozenset(scopes)
