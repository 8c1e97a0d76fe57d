"""Recorded histories still replay: what runs out there goes on after a deploy."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from outreach_worker.worker import WORKFLOWS, new_plugin
from privacy import personal_data
from privacy.personal_data import NOBODYS, PersonalData
from servicekit.clock import Clock
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.histories.payloads import of_recorded, texts
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


EVERY = {path.stem: path.read_text() for path in sorted(FOLDER.glob("*-*.json"))}
"""Those of webhook-dispatcher as well."""
OF_RELEASES_BEFORE = {
    "answer-replied",
    "lead-owner-answered",
    "lead-paused-in-condition",
    "lead-replied-asleep",
    "lead-replied-goes-on",
    "lead-replied-in-condition",
    "lead-replied-in-turn",
}
"""Whose replies were signalled with what was written; those that run still replay."""


def personal(value: Any, declared: PersonalData) -> Iterator[str]:
    """The names of fields that say something of a person."""
    if isinstance(value, dict):
        for name, each in value.items():
            of = declared.fields.personal.get(name, NOBODYS)
            if each and isinstance(each, str) and not declared.may_stand_anywhere(of):
                yield name
            yield from personal(each, declared)
    elif isinstance(value, list):
        for each in value:
            yield from personal(each, declared)


def test_histories_hold_nothing_of_people() -> None:
    """By the map: a payload names fields that stand for a person at the most."""
    declared = personal_data.read()

    told = {
        name: fields
        for name, recorded in EVERY.items()
        if (
            fields := {
                field
                for payload in payloads(json.loads(recorded))
                if payload.startswith(b"{")
                for field in personal(json.loads(payload), declared)
            }
        )
    }

    assert {name.partition("-")[0] for name in EVERY} > KINDS
    assert told == {name: {"text"} for name in OF_RELEASES_BEFORE}


def test_no_recorded_history_quotes_anybody() -> None:
    """Whatever stands in any event: of new shapes nothing that was said."""
    quoting = {
        name
        for name, recorded in EVERY.items()
        if any("Hello!" in text for event in of_recorded(recorded) for text in texts(event))
    }

    assert quoting == OF_RELEASES_BEFORE
