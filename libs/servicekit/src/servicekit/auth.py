"""Who calls, and what is theirs to see: the one rule, for every service.

What is not theirs does not exist: a request that names another organization is refused before its
servicer sees it (`servicekit.grpc.requests.checks`), what has an id of its own by `require_theirs`.
`servicekit.identity` finds out who calls; `servicekit.grpc.permissions` says which methods
they may use.
"""

from collections.abc import Collection
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from servicekit.errors import NotFound, PermissionDenied, Unauthenticated


class TokenInvalid(Unauthenticated):
    """The bearer token is missing, expired or not signed by a known key."""

    reason = "TOKEN_INVALID"


class TokenEnded(TokenInvalid):
    """The token ended while a stream went on; whoever asks again with a new one goes on."""

    reason = "TOKEN_ENDED"


class PermissionMissing(PermissionDenied):
    """The token does not carry the permission this call needs."""

    reason = "PERMISSION_MISSING"


class OrganizationForbidden(PermissionDenied):
    """The caller acts for one organization at the most."""

    reason = "PERMISSION_DENIED"


class OrganizationNotFound(NotFound):
    """There is no such organization."""

    reason = "ORGANIZATION_NOT_FOUND"


class AccountForbidden(PermissionDenied):
    """The caller is limited to other accounts."""

    reason = "ACCOUNT_FORBIDDEN"


class CallerKind(StrEnum):
    """What a caller is."""

    MEMBER = "member"
    """Acts for one organization, with the permissions of their token."""
    OPERATOR = "operator"
    """Our own staff: every organization, with the permissions of their token."""
    SERVICE = "service"
    """One of our services: every organization, by the methods that name it."""
    ANYONE = "anyone"
    """Whoever calls where authentication is off; every method."""


@dataclass(frozen=True)
class Caller:
    """Who a call is made for."""

    subject: str
    organization_id: str = ""
    permissions: frozenset[str] = frozenset()
    kind: CallerKind = CallerKind.MEMBER
    account_ids: frozenset[str] | None = None
    """The accounts that the caller is limited to; None: to none."""
    key_id: str = ""
    """What the token was made of, where it is our own issuer's."""
    on_behalf_of: str = ""
    """Of a service: whose call made it call."""
    for_organization: str = ""
    """Of a service: the organization of whoever made it call; it opens and closes nothing."""
    until: float | None = field(default=None, compare=False)
    """When the token is believed no more, in seconds since 1970; None where there is none."""

    def acts_for(self, organization_id: str) -> bool:
        """Whether what belongs to the organization is the caller's to see."""
        if self.acts_for_all:
            return True
        return bool(self.organization_id) and self.organization_id == organization_id

    @property
    def acts_for_all(self) -> bool:
        """Whether the caller sees what belongs to any organization."""
        match self.kind:
            case CallerKind.OPERATOR | CallerKind.SERVICE:
                return True
            case CallerKind.ANYONE:
                return not self.organization_id
            case CallerKind.MEMBER:
                return False
            case _:
                assert_never(self.kind)

    def is_of(self, organization_id: str, *, permission: str) -> bool:
        """Whether the caller is of the organization itself, and carries the permission.

        Who sees it as one of all is not of it, whatever they carry.
        """
        carries = self.kind is CallerKind.ANYONE or permission in self.permissions
        return bool(organization_id) and self.organization_id == organization_id and carries

    @property
    def limited(self) -> bool:
        """Whether the caller is limited to some accounts."""
        return self.account_ids is not None

    def sees(self, account_ids: Collection[str]) -> bool:
        """Whether what is of these accounts is the caller's to see: one is enough."""
        return self.account_ids is None or not self.account_ids.isdisjoint(account_ids)

    def uses(self, account_ids: Collection[str]) -> bool:
        """Whether what is of these accounts is the caller's to change: only with all of them."""
        return self.account_ids is None or self.account_ids.issuperset(account_ids)

    @property
    def vouches(self) -> bool:
        """Whether ids of another service's things are believed: only our services know them."""
        match self.kind:
            case CallerKind.SERVICE:
                return True
            case CallerKind.ANYONE:
                return not self.organization_id
            case CallerKind.MEMBER | CallerKind.OPERATOR:
                return False
            case _:
                assert_never(self.kind)


_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)
_principal: ContextVar[tuple[str, str]] = ContextVar("principal", default=("", ""))
_reads: ContextVar[bool] = ContextVar("reads", default=False)


def current_caller() -> Caller:
    """The caller of the rpc this task serves; raises `TokenInvalid` outside of one."""
    caller = _caller.get()
    if caller is None:
        raise TokenInvalid
    return caller


def known_caller() -> Caller | None:
    """The caller of the rpc this task serves; None outside of one, and until it is known."""
    return _caller.get()


def set_caller(caller: Caller, *, reads: bool = False) -> None:
    """Remember the caller for the rest of this task, and whether they only read."""
    _caller.set(caller)
    _reads.set(reads)
    if caller.kind is CallerKind.SERVICE:
        set_principal(caller.on_behalf_of, caller.for_organization)
    else:
        set_principal(caller.subject, caller.organization_id)


def current_principal() -> str:
    """On whose behalf this task works; empty where nobody has asked for it."""
    return _principal.get()[0]


def principal_organization() -> str:
    """The organization of whoever this task works for; empty where that is nobody's."""
    return _principal.get()[1]


def set_principal(subject: str, organization_id: str = "") -> None:
    """Remember on whose behalf the rest of this task works, and of which organization they are."""
    _principal.set((subject, organization_id if subject else ""))


def sees_accounts(account_ids: Collection[str]) -> bool:
    """Whether what is of these accounts exists for the caller."""
    return current_caller().sees(account_ids)


def require_accounts(account_ids: Collection[str]) -> None:
    """Raise `AccountForbidden` if the rpc changes what is of accounts that are not the caller's."""
    if not _reads.get() and not current_caller().uses(account_ids):
        raise AccountForbidden


def visible_accounts() -> frozenset[str] | None:
    """The accounts of which things are the caller's to see; None for all of them."""
    return current_caller().account_ids


def require_anything(caller: Caller) -> None:
    """Raise `OrganizationForbidden` when nothing at all is the caller's to see."""
    if not caller.organization_id and not caller.acts_for_all:
        raise OrganizationForbidden("The token names no organization.")


def require_theirs(
    organization_id: str,
    missing: type[NotFound] = OrganizationNotFound,
    *,
    account_ids: Collection[str] | None = None,
) -> None:
    """Raise `missing` unless what is of this organization, and accounts, is the caller's to see.

    It is what is raised where there is no such thing: whoever asks cannot tell the two apart.
    """
    caller = current_caller()
    if not caller.acts_for(organization_id):
        raise missing
    if account_ids is not None and not caller.sees(account_ids):
        raise missing


def visible_organization() -> str:
    """The organization whose things the caller sees; empty for all of them.

    Raises `OrganizationForbidden` if nothing is theirs to see.
    """
    caller = current_caller()
    require_anything(caller)
    return "" if caller.acts_for_all else caller.organization_id
