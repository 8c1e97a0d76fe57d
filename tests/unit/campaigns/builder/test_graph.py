"""What follows what, and whether that can be walked."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from campaigns.builder.compiler import compile_sequence


def chain(drawing: Any, *node_ids: str) -> Any:
    """Visits, one after the other."""
    for node_id in node_ids:
        drawing.node(node_id, "profile_visit")
    for source, target in pairwise(node_ids):
        drawing.edge(source, target)
    return drawing


def test_cycle(drawing: Any) -> None:
    """A cycle used to end every lead with no step; it is refused with the edge that closes it."""
    chain(drawing, "a", "b", "c").edge("c", "b")

    assert ("edges[2].target", "SEQUENCE_CYCLE") in drawing.reasons()


def test_cycle_without_a_start(drawing: Any) -> None:
    """A ring has no beginning, and is told as a ring."""
    assert chain(drawing, "a", "b").edge("b", "a").reasons() == [
        ("edges[1].target", "SEQUENCE_CYCLE")
    ]


def test_node_that_follows_itself(drawing: Any) -> None:
    """The shortest cycle is one too."""
    assert chain(drawing, "a").edge("a", "a").reasons() == [("edges[0].target", "SEQUENCE_CYCLE")]


def test_several_starts(drawing: Any) -> None:
    """Every start beyond the first is told."""
    chain(drawing, "a", "b").node("c", "profile_visit").node("d", "like_post")

    assert drawing.reasons() == [
        ("nodes[2]", "SEQUENCE_SEVERAL_STARTS"),
        ("nodes[3]", "SEQUENCE_SEVERAL_STARTS"),
    ]


def test_no_action(drawing: Any) -> None:
    """Placeholders alone do nothing."""
    assert drawing.reasons() == [("nodes", "SEQUENCE_WITHOUT_ACTION")]
    assert drawing.placeholder("add-step-1").reasons() == [("nodes", "SEQUENCE_WITHOUT_ACTION")]


def test_several_followers(drawing: Any) -> None:
    """Parallel paths are not walked one after the other behind the customer's back."""
    chain(drawing, "a", "b").node("c", "like_post").edge("a", "c")

    assert drawing.reasons() == [("edges[1]", "SEQUENCE_AMBIGUOUS_PATH")]


def test_two_accepted_edges(branching: Any) -> None:
    """One answer leads one way."""
    branching.accepted("invite", "again")

    assert branching.reasons() == [("edges[5]", "SEQUENCE_AMBIGUOUS_PATH")]


def test_plain_edge_beside_an_answer(branching: Any) -> None:
    """An edge that is always followed contradicts one that waits for an answer."""
    branching.edge("invite", "again")

    assert branching.reasons() == [("edges[5]", "SEQUENCE_AMBIGUOUS_PATH")]


def test_both_answers_to_one_step(drawing: Any) -> None:
    """Both answers may lead straight to the same step."""
    drawing.node("invite", "send_invite", message="Hello").node("like", "like_post")
    drawing.accepted("invite", "like").not_accepted("invite", "like")

    invite = drawing.sequence().step("invite")

    assert invite.next_step_id == invite.not_accepted_step_id == "like"


def test_repeated_edge(drawing: Any) -> None:
    """The same edge twice is once, and told; edge ids are not unique and do not matter."""
    chain(drawing, "a", "b").edge("a", "b")

    assert drawing.warned() == [("edges[1]", "EDGE_IGNORED")]
    assert len(drawing.sequence().steps) == 2


def test_dangling_edges(drawing: Any) -> None:
    """An edge from or to nowhere is refused at the end that is loose."""
    chain(drawing, "a").edge("a", "gone").edge("lost", "a")

    assert drawing.reasons() == [
        ("edges[0].target", "EDGE_DANGLING"),
        ("edges[1].source", "EDGE_DANGLING"),
    ]


@pytest.mark.parametrize("target", ["add-step", "add-step-a", "add-step-accepted-send_followup-1"])
def test_dangling_placeholder(drawing: Any, target: str) -> None:
    """Exported files contain edges to placeholders that are not in them: told, not refused."""
    chain(drawing, "a").edge("a", target)

    assert drawing.warned() == [("edges[0]", "EDGE_IGNORED")]
    assert drawing.reasons() == []


def test_duplicate_node_id(drawing: Any) -> None:
    """Two nodes of one name cannot be told apart."""
    chain(drawing, "a").node("a", "like_post")

    assert drawing.reasons() == [("nodes[1].id", "NODE_ID_DUPLICATE")]


def test_node_named_like_a_placeholder(drawing: Any) -> None:
    """An action and a placeholder of one name cannot be told apart either."""
    drawing.placeholder("a").node("a", "profile_visit")

    assert drawing.reasons() == [("nodes[1].id", "NODE_ID_DUPLICATE")]


def test_repeated_placeholders(drawing: Any) -> None:
    """Placeholders may repeat their ids; they are dropped anyway."""
    assert chain(drawing, "a").placeholder("p").placeholder("p").reasons() == []


@pytest.mark.parametrize(
    ("flags", "accepted"),
    [
        ({"isConditionalPath": True, "isPositive": True}, True),
        ({"isConditionalPath": "true", "isPositive": "false"}, False),
        ({"isPositive": False}, False),
        ({"isConditionalPath": None, "isPositive": True}, True),
    ],
)
def test_flags_of_an_answer(drawing: Any, flags: dict[str, Any], accepted: bool) -> None:  # noqa: FBT001
    """The branch is told by the flags, which may be texts or partly missing."""
    drawing.node("invite", "send_invite", message="Hello").node("like", "like_post")
    drawing.edge("invite", "like", 2, "d", **flags)

    invite = drawing.sequence().step("invite")

    assert invite.waits_for_acceptance
    assert (invite.next_step_id if accepted else invite.not_accepted_step_id) == "like"


def test_flag_of_another_type(drawing: Any) -> None:
    """A flag that is no yes or no is refused at its path."""
    drawing.node("invite", "send_invite", message="Hello").node("like", "like_post")
    drawing.edge("invite", "like", isConditionalPath=True, isPositive=[])

    assert ("edges[0].data.isPositive", "SETTING_INVALID") in drawing.reasons()


def test_answer_told_by_the_target(drawing: Any) -> None:
    """Where the edge does not say its answer, the path of its target does, with a warning."""
    drawing.node("invite", "send_invite", message="Hello").node("like", "like_post")
    drawing.nodes[1]["data"]["pathType"] = "not-accepted"
    drawing.edge("invite", "like", 2, "d", isConditionalPath=True)

    assert drawing.sequence().step("invite").not_accepted_step_id == "like"
    assert drawing.warned() == [("edges[0].data.isPositive", "BRANCH_ASSUMED")]


def test_answer_that_nobody_tells(drawing: Any) -> None:
    """A conditional edge without any answer is refused, not guessed."""
    drawing.node("invite", "send_invite", message="Hello").node("like", "like_post")
    drawing.edge("invite", "like", isConditionalPath=True)

    assert drawing.reasons() == [("edges[0].data.isPositive", "SEQUENCE_AMBIGUOUS_PATH")]


def test_long_chains(drawing: Any) -> None:
    """A long drawing is walked without recursion."""
    ids = [f"n{i}" for i in range(900)]

    assert [step.step_id for step in chain(drawing, *ids).sequence().steps] == ids


def test_display_delay_without_delay_data(drawing: Any) -> None:
    """A delay that is only shown is waited, and refused at its own path."""
    chain(drawing, "a", "b").edges[0]["data"] = {"delay": "90m"}
    assert drawing.sequence().steps[0].next_delay.total_seconds() == 5400

    drawing.edges[0]["data"] = {"delay": "whenever"}
    assert drawing.reasons() == [("edges[0].data.delay", "DELAY_INVALID")]


def test_a_delay_that_is_not_the_one_shown(drawing: Any) -> None:
    """What people see on the edge used to differ from what was waited, in silence."""
    drawing.node("a", "profile_visit").node("b", "like_post").edge("a", "b", 2, "h")
    drawing.edges[0]["data"]["delay"] = "2d"

    (warning,) = drawing.compile().warnings
    assert (warning.field, warning.reason) == ("edges[0].data.delay", "DELAY_SHOWN_DIFFERENTLY")
    assert "2 hours" in warning.description
    assert drawing.sequence().step("a").next_delay == timedelta(hours=2)


@pytest.mark.parametrize(
    ("part", "path"),
    [("root", "extra"), ("node", "nodes[0].data.extra"), ("edge", "edges[0].data.extra")],
)
def test_keys_that_no_builder_knows(drawing: Any, part: str, path: str) -> None:
    """Wherever they stand, they are told; null is not set."""
    drawing.node("a", "profile_visit").node("b", "like_post").edge("a", "b")
    root = {"nodes": drawing.nodes, "edges": drawing.edges}
    parts = {"root": root, "node": drawing.nodes[0]["data"], "edge": drawing.edges[0]["data"]}
    parts[part] |= {"extra": 1, "nothing": None}

    compilation = compile_sequence(json.dumps(root), writer_configured=False)

    assert [(each.field, each.reason) for each in compilation.warnings] == [
        (path, "SETTING_IGNORED")
    ]
