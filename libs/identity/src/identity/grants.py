"""What a member or key may do, for how long, and that nobody gives what they do not have. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from servicekit.auth import Caller, CallerKind

from identity.errors import GrantExceedsOwn
from identity.models import ApiKey, Member
from identity.roles import ALWAYS, PERMISSIONS_BY_ROLE, Role

NO_TIME = datetime.min.replace(tzinfo=UTC)
"""The end of rights that nobody has a key to: they last no time."""


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What somebody may do."""

    permissions: frozenset[str]
    account_ids: frozenset[str] | None
    """With which accounts; None: with all of their organization."""
    operator: bool
    """For every organization."""
    ends_at: datetime | None = None
    """Until when; None: without an end."""

    def cover(self, others: Rights) -> bool:
        """Whether that is all that the others are, or more."""
        if others.operator and not self.operator:
            return False
        accounts = self.account_ids is None or (
            others.account_ids is not None and others.account_ids <= self.account_ids
        )
        return (
            accounts
            and self._last_as_long_as(others)
            and others.permissions - ALWAYS <= self.permissions
        )

    def _last_as_long_as(self, others: Rights) -> bool:
        if self.ends_at is None:
            return True
        return others.ends_at is not None and others.ends_at <= self.ends_at


def rights_of_member(
    role: Role, account_ids: frozenset[str] | None, *, ends_at: datetime | None
) -> Rights:
    """What a member of this role may do, limited to these accounts.

    For as long as the last of their keys lasts: who has none may do nothing yet.
    """
    return Rights(
        permissions=PERMISSIONS_BY_ROLE[role],
        account_ids=account_ids,
        operator=role is Role.OPERATOR,
        ends_at=ends_at,
    )


def rights_of_key(member: Member, key: ApiKey) -> Rights:
    """What the key opens: never more than its member may do now, whatever it was made for."""
    rights = rights_of_member(member.role, member.account_ids, ends_at=key.expires_at)
    permissions = rights.permissions & key.scopes if key.scopes else rights.permissions
    return Rights(
        permissions=permissions | ALWAYS,
        account_ids=_both(member.account_ids, key.account_ids),
        operator=rights.operator,
        ends_at=rights.ends_at,
    )


def rights_of_caller(caller: Caller, *, ends_at: datetime | None) -> Rights:
    """What the caller of an rpc may do; where authentication is off, everything, for ever."""
    if caller.kind is CallerKind.ANYONE:
        return rights_of_member(Role.OPERATOR, None, ends_at=None)
    return Rights(
        permissions=caller.permissions,
        account_ids=caller.account_ids,
        operator=caller.kind is CallerKind.OPERATOR,
        ends_at=ends_at,
    )


def require_given(own: Rights, *rights: Rights) -> None:
    """Raise `GrantExceedsOwn` if one of these rights is more than their own, or lasts longer."""
    if not all(own.cover(each) for each in rights):
        raise GrantExceedsOwn


def require_changed(own: Rights, before: Rights, after: Rights) -> None:
    """Raise `GrantExceedsOwn` for who changes rights that are, before or after, not their own.

    What is taken may last for ever; what is given lasts no longer than who gives it may give.
    """
    gives = not before.cover(after)
    require_given(own, _taken(before), after if gives else _taken(after))


def _taken(rights: Rights) -> Rights:
    return replace(rights, ends_at=NO_TIME)


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
