"""What can happen to a file on its way: the ways in which a drawing is damaged."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from random import Random
from typing import Any

from campaigns.sequences.sequence import StepKind

SETTINGS = """
numberOfPosts postCount recentPostDays customMessage message customComment useAI configureWithAI
tone length messageLength language customGuidelines smartFollowups isFollowUp webhookId targetUrl
typeId timeDelay delay unit condition variable value config colour variants
experiment
""".split()  # noqa: SIM905  words read best as words
EDGE_SETTINGS = """
delay delayData isPositive isConditionalPath percentage variant colour
""".split()  # noqa: SIM905  likewise
NODE_KEYS = ("id", "type", "data", "position", "selected")
DATA_KEYS = ("type", "label", "config", "pathType", "isConfigured")
WORDS = """
0 3 true 15m {{first_name}} {{ [first_name] {a|b} 50 100% Action addStep connected has_posts
variable_equals wait condition split follow_profile
""".split()  # noqa: SIM905  likewise
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 3, 10**30, 1.5, 1e300),
    *("", " ", "x" * 999, "\ud800", "\0", *WORDS, *(kind.value for kind in StepKind)),
    *([], {}, [None], [[], []], {"delay": "1", "unit": "d"}, {"value": 30, "unit": "minutes"}),
    *([{"name": "b", "text": "Hello!", "share": 2}], [{"name": "b"}, {"name": "b", "text": 7}]),
    {"measure": "accepted", "effect": "5"},
)


def damaged(drawings: Sequence[dict[str, Any]], random: Random) -> dict[str, Any]:
    """One of the drawings after one to six mishaps."""
    drawing = copy.deepcopy(random.choice(drawings))
    for _ in range(random.randint(1, 6)):
        random.choice(MISHAPS)(drawing, random)
    return drawing


def any_value(random: Random) -> Any:
    """A value of its own: what is put into it afterwards is in no other drawing."""
    return copy.deepcopy(random.choice(VALUES))


def some(drawing: dict[str, Any], name: str, random: Random) -> dict[str, Any]:
    """A node or an edge that is still an object; a new one if none is."""
    there = drawing.get(name)
    found = [each for each in there if isinstance(each, dict)] if isinstance(there, list) else []
    return random.choice(found) if found else {}


def inner(part: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        if not isinstance(part.get(name), dict):
            part[name] = {}
        part = part[name]
    return part


def sets_a_setting(drawing: dict[str, Any], random: Random) -> None:
    config = inner(some(drawing, "nodes", random), "data", "config")
    config[random.choice(SETTINGS)] = any_value(random)


def sets_an_edge_setting(drawing: dict[str, Any], random: Random) -> None:
    data = inner(some(drawing, "edges", random), "data")
    data[random.choice(EDGE_SETTINGS)] = any_value(random)


def changes_a_node(drawing: dict[str, Any], random: Random) -> None:
    node = some(drawing, "nodes", random)
    node[random.choice(NODE_KEYS)] = any_value(random)


def changes_an_action(drawing: dict[str, Any], random: Random) -> None:
    data = inner(some(drawing, "nodes", random), "data")
    data[random.choice(DATA_KEYS)] = any_value(random)


def turns_an_edge(drawing: dict[str, Any], random: Random) -> None:
    ends = [some(drawing, "nodes", random).get("id"), "add-step", "nowhere", None, 7]
    some(drawing, "edges", random)[random.choice(["source", "target"])] = random.choice(ends)


def copies_one(drawing: dict[str, Any], random: Random) -> None:
    name = random.choice(["nodes", "edges"])
    if isinstance(drawing.get(name), list):
        drawing[name].insert(random.randint(0, 3), copy.deepcopy(some(drawing, name, random)))


def loses_one(drawing: dict[str, Any], random: Random) -> None:
    there = drawing.get(random.choice(["nodes", "edges"]))
    if isinstance(there, list) and there:
        there.pop(random.randrange(len(there)))


def loses_a_key(drawing: dict[str, Any], random: Random) -> None:
    part = some(drawing, random.choice(["nodes", "edges"]), random)
    while part:
        key = random.choice(list(part))
        if not isinstance(part[key], dict) or random.random() < 0.4:
            del part[key]
            return
        part = part[key]


def replaces_one(drawing: dict[str, Any], random: Random) -> None:
    there = drawing.get(random.choice(["nodes", "edges"]))
    if isinstance(there, list) and there:
        there[random.randrange(len(there))] = any_value(random)


def writes_numbers_as_texts(drawing: dict[str, Any], random: Random) -> None:
    part = inner(some(drawing, random.choice(["nodes", "edges"]), random), "data")
    for each in (part, *(v for v in part.values() if isinstance(v, dict))):
        for key, value in each.items():
            if isinstance(value, int | float):
                each[key] = str(value).lower()


def nests_a_stale_copy(drawing: dict[str, Any], random: Random) -> None:
    config = inner(some(drawing, "nodes", random), "data", "config")
    config["config"] = {random.choice(SETTINGS): any_value(random)}


def inherits_flags(drawing: dict[str, Any], random: Random) -> None:
    flags = {"isConditionalPath": True, "isPositive": random.choice([True, False])}
    inner(some(drawing, "edges", random), "data").update(flags)


def spoils_the_root(drawing: dict[str, Any], random: Random) -> None:
    if random.random() < 0.3:
        drawing[random.choice(["nodes", "edges", "timestamp", "extra"])] = any_value(random)


MISHAPS = (
    *(sets_a_setting, sets_an_edge_setting, changes_a_node, changes_an_action, turns_an_edge),
    *(copies_one, loses_one, loses_a_key, replaces_one, writes_numbers_as_texts),
    *(nests_a_stale_copy, inherits_flags, spoils_the_root),
)
