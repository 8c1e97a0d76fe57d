"""What a list serves: by which fields it is filtered and in which orders it comes. Pure.

Each order names the index that it is read from, and so does each field whose equality an index
answers in an order. What else is declared is looked at row by row on the way along the order's
index, of which a page walks no more than `EXAMINED` rows (`servicekit.lists.pages`): so no filter
makes the database read a whole list for one page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from servicekit.lists.errors import FilterNotSupported, OrderNotSupported
from servicekit.lists.expressions import Expression, restrictions
from servicekit.lists.fields import Field, FieldType
from servicekit.lists.parser import parse

EXAMINED = 2000
"""Rows that one page looks at, at most, where no index answers the whole of its filter."""
_DESCENDING = "desc"


@dataclass(frozen=True, kw_only=True)
class Key:
    """A column that is never null, by which rows come."""

    column: str
    type: FieldType


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order by its keys, of which the last are unique in the list."""

    name: str
    keys: Sequence[Key]
    index: str


def by_instant(name: str, column: str, *, then: str, index: str) -> Order:
    """By a column of instants; what has the same one comes by the column of its id."""
    keys = [Key(column=column, type=FieldType.INSTANT), Key(column=then, type=FieldType.ID)]
    return Order(name=name, keys=keys, index=index)


@dataclass(frozen=True, kw_only=True)
class Ordering:
    """An order, and its direction."""

    order: Order
    descending: bool

    def __str__(self) -> str:
        return f"{self.order.name} {_DESCENDING}" if self.descending else self.order.name


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """A field whose equality an index answers, with the rows in this order."""

    field: str
    order: str
    index: str
    values: Sequence[str] = ()
    """Those that the index has, of a `literal` field; empty: all."""


@dataclass(frozen=True, kw_only=True)
class ListSchema:
    """A list as it is declared; of lookups the more selective stand first."""

    name: str
    table: str
    fields: Sequence[Field]
    orders: Sequence[Order]
    default: str
    """The order of who asks for none."""
    lookups: Sequence[Lookup] = ()

    def field(self, name: str) -> Field:
        """A field by its name, which was read by `filter`."""
        return self._fields[name]

    def filter(self, text: str) -> Expression:
        """The tree of a filter that this list serves.

        Raises `FilterInvalid` if it cannot be read, `FilterNotSupported` if it asks for more.
        """
        try:
            expression = parse(text)
        except FilterNotSupported as error:
            raise FilterNotSupported(_said(error), served=self._served) from None
        for asked in restrictions(expression):
            found = self._fields.get(asked.field)
            if found is None:
                told = f"This list is not filtered by {asked.field[:80]}."
                raise FilterNotSupported(told, served=self._served)
            if asked.operator not in found.operators:
                told = f"{found.name} is not compared by {asked.operator}."
                raise FilterNotSupported(told, served=self._served)
            found.check(asked)
        return expression

    def ordering(self, text: str) -> Ordering:
        """The order that is asked for, the default for an empty text.

        Raises `OrderNotSupported` for one that the list is not read in.
        """
        name, *direction = (text.strip() or self.default).split()
        order = next((each for each in self.orders if each.name == name), None)
        if order is None or direction not in ([], [_DESCENDING]):
            told = f"This list does not come in the order “{text[:80]}”."
            served = ", ".join(f"{each.name}, {each.name} {_DESCENDING}" for each in self.orders)
            raise OrderNotSupported(told, orders=served)
        return Ordering(order=order, descending=bool(direction))

    @property
    def _fields(self) -> Mapping[str, Field]:
        return {each.name: each for each in self.fields}

    @property
    def _served(self) -> Mapping[str, str]:
        """The operators by field, and the fields."""
        names = ", ".join(each.name for each in self.fields)
        return {"fields": names} | {each.name: each.served for each in self.fields}


def _said(error: FilterNotSupported) -> str:
    return error.violations[0].description
