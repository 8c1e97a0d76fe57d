"""What is foreseen of leads that go in, noted as they are judged."""

from collections.abc import Collection, Sequence

from campaigns.models import HeldBack, Person

from campaign_api.commands.lead_outlook import Foreseen, LeadOutlook
from campaign_api.imports.result import ImportResult, Line


class Foresight:
    """Judges one batch by an outlook, under the ids that its leads have."""

    def __init__(self, outlook: LeadOutlook) -> None:
        self._outlook = outlook
        self._noted: dict[str, Foreseen] = {}

    def check(self, lead_id: str, person: Person) -> HeldBack | None:
        """Why the lead is held back, if it is."""
        held = self._outlook.check(lead_id, person)
        self._noted[person.public_identifier] = self._outlook.of(lead_id, person, held)
        return held

    def tell(self, lines: Sequence[Line], result: ImportResult, *, known: Collection[str]) -> None:
        """Count what was foreseen of those who were not in the campaign before."""
        for line, person in lines:
            who = person.public_identifier
            if who not in known and who in self._noted:
                result.foresee(line, who, self._noted[who])
