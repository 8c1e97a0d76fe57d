"""`outreach leads trace`: one person's story, over all campaigns of an organization."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from outreach.campaign.v1 import campaign_pb2, lead_pb2, preview_pb2
from outreach.campaign.v1 import lead_service_pb2 as pb

from outreach_client.commands.groups import group
from outreach_client.exit_codes import ExitCode
from outreach_client.formats.enums import enum_text
from outreach_client.formats.output import console, print_json, print_sentence
from outreach_client.formats.times import instant_text
from outreach_client.session import AsJson, Organization, ask, end_as

if TYPE_CHECKING:
    from outreach_client.client import OutreachClient

app = group()

_AT_ONCE = 8
_LEAD_STATES = lead_pb2.LeadState.DESCRIPTOR
_STEP_STATES = lead_pb2.StepState.DESCRIPTOR


@dataclass(frozen=True)
class Chapter:
    """What happened to the person in one campaign."""

    campaign: campaign_pb2.Campaign
    details: pb.GetLeadResponse
    texts: dict[str, preview_pb2.MessagePreview] = field(default_factory=dict)
    """As they were sent, by the step."""

    @property
    def began_at(self) -> datetime:
        """When the person's first step began; of who waits yet, the end of time."""
        times = [each.start_time.ToDatetime(UTC) for each in self.details.steps]
        return min(times, default=datetime.max.replace(tzinfo=UTC))


@app.command()
def trace(
    person: Annotated[
        str, typer.Argument(help="The last part of the profile's address, or the whole of it.")
    ],
    organization: Organization,
    *,
    as_json: AsJson = False,
) -> None:
    """Tell a person's story over all campaigns, with the texts as they were sent."""
    name = person.rstrip("/").rpartition("/")[2]
    chapters = ask(lambda client: _chapters(client, organization, name))
    if as_json:
        found = [
            pb.LeadWithSteps(lead=each.details.lead, steps=each.details.steps) for each in chapters
        ]
        print_json(pb.ListLeadsResponse(leads=found))
    else:
        print_sentence(f"{name} is in {len(chapters)} campaign{'' if len(chapters) == 1 else 's'}")
        for each in chapters:
            for line in told(each):
                console().print(line)
    if not chapters:
        end_as(ExitCode.NO_SUCH_THING)


def told(chapter: Chapter) -> Iterator[str]:
    """The lines of a chapter, oldest step first."""
    lead = chapter.details.lead
    reason = f" ({lead.reason})" if lead.reason else ""
    yield ""
    yield f"{chapter.campaign.name} ({chapter.campaign.campaign_id})"
    yield f"  {lead.lead_id}: {enum_text(_LEAD_STATES, lead.state)}{reason}, from {lead.account_id}"
    for step in chapter.details.steps:
        why = f" ({step.reason})" if step.reason else ""
        state = enum_text(_STEP_STATES, step.state)
        yield f"  {instant_text(step.start_time)}  {step.label or step.step_id}: {state}{why}"
        sent = chapter.texts.get(step.step_id)
        for line in sent.text.splitlines() if sent is not None else ():
            yield f"      {line}"
    for waiting in chapter.details.waiting_for:
        yield f"  waits: {waiting.description}"


async def _chapters(client: "OutreachClient", organization: str, name: str) -> list[Chapter]:
    import asyncio  # noqa: PLC0415 - only for who makes a call

    campaigns = [each async for each in client.campaigns.list(organization_id=organization)]
    slots = asyncio.Semaphore(_AT_ONCE)

    async def of(campaign: campaign_pb2.Campaign) -> Chapter | None:
        async with slots:
            return await _chapter(client, campaign, name)

    found = await asyncio.gather(*(of(each) for each in campaigns))
    return sorted((each for each in found if each is not None), key=lambda each: each.began_at)


async def _chapter(
    client: "OutreachClient", campaign: campaign_pb2.Campaign, name: str
) -> Chapter | None:
    import asyncio  # noqa: PLC0415 - only for who makes a call

    campaign_id = campaign.campaign_id
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    page = await client.leads.list(
        campaign_id=campaign_id, filter=f'public_identifier = "{quoted}"', page_size=1
    )
    if not page.leads:
        return None
    lead_id = page.leads[0].lead.lead_id
    details, preview = await asyncio.gather(
        client.leads.get(campaign_id=campaign_id, lead_id=lead_id),
        client.sequences.preview_messages(campaign_id=campaign_id, lead_ids=[lead_id]),
    )
    kept = {
        message.step_id: message
        for each in preview.leads
        for message in each.messages
        if message.source == preview_pb2.TEXT_SOURCE_KEPT
    }
    return Chapter(campaign, details, kept)
