"""Who goes first on an account: by priority, then fairly between campaigns, then by id. Pure."""

from __future__ import annotations

from linkedin_gateway.kinds.registry import PRIORITY, REPLY_PRIORITY
from linkedin_gateway.models import Action, ActionRequest

Rank = tuple[int, float, str]
"""Priority, virtual finish time, action id; the smaller goes first."""


def rank_of(action: Action) -> Rank:
    """By what requests of an account are ordered."""
    return action.priority, action.virtual_finish, action.action_id


def priority(request: ActionRequest, *, replied: bool) -> int:
    """Who goes first on an account; smaller is earlier."""
    return (REPLY_PRIORITY if replied else PRIORITY)[request.kind]


def virtual_finish(*, virtual_time: float, last: float, weight: int) -> float:
    """Start-time fair queueing: a flow's next place, later the more it has had for its weight."""
    return max(virtual_time, last) + 1 / max(1, weight)
