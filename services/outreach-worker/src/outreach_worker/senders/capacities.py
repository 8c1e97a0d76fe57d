"""What the accounts of a campaign can still do, as the gateway forecasts it."""

from datetime import timedelta

from campaigns.models import Campaign
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.kinds.registry import KINDS
from campaigns.sequences.sequence import GatewayAction, Sequence
from outreach.linkedin.v1 import (
    account_pb2,
    account_service_pb2,
    account_service_pb2_grpc,
    action_pb2,
    pace_service_pb2,
    pace_service_pb2_grpc,
)
from servicekit.errors import NotFound, ServiceError
from servicekit.telemetry import logs
from servicekit.ttl_cache import TtlCache

_DAYS = 7

_ACTION_KINDS = {
    action: action_pb2.ActionKind.Value(f"ACTION_KIND_{action.name}") for action in GatewayAction
}
"""Fails at import for an action that the gateway does not know."""

log = logs.get_logger(__name__)


class Capacities:
    """Leads that an account can still walk through the sequence in a week."""

    def __init__(
        self,
        accounts: account_service_pb2_grpc.AccountServiceStub,
        pace: pace_service_pb2_grpc.PaceServiceStub,
        revisions: RevisionCache,
        *,
        fresh_for: timedelta = timedelta(seconds=30),
    ) -> None:
        self._accounts = accounts
        self._pace = pace
        self._revisions = revisions
        self._remembered: TtlCache[tuple[str, str], float] = TtlCache(fresh_for)

    async def of(self, campaign: Campaign) -> dict[str, float]:
        """By account, 0 for one that cannot act; all alike where it is not known or no matter."""
        if len(campaign.account_ids) == 1:
            return dict.fromkeys(campaign.account_ids, 1.0)
        sequence = await self._revisions.sequence(campaign.revision_id)
        try:
            return {
                account_id: await self._capacity(account_id, campaign.revision_id, sequence)
                for account_id in campaign.account_ids
            }
        except ServiceError as error:
            # Nothing is sent while the gateway is away; admission need not wait for it.
            log.info("capacities_unknown", campaign_id=campaign.id, reason=error.reason)
            return dict.fromkeys(campaign.account_ids, 1.0)

    def parked(self, campaign: Campaign, account_id: str) -> None:
        """The gateway has just said that the account cannot act: nobody is sent back to it."""
        self._remembered.put((account_id, campaign.revision_id), 0.0)

    async def _capacity(self, account_id: str, revision_id: str, sequence: Sequence) -> float:
        capacity = self._remembered.get((account_id, revision_id))
        if capacity is None:
            capacity = await self._ask(account_id, sequence)
            self._remembered.put((account_id, revision_id), capacity)
        return capacity

    async def _ask(self, account_id: str, sequence: Sequence) -> float:
        try:
            found = await self._accounts.GetAccount(
                account_service_pb2.GetAccountRequest(account_id=account_id)
            )
        except NotFound:
            return 0.0
        if found.account.state != account_pb2.ACCOUNT_STATE_CONNECTED:
            return 0.0
        forecast = await self._pace.ForecastAccount(
            pace_service_pb2.ForecastAccountRequest(
                account_id=account_id, days=_DAYS, kinds=sorted(_wanted(sequence))
            )
        )
        return week(forecast, sequence)


def _wanted(sequence: Sequence) -> set[action_pb2.ActionKind.ValueType]:
    """The kinds of actions that a lead of a sequence comes to."""
    rules = [KINDS[step.kind] for step in sequence.steps]
    return {_ACTION_KINDS[each.action] for each in rules if each.action and each.per_lead}


def week(forecast: pace_service_pb2.ForecastAccountResponse, sequence: Sequence) -> float:
    """How many leads the scarcest kind of action of a sequence lasts for; at least a trace.

    Leads are people whom the account does not know yet: what their lookups leave counts, and what
    the kinds of the sequence leave each other.
    A connected account that is booked out keeps a trace of capacity, so that it goes before
    one that is parked.
    """
    free: dict[int, int] = {}
    for day in forecast.days:
        for kind in day.kinds:
            free[kind.kind] = free.get(kind.kind, 0) + kind.together
    counts = (float(free.get(kind, 0)) for kind in _wanted(sequence))
    return max(min(counts, default=1.0), 0.01)
