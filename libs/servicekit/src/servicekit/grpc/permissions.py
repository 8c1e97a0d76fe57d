"""Who may use a method: what its contract declares in options."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, assert_never

from google.protobuf import descriptor_pool

from servicekit.auth import Caller, CallerKind


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

    @property
    def reads(self) -> bool:
        """Whether the method changes nothing."""
        return self.permission.endswith(".read")

    def allows(self, caller: Caller) -> bool:
        """Whether the caller may use the method."""
        match caller.kind:
            case CallerKind.SERVICE:
                return caller.subject in self.services
            case CallerKind.MEMBER | CallerKind.OPERATOR:
                if self.services_only or (caller.limited and not self.by_account):
                    return False
                return self.permission in caller.permissions
            case CallerKind.ANYONE:
                return not (self.services_only and caller.organization_id)
            case _:
                assert_never(caller.kind)


AccessOf = Callable[[str], Access | None]
"""Who may use `/package.Service/Method`; None where it does not say."""


class PermissionUndeclared(Exception):
    """A method is to be served that says nothing of who may call it."""


def declared_in(
    *, permission: Any, services: Any, services_only: Any, anyone: Any, by_account: Any
) -> AccessOf:
    """Access as methods declare it in these extensions of `MethodOptions`."""

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
        )

    return access_of
