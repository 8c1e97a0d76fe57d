"""What other actions to a person have made or taken: messages and invitations, and posts."""

from __future__ import annotations

from collections.abc import Collection

from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.sealing.seal import ValueUnreadable

from linkedin_gateway.errors import action_failed
from linkedin_gateway.kinds.action_kind import Twins
from linkedin_gateway.kinds.registry import sibling
from linkedin_gateway.ledger.transition_sql import MADE, OTHERS, USED_POSTS
from linkedin_gateway.models import Action, Kind
from linkedin_gateway.storage.sealed_ids import SealedIds

# Of those with the same words: how many have ended since without being told an id, and whether
# one may be carried out right now.
TWINS = Statement(f"""
WITH others AS (
    SELECT {MADE} AS made, o.state, o.finished_at,
           o.text_hash = :text_hash AND o.kind = ANY(:kinds::text[]) AS alike
{OTHERS}
)
SELECT coalesce(array_agg(made) FILTER (WHERE made = ANY(:ids::text[])), '{{}}') AS owned,
       count(*) FILTER (WHERE alike AND state = 'done' AND made IS NULL
                          AND finished_at >= :sent_at) AS unnamed,
       coalesce(bool_or(alike AND state = 'sending'), false) AS on_the_wire
  FROM others
""")


async def twins(pool: Pool, ids: SealedIds, action: Action, provider_ids: Collection[str]) -> Twins:
    """What other actions to the person have made of these messages and invitations."""
    if not provider_ids:
        return Twins()
    whose = action.organization_id
    values = TWINS.given(
        action_id=action.action_id,
        account_id=action.account_id,
        person_id=action.person_id,
        provider_id=ids.sealed(whose, action.target.provider_id),
        text_hash=action.text_hash,
        kinds=[kind.value for kind in (action.kind, sibling(action.kind)) if kind],
        sent_at=action.sent_at,
        ids=ids.all_sealed(whose, provider_ids),
    )
    row = await pool.fetchrow(TWINS.sql, *values)
    if row is None:
        return Twins()
    return Twins(
        owned=ids.all_opened(whose, row["owned"]),
        unnamed=row["unnamed"],
        on_the_wire=row["on_the_wire"],
    )


async def used_posts(
    pool: Pool, ids: SealedIds, account_id: str, person_id: str, kind: Kind
) -> frozenset[str]:
    """Posts of a person that actions of this kind took, or may have taken.

    Raises `ActionFailed` where one of them does not open: it may be any that is there.
    """
    rows = await pool.fetch(USED_POSTS, account_id, person_id, kind.value)
    try:
        of_each = [ids.all_opened(row["organization_id"], [row["post_id"]]) for row in rows]
    except ValueUnreadable as unreadable:
        raise action_failed("NO_POSTS", "Which posts were taken cannot be read.") from unreadable
    return frozenset().union(*of_each)
