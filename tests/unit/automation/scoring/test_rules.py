"""The customer's rules: what they add up to, and what is refused."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from automation.scoring.features import LEVELS, Feature, ScoredPerson, features_of
from automation.scoring.ranking import in_turns, ranked_by_rules, strongest
from automation.scoring.rules import (
    MISSING,
    MOST_LEVELS,
    MOST_RULES,
    Rules,
    RulesInvalid,
    asked_rules_of,
    rules_of,
)
from hypothesis import given
from hypothesis import strategies as st

RULES = {
    "rules": [
        {"feature": "seniority", "levels": ["vp", "c_level"], "points": 20},
        {"feature": "function", "levels": ["people"], "points": -15},
        {"feature": "country", "levels": ["de", "(unknown)"], "points": 1.5},
    ]
}


def rule(**changed: Any) -> dict[str, Any]:
    one = {"feature": "seniority", "levels": ["vp"], "points": 1, **changed}
    return {"rules": [one]}


def test_points_add_up_and_negative_ones_take_off() -> None:
    """The terms are the score, and who is worth less is still there."""
    rules = rules_of(RULES)
    features = {"seniority": "vp", "function": "people", "country": "DE"}

    assert rules.score(features) == 6.5
    assert [(term.feature, term.points) for term in rules.terms(features)] == [
        ("seniority", 20),
        ("function", -15),
        ("country", 1.5),
    ]
    assert rules.score({}) == 1.5


@pytest.mark.parametrize(
    "told",
    [
        rule(points=float("nan")),
        rule(points=float("inf")),
        rule(points=-1001),
        rule(points="20"),
        rule(points=True),
        rule(points=10**400),
        rule(levels=[]),
        rule(levels=[" "]),
        rule(levels=[f"level {number}" for number in range(10_000)]),
        rule(levels=["vp"] * (MOST_LEVELS + 1)),
        rule(weight=2),
        {"rules": [7]},
        {"rules": "vp"},
        {"rules": rule()["rules"] * (MOST_RULES + 1)},
        {"points": {}},
    ],
)
def test_what_cannot_be_meant_is_refused(told: dict[str, Any]) -> None:
    """NaN, Infinity, and lists that are no rule."""
    for read in (rules_of, asked_rules_of):
        with pytest.raises(RulesInvalid):
            read(told)


@pytest.mark.parametrize("version", [{"of": "mine"}, [1], 1.5, True, None, 10**16, "v" * 201])
def test_a_version_is_a_word_or_a_number(version: Any) -> None:
    """Whoever asks says which; what was kept before with another one is read all the same."""
    with pytest.raises(RulesInvalid) as refused:
        asked_rules_of({**rule(), "version": version})

    assert [each.field for each in refused.value.violations] == ["version"]
    assert rules_of({**rule(), "version": version}) == rules_of(rule())
    assert asked_rules_of({**rule(), "version": "2026-03"}) == rules_of(rule())


@pytest.mark.parametrize(
    ("feature", "level", "named"),
    [
        ("seniority", "VPs", "owner, c_level, vp"),
        ("function", "HR", "people"),
        ("company_size", "1 to 50", "51-200"),
        ("has_headline", "perhaps", "yes, no"),
        ("days_since_import", "3 days", "0-6 days"),
        ("country", "Atlantis", "ISO 3166"),
        ("country", "ZZ", "ISO 3166"),
        ("list_source", "Spring fair", "lead list"),
        ("industry", "!!", "words"),
        ("same_language", "yes", "seniority, function"),
        ("first_name", "Ada", "seniority, function"),
        ("Replied", "yes", "seniority, function"),
    ],
)
def test_what_nobody_can_have_is_refused(feature: str, level: str, named: str) -> None:
    """With what there is. Rules that were kept before are still read, and match nobody."""
    told = rule(feature=feature, levels=[level])

    with pytest.raises(RulesInvalid) as refused:
        asked_rules_of(told)

    (fault,) = refused.value.violations
    assert named in fault.description
    assert rules_of(told).score({"seniority": "vp", "country": "DE"}) == 0


@pytest.mark.parametrize(
    ("feature", "level", "meant"),
    [
        ("seniority", "VP", "vp"),
        ("seniority", "C-Level", "c_level"),
        ("function", "People", "people"),
        ("country", "Germany", "DE"),
        ("country", "Deutschland", "DE"),
        ("country", "de", "DE"),
        ("company_size", "51 - 200", "51-200"),
        ("has_headline", "Yes", "yes"),
        ("industry", " Steel,  Iron ", "steel, iron"),
        ("industry", MISSING, MISSING),
    ],
)
def test_a_level_is_meant_however_it_is_written(feature: str, level: str, meant: str) -> None:
    """Capitals and lines between words make no other level, nor does a country's name."""
    assert asked_rules_of(rule(feature=feature, levels=[level])).points == {feature: {meant: 1}}


@pytest.mark.parametrize("feature", [each for each in Feature if each in LEVELS])
def test_every_level_can_be_named(feature: Feature) -> None:
    """As it is told of people."""
    levels = [*LEVELS[feature]]

    assert [*asked_rules_of(rule(feature=feature, levels=levels)).points[feature]] == sorted(levels)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["seniority", "function", "industry"]),
            st.sampled_from(["vp", "head", "people", "steel"]),
        ),
        max_size=30,
    )
)
def test_terms_add_up_to_the_score_and_the_best_is_first(people: list[dict[str, str]]) -> None:
    """Everybody is ranked once, by falling score."""
    rules = rules_of(RULES)
    lead_ids = [f"lead_{number}" for number in range(len(people))]

    ranked = ranked_by_rules(lead_ids, people, rules)

    assert sorted(each.lead_id for each in ranked) == sorted(lead_ids)
    scores = [each.score for each in ranked if each.score is not None]
    assert scores == sorted(scores, reverse=True)
    for each in ranked:
        assert sum(term.points for term in rules.terms(each.features)) == each.score


def test_rules_that_give_the_same_are_the_same() -> None:
    """However they are written; another point is another word, and no preference is none."""
    seniors = {"feature": "seniority", "levels": ["vp", "c_level"], "points": 20}
    one = rules_of({"rules": [seniors, {"feature": "country", "levels": ["de"], "points": 1}]})
    parted = rules_of(
        {
            "version": 2,
            "rules": [
                {"feature": "country", "levels": ["Germany"], "points": 1},
                {"feature": "seniority", "levels": ["VP"], "points": 15},
                {"feature": "seniority", "levels": ["C-Level"], "points": 20},
                {"feature": "seniority", "levels": ["vp"], "points": 5},
                {"feature": "industry", "levels": ["steel"], "points": 0},
            ],
        }
    )

    assert one.digest == parted.digest
    assert one.digest != rules_of({"rules": [seniors]}).digest
    assert rules_of({}).digest == rules_of({"rules": [{**seniors, "points": 0}]}).digest == ""


def test_without_rules_segments_come_in_turn() -> None:
    """In the order of the list, so that the first weeks teach of every segment."""
    people = [{"seniority": "vp"}] * 3 + [{"seniority": "head"}, {"industry": "steel"}]

    ranked = in_turns(["a", "b", "c", "d", "e"], people)

    assert [each.lead_id for each in ranked] == ["a", "d", "e", "b", "c"]
    assert ranked_by_rules(["a", "b", "c", "d", "e"], people, Rules()) == ranked


def test_three_terms_are_told_each_way() -> None:
    """The strongest ones."""
    rules = Rules(
        points={
            name: {"x": points}
            for name, points in zip("abcdefgh", [5, -1, 3, 2, 1, -7, -2, -3], strict=True)
        }
    )
    terms = rules.terms(dict.fromkeys("abcdefgh", "x"))

    assert [term.points for term in strongest(terms)] == [5, 3, 2, -7, -3, -2]


def test_fifty_thousand_people_are_scored_a_second() -> None:
    """Of processor, with all that is read of each; the best of five, for others use the machine."""
    now = datetime(2027, 3, 1, 12, tzinfo=UTC)
    rules = rules_of(RULES)
    titles = [
        f"{level} {of} {number}"
        for level in ("VP", "Head", "CTO")
        for of in ("Sales", "HR")
        for number in range(50)
    ]
    people = [
        ScoredPerson(
            title=titles[number % 300],
            industry=f"industry {number % 40}",
            location="Berlin, Germany",
            company_size="51-200",
            imported_at=now,
        )
        for number in range(10_000)
    ]

    taken = []
    for _ in range(5):
        begun = time.process_time()
        features = [features_of(each, now=now) for each in people]
        ranked = ranked_by_rules([str(number) for number in range(10_000)], features, rules)
        taken.append(time.process_time() - begun)

    assert len(ranked) == 10_000
    assert min(taken) < 10_000 / 50_000
