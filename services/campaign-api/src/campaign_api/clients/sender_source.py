"""What linkedin-gateway tells of a sender, as selection asks it."""

from collections.abc import Sequence

import grpc
from automation.selection.sender_readings import SenderHealth, free_of, holds_of
from outreach.linkedin.v1 import (
    account_pb2,
    account_service_pb2,
    action_pb2,
    hold_service_pb2,
    pace_service_pb2,
)
from outreach.linkedin.v1.account_service_pb2_grpc import AccountServiceStub
from outreach.linkedin.v1.hold_service_pb2_grpc import HoldServiceStub
from outreach.linkedin.v1.pace_service_pb2_grpc import PaceServiceStub
from servicekit.errors import NotFound

from campaign_api.clients.errors import mapped_errors
from campaign_api.clients.linkedin_gateway import NAME

_INVITATION = action_pb2.ACTION_KIND_INVITATION


class SenderQuestions:
    """One question a method, every failure one of our errors."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._accounts = AccountServiceStub(channel)
        self._pace = PaceServiceStub(channel)
        self._holds = HoldServiceStub(channel)

    async def connected(self, account_id: str) -> bool:
        """Whether there is such an account, and it acts."""
        request = account_service_pb2.GetAccountRequest(account_id=account_id)
        try:
            async with mapped_errors(NAME):
                account = (await self._accounts.GetAccount(request)).account
        except NotFound:
            return False
        return account.state == account_pb2.ACCOUNT_STATE_CONNECTED

    async def health(self, account_id: str) -> SenderHealth:
        """How it stands."""
        request = pace_service_pb2.GetAccountHealthRequest(account_id=account_id)
        async with mapped_errors(NAME):
            health = (await self._pace.GetAccountHealth(request)).health
        factors = {each.name: each.value for each in health.factors}
        return SenderHealth.of(health.multiplier, factors)

    async def free_invitations(self, account_id: str, *, days: int) -> Sequence[int]:
        """How many can go on each of so many days beside those that wait for their turn."""
        request = pace_service_pb2.ForecastAccountRequest(
            account_id=account_id, days=days, kinds=[_INVITATION]
        )
        async with mapped_errors(NAME):
            forecast = await self._pace.ForecastAccount(request)
        told = [each for day in forecast.days for each in day.kinds if each.kind == _INVITATION]
        return free_of((each.actions, each.planned) for each in told)

    async def on_hold(self, organization_id: str, account_id: str) -> bool:
        """Whether a hold, or a database that takes no rows, stops all that it does."""
        request = hold_service_pb2.ListHoldsRequest(
            page_size=1, filter=holds_of(organization_id, account_id)
        )
        async with mapped_errors(NAME):
            held = await self._holds.ListHolds(request)
        return bool(held.holds or held.write_refusal)
