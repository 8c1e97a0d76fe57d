"""Programs and runs as callers read them."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from automation.programs.program import Program, ProgramState
from automation.programs.schedule import Timetable, time_text
from automation.runs.run import Run
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.automation.v1 import program_pb2, run_pb2
from outreach.common.v1.sending_window_pb2 import Weekday

from campaign_api.automation.programs import Due, Standing


def program_to_proto(program: Program, standing: Standing | None = None) -> program_pb2.Program:
    """The program, and how it stands where that is asked."""
    last = None if standing is None else standing.last
    next_at = None if standing is None else standing.next_at
    settings, times = program.settings, program.settings.timetable
    return program_pb2.Program(
        program_id=program.program_id,
        organization_id=program.organization_id,
        campaign_id=program.campaign_id,
        name=settings.name,
        mode=program_pb2.ProgramMode.Value(f"PROGRAM_MODE_{settings.mode.name}"),
        state=program_pb2.ProgramState.Value(f"PROGRAM_STATE_{program.state.name}"),
        plan_per_day=settings.plan_per_day,
        time_of_day=time_text(times.daily_minute),
        weekdays=[_weekday(each) for each in sorted(times.weekdays)],
        time_zone=times.time_zone,
        weekly_review=_review(times),
        rules_json=json_text(settings.rules),
        exploration_share=settings.exploration_share,
        company_spacing_days=settings.company_spacing_days,
        guardrails_json=json_text(settings.guardrails),
        created_by=program.created_by,
        updated_by=program.updated_by,
        create_time=timestamp(program.created_at),
        update_time=timestamp(program.updated_at),
        etag=program.etag,
        last_run_id="" if last is None else last.run_id,
        last_run_time=None if last is None else timestamp(last.nominal_at),
        last_run_state=run_pb2.RUN_STATE_UNSPECIFIED if last is None else _state(last),
        delete_time=_deleted(program),
        next_run_time=None if next_at is None else timestamp(next_at),
    )


def run_to_proto(run: Run) -> run_pb2.Run:
    """The run."""
    took = Duration()
    if run.took is not None:
        took.FromTimedelta(run.took)
    return run_pb2.Run(
        run_id=run.run_id,
        organization_id=run.organization_id,
        program_id=run.program_id,
        type=run_pb2.RunType.Value(f"RUN_TYPE_{run.type.name}"),
        state=_state(run),
        nominal_time=timestamp(run.nominal_at),
        nominal_day=run.nominal_day.isoformat(),
        trigger=run_pb2.RunTrigger.Value(f"RUN_TRIGGER_{run.trigger.name}"),
        actor=run.actor,
        workflow_id=run.workflow_id,
        create_time=timestamp(run.started_at),
        end_time=None if run.ended_at is None else timestamp(run.ended_at),
        took=None if run.took is None else took,
        result_json=json_text(run.result),
        error=run.error,
    )


def due_to_proto(due: Due) -> run_pb2.NextRun:
    """A run that is due."""
    return run_pb2.NextRun(
        type=run_pb2.RunType.Value(f"RUN_TYPE_{due.type.name}"),
        start_time=timestamp(due.start_at),
    )


def _deleted(program: Program) -> Timestamp | None:
    """When it was deleted, of one that is."""
    if program.deleted_at is None or program.state is not ProgramState.DELETED:
        return None
    return timestamp(program.deleted_at)


def timestamp(at: datetime) -> Timestamp:
    """The instant."""
    made = Timestamp()
    made.FromDatetime(at)
    return made


def _state(run: Run) -> "run_pb2.RunState.ValueType":
    return run_pb2.RunState.Value(f"RUN_STATE_{run.state.name}")


def _review(times: Timetable) -> program_pb2.WeeklyReview | None:
    if times.review_weekday is None:
        return None
    return program_pb2.WeeklyReview(
        weekday=_weekday(times.review_weekday), time=time_text(times.review_minute)
    )


def _weekday(day: int) -> "Weekday.ValueType":
    """Counted alike, from a Monday, 1."""
    return cast("Weekday.ValueType", day)


def json_text(content: Mapping[str, Any]) -> str:
    """As JSON; nothing is no text."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True) if content else ""
