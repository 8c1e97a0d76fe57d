"""Tables over an enum that miss none of its members. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

_Member = TypeVar("_Member", bound=Enum)
_Value = TypeVar("_Value")


def total(over: type[_Member], table: Mapping[_Member, _Value]) -> Mapping[_Member, _Value]:
    """The same table, if it says something about every member of the enum.

    Raises `TypeError` when it misses one: what is made at import then does not start.
    """
    missed = [member.name for member in over if member not in table]
    if missed:
        raise TypeError(f"nothing is said about {over.__name__} {', '.join(missed)}")
    return table
