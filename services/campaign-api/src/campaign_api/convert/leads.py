"""Protos <-> models of leads: what became of them, and of the lists they came in."""

from collections.abc import Mapping, Sequence

from campaigns.lead_list_import import LeadList, LeadListEntry, LeadListImport
from campaigns.listings.leads import RemovedLead
from campaigns.models import Lead, LeadState, StepExecution
from campaigns.sealing.people import shown
from campaigns.sequences.sequence import Sequence as StepSequence
from campaigns.sequences.sequence import Step
from outreach.campaign.v1 import lead_list_pb2, lead_list_service_pb2, lead_pb2
from outreach.campaign.v1 import lead_service_pb2 as pb

from campaign_api.convert.instants import timestamp
from campaign_api.convert.sequences import kind_to_proto
from campaign_api.imports.result import Example, ImportResult
from campaign_api.queries.lead_explanations import Wait
from campaign_api.queries.leads import LeadView


def lead_state_from_proto(state: lead_pb2.LeadState.ValueType) -> LeadState | None:
    """The state that a list is filtered by; None where any is meant."""
    if state == lead_pb2.LEAD_STATE_UNSPECIFIED:
        return None
    return LeadState[lead_pb2.LeadState.Name(state).removeprefix("LEAD_STATE_")]


def lead_to_proto(lead: Lead) -> lead_pb2.Lead:
    person = shown(lead.person)
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
        time_zone=person.time_zone,
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
        owner_wrote_time=timestamp(lead.owner_wrote_at),
        trace_id=lead.trace_id,
        update_time=timestamp(lead.updated_at),
        lead_list_id=lead.lead_list_id,
        release_time=timestamp(lead.released_at),
        release_id=lead.release_id,
        rank=lead.rank,
        opt_out_time=timestamp(lead.opted_out_at),
        suppression_id=lead.suppression_id,
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
        converted.kind = kind_to_proto(step.kind)
        converted.label = step.label
    return converted


def import_result_to_proto(result: ImportResult) -> pb.ImportLeadsResponse:
    return pb.ImportLeadsResponse(
        rows=result.rows,
        imported=result.imported,
        duplicates=result.duplicates,
        rejected=result.rejected,
        released=result.released,
        held_back=result.held_back,
        import_id=result.import_id,
        earlier_import_id=result.earlier_import_id,
        duplicates_in_list=result.duplicates_in_list,
        in_running_campaigns=result.in_running_campaigns,
        suppressed=result.suppressed,
        clocks_not_kept=result.clocks_not_kept,
        fallbacks=_fallbacks_to_proto(result),
        examples=[_example_to_proto(each) for each in result.examples],
        skipped=result.skipped,
        encoding=result.encoding,
        column_by_field=result.column_by_field,
        row_notes=[
            pb.RowNote(
                line=note.line,
                column=note.column,
                reason=note.reason,
                description=note.description,
            )
            for note in result.row_notes
        ],
        row_errors=_row_errors_to_proto(result),
    )


def _fallbacks_to_proto(result: ImportResult) -> list[pb.FallbackUse]:
    return [pb.FallbackUse(**each) for each in result.fallbacks()]


def _row_errors_to_proto(result: ImportResult) -> list[pb.RowError]:
    return [
        pb.RowError(
            line=wrong.line,
            column=wrong.column,
            reason=wrong.reason,
            description=wrong.description,
        )
        for wrong in result.row_errors
    ]


def _example_to_proto(example: Example) -> pb.ImportExample:
    return pb.ImportExample(
        kind=pb.ImportExampleKind.Value(f"IMPORT_EXAMPLE_KIND_{example.kind.name}"),
        line=example.line,
        public_identifier=example.public_identifier,
        detail=example.detail,
    )


def import_to_proto(imported: LeadListImport) -> pb.LeadImport:
    """What is kept of an import; its figures have the names of the message's fields."""
    return pb.LeadImport(
        import_id=imported.import_id,
        campaign_id=imported.campaign_id,
        lead_list_id=imported.lead_list_id,
        create_time=timestamp(imported.created_at),
        created_by=imported.created_by,
        end_time=timestamp(imported.ended_at),
        content_hash=imported.content_hash,
        content_bytes=imported.content_bytes,
        asked_columns=imported.column_by_field,
        allow_literal=imported.literal,
        failure=imported.failure,
        **imported.result,
    )


def lead_list_to_proto(lead_list: LeadList) -> lead_list_pb2.LeadList:
    return lead_list_pb2.LeadList(
        lead_list_id=lead_list.id,
        organization_id=lead_list.organization_id,
        name=lead_list.name,
        description=lead_list.description,
        entry_count=lead_list.entry_count,
        create_time=timestamp(lead_list.created_at),
        created_by=lead_list.created_by,
        updated_by=lead_list.updated_by,
        update_time=timestamp(lead_list.updated_at),
        etag=lead_list.etag,
    )


def entry_to_proto(of: LeadList, entry: LeadListEntry) -> lead_list_pb2.LeadListEntry:
    person = shown(entry.person)
    return lead_list_pb2.LeadListEntry(
        lead_list_id=of.id,
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
        time_zone=person.time_zone,
        create_time=timestamp(entry.created_at),
    )


def addition_to_proto(result: ImportResult) -> lead_list_service_pb2.AddLeadListResponse:
    """What became of the people of a list, or would."""
    return lead_list_service_pb2.AddLeadListResponse(
        entry_count=result.rows,
        added=result.imported,
        duplicates=result.duplicates,
        released=result.released,
        held_back=result.held_back,
        in_running_campaigns=result.in_running_campaigns,
        suppressed=result.suppressed,
        examples=[_example_to_proto(each) for each in result.examples],
        clocks_not_kept=result.clocks_not_kept,
        fallbacks=_fallbacks_to_proto(result),
        rejected=result.rejected,
        row_errors=_row_errors_to_proto(result),
    )


def waits_to_proto(waits: Sequence[Wait]) -> list[lead_pb2.WaitingFor]:
    return [
        lead_pb2.WaitingFor(
            reason=wait.reason,
            description=wait.description,
            until_time=timestamp(wait.until),
        )
        for wait in waits
    ]


def removed_to_proto(removed: RemovedLead) -> pb.RemovedLead:
    return pb.RemovedLead(lead_id=removed.id, delete_time=timestamp(removed.removed_at))


def view_to_proto(view: LeadView) -> pb.LeadWithSteps:
    return pb.LeadWithSteps(
        lead=lead_to_proto(view.lead), steps=history_to_proto(view.history, view.sequence)
    )
