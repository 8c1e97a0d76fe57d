"""What a program's models are learned from, as rows say it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b

from automation.decisions.decision import LeadSource
from automation.outcomes.cohorts import LOOKED_BACK
from automation.programs.program import Program
from automation.reports.record_repository import RecordRepository
from automation.scoring.features import scored_person
from automation.scoring.rules import Rules
from automation.training.dataset import TrainingRow
from automation.training.examples import InvitedPerson, training_rows
from campaigns.repositories.outcomes.invited_people_repository import (
    InvitedPeopleRepository,
    KnownLead,
)
from campaigns.repositories.outcomes.outcome_repository import OutcomeRepository

_HASH_BYTES = 12


class Examples:
    """Reads; decides nothing."""

    def __init__(
        self,
        outcomes: OutcomeRepository,
        people: InvitedPeopleRepository,
        records: RecordRepository,
    ) -> None:
        self._outcomes = outcomes
        self._people = people
        self._records = records

    async def of(self, program: Program, *, rules: Rules, now: datetime) -> Sequence[TrainingRow]:
        """Everybody whom the program's campaign has invited in a year and whose time is over.

        With the points that these rules give them, whichever ranked them then.
        """
        invited = await self._outcomes.invited(program.campaign_id, since=now - LOOKED_BACK)
        lead_ids = sorted({each.lead_id for each in invited})
        known = await self._people.among(program.campaign_id, lead_ids)
        people = {each.lead_id: _invited(program, each) for each in known}
        placings = await self._records.placings(
            program.organization_id, program.campaign_id, invited
        )
        explored = {
            lead_id for lead_id, by in placings.items() if by.source is LeadSource.EXPLORATION
        }
        return list(training_rows(invited, people, rules=rules, now=now, explored=explored))


def _invited(program: Program, lead: KnownLead) -> InvitedPerson:
    person = scored_person(
        lead.person, lead_list_id=lead.lead_list_id, imported_at=lead.imported_at
    )
    return InvitedPerson(person=person, company_key=_key(program, lead.company_hash))


def _key(program: Program, company: str) -> str:
    """Where nothing is sealed a company's hash is its name: hashed once more it is none."""
    if not company:
        return ""
    key = program.program_id.encode()[:64]
    return blake2b(company.encode(), digest_size=_HASH_BYTES, key=key).hexdigest()
