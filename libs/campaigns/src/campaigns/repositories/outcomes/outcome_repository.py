"""SQL on outcomes: who was invited since when, how the steps ended, and how many have begun."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from servicekit.postgres.pool import Pool

from campaigns.repositories.outcomes.outcome import LEFT_IN_PEACE, Outcome, StepErrors
from campaigns.repositories.rows import HAS_OPTED_OUT
from campaigns.sequences.kinds.registry import TEXTUAL

# What came of somebody; whom nobody but a machine has answered for has not written themselves.
_SINCE_THEN = f"""
           CASE WHEN leads.answered_at IS NOT NULL THEN leads.replied_at END AS replied_at,
           CASE WHEN leads.answered_at IS NULL THEN leads.replied_at END AS automatic_reply_at,
           {HAS_OPTED_OUT} AS opted_out
"""
INVITED = f"""
    SELECT steps.lead_id, steps.step_id, steps.variant, leads.account_id,
           steps.ended_at AS sent_at, leads.accepted_at, {_SINCE_THEN}, leads.release_id
      FROM step_executions AS steps JOIN leads ON leads.id = steps.lead_id
     WHERE steps.campaign_id = $1 AND steps.kind = 'send_connection_request'
       AND steps.state = 'done' AND steps.reason <> 'ALREADY_SO' AND steps.ended_at >= $2
     ORDER BY steps.ended_at, steps.lead_id
"""
# A text of any step; who was not invited by it has not accepted by it.
_SENT = f"""
    SELECT steps.lead_id, steps.step_id, steps.variant, leads.account_id,
           steps.ended_at AS sent_at,
           CASE WHEN steps.kind = 'send_connection_request' THEN leads.accepted_at
                END AS accepted_at, {_SINCE_THEN}
      FROM step_executions AS steps JOIN leads ON leads.id = steps.lead_id
     WHERE steps.campaign_id = $1 AND steps.state = 'done' AND steps.reason <> 'ALREADY_SO'
       AND steps.ended_at >= $2"""
_IN_TURN = "ORDER BY steps.ended_at, steps.lead_id"
# Of steps that have several.
TEXTS = f"{_SENT} AND steps.variant <> '' {_IN_TURN}"
# Of these there is no index by time: people ask for them and runs do not, and few campaigns are
# older than what counts.
_SAYS = ", ".join(f"'{kind.value}'" for kind in TEXTUAL)
ALL_TEXTS = f"{_SENT} AND (steps.variant <> '' OR steps.kind IN ({_SAYS})) {_IN_TURN}"
# Skipped is no error, and nothing that was tried; nor is a lead that ended as it should.
_ERRORS = f"""
    SELECT steps.step_id, count(*) AS tried,
           count(*) FILTER (WHERE steps.state = 'failed') AS failed
      FROM step_executions AS steps JOIN leads ON leads.id = steps.lead_id
     WHERE steps.campaign_id = $1 AND steps.state IN ('done', 'failed') AND steps.ended_at >= $2
       AND NOT (steps.state = 'failed' AND steps.reason = ANY($3)
                AND (leads.reason = steps.reason OR {HAS_OPTED_OUT}))
     GROUP BY steps.step_id ORDER BY steps.step_id
"""
# Whom the campaign has written to.
_OPT_OUTS = f"""
    SELECT count(DISTINCT leads.id) FILTER (WHERE {HAS_OPTED_OUT}) AS opted_out,
           count(DISTINCT leads.id) AS written_to
      FROM step_executions AS steps JOIN leads ON leads.id = steps.lead_id
     WHERE steps.campaign_id = $1
       AND steps.kind IN ('send_connection_request', 'send_followup', 'send_inmail')
       AND steps.state = 'done' AND steps.reason <> 'ALREADY_SO' AND steps.ended_at >= $2
"""
# A release of very many has parts, which are named after it.
_BEGUN_BY = """
    SELECT split_part(release_id, '/', 1) AS release_id, account_id, count(*) AS leads
      FROM leads
     WHERE campaign_id = $1 AND state <> 'ready' AND split_part(release_id, '/', 1) = ANY($2)
     GROUP BY 1, 2
"""
_BEGUN = "SELECT count(*) FROM leads WHERE campaign_id = $1 AND start_at >= $2 AND start_at < $3"


class OutcomeRepository:
    """Reads; decides nothing."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def invited(self, campaign_id: str, *, since: datetime) -> list[Outcome]:
        """Everybody whom the campaign has invited since then, and what came of it so far."""
        rows = await self._pool.fetch(INVITED, campaign_id, since)
        return [Outcome(**dict(row)) for row in rows]

    async def texts(self, campaign_id: str, *, since: datetime) -> list[Outcome]:
        """Every text of a step with variants that was sent since then, and what came of it."""
        rows = await self._pool.fetch(TEXTS, campaign_id, since)
        return [Outcome(**dict(row)) for row in rows]

    async def all_texts(self, campaign_id: str, *, since: datetime) -> list[Outcome]:
        """The same with those of steps without variants, and invitations that said nothing."""
        rows = await self._pool.fetch(ALL_TEXTS, campaign_id, since)
        return [Outcome(**dict(row)) for row in rows]

    async def step_errors(self, campaign_id: str, *, since: datetime) -> list[StepErrors]:
        """How the campaign's steps have ended since then, but of who is to be left in peace."""
        rows = await self._pool.fetch(_ERRORS, campaign_id, since, LEFT_IN_PEACE)
        return [StepErrors(**dict(row)) for row in rows]

    async def opt_outs(self, campaign_id: str, *, since: datetime) -> tuple[int, int]:
        """How many have opted out, of how many people whom the campaign has written to since."""
        row = await self._pool.fetchrow(_OPT_OUTS, campaign_id, since)
        return (row["opted_out"], row["written_to"]) if row else (0, 0)

    async def begun_by(
        self, campaign_id: str, release_ids: Collection[str]
    ) -> Mapping[tuple[str, str], int]:
        """How many have begun by each of these releases, by its id and the account."""
        rows = await self._pool.fetch(_BEGUN_BY, campaign_id, list(release_ids))
        return {(row["release_id"], row["account_id"]): row["leads"] for row in rows}

    async def begun(self, campaign_id: str, *, since: datetime, until: datetime) -> int:
        """How many of the campaign's leads had their beginning in this time."""
        return int(await self._pool.fetchval(_BEGUN, campaign_id, since, until) or 0)
