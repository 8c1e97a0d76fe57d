"""`outreach reports …`."""

import textwrap
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from outreach.automation.v1 import report_pb2
from outreach.automation.v1 import report_service_pb2 as pb

from outreach_client.commands.automation import overviews
from outreach_client.commands.automation.filters import narrowed
from outreach_client.commands.groups import group
from outreach_client.formats.durations import to_timestamp
from outreach_client.formats.enums import value_name
from outreach_client.formats.output import print_json, print_rows, print_sentence, print_text
from outreach_client.session import (
    UPDATED_SINCE,
    AsJson,
    Filter,
    OrderBy,
    Organization,
    PageSize,
    PageToken,
    RequestId,
    SyncToken,
    ask,
    enum_option,
    written_to,
)

app = group("Reports: what came of programs, by week and day.")
app.add_typer(overviews.app)

ReportId = Annotated[str, typer.Argument(help="For example rep_01j9z3k4x5.")]
_KINDS = report_pb2.ReportKind.DESCRIPTOR
_WIDTH = 80


@app.command("list")
def list_(
    organization: Organization,
    program: Annotated[str, typer.Option(help="Of this program alone.")] = "",
    kind: Annotated[int, enum_option(_KINDS, "--kind", help="Of this kind alone.")] = 0,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    filter_: Filter = "",
    order_by: OrderBy = "",
    updated_since: Annotated[datetime | None, UPDATED_SINCE] = None,
    sync_token: SyncToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List reports, unless asked otherwise the newest first."""
    request = pb.ListReportsRequest(
        organization_id=organization,
        page_size=page_size,
        page_token=page_token,
        filter=narrowed(filter_, program_id=program, kind=value_name(_KINDS, kind)),
        order_by=order_by,
        updated_since=to_timestamp(updated_since),
        sync_token=sync_token,
    )
    answer = ask(lambda client: client.reports.list(request))
    if as_json:
        print_json(answer)
        return
    columns = ("report_id", "kind", "first_day", "last_day", "program_id")
    print_rows(
        answer.reports,
        *columns,
        next_page_token=answer.next_page_token,
        next_sync_token=answer.next_sync_token,
    )


@app.command()
def show(
    report: ReportId,
    html: Annotated[
        Path | None, typer.Option(help="Write the page with its charts there instead.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show a report: as Markdown, as its figures, or as a page in a file."""
    view = report_pb2.REPORT_VIEW_MARKDOWN
    if html is not None:
        view = report_pb2.REPORT_VIEW_HTML
    elif as_json:
        view = report_pb2.REPORT_VIEW_FIGURES
    request = pb.GetReportRequest(report_id=report, view=view)
    answer = ask(lambda client: client.reports.get(request))
    if html is not None:
        with written_to(html) as file:
            file.write(answer.content.encode())
        print_sentence(f"{html} has the page.")
    elif as_json:
        print_json(answer.report)
    else:
        print_text(_wrapped(answer.content))


@app.command()
def generate(
    program: Annotated[str, typer.Argument(help="For example prog_01j9z3k4x5.")],
    kind: Annotated[int, enum_option(_KINDS, "--kind", help="A week unless said.")] = 0,
    last_day: Annotated[
        str, typer.Option(help="The day it ends with, as 2027-03-28; yesterday unless said.")
    ] = "",
    *,
    request_id: RequestId,
    as_json: AsJson = False,
) -> None:
    """Count a report now; one that is there already is counted anew."""
    request = pb.GenerateReportRequest(
        program_id=program,
        kind=kind,  # type: ignore[arg-type]
        last_day=last_day,
        request_id=request_id,
    )
    made = ask(lambda client: client.reports.generate(request)).report
    if as_json:
        print_json(made)
    else:
        print_rows([made], "report_id", "kind", "first_day", "last_day", "program_id")


def _wrapped(markdown: str) -> str:
    """The text in lines of a terminal's width; what belongs to a point is indented."""
    return "\n".join(
        textwrap.fill(
            line,
            _WIDTH,
            subsequent_indent="  " if line.startswith("- ") else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in markdown.splitlines()
    )
