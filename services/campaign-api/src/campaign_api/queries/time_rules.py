"""From when on nothing more is done for a lead, in words. Pure."""

from datetime import datetime

from campaigns.sequences.time_limits import CAMPAIGN_TIME_OVER, TimeLimit


def time_rule(limit: TimeLimit, *, now: datetime) -> str:
    """What happens to a lead at its limit, in a sentence."""
    if limit.at <= now:
        return "Its time is over: nothing more is done for it, and it is being ended."
    if limit.reason == CAMPAIGN_TIME_OVER:
        return "The campaign ends then, and the lead with it, wherever it is."
    return "The lead ends then, wherever it is: it is in the sequence for so long at the most."
