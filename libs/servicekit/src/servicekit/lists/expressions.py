"""Filters as trees. Pure.

What a filter says, before anybody knows which fields there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never


class Operator(StrEnum):
    """How a field is compared with a value."""

    EQUALS = "="
    DIFFERS = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="
    HAS = ":"


@dataclass(frozen=True)
class Restriction:
    """One field, compared with one value."""

    field: str
    operator: Operator
    value: str
    quoted: bool
    """Whether the value stood in quotation marks."""
    at: int
    """Where it begins, in characters from 0."""

    def with_value(self, value: str) -> Restriction:
        """The same of another value, as it stands."""
        return replace(self, value=value, quoted=True)


@dataclass(frozen=True)
class Not:
    """What it holds is not so."""

    holds: Expression


@dataclass(frozen=True)
class And:
    """All of them are so; with none, everything is."""

    parts: Sequence[Expression]


@dataclass(frozen=True)
class Or:
    """One of them is so."""

    parts: Sequence[Expression]


Expression = Restriction | Not | And | Or
EVERYTHING = And(())


def conjuncts(expression: Expression) -> Iterator[Expression]:
    """What must all be so, each by itself."""
    if isinstance(expression, And):
        for part in expression.parts:
            yield from conjuncts(part)
    else:
        yield expression


def changed(expression: Expression, change: Callable[[Restriction], Expression]) -> Expression:
    """The same with every comparison changed."""
    match expression:
        case Restriction():
            return change(expression)
        case Not(holds):
            return Not(changed(holds, change))
        case And(parts):
            return And(tuple(changed(part, change) for part in parts))
        case Or(parts):
            return Or(tuple(changed(part, change) for part in parts))
        case _:
            assert_never(expression)


def restrictions(expression: Expression) -> Iterator[Restriction]:
    """Every comparison in it."""
    match expression:
        case Restriction():
            yield expression
        case Not(holds):
            yield from restrictions(holds)
        case And(parts) | Or(parts):
            for part in parts:
                yield from restrictions(part)
        case _:
            assert_never(expression)
