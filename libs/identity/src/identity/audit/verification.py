"""Whether the audit is what it was: the chain against the records, the signatures against it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from identity.audit.chain import NOTHING, ChainCheck, Checkpoint, Fault, FaultKind, Seal
from identity.audit.proofs import Proofs
from identity.audit.seal_repository import SealRepository, Walking
from identity.audit.sealer import after_checkpoint, chained

MOST_FAULTS = 1000


@dataclass(kw_only=True)
class Verified:
    """What was found."""

    faults: list[Fault] = field(default_factory=list)
    """The first of them."""
    sealed: int = 0
    """Seals that were looked at."""
    position: int = 0
    """Where the chain ends."""
    chain: bytes = NOTHING
    signed_position: int = 0
    """Up to where a signature vouches for it."""
    signed_at: datetime | None = None
    dropped_before: datetime | None = None
    tail: int = 0
    """Records that are not sealed yet."""
    tail_since: datetime | None = None

    def add(self, fault: Fault) -> None:
        """One more; beyond the first ones they are not kept."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)


class Verification:
    """Of one schema."""

    def __init__(self, seals: SealRepository, proofs: Proofs, *, schema: str) -> None:
        self._seals = seals
        self._proofs = proofs
        self._schema = schema

    async def verify(self) -> Verified:
        """Look at everything, in one state of the database."""
        found = Verified()
        async with self._seals.walking() as walking:
            checkpoints = await walking.checkpoints()
            self._check_signatures(checkpoints, found)
            await self._check_chain(walking, checkpoints, found)
            await self._check_tail(walking, found)
        return found

    def _check_signatures(self, checkpoints: list[Checkpoint], found: Verified) -> None:
        """Each follows the one before it; those of keys that were replaced rest on later ones."""
        vouched = False
        for each in reversed(checkpoints):
            known = not self._proofs.required or self._proofs.knows(each.signature)
            vouched = vouched or known
            if self._proofs.required and (not vouched or (known and not self._is_signed(each))):
                found.add(Fault(kind=FaultKind.CHECKPOINT_CHANGED, position=each.number))
        for each, before in chained(checkpoints):
            if each.number != (before.number + 1 if before is not None else 1):
                found.add(Fault(kind=FaultKind.CHECKPOINT_DELETED, position=each.number - 1))
            elif each.before != after_checkpoint(before):
                found.add(Fault(kind=FaultKind.CHECKPOINT_CHANGED, position=each.number))
        if checkpoints:
            last = checkpoints[-1]
            found.signed_position, found.signed_at = last.position, last.signed_at
            found.dropped_before = last.dropped_before

    def _is_signed(self, checkpoint: Checkpoint) -> bool:
        data = checkpoint.signed(self._schema)
        return any(
            self._proofs.holds(data, checkpoint.signature, by=service)
            for service in self._proofs.services
        )

    async def _check_chain(
        self, walking: Walking, checkpoints: list[Checkpoint], found: Verified
    ) -> None:
        anchor = _anchor(checkpoints)
        check = ChainCheck(
            position=anchor.position if anchor is not None else 0,
            chain=anchor.chain if anchor is not None else NOTHING,
            dropped_before=found.dropped_before,
        )
        expected = {each.position: each.chain for each in checkpoints}
        async for seal, record in walking.seals(after=check.position):
            kind = check.add(seal, record.digest() if record is not None else None)
            if kind is not None:
                found.add(_fault(kind, seal))
            if expected.pop(seal.position, seal.chain) != seal.chain:
                found.add(_fault(FaultKind.CHAIN_REPLACED, seal))
            found.sealed += 1
        found.position, found.chain = check.position, check.chain
        if any(position > check.position for position in expected):
            found.add(Fault(kind=FaultKind.SEAL_DELETED, position=check.position + 1))

    async def _check_tail(self, walking: Walking, found: Verified) -> None:
        head = await walking.head()
        async for record, hidden in walking.not_sealed(head.snapshot):
            if hidden:
                found.add(
                    Fault(
                        kind=FaultKind.RECORD_HIDDEN,
                        record_id=record.record_id,
                        organization_id=record.organization_id,
                        recorded_at=record.recorded_at,
                    )
                )
                continue
            found.tail += 1
            if found.tail_since is None or record.recorded_at < found.tail_since:
                found.tail_since = record.recorded_at


def _anchor(checkpoints: list[Checkpoint]) -> Checkpoint | None:
    """The checkpoint before whose seal everything was dropped: the last that says of a drop."""
    anchor, dropped_before = None, None
    for each in checkpoints:
        if each.dropped_before != dropped_before:
            anchor, dropped_before = each, each.dropped_before
    return anchor


def _fault(kind: FaultKind, seal: Seal) -> Fault:
    return Fault(
        kind=kind,
        position=seal.position,
        record_id=seal.record_id,
        organization_id=seal.organization_id,
        recorded_at=seal.recorded_at,
    )
