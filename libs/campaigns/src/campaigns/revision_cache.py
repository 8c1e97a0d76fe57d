"""Revisions of sequences, kept in memory: one never changes, so what was read stays true."""

from __future__ import annotations

from collections import OrderedDict

from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.sequences.revision import Revision
from campaigns.sequences.sequence import Sequence


class RevisionCache:
    """The most recently used ones; texts of many campaigns would not fit for ever."""

    def __init__(self, repository: RevisionRepository, *, keep: int = 256) -> None:
        self._repository = repository
        self._keep = keep
        self._kept: OrderedDict[str, Revision] = OrderedDict()

    async def get(self, revision_id: str) -> Revision:
        """The revision of that id; raises `CampaignNotFound` if there is none."""
        revision = self._kept.get(revision_id)
        if revision is None:
            revision = self._kept[revision_id] = await self._repository.get(revision_id)
            if len(self._kept) > self._keep:
                self._kept.popitem(last=False)
        self._kept.move_to_end(revision_id)
        return revision

    async def sequence(self, revision_id: str) -> Sequence:
        """The steps of a revision; raises `CampaignNotFound` if there is none."""
        return (await self.get(revision_id)).sequence
