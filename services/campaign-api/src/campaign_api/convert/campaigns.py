"""Protos <-> models of campaigns and where they stand."""

import hashlib
from collections.abc import Mapping, Sequence

from campaigns.campaign_edit import etag_of
from campaigns.models import Campaign, CampaignState, LeadState, StepState
from campaigns.sequences.revision import Revision
from campaigns.sequences.sequence import Step
from campaigns.workflow.control import OnTheWire
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2
from outreach.common.v1 import error_reason_pb2, on_the_wire_pb2

from campaign_api.convert.instants import timestamp
from campaign_api.convert.sequences import kind_to_proto, revision_to_proto
from campaign_api.convert.settings import settings_to_proto
from campaign_api.queries.campaign_explanations import unreleased_leads
from campaign_api.queries.campaign_status import CampaignStatus


def campaign_to_proto(campaign: Campaign, revision: Revision | None) -> campaign_pb2.Campaign:
    """The campaign; of one that was purged its ids alone."""
    return campaign_pb2.Campaign(
        campaign_id=campaign.id,
        organization_id=campaign.organization_id,
        name=campaign.name,
        state=campaign_state_to_proto(campaign.state),
        account_ids=campaign.account_ids,
        settings=settings_to_proto(campaign.settings),
        sequence=revision_to_proto(revision) if revision else None,
        create_time=timestamp(campaign.created_at),
        created_by=campaign.created_by,
        updated_by=campaign.updated_by,
        start_time=timestamp(campaign.started_at),
        end_time=timestamp(campaign.ended_at),
        parked_leads=campaign.parked_leads,
        etag=etag_of(campaign),
        update_time=timestamp(campaign.updated_at),
        delete_time=timestamp(campaign.deleted_at),
        purge_time=timestamp(campaign.purge_at),
    )


def wire_to_proto(begun: OnTheWire) -> on_the_wire_pb2.OnTheWire:
    return on_the_wire_pb2.OnTheWire(
        actions=begun.actions, action_ids=begun.action_ids, until=timestamp(begun.until)
    )


def campaign_state_to_proto(state: CampaignState) -> campaign_pb2.CampaignState.ValueType:
    return campaign_pb2.CampaignState.Value(f"CAMPAIGN_STATE_{state.name}")


def campaign_state_from_proto(
    state: campaign_pb2.CampaignState.ValueType,
) -> CampaignState | None:
    """The state that a list is filtered by; None where any is meant."""
    if state == campaign_pb2.CAMPAIGN_STATE_UNSPECIFIED:
        return None
    name = campaign_pb2.CampaignState.Name(state)
    return CampaignState[name.removeprefix("CAMPAIGN_STATE_")]


def status_to_proto(status: CampaignStatus) -> campaign_pb2.CampaignStatus:
    counts = status.counts
    return campaign_pb2.CampaignStatus(
        campaign_id=status.campaign.id,
        state=campaign_state_to_proto(status.campaign.state),
        leads=counts.total,
        **{state.value: counts.leads.get(state, 0) for state in LeadState},
        released=counts.released,
        unreleased=unreleased_leads(status.campaign, counts),
        funnel=campaign_pb2.Funnel(**counts.funnel),
        steps=[
            _step_counts_to_proto(
                step, counts.steps.get(step.step_id, {}), counts.exits.get(step.step_id, {})
            )
            for step in status.sequence.steps
        ],
        start_time=timestamp(status.campaign.started_at),
        end_time=timestamp(status.campaign.ended_at),
        estimated_end_time=timestamp(status.estimated_end_at),
        explanations=status.explanations,
        count_time=timestamp(status.counted_at),
    )


def status_digest(status: campaign_pb2.CampaignStatus) -> str:
    """What a status tells, but for what is another with every count."""
    told = campaign_pb2.CampaignStatus()
    told.CopyFrom(status)
    told.ClearField("count_time")
    told.ClearField("estimated_end_time")
    return hashlib.sha256(told.SerializeToString(deterministic=True)).hexdigest()


def statuses_to_proto(
    campaign_ids: Sequence[str], statuses: Sequence[CampaignStatus]
) -> campaign_service_pb2.BatchGetCampaignStatusResponse:
    """One result for each id, in their order; what has no status was not found."""
    found = {status.campaign.id: status for status in statuses}
    answer = campaign_service_pb2.BatchGetCampaignStatusResponse()
    for campaign_id in campaign_ids:
        result = answer.results.add(campaign_id=campaign_id)
        if campaign_id in found:
            result.status.CopyFrom(status_to_proto(found[campaign_id]))
        else:
            result.error = error_reason_pb2.ERROR_REASON_CAMPAIGN_NOT_FOUND
    return answer


def _step_counts_to_proto(
    step: Step, leads: Mapping[StepState, int], taken: Mapping[str, int]
) -> campaign_pb2.StepCounts:
    return campaign_pb2.StepCounts(
        step_id=step.step_id,
        index=step.index,
        kind=kind_to_proto(step.kind),
        label=step.label,
        waiting=leads.get(StepState.WAITING, 0),
        done=leads.get(StepState.DONE, 0),
        skipped=leads.get(StepState.SKIPPED, 0),
        failed=leads.get(StepState.FAILED, 0),
        exits={way.name: taken.get(way.name, 0) for way in step.exits},
    )
