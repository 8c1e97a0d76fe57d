"""Imports of lead lists as callers read them."""

from campaigns.errors import ImportNotFound
from campaigns.lead_list_import import Destination, LeadListImport
from campaigns.listings.imports import ImportPages
from campaigns.repositories.imports.import_repository import ImportRepository
from servicekit.ids import has_prefix
from servicekit.lists.listing import Asked
from servicekit.lists.reader import Page


class ImportQueries:
    """Reads what was brought into a campaign, or into a list."""

    def __init__(self, imports: ImportRepository, pages: ImportPages) -> None:
        self._imports = imports
        self._pages = pages

    async def get(self, into: Destination, import_id: str) -> LeadListImport:
        """One import; raises `ImportNotFound` if there is no such one."""
        if not has_prefix(import_id, "imp"):
            raise ImportNotFound
        return await self._imports.get(into, import_id)

    async def page(self, into: Destination, asked: Asked) -> Page[LeadListImport]:
        """Raises what `ListReader.page` does."""
        return await self._pages.page(into, asked)
