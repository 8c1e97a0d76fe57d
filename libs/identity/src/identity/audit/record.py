"""One record of the audit, and the bytes that are signed and chained. Pure."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

_EPOCH = datetime.fromtimestamp(0, UTC)


class Outcome(StrEnum):
    """What a call came to, as far as the audit is concerned."""

    DONE = "done"
    """It has changed or told what it was asked to."""
    DENIED = "denied"
    """Who called may not, or there is nothing of that name that is theirs."""
    UNKNOWN = "unknown"
    """It may have changed something: it was given up, or what it needed went away."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """What a service knows of a call; signed by it, but for whose it is.

    `organization_id` is empty where nobody's things are concerned, and is then filled in from
    what was changed.
    """

    record_id: str
    organization_id: str
    service: str
    """Which of ours was called."""
    rpc: str
    outcome: Outcome
    code: str
    """The status that was answered."""
    reason: str
    caller_kind: str
    """Empty of a caller who was not known."""
    subject: str
    """Who wanted it."""
    actors: tuple[str, ...]
    """Which services did it for the subject, the last one last."""
    address: str
    resource: str
    """The id of what was changed, read or asked for."""
    request_id: str
    trace_id: str

    def signed(self) -> bytes:
        """What the service signs."""
        values = [getattr(self, name) for name in _SIGNED]
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


_SIGNED = tuple(each.name for each in fields(Act) if each.name != "organization_id")


@dataclass(frozen=True, kw_only=True)
class Record(Act):
    """A row of the audit."""

    recorded_at: datetime
    """By the database's clock."""
    transaction_id: str
    digest_before: str
    """Of the row that was changed, before and after the change; empty if there was none."""
    digest_after: str
    proof: bytes
    """The service's signature; empty where it has no key."""

    def digest(self) -> bytes:
        """What the chain is made of: every column has its part in it."""
        values = [plain(getattr(self, each.name)) for each in fields(self)]
        return hashlib.sha256(
            json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
        ).digest()


def plain(value: Any) -> Any:
    """A value as JSON has it: instants are microseconds, bytes are in base 16."""
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(microseconds=1)
    return value.hex() if isinstance(value, bytes) else value
