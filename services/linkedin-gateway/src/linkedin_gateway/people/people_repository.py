"""SQL on people: who is meant, what is learnt of them, and when two turn out to be one.

Whoever adds to what a person is called by, or merges people, has the lock of each of them. What
people are called by lies sealed, the same each time: within this module it is as it is `kept`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from servicekit.ids import new_id
from servicekit.postgres.errors import again_if_ended
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from linkedin_gateway.errors import action_failed
from linkedin_gateway.models import Product
from linkedin_gateway.people.aliases import CHANGES_HANDS, Alias, contradicts
from linkedin_gateway.people.merging import merge
from linkedin_gateway.people.shown_repository import ALIASES, Shown, alias_in, kept, seen_before
from linkedin_gateway.people.unmatched import follow_unmatched
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.locks import locked, person_lock
from linkedin_gateway.storage.sealed_ids import SealedIds

_CHANGES_HANDS = ", ".join(f"'{kind.value}'" for kind, changes in CHANGES_HANDS.items() if changes)

# Who is called so; whoever is called so for the first time is somebody new.
IDENTIFY = Statement(f"""
WITH known AS (
    SELECT person_id FROM person_aliases
     WHERE organization_id = :organization_id AND kind = :kind
       AND viewer_account_id = :viewer_account_id AND product = :product AND known_as = :known_as
), called AS (
    INSERT INTO person_aliases AS alias (organization_id, {ALIASES.names}, person_id, shown)
    SELECT :organization_id, {ALIASES.parameters()}, :new_id, false
     WHERE NOT EXISTS (SELECT 1 FROM known)
    -- Another process calls them so at this moment: it says who they are.
    ON CONFLICT (organization_id, kind, viewer_account_id, product, known_as)
    DO UPDATE SET person_id = alias.person_id
    RETURNING person_id
), made AS (
    INSERT INTO people (organization_id, person_id, created_at)
    SELECT :organization_id, :new_id, :now FROM called WHERE called.person_id = :new_id
)
SELECT person_id FROM known UNION ALL SELECT person_id FROM called
""")
# Who is called by any of these, in their order.
OWNERS = Statement(f"""
SELECT alias.person_id
  FROM {ALIASES.unnested("q", ordinal=True)}
  JOIN person_aliases alias
    ON alias.organization_id = :organization_id AND alias.kind = q.kind
   AND alias.viewer_account_id = q.viewer_account_id AND alias.product = q.product
   AND alias.known_as = q.known_as
 ORDER BY q.ordinal
""")
# What accounts were shown of all these people.
KNOWN = f"""
SELECT {ALIASES.names}, person_id
  FROM person_aliases
 WHERE organization_id = $1 AND person_id = ANY($2) AND shown
"""
ADD = Statement(f"""
INSERT INTO person_aliases AS alias (organization_id, {ALIASES.names}, person_id, shown)
SELECT :organization_id, {ALIASES.names}, :person_id, true FROM {ALIASES.unnested("seen")}
ON CONFLICT (organization_id, kind, viewer_account_id, product, known_as) DO UPDATE
   SET shown = true,
       -- A name that changed hands is theirs who has it now.
       person_id = CASE WHEN alias.kind IN ({_CHANGES_HANDS}) THEN excluded.person_id
                        ELSE alias.person_id END
""")
# Ids that were shown together with what they are known by.
CALLED_TOO = Statement(f"""
INSERT INTO person_aliases (organization_id, {ALIASES.names}, person_id, shown)
SELECT :organization_id, {ALIASES.names}, :person_id, true FROM {ALIASES.unnested("seen")}
ON CONFLICT DO NOTHING
""")
LOCK = "SELECT pg_advisory_xact_lock($1)"
# Names that a release before has kept in clear are read by nobody.
RESOLVED = """
UPDATE people
   SET public_identifier = coalesce(nullif($3, ''), public_identifier), resolved_at = $4,
       first_name = '', last_name = ''
 WHERE organization_id = $1 AND person_id = $2
"""
SURVIVOR = """
SELECT coalesce(merged_into, person_id) FROM people WHERE organization_id = $1 AND person_id = $2
"""
NAME = "SELECT public_identifier FROM people WHERE organization_id = $1 AND person_id = $2"

# What an account was shown of a person in one product; what a caller wrote is not believed.
PROVIDER_ID = """
SELECT known_as FROM person_aliases
 WHERE organization_id = $1 AND person_id = $2 AND kind = 'provider_id'
   AND viewer_account_id = $3 AND product = $4 AND shown
 LIMIT 1
"""
# … in any product, by whatever told of it.
PROVIDER_IDS = """
SELECT known_as FROM person_aliases
 WHERE organization_id = $1 AND person_id = $2 AND kind = 'provider_id'
   AND viewer_account_id = $3 AND shown
"""
MEMBER_NUMBERS = """
SELECT known_as FROM person_aliases
 WHERE organization_id = $1 AND person_id = $2 AND kind = 'member_urn'
"""


async def called(
    connection: Connection, ids: SealedIds, organization_id: str, names: Sequence[Alias]
) -> str | None:
    """Who is called so; the transaction has their lock from then on, and ids are kept.

    The first alias that is known decides. None if nobody is.
    """
    aliases = kept(ids, organization_id, names)
    owners = await _owners(connection, organization_id, aliases)
    while owners:
        person_id = owners[0]
        await connection.execute(LOCK, person_lock(organization_id, person_id))
        owners = await _owners(connection, organization_id, aliases)
        if owners[:1] == [person_id]:
            break
        # They became somebody else while the lock was waited for.
    if not owners:
        return None
    if len(owners) < len(aliases):
        lasting = [each for each in aliases if not CHANGES_HANDS[each.kind]]
        values = CALLED_TOO.given(
            organization_id=organization_id, person_id=person_id, **ALIASES.arrays(lasting)
        )
        await connection.execute(CALLED_TOO.sql, *values)
    return owners[0]


async def _owners(
    connection: Connection, organization_id: str, aliases: Sequence[Alias]
) -> list[str]:
    """Whose each of the aliases is that is anybody's, in their order."""
    values = OWNERS.given(organization_id=organization_id, **ALIASES.arrays(aliases))
    return [row["person_id"] for row in await connection.fetch(OWNERS.sql, *values)]


class PeopleRepository:
    def __init__(self, pool: Pool, ids: SealedIds) -> None:
        self._pool, self._ids = pool, ids

    async def identify(self, organization_id: str, alias: Alias, *, now: datetime) -> str:
        """The id of whoever is called so."""
        (name,) = kept(self._ids, organization_id, [alias])
        values = IDENTIFY.given(
            organization_id=organization_id, new_id=new_id("per"), now=now, **ALIASES.values(name)
        )
        person_id: str | None = await self._pool.fetchval(IDENTIFY.sql, *values)
        if person_id is None:
            raise AssertionError("whoever is called so is known, or new")
        return person_id

    async def name(self, organization_id: str, person_id: str) -> str:
        """The present address of a person; empty if it was never seen."""
        name: str | None = await self._pool.fetchval(NAME, organization_id, person_id)
        return self._ids.known(organization_id, name or "")

    async def provider_id(
        self, organization_id: str, person_id: str, account_id: str, product: Product
    ) -> str:
        """The id of a person that an account was shown in a product; empty if it was not."""
        shown: str | None = await self._pool.fetchval(
            PROVIDER_ID, organization_id, person_id, account_id, product.value
        )
        return self._ids.known(organization_id, shown or "")

    async def provider_ids(
        self, organization_id: str, person_id: str, account_id: str
    ) -> frozenset[str]:
        """The ids of a person that an account was shown, of every product.

        Raises `ValueUnreadable` if one of them does not open: nobody can tell what it is.
        """
        rows = await self._pool.fetch(PROVIDER_IDS, organization_id, person_id, account_id)
        return self._ids.all_opened(organization_id, (row["known_as"] for row in rows))

    async def member_numbers(self, organization_id: str, person_id: str) -> frozenset[str]:
        """The numbers of the member that a person is, as profiles showed them.

        Raises `ValueUnreadable` if one of them does not open.
        """
        rows = await self._pool.fetch(MEMBER_NUMBERS, organization_id, person_id)
        return self._ids.all_opened(organization_id, (row["known_as"] for row in rows))

    async def resolve(
        self, organization_id: str, person_id: str, shown: Shown, *, now: datetime
    ) -> str:
        """Learn from a profile who a person is; returns the id that they have from now on.

        Whoever else is called by what the profile shows is the same person. Raises
        `ActionFailed` when it is the profile of somebody else than is known of the person.
        """
        shown = shown.kept(self._ids, organization_id)
        if await seen_before(self._pool, organization_id, person_id, shown):
            return person_id
        concerned = {person_id}

        async def transaction() -> str | None:
            async with self._pool.acquire() as connection:
                keys = sorted(person_lock(organization_id, each) for each in concerned)
                async with locked(connection, keys):
                    found = await _same(connection, organization_id, person_id, shown)
                    if found <= concerned:
                        return await _become_one(connection, organization_id, found, shown, now=now)
            # More people than were locked: once more, with all of them.
            concerned.update(found)
            return None

        while (survivor := await again_if_ended(transaction)) is None:
            pass
        return survivor


async def _same(
    connection: Connection, organization_id: str, person_id: str, shown: Shown
) -> set[str]:
    """Everybody who is the person that a profile shows."""
    asked: str = await connection.fetchval(SURVIVOR, organization_id, person_id) or person_id
    owners = set(await _owners(connection, organization_id, shown.aliases))
    known: dict[str, list[Alias]] = {}
    for row in await connection.fetch(KNOWN, organization_id, [asked, *owners]):
        known.setdefault(row["person_id"], []).append(alias_in(row))
    if contradicts(known.get(asked, ()), shown.aliases):
        raise action_failed("TARGET_MISMATCH")
    # Who had the name before, and is known to be somebody else, stays so.
    same = {each for each in owners if not contradicts(known.get(each, ()), shown.aliases)}
    return {asked, *same}


async def _become_one(
    connection: Connection, organization_id: str, people: set[str], shown: Shown, *, now: datetime
) -> str:
    """Make one of people, and keep what the profile shows. The one who was known first stays."""
    survivor = min(people)
    gone = sorted(people - {survivor})
    if gone:
        await merge(connection, organization_id, gone, into=survivor)
    values = ADD.given(
        organization_id=organization_id, person_id=survivor, **ALIASES.arrays(shown.aliases)
    )
    await connection.execute(ADD.sql, *values)
    await connection.execute(
        RESOLVED,
        organization_id,
        survivor,
        shown.public_identifier,
        now,
    )
    await follow_unmatched(connection, organization_id, survivor, shown.aliases, now=now)
    return survivor
