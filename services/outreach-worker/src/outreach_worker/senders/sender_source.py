"""What the gateway tells of a sender, as selection asks it."""

from __future__ import annotations

from collections.abc import Sequence

from automation.selection.sender_readings import SenderHealth, free_of, holds_of
from outreach.linkedin.v1 import (
    account_pb2,
    account_service_pb2,
    account_service_pb2_grpc,
    action_pb2,
    hold_service_pb2,
    hold_service_pb2_grpc,
    pace_service_pb2,
    pace_service_pb2_grpc,
)
from servicekit.errors import NotFound

_INVITATION = action_pb2.ACTION_KIND_INVITATION


class GatewaySenders:
    """One question a method; raises what the gateway raises."""

    def __init__(
        self,
        accounts: account_service_pb2_grpc.AccountServiceStub,
        pace: pace_service_pb2_grpc.PaceServiceStub,
        holds: hold_service_pb2_grpc.HoldServiceStub,
    ) -> None:
        self._accounts = accounts
        self._pace = pace
        self._holds = holds

    async def connected(self, account_id: str) -> bool:
        """Whether there is such an account, and it acts."""
        request = account_service_pb2.GetAccountRequest(account_id=account_id)
        try:
            found = await self._accounts.GetAccount(request)
        except NotFound:
            return False
        return found.account.state == account_pb2.ACCOUNT_STATE_CONNECTED

    async def health(self, account_id: str) -> SenderHealth:
        """How it stands."""
        request = pace_service_pb2.GetAccountHealthRequest(account_id=account_id)
        health = (await self._pace.GetAccountHealth(request)).health
        factors = {each.name: each.value for each in health.factors}
        return SenderHealth.of(health.multiplier, factors)

    async def free_invitations(self, account_id: str, *, days: int) -> Sequence[int]:
        """How many can go on each of so many days beside those that wait for their turn."""
        request = pace_service_pb2.ForecastAccountRequest(
            account_id=account_id, days=days, kinds=[_INVITATION]
        )
        forecast = await self._pace.ForecastAccount(request)
        told = [each for day in forecast.days for each in day.kinds if each.kind == _INVITATION]
        return free_of((each.actions, each.planned) for each in told)

    async def on_hold(self, organization_id: str, account_id: str) -> bool:
        """Whether a hold, or a database that takes no rows, stops all that it does."""
        request = hold_service_pb2.ListHoldsRequest(
            page_size=1, filter=holds_of(organization_id, account_id)
        )
        held = await self._holds.ListHolds(request)
        return bool(held.holds or held.write_refusal)
