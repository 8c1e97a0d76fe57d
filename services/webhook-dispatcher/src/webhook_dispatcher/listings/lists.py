"""All lists of the service."""

from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from webhook_dispatcher.listings.deliveries import DeliveryList
from webhook_dispatcher.listings.endpoints import EndpointList
from webhook_dispatcher.listings.events import EventList
from webhook_dispatcher.listings.replays import ReplayList


class Lists:
    """Each reads one kind of thing, page by page."""

    def __init__(self, pool: Pool, tokens: PageTokens, seal: Seal) -> None:
        self.endpoints = EndpointList(pool, tokens)
        self.events = EventList(pool, tokens, seal)
        self.deliveries = DeliveryList(pool, tokens, seal)
        self.replays = ReplayList(pool, tokens)
