"""Who a list says is not to be contacted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.campaigns.leads.test_lead_list import read

REQUESTS = [
    *("Do not contact", "DO NOT CONTACT", "do-not-contact", "DoNotContact", "Don't contact"),
    *("nicht kontaktieren", "Bitte nicht kontaktieren!", "ne pas contacter", "no contactar"),
    *("nao contatar", "non contattare", "niet benaderen", "please do not contact"),
]
IN_NAMES = [*REQUESTS, "DNC", "Not interested", "Unsubscribed", "opted out", "do not call"]


@given(
    st.sampled_from(IN_NAMES),
    st.sampled_from(
        ["Ada,{}", "{},", "Ada Quill ({}),", "Ada - {},Quill", "Ada,Quill [{}]", "Ada {},Quill"]
    ),
    st.sampled_from(["first name,last name", "name,title"]),
)
def test_who_is_not_to_be_contacted_is_no_lead(asked: str, names: str, header: str) -> None:
    """They lost their name, and a text that says none was sent to them."""
    content = f"{header},linkedin\n{names.format(asked)},/in/ada\nBo,Reed,/in/bo\n"
    title = names.split(",")[1] if header == "name,title" else ""
    if "{}" in title and (asked not in REQUESTS or title != "{}"):
        return  # a job says what it says

    people, (wrong,), _ = read(content)

    assert [each.public_identifier for each in people] == ["bo"]
    assert (wrong.line, wrong.reason) == (2, "DO_NOT_CONTACT")
    assert "allow it by name" in wrong.description


@pytest.mark.parametrize("names", ["Do not,contact", "Not,Interested", "Nicht,kontaktieren"])
def test_a_request_over_both_names_is_one(names: str) -> None:
    """Somebody has noted it where a first and a last name belong."""
    _, (wrong,), _ = read(f"first name,last name,linkedin\n{names},/in/ada\n")

    assert (wrong.column, wrong.reason) == ("first name", "DO_NOT_CONTACT")


@pytest.mark.parametrize("asked", REQUESTS)
def test_a_cell_that_asks_for_peace_counts_in_any_column(asked: str) -> None:
    """Wherever a list says it and nothing else, that is of the person of the row."""
    content = f'name,status,linkedin\nAda,"{asked}",/in/ada\nBo,new,/in/bo\n'

    people, (wrong,), _ = read(content)

    assert [each.public_identifier for each in people] == ["bo"]
    assert (wrong.column, wrong.reason) == ("status", "DO_NOT_CONTACT")
    assert len(read(content, literal=[asked])[0]) == 2


def test_a_column_of_who_is_left_alone_is_one() -> None:
    """An export has a column of its own for it, with a yes or a no."""
    header = "name,Do Not Contact,Do Not Call,linkedin"

    people, wrong, _ = read(f"{header}\nAda,TRUE,,/in/ada\nBo,FALSE,TRUE,/in/bo\nCy,,,/in/cy\n")

    assert [each.public_identifier for each in people] == ["bo", "cy"]
    assert [(each.line, each.column) for each in wrong] == [(2, "Do Not Contact")]


@pytest.mark.parametrize(
    "column",
    [
        *("Do Not Contact?=Yes", "Do Not Contact (Y/N)=Y", "DNC=TRUE", "DNC=x", "Opted out=yes"),
        *("Do_Not_Contact__c=true", "Do not contact flag=1", "Unsubscribed=TRUE", "DoNotContact=1"),
        *("Kontaktsperre=ja", "Do Not Contact=t", "Do Not Contact=✓", "Do Not Contact=2026-05-01"),
        *("Do Not Contact=Yes (asked in May)", "Do Not Contact=DNC", "No contact=1"),
        *("Is Unsubscribed=wahr", "Do not contact reason=left", "Blocked=X"),
    ],
)
def test_under_a_header_that_asks_all_but_a_no_counts(column: str) -> None:
    """Marks of tools were passed over, and the person was imported."""
    header, _, said = column.partition("=")

    people, (wrong,), _ = read(f"name,{header},linkedin\nAda,{said},/in/ada\nBo,,/in/bo\n")

    assert [each.public_identifier for each in people] == ["bo"]
    assert (wrong.line, wrong.column, wrong.reason) == (2, header, "DO_NOT_CONTACT")


@pytest.mark.parametrize("said", ["", "-", "No", "FALSE", "0", "nein", "N/A", "n", "☐", "falsch"])
@pytest.mark.parametrize("header", ["Do Not Contact?", "DNC", "Opted out", "Kontaktsperre"])
def test_a_no_under_such_a_header_is_one(header: str, said: str) -> None:
    """Who has not asked may be contacted."""
    people, wrong, _ = read(f"name,{header},linkedin\nAda,{said},/in/ada\n")

    assert (len(people), wrong) == (1, [])


@pytest.mark.parametrize(
    "said",
    [
        *("DNC", "Not interested", "Unsubscribed", "Opted out", "Do not contact (asked in May)"),
        *("DO NOT CONTACT - asked us", "Please do not contact me again", "do not contact him"),
        *("Not interested (May)", "dnc - told Pam", "Closed - not interested", "Kein Interesse"),
        *("Lost; opted out", "Never contact", "Do not reach out", "do not contact before May"),
    ],
)
@pytest.mark.parametrize("header", ["Status", "Notes", "Lead Status", "lead_stage"])
def test_a_state_asks_for_peace(header: str, said: str) -> None:
    """A cell begins with the request, or says it in short where states and notes stand."""
    people, (wrong,), _ = read(f"name,{header},linkedin\nAda,{said},/in/ada\n")

    assert not people
    assert (wrong.column, wrong.reason) == (header, "DO_NOT_CONTACT")
    assert len(read(f"name,{header},linkedin\nAda,{said},/in/ada\n", literal=[said])[0]) == 1


@pytest.mark.parametrize(
    "row",
    [
        *("Nina,Bell,", "No,Kontakt,", "Don,Call,", "Otto,Interest,", "Opt,Outerbridge,"),
        *("Ada,Quill,do not call", "Ada,Quill,Contact", "Ada,Quill,Opted out of emails"),
        *("Ada,Quill,No contact", "Ada,Quill,DNC checked", "Ada,Quill,Do not contact by phone"),
        *("Ada,Quill,not contacted yet", "Ada,Quill,Interested", "Ada,Quill,Opted out: no"),
        *("Ada,Quill,Do not use the number of the office", "Ada,Quill,Open"),
    ],
)
@pytest.mark.parametrize("header", ["Notes", "Status", "Stage", "Last touch"])
def test_who_may_be_contacted(row: str, header: str) -> None:
    """Names that sound like it, what is said of mail and calls, and who was not contacted yet."""
    people, wrong, _ = read(f"first name,last name,{header},linkedin\n{row},/in/ada\n")

    assert len(people) == 1
    assert not wrong


@pytest.mark.parametrize("said", ["Do Not Disturb", "Never Use", "No Contact", "Blocked"])
@pytest.mark.parametrize("header", ["Company", "Title"])
def test_what_a_company_is_called_asks_nothing(header: str, said: str) -> None:
    """People of “Never Use” were refused; the plain request counts wherever it stands."""
    people, wrong, _ = read(f"name,{header},linkedin\nAda,{said},/in/ada\n")
    asked = read(f"name,{header},linkedin\nAda,Please do not contact,/in/ada\n")[1]

    assert (len(people), wrong) == (1, [])
    assert [each.reason for each in asked] == ["DO_NOT_CONTACT"]


def test_no_contact_is_a_request_where_a_column_asks_for_one() -> None:
    """Elsewhere it is how far somebody is."""
    people, (wrong,), _ = read(
        "name,Contact preference,linkedin\nAda,No contact,/in/ada\nBo,No calls,/in/bo\n"
    )

    assert [each.public_identifier for each in people] == ["bo"]
    assert wrong.reason == "DO_NOT_CONTACT"


@pytest.mark.parametrize("row", ["DNC,", "Not,Interested", "Ada Quill (do not contact),"])
def test_a_name_that_is_meant_asks_nothing(row: str) -> None:
    """Whoever says so by name has such a person in the list."""
    meant = " ".join(filter(None, row.split(",")))

    people, wrong, _ = read(f"first name,last name,linkedin\n{row},/in/ada\n", literal=[meant])

    assert len(people) == 1
    assert not wrong
