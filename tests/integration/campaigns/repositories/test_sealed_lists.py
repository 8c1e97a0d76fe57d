"""People of lists, and lists that are uploaded, lie sealed, and are read either way."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from campaigns.errors import PersonUnreadable, TextUnreadable
from campaigns.lead_list_import import ImportPhase, LeadList, LeadListEntry, LeadListImport
from campaigns.models import Person
from campaigns.repositories.edits.fill_repository import FillRepository
from campaigns.repositories.imports.import_repository import ImportRepository
from campaigns.repositories.imports.upload_repository import UploadRepository
from campaigns.repositories.lead_lists.entry_repository import EntryRepository, put_in_list
from campaigns.repositories.lead_lists.lead_list_repository import LeadListRepository
from campaigns.sealing.sealed_rows import SEALED
from servicekit.postgres.pool import Pool
from servicekit.sealing.rotation import DataKeyRotation
from servicekit.sealing.seal import Seal

from tests.fakes.sealing import IN_CLEAR, SEAL
from tests.integration.campaigns.conftest import NOW, NewCampaign

ORGANIZATION = "org_north"
ADA = Person(
    public_identifier="ada-lovelace-1815",
    first_name="Augusta",
    company="Analytical Engines GmbH",
    email="ada@engines.example",
    variables={"motto": "imagination"},
)
BOB = Person(public_identifier="bob-example-7", first_name="Robert")
WORDS = ("ada-lovelace-1815", "Augusta", "Engines", "imagination", "bob-example-7", "Robert")
PIECES = [b"\x01Augusta,ada-lovelace-1815\n", b"Robert,bob-example-7\n"]
"""A piece of a file may begin with any byte."""
NONE = timedelta(0)


@pytest.fixture
async def lead_list(pool: Pool) -> str:
    made = LeadList(
        id="list_1", organization_id=ORGANIZATION, name="Some", description="", created_at=NOW
    )
    return (await LeadListRepository(pool).create(made, request_id="one")).id


@pytest.fixture
async def upload(pool: Pool, new_campaign: NewCampaign) -> str:
    campaign = await new_campaign()
    begun = LeadListImport(
        import_id="imp_1",
        organization_id=ORGANIZATION,
        campaign_id=campaign.id,
        created_at=NOW,
        phase=ImportPhase.RECEIVING,
    )
    await ImportRepository(pool, SEAL).begin(begun)
    return begun.import_id


async def put(pool: Pool, seal: Seal, lead_list_id: str, people: Sequence[Person]) -> int:
    async with pool.acquire() as connection, connection.transaction():
        return await put_in_list(connection, seal, lead_list_id, people, now=NOW)


async def entries(pool: Pool, seal: Seal, lead_list_id: str) -> list[LeadListEntry]:
    batches = EntryRepository(pool, seal).batches(lead_list_id, size=10)
    return [each async for batch in batches for each in batch]


async def uploaded(pool: Pool, seal: Seal, import_id: str) -> None:
    at, uploads = 0, UploadRepository(pool, seal)
    for piece in PIECES:
        at = await uploads.append(ORGANIZATION, import_id, at, piece)


def pieces(pool: Pool, seal: Seal, import_id: str) -> AsyncIterator[bytes]:
    return UploadRepository(pool, seal).pieces(ORGANIZATION, import_id)


async def in_clear(pool: Pool) -> list[str]:
    """Which words are found where lists lie."""
    rows = repr(
        [
            tuple(row)
            for table in ("lead_list_entries", "import_pieces")
            for row in await pool.fetch(f"SELECT * FROM {table}")
        ]
    )
    return [word for word in WORDS if word in rows]


@pytest.mark.parametrize("seal", [SEAL, IN_CLEAR])
async def test_nothing_lies_in_clear(pool: Pool, lead_list: str, upload: str, seal: Seal) -> None:
    """What is uploaded, and who is in a list; with sealing off all of it does. Both are read."""
    await put(pool, seal, lead_list, [ADA, BOB])
    await uploaded(pool, seal, upload)

    assert await in_clear(pool) == ([] if seal.on else list(WORDS))
    for reader in (SEAL, IN_CLEAR):
        found = await entries(pool, reader, lead_list)
        assert [each.person for each in found] == [ADA, BOB]
        assert [each async for each in pieces(pool, reader, upload)] == PIECES


@pytest.mark.parametrize("first", [SEAL, IN_CLEAR])
async def test_who_is_in_a_list_is_completed_and_not_in_it_twice(
    pool: Pool, lead_list: str, first: Seal
) -> None:
    """Whichever of two processes, one of which does not seal yet, has put them there."""
    second = IN_CLEAR if first is SEAL else SEAL
    await put(pool, first, lead_list, [ADA, BOB])
    more = replace(ADA, title="Countess", variables={"field": "computation"})
    known = await EntryRepository(pool, second).known(
        ORGANIZATION, lead_list, [ADA.public_identifier, "nobody"]
    )

    assert await put(pool, second, lead_list, [BOB, more]) == 0

    whole = replace(more, variables={**ADA.variables, **more.variables})
    assert [each.person for each in await entries(pool, SEAL, lead_list)] == [whole, BOB]
    assert set(known) == {ADA.public_identifier}


async def test_what_lies_in_clear_is_sealed(pool: Pool, lead_list: str) -> None:
    """In its place in the list; a second run finds nothing."""
    await put(pool, IN_CLEAR, lead_list, [ADA, BOB])

    first = await FillRepository(pool, SEAL).seal_all()
    second = await FillRepository(pool, SEAL).seal_all()

    assert (first.sealed["entries"], second.sealed["entries"]) == (2, 0)
    assert await in_clear(pool) == []
    assert [each.person for each in await entries(pool, SEAL, lead_list)] == [ADA, BOB]


async def test_what_was_moved_does_not_open(pool: Pool, lead_list: str, upload: str) -> None:
    """To another person, or another place in the file: it is refused, and nobody has a blank."""
    await put(pool, SEAL, lead_list, [ADA, BOB])
    await uploaded(pool, SEAL, upload)
    await pool.execute(
        "UPDATE lead_list_entries SET person = other.person FROM lead_list_entries AS other"
        " WHERE other.position <> lead_list_entries.position"
    )
    await pool.execute(
        "UPDATE import_pieces SET content = other.content FROM import_pieces AS other"
        " WHERE other.first_byte <> import_pieces.first_byte"
    )

    found = await entries(pool, SEAL, lead_list)
    assert await put(pool, SEAL, lead_list, [replace(ADA, title="Countess")]) == 0
    for each in found:
        with pytest.raises(PersonUnreadable):
            _ = each.person.first_name
    with pytest.raises(TextUnreadable):
        await anext(pieces(pool, SEAL, upload))


async def test_data_keys_are_changed(pool: Pool, lead_list: str, upload: str) -> None:
    """Lists and pieces are read by the keys of today alone."""
    await put(pool, SEAL, lead_list, [ADA, BOB])
    await uploaded(pool, SEAL, upload)

    done = await DataKeyRotation(pool, SEAL, SEALED).rotate(older_than=NONE, kept=NONE)

    assert (done.retired, done.sealed, done.destroyed, done.left) == (3, 4, 3, 0)
    assert [each.person for each in await entries(pool, SEAL, lead_list)] == [ADA, BOB]
    assert [each async for each in pieces(pool, SEAL, upload)] == PIECES
