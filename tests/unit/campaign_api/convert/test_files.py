"""Leads as a table and as lines of JSON."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from campaign_api.convert.files import ExportFormat, file_lines
from campaigns.models import ConnectionState, Lead, LeadState, Person
from google.protobuf.json_format import Parse
from hypothesis import given
from hypothesis import strategies as st
from outreach.campaign.v1 import lead_pb2

LEAD = Lead(
    id="lead_1",
    campaign_id="camp_1",
    person=Person(public_identifier="ada", first_name="Ada", variables={"shoe size": "41"}),
    state=LeadState.READY,
    connection=ConnectionState.NONE,
    created_at=datetime(2026, 3, 2, tzinfo=UTC),
)


def named(first_name: str) -> Lead:
    return replace(LEAD, person=replace(LEAD.person, first_name=first_name))


def written(*leads: Lead, form: ExportFormat, variables: Sequence[str], begins: bool) -> str:
    lines = file_lines(list(enumerate(leads, start=1)), form, variables=variables, begins=begins)
    return b"".join(line for _, line in lines).decode()


def table(*leads: Lead, begins: bool = True) -> list[list[str]]:
    content = written(*leads, form=ExportFormat.CSV, variables=["shoe size"], begins=begins)
    return list(csv.reader(io.StringIO(content, newline="")))


def test_a_table_has_a_column_for_each_variable() -> None:
    """The header comes once, with the first piece."""
    header, row = table(LEAD)

    told = dict(zip(header, row, strict=True))
    assert (told["lead_id"], told["first_name"], told["shoe size"]) == ("lead_1", "Ada", "41")
    assert (told["state"], told["create_time"]) == ("LEAD_STATE_READY", "2026-03-02T00:00:00Z")
    assert table(LEAD, begins=False) == [row]


@pytest.mark.parametrize("first", ["=1+1", "+351 21", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(first: str) -> None:
    """What came in a list is shown as it stands, whoever opens the table."""
    _, row = table(named(first))

    assert row[2] == f"'{first}"


@given(st.text())
def test_every_text_comes_back(text: str) -> None:
    """Quotes, commas and line breaks too, but for the apostrophe; and no cell begins as one."""
    text = text.encode(errors="ignore").decode().replace("\0", "")
    _, row = table(named(text))

    assert row[2].removeprefix("'") == text.removeprefix("'")
    assert not row[2].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_a_line_is_the_lead() -> None:
    """Each line is one message, whatever is in it."""
    told = named("=1\n2")

    content = written(told, LEAD, form=ExportFormat.JSON_LINES, variables=[], begins=True)

    first, second = content.splitlines()
    assert Parse(first, lead_pb2.Lead()).first_name == "=1\n2"
    assert json.loads(second)["leadId"] == "lead_1"
