"""SQL on who is meant by a name or an id: by what else they are called, and who acts on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.sealing.alike import is_sealed

from linkedin_gateway.models import is_provider_id
from linkedin_gateway.people.aliases import Alias, address, provider_alias
from linkedin_gateway.storage.sealed_ids import SealedIds

_MOST = 1000
"""Names, and leads, that are told."""
# Who is called so. An id is of the account that was given it: whichever of the organization's
# that is.
MEANT = """(
    SELECT alias.person_id
      FROM unnest(:addresses::text[]) AS asked (known_as)
      JOIN person_aliases alias
        ON alias.organization_id = :organization_id AND alias.kind = 'address'
       AND alias.viewer_account_id = '' AND alias.product = '' AND alias.known_as = asked.known_as
     UNION
    SELECT alias.person_id
      FROM unnest(:ids::text[], :products::text[]) AS asked (known_as, product)
     CROSS JOIN accounts a
      JOIN person_aliases alias
        ON alias.organization_id = a.organization_id AND alias.kind = 'provider_id'
       AND alias.viewer_account_id = a.account_id AND alias.product = asked.product
       AND alias.known_as = asked.known_as
     WHERE a.organization_id = :organization_id
)"""
CALLED = Statement(f"""
SELECT DISTINCT alias.known_as
  FROM person_aliases alias
 WHERE alias.organization_id = :organization_id AND alias.person_id IN {MEANT}
   AND alias.kind IN ('address', 'provider_id')
 LIMIT {_MOST}
""")
ACTING = Statement(f"""
SELECT campaign_id, lead_id
  FROM enrolments
 WHERE organization_id = :organization_id AND person_id IN {MEANT}
 ORDER BY enrolled_at DESC
 LIMIT {_MOST}
""")


@dataclass(frozen=True, kw_only=True)
class ActingLead:
    """A lead that has acted on somebody."""

    campaign_id: str
    lead_id: str


@dataclass(frozen=True, kw_only=True)
class KnownPeople:
    """What is known of whoever is called by what was asked for."""

    identifiers: Sequence[str]
    leads: Sequence[ActingLead]


class KnownPeopleRepository:
    """Reads what was learnt of people; asks nobody."""

    def __init__(self, pool: Pool, ids: SealedIds) -> None:
        self._pool, self._ids = pool, ids

    async def find(self, organization_id: str, identifiers: Sequence[str]) -> KnownPeople:
        """By what else those are called who are called so, and which leads have acted on them."""
        asked = {"organization_id": organization_id}
        named = meant(self._ids, organization_id, identifiers)
        called = await self._pool.fetch(CALLED.sql, *CALLED.given(**asked, **named))
        acting = await self._pool.fetch(ACTING.sql, *ACTING.given(**asked, **named))
        opened = [self._ids.opened(organization_id, row["known_as"]) for row in called]
        # What does not open names nobody.
        names = dict.fromkeys(
            [*identifiers, *sorted(each for each in opened if not is_sealed(each))]
        )
        return KnownPeople(
            identifiers=[*names][:_MOST],
            leads=[ActingLead(**row) for row in acting],
        )


def meant(ids: SealedIds, organization_id: str, identifiers: Iterable[str]) -> dict[str, list[str]]:
    """Names and ids as `MEANT` takes them: as they lie in the schema."""
    names: list[Alias] = []
    provider_ids: list[Alias] = []
    for each in identifiers:
        if is_provider_id(each):
            provider_ids.append(provider_alias(each, ""))
        else:
            names.append(address(each))
    return {
        "addresses": ids.all_sealed(organization_id, (each.value for each in names)),
        "ids": ids.all_sealed(organization_id, (each.value for each in provider_ids)),
        "products": [each.product for each in provider_ids],
    }
