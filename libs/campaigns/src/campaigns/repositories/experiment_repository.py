"""SQL on experiments: how the variants of a step have fared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from servicekit.postgres.pool import Pool

from campaigns.repositories.rows import HAS_OPTED_OUT
from campaigns.sequences.experiment import ExperimentPlan, Measure, Tally, leads_per_variant
from campaigns.sequences.json_form import sequence_from_json
from campaigns.sequences.sequence import Step

_REVISIONS = "SELECT id, steps FROM revisions WHERE campaign_id = $1"
# The first `$4` of each variant are the ones that are compared, each once its time is over;
# what comes later, or too late, is shown and decides nothing. A reply is judged only of somebody
# who has written themselves: a machine's answer may end a sequence, and is nobody's success.
_TALLY = f"""
    WITH sent AS (
        SELECT steps.variant, steps.ended_at AS sent_at, leads.accepted, leads.replied_at,
               {HAS_OPTED_OUT} AS opted_out,
               CASE WHEN $6 = 'accepted' THEN leads.accepted_at
                    WHEN leads.answered_at IS NOT NULL THEN leads.replied_at END AS done_at,
               row_number() OVER (PARTITION BY steps.variant
                                  ORDER BY steps.ended_at, steps.lead_id) AS number
          FROM step_executions AS steps JOIN leads ON leads.id = steps.lead_id
         WHERE steps.campaign_id = $1 AND steps.step_id = $2
           AND leads.revision_id = ANY($3)
           AND steps.state = 'done' AND steps.reason <> 'ALREADY_SO' AND steps.variant <> ''
    ), judged AS (
        SELECT *, number <= $4 AND sent_at + $5::interval <= $7 AS is_judged,
               coalesce(done_at BETWEEN sent_at AND sent_at + $5::interval, false) AS succeeded
          FROM sent
    )
    SELECT variant, count(*) AS sent,
           count(*) FILTER (WHERE accepted) AS accepted,
           count(replied_at) AS replied,
           count(*) FILTER (WHERE is_judged) AS judged,
           count(*) FILTER (WHERE is_judged AND succeeded) AS successes,
           count(*) FILTER (WHERE is_judged AND opted_out) AS opted_out
      FROM judged GROUP BY variant
"""


class ExperimentRepository:
    """Counts; decides nothing."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def tallies(
        self,
        campaign_id: str,
        step: Step,
        plan: ExperimentPlan,
        *,
        now: datetime,
        leads: int | None = None,
    ) -> list[Tally]:
        """How each variant of this step has fared, in the order of the step.

        The first `leads` of each are judged, as many as the plan's power takes if not given.
        """
        rows = await self._pool.fetch(
            _TALLY,
            campaign_id,
            step.step_id,
            await self._revisions(campaign_id, step),
            leads or leads_per_variant(plan, len(step.variants)),
            plan.within,
            Measure(plan.measure).value,
            now,
        )
        found = {
            row["variant"]: Tally(
                variant=row["variant"],
                sent=row["sent"],
                accepted=row["accepted"],
                replied=row["replied"],
                judged=row["judged"],
                successes=row["successes"],
                opted_out=row["opted_out"],
            )
            for row in rows
        }
        return [found.get(variant.name, Tally(variant=variant.name)) for variant in step.variants]

    async def _revisions(self, campaign_id: str, step: Step) -> Sequence[str]:
        """The revisions in which the step is tried with these very texts and this plan."""
        rows = await self._pool.fetch(_REVISIONS, campaign_id)
        return [
            row["id"]
            for row in rows
            if any(
                (each.step_id, each.variants, each.experiment)
                == (step.step_id, step.variants, step.experiment)
                for each in sequence_from_json(row["steps"]).steps
            )
        ]
