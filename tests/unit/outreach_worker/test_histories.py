"""Recorded histories still replay: what runs out there goes on after a deploy."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from outreach_worker.worker import WORKFLOWS, new_plugin
from servicekit.clock import Clock
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.histories.record import FOLDER, KINDS

RECORDED = {
    path.stem: path.read_text()
    for kind in sorted(KINDS)
    for path in sorted(FOLDER.glob(f"{kind}-*.json"))
}


def test_every_shape_is_recorded() -> None:
    """Each workflow of the worker has golden histories."""
    kinds = {name.partition("-")[0] for name in RECORDED}

    assert kinds == KINDS
    assert len(RECORDED) >= 12


@pytest.mark.parametrize("name", RECORDED)
async def test_a_recorded_history_replays(name: str) -> None:
    """Lesson 19: code deployed today decides as it decided when a history was recorded."""
    history = WorkflowHistory.from_json(name, RECORDED[name])

    replayer = Replayer(workflows=WORKFLOWS, plugins=[new_plugin(Clock.real_time())])

    replayed = await replayer.replay_workflow(history)

    assert replayed.replay_failure is None


LARGEST = 16 * 1024
"""Bytes; Temporal takes 2 MiB, and the drawing of a hundred steps is about 30 KiB of plan."""


def payloads(part: Any) -> Iterator[bytes]:
    """Everything that was handed to or by a workflow, wherever it stands in its history."""
    if isinstance(part, dict):
        if isinstance(part.get("data"), str) and "metadata" in part:
            yield base64.b64decode(part["data"])
        for value in part.values():
            yield from payloads(value)
    elif isinstance(part, list):
        for value in part:
            yield from payloads(value)


@pytest.mark.parametrize("name", RECORDED)
def test_histories_carry_ids(name: str) -> None:
    """Lesson 16: no list and no text passes through a workflow, so histories stay small."""
    recorded = json.loads(RECORDED[name])
    carried = list(payloads(recorded))

    assert carried
    assert max(map(len, carried)) < LARGEST
    assert not any(b"{{" in payload for payload in carried)
    assert len(recorded["events"]) < 1_000
