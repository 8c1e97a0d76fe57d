"""What a program's decisions change of a campaign: done, taken back, left to people."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from automation.decisions.decision import Change, Decision, DecisionKind, DecisionState
from automation.decisions.errors import DecisionNotRevertible
from automation.decisions.history_repository import DecisionHistory
from campaigns.campaign_edit import etag_of
from campaigns.sequences.sequence import Sequence
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2, sequence_service_pb2
from outreach_worker.decisions.effects import Overtaken
from outreach_worker.optimisation.leads_per_day import LeadsPerDay
from outreach_worker.optimisation.pauses import CampaignPause
from outreach_worker.optimisation.sequence_shares import SequenceShares
from servicekit.errors import InvalidArgument

from tests.fakes.campaign_ports import ORGANIZATION
from tests.fakes.holds_kept import HoldsKept
from tests.integration.campaign_api.conftest import NOON, Api

TEXTS = {"customMessage": "Hi", "variants": [{"name": "b", "text": "Hello"}]}


def drawn(config: dict[str, Any]) -> str:
    node = {"id": "invite", "type": "action", "data": {"type": "send_invite", "config": config}}
    return json.dumps({"nodes": [node], "edges": []})


def decision(campaign_id: str, kind: DecisionKind, change: Change) -> Decision:
    return Decision(
        id="dec_1",
        organization_id=ORGANIZATION,
        program_id="prog_1",
        campaign_id=campaign_id,
        key="k",
        kind=kind,
        rule="verdict",
        inputs={"guardrail": "too few accept", "way_out": "Try another text."},
        change=change,
        created_at=NOON - timedelta(days=1),
    )


async def split(api: Api, campaign_id: str) -> Decision:
    """Decided on the revision that the campaign has: nine in ten get b."""
    campaign = await api.campaigns.get(campaign_id)
    before = {"revision_id": campaign.revision_id, "step_id": "invite"}
    after = {"step_id": "invite", "winner": "b", "shares": {"b": 9, "control": 1}}
    return decision(
        campaign_id, DecisionKind.SPLIT_AFTER_VERDICT, Change(before=before, after=after)
    )


class Decided:
    """What the program has decided since."""

    def __init__(self, *later: Decision) -> None:
        self._later = later

    async def of_campaign(self, *_: Any, **__: Any) -> list[Decision]:
        return list(self._later)


def shares(api: Api, *later: Decision) -> SequenceShares:
    history = cast("DecisionHistory", Decided(*later))
    return SequenceShares(api.stubs.sequences, api.campaigns, api.revisions, history)


async def present(api: Api, campaign_id: str) -> Sequence:
    campaign = await api.campaigns.get(campaign_id)
    return (await api.revisions.get(campaign.revision_id)).sequence


async def test_a_verdict_and_its_reversal(api: Api) -> None:
    """Another revision with other shares, however often it is said; and back as it was."""
    campaign_id = await api.create(sequence_json=drawn(TEXTS))
    before, made = await present(api, campaign_id), await split(api, campaign_id)

    change = await shares(api).apply(made)
    again = await shares(api).apply(made)

    assert again == change
    assert change.after["revision"] == 2
    (step,) = (await present(api, campaign_id)).steps
    assert {each.name: each.share for each in step.variants} == {"control": 1, "b": 9}

    applied = decision(campaign_id, made.kind, change)
    await shares(api).take_back(applied)
    await shares(api).take_back(applied)

    assert await present(api, campaign_id) == before


async def test_whoever_edits_in_between_wins(api: Api) -> None:
    """An edit after the verdict keeps it from being applied, one after that from being undone."""
    campaign_id = await api.create(sequence_json=drawn(TEXTS))
    late = await split(api, campaign_id)
    await _edit(api, campaign_id, TEXTS | {"customMessage": "Good day"})

    with pytest.raises(Overtaken) as refused:
        await shares(api).apply(late)

    assert refused.value.reason == "ETAG_MISMATCH"
    made = await split(api, campaign_id)
    applied = decision(campaign_id, made.kind, await shares(api).apply(made))
    await _edit(api, campaign_id, {"customMessage": "Mine"})

    with pytest.raises(Overtaken):
        await shares(api).take_back(applied)

    assert (await present(api, campaign_id)).steps[0].text == "Mine"


async def test_an_edit_of_another_step_stays(api: Api) -> None:
    """The step is put back as it was, in the revision that somebody has made since."""
    campaign_id = await api.create(sequence_json=drawn(TEXTS))
    made = await split(api, campaign_id)
    applied = decision(campaign_id, made.kind, await shares(api).apply(made))
    campaign = await api.campaigns.get(campaign_id)
    drawing = json.loads((await api.revisions.get(campaign.revision_id)).source_json)
    drawing["nodes"].append(
        {"id": "note", "type": "action", "data": {"type": "profile_visit", "config": {}}}
    )
    drawing["edges"].append({"id": "e1", "source": "invite", "target": "note"})
    await _updated(api, campaign_id, json.dumps(drawing))

    await shares(api).take_back(applied)

    first, second = (await present(api, campaign_id)).steps
    assert {each.name: each.share for each in first.variants} == {"control": 1, "b": 1}
    assert second.step_id == "note"


async def test_what_a_later_decision_made_is_taken_back_first(api: Api) -> None:
    """No person has changed it: the earlier one stays, and can be taken back afterwards."""
    campaign_id = await api.create(sequence_json=drawn(TEXTS))
    made = await split(api, campaign_id)
    first = decision(campaign_id, made.kind, await shares(api).apply(made))
    revision_id = (await api.campaigns.get(campaign_id)).revision_id
    end = replace(
        decision(
            campaign_id,
            DecisionKind.END_HOLD_OUT,
            Change(
                before={"revision_id": revision_id, "step_id": "invite"},
                after={"step_id": "invite", "shares": {"b": 9}},
            ),
        ),
        id="dec_2",
        state=DecisionState.APPLIED,
    )
    end = replace(end, change=await shares(api).apply(end))

    with pytest.raises(DecisionNotRevertible):
        await shares(api, first, end).take_back(first)

    await shares(api, first, end).take_back(end)
    await shares(api, first).take_back(first)
    (step,) = (await present(api, campaign_id)).steps
    assert {each.name: each.share for each in step.variants} == {"control": 1, "b": 1}


async def test_everybody_gets_the_winner(api: Api) -> None:
    """The loser is in no revision any more that leads begin on; taken back it is again."""
    campaign_id = await api.create(sequence_json=drawn(TEXTS))
    made = await split(api, campaign_id)
    after = {**made.change.after, "shares": {"b": 9}}
    everybody = Change(before=made.change.before, after=after)
    archived = decision(campaign_id, DecisionKind.ARCHIVE_VARIANT, everybody)

    change = await shares(api).apply(archived)

    (step,) = (await present(api, campaign_id)).steps
    assert (step.text, step.variants) == ("Hello", ())

    await shares(api).take_back(decision(campaign_id, archived.kind, change))

    assert len((await present(api, campaign_id)).steps[0].variants) == 2


async def test_more_leads_and_back(api: Api) -> None:
    """The number is raised and put back; of a campaign that was edited since neither is done."""
    campaign_id = await api.create(sequence_json=drawn(TEXTS))
    effect = LeadsPerDay(api.stubs.campaigns)
    campaign = await api.campaigns.get(campaign_id)
    was = campaign.settings.leads_per_day
    raised = Change(
        before={"leads_per_day": was, "etag": etag_of(campaign)},
        after={"leads_per_day": was + 7},
    )
    made = decision(campaign_id, DecisionKind.RAISE_LEADS_PER_DAY, raised)

    applied = decision(campaign_id, made.kind, await effect.apply(made))

    assert (await api.campaigns.get(campaign_id)).settings.leads_per_day == was + 7
    await effect.take_back(applied)
    assert (await api.campaigns.get(campaign_id)).settings.leads_per_day == was

    await api.stubs.campaigns.UpdateCampaign(
        campaign_service_pb2.UpdateCampaignRequest(
            campaign=campaign_pb2.Campaign(campaign_id=campaign_id, etag="*", name="Mine"),
            update_mask=FieldMask(paths=["name"]),
        )
    )
    with pytest.raises(Overtaken):
        await effect.apply(made)


async def test_a_number_that_no_campaign_may_have(api: Api) -> None:
    """What is refused as it is has failed; nobody's edit stands in its way."""
    campaign_id = await api.create(sequence_json=drawn(TEXTS))
    campaign = await api.campaigns.get(campaign_id)
    raised = Change(
        before={"leads_per_day": 1, "etag": etag_of(campaign)}, after={"leads_per_day": 2**30}
    )

    with pytest.raises(InvalidArgument):
        await LeadsPerDay(api.stubs.campaigns).apply(
            decision(campaign_id, DecisionKind.RAISE_LEADS_PER_DAY, raised)
        )


async def test_a_campaign_that_cannot_be_paused(api: Api) -> None:
    """One that has not started is not paused by a guardrail: that is told, not failed."""
    campaign_id = await api.create(sequence_json=drawn(TEXTS))
    paused = Change(before={"paused": False}, after={"paused": True})

    with pytest.raises(Overtaken) as refused:
        await CampaignPause(api.stubs.campaigns, HoldsKept().stub).apply(
            decision(campaign_id, DecisionKind.PAUSE_CAMPAIGN, paused)
        )

    assert refused.value.reason == "CAMPAIGN_NOT_PAUSABLE"


async def _edit(api: Api, campaign_id: str, config: dict[str, Any]) -> None:
    await _updated(api, campaign_id, drawn(config))


async def _updated(api: Api, campaign_id: str, drawing: str) -> None:
    await api.stubs.sequences.UpdateSequence(
        sequence_service_pb2.UpdateSequenceRequest(
            campaign_id=campaign_id, sequence_json=drawing, base_revision_id="*"
        )
    )
