"""`outreach campaigns preview` and `outreach campaigns experiment`."""

from typing import Annotated

import typer
from outreach.campaign.v1 import experiment_pb2, preview_pb2
from outreach.campaign.v1 import sequence_service_pb2 as pb

from outreach_client.commands.campaigns.campaigns import CampaignId
from outreach_client.commands.groups import group
from outreach_client.formats.enums import enum_text
from outreach_client.formats.output import console, print_details, print_json
from outreach_client.session import AsJson, ask

app = group()

_SOURCES = preview_pb2.TextSource.DESCRIPTOR


@app.command()
def preview(
    campaign_id: CampaignId,
    lead: Annotated[
        list[str] | None, typer.Option(help="A lead, for example lead_01j9z3k4x5; repeat for more.")
    ] = None,
    leads: Annotated[
        int, typer.Option(help="So many of the list's first leads; 0 means 3, at most 20.")
    ] = 0,
    *,
    as_json: AsJson = False,
) -> None:
    """Show every text of the sequence as leads would get it; nothing is sent."""
    request = pb.PreviewMessagesRequest(campaign_id=campaign_id, lead_ids=lead or [], leads=leads)
    answer = ask(lambda client: client.sequences.preview_messages(request))
    if as_json:
        print_json(answer)
        return
    for each in answer.leads:
        print_lead(each)


@app.command()
def experiment(
    campaign_id: CampaignId,
    step_id: Annotated[str, typer.Argument(help="A step whose text has variants.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Compare the variants of a step's text; there is a verdict only once it is due."""
    request = pb.GetExperimentRequest(campaign_id=campaign_id, step_id=step_id)
    answer = ask(lambda client: client.sequences.get_experiment(request))
    if as_json:
        print_json(answer)
        return
    found = answer.experiment
    print_details(found)
    if found.state == experiment_pb2.EXPERIMENT_STATE_COLLECTING:
        looks = ", ".join(str(look.leads) for look in found.looks)
        console().print(
            f"\nNothing is decided before {looks} leads of each variant have had"
            " their time; the counts so far are no verdict."
        )


def print_lead(lead: preview_pb2.LeadPreview) -> None:
    """Every text of the sequence as one lead would get it."""
    out = console()
    name = f"{lead.first_name} {lead.last_name}".strip() or lead.public_identifier
    sender = lead.account_name or lead.account_id
    out.print(
        f"{name} ({lead.lead_id}), from {sender}{'' if lead.account_assigned else ' (likely)'}"
    )
    if lead.held_back_reason:
        out.print(f"  held back: {lead.held_back_detail} ({lead.held_back_reason})")
    for message in lead.messages:
        _print_message(message)
    out.print()


def _print_message(message: preview_pb2.MessagePreview) -> None:
    out = console()
    step = message.label or message.step_id
    told = [
        enum_text(_SOURCES, message.source),
        f"{message.length} of {message.longest} characters",
    ]
    if message.length > message.longest:
        told.append("too long")
    if message.variant:
        told.append(f"variant {message.variant}")
    if message.choices:
        told.append("choices " + ", ".join(f"{c.choice}:{c.option}" for c in message.choices))
    if message.missing_variables:
        told.append(f"missing {', '.join(message.missing_variables)}")
    out.print(f"\n  {message.index + 1}. {step}  [{'; '.join(told)}]")
    for line in message.text.splitlines():
        out.print(f"     {line}")
    if message.remark:
        out.print(f"     ({message.remark})")
