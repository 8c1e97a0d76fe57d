"""What is foreseen of leads that go in, noted as they are judged."""

from collections.abc import Collection, Sequence

from campaigns.models import HeldBack, Person

from campaign_api.commands.lead_outlook import Foreseen, LeadOutlook
from campaign_api.imports.result import ImportResult, Line


class Foresight:
    """Judges one batch by an outlook, under the ids that its leads have.

    Of most leads there is nothing to tell, and nothing is noted.
    """

    def __init__(self, outlook: LeadOutlook) -> None:
        self._outlook = outlook
        self._noted: dict[str, tuple[str, Foreseen]] = {}

    def check(self, lead_id: str, person: Person) -> HeldBack | None:
        """Why the lead is held back, if it is."""
        held = self._outlook.check(lead_id, person)
        foreseen = self._outlook.of(lead_id, person, held)
        if foreseen is not None:
            self._noted[lead_id] = person.public_identifier, foreseen
        return held

    @property
    def lead_ids(self) -> Collection[str]:
        """The leads of whom there is something to tell, if they go in."""
        return self._noted.keys()

    def tell(self, lines: Sequence[Line], result: ImportResult, *, added: Collection[str]) -> None:
        """Count what was foreseen of those of them who went in."""
        told = {who: each for lead_id, (who, each) in self._noted.items() if lead_id in added}
        for line, person in lines if told else ():
            who = person.public_identifier
            if who in told:
                result.foresee(line, who, told[who])
