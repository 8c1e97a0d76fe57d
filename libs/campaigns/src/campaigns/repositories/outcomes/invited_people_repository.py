"""SQL on what is known of people who were invited, by their leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from campaigns.models import Person
from campaigns.repositories.rows import PERSON
from campaigns.sealing.people import PeopleSeal, UnreadablePerson, person_columns

_AMONG = f"""
    SELECT id, lead_list_id, created_at, {PERSON}, {person_columns("leads")} FROM leads
     WHERE campaign_id = $1 AND id = ANY($2)
"""
_AT_A_TIME = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownLead:
    """What a list said of somebody; their company also as a hash."""

    lead_id: str
    person: Person
    company_hash: str
    lead_list_id: str
    imported_at: datetime


class InvitedPeopleRepository:
    """Reads people by their leads, a thousand at a time."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._people = PeopleSeal(seal, "leads")

    async def among(self, campaign_id: str, lead_ids: Sequence[str]) -> list[KnownLead]:
        """Those that are there; who was erased, or whose details do not open, is none of them."""
        found = []
        for first in range(0, len(lead_ids), _AT_A_TIME):
            asked = lead_ids[first : first + _AT_A_TIME]
            for row in await self._pool.fetch(_AMONG, campaign_id, asked):
                person = self._people.read(row, row["id"])
                if isinstance(person, UnreadablePerson):
                    continue
                spellings = self._people.companies(row["organization_id"], person.company)
                found.append(
                    KnownLead(
                        lead_id=row["id"],
                        person=person,
                        company_hash=[*spellings][-1] if spellings else "",
                        lead_list_id=row["lead_list_id"],
                        imported_at=row["created_at"],
                    )
                )
        return found
