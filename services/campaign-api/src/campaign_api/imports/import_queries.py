"""Imports of lead lists as callers read them."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.errors import ImportNotFound
from campaigns.lead_list_import import Destination, LeadListImport
from campaigns.listings.imports import ImportPages, listed
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
    """Reads what was brought into a campaign, or into a list."""

    def __init__(self, imports: ImportRepository, pages: ImportPages, tokens: PageTokens) -> None:
        self._imports = imports
        self._pages = pages
        self._tokens = tokens

    async def get(self, into: Destination, import_id: str) -> LeadListImport:
        """One import; raises `ImportNotFound` if there is no such one."""
        if not has_prefix(import_id, "imp"):
            raise ImportNotFound
        return await self._imports.get(into, import_id)

    async def page(self, into: Destination, asked: Asked) -> ImportPage:
        """Raises what `Listing.read` does."""
        within = (into.organization_id, into.id)
        listing = Listing(listed(into), self._tokens)
        request = await listing.read(asked, within=within)
        found, after = await self._pages.page(into, request)
        return ImportPage(
            imports=found,
            next_page_token=await listing.next_token(asked, after, within=within),
        )
