"""What leads come to where the author may not expect it is told when a campaign is created."""

from __future__ import annotations

from typing import Any

import pytest
from campaigns.builder.outlook import REINVITED_AFTER

from tests.unit.campaigns.conftest import Drawing

NOTE = {"customMessage": "Hello {{first_name}}"}


def outlook(drawing: Drawing) -> dict[str, str]:
    """Reason by node, of what this module warns of."""
    ours = {"NOT_ACCEPTED_ENDS", "REINVITED_TOO_SOON", "NEVER_REACHED", "ANSWER_KNOWN"}
    ours |= {"INVITED_ALREADY", "MESSAGE_UNCONNECTED"}
    ids = {f"nodes[{place}]": node["id"] for place, node in enumerate(drawing.nodes)}
    return {ids[field]: reason for field, reason in drawing.warned() if reason in ours}


def test_a_drawing_with_both_answers_is_told_nothing(branching: Any) -> None:
    """Who accepts and who does not both go somewhere."""
    assert outlook(branching) == {}


def test_only_the_accepted_edge(drawing: Any) -> None:
    """Who does not accept ends after ten days, without a further word."""
    drawing.node("invite", "send_connection_request", **NOTE)
    drawing.node("thank", "send_followup", customMessage="Thanks").accepted("invite", "thank")

    assert outlook(drawing) == {"invite": "NOT_ACCEPTED_ENDS"}
    assert "after 10 days" in drawing.compile().warnings[0].description


@pytest.mark.parametrize(("days", "told"), [(5, True), (13, True), (14, False)])
def test_a_second_invitation_after_a_withdrawal(drawing: Any, *, days: int, told: bool) -> None:
    """All delays on the way count, the shorter way where there are two."""
    drawing.node("withdraw", "withdraw_request").node("ask", "condition", condition="has_posts")
    drawing.node("like", "like_post").node("wait", "wait", delay=2, unit="d")
    drawing.node("invite", "send_connection_request", **NOTE)
    drawing.edge("withdraw", "ask", 5, "d").accepted("ask", "like", 40, "d")
    drawing.not_accepted("ask", "wait", days, "d").edge("wait", "invite", 0)
    drawing.edge("like", "wait", 1, "d")

    assert (outlook(drawing) == {"invite": "REINVITED_TOO_SOON"}) == told
    assert REINVITED_AFTER.days == 21


def test_a_placeholder_in_the_middle_of_a_path(drawing: Any) -> None:
    """It is dropped with its edges: what is drawn after it begins nowhere."""
    drawing.node("a", "profile_visit").placeholder("p").node("b", "like_post")
    drawing.edge("a", "p").edge("p", "b")

    assert ("nodes[1]", "PLACEHOLDER_IN_CHAIN") in drawing.warned()


@pytest.mark.parametrize("last", [True, False])
def test_a_placeholder_at_the_end_is_the_builders_own(drawing: Any, *, last: bool) -> None:
    """Every path of the builder ends in one."""
    drawing.node("a", "profile_visit").placeholder("p")
    drawing.edge(*(("a", "p") if last else ("p", "a")))

    assert drawing.warned() == []


def asking(drawing: Any, node_id: str, **config: Any) -> Any:
    drawing.node(node_id, "condition", **config)
    drawing.node(f"{node_id} yes", "profile_visit").node(f"{node_id} no", "profile_visit")
    drawing.accepted(node_id, f"{node_id} yes").not_accepted(node_id, f"{node_id} no")
    return drawing


def test_who_has_accepted_is_connected(drawing: Any) -> None:
    """And nobody goes where the drawing sends who is not."""
    drawing.node("invite", "send_connection_request", **NOTE).node("end", "profile_visit")
    drawing.accepted("invite", "ask").not_accepted("invite", "end")
    asking(drawing, "ask", condition="connected")

    assert outlook(drawing) == {"ask": "ANSWER_KNOWN", "ask no": "NEVER_REACHED"}


@pytest.mark.parametrize(
    ("again", "told"),
    [
        ("CTO", {"second": "ANSWER_KNOWN", "second no": "NEVER_REACHED"}),
        (" cto", {"second": "ANSWER_KNOWN", "second no": "NEVER_REACHED"}),
        ("CEO", {"second": "ANSWER_KNOWN", "second yes": "NEVER_REACHED"}),
    ],
)
def test_a_variable_has_one_value(drawing: Any, again: str, told: dict[str, str]) -> None:
    """Who has one is not asked for it again, in any spelling, nor has another."""
    asking(drawing, "first", condition="variable_equals", variable="title", value="CTO")
    asking(drawing, "second", condition="variable_equals", variable="title", value=again)
    drawing.edge("first yes", "second")

    assert outlook(drawing) == told


def test_where_ways_meet_both_answers_are_possible(drawing: Any) -> None:
    """What is known on one of two ways is not known behind them."""
    asking(drawing, "first", condition="variable_equals", variable="title", value="CTO")
    asking(drawing, "second", condition="variable_equals", variable="title", value="CTO")
    drawing.edge("first yes", "second").edge("first no", "second")

    assert outlook(drawing) == {}


@pytest.mark.parametrize("question", ["has_posts", "open_profile", "replied"])
def test_what_may_change_is_asked_again(drawing: Any, question: str) -> None:
    """A no to these may be a yes a week later."""
    asking(drawing, "first", condition=question)
    asking(drawing, "second", condition=question)
    drawing.edge("first no", "second", 7, "d")

    assert outlook(drawing) == {}


def test_two_placeholders_in_the_middle_of_a_path(drawing: Any) -> None:
    """Neither stands between two nodes that do something, and the path ends before both."""
    drawing.node("a", "profile_visit").placeholder("p").placeholder("q").node("b", "like_post")
    drawing.edge("a", "p").edge("p", "q").edge("q", "b")

    told = {field for field, reason in drawing.warned() if reason == "PLACEHOLDER_IN_CHAIN"}
    assert told == {"nodes[1]", "nodes[2]"}


def test_placeholders_that_lead_nowhere(drawing: Any) -> None:
    """A circle of them, and one behind another at the end of a path: nothing is drawn after."""
    drawing.node("a", "profile_visit").placeholder("p").placeholder("q")
    drawing.edge("a", "p").edge("p", "q").edge("q", "p")

    assert drawing.warned() == []


def test_an_invitation_that_nobody_comes_to_is_not_too_soon(drawing: Any) -> None:
    """Soon after a withdrawal only on a way that nobody can go."""
    drawing.node("withdraw", "withdraw_request").node("invite", "send_connection_request", **NOTE)
    asking(drawing, "first", condition="variable_equals", variable="title", value="CTO")
    asking(drawing, "second", condition="variable_equals", variable="title", value="CTO")
    drawing.edge("withdraw", "first", 1, "d").edge("first yes", "second", 1, "d")
    drawing.edge("second no", "invite", 1, "d")

    told = outlook(drawing)
    assert told == {
        "second": "ANSWER_KNOWN",
        "second no": "NEVER_REACHED",
        "invite": "NEVER_REACHED",
    }


def test_a_way_that_nobody_can_go_is_not_the_shorter_one(drawing: Any) -> None:
    """The invitation is reached by a long way too; the short one counts for nobody."""
    drawing.node("withdraw", "withdraw_request").node("invite", "send_connection_request", **NOTE)
    asking(drawing, "first", condition="variable_equals", variable="title", value="CTO")
    asking(drawing, "second", condition="variable_equals", variable="title", value="CTO")
    drawing.edge("withdraw", "first", 1, "d").edge("first yes", "second", 1, "d")
    drawing.edge("second no", "invite", 1, "d").edge("second yes", "invite", 30, "d")

    assert "REINVITED_TOO_SOON" not in outlook(drawing).values()


@pytest.mark.parametrize("withdrawn", [True, False])
def test_an_invitation_on_an_open_one(drawing: Any, *, withdrawn: bool) -> None:
    """LinkedIn refuses a second invitation while the first lies there, however late it goes."""
    drawing.node("invite", "send_connection_request", **NOTE).node("end", "profile_visit")
    drawing.node("middle", "withdraw_request" if withdrawn else "like_post")
    drawing.node("again", "send_connection_request", **NOTE).node("thank", "profile_visit")
    drawing.accepted("invite", "end").not_accepted("invite", "middle", 10, "d")
    drawing.edge("middle", "again", 30, "d")
    drawing.accepted("again", "thank").not_accepted("again", "end")

    assert outlook(drawing) == ({} if withdrawn else {"again": "INVITED_ALREADY"})


@pytest.mark.parametrize("asked", [True, False])
def test_a_message_to_who_has_not_accepted(drawing: Any, *, asked: bool) -> None:
    """It fails for nearly everybody there; who is asked for first whether they are connected is."""
    drawing.node("invite", "send_connection_request", **NOTE).node("end", "profile_visit")
    drawing.node("write", "send_followup", customMessage="Hello").accepted("invite", "end")
    if asked:
        drawing.node("ask", "condition", condition="connected").node("no", "like_post")
        drawing.not_accepted("invite", "ask", 10, "d")
        drawing.accepted("ask", "write").not_accepted("ask", "no")
    else:
        drawing.not_accepted("invite", "write", 10, "d")

    assert outlook(drawing) == ({} if asked else {"write": "MESSAGE_UNCONNECTED"})
