"""A compiled sequence as JSON, for its row and for its hash. Pure.

Canonical: equal sequences are equal texts. Durations are seconds. A field that
came later is written only where it is set, so that the same steps keep their
hash, and takes the default of `Step` in rows written before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

from campaigns.sequences.experiment import plan_from_json
from campaigns.sequences.sequence import (
    AiOptions,
    Condition,
    Exit,
    Question,
    Sequence,
    Step,
    StepKind,
    Variant,
)

_DURATIONS = frozenset({"next_delay", "accept_within", "recent_within", "wait_for"})
_FIRST_FIELDS = frozenset(
    """
    step_id index kind label next_step_id next_delay not_accepted_step_id accept_within
    waits_for_acceptance text ai posts recent_within only_if_no_reply endpoint_id
    """.split()  # noqa: SIM905  words read best as words
)
_DEFAULTS = asdict(Step(step_id="", index=0, kind=StepKind.WEBHOOK))


def sequence_to_json(sequence: Sequence) -> str:
    """The steps as canonical JSON."""
    return json.dumps(
        {"steps": [_step_to_json(step) for step in sequence.steps]},
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    )


def sequence_from_json(source: str) -> Sequence:
    """The sequence that `sequence_to_json` wrote."""
    return Sequence(steps=tuple(_step_from_json(step) for step in json.loads(source)["steps"]))


def content_hash(sequence: Sequence) -> str:
    """SHA-256 of the compiled steps in hexadecimal: equal content, equal hash."""
    return hashlib.sha256(sequence_to_json(sequence).encode()).hexdigest()


def _step_to_json(step: Step) -> dict[str, Any]:
    values = {
        name: value
        for name, value in asdict(step).items()
        if name in _FIRST_FIELDS or value != _DEFAULTS[name]
    }
    for name in _DURATIONS & values.keys():
        values[name] = _seconds(values[name])
    if values["ai"] is not None and not values["ai"]["allow_links"]:
        del values["ai"]["allow_links"]
    if values.get("experiment") is not None and values["experiment"]["looks"] == 1:
        del values["experiment"]["looks"]
    for way in values.get("exits", ()):
        way["delay"] = _seconds(way["delay"])
    return values


def _step_from_json(values: Mapping[str, Any]) -> Step:
    known = {field.name for field in fields(Step)}
    kept = {name: value for name, value in values.items() if name in known}
    for name in _DURATIONS & kept.keys():
        kept[name] = timedelta(seconds=kept[name])
    kept["kind"] = StepKind(kept["kind"])
    if kept.get("ai") is not None:
        kept["ai"] = AiOptions(**kept["ai"])
    if kept.get("condition") is not None:
        asked = kept["condition"]
        kept["condition"] = Condition(**asked | {"question": Question(asked["question"])})
    if kept.get("experiment") is not None:
        kept["experiment"] = plan_from_json(kept["experiment"])
    kept["literal"] = tuple(kept.get("literal", ()))
    kept["variants"] = tuple(Variant(**variant) for variant in kept.get("variants", ()))
    kept["exits"] = tuple(_exit_from_json(way) for way in kept.get("exits", ()))
    return Step(**kept)


def _exit_from_json(values: Mapping[str, Any]) -> Exit:
    return Exit(**{**values, "delay": timedelta(seconds=values["delay"])})


def _seconds(duration: timedelta) -> int | float:
    seconds = duration.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds
