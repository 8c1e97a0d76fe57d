"""`outreach programs` and `outreach runs`: programs as people read them."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from outreach.automation.v1 import program_pb2, run_pb2, run_service_pb2
from outreach.automation.v1 import program_service_pb2 as pb
from outreach_client.cli import app
from typer.testing import CliRunner

from tests.unit.outreach_client.conftest import Server


def at(hour: int) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(datetime(2027, 3, 29, hour, tzinfo=UTC))
    return made


def test_a_program_needs_no_name_and_may_begin_with_a_mode(
    server: Server, runner: CliRunner
) -> None:
    """It took a name, and knew no mode: the first line that anybody tries was refused."""
    line = "programs create -O org_1 --campaign camp_1 --mode dry-run --plan-per-day 15"

    done = runner.invoke(app, [*line.split(), "--request-id", "q"])

    assert done.exit_code == 0, done.output
    asked: pb.CreateProgramRequest = server.asked[0][1][0]  # type: ignore[assignment]
    assert (asked.name, asked.plan_per_day) == ("", 15)
    assert asked.mode == program_pb2.PROGRAM_MODE_DRY_RUN


def test_next_runs_are_told_in_the_programs_zone_and_whether_they_begin(
    server: Server, runner: CliRunner
) -> None:
    """A paused program's were listed in UTC, as if they were going to be."""
    server.pages = [
        pb.ListNextRunsResponse(
            next_runs=[
                run_pb2.NextRun(type=run_pb2.RUN_TYPE_DAILY, start_time=at(4)),
                run_pb2.NextRun(type=run_pb2.RUN_TYPE_TRAINING, start_time=at(5)),
            ],
            state=program_pb2.PROGRAM_STATE_PAUSED,
            time_zone="Europe/Berlin",
        )
    ]

    told = runner.invoke(app, ["programs", "next-runs", "prog_1"]).stdout

    assert told.splitlines() == [
        "prog_1 is paused: none of these begins until it is resumed",
        "Mon 2027-03-29 06:00 Europe/Berlin  daily",
        "Mon 2027-03-29 07:00 Europe/Berlin  training",
    ]


def test_deleting_says_who_still_enters(server: Server, runner: CliRunner) -> None:
    """Nobody is withdrawn by it, and it said that nobody more would enter."""
    program = program_pb2.Program(name="Spring")
    server.pages = [pb.DeleteProgramResponse(), pb.GetProgramResponse(program=program)]

    told = runner.invoke(app, ["programs", "delete", "prog_1", "--dry-run"]).stdout

    assert "nobody more enters" not in told
    assert "Who was released still enters" in told


def test_a_run_is_told_in_words(server: Server, runner: CliRunner) -> None:
    """Its counts were raw JSON."""
    counts = (
        '{"candidates": 14, "leads_ready": 9, "leads_failed": 0, "selected": 0,'
        ' "unused_not_connected": 0, "unused_on_hold": 22}'
    )
    run = run_pb2.Run(run_id="run_1", state=run_pb2.RUN_STATE_COMPLETED, result_json=counts)
    server.pages = [run_service_pb2.GetRunResponse(run=run)]

    told = runner.invoke(app, ["runs", "show", "run_1"]).stdout

    assert "{" not in told
    for line in (
        "candidates: 14",
        "leads: 9 ready",
        "selected: 0",
        "slots that stayed empty, and who has none: not connected, 22 on hold",
    ):
        assert line in told.splitlines()
