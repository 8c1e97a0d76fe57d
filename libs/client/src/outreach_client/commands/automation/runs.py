"""`outreach runs …`."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer
from outreach.automation.v1 import run_pb2
from outreach.automation.v1 import run_service_pb2 as pb

from outreach_client.commands.automation.filters import narrowed
from outreach_client.commands.groups import group
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.enums import value_name
from outreach_client.formats.output import (
    print_details,
    print_json,
    print_rows,
    print_sentence,
)
from outreach_client.session import (
    UPDATED_SINCE,
    AsJson,
    DryRun,
    Filter,
    OrderBy,
    Organization,
    PageSize,
    PageToken,
    RequestId,
    SyncToken,
    Yes,
    ask,
    confirm,
    enum_option,
)

app = group("Runs: what programs did, run by run.")

RunId = Annotated[str, typer.Argument(help="For example run_01j9z3k4x5.")]
_TOGETHER = {"leads": "leads", "unused": "slots that stayed empty, and who has none"}
_STATES, _TYPES = run_pb2.RunState.DESCRIPTOR, run_pb2.RunType.DESCRIPTOR


@app.command("list")
def list_(
    organization: Organization,
    program: Annotated[str, typer.Option(help="Of this program alone.")] = "",
    state: Annotated[int, enum_option(_STATES, "--state", help="In this state alone.")] = 0,
    type_: Annotated[int, enum_option(_TYPES, "--type", help="Of this type alone.")] = 0,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List runs, unless asked otherwise the latest nominal time first."""
    request = pb.ListRunsRequest(
        organization_id=organization,
        page_size=page_size,
        page_token=page_token,
        filter=narrowed(
            filter_,
            program_id=program,
            state=value_name(_STATES, state),
            type=value_name(_TYPES, type_),
        ),
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.runs.list(request))
    if as_json:
        print_json(answer)
        return
    columns = ("run_id", "type", "state", "nominal_time", "error")
    print_rows(
        answer.runs,
        *columns,
        next_page_token=answer.next_page_token,
        next_sync_token=answer.next_sync_token,
    )


@app.command()
def show(run: RunId, *, as_json: AsJson = False) -> None:
    """Show a run: what has come of it, or why it failed."""
    _tell(ask(lambda client: client.runs.get(pb.GetRunRequest(run_id=run))).run, as_json=as_json)


@app.command()
def cancel(
    run: RunId,
    *,
    request_id: RequestId,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Ask a run to end; what it has done stays."""
    confirm(f"Asks 1 run to end: {run}. What it has done stays.", yes=yes, dry_run=dry_run)
    request = pb.CancelRunRequest(run_id=run, request_id=request_id)
    _tell(ask(lambda client: client.runs.cancel(request)).run, as_json=as_json)


def _tell(run: run_pb2.Run, *, as_json: bool) -> None:
    if as_json:
        print_json(run)
        return
    shown = run_pb2.Run()
    shown.CopyFrom(run)
    shown.ClearField("result_json")
    print_details(shown)
    for line in _counts(run.result_json):
        print_sentence(line)


def _counts(result_json: str) -> Iterator[str]:
    """`unused: 31 plan, on hold`: what was counted, by the first word of its name; nothing is 0."""
    try:
        counted = json.loads(result_json) if result_json else {}
    except ValueError:
        counted = {}
    together: dict[str, list[str]] = {}
    for name, number in sorted(counted.items()):
        of, _, what = name.partition("_")
        if of in _TOGETHER and what:
            told = f"{number or ''} {what.replace('_', ' ')}".strip()
            if number or of == "unused":
                together.setdefault(_TOGETHER[of], []).append(told)
        else:
            together.setdefault(name.replace("_", " "), []).append(str(number))
    return (f"{of}: {', '.join(told)}" for of, told in together.items())
