"""What `outreach reports overview` shows reads well on a terminal of 80 columns."""

from typing import Any

import pytest
from outreach.automation.v1 import overview_pb2, report_pb2, score_pb2
from outreach.automation.v1 import report_service_pb2 as pb
from outreach_client.commands.automation import overviews

CAMPAIGN, PROGRAM = "camp_1k1ex78bbnjj9a0jv7kgj2cpws", "prog_1k1ex78d3jkpywkg8tkh3h1vv8"
ACCOUNT = "acct_1k1ex78d3jkpywkg8tkh3h1vv8"


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the server answers, to a terminal of 80 columns."""
    told: list[Any] = []
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(overviews, "ask", lambda _call: told.pop(0))
    return told


def figures(*, mature: bool = True, asks: bool = True) -> overview_pb2.CohortFigures:
    share = report_pb2.Share(count=1_312, of=4_096, low=0.306, high=0.335)
    return overview_pb2.CohortFigures(
        contacted=4_100,
        mature=mature,
        accepted=share if asks else None,
        replied=share,
        opted_out=share,
    )


def test_every_respect_is_a_table(answers: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    """With its denominators and intervals, whole ids, and a mark on what may still change."""
    lines = [
        overview_pb2.OverviewLine(
            dimension=overview_pb2.OVERVIEW_DIMENSION_STEP,
            step_id="send_followup-1",
            figures=figures(asks=False),
        ),
        overview_pb2.OverviewLine(
            dimension=overview_pb2.OVERVIEW_DIMENSION_SENDER,
            account_id=ACCOUNT,
            figures=figures(),
        ),
        overview_pb2.OverviewLine(
            dimension=overview_pb2.OVERVIEW_DIMENSION_SLOT,
            slot=score_pb2.LEAD_SOURCE_LIST_ORDER,
            figures=figures(),
        ),
        overview_pb2.OverviewLine(
            dimension=overview_pb2.OVERVIEW_DIMENSION_SLOT, figures=figures()
        ),
        overview_pb2.OverviewLine(
            dimension=overview_pb2.OVERVIEW_DIMENSION_WEEK,
            week="2027-03-22",
            figures=figures(mature=False),
        ),
    ]
    campaign = overview_pb2.CampaignOverview(
        campaign_id=CAMPAIGN,
        program_id=PROGRAM,
        time_zone="Europe/Berlin",
        everybody=figures(mature=False),
        lines=lines,
    )
    answers.append(pb.GetOverviewResponse(campaigns=[campaign], more_programs=True))

    overviews.overview("org_1")

    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80, text
    assert ACCOUNT in text
    assert "1,312/4,096 32% 31-34" in text
    assert "list order" in text
    assert "by no program" in text
    assert "~4,100" in text
    assert "--program names them" in text


def test_where_there_is_nothing_that_is_said(
    answers: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Rather than an empty screen."""
    answers.append(pb.GetOverviewResponse())

    overviews.overview("org_1")

    assert capsys.readouterr().out.strip() == "none"
