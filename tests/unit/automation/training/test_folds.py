"""Whoever is judged was not learned from, however few companies there are."""

from collections.abc import Sequence

import pytest
from automation.training.dataset import Dataset
from automation.training.folds import NOTHING_KNOWN, fewer, out_of_fold
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.automation.training.people import person


def least(learned: Sequence[int], held: Sequence[int]) -> Sequence[float]:
    """Of each the first place that was learned from."""
    return [1.0 + min(learned)] * len(held)


@given(st.lists(st.integers(0, 4), max_size=20))
def test_nobody_is_judged_by_what_was_learned_of_them(folds: list[int]) -> None:
    """Each row is told of once, by rows of other folds, if there are any."""
    told = out_of_fold(folds, least)

    for place, said in enumerate(told):
        others = [other for other, fold in enumerate(folds) if fold != folds[place]]
        assert said == (1.0 + min(others) if others else NOTHING_KNOWN)


def test_of_one_company_nothing_is_said() -> None:
    """There is nobody to learn from; it used to be divided by them."""
    assert out_of_fold([3, 3, 3], least) == [NOTHING_KNOWN] * 3
    assert out_of_fold([], least) == []


@given(st.lists(st.integers(0, 9), max_size=20))
def test_fewer_folds_part_nobody(folds: list[int]) -> None:
    """Whoever was together is; and there are as many as there can be."""
    found = fewer(folds, 3)

    assert len(set(zip(folds, found, strict=True))) == len(set(folds))
    assert len(set(found)) == min(3, len(set(folds)))


@pytest.mark.parametrize(
    ("companies", "accepted", "teaches"),
    [("ab", (True, False), True), ("aa", (True, False), False), ("ab", (True, True), False)],
)
def test_one_company_or_one_outcome_teaches_nothing(
    companies: str, accepted: tuple[bool, bool], *, teaches: bool
) -> None:
    """Nobody else is there who could be judged, or nothing to tell people by."""
    rows = [
        person(number, company_key=company, accepted=accepts)
        for number, (company, accepts) in enumerate(zip(companies, accepted, strict=True))
    ]

    assert Dataset.of(rows).teaches is teaches
