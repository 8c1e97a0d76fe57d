"""Drops the months that nobody has to keep any more, so that what is left still verifies."""

from __future__ import annotations

from datetime import datetime, timedelta

from servicekit.telemetry import logs

from identity.audit.proofs import Proofs
from identity.audit.seal_repository import SealRepository
from identity.audit.sealer import following, signed

EVERY = timedelta(hours=6)
SHORTEST = timedelta(days=90)
"""The database itself drops nothing that is younger."""

log = logs.get_logger(__name__)


class Retention:
    """A month is dropped whole, once all of it is older than `keep`.

    Before it goes a signed anchor says up to which seal, and what the chain had come to there.
    """

    def __init__(
        self, seals: SealRepository, proofs: Proofs, *, schema: str, keep: timedelta
    ) -> None:
        self._seals = seals
        self._proofs = proofs
        self._schema = schema
        self._keep = max(keep, SHORTEST)

    async def keep_months(self) -> None:
        """Make room for the months to come, and drop those that are over."""
        await self._seals.prepare()
        for month in await self._seals.months_before(self._keep):
            await self._drop(month)

    async def _drop(self, month: datetime) -> None:
        async with self._seals.sealing() as sealing:
            if sealing is None:
                return
            last = await sealing.last_of(month)
            if last is not None:
                before = await sealing.checkpoint()
                anchor = following(
                    before,
                    position=last.position,
                    chain=last.chain,
                    at=await sealing.now(),
                    proofs=self._proofs,
                    dropped_before=next_month(month),
                )
                await sealing.add_checkpoint(signed(anchor, self._proofs, schema=self._schema))
            await sealing.drop(month)
        log.info("audit_month_dropped", month=month.date().isoformat())


def next_month(month: datetime) -> datetime:
    """The first moment after a month."""
    return (month + timedelta(days=31)).replace(day=1)
