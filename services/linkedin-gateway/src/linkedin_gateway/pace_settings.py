"""What holds for every account, by the settings."""

from __future__ import annotations

from datetime import timedelta

from servicekit.clock import Clock

from linkedin_gateway.pace.snapshot import GapRange, PaceRules
from linkedin_gateway.settings import Settings

_GRACE = timedelta(minutes=2)
_GRACE_REAL = timedelta(seconds=2)
"""A caller is late by at least this much of its machine's time, however fast the clock."""


def pace_rules(settings: Settings, clock: Clock) -> PaceRules:
    """What holds for every account."""
    return PaceRules(
        gap=GapRange(shortest=settings.min_gap, longest=settings.max_gap),
        slow_check=settings.slow_check,
        daily_variation=settings.daily_variation,
        grace=max(_GRACE, clock.virtual(_GRACE_REAL)),
        in_flight_check=clock.virtual(settings.unipile_latency),
        invitation_scope=settings.invitation_scope,
        enrolment_policy=settings.enrolment_policy,
        open=settings.sandbox_open_caps,
    )
