"""How answers are shown."""

import json

import pytest
from outreach.campaign.v1 import campaign_pb2, lead_pb2
from outreach.linkedin.v1 import account_pb2
from outreach_client.formats.output import print_details, print_json, print_rows

LEAD = lead_pb2.Lead(
    lead_id="lead_1",
    first_name="Zoë",
    state=lead_pb2.LEAD_STATE_REPLIED,
    variables={"b": "2", "a": "1"},
    start_time={"seconds": 1772443800},
)


def test_details(capsys: pytest.CaptureFixture[str]) -> None:
    """One thing: short enum names, times in UTC, maps in order, nested fields by their path."""
    print_details(LEAD)
    print_details(
        campaign_pb2.Campaign(settings=campaign_pb2.CampaignSettings(leads_per_day=7)), "campaign"
    )

    shown = " ".join(capsys.readouterr().out.split())
    assert "state replied" in shown
    assert "variables a=1, b=2" in shown
    assert "start time 2026-03-02 09:30:00Z" in shown
    assert "settings.leads per day 7" in shown


def test_markup_in_values_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    """What looks like markup, or is very long, is shown as it is."""
    name = "[red]Ada[/red] :smile: " + "x" * 300
    print_details(lead_pb2.Lead(first_name=name))

    assert "[red]Ada[/red] :smile:" in capsys.readouterr().out


def test_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """Many things: one row each, the columns asked for, and the way to the next page."""
    accounts = [account_pb2.Account(account_id=f"acct_{n}") for n in range(3)]

    print_rows(accounts, "account_id", "state", next_page_token="t0k3n")

    shown = capsys.readouterr().out
    assert [f"acct_{n}" in shown for n in range(4)] == [True, True, True, False]
    assert "More: --page-token t0k3n" in shown


def test_no_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is said to be nothing."""
    print_rows([], "account_id")

    assert capsys.readouterr().out == "none\n"


def test_json_has_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    """Programs see every field, also those with their default, and text as it is."""
    print_json(LEAD, one_line=True)

    text = capsys.readouterr().out
    assert text.count("\n") == 1
    assert "Zoë" in text
    assert json.loads(text)["lastName"] == ""
    assert json.loads(text)["state"] == "LEAD_STATE_REPLIED"
