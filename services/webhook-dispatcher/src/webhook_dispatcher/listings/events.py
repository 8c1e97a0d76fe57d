"""Events of an organization as they are listed, and read one by one."""

from dataclasses import replace

from servicekit.lists.conditions import Scope
from servicekit.lists.expressions import Expression, Not, Operator, Or, Restriction, changed
from servicekit.lists.fields import Field, FieldType
from servicekit.lists.following import Following
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema, Lookup, by_instant
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from webhook_dispatcher.convert.payload import TYPE_GROUPS, TYPE_NAMES
from webhook_dispatcher.events.published_event_repository import (
    PUBLISHED_COLUMNS,
    PublishedEventRepository,
    published_event_of,
)
from webhook_dispatcher.models import PublishedEvent

_NEWEST = "create_time"
EVENTS = ListSchema(
    name="events",
    table="events",
    fields=[
        Field(
            name="type",
            column="type",
            type=FieldType.ENUM,
            values={each: each for each in (*sorted(TYPE_NAMES), *sorted(TYPE_GROUPS))},
        ),
        Field(name="campaign_id", column="campaign_id", type=FieldType.ID),
        Field(name="lead_id", column="lead_id", type=FieldType.ID),
        Field(name="account_id", column="account_id", type=FieldType.ID),
        Field(name="subject", column="subject", type=FieldType.ID),
        Field(name="sequence_number", column="number", type=FieldType.INTEGER),
        Field(name="create_time", column="published_at", type=FieldType.INSTANT),
        Field(name="occur_time", column="occurred_at", type=FieldType.INSTANT),
    ],
    orders=[by_instant(_NEWEST, "published_at", then="event_id", index="events_of_organization")],
    default=f"{_NEWEST} desc",
    lookups=[
        Lookup(field="lead_id", order=_NEWEST, index="events_by_lead"),
        Lookup(field="campaign_id", order=_NEWEST, index="events_by_campaign"),
        Lookup(field="type", order=_NEWEST, index="events_by_type"),
    ],
)
# What is forgotten by its age is not told to be gone.
FOLLOWING = Following(key=["event_id"], index="events_by_change")


def _of_kind(asked: Restriction) -> Expression:
    """A comparison with all of a kind, as `lead.*`, by the types that there are of it."""
    if asked.field != "type" or asked.value not in TYPE_GROUPS:
        return asked
    kind = asked.value.removesuffix("*")
    types = [each for each in sorted(TYPE_NAMES) if each.startswith(kind)]
    equal = Or(tuple(replace(asked, value=each, operator=Operator.EQUALS) for each in types))
    return equal if asked.operator is Operator.EQUALS else Not(equal)


class EventList:
    """Reads events page by page, without what they say, and one with it."""

    def __init__(self, pool: Pool, tokens: PageTokens, seal: Seal) -> None:
        self._events = PublishedEventRepository(pool, seal)
        self._reader = ListReader(
            pool,
            tokens,
            EVENTS,
            columns=PUBLISHED_COLUMNS,
            read=published_event_of,
            following=FOLLOWING,
        )

    async def page(self, organization_id: str, asked: Asked) -> Page[PublishedEvent]:
        """Raises what `ListReader.page` does."""
        within = Scope("organization_id = {0}", [(organization_id, "text")])
        return await self._reader.page(
            asked,
            of=(organization_id,),
            within=within,
            spelled=lambda expression: changed(expression, _of_kind),
        )

    async def get(self, organization_id: str, event_id: str) -> PublishedEvent:
        """An event and what it says; raises `EventNotFound` and `EventUnreadable`."""
        return await self._events.get(organization_id, event_id)
