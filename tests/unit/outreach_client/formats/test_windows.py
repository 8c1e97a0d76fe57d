"""Sending windows as people write them."""

import pytest
from outreach_client.formats.windows import parse_window, window_text


@pytest.mark.parametrize(
    ("text", "weekdays", "shown"),
    [
        ("UTC 09:00-18:00", [], "UTC 09:00-18:00"),
        (
            "Europe/Lisbon mon-fri 9:00-18:00",
            [1, 2, 3, 4, 5],
            "Europe/Lisbon mon,tue,wed,thu,fri 09:00-18:00",
        ),
        ("UTC Mon,Wednesday,fri 22:00-06:00", [1, 3, 5], "UTC mon,wed,fri 22:00-06:00"),
        ("UTC sat-mon 08:00-08:00", [6, 7, 1], "UTC sat,sun,mon 08:00-08:00"),
    ],
)
def test_windows_are_read(text: str, weekdays: list[int], shown: str) -> None:
    """Zone, days and hours are understood, and shown so that they could be typed again."""
    window = parse_window(text)

    assert list(window.weekdays) == weekdays
    assert window_text(window) == shown
    assert parse_window(window_text(window)) == window


@pytest.mark.parametrize(
    "text", ["", "09:00-18:00", "UTC", "UTC noday 09:00-18:00", "UTC mon 9-18", "UTC a b 9:00-8:00"]
)
def test_other_texts_are_no_windows(text: str) -> None:
    """A window without its zone or hours, or with unknown days, is refused."""
    with pytest.raises(ValueError, match="is not a"):
        parse_window(text)
