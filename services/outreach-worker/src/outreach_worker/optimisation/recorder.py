"""Proposals become rows: noted, asked for, or approved by the program itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from automation.decisions.decision import ANSWERED_WITHIN, Decision, DecisionState
from automation.decisions.decision_repository import DecisionRepository
from automation.optimisation.autonomy import Autonomy, autonomy
from automation.optimisation.proposals import Proposal
from automation.programs.program import Program
from servicekit.ids import new_id

_ASKED_ANEW = frozenset(
    {
        DecisionState.DRY,
        DecisionState.EXPIRED,
        DecisionState.FAILED,
        DecisionState.SUPERSEDED,
    }
)
"""What has come to nothing without anybody's no; what was rejected or taken back stays so."""


class DecisionRecorder:
    """The same proposal twice is one row, until that has come to nothing."""

    def __init__(self, decisions: DecisionRepository) -> None:
        self._decisions = decisions

    async def record(
        self, proposal: Proposal, program: Program, *, run_id: str, day: str, now: datetime
    ) -> Decision:
        """Keep what is proposed, as freely as the program's mode says."""
        key = proposal.key
        found = await self._decisions.by_key(program.organization_id, program.program_id, key)
        if found is not None and found.state in _ASKED_ANEW:
            key = f"{key}/{day}"
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
        how = autonomy(program.settings.mode, proposal.kind)
        return await self._decisions.record(_standing(decision, how))


def _standing(decision: Decision, how: Autonomy) -> Decision:
    """The decision as it begins."""
    now = decision.created_at
    match how:
        case Autonomy.NOTED:
            return replace(decision, state=DecisionState.DRY, ended_at=now)
        case Autonomy.ASKED:
            return replace(decision, expires_at=now + ANSWERED_WITHIN)
        case Autonomy.DONE:
            by = f"program:{decision.program_id}"
            return replace(decision, answered_at=now, answered_by=by)
        case _:
            assert_never(how)
