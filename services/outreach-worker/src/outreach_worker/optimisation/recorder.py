"""Proposals become rows: noted, asked for, or approved by the program itself."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from automation.decisions.autonomy import begun
from automation.decisions.decision import Decision, DecisionState
from automation.decisions.decision_repository import DecisionRepository
from automation.decisions.history_repository import DecisionHistory
from automation.optimisation.proposals import Proposal
from automation.programs.program import Program
from servicekit.ids import new_id


class DecisionRecorder:
    """The same proposal twice is one row, until that has come to nothing.

    What somebody rejected or took back stays so, and what once had its effect is not done again,
    whichever program of the campaign it was that asked.
    """

    def __init__(self, decisions: DecisionRepository, history: DecisionHistory) -> None:
        self._decisions = decisions
        self._history = history

    async def record(
        self, proposal: Proposal, program: Program, *, run_id: str, day: str, now: datetime
    ) -> Decision | None:
        """Keep what is proposed, as freely as the program's mode says.

        Returns it if it is of this run, or of an earlier one and still open; else None.
        """
        found = await self._history.standing(
            program.organization_id, program.campaign_id, proposal.kind, proposal.key
        )
        if found is not None and (
            found.run_id == run_id or not _came_to_nothing(found, program, now)
        ):
            return found if found.run_id == run_id or _is_open(found, now) else None
        key = proposal.key if found is None else f"{proposal.key}/{day}"
        decision = Decision(
            id=new_id("dec"),
            organization_id=program.organization_id,
            program_id=program.program_id,
            campaign_id=program.campaign_id,
            run_id=run_id,
            key=key,
            kind=proposal.kind,
            rule=proposal.rule,
            inputs=proposal.inputs,
            change=proposal.change,
            created_at=now,
        )
        kept = await self._decisions.record(begun(decision, program.settings.mode))
        return kept if kept.run_id == run_id or _is_open(kept, now) else None


def _is_open(found: Decision, now: datetime) -> bool:
    """Whether somebody can answer it, or something is to be done about it."""
    return found.is_approved or found.is_reverting or found.waits_at(now)


def _came_to_nothing(found: Decision, program: Program, now: datetime) -> bool:
    """Whether it is over without an effect, and without anybody's no."""
    match found.state:
        case (
            DecisionState.DRY
            | DecisionState.EXPIRED
            | DecisionState.FAILED
            | DecisionState.SUPERSEDED
        ):
            return True
        case DecisionState.PROPOSED:
            # What a program before this one asked for nobody can approve any more.
            return found.program_id != program.program_id or not _is_open(found, now)
        case DecisionState.APPLIED | DecisionState.REJECTED | DecisionState.REVERTED:
            return False
        case _:
            assert_never(found.state)
