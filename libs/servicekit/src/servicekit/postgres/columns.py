"""Columns said once: lists of SQL, parameters and values are all made from them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")


class Row(Protocol):
    """Columns by name, as asyncpg's records have them."""

    def __getitem__(self, name: str, /) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Column(Generic[T]):
    """A column, and how its value and a value of `T` are made from each other."""

    name: str
    type: str
    """As PostgreSQL spells it."""
    write: Callable[[T], Any]
    read: Callable[[Any], Any] | None = None
    """None if it is kept as it is."""
    fields: tuple[str, ...] = ()
    """The fields of `T` that are read from it; of several, `read` makes a tuple."""
    insert_only: bool = False
    """It is written with the row; an upsert leaves it as it is."""


def column(
    name: str,
    type: str = "text",  # noqa: A002 - what PostgreSQL calls it
    *,
    write: Callable[[Any], Any] | None = None,
    read: Callable[[Any], Any] | None = None,
    fields: tuple[str, ...] | None = None,
    insert_only: bool = False,
) -> Column[Any]:
    """A column that keeps the field of its name, unless it says otherwise."""
    return Column(
        name=name,
        type=type,
        write=write or attrgetter(name),
        read=read,
        fields=(name,) if fields is None else fields,
        insert_only=insert_only,
    )


class Columns(Generic[T]):
    """Columns that a statement is given, of one `T` or of many at once.

    >>> thing: Columns[Any] = Columns(column("thing_id"), column("size", "integer"))
    >>> f"INSERT INTO things ({thing}) SELECT {thing.parameters()}"
    'INSERT INTO things (thing_id, size) SELECT :thing_id::text, :size::integer'
    """

    def __init__(self, *columns: Column[T]) -> None:
        self.columns = columns
        self.types = {each.name: each.type for each in columns}
        self.names = ", ".join(self.types)
        self._writers = [each.write for each in columns]

    def __str__(self) -> str:
        """`a, b`, as a statement names them."""
        return self.names

    def __or__(self, other: Columns[Any]) -> Columns[Any]:
        return Columns(*self.columns, *other.columns)

    @property
    def declared(self) -> str:
        """`a text, b integer`, as `jsonb_to_recordset` declares them."""
        return ", ".join(f"{name} {of_type}" for name, of_type in self.types.items())

    def of(self, alias: str) -> str:
        """`alias.a, alias.b`, where a statement has several tables."""
        return ", ".join(f"{alias}.{name}" for name in self.types)

    def set_from(self, source: str) -> str:
        """`a = source.a, b = source.b`, as an update takes them over."""
        return ", ".join(f"{name} = {source}.{name}" for name in self.types)

    def without(self, *names: str) -> Columns[T]:
        """The same columns but for some."""
        return Columns(*(each for each in self.columns if each.name not in names))

    def parameters(self, prefix: str = "") -> str:
        """A parameter for each column, for one row."""
        return ", ".join(f":{prefix}{each.name}::{each.type}" for each in self.columns)

    def values(self, one: T, prefix: str = "") -> dict[str, Any]:
        """The values of `parameters`."""
        return {prefix + each.name: each.write(one) for each in self.columns}

    def row(self, one: T) -> tuple[Any, ...]:
        """The values in the order of the columns, as COPY takes them."""
        return tuple([each(one) for each in self._writers])

    def unnested(self, alias: str, *, ordinal: bool = False) -> str:
        """A table of as many rows as are given, numbered from 1 if `ordinal`."""
        arrays = ", ".join(f":{each.name}::{each.type}[]" for each in self.columns)
        if ordinal:
            return f"unnest({arrays}) WITH ORDINALITY AS {alias}({self.names}, ordinal)"
        return f"unnest({arrays}) AS {alias}({self.names})"

    def arrays(self, many: Sequence[T]) -> dict[str, list[Any]]:
        """The values of `unnested`."""
        return {each.name: list(map(each.write, many)) for each in self.columns}


class Table(Columns[T]):
    """The columns of a table that keep a dataclass, all of it.

    Raises `TypeError`, when it is made, for a field that no column keeps.
    """

    def __init__(self, of: type[T], *columns: Column[T]) -> None:
        super().__init__(*columns)
        self._of = of
        self._selected = [each.name for each in columns if each.fields]
        self._plain = [
            (each.name, each.fields[0], each.read) for each in columns if len(each.fields) == 1
        ]
        self._composed = [
            (each.name, each.fields, each.read)
            for each in columns
            if len(each.fields) > 1 and each.read is not None
        ]
        kept = [name for each in columns for name in each.fields]
        wanted = [each.name for each in fields(of)]  # type: ignore[arg-type]
        if sorted(kept) != sorted(wanted):
            wrong = ", ".join(sorted(set(kept) ^ set(wanted)))
            raise TypeError(f"{of.__name__} is not what the columns keep: {wrong}")
        later = Columns(*(each for each in columns if not each.insert_only))
        self.updates = later.set_from("excluded")

    def selected(self, alias: str = "", *, prefix: str = "") -> str:
        """What `read` reads, as a list for SELECT or RETURNING."""
        return ", ".join(_selected(name, alias, prefix) for name in self._selected)

    def read(self, row: Row, prefix: str = "") -> T:
        """The dataclass that a row keeps."""
        values: dict[str, Any] = {}
        for column, field, read in self._plain:
            value = row[prefix + column]
            values[field] = value if read is None else read(value)
        for column, names, read_all in self._composed:
            values.update(zip(names, read_all(row[prefix + column]), strict=True))
        return self._of(**values)


def _selected(name: str, alias: str, prefix: str) -> str:
    source = f"{alias}.{name}" if alias else name
    return f"{source} AS {prefix}{name}" if prefix else source


def numbered(rows: Iterable[Row]) -> list[tuple[int, Row]]:
    """Rows of a statement on `unnested` values, each with the place of its value, in order."""
    return sorted(((row["ordinal"] - 1, row) for row in rows), key=lambda each: each[0])


def affected(status: str) -> int:
    """How many rows a statement has touched, by what PostgreSQL answers to it."""
    return int(status.rsplit(" ", 1)[-1])
