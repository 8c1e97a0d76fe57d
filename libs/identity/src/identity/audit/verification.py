"""Whether the audit is what it was: the chain against the records, the signatures against it.

All of it may take longer than its caller's token lives. So it is told as it is found, and how far
it has come now and then; whoever asks again from there is told the rest. Between two pieces the
database is anybody's: each checks every signature again, and that the chain still comes by where
the one before has come to. What that one told of signatures that are as they were is not repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from identity.audit.chain import NOTHING, ChainCheck, Checkpoint, Fault, FaultKind, Seal
from identity.audit.proofs import Proofs
from identity.audit.seal_repository import SealRepository, Walking
from identity.audit.sealer import after_checkpoint, chained

MOST_FAULTS = 1000
TOLD_EVERY = 5_000
"""Seals, between two answers that say how far it has come: some seconds of a busy machine."""


@dataclass(frozen=True, kw_only=True)
class SoFar:
    """How far it has come; the faults before that have been told."""

    position: int
    chain: bytes
    sealed: int
    faults: int
    checkpoint: int = 0
    """The number of the last checkpoint that was looked at."""
    checkpoints: bytes = b""
    """The hash of all up to that one, as they were."""


@dataclass(kw_only=True)
class Verified:
    """What was found."""

    faults: int = 0
    """The first of them are told, and counted."""
    sealed: int = 0
    """Seals that were looked at."""
    position: int = 0
    """Where the chain ends."""
    chain: bytes = NOTHING
    checkpoint: int = 0
    checkpoints: bytes = b""
    """Of the last one and all before it."""
    signed_position: int = 0
    """Up to where a signature vouches for it."""
    signed_at: datetime | None = None
    dropped_before: datetime | None = None
    tail: int = 0
    """Records that are not sealed yet."""
    tail_since: datetime | None = None
    untold: list[Fault] = field(default_factory=list)
    """Faults that are to be told."""

    def add(self, fault: Fault) -> None:
        """One more; beyond the first ones they are not kept."""
        if self.faults < MOST_FAULTS:
            self.faults += 1
            self.untold.append(fault)

    def told(self) -> Iterator[Fault]:
        """Those that are to be told, once."""
        untold, self.untold = self.untold, []
        yield from untold

    def so_far(self) -> SoFar:
        """How far it has come."""
        return SoFar(
            position=self.position,
            chain=self.chain,
            sealed=self.sealed,
            faults=self.faults,
            checkpoint=self.checkpoint,
            checkpoints=self.checkpoints,
        )


class Verification:
    """Of one schema."""

    def __init__(
        self,
        seals: SealRepository,
        proofs: Proofs,
        *,
        schema: str,
        told_every: int = TOLD_EVERY,
    ) -> None:
        self._seals = seals
        self._proofs = proofs
        self._schema = schema
        self._told_every = told_every

    async def verify(self, after: SoFar | None = None) -> AsyncGenerator[Fault | SoFar | Verified]:
        """Look at everything, or at what is after that, in one state of the database.

        Faults as they are found, how far it has come now and then, and what was found at the end.
        """
        found = Verified()
        async with self._seals.walking() as walking:
            checkpoints = await walking.checkpoints()
            self._note_signed(checkpoints, found)
            anchor = _anchor(checkpoints)
            if after is None:
                for _, fault in self._of_checkpoints(checkpoints):
                    found.add(fault)
            else:
                found.position, found.chain = after.position, after.chain
                found.sealed, found.faults = after.sealed, after.faults
                for fault in await self._since(walking, after, checkpoints, anchor):
                    found.add(fault)
            # What it has come to may have been dropped since.
            if anchor is not None and anchor.position > found.position:
                found.position, found.chain = anchor.position, anchor.chain
            async for so_far in self._check_chain(walking, checkpoints, found):
                for fault in found.told():
                    yield fault
                if so_far is not None:
                    yield so_far
            await self._check_tail(walking, found)
        for fault in found.told():
            yield fault
        yield found

    def _note_signed(self, checkpoints: Sequence[Checkpoint], found: Verified) -> None:
        found.checkpoints = self._hash(checkpoints)
        if checkpoints:
            last = checkpoints[-1]
            found.checkpoint = last.number
            found.signed_position, found.signed_at = last.position, last.signed_at
            found.dropped_before = last.dropped_before

    def _hash(self, checkpoints: Sequence[Checkpoint]) -> bytes:
        """Of all that they say and of their signatures."""
        hashed = hashlib.sha256()
        for each in checkpoints:
            hashed.update(hashlib.sha256(each.signed(self._schema)).digest())
            hashed.update(hashlib.sha256(each.signature).digest())
        return hashed.digest()

    def _of_checkpoints(self, checkpoints: list[Checkpoint]) -> Iterator[tuple[int, Fault]]:
        """What is wrong with them, and the number of the one that shows it.

        Each follows the one before it; those of keys that were replaced rest on later ones.
        """
        vouched = False
        for each in reversed(checkpoints):
            known = not self._proofs.required or self._proofs.knows(each.signature)
            vouched = vouched or known
            if self._proofs.required and (not vouched or (known and not self._is_signed(each))):
                yield each.number, Fault(kind=FaultKind.CHECKPOINT_CHANGED, position=each.number)
        for each, before in chained(checkpoints):
            if each.number != (before.number + 1 if before is not None else 1):
                kind, place = FaultKind.CHECKPOINT_DELETED, each.number - 1
                yield each.number, Fault(kind=kind, position=place)
            elif each.before != after_checkpoint(before):
                yield each.number, Fault(kind=FaultKind.CHECKPOINT_CHANGED, position=each.number)

    async def _since(
        self,
        walking: Walking,
        after: SoFar,
        checkpoints: list[Checkpoint],
        anchor: Checkpoint | None,
    ) -> list[Fault]:
        """What was done, since it has come so far, to what it goes on from."""
        seen = [each for each in checkpoints if each.number <= after.checkpoint]
        same = self._hash(seen) == after.checkpoints
        known = after.checkpoint if same else 0
        found = [fault for number, fault in self._of_checkpoints(checkpoints) if number > known]
        if after.checkpoint and (not seen or seen[-1].number != after.checkpoint):
            found.append(Fault(kind=FaultKind.CHECKPOINT_DELETED, position=after.checkpoint))
        elif after.checkpoint and not same and not found:
            # Whoever has a key of ours can sign it anew, but not as it was.
            found.append(Fault(kind=FaultKind.CHECKPOINT_CHANGED, position=after.checkpoint))
        # What is behind the place is compared on the way.
        kept = anchor.position if anchor is not None else 0
        places = [
            (each.position, each.chain)
            for each in checkpoints
            if each.number > known and kept < each.position <= after.position
        ]
        if after.position > kept:
            places.append((after.position, after.chain))
        return found + await _not_there(walking, places)

    def _is_signed(self, checkpoint: Checkpoint) -> bool:
        data = checkpoint.signed(self._schema)
        return any(
            self._proofs.holds(data, checkpoint.signature, by=service)
            for service in self._proofs.services
        )

    async def _check_chain(
        self, walking: Walking, checkpoints: list[Checkpoint], found: Verified
    ) -> AsyncIterator[SoFar | None]:
        """From where `found` has come to; a step for each seal, now and then with how far it is.

        That is told once all seals of a place were looked at: one that was inserted has a place
        that is taken.
        """
        check = ChainCheck(
            position=found.position, chain=found.chain, dropped_before=found.dropped_before
        )
        expected = {each.position: each.chain for each in checkpoints}
        untold = 0
        async for seal, record in walking.seals(after=check.position):
            told = untold >= self._told_every and seal.position > check.position
            untold = 0 if told else untold
            yield found.so_far() if told else None
            kind = check.add(seal, record.digest() if record is not None else None)
            if kind is not None:
                found.add(_fault(kind, seal))
            if expected.pop(seal.position, seal.chain) != seal.chain:
                found.add(_fault(FaultKind.CHAIN_REPLACED, seal))
            untold += 1
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


async def _not_there(walking: Walking, places: Sequence[tuple[int, bytes]]) -> list[Fault]:
    """By which of these places the chain does not come any more."""
    chains = await walking.chains({position for position, _ in places})
    found = {}
    for position, chain in places:
        if position not in chains:
            found[position] = Fault(kind=FaultKind.SEAL_DELETED, position=position)
        elif chain not in chains[position]:
            found[position] = Fault(kind=FaultKind.CHAIN_REPLACED, position=position)
    return list(found.values())


def _anchor(checkpoints: Sequence[Checkpoint]) -> Checkpoint | None:
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
