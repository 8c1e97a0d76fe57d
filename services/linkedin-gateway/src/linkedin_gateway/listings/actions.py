"""Actions of an organization as they are listed: those of the ledger, and of its archive."""

from __future__ import annotations

from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.following import Following
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, Lookup, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from linkedin_gateway.kinds.registry import PUBLIC
from linkedin_gateway.models import Action, ActionState
from linkedin_gateway.storage.kind_conditions import IS_PUBLIC
from linkedin_gateway.storage.rows import ACTION_COLUMNS
from linkedin_gateway.storage.sealed_ids import SealedIds

_NEWEST = "create_time"
# A turn is told of what waits for it.
_TURN = "(CASE WHEN state = 'queued' THEN turn_at END)"

ACTIONS = ListSchema(
    name="actions",
    table="every_action",
    fields=[
        Field(name="account_id", column="account_id", type=FieldType.ID),
        Field(name="campaign_id", column="campaign_id", type=FieldType.ID),
        Field(name="lead_id", column="lead_id", type=FieldType.ID),
        Field(
            name="kind",
            column="kind",
            type=FieldType.ENUM,
            values={kind.name: kind.value for kind in sorted(PUBLIC)},
            prefix="ACTION_KIND_",
        ),
        enum_field("state", ActionState, prefix="ACTION_STATE_", literal=True),
        Field(name="reason", column="reason", type=FieldType.ID),
        Field(name="caller", column="caller", type=FieldType.ID),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        Field(name="turn_time", column=_TURN, type=FieldType.INSTANT, nullable=True),
        Field(name="send_time", column="sent_at", type=FieldType.INSTANT, nullable=True),
        Field(name="finish_time", column="finished_at", type=FieldType.INSTANT, nullable=True),
    ],
    orders=[by_instant(_NEWEST, "created_at", then="action_id", index="actions_listed")],
    default=f"{_NEWEST} desc",
    lookups=[
        Lookup(field="lead_id", order=_NEWEST, index="actions_of_lead"),
        # Most are done, and of those the list of all finds a page soon.
        Lookup(
            field="state",
            order=_NEWEST,
            index="actions_listed_by_state",
            values=[state.value for state in ActionState if state is not ActionState.DONE],
        ),
        Lookup(field="campaign_id", order=_NEWEST, index="actions_of_campaign"),
        Lookup(field="account_id", order=_NEWEST, index="actions_of_account"),
    ],
)
FOLLOWING = Following(key=["action_id"], index="actions_by_change")


class ActionList:
    """Reads actions page by page; what the gateway asks for itself is not listed."""

    def __init__(self, pool: Pool, tokens: PageTokens, ids: SealedIds) -> None:
        self._reader = ListReader(
            pool,
            tokens,
            ACTIONS,
            columns=ACTION_COLUMNS,
            read=ids.action_of,
            following=FOLLOWING,
        )

    async def page(
        self, organization_id: str, asked: Asked, *, account_ids: frozenset[str] | None
    ) -> Page[Action]:
        """Of `account_ids` alone, where they are given; raises what `ListReader.page` does."""
        but = Scope(IS_PUBLIC)
        if account_ids is not None:
            text = f"{IS_PUBLIC} AND account_id = ANY ({{0}})"
            but = Scope(text, [(sorted(account_ids), "text[]")])
        within = Scope("organization_id = {0}", [(organization_id, "text")])
        return await self._reader.page(asked, of=(organization_id,), within=within, but=but)
