"""Names of time zones, as callers write them."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_LONGEST = 100
"""Characters; looking for a file with a longer name fails in ways of its own."""


def is_time_zone(name: str) -> bool:
    """Whether it is an IANA time zone that this machine knows; any text may be asked about."""
    if len(name) > _LONGEST:
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
