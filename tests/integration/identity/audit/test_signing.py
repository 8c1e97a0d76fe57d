"""What the sealer signs: noticed when it is cut off, and believed once it is committed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from identity.audit.seal_repository import Sealing, SealRepository
from servicekit.postgres.errors import DatabaseUnavailable
from structlog.testing import capture_logs

from tests.integration.identity.audit.conftest import Audit


class _LosingItsEnd(SealRepository):
    """Its transactions are rolled back where they would be committed."""

    @asynccontextmanager
    async def sealing(self) -> AsyncIterator[Sealing | None]:
        async with super().sealing() as sealing:
            yield sealing
            raise ConnectionError


@pytest.mark.parametrize(
    "tampering",
    [
        "DELETE FROM audit_checkpoints WHERE number = 2",
        "UPDATE audit_checkpoints SET signature = 'forged' WHERE number = 2",
        "DELETE FROM audit_checkpoints",
    ],
)
async def test_an_idle_sealer_notices_that_a_checkpoint_was_cut(
    audit: Audit, tampering: str
) -> None:
    """Though nothing else changes, and once: what vouches for the chain is looked at as well."""
    sealer = audit.sealer(checkpoint_every=timedelta(0))
    for _ in range(2):
        await audit.append(1)
        await sealer.seal()
    sealer._checkpoint_every = timedelta(days=1)
    await audit.tamper(tampering)

    with capture_logs() as told:
        await sealer.seal()
        await sealer.seal()

    cut = [each["event"] for each in told if each["log_level"] == "error"]
    assert cut == ["audit_checkpoint_cut"]


async def test_what_another_signs_is_not_cut(audit: Audit) -> None:
    """A checkpoint that follows the one that was seen is no fault."""
    one, other = audit.sealer(), audit.sealer(checkpoint_every=timedelta(0))
    await audit.append(1)
    await one.seal()
    await audit.append(1)
    await other.seal()

    with capture_logs() as told:
        await one.seal()

    assert [each for each in told if each["log_level"] == "error"] == []


async def test_what_was_not_committed_is_signed_again(audit: Audit) -> None:
    """A sealer whose transaction fails at its end has signed nothing, and does not think so."""
    sealer = audit.sealer(checkpoint_every=timedelta(hours=1))
    for _ in range(2):
        await audit.append(1)
        await sealer.seal()
    sealer._checkpoint_every = timedelta(0)  # The hour is over.
    sealer._seals = _LosingItsEnd(audit.pool)
    with pytest.raises(DatabaseUnavailable):
        await sealer.seal()

    sealer._seals = audit.seals
    await sealer.seal()

    assert (await audit.verify()).summary.signed_position == 2
