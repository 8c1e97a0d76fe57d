"""What the bench runs: two drawings of the builder, and invented people."""

from __future__ import annotations

from pathlib import Path

from devstack.demo.drawings import Node, draw

_LINE = (
    Node(type="profile_visit"),
    Node(type="like_post", config={"recentPostDays": 30}),
    Node(
        type="comment_post",
        config={
            "customComment": "Thank you for writing this down, {{first_name}}.",
            "recentPostDays": 30,
        },
    ),
    Node(
        type="send_connection_request",
        config={"customMessage": "Hello {{first_name}}, I follow the work of {{company}}."},
    ),
    Node(
        type="send_followup",
        config={"customMessage": "Thank you, {{first_name}}. How does {{company}} see it?"},
    ),
    Node(type="profile_visit"),
    Node(type="webhook", config={"webhookId": "bench"}),
    Node(type="send_followup", config={"customMessage": "All the best to {{company}}."}),
)
LINE = draw(_LINE)
"""Eight steps of every usual kind, without a delay between them."""
LINE_STEPS = len(_LINE)

SLEEPERS = draw((Node(type="profile_visit"), Node(type="profile_visit", after="52w")))
"""One step, then a year's sleep."""


def write_people(file: Path, name: str, count: int) -> Path:
    """A lead list of invented people, different for every name."""
    rows = [
        f"Lead{number},Number,Example {number} GmbH,https://www.linkedin.com/in/{name}-{number}"
        for number in range(count)
    ]
    text = "\n".join(["first_name,last_name,company,linkedin_url", *rows])
    file.write_text(text + "\n", encoding="utf-8")
    return file
