"""Keeps the ledger small: what has ended, and counts in no window any more, is archived.

Archived actions still answer: a late request, a cancellation, a list, somebody's reply.
"""

from __future__ import annotations

from datetime import timedelta

from servicekit.clock import Clock
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.ledger.archive_repository import ArchiveRepository
from linkedin_gateway.metrics import Metrics

_AT_ONCE = 500
_BATCHES = 20
"""In one go; what is left waits for the next, so that nobody waits long for a connection."""

log = get_logger(__name__)


class Archive:
    """`after` and `kept` are domain time."""

    def __init__(
        self,
        repository: ArchiveRepository,
        metrics: Metrics,
        clock: Clock,
        *,
        after: timedelta,
        kept: timedelta,
    ) -> None:
        self._repository = repository
        self._metrics = metrics
        self._clock = clock
        self._after = after
        self._kept = kept

    async def archive_due(self) -> int:
        """Archive what is due, a bounded part of it; returns how many actions."""
        now = self._clock.now()
        archived = 0
        for _ in range(_BATCHES):
            moved = await self._repository.archive(before=now - self._after, limit=_AT_ONCE)
            archived += moved
            if moved < _AT_ONCE:
                break
        self._metrics.archived.inc(archived)
        for table in await self._repository.drop(before=now - self._kept):
            log.info("archive_month_dropped", table=table)
        if archived:
            log.info("actions_archived", actions=archived)
        return archived

    async def lag(self) -> timedelta:
        """By how much the oldest action that is due has missed its archiving."""
        oldest = await self._repository.oldest()
        if oldest is None:
            return timedelta(0)
        return max(self._clock.now() - self._after - oldest, timedelta(0))
