"""What a program is, and what somebody may change of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from servicekit.etags import content_etag, fits

from automation.programs.schedule import DEFAULT_MINUTE, EVERY_DAY, MONDAY, Timetable

DEFAULT_PLAN = 20
DEFAULT_EXPLORATION = 0.12
DEFAULT_SPACING_DAYS = 14
MOST_PER_DAY = 10_000


class ProgramMode(StrEnum):
    """How much a program may do by itself."""

    DRY_RUN = "dry_run"
    """It looks, and records what it would do."""
    REVIEW = "review"
    """It proposes; somebody approves."""
    AUTOPILOT = "autopilot"
    """It does what may be done without approval, and proposes the rest."""


class ProgramState(StrEnum):
    """Whether its schedules run."""

    ACTIVE = "active"
    PAUSED = "paused"
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True)
class ProgramSettings:
    """What people set of a program."""

    name: str
    mode: ProgramMode = ProgramMode.DRY_RUN
    plan_per_day: int = DEFAULT_PLAN
    """The most new people a day; who was released and has not begun is of the next one's."""
    timetable: Timetable
    rules: Mapping[str, Any] = field(default_factory=dict)
    """The customer's rules of who is wanted, as `automation.scoring` reads them."""
    exploration_share: float = DEFAULT_EXPLORATION
    """The share of places that are given by chance, so that the order can be judged."""
    company_spacing_days: int = DEFAULT_SPACING_DAYS
    """So long the people of a company are one sender's: three at the most, one a day."""
    guardrails: Mapping[str, Any] = field(default_factory=dict)
    """Limits at which it stops by itself; those that are not named have their defaults."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """Feeds one campaign."""

    organization_id: str
    program_id: str
    campaign_id: str
    state: ProgramState
    settings: ProgramSettings
    created_by: str = ""
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    """When it was deleted last, also of one that is back."""
    updated_by: str = ""
    """Who has set it last, or what state it is in."""

    @property
    def etag(self) -> str:
        """What people set of it, as one word."""
        return etag_of(self.settings)

    def is_stopped_since(self, moment: datetime) -> bool:
        """Whether it was paused or deleted after that, or changed since while it is.

        Who asked for something then did not ask for it of a program that stood still.
        """
        return self.state is not ProgramState.ACTIVE and self.updated_at > moment

    def is_deleted_since(self, moment: datetime) -> bool:
        """Whether it was deleted then or later, be it back by now: what was decided then is off."""
        return self.deleted_at is not None and self.deleted_at >= moment


@dataclass(frozen=True, kw_only=True)
class ProgramEdit:
    """What somebody changes of a program that they have read."""

    etag: str = ""
    changes: Mapping[str, Any]
    """By the names that `ProgramSettings` has for them; of the timetable, by its own."""

    def of(self, settings: ProgramSettings) -> ProgramSettings:
        """The settings as they are to be."""
        times = {name: value for name, value in self.changes.items() if name in TIMES}
        own = {name: value for name, value in self.changes.items() if name not in TIMES}
        return replace(settings, timetable=replace(settings.timetable, **times), **own)

    def is_of(self, settings: ProgramSettings) -> bool:
        """Whether they are as they were read; what changes nothing is nobody's loss."""
        return fits(self.etag, etag_of(settings)) or self.of(settings) == settings


TIMES = frozenset({"daily_minute", "weekdays", "time_zone", "review_weekday", "review_minute"})
"""What a timetable has."""


def etag_of(settings: ProgramSettings) -> str:
    """Equal settings, equal word."""
    times = settings.timetable
    return content_etag(
        settings.name,
        settings.mode,
        settings.plan_per_day,
        [times.daily_minute, sorted(times.weekdays), times.time_zone],
        [times.review_weekday, times.review_minute],
        dict(settings.rules),
        settings.exploration_share,
        settings.company_spacing_days,
        dict(settings.guardrails),
    )


def new_settings(name: str, *, time_zone: str) -> ProgramSettings:
    """A program as it begins where nothing else is said: it looks, every day at six."""
    return ProgramSettings(
        name=name,
        timetable=Timetable(
            time_zone=time_zone,
            daily_minute=DEFAULT_MINUTE,
            weekdays=EVERY_DAY,
            review_weekday=MONDAY,
            review_minute=DEFAULT_MINUTE,
        ),
    )
