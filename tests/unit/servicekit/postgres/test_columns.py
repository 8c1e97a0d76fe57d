"""Columns are said once, and none is forgotten."""

from dataclasses import dataclass

import pytest
from servicekit.postgres.columns import Columns, Table, column, numbered


@dataclass(frozen=True)
class Parcel:
    parcel_id: str
    weight: float = 0.0
    lines: tuple[str, ...] = ()
    town: str = ""
    street: str = ""


COLUMNS = (
    column("parcel_id", insert_only=True),
    column("weight", "double precision"),
    column(
        "lines", write=lambda parcel: ";".join(parcel.lines), read=lambda text: (*text.split(";"),)
    ),
    column(
        "address",
        write=lambda parcel: f"{parcel.street}, {parcel.town}",
        read=lambda text: reversed(text.split(", ")),
        fields=("town", "street"),
    ),
    column("first_letter", write=lambda parcel: parcel.parcel_id[:1], fields=()),
)
PARCELS: Table[Parcel] = Table(Parcel, *COLUMNS)
ONE = Parcel("p1", weight=2.5, lines=("a", "b"), town="Lisbon", street="Rua")


def test_a_value_is_read_as_it_was_written() -> None:
    """Columns of one field, of several and of none."""
    row = PARCELS.values(ONE, prefix="p_")

    assert row["p_first_letter"] == "p"
    assert PARCELS.read(row, "p_") == ONE


def test_lists_are_of_the_same_columns() -> None:
    """What is selected, given and updated follows from one list."""
    assert PARCELS.selected("p", prefix="p_").startswith("p.parcel_id AS p_parcel_id, p.weight AS")
    assert "first_letter" not in PARCELS.selected()
    assert PARCELS.parameters("new_").startswith(":new_parcel_id::text, :new_weight::double prec")
    assert PARCELS.updates.startswith("weight = excluded.weight, lines = excluded.lines")


def test_statements_are_made_of_columns() -> None:
    """Declared for a record set, taken over by an update, and told apart by table."""
    columns = Columns(column("id"), column("number", "integer"))

    assert str(columns) == "id, number"
    assert columns.parameters() == ":id::text, :number::integer"
    assert columns.declared == "id text, number integer"
    assert columns.without("id").set_from("new") == "number = new.number"
    assert (columns | Columns(column("name"))).of("new") == "new.id, new.number, new.name"


def test_many_are_arrays() -> None:
    """A statement on many is given one array for each column."""
    many: Columns[Parcel] = Columns(*COLUMNS[:2])

    assert many.unnested("q", ordinal=True) == (
        "unnest(:parcel_id::text[], :weight::double precision[])"
        " WITH ORDINALITY AS q(parcel_id, weight, ordinal)"
    )
    assert many.arrays([ONE, Parcel("p2")]) == {"parcel_id": ["p1", "p2"], "weight": [2.5, 0.0]}


def test_rows_are_numbered_in_order() -> None:
    """In whatever order the database answers, each row has the place of what it was read for."""
    rows = [{"ordinal": 3, "name": "c"}, {"ordinal": 1, "name": "a"}]

    assert [(place, row["name"]) for place, row in numbered(rows)] == [(0, "a"), (2, "c")]


@pytest.mark.parametrize(
    "columns", [COLUMNS[1:], (*COLUMNS, column("colour")), (*COLUMNS, column("weight"))]
)
def test_a_forgotten_column_fails_the_import(columns: tuple) -> None:
    """A field that no column keeps, a column without a field, a field that is kept twice."""
    with pytest.raises(TypeError):
        Table(Parcel, *columns)
