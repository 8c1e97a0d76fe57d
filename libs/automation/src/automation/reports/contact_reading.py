"""Whom a campaign has invited, with what came of it and by what they came to their slot."""

from __future__ import annotations

from datetime import datetime

from campaigns.repositories.outcomes.outcome_repository import OutcomeRepository

from automation.reports.record_repository import RecordRepository
from automation.reports.records import FirstContact, first_contacts


class ContactReading:
    """Reads the rows of both schemas, for a report and for who asks in between."""

    def __init__(self, outcomes: OutcomeRepository, records: RecordRepository) -> None:
        self._outcomes = outcomes
        self._records = records

    async def of(
        self, organization_id: str, campaign_id: str, *, since: datetime
    ) -> list[FirstContact]:
        """The first invitation since then of each person."""
        invited = await self._outcomes.invited(campaign_id, since=since)
        placings = await self._records.placings(organization_id, campaign_id, invited)
        return first_contacts(invited, placings)
