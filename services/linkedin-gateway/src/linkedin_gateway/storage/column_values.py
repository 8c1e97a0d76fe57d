"""Values that are kept as text or JSON in one column, and back."""

from __future__ import annotations

import json
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any

from linkedin_gateway.models import Cap, Kind, Outcome, Product, Target, WorkingHours

_DEFAULTS = {kind: vars(kind()) for kind in (Target, Outcome)}


def json_of(value: Target | Outcome | None) -> dict[str, Any] | None:
    """What a value says beyond its defaults, for a JSON column; None when there is no value."""
    if value is None:
        return None
    defaults = _DEFAULTS[type(value)]
    return {name: kept for name, kept in vars(value).items() if kept != defaults[name]}


def target_of(kept: dict[str, Any] | None) -> Target:
    if not kept:
        return Target()
    product = Product(kept.get("product", Product.CLASSIC))
    return Target(**{**kept, "product": product})


def outcome_of(kept: dict[str, Any] | None) -> Outcome | None:
    return Outcome(**kept) if kept else None


def hours_text(hours: WorkingHours) -> str:
    return json.dumps(
        {
            "time_zone": hours.time_zone,
            "weekdays": sorted(hours.weekdays),
            "opens": hours.opens.isoformat("minutes"),
            "closes": hours.closes.isoformat("minutes"),
            "holidays": sorted(day.isoformat() for day in hours.holidays),
        }
    )


@lru_cache(maxsize=4096)
def asked_hours_text(
    window: WorkingHours | None, zone: str, automatic_reply_wait: timedelta | None
) -> str:
    """What a request waits for beside its account's own hours; empty for nothing."""
    if window is None and not zone and automatic_reply_wait is None:
        return ""
    wait = automatic_reply_wait.total_seconds() if automatic_reply_wait is not None else None
    return json.dumps([hours_text(window) if window is not None else "", zone, wait])


@lru_cache(maxsize=4096)
def asked_hours_of(text: str) -> tuple[WorkingHours | None, str, timedelta | None]:
    if not text:
        return None, "", None
    window, zone, *rest = json.loads(text)
    wait = rest[0] if rest else None
    return (
        hours_of(window) if window else None,
        zone,
        timedelta(seconds=wait) if wait is not None else None,
    )


@lru_cache(maxsize=4096)
def hours_of(text: str) -> WorkingHours:
    kept = json.loads(text)
    return WorkingHours(
        time_zone=kept["time_zone"],
        weekdays=frozenset(kept["weekdays"]),
        opens=time.fromisoformat(kept["opens"]),
        closes=time.fromisoformat(kept["closes"]),
        holidays=frozenset(date.fromisoformat(day) for day in kept["holidays"]),
    )


def caps_text(caps: tuple[Cap, ...]) -> str:
    return json.dumps([[cap.kind.value, cap.per.total_seconds(), cap.actions] for cap in caps])


@lru_cache(maxsize=4096)
def caps_of(text: str) -> tuple[Cap, ...]:
    return tuple(
        Cap(kind=Kind(kind), per=timedelta(seconds=per), actions=actions)
        for kind, per, actions in json.loads(text)
    )
