"""SQL on reports: their figures are kept, and shown when they are asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter
from servicekit.postgres.columns import Columns, Row, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement, in_pieces

from automation.reports.errors import ReportNotFound
from automation.reports.report import Report

_JSON = TypeAdapter(Report)
_COLUMNS: Columns[Report] = Columns(
    column("organization_id"),
    column("report_id"),
    column("program_id"),
    column("campaign_id"),
    column("kind", write=lambda report: report.kind.value),
    column("last_day", "date"),
    column("created_at", "timestamptz"),
    column("figures", "jsonb", write=lambda report: _JSON.dump_python(report, mode="json")),
)
READ = "report_id, figures"
"""What `report_of_row` reads."""
# Counted anew, a report keeps its id and tells what was counted last.
_PUT = Statement(f"""
    INSERT INTO reports ({_COLUMNS}) VALUES ({_COLUMNS.parameters()})
    ON CONFLICT (organization_id, program_id, kind, last_day)
    DO UPDATE SET
        created_at = greatest(reports.created_at, excluded.created_at),
        figures = CASE WHEN reports.created_at <= excluded.created_at THEN excluded.figures
                       ELSE reports.figures END
 RETURNING {READ}
""")
_GET = f"SELECT {READ} FROM reports WHERE report_id = $1"
_FORGET = """
    WITH old AS (
        SELECT report_id FROM reports
         WHERE created_at < $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    DELETE FROM reports USING old WHERE reports.report_id = old.report_id
 RETURNING true
"""


class ReportRepository:
    """One report a program, kind and last day."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def put(self, report: Report) -> Report:
        """Keep a report; returns what is kept, which is another if that was counted later."""
        return report_of_row(
            await self._pool.fetchrow(_PUT.sql, *_PUT.given(**_COLUMNS.values(report)))
        )

    async def get(self, report_id: str) -> Report:
        """The report; raises `ReportNotFound` if there is none."""
        return report_of_row(await self._pool.fetchrow(_GET, report_id))

    async def forget(self, *, before: datetime) -> int:
        """Delete what was counted last before then; how many."""
        return await in_pieces(self._pool, _FORGET, before)


def report_of_row(row: Row | None) -> Report:
    """The report of a row; raises `ReportNotFound` of none."""
    if row is None:
        raise ReportNotFound
    return replace(_JSON.validate_python(row["figures"]), report_id=row["report_id"])
