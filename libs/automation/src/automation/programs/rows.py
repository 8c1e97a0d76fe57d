"""Rows of programs, and what they are as values."""

from __future__ import annotations

from typing import Any

from servicekit.postgres.columns import Columns, Row, column

from automation.programs.program import Program, ProgramMode, ProgramSettings, ProgramState
from automation.programs.schedule import Timetable

SETTINGS: Columns[ProgramSettings] = Columns(
    column("name"),
    column("mode", write=lambda settings: settings.mode.value),
    column("plan_per_day", "integer"),
    column("daily_minute", "integer", write=lambda settings: settings.timetable.daily_minute),
    column("weekdays", "smallint[]", write=lambda settings: sorted(settings.timetable.weekdays)),
    column("time_zone", write=lambda settings: settings.timetable.time_zone),
    column("review_weekday", "smallint", write=lambda settings: settings.timetable.review_weekday),
    column("review_minute", "integer", write=lambda settings: settings.timetable.review_minute),
    column("rules", "jsonb", write=lambda settings: dict(settings.rules)),
    column("exploration_share", "double precision"),
    column("company_spacing_days", "integer"),
    column("guardrails", "jsonb", write=lambda settings: dict(settings.guardrails)),
)
"""What people set."""
NEW_PROGRAM: Columns[Program] = Columns(
    column("organization_id"),
    column("program_id"),
    column("campaign_id"),
    column("state", write=lambda program: program.state.value),
    column("created_by"),
    column("created_at", "timestamptz"),
    column("updated_at", "timestamptz"),
)
"""What it begins with beside them."""
PROGRAM_COLUMNS = f"{NEW_PROGRAM}, deleted_at, updated_by, {SETTINGS}"
"""What `program_from_row` reads."""
_LONG = frozenset({"rules", "guardrails"})
SCHEDULED_COLUMNS = ", ".join(
    f"'{{}}'::jsonb AS {each}" if each in _LONG else each for each in PROGRAM_COLUMNS.split(", ")
)
"""The same without what may be long: enough to tell when a program is due."""


def program_from_row(row: Row) -> Program:
    """The program of a row."""
    same = {
        name: row[name]
        for name in (
            *("organization_id", "program_id", "campaign_id"),
            *("created_by", "created_at", "updated_at", "deleted_at", "updated_by"),
        )
    }
    return Program(state=ProgramState(row["state"]), settings=_settings(row), **same)


def _settings(row: Row) -> ProgramSettings:
    names = "name", "plan_per_day", "rules", "exploration_share", "company_spacing_days"
    same: dict[str, Any] = {name: row[name] for name in (*names, "guardrails")}
    times = {name: row[name] for name in ("daily_minute", "time_zone")}
    reviews = {name: row[name] for name in ("review_weekday", "review_minute")}
    return ProgramSettings(
        mode=ProgramMode(row["mode"]),
        timetable=Timetable(weekdays=frozenset(row["weekdays"]), **times, **reviews),
        **same,
    )
