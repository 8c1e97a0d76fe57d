"""A campaign wakes its leads: a bounded number in each activity, until all are woken."""

from __future__ import annotations

from dataclasses import replace

from campaigns.workflow.contracts import AskAnew
from temporalio import workflow

from outreach_worker.campaigns.contracts import WakeActivitiesContract, WakeLeads
from outreach_worker.policies import ADMISSION


class Waking:
    """One activity at a time: who asks meanwhile for the same begins with its first lead again.

    Who asks for other leads has another pass, in turns with it: neither cuts the other short.
    """

    def __init__(self, campaign_id: str) -> None:
        self._campaign_id = campaign_id
        self._asked: dict[str, WakeLeads] = {}
        self._goes_on = False

    async def wake(self, ask: AskAnew) -> None:
        """Returns when all of them were woken, or at once where another call goes through them."""
        self._asked[ask.moving_to] = WakeLeads(
            campaign_id=self._campaign_id,
            within_seconds=ask.within_seconds,
            moving_to=ask.moving_to,
        )
        if self._goes_on:
            return
        self._goes_on = True
        try:
            while self._asked:
                asked = self._asked.pop(next(iter(self._asked)))
                woken = await workflow.execute_activity_method(
                    WakeActivitiesContract.wake_leads, asked, **ADMISSION
                )
                if woken.after:
                    self._asked.setdefault(asked.moving_to, replace(asked, after=woken.after))
        finally:
            self._goes_on = False
