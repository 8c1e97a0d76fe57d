"""Ranking proves itself against chance, or it is said that it does not."""

import pytest
from automation.training.exploration_proof import (
    TOO_LONG,
    SlotOutcomes,
    proof_of,
    proof_sentence,
    weeks_untold,
)
from hypothesis import given
from hypothesis import strategies as st


def counted(ranked: tuple[int, int], random: tuple[int, int]) -> SlotOutcomes:
    return SlotOutcomes(
        ranked_accepted=ranked[0],
        ranked=ranked[1],
        random_accepted=random[0],
        random=random[1],
    )


def test_the_interval_is_newcombes() -> None:
    """His own example: 56 of 70 against 48 of 80, .0524 to .3339."""
    proof = proof_of(counted((56, 70), (48, 80)))

    assert (proof.low, proof.high) == (
        pytest.approx(0.0524, abs=1e-4),
        pytest.approx(0.3339, abs=1e-4),
    )


sides = st.integers(0, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(sides, sides)
def test_the_difference_lies_in_its_interval(
    ranked: tuple[int, int], random: tuple[int, int]
) -> None:
    """Which is never beyond what can be, also where nobody or everybody accepts."""
    proof = proof_of(counted(ranked, random))

    assert -1 - 1e-9 <= proof.low <= proof.high <= 1 + 1e-9
    if proof.difference is not None:
        assert proof.low - 1e-9 <= proof.difference <= proof.high + 1e-9


WON, OPEN = proof_of(counted((150, 400), (15, 100))), proof_of(counted((30, 100), (5, 15)))


def test_it_is_told_as_people_read_it() -> None:
    """With both denominators."""
    assert proof_sentence([OPEN, WON]) == (
        "Ranked 38 % of 400, random 15 % of 100, difference +22 [13, 30] points."
    )
    assert "nothing has matured" in proof_sentence([])
    assert "nothing has matured" in proof_sentence([proof_of(counted((3, 9), (0, 0)))])


def test_eight_weeks_without_a_difference_are_said_aloud() -> None:
    """Not seven; and not once it has won."""
    assert "cannot be told from chance" not in proof_sentence([OPEN] * (TOO_LONG - 1))
    assert "For 8 weeks ranking cannot be told from chance." in proof_sentence([OPEN] * TOO_LONG)
    assert weeks_untold([WON, *[OPEN] * 3]) == 3
    assert weeks_untold([*[OPEN] * 9, WON]) == 0
