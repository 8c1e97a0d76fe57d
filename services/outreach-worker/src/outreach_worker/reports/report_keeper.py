"""Reports that are old are forgotten."""

from __future__ import annotations

from datetime import timedelta

from automation.reports.report_repository import ReportRepository
from automation.selection.sender_day_repository import SenderDayRepository
from servicekit.clock import Clock

EVERY = timedelta(hours=1)
KEPT = timedelta(days=731)
"""Two years: a week can be compared with the same one of the year before."""


class ReportKeeper:
    """Of every organization."""

    def __init__(
        self, reports: ReportRepository, sender_days: SenderDayRepository, clock: Clock
    ) -> None:
        self._reports = reports
        self._sender_days = sender_days
        self._clock = clock

    async def keep(self) -> None:
        """Delete what was counted two years ago, and the days before that."""
        before = self._clock.now() - KEPT
        await self._reports.forget(before=before)
        await self._sender_days.forget(before=before.date())
