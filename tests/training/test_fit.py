"""Models learned from people who were drawn: what is learned, what is refused, what it takes."""

import random
import resource
import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from time import perf_counter

import pytest

pytest.importorskip("sklearn", reason="of the extra `training`: make training")

from automation.scoring.model import model_json, model_of
from automation.training.challenge import RankingModel, task_json
from automation.training.dataset import Dataset
from automation.training.evaluation import Verdict
from automation.training.fit.__main__ import train
from automation.training.training_result import result_json, result_of

from tests.training.conftest import Note
from tests.training.worlds import dataset, drawn, fake


def test_tastes_are_learned() -> None:
    """A thousand people who care: better than the rules, and no claim that does not hold."""
    result = train(dataset(1_000), seed=1)

    assert result.verdict is Verdict.PROMOTABLE
    found = result.evaluation
    assert found.comparison is not None
    assert found.last_weeks is not None
    assert found.comparison.gain > 2 * found.comparison.gain_error
    assert found.last_weeks.brier < found.last_weeks.rules_brier
    assert 0.7 < found.last_weeks.slope < 1.5


def test_the_same_rows_and_seed_are_the_same_model() -> None:
    """Byte by byte, whatever the order of the rows; another seed parts companies otherwise."""
    rows = drawn(400)
    shuffled = random.Random(5).sample(rows, len(rows))
    one, again = (result_json(train(Dataset.of(each), seed=1)) for each in (rows, shuffled))

    assert one == again
    assert result_json(train(Dataset.of(rows), seed=2)) != one


def test_what_ranks_is_held_against_the_new_model_with_people_it_did_not_know() -> None:
    """One that says the opposite of what is so is surpassed, and has failed; its rows are known."""
    rows = drawn(600, weeks=8)
    found = model_of(train(Dataset.of(rows), seed=1).model)
    weights = {
        name: {level: -weight for level, weight in levels.items()}
        for name, levels in found.weights.items()
    }
    for model, surpassed in ((replace(found, weights=weights), True), (found, False)):
        champion = RankingModel(model_id="mdl_1", body=model_json(model), knows_before=3)

        standing = train(Dataset.of(rows), seed=1, champion=champion).evaluation.champion

        assert standing is not None
        assert 200 < standing.people < 600
        assert (standing.is_surpassed, standing.has_failed) == (surpassed, surpassed)


def test_weights_average_to_zero() -> None:
    """A term is against the average of those learned from, not against a level."""
    rows = drawn(600)
    model = model_of(train(Dataset.of(rows), seed=1).model)

    for name in model.weights:
        terms = (
            next(term for term in model.told(row.features, 0) if term.feature == name)
            for row in rows
        )
        assert sum(term.points for term in terms) / len(rows) == pytest.approx(0, abs=0.02)


def test_nothing_is_promoted_where_nobody_cares(note: Note) -> None:
    """Of twenty indifferent worlds one at most."""
    promoted = [
        seed
        for seed in range(20)
        if train(dataset(300, seed=seed, taste=0.0), seed=1).verdict is Verdict.PROMOTABLE
    ]
    note(indifferent_worlds=20, promoted_of_indifferent=len(promoted))

    assert len(promoted) <= 1


def test_poisoned_labels_are_not_promoted() -> None:
    """Whoever says of random people that they accepted teaches nothing."""
    dice = random.Random(3)
    poisoned = [replace(row, accepted=dice.random() < 0.4) for row in drawn(600)]

    assert train(Dataset.of(poisoned), seed=1).verdict is not Verdict.PROMOTABLE


def test_labels_turned_round_are_not_promoted() -> None:
    """Of the last weeks: what was learned before does not hold for them."""
    turned = [replace(row, accepted=row.accepted != (row.week >= 5)) for row in drawn(600)]

    assert train(Dataset.of(turned), seed=1).verdict is not Verdict.PROMOTABLE


def test_invented_acceptances_of_one_company_are_not_promoted() -> None:
    """Five hundred of one house among three hundred who do not care; nobody has their industry."""
    rows = drawn(300, taste=0.0)
    crowd = fake(500, {**rows[0].features, "industry": "invented"})
    result = train(Dataset.of([*rows, *crowd]), seed=1)

    assert result.evaluation.matured == 320
    assert result.verdict is not Verdict.PROMOTABLE


def test_invented_acceptances_hardly_move_what_is_learned() -> None:
    """Among six hundred who care, the ranking of the others stays almost as it was."""
    rows = drawn(600)
    crowd = fake(500, rows[0].features)
    before = model_of(train(Dataset.of(rows), seed=1).model)
    after = model_of(train(Dataset.of([*rows, *crowd]), seed=1).model)
    pairs = list(combinations(rows[::20], 2))
    same = [
        (before.score(one.features, 0) < before.score(other.features, 0))
        == (after.score(one.features, 0) < after.score(other.features, 0))
        for one, other in pairs
    ]

    assert sum(same) / len(pairs) > 0.85


@pytest.mark.parametrize("accepted", [True, False])
def test_one_outcome_stays_with_the_rules(accepted: bool) -> None:  # noqa: FBT001
    """0 or 100 % of three hundred."""
    rows = [replace(row, accepted=accepted) for row in drawn(300)]
    result = train(Dataset.of(rows), seed=1)

    assert (result.verdict, result.model) == (Verdict.ONE_OUTCOME, "")


def test_columns_that_tell_nothing_are_left_out() -> None:
    """A constant one, and one that differs for each: the rest is learned as without them."""
    rows = drawn(600)
    strange = [
        replace(row, features={**row.features, "planet": "Earth", "shoe": f"s{number}"})
        for number, row in enumerate(rows)
    ]

    assert train(Dataset.of(strange), seed=1) == train(Dataset.of(rows), seed=1)


def test_where_all_are_alike_nothing_is_told_apart() -> None:
    """Four hundred of the same level, with the same points."""
    alike = [replace(row, features={"seniority": "vp"}) for row in drawn(400, taste=0.0)]

    assert train(Dataset.of(alike), seed=1).verdict is Verdict.NOTHING_TO_TELL_APART


def test_all_acceptances_of_two_companies() -> None:
    """Where a part without them has one outcome the average is said; nothing breaks."""
    rows = [
        replace(row, accepted=n < 80, company_key=f"company_{n % 2}" if n < 80 else row.company_key)
        for n, row in enumerate(drawn(400, taste=0.0))
    ]

    assert train(Dataset.of(rows), seed=1).verdict is not Verdict.PROMOTABLE


@pytest.mark.parametrize("companies", [5, 6, 8])
def test_lists_of_few_companies_are_learned_from(companies: int) -> None:
    """However they fall into folds, and whichever of them the last weeks leave to those before.

    It used to end with a division by nobody. No model ranks that nobody else was there to judge.
    """
    for seed in range(6):
        rows = [
            replace(row, company_key=f"company_{n % companies}")
            for n, row in enumerate(drawn(600, seed=seed))
        ]
        by_account = [replace(row, company_key=f"company_{row.week % companies}") for row in rows]
        for each in (rows, by_account):
            result = train(Dataset.of(each), seed=seed)
            if result.verdict is Verdict.PROMOTABLE:
                assert result.evaluation.last_weeks


def test_rules_that_know_already_are_not_beaten_by_noise() -> None:
    """Where the points are all there is to know the model is no better, and the points stay.

    One standard error is passed by chance one time in six: of ten worlds in hardly more than four.
    """
    verdicts = [
        train(
            Dataset.of(replace(row, features={}) for row in drawn(500, seed=seed, rules=True)),
            seed=1,
        ).verdict
        for seed in range(10)
    ]

    assert verdicts.count(Verdict.PROMOTABLE) <= 4


def test_a_hundred_people_are_enough_to_try() -> None:
    """And too few to be sure: nothing breaks at the least that is learned from."""
    results = [train(dataset(110, seed=seed, base=0.0), seed=1) for seed in range(3)]

    assert all(result.evaluation.comparison for result in results)


CHILD = (sys.executable, "-m", "automation.training.fit", "1")


def test_ten_thousand_are_learned_in_ten_seconds(note: Note) -> None:
    """Of processor, in a process of its own, in less than 300 MiB."""
    rows = task_json(drawn(10_000))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = perf_counter()

    told = subprocess.run(CHILD, input=rows, capture_output=True, text=True, check=True)

    lasted, after = perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    mebibytes = after.ru_maxrss / 1024
    note(rows=10_000, seconds=lasted, processor_seconds=processor, mebibytes=mebibytes)
    assert result_of(told.stdout).verdict is Verdict.PROMOTABLE
    assert processor < 10
    assert mebibytes < 300


def test_scoring_keeps_up(note: Note) -> None:
    """Fifty thousand a second, by a model that was learned; the best of a few turns counts."""
    rows = drawn(2_000)
    model = model_of(train(Dataset.of(rows), seed=1).model)
    turns = []
    for _ in range(5):
        began = perf_counter()
        for row in rows:
            model.score(row.features, row.rule_score)
        turns.append(len(rows) / (perf_counter() - began))
    note(scored_a_second=max(turns))

    assert max(turns) >= 50_000
