"""Imports of lead lists as callers read them."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.errors import ImportNotFound
from campaigns.lead_list_import import LeadListImport
from campaigns.listings.imports import IMPORT_LIST, ImportPages
from campaigns.models import Campaign
from campaigns.repositories.imports.import_repository import ImportRepository
from servicekit.ids import has_prefix
from servicekit.lists.listing import Asked, Listing
from servicekit.page_tokens import PageTokens


@dataclass(frozen=True, kw_only=True)
class ImportPage:
    """Some imports; the token is empty on the last page."""

    imports: Sequence[LeadListImport]
    next_page_token: str


class ImportQueries:
    """Reads the imports of a campaign."""

    def __init__(self, imports: ImportRepository, pages: ImportPages, tokens: PageTokens) -> None:
        self._imports = imports
        self._pages = pages
        self._listing = Listing(IMPORT_LIST, tokens)

    async def get(self, campaign: Campaign, import_id: str) -> LeadListImport:
        """One import; raises `ImportNotFound` if the campaign has no such one."""
        if not has_prefix(import_id, "imp"):
            raise ImportNotFound
        return await self._imports.get(campaign.organization_id, campaign.id, import_id)

    async def page(self, campaign: Campaign, asked: Asked) -> ImportPage:
        """Raises what `Listing.read` does."""
        within = (campaign.organization_id, campaign.id)
        request = await self._listing.read(asked, within=within)
        found, after = await self._pages.page(campaign.id, request)
        return ImportPage(
            imports=found,
            next_page_token=await self._listing.next_token(asked, after, within=within),
        )
