"""Deliveries of an organization, and the attempts of each, as they are listed."""

from functools import partial

from outreach.webhook.v1.event_pb2 import EventType
from servicekit.lists.conditions import Scope
from servicekit.lists.fields import Field, FieldType, enum_field
from servicekit.lists.following import Following
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import Key, ListSchema, Lookup, Order, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from webhook_dispatcher.convert.payload import type_name
from webhook_dispatcher.deliveries.delivery_repository import (
    ATTEMPT_COLUMNS,
    DELIVERY_COLUMNS,
    attempt_of,
    delivery_of,
)
from webhook_dispatcher.errors import DeliveryNotFound
from webhook_dispatcher.models import Attempt, Delivery, DeliveryState

_NEWEST = "create_time"
_TYPE = "EVENT_TYPE_"
_IS_THERE = "SELECT true FROM deliveries WHERE organization_id = $1 AND delivery_id = $2"
DELIVERIES = ListSchema(
    name="deliveries",
    table="deliveries",
    fields=[
        Field(name="endpoint_id", column="endpoint_id", type=FieldType.ID),
        Field(name="event_id", column="event_id", type=FieldType.ID),
        Field(
            name="event_type",
            column="event_type",
            type=FieldType.ENUM,
            values={
                name.removeprefix(_TYPE): type_name(number)
                for name, number in EventType.items()
                if number
            },
            prefix=_TYPE,
        ),
        enum_field("state", DeliveryState, prefix="DELIVERY_STATE_", literal=True),
        Field(name="campaign_id", column="campaign_id", type=FieldType.ID),
        Field(name="lead_id", column="lead_id", type=FieldType.ID),
        Field(name="attempts", column="attempts", type=FieldType.INTEGER),
        Field(name="create_time", column="created_at", type=FieldType.INSTANT),
        Field(name="end_time", column="ended_at", type=FieldType.INSTANT, nullable=True),
    ],
    orders=[
        by_instant(_NEWEST, "created_at", then="delivery_id", index="deliveries_of_organization")
    ],
    default=f"{_NEWEST} desc",
    lookups=[
        # Of an event there are no more than there are endpoints.
        Lookup(field="event_id", order=_NEWEST, index="deliveries_of_event"),
        Lookup(field="lead_id", order=_NEWEST, index="deliveries_by_lead"),
        # Most are delivered, and of those the list of all finds a page soon.
        Lookup(
            field="state",
            order=_NEWEST,
            index="deliveries_by_state",
            values=[state.value for state in DeliveryState if state is not DeliveryState.DELIVERED],
        ),
        Lookup(field="endpoint_id", order=_NEWEST, index="deliveries_by_endpoint"),
    ],
)
ATTEMPTS = ListSchema(
    name="attempts",
    table="attempts",
    fields=[
        Field(name="number", column="number", type=FieldType.INTEGER),
        Field(name="attempt_time", column="attempted_at", type=FieldType.INSTANT),
        Field(name="latency", column="latency", type=FieldType.DURATION),
        Field(name="status_code", column="status_code", type=FieldType.INTEGER),
        Field(name="error", column="error", type=FieldType.TEXT),
    ],
    orders=[
        Order(
            name="number",
            keys=[Key(column="number", type=FieldType.INTEGER)],
            index="attempts_pkey",
        )
    ],
    default="number",
)
# What is forgotten by its age is not told to be gone.
FOLLOWING = Following(key=["delivery_id"], index="deliveries_by_change")


class DeliveryList:
    """Reads deliveries and their attempts page by page."""

    def __init__(self, pool: Pool, tokens: PageTokens, seal: Seal) -> None:
        self._pool = pool
        self._deliveries = ListReader(
            pool,
            tokens,
            DELIVERIES,
            columns=DELIVERY_COLUMNS,
            read=delivery_of,
            following=FOLLOWING,
        )
        self._attempts = ListReader(
            pool,
            tokens,
            ATTEMPTS,
            columns=ATTEMPT_COLUMNS,
            read=partial(attempt_of, seal=seal),
            counted=True,
        )

    async def page(self, organization_id: str, asked: Asked) -> Page[Delivery]:
        """Raises what `ListReader.page` does."""
        within = Scope("organization_id = {0}", [(organization_id, "text")])
        return await self._deliveries.page(asked, of=(organization_id,), within=within)

    async def attempts(self, organization_id: str, delivery_id: str, asked: Asked) -> Page[Attempt]:
        """Raises `DeliveryNotFound`, and what `ListReader.page` does."""
        if not await self._pool.fetchval(_IS_THERE, organization_id, delivery_id):
            raise DeliveryNotFound
        within = Scope(
            "organization_id = {0} AND delivery_id = {1}",
            [(organization_id, "text"), (delivery_id, "text")],
        )
        of = (organization_id, delivery_id)
        return await self._attempts.page(asked, of=of, within=within)
