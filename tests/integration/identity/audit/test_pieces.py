"""A verification in pieces finds what the whole one finds, and what is done between two of them."""

from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from identity.audit.chain import FaultKind
from identity.audit.sealer import following, signed
from identity.audit.verification import SoFar

from tests.integration.identity.audit.conftest import SCHEMA, Audit, Found
from tests.integration.identity.audit.test_tampering import (
    RECORDS,
    SIGNED,
    TAMPERINGS,
    places,
    sealed_and_signed,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


async def piece(audit: Audit, found: Found, *, told_every: int) -> None:
    """As somebody whose token ends when they are told how far it has come."""
    after = found.so_far[-1] if found.so_far else None
    verification = audit.verification(told_every=told_every)
    async with aclosing(verification.verify(after)) as telling:
        async for told in telling:
            found.add(told)
            if isinstance(told, SoFar):
                break


async def in_pieces(audit: Audit, found: Found, *, told_every: int) -> Found:
    """All that is left of it."""
    while found.verified is None:
        await piece(audit, found, told_every=told_every)
    return found


async def prepared(audit: Audit, name: str) -> None:
    await sealed_and_signed(audit)
    if name == "a signature is deleted":
        await audit.append(1)
        await audit.sealer(checkpoint_every=timedelta(0)).seal()


async def tamper(audit: Audit, name: str) -> None:
    await audit.tamper(*TAMPERINGS[name].statements)
    if TAMPERINGS[name].sealed_afterwards:
        await audit.sealer().seal()


@pytest.mark.parametrize("name", TAMPERINGS)
@pytest.mark.parametrize("told_every", [1, 3, 4])
async def test_in_pieces_the_same_is_found(audit: Audit, name: str, told_every: int) -> None:
    """What lasts longer than a token is asked for on from where it was: nothing is told twice.

    A verification that took ten minutes was never told at all.
    """
    await prepared(audit, name)
    await tamper(audit, name)

    whole, pieces = await audit.verify(), await in_pieces(audit, Found(), told_every=told_every)

    assert len(pieces.so_far) >= 1
    assert pieces.faults == whole.faults
    assert pieces.summary == whole.summary


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_what_is_done_between_two_pieces_is_found(audit: Audit, name: str) -> None:
    """Behind the place the piece looks itself, and signatures it checks again.

    A signature that was forged after the first piece vouched for the rest.
    """
    await prepared(audit, name)
    found = Found()
    await piece(audit, found, told_every=2)
    assert (found.faults, found.so_far[-1].position) == ([], 2)

    await tamper(audit, name)
    await in_pieces(audit, found, told_every=2)

    assert TAMPERINGS[name].found.items() <= places(found.faults).items(), found.faults


async def test_a_signature_that_was_made_up_since_is_found(audit: Audit) -> None:
    """It names the chain as it is, and follows the one before it, but nobody of ours signed it."""
    await sealed_and_signed(audit)
    found = Found()
    await piece(audit, found, told_every=2)
    async with audit.seals.sealing() as sealing:
        assert sealing is not None
        last, head = await sealing.checkpoint(), await sealing.head()
        assert last is not None
        like_it = following(
            last, position=head.position, chain=head.chain, at=NOW, proofs=audit.proofs
        )
        await sealing.add_checkpoint(replace(like_it, signature=last.signature))

    await in_pieces(audit, found, told_every=2)

    assert places(found.faults) == {2: FaultKind.CHECKPOINT_CHANGED}


async def test_the_last_signature_is_missed(audit: Audit) -> None:
    """What the first piece has looked at is there for the second."""
    await sealed_and_signed(audit)
    found = Found()
    await piece(audit, found, told_every=2)

    await audit.tamper("DELETE FROM audit_checkpoints")
    await in_pieces(audit, found, told_every=2)

    assert places(found.faults) == {1: FaultKind.CHECKPOINT_DELETED}


@pytest.mark.parametrize("sealed_anew", [False, True])
async def test_a_chain_that_was_cut_before_the_place_is_found(
    audit: Audit, *, sealed_anew: bool
) -> None:
    """Behind the place there was nothing to look at, and before it nobody looked again."""
    await sealed_and_signed(audit)
    found = Found()
    await piece(audit, found, told_every=10)
    assert found.so_far[-1].position == 10 > SIGNED

    await audit.tamper("DELETE FROM audit_seals WHERE position > 8")
    if sealed_anew:
        await audit.tamper("DELETE FROM audit_records WHERE resource = 'ep_0'")
        await audit.sealer().seal()
    await in_pieces(audit, found, told_every=10)

    kind = FaultKind.CHAIN_REPLACED if sealed_anew else FaultKind.SEAL_DELETED
    assert places(found.faults)[10] is kind


async def test_a_signature_over_another_chain_is_found_before_the_place(audit: Audit) -> None:
    """A new one is compared with the seal that it names, also where this piece does not walk."""
    await sealed_and_signed(audit)
    found = Found()
    await piece(audit, found, told_every=10)
    async with audit.seals.sealing() as sealing:
        assert sealing is not None
        last = await sealing.checkpoint()
        other = following(last, position=9, chain=bytes(32), at=NOW, proofs=audit.proofs)
        await sealing.add_checkpoint(signed(other, audit.proofs, schema=SCHEMA))

    await in_pieces(audit, found, told_every=10)

    assert places(found.faults) == {9: FaultKind.CHAIN_REPLACED}


async def test_a_seal_beside_another_is_found_where_a_piece_ends(audit: Audit) -> None:
    """How far it has come is told once every seal of a place was looked at."""
    await sealed_and_signed(audit)
    await audit.tamper(
        """
        INSERT INTO audit_seals
        SELECT (jsonb_populate_record(one, jsonb_build_object(
                   'sealed_at', one.sealed_at + interval '1 microsecond',
                   'recorded_at', one.recorded_at + interval '1 hour'))).*
          FROM audit_seals one WHERE position = 4
        """
    )

    pieces = await in_pieces(audit, Found(), told_every=4)

    assert pieces.faults == (await audit.verify()).faults
    assert places(pieces.faults)[4] is FaultKind.SEAL_CHANGED


async def test_nothing_is_found_where_nothing_was_done(audit: Audit) -> None:
    """Records, seals and signatures that come in between are no faults."""
    await sealed_and_signed(audit)
    found = Found()
    while found.verified is None:
        await piece(audit, found, told_every=4)
        if len(found.so_far) < 3:
            await audit.append(1)
            await audit.sealer(checkpoint_every=timedelta(0)).seal()

    assert found.faults == []
    assert found.summary.position > RECORDS
