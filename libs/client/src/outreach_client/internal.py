"""`outreach internal …`."""

from pathlib import Path
from typing import Annotated

import typer
from outreach.campaign.v1 import linkedin_event_service_pb2 as pb

from outreach_client.output import print_json
from outreach_client.session import AsJson, ask, read_message

app = typer.Typer(no_args_is_help=True, help="What services say to each other; for repairs.")


@app.command("report-linkedin-events")
def report_linkedin_events(
    events: Annotated[
        Path,
        typer.Argument(help="ReportLinkedInEventsRequest in protobuf JSON; - for stdin."),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Pass events of LinkedIn on to the leads that wait for them."""
    request = read_message(events, pb.ReportLinkedInEventsRequest())
    answer = ask(lambda client: client.linkedin_events.ReportLinkedInEvents(request))
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"{len(request.events)} events reported")
