"""Revisions of sequences: immutable, so what was read once is true for ever."""

from collections import OrderedDict

from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.sequences.revision import Revision

_MAX_REMEMBERED = 256


class Revisions:
    """Reads revisions and remembers the last used ones."""

    def __init__(self, repository: RevisionRepository) -> None:
        self._repository = repository
        self._remembered: OrderedDict[str, Revision] = OrderedDict()

    async def get(self, revision_id: str) -> Revision:
        revision = self._remembered.get(revision_id)
        if revision is None:
            revision = self._remembered[revision_id] = await self._repository.get(revision_id)
            if len(self._remembered) > _MAX_REMEMBERED:
                self._remembered.popitem(last=False)
        self._remembered.move_to_end(revision_id)
        return revision
