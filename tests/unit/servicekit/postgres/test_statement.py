"""Statements whose parameters have names."""

import pytest
from servicekit.postgres.statement import Statement

STATEMENT = Statement("SELECT :since::timestamptz, x[1:(:most)] FROM t WHERE at > :since")


def test_names_become_numbers() -> None:
    """A name that is said twice is one parameter; a cast is no name."""
    assert STATEMENT.sql == "SELECT $1::timestamptz, x[1:($2)] FROM t WHERE at > $1"
    assert STATEMENT.given(most=9, since="monday") == ["monday", 9]


@pytest.mark.parametrize("values", [{"since": 1}, {"since": 1, "most": 2, "least": 3}])
def test_what_does_not_fit_is_refused(values: dict[str, int]) -> None:
    """A value too few or too many is a mistake of the caller."""
    with pytest.raises(TypeError):
        STATEMENT.given(**values)
