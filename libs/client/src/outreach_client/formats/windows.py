"""Sending windows as people write them: `Europe/Lisbon mon-fri 09:00-18:00`."""

import re

from outreach.common.v1 import sending_window_pb2 as pb

from outreach_client.formats.enums import enum_text

_WORDS = (2, 3)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"(\d{1,2}:\d{2})-(\d{1,2}:\d{2})")


def parse_window(text: str) -> pb.SendingWindow:
    """`ZONE [DAYS] OPENS-CLOSES`; without days it is Monday to Friday. Raises `ValueError`."""
    words = text.split()
    match = _HOURS.fullmatch(words[-1]) if len(words) in _WORDS else None
    if match is None:
        raise ValueError(f"{text!r} is not a window such as 'Europe/Lisbon mon-fri 09:00-18:00'")
    opens, closes = (part.zfill(5) for part in match.groups())
    weekdays = parse_days(words[1]) if len(words) > min(_WORDS) else []
    return pb.SendingWindow(time_zone=words[0], weekdays=weekdays, opens=opens, closes=closes)


def parse_days(text: str) -> list[pb.Weekday.ValueType]:
    """`mon-fri` or `mon,wed`, each day once; raises `ValueError`."""
    return [*dict.fromkeys(number for part in text.split(",") for number in _span(part))]


def window_text(window: pb.SendingWindow) -> str:
    """The window as it could be typed."""
    enum = pb.Weekday.DESCRIPTOR
    days = ",".join(enum_text(enum, number)[:3] for number in window.weekdays)
    return " ".join(filter(None, (window.time_zone, days, f"{window.opens}-{window.closes}")))


def _span(text: str) -> list[pb.Weekday.ValueType]:
    first, _, last = text.lower().partition("-")
    try:
        start, end = _DAYS.index(first[:3]), _DAYS.index((last or first)[:3])
    except ValueError:
        raise ValueError(f"{text!r} is not a day such as mon, or days such as mon-fri") from None
    if end < start:
        end += len(_DAYS)
    return [pb.Weekday.ValueType(day % len(_DAYS) + 1) for day in range(start, end + 1)]
