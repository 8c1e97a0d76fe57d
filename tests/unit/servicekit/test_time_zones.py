"""servicekit.time_zones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servicekit.time_zones import is_time_zone


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/ComodRivadavia"])
def test_a_zone_is_one(name: str) -> None:
    """As IANA spells it."""
    assert is_time_zone(name)


@pytest.mark.parametrize(
    "name",
    ["", "\x00", "..", "/etc/passwd", "America", "a" * 300, "Far/Away " * 12_000, "x/" * 3000, "é"],
)
def test_what_is_none(name: str) -> None:
    """A directory, a name too long for a file, a path, or nothing."""
    assert not is_time_zone(name)


@pytest.mark.parametrize(
    "name", ["localtime", "Factory", "posixrules", "right/Europe/Berlin", "posix/Europe/Berlin"]
)
def test_a_file_beside_the_zones_is_none(name: str) -> None:
    """Another time on another machine, or one that counts leap seconds: Temporal knows none."""
    assert not is_time_zone(name)


@given(name=st.text(st.characters(), max_size=300))
def test_any_text_may_be_asked_about(name: str) -> None:
    """Nothing is raised; it is one or it is none."""
    assert is_time_zone(name) in {True, False}
