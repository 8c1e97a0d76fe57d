"""The watch of leads without a server around it, and what it asks the database."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from campaign_api.metrics import Metrics
from campaign_api.watch.changes import CHANNEL, CampaignChanges
from campaign_api.watch.leads import LeadWatch, ToldLeads
from campaigns.listings.lead_feed_repository import LeadFeedRepository
from campaigns.listings.leads import LeadPages
from prometheus_client import CollectorRegistry
from servicekit.auth import Caller, CallerKind, set_caller
from servicekit.lists.changes import Changes
from servicekit.lists.page_token_key import PageTokenKey
from servicekit.page_tokens import PageTokens
from servicekit.postgres.listener import Listener

from tests.fakes.sealing import SEAL
from tests.integration.campaign_api.conftest import Api

WatchHere = Callable[..., AsyncGenerator[ToldLeads, None]]


@asynccontextmanager
async def watching(api: Api) -> AsyncIterator[WatchHere]:
    """Watch leads of a campaign of the service's, in this task."""
    set_caller(Caller("ann", kind=CallerKind.ANYONE))
    changes = CampaignChanges()
    watch = LeadWatch(
        LeadFeedRepository(api.pool, SEAL),
        LeadPages(api.pool, SEAL),
        Changes(api.pool, PageTokens(PageTokenKey(api.pool))),
        changes,
        interval=timedelta(milliseconds=10),
        stopping=asyncio.Event(),
        metrics=Metrics(CollectorRegistry()),
    )

    async def here(campaign_id: str, resume_token: str = "") -> AsyncGenerator[ToldLeads, None]:
        campaign = await api.campaigns.get(campaign_id)
        async for told in watch.watch(campaign, resume_token=resume_token):
            yield told

    async with Listener(api.url, CHANNEL) as listener:
        hearing: asyncio.Task[Any] = asyncio.create_task(changes.listen(listener))
        yield here
        hearing.cancel()
