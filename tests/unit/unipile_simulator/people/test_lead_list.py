"""People from lead lists, whatever the header."""

from pathlib import Path

import pytest
from unipile_simulator import World
from unipile_simulator.people.lead_list import read_leads
from unipile_simulator.people.people import names_from, public_identifier


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "First Name,Last Name,LinkedIn URL\nAda,Berg,https://www.linkedin.com/in/Ada-Berg/?a=1\n",
            ("ada-berg", {"first_name": "Ada", "last_name": "Berg"}),
        ),
        (
            "name;profile;job title\nAda van Berg;linkedin.com/in/ada-berg;CEO\n",
            ("ada-berg", {"position": "CEO", "first_name": "Ada", "last_name": "van Berg"}),
        ),
        ("linkedin_url\tcompany\nada-berg\tAcme\n", ("ada-berg", {"company": "Acme"})),
        (
            "\ufeffurl,temperament\nhttps://de.linkedin.com/in/j%C3%BCrgen-x/,blocks\n",
            ("jürgen-x", {"temperament": "blocks"}),
        ),
    ],
)
def test_any_header_will_do(
    tmp_path: Path, text: str, expected: tuple[str, dict[str, str]]
) -> None:
    """Comma, semicolon or tab; any column that holds a profile URL."""
    path = tmp_path / "leads.csv"
    path.write_text(text, encoding="utf-8")

    assert list(read_leads(path)) == [expected]


def test_rows_without_a_person_are_skipped(tmp_path: Path) -> None:
    """Blank, foreign and ragged rows do no harm; an empty file has nobody."""
    path = tmp_path / "leads.csv"
    path.write_text("name,linkedin\nA,\nB,https://linkedin.com/in/b-b/\nC\nD,x y,z,z\n,,\n")
    empty = tmp_path / "empty.csv"
    empty.write_text("")

    assert [public_id for public_id, _ in read_leads(path)] == ["b-b", "x y"]
    assert list(read_leads(empty)) == []


def test_a_listed_person_keeps_their_facts() -> None:
    """Name and temperament come from the list; adding the list again changes nothing."""
    world = World()
    facts = {"first_name": "Ada", "last_name": "Berg", "temperament": "blocks"}
    world.add_people([("x-1", facts)])
    world.add_people([("x-1", {"temperament": "ignores"})])

    person = world.people.must("x-1")
    assert (person.name, person.temperament, person.seen_in) == ("Ada Berg", "blocks", "list")


def test_an_unknown_temperament_is_refused() -> None:
    """Rather than a person nobody meant."""
    with pytest.raises(ValueError, match="grumpy"):
        World().add_people([("x-1", {"temperament": "grumpy"})])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://www.linkedin.com/in/Jane-Doe/en?x=1#top", "jane-doe"),
        ("Jane-Doe", "jane-doe"),
        ("linkedin.com/in/j%C3%A9r%C3%B4me", "jérôme"),
    ],
)
def test_public_identifiers_are_extracted(given: str, expected: str) -> None:
    """The part after /in/, decoded, without query, fragment or language."""
    assert public_identifier(given) == expected


@pytest.mark.parametrize(
    ("public_id", "expected"),
    [
        ("jane-doe-12ab34", ("Jane", "Doe")),
        ("jane-doe", ("Jane", "Doe")),
        ("janedoe", ("Janedoe", "")),
        ("jan-van-berg-9", ("Jan", "Van Berg")),
    ],
)
def test_identifiers_tell_names(public_id: str, expected: tuple[str, str]) -> None:
    """As far as they can."""
    assert names_from(public_id) == expected
