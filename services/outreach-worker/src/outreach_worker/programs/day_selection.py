"""A program's day: who is selected, and the decision that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from automation.decisions.autonomy import begun
from automation.decisions.decision import Change, Decision, DecisionKind, DecisionState
from automation.decisions.decision_repository import DecisionRepository
from automation.decisions.releases import LOOKS, SEEN, DecidedMeanwhile
from automation.programs.program import Program
from automation.scoring.champion import Champion
from automation.selection.capacity import Bound
from automation.selection.day import RULE, RULE_VERSION, Day, select_day
from automation.selection.day_reading import DayReading
from automation.selection.decided_day import decided_day
from automation.selection.sender_day_repository import SenderDayRepository, sender_days_of
from servicekit.errors import NotYet
from servicekit.ids import new_id

_LOOKED_AGAIN = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class Selected:
    """What came of a day: the decision, None where nobody could be released."""

    decision: Decision | None
    day: Day


class DaySelection:
    """Reads what the day goes by, selects, and records.

    What senders' slots came to is kept with its decision: a repeat finds that, and looks at slots
    of which its own leads wait; a look that came to no decision is kept where there is none.
    """

    def __init__(
        self,
        reading: DayReading,
        decisions: DecisionRepository,
        sender_days: SenderDayRepository,
    ) -> None:
        self._reading = reading
        self._decisions = decisions
        self._sender_days = sender_days

    async def decide(
        self,
        program: Program,
        *,
        day: str,
        run_id: str,
        now: datetime,
        champion: Champion | None = None,
        closed: Bound | None = None,
    ) -> Selected:
        """Select and record it, once for each day: a repeat answers with the first decision.

        Unless that has come to nothing: then the day is decided anew. Raises `NotYet` where other
        programs of the organization decide all the time.
        """
        for _ in range(LOOKS):
            found = await decided_day(self._decisions, program, day)
            seen = await self._decisions.releases(program.organization_id, since=now - SEEN)
            facts = await self._reading.facts(
                program, day=day, now=now, champion=champion, closed=closed
            )
            selected = select_day(facts, now=now)
            if found.decision is not None:
                return Selected(decision=found.decision, day=selected)
            of = program.organization_id, program.program_id
            slots = sender_days_of(selected, date.fromisoformat(day))
            if not selected.leads:
                await self._sender_days.undecided(*of, slots)
                return Selected(decision=None, day=selected)
            decision = _decision(program, selected, day=day, key=found.key, run_id=run_id, now=now)
            try:
                kept = await self._decisions.record(
                    decision,
                    selected.leads,
                    seen=None if decision.state is DecisionState.DRY else seen,
                    beside=self._sender_days.decided(*of, slots),
                )
            except DecidedMeanwhile:
                continue
            return Selected(decision=kept, day=selected)
        raise NotYet(retry_after=_LOOKED_AGAIN)


def _decision(
    program: Program, selected: Day, *, day: str, key: str, run_id: str, now: datetime
) -> Decision:
    """As the program's mode has it: looked at, proposed, or approved by the program itself."""
    decision = Decision(
        id=new_id("dec"),
        organization_id=program.organization_id,
        program_id=program.program_id,
        campaign_id=program.campaign_id,
        run_id=run_id,
        key=key,
        kind=DecisionKind.RELEASE_LEADS,
        rule=RULE,
        rule_version=RULE_VERSION,
        inputs=selected.inputs(),
        change=Change(before={"released": 0}, after={"released": len(selected.leads), "day": day}),
        created_at=now,
    )
    return begun(decision, program.settings.mode)
