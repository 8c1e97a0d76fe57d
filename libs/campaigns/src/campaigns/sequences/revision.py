"""One version of a campaign's sequence; an edit makes the next."""

from dataclasses import dataclass, field
from datetime import datetime

from campaigns.sequences.sequence import Sequence


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A compiled sequence with the source it was compiled from.

    `number` counts from 1 within the campaign; equal content has an equal
    `content_hash`.
    """

    id: str
    campaign_id: str
    number: int
    content_hash: str
    sequence: Sequence = field(hash=False)
    source_json: str = field(hash=False)
    created_at: datetime
    created_by: str = ""
    """As the audit names them; empty where that is not known."""
