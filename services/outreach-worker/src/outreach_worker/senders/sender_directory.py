"""The accounts that send, as far as their texts care."""

from datetime import timedelta

from campaigns.texts.render import Sender
from outreach.linkedin.v1 import account_pb2
from outreach.linkedin.v1 import account_service_pb2 as pb
from outreach.linkedin.v1 import account_service_pb2_grpc as rpc
from servicekit.errors import NotFound
from servicekit.ttl_cache import TtlCache


class SenderDirectory:
    """Asks the gateway, and remembers the answer for a while: names and plans rarely change."""

    def __init__(
        self,
        accounts: rpc.AccountServiceStub,
        *,
        fresh_for: timedelta = timedelta(minutes=5),
    ) -> None:
        self._accounts = accounts
        self._remembered: TtlCache[str, Sender] = TtlCache(fresh_for)

    async def sender(self, account_id: str) -> Sender:
        """The account; one that is gone has no name, and its plan is not known."""
        known = self._remembered.get(account_id)
        if known is None:
            known = await self._ask(account_id)
            self._remembered.put(account_id, known)
        return known

    async def _ask(self, account_id: str) -> Sender:
        try:
            answer = await self._accounts.GetAccount(pb.GetAccountRequest(account_id=account_id))
        except NotFound:
            return Sender(account_id=account_id)
        account = answer.account
        return Sender(account_id=account_id, name=account.name, pays=_pays(account.tier))


def _pays(tier: account_pb2.AccountTier.ValueType) -> bool | None:
    if tier == account_pb2.ACCOUNT_TIER_UNSPECIFIED:
        return None
    return tier != account_pb2.ACCOUNT_TIER_FREE
