"""What the leads of a campaign wait for at the gateway, in a few sentences. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import assert_never

from campaigns.models import Campaign, CampaignState
from campaigns.sending_hours import can_send

from campaign_api.clients.gateway_answers import Hold, HoldScope, SendingAccount, Waiting

MOST_SENTENCES = 5
"""The rest are counted: an explanation is to be read."""

_FOR: Mapping[str, str] = {
    "WAITING_FOR_CAP": "a cap on {action}s of {account} to free",
    "WAITING_FOR_HOURS": "the working hours of {account} or the sending window",
    "WAITING_FOR_GAP": "the pause between two actions of {account}",
    "WAITING_FOR_TURN": "their turn on {account}",
    "TOLD_TO_COME": "their callers, who were told of an earlier turn on {account}",
    "COOLING_DOWN": "{account} to be allowed {action}s by LinkedIn again",
    "SUPPRESSION_UNREAD": "somebody to be looked up whom a suppression names",
    "PERSON_AWAY": "people who are away",
    "OWNER_WROTE": "people to answer what the owner of {account} wrote by hand",
    "PERSON_IN_ANOTHER_CAMPAIGN": "people whom another campaign works on",
    "PROVIDER_UNAVAILABLE": "Unipile to be back",
    "IN_FLIGHT": "an answer of LinkedIn",
    "VERIFYING_OUTCOME": "Unipile to tell whether something landed",
}
_EXPLAINED_ELSEWHERE = frozenset({"ACCOUNT_PARKED", "ACCOUNT_REMOVED", "HELD", ""})
"""Said of the account or the hold itself."""

_OVERDUE = timedelta(minutes=10)
"""After that a turn that nobody took is told as that, and not with what it waited for before."""


def holds_back(hold: Hold, waiting: Waiting, campaign: Campaign) -> bool:
    """Whether a hold is in the way of what waits for the campaign."""
    match hold.scope:
        case HoldScope.EVERYTHING:
            return True
        case HoldScope.ORGANIZATION:
            return hold.subject_id == campaign.organization_id
        case HoldScope.ACCOUNT:
            return hold.subject_id == waiting.account_id
        case HoldScope.CAMPAIGN:
            return hold.subject_id == campaign.id
        case HoldScope.KIND:
            return hold.subject_id == waiting.action
        case _:
            assert_never(hold.scope)


def about_queue(
    campaign: Campaign,
    *,
    waiting: Sequence[Waiting],
    accounts: Sequence[SendingAccount],
    holds: Sequence[Hold] = (),
    now: datetime,
) -> Iterator[str]:
    """The most leads first; what is said elsewhere is left out.

    What a queued action waits for was written down when it was last decided about. Under a hold
    or on an account that cannot act it waits for that, whatever is written there.
    """
    if campaign.state is CampaignState.PAUSED:
        return
    names = {account.id: account.name or account.id for account in accounts}
    window = campaign.settings.sending_window
    parked = {
        account.id
        for account in accounts
        if account.removed or not account.connected or not can_send(window, account.hours, now=now)
    }
    explained = [
        each
        for each in waiting
        if each.reason not in _EXPLAINED_ELSEWHERE
        and each.account_id not in parked
        and not any(holds_back(hold, each, campaign) for hold in holds)
    ]
    for each in explained[:MOST_SENTENCES]:
        what = _FOR.get(each.reason, each.reason).format(
            action=each.action.lower(), account=names.get(each.account_id, each.account_id)
        )
        leads = "1 lead waits" if each.leads == 1 else f"{each.leads} leads wait"
        if each.first_at is not None and each.first_at < now - _OVERDUE:
            # It was not decided about since: the gateway cannot write, or is not asked.
            yield (
                f"{leads} on {names.get(each.account_id, each.account_id)}; the turn of the first"
                f" came at {each.first_at:%Y-%m-%d %H:%M %Z}, and why it has not gone is not known."
            )
            continue
        later = each.first_at is not None and each.first_at > now
        until = f"; the first goes on at {each.first_at:%Y-%m-%d %H:%M %Z}" if later else ""
        yield f"{leads} for {what}{until}."
    rest = sum(each.leads for each in explained[MOST_SENTENCES:])
    if rest:
        yield f"{rest} more wait for other things; `outreach leads get` tells of each."
