"""A table's columns, said once: for the statement and for the values that go into it."""

from collections.abc import Mapping


class Columns:
    """Columns in an order that nobody has to know: each is written and given by its name.

    >>> thing = Columns(thing_id="text", size="integer")
    >>> f"INSERT INTO things ({thing}) SELECT {thing.parameters()}"
    'INSERT INTO things (thing_id, size) SELECT $1::text, $2::integer'
    >>> thing.values({"size": 3, "thing_id": "thing_1"})
    ['thing_1', 3]
    """

    def __init__(self, **types: str) -> None:
        self._types = types

    def extended(self, **types: str) -> "Columns":
        """These columns and more."""
        return Columns(**self._types, **types)

    def __str__(self) -> str:
        """The names, separated by commas."""
        return ", ".join(self._types)

    def parameters(self, *, first: int = 1) -> str:
        """The parameters of a statement that stand for the columns, from the `first` on."""
        return ", ".join(f"${n}::{type_}" for n, type_ in enumerate(self._types.values(), first))

    def values(self, row: Mapping[str, object]) -> list[object]:
        """The values of a row; raises `ValueError` unless it has these very columns."""
        if row.keys() != self._types.keys():
            wrong = sorted(row.keys() ^ self._types.keys())
            raise ValueError(f"not the columns of the table: {', '.join(wrong)}")
        return [row[name] for name in self._types]
