"""Where a campaign stands: its counts, and why it is not further."""

import asyncio
from collections import ChainMap, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import starmap

from campaigns.admission import Line
from campaigns.models import Campaign, CampaignState, LeadState
from campaigns.repositories.admission.line_repository import LineRepository
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
from campaign_api.clients.gateway_answers import Hold, SendingAccount, Waiting, database_hold
from campaign_api.clients.linkedin_gateway import Gateway
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
        lines: LineRepository,
        revisions: RevisionCache,
        gateway: Gateway,
        clock: Clock,
        *,
        write_refusals: WriteRefusals,
        fresh_for: timedelta = timedelta(seconds=2),
    ) -> None:
        self._repository = repository
        self._statuses = statuses
        self._lines = lines
        self._revisions = revisions
        self._gateway = gateway
        self._clock = clock
        self._write_refusals = write_refusals
        self._remembered: TtlCache[str, Surroundings] = TtlCache(fresh_for, most=_MAX_REMEMBERED)

    async def read(self, campaign_id: str) -> CampaignStatus:
        """Where a campaign stands; raises `CampaignNotFound` if there is none."""
        (status,) = await self.read_all([await self._repository.get(campaign_id)])
        return status

    async def read_all(self, campaigns: Sequence[Campaign]) -> list[CampaignStatus]:
        """Where each of at most a hundred campaigns stands; every table is asked once for all.

        The rows were read before: one that was read as ended has then all its leads counted.
        """
        counts_by_id = await self._statuses.counts_of([campaign.id for campaign in campaigns])
        surroundings_by_id = await self._surroundings(campaigns)
        revisions = await self._revisions.get_all({each.revision_id for each in campaigns})
        now = self._clock.now()
        lines = await self._lines.lines(
            [each for each in campaigns if _admits(each, counts_by_id[each.id])], now=now
        )
        return [
            _status(
                campaign,
                counts_by_id[campaign.id],
                line=lines.get(campaign.id),
                surroundings=surroundings_by_id[campaign.id],
                sequence=revisions[campaign.revision_id].sequence,
                now=now,
            )
            for campaign in campaigns
        ]

    async def _surroundings(self, campaigns: Sequence[Campaign]) -> Mapping[str, Surroundings]:
        """What the gateway says of each; of those that nobody has asked about just now it is."""
        known = {
            each.id: Surroundings() if each.state in _QUIET else self._remembered.get(each.id)
            for each in campaigns
        }
        if unknown := [each for each in campaigns if known[each.id] is None]:
            for campaign_id, told in (await self._ask(unknown)).items():
                known[campaign_id] = told
                self._remembered.put(campaign_id, told)
        return {campaign_id: told or Surroundings() for campaign_id, told in known.items()}

    async def _ask(self, campaigns: Sequence[Campaign]) -> Mapping[str, Surroundings]:
        refused = await self._write_refusals.now()
        own = [database_hold(refused.message)] if refused else []
        try:
            holds, accounts, waiting = await asyncio.gather(
                self._gateway.holds(),
                self._accounts(campaigns),
                self._gateway.waiting(campaigns),
            )
        except ServiceError as error:
            nothing = Surroundings(holds=own, not_known=why_not_known(error))
            return {campaign.id: nothing for campaign in campaigns}
        return {
            campaign.id: Surroundings(
                holds=[*own, *holds],
                accounts=[accounts[each] for each in campaign.account_ids if each in accounts],
                waiting=waiting[campaign.id],
            )
            for campaign in campaigns
        }

    async def _accounts(self, campaigns: Sequence[Campaign]) -> Mapping[str, SendingAccount]:
        """The accounts of campaigns, those of each organization at once."""
        named: dict[str, set[str]] = defaultdict(set)
        for campaign in campaigns:
            named[campaign.organization_id].update(campaign.account_ids)
        found = await asyncio.gather(*starmap(self._gateway.glance_at_accounts, named.items()))
        return dict(ChainMap(*map(dict, found)))


def _admits(campaign: Campaign, counts: StatusCounts) -> bool:
    """Whether some of its leads wait to be admitted."""
    return campaign.state is CampaignState.RUNNING and bool(counts.leads.get(LeadState.READY))


def _status(
    campaign: Campaign,
    counts: StatusCounts,
    *,
    line: Line | None,
    surroundings: Surroundings,
    sequence: StepSequence,
    now: datetime,
) -> CampaignStatus:
    explanations = campaign_explanations(
        campaign,
        counts,
        line=line,
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
        estimated_end_at=estimated_end(campaign, counts, now, holds=surroundings.holds),
        explanations=[*explanations, *_not_known(surroundings)],
        counted_at=now,
    )


def _not_known(surroundings: Surroundings) -> list[str]:
    return [f"{surroundings.not_known} {_NOT_KNOWN}"] if surroundings.not_known else []
