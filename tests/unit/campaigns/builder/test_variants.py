"""A text in several versions, as the builder's JSON has it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from campaigns.builder.compiler import Compilation, compile_sequence
from campaigns.sequences.experiment import ExperimentPlan, Measure
from campaigns.sequences.json_form import sequence_from_json, sequence_to_json
from campaigns.sequences.sequence import Sequence, Step, Variant
from campaigns.sequences.variants import text_of, variant_of
from hypothesis import given
from hypothesis import strategies as st

B = {"name": "b", "text": "Hey {{first_name}}"}


def compiled(config: dict[str, Any], action: str = "send_connection_request") -> Compilation:
    node = {"id": "s", "type": "action", "data": {"type": action, "config": config}}
    return compile_sequence(json.dumps({"nodes": [node], "edges": []}), writer_configured=True)


def step(config: dict[str, Any], action: str = "send_connection_request") -> Step:
    compilation = compiled(config, action)
    assert not compilation.violations
    assert compilation.sequence is not None
    return compilation.sequence.steps[0]


def test_variants() -> None:
    """The step's own text is the control; the plan has its defaults."""
    one = step({"customMessage": "Hi", "variants": [B, {"name": "c", "text": "", "share": 2}]})

    assert one.variants == (
        Variant(name="control", text="Hi"),
        Variant(name="b", text="Hey {{first_name}}"),
        Variant(name="c", text="", share=2),
    )
    assert one.experiment == ExperimentPlan(measure=Measure.ACCEPTED, baseline=0.3)


def test_variants_without_a_control() -> None:
    """Without a text of its own a step has the variants alone."""
    one = step({"variants": [B, {"name": "c", "text": "Hello"}]}, "send_followup")

    assert [each.name for each in one.variants] == ["b", "c"]
    assert one.experiment == ExperimentPlan(measure=Measure.REPLIED, baseline=0.15)


def test_a_plan() -> None:
    """Percentages, as numbers or as texts."""
    plan = {
        "measure": "replied",
        "baseline": 20,
        "effect": "5%",
        "errorRate": 1,
        "power": 90,
        "withinDays": 7,
        "looks": 4,
    }
    one = step({"customMessage": "Hi", "variants": [B], "experiment": plan})

    assert one.experiment == ExperimentPlan(
        measure=Measure.REPLIED,
        baseline=0.2,
        effect=0.05,
        error_rate=0.01,
        power=0.9,
        within_days=7,
        looks=4,
    )


def test_a_plan_of_one_look_is_stored_as_ever() -> None:
    """Revisions from before there were looks keep their content, so that editing them is none."""
    one = step({"customMessage": "Hi", "variants": [B]})

    assert "looks" not in sequence_to_json(Sequence(steps=(one,)))


@pytest.mark.parametrize(
    ("config", "path", "reason"),
    [
        ({"variants": 3}, "variants", "SETTING_INVALID"),
        ({"variants": [B]}, "variants", "SETTING_INVALID"),
        ({"variants": ["b", B]}, "variants[0]", "SETTING_INVALID"),
        ({"customMessage": "Hi", "variants": [B, B]}, "variants[1].name", "SETTING_INVALID"),
        ({"customMessage": "Hi", "variants": [{"name": "control", "text": "x"}]},
         "variants[0].name", "SETTING_INVALID"),
        ({"customMessage": "Hi", "variants": [{"text": "x"}]},
         "variants[0].name", "SETTING_INVALID"),
        ({"customMessage": "Hi", "variants": [{"name": "b", "text": "{"}]},
         "variants[0].text", "VARIABLE_UNKNOWN"),
        ({"customMessage": "Hi", "variants": [{"name": "b", "text": "x" * 301}]},
         "variants[0].text", "TEXT_TOO_LONG"),
        ({"customMessage": "Hi", "variants": [{**B, "share": 0}]},
         "variants[0].share", "SETTING_INVALID"),
        ({"customMessage": "Hi", "variants": [B], "experiment": 1},
         "experiment", "SETTING_INVALID"),
        ({"customMessage": "Hi", "variants": [B], "experiment": {"measure": "likes"}},
         "experiment.measure", "SETTING_INVALID"),
        ({"customMessage": "Hi", "variants": [B], "experiment": {"errorRate": 0}},
         "experiment.errorRate", "SETTING_INVALID"),
        ({"customMessage": "Hi", "variants": [B], "experiment": {"baseline": 95, "effect": 10}},
         "experiment.effect", "SETTING_INVALID"),
        ({"useAI": True, "variants": [B, B]}, "variants", "SETTING_INVALID"),
    ],
)  # fmt: skip
def test_refusals(config: dict[str, Any], path: str, reason: str) -> None:
    """What cannot be compared is refused, with the path of the very field."""
    found = {(wrong.field, wrong.reason) for wrong in compiled(config).violations}

    assert (f"nodes[0].data.config.{path}", reason) in found


def test_a_message_needs_a_text() -> None:
    """Only an invitation may go without a text, in any variant."""
    config = {"customMessage": "Hi", "variants": [{"name": "b", "text": " "}]}

    assert [wrong.reason for wrong in compiled(config, "send_followup").violations] == [
        "TEXT_MISSING"
    ]


def test_a_plan_without_variants() -> None:
    """A plan that compares nothing is told, not ignored in silence."""
    warnings = compiled({"customMessage": "Hi", "experiment": {"effect": 5}}).warnings

    assert [warning.reason for warning in warnings] == ["SETTING_IGNORED"]


def test_stored_and_read() -> None:
    """Variants and their plan survive their row."""
    compilation = compiled({"customMessage": "Hi", "variants": [B], "experiment": {"effect": 5}})
    assert compilation.sequence is not None

    assert sequence_from_json(sequence_to_json(compilation.sequence)) == compilation.sequence


def test_assignment_sticks_and_is_shared_out() -> None:
    """A lead always gets the same variant, and each variant about its share of the leads."""
    one = step({"customMessage": "Hi", "variants": [{**B, "share": 3}]})
    leads = [f"lead_{number}" for number in range(4_000)]

    first = [text_of(one, lead_id=lead) for lead in leads]

    assert first == [text_of(one, lead_id=lead) for lead in leads]
    assert 2_850 < Counter(first)["Hey {{first_name}}"] < 3_150
    assert variant_of(step({"customMessage": "Hi"}), lead_id="lead_1") is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["name", "text", "share", "measure", "baseline", "effect", "power", "x"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(anything, anything, st.sampled_from(["send_invite", "send_inmail", "comment_post"]))
def test_nothing_crashes(variants: Any, experiment: Any, action: str) -> None:
    """Whatever stands there, it is compiled or refused, each time with a path inside the node."""
    config = {"customMessage": "Hi", "variants": variants, "experiment": experiment}
    compilation = compiled(config, action)

    assert bool(compilation.violations) != bool(compilation.sequence)
    assert all(wrong.field.startswith("nodes[0].") for wrong in compilation.violations)
