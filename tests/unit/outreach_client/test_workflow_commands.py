"""What `outreach workflows` shows reads well on a terminal of 80 columns."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from outreach.campaign.v1 import workflow_pb2
from outreach.campaign.v1 import workflow_service_pb2 as pb
from outreach_client.commands import workflows
from outreach_client.exit_codes import ExitCode
from typer import Exit

RUN = "01a22ad4-9de2-707a-a435-7140285a5cb4"
LEAD = "lead/camp_1k1ex78bbnjj9a0jv7kgj2cpws/lead_1k1ex78d3jkpywkg8tkh3h1vv8"


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the server answers, one after the other, to a terminal of 80 columns."""
    told: list[Any] = []
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(workflows, "ask", lambda _call: told.pop(0))
    return told


def run(**more: Any) -> workflow_pb2.Workflow:
    made = workflow_pb2.Workflow(
        workflow_id=LEAD,
        run_id=RUN,
        type=workflow_pb2.WORKFLOW_TYPE_LEAD,
        status=workflow_pb2.WORKFLOW_STATUS_RUNNING,
        campaign_id="camp_1k1ex78bbnjj9a0jv7kgj2cpws",
        lead_id="lead_1k1ex78d3jkpywkg8tkh3h1vv8",
        history_events=42,
        history_bytes=12_345,
        task_queue="outreach",
        **more,
    )
    made.start_time.FromDatetime(datetime(2026, 3, 2, 12, tzinfo=UTC))
    return made


def shown(capsys: pytest.CaptureFixture[str]) -> str:
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80, text
    return text


def test_a_list_has_every_id_whole(answers: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    """It is what is typed next."""
    answers.append(pb.ListWorkflowsResponse(workflows=[run(), run()], next_page_token="t"))

    workflows.list_()

    told = shown(capsys)
    assert told.count(LEAD) == 2
    assert "--page-token t" in told


def test_a_workflow_is_shown(answers: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    """What is pending, in which attempt, and why the one before failed."""
    failure = workflow_pb2.WorkflowFailure(
        type="Overran",
        message="[masked]",
        places=["outreach_worker/steps/activities.py:120 perform_step"],
        cause_types=["TimeoutError"],
    )
    answer = pb.GetWorkflowResponse(
        workflow=run(),
        pending_activities=[
            workflow_pb2.PendingActivity(
                activity_id="3",
                type="perform_step",
                state=workflow_pb2.PENDING_ACTIVITY_STATE_SCHEDULED,
                attempt=7,
                last_failure=failure,
            )
        ],
        search_attributes={"LeadState": "running"},
        detail=workflow_pb2.WORKFLOW_DETAIL_MASKED,
    )
    answers.append(answer)

    workflows.show(LEAD)

    told = shown(capsys)
    for part in ("perform_step (3): scheduled, attempt 7", "Overran", "TimeoutError", "masked"):
        assert part in told


def test_a_history_has_a_line_for_what_an_event_carries(
    answers: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """As much as fits; all of it where that is asked for."""
    event = workflow_pb2.WorkflowEvent(
        event_id=7,
        type="WorkflowExecutionSignaled",
        attributes_json=json.dumps({"signal_name": "reply_received", "input": ["x " * 99]}),
    )
    event.event_time.FromDatetime(datetime(2026, 3, 2, 12, tzinfo=UTC))
    answers += [pb.GetWorkflowHistoryResponse(events=[event], run_id=RUN)] * 2

    workflows.history(LEAD)
    told = shown(capsys)
    workflows.history(LEAD, full=True)
    whole = capsys.readouterr().out

    at = datetime(2026, 3, 2, 12, tzinfo=UTC).astimezone()
    assert f"    7  {at:%Y-%m-%d %H:%M}  WorkflowExecutionSignaled" in told
    assert "…" in told
    assert "x " * 99 in whole


def test_a_temporal_that_lacks_something_says_so(
    answers: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """What is missing is called missing; one that is away ends with that exit code."""
    health = workflow_pb2.TemporalHealth(
        reachable=True,
        address="temporal-frontend.temporal.svc:7233",
        namespace="outreach",
        server_version="1.32.0",
        search_attributes=[
            workflow_pb2.SearchAttributeHealth(name="CampaignId", registered=True),
            workflow_pb2.SearchAttributeHealth(name="LeadState"),
        ],
        task_queues=[
            workflow_pb2.TaskQueueHealth(
                name="outreach",
                kind=workflow_pb2.TASK_QUEUE_KIND_ACTIVITY,
                pollers=20,
                backlog_tasks=3,
            )
        ],
    )
    health.latency.FromTimedelta(timedelta(milliseconds=12))
    health.retention.FromTimedelta(timedelta(days=3))
    away = workflow_pb2.TemporalHealth(why_unreachable="No answer in time.", address="t:7233")
    answers += [pb.GetTemporalHealthResponse(health=each) for each in (health, away)]

    workflows.health()
    told = shown(capsys)
    with pytest.raises(Exit) as ended:
        workflows.health()

    assert "MISSING: LeadState" in told
    assert ended.value.exit_code == ExitCode.AWAY
    assert "Temporal is away: No answer in time. t:7233" in shown(capsys)
