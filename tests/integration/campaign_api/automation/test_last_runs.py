"""Who follows programs hears what became of their runs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from automation.runs.run import RunState, RunType
from automation.runs.run_repository import RunRepository
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.automation.v1 import program_pb2, run_pb2
from outreach.automation.v1 import program_service_pb2 as pb
from servicekit.postgres.pool import connect_pool

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.automation.test_programs import created, run_of
from tests.integration.campaign_api.conftest import Api
from tests.lists.following import settled

CHANGED = "SELECT changed_in FROM programs"


async def test_who_follows_programs_hears_of_their_last_run(api: Api) -> None:
    """As it begins, and as it ends; not of a day before that is filled in, nor of a week.

    A copy kept the run of the day on which somebody had last edited the program.
    """
    program = await created(api, await api.create())
    token, at = "", datetime.now(UTC).replace(microsecond=0)

    async def told() -> program_pb2.Program:
        """What has changed of programs since it was asked before."""
        nonlocal token
        await settled(pool)
        given: dict[str, Any] = {"updated_since": Timestamp(seconds=1)}
        request = pb.ListProgramsRequest(
            organization_id=ORGANIZATION, **({"sync_token": token} if token else given)
        )
        answer = await api.stubs.programs.ListPrograms(request)
        token = answer.next_sync_token
        (changed,) = answer.programs
        return changed

    async with connect_pool(api.url, "automation", max_size=1) as pool:
        before = await told()
        runs = RunRepository(pool)
        run = await runs.begin(run_of(program, at, workflow_id="w1"))
        begun = await told()
        await runs.end(run.run_id, at, RunState.COMPLETED, at=at)
        ended = await told()
        earlier, later = at - timedelta(days=1), at + timedelta(hours=1)
        changed = await pool.fetchval(CHANGED)
        for one in (
            run_of(program, earlier, workflow_id="w0"),
            replace(run_of(program, later, workflow_id="w2"), type=RunType.WEEKLY),
        ):
            await runs.begin(one)
            await runs.end(one.run_id, one.nominal_at, RunState.FAILED, at=at)
        unchanged = await pool.fetchval(CHANGED)

    assert [each.last_run_id for each in (before, begun, ended)] == ["", run.run_id, run.run_id]
    assert begun.last_run_state == run_pb2.RUN_STATE_RUNNING
    assert ended.last_run_state == run_pb2.RUN_STATE_COMPLETED
    assert (ended.update_time, ended.etag) == (before.update_time, before.etag)
    assert unchanged == changed
