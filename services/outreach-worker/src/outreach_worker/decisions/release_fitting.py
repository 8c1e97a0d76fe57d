"""Which leads of a release still fit as it takes effect: looked at again, and written down once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from automation.decisions.decision import DecidedLead, Decision
from automation.decisions.decision_repository import DecisionRepository
from automation.decisions.releases import LOOKS, SEEN, DecidedMeanwhile
from automation.programs.program_repository import ProgramRepository
from automation.selection.day_reading import DayReading
from automation.selection.fit import left_out
from automation.selection.sender_readings import SenderReadings
from servicekit.clock import Clock
from servicekit.errors import NotYet

MOST = 10_000
"""Leads of one release."""
_LOOKED_AGAIN = timedelta(seconds=5)


class ReleaseFitting:
    """What was selected on one morning may be approved on another day, and beside other releases.

    Of two that are done at once the second looks again, so that it knows of the first.
    """

    def __init__(
        self,
        programs: ProgramRepository,
        reading: DayReading,
        senders: SenderReadings,
        decisions: DecisionRepository,
        clock: Clock,
    ) -> None:
        self._programs = programs
        self._reading = reading
        self._senders = senders
        self._decisions = decisions
        self._clock = clock

    async def leads(self, decision: Decision) -> Sequence[DecidedLead]:
        """All leads of the release, some of them left out: whoever asks, and however often.

        Raises `NotYet` where other releases of the organization come on all the time, or where it
        is called off meanwhile, and `CampaignNotFound`.
        """
        if decision.fitted_at is None:
            await self._fit(decision)
            if (await self._decisions.get(decision.id)).fitted_at is None:
                # Who was to be left out is not written down: nobody is to be released by it.
                raise NotYet(retry_after=_LOOKED_AGAIN)
        return await self._decisions.leads(decision.id, limit=MOST)

    async def _fit(self, decision: Decision) -> None:
        chosen = await self._decisions.leads(decision.id, limit=MOST)
        program = await self._programs.get(decision.program_id)
        now = self._clock.now()
        accounts = sorted({each.account_id for each in chosen})
        # Of who does not answer counts what was kept last.
        days = await self._reading.days(program)
        await self._senders.read(decision.organization_id, accounts, days=days, now=now)
        for _ in range(LOOKS):
            seen = await self._decisions.releases(decision.organization_id, since=now - SEEN)
            facts = await self._reading.facts_of_release(program, decision, chosen, now=now)
            try:
                await self._decisions.fitted(decision, left_out(chosen, facts), seen=seen, now=now)
            except DecidedMeanwhile:
                continue
            return
        raise NotYet(retry_after=_LOOKED_AGAIN)
