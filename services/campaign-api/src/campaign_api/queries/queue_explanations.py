"""What the leads of a campaign wait for at the gateway, in a few sentences. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from campaigns.models import Campaign, CampaignState

from campaign_api.clients.linkedin_gateway import SendingAccount, Waiting

MOST_SENTENCES = 5
"""The rest are counted: an explanation is to be read."""

_FOR: Mapping[str, str] = {
    "WAITING_FOR_CAP": "a cap on {action}s of {account} to free",
    "WAITING_FOR_HOURS": "the working hours of {account} or the sending window",
    "WAITING_FOR_GAP": "the pause between two actions of {account}",
    "WAITING_FOR_TURN": "their turn on {account}",
    "TOLD_TO_COME": "their callers, who were told of an earlier turn on {account}",
    "COOLING_DOWN": "{account} to be allowed {action}s by LinkedIn again",
    "PERSON_AWAY": "people who are away",
    "OWNER_WROTE": "people to answer what the owner of {account} wrote by hand",
    "PERSON_IN_ANOTHER_CAMPAIGN": "people whom another campaign works on",
    "PROVIDER_UNAVAILABLE": "Unipile to be back",
    "IN_FLIGHT": "an answer of LinkedIn",
    "VERIFYING_OUTCOME": "Unipile to tell whether something landed",
}
_EXPLAINED_ELSEWHERE = frozenset({"ACCOUNT_PARKED", "ACCOUNT_REMOVED", "HELD", ""})
"""Said of the account or the hold itself."""


def about_queue(
    campaign: Campaign,
    *,
    waiting: Sequence[Waiting],
    accounts: Sequence[SendingAccount],
    now: datetime,
) -> Iterator[str]:
    """The most leads first; what is said elsewhere is left out."""
    if campaign.state is CampaignState.PAUSED:
        return
    names = {account.id: account.name or account.id for account in accounts}
    explained = [each for each in waiting if each.reason not in _EXPLAINED_ELSEWHERE]
    for each in explained[:MOST_SENTENCES]:
        what = _FOR.get(each.reason, each.reason).format(
            action=each.action.lower(), account=names.get(each.account_id, each.account_id)
        )
        leads = "1 lead waits" if each.leads == 1 else f"{each.leads} leads wait"
        later = each.first_at is not None and each.first_at > now
        until = f"; the first goes on at {each.first_at:%Y-%m-%d %H:%M %Z}" if later else ""
        yield f"{leads} for {what}{until}."
    rest = sum(each.leads for each in explained[MOST_SENTENCES:])
    if rest:
        yield f"{rest} more wait for other things; `outreach leads get` tells of each."
