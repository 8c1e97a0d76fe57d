"""What programs have left behind is forgotten once it is old."""

from __future__ import annotations

from datetime import timedelta

from automation.decisions.term_repository import TermRepository
from automation.reports.report_repository import ReportRepository
from automation.runs.run_repository import RunRepository
from automation.selection.sender_day_repository import SenderDayRepository
from servicekit.clock import Clock
from servicekit.telemetry import logs

EVERY = timedelta(hours=1)
REPORTS_KEPT = timedelta(days=731)
"""Two years: a week can be compared with the same one of the year before."""

log = logs.get_logger(__name__)


class Retention:
    """Of every organization."""

    def __init__(
        self,
        reports: ReportRepository,
        sender_days: SenderDayRepository,
        runs: RunRepository,
        terms: TermRepository,
        clock: Clock,
        *,
        runs_kept: timedelta,
        terms_kept: timedelta,
    ) -> None:
        self._reports = reports
        self._sender_days = sender_days
        self._runs = runs
        self._terms = terms
        self._clock = clock
        self._runs_kept = runs_kept
        self._terms_kept = terms_kept

    async def keep(self) -> None:
        """Look once; safe to repeat."""
        now = self._clock.now()
        before = now - REPORTS_KEPT
        reports = await self._reports.forget(before=before)
        sender_days = await self._sender_days.forget(before=before.date())
        runs = await self._runs.forget(before=now - self._runs_kept)
        terms = await self._terms.forget(before=now - self._terms_kept)
        if reports or sender_days or runs or terms:
            log.info(
                "programs_forgotten",
                reports=reports,
                sender_days=sender_days,
                runs=runs,
                terms=terms,
            )
