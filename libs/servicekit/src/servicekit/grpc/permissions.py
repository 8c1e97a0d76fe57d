"""Which permission a method needs: the one that its contract declares in an option."""

from collections.abc import Callable
from typing import Any

from google.protobuf import descriptor_pool

PermissionOf = Callable[[str], str | None]
"""The permission that `/package.Service/Method` needs; None where it declares none."""


class PermissionUndeclared(Exception):
    """A method is to be served that says nothing of who may call it."""


def declared_in(option: Any) -> PermissionOf:
    """Permissions as methods declare them in `option`, an extension of `MethodOptions`."""

    def permission_of(method: str) -> str | None:
        service, _, name = method.lstrip("/").partition("/")
        try:
            found = descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]
        except KeyError:
            return None
        permission: str = found.GetOptions().Extensions[option]
        return permission or None

    return permission_of
