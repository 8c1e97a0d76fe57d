"""A compiled sequence as JSON, for its row and for its hash (pure).

Canonical: equal sequences are equal texts. Durations are seconds. A field that
is added later takes the default of `Step` in rows written before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

from campaigns.sequence import AiOptions, Sequence, Step, StepKind

_DURATIONS = frozenset({"next_delay", "accept_within", "recent_within"})


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
    values = asdict(step)
    for name in _DURATIONS:
        values[name] = _seconds(values[name])
    return values


def _step_from_json(values: Mapping[str, Any]) -> Step:
    known = {field.name for field in fields(Step)}
    kept = {name: value for name, value in values.items() if name in known}
    for name in _DURATIONS & kept.keys():
        kept[name] = timedelta(seconds=kept[name])
    kept["kind"] = StepKind(kept["kind"])
    if kept.get("ai") is not None:
        kept["ai"] = AiOptions(**kept["ai"])
    return Step(**kept)


def _seconds(duration: timedelta) -> int | float:
    seconds = duration.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds
