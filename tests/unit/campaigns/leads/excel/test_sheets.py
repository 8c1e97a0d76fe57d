"""Which sheet of a workbook is meant, by what the names of all of them say."""

from __future__ import annotations

import pytest
from campaigns.leads.beginnings import Likeness
from campaigns.leads.csv_records import TableUnreadable
from campaigns.leads.excel.sheets import Says, check_choice, likeliest_of, said_by

LEFT_ALONE = [
    *("Do not reach out", "Do not approach", "Do not invite", "Never contact", "No contact"),
    *("Nicht ansprechen", "Kein Interesse", "Pas intéressé", "Ne plus contacter", "Contacted"),
    *("Already reached out", "Blocked", "Unsubs", "Kontaktsperre", "Opt-out 2024", "DNC list"),
    *("Do-Not-Contact (2024)", "Excluded leads", "Old - do not use", "DNC & blacklist", "dnc"),
]
CLEANED = [
    *("Leads (DNC removed)", "Leads DNC checked", "Cleaned of DNC", "Leads minus opt-outs"),
    *("Leads - no bounces", "Leads without opt-outs", "Leads w/o blacklist", "Leads excluding DNC"),
]
PERHAPS = ["DNC of Pam", "Leads and DNC", "DNC scrubbed", "DNC removed", "Do not visit"]
NOTHING = [
    *("Leads", "Not contacted yet", "Nicht kontaktiert", "Interested (not contacted)", "Options"),
    *("Exclusive leads", "Interested", "Kontakte", "Contacts", "Contact list", "Blockchain"),
]


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_people_who_are_left_alone_are_read_by_nobody(name: str) -> None:
    """Sheets that said so in other words than were known were imported instead of the leads."""
    sheets = {name: Likeness.LIST, "Leads": Likeness.LIST}

    check_choice(sheets)

    assert said_by(name) is Says.LEFT_ALONE
    assert likeliest_of(sheets) == "Leads"
    with pytest.raises(TableUnreadable, match="not to be contacted"):
        check_choice({name: Likeness.LIST})


@pytest.mark.parametrize("name", [*CLEANED, *PERHAPS])
@pytest.mark.parametrize("order", [1, -1])
def test_of_two_lists_neither_is_read_where_one_tells_of_such_people(name: str, order: int) -> None:
    """The cleaned sheet was thrown away, and the raw one, which may still have them, imported."""
    names = [name, "Backup"][::order]

    with pytest.raises(TableUnreadable, match="both name people"):
        check_choice(dict.fromkeys(names, Likeness.LIST))


@pytest.mark.parametrize("name", CLEANED)
def test_a_cleaned_sheet_is_read_where_it_is_the_only_one(name: str) -> None:
    """Also beside one of those who were taken out."""
    sheets = {"DNC": Likeness.LIST, "Info": Likeness.PAGE, name: Likeness.LIST}

    check_choice(sheets)

    assert said_by(name) is Says.WITHOUT
    assert likeliest_of(sheets) == name


@pytest.mark.parametrize("name", PERHAPS)
def test_a_sheet_that_may_be_of_such_people_is_refused(name: str) -> None:
    """Whoever means it renames it."""
    with pytest.raises(TableUnreadable, match="rename it"):
        check_choice({name: Likeness.LIST})


@pytest.mark.parametrize("name", NOTHING)
def test_who_is_not_left_alone(name: str) -> None:
    """Words that sound like it say nothing of them, nor does who was not contacted yet."""
    sheets = {name: Likeness.LIST, "More": Likeness.LIST}

    check_choice(sheets)

    assert said_by(name) is Says.NOTHING
    assert likeliest_of(sheets) == name
