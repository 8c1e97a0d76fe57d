"""What keeps leads of the list out of the sequence, in words. Pure."""

from typing import assert_never

from campaigns.admission import AdmissionRule
from campaigns.models import Campaign


def admission_rule(campaign: Campaign, rule: AdmissionRule) -> str:
    """What keeps a lead of the list out of the sequence, in a sentence."""
    match rule:
        case AdmissionRule.START_DATE:
            return "The campaign's start date has not come."
        case AdmissionRule.END_DATE:
            return "The campaign's end comes first; whoever has not begun then is stopped."
        case AdmissionRule.SENDING_DAYS:
            return "Today is no day of the sending window; nobody is admitted."
        case AdmissionRule.LEADS_PER_DAY:
            most = campaign.settings.leads_per_day
            return f"At most {most} leads are started in a day, {_order_of(campaign)}."
        case AdmissionRule.ROOM:
            most = campaign.settings.max_concurrent_leads
            return (
                f"At most {most} leads are in the sequence at the same time; the next enter,"
                f" {_order_of(campaign)}, as others end."
            )
        case AdmissionRule.NOT_RELEASED:
            return "It waits to be released; the campaign admits nobody else."
        case _:
            assert_never(rule)


def _order_of(campaign: Campaign) -> str:
    released = campaign.settings.admission.released_only
    return "in the order of their ranks" if released else "in the order of the list"
