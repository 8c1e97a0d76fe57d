"""Who walks towards an invitation, by the sequences that leads follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from campaigns.models import Campaign
from campaigns.repositories.admission.candidate_repository import WalkingLeads
from campaigns.revision_cache import RevisionCache

from automation.selection.ahead.approach import Approach, approach_of
from automation.selection.capacity import DAYS

MOST_DAYS = 30
"""As far as the gateway forecasts."""
_DAY = timedelta(days=1)


class WayReading:
    """Reads sequences; how far their steps are from an invitation `approach` says."""

    def __init__(self, revisions: RevisionCache) -> None:
        self._revisions = revisions

    async def days(self, campaign: Campaign) -> int:
        """For how many days, today included, the senders' work bears on who is released now."""
        approach = await self._approach(campaign.revision_id)
        return min(MOST_DAYS, DAYS + round(approach.whole / _DAY))

    async def walking(
        self, found: Sequence[WalkingLeads], *, days: int, now: datetime
    ) -> Counter[str]:
        """How many of those on the way each account is to invite in so many days.

        Without those whose invitation has been asked for: the gateway's forecast has these.
        """
        walking: Counter[str] = Counter()
        approaches = {
            each: await self._approach(each) for each in {walk.revision_id for walk in found}
        }
        for each in found:
            approach = approaches[each.revision_id]
            left = approach.left(each.step_id, since=each.since, now=now)
            if left is not None and left <= days * _DAY:
                walking[each.account_id] += each.leads
        return walking

    async def _approach(self, revision_id: str) -> Approach:
        return approach_of(await self._revisions.sequence(revision_id))
