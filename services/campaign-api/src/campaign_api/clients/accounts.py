"""Accounts as linkedin-gateway answers them."""

from outreach.linkedin.v1 import account_pb2

from campaign_api.clients.gateway_answers import SendingAccount
from campaign_api.clients.sending_windows import window_from_proto


def account_from_proto(account: account_pb2.Account) -> SendingAccount:
    """An account, from linkedin-gateway's answer."""
    state = account_pb2.AccountState.Name(account.state)
    return SendingAccount(
        id=account.account_id,
        organization_id=account.organization_id,
        name=account.name,
        connected=account.state == account_pb2.ACCOUNT_STATE_CONNECTED,
        state=state.removeprefix("ACCOUNT_STATE_").lower(),
        state_reason=account.state_reason,
        pays=_pays(account.tier),
        hours=window_from_proto(account.working_hours, account.holidays)
        if account.HasField("working_hours")
        else None,
    )


def _pays(tier: account_pb2.AccountTier.ValueType) -> bool | None:
    if tier == account_pb2.ACCOUNT_TIER_UNSPECIFIED:
        return None
    return tier != account_pb2.ACCOUNT_TIER_FREE
