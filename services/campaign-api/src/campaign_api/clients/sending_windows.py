"""Windows of the week as the wire has them, of campaigns and of accounts."""

from collections.abc import Iterable
from datetime import date, time

from campaigns.models import SendingWindow
from outreach.common.v1 import sending_window_pb2

_MONDAY_TO_FRIDAY = (1, 2, 3, 4, 5)


def window_from_proto(
    window: sending_window_pb2.SendingWindow, days_off: Iterable[str] = ()
) -> SendingWindow:
    """A window that has been checked, or comes from a service that has checked it."""
    return SendingWindow(
        time_zone=window.time_zone,
        weekdays=tuple(sorted(set(window.weekdays))) or _MONDAY_TO_FRIDAY,
        opens=time.fromisoformat(window.opens),
        closes=time.fromisoformat(window.closes),
        days_off=frozenset(map(date.fromisoformat, days_off)),
    )
