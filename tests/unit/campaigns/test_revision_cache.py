"""Revisions in memory."""

from datetime import UTC, datetime
from typing import cast

from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.revision import Revision
from campaigns.sequences.sequence import Sequence


class CountingRepository:
    """A revision of every id, and how often each was read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    async def get(self, revision_id: str) -> Revision:
        self.read.append(revision_id)
        return Revision(
            id=revision_id,
            campaign_id="camp_1",
            number=1,
            content_hash="",
            sequence=Sequence(steps=()),
            source_json="{}",
            created_at=datetime(2026, 3, 2, tzinfo=UTC),
        )


async def test_the_least_recently_used_revision_is_forgotten() -> None:
    """What is in use stays in memory, and memory does not grow with the number of campaigns."""
    repository = CountingRepository()
    cache = RevisionCache(cast("RevisionRepository", repository), keep=2)

    for revision_id in ("seq_1", "seq_2", "seq_1", "seq_3", "seq_1", "seq_2"):
        await cache.sequence(revision_id)

    assert repository.read == ["seq_1", "seq_2", "seq_3", "seq_2"]
