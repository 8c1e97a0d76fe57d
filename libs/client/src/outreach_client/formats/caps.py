"""Caps as people write them: `invitation/day=15`."""

from datetime import timedelta

from outreach.linkedin.v1 import account_pb2, action_pb2

from outreach_client.formats.durations import parse_duration, to_duration
from outreach_client.formats.enums import enum_number

_PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


def parse_cap(text: str) -> account_pb2.Cap:
    """`KIND/PERIOD=ACTIONS`, the period `hour`, `day` or `week`. Raises `ValueError`."""
    left, equals, actions = text.partition("=")
    kind, slash, period = left.partition("/")
    if not (equals and slash and actions.strip().isdecimal()):
        raise ValueError(f"{text!r} is not a cap such as invitation/day=15")
    per = _PERIODS.get(period.strip()) or parse_duration(period.strip())
    number = enum_number(action_pb2.ActionKind.DESCRIPTOR, kind)
    return account_pb2.Cap(
        kind=action_pb2.ActionKind.ValueType(number), per=to_duration(per), actions=int(actions)
    )
