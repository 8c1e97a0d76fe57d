"""`outreach workflows …`."""

import json
from collections.abc import Iterable
from typing import Annotated

import typer
from outreach.campaign.v1 import workflow_pb2
from outreach.campaign.v1 import workflow_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.exit_codes import ExitCode
from outreach_client.formats.durations import duration_text
from outreach_client.formats.enums import enum_text
from outreach_client.formats.output import console, print_json, print_rows, print_sentence
from outreach_client.formats.times import instant_text
from outreach_client.session import (
    AsJson,
    DryRun,
    Filter,
    OrderBy,
    PageSize,
    PageToken,
    RequestId,
    Yes,
    ask,
    confirm,
    end_as,
)

app = group("Workflows: what goes on at Temporal, for who looks after it.")

WorkflowId = Annotated[
    str,
    typer.Argument(metavar="WORKFLOW_ID", help="campaign/CAMPAIGN or lead/CAMPAIGN/LEAD."),
]
RunId = Annotated[str, typer.Option("--run", help="Which run of it; the latest without.")]
ThatRunId = Annotated[
    str, typer.Option("--run", help="Which run of it; the latest by now without.")
]
Reason = Annotated[str, typer.Option(help="One sentence, which stays: name nobody in it.")]
_MASKED = "What people are called and have written is masked: that takes leads.read, of their own."
_INDENT = 7


@app.command("list")
def list_(
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List runs: those that go on first, the latest at the front, then those that have ended."""
    request = pb.ListWorkflowsRequest(
        page_size=page_size, page_token=page_token, filter=filter_, order_by=order_by
    )
    answer = ask(lambda client: client.workflows.list(request))
    if as_json:
        print_json(answer)
    else:
        out = console()
        for each in answer.workflows:
            status = enum_text(workflow_pb2.WorkflowStatus.DESCRIPTOR, each.status)
            out.print(each.workflow_id)
            out.print(f"{'':{_INDENT}}{status} {_span(each)}")
        if not answer.workflows:
            out.print("none")
        if answer.next_page_token:
            out.print(f"More: --page-token {answer.next_page_token}")


@app.command()
def show(workflow: WorkflowId, run: RunId = "", *, as_json: AsJson = False) -> None:
    """Tell what a workflow waits for, how often that was tried, and why it failed."""
    request = pb.GetWorkflowRequest(workflow_id=workflow, run_id=run)
    answer = ask(lambda client: client.workflows.get(request))
    if as_json:
        print_json(answer)
        return
    out, pending = console(), answer.pending_workflow_task
    _print_run(answer.workflow)
    for name, value in (
        ("started for", answer.requested_by),
        ("build", answer.build_id),
        ("parent", answer.parent_workflow_id),
        *sorted(answer.search_attributes.items()),
    ):
        if value:
            out.print(f"{'':{_INDENT}}{name} {value}")
    if answer.HasField("pending_workflow_task"):
        out.print(f"a task of the workflow itself is pending, attempt {pending.attempt}")
    if answer.HasField("last_failure"):
        _print_failure("failed", answer.last_failure)
    for each in answer.pending_activities:
        state = enum_text(workflow_pb2.PendingActivityState.DESCRIPTOR, each.state)
        out.print(f"\n{each.type} ({each.activity_id}): {state}, attempt {each.attempt}")
        if each.HasField("next_attempt_time"):
            out.print(f"{'':{_INDENT}}next attempt {instant_text(each.next_attempt_time)}")
        if each.HasField("last_failure"):
            _print_failure("the attempt before", each.last_failure)
    _print_detail(answer.detail)


@app.command()
def history(
    workflow: WorkflowId,
    run: RunId = "",
    page_size: PageSize = 0,
    page_token: PageToken = "",
    *,
    full: Annotated[bool, typer.Option("--full", help="All that events carry.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell the events of a workflow, oldest first, with what they carry."""
    request = pb.GetWorkflowHistoryRequest(
        workflow_id=workflow, run_id=run, page_size=page_size, page_token=page_token
    )
    answer = ask(lambda client: client.workflows.get_history(request))
    if as_json:
        print_json(answer)
        return
    out = console()
    out.print(f"run {answer.run_id}")
    for each in answer.events:
        out.print(f"{each.event_id:>5}  {instant_text(each.event_time)}  {each.type}")
        for line in _carried(each.attributes_json, width=out.width - _INDENT, full=full):
            out.print(f"{'':{_INDENT}}{line}")
    if answer.next_page_token:
        out.print(f"More: --page-token {answer.next_page_token}")
    _print_detail(answer.detail)


@app.command()
def cancel(
    workflow: WorkflowId,
    reason: Reason,
    run: ThatRunId = "",
    *,
    request_id: RequestId,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Ask a run to end, and to put in order what it leaves: a lead is stopped by it.

    A campaign is started again within a minute; `campaigns stop` ends one.
    """
    confirm(f"Asks 1 run of {workflow} to end: a lead is stopped by it.", yes=yes, dry_run=dry_run)
    request = pb.CancelWorkflowRequest(
        request_id=request_id, workflow_id=workflow, run_id=run or _latest(workflow), reason=reason
    )
    answer = ask(lambda client: client.workflows.cancel(request))
    if as_json:
        print_json(answer)
    else:
        _print_run(answer.workflow)


@app.command()
def terminate(
    workflow: WorkflowId,
    reason: Reason,
    run: ThatRunId = "",
    *,
    request_id: RequestId,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """End a run at once, where no cancellation ends it; a worker puts in order what it leaves."""
    confirm(f"Ends 1 run of {workflow} at once.", yes=yes, dry_run=dry_run)
    request = pb.TerminateWorkflowRequest(
        request_id=request_id, workflow_id=workflow, run_id=run or _latest(workflow), reason=reason
    )
    answer = ask(lambda client: client.workflows.terminate(request))
    if as_json:
        print_json(answer)
    else:
        _print_run(answer.workflow)


@app.command()
def retry(
    workflow: WorkflowId,
    run: ThatRunId = "",
    *,
    request_id: RequestId,
    as_json: AsJson = False,
) -> None:
    """Have what failed tried again now: a parked lead is sent on, an activity's wait is over."""
    request = pb.RetryWorkflowRequest(
        request_id=request_id, workflow_id=workflow, run_id=run or _latest(workflow)
    )
    answer = ask(lambda client: client.workflows.retry(request))
    if as_json:
        print_json(answer)
    else:
        typer.echo(enum_text(workflow_pb2.WorkflowRetry.DESCRIPTOR, answer.retry))
        _print_run(answer.workflow)


def _latest(workflow_id: str) -> str:
    """The run that is the latest now."""
    request = pb.GetWorkflowRequest(workflow_id=workflow_id)
    return ask(lambda client: client.workflows.get(request)).workflow.run_id


@app.command()
def health(*, as_json: AsJson = False) -> None:
    """Tell whether Temporal answers, and how it is set up; exit code 7 where it is away."""
    answer = ask(lambda client: client.workflows.get_temporal_health(pb.GetTemporalHealthRequest()))
    found = answer.health
    if as_json:
        print_json(answer)
    elif found.reachable:
        _print_health(found)
    else:
        console().print(f"Temporal is away: {found.why_unreachable} {found.address}".rstrip())
    if not found.reachable:
        end_as(ExitCode.AWAY)


def _print_health(found: workflow_pb2.TemporalHealth) -> None:
    out = console()
    out.print(f"Temporal {found.server_version} at {found.address}")
    out.print(f"namespace {found.namespace}, keeps what has ended {duration_text(found.retention)}")
    out.print(f"answers in {duration_text(found.latency)}")
    out.print("encrypted by us" if found.encrypted else "not encrypted by us")
    stores = {found.persistence_store, found.visibility_store} - {""}
    if stores:
        out.print(f"stored in {', '.join(sorted(stores))}")
    missing = [each.name for each in found.search_attributes if not each.registered]
    known = [each.name for each in found.search_attributes if each.registered]
    if known:
        out.print(f"search attributes {', '.join(known)}")
    if missing:
        out.print(f"search attributes that are MISSING: {', '.join(missing)}")
    print_rows(found.task_queues, "name", "kind", "pollers", "backlog_tasks", "backlog_age")


def _print_run(run: workflow_pb2.Workflow) -> None:
    """Its id alone in a line, whole: it is what is typed next."""
    out, status = console(), enum_text(workflow_pb2.WorkflowStatus.DESCRIPTOR, run.status)
    out.print(run.workflow_id)
    out.print(f"{'':{_INDENT}}{status} {_span(run)}")
    out.print(f"{'':{_INDENT}}run {run.run_id}")
    out.print(f"{'':{_INDENT}}{run.history_events} events, {run.history_bytes} bytes of history")
    out.print(f"{'':{_INDENT}}task queue {run.task_queue}")


def _span(run: workflow_pb2.Workflow) -> str:
    until = f" until {instant_text(run.close_time)}" if run.HasField("close_time") else ""
    return f"since {instant_text(run.start_time)}{until}"


def _print_failure(name: str, failure: workflow_pb2.WorkflowFailure) -> None:
    out = console()
    out.print(f"{'':{_INDENT}}{name}: {failure.type}")
    if failure.message:
        print_sentence(f"{'':{_INDENT}}{failure.message}")
    for cause in failure.cause_types:
        out.print(f"{'':{_INDENT}}because of {cause}")
    for place in failure.places:
        out.print(f"{'':{_INDENT}}{place}")


def _print_detail(detail: int) -> None:
    if detail == workflow_pb2.WORKFLOW_DETAIL_MASKED:
        print_sentence(_MASKED)


def _carried(attributes_json: str, *, width: int, full: bool) -> Iterable[str]:
    """What an event carries: as much as fits into a line, or all of it."""
    try:
        content = json.loads(attributes_json)
    except ValueError:
        return [attributes_json[:width]]
    if full:
        return json.dumps(content, ensure_ascii=False, indent=2).splitlines()
    line = ", ".join(
        f"{name} {json.dumps(value, ensure_ascii=False)}" for name, value in content.items()
    )
    return [line if len(line) <= width else f"{line[: width - 1]}…"] if line else []
