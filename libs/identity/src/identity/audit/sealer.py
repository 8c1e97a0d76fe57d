"""Takes up into the chain what was committed, in the order in which it was."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from servicekit.telemetry import logs

from identity.audit.chain import Checkpoint, Proof, Seal
from identity.audit.metrics import Metrics
from identity.audit.proofs import Proofs
from identity.audit.record import Record
from identity.audit.seal_repository import Head, Sealing, SealRepository

EVERY = timedelta(seconds=1)
"""Real time: a record is in the chain within two seconds."""
_AT_ONCE = 1000

log = logs.get_logger(__name__)


class Sealer:
    """One of them adds at a time, whichever process it is in; the others find nothing to do.

    How long nothing was sealed is told by the clock `monotonic`, in seconds, also while it fails.
    """

    def __init__(
        self,
        seals: SealRepository,
        proofs: Proofs,
        metrics: Metrics,
        *,
        schema: str,
        checkpoint_every: timedelta = timedelta(days=1),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seals = seals
        self._proofs = proofs
        self._metrics = metrics
        self._schema = schema
        self._checkpoint_every = checkpoint_every
        self._seen = Head()
        self._signed: Checkpoint | None = None
        """The last one that this process has seen."""
        self._monotonic = monotonic
        self._all_sealed_at = monotonic()
        metrics.seal_lag.set_function(lambda: monotonic() - self._all_sealed_at)

    async def seal(self) -> int:
        """Seal what is not yet, and sign if it is time to; returns how many were sealed."""
        began = self._monotonic()
        if await self._finds_nothing():
            self._all_sealed_at = began
            return 0
        async with self._seals.sealing() as sealing:
            if sealing is None:
                return 0
            head = await sealing.head()
            self._compare(head)
            sealed, head = await self._add(sealing, head)
            last = await self._sign(sealing, head)
        # Only what is committed has been seen.
        self._seen, self._signed = head, last
        self._all_sealed_at = began
        return sealed

    async def _finds_nothing(self) -> bool:
        """Whether all is as this process left it: most looks are over with one statement."""
        if self._seen.snapshot is None:
            return False
        look = await self._seals.look(self._seen, self._signed)
        return not look.changed and not self._is_to_sign(self._signed, self._seen, at=look.now)

    def _compare(self, head: Head) -> None:
        """Whatever this process has seen is still there, or people are told."""
        if head.position < self._seen.position or (
            head.position == self._seen.position and head.chain != self._seen.chain
        ):
            self._metrics.cut.inc()
            log.error("audit_chain_cut", seen=self._seen.position, found=head.position)

    def _compare_signed(self, last: Checkpoint | None) -> None:
        """The last checkpoint that this process has seen is still there, or people are told."""
        seen = self._signed
        if seen is None or (last is not None and last.number > seen.number):
            return
        if last is None or (last.number, last.signature) != (seen.number, seen.signature):
            self._metrics.cut.inc()
            found = last.number if last is not None else 0
            log.error("audit_checkpoint_cut", seen=seen.number, found=found)

    async def _add(self, sealing: Sealing, head: Head) -> tuple[int, Head]:
        now = await sealing.now()
        # The database's clock may be set back; the seals of a month stay together all the same.
        if head.sealed_at is not None:
            now = max(now, head.sealed_at)
        chain = _Chain(head, self._proofs, now)
        pending: list[Seal] = []
        snapshot: str | None = None
        async for record, seen, repeated in sealing.unsealed(head.snapshot):
            snapshot = seen
            if len(pending) >= _AT_ONCE:
                await sealing.add(pending, None)
                pending = []
            pending.append(chain.next(record, repeated=repeated))
            self._metrics.sealed.labels(pending[-1].proof).inc()
        if not pending:
            return 0, head
        await sealing.add(pending, snapshot)
        last = pending[-1]
        return last.position - head.position, Head(
            position=last.position, chain=last.chain, sealed_at=now, snapshot=snapshot
        )

    async def _sign(self, sealing: Sealing, head: Head) -> Checkpoint | None:
        """A checkpoint once a day, and with a key that is new: it vouches for all before it.

        Returns the last one that there is then.
        """
        last, now = await sealing.checkpoint(), await sealing.now()
        self._compare_signed(last)
        if self._is_to_sign(last, head, at=now):
            checkpoint = following(
                last, position=head.position, chain=head.chain, at=now, proofs=self._proofs
            )
            last = signed(checkpoint, self._proofs, schema=self._schema)
            await sealing.add_checkpoint(last)
            log.info("audit_checkpoint_signed", position=head.position, chain=head.chain.hex())
        return last

    def _is_to_sign(self, last: Checkpoint | None, head: Head, *, at: datetime) -> bool:
        if not self._proofs.key_id or head.position == 0:
            return False
        if last is None or last.key_id != self._proofs.key_id:
            return True
        return last.position < head.position and at - last.signed_at >= self._checkpoint_every


class _Chain:
    """Makes one seal after another."""

    def __init__(self, head: Head, proofs: Proofs, now: datetime) -> None:
        self._position, self._hash = head.position, head.chain
        self._proofs = proofs
        self._now = now
        self._ids: set[str] = set()

    def next(self, record: Record, *, repeated: bool) -> Seal:
        proof = self._proof(record, repeated=repeated or record.record_id in self._ids)
        self._ids.add(record.record_id)
        self._position += 1
        seal = Seal(
            position=self._position,
            sealed_at=self._now,
            recorded_at=record.recorded_at,
            record_id=record.record_id,
            organization_id=record.organization_id,
            digest=record.digest(),
            proof=proof,
        )
        seal = replace(seal, chain=seal.hash(self._hash))
        self._hash = seal.chain
        return seal

    def _proof(self, record: Record, *, repeated: bool) -> Proof:
        if repeated:
            return Proof.REPEATED
        if not self._proofs.required:
            return Proof.ABSENT
        if self._proofs.holds(record.signed(), record.proof, by=record.service):
            return Proof.VALID
        log.error("audit_record_not_ours", record_id=record.record_id)
        return Proof.INVALID


def following(
    last: Checkpoint | None,
    *,
    position: int,
    chain: bytes,
    at: datetime,
    proofs: Proofs,
    dropped_before: datetime | None = None,
) -> Checkpoint:
    """The checkpoint after the last one, not signed yet; what was dropped stays so."""
    return Checkpoint(
        number=last.number + 1 if last is not None else 1,
        position=position,
        chain=chain,
        signed_at=at,
        dropped_before=dropped_before or (last.dropped_before if last is not None else None),
        before=after_checkpoint(last),
        key_id=proofs.key_id,
    )


def signed(checkpoint: Checkpoint, proofs: Proofs, *, schema: str) -> Checkpoint:
    """The checkpoint with this service's signature."""
    return replace(checkpoint, signature=proofs.sign(checkpoint.signed(schema)))


def after_checkpoint(last: Checkpoint | None) -> bytes:
    """What the next checkpoint says of the one before it."""
    return hashlib.sha256(last.signature).digest() if last is not None else b""


def chained(checkpoints: list[Checkpoint]) -> Iterator[tuple[Checkpoint, Checkpoint | None]]:
    """Each checkpoint with the one before it."""
    return zip(checkpoints, [None, *checkpoints], strict=False)
