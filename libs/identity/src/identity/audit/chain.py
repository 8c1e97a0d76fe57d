"""The chain that is laid over the records, and what is wrong with one. Pure.

A seal takes up one record: its place, its digest, and the hash of the seal before it with all of
that. A checkpoint is a signature over the hash of one seal: whoever makes the chain anew from
somewhere on has to make that signature, too.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from identity.audit.record import plain

NOTHING = bytes(32)
"""The hash that a chain begins with."""


class Proof(StrEnum):
    """What the sealer found out about where a record came from."""

    VALID = "valid"
    """A service of ours has signed it."""
    ABSENT = "absent"
    """Services have no keys here; only the sandbox does without."""
    INVALID = "invalid"
    """No service of ours has written it."""
    REPEATED = "repeated"
    """It is the copy of another."""


@dataclass(frozen=True, kw_only=True)
class Seal:
    """One link of the chain."""

    position: int
    sealed_at: datetime
    recorded_at: datetime
    record_id: str
    organization_id: str
    digest: bytes
    proof: Proof
    chain: bytes = b""

    def hash(self, before: bytes) -> bytes:
        """Its `chain`, after the one before it."""
        values = (
            self.position,
            self.sealed_at,
            self.recorded_at,
            self.record_id,
            self.organization_id,
            self.digest,
            self.proof,
        )
        told = json.dumps([plain(value) for value in values], separators=(",", ":"))
        return hashlib.sha256(before + told.encode()).digest()


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A signature over the chain up to a seal; an anchor where what is before it was dropped."""

    number: int
    position: int
    chain: bytes
    signed_at: datetime
    dropped_before: datetime | None
    """Records that are older are gone, by the rules of retention."""
    before: bytes
    """The hash of the signature of the checkpoint before."""
    key_id: str
    signature: bytes = b""

    def signed(self, schema: str) -> bytes:
        """What is signed."""
        values = (
            schema,
            self.number,
            self.position,
            self.chain,
            self.signed_at,
            self.dropped_before,
            self.before,
            self.key_id,
        )
        return json.dumps([plain(value) for value in values], separators=(",", ":")).encode()


class FaultKind(StrEnum):
    """What somebody has done to the audit."""

    RECORD_CHANGED = "record_changed"
    RECORD_DELETED = "record_deleted"
    RECORD_INSERTED = "record_inserted"
    """No service of ours has written it."""
    RECORD_HIDDEN = "record_hidden"
    """It pretends to be older than the chain, which has never seen it."""
    SEAL_CHANGED = "seal_changed"
    """Its hash does not follow from the seal before it: changed, inserted or put elsewhere."""
    SEAL_DELETED = "seal_deleted"
    CHAIN_REPLACED = "chain_replaced"
    """The chain is another than the one that was signed."""
    CHECKPOINT_CHANGED = "checkpoint_changed"
    CHECKPOINT_DELETED = "checkpoint_deleted"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that is not as it was, and where."""

    kind: FaultKind
    position: int = 0
    """Of the seal; of the checkpoint its number. 0 where there is none."""
    record_id: str = ""
    organization_id: str = ""
    recorded_at: datetime | None = None


class ChainCheck:
    """Walks the seals in their order and tells what is wrong with each.

    After a break it goes on from what it finds, so that every break is told once, where it is.
    """

    def __init__(self, *, position: int, chain: bytes, dropped_before: datetime | None) -> None:
        self._position = position
        self._chain = chain
        self._dropped_before = dropped_before

    @property
    def position(self) -> int:
        """Of the seal that was seen last."""
        return self._position

    @property
    def chain(self) -> bytes:
        """The hash that the chain has come to."""
        return self._chain

    def add(self, seal: Seal, digest: bytes | None) -> FaultKind | None:
        """The next seal, and the digest that its record has now; None if there is no record."""
        found = self._of_seal(seal) or self._of_record(seal, digest)
        self._position, self._chain = seal.position, seal.chain
        return found

    def _of_seal(self, seal: Seal) -> FaultKind | None:
        if seal.position > self._position + 1:
            return FaultKind.SEAL_DELETED
        if seal.position != self._position + 1 or seal.hash(self._chain) != seal.chain:
            return FaultKind.SEAL_CHANGED
        return None

    def _of_record(self, seal: Seal, digest: bytes | None) -> FaultKind | None:
        if digest is None:
            dropped = self._dropped_before is not None and seal.recorded_at < self._dropped_before
            return None if dropped else FaultKind.RECORD_DELETED
        if digest != seal.digest:
            return FaultKind.RECORD_CHANGED
        if seal.proof in (Proof.INVALID, Proof.REPEATED):
            return FaultKind.RECORD_INSERTED
        return None
