"""servicekit.postgres.columns."""

import pytest
from servicekit.postgres.columns import Columns

THING = Columns(thing_id="text", size="integer")


def test_names_and_parameters_are_in_the_same_order() -> None:
    """A statement names the columns and their parameters from one list."""
    assert str(THING) == "thing_id, size"
    assert THING.parameters() == "$1::text, $2::integer"
    assert THING.parameters(first=3) == "$3::text, $4::integer"


def test_values_come_by_name() -> None:
    """Whatever order a row has, its values are those of the parameters."""
    assert THING.values({"size": 3, "thing_id": "thing_1"}) == ["thing_1", 3]


@pytest.mark.parametrize(
    "row", [{"thing_id": "thing_1"}, {"thing_id": "thing_1", "size": 3, "weight": 4}]
)
def test_a_row_has_these_very_columns(row: dict[str, object]) -> None:
    """A value that is missing or has no column is a mistake, not a NULL."""
    with pytest.raises(ValueError, match=r"not the columns of the table: (size|weight)"):
        THING.values(row)
