"""The accounts that send, as far as their texts care."""

import time
from datetime import timedelta

from campaigns.texts.render import Sender
from outreach.linkedin.v1 import account_pb2
from outreach.linkedin.v1 import linkedin_service_pb2 as pb
from outreach.linkedin.v1 import linkedin_service_pb2_grpc as rpc
from servicekit.errors import NotFound

_MOST_REMEMBERED = 10_000


class Accounts:
    """Asks the gateway, and remembers the answer for a while: names and plans rarely change."""

    def __init__(
        self,
        gateway: rpc.LinkedInServiceStub,
        *,
        fresh_for: timedelta = timedelta(minutes=5),
    ) -> None:
        self._gateway = gateway
        self._fresh_for = fresh_for.total_seconds()
        self._remembered: dict[str, tuple[float, Sender]] = {}

    async def sender(self, account_id: str) -> Sender:
        """The account; one that is gone has no name, and its plan is not known."""
        asked_at, known = self._remembered.get(account_id, (0.0, None))
        if known is not None and time.monotonic() - asked_at < self._fresh_for:
            return known
        try:
            answer = await self._gateway.GetAccount(pb.GetAccountRequest(account_id=account_id))
        except NotFound:
            known = Sender(account_id=account_id)
        else:
            account = answer.account
            known = Sender(account_id=account_id, name=account.name, pays=_pays(account.tier))
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[account_id] = (time.monotonic(), known)
        return known


def _pays(tier: account_pb2.AccountTier.ValueType) -> bool | None:
    if tier == account_pb2.ACCOUNT_TIER_UNSPECIFIED:
        return None
    return tier != account_pb2.ACCOUNT_TIER_FREE
