"""What a member or key may do, and that nobody gives what they do not have. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from servicekit.auth import Caller, CallerKind

from identity.errors import GrantExceedsOwn
from identity.models import ApiKey, Member
from identity.roles import ALWAYS, PERMISSIONS_BY_ROLE, Role


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What somebody may do."""

    permissions: frozenset[str]
    account_ids: frozenset[str] | None
    """With which accounts; None: with all of their organization."""
    operator: bool
    """For every organization."""

    def cover(self, others: Rights) -> bool:
        """Whether that is all that the others are, or more."""
        if others.operator and not self.operator:
            return False
        accounts = self.account_ids is None or (
            others.account_ids is not None and others.account_ids <= self.account_ids
        )
        return accounts and others.permissions - ALWAYS <= self.permissions


def rights_of_member(role: Role, account_ids: frozenset[str] | None) -> Rights:
    """What a member of this role may do, limited to these accounts."""
    return Rights(
        permissions=PERMISSIONS_BY_ROLE[role],
        account_ids=account_ids,
        operator=role is Role.OPERATOR,
    )


def rights_of_key(member: Member, key: ApiKey) -> Rights:
    """What the key opens: never more than its member may do now, whatever it was made for."""
    rights = rights_of_member(member.role, member.account_ids)
    permissions = rights.permissions & key.scopes if key.scopes else rights.permissions
    return Rights(
        permissions=permissions | ALWAYS,
        account_ids=_both(member.account_ids, key.account_ids),
        operator=rights.operator,
    )


def rights_of_caller(caller: Caller) -> Rights:
    """What the caller of an rpc may do; where authentication is off, everything."""
    if caller.kind is CallerKind.ANYONE:
        return rights_of_member(Role.OPERATOR, None)
    return Rights(
        permissions=caller.permissions,
        account_ids=caller.account_ids,
        operator=caller.kind is CallerKind.OPERATOR,
    )


def require_covers(caller: Caller, *rights: Rights) -> None:
    """Raise `GrantExceedsOwn` if one of these rights is more than the caller has."""
    own = rights_of_caller(caller)
    if not all(own.cover(each) for each in rights):
        raise GrantExceedsOwn


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other
