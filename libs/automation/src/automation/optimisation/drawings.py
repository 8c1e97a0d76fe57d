"""A drawing with other shares of a step's variants, as the builder would have it. Pure.

Only the settings of that step's text are written anew; everything else stays as it was drawn,
whatever it is. A share of the step's own text cannot be said, so that it becomes a variant
of its name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from campaigns.sequences.kinds.registry import text_rules
from campaigns.sequences.sequence import Step


class StepNotDrawn(ValueError):
    """The drawing has no such step, or not these variants of its text."""


def with_shares(source: str, step: Step, shares: Mapping[str, int]) -> str:
    """The drawing with these variants of a step alone, at these shares; one is the text itself.

    Raises `StepNotDrawn` if there is no such step in it, or no such variant.
    """
    text_by_variant = {variant.name: variant.text for variant in step.variants}
    if not shares or not shares.keys() <= text_by_variant.keys():
        raise StepNotDrawn(f"step {step.step_id} has not these variants")
    drawing = json.loads(source.removeprefix("\ufeff"))
    config = _config(drawing, step.step_id)
    own, *others = text_rules(step.kind).settings
    for name in (own, *others, "variants"):
        config.pop(name, None)
    if len(shares) == 1:
        (winner,) = shares
        config.pop("experiment", None)
        if text_by_variant[winner]:
            config[own] = text_by_variant[winner]
    else:
        config["variants"] = [
            {"name": each.name, "text": each.text, "share": shares[each.name]}
            for each in step.variants
            if each.name in shares
        ]
    return json.dumps(drawing, ensure_ascii=False, separators=(",", ":"))


def config_of(source: str, step_id: str) -> Mapping[str, Any]:
    """How a step is set. Raises `StepNotDrawn` if there is no such step in the drawing."""
    return _config(json.loads(source.removeprefix("\ufeff")), step_id)


def with_config(source: str, step_id: str, config: Mapping[str, Any]) -> str:
    """The drawing with a step set so. Raises `StepNotDrawn` if there is no such step in it."""
    drawing = json.loads(source.removeprefix("\ufeff"))
    found = _config(drawing, step_id)
    found.clear()
    found.update(config)
    return json.dumps(drawing, ensure_ascii=False, separators=(",", ":"))


def _config(drawing: Any, step_id: str) -> dict[str, Any]:
    for node in drawing["nodes"]:
        if isinstance(node, dict) and str(node.get("id")) == step_id:
            config = (node.get("data") or {}).get("config")
            if isinstance(config, dict):
                return config
    raise StepNotDrawn(f"there is no step {step_id}")
