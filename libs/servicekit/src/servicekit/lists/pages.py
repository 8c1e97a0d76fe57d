"""One page of a list, as SQL: from which row on, in which order, and what is examined. Pure.

Where an index answers the whole filter, the page is read from it. Where it answers a part, or
none, the rest is looked at row by row, at most `EXAMINED` rows to a page: a page may then have
fewer rows than asked for, or none, and still a next one, which begins behind the last row that
was looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from servicekit.lists.conditions import Parameters, condition
from servicekit.lists.errors import PageTokenInvalid
from servicekit.lists.expressions import (
    EVERYTHING,
    And,
    Expression,
    Operator,
    Restriction,
    conjuncts,
)
from servicekit.lists.fields import FieldType
from servicekit.lists.schemas import EXAMINED, Key, ListSchema, Ordering
from servicekit.page_tokens import Part, instant_of

Cursor = tuple[Any, ...]
"""The keys of a row, by which a page begins behind it."""
_FROM_WALKED = "SELECT {} FROM {} AS {} WHERE {} ORDER BY {}"
_LAST_WALKED = "(SELECT * FROM {} AS walked ORDER BY {} OFFSET {})"
_COUNTED = "SELECT count(*) FILTER (WHERE {}) AS found, count(*) AS looked_at FROM {} AS {}"
_BOUNDS = frozenset(Operator) - {Operator.DIFFERS, Operator.HAS}


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """Which page of a list is asked for."""

    ordering: Ordering
    limit: int
    expression: Expression = EVERYTHING
    after: Cursor | None = None


@dataclass(frozen=True, kw_only=True)
class PageQuery:
    """The statements of a page.

    `rows` gives one row more than asked for, where there is one. Where it gives fewer and `end` is
    there, that gives the keys of the row at which the page has stopped looking, if there are more.
    """

    rows: str
    end: str
    values: Sequence[Any]
    limit: int


def key_name(number: int) -> str:
    """What a key of the order is called in each row."""
    return f"page_key_{number}"


def page_query(
    schema: ListSchema,
    columns: str,
    request: PageRequest,
    *,
    parameters: Parameters,
    within: str,
    but: str = "",
) -> PageQuery:
    """The statements of a page of the rows `within`, an indexed condition; `but` narrows them.

    The values of both are in `parameters`.
    """
    found, looked_at = _split(schema, request)
    walk = [within, *(condition(each, schema, parameters) for each in found)]
    if request.after is not None:
        walk.append(_behind(request.ordering, request.after, parameters))
    rest = [but] if but else []
    if looked_at != EVERYTHING:
        rest.append(condition(looked_at, schema, parameters))
    keys = request.ordering.order.keys
    named = ", ".join(f"{key.column} AS {key_name(i)}" for i, key in enumerate(keys))
    order, most = _order_by(request.ordering), request.limit + 1
    source = f"FROM {schema.table} WHERE {' AND '.join(walk)} ORDER BY {order}"
    rows, end = f"SELECT {columns}, {named} {source} LIMIT {most}", ""
    if rest:
        walked, narrowed = f"(SELECT * {source} LIMIT {EXAMINED})", " AND ".join(rest)
        rows = _FROM_WALKED.format(
            f"{columns}, {named}", walked, schema.table, narrowed, f"{order} LIMIT {most}"
        )
        # It names every parameter, since those of the rows are its own: what is never null is so.
        last = _LAST_WALKED.format(walked, order, EXAMINED - 1)
        end = _FROM_WALKED.format(named, last, schema.table, f"({narrowed}) IS NOT NULL", order)
    return PageQuery(rows=rows, end=end, values=parameters.values, limit=request.limit)


def count_query(
    schema: ListSchema,
    request: PageRequest,
    *,
    parameters: Parameters,
    within: str,
    but: str = "",
) -> str:
    """The statement that counts the list: `found`, of `looked_at` rows, one too many at most."""
    found, looked_at = _split(schema, request)
    walk = [within, *(condition(each, schema, parameters) for each in found)]
    rest = [but] if but else []
    rest.append(condition(looked_at, schema, parameters))
    source = f"FROM {schema.table} WHERE {' AND '.join(walk)}"
    walked = f"(SELECT * {source} ORDER BY {_order_by(request.ordering)} LIMIT {EXAMINED + 1})"
    return _COUNTED.format(" AND ".join(rest), walked, schema.table)


def cursor_parts(cursor: Cursor) -> Sequence[Part]:
    """A cursor as a token holds it."""
    return [each.isoformat() if isinstance(each, datetime) else each for each in cursor]


def cursor_of(ordering: Ordering, parts: Sequence[Part]) -> Cursor:
    """The cursor in a token; raises `PageTokenInvalid` if it is not one of this order."""
    keys = ordering.order.keys
    if len(keys) != len(parts):
        raise PageTokenInvalid
    return tuple(_key_value(key, part) for key, part in zip(keys, parts, strict=True))


def _key_value(key: Key, part: Part) -> Any:
    if key.type is FieldType.INSTANT:
        try:
            return instant_of(part)
        except ValueError:
            raise PageTokenInvalid from None
    if isinstance(part, int) is not (key.type is FieldType.INTEGER):
        raise PageTokenInvalid
    return part


def _split(schema: ListSchema, request: PageRequest) -> tuple[Sequence[Expression], Expression]:
    """What an index answers: one equality, and bounds of the order; and what is looked at."""
    order = request.ordering.order
    parts = [*conjuncts(request.expression)]
    lookup = next(
        (
            part
            for each in schema.lookups
            if each.order == order.name
            for part in parts
            if isinstance(part, Restriction)
            and (part.field, part.operator) == (each.field, Operator.EQUALS)
            and (not each.values or schema.field(part.field).read(part) in each.values)
        ),
        None,
    )
    found = [part for part in parts if part is lookup or _is_bound(schema, order.keys[0], part)]
    return found, And(tuple(part for part in parts if part not in found))


def _is_bound(schema: ListSchema, key: Key, part: Expression) -> bool:
    """Whether it says from where to where the order is walked."""
    return (
        isinstance(part, Restriction)
        and part.operator in _BOUNDS
        and schema.field(part.field).column == key.column
    )


def _behind(ordering: Ordering, cursor: Cursor, parameters: Parameters) -> str:
    keys = ordering.order.keys
    columns = ", ".join(key.column for key in keys)
    values = [parameters.add(value, key.type.sql) for key, value in zip(keys, cursor, strict=True)]
    return f"({columns}) {'<' if ordering.descending else '>'} ({', '.join(values)})"


def _order_by(ordering: Ordering) -> str:
    direction = " DESC" if ordering.descending else ""
    return ", ".join(f"{key.column}{direction}" for key in ordering.order.keys)
