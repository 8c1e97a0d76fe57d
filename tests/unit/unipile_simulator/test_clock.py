"""Virtual time."""

import time

import pytest
from unipile_simulator import VirtualClock
from unipile_simulator.clock import iso, us_date
from unipile_simulator.config import Knobs, Limits, override
from unipile_simulator.dice import Dice


def test_the_sandbox_clock_is_the_formula() -> None:
    """epoch + (real - epoch) * speed, with the epoch in seconds or ISO-8601."""
    epoch = time.time() - 10
    clock = VirtualClock.from_env({"SANDBOX_CLOCK": f"{epoch},1000"})
    named = VirtualClock.from_env({"SANDBOX_CLOCK": "2026-01-05T08:00:00Z,2.5"})

    assert clock.now() == pytest.approx(epoch + 10_000, abs=2_000)
    assert (named.epoch, named.speed) == (1_767_600_000.0, 2.5)


def test_without_a_sandbox_the_clock_is_the_wall() -> None:
    """Unset means speed 1; a speed of nothing is refused."""
    assert VirtualClock.from_env({}).now() == pytest.approx(time.time(), abs=1)
    with pytest.raises(ValueError, match="speed"):
        VirtualClock.from_env({"SANDBOX_CLOCK": "0,0"})


def test_instants_are_written_as_unipile_does() -> None:
    """Three decimals and Z; M/D/YYYY in sections."""
    assert iso(1_767_600_000.5) == "2026-01-05T08:00:00.500Z"
    assert us_date(1_767_600_000) == "1/5/2026"


def test_dice_fall_the_same_for_the_same_seed() -> None:
    """And otherwise for another; weights are kept about."""
    assert Dice(1).token("a", 1) == Dice(1).token("a", 1) != Dice(2).token("a", 1)
    draws = [Dice(1).weighted({"a": 3, "b": 1}, n) for n in range(400)]
    assert 250 < draws.count("a") < 350


def test_settings_are_overridden_by_name() -> None:
    """Each value in its field's kind; `off` lifts a limit; unknown names are told."""
    assert override(Knobs(), ["null_chat_id=0.5", "foreign_provider_ids=act"]) == {
        "null_chat_id": 0.5,
        "foreign_provider_ids": "act",
    }
    assert override(Limits(), ["messages_day=off", "posts_day=3"]) == {
        "messages_day": None,
        "posts_day": 3,
    }
    with pytest.raises(ValueError, match="no such name"):
        override(Knobs(), ["x=1"])
