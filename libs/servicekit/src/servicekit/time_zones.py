"""Names of time zones, as callers write them."""

from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_LONGEST = 100
"""Characters; looking for a file with a longer name fails in ways of its own."""
_OF_THIS_MACHINE = frozenset({"localtime", "posixrules", "Factory"})
"""Files beside those of zones, which say something else on each machine, or nothing."""


def is_time_zone(name: str) -> bool:
    """Whether it is an IANA time zone that this machine knows; any text may be asked about."""
    if len(name) > _LONGEST:
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return name in _known()


@cache
def _known() -> frozenset[str]:
    """Zones by their names alone: not by other paths of their files, `right/Europe/Berlin`."""
    return frozenset(available_timezones()) - _OF_THIS_MACHINE
