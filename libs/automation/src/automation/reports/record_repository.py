"""SQL on what reports are counted from: decisions, whom they released, and runs that failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from campaigns.repositories.outcomes.outcome import Outcome
from servicekit.postgres.pool import Pool

from automation.decisions.decision import Decision, DecisionKind, DecisionState, LeadSource
from automation.decisions.releases import decision_of
from automation.decisions.rows import DECISIONS
from automation.reports.records import LastRelease, Placing
from automation.reports.report import FaultLine
from automation.runs.run import RunType

# Those of the days, and those that wait for somebody, however old.
_DECISIONS = f"""
    SELECT {DECISIONS} FROM decisions
     WHERE organization_id = $1 AND program_id = $2 AND created_at < $4
       AND (created_at >= $3 OR (state = 'proposed' AND answered_at IS NULL))
     ORDER BY created_at, id
"""
# Of a release that was called off, or taken back, who had begun by then goes on: each is of the
# release by which they began, whatever has become of it since. What ranked was once not kept. By
# the leads' own index: however many there were before them is not read.
_PLACINGS = """
    SELECT begun.lead_id, source, decisions.created_at AS released_at,
           coalesce(nullif(inputs ->> 'model_id', ''), nullif(inputs ->> 'rules', ''),
                    CASE WHEN inputs -> 'by_source' ? 'model' THEN 'model'
                         WHEN inputs -> 'by_source' ? 'rules' THEN 'rules' ELSE '' END)
               AS ranked_by
      FROM unnest($4::text[], $5::text[]) AS begun (lead_id, decision_id)
      JOIN decision_leads ON decision_leads.organization_id = $1
       AND decision_leads.lead_id = begun.lead_id
       AND decision_leads.decision_id = begun.decision_id
      JOIN decisions ON decisions.id = decision_leads.decision_id
       AND decisions.created_at = decision_leads.created_at
     WHERE decisions.organization_id = $1 AND decisions.campaign_id = $2
       AND decisions.kind = $3
"""
_RELEASES = """
    SELECT change -> 'after' ->> 'day' AS day, id, state,
           coalesce((change -> 'after' ->> 'begun')::int, 0) AS begun
      FROM decisions
     WHERE organization_id = $1 AND program_id = $2 AND kind = $3 AND created_at >= $4
     ORDER BY created_at
"""
_LEFT_OUT = """
    SELECT change -> 'after' ->> 'day' AS day, account_id, left_out, count(*) AS leads
      FROM decision_leads JOIN decisions
        ON decisions.id = decision_leads.decision_id
       AND decisions.created_at = decision_leads.created_at
     WHERE decisions.organization_id = $1 AND decisions.program_id = $2
       AND decisions.created_at >= $3 AND decisions.state = 'applied'
       AND decision_leads.left_out <> ''
     GROUP BY 1, 2, 3
"""
# Of the last day that was looked at, if that is not long ago: who was on the list then may be gone.
_SUPPRESSED = """
    SELECT (result ->> 'suppressed')::int FROM runs
     WHERE organization_id = $1 AND program_id = $2 AND type = $3 AND result ? 'suppressed'
       AND nominal_at >= $4
     ORDER BY nominal_at DESC LIMIT 1
"""
_FAULTS = """
    SELECT run_id, type, coalesce(ended_at, started_at) AS at, state, error,
           coalesce((result ->> 'senders_failed')::int, 0) AS unread
      FROM runs
     WHERE organization_id = $1 AND program_id = $2 AND nominal_at >= $3 AND nominal_at < $4
       AND (state IN ('failed', 'cancelled', 'terminated')
            OR coalesce((result ->> 'senders_failed')::int, 0) > 0)
     ORDER BY nominal_at, run_id
"""


class RecordRepository:
    """Reads; decides nothing."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def decisions(
        self, organization_id: str, program_id: str, *, since: datetime, until: datetime
    ) -> list[Decision]:
        """Those of this time, and those from before that wait for somebody."""
        rows = await self._pool.fetch(_DECISIONS, organization_id, program_id, since, until)
        return [DECISIONS.read(row) for row in rows]

    async def placings(
        self, organization_id: str, campaign_id: str, invited: Iterable[Outcome]
    ) -> Mapping[str, Placing]:
        """How each of these came to its slot; who has begun by no program's release is left out."""
        begun = {each.lead_id: decision_of(each.release_id) for each in invited if each.release_id}
        kind = DecisionKind.RELEASE_LEADS.value
        given = organization_id, campaign_id, kind, [*begun], [*begun.values()]
        rows = await self._pool.fetch(_PLACINGS, *given)
        return {
            row["lead_id"]: Placing(
                source=LeadSource(row["source"]),
                released_at=row["released_at"],
                ranked_by=row["ranked_by"],
            )
            for row in rows
        }

    async def last_releases(
        self, organization_id: str, program_id: str, *, since: datetime
    ) -> Mapping[date, LastRelease]:
        """What has become of the last release of each day."""
        kind = DecisionKind.RELEASE_LEADS.value
        rows = await self._pool.fetch(_RELEASES, organization_id, program_id, kind, since)
        return {
            date.fromisoformat(row["day"]): LastRelease(
                decision_id=row["id"], state=DecisionState(row["state"]), begun=row["begun"]
            )
            for row in rows
            if row["day"]
        }

    async def left_out(
        self, organization_id: str, program_id: str, *, since: datetime
    ) -> Mapping[tuple[date, str], Mapping[str, int]]:
        """Whom releases that took effect were not of after all: by day and sender, why how many."""
        rows = await self._pool.fetch(_LEFT_OUT, organization_id, program_id, since)
        found: dict[tuple[date, str], dict[str, int]] = {}
        for row in rows:
            if row["day"]:
                key = date.fromisoformat(row["day"]), row["account_id"]
                found.setdefault(key, {})[row["left_out"]] = row["leads"]
        return found

    async def suppressed(self, organization_id: str, program_id: str, *, since: datetime) -> int:
        """How many of those ready on the list must not be contacted, as the last day found it.

        None of them where no day was looked at since then.
        """
        of = organization_id, program_id, RunType.DAILY.value, since
        return int(await self._pool.fetchval(_SUPPRESSED, *of) or 0)

    async def faults(
        self, organization_id: str, program_id: str, *, since: datetime, until: datetime
    ) -> list[FaultLine]:
        """Runs due in this time that did not end well, and what could not be asked."""
        rows = await self._pool.fetch(_FAULTS, organization_id, program_id, since, until)
        return [
            FaultLine(
                run_id=row["run_id"],
                type=row["type"],
                at=row["at"],
                reason=_why(row["state"], row["error"], row["unread"]),
            )
            for row in rows
        ]


def _why(state: str, error: str, unread: int) -> str:
    """In words of ours and the names of errors."""
    if state == "completed" or (state == "running" and unread):
        return f"{unread} of the senders could not be asked"
    return f"{state}: {error}" if error else state
