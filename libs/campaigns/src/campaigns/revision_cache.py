"""Revisions of sequences, kept in memory: one never changes, so what was read stays true."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping

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
        return self._used(revision or await self._repository.get(revision_id))

    async def get_all(self, revision_ids: Collection[str]) -> Mapping[str, Revision]:
        """Those of these revisions that there are, by their ids, read with one statement."""
        found = {each: self._kept[each] for each in revision_ids if each in self._kept}
        if missing := [each for each in revision_ids if each not in found]:
            found |= {each.id: each for each in await self._repository.several(missing)}
        for revision in found.values():
            self._used(revision)
        return found

    def _used(self, revision: Revision) -> Revision:
        """Keep a revision as the last one that was used."""
        self._kept[revision.id] = revision
        self._kept.move_to_end(revision.id)
        if len(self._kept) > self._keep:
            self._kept.popitem(last=False)
        return revision

    async def sequence(self, revision_id: str) -> Sequence:
        """The steps of a revision; raises `CampaignNotFound` if there is none."""
        return (await self.get(revision_id)).sequence
