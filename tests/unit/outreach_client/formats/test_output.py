"""How answers are shown."""

import io
import json
from contextlib import redirect_stdout
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2, lead_pb2
from outreach.linkedin.v1 import account_pb2
from outreach_client.formats.asked import Asked, running
from outreach_client.formats.output import (
    console,
    print_details,
    print_json,
    print_rows,
    print_sentence,
)
from outreach_client.formats.shown import Format

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
    assert "start time 2026-03-02T09:30:00Z" in shown
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
    assert "More: --all, --limit N, or --page-token t0k3n" in shown


def test_no_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is said to be nothing."""
    print_rows([], "account_id")

    assert capsys.readouterr().out == "none\n"


def test_no_rows_are_not_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    """A page may be empty with more behind it; and who follows changes goes on from there."""
    print_rows([], "account_id", next_page_token="t0k3n", next_sync_token="s1nc")

    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["none", "More: --all, --limit N, or --page-token t0k3n"]
    assert lines[2].endswith("--sync-token s1nc")


def test_json_has_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    """Programs see every field, also those with their default, and text as it is."""
    print_json(LEAD, one_line=True)

    text = capsys.readouterr().out
    assert text.count("\n") == 1
    assert "Zoë" in text
    assert json.loads(text)["lastName"] == ""
    assert json.loads(text)["state"] == "LEAD_STATE_REPLIED"


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns."""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.usefixtures("screen")
def test_sentences_stand_below_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    """Parted by commas nobody saw where one explanation ended and the next began."""
    print_details(
        campaign_pb2.CampaignStatus(
            explanations=["3 leads wait, paused.", "Account acct_1 has used its week."]
        )
    )

    shown = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [line.removeprefix("explanations").strip() for line in shown if "- " in line] == [
        "- 3 leads wait, paused.",
        "- Account acct_1 has used its week.",
    ]


@pytest.mark.usefixtures("screen")
@pytest.mark.parametrize("columns", range(2, 9))
def test_no_word_is_cut_on_a_small_screen(columns: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A table of many columns cut its words to some letters, one below the other."""
    step = lead_pb2.StepExecution(
        step_id="profile_visit-1770537610111",
        label="Ask for a call",
        reason="ACCOUNT_NOT_CONNECTED",
        detail="The account acct_01j9z3k4x5 has used its week, and goes on later.",
        start_time={"seconds": 1772443800},
        end_time={"seconds": 1772443900},
    )
    names = ["step_id", "label", "state", "reason", "exit", "detail", "start_time", "end_time"]

    print_rows([step, step], *names[:columns], title="steps")

    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    shown = " ".join(lines).split()
    texts = ("step_id", "label", "reason", "detail")
    said = " ".join(getattr(step, name) for name in names[:columns] if name in texts).split()
    assert {word: shown.count(word) >= 2 for word in said} == dict.fromkeys(said, True)


SENTENCE = "Read as UTF-8; " + ", ".join(
    f"field_{n} = A header of some words {n}" for n in range(9)
)


@pytest.mark.usefixtures("screen")
def test_a_sentence_is_parted_between_words(capsys: pytest.CaptureFixture[str]) -> None:
    """The terminal broke it wherever its edge was, in the middle of a header."""
    print_sentence(SENTENCE)

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 80
    assert " ".join(" ".join(lines).split()) == SENTENCE


def test_a_sentence_for_a_program_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever reads it need not put it together again."""
    print_sentence(SENTENCE)

    assert capsys.readouterr().out == f"{SENTENCE}\n"


@pytest.mark.usefixtures("screen")
def test_what_stands_below_each_other_is_parted_from_what_follows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The title of the next table stood among the fields of the last row."""
    wide = {f"header_{n}": "words of some length" for n in range(9)}
    lead = lead_pb2.Lead(lead_id="lead_1", title="Head of looms", variables=wide, email="a" * 60)

    print_rows([lead], "lead_id", "title", "email", "variables", title="leads")
    print_rows([], title="warnings")

    before, _, _ = capsys.readouterr().out.partition("warnings: none")
    assert before.endswith("\n\n")


def test_nought_is_not_told_where_it_is_no_limit(capsys: pytest.CaptureFixture[str]) -> None:
    """`leads per day 0` reads as if nobody ever began."""
    print_details(campaign_pb2.Campaign(settings=campaign_pb2.CampaignSettings()))

    assert "settings.leads per day no limit" in " ".join(capsys.readouterr().out.split())


CAMPAIGNS = [
    campaign_pb2.Campaign(
        campaign_id=f"camp_01j9z3k4x{number}",
        name="Spring fair in Hanover",
        account_ids=["acct_01j9z3k4x5", "acct_01j9z3k4x6"],
        create_time={"seconds": 1772443800},
        start_time={"seconds": 1772443800},
    )
    for number in range(2)
]
COLUMNS = ("campaign_id", "name", "account_ids", "create_time", "start_time")


@pytest.mark.usefixtures("screen")
@pytest.mark.parametrize(("width", "left_out"), [(80, 2), (140, 0)])
def test_a_list_has_as_many_columns_as_fit(
    width: int, left_out: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each row in a line, no id broken, and what is left out is named; wide shows all of it."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")

    print_rows(CAMPAIGNS, *COLUMNS)
    shown = capsys.readouterr().out
    with running(Asked(output=Format.WIDE)):
        print_rows(CAMPAIGNS, *COLUMNS)
    wide = capsys.readouterr().out

    lines = shown.splitlines()
    assert max(map(len, lines)) <= width
    assert [line.split()[0] for line in lines if "camp_" in line] == [
        each.campaign_id for each in CAMPAIGNS
    ]
    named = next((line for line in lines if "Not shown" in line), "Not shown: ()")
    assert named.count("time") == left_out
    assert wide.count("2026-03-02") == 4
    assert max(map(len, wide.splitlines())) <= width


def test_a_list_in_a_pipe_has_every_column(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever reads it has no width: a row is a line, with its times in UTC."""
    monkeypatch.delenv("COLUMNS", raising=False)
    print_rows(CAMPAIGNS, *COLUMNS)

    rows = [line for line in capsys.readouterr().out.splitlines() if "camp_" in line]
    assert len(rows) == 2
    assert all(row.count("2026-03-02T09:30:00Z") == 2 for row in rows)


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (Format.NAME, ["camp_01j9z3k4x0", "camp_01j9z3k4x1"]),
        (Format.JSONL, ["camp_01j9z3k4x0", "camp_01j9z3k4x1"]),
        (Format.CSV, ["campaignId", "camp_01j9z3k4x0", "camp_01j9z3k4x1"]),
        (Format.YAML, ["campaigns:", "- campaignId: camp_01j9z3k4x0"]),
    ],
)
def test_a_list_for_a_program(
    output: Format, told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A line for each; a header above a CSV; YAML is the message, as JSON is."""
    answer = campaign_service_pb2.ListCampaignsResponse(campaigns=CAMPAIGNS)

    with running(Asked(output=output)):
        print_json(answer)

    lines = capsys.readouterr().out.splitlines()
    assert [part for part, line in zip(told, lines, strict=False) if part not in line] == []
    if output is not Format.YAML:
        assert len(lines) == len(told)


def test_no_cell_of_a_csv_is_a_formula(capsys: pytest.CaptureFixture[str]) -> None:
    """What a person is called is no command of a spreadsheet."""
    with running(Asked(output=Format.CSV)):
        print_json(lead_pb2.Lead(lead_id="lead_1", first_name="=1+1"))

    assert "'=1+1" in capsys.readouterr().out


@given(st.text())
def test_what_others_wrote_commands_no_terminal(name: str) -> None:
    """A lead called ESC [2J emptied the screen of whoever listed it, or named its window."""
    hostile = f"A\x1b]0;owned\x07\x1b[2J\u202e{name}"

    with redirect_stdout(io.StringIO()) as told:
        print_rows([lead_pb2.Lead(first_name=hostile, lead_id="lead_1")], "lead_id", "first_name")
        console().print(hostile)

    assert not [each for each in told.getvalue() if category(each) == "Cc" and each not in "\n\t"]
    assert "\u202e" not in told.getvalue()
