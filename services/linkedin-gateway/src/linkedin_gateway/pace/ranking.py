"""Who goes first on an account: by priority, then fairly between campaigns, then by id. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from linkedin_gateway.kinds.registry import PRIORITY, REPLY_PRIORITY
from linkedin_gateway.models import Action, ActionRequest, Kind
from linkedin_gateway.pace.snapshot import Counted

Rank = tuple[int, float, str]
"""Priority, virtual finish time, action id; the smaller goes first."""


def rank_of(action: Action) -> Rank:
    """By what requests of an account are ordered."""
    return action.priority, action.virtual_finish, action.action_id


class Ahead(NamedTuple):
    """One who waits and is better ranked."""

    turn_at: datetime
    kind: Kind
    needs_lookup: bool
    rank: Rank = (0, 0.0, "")


@dataclass(frozen=True, kw_only=True)
class QueueAhead:
    """Those who wait and are better ranked than one request."""

    same_kind: Sequence[datetime] = ()
    """When those of its kind come, in order."""
    more_same_kind: int = 0
    """How many of the same kind come after those that are listed."""
    among: Sequence[Ahead] = ()
    """Everybody, the best ranked first, unless all take what the request itself will."""
    more_lookups: int = 0
    """How many who must look their person up come after those that are listed."""
    counted: Mapping[Kind, Counted] = field(default_factory=dict)
    """What counts of the past, where they are at odds."""


def priority(request: ActionRequest, *, replied: bool) -> int:
    """Who goes first on an account; smaller is earlier."""
    return (REPLY_PRIORITY if replied else PRIORITY)[request.kind]


def virtual_finish(*, virtual_time: float, last: float, weight: int) -> float:
    """Start-time fair queueing: a flow's next place, later the more it has had for its weight."""
    return max(virtual_time, last) + 1 / max(1, weight)
