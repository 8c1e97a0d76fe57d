"""What the demo prints."""

import io

import pytest
from devstack.demo.report import show_import
from outreach.campaign.v1 import lead_service_pb2
from rich.console import Console


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            {"rows": 11, "imported": 10, "duplicates": 1},
            "11 rows: 10 leads, 1 duplicate, 0 rejected, 0 held back",
        ),
        (
            {"rows": 1, "imported": 1, "duplicates": 0},
            "1 row: 1 lead, 0 duplicates, 0 rejected, 0 held back",
        ),
    ],
)
def test_one_is_one(answer: dict[str, int], expected: str) -> None:
    """A number and its noun agree."""
    written = io.StringIO()

    show_import(
        Console(file=written, width=120), lead_service_pb2.ImportLeadsResponse(**answer), []
    )

    assert written.getvalue().strip() == expected
