"""An event as people read it: a line or two for a chat, a mail with a subject."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

_PACKAGE, _FOLDER = "webhook_dispatcher.channels", "templates"
_MOST_CHARACTERS = 500
"""Of one value: what a person wrote may be long."""
_SLACK: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "@\u200b", "]": "]\u200b"}
)
"""What would be a link, a picture or wake a whole channel is text: there, and where Markdown is."""
_SAID: Final = {
    "campaign.started": "A campaign began",
    "campaign.paused": "A campaign was paused",
    "campaign.resumed": "A campaign goes on",
    "campaign.stopped": "A campaign was stopped",
    "campaign.completed": "A campaign is over: every lead has ended",
    "lead.started": "A lead began",
    "lead.completed": "A lead has ended",
    "lead.failed": "A lead could not go on",
    "step.completed": "A step is done",
    "step.failed": "A step could not be done",
    "invitation.accepted": "An invitation was accepted",
    "reply.received": "A reply",
    "account.disconnected": "An account must be connected again",
    "account.reconnected": "An account is connected again",
    "account.cooling_down": "LinkedIn asked an account to slow down",
    "account.cooled_down": "An account may go on",
    "sequence.webhook": "A sequence has come to its webhook",
    "owner.wrote": "The owner of an account wrote by hand",
    "endpoint.disabled": "An endpoint was disabled",
    "report.ready": "A report is ready",
    "endpoint.test": "A test of this endpoint",
}


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What a mail says, in both of its forms."""

    subject: str
    text: str
    html: str


class Messages:
    """Templates of ours; what is put into them is text and nothing else."""

    def __init__(self) -> None:
        loader = PackageLoader(_PACKAGE, _FOLDER)
        self._plain = Environment(
            loader=loader,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # noqa: S701 - a text; what is not plain in it is below
            finalize=_line,
        )
        self._slack = self._plain.overlay(finalize=_for_slack)
        self._html = self._plain.overlay(autoescape=True)

    def slack(self, payload: str) -> str:
        """The JSON that a Slack-compatible incoming webhook is posted."""
        text = self._slack.get_template("event.txt.j2").render(_read(payload))
        lines = [line.strip() for line in text.splitlines()]
        said = {
            "text": "\n".join(filter(None, lines)),
            "unfurl_links": False,
            "unfurl_media": False,
        }
        return json.dumps(said, ensure_ascii=False)

    def mail(self, payload: str) -> Mail:
        """The mail of an event, as it was published."""
        read = _read(payload)
        return Mail(
            subject=self._plain.get_template("subject.txt.j2").render(read).strip(),
            text=self._plain.get_template("event.txt.j2").render(read),
            html=self._html.get_template("event.html.j2").render(read),
        )


def _read(payload: str) -> Mapping[str, Any]:
    event = json.loads(payload)
    said = _SAID.get(event["type"], event["type"])
    parts = ("campaign", "lead", "step", "account", "reply", "endpoint", "report")
    data = event["data"]
    return {"event": event, "said": said} | {part: data.get(part) for part in parts}


def _line(value: object) -> object:
    """A value on a line, and no longer than fits; what stands in a header has no other lines."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    readable = "".join(each if each.isprintable() else " " for each in value)
    text = " ".join(readable.split())
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"


def _for_slack(value: object) -> object:
    return str(_line(value)).translate(_SLACK) if isinstance(value, str) else value
