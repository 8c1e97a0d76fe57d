"""Recorded histories still replay: what runs out there goes on after a deploy."""

from pathlib import Path

import pytest
from outreach_worker.worker import WORKFLOWS, new_plugin
from servicekit.clock import Clock
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

FOLDER = Path(__file__).parents[2] / "histories"
RECORDED = {
    path.stem: path.read_text()
    for shape in ("lead-*.json", "campaign-*.json")
    for path in sorted(FOLDER.glob(shape))
}


def test_every_shape_is_recorded() -> None:
    """The golden histories cover both workflows."""
    kinds = {name.partition("-")[0] for name in RECORDED}

    assert kinds == {"lead", "campaign"}
    assert len(RECORDED) >= 12


@pytest.mark.parametrize("name", RECORDED)
async def test_a_recorded_history_replays(name: str) -> None:
    """The workflow code decides today as it decided when the history was recorded."""
    history = WorkflowHistory.from_json(name, RECORDED[name])

    replayer = Replayer(workflows=WORKFLOWS, plugins=[new_plugin(Clock.real_time())])

    await replayer.replay_workflow(history)
