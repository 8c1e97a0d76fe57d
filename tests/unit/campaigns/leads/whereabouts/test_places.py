"""Whose day it is where."""

from __future__ import annotations

import pytest
from campaigns.leads.whereabouts.places import _SUBDIVISIONS, zone_of
from hypothesis import given
from hypothesis import strategies as st
from servicekit.time_zones import is_time_zone


@pytest.mark.parametrize(
    ("cell", "zone"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("europe/berlin", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("EST", "America/New_York"),
        ("Pacific Time", "America/Los_Angeles"),
        ("(UTC-08:00) Pacific Time", "America/Los_Angeles"),
        ("(GMT-08:00) Pacific Time (US & Canada)", "America/Los_Angeles"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("CET", "CET"),
        ("Berlin", "Europe/Berlin"),
        ("europe_slash_berlin", "Europe/Berlin"),
        ("UTC +01:00 Europe Berlin", "Europe/Berlin"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome", "Europe/Amsterdam"),
        ("(GMT-05:00) Melbourne", "Etc/GMT+5"),
        ("(UTC-06:00) Central America", "Etc/GMT+6"),
        ("Factory", ""),
        ("UTC+9", "Etc/GMT-9"),
        ("GMT-03:00", "Etc/GMT+3"),
        ("UTC+05:30", ""),
        ("+09:00", "Etc/GMT-9"),
        ("-03:00", "Etc/GMT+3"),
        ("+5", ""),
        ("tea time", ""),
        ("", ""),
    ],
)
def test_named_zones(cell: str, zone: str) -> None:
    """A zone may be named as the world, as people or as spreadsheets name it."""
    assert zone_of(time_zone=cell) == zone


@pytest.mark.parametrize(
    ("location", "zone"),
    [
        ("Oslo", "Europe/Oslo"),
        ("Oslo, Norway", "Europe/Oslo"),
        ("Bergen, Norwegen", "Europe/Oslo"),
        ("München, Bayern, Deutschland", "Europe/Berlin"),
        ("Weimar, Thuringia, Germany", "Europe/Berlin"),
        ("Lyon et périphérie", "Europe/Paris"),
        ("München und Umgebung", "Europe/Berlin"),
        ("Metropolregion Hamburg", "Europe/Berlin"),
        ("Région de Paris", "Europe/Paris"),
        ("Gran Madrid", "Europe/Madrid"),
        ("Gran Canaria", "Atlantic/Canary"),
        ("Grande São Paulo", "America/Sao_Paulo"),
        ("Washington, D.C.", "America/New_York"),
        ("Washington D.C. Metro Area", "America/New_York"),
        ("Tokyo (Japan)", "Asia/Tokyo"),
        ("Berlin (Remote)", "Europe/Berlin"),
        ("Nantes, Pays de la Loire, France", "Europe/Paris"),
        ("Tokyo, Japan", "Asia/Tokyo"),
        ("日本 東京", ""),
        ("San Francisco Bay Area", "America/Los_Angeles"),
        ("San Francisco, CA", "America/Los_Angeles"),
        ("Austin, Texas, United States", "America/Chicago"),
        ("Paris, TX", "America/Chicago"),
        ("Portland, Maine, United States", "America/New_York"),
        ("Portland, ME", ""),
        ("Denver, CO", "America/Denver"),
        ("Wilmington, DE", ""),
        ("Berlin, DE", "Europe/Berlin"),
        ("London, Ontario, Canada", "America/Toronto"),
        ("London, England, United Kingdom", "Europe/London"),
        ("Tbilisi, Georgia", "Asia/Tbilisi"),
        ("Atlanta, Georgia", ""),
        ("Atlanta, Georgia, United States", "America/New_York"),
        ("San José, Costa Rica", "America/Costa_Rica"),
        ("Perth, Western Australia, Australia", "Australia/Perth"),
        ("Las Palmas, Spain", "Atlantic/Canary"),
        ("Spain", "Europe/Madrid"),
        ("Brasil", ""),
        ("São Paulo, Brasil", "America/Sao_Paulo"),
        ("China", "Asia/Shanghai"),
        ("United States", ""),
        ("Remote", ""),
        ("Middle Earth", ""),
        ("Greater Munich Metropolitan Area", "Europe/Berlin"),
        ("Greater New York City Area", "America/New_York"),
        ("Berlin Metropolitan Area", "Europe/Berlin"),
        ("Greater Springfield Area", ""),
        ("Wien", "Europe/Vienna"),
        ("İstanbul", "Europe/Istanbul"),
        ("Hong Kong SAR", "Asia/Hong_Kong"),
    ],
)
def test_places(location: str, zone: str) -> None:
    """A place decides where it is certain; a country of many clocks alone does not."""
    assert zone_of(location=location) == zone


def test_columns_of_their_own() -> None:
    """A list may have city, state and country apart, and codes for them; a named zone wins."""
    assert zone_of(city="Portland", state="OR", country="US") == "America/Los_Angeles"
    assert zone_of(city="Bogotá", country="CO") == "America/Bogota"
    assert zone_of(country="DE") == "Europe/Berlin"
    assert zone_of(time_zone="Asia/Tokyo", country="DE") == "Asia/Tokyo"
    assert zone_of(time_zone="?", country="DE") == "Europe/Berlin"


@given(*[st.text(max_size=20) for _ in range(5)])
def test_any_answer_is_a_zone(a: str, b: str, c: str, d: str, e: str) -> None:
    """Whatever a list holds, what comes out is a zone that machines know, or nothing."""
    zone = zone_of(time_zone=a, location=b, city=c, state=d, country=e)

    assert zone == "" or is_time_zone(zone)


@pytest.mark.parametrize(
    ("location", "zone"),
    [
        ("London, KY", ""),
        ("Louisville, KY", "America/Kentucky/Louisville"),
        ("Chattanooga, TN", ""),
        ("Tunis, TN", "Africa/Tunis"),
        ("Jakarta, ID", "Asia/Jakarta"),
        ("Nashville, TN", "America/Chicago"),
        ("Moscow, Idaho", ""),
        ("Boise, Idaho, United States", "America/Boise"),
        ("Paris, Tennessee", ""),
        ("Athens, Georgia", ""),
        ("Tbilisi, Georgia", "Asia/Tbilisi"),
        ("Atlanta, Georgia", ""),
        ("Georgia", ""),
        ("El Paso, TX", "America/Denver"),
        ("Pensacola, Florida, United States", "America/Chicago"),
    ],
)
def test_a_state_is_no_country(location: str, zone: str) -> None:
    """KY is Kentucky and the Cayman Islands, TN Tennessee and Tunisia: neither is guessed."""
    assert zone_of(location=location) == zone


@pytest.mark.parametrize(
    ("name", "country", "zone"),
    [
        ("CST", "China", "Asia/Shanghai"),
        ("IST", "Israel", "Asia/Jerusalem"),
        ("IST", "Ireland", "Europe/Dublin"),
        ("BST", "Bangladesh", "Asia/Dhaka"),
        ("EST", "Australia", ""),
        ("EST", "Canada", "America/New_York"),
        ("CST", "Mexico", "America/Chicago"),
        ("IST", "India", "Asia/Kolkata"),
        ("PST", "", "America/Los_Angeles"),
        ("Melbourne", "Ireland", "Europe/Dublin"),
        ("Asia/Tokyo", "Germany", "Asia/Tokyo"),
    ],
)
def test_an_abbreviation_is_that_of_the_country(name: str, country: str, zone: str) -> None:
    """What is short for several zones is the one of a country that lives by it, or none."""
    assert zone_of(time_zone=name, country=country) == zone


@pytest.mark.parametrize(
    ("country", "zone"), [("Ukraine", "Europe/Kyiv"), ("Kazakhstan", "Asia/Almaty")]
)
def test_a_country_is_its_peoples_clock(country: str, zone: str) -> None:
    """The first zone of the table was taken for it: all of Ukraine was an hour off, in Crimea's."""
    assert zone_of(country=country) == zone_of(location=country) == zone


@pytest.mark.parametrize(
    "location",
    [
        *(
            "Perth, WA",
            "Fremantle, WA",
            "Adelaide, SA",
            "Berlin, BE",
            "Milano, MI",
            "Barcelona, CT",
        ),
        *("Torino, TO", "Mumbai, MH", "Recife, PE", "Curitiba, PR", "Bern, BE"),
    ],
)
def test_a_code_is_not_certain_beside_a_city_that_has_it(location: str) -> None:
    """WA is Washington and Western Australia: Perth was written to at night, by Seattle's clock."""
    city, _, state = location.partition(", ")

    assert zone_of(location=location) == zone_of(city=city, state=state) == ""


@pytest.mark.parametrize(
    ("location", "zone"),
    [
        ("Seattle, WA", "America/Los_Angeles"),
        ("Paris, TX", "America/Chicago"),
        ("San Jose, CR", "America/Costa_Rica"),
        ("Santiago, ES", "Europe/Madrid"),
        ("Hyderabad, PK", "Asia/Karachi"),
        ("Berlin, DE", "Europe/Berlin"),
        ("Darwin, NT", "Australia/Darwin"),
        ("Perth, WA, Australia", "Australia/Perth"),
        ("Melbourne, VIC", "Australia/Melbourne"),
    ],
)
def test_a_code_counts_beside_a_city_that_has_another(location: str, zone: str) -> None:
    """Many cities share a name; the letters behind one say which it is."""
    assert zone_of(location=location) == zone


CITIES = {
    "Berlin": "Europe/Berlin",
    "New York": "America/New_York",
    "London": "Europe/London",
    "Dubai": "Asia/Dubai",
    "San Francisco": "America/Los_Angeles",
    "München": "Europe/Berlin",
}


@given(
    st.sampled_from([*CITIES]),
    st.sampled_from([*CITIES]),
    st.sampled_from([" / ", "/", " | ", "|"]),
)
def test_two_places_are_no_answer(one: str, other: str, between: str) -> None:
    """Who is in two places lives by one clock, and nothing says by which."""
    zones = {CITIES[one], CITIES[other]}

    assert zone_of(location=f"{one}{between}{other}") == (zones.pop() if len(zones) == 1 else "")


@pytest.mark.parametrize(
    ("location", "zone"),
    [
        ("Las Palmas / Spain", "Atlantic/Canary"),
        ("Portland / Maine", "America/New_York"),
        ("Germany | Berlin", "Europe/Berlin"),
        ("São Paulo / Brasil", "America/Sao_Paulo"),
    ],
)
def test_a_place_and_where_it_lies_are_one(location: str, zone: str) -> None:
    """A bar or a slash parts a city from its country as well."""
    assert zone_of(location=location) == zone


@pytest.mark.parametrize(
    "location",
    [
        *("Nagpur, MH", "Bologna, BO", "Salvador, BA", "Catania, CT", "Bunbury, WA"),
        *("Mount Gambier, SA", "Newcastle, SA", "Mannheim, BW", "Nürnberg, BY", "Ontario, CA"),
        *("Murcia, MU", "Napoli, NA", "Bari, BA", "Bergamo, BG", "Siena, SI", "Luzern, LU"),
        *("Vitória, ES", "Bhopal, MP", "Nashik, MH"),
    ],
)
def test_letters_behind_a_city_are_of_no_other_country(location: str) -> None:
    """Bologna was written to by the clock of La Paz, and Nagpur by that of the Marshall Islands."""
    city, _, state = location.partition(", ")

    assert zone_of(location=location) == zone_of(city=city, state=state) == ""


SEVERAL_THINGS = sorted({letters for each in _SUBDIVISIONS.values() for letters in each})


@given(
    st.text(st.characters(categories=["Ll"]), min_size=5, max_size=12),
    st.sampled_from(SEVERAL_THINGS),
    st.sampled_from(["location", "city and state", "state alone"]),
)
def test_letters_of_several_meanings_and_a_city_nobody_knows(
    city: str, letters: str, where: str
) -> None:
    """Whatever they may mean, they do not say which; beside a country they need not."""
    city = f"{city}ville"
    told = {
        "location": {"location": f"{city}, {letters.upper()}"},
        "city and state": {"city": city, "state": letters.upper()},
        "state alone": {"state": letters.upper()},
    }[where]

    assert zone_of(**told) == ""
    assert zone_of(**told, country="Germany") == "Europe/Berlin"


@pytest.mark.parametrize(
    ("location", "zone"),
    [
        *(("Lausanne, CH", "Europe/Zurich"), ("Linz, AT", "Europe/Vienna")),
        *(("Bordeaux, FR", "Europe/Paris"), ("Jeddah, SA", "Asia/Riyadh")),
        *(("Spokane, WA", "America/Los_Angeles"), ("Ann Arbor, MI", "America/New_York")),
        *(("Bologna, IT", "Europe/Rome"), ("Nagpur, IN", "Asia/Kolkata")),
        *(("Kitchener, Ontario, CA", "America/Toronto"), ("Toronto, ON", "America/Toronto")),
        *(("CH", "Europe/Zurich"), ("Bologna", "Europe/Rome"), ("Tampa, FL", "America/New_York")),
    ],
)
def test_letters_count_where_the_city_is_known(location: str, zone: str) -> None:
    """Who lives in a city that is known keeps its clock, and so does who names a country alone."""
    assert zone_of(location=location) == zone


BROAD = {
    "Arizona": "America/Phoenix",
    "Texas": "America/Chicago",
    "California": "America/Los_Angeles",
    "Colorado": "America/Denver",
    "Germany": "Europe/Berlin",
    "Japan": "Asia/Tokyo",
    "Ontario": "America/Toronto",
    "Berlin": "Europe/Berlin",
}


@given(
    st.lists(st.sampled_from([*BROAD]), min_size=2, max_size=3, unique=True),
    st.sampled_from(["/", " / ", " | ", "; ", " & ", " and ", " und "]),
)
def test_two_regions_are_two_places(places: list[str], between: str) -> None:
    """`Arizona/Texas` was the last of the two; only what the other lies in is left out."""
    clocks = {BROAD[place] for place in places}

    zone = zone_of(location=between.join(places))

    assert zone in ({""} if len(clocks) > 1 else {"", *clocks})
