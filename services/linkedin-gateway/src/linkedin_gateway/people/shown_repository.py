"""What a profile shows of who somebody is, and whether all of it was shown before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from servicekit.postgres.columns import Columns, Row, column
from servicekit.postgres.pool import Pool

from linkedin_gateway.models.suppression_keys import Subject, key
from linkedin_gateway.people.aliases import Alias, AliasKind, contradicts
from linkedin_gateway.people.unmatched import provider_ids_of
from linkedin_gateway.storage.sealed_ids import SealedIds

ALIASES: Columns[Alias] = Columns(
    column("kind", write=attrgetter("kind.value")),
    column("viewer_account_id"),
    column("product"),
    column("known_as", write=attrgetter("value")),
    column("suppression_key"),
)
# What accounts were shown of a person, unless something follows from the profile once more: it
# shows another name, or whose the messages are that nobody was known for.
KNOWN_SO = f"""
SELECT {ALIASES.of("alias")}
  FROM people who JOIN person_aliases alias USING (organization_id, person_id)
 WHERE who.organization_id = $1 AND who.person_id = $2 AND alias.shown
   AND who.merged_into IS NULL AND who.resolved_at IS NOT NULL
   AND $3 IN ('', who.public_identifier)
   AND NOT EXISTS (SELECT FROM unmatched_messages u
                     JOIN unnest($4::text[], $5::text[]) AS shown (account_id, provider_id)
                    USING (account_id, provider_id)
                    WHERE u.organization_id = $1)
"""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a profile shows of who somebody is."""

    aliases: Sequence[Alias]
    public_identifier: str

    def kept(self, ids: SealedIds, organization_id: str) -> Shown:
        """The same as it lies in the schema."""
        return Shown(
            aliases=kept(ids, organization_id, self.aliases),
            public_identifier=ids.sealed(organization_id, self.public_identifier),
        )


def kept(ids: SealedIds, organization_id: str, aliases: Iterable[Alias]) -> tuple[Alias, ...]:
    """What somebody is called by as it lies in the schema: sealed, and what suppressions name."""
    return tuple(
        replace(
            each,
            value=ids.sealed(organization_id, each.value),
            suppression_key=ids.suppression(
                organization_id, key(organization_id, Subject.PERSON, each.value)
            ),
        )
        for each in aliases
    )


async def seen_before(pool: Pool, organization_id: str, person_id: str, shown: Shown) -> bool:
    """Whether a person is known by just what a profile shows: nothing is to be learnt of it.

    No lock is taken for it. It is as true as what was read under one, once that is let go.
    """
    rows = await pool.fetch(
        KNOWN_SO,
        organization_id,
        person_id,
        shown.public_identifier,
        *provider_ids_of(shown.aliases),
    )
    known = {alias_in(row) for row in rows}
    return known.issuperset(shown.aliases) and not contradicts(known, shown.aliases)


def alias_in(row: Row) -> Alias:
    """The alias that a row has."""
    return Alias(
        kind=AliasKind(row["kind"]),
        viewer_account_id=row["viewer_account_id"],
        product=row["product"],
        value=row["known_as"],
    )
