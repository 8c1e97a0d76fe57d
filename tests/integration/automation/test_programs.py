"""automation.programs.program_repository: rows of programs."""

from datetime import timedelta

import pytest
from automation.errors import CampaignHasProgram, ProgramDeleted, ProgramNotFound
from automation.programs.program import (
    Program,
    ProgramEdit,
    ProgramMode,
    ProgramState,
    etag_of,
)
from automation.programs.program_repository import ProgramRepository
from servicekit.auth import PermissionMissing
from servicekit.errors import EtagMismatch
from servicekit.postgres.pool import Pool
from servicekit.request_ids.errors import RequestIdReused

from tests.integration.automation.conftest import NOW, program_of

HOUR = timedelta(hours=1)
LATER = NOW + HOUR


async def test_a_program_is_made_once_by_its_request(pool: Pool) -> None:
    """Asked for again it is the one that was made, as it is now."""
    programs, asked = ProgramRepository(pool), program_of("camp_1")

    made = await programs.create(asked, request_id="1")
    again = await programs.create(program_of("camp_1"), request_id="1")

    assert made == again == await programs.get(asked.program_id)
    with pytest.raises(RequestIdReused):
        await programs.create(program_of("camp_2"), request_id="1")


async def test_what_was_said_is_kept_beside_what_the_release_before_compares(pool: Pool) -> None:
    """That compares the whole hash: a retry that came to it was refused as another request."""
    programs, asked = ProgramRepository(pool), program_of("camp_1")
    made = await programs.create(asked, request_id="1", said="plan 20, please")

    kept = await pool.fetchval("SELECT request_hash FROM programs")
    again = await programs.made(made.organization_id, "1", said="plan 20, please")

    assert kept == etag_of(asked.settings)
    assert again == made
    for other in ("plan 20", ""):
        assert await programs.made(made.organization_id, "1", said=other) is None


async def test_what_was_said_is_found_where_it_was_kept_behind_the_hash(pool: Pool) -> None:
    """As it was for a while: the same request finds its program, to the letter and by its parts."""
    programs, asked = ProgramRepository(pool), program_of("camp_1")
    made = await programs.create(asked, request_id="1", said="so")
    await pool.execute("UPDATE programs SET request_hash = request_hash || '/' || said, said = ''")

    assert await programs.made(made.organization_id, "1", said="so") == made
    assert await programs.made(made.organization_id, "1", said="else") is None
    assert await programs.create(program_of("camp_1"), request_id="1", said="else") == made


async def test_a_campaign_has_one_program_that_lives(pool: Pool) -> None:
    """Two would release the same people; a deleted one makes room."""
    programs, first = ProgramRepository(pool), program_of("camp_1")
    await programs.create(first, request_id="1")

    with pytest.raises(CampaignHasProgram):
        await programs.create(program_of("camp_1"), request_id="2")
    await programs.to_state(first.program_id, ProgramState.DELETED, now=LATER)
    await programs.create(program_of("camp_1"), request_id="3")

    assert [each.program_id for each in await programs.live(limit=9)] != [first.program_id]


async def test_an_edit_is_of_what_was_read(pool: Pool) -> None:
    """Whoever comes second with another change reads again."""
    programs, made = ProgramRepository(pool), program_of("camp_1")
    await programs.create(made, request_id="1")
    edit = ProgramEdit(etag=made.etag, changes={"plan_per_day": 3, "time_zone": "UTC"})

    edited = await programs.edit(made.program_id, edit, now=LATER)

    assert (edited.settings.plan_per_day, edited.settings.timetable.time_zone) == (3, "UTC")
    assert edited.updated_at == LATER
    assert await programs.edit(made.program_id, edit, now=LATER + timedelta(1)) == edited
    other = ProgramEdit(etag=made.etag, changes={"plan_per_day": 4})
    with pytest.raises(EtagMismatch):
        await programs.edit(made.program_id, other, now=LATER)


async def test_who_may_edit_is_asked_of_the_program_as_it_is(pool: Pool) -> None:
    """Put in AUTOPILOT since its editor read it, it is judged by that, and stays as it was."""
    programs, made = ProgramRepository(pool), program_of("camp_1")
    await programs.create(made, request_id="1")
    acts = ProgramEdit(changes={"mode": ProgramMode.AUTOPILOT})
    await programs.edit(made.program_id, acts, now=LATER)

    def allowed(program: Program) -> None:
        if program.settings.mode is ProgramMode.AUTOPILOT:
            raise PermissionMissing

    with pytest.raises(PermissionMissing):
        await programs.edit(
            made.program_id, ProgramEdit(changes={"plan_per_day": 9}), now=LATER, allowed=allowed
        )

    kept = (await programs.get(made.program_id)).settings
    assert kept.plan_per_day == made.settings.plan_per_day


async def test_what_is_deleted_stays_so(pool: Pool) -> None:
    """It is neither paused, resumed nor edited; to delete it again changes nothing."""
    programs, made = ProgramRepository(pool), program_of("camp_1")
    await programs.create(made, request_id="1")
    deleted = await programs.to_state(made.program_id, ProgramState.DELETED, now=LATER)

    again = await programs.to_state(made.program_id, ProgramState.DELETED, now=LATER + timedelta(1))

    assert again == deleted
    with pytest.raises(ProgramDeleted):
        await programs.to_state(made.program_id, ProgramState.PAUSED, now=LATER)
    with pytest.raises(ProgramDeleted):
        await programs.edit(made.program_id, ProgramEdit(changes={"plan_per_day": 3}), now=LATER)
    with pytest.raises(ProgramNotFound):
        await programs.to_state("prog_nobody", ProgramState.PAUSED, now=LATER)


async def test_a_deleted_one_comes_back_paused(pool: Pool) -> None:
    """As it was but for its state; who is there stays as they are, and who never was is told."""
    programs, made = ProgramRepository(pool), program_of("camp_1")
    await programs.create(made, request_id="1")
    await programs.to_state(made.program_id, ProgramState.DELETED, now=LATER)

    back = await programs.undelete(made.program_id, now=LATER + HOUR, by="mem_ben")
    again = await programs.undelete(made.program_id, now=LATER + 2 * HOUR, by="mem_eve")
    resumed = await programs.to_state(made.program_id, ProgramState.ACTIVE, now=LATER + 3 * HOUR)

    assert (back.state, back.updated_at, back.updated_by) == (
        ProgramState.PAUSED,
        LATER + HOUR,
        "mem_ben",
    )
    assert (back.settings, back.created_at) == (made.settings, made.created_at)
    assert again == back
    assert await programs.undelete(made.program_id, now=LATER + 4 * HOUR) == resumed
    with pytest.raises(ProgramNotFound):
        await programs.undelete("prog_nobody", now=LATER)


async def test_what_was_decided_before_the_last_deletion_is_known_by_its_time(pool: Pool) -> None:
    """It stays when the program is back, and is another one when it is deleted again."""
    programs, made = ProgramRepository(pool), program_of("camp_1")
    await programs.create(made, request_id="1")
    times = []

    for at in (LATER, LATER + HOUR):
        for again in (at, at + timedelta(minutes=1)):
            await programs.to_state(made.program_id, ProgramState.DELETED, now=again)
        back = await programs.undelete(made.program_id, now=at + timedelta(minutes=2))
        times.append(back.deleted_at)

    assert times == [LATER, LATER + HOUR]
    assert back.is_deleted_since(LATER + HOUR)
    assert not back.is_deleted_since(LATER + 2 * HOUR)


async def test_its_campaign_has_another_one_by_then(pool: Pool) -> None:
    """Two would release the same people: it stays deleted, until that is."""
    programs, first, second = ProgramRepository(pool), program_of("camp_1"), program_of("camp_1")
    await programs.create(first, request_id="1")
    await programs.to_state(first.program_id, ProgramState.DELETED, now=LATER)
    await programs.create(second, request_id="2")

    with pytest.raises(CampaignHasProgram):
        await programs.undelete(first.program_id, now=LATER)
    kept = await programs.get(first.program_id)
    await programs.to_state(second.program_id, ProgramState.DELETED, now=LATER)

    assert kept.state is ProgramState.DELETED
    assert (await programs.undelete(first.program_id, now=LATER)).state is ProgramState.PAUSED
