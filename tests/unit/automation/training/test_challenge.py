"""What ranks is held against what may replace it, with people whom it did not know."""

from dataclasses import replace
from itertools import pairwise

import pytest
from automation.scoring.model import Model, RuleWeight, Sigmoid, model_json
from automation.training.challenge import (
    RankingModel,
    TrainingTask,
    among_explored,
    refitted,
    standing_of,
    task_json,
    task_of,
)
from automation.training.dataset import Dataset, TrainingRow
from automation.training.evaluation import Judged, Told
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.automation.training.people import people, person

EVEN = Model(
    intercept=0.0,
    weights={},
    rule=RuleWeight(weight=0.0, mean=0.0, spread=1.0),
    calibration=Sigmoid(slope=1.0, intercept=0.0),
)
"""It says one half of everybody."""
CHAMPION = RankingModel(model_id="mdl_1", body=model_json(EVEN), knows_before=5)


def half_accept(count: int, *, week: int = 6) -> list[TrainingRow]:
    return [person(number, week=week, accepted=number % 2 == 0) for number in range(count)]


def no_slope(told: object) -> float:
    raise AssertionError(told)


@pytest.mark.parametrize("champion", [None, CHAMPION])
def test_the_child_reads_what_it_is_given(champion: RankingModel | None) -> None:
    """Rows, and what ranks, if anything does."""
    rows = [*people(3), person(7, explored=True)]

    assert task_of(task_json(rows, rules="ab12", champion=champion)) == TrainingTask(
        dataset=Dataset.of(rows), rules="ab12", champion=champion
    )


def test_nobody_is_compared_whom_the_champion_may_have_known() -> None:
    """Neither those of the weeks before nor their colleagues."""
    dataset = Dataset.of(
        [
            person(1, week=4, company_key="north"),
            person(2, week=5, company_key="north"),
            person(3, week=5, company_key="south"),
            person(4, week=6),
        ]
    )

    assert [dataset.rows[place].lead_id for place in dataset.unknown_before(5)] == [
        "lead_00003",
        "lead_00004",
    ]


def test_who_says_more_of_strangers_surpasses_the_champion() -> None:
    """And its slope is of what the champion had said."""
    dataset = Dataset.of(half_accept(40))
    better = [0.9 if row.accepted else 0.1 for row in dataset.rows]
    heard: list[Told] = []

    standing = standing_of(CHAMPION, dataset, better, lambda told: heard.extend(told) or 0.5)

    assert (standing.model_id, standing.people) == ("mdl_1", 40)
    assert standing.is_surpassed
    assert standing.has_failed
    assert {each.said for each in heard} == {0.5}
    worse = standing_of(CHAMPION, dataset, [1 - said for said in better], lambda _: 0.7)
    assert not worse.is_surpassed
    assert not worse.has_failed


@pytest.mark.parametrize("rows", [half_accept(29), half_accept(40, week=4), people(0)])
def test_of_too_few_strangers_nothing_is_concluded(rows: list[TrainingRow]) -> None:
    """Nobody surpasses, nobody fails."""
    standing = standing_of(CHAMPION, Dataset.of(rows), [0.5] * len(rows), no_slope)

    assert not standing.is_surpassed
    assert not standing.has_failed


def test_a_base_rate_that_rose_surpasses_nobody() -> None:
    """A model of the same order that knows of it is no better: both get what fits these people."""
    dataset = Dataset.of(person(n, week=6, accepted=n % 10 < 8) for n in range(200))
    by_points = Model(
        intercept=-1.0,
        weights={},
        rule=RuleWeight(weight=1.0, mean=0.0, spread=1.0),
        calibration=Sigmoid(slope=1.0, intercept=0.0),
    )
    rows = [replace(row, rule_score=n % 3 - 1.0) for n, row in enumerate(dataset.rows)]
    champion = replace(CHAMPION, body=model_json(by_points))
    knowing = replace(by_points, intercept=1.5)
    said = [knowing.score(row.features, row.rule_score) for row in rows]

    standing = standing_of(champion, Dataset.of(rows), said, lambda _: 1.0)

    assert standing.gain is not None
    assert abs(standing.gain) < 1e-6
    assert not standing.is_surpassed


def test_whom_chance_chose_is_who_counts() -> None:
    """Where there are thirty of them: of the others what ranks has had a hand in who they are."""
    rows = [person(n, week=6, accepted=n % 2 == 0, explored=n < 40) for n in range(400)]
    dataset = Dataset.of(rows)
    good_of_drawn = [0.9 if row.accepted == row.explored else 0.1 for row in dataset.rows]
    few = Dataset.of(replace(row, explored=n < 29) for n, row in enumerate(rows))

    drawn = standing_of(CHAMPION, dataset, good_of_drawn, lambda _: 1.0)
    everybody = standing_of(CHAMPION, few, good_of_drawn, lambda _: 1.0)

    assert (drawn.people, drawn.is_surpassed) == (40, True)
    assert (everybody.people, everybody.is_surpassed) == (400, False)


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.booleans(), st.floats(0.1, 1)), min_size=2, max_size=30
    ).filter(lambda people: len({accepted for _, accepted, _ in people}) > 1)
)
def test_an_intercept_moves_everybody_alike(people: list[tuple[float, bool, float]]) -> None:
    """As many are expected as came, and nobody passes anybody."""
    said, accepted, weights = ([*each] for each in zip(*people, strict=True))

    found = refitted(said, accepted, weights)

    expected = sum(weight * chance for weight, chance in zip(weights, found, strict=True))
    came = sum(weight for weight, accepts in zip(weights, accepted, strict=True) if accepts)
    assert abs(expected - came) < 1e-6
    order = sorted(range(len(said)), key=said.__getitem__)
    assert all(found[one] <= found[next_] for one, next_ in pairwise(order))


def test_explored_people_are_compared_by_themselves() -> None:
    """Where there are thirty of both outcomes."""
    rows = [person(n, accepted=n % 2 == 0, explored=n < 30) for n in range(60)]
    judged = [
        Judged(
            group=row.group,
            weight=1.0,
            accepted=row.accepted,
            by_model=0.1 if row.explored == row.accepted else 0.9,
            by_rules=0.5,
        )
        for row in rows
    ]

    found = among_explored(Dataset.of(rows), judged)
    assert found is not None
    assert found.is_worse
    assert among_explored(Dataset.of(rows[1:]), judged[1:]) is None
