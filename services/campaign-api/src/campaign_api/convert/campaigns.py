"""Protos <-> models of campaigns and leads; the only module that knows both."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from campaigns.models import Campaign, CampaignState, Lead, LeadState, StepExecution, StepState
from campaigns.sequences.diagnostics import SequenceWarning, Violation
from campaigns.sequences.revision import Revision
from campaigns.sequences.sequence import Condition, Exit, Question, Step, StepKind
from campaigns.sequences.sequence import Sequence as StepSequence
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.campaign.v1 import campaign_pb2, lead_pb2, sequence_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb

from campaign_api.commands.lead_import import Imported
from campaign_api.commands.sequence_updates import Preview
from campaign_api.convert.settings import settings_to_proto
from campaign_api.errors import InvalidFields, invalid
from campaign_api.queries.explanations import Wait
from campaign_api.queries.sequence_rendering import Rendering
from campaign_api.queries.status import CampaignStatus


def campaign_to_proto(campaign: Campaign, revision: Revision) -> campaign_pb2.Campaign:
    return campaign_pb2.Campaign(
        campaign_id=campaign.id,
        organization_id=campaign.organization_id,
        name=campaign.name,
        state=campaign_state_to_proto(campaign.state),
        account_ids=campaign.account_ids,
        settings=settings_to_proto(campaign.settings),
        sequence=revision_to_proto(revision),
        create_time=timestamp(campaign.created_at),
        start_time=timestamp(campaign.started_at),
        end_time=timestamp(campaign.ended_at),
    )


def campaign_state_to_proto(state: CampaignState) -> campaign_pb2.CampaignState.ValueType:
    return campaign_pb2.CampaignState.Value(f"CAMPAIGN_STATE_{state.name}")


def campaign_state_from_proto(
    state: campaign_pb2.CampaignState.ValueType,
) -> CampaignState | None:
    """The state that a list is filtered by; None where any is meant."""
    if state == campaign_pb2.CAMPAIGN_STATE_UNSPECIFIED:
        return None
    if state not in campaign_pb2.CampaignState.values():
        raise InvalidFields([invalid("state", "There is no such state.")])
    name = campaign_pb2.CampaignState.Name(state)
    return CampaignState[name.removeprefix("CAMPAIGN_STATE_")]


def lead_state_from_proto(state: lead_pb2.LeadState.ValueType) -> LeadState | None:
    """The state that a list is filtered by; None where any is meant."""
    if state == lead_pb2.LEAD_STATE_UNSPECIFIED:
        return None
    if state not in lead_pb2.LeadState.values():
        raise InvalidFields([invalid("state", "There is no such state.")])
    return LeadState[lead_pb2.LeadState.Name(state).removeprefix("LEAD_STATE_")]


def revision_to_proto(revision: Revision) -> sequence_pb2.SequenceRevision:
    return sequence_pb2.SequenceRevision(
        revision_id=revision.id,
        number=revision.number,
        content_hash=revision.content_hash,
        steps=steps_to_proto(revision.sequence),
        create_time=timestamp(revision.created_at),
    )


def revision_in_use_to_proto(revision: Revision, leads: int) -> pb.RevisionInUse:
    return pb.RevisionInUse(revision=revision_to_proto(revision), running_leads=leads)


def preview_to_proto(preview: Preview) -> pb.PreviewRevisionResponse:
    return pb.PreviewRevisionResponse(
        beginning_leads=preview.beginning,
        moving_leads=preview.moving,
        finishing_leads=preview.finishing,
        warnings=warnings_to_proto(preview.warnings),
        unchanged=preview.unchanged,
    )


def steps_to_proto(sequence: StepSequence) -> list[sequence_pb2.Step]:
    return [_step_to_proto(step) for step in sequence.steps]


def _step_to_proto(step: Step) -> sequence_pb2.Step:
    converted = sequence_pb2.Step(
        step_id=step.step_id,
        index=step.index,
        kind=_kind_to_proto(step),
        label=step.label,
        next_step_id=step.next_step_id or "",
        not_accepted_step_id=step.not_accepted_step_id or "",
        text=step.text,
        written_by_ai=step.ai is not None,
    )
    if step.next_step_id is not None:
        converted.next_delay.FromTimedelta(step.next_delay)
    if step.waits_for_acceptance:
        converted.accept_within.FromTimedelta(step.accept_within)
    if step.wait_for:
        converted.wait_for.FromTimedelta(step.wait_for)
    if step.condition is not None:
        converted.condition.CopyFrom(_condition_to_proto(step, step.condition))
    shares = sum(way.share for way in step.exits)
    converted.variants.extend(
        sequence_pb2.TextVariant(name=each.name, text=each.text, share=each.share)
        for each in step.variants
    )
    converted.exits.extend(_exit_to_proto(way, shares, step.kind) for way in step.exits)
    return converted


def _condition_to_proto(step: Step, condition: Condition) -> sequence_pb2.Condition:
    converted = sequence_pb2.Condition(
        question=sequence_pb2.Question.Value(f"QUESTION_{condition.question.name}"),
        variable=condition.variable,
        value=condition.value,
    )
    if condition.question is Question.HAS_POSTS:
        converted.recent_within.FromTimedelta(step.recent_within)
    return converted


def _exit_to_proto(way: Exit, shares: int, kind: StepKind) -> sequence_pb2.Exit:
    converted = sequence_pb2.Exit(name=way.name, next_step_id=way.step_id or "")
    if way.step_id is not None:
        converted.delay.FromTimedelta(way.delay)
    if kind is StepKind.SPLIT:
        converted.percentage = way.share * 100 / shares
    return converted


def _kind_to_proto(step: Step) -> sequence_pb2.StepKind.ValueType:
    return sequence_pb2.StepKind.Value(f"STEP_KIND_{step.kind.name}")


def lead_to_proto(lead: Lead) -> lead_pb2.Lead:
    person = lead.person
    return lead_pb2.Lead(
        lead_id=lead.id,
        campaign_id=lead.campaign_id,
        public_identifier=person.public_identifier,
        first_name=person.first_name,
        last_name=person.last_name,
        company=person.company,
        title=person.title,
        email=person.email,
        phone=person.phone,
        location=person.location,
        industry=person.industry,
        variables=dict(person.variables),
        state=lead_pb2.LeadState.Value(f"LEAD_STATE_{lead.state.name}"),
        reason=lead.reason,
        connection=lead_pb2.ConnectionState.Value(f"CONNECTION_STATE_{lead.connection.name}"),
        account_id=lead.account_id,
        create_time=timestamp(lead.created_at),
        start_time=timestamp(lead.started_at),
        end_time=timestamp(lead.ended_at),
        reply=lead.reply,
        detail=lead.detail,
    )


def history_to_proto(
    history: Sequence[StepExecution], sequence: StepSequence
) -> list[lead_pb2.StepExecution]:
    """The history of a lead with what its sequence says of each step."""
    steps = {step.step_id: step for step in sequence.steps}
    return [_execution_to_proto(execution, steps) for execution in history]


def _execution_to_proto(
    execution: StepExecution, steps: Mapping[str, Step]
) -> lead_pb2.StepExecution:
    converted = lead_pb2.StepExecution(
        step_id=execution.step_id,
        state=lead_pb2.StepState.Value(f"STEP_STATE_{execution.state.name}"),
        reason=execution.reason,
        detail=execution.detail,
        start_time=timestamp(execution.started_at),
        end_time=timestamp(execution.ended_at),
        variant=execution.variant,
        exit=execution.exit_name,
    )
    step = steps.get(execution.step_id)
    if step is not None:
        converted.index = step.index
        converted.kind = _kind_to_proto(step)
        converted.label = step.label
    return converted


def status_to_proto(status: CampaignStatus) -> campaign_pb2.CampaignStatus:
    counts = status.counts
    return campaign_pb2.CampaignStatus(
        campaign_id=status.campaign.id,
        state=campaign_state_to_proto(status.campaign.state),
        leads=counts.total,
        **{state.value: counts.leads.get(state, 0) for state in LeadState},
        funnel=campaign_pb2.Funnel(
            visited=counts.funnel.visited,
            reacted=counts.funnel.reacted,
            commented=counts.funnel.commented,
            invited=counts.funnel.invited,
            accepted=counts.funnel.accepted,
            messaged=counts.funnel.messaged,
            inmailed=counts.funnel.inmailed,
            replied=counts.funnel.replied,
            withdrawn=counts.funnel.withdrawn,
        ),
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


def _step_counts_to_proto(
    step: Step, leads: Mapping[StepState, int], taken: Mapping[str, int]
) -> campaign_pb2.StepCounts:
    return campaign_pb2.StepCounts(
        step_id=step.step_id,
        index=step.index,
        kind=_kind_to_proto(step),
        label=step.label,
        waiting=leads.get(StepState.WAITING, 0),
        done=leads.get(StepState.DONE, 0),
        skipped=leads.get(StepState.SKIPPED, 0),
        failed=leads.get(StepState.FAILED, 0),
        exits={way.name: taken.get(way.name, 0) for way in step.exits},
    )


def violations_to_proto(violations: Sequence[Violation]) -> list[pb.SequenceViolation]:
    return [
        pb.SequenceViolation(field=wrong.field, reason=wrong.reason, description=wrong.description)
        for wrong in violations
    ]


def warnings_to_proto(warnings: Sequence[SequenceWarning]) -> list[sequence_pb2.SequenceWarning]:
    return [
        sequence_pb2.SequenceWarning(
            field=warning.field, reason=warning.reason, description=warning.description
        )
        for warning in warnings
    ]


def rendering_to_proto(rendering: Rendering) -> pb.RenderSequenceResponse:
    return pb.RenderSequenceResponse(
        text=rendering.text,
        mermaid=rendering.mermaid,
        violations=violations_to_proto(rendering.violations),
        warnings=warnings_to_proto(rendering.warnings),
    )


def imported_to_proto(imported: Imported) -> pb.ImportLeadsResponse:
    return pb.ImportLeadsResponse(
        rows=imported.rows,
        imported=imported.imported,
        duplicates=imported.duplicates,
        rejected=imported.rejected,
        released=imported.released,
        held_back=imported.held_back,
        row_errors=[
            pb.RowError(
                line=wrong.line,
                column=wrong.column,
                reason=wrong.reason,
                description=wrong.description,
            )
            for wrong in imported.row_errors
        ],
    )


def waits_to_proto(waits: Sequence[Wait]) -> list[pb.WaitingFor]:
    return [
        pb.WaitingFor(
            reason=wait.reason,
            description=wait.description,
            until_time=timestamp(wait.until),
        )
        for wait in waits
    ]


def timestamp(at: datetime | None) -> Timestamp | None:
    """The instant on the wire; no instant is no field."""
    if at is None:
        return None
    converted = Timestamp()
    converted.FromDatetime(at)
    return converted


def instant(at: Timestamp) -> datetime:
    """The instant of a timestamp, in UTC."""
    return at.ToDatetime(UTC)
