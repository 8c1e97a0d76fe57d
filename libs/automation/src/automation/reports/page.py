"""A report as people see it: a page without a script, Markdown, and Slack's own kind of it. Pure.

Our own templates alone, and whatever is put into them is text: a campaign's name is its author's.
"""

from __future__ import annotations

import re
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from automation.outcomes.intervals import Share
from automation.reports.charts import Row, chart, percent, told
from automation.reports.report import Headline, Report, ReportKind

_MARKDOWN: Final = re.compile(r"([\\`*_\[\]#!|~])")
_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
"""Markdown and Slack read both as text again; without them either of them makes tags or people."""
_WAKES: Final = re.compile(r"[@:]|\.(?=[^\W\d])")
"""What would call a person, or make a link of an address or a host's name."""
_LINE = re.compile(r"[\s\x00-\x1f\x7f]+")
_NOT_KNOWN = "not known"


class Pages:
    """Templates, read once."""

    def __init__(self) -> None:
        self._html = Environment(
            loader=PackageLoader("automation.reports", "templates"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=True,
        )
        self._html.filters.update(told=told, interval=interval, percent=percent, line=_line)
        self._markdown = self._html.overlay(autoescape=False)
        self._markdown.filters = self._html.filters | {
            "text": _markdown,
            "strong": "**{}**".format,
            "heading": "# {}".format,
            "subheading": "## {}".format,
        }
        self._slack = self._html.overlay(autoescape=False)
        self._slack.filters = self._html.filters | {
            "text": _slack,
            "strong": "*{}*".format,
            "heading": "*{}*".format,
            "subheading": "*{}*".format,
        }

    def html(self, report: Report, *, title: str) -> str:
        """A whole document; it asks nothing of any other address."""
        return self._html.get_template("report.html.j2").render(_shown(report, title))

    def markdown(self, report: Report, *, title: str) -> str:
        """The same figures for a chat or a mail."""
        return self._markdown.get_template("report.md.j2").render(_shown(report, title))

    def slack(self, report: Report, *, title: str) -> str:
        """The same for Slack, which has no headings, and no backslash that makes text of a sign."""
        return self._slack.get_template("report.md.j2").render(_shown(report, title))


def interval(share: Share) -> str:
    """Where the true rate lies."""
    if share.rate is None:
        return ""
    return f"{share.low * 100:.3g} to {percent(share.high)}"


def headline_rows(report: Report) -> list[tuple[str, str, str, str]]:
    """The six numbers: name, figure with its denominator, interval, and what is usual."""
    now, usual = report.headline, report.usual

    def shares(name: str, of: str) -> tuple[str, str, str, str]:
        share: Share = getattr(now, of)
        before = told(getattr(usual, of)) if usual else _NOT_KNOWN
        return name, told(share), interval(share), before

    contacted = "People invited", f"{now.contacted:,}", "", _contacted(usual)
    return [
        contacted,
        shares("Invitations accepted", "accepted"),
        shares("Replied", "replied"),
        _positive(now),
        shares("Opted out", "opted_out"),
        shares("Slots used", "slots_used"),
    ]


def _contacted(usual: Headline | None) -> str:
    return f"{usual.contacted:,}" if usual else _NOT_KNOWN


def _positive(now: Headline) -> tuple[str, str, str, str]:
    if now.positive is None:
        return "Positive replies", f"{_NOT_KNOWN}: replies have no labels", "", _NOT_KNOWN
    return "Positive replies", told(now.positive), interval(now.positive), _NOT_KNOWN


def _shown(report: Report, title: str) -> dict[str, Any]:
    cohorts = [
        Row(label=f"{line.week:%d %b %Y}", share=line.accepted, is_mature=line.is_mature)
        for line in report.cohorts
    ]
    variants = [
        Row(label=f"{_line(line.step_id)[:12]} {line.variant}", share=line.accepted)
        for line in report.variants
        if line.accepted is not None
    ]
    senders = [Row(label=line.account_id[:20], share=line.accepted) for line in report.senders]
    return {
        "report": report,
        "title": _line(title),
        "is_weekly": report.kind is ReportKind.WEEKLY,
        "headline": headline_rows(report),
        "cohort_chart": chart("Invitations accepted, by the week in which they went", cohorts),
        "variant_chart": chart("Invitations accepted, by text", variants) if variants else None,
        "sender_chart": chart("Invitations accepted, by sender", senders) if senders else None,
        "waiting": [line for line in report.decisions if line.waits],
        "taken": [line for line in report.decisions if not line.waits],
    }


def _line(text: str) -> str:
    """A text on one line."""
    return _LINE.sub(" ", str(text)).strip()


def _slack(text: str) -> str:
    """A text that is no link and wakes nobody."""
    return _WAKES.sub("\\g<0>\u200b", _line(text)).translate(_ENTITIES)


def _markdown(text: str) -> str:
    """A text that is no link, no picture and wakes nobody where Markdown is read."""
    return _MARKDOWN.sub(r"\\\1", _slack(text))
