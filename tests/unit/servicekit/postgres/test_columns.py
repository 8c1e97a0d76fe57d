"""Columns of a table."""

import pytest
from servicekit.postgres.columns import Columns

COLUMNS = Columns({"id": "text", "number": "integer"})


def test_values_stand_where_their_columns_do() -> None:
    """In whatever order a record names them; nobody counts places."""
    assert str(COLUMNS) == "id, number"
    assert COLUMNS.parameters() == "$1::text, $2::integer"
    assert COLUMNS.parameters(first=3) == "$3::text, $4::integer"
    assert COLUMNS.values({"number": 7, "id": "one"}) == ["one", 7]


@pytest.mark.parametrize("record", [{"id": "one"}, {"id": "one", "number": 7, "name": "x"}])
def test_a_record_has_just_the_columns(record: dict[str, object]) -> None:
    """A column that is forgotten, or was never there, is an error and no NULL."""
    with pytest.raises(ValueError, match=r"name|number"):
        COLUMNS.values(record)


def test_statements_are_made_of_columns() -> None:
    """Declared for a record set, taken over by an update, and told apart by table."""
    assert COLUMNS.declared == "id text, number integer"
    assert COLUMNS.without("id").set_from("new") == "number = new.number"
    assert (COLUMNS | Columns({"name": "text"})).of("new") == "new.id, new.number, new.name"
