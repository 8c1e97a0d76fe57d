"""The fields a list serves: their types, their operators, and the values callers write. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import assert_never

from servicekit.lists.errors import FilterInvalid
from servicekit.lists.expressions import Operator, Restriction

_EQUALITY = frozenset({Operator.EQUALS, Operator.DIFFERS})
_ORDERED = _EQUALITY | {Operator.LESS, Operator.AT_MOST, Operator.GREATER, Operator.AT_LEAST}
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_DURATION = re.compile(r"(-?[0-9]{1,10}(?:\.[0-9]{1,6})?)s")
ANYTHING = "*"
"""After `:`, whatever it is: the field is set."""

Value = str | int | bool | datetime | timedelta


class FieldType(Enum):
    """What a field holds."""

    TEXT = auto()
    """Words; `:` finds a part of them, whatever the case, and `:*` those that are not empty."""
    ID = auto()
    """Compared as a whole; `:*` asks whether there is one."""
    ENUM = auto()
    INSTANT = auto()
    DURATION = auto()
    INTEGER = auto()
    BOOLEAN = auto()
    IDS = auto()
    """A set of ids; `:` asks whether one is among them."""

    @property
    def operators(self) -> frozenset[Operator]:
        """Those that a field of this type is asked with."""
        match self:
            case FieldType.TEXT | FieldType.ID:
                return _EQUALITY | {Operator.HAS}
            case FieldType.ENUM | FieldType.BOOLEAN:
                return _EQUALITY
            case FieldType.INSTANT | FieldType.DURATION | FieldType.INTEGER:
                return _ORDERED
            case FieldType.IDS:
                return frozenset({Operator.HAS})
            case _:
                assert_never(self)

    @property
    def sql(self) -> str:
        """The type of one value in PostgreSQL."""
        match self:
            case FieldType.TEXT | FieldType.ID | FieldType.ENUM | FieldType.IDS:
                return "text"
            case FieldType.INSTANT:
                return "timestamptz"
            case FieldType.DURATION:
                return "interval"
            case FieldType.INTEGER:
                return "bigint"
            case FieldType.BOOLEAN:
                return "boolean"
            case _:
                assert_never(self)


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field by which a list is filtered."""

    name: str
    column: str
    """What holds it: a column, or an expression over columns."""
    type: FieldType
    nullable: bool = False
    """Whether it may be unset; `:*` asks for that."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Of an ENUM: what the column holds, by the name on the wire."""
    prefix: str = ""
    """Of an ENUM: what the names on the wire begin with, and a filter may leave out."""
    literal: bool = False
    """Of an ENUM: its values, which are ours, stand in the statement: an index of some values
    alone is not found by a parameter."""

    @property
    def operators(self) -> frozenset[Operator]:
        return self.type.operators | ({Operator.HAS} if self.nullable else frozenset())

    @property
    def served(self) -> str:
        """Its operators, as a refusal tells them."""
        told = " ".join(each for each in Operator if each in self.operators)
        return f"{told} ({', '.join(self.values)})" if self.values else told

    def is_set(self, asked: Restriction) -> bool:
        """Whether a restriction asks for the field to be set, to whatever."""
        return asked.operator is Operator.HAS and asked.value == ANYTHING and not asked.quoted

    def check(self, asked: Restriction) -> None:
        """Raise `FilterInvalid` if the value of a restriction is none of this field's."""
        if self.is_set(asked):
            return
        if asked.operator is Operator.HAS and self.type not in (FieldType.TEXT, FieldType.IDS):
            told = f"{self.name}: after a colon, * asks whether it is set, and nothing else is"
            raise FilterInvalid(f"{told} asked.", at=asked.at)
        self.read(asked)

    def read(self, asked: Restriction) -> Value:
        """The value of a restriction; raises `FilterInvalid` if it is none of this field's."""
        text = asked.value
        try:
            value = self._value(text)
        except (ValueError, OverflowError):
            value = None
        if value is None:
            raise FilterInvalid(f"{self.name}: {self._expects()}, not “{text[:80]}”.", at=asked.at)
        return value

    def _value(self, text: str) -> Value | None:
        match self.type:
            case FieldType.TEXT | FieldType.ID | FieldType.IDS:
                return text
            case FieldType.ENUM:
                return self.values.get(text.removeprefix(self.prefix))
            case FieldType.INSTANT:
                instant = datetime.fromisoformat(text)
                return None if instant.tzinfo is None else instant.astimezone(UTC)
            case FieldType.DURATION:
                seconds = _DURATION.fullmatch(text)
                return timedelta(seconds=float(seconds[1])) if seconds else None
            case FieldType.INTEGER:
                return int(text) if _NUMBER.fullmatch(text) else None
            case FieldType.BOOLEAN:
                return {"true": True, "false": False}.get(text)
            case _:
                assert_never(self.type)

    def _expects(self) -> str:
        match self.type:
            case FieldType.TEXT | FieldType.ID | FieldType.IDS:
                return "a text is expected"
            case FieldType.ENUM:
                return f"one of {', '.join(self.values)} is expected"
            case FieldType.INSTANT:
                return "an instant with its time zone is expected, as 2026-03-02T12:00:00Z"
            case FieldType.DURATION:
                return "seconds are expected, as 1.5s"
            case FieldType.INTEGER:
                return "a whole number is expected"
            case FieldType.BOOLEAN:
                return "true or false is expected"
            case _:
                assert_never(self.type)


def enum_field(
    name: str,
    members: Iterable[Enum],
    *,
    prefix: str,
    column: str = "",
    nullable: bool = False,
    literal: bool = False,
) -> Field:
    """A field whose column, of the same name unless another is given, holds a member's value."""
    return Field(
        name=name,
        column=column or name,
        type=FieldType.ENUM,
        nullable=nullable,
        values={each.name: str(each.value) for each in members},
        prefix=prefix,
        literal=literal,
    )
