"""SQL on where a campaign stands: its leads counted, and what is the matter with its workflow."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool

from campaigns.models import LeadState, StepState
from campaigns.repositories.rows import LEAD_IS_RELEASED, LEAD_STATE
from campaigns.sequences.kinds.registry import KINDS
from campaigns.sequences.sequence import StepKind
from campaigns.status_counts import FUNNEL, Restart, Stall, StatusCounts

_LEADS_BY_STATE = f"""
    SELECT campaign_id, {LEAD_STATE} AS state, count(*) AS leads, max(ended_at) AS last_ended_at,
           count(*) FILTER (WHERE {LEAD_IS_RELEASED}) AS released
      FROM leads WHERE campaign_id = ANY($1) GROUP BY 1, 2
"""
_STEPS_BY_STATE = """
    SELECT campaign_id, step_id, state, exit_name, count(*) AS leads
      FROM step_executions WHERE campaign_id = ANY($1)
     GROUP BY campaign_id, step_id, state, exit_name
"""
# Leads with at least one step of each kind that was really performed. An InMail that went as a
# plain message counts as what it was.
_FUNNEL_BY_KIND = """
    SELECT campaign_id,
           CASE WHEN reason = 'SENT_AS_MESSAGE' THEN 'send_followup' ELSE kind END AS kind,
           count(DISTINCT lead_id) AS leads
      FROM step_executions
     WHERE campaign_id = ANY($1) AND state = 'done' AND reason <> 'ALREADY_SO'
     GROUP BY 1, 2
"""
_FUNNEL_BY_ANSWER = """
    SELECT campaign_id,
           count(*) FILTER (WHERE accepted) AS accepted,
           count(*) FILTER (WHERE replied_at IS NOT NULL) AS replied
      FROM leads WHERE campaign_id = ANY($1) GROUP BY campaign_id
"""
_TROUBLE = """
    SELECT id AS campaign_id,
           stalled_activity, stalled_trace_id, stalled_at, restarted_because, restarted_at
      FROM campaigns WHERE id = ANY($1)
"""
_STALL = """
    UPDATE campaigns SET stalled_activity = $2, stalled_trace_id = $3, stalled_at = $4
     WHERE id = $1
"""
# Another activity's stall is not over.
_GO_ON = """
    UPDATE campaigns SET stalled_activity = '', stalled_trace_id = '', stalled_at = NULL
     WHERE id = $1 AND stalled_activity = $2 AND stalled_activity <> ''
"""
# What its workflow before failed with is not asked for any more.
_RESTART = """
    UPDATE campaigns
       SET restarted_because = $2, restarted_at = $3,
           stalled_activity = '', stalled_trace_id = '', stalled_at = NULL
     WHERE id = $1
"""
_COUNT_STALLED = """
    SELECT count(*) FROM campaigns
     WHERE state IN ('running', 'paused', 'stopping') AND stalled_activity <> ''
"""


class StatusRepository:
    """Counts, in one snapshot of the database; and notes on a campaign's workflow."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def counts(self, campaign_id: str) -> StatusCounts:
        """Count where the leads are, in one snapshot."""
        return (await self.counts_of([campaign_id]))[campaign_id]

    async def counts_of(self, campaign_ids: Sequence[str]) -> Mapping[str, StatusCounts]:
        """Count where the leads of each campaign are, by their ids, in one snapshot of all."""
        asked = list(campaign_ids)
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            leads = _by_campaign(await connection.fetch(_LEADS_BY_STATE, asked))
            steps = _by_campaign(await connection.fetch(_STEPS_BY_STATE, asked))
            kinds = _by_campaign(await connection.fetch(_FUNNEL_BY_KIND, asked))
            answers = _by_campaign(await connection.fetch(_FUNNEL_BY_ANSWER, asked))
            trouble = _by_campaign(await connection.fetch(_TROUBLE, asked))
        return {
            each: _counts(
                leads=leads[each],
                steps=steps[each],
                kinds=kinds[each],
                answers=answers[each],
                trouble=trouble[each],
            )
            for each in asked
        }

    async def note_stall(self, campaign_id: str, stall: Stall) -> None:
        """An activity of the campaign's workflow has failed often because of a bug."""
        await self._pool.execute(_STALL, campaign_id, stall.activity, stall.trace_id, stall.at)

    async def note_progress(self, campaign_id: str, activity: str) -> None:
        """An activity of the campaign's workflow has come to its end."""
        await self._pool.execute(_GO_ON, campaign_id, activity)

    async def note_restart(self, campaign_id: str, restart: Restart) -> None:
        """The campaign's workflow was gone, and runs again."""
        await self._pool.execute(_RESTART, campaign_id, restart.because, restart.at)

    async def stalled(self) -> int:
        """How many campaigns are stalled, of all organizations."""
        return int(await self._pool.fetchval(_COUNT_STALLED) or 0)


def _by_campaign(rows: Iterable[Row]) -> Mapping[str, list[Row]]:
    """The rows of each campaign; none where it has none."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["campaign_id"]].append(row)
    return found


def _counts(
    *,
    leads: Sequence[Row],
    steps: Sequence[Row],
    kinds: Sequence[Row],
    answers: Sequence[Row],
    trouble: Sequence[Row],
) -> StatusCounts:
    """The rows of one campaign, put together."""
    by_step: dict[str, Counter[StepState]] = defaultdict(Counter)
    by_exit: dict[str, Counter[str]] = defaultdict(Counter)
    for row in steps:
        by_step[row["step_id"]][StepState(row["state"])] += row["leads"]
        if row["exit_name"] and row["state"] != StepState.SKIPPED:
            by_exit[row["step_id"]][row["exit_name"]] += row["leads"]
    answered = {name: row[name] for row in answers for name in ("accepted", "replied")}
    return StatusCounts(
        leads={LeadState(row["state"]): row["leads"] for row in leads},
        released=sum(row["released"] for row in leads),
        funnel=_funnel({row["kind"]: row["leads"] for row in kinds}, answered),
        steps=by_step,
        exits=by_exit,
        last_ended_at=max(
            (row["last_ended_at"] for row in leads if row["last_ended_at"]), default=None
        ),
        **_troubles(trouble),
    )


def _troubles(rows: Sequence[Row]) -> dict[str, Any]:
    if not rows:
        return {}
    (row,) = rows
    stalled_at, restarted_at = row["stalled_at"], row["restarted_at"]
    stall = restart = None
    if stalled_at is not None:
        stall = Stall(
            activity=row["stalled_activity"], trace_id=row["stalled_trace_id"], at=stalled_at
        )
    if restarted_at is not None:
        restart = Restart(because=row["restarted_because"], at=restarted_at)
    return {"stall": stall, "restart": restart}


def _funnel(leads_by_kind: Mapping[str, int], answers: Mapping[str, int]) -> dict[str, int]:
    by_field = {KINDS[StepKind(kind)].funnel: leads for kind, leads in leads_by_kind.items()}
    by_field.pop("", None)
    return {**dict.fromkeys(FUNNEL, 0), **by_field, **answers}
