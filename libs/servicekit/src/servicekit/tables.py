"""Tables over an enum that miss none of its members. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TypeVar

_Member = TypeVar("_Member", bound=Enum)
_Value = TypeVar("_Value")


def total(over: Iterable[_Member], table: Mapping[_Member, _Value]) -> Mapping[_Member, _Value]:
    """The same table, if it says something about every member of an enum, or of a part of it.

    Raises `TypeError` when it misses one: what is made at import then does not start.
    """
    missed = sorted(str(member.name) for member in over if member not in table)
    if missed:
        raise TypeError(f"nothing is said about {', '.join(missed)}")
    return table
