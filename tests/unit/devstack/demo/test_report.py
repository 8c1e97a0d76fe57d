"""What the demo prints."""

import io

import pytest
from devstack.cli import console_of
from devstack.demo.consistency import LeadWithSteps
from devstack.demo.report import show_import, show_leads
from outreach.campaign.v1 import campaign_pb2, lead_pb2, lead_service_pb2
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


def test_a_pipe_is_as_wide_as_every_terminal() -> None:
    """Lines of 120 columns were broken anywhere by whoever paged through them."""
    assert console_of({}).width == 80


def test_no_line_of_a_report_is_wider_than_asked() -> None:
    """Every lead of a sequence of nine steps, long names and reasons, and rows that are wrong."""
    written = io.StringIO()
    out = Console(file=written, width=80)
    steps = [campaign_pb2.StepCounts(step_id=f"s{n}", index=n, kind=1) for n in range(9)]
    lead = lead_pb2.Lead(
        first_name="Priya-Annabelle",
        last_name="Ramanathan-Achterberg, MBA",
        state=lead_pb2.LEAD_STATE_COMPLETED,
        reason="INVITATION_NOT_ACCEPTED",
    )
    taken = lead_pb2.StepExecution(
        step_id="s6", index=6, kind=1, state=lead_pb2.STEP_STATE_SKIPPED, reason="ALREADY_REPLIED"
    )
    error = lead_service_pb2.RowError(
        line=15,
        column="LinkedIn URL",
        reason="COMPANY_PAGE",
        description="This is the page of a company, not a person. Nobody can be invited by it.",
    )

    show_leads(out, [LeadWithSteps(lead=lead, steps=[taken])] * 3, steps)
    show_import(out, lead_service_pb2.ImportLeadsResponse(rows=2, row_errors=[error]), [])

    lines = written.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert "completed (invitation" in written.getvalue()
