"""Whatever can hold personal data is declared, and only ids of ours stand just anywhere."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from privacy import personal_data
from privacy.page import renewed
from privacy.personal_data import NOBODYS, Names, NotDeclared, PersonalData

from tests.personal_data import (
    Field,
    dataclass_fields,
    log_fields,
    message_fields,
    metric_labels,
    span_attributes,
)

PAGE = Path(__file__).parent.parent / "docs/privacy.md"


@pytest.fixture(scope="module")
def declared() -> PersonalData:
    return personal_data.read()


def undeclared(found: Iterable[Field], names: Names) -> list[str]:
    wrong = []
    for owner, name in found:
        try:
            names.class_of(name, owner=owner)
        except NotDeclared:
            wrong.append(f"{owner}.{name}")
    return sorted(set(wrong))


def outdated(found: Iterable[Field], names: Names) -> set[str]:
    """What is declared and is nowhere."""
    fields = set(found)
    there = {name for _, name in fields} | {f"{owner}.{name}" for owner, name in fields}
    return {*names.personal, *names.nobodys, *names.exceptions} - there


def test_every_field_of_messages_and_dataclasses_is_declared(declared: PersonalData) -> None:
    """A new field says whether it is of a person, and what is gone is not declared any more."""
    found = {*message_fields(), *dataclass_fields()}

    assert undeclared(found, declared.fields) == []
    assert outdated(found, declared.fields) == set()


def test_every_field_of_logs_spans_and_metrics_is_declared_and_names_nobody(
    declared: PersonalData,
) -> None:
    """What is written beside the tables stands for a person at the most."""
    for found, names in (
        (set(log_fields()), declared.logs),
        (set(span_attributes()), declared.spans),
        (set(metric_labels()), declared.labels),
    ):
        assert undeclared(found, names) == []
        assert outdated(found, names) == set()
        told = {*names.personal.values(), *names.exceptions.values()}
        assert all(declared.may_stand_anywhere(each) for each in told)


def test_a_field_that_nobody_declared_is_found(declared: PersonalData) -> None:
    """The walk does not pass over what it does not know."""
    assert undeclared([("campaigns.Person", "shoe_size")], declared.fields) == [
        "campaigns.Person.shoe_size"
    ]
    assert {"first_name", "variables", "public_identifier"} <= {
        name for owner, name in dataclass_fields() if owner == "campaigns.Person"
    }
    assert ("campaign.v1.Lead", "variables") in set(message_fields())
    assert {"lead_id", "campaign_id"} <= {name for _, name in log_fields()}


def test_a_word_that_could_be_anybodys_is_declared_by_its_owner(declared: PersonalData) -> None:
    """A campaign's name is nobody's; that of what is new may be a person's."""
    assert declared.fields.class_of("name", owner="campaigns.Campaign") == NOBODYS
    new = [(owner, word) for owner in ("campaigns.Guest",) for word in ("name", "value", "url")]

    assert undeclared(new, declared.fields) == [
        "campaigns.Guest.name",
        "campaigns.Guest.url",
        "campaigns.Guest.value",
    ]


def test_whatever_lies_in_clear_says_why(
    declared: PersonalData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each column of a person that is neither sealed, hashed nor emptied; silence is refused."""
    file, tables = personal_data._file, declared.tables.values()

    def silent(name: str) -> dict[str, Any]:
        said = file(name)
        said.get("members", {}).get("clear", {}).pop("member_name", None)
        return said

    assert declared.tables["identity", "members"].clear["name"]
    assert [each.name for each in tables if set(each.clear) != set(declared.in_clear(each))] == []
    monkeypatch.setattr(personal_data, "_file", silent)
    with pytest.raises(NotDeclared, match=r"identity\.members: name: "):
        personal_data.read()


def test_the_page_is_what_the_map_says(declared: PersonalData) -> None:
    """`make privacy-page` writes it."""
    page = PAGE.read_text()

    assert renewed(page, declared) == page
