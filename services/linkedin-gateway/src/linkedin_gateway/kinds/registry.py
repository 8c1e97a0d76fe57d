"""What is decided about each kind of action. Pure."""

from __future__ import annotations

from linkedin_gateway.models import Kind

READS = frozenset({Kind.LOOKUP, Kind.POST_LIST})
"""Kinds that change nothing on LinkedIn; no gap between them, and no turns."""

WRITES = frozenset(Kind) - READS

PRIORITY = {
    Kind.MESSAGE: 1,
    Kind.INMAIL: 1,
    Kind.VISIT: 2,
    Kind.REACTION: 2,
    Kind.COMMENT: 2,
    Kind.INVITATION: 3,
    Kind.WITHDRAWAL: 3,
    Kind.LOOKUP: 9,
    Kind.POST_LIST: 9,
}
"""Smaller goes first; a message that answers a person goes before all (0)."""

ANSWERING = 0
"""The priority of a message to a person who has written."""
