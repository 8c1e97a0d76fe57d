"""Time zones as lists name them: by name, in short, as Windows does, by an offset. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from servicekit.time_zones import is_time_zone

_OFFSET = re.compile(r"^\(?(?:utc|gmt)\s*([+-−–])\s*(\d{1,2})(?::?(\d\d))?\b")  # noqa: RUF001  dashes as written
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
_ZONES = {
    name.casefold(): name
    for name in files("tzdata").joinpath("zones").read_text().split()
    if is_time_zone(name)
}


@lru_cache(maxsize=4_096)
def named_zone(name: str) -> str:
    """The IANA zone of this name; empty if there is none."""
    plain = " ".join(name.split())
    zone = _ZONES.get(plain.replace(" ", "_").casefold(), "")
    if zone and plain.casefold() not in _ZONE_NAMES:
        return zone
    short = _bare(name)
    if short in _ZONE_NAMES:
        return _ZONE_NAMES[short]
    offset = _OFFSET.match(plain.casefold())
    if offset is not None and offset[3] in {None, "00"} and int(offset[2]) <= 12:  # noqa: PLR2004  hours of a zone
        if int(offset[2]) == 0:
            return "Etc/UTC"
        # Zones of this kind count the other way round.
        return f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}"
    return ""


def is_short(name: str) -> bool:
    """Whether a zone is named by something that is short for zones of other countries too."""
    return _bare(name) in _ZONE_NAMES


def _bare(name: str) -> str:
    return re.sub(r"^\([^)]*\)\s*|\s*\([^)]*\)$", "", " ".join(name.split())).casefold().rstrip(".")
