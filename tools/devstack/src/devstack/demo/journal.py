"""What the simulated LinkedIn saw: who was contacted, how often, and how fast."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from outreach.linkedin.v1 import action_pb2, pace_pb2


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a kind of call is held to."""

    action: action_pb2.ActionKind.ValueType
    """What the gateway calls it."""
    ceiling: int | None
    """The product's own limit in any hour, whatever an account's caps say."""
    once: bool
    """The same must never reach a person twice."""


RULES: Mapping[str, Rules] = {
    "visit": Rules(action=action_pb2.ACTION_KIND_VISIT, ceiling=100, once=False),
    "reaction": Rules(action=action_pb2.ACTION_KIND_REACTION, ceiling=100, once=False),
    "comment": Rules(action=action_pb2.ACTION_KIND_COMMENT, ceiling=30, once=True),
    "invite": Rules(action=action_pb2.ACTION_KIND_INVITATION, ceiling=20, once=True),
    "message": Rules(action=action_pb2.ACTION_KIND_MESSAGE, ceiling=50, once=True),
    "inmail": Rules(action=action_pb2.ACTION_KIND_INMAIL, ceiling=50, once=True),
    "withdraw": Rules(action=action_pb2.ACTION_KIND_WITHDRAWAL, ceiling=None, once=False),
}
"""By the simulator's names. Nothing is left to a default, so that who adds a kind decides."""


@dataclass(frozen=True, kw_only=True)
class Write:
    """One call that changed something on LinkedIn."""

    seq: int
    at: datetime
    kind: str
    account_id: str
    target: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Cap:
    """At most `limit` of a kind in any stretch of time as long as `per`, for one account."""

    account_id: str
    kind: str
    per: timedelta
    limit: int


@dataclass(frozen=True, kw_only=True)
class CapUse:
    """The fullest window of one cap."""

    cap: Cap
    highest: int

    @property
    def kept(self) -> bool:
        return self.highest <= self.cap.limit


_INSTANT = {"in": "received_at", "late": "answered_at"}
"""When a call counts: as it came in, or as it landed though its answer was lost."""


def writes(entries: Iterable[Mapping[str, Any]]) -> list[Write]:
    """The calls that changed something, in the order of their time."""
    found = [
        Write(
            seq=entry["seq"],
            at=datetime.fromisoformat(entry[_INSTANT[entry["direction"]]]),
            kind=entry["kind"],
            account_id=entry["account_id"] or "",
            target=entry["target"] or "",
            text=entry["text"] or "",
        )
        for entry in entries
        if entry["direction"] in _INSTANT and entry["changed"] and entry["kind"] in RULES
    ]
    return sorted(found, key=lambda write: (write.at, write.seq))


def caps_of(account_id: str, usages: Iterable[pace_pb2.Usage]) -> list[Cap]:
    """The caps of one account as the gateway has them, and the hard ceilings."""
    limits = {
        (kind, usage.per.ToTimedelta()): max(usage.limit, usage.plan_limit)
        for usage in usages
        for kind, rules in RULES.items()
        if usage.kind == rules.action and not usage.notes
    }
    for kind, rules in RULES.items():
        if rules.ceiling is not None:
            hour = (kind, timedelta(hours=1))
            limits[hour] = min(rules.ceiling, limits.get(hour, rules.ceiling))
    return [
        Cap(account_id=account_id, kind=kind, per=per, limit=limit)
        for (kind, per), limit in sorted(limits.items())
    ]


def cap_uses(made: Sequence[Write], caps: Iterable[Cap]) -> list[CapUse]:
    """For every cap the most that one window held."""
    times: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for write in made:
        times[write.account_id, write.kind].append(write.at)
    return [
        CapUse(cap=cap, highest=fullest(times[cap.account_id, cap.kind], cap.per)) for cap in caps
    ]


def fullest(times: Sequence[datetime], per: timedelta) -> int:
    """The most instants that lie in one stretch of time shorter than `per`; `times` ascends."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= per:
            first += 1
        most = max(most, last - first + 1)
    return most


def repeated_contacts(made: Iterable[Write]) -> list[str]:
    """People who received the same thing twice, in words."""
    counts = Counter(
        # One person is invited once, whatever the note says.
        (write.kind, write.target, "" if write.kind == "invite" else write.text)
        for write in made
        if RULES[write.kind].once
    )
    return [
        f"{target} received the same {kind} {count} times"
        for (kind, target, _), count in counts.items()
        if count > 1
    ]


def targets(made: Iterable[Write], kind: str) -> set[str]:
    """Whom actions of one kind reached."""
    return {write.target for write in made if write.kind == kind}
