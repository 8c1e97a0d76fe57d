"""Whom the program writes to, from which accounts, and in which words."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from enum import StrEnum

from devstack.demo.drawings import Node, draw
from devstack.stack.simulator import SimulatedAccount


class WorldKind(StrEnum):
    """What the simulated people are like; how is decided by the seed, and told to nobody."""

    TASTES = "tastes"
    """Who writes, to whom and in which words makes a difference."""
    INDIFFERENT = "indifferent"
    """It makes none: whatever seems to win has won by luck."""


TASTES_OF: Mapping[WorldKind, str] = {
    WorldKind.TASTES: "seeded",
    WorldKind.INDIFFERENT: "indifferent",
}
"""By the names of the simulator."""

SENDERS = tuple(
    SimulatedAccount(id=f"acc-{name.lower()}", name=f"{name} {last}", tier="premium")
    for name, last in (("Ada", "Okafor"), ("Bela", "Lindqvist"), ("Caro", "Mendes"))
)
TITLES = (
    "VP Operations",
    "VP Engineering",
    "Chief Technology Officer",
    "Operations Manager",
    "Plant Engineer",
    "Buyer",
    "HR Manager",
    "Talent Partner",
    "Logistics Planner",
    "Sales Representative",
)
"""In turns through the list, so that its order says nothing."""
RULES = {
    "rules": [
        {"feature": "seniority", "levels": ["vp", "c_level"], "points": 20},
        {"feature": "function", "levels": ["people"], "points": -15},
    ]
}
"""Whom the customer wants. They are guesses: the program is to find out whether they help."""
LONG, SHORT = "A", "B"
NOTES: Mapping[str, str] = {
    LONG: (
        "Hello {{first_name}}, we are the LEADING SUPPLIER of planning software and have helped"
        " hundreds of companies to save money and time; read all about us and our many products"
        " at https://example.com/planning and connect."
    ),
    SHORT: "Hi {{first_name}}, who plans capacity at {{company}} today?",
}
"""The variants of the invitation's note."""
FOLLOW_UP = "Thank you, {{first_name}}. Shall I show you how others of your size plan?"
INVITATION = "send_connection_request-0"
"""The id of the step with the variants."""
JUDGED_AFTER_DAYS = 7
"""Everybody who accepts at all does so within six."""


def lead_file(count: int) -> str:
    """The lead list, as CSV: each person of a company of their own."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("first_name", "last_name", "linkedin_url", "company", "title"))
    for number in range(count):
        name = public_identifier(number)
        url = f"https://www.linkedin.com/in/{name}"
        title = TITLES[number % len(TITLES)]
        rows.writerow((f"Lead{number}", "Example", url, company(number), title))
    return text.getvalue()


def public_identifier(number: int) -> str:
    """Of the lead at that place of the list."""
    return f"lead-{number:04d}"


def company(number: int) -> str:
    """Where the lead at that place of the list works."""
    return f"Works {number:04d}"


def note(variant: str, number: int) -> str:
    """What the lead at that place of the list is written with the invitation."""
    text = NOTES[variant].replace("{{first_name}}", f"Lead{number}")
    return text.replace("{{company}}", company(number))


def sequence() -> str:
    """Three steps: an invitation in two versions, the wait for its answer, and a message."""
    invitation = Node(
        type="send_connection_request",
        config={
            "customMessage": "",
            "variants": [{"name": name, "text": text} for name, text in NOTES.items()],
            "experiment": {
                "measure": "accepted",
                "baseline": 25,
                "effect": 20,
                "looks": 4,
                "withinDays": JUDGED_AFTER_DAYS,
            },
        },
    )
    message = Node(type="send_followup", config={"customMessage": FOLLOW_UP}, after="1d")
    return draw((invitation, message))


def rules_json() -> str:
    """The customer's wishes, as a program takes them."""
    return json.dumps(RULES)
