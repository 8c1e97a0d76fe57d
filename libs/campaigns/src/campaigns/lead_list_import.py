"""Lists of people that are kept, and files that were brought into them or into campaigns. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from servicekit.etags import content_etag, fits

from campaigns.models import Person


class ImportPhase(StrEnum):
    """How far an import is."""

    STREAMED = "streamed"
    """It came with its call, and ends with it."""
    RECEIVING = "receiving"
    """Its list is not all there."""
    RECEIVED = "received"
    """All of it is there, and is read."""
    RECEIVED_FOR_LIST = "received_for_list"
    """The same of one that goes into a list: the release before knows none, and takes no such."""
    ENDED = "ended"
    CANCELLED = "cancelled"

    @property
    def goes_on(self) -> bool:
        """Whether an upload may still come to something."""
        return self in (
            ImportPhase.RECEIVING,
            ImportPhase.RECEIVED,
            ImportPhase.RECEIVED_FOR_LIST,
        )


@dataclass(frozen=True, kw_only=True)
class LeadListImport:
    """A file that was brought into a campaign or a list; `content_hash` is its SHA-256.

    `result` counts what became of its rows and says how it was read; of one that is uploaded so
    far, and `people` of its list are through. Of one that comes with its call it is empty while it
    is read.
    """

    import_id: str
    organization_id: str
    campaign_id: str = ""
    lead_list_id: str = ""
    """In place of a campaign: the list that it goes into."""
    created_at: datetime
    created_by: str = ""
    """As the audit names them; empty where that is not known."""
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
    def destination_id(self) -> str:
        """Of the campaign or the list."""
        return self.campaign_id or self.lead_list_id

    @property
    def asks(self) -> tuple[Any, ...]:
        """How the list is to be read."""
        return dict(self.column_by_field), tuple(self.literal)


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where the people of a file go: into a campaign, or into a list that is kept."""

    organization_id: str
    campaign_id: str = ""
    lead_list_id: str = ""
    is_open: bool = True
    """Whether it takes people."""

    @property
    def id(self) -> str:
        return self.campaign_id or self.lead_list_id


@dataclass(frozen=True, kw_only=True)
class LeadList:
    """People that an organization keeps under a name."""

    id: str
    organization_id: str
    name: str
    description: str
    entry_count: int = 0
    account_ids: tuple[str, ...] = ()
    """Those that whoever made it is limited to; none: it is the organization's."""
    created_at: datetime
    updated_at: datetime | None = field(default=None, compare=False)
    deleted_at: datetime | None = None
    created_by: str = ""
    """As the audit names them; empty where that is not known."""
    updated_by: str = ""
    """Who edited it last."""

    @property
    def etag(self) -> str:
        """What people edit of it, as one word."""
        return content_etag(self.name, self.description)


@dataclass(frozen=True, kw_only=True)
class LeadListEdit:
    """What somebody changes of a list that they have read; None stays."""

    etag: str
    name: str | None = None
    description: str | None = None

    def of(self, before: LeadList) -> LeadList:
        """The list as it is to be."""
        return replace(
            before,
            name=before.name if self.name is None else self.name,
            description=before.description if self.description is None else self.description,
        )

    def is_of(self, before: LeadList) -> bool:
        """Whether it is as it was read; what changes nothing is nobody's loss."""
        return fits(self.etag, before.etag) or self.of(before) == before


@dataclass(frozen=True, kw_only=True)
class LeadListEntry:
    """One person of a list; `position` orders them."""

    position: int
    person: Person
    created_at: datetime
