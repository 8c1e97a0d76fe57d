"""Where a campaign stands: its counts, and why it is not further."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.admission import Line
from campaigns.models import Campaign, CampaignState, LeadState
from campaigns.repositories.admission_repository import AdmissionRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.status_repository import StatusRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.sequence import Sequence as StepSequence
from campaigns.status_counts import StatusCounts
from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.postgres.write_refusals import WriteRefusals
from servicekit.ttl_cache import TtlCache

from campaign_api.clients.errors import why_not_known
from campaign_api.clients.linkedin_gateway import (
    Gateway,
    Hold,
    SendingAccount,
    Waiting,
    database_hold,
)
from campaign_api.queries.campaign_explanations import campaign_explanations, estimated_end

_NOT_KNOWN = "So it is not known what stands in the way there."
_QUIET = (CampaignState.DRAFT, CampaignState.STOPPED, CampaignState.COMPLETED)
_MAX_REMEMBERED = 1000


@dataclass(frozen=True, kw_only=True)
class CampaignStatus:
    """Counted at one moment."""

    campaign: Campaign
    sequence: StepSequence
    counts: StatusCounts
    estimated_end_at: datetime | None
    explanations: Sequence[str]
    counted_at: datetime

    @property
    def ended(self) -> bool:
        return self.campaign.state in (CampaignState.STOPPED, CampaignState.COMPLETED)

    def tells_more_than(self, before: "CampaignStatus") -> bool:
        """Whether anything beside the moment is different."""
        mine = (self.campaign, self.counts, self.explanations)
        return mine != (before.campaign, before.counts, before.explanations)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the gateway says about accounts and holds; not known while it is away."""

    accounts: Sequence[SendingAccount] = ()
    holds: Sequence[Hold] = ()
    waiting: Sequence[Waiting] = ()
    not_known: str = ""
    """Why nothing is, if so; one sentence."""


class CampaignStatuses:
    """Reads where campaigns stand.

    What the gateway says is remembered for a moment, so that many who watch a
    campaign do not ask it at every change.
    """

    def __init__(
        self,
        repository: CampaignRepository,
        statuses: StatusRepository,
        admissions: AdmissionRepository,
        revisions: RevisionCache,
        gateway: Gateway,
        clock: Clock,
        *,
        write_refusals: WriteRefusals,
        fresh_for: timedelta = timedelta(seconds=2),
    ) -> None:
        self._repository = repository
        self._statuses = statuses
        self._admissions = admissions
        self._revisions = revisions
        self._gateway = gateway
        self._clock = clock
        self._write_refusals = write_refusals
        self._remembered: TtlCache[str, Surroundings] = TtlCache(fresh_for, most=_MAX_REMEMBERED)

    async def read(self, campaign_id: str) -> CampaignStatus:
        # The row first: a campaign that is read as ended has then all its leads counted.
        campaign = await self._repository.get(campaign_id)
        counts = await self._statuses.counts(campaign_id)
        surroundings = await self._surroundings(campaign)
        sequence = (await self._revisions.get(campaign.revision_id)).sequence
        now = self._clock.now()
        explanations = campaign_explanations(
            campaign,
            counts,
            line=await self._line(campaign, counts, now),
            accounts=surroundings.accounts,
            holds=surroundings.holds,
            waiting=surroundings.waiting,
            sequence=sequence,
            now=now,
        )
        return CampaignStatus(
            campaign=campaign,
            sequence=sequence,
            counts=counts,
            estimated_end_at=estimated_end(campaign, counts, now),
            explanations=[*explanations, *_not_known(surroundings)],
            counted_at=now,
        )

    async def _line(self, campaign: Campaign, counts: StatusCounts, now: datetime) -> Line | None:
        if campaign.state is not CampaignState.RUNNING or not counts.leads.get(LeadState.READY):
            return None
        return await self._admissions.line(campaign, now=now)

    async def _surroundings(self, campaign: Campaign) -> Surroundings:
        if campaign.state in _QUIET:
            return Surroundings()
        known = self._remembered.get(campaign.id)
        if known is None:
            known = await self._ask(campaign)
            self._remembered.put(campaign.id, known)
        return known

    async def _ask(self, campaign: Campaign) -> Surroundings:
        refused = await self._write_refusals.now()
        own = [database_hold(refused.message)] if refused else []
        try:
            holds, accounts, waiting = await asyncio.gather(
                self._gateway.holds(),
                self._accounts(campaign.account_ids),
                self._gateway.waiting(campaign),
            )
        except ServiceError as error:
            return Surroundings(holds=own, not_known=why_not_known(error))
        return Surroundings(holds=[*own, *holds], accounts=accounts, waiting=waiting)

    async def _accounts(self, account_ids: Sequence[str]) -> list[SendingAccount]:
        found = await asyncio.gather(*map(self._gateway.glance_at_account, account_ids))
        return [account for account in found if account is not None]


def _not_known(surroundings: Surroundings) -> list[str]:
    return [f"{surroundings.not_known} {_NOT_KNOWN}"] if surroundings.not_known else []
