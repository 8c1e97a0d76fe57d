"""The columns of a table, said once: statements and values are made from the one list. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Columns:
    """Columns with their types, in an order that nobody has to know.

    >>> thing = Columns({"thing_id": "text", "size": "integer"})
    >>> f"INSERT INTO things ({thing}) SELECT {thing.parameters()}"
    'INSERT INTO things (thing_id, size) SELECT $1::text, $2::integer'
    >>> thing.values({"size": 3, "thing_id": "thing_1"})
    ['thing_1', 3]
    """

    types: Mapping[str, str]

    def __str__(self) -> str:
        """`a, b`, as a statement names them."""
        return ", ".join(self.types)

    def __or__(self, other: Columns) -> Columns:
        return Columns({**self.types, **other.types})

    @property
    def declared(self) -> str:
        """`a text, b integer`, as `jsonb_to_recordset` declares them."""
        return ", ".join(f"{name} {of_type}" for name, of_type in self.types.items())

    def parameters(self, *, first: int = 1) -> str:
        """`$1::text, $2::integer`, a parameter for each of the values, from the `first` on."""
        return ", ".join(f"${n}::{of_type}" for n, of_type in enumerate(self.types.values(), first))

    def set_from(self, source: str, names: Iterable[str] | None = None) -> str:
        """`a = source.a, b = source.b`, as an update takes them over."""
        taken = self.types if names is None else names
        return ", ".join(f"{name} = {source}.{name}" for name in taken)

    def of(self, prefix: str) -> str:
        """`prefix.a, prefix.b`, where a statement has several tables."""
        return ", ".join(f"{prefix}.{name}" for name in self.types)

    def without(self, *names: str) -> Columns:
        """The same columns but for some."""
        return Columns({name: each for name, each in self.types.items() if name not in names})

    def values(self, record: Mapping[str, Any]) -> list[Any]:
        """A record in order; raises `ValueError` unless it has these columns."""
        if record.keys() != self.types.keys():
            wrong = sorted(record.keys() ^ self.types.keys())
            raise ValueError(f"not the columns of the table: {', '.join(wrong)}")
        return [record[name] for name in self.types]


def affected(status: str) -> int:
    """How many rows a statement has touched, by what PostgreSQL answers to it."""
    return int(status.rsplit(" ", 1)[-1])
