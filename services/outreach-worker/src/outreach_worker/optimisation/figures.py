"""What guardrails and proposals are judged by: the campaign's outcomes, and its senders' health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from automation.optimisation.guardrails import CampaignFigures, Guardrail, SenderFigures
from automation.outcomes.cohorts import cohort
from automation.outcomes.intervals import share
from campaigns.repositories.outcomes.outcome_repository import OutcomeRepository
from outreach.linkedin.v1 import pace_service_pb2 as pb
from outreach.linkedin.v1 import pace_service_pb2_grpc as rpc
from servicekit.errors import NotFound, ServiceError
from servicekit.telemetry import logs

LOOKED_BACK = timedelta(weeks=8)
"""So long do invitations count: what was tried before says little of today's text and people."""
ERRORS_OF = timedelta(weeks=1)
REFUSALS_OF = timedelta(weeks=1)
_MOST_COOL_DOWNS = 100
_PENDING = "pending_invitations"

log = logs.get_logger(__name__)


class Figures:
    """Reads; decides nothing."""

    def __init__(self, outcomes: OutcomeRepository, pace: rpc.PaceServiceStub) -> None:
        self._outcomes = outcomes
        self._pace = pace

    async def of_campaign(
        self, campaign_id: str, *, since: Mapping[Guardrail, datetime], now: datetime
    ) -> CampaignFigures:
        """How the campaign fares; what each guardrail watches is counted after `since`, if given.

        Who has opted out counts at once, of everybody who was written to.
        """

        def begin(guardrail: Guardrail, back: timedelta) -> datetime:
            return _later(since.get(guardrail), now - back)

        invited = await self._outcomes.invited(
            campaign_id, since=begin(Guardrail.ACCEPTANCE, LOOKED_BACK)
        )
        opted_out, written_to = await self._outcomes.opt_outs(
            campaign_id, since=begin(Guardrail.OPT_OUTS, LOOKED_BACK)
        )
        errors = await self._outcomes.step_errors(
            campaign_id, since=begin(Guardrail.STEP_ERRORS, ERRORS_OF)
        )
        return CampaignFigures(
            invited=cohort(invited, now=now),
            opted_out=share(opted_out, written_to),
            errors_by_step={each.step_id: share(each.failed, each.tried) for each in errors},
        )

    async def begun_per_day(self, campaign_id: str, *, days: int, now: datetime) -> float:
        """With how many people the campaign has begun a day, of the last so many days."""
        since = now - timedelta(days=days)
        return await self._outcomes.begun(campaign_id, since=since, until=now) / days

    async def of_senders(
        self, account_ids: Sequence[str], *, since: Mapping[str, datetime], now: datetime
    ) -> list[SenderFigures]:
        """How the accounts fare; without those of which the gateway tells nothing now.

        Requests to slow down count after `since`, if it is given.
        """
        found = []
        for account_id in account_ids:
            try:
                found.append(await self._of_sender(account_id, since.get(account_id), now))
            except NotFound:
                continue
            except ServiceError as error:
                log.info("sender_not_looked_at", account_id=account_id, reason=error.reason)
        return found

    async def _of_sender(
        self, account_id: str, since: datetime | None, now: datetime
    ) -> SenderFigures:
        health = (
            await self._pace.GetAccountHealth(pb.GetAccountHealthRequest(account_id=account_id))
        ).health
        answer = await self._pace.ListCoolDowns(
            pb.ListCoolDownsRequest(account_id=account_id, page_size=_MOST_COOL_DOWNS)
        )
        begin = _later(since, now - REFUSALS_OF).timestamp()
        values = {factor.name: factor.value for factor in health.factors}
        return SenderFigures(
            account_id=account_id,
            pending=int(values.get(_PENDING, 0)),
            refusals=sum(each.open_time.seconds >= begin for each in answer.cool_downs),
            multiplier=health.multiplier,
        )


def _later(since: datetime | None, other: datetime) -> datetime:
    return other if since is None else max(since, other)
