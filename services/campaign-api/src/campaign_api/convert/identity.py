"""Organizations, members and API keys on the wire."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from google.protobuf.duration_pb2 import Duration
from identity.models import ApiKey, Member, Organization
from identity.roles import PERMISSIONS, Role
from outreach.identity.v1 import api_key_pb2, member_pb2, organization_pb2
from servicekit.page_tokens import instant_of
from servicekit.tables import total

from campaign_api.convert.instants import timestamp
from campaign_api.errors import InvalidFields, invalid
from campaign_api.paging import page_cursor, page_token, refused_token

Position = tuple[datetime, str]

DEFAULT_OVERLAP = timedelta(days=1)
LONGEST_OVERLAP = timedelta(days=30)
_MOST_ACCOUNTS = 1000
_LONGEST_NAME = 200
_ORGANIZATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def organization_to_proto(organization: Organization) -> organization_pb2.Organization:
    """An organization as callers see it."""
    return organization_pb2.Organization(
        organization_id=organization.organization_id,
        name=organization.name,
        create_time=timestamp(organization.created_at),
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
        disable_time=timestamp(member.disabled_at),
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
_ROLE_BY_NUMBER = {number: role for role, number in _ROLES.items()}


def role_from_proto(number: int) -> Role | None:
    """The role; None where none is said. Raises `InvalidFields` for what is none."""
    if number == member_pb2.ROLE_UNSPECIFIED:
        return None
    role = _ROLE_BY_NUMBER.get(member_pb2.Role.ValueType(number))
    if role is None:
        raise InvalidFields([invalid("role", "This is no role.")])
    return role


def name_from_proto(name: str) -> str:
    """What people call something; raises `InvalidFields`."""
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or _CONTROL.search(name):
        raise InvalidFields([invalid("name", "A name has 1 to 200 characters, on one line.")])
    return name


def organization_id_from_proto(organization_id: str) -> str:
    """The id that a new organization is to have, or ""; raises `InvalidFields`."""
    if organization_id and _ORGANIZATION.fullmatch(organization_id) is None:
        told = "An id has up to 100 letters, digits, dots, dashes and underscores."
        raise InvalidFields([invalid("organization_id", told)])
    return organization_id


def accounts_from_proto(account_ids: Collection[str]) -> frozenset[str] | None:
    """The accounts that somebody is limited to; of none: to none. Raises `InvalidFields`."""
    if len(account_ids) > _MOST_ACCOUNTS or not all(account_ids):
        raise InvalidFields([invalid("account_ids", "At most 1000, and none without a name.")])
    return frozenset(account_ids) or None


def scopes_from_proto(scopes: Collection[str]) -> frozenset[str]:
    """The permissions that a key is limited to; raises `InvalidFields` for what is none."""
    unknown = sorted({*scopes} - PERMISSIONS)
    if unknown:
        told = f"This is no permission that a key may have: {unknown[0][:80]}"
        raise InvalidFields([invalid("scopes", told)])
    return frozenset(scopes)


def overlap_from_proto(overlap: Duration) -> timedelta:
    """How long a replaced key goes on; raises `InvalidFields`."""
    if not timedelta(0) <= (given := overlap.ToTimedelta()) <= LONGEST_OVERLAP:
        raise InvalidFields([invalid("overlap", "An overlap is at most 30 days.")])
    return given


def position_from_proto(token: str, *filters: str) -> Position | None:
    """Where a page begins; raises `InvalidFields` for a token of another list."""
    cursor = page_cursor(token, of=filters, parts=2)
    if cursor is None:
        return None
    try:
        return instant_of(cursor[0]), cursor[1]
    except ValueError:
        raise refused_token() from None


def next_page(last: Position | None, *filters: str) -> str:
    """The token of the page after this item; no token where there is no such page."""
    return "" if last is None else page_token((last[0].isoformat(), last[1]), of=filters)
