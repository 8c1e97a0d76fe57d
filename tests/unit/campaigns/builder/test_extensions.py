"""Our own nodes: wait, condition, split."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from campaigns.sequences.sequence import Condition, Exit, Question

CONFIG = "nodes[0].data.config"
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"delay": 3, "unit": "d"}, 3 * DAY),
        ({"delay": "3", "unit": "days"}, 3 * DAY),
        ({"delay": "1d 12h"}, 1.5 * DAY),
        ({"delay": 0}, timedelta()),
    ],
)
def test_wait(drawing: Any, config: dict[str, Any], expected: timedelta) -> None:
    """A wait lasts as long as it says, spelled like the delay of an edge."""
    drawing.node("n", "wait", **config).node("m", "profile_visit").edge("n", "m")

    assert drawing.sequence().steps[0].wait_for == expected
    assert drawing.warned() == []


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({}, "FIELD_REQUIRED"),
        ({"delay": None, "unit": "d"}, "FIELD_REQUIRED"),
        ({"delay": 3}, "DELAY_INVALID"),
        ({"delay": -1, "unit": "d"}, "DELAY_INVALID"),
        ({"delay": 3, "unit": "fortnights"}, "DELAY_INVALID"),
        ({"delay": ["x"], "unit": "d"}, "DELAY_INVALID"),
        ({"delay": 2, "unit": "y"}, "DELAY_INVALID"),
    ],
)
def test_wait_for_what(drawing: Any, config: dict[str, Any], reason: str) -> None:
    """A wait that does not say how long is refused."""
    drawing.node("n", "wait", **config)

    assert drawing.reasons() == [(f"{CONFIG}.delay", reason)]


def asking(drawing: Any, **config: Any) -> Any:
    drawing.node("c", "condition", **config).node("yes", "profile_visit").node("no", "like_post")
    return drawing.accepted("c", "yes", 2, "h").not_accepted("c", "no", 1, "d")


@pytest.mark.parametrize("question", ["connected", "replied", "has_posts", "open_profile"])
def test_condition(drawing: Any, question: str) -> None:
    """Each answer has its own way and its own delay; the delay of no is no deadline."""
    step = asking(drawing, condition=question).sequence().step("c")

    assert step.condition == Condition(question=Question(question))
    assert step.exits == (
        Exit(name="yes", step_id="yes", delay=timedelta(hours=2)),
        Exit(name="no", step_id="no", delay=DAY),
    )
    assert (step.next_step_id, step.not_accepted_step_id) == (None, None)
    assert not step.waits_for_acceptance


def test_a_question_that_a_reply_may_make_idle(drawing: Any) -> None:
    """Whoever asks for replies is told that the campaign must go on after them."""
    asking(drawing, condition="replied")

    assert drawing.warned() == [(f"{CONFIG}.condition", "REPLY_ENDS_SEQUENCE")]


def test_condition_on_posts(drawing: Any) -> None:
    """How recent a post must be is the condition's own setting."""
    asking(drawing, condition="has_posts", recentPostDays="14")

    assert drawing.sequence().step("c").recent_within == 14 * DAY


@pytest.mark.parametrize("variable", ["Job Title", "{{jobTitle}}", "title"])
def test_condition_on_a_variable(drawing: Any, variable: str) -> None:
    """A variable may be named as in a text, in any spelling."""
    asking(drawing, condition="variable_equals", variable=variable, value=" CTO ")

    condition = drawing.sequence().step("c").condition
    assert (condition.variable, condition.value) == ("title", "CTO")


def test_condition_on_a_number(drawing: Any) -> None:
    """Columns are texts, so a number is compared as it is written."""
    asking(drawing, condition="variable_equals", variable="tier", value=2)

    assert drawing.sequence().step("c").condition.value == "2"


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, [("condition", "FIELD_REQUIRED")]),
        ({"condition": "rich"}, [("condition", "SETTING_INVALID")]),
        ({"condition": ["x"]}, [("condition", "SETTING_INVALID")]),
        ({"condition": "has_posts", "recentPostDays": 0}, [("recentPostDays", "SETTING_INVALID")]),
        (
            {"condition": "variable_equals"},
            [("variable", "FIELD_REQUIRED"), ("value", "FIELD_REQUIRED")],
        ),
        (
            {"condition": "variable_equals", "variable": "__", "value": "x"},
            [("variable", "VARIABLE_UNKNOWN")],
        ),
        (
            {"condition": "variable_equals", "variable": "x", "value": ["y"]},
            [("value", "SETTING_INVALID")],
        ),
    ],
)
def test_condition_that_cannot_be_asked(
    drawing: Any, config: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    """What is missing or unknown is refused by its path."""
    asking(drawing, **config)

    assert drawing.reasons() == [(f"{CONFIG}.{name}", reason) for name, reason in expected]


def test_settings_of_another_condition(drawing: Any) -> None:
    """A setting that this question has no use for is told."""
    asking(drawing, condition="connected", variable="title", recentPostDays=30)

    assert sorted(drawing.warned()) == [
        (f"{CONFIG}.recentPostDays", "SETTING_IGNORED"),
        (f"{CONFIG}.variable", "SETTING_IGNORED"),
    ]


def test_condition_with_one_way(drawing: Any) -> None:
    """An answer without an edge ends the path."""
    drawing.node("c", "condition", condition="replied").node("no", "like_post")
    drawing.not_accepted("c", "no", 0)

    assert drawing.sequence().step("c").exits == (
        Exit(name="yes"),
        Exit(name="no", step_id="no"),
    )


def test_condition_with_a_plain_edge(drawing: Any) -> None:
    """An edge that leaves a condition says on which answer it is followed."""
    drawing.node("c", "condition", condition="replied").node("a", "like_post").edge("c", "a")

    assert drawing.reasons() == [("edges[0].data.isPositive", "SEQUENCE_AMBIGUOUS_PATH")]


@pytest.mark.parametrize("action", ["wait", "condition"])
def test_nodes_that_change_nothing(drawing: Any, action: str) -> None:
    """A wait or a condition that nothing follows is told."""
    config = {"delay": "1d"} if action == "wait" else {"condition": "connected"}
    drawing.node("n", action, **config)

    assert drawing.warned() == [("nodes[0]", "NOTHING_FOLLOWS")]


def splitting(drawing: Any, *edges: dict[str, Any]) -> Any:
    drawing.node("s", "split")
    for number, data in enumerate(edges):
        drawing.node(f"n{number}", "profile_visit").edge("s", f"n{number}", number, "h", **data)
    return drawing


def shares(drawing: Any) -> list[tuple[str, int]]:
    return [(way.name, way.share) for way in drawing.sequence().step("s").exits]


def test_split_by_percentages(drawing: Any) -> None:
    """Every edge has its share, its name and its delay, in the order of the file."""
    splitting(drawing, {"percentage": 70, "variant": "plain"}, {"percentage": "30 %"})

    assert drawing.sequence().step("s").exits == (
        Exit(name="plain", step_id="n0", share=7_000),
        Exit(name="A", step_id="n1", delay=timedelta(hours=1), share=3_000),
    )


def test_split_in_equal_shares(drawing: Any) -> None:
    """Without any percentage the shares are equal, and named by letters."""
    assert shares(splitting(drawing, {}, {}, {})) == [("A", 1), ("B", 1), ("C", 1)]


def test_letters_that_are_taken(drawing: Any) -> None:
    """A letter that an edge has as its name is given to no other."""
    assert [name for name, _ in shares(splitting(drawing, {}, {"variant": "A"}))] == ["B", "A"]


def test_percentages_with_decimals(drawing: Any) -> None:
    """Thirds can be written with two decimals."""
    splitting(drawing, *({"percentage": each} for each in (33.33, "33,33", 33.34)))

    assert sum(share for _, share in shares(drawing)) == 10_000


@pytest.mark.parametrize(
    ("edges", "field"),
    [
        (({},), "nodes[0].data.type"),
        (({},) * 27, "nodes[0].data.type"),
        (({"percentage": 70}, {"percentage": 20}), "nodes[0].data.type"),
        (({"percentage": 50}, {}), "edges[1].data.percentage"),
        (({"percentage": 100}, {"percentage": 0}), "edges[1].data.percentage"),
        (({"percentage": 50.005}, {"percentage": 49.995}), "edges[0].data.percentage"),
        (({"percentage": "1e-400"}, {"percentage": 50}), "edges[0].data.percentage"),
        (({"variant": "x"}, {"variant": "x"}), "edges[1].data.variant"),
    ],
)
def test_splits_that_do_not_add_up(
    drawing: Any, edges: tuple[dict[str, Any], ...], field: str
) -> None:
    """Shares are complete, 100 percent together, and each has its own name."""
    assert (field, "SPLIT_INVALID") in splitting(drawing, *edges).reasons()


@pytest.mark.parametrize("value", ["many", [], {}, True, "1e999999", 10**70])
def test_percentages_that_are_no_numbers(drawing: Any, value: Any) -> None:
    """A percentage is a number."""
    splitting(drawing, {"percentage": value}, {"percentage": 50})

    told = dict(drawing.reasons())
    assert told["edges[0].data.percentage"] in {"SETTING_INVALID", "SPLIT_INVALID"}


def test_two_ways_to_the_same_step(drawing: Any) -> None:
    """Two shares may lead to the same step after different delays."""
    drawing.node("s", "split").node("n", "profile_visit")
    drawing.edge("s", "n", 1, "d").edge("s", "n", 3, "d")

    assert [way.delay for way in drawing.sequence().step("s").exits] == [DAY, 3 * DAY]


def test_shares_of_other_edges(drawing: Any) -> None:
    """A share on an edge that leaves no split is told to change nothing."""
    drawing.node("a", "profile_visit").node("b", "like_post").edge("a", "b", percentage=50)

    assert drawing.warned() == [("edges[0].data.percentage", "SETTING_IGNORED")]
