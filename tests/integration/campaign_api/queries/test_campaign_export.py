"""ExportCampaign: what it is, its revisions, its leads with their histories."""

import json
from typing import Any

import pytest
from campaign_api.queries import campaign_export
from campaigns.models import StepExecution, StepState
from campaigns.sequences.sequence import StepKind
from google.protobuf.json_format import ParseDict
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import sequence_service_pb2
from servicekit.errors import InvalidArgument

from tests.integration.campaign_api.conftest import NOON, SEQUENCE, Api

PEOPLE = 7
LEADS = b"linkedin_url\n" + b"".join(f"linkedin.com/in/p{n}\n".encode() for n in range(PEOPLE))


@pytest.fixture(autouse=True)
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign_export, "_AT_ONCE", 3)


async def exported(
    api: Api, campaign_id: str, *, token: str = ""
) -> list[pb.ExportCampaignResponse]:
    request = pb.ExportCampaignRequest(campaign_id=campaign_id, token=token)
    return [answer async for answer in api.stubs.campaigns.ExportCampaign(request)]


def lines(pieces: list[pb.ExportCampaignResponse]) -> list[pb.CampaignExportLine]:
    text = b"".join(each.content for each in pieces).decode()
    return [ParseDict(json.loads(line), pb.CampaignExportLine()) for line in text.splitlines()]


async def edited(api: Api) -> str:
    """A campaign with leads, of which one has a history, and with two revisions."""
    shorter: dict[str, Any] = json.loads(SEQUENCE)
    shorter["nodes"], shorter["edges"] = shorter["nodes"][:1], []
    campaign_id = await api.create()
    await api.stubs.sequences.UpdateSequence(
        sequence_service_pb2.UpdateSequenceRequest(
            campaign_id=campaign_id, sequence_json=json.dumps(shorter), base_revision_id="*"
        )
    )
    await api.import_leads(campaign_id, LEADS)
    ((_, lead), *_) = await api.leads.page(campaign_id, limit=1)
    visit = StepExecution(step_id="visit", state=StepState.DONE, started_at=NOON, ended_at=NOON)
    await api.steps.record(campaign_id, lead.id, StepKind.PROFILE_VISIT, visit)
    return campaign_id


async def test_all_of_a_campaign_is_told_in_order(api: Api) -> None:
    """First the campaign, then its revisions from the first on, then its leads."""
    campaign_id = await edited(api)

    told = lines(await exported(api, campaign_id))

    kinds = [each.WhichOneof("line") for each in told]
    assert kinds == ["campaign", *["revision"] * 2, *["lead"] * PEOPLE]
    assert told[0].campaign.campaign_id == campaign_id
    assert told[0].campaign.settings.max_concurrent_leads == 100
    assert [each.revision.revision.number for each in told[1:3]] == [1, 2]
    assert told[1].revision.sequence_json == SEQUENCE
    names = [each.lead.lead.public_identifier for each in told[3:]]
    assert names == [f"p{n}" for n in range(PEOPLE)]
    assert [step.step_id for step in told[3].lead.steps] == ["visit"]


async def test_a_stream_that_was_ended_goes_on(api: Api) -> None:
    """From each piece on: together it is the same file."""
    campaign_id = await edited(api)
    pieces = await exported(api, campaign_id)
    whole = b"".join(each.content for each in pieces)

    for number, each in enumerate(pieces, 1):
        rest = await exported(api, campaign_id, token=each.next_token)
        begun = b"".join(piece.content for piece in pieces[:number])
        assert begun + b"".join(piece.content for piece in rest) == whole


async def test_another_campaigns_token_is_refused(api: Api) -> None:
    """It names a place in another file."""
    campaign_id, other = await edited(api), await api.create("other")
    (*_, last) = await exported(api, campaign_id)

    with pytest.raises(InvalidArgument):
        await exported(api, other, token=last.next_token)
