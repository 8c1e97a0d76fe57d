"""A compiled sequence as JSON: what is stored, and what its content hash is made of."""

import hashlib
import json
from collections.abc import Sequence as Items
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from campaigns.sequence import AiOptions, Sequence, Step, StepKind

_DURATIONS = ("next_delay", "accept_within", "recent_within")


def sequence_to_json(sequence: Sequence) -> list[dict[str, Any]]:
    """Plain values only; durations are seconds under `<name>_seconds`."""
    return [_step_to_json(step) for step in sequence.steps]


def sequence_from_json(stored: Items[dict[str, Any]]) -> Sequence:
    """The inverse of `sequence_to_json`; a field that was not stored yet has its default."""
    return Sequence(steps=tuple(_step_from_json(step) for step in stored))


def content_hash(sequence: Sequence) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal: equal content, equal hash."""
    canonical = json.dumps(
        sequence_to_json(sequence), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _step_to_json(step: Step) -> dict[str, Any]:
    stored = asdict(step)
    for name in _DURATIONS:
        stored[f"{name}_seconds"] = stored.pop(name).total_seconds()
    return stored


def _step_from_json(stored: dict[str, Any]) -> Step:
    values = dict(stored)
    for name in _DURATIONS:
        if f"{name}_seconds" in values:
            values[name] = timedelta(seconds=values.pop(f"{name}_seconds"))
    values["kind"] = StepKind(values["kind"])
    if values.get("ai") is not None:
        values["ai"] = AiOptions(**values["ai"])
    return Step(**values)
