"""Filters as SQL with bind parameters, and nothing of the caller's in the text. Pure.

Every condition is true or false, never null: what is unset equals nothing, differs from
everything, and is neither more nor less than anything. So NOT turns each of them around.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from servicekit.lists.expressions import And, Expression, Not, Operator, Or, Restriction
from servicekit.lists.fields import Field, FieldType
from servicekit.lists.schemas import ListSchema


@dataclass(frozen=True)
class Scope:
    """A condition of ours: `{0}` in its text stands for the first of its values, and so on."""

    text: str
    values: Sequence[tuple[Any, str]] = ()
    """Each with its type in PostgreSQL."""

    def condition(self, parameters: Parameters) -> str:
        """The condition, with places for its values."""
        return self.text.format(*(parameters.add(*value) for value in self.values))

    def and_(self, other: Scope) -> Scope:
        """Both conditions; the other one has no values."""
        return replace(self, text=f"{self.text} AND {other.text}") if other.text else self


@dataclass
class Parameters:
    """The values of a statement, in the order of their numbers."""

    values: list[Any] = field(default_factory=list)

    def add(self, value: Any, sql_type: str) -> str:
        """The place of a further value in the text."""
        self.values.append(value)
        return f"${len(self.values)}::{sql_type}"


def condition(expression: Expression, schema: ListSchema, parameters: Parameters) -> str:
    """The condition of a filter that the schema has read."""
    match expression:
        case Restriction():
            return _compared(schema.field(expression.field), expression, parameters)
        case Not(holds):
            return f"NOT ({condition(holds, schema, parameters)})"
        case And(parts):
            return _joined(" AND ", [condition(each, schema, parameters) for each in parts])
        case Or(parts):
            return _joined(" OR ", [condition(each, schema, parameters) for each in parts])
        case _:
            assert_never(expression)


def _joined(word: str, parts: list[str]) -> str:
    return f"({word.join(parts)})" if parts else "true"


def _compared(asked_of: Field, asked: Restriction, parameters: Parameters) -> str:
    column = asked_of.column
    if asked_of.is_set(asked):
        return _is_set(asked_of)
    value = _value(asked_of, asked, parameters)
    match asked.operator:
        case Operator.DIFFERS:
            differs = "IS DISTINCT FROM" if asked_of.nullable else "<>"
            return f"{column} {differs} {value}"
        case (
            Operator.EQUALS
            | Operator.LESS
            | Operator.AT_MOST
            | Operator.GREATER
            | Operator.AT_LEAST
        ):
            return _known(asked_of, f"{column} {asked.operator} {value}")
        case Operator.HAS if asked_of.type is FieldType.IDS:
            return _known(asked_of, f"{value} = ANY({column})")
        case Operator.HAS:
            return _known(asked_of, f"strpos(lower({column}), lower({value})) > 0")
        case _:
            assert_never(asked.operator)


def _value(asked_of: Field, asked: Restriction, parameters: Parameters) -> str:
    value = asked_of.read(asked)
    if not asked_of.literal:
        return parameters.add(value, asked_of.type.sql)
    if value not in asked_of.values.values():
        raise AssertionError("nothing but a value of the schema stands in a statement")
    return f"'{value}'"


def _known(asked_of: Field, compared: str) -> str:
    """The comparison; false where the column is null."""
    return f"({asked_of.column} IS NOT NULL AND {compared})" if asked_of.nullable else compared


def _is_set(asked_of: Field) -> str:
    match asked_of.type:
        case FieldType.TEXT | FieldType.ID:
            return _known(asked_of, f"{asked_of.column} <> ''")
        case FieldType.IDS:
            return _known(asked_of, f"cardinality({asked_of.column}) > 0")
        case (
            FieldType.ENUM
            | FieldType.INSTANT
            | FieldType.DURATION
            | FieldType.INTEGER
            | FieldType.BOOLEAN
        ):
            return f"{asked_of.column} IS NOT NULL"
        case _:
            assert_never(asked_of.type)
