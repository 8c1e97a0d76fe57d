"""`outreach sequences …`."""

from pathlib import Path
from typing import Annotated

import typer
from outreach.campaign.v1 import sequence_service_pb2 as pb

from outreach_client.commands.campaigns.campaigns import AllowLiteral
from outreach_client.commands.groups import group
from outreach_client.exit_codes import ExitCode
from outreach_client.formats.output import print_json
from outreach_client.session import AsJson, ask, end_as, read_text, refuse

app = group("Sequences: what a campaign's leads walk through.")


@app.callback()
def _sequences() -> None:
    """Keep `render` a command of its own although it is the only one."""


@app.command()
def render(
    sequence: Annotated[
        Path | None,
        typer.Option("--sequence", "-s", help="What the builder exported (JSON); - for stdin."),
    ] = None,
    campaign: Annotated[
        str, typer.Option(help="A campaign instead, for example camp_01j9z3k4x5.")
    ] = "",
    organization: Annotated[
        str,
        typer.Option(
            "--organization",
            "-O",
            envvar="OUTREACH_ORGANIZATION",
            help="Whose webhooks the sequence may name.",
        ),
    ] = "",
    allow_literal: AllowLiteral = None,
    *,
    mermaid: Annotated[
        bool, typer.Option("--mermaid", help="Print the flowchart and not the text.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a sequence will do; a sequence that cannot run ends with exit code 4."""
    if (sequence is None) == (not campaign):
        refuse("name a file with --sequence, or a campaign with --campaign")
    request = pb.RenderSequenceRequest(campaign_id=campaign)
    if sequence is not None:
        request.drawing.organization_id = organization
        request.drawing.sequence_json = read_text(sequence)
        request.drawing.allow_literal.extend(allow_literal or ())
    answer = ask(lambda client: client.sequences.render(request))
    if as_json:
        print_json(answer)
    else:
        typer.echo(answer.mermaid if mermaid and not answer.violations else answer.text, nl=False)
    if answer.violations:
        end_as(ExitCode.WRONG_INPUT)
