"""`outreach campaigns …` about revisions of a sequence."""

from pathlib import Path
from typing import Annotated

import typer
from outreach.campaign.v1 import sequence_service_pb2 as pb

from outreach_client.commands.campaigns.campaigns import AllowLiteral, CampaignId, Sequence
from outreach_client.commands.groups import group
from outreach_client.formats.output import print_details, print_json, print_rows
from outreach_client.session import AsJson, PageSize, PageToken, ask, read_text

app = group()

Number = Annotated[int, typer.Argument(help="The number of an earlier revision.")]
Base = Annotated[
    str,
    typer.Option("--base", help="The revision_id as you read it; * for whatever it is now."),
]


@app.command("update-sequence")
def update_sequence(
    campaign_id: CampaignId,
    sequence: Sequence,
    allow_literal: AllowLiteral = None,
    base: Base = "*",
    *,
    as_json: AsJson = False,
) -> None:
    """Give a campaign another revision; leads not past the change go on with it."""
    request = pb.UpdateSequenceRequest(
        campaign_id=campaign_id,
        sequence_json=read_text(sequence),
        allow_literal=allow_literal,
        base_revision_id=base,
    )
    answer = ask(lambda client: client.sequences.update(request))
    if as_json:
        print_json(answer)
        return
    print_details(answer.revision)
    if answer.warnings:
        print_rows(answer.warnings, title="warnings")


@app.command("rollback-sequence")
def rollback_sequence(
    campaign_id: CampaignId, number: Number, base: Base = "*", *, as_json: AsJson = False
) -> None:
    """Put the content of an earlier revision back, as a new revision."""
    request = pb.RollbackSequenceRequest(
        campaign_id=campaign_id, number=number, base_revision_id=base
    )
    answer = ask(lambda client: client.sequences.rollback(request))
    if as_json:
        print_json(answer)
    else:
        print_details(answer.revision)


@app.command("preview-revision")
def preview_revision(
    campaign_id: CampaignId,
    sequence: Annotated[
        Path | None,
        typer.Option("--sequence", "-s", help="What the builder exported (JSON); - for stdin."),
    ] = None,
    number: Annotated[int, typer.Option(help="An earlier revision instead.")] = 0,
    allow_literal: AllowLiteral = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Count which leads would go on with another revision; changes nothing."""
    request = pb.PreviewRevisionRequest(campaign_id=campaign_id, allow_literal=allow_literal)
    if sequence is not None:
        request.sequence_json = read_text(sequence)
    else:
        request.number = number
    answer = ask(lambda client: client.sequences.preview_revision(request))
    if as_json:
        print_json(answer)
    else:
        print_details(answer)


@app.command("revisions")
def revisions(
    campaign_id: CampaignId,
    page_size: PageSize = 0,
    page_token: PageToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List the revisions of a campaign, newest first."""
    request = pb.ListRevisionsRequest(
        campaign_id=campaign_id, page_size=page_size, page_token=page_token
    )
    answer = ask(lambda client: client.sequences.list_revisions(request))
    if as_json:
        print_json(answer)
        return
    print_rows(answer.revisions, next_page_token=answer.next_page_token)
