"""Filters as queries of Temporal's visibility. Pure.

As conditions of PostgreSQL (`servicekit.lists.conditions`): what is unset equals nothing and
differs from everything. Visibility knows no NOT on every store, so it goes down to the comparisons.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from servicekit.lists.expressions import And, Expression, Not, Operator, Or, Restriction
from servicekit.lists.fields import Field
from servicekit.lists.schemas import ListSchema
from servicekit.tables import total

EVERY = "StartTime > '1970-01-02T00:00:00Z'"
NONE = "StartTime < '1970-01-02T00:00:00Z'"
_PLAIN = re.compile(r"[A-Za-z0-9_.:+-]{1,200}")
"""What can be an id, or a value of ours: nothing of it has a meaning in a query."""
_TURNED = total(
    [each for each in Operator if each is not Operator.HAS],
    {
        Operator.EQUALS: Operator.DIFFERS,
        Operator.DIFFERS: Operator.EQUALS,
        Operator.LESS: Operator.AT_LEAST,
        Operator.AT_LEAST: Operator.LESS,
        Operator.GREATER: Operator.AT_MOST,
        Operator.AT_MOST: Operator.GREATER,
    },
)


def equals(attribute: str, value: str) -> str:
    """The query of one equality."""
    return f"{attribute} = '{value}'" if _PLAIN.fullmatch(value) else NONE


def one_of(attribute: str, values: Iterable[str]) -> str:
    """The query of one of several values; of none of them nothing is found."""
    known = [f"'{each}'" for each in values if _PLAIN.fullmatch(each)]
    return f"{attribute} IN ({', '.join(known)})" if known else NONE


def query_of(expression: Expression, schema: ListSchema, *, holds: bool = True) -> str:
    """The query of a filter that the schema has read; turned around unless it `holds`."""
    match expression:
        case Restriction():
            return _compared(schema.field(expression.field), expression, holds=holds)
        case Not(inner):
            return query_of(inner, schema, holds=not holds)
        case And(parts):
            told = [query_of(each, schema, holds=holds) for each in parts]
            return _joined("AND" if holds else "OR", told, empty=EVERY if holds else NONE)
        case Or(parts):
            told = [query_of(each, schema, holds=holds) for each in parts]
            return _joined("OR" if holds else "AND", told, empty=NONE if holds else EVERY)
        case _:
            assert_never(expression)


def _joined(word: str, parts: list[str], *, empty: str) -> str:
    if not parts:
        return empty
    return parts[0] if len(parts) == 1 else f"({f' {word} '.join(parts)})"


def _compared(field: Field, asked: Restriction, *, holds: bool) -> str:
    if field.is_set(asked):
        return f"{field.column} IS {'NOT ' if holds else ''}NULL"
    operator = asked.operator if holds else _TURNED[asked.operator]
    value = field.read(asked)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    if not _PLAIN.fullmatch(text):
        # There is none of that name.
        return EVERY if operator is Operator.DIFFERS else NONE
    compared = f"{field.column} {operator} '{text}'"
    # What is unset differs from everything, and is neither more nor less than anything.
    holds_unset = operator is Operator.DIFFERS or (not holds and operator is not Operator.EQUALS)
    return f"({compared} OR {field.column} IS NULL)" if field.nullable and holds_unset else compared
