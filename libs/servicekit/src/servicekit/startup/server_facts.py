"""What a server is, and how it finds what it needs: for who looks after the installation."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

from servicekit.credentials.tls import Tls
from servicekit.errors import ServiceError
from servicekit.health import Readiness, Report
from servicekit.postgres.migrations import last_revision
from servicekit.postgres.pool import Pool
from servicekit.postgres.role_check import revision_of
from servicekit.settings import ServiceSettings

_WITHIN = timedelta(seconds=3)
"""How long the database is waited for."""
_CLOCK = "SELECT clock_timestamp()"


@dataclass(frozen=True, kw_only=True)
class OwnSchema:
    """A schema that a server works on, and the package whose migrations it has."""

    schema: str
    package: str
    pool: Pool


@dataclass(frozen=True, kw_only=True)
class SchemaSeen:
    """A schema, by the number of its last migration."""

    schema: str
    expected: str
    found: str
    """Empty where it is not there, or the database did not answer."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """As it was a moment ago."""

    schemas: Sequence[SchemaSeen]
    clock_offset: timedelta | None
    """By how much the database's clock is ahead of this machine's; None where it is away."""
    certificate_ends_at: datetime | None
    report: Report


class ServerFacts:
    """Of one server; the first of its schemas is where the database's clock is read."""

    def __init__(
        self,
        settings: ServiceSettings,
        *,
        service: str,
        schemas: Sequence[OwnSchema],
        readiness: Readiness,
        tls: Tls | None,
    ) -> None:
        self.service = service
        self.version = version(service)
        self.revision = settings.build_revision
        self.started_at = _now()
        self._schemas = schemas
        self._readiness = readiness
        self._tls = tls

    async def look(self) -> Seen:
        """All of it at once; what is away is left out, and is in the report."""
        found, clock_offset, report = await asyncio.gather(
            asyncio.gather(*map(_found, self._schemas)),
            _clock_offset(self._schemas[0].pool),
            self._readiness.report(),
        )
        return Seen(
            schemas=found,
            clock_offset=clock_offset,
            certificate_ends_at=self._tls.pair().certificate.not_after if self._tls else None,
            report=report,
        )


async def _found(own: OwnSchema) -> SchemaSeen:
    try:
        async with asyncio.timeout(_WITHIN.total_seconds()):
            found = await revision_of(own.pool) or ""
    except (ServiceError, TimeoutError):
        found = ""
    return SchemaSeen(schema=own.schema, expected=last_revision(own.package), found=found)


async def _clock_offset(pool: Pool) -> timedelta | None:
    """Against the middle of the time that the answer took, which it is off by half of at most."""
    try:
        async with asyncio.timeout(_WITHIN.total_seconds()):
            # The first may have had to connect.
            await pool.fetchval(_CLOCK)
            asked_at = _now()
            shown: datetime = await pool.fetchval(_CLOCK)
            told_at = _now()
    except (ServiceError, TimeoutError):
        return None
    return shown - (asked_at + (told_at - asked_at) / 2)


def _now() -> datetime:
    return datetime.now(UTC)
