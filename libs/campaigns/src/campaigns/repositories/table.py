"""The columns of a table, said once: statements and values are made from the one list. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Columns:
    """Columns with their types, in one order that no statement repeats."""

    types: Mapping[str, str]

    @property
    def listed(self) -> str:
        """`a, b`, as a statement names them."""
        return ", ".join(self.types)

    @property
    def placeholders(self) -> str:
        """`$1, $2`, a place for each of the values."""
        return ", ".join(f"${number}" for number in range(1, len(self.types) + 1))

    @property
    def declared(self) -> str:
        """`a text, b integer`, as `jsonb_to_recordset` declares them."""
        return ", ".join(f"{name} {of_type}" for name, of_type in self.types.items())

    def set_from(self, source: str, names: Iterable[str] | None = None) -> str:
        """`a = source.a, b = source.b`, as an update takes them over."""
        taken = self.types if names is None else names
        return ", ".join(f"{name} = {source}.{name}" for name in taken)

    def of(self, prefix: str) -> str:
        """`prefix.a, prefix.b`, where a statement has several tables."""
        return ", ".join(f"{prefix}.{name}" for name in self.types)

    def values(self, record: Mapping[str, Any]) -> list[Any]:
        """What stands in the places; raises `KeyError` unless the record has just these columns."""
        if record.keys() != self.types.keys():
            raise KeyError(*sorted(record.keys() ^ self.types.keys()))
        return [record[name] for name in self.types]

    def without(self, *names: str) -> Columns:
        """The same columns but for some."""
        return Columns({name: each for name, each in self.types.items() if name not in names})

    def __or__(self, other: Columns) -> Columns:
        return Columns({**self.types, **other.types})


def affected(status: str) -> int:
    """How many rows a statement has touched, by what PostgreSQL answers to it."""
    return int(status.rsplit(" ", 1)[-1])
