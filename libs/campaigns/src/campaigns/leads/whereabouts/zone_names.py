"""Time zones as lists name them: by name, in short, as Windows does, by an offset. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from servicekit.time_zones import is_time_zone

SEASONS = (datetime(2025, 1, 15, tzinfo=UTC), datetime(2025, 7, 15, tzinfo=UTC))
"""A day of either half of the year."""
_OFFSET = re.compile(
    r"^\(?(?:(?:utc|gmt)\s*|(?=.\d\d:\d\d$))([+-−–])\s*(\d{1,2})(?::?(\d\d))?\b"  # noqa: RUF001  dashes as written
)
_ZONE_NAMES: Mapping[str, str] = {
    alias: zone
    for zone, aliases in {
        "America/New_York": "et/est/edt/eastern/eastern time/eastern standard time/us eastern",
        "America/Chicago": "ct/cst/cdt/central/central time/central standard time/us central",
        "America/Denver": "mt/mst/mdt/mountain/mountain time/mountain standard time/us mountain",
        "America/Los_Angeles": "pt/pst/pdt/pacific/pacific time/pacific standard time/us pacific",
        "Europe/London": "bst/gmt standard time/uk time",
        "Europe/Berlin": "cest/mez/mesz/central european time/w. europe standard time",
        "Europe/Paris": "romance standard time",
        "Europe/Warsaw": "central european standard time",
        "Europe/Helsinki": "eest/fle standard time",
        "Asia/Kolkata": "ist/india standard time",
        "Asia/Tokyo": "jst/tokyo standard time",
        "Asia/Shanghai": "china standard time",
        "Asia/Singapore": "sgt/singapore standard time",
        "Australia/Sydney": "aest/aedt/aus eastern standard time",
        "Australia/Perth": "awst/w. australia standard time",
        "America/Sao_Paulo": "brt/e. south america standard time",
    }.items()
    for alias in aliases.split("/")
}
_NOBODYS = frozenset({"Factory"})
"""In tzdata for clocks that nobody has set."""
_ZONES = {
    name.casefold(): name
    for name in files("tzdata").joinpath("zones").read_text().split()
    if is_time_zone(name) and name not in _NOBODYS
}


def _zones_by_country() -> Mapping[str, list[str]]:
    zones: dict[str, list[str]] = {}
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text().splitlines():
        if line and not line.startswith("#"):
            code, _, zone = line.split("\t")[:3]
            zones.setdefault(code.lower(), []).append(zone)
    return zones


ZONES_BY_COUNTRY = _zones_by_country()
"""In the order of `zone.tab`."""
_BY_CITY: Mapping[str, str] = {
    zone.rpartition("/")[2].replace("_", " ").casefold(): zone
    for zones in ZONES_BY_COUNTRY.values()
    for zone in zones
    if zone.count("/") == 1
}
_SLASH = re.compile(r"[\\/]|_slash_")
"""As people and tools write it."""


@lru_cache(maxsize=4_096)
def named_zone(name: str) -> str:
    """The IANA zone of this name; empty if there is none.

    A city that stands behind an offset decides, for an offset alone knows no summer.
    """
    plain = _SLASH.sub("/", " ".join(name.split()))
    zone = _ZONES.get(plain.replace(" ", "_").casefold(), "")
    if zone and plain.casefold() not in _ZONE_NAMES:
        return zone
    short = _bare(name)
    if short in _ZONE_NAMES:
        return _ZONE_NAMES[short]
    offset = _OFFSET.match(plain.casefold())
    behind = plain[offset.end() :] if offset is not None else plain
    city = _by_city(behind)
    if city and (offset is None or _is_at(city, offset)):
        return city
    if offset is not None and offset[3] in {None, "00"} and int(offset[2]) <= 12:  # noqa: PLR2004  hours of a zone
        if int(offset[2]) == 0:
            return "Etc/UTC"
        # Zones of this kind count the other way round.
        return f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}"
    return ""


def _by_city(said: str) -> str:
    """The zone of the first city or zone in ") Amsterdam, Berlin, Rome" and "Europe Berlin"."""
    words = " ".join(re.sub(r"[()]", " ", said).split())
    parted = [piece.strip() for piece in words.split(",")]
    for piece in (words, *parted):
        area, _, city = piece.partition(" ")
        zone = _ZONES.get(f"{area}/{city}".replace(" ", "_").casefold(), "")
        if zone or (zone := _BY_CITY.get(piece.casefold(), "")):
            return zone
    return ""


def _is_at(zone: str, offset: re.Match[str]) -> bool:
    """Whether the zone is so far from UTC at some time of the year."""
    minutes = int(offset[2]) * 60 + int(offset[3] or 0)
    told = timedelta(minutes=minutes if offset[1] == "+" else -minutes)
    return any(at.astimezone(ZoneInfo(zone)).utcoffset() == told for at in SEASONS)


def is_short(name: str) -> bool:
    """Whether a zone is named by something that is said in other countries too."""
    return _bare(name) in _ZONE_NAMES or _by_city(" ".join(name.split())) != ""


def _bare(name: str) -> str:
    return re.sub(r"^\([^)]*\)\s*|\s*\([^)]*\)$", "", " ".join(name.split())).casefold().rstrip(".")
