"""Who may use a method: what its contract declares in options; and which organizations they name.

Whoever names one that is not theirs is told what they are told of one that was never there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, assert_never

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from servicekit.auth import Caller, CallerKind, known_caller, require_theirs


@dataclass(frozen=True)
class Access:
    """Who may use a method."""

    permission: str
    """What a caller's token must carry."""
    services: frozenset[str] = frozenset()
    """Those of our own services that use it; no other may."""
    services_only: bool = False
    """No other caller may, whatever their token carries."""
    anyone: bool = False
    """Anybody may, without a token."""
    by_account: bool = False
    """Callers who are limited to accounts may: it heeds that itself."""
    also_permission: str = ""
    """What a caller's token must carry, too; empty where one is enough."""

    @property
    def reads(self) -> bool:
        """Whether the method changes nothing."""
        return self.permission.endswith(".read")

    def missing(self, caller: Caller) -> str:
        """The first permission that a caller lacks; empty where they have what it takes."""
        for each in (self.permission, self.also_permission):
            if each and each not in caller.permissions:
                return each
        return ""

    def allows(self, caller: Caller) -> bool:
        """Whether the caller may use the method."""
        match caller.kind:
            case CallerKind.SERVICE:
                return caller.subject in self.services
            case CallerKind.MEMBER | CallerKind.OPERATOR:
                if self.services_only or (caller.limited and not self.by_account):
                    return False
                return not self.missing(caller)
            case CallerKind.ANYONE:
                return not (self.services_only and caller.organization_id)
            case _:
                assert_never(caller.kind)


_MOST_METHODS = 1_000

AccessOf = Callable[[str], Access | None]
"""Who may use `/package.Service/Method`; None where it does not say."""


class PermissionUndeclared(Exception):
    """A method is to be served that says nothing of who may call it."""


def declared_in(
    *,
    permission: Any,
    services: Any,
    services_only: Any,
    anyone: Any,
    by_account: Any,
    also_permission: Any,
) -> AccessOf:
    """Access as methods declare it in these extensions of `MethodOptions`; read once of each."""

    @lru_cache(maxsize=_MOST_METHODS)
    def access_of(method: str) -> Access | None:
        service, _, name = method.lstrip("/").partition("/")
        try:
            found = descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]
        except KeyError:
            return None
        said = found.GetOptions().Extensions
        if not said[permission]:
            return None
        return Access(
            said[permission],
            frozenset(said[services]),
            said[services_only],
            said[anyone],
            said[by_account],
            said[also_permission],
        )

    return access_of


_FIELD = "organization_id"


def require_named(request: Message) -> None:
    """Raise `OrganizationNotFound` if a request names one that its caller does not act for.

    Empty names none. Where nobody is known, as of what anybody may use, nothing is asked.
    """
    if known_caller() is None:
        return
    descriptor: Any = request.DESCRIPTOR
    for organization_id in _places_in(descriptor).named_in(request):
        require_theirs(organization_id)


class _Places:
    """Where messages of one type name organizations: themselves, and inside of fields."""

    __slots__ = ("inside", "own")

    def __init__(self) -> None:
        self.own = False
        self.inside: dict[str, _Places] = {}

    def named_in(self, message: Any) -> Iterator[str]:
        if self.own and message.organization_id:
            yield message.organization_id
        if not self.inside:
            return
        for field, value in message.ListFields():
            deeper = self.inside.get(field.name)
            if deeper is not None:
                for each in value if field.is_repeated else (value,):
                    yield from deeper.named_in(each)


_PLACES: dict[Descriptor, _Places] = {}


def _places_in(descriptor: Descriptor) -> _Places:
    places = _PLACES.get(descriptor)
    if places is None:
        # Known before it is complete: a message may hold messages of its own type.
        _PLACES[descriptor] = places = _Places()
        places.own = _FIELD in descriptor.fields_by_name
        for field in descriptor.fields:
            of = field.message_type
            if of is None or of.GetOptions().map_entry:
                continue
            if _FIELD in _all_fields_in(of):
                places.inside[field.name] = _places_in(of)
    return places


def _all_fields_in(descriptor: Descriptor) -> set[str]:
    """The names of its fields and of those of all messages inside of it."""
    names: set[str] = set()
    seen: set[str] = set()
    left = [descriptor]
    while left:
        each = left.pop()
        if each.full_name not in seen:
            seen.add(each.full_name)
            names |= {*each.fields_by_name}
            left += [field.message_type for field in each.fields if field.message_type is not None]
    return names
