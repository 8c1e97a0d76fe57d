"""A model ranks only once it is better than the rules, and says no more than it knows."""

import math
from dataclasses import replace

import pytest
from automation.training.dataset import Dataset
from automation.training.evaluation import (
    Comparison,
    Evaluation,
    Judged,
    LastWeeks,
    Told,
    Verdict,
    bands,
    brier,
    compared,
    sentence_of,
    too_little,
    verdict_of,
)
from automation.training.training_result import TrainingResult, result_json, result_of

from tests.unit.automation.training.people import people, person

GOOD = Evaluation(
    matured=400,
    accepted=130,
    companies=200,
    comparison=Comparison(model_loss=0.60, rules_loss=0.63, gain=0.03, gain_error=0.01),
    last_weeks=LastWeeks(
        first_week=9,
        people=100,
        slope=0.95,
        intercept=0.02,
        brier=0.20,
        rules_brier=0.22,
        bands=bands([Told(said=0.2, accepted=False), Told(said=0.4, accepted=True)]),
    ),
)


def test_what_is_better_and_calibrated_may_rank() -> None:
    """And its card says by how much."""
    assert verdict_of(GOOD) is Verdict.PROMOTABLE
    assert sentence_of(Verdict.PROMOTABLE, GOOD) == (
        "Better than the rules: log loss lower by 0.0300 ± 0.0100 out of fold;"
        " slope 0.95 in the last weeks."
    )


@pytest.mark.parametrize(
    ("gain", "told"), [(0.0101, Verdict.PROMOTABLE), (0.01, Verdict.NOT_BETTER)]
)
def test_better_is_by_more_than_a_standard_error(gain: float, told: Verdict) -> None:
    """By just as much is not."""
    comparison = Comparison(model_loss=0.6, rules_loss=0.6 + gain, gain=gain, gain_error=0.01)

    assert verdict_of(replace(GOOD, comparison=comparison)) is told


@pytest.mark.parametrize(
    ("slope", "told"), [(0.7, Verdict.PROMOTABLE), (0.69, Verdict.POORLY_CALIBRATED)]
)
def test_who_claims_too_much_goes_back_to_the_rules(slope: float, told: Verdict) -> None:
    """Below 0.7, in the last weeks."""
    assert GOOD.last_weeks is not None

    assert verdict_of(replace(GOOD, last_weeks=replace(GOOD.last_weeks, slope=slope))) is told


def test_without_weeks_before_the_last_it_is_still_learning() -> None:
    """What holds in another week is not known."""
    assert verdict_of(replace(GOOD, last_weeks=None)) is Verdict.LEARNING


@pytest.mark.parametrize(
    ("matured", "accepted", "told"),
    [
        (99, 40, Verdict.LEARNING),
        (100, 29, Verdict.LEARNING),
        (100, 30, None),
        (500, 0, Verdict.ONE_OUTCOME),
        (500, 500, Verdict.ONE_OUTCOME),
        (0, 0, Verdict.ONE_OUTCOME),
    ],
)
def test_so_much_is_needed_to_learn(matured: int, accepted: int, told: Verdict | None) -> None:
    """A hundred who matured, thirty who accepted, and not all alike."""
    rows = [person(number, accepted=number < accepted) for number in range(matured)]

    assert too_little(Dataset.of(rows)) is told


def test_invented_acceptances_of_one_company_make_nothing_learnable() -> None:
    """Five hundred of one house do not lift sixty people over the threshold."""
    fakes = [person(n, company_key="house", accepted=True) for n in range(500)]
    rows = [*fakes, *(person(1_000 + n, accepted=n % 3 == 0) for n in range(60))]

    assert too_little(Dataset.of(rows)) is Verdict.LEARNING


def judged(group: str, *, accepted: bool, by_model: float) -> Judged:
    return Judged(group=group, weight=1.0, accepted=accepted, by_model=by_model, by_rules=0.5)


def test_a_company_is_one_piece_of_evidence() -> None:
    """Forty of one house with the same gain leave the error as large as one."""
    apart = compared([judged(f"c{n}", accepted=True, by_model=0.6 + n / 200) for n in range(40)])
    together = compared([judged("c", accepted=True, by_model=0.6 + n / 200) for n in range(40)])
    two = [judged(f"c{n % 2}", accepted=True, by_model=0.9 - n % 2 * 0.5) for n in range(40)]

    assert apart.gain == together.gain
    assert apart.gain_error < 0.02
    assert compared(two).gain_error > 5 * apart.gain_error


def test_losses_are_what_they_are_by_hand() -> None:
    """One who accepted with 0.8 said of them, and one who did not with 0.4."""
    found = compared(
        [judged("a", accepted=True, by_model=0.8), judged("b", accepted=False, by_model=0.4)]
    )

    assert found.model_loss == pytest.approx(-(math.log(0.8) + math.log(0.6)) / 2)
    assert found.rules_loss == pytest.approx(math.log(2))
    assert found.gain == pytest.approx(found.rules_loss - found.model_loss)
    told = [Told(said=0.8, accepted=True), Told(said=0.4, accepted=False)]
    assert brier(told) == pytest.approx(0.1)


def test_bands_are_fifths_with_everybody_in_one() -> None:
    """Also where there are fewer people than bands."""
    told = [Told(said=number / 23, accepted=number % 2 == 0) for number in range(23)]

    assert sum(band.people for band in bands(told)) == 23
    assert [band.people for band in bands(told[:3])] == [1, 1, 1]
    assert bands([]) == ()


def test_five_hundred_of_one_house_are_twenty_on_the_card() -> None:
    """As in the loss: each of them counts for a twenty-fifth, in what was said and what came."""
    honest = [Told(said=number / 80, accepted=number % 4 == 0) for number in range(80)]
    fakes = [Told(said=0.9, accepted=True, weight=20 / 500) for _ in range(500)]
    twenty = [Told(said=0.9, accepted=True) for _ in range(20)]

    assert brier([*honest, *fakes]) == pytest.approx(brier([*honest, *twenty]))
    found, expected = bands([*honest, *fakes]), bands([*honest, *twenty])
    assert [band.accepted for band in found] == pytest.approx([b.accepted for b in expected])
    assert [band.predicted for band in found] == pytest.approx([b.predicted for b in expected])


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_its_sentence(verdict: Verdict) -> None:
    """Also where nothing could be measured."""
    bare = Evaluation(matured=7, accepted=1, companies=5)

    assert sentence_of(verdict, bare).endswith(".")
    assert ("The rules rank" in sentence_of(verdict, GOOD)) is (verdict is not Verdict.PROMOTABLE)


@pytest.mark.parametrize("evaluation", [GOOD, Evaluation(matured=7, accepted=1, companies=5)])
def test_a_result_is_the_same_when_it_is_read_again(evaluation: Evaluation) -> None:
    """As it comes from the process that fits."""
    result = TrainingResult.of(Verdict.LEARNING, evaluation)

    assert result_of(result_json(result)) == result


def test_the_usual_people_can_be_learned_from() -> None:
    """Every third of three hundred accepts."""
    assert too_little(Dataset.of(people(300))) is None
