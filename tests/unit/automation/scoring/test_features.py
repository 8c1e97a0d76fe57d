"""What of a lead counts: what may, spelled alike, and nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from automation.scoring.features import (
    LEVELS,
    Feature,
    ScoredPerson,
    features_of,
    scored_person,
)
from automation.scoring.titles import FUNCTIONS, SENIORITIES, read_title
from campaigns.models import Person
from hypothesis import given
from hypothesis import strategies as st

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "seniority", "function"),
    [
        ("VP Sales", "vp", "sales"),
        ("Vice President of Marketing", "vp", "marketing"),
        ("Chief Technology Officer", "c_level", "engineering"),
        ("Geschäftsführerin", "c_level", ""),
        ("Vertriebsleiter DACH", "head", "sales"),
        ("Directrice des achats", "director", "purchasing"),
        ("Jefa de ventas", "head", "sales"),
        ("Diretor de Operações", "director", "operations"),
        ("Responsabile acquisti", "head", "purchasing"),
        ("Hoofd personeelszaken", "head", "people"),
        ("Assistant to the Director of Finance", "junior", "finance"),
        ("🚀 Founder 🚀", "owner", ""),
        ("", "", ""),
        ("🦄", "", ""),
    ],
)
def test_titles_are_read_in_the_languages_that_are_written(
    title: str, seniority: str, function: str
) -> None:
    """An emoji or nothing at all has no level, and is no fault."""
    assert read_title(title) == (seniority, function)


@given(st.text(max_size=400))
def test_a_title_says_only_words_of_ours(title: str) -> None:
    """Whatever somebody writes there, instructions too, no word of theirs comes through."""
    seniority, function = read_title(title)

    assert seniority in ("", *SENIORITIES)
    assert function in ("", *FUNCTIONS)


def test_columns_of_the_list_have_no_effect() -> None:
    """One that tells the outcome, and one that is called like a feature; nor has a name."""
    plain = Person(public_identifier="ada", title="VP Sales")
    told = Person(
        public_identifier="grace",
        first_name="Grace",
        last_name="Director",
        email="ceo@example.com",
        title="VP Sales",
        variables={"Replied": "yes", "seniority": "c_level", "function": "people"},
    )

    assert features_of(scored_person(told), now=NOON) == features_of(scored_person(plain), now=NOON)


def test_what_is_known_has_a_level_and_what_is_not_has_none() -> None:
    """Each feature by its own scale."""
    person = ScoredPerson(
        title="Head of Sales",
        industry="  Computer   Software! ",
        location="München, Bayern, Deutschland",
        company_size="51-200 employees",
        has_headline=False,
        lead_list_id="list_1",
        imported_at=NOON - timedelta(days=8),
    )

    assert features_of(person, now=NOON) == {
        "seniority": "head",
        "function": "sales",
        "industry": "computer software",
        "country": "DE",
        "company_size": "51-200",
        "list_source": "list_1",
        "has_headline": "no",
        "days_since_import": "7-29 days",
    }
    assert features_of(ScoredPerson(), now=NOON) == {}


@pytest.mark.parametrize("days", [*range(10), 29, 30, 89, 90, 400])
@pytest.mark.parametrize("size", ["1", "10", "11", "200", "1000", "10,000", "10001", "9999999"])
def test_levels_are_those_that_are_named(*, days: int, size: str) -> None:
    """What people can have and what rules may name are the same."""
    person = ScoredPerson(
        title="Head of Sales",
        company_size=size,
        has_headline=days % 2 == 0,
        imported_at=NOON - timedelta(days=days),
    )

    found = features_of(person, now=NOON)

    assert set(LEVELS) == set(found)
    assert all(level in LEVELS[name] for name, level in found.items())


@pytest.mark.parametrize("told", ["-5", "0", "many", "", "∞"])
def test_a_size_that_is_none_is_not_known(told: str) -> None:
    """A negative number of employees is no company of five."""
    assert Feature.COMPANY_SIZE not in features_of(ScoredPerson(company_size=told), now=NOON)


def test_the_page_names_every_feature_and_level() -> None:
    """As people write them into rules."""
    page = (Path(__file__).parents[4] / "docs" / "automation.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    by_feature = {row.split("`")[1]: set(row.split("|")[3].split("`")[1::2]) for row in rows}

    assert {each for each in Feature if each in by_feature} == {*Feature}
    assert {name: by_feature[name] for name in LEVELS} == {
        name: set(levels) for name, levels in LEVELS.items()
    }
