"""`outreach leads release` and `withdraw`: who may enter the sequence, and in which order."""

from typing import Annotated

import typer
from outreach.campaign.v1 import lead_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.commands.leads.leads import CampaignId
from outreach_client.formats.output import print_json
from outreach_client.session import AsJson, ask

app = group()

_LeadIds = Annotated[list[str], typer.Argument(help="One or more, for example lead_01j9z3k4x5.")]


@app.command()
def release(
    campaign_id: CampaignId,
    lead_id: _LeadIds,
    release_id: Annotated[
        str, typer.Option(help="Makes the release one; the first with it counts.")
    ],
    account: Annotated[
        str, typer.Option(help="Which of the campaign's accounts turns to them.")
    ] = "",
    rank: Annotated[
        float | None, typer.Option(help="The highest is admitted first, who has none last.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Release leads: where only released ones are admitted, they enter by rank."""
    leads = [pb.LeadToRelease(lead_id=each, account_id=account, rank=rank) for each in lead_id]
    request = pb.ReleaseLeadsRequest(campaign_id=campaign_id, release_id=release_id, leads=leads)
    answer = ask(lambda client: client.leads.release(request))
    if as_json:
        print_json(answer)
        return
    for each in answer.leads:
        result = pb.LeadReleaseResult.Name(each.result).removeprefix("LEAD_RELEASE_RESULT_")
        typer.echo(f"{each.lead_id} {result}")


@app.command()
def withdraw(
    campaign_id: CampaignId,
    lead_id: Annotated[list[str] | None, typer.Argument(help="Those that are meant.")] = None,
    release_id: Annotated[str, typer.Option(help="All of a release.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Take the release of leads back that have not been admitted."""
    request = pb.WithdrawLeadsRequest(
        campaign_id=campaign_id, release_id=release_id, lead_ids=lead_id
    )
    answer = ask(lambda client: client.leads.withdraw(request))
    if as_json:
        print_json(answer)
    else:
        typer.echo(f"{len(answer.lead_ids)} wait to be released again")
