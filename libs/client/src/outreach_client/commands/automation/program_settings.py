"""What people set of a program, as options of commands."""

from pathlib import Path
from typing import Annotated, Any

import typer
from outreach.automation.v1 import program_pb2

from outreach_client.formats.windows import parse_days
from outreach_client.session import read_text, refuse

NEVER = "never"
"""A week that is not looked at."""
PlanPerDay = Annotated[int | None, typer.Option(help="The most new people a day.")]
DailyTime = Annotated[str | None, typer.Option("--time", help="When it is due: 06:00.")]
Weekdays = Annotated[str | None, typer.Option("--days", help="On which days: mon-fri.")]
TimeZone = Annotated[str | None, typer.Option(help="Of all its times: Europe/Berlin.")]
Review = Annotated[
    str | None, typer.Option(help="When its week is looked at: 'mon 06:00', or never.")
]
Rules = Annotated[Path | None, typer.Option(help="Who is wanted: a file of JSON, - for stdin.")]
Exploration = Annotated[float | None, typer.Option(help="The share of places given by chance.")]
Spacing = Annotated[int | None, typer.Option(help="Days for which a company is one sender's.")]
Guardrails = Annotated[Path | None, typer.Option(help="Limits: a file of JSON, - for stdin.")]


def given_settings(
    plan_per_day: int | None,
    daily_time: str | None,
    days: str | None,
    time_zone: str | None,
    review: str | None,
    rules: Path | None,
    exploration: float | None,
    spacing: int | None,
    guardrails: Path | None,
) -> dict[str, Any]:
    """What is said, by the names of the contract."""
    told: dict[str, Any] = {
        "plan_per_day": plan_per_day,
        "time_of_day": daily_time,
        "weekdays": None if days is None else _days(days),
        "time_zone": time_zone,
        "weekly_review": None if review in (None, NEVER) else _review(review),
        "rules_json": None if rules is None else read_text(rules),
        "exploration_share": exploration,
        "company_spacing_days": spacing,
        "guardrails_json": None if guardrails is None else read_text(guardrails),
    }
    return {name: value for name, value in told.items() if value is not None}


def _days(text: str) -> list[Any]:
    try:
        return parse_days(text)
    except ValueError as error:
        refuse(str(error), error)


def _review(text: str) -> program_pb2.WeeklyReview:
    day, _, time = text.partition(" ")
    (weekday, *others) = _days(day)
    if others:
        refuse(f"{text!r} is not a day and a time such as 'mon 06:00'")
    return program_pb2.WeeklyReview(weekday=weekday, time=time.strip())
