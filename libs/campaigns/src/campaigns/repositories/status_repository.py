"""SQL on how far the leads of a campaign are, counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from servicekit.postgres.pool import Pool

from campaigns.models import LeadState, StepState
from campaigns.repositories.lead_rows import LEAD_STATE
from campaigns.sequences.kinds.registry import KINDS
from campaigns.sequences.sequence import StepKind
from campaigns.status_counts import FUNNEL, StatusCounts

_LEADS_BY_STATE = f"""
    SELECT {LEAD_STATE} AS state, count(*) AS leads, max(ended_at) AS last_ended_at
      FROM leads WHERE campaign_id = $1 GROUP BY 1
"""
_STEPS_BY_STATE = """
    SELECT step_id, state, exit_name, count(*) AS leads
      FROM step_executions WHERE campaign_id = $1 GROUP BY step_id, state, exit_name
"""
# Leads with at least one step of each kind that was really performed. An InMail that went as a
# plain message counts as what it was.
_FUNNEL_BY_KIND = """
    SELECT CASE WHEN reason = 'SENT_AS_MESSAGE' THEN 'send_followup' ELSE kind END AS kind,
           count(DISTINCT lead_id) AS leads
      FROM step_executions
     WHERE campaign_id = $1 AND state = 'done' AND reason <> 'ALREADY_SO'
     GROUP BY 1
"""
_FUNNEL_BY_ANSWER = """
    SELECT count(*) FILTER (WHERE accepted) AS accepted,
           count(*) FILTER (WHERE replied_at IS NOT NULL) AS replied
      FROM leads WHERE campaign_id = $1
"""


class StatusRepository:
    """Counts, in one snapshot of the database."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def counts(self, campaign_id: str) -> StatusCounts:
        """Count where the leads are, in one snapshot."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            leads = await connection.fetch(_LEADS_BY_STATE, campaign_id)
            steps = await connection.fetch(_STEPS_BY_STATE, campaign_id)
            kinds = await connection.fetch(_FUNNEL_BY_KIND, campaign_id)
            answers = await connection.fetchrow(_FUNNEL_BY_ANSWER, campaign_id)
        by_step: dict[str, Counter[StepState]] = defaultdict(Counter)
        by_exit: dict[str, Counter[str]] = defaultdict(Counter)
        for row in steps:
            by_step[row["step_id"]][StepState(row["state"])] += row["leads"]
            if row["exit_name"] and row["state"] != StepState.SKIPPED:
                by_exit[row["step_id"]][row["exit_name"]] += row["leads"]
        return StatusCounts(
            leads={LeadState(row["state"]): row["leads"] for row in leads},
            funnel=_funnel({row["kind"]: row["leads"] for row in kinds}, dict(answers or {})),
            steps=by_step,
            exits=by_exit,
            last_ended_at=max(
                (row["last_ended_at"] for row in leads if row["last_ended_at"]), default=None
            ),
        )


def _funnel(leads_by_kind: Mapping[str, int], answers: Mapping[str, int]) -> dict[str, int]:
    by_field = {KINDS[StepKind(kind)].funnel: leads for kind, leads in leads_by_kind.items()}
    by_field.pop("", None)
    return {**dict.fromkeys(FUNNEL, 0), **by_field, **answers}
