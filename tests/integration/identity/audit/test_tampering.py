"""Whatever is done to the audit by hand is found, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from identity.audit.chain import Fault, FaultKind

from tests.integration.identity.audit.conftest import Audit

RECORDS = 12
SIGNED = 8
"""The chain is signed when it has come so far."""


@dataclass(frozen=True)
class Tampering:
    """Statements, and what is found of them: kinds by the place of the seal."""

    statements: Sequence[str]
    found: Mapping[int, FaultKind]
    sealed_afterwards: bool = False
    """The sealer comes by before anybody looks."""


def _record(position: int) -> str:
    return f"record_id = (SELECT record_id FROM audit_seals WHERE position = {position})"


_COPY = """
    INSERT INTO audit_records
    SELECT (jsonb_populate_record(one, jsonb_build_object({changed}))).*
      FROM audit_records one WHERE {which}
"""
TAMPERINGS: Mapping[str, Tampering] = {
    "who did it": Tampering(
        [f"UPDATE audit_records SET subject = 'mem_other' WHERE {_record(4)}"],
        {4: FaultKind.RECORD_CHANGED},
    ),
    "when it was done": Tampering(
        [
            (
                f"UPDATE audit_records SET recorded_at = recorded_at - interval '1 hour'"
                f" WHERE {_record(4)}"
            )
        ],
        # It is no longer where the chain has it; what stands elsewhere is nobody's.
        {4: FaultKind.RECORD_DELETED, 0: FaultKind.RECORD_HIDDEN},
    ),
    "what came before it": Tampering(
        [f"UPDATE audit_records SET digest_before = 'abc' WHERE {_record(4)}"],
        {4: FaultKind.RECORD_CHANGED},
    ),
    "two records change places": Tampering(
        [
            f"""
            UPDATE audit_records one SET subject = other.subject, resource = other.resource
              FROM audit_records other
             WHERE one.{_record(3)} AND other.{_record(5)}
                OR one.{_record(5)} AND other.{_record(3)}
            """
        ],
        {3: FaultKind.RECORD_CHANGED, 5: FaultKind.RECORD_CHANGED},
    ),
    "a record is deleted": Tampering(
        [f"DELETE FROM audit_records WHERE {_record(4)}"], {4: FaultKind.RECORD_DELETED}
    ),
    "a record and its seal are deleted": Tampering(
        [
            f"DELETE FROM audit_records WHERE {_record(4)}",
            "DELETE FROM audit_seals WHERE position = 4",
        ],
        {5: FaultKind.SEAL_DELETED},
    ),
    "the end is cut off": Tampering(
        [
            (
                "DELETE FROM audit_records WHERE record_id IN"
                f" (SELECT record_id FROM audit_seals WHERE position >= {SIGNED})"
            ),
            f"DELETE FROM audit_seals WHERE position >= {SIGNED}",
        ],
        {SIGNED: FaultKind.SEAL_DELETED},
    ),
    "a record is made up": Tampering(
        [
            _COPY.format(
                changed="'record_id', 'aud_madeup', 'recorded_at', clock_timestamp(),"
                " 'transaction_id', pg_current_xact_id()",
                which=_record(4),
            )
        ],
        {RECORDS + 1: FaultKind.RECORD_INSERTED},
        sealed_afterwards=True,
    ),
    "a record is copied": Tampering(
        [
            _COPY.format(
                changed="'recorded_at', clock_timestamp(), 'transaction_id', pg_current_xact_id()",
                which=_record(4),
            )
        ],
        {RECORDS + 1: FaultKind.RECORD_INSERTED},
        sealed_afterwards=True,
    ),
    "a record is slipped into the past": Tampering(
        [
            _COPY.format(
                changed="'record_id', 'aud_madeup', 'subject', 'mem_other'", which=_record(4)
            )
        ],
        {0: FaultKind.RECORD_HIDDEN},
        sealed_afterwards=True,
    ),
    "two seals change places": Tampering(
        [
            "UPDATE audit_seals SET position = -position WHERE position IN (3, 5)",
            "UPDATE audit_seals SET position = 8 + position WHERE position < 0",
        ],
        {3: FaultKind.SEAL_CHANGED, 5: FaultKind.SEAL_CHANGED},
    ),
    "a seal is fitted to a changed record": Tampering(
        ["UPDATE audit_seals SET digest = sha256('another') WHERE position = 4"],
        {4: FaultKind.SEAL_CHANGED},
    ),
    "a signature is forged": Tampering(
        ["UPDATE audit_checkpoints SET signed_at = signed_at + interval '1 hour'"],
        {1: FaultKind.CHECKPOINT_CHANGED},
    ),
    "a signature is deleted": Tampering(
        ["DELETE FROM audit_checkpoints WHERE number = 1"], {1: FaultKind.CHECKPOINT_DELETED}
    ),
}


async def sealed_and_signed(audit: Audit) -> None:
    await audit.append(SIGNED)
    await audit.sealer().seal()
    await audit.append(RECORDS - SIGNED)
    await audit.sealer().seal()


def places(faults: Sequence[Fault]) -> dict[int, FaultKind]:
    return {fault.position: fault.kind for fault in faults}


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_what_was_done_by_hand_is_found(audit: Audit, name: str) -> None:
    """Each kind of it, as what it is, where it is, and nothing else beside it."""
    tampering = TAMPERINGS[name]
    await sealed_and_signed(audit)
    if name == "a signature is deleted":
        await audit.append(1)
        await audit.sealer(checkpoint_every=timedelta(0)).seal()
    assert (await audit.verify()).faults == []

    await audit.tamper(*tampering.statements)
    if tampering.sealed_afterwards:
        await audit.sealer().seal()

    found = (await audit.verify()).faults
    assert tampering.found.items() <= places(found).items(), found


async def test_a_chain_made_anew_is_another(audit: Audit) -> None:
    """Who changes a record and makes every seal after it anew cannot make the signature."""
    await sealed_and_signed(audit)
    await audit.tamper(f"UPDATE audit_records SET subject = 'mem_other' WHERE {_record(4)}")
    async with audit.seals.walking() as walking:
        walked = [pair async for pair in walking.seals(after=0)]
    chain, statements = bytes(32), []
    for seal, record in walked:
        assert record is not None
        made = replace(seal, digest=record.digest())
        chain = made.hash(chain)
        statements.append(
            f"UPDATE audit_seals SET digest = '\\x{made.digest.hex()}', chain = '\\x{chain.hex()}'"
            f" WHERE position = {seal.position}"
        )
    await audit.tamper(*statements)

    assert places((await audit.verify()).faults) == {SIGNED: FaultKind.CHAIN_REPLACED}
