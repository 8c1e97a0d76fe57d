"""From what a list says of where a person is to the time zone of their day. Pure.

A zone that is named wins; else the place does: a state, a city that a zone is named for, or a
country that lives by one clock. Names of countries come in the languages of `country_list`
(Unicode's own), zones and their countries from `tzdata`. Nothing is guessed: a country of many
clocks without more is no answer, and the campaign's own hours count.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo

from country_list import countries_for_language

from campaigns.leads.whereabouts.zone_names import SEASONS, ZONES_BY_COUNTRY, is_short, named_zone

_LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl", "pl", "sv", "da", "nb", "fi", "cs", "tr")
_ONE_CLOCK_HOURS = 1.5
"""Zones of a country that lie within so many hours count as the one of most of its people."""
_OF_MANY_BUT_ONE = {
    "cn": "Asia/Shanghai",
    "cl": "America/Santiago",
    "nz": "Pacific/Auckland",
    "ua": "Europe/Kyiv",
}
"""Countries of several zones of which nearly everybody lives by one clock.

For others `zone.tab` names the zone of most people first, or one that is no more than an hour off.
"""
_METROPOLIS = re.compile(
    r"(?:greater|grossraum|ballungsraum|metropolregion|gran|grande) (.+?)"
    r"(?: metropolitan)?(?: (?:area|region))?"
    r"|(?:région|region|área metropolitana|area metropolitana) (?:de |di |do |da |d.)(.+)"
    r"|(.+?)(?: metropolitan| metro| bay)? (?:area|region|metroplex)"
    r"|(.+?) (?:und umgebung|et périphérie|et ses environs|y alrededores|e dintorni|e região"
    r"|en omgeving)"
)
"""As LinkedIn names where somebody is: `Greater Munich Metropolitan Area`."""

_TABLES: Mapping[str, Mapping[str, str]] = tomllib.loads(
    files("campaigns").joinpath("leads", "whereabouts", "places.toml").read_text(encoding="utf-8")
)


def _listed(table: str) -> Iterator[tuple[str, str]]:
    """Each word of a table, and what it stands under."""
    for key, words in _TABLES[table].items():
        yield from ((word, key) for word in re.split(r"[/\n]", words) if word)


_PLACES: Mapping[str, str] = dict(_listed("places"))
_STATES: Mapping[str, str] = {
    state: zone for zone, states in _TABLES["states"].items() for state in states.split()
}
_SUBDIVISIONS: Mapping[str, Sequence[str]] = {
    country: letters.split() for country, letters in _TABLES["subdivisions"].items()
}
_REGIONS: Mapping[str, str] = dict(_listed("regions"))
_BESIDE = re.compile(r"(?i)[|/;]|\s[&+]\s|\s(?:and|or|und|oder|et|ou)\s")
"""Between two places of one person."""
_OF_TWO_ZONES = frozenset(
    "idaho kansas kentucky nebraska tennessee id ks ky ne tn nd sd".split()  # noqa: SIM905  words read best as words
) | {"north dakota", "south dakota"}
"""States through which a clock's border runs; short, some of them are countries."""
_GEORGIA = "ge"
"""Also a state: Atlanta lies in neither by its name alone."""
_COUNTRY_WORDS = {
    "usa": "us", "u.s.": "us", "u.s.a.": "us", "united states of america": "us", "america": "us",
    "uk": "gb", "u.k.": "gb", "great britain": "gb", "england": "gb", "uae": "ae",
    "holland": "nl", "czech republic": "cz", "south korea": "kr", "korea": "kr", "russia": "ru",
    "hong kong sar": "hk", "macau sar": "mo", "turkey": "tr", "brd": "de", "schweiz": "ch",
}  # fmt: skip


def zone_of(
    *, time_zone: str = "", location: str = "", city: str = "", state: str = "", country: str = ""
) -> str:
    """The IANA zone of who is there; empty if that is not certain."""
    named = named_zone(time_zone) if time_zone else ""
    if not (location or city or state or country):
        return named
    if named and (not is_short(time_zone) or _is_kept(named, location, country)):
        return named
    return _placed(location, city, state, country)


def _is_kept(zone: str, location: str, country: str) -> bool:
    """Whether anybody in that country lives by this clock: `IST` is India's, and Israel's."""
    last = next(reversed(_parts(location)), "")
    zones = ZONES_BY_COUNTRY.get(_country(_plain(country) or last), [])
    return not zones or any(_spread([zone, there], at) == 0 for there in zones for at in SEASONS)


@lru_cache(maxsize=4_096)
def _placed(location: str, city: str, state: str, country: str) -> str:
    parts = [part for each in (location, city, state) for part in _parts(each)]
    last = parts[-1] if parts else ""
    # `CO` is Colorado and Colombia; in a column of its own it is the country.
    either = last if not country and last in _STATES else ""
    code = "" if either else _country(_plain(country) or last)
    meant, before = either or code, parts[:-1]
    is_open = (
        bool(meant)
        and not country
        and (
            _is_of_a_city_elsewhere(last, before, meant)
            or (bool(before or state) and _is_of_a_city_unknown(last, before))
        )
    )
    if is_open or any(map(_names_two, (location, city))):
        return ""
    return _by_parts(parts, code, either, certain=bool(country))


def _by_parts(parts: list[str], code: str, either: str, *, certain: bool) -> str:
    """By the broadest part below the country, for many cities share a name."""
    for narrow, broad in pairwise(parts):
        if zone := _PLACES.get(f"{narrow}, {broad}"):
            return zone
    last = parts[-1] if parts else ""
    if last in _OF_TWO_ZONES and (not certain or code == "us"):
        return _in_state_of_two_zones(parts, code)
    if either and either not in _COUNTRIES:
        return _STATES[either]
    for part in reversed(parts):
        zone = _PLACES.get(f"{part} {_NAMES_BY_CODE.get(code, '')}") or _PLACES.get(part)
        if zone and _is_in(zone, code, either):
            return zone
        if zone and (either or code == _GEORGIA):
            return ""
    return _by_city(parts, code, either, certain=certain)


def _names_two(place: str) -> bool:
    """Whether two places stand side by side that live by different clocks: `Berlin / Dubai`.

    What a narrower one lies in is left out: `Germany | Berlin`.
    """
    pieces = [piece for piece in _BESIDE.split(place) if piece.strip()]
    if len(pieces) == 1:
        return False
    zones = {piece: _placed(piece, "", "", "") for piece in pieces}
    around = {
        piece
        for piece in pieces
        if any(_breadth(each) < _breadth(piece) and _holds(piece, zones[each]) for each in pieces)
    }
    return len({zone for piece, zone in zones.items() if zone and piece not in around}) > 1


def _breadth(piece: str) -> int:
    """How broad a place is: a country, a state or region, or what is narrower."""
    plain = _plain(piece)
    if plain in _REGIONS or plain in _STATES:
        return 1
    return 2 if _country(plain) else 0


def _holds(broad: str, zone: str) -> bool:
    """Whether a place with this clock may lie in a broader one; of one unknown nobody knows."""
    plain = _plain(broad)
    countries = {
        _REGIONS.get(plain, ""),
        _country(plain),
        *_COUNTRIES_BY_ZONE.get(_STATES.get(plain, ""), ()),
    }
    return not zone or not countries.isdisjoint(_COUNTRIES_BY_ZONE.get(zone, ()))


def _is_of_a_city_elsewhere(letters: str, before: list[str], meant: str) -> bool:
    """Whether these letters mean one state or country, and another in that of a city before."""
    zones = [zone for part in before for zone in (_PLACES.get(part), _CITIES.get(part)) if zone]
    countries = {code for zone in zones for code in _COUNTRIES_BY_ZONE.get(zone, ())}
    return any(letters in _SUBDIVISIONS.get(code, ()) and code != meant for code in countries)


def _is_of_a_city_unknown(letters: str, before: list[str]) -> bool:
    """Whether these letters are a part of some country as well, and nobody knows of which city.

    A region that stands first may be a city of that name: `Ontario, CA`.
    """
    is_known = any(
        part in _CITIES
        or f"{part}, {letters}" in _PLACES
        or (part in _PLACES and (number > 0 or part not in _REGIONS))
        for number, part in enumerate(before)
    )
    return not is_known and any(letters in each for each in _SUBDIVISIONS.values())


def _by_city(parts: list[str], code: str, either: str, *, certain: bool) -> str:
    if code in {"us", "ca"}:
        return next((_STATES[part] for part in reversed(parts) if part in _STATES), "")
    for part in reversed(parts):
        zone = _CITIES.get(part, "")
        if zone and _is_in(zone, code, either):
            return zone
    # Without a city that is known there it may be the state of that name.
    return "" if code == _GEORGIA and not certain else _CLOCKS.get(code, "")


def _in_state_of_two_zones(parts: list[str], code: str) -> str:
    """By a city that is known there, or in the country of these letters; others say nothing."""
    for part in reversed(parts):
        for zone in (_PLACES.get(part, ""), _CITIES.get(part, "")):
            if zone and (_is_in(zone, "us", "") or (code and _is_in(zone, code, ""))):
                return zone
    return ""


def _is_in(zone: str, code: str, either: str) -> bool:
    countries = _COUNTRIES_BY_ZONE.get(zone, set())
    if either:
        return zone == _STATES[either] or either in countries
    return not code or code in countries


def _parts(place: str) -> list[str]:
    """`San Francisco, CA, USA` in pieces, from the narrowest on."""
    pieces = re.split(r"[,;|/()]| - ", place)
    return [_city_of(plain) for piece in pieces if (plain := _plain(piece))]


def _city_of(part: str) -> str:
    """The city that an area is named for, unless the area itself is known."""
    metropolis = None if part in _PLACES else _METROPOLIS.fullmatch(part)
    return part if metropolis is None else metropolis[metropolis.lastindex or 0]


def _plain(text: str) -> str:
    # Turkey's capital I leaves its point behind.
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("\u0307", "").split())


def _country(part: str) -> str:
    """Its code, lower case; two capitals count, for a list may have codes."""
    return _COUNTRY_WORDS.get(part) or _COUNTRIES.get(part, "")


def _clocks(zones: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    for code, names in zones.items():
        if code in _OF_MANY_BUT_ONE:
            yield code, _OF_MANY_BUT_ONE[code]
        elif all(_spread(names, at) <= _ONE_CLOCK_HOURS for at in SEASONS):
            yield code, names[0]


def _spread(zones: list[str], at: datetime) -> float:
    offsets = [at.astimezone(ZoneInfo(zone)).utcoffset() for zone in zones]
    hours = [offset.total_seconds() / 3600 for offset in offsets if offset is not None]
    return max(hours) - min(hours)


_CLOCKS = dict(_clocks(ZONES_BY_COUNTRY))
_CITIES = {
    _plain(zone.rpartition("/")[2].replace("_", " ")): zone
    for zones in ZONES_BY_COUNTRY.values()
    for zone in zones
}
_COUNTRIES_BY_ZONE = {
    zone: {code for code, zones in ZONES_BY_COUNTRY.items() if zone in zones}
    for each in ZONES_BY_COUNTRY.values()
    for zone in each
}
_NAMES_BY_CODE = {code.lower(): _plain(name) for code, name in countries_for_language("en")}
_COUNTRIES = {
    _plain(name): code.lower()
    for language in reversed(_LANGUAGES)
    for code, name in countries_for_language(language)
} | {code.lower(): code.lower() for code, _ in countries_for_language("en")}
