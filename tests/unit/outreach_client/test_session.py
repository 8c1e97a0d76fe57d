"""What is typed for one call."""

import pytest
import typer
from outreach_client.session import column_by_field


def test_a_field_has_one_column() -> None:
    """Of two the last one was taken, whichever was meant; the same twice is once."""
    found = column_by_field(["email=Mail", "email = Mail", "title=Job"])

    assert found == {"email": "Mail", "title": "Job"}
    with pytest.raises(typer.BadParameter, match="two columns"):
        column_by_field(["email=Mail", "email=Work mail"])
