"""What the demo of a program prints of a day and of a week."""

import io
import json

from devstack.demo.automation.story import Story, experiment_words
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.automation.v1 import run_pb2
from outreach.campaign.v1 import experiment_pb2
from rich.console import Console


def told(**counts: int) -> str:
    """What a daily run with these counts is told as, twice, on a narrow console."""
    text = io.StringIO()
    story = Story(Console(file=text, width=80, color_system=None))
    run = run_pb2.Run(
        run_id="run_1",
        type=run_pb2.RUN_TYPE_DAILY,
        state=run_pb2.RUN_STATE_COMPLETED,
        nominal_time=Timestamp(seconds=1_800_000_000),
        result_json=json.dumps(counts),
    )
    story.run(run)
    story.run(run)
    return text.getvalue()


def test_a_day_is_told_once_with_its_reasons() -> None:
    """Who was picked by what, and why the other slots stay unused."""
    assert told(selected=10, candidates=700, explored=2, unused_plan=31, unused_on_hold=9) == (
        "Fri 15 Jan  10 of 700: 8 by rank, 2 by chance; unused: 9 on hold, 31 plan\n"
    )


def test_a_day_without_slots_says_so() -> None:
    """Nobody selected and nothing unused reads like a fault, and is a weekend."""
    none = told(selected=0, candidates=700, explored=0, unused_forecast=0)
    assert none.rstrip().endswith("; unused: forecast")


def test_a_day_that_came_too_late_says_so() -> None:
    """It collects, and selects nobody."""
    assert "only counted" in told(leads_ready=3)


def test_no_line_is_wider_than_80_columns() -> None:
    """However many reasons there are."""
    many = {f"unused_reason_number_{number}": number for number in range(12)}

    lines = told(selected=1, candidates=2, explored=0, **many).splitlines()

    assert len(lines) > 1
    assert max(map(len, lines)) <= 80


def test_a_verdict_is_told_with_its_look_and_chance() -> None:
    """How many of how many accepted each text, who wins, when, and how likely by luck."""
    experiment = experiment_pb2.Experiment(
        state=experiment_pb2.EXPERIMENT_STATE_WINNER,
        winner="B",
        decided_at_look=2,
        variants=[
            experiment_pb2.VariantTally(variant="A", judged=57, successes=9),
            experiment_pb2.VariantTally(variant="B", judged=57, successes=30),
        ],
        comparisons=[experiment_pb2.VariantComparison(better="B", worse="A", p_value=0.00004)],
    )

    assert experiment_words(experiment) == (
        "A 9 of 57 accepted, B 30 of 57 accepted; B wins at look 2, p = 4e-05"
    )
