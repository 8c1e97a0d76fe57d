"""Compiled sequences by id, kept in memory: a revision never changes."""

from collections import OrderedDict

from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.sequences.sequence import Sequence


class Revisions:
    """The most recently used ones; texts of many campaigns would not fit for ever."""

    def __init__(self, repository: RevisionRepository, *, keep: int = 500) -> None:
        self._repository = repository
        self._keep = keep
        self._kept: OrderedDict[str, Sequence] = OrderedDict()

    async def sequence(self, revision_id: str) -> Sequence:
        """The steps of a revision; raises CampaignNotFound if there is none."""
        sequence = self._kept.get(revision_id)
        if sequence is None:
            sequence = (await self._repository.get(revision_id)).sequence
            self._kept[revision_id] = sequence
            if len(self._kept) > self._keep:
                self._kept.popitem(last=False)
        self._kept.move_to_end(revision_id)
        return sequence
