"""`outreach suppressions …`."""

from datetime import datetime
from typing import Annotated

import typer
from outreach.linkedin.v1 import linkedin_service_pb2 as pb

from outreach_client.durations import to_timestamp
from outreach_client.output import print_json, print_rows
from outreach_client.session import (
    AsJson,
    Organization,
    PageSize,
    PageToken,
    ask,
    instant_option,
)

app = typer.Typer(no_args_is_help=True, help="Suppressions: people who must not be contacted.")

_COLUMNS = ("suppression_id", "public_identifier", "reason", "expire_time", "create_time")


@app.command()
def add(
    people: Annotated[list[str], typer.Argument(help="The last part of each profile's address.")],
    organization: Organization,
    reason: Annotated[str, typer.Option(help="Why, for people.")],
    until: Annotated[datetime | None, instant_option(help="Default: for ever.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Forbid contact with people; in force when this returns."""
    request = pb.AddSuppressionsRequest(
        suppressions=[
            pb.Suppression(
                organization_id=organization,
                public_identifier=person,
                reason=reason,
                expire_time=to_timestamp(until),
            )
            for person in people
        ]
    )
    answer = ask(lambda client: client.linkedin.AddSuppressions(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(answer.suppressions, *_COLUMNS)


@app.command()
def remove(
    suppression_id: Annotated[str, typer.Argument(help="As `list` shows it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Allow contact again."""
    request = pb.RemoveSuppressionRequest(suppression_id=suppression_id)
    answer = ask(lambda client: client.linkedin.RemoveSuppression(request))
    if as_json:
        print_json(answer)
    else:
        typer.echo("removed")


@app.command("list")
def list_(
    organization: Organization,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List suppressions, oldest first."""
    request = pb.ListSuppressionsRequest(
        organization_id=organization, page_size=page_size, page_token=page_token
    )
    answer = ask(lambda client: client.linkedin.ListSuppressions(request))
    if as_json:
        print_json(answer)
    else:
        print_rows(answer.suppressions, *_COLUMNS, next_page_token=answer.next_page_token)
