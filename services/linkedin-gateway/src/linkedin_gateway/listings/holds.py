"""Holds in force, and who put and lifted which, as they are listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.following import Following
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import Key, ListSchema, Order
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from linkedin_gateway.controls.hold_repository import (
    HOLD_CHANGE_COLUMNS,
    HOLD_COLUMNS,
    change_of,
    hold_of,
)
from linkedin_gateway.models import Hold, HoldChange, HoldScope

_WHAT: Sequence[Field] = (
    enum_field("scope", HoldScope, prefix="HOLD_SCOPE_"),
    Field(name="subject_id", column="subject_id", type=FieldType.ID),
    Field(name="reason", column="reason", type=FieldType.TEXT),
)
_CREATED = Key(column="created_at", type=FieldType.INSTANT)
_SUBJECT = (
    Key(column="scope", type=FieldType.ID),
    Key(column="subject_id", type=FieldType.ID),
)
_OLDEST = Order(
    name="create_time", keys=[_CREATED, *_SUBJECT], index="holds_in_force_of_organization"
)
_NEWEST = Order(
    name="change_time",
    keys=[
        Key(column="at", type=FieldType.INSTANT),
        Key(column="id", type=FieldType.INTEGER),
    ],
    index="hold_audit_of_organization",
)
HOLDS = ListSchema(
    name="holds",
    table="holds",
    fields=[*_WHAT, Field(name="create_time", column="created_at", type=FieldType.INSTANT)],
    orders=[_OLDEST],
    default="create_time",
)
HOLD_CHANGES = ListSchema(
    name="changes of holds",
    table="hold_audit",
    fields=[
        *_WHAT,
        Field(name="lifted", column="(deed = 'lifted')", type=FieldType.BOOLEAN),
        Field(name="caller", column="caller", type=FieldType.ID),
        Field(name="change_time", column="at", type=FieldType.INSTANT),
    ],
    orders=[_NEWEST],
    default="change_time desc",
)
# To who acts for all organizations.
EVERYBODYS_HOLDS = replace(
    HOLDS,
    orders=[
        replace(
            _OLDEST,
            keys=[_CREATED, Key(column="organization_id", type=FieldType.ID), *_SUBJECT],
            index="holds_in_force",
        )
    ],
)
EVERYBODYS_HOLD_CHANGES = replace(
    HOLD_CHANGES, orders=[replace(_NEWEST, index="hold_audit_newest")]
)
FOLLOWING = Following(key=["scope", "subject_id"], index="holds_by_change", leaves=True)
EVERYBODYS_FOLLOWING = replace(
    FOLLOWING, key=["organization_id", *FOLLOWING.key], index="everybodys_holds_by_change"
)

# A campaign is of the accounts that have acted for it.
_STOPS_ONE_OF = """(scope NOT IN ('account', 'campaign')
    OR (scope = 'account' AND subject_id = ANY ({0}))
    OR (scope = 'campaign' AND EXISTS (
        SELECT FROM every_action WHERE campaign_id = subject_id AND account_id = ANY ({0}))))"""
# To who follows: whose a campaign is changes without a word of its hold, and is a part of their
# view.
_CAMPAIGNS = """
    SELECT DISTINCT campaign_id FROM every_action
     WHERE account_id = ANY ($1::text[]) AND campaign_id <> '' ORDER BY campaign_id
"""
_STOPS_ONE_OF_VIEW = """(scope NOT IN ('account', 'campaign')
    OR (scope = 'account' AND subject_id = ANY ({0}))
    OR (scope = 'campaign' AND subject_id = ANY ({1})))"""


class HoldList:
    """Reads holds and their changes page by page.

    Of an organization, or of all where none is named; with accounts what stops one of them.
    """

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self._pool = pool
        self._tokens = tokens

    async def page(
        self, organization_id: str, asked: Asked, *, account_ids: frozenset[str] | None
    ) -> Page[Hold]:
        """Those in force; raises what `ListReader.page` does."""
        reader = ListReader(
            self._pool,
            self._tokens,
            HOLDS if organization_id else EVERYBODYS_HOLDS,
            columns=HOLD_COLUMNS,
            read=hold_of,
            counted=True,
            following=FOLLOWING if organization_id else EVERYBODYS_FOLLOWING,
        )
        return await reader.page(
            asked,
            of=(organization_id,),
            within=_of(organization_id),
            but=await self._seen(asked, account_ids),
            listed=Scope("lifted_at IS NULL"),
        )

    async def _seen(self, asked: Asked, account_ids: frozenset[str] | None) -> Scope:
        if account_ids is None or asked.changes is None:
            return _stopping(account_ids)
        accounts = sorted(account_ids)
        campaigns = [row["campaign_id"] for row in await self._pool.fetch(_CAMPAIGNS, accounts)]
        return Scope(_STOPS_ONE_OF_VIEW, [(accounts, "text[]"), (campaigns, "text[]")])

    async def changes(
        self, organization_id: str, asked: Asked, *, account_ids: frozenset[str] | None
    ) -> Page[HoldChange]:
        """Who put and lifted what; raises what `ListReader.page` does."""
        reader = ListReader(
            self._pool,
            self._tokens,
            HOLD_CHANGES if organization_id else EVERYBODYS_HOLD_CHANGES,
            columns=HOLD_CHANGE_COLUMNS,
            read=change_of,
        )
        within, but = _of(organization_id), _stopping(account_ids)
        return await reader.page(asked, of=(organization_id,), within=within, but=but)


def _of(organization_id: str) -> Scope:
    if not organization_id:
        return Scope("true")
    return Scope("organization_id = {0}", [(organization_id, "text")])


def _stopping(account_ids: frozenset[str] | None) -> Scope:
    if account_ids is None:
        return Scope("")
    return Scope(_STOPS_ONE_OF, [(sorted(account_ids), "text[]")])
