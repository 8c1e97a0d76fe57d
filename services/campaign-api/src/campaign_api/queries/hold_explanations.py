"""Which stops are in the way of a lead of which no action is open. Pure.

Of an open action the gateway says what holds it. A lead whose next step is not due yet has none,
and that step will not go when its delay is over while the stop lasts.
"""

from collections.abc import Iterator, Sequence
from typing import assert_never

from campaigns.models import Campaign, CampaignState, Lead
from campaigns.sequences.kinds.registry import KINDS
from campaigns.sequences.sequence import Step

from campaign_api.clients.gateway_answers import Hold, HoldScope

_UNTIL_IT_WRITES = "Nothing goes until it writes again; no lead loses its place."


def holds_on(
    holds: Sequence[Hold], campaign: Campaign, lead: Lead, step: Step | None
) -> Iterator[str]:
    """What is on hold for a lead that comes to this step, a sentence each."""
    for hold in holds:
        what = _held(hold, campaign, lead, step)
        if what:
            yield f"{what} is on hold: {hold.reason}" if hold.reason else f"{what} is on hold."


def writes_refused(holds: Sequence[Hold]) -> str:
    """Why nothing can be written, nor go, in sentences; empty while writes go.

    Services that share the database say the same; it is told once.
    """
    refused = next((hold.reason for hold in holds if hold.by_database), "")
    return f"{refused} {_UNTIL_IT_WRITES}" if refused else ""


def _held(hold: Hold, campaign: Campaign, lead: Lead, step: Step | None) -> str:
    """What of the lead's is held; empty if nothing is."""
    match hold.scope:
        case HoldScope.EVERYTHING:
            # What the database refuses is told with a reason of its own.
            return "" if hold.by_database else "Everything"
        case HoldScope.ORGANIZATION:
            return "The organization" if hold.subject_id == campaign.organization_id else ""
        case HoldScope.ACCOUNT:
            return f"The account {lead.sender_id}" if hold.subject_id == lead.sender_id else ""
        case HoldScope.CAMPAIGN:
            # That of a pause is told as the pause.
            is_pause = campaign.state is CampaignState.PAUSED
            return "The campaign" if hold.subject_id == campaign.id and not is_pause else ""
        case HoldScope.KIND:
            action = KINDS[step.kind].action if step is not None else None
            is_held = action is not None and hold.subject_id == action.name.lower()
            return f"Every {hold.subject_id}, as the next step is one," if is_held else ""
        case _:
            assert_never(hold.scope)
