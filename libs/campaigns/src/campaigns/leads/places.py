"""From what a list says of where a person is to the time zone of their day. Pure.

A zone that is named wins; else the place does: a state, a city that a zone is named for, or a
country that lives by one clock. Names of countries come in the languages of `country_list`
(Unicode's own), zones and their countries from `tzdata`. Nothing is guessed: a country of many
clocks without more is no answer, and the campaign's own hours count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from country_list import countries_for_language

from campaigns.leads.zone_names import SEASONS, ZONES_BY_COUNTRY, is_short, named_zone

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
    r"(?:greater|gro(?:ß|ss)raum) (.+?)(?: metropolitan)?(?: (?:area|region))?"
    r"|(.+?)(?: metropolitan| metro| bay)? (?:area|region|metroplex)"
)
"""As LinkedIn names where somebody is: `Greater Munich Metropolitan Area`."""

_PLACES: Mapping[str, str] = {
    place.strip(): zone.strip()
    for zone, places in {
        "America/New_York": """
            new york/new york city/nyc/new jersey/connecticut/massachusetts/rhode island/vermont
            new hampshire/maine/pennsylvania/delaware/maryland/virginia/west virginia
            district of columbia/washington dc/north carolina/south carolina/georgia united states
            florida/ohio/michigan/greater boston/boston/philadelphia/miami/atlanta/charlotte
            greater philadelphia/washington dc-baltimore area/new york city metropolitan area
            miami-fort lauderdale area/raleigh-durham-chapel hill area
            pittsburgh/orlando/baltimore""",
        "America/Indiana/Indianapolis": "indiana/indianapolis",
        "America/Kentucky/Louisville": "louisville",
        "America/Chicago": """
            illinois/wisconsin/minnesota/iowa/missouri/arkansas/louisiana/mississippi/alabama
            oklahoma/texas/chicago/houston/dallas/austin/san antonio/minneapolis/st. louis
            nashville/memphis/new orleans/greater chicago area/dallas-fort worth metroplex
            greater houston/greater minneapolis-st. paul area/kansas city/milwaukee""",
        "America/Denver": "colorado/utah/wyoming/montana/new mexico/salt lake city/denver",
        "America/Phoenix": "arizona/phoenix/tucson",
        "America/Boise": "boise",
        "America/Los_Angeles": """
            california/nevada/washington united states/washington state/san francisco
            san francisco bay area/los angeles/san diego/seattle/greater seattle area/san jose
            sacramento/las vegas/portland/los angeles metropolitan area/silicon valley/oakland
            palo alto/mountain view""",
        "America/Anchorage": "alaska/anchorage",
        "Pacific/Honolulu": "hawaii/honolulu",
        "America/Toronto": """
            ontario/quebec/québec/toronto/ottawa/montreal/montréal/greater toronto area
            greater montreal metropolitan area""",
        "America/Winnipeg": "manitoba/winnipeg",
        "America/Regina": "saskatchewan/regina",
        "America/Edmonton": "alberta/calgary/edmonton",
        "America/Vancouver": "british columbia/vancouver/greater vancouver metropolitan area",
        "America/Halifax": "nova scotia/new brunswick/halifax/prince edward island",
        "America/St_Johns": "newfoundland/newfoundland and labrador",
        "Australia/Sydney": """
            new south wales/australian capital territory/sydney/canberra/greater sydney area""",
        "Australia/Melbourne": "victoria australia/melbourne/greater melbourne area",
        "Australia/Brisbane": "queensland/brisbane",
        "Australia/Adelaide": "south australia/adelaide",
        "Australia/Perth": "western australia/perth",
        "Australia/Hobart": "tasmania/hobart",
        "Australia/Darwin": "northern territory/darwin",
        "America/Sao_Paulo": """
            são paulo/rio de janeiro/minas gerais/paraná/santa catarina/rio grande do sul
            distrito federal/brasília/belo horizonte/curitiba/porto alegre/goiás/espírito santo""",
        "America/Bahia": "bahia/salvador brazil",
        "America/Recife": "pernambuco/recife",
        "America/Fortaleza": "ceará/fortaleza",
        "America/Manaus": "amazonas/manaus",
        "America/Mexico_City": """
            ciudad de méxico/mexico city/cdmx/estado de méxico/jalisco/guadalajara/nuevo león
            monterrey/puebla/querétaro""",
        "America/Tijuana": "baja california/tijuana",
        "America/Cancun": "quintana roo/cancún",
        "Europe/Moscow": "moscow/moskau/moscou/moscú/saint petersburg/st petersburg/москва",
        "Asia/Yekaterinburg": "yekaterinburg",
        "Asia/Novosibirsk": "novosibirsk",
        "Asia/Vladivostok": "vladivostok",
        "Asia/Jakarta": "jakarta/jakarta raya/west java/java",
        "Asia/Makassar": "bali/denpasar",
        "Atlantic/Canary": "canarias/canary islands/las palmas/tenerife/gran canaria",
        "Atlantic/Azores": "azores/açores",
        "Atlantic/Madeira": "madeira/funchal",
        "Europe/London": "england/scotland/wales/northern ireland/london area/greater london",
        "America/Chicago ": """
            pensacola, florida/pensacola, fl/panama city, florida/panama city, fl/gary, indiana
            gary, in/hammond, indiana/evansville, indiana/evansville, in""",
        "America/Denver ": "el paso, texas/el paso, tx",
        "Europe/Berlin": "münchen/munich/hamburg/köln/cologne/frankfurt/stuttgart/düsseldorf",
        "Europe/Madrid": "barcelona/valencia/sevilla",
        "Europe/Paris": "lyon/marseille/toulouse/île-de-france",
        "Europe/Rome": "milano/milan/roma/torino",
        "Europe/Vienna": "wien/graz",
        "Europe/Zurich": "zürich/genf/genève/geneva/basel/bern",
        "Europe/Brussels": "bruxelles/brussel/brüssel/antwerpen",
        "Europe/Amsterdam": "rotterdam/den haag/the hague/eindhoven",
        "Europe/Prague": "praha/prag",
        "Europe/Warsaw": "warszawa/warschau/kraków",
        "Europe/Lisbon": "lisboa/lissabon/porto",
        "Europe/Copenhagen": "københavn",
        "Europe/Stockholm": "göteborg/gothenburg",
        "Europe/Bucharest": "bucurești/bukarest",
        "Europe/Kyiv": "kiev/київ",
        "Asia/Ho_Chi_Minh": "hanoi/saigon",
        "Asia/Jerusalem": "tel aviv/tel aviv-yafo",
        "Asia/Seoul": "서울/busan/부산",
        "Asia/Kolkata": "mumbai/bengaluru/bangalore/new delhi/delhi/hyderabad/pune/chennai",
        "Asia/Shanghai": "beijing/shenzhen/guangzhou/hangzhou/上海/北京",
        "Asia/Tokyo": "osaka/kyoto/東京/東京都/大阪",
        "Asia/Dubai": "abu dhabi",
    }.items()
    for place in re.split(r"[/\n]", places)
    if place.strip()
}
"""Places that lie in one zone of a country of many, and cities that lists name alone."""
_STATES: Mapping[str, str] = {
    state: zone
    for zone, states in {
        "America/New_York": "ny nj ct ma ri vt nh me pa de md va wv dc nc sc ga fl oh mi",
        "America/Indiana/Indianapolis": "in",
        "America/Chicago": "il wi mn ia mo ar la ms al ok tx",
        "America/Denver": "co ut wy mt nm",
        "America/Phoenix": "az",
        "America/Los_Angeles": "ca nv wa or",
        "America/Anchorage": "ak",
        "Pacific/Honolulu": "hi",
        "America/Toronto": "on qc",
        "America/Winnipeg": "mb",
        "America/Edmonton": "ab",
        "America/Vancouver": "bc",
    }.items()
    for state in states.split()
}
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
    """By the broadest part below the country, for many cities share a name."""
    parts = [part for each in (location, city, state) for part in _parts(each)]
    for narrow, broad in pairwise(parts):
        if zone := _PLACES.get(f"{narrow}, {broad}"):
            return zone
    last = parts[-1] if parts else ""
    # `CO` is Colorado and Colombia; in a column of its own it is the country.
    either = last if not country and last in _STATES else ""
    code = "" if either else _country(_plain(country) or last)
    if last in _OF_TWO_ZONES and (not country or code == "us"):
        return _in_state_of_two_zones(parts, code)
    if either and either not in _COUNTRIES:
        return _STATES[either]
    for part in reversed(parts):
        zone = _PLACES.get(f"{part} {_NAMES_BY_CODE.get(code, '')}") or _PLACES.get(part)
        if zone and _is_in(zone, code, either):
            return zone
        if zone and (either or code == _GEORGIA):
            return ""
    return _by_city(parts, code, either, certain=bool(country))


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
    pieces = re.split(r"[,;|/]| - ", place)
    return [_city_of(plain) for piece in pieces if (plain := _plain(piece))]


def _city_of(part: str) -> str:
    """The city that an area is named for, unless the area itself is known."""
    metropolis = None if part in _PLACES else _METROPOLIS.fullmatch(part)
    return part if metropolis is None else metropolis[1] or metropolis[2]


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
