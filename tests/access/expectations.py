"""Who may use a method: read from the contract's options and the tables in docs/security.md."""

import re
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import MethodDescriptor
from outreach.common.v1 import permission_pb2

_PAGE = Path(__file__).parents[2] / "docs/security.md"


def permissions(method: MethodDescriptor) -> list[str]:
    """What a caller's token must carry, the first of which every method declares."""
    said = method.GetOptions().Extensions
    both = said[permission_pb2.permission], said[permission_pb2.also_permission]
    return [each for each in both if each]


def named(method: MethodDescriptor) -> set[str]:
    """The services that may use it."""
    return {*method.GetOptions().Extensions[permission_pb2.services]}


def says(method: MethodDescriptor, option: Any) -> bool:
    """Whether it declares an option that is yes or no."""
    return bool(method.GetOptions().Extensions[option])


def for_members(method: MethodDescriptor) -> bool:
    """Whether anybody but our services may use it."""
    return not says(method, permission_pb2.services_only)


def for_limited(method: MethodDescriptor) -> bool:
    """Whether members who are limited to accounts may use it."""
    return for_members(method) and says(method, permission_pb2.by_account)


def given(role: str, method: MethodDescriptor) -> bool:
    """Whether a role opens it."""
    return {*permissions(method)} <= TABLE[role] and for_members(method)


def _table() -> dict[str, set[str]]:
    """The permissions of each role, as docs/security.md has them."""
    page = _PAGE.read_text()
    head, _, *rows = re.findall(r"^\|.*\|$", page.partition("## Roles\n")[2], re.MULTILINE)
    _, *roles = _cells(head)
    opened: dict[str, set[str]] = {role: set() for role in roles}
    for row in rows:
        of, *marks = _cells(row)
        if len(marks) != len(roles):
            break
        for role, mark in zip(roles, marks, strict=True):
            assert mark in {"yes", "no"}, row
            if mark == "yes":
                opened[role].add(of.strip("`"))
    return opened


def _cells(row: str) -> list[str]:
    return [each.strip() for each in row.strip("|").split("|")]


TABLE = _table()
