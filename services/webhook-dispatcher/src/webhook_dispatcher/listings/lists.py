"""All lists of the service."""

from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

from webhook_dispatcher.listings.deliveries import DeliveryList
from webhook_dispatcher.listings.endpoints import EndpointList
from webhook_dispatcher.listings.events import EventList
from webhook_dispatcher.listings.replays import ReplayList


class Lists:
    """Each reads one kind of thing, page by page."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self.endpoints = EndpointList(pool, tokens)
        self.events = EventList(pool, tokens)
        self.deliveries = DeliveryList(pool, tokens)
        self.replays = ReplayList(pool, tokens)
