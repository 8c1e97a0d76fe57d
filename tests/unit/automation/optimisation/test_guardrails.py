"""Guardrails: what stops a campaign or a sender, and what does not."""

from __future__ import annotations

import math
from typing import Any

import pytest
from automation.optimisation.guardrails import (
    Alarm,
    CampaignFigures,
    Guardrail,
    Limits,
    SenderFigures,
    alarms,
    limits_of,
)
from automation.outcomes.cohorts import Cohort
from automation.outcomes.intervals import share

LIMITS = Limits()


def campaign(
    accepted: int = 20, of: int = 50, *, opted_out: int = 0, errors: tuple[int, int] = (0, 0)
) -> CampaignFigures:
    return CampaignFigures(
        invited=Cohort(
            sent=of,
            accepted=share(accepted, of),
            replied=share(0, of),
            replied_automatically=share(0, of),
            opted_out=share(0, of),
        ),
        opted_out=share(opted_out, of),
        errors_by_step={"invite": share(*errors)},
    )


def sender(*, pending: int = 0, refusals: int = 0, multiplier: float = 1.0) -> SenderFigures:
    return SenderFigures(
        account_id="acct_1", pending=pending, refusals=refusals, multiplier=multiplier
    )


@pytest.mark.parametrize(
    ("figures", "raised"),
    [
        (campaign(5, 39), None),
        (campaign(6, 40), None),
        (campaign(5, 40), Guardrail.ACCEPTANCE),
        (campaign(0, 0), None),
        (campaign(150, 300, opted_out=2), None),
        (campaign(150, 300, opted_out=3), None),
        (campaign(150, 300, opted_out=4), Guardrail.OPT_OUTS),
        (campaign(errors=(9, 9)), None),
        (campaign(errors=(2, 10)), None),
        (campaign(errors=(3, 10)), Guardrail.STEP_ERRORS),
    ],
)
def test_of_a_campaign(figures: CampaignFigures, raised: Guardrail | None) -> None:
    """At a limit it goes on, beyond it is paused, and of few people nothing is concluded."""
    found = alarms(figures, [], limits=LIMITS)

    assert [alarm.guardrail for alarm in found] == ([raised] if raised else [])
    assert all(not alarm.account_id for alarm in found)


@pytest.mark.parametrize(
    ("figures", "raised"),
    [
        (sender(pending=400, refusals=1, multiplier=0.6), None),
        (sender(pending=401), Guardrail.PENDING),
        (sender(refusals=2), Guardrail.REFUSALS),
        (sender(multiplier=0.59), Guardrail.HEALTH),
    ],
)
def test_of_a_sender(figures: SenderFigures, raised: Guardrail | None) -> None:
    """At a limit it goes on, beyond it is paused; the campaign's other senders go on."""
    found = alarms(campaign(), [figures, sender()], limits=LIMITS)

    assert [(alarm.guardrail, alarm.account_id) for alarm in found] == (
        [(raised, "acct_1")] if raised else []
    )


def test_one_pause_for_one_thing() -> None:
    """Whatever is wrong with it, a campaign is paused once, and so is a sender."""
    everything = campaign(0, 300, opted_out=100, errors=(10, 10))
    worst = sender(pending=900, refusals=9, multiplier=0.1)

    assert len(alarms(everything, [worst], limits=LIMITS)) == 2


def test_who_is_left_alone_for_one_thing_is_watched_for_the_others() -> None:
    """Of a campaign and of a sender alike."""
    everything = campaign(0, 300, opted_out=100, errors=(10, 10))
    worst = sender(pending=900, refusals=9, multiplier=0.1)
    left_alone = {
        ("", Guardrail.ACCEPTANCE),
        ("", Guardrail.OPT_OUTS),
        ("acct_1", Guardrail.REFUSALS),
    }

    found = alarms(everything, [worst], limits=LIMITS, left_alone=left_alone)

    assert [each.guardrail for each in found] == [Guardrail.STEP_ERRORS, Guardrail.PENDING]
    of_all = {(name, each) for name in ("", "acct_1") for each in Guardrail}
    assert not alarms(everything, [worst], limits=LIMITS, left_alone=of_all)


@pytest.mark.parametrize("guardrail", Guardrail)
def test_what_is_told(guardrail: Guardrail) -> None:
    """Why, in a sentence with the figure and its limit, and what can be done."""
    alarm = Alarm(guardrail=guardrail, step_id="invite", found=0.4, of=50, limit=0.2)

    assert alarm.reason
    assert "None" not in alarm.reason
    assert alarm.way_out.endswith(".")


def test_limits() -> None:
    """What a program names is another, the rest has its default."""
    found = limits_of({"least_acceptance": 0.1, "hold_out_weeks": 2})

    assert found == Limits(least_acceptance=0.1, hold_out_weeks=2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"least_acceptance": math.nan},
        {"least_acceptance": math.inf},
        {"most_opt_outs": -0.1},
        {"most_pending": 400.5},
        {"most_refusals": True},
        {"most_refusals": "2"},
        {"most_love": 1},
        {"hold_out_weeks": 1_000},
        {"most_pending": 10**400},
    ],
)
def test_limits_that_are_none(wrong: dict[str, Any]) -> None:
    """Not numbers, out of range, or of nothing: told, and none of them counts."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        limits_of(wrong)
