"""The builder's drawing becomes a sequence, or everything that is wrong is told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from campaigns.builder.compiler import Compilation, compile_sequence, with_endpoints
from campaigns.sequences.sequence import DEFAULT_ACCEPT_WITHIN, MINIMUM_ACCEPT_WITHIN, StepKind
from hypothesis import given, settings
from hypothesis import strategies as st


def test_branching_sequence(branching: Any) -> None:
    """Steps are numbered along the main path, accepted before not accepted."""
    sequence = branching.sequence()

    assert [step.step_id for step in sequence.steps] == [
        "visit",
        "invite",
        "first",
        "second",
        "withdraw",
        "again",
    ]
    assert [step.index for step in sequence.steps] == list(range(6))
    invite = sequence.step("invite")
    assert invite.waits_for_acceptance
    assert (invite.next_step_id, invite.next_delay) == ("first", timedelta(hours=4))
    assert invite.not_accepted_step_id == "withdraw"


def test_ninety_minutes_are_ninety_minutes(branching: Any) -> None:
    """Delays used to be floored to hours: 90 m was 1 h."""
    assert branching.sequence().step("visit").next_delay == timedelta(minutes=90)


def test_not_accepted_delay_is_the_deadline(branching: Any) -> None:
    """Lesson 12: the not-accepted delay is a deadline and is waited once."""
    invite = branching.sequence().step("invite")

    assert invite.accept_within == timedelta(weeks=2)


def test_inherited_flags_do_not_cut_branches(branching: Any) -> None:
    """Lesson 13: flags copied onto later edges do not end a branch after its first step."""
    sequence = branching.sequence()

    assert sequence.step("withdraw").next_step_id == "again"
    assert sequence.step("first").next_step_id == "second"


@pytest.mark.parametrize(
    ("delay", "unit", "expected", "reason"),
    [
        (0, "m", DEFAULT_ACCEPT_WITHIN, "DELAY_DEFAULTED"),
        (15, "m", MINIMUM_ACCEPT_WITHIN, "DELAY_RAISED"),
    ],
)
def test_deadline_has_a_floor(
    branching: Any, delay: int, unit: str, expected: timedelta, reason: str
) -> None:
    """Lesson 12: an invitation is not withdrawn after the builder's default of 15 minutes."""
    branching.edges[3]["data"] |= {"delay": None, "delayData": {"delay": delay, "unit": unit}}

    assert branching.sequence().step("invite").accept_within == expected
    assert branching.warned() == [("edges[3].data.delayData", reason)]


def test_deadline_without_delay(branching: Any) -> None:
    """A conditional edge without a delay gets the default deadline."""
    del branching.edges[3]["data"]["delayData"], branching.edges[3]["data"]["delay"]

    assert branching.sequence().step("invite").accept_within == DEFAULT_ACCEPT_WITHIN


def test_plain_edge_after_an_invitation(drawing: Any) -> None:
    """A plain edge that leaves an invitation is followed without waiting for an answer."""
    drawing.node("invite", "send_connection_request", customMessage="Hello")
    drawing.node("like", "like_post")
    drawing.edge("invite", "like", 1, "d", isConditionalPath=False, isPositive=False)

    invite = drawing.sequence().step("invite")

    assert not invite.waits_for_acceptance
    assert (invite.next_step_id, invite.next_delay) == ("like", timedelta(days=1))


def test_invitation_without_follower_waits(drawing: Any) -> None:
    """An invitation at the end of a path still waits for its answer."""
    invite = drawing.node("invite", "send_invite", message="Hello").sequence().steps[0]

    assert invite.waits_for_acceptance
    assert invite.accept_within == DEFAULT_ACCEPT_WITHIN


def test_placeholders_are_never_performed(drawing: Any) -> None:
    """A placeholder carries a copy of its parent's type and used to be executed."""
    drawing.node("visit", "profile_visit").placeholder("add-step-visit", "send_followup")
    drawing.edge("visit", "add-step-visit", "nonsense", "nonsense")

    compilation = drawing.compile()

    assert [step.step_id for step in compilation.sequence.steps] == ["visit"]
    assert compilation.warnings == ()


def test_join_of_two_branches(branching: Any) -> None:
    """Both answers may lead to the same step, each after its own delay."""
    branching.accepted("second", "again", 5, "h")

    sequence = branching.sequence()

    assert sequence.step("second").next_delay == timedelta(hours=5)
    assert sequence.step("withdraw").next_step_id == "again"
    assert len(sequence.steps) == 6


def test_delay_of_a_webhook_node_is_added(drawing: Any) -> None:
    """The older builder's webhook has a delay of its own, on top of the edge's."""
    drawing.node("visit", "profile_visit").edge("visit", "hook", 15, "m")
    drawing.node(
        "hook",
        "notify_webhook",
        targetUrl="https://hooks.example.com/x",
        timeDelay={"value": "30", "unit": "minutes"},
    )

    sequence = drawing.sequence()

    assert sequence.step("visit").next_delay == timedelta(minutes=15)
    assert sequence.step("hook").wait_for == timedelta(minutes=30)


def test_delay_of_a_webhook_at_the_start(drawing: Any) -> None:
    """A node's own delay passes where no edge leads, too; it used to be ignored there."""
    delay = {"value": 5, "unit": "minutes"}
    drawing.node("hook", "notify_webhook", targetUrl="https://x.example", timeDelay=delay)

    assert drawing.sequence().steps[0].wait_for == timedelta(minutes=5)
    assert drawing.warned() == []


def test_webhooks_are_told(drawing: Any) -> None:
    """Both dialects' webhooks are told with what names them and where."""
    drawing.node("a", "webhook", webhookId="0f6f").edge("a", "b")
    drawing.node("b", "notify_webhook", integrationId="68c0", targetUrl="https://h.example/x")

    first, second = drawing.compile().webhooks

    assert (first.step_id, first.builder_webhook_id, first.url) == ("a", "0f6f", "")
    assert first.field == "nodes[0].data.config.webhookId"
    assert (second.builder_webhook_id, second.url) == ("68c0", "https://h.example/x")
    assert second.field == "nodes[1].data.config.integrationId"


def test_endpoints_are_put_in(drawing: Any) -> None:
    """Resolved endpoints reach the steps that name them, and no other."""
    drawing.node("a", "webhook", webhookId="0f6f").edge("a", "b").node("b", "profile_visit")

    sequence = with_endpoints(drawing.sequence(), {"a": "ep_1"})

    assert [step.endpoint_id for step in sequence.steps] == ["ep_1", ""]


def test_everything_is_told_at_once(branching: Any) -> None:
    """One answer names every violation, each with its path."""
    branching.node("odd", "teleport").node("hook", "webhook")
    branching.edge("second", "odd", -1, "d").edge("again", "nowhere")
    branching.nodes[2]["data"]["config"] = {"customMessage": "  "}
    branching.nodes[1]["data"]["config"] = {"customMessage": "x" * 301}

    assert sorted(branching.reasons()) == [
        ("edges[5].data.delayData", "DELAY_INVALID"),
        ("edges[6].target", "EDGE_DANGLING"),
        ("nodes[1].data.config.customMessage", "TEXT_TOO_LONG"),
        ("nodes[2].data.config.customMessage", "TEXT_MISSING"),
        ("nodes[6].data.type", "NODE_TYPE_UNKNOWN"),
        ("nodes[7]", "SEQUENCE_SEVERAL_STARTS"),
        ("nodes[7].data.config.webhookId", "FIELD_REQUIRED"),
    ]


@pytest.mark.parametrize("action", ["", None, 7, ["x"]])
def test_unknown_actions(drawing: Any, action: Any) -> None:
    """What cannot be performed is refused, not skipped."""
    assert drawing.node("a", "x").reasons() == [("nodes[0].data.type", "NODE_TYPE_UNKNOWN")]
    drawing.nodes[0]["data"]["type"] = action
    assert drawing.reasons() == [("nodes[0].data.type", "NODE_TYPE_UNKNOWN")]


@pytest.mark.parametrize("action", ["follow_profile", "Follow_Company"])
def test_actions_that_the_provider_does_not_offer(drawing: Any, action: str) -> None:
    """Following has no route at the provider, so it is refused by name and not as unknown."""
    assert drawing.node("a", action).reasons() == [("nodes[0].data.type", "NODE_TYPE_UNSUPPORTED")]


def test_unknown_kind_of_node(drawing: Any) -> None:
    """A node is an action or a placeholder, and nothing else."""
    drawing.node("a", "profile_visit").nodes[0]["type"] = "group"

    assert drawing.reasons() == [("nodes[0].type", "NODE_TYPE_UNKNOWN")]


def test_words_in_any_case(drawing: Any) -> None:
    """Types are understood however they are capitalised."""
    drawing.node("a", "Profile_Visit").nodes[0]["type"] = "Action"

    assert drawing.sequence().steps[0].kind is StepKind.PROFILE_VISIT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
IDS = st.sampled_from(["a", "b", "c", "add-step-x", "nowhere"]) | JSON
ACTIONS = st.sampled_from([*StepKind, "send_invite", "notify_webhook", "follow_profile"]) | JSON
CONFIG_KEYS = st.sampled_from(
    [
        "numberOfPosts",
        "recentPostDays",
        "useAI",
        "configureWithAI",
        "customMessage",
        "customComment",
        "message",
        "tone",
        "length",
        "timeDelay",
        "webhookId",
        "smartFollowups",
        "config",
        "other",
    ]
)
CONFIGS = st.dictionaries(CONFIG_KEYS, JSON | st.sampled_from(["3", "true", "{{a}}"])) | JSON
NODES = (
    st.fixed_dictionaries(
        {
            "id": IDS,
            "type": st.sampled_from(["action", "action", "addStep"]) | JSON,
            "data": st.fixed_dictionaries({"type": ACTIONS, "config": CONFIGS}) | JSON,
        }
    )
    | JSON
)
DELAYS = st.fixed_dictionaries({"delay": JSON, "unit": st.sampled_from("smhdw") | JSON}) | JSON
EDGES = (
    st.fixed_dictionaries(
        {
            "source": IDS,
            "target": IDS,
            "type": st.sampled_from(["conditional", "buttonedge"]) | JSON,
            "data": st.fixed_dictionaries(
                {"delayData": DELAYS, "isConditionalPath": JSON, "isPositive": JSON}
            )
            | JSON,
        }
    )
    | JSON
)
DRAWINGS = (
    st.fixed_dictionaries(
        {"nodes": st.lists(NODES, max_size=5) | JSON, "edges": st.lists(EDGES, max_size=6) | JSON}
    )
    | JSON
)


def assert_sound(compilation: Compilation) -> None:
    """A sequence xor violations; every step's follower exists and comes later or is shared."""
    assert (compilation.sequence is None) == bool(compilation.violations)
    diagnostics = [(each.reason, each.description) for each in compilation.violations]
    diagnostics += [(each.reason, each.description) for each in compilation.warnings]
    assert all(reason.isupper() and description for reason, description in diagnostics)
    if compilation.sequence is not None:
        ids = {step.step_id for step in compilation.sequence.steps}
        for step in compilation.sequence.steps:
            assert {step.next_step_id, step.not_accepted_step_id} <= ids | {None}


@pytest.mark.lasts(seconds=10)
@settings(max_examples=300, deadline=None)
@given(DRAWINGS, st.booleans())
def test_no_drawing_crashes(drawing: Any, writer_configured: bool) -> None:  # noqa: FBT001  drawn
    """Wrong types, nulls, NaN and duplicates anywhere are told, never raised."""
    assert_sound(compile_sequence(json.dumps(drawing), writer_configured=writer_configured))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_no_source_crashes(source: str | bytes) -> None:
    """Any bytes and any text are a drawing or are refused."""
    assert_sound(compile_sequence(source, writer_configured=False))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.booleans()), max_size=10))
def test_compiled_means_walkable(pairs: list[tuple[int, int, bool]]) -> None:
    """Every way through a compiled sequence ends, and every step can be reached."""
    nodes = [
        {
            "id": str(i),
            "type": "action",
            "data": {"type": "send_invite" if i % 2 else "profile_visit", "config": {}},
        }
        for i in range(max([0, *(max(a, b) for a, b, _ in pairs)]) + 1)
    ]
    edges = [
        {
            "source": str(a),
            "target": str(b),
            "data": {"isConditionalPath": True, "isPositive": positive},
        }
        for a, b, positive in pairs
    ]
    source = json.dumps({"nodes": nodes, "edges": edges})
    sequence = compile_sequence(source, writer_configured=False).sequence
    if sequence is None:
        return

    reached = set()
    waiting = [(sequence.steps[0].step_id, 0)]
    while waiting:
        step_id, depth = waiting.pop()
        assert depth < len(sequence.steps)
        step = sequence.step(step_id)
        reached.add(step_id)
        followers = (step.next_step_id, step.not_accepted_step_id)
        waiting += [(each, depth + 1) for each in followers if each is not None]
    assert len(reached) == len(sequence.steps) == len(nodes)
