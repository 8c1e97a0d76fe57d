"""What became of a lead list that was brought into a campaign. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class ImportPhase(StrEnum):
    """How far an import is."""

    STREAMED = "streamed"
    """It came with its call, and ends with it."""
    RECEIVING = "receiving"
    """Its list is not all there."""
    RECEIVED = "received"
    """All of it is there, and is read."""
    ENDED = "ended"
    CANCELLED = "cancelled"

    @property
    def goes_on(self) -> bool:
        """Whether an upload may still come to something."""
        return self in (ImportPhase.RECEIVING, ImportPhase.RECEIVED)


@dataclass(frozen=True, kw_only=True)
class LeadListImport:
    """A lead list that was brought into a campaign; `content_hash` is the file's SHA-256.

    `result` counts what became of its rows and says how it was read; of one that is uploaded so
    far, and `people` of its list are through. Of one that comes with its call it is empty while it
    is read.
    """

    import_id: str
    organization_id: str
    campaign_id: str
    created_at: datetime
    ended_at: datetime | None = None
    content_hash: str = ""
    content_bytes: int = 0
    column_by_field: Mapping[str, str] = field(default_factory=dict)
    literal: tuple[str, ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""
    phase: ImportPhase = ImportPhase.STREAMED
    received_bytes: int = 0
    people: int = 0
    request_id: str = ""

    @property
    def asks(self) -> tuple[Any, ...]:
        """How the list is to be read."""
        return dict(self.column_by_field), tuple(self.literal)
