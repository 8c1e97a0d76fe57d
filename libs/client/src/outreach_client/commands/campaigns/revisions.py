"""`outreach campaigns …` about revisions of a sequence."""

from collections.abc import Awaitable, Callable
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from outreach.campaign.v1 import sequence_service_pb2 as pb
from outreach.campaign.v1.campaign_service_pb2 import GetCampaignRequest

from outreach_client.commands.campaigns.campaigns import AllowLiteral, CampaignId, Sequence
from outreach_client.commands.consequences import leads_text
from outreach_client.commands.groups import group
from outreach_client.formats.output import (
    console,
    print_answer,
    print_details,
    print_json,
    print_rows,
    print_sentence,
)
from outreach_client.formats.shown import shown
from outreach_client.session import (
    AsJson,
    DryRun,
    PageSize,
    PageToken,
    ask,
    confirmed,
    read_text,
    say_undone,
)

if TYPE_CHECKING:
    from outreach_client.client import OutreachClient

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
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Give a campaign another revision; leads not past the change go on with it.

    Before it is given, what changes is shown, and how many leads go on with it.
    """
    drawing = read_text(sequence)
    request = pb.UpdateSequenceRequest(
        campaign_id=campaign_id,
        sequence_json=drawing,
        allow_literal=allow_literal,
        base_revision_id=base,
        validate_only=dry_run,
    )
    told = _moving(campaign_id, drawing, allow_literal) if dry_run or not as_json else ""
    answer = confirmed(
        told, lambda client: client.sequences.update(request), yes=True, dry_run=dry_run
    )
    if told:
        print_sentence(told)
    if as_json:
        print_json(answer)
        return
    print_details(answer.revision)
    if answer.warnings:
        print_rows(answer.warnings, title="warnings")


def _moving(campaign_id: str, drawing: str, allow_literal: list[str] | None) -> str:
    """What another drawing changes, printed as a difference, and whom, in words."""
    request = pb.PreviewRevisionRequest(
        campaign_id=campaign_id, sequence_json=drawing, allow_literal=allow_literal
    )
    found = ask(lambda client: client.sequences.preview_revision(request))
    whose = GetCampaignRequest(campaign_id=campaign_id)
    campaign = ask(lambda client: client.campaigns.get(whose)).campaign
    before = pb.RenderSequenceRequest(campaign_id=campaign_id)
    after = pb.RenderSequenceRequest(
        drawing=pb.SequenceSource(
            organization_id=campaign.organization_id,
            sequence_json=drawing,
            allow_literal=allow_literal,
        )
    )
    texts = [ask(_rendering(each)).text.splitlines() for each in (before, after)]
    if not shown().format.for_programs:
        for line in unified_diff(texts[0], texts[1], "now", "then", lineterm=""):
            console().print(line)
    if found.unchanged:
        return "Nothing changes: the drawing is that of the revision in use."
    return (
        f"{leads_text(found.moving_leads)} in the sequence go on with it,"
        f" {found.finishing_leads} are past the change and finish as they began,"
        f" {found.beginning_leads} have not begun and begin with it."
    )


def _rendering(
    request: pb.RenderSequenceRequest,
) -> "Callable[[OutreachClient], Awaitable[pb.RenderSequenceResponse]]":
    return lambda client: client.sequences.render(request)


@app.command("rollback-sequence")
def rollback_sequence(
    campaign_id: CampaignId,
    number: Number,
    base: Base = "*",
    *,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Put the content of an earlier revision back, as a new revision."""
    request = pb.RollbackSequenceRequest(
        campaign_id=campaign_id, number=number, base_revision_id=base, validate_only=dry_run
    )
    answer = ask(lambda client: client.sequences.rollback(request))
    print_answer(answer, answer.revision, as_json=as_json)
    say_undone(dry_run=dry_run)


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
    print_answer(answer, answer, as_json=as_json)


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
