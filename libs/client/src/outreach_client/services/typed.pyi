"""What each service of a client has; written by `make client`."""

from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
)
from datetime import datetime, timedelta
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from outreach.audit.v1 import audit_service_pb2
from outreach.audit.v1 import record_pb2
from outreach.automation.v1 import decision_pb2
from outreach.automation.v1 import decision_service_pb2
from outreach.automation.v1 import model_pb2
from outreach.automation.v1 import model_service_pb2
from outreach.automation.v1 import overview_pb2
from outreach.automation.v1 import program_pb2
from outreach.automation.v1 import program_service_pb2
from outreach.automation.v1 import report_pb2
from outreach.automation.v1 import report_service_pb2
from outreach.automation.v1 import run_pb2
from outreach.automation.v1 import run_service_pb2
from outreach.automation.v1 import scoring_service_pb2
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2
from outreach.campaign.v1 import import_service_pb2
from outreach.campaign.v1 import lead_pb2
from outreach.campaign.v1 import lead_list_pb2
from outreach.campaign.v1 import lead_list_service_pb2
from outreach.campaign.v1 import lead_service_pb2
from outreach.campaign.v1 import linkedin_event_service_pb2
from outreach.campaign.v1 import operation_pb2
from outreach.campaign.v1 import sequence_service_pb2
from outreach.campaign.v1 import workflow_pb2
from outreach.campaign.v1 import workflow_service_pb2
from outreach.common.v1 import sending_window_pb2
from outreach.identity.v1 import api_key_pb2
from outreach.identity.v1 import api_key_service_pb2
from outreach.identity.v1 import member_pb2
from outreach.identity.v1 import member_service_pb2
from outreach.identity.v1 import organization_pb2
from outreach.identity.v1 import organization_service_pb2
from outreach.identity.v1 import token_service_pb2
from outreach.installation.v1 import installation_service_pb2
from outreach.linkedin.v1 import account_pb2
from outreach.linkedin.v1 import account_service_pb2
from outreach.linkedin.v1 import action_pb2
from outreach.linkedin.v1 import action_service_pb2
from outreach.linkedin.v1 import hold_pb2
from outreach.linkedin.v1 import hold_service_pb2
from outreach.linkedin.v1 import inbound_service_pb2
from outreach.linkedin.v1 import pace_pb2
from outreach.linkedin.v1 import pace_service_pb2
from outreach.linkedin.v1 import person_pb2
from outreach.linkedin.v1 import person_service_pb2
from outreach.linkedin.v1 import sign_in_pb2
from outreach.linkedin.v1 import sign_in_service_pb2
from outreach.linkedin.v1 import suppression_pb2
from outreach.linkedin.v1 import suppression_service_pb2
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import replay_pb2
from outreach.webhook.v1 import webhook_service_pb2
from outreach_client.credentials import Tokens
from outreach_client.services.blocking_pages import BlockingPages
from outreach_client.services.members import Server
from outreach_client.services.pages import Pages

class _Campaigns:
    def create(
        self,
        request: campaign_service_pb2.CreateCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        organization_id: str = ...,
        name: str = ...,
        account_ids: Iterable[str] = ...,
        sequence_json: str = ...,
        settings: campaign_pb2.CampaignSettings | Mapping[str, Any] | None = ...,
        allow_literal: Iterable[str] = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, campaign_service_pb2.CreateCampaignResponse]: ...
    def duplicate(
        self,
        request: campaign_service_pb2.DuplicateCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        campaign_id: str = ...,
        name: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, campaign_service_pb2.DuplicateCampaignResponse]: ...
    def update(
        self,
        request: campaign_service_pb2.UpdateCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign: campaign_pb2.Campaign | Mapping[str, Any] | None = ...,
        update_mask: FieldMask | None = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, campaign_service_pb2.UpdateCampaignResponse]: ...
    def start(
        self,
        request: campaign_service_pb2.StartCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, campaign_service_pb2.StartCampaignResponse]: ...
    def pause(
        self,
        request: campaign_service_pb2.PauseCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        reason: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, campaign_service_pb2.PauseCampaignResponse]: ...
    def resume(
        self,
        request: campaign_service_pb2.ResumeCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, campaign_service_pb2.ResumeCampaignResponse]: ...
    def stop(
        self,
        request: campaign_service_pb2.StopCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        complete_current_executions: bool = ...,
        reason: str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, campaign_service_pb2.StopCampaignResponse]: ...
    def delete(
        self,
        request: campaign_service_pb2.DeleteCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        force: bool = ...,
        request_id: str = ...,
        etag: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, campaign_service_pb2.DeleteCampaignResponse]: ...
    def undelete(
        self,
        request: campaign_service_pb2.UndeleteCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, campaign_service_pb2.UndeleteCampaignResponse]: ...
    def replace_sender(
        self,
        request: campaign_service_pb2.ReplaceSenderRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        account_id: str = ...,
        replacement_account_id: str = ...,
        contacted_leads: campaign_pb2.ContactedLeads.ValueType | str = ...,
        connected_leads: campaign_pb2.ContactedLeads.ValueType | str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, campaign_service_pb2.ReplaceSenderResponse]: ...
    def get(
        self,
        request: campaign_service_pb2.GetCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        show_deleted: bool = ...,
    ) -> Coroutine[Any, Any, campaign_service_pb2.GetCampaignResponse]: ...
    def export(
        self,
        request: campaign_service_pb2.ExportCampaignRequest | None = ...,
        /,
        *,
        patience: timedelta = ...,
        campaign_id: str = ...,
        token: str = ...,
    ) -> AsyncIterator[campaign_service_pb2.ExportCampaignResponse]: ...
    def list(
        self,
        request: campaign_service_pb2.ListCampaignsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        state: campaign_pb2.CampaignState.ValueType | str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
        show_deleted: bool = ...,
    ) -> Pages[campaign_service_pb2.ListCampaignsResponse, campaign_pb2.Campaign]: ...
    def get_status(
        self,
        request: campaign_service_pb2.GetCampaignStatusRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
    ) -> Coroutine[Any, Any, campaign_service_pb2.GetCampaignStatusResponse]: ...
    def batch_get_status(
        self,
        request: campaign_service_pb2.BatchGetCampaignStatusRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        campaign_ids: Iterable[str] = ...,
    ) -> Coroutine[Any, Any, campaign_service_pb2.BatchGetCampaignStatusResponse]: ...
    def watch(
        self,
        request: campaign_service_pb2.WatchCampaignRequest | None = ...,
        /,
        *,
        patience: timedelta = ...,
        campaign_id: str = ...,
        resume_token: str = ...,
    ) -> AsyncIterator[campaign_service_pb2.WatchCampaignResponse]: ...

class _Leads:
    def import_(
        self,
        requests: AsyncIterable[lead_service_pb2.ImportLeadsRequest],
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> Coroutine[Any, Any, lead_service_pb2.ImportLeadsResponse]: ...
    def get_import(
        self,
        request: lead_service_pb2.GetImportRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        import_id: str = ...,
    ) -> Coroutine[Any, Any, lead_service_pb2.GetImportResponse]: ...
    def list_imports(
        self,
        request: lead_service_pb2.ListImportsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[lead_service_pb2.ListImportsResponse, lead_service_pb2.LeadImport]: ...
    def get(
        self,
        request: lead_service_pb2.GetLeadRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
    ) -> Coroutine[Any, Any, lead_service_pb2.GetLeadResponse]: ...
    def find(
        self,
        request: lead_service_pb2.FindLeadsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        address: str | None = ...,
        email: str | None = ...,
        page_size: int = ...,
        page_token: str = ...,
        show_deleted: bool = ...,
    ) -> Coroutine[Any, Any, lead_service_pb2.FindLeadsResponse]: ...
    def retry(
        self,
        request: lead_service_pb2.RetryLeadRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, lead_service_pb2.RetryLeadResponse]: ...
    def retry_parked(
        self,
        request: lead_service_pb2.RetryParkedLeadsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, lead_service_pb2.RetryParkedLeadsResponse]: ...
    def export(
        self,
        request: lead_service_pb2.ExportLeadsRequest | None = ...,
        /,
        *,
        patience: timedelta = ...,
        campaign_id: str = ...,
        format: lead_service_pb2.ExportFormat.ValueType | str = ...,
        state: lead_pb2.LeadState.ValueType | str = ...,
        token: str = ...,
    ) -> AsyncIterator[lead_service_pb2.ExportLeadsResponse]: ...
    def stop(
        self,
        request: lead_service_pb2.StopLeadRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, lead_service_pb2.StopLeadResponse]: ...
    def remove(
        self,
        request: lead_service_pb2.RemoveLeadRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        request_id: str = ...,
        allow_missing: bool = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, lead_service_pb2.RemoveLeadResponse]: ...
    def move(
        self,
        request: lead_service_pb2.MoveLeadRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        account_id: str = ...,
        even_if_contacted: bool = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, lead_service_pb2.MoveLeadResponse]: ...
    def skip_step(
        self,
        request: lead_service_pb2.SkipStepRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        step_id: str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, lead_service_pb2.SkipStepResponse]: ...
    def release(
        self,
        request: lead_service_pb2.ReleaseLeadsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        release_id: str = ...,
        leads: Iterable[lead_service_pb2.LeadToRelease | Mapping[str, Any]] = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, lead_service_pb2.ReleaseLeadsResponse]: ...
    def withdraw(
        self,
        request: lead_service_pb2.WithdrawLeadsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        release_id: str = ...,
        lead_ids: Iterable[str] = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, lead_service_pb2.WithdrawLeadsResponse]: ...
    def list(
        self,
        request: lead_service_pb2.ListLeadsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        state: lead_pb2.LeadState.ValueType | str = ...,
        page_size: int = ...,
        page_token: str = ...,
        include_steps: bool = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[lead_service_pb2.ListLeadsResponse, lead_service_pb2.LeadWithSteps]: ...
    def watch(
        self,
        request: lead_service_pb2.WatchLeadsRequest | None = ...,
        /,
        *,
        patience: timedelta = ...,
        campaign_id: str = ...,
        resume_token: str = ...,
    ) -> AsyncIterator[lead_service_pb2.WatchLeadsResponse]: ...

class _Imports:
    def create(
        self,
        request: import_service_pb2.CreateImportRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        campaign_id: str = ...,
        column_by_field: Mapping[str, str] = ...,
        allow_literal: Iterable[str] = ...,
        lead_list_id: str = ...,
    ) -> Coroutine[Any, Any, import_service_pb2.CreateImportResponse]: ...
    def upload(
        self,
        requests: AsyncIterable[import_service_pb2.UploadImportRequest],
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> Coroutine[Any, Any, import_service_pb2.UploadImportResponse]: ...
    def get_operation(
        self,
        request: import_service_pb2.GetOperationRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        operation_id: str = ...,
        lead_list_id: str = ...,
    ) -> Coroutine[Any, Any, import_service_pb2.GetOperationResponse]: ...
    def list_operations(
        self,
        request: import_service_pb2.ListOperationsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        lead_list_id: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[import_service_pb2.ListOperationsResponse, operation_pb2.Operation]: ...
    def cancel_operation(
        self,
        request: import_service_pb2.CancelOperationRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        operation_id: str = ...,
        request_id: str = ...,
        lead_list_id: str = ...,
    ) -> Coroutine[Any, Any, import_service_pb2.CancelOperationResponse]: ...
    def wait_operation(
        self,
        request: import_service_pb2.WaitOperationRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        operation_id: str = ...,
        within: timedelta | Duration | None = ...,
        lead_list_id: str = ...,
    ) -> Coroutine[Any, Any, import_service_pb2.WaitOperationResponse]: ...

class _LeadLists:
    def create(
        self,
        request: lead_list_service_pb2.CreateLeadListRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        organization_id: str = ...,
        name: str = ...,
        description: str = ...,
    ) -> Coroutine[Any, Any, lead_list_service_pb2.CreateLeadListResponse]: ...
    def get(
        self,
        request: lead_list_service_pb2.GetLeadListRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        lead_list_id: str = ...,
    ) -> Coroutine[Any, Any, lead_list_service_pb2.GetLeadListResponse]: ...
    def list(
        self,
        request: lead_list_service_pb2.ListLeadListsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[lead_list_service_pb2.ListLeadListsResponse, lead_list_pb2.LeadList]: ...
    def list_entries(
        self,
        request: lead_list_service_pb2.ListLeadListEntriesRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        lead_list_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[lead_list_service_pb2.ListLeadListEntriesResponse, lead_list_pb2.LeadListEntry]: ...
    def update(
        self,
        request: lead_list_service_pb2.UpdateLeadListRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        lead_list: lead_list_pb2.LeadList | Mapping[str, Any] | None = ...,
        update_mask: FieldMask | None = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, lead_list_service_pb2.UpdateLeadListResponse]: ...
    def delete(
        self,
        request: lead_list_service_pb2.DeleteLeadListRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        lead_list_id: str = ...,
        force: bool = ...,
        request_id: str = ...,
        etag: str = ...,
    ) -> Coroutine[Any, Any, lead_list_service_pb2.DeleteLeadListResponse]: ...
    def add(
        self,
        request: lead_list_service_pb2.AddLeadListRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_list_id: str = ...,
        validate_only: bool = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, lead_list_service_pb2.AddLeadListResponse]: ...

class _Sequences:
    def validate(
        self,
        request: sequence_service_pb2.ValidateSequenceRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        sequence_json: str = ...,
        allow_literal: Iterable[str] = ...,
    ) -> Coroutine[Any, Any, sequence_service_pb2.ValidateSequenceResponse]: ...
    def render(
        self,
        request: sequence_service_pb2.RenderSequenceRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        drawing: sequence_service_pb2.SequenceSource | Mapping[str, Any] | None = ...,
        campaign_id: str | None = ...,
    ) -> Coroutine[Any, Any, sequence_service_pb2.RenderSequenceResponse]: ...
    def update(
        self,
        request: sequence_service_pb2.UpdateSequenceRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        sequence_json: str = ...,
        allow_literal: Iterable[str] = ...,
        base_revision_id: str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, sequence_service_pb2.UpdateSequenceResponse]: ...
    def rollback(
        self,
        request: sequence_service_pb2.RollbackSequenceRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        number: int = ...,
        base_revision_id: str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, sequence_service_pb2.RollbackSequenceResponse]: ...
    def preview_revision(
        self,
        request: sequence_service_pb2.PreviewRevisionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        sequence_json: str | None = ...,
        number: int | None = ...,
        allow_literal: Iterable[str] = ...,
    ) -> Coroutine[Any, Any, sequence_service_pb2.PreviewRevisionResponse]: ...
    def list_revisions(
        self,
        request: sequence_service_pb2.ListRevisionsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
    ) -> Pages[sequence_service_pb2.ListRevisionsResponse, sequence_service_pb2.RevisionInUse]: ...
    def preview_messages(
        self,
        request: sequence_service_pb2.PreviewMessagesRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_ids: Iterable[str] = ...,
        leads: int = ...,
    ) -> Coroutine[Any, Any, sequence_service_pb2.PreviewMessagesResponse]: ...
    def get_experiment(
        self,
        request: sequence_service_pb2.GetExperimentRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        step_id: str = ...,
    ) -> Coroutine[Any, Any, sequence_service_pb2.GetExperimentResponse]: ...

class _LinkedinEvents:
    def report(
        self,
        request: linkedin_event_service_pb2.ReportLinkedInEventsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        events: Iterable[linkedin_event_service_pb2.LinkedInEvent | Mapping[str, Any]] = ...,
    ) -> Coroutine[Any, Any, linkedin_event_service_pb2.ReportLinkedInEventsResponse]: ...
    def find_running_leads(
        self,
        request: linkedin_event_service_pb2.FindRunningLeadsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        leads: Iterable[linkedin_event_service_pb2.LeadRef | Mapping[str, Any]] = ...,
    ) -> Coroutine[Any, Any, linkedin_event_service_pb2.FindRunningLeadsResponse]: ...

class _Workflows:
    def list(
        self,
        request: workflow_service_pb2.ListWorkflowsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
    ) -> Pages[workflow_service_pb2.ListWorkflowsResponse, workflow_pb2.Workflow]: ...
    def get(
        self,
        request: workflow_service_pb2.GetWorkflowRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        workflow_id: str = ...,
        run_id: str = ...,
    ) -> Coroutine[Any, Any, workflow_service_pb2.GetWorkflowResponse]: ...
    def get_history(
        self,
        request: workflow_service_pb2.GetWorkflowHistoryRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        workflow_id: str = ...,
        run_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
    ) -> Pages[workflow_service_pb2.GetWorkflowHistoryResponse, workflow_pb2.WorkflowEvent]: ...
    def cancel(
        self,
        request: workflow_service_pb2.CancelWorkflowRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        workflow_id: str = ...,
        run_id: str = ...,
        reason: str = ...,
    ) -> Coroutine[Any, Any, workflow_service_pb2.CancelWorkflowResponse]: ...
    def terminate(
        self,
        request: workflow_service_pb2.TerminateWorkflowRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        workflow_id: str = ...,
        run_id: str = ...,
        reason: str = ...,
    ) -> Coroutine[Any, Any, workflow_service_pb2.TerminateWorkflowResponse]: ...
    def retry(
        self,
        request: workflow_service_pb2.RetryWorkflowRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        workflow_id: str = ...,
        run_id: str = ...,
    ) -> Coroutine[Any, Any, workflow_service_pb2.RetryWorkflowResponse]: ...
    def get_temporal_health(
        self,
        request: workflow_service_pb2.GetTemporalHealthRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> Coroutine[Any, Any, workflow_service_pb2.GetTemporalHealthResponse]: ...

class _Reports:
    def get(
        self,
        request: report_service_pb2.GetReportRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        report_id: str = ...,
        view: report_pb2.ReportView.ValueType | str = ...,
    ) -> Coroutine[Any, Any, report_service_pb2.GetReportResponse]: ...
    def list(
        self,
        request: report_service_pb2.ListReportsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[report_service_pb2.ListReportsResponse, report_pb2.Report]: ...
    def get_overview(
        self,
        request: report_service_pb2.GetOverviewRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        program_ids: Iterable[str] = ...,
        campaign_ids: Iterable[str] = ...,
        dimensions: Iterable[overview_pb2.OverviewDimension.ValueType | str] = ...,
        first_week: str = ...,
        last_week: str = ...,
    ) -> Coroutine[Any, Any, report_service_pb2.GetOverviewResponse]: ...
    def generate(
        self,
        request: report_service_pb2.GenerateReportRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        kind: report_pb2.ReportKind.ValueType | str = ...,
        last_day: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, report_service_pb2.GenerateReportResponse]: ...

class _Programs:
    def create(
        self,
        request: program_service_pb2.CreateProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        organization_id: str = ...,
        campaign_id: str = ...,
        name: str = ...,
        plan_per_day: int = ...,
        time_of_day: str = ...,
        weekdays: Iterable[sending_window_pb2.Weekday.ValueType | str] = ...,
        time_zone: str = ...,
        weekly_review: program_pb2.WeeklyReview | Mapping[str, Any] | None = ...,
        rules_json: str = ...,
        exploration_share: float | None = ...,
        company_spacing_days: int | None = ...,
        guardrails_json: str = ...,
        mode: program_pb2.ProgramMode.ValueType | str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, program_service_pb2.CreateProgramResponse]: ...
    def get(
        self,
        request: program_service_pb2.GetProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
    ) -> Coroutine[Any, Any, program_service_pb2.GetProgramResponse]: ...
    def list(
        self,
        request: program_service_pb2.ListProgramsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
        show_deleted: bool = ...,
    ) -> Pages[program_service_pb2.ListProgramsResponse, program_pb2.Program]: ...
    def update(
        self,
        request: program_service_pb2.UpdateProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program: program_pb2.Program | Mapping[str, Any] | None = ...,
        update_mask: FieldMask | None = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, program_service_pb2.UpdateProgramResponse]: ...
    def set_mode(
        self,
        request: program_service_pb2.SetProgramModeRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        mode: program_pb2.ProgramMode.ValueType | str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, program_service_pb2.SetProgramModeResponse]: ...
    def pause(
        self,
        request: program_service_pb2.PauseProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, program_service_pb2.PauseProgramResponse]: ...
    def resume(
        self,
        request: program_service_pb2.ResumeProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, program_service_pb2.ResumeProgramResponse]: ...
    def trigger(
        self,
        request: program_service_pb2.TriggerProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        type: run_pb2.RunType.ValueType | str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, program_service_pb2.TriggerProgramResponse]: ...
    def backfill(
        self,
        request: program_service_pb2.BackfillProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        days: int = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, program_service_pb2.BackfillProgramResponse]: ...
    def list_next_runs(
        self,
        request: program_service_pb2.ListNextRunsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        days: int = ...,
    ) -> Coroutine[Any, Any, program_service_pb2.ListNextRunsResponse]: ...
    def preview_selection(
        self,
        request: program_service_pb2.PreviewSelectionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
    ) -> Coroutine[Any, Any, program_service_pb2.PreviewSelectionResponse]: ...
    def delete(
        self,
        request: program_service_pb2.DeleteProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        request_id: str = ...,
        etag: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, program_service_pb2.DeleteProgramResponse]: ...
    def undelete(
        self,
        request: program_service_pb2.UndeleteProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, program_service_pb2.UndeleteProgramResponse]: ...

class _Runs:
    def list(
        self,
        request: run_service_pb2.ListRunsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[run_service_pb2.ListRunsResponse, run_pb2.Run]: ...
    def get(
        self,
        request: run_service_pb2.GetRunRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        run_id: str = ...,
    ) -> Coroutine[Any, Any, run_service_pb2.GetRunResponse]: ...
    def cancel(
        self,
        request: run_service_pb2.CancelRunRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        run_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, run_service_pb2.CancelRunResponse]: ...

class _Decisions:
    def list(
        self,
        request: decision_service_pb2.ListDecisionsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[decision_service_pb2.ListDecisionsResponse, decision_pb2.Decision]: ...
    def get(
        self,
        request: decision_service_pb2.GetDecisionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        decision_id: str = ...,
    ) -> Coroutine[Any, Any, decision_service_pb2.GetDecisionResponse]: ...
    def approve(
        self,
        request: decision_service_pb2.ApproveDecisionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        decision_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, decision_service_pb2.ApproveDecisionResponse]: ...
    def reject(
        self,
        request: decision_service_pb2.RejectDecisionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        decision_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, decision_service_pb2.RejectDecisionResponse]: ...
    def revert(
        self,
        request: decision_service_pb2.RevertDecisionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        decision_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, decision_service_pb2.RevertDecisionResponse]: ...
    def batch_decide(
        self,
        request: decision_service_pb2.BatchDecideRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        decision_ids: Iterable[str] = ...,
        answer: decision_service_pb2.DecisionAnswer.ValueType | str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, decision_service_pb2.BatchDecideResponse]: ...

class _Scores:
    def preview_ranking(
        self,
        request: scoring_service_pb2.PreviewRankingRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        limit: int = ...,
    ) -> Coroutine[Any, Any, scoring_service_pb2.PreviewRankingResponse]: ...
    def explain_score(
        self,
        request: scoring_service_pb2.ExplainScoreRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        lead_id: str = ...,
    ) -> Coroutine[Any, Any, scoring_service_pb2.ExplainScoreResponse]: ...

class _Models:
    def train(
        self,
        request: model_service_pb2.TrainModelRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, model_service_pb2.TrainModelResponse]: ...
    def list(
        self,
        request: model_service_pb2.ListModelsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[model_service_pb2.ListModelsResponse, model_pb2.Model]: ...
    def get_card(
        self,
        request: model_service_pb2.GetModelCardRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        model_id: str = ...,
    ) -> Coroutine[Any, Any, model_service_pb2.GetModelCardResponse]: ...
    def promote(
        self,
        request: model_service_pb2.PromoteModelRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        model_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, model_service_pb2.PromoteModelResponse]: ...
    def rollback(
        self,
        request: model_service_pb2.RollbackModelRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, model_service_pb2.RollbackModelResponse]: ...

class _Organizations:
    def create(
        self,
        request: organization_service_pb2.CreateOrganizationRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        name: str = ...,
    ) -> Coroutine[Any, Any, organization_service_pb2.CreateOrganizationResponse]: ...
    def get(
        self,
        request: organization_service_pb2.GetOrganizationRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
    ) -> Coroutine[Any, Any, organization_service_pb2.GetOrganizationResponse]: ...
    def list(
        self,
        request: organization_service_pb2.ListOrganizationsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[organization_service_pb2.ListOrganizationsResponse, organization_pb2.Organization]: ...
    def disable(
        self,
        request: organization_service_pb2.DisableOrganizationRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, organization_service_pb2.DisableOrganizationResponse]: ...
    def enable(
        self,
        request: organization_service_pb2.EnableOrganizationRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, organization_service_pb2.EnableOrganizationResponse]: ...

class _Members:
    def create(
        self,
        request: member_service_pb2.CreateMemberRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        name: str = ...,
        role: member_pb2.Role.ValueType | str = ...,
        account_ids: Iterable[str] = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, member_service_pb2.CreateMemberResponse]: ...
    def get(
        self,
        request: member_service_pb2.GetMemberRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        member_id: str = ...,
    ) -> Coroutine[Any, Any, member_service_pb2.GetMemberResponse]: ...
    def list(
        self,
        request: member_service_pb2.ListMembersRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[member_service_pb2.ListMembersResponse, member_pb2.Member]: ...
    def update(
        self,
        request: member_service_pb2.UpdateMemberRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        member_id: str = ...,
        role: member_pb2.Role.ValueType | str = ...,
        limit: member_service_pb2.AccountLimit | Mapping[str, Any] | None = ...,
        etag: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, member_service_pb2.UpdateMemberResponse]: ...
    def disable(
        self,
        request: member_service_pb2.DisableMemberRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        member_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, member_service_pb2.DisableMemberResponse]: ...
    def enable(
        self,
        request: member_service_pb2.EnableMemberRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        member_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, member_service_pb2.EnableMemberResponse]: ...

class _ApiKeys:
    def create(
        self,
        request: api_key_service_pb2.CreateApiKeyRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        member_id: str = ...,
        name: str = ...,
        scopes: Iterable[str] = ...,
        account_ids: Iterable[str] = ...,
        expire_time: datetime | Timestamp | None = ...,
    ) -> Coroutine[Any, Any, api_key_service_pb2.CreateApiKeyResponse]: ...
    def get(
        self,
        request: api_key_service_pb2.GetApiKeyRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        key_id: str = ...,
    ) -> Coroutine[Any, Any, api_key_service_pb2.GetApiKeyResponse]: ...
    def list(
        self,
        request: api_key_service_pb2.ListApiKeysRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        member_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[api_key_service_pb2.ListApiKeysResponse, api_key_pb2.ApiKey]: ...
    def rotate(
        self,
        request: api_key_service_pb2.RotateApiKeyRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        key_id: str = ...,
        overlap: timedelta | Duration | None = ...,
    ) -> Coroutine[Any, Any, api_key_service_pb2.RotateApiKeyResponse]: ...
    def revoke(
        self,
        request: api_key_service_pb2.RevokeApiKeyRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        key_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, api_key_service_pb2.RevokeApiKeyResponse]: ...

class _Tokens:
    def create(
        self,
        request: token_service_pb2.CreateTokenRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        api_key: str = ...,
    ) -> Coroutine[Any, Any, token_service_pb2.CreateTokenResponse]: ...
    def who_am_i(
        self,
        request: token_service_pb2.WhoAmIRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> Coroutine[Any, Any, token_service_pb2.WhoAmIResponse]: ...
    def rotate_issuer_key(
        self,
        request: token_service_pb2.RotateIssuerKeyRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> Coroutine[Any, Any, token_service_pb2.RotateIssuerKeyResponse]: ...

class _Accounts:
    def register(
        self,
        request: account_service_pb2.RegisterAccountRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        unipile_account_id: str = ...,
        working_hours: sending_window_pb2.SendingWindow | Mapping[str, Any] | None = ...,
        holidays: Iterable[str] = ...,
        caps: Iterable[account_pb2.Cap | Mapping[str, Any]] = ...,
    ) -> Coroutine[Any, Any, account_service_pb2.RegisterAccountResponse]: ...
    def get(
        self,
        request: account_service_pb2.GetAccountRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
    ) -> Coroutine[Any, Any, account_service_pb2.GetAccountResponse]: ...
    def list(
        self,
        request: account_service_pb2.ListAccountsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        account_ids: Iterable[str] = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[account_service_pb2.ListAccountsResponse, account_pb2.Account]: ...
    def update(
        self,
        request: account_service_pb2.UpdateAccountRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        working_hours: sending_window_pb2.SendingWindow | Mapping[str, Any] | None = ...,
        holidays: account_service_pb2.UpdateAccountRequest.Holidays | Mapping[str, Any] | None = ...,
        caps: account_service_pb2.UpdateAccountRequest.Caps | Mapping[str, Any] | None = ...,
        etag: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, account_service_pb2.UpdateAccountResponse]: ...
    def restart(
        self,
        request: account_service_pb2.RestartAccountRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, account_service_pb2.RestartAccountResponse]: ...
    def disconnect(
        self,
        request: account_service_pb2.DisconnectAccountRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        park: bool = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, account_service_pb2.DisconnectAccountResponse]: ...

class _SignIns:
    def create_connect_link(
        self,
        request: sign_in_service_pb2.CreateConnectLinkRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        account_id: str = ...,
        success_url: str = ...,
        failure_url: str = ...,
        valid_for: timedelta | Duration | None = ...,
    ) -> Coroutine[Any, Any, sign_in_service_pb2.CreateConnectLinkResponse]: ...
    def connect_account(
        self,
        request: sign_in_service_pb2.ConnectAccountRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        account_id: str = ...,
        credentials: sign_in_pb2.Credentials | Mapping[str, Any] | None = ...,
        country: str = ...,
    ) -> Coroutine[Any, Any, sign_in_service_pb2.ConnectAccountResponse]: ...
    def solve_checkpoint(
        self,
        request: sign_in_service_pb2.SolveCheckpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        checkpoint_id: str = ...,
        code: str = ...,
    ) -> Coroutine[Any, Any, sign_in_service_pb2.SolveCheckpointResponse]: ...
    def resend_checkpoint(
        self,
        request: sign_in_service_pb2.ResendCheckpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        checkpoint_id: str = ...,
    ) -> Coroutine[Any, Any, sign_in_service_pb2.ResendCheckpointResponse]: ...

class _Actions:
    def perform(
        self,
        request: action_service_pb2.PerformActionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        action_id: str = ...,
        organization_id: str = ...,
        account_id: str = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        person: person_pb2.Person | Mapping[str, Any] | None = ...,
        sending_window: sending_window_pb2.SendingWindow | Mapping[str, Any] | None = ...,
        weight: int = ...,
        continue_after_reply: bool = ...,
        person_time_zone: str = ...,
        automatic_reply_wait: timedelta | Duration | None = ...,
        contact_responders: bool = ...,
        owner_messages: action_service_pb2.OwnerMessages.ValueType | str = ...,
        visit_profile: action_pb2.VisitProfile | Mapping[str, Any] | None = ...,
        react_to_post: action_pb2.ReactToPost | Mapping[str, Any] | None = ...,
        comment_on_post: action_pb2.CommentOnPost | Mapping[str, Any] | None = ...,
        send_invitation: action_pb2.SendInvitation | Mapping[str, Any] | None = ...,
        send_message: action_pb2.SendMessage | Mapping[str, Any] | None = ...,
        send_inmail: action_pb2.SendInMail | Mapping[str, Any] | None = ...,
        withdraw_invitation: action_pb2.WithdrawInvitation | Mapping[str, Any] | None = ...,
    ) -> Coroutine[Any, Any, action_service_pb2.PerformActionResponse]: ...
    def cancel(
        self,
        request: action_service_pb2.CancelActionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        action_id: str = ...,
        organization_id: str = ...,
    ) -> Coroutine[Any, Any, action_service_pb2.CancelActionResponse]: ...
    def end_lead(
        self,
        request: action_service_pb2.EndLeadRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
    ) -> Coroutine[Any, Any, action_service_pb2.EndLeadResponse]: ...
    def explain(
        self,
        request: action_service_pb2.ExplainActionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        action_id: str = ...,
        organization_id: str = ...,
    ) -> Coroutine[Any, Any, action_service_pb2.ExplainActionResponse]: ...
    def list(
        self,
        request: action_service_pb2.ListActionsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        account_id: str = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        kind: action_pb2.ActionKind.ValueType | str = ...,
        state: action_pb2.ActionState.ValueType | str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[action_service_pb2.ListActionsResponse, action_pb2.Action]: ...

class _Pace:
    def get_queue(
        self,
        request: pace_service_pb2.GetQueueRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        kind: action_pb2.ActionKind.ValueType | str = ...,
        page_size: int = ...,
        page_token: str = ...,
    ) -> Pages[pace_service_pb2.GetQueueResponse, pace_pb2.QueuedAction]: ...
    def count_waiting(
        self,
        request: pace_service_pb2.CountWaitingRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        account_ids: Iterable[str] = ...,
        campaign_ids: Iterable[str] = ...,
    ) -> Coroutine[Any, Any, pace_service_pb2.CountWaitingResponse]: ...
    def forecast_account(
        self,
        request: pace_service_pb2.ForecastAccountRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        days: int = ...,
        kinds: Iterable[action_pb2.ActionKind.ValueType | str] = ...,
    ) -> Coroutine[Any, Any, pace_service_pb2.ForecastAccountResponse]: ...
    def get_account_usage(
        self,
        request: pace_service_pb2.GetAccountUsageRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
    ) -> Coroutine[Any, Any, pace_service_pb2.GetAccountUsageResponse]: ...
    def get_account_health(
        self,
        request: pace_service_pb2.GetAccountHealthRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
    ) -> Coroutine[Any, Any, pace_service_pb2.GetAccountHealthResponse]: ...
    def list_cool_downs(
        self,
        request: pace_service_pb2.ListCoolDownsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
    ) -> Pages[pace_service_pb2.ListCoolDownsResponse, pace_pb2.CoolDown]: ...
    def end_cool_down(
        self,
        request: pace_service_pb2.EndCoolDownRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        kind: action_pb2.ActionKind.ValueType | str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, pace_service_pb2.EndCoolDownResponse]: ...
    def confirm_clock(
        self,
        request: pace_service_pb2.ConfirmClockRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> Coroutine[Any, Any, pace_service_pb2.ConfirmClockResponse]: ...

class _People:
    def get_profile(
        self,
        request: person_service_pb2.GetProfileRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        person: person_pb2.Person | Mapping[str, Any] | None = ...,
    ) -> Coroutine[Any, Any, person_service_pb2.GetProfileResponse]: ...
    def list_posts(
        self,
        request: person_service_pb2.ListPostsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        person: person_pb2.Person | Mapping[str, Any] | None = ...,
        recent_within: timedelta | Duration | None = ...,
    ) -> Coroutine[Any, Any, person_service_pb2.ListPostsResponse]: ...
    def find_people(
        self,
        request: person_service_pb2.FindPeopleRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        identifiers: Iterable[str] = ...,
    ) -> Coroutine[Any, Any, person_service_pb2.FindPeopleResponse]: ...

class _Holds:
    def put(
        self,
        request: hold_service_pb2.PutHoldRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        scope: hold_pb2.HoldScope.ValueType | str = ...,
        subject_id: str = ...,
        reason: str = ...,
        organization_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, hold_service_pb2.PutHoldResponse]: ...
    def lift(
        self,
        request: hold_service_pb2.LiftHoldRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        scope: hold_pb2.HoldScope.ValueType | str = ...,
        subject_id: str = ...,
        request_id: str = ...,
        allow_missing: bool = ...,
    ) -> Coroutine[Any, Any, hold_service_pb2.LiftHoldResponse]: ...
    def list(
        self,
        request: hold_service_pb2.ListHoldsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[hold_service_pb2.ListHoldsResponse, hold_pb2.Hold]: ...
    def list_changes(
        self,
        request: hold_service_pb2.ListHoldChangesRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
    ) -> Pages[hold_service_pb2.ListHoldChangesResponse, hold_pb2.HoldChange]: ...

class _Suppressions:
    def add(
        self,
        request: suppression_service_pb2.AddSuppressionsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        suppressions: Iterable[suppression_pb2.Suppression | Mapping[str, Any]] = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, suppression_service_pb2.AddSuppressionsResponse]: ...
    def remove(
        self,
        request: suppression_service_pb2.RemoveSuppressionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        suppression_id: str = ...,
        request_id: str = ...,
        allow_missing: bool = ...,
    ) -> Coroutine[Any, Any, suppression_service_pb2.RemoveSuppressionResponse]: ...
    def allow_contact(
        self,
        request: suppression_service_pb2.AllowContactRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        address: str = ...,
        email: str = ...,
        request_id: str = ...,
        allow_missing: bool = ...,
    ) -> Coroutine[Any, Any, suppression_service_pb2.AllowContactResponse]: ...
    def check(
        self,
        request: suppression_service_pb2.CheckSuppressionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        address: str = ...,
        email: str = ...,
    ) -> Coroutine[Any, Any, suppression_service_pb2.CheckSuppressionResponse]: ...
    def list(
        self,
        request: suppression_service_pb2.ListSuppressionsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[suppression_service_pb2.ListSuppressionsResponse, suppression_pb2.Suppression]: ...
    def find_suppressed(
        self,
        request: suppression_service_pb2.FindSuppressedRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        people: Iterable[person_pb2.Person | Mapping[str, Any]] = ...,
    ) -> Coroutine[Any, Any, suppression_service_pb2.FindSuppressedResponse]: ...
    def import_(
        self,
        requests: AsyncIterable[suppression_service_pb2.ImportSuppressionsRequest],
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> Coroutine[Any, Any, suppression_service_pb2.ImportSuppressionsResponse]: ...
    def record_replies(
        self,
        request: suppression_service_pb2.RecordRepliesRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        leads: Iterable[suppression_service_pb2.RepliedLead | Mapping[str, Any]] = ...,
        reply_time: datetime | Timestamp | None = ...,
    ) -> Coroutine[Any, Any, suppression_service_pb2.RecordRepliesResponse]: ...

class _Inbound:
    def replay(
        self,
        request: inbound_service_pb2.ReplayInboundRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        since_time: datetime | Timestamp | None = ...,
        account_id: str = ...,
    ) -> Coroutine[Any, Any, inbound_service_pb2.ReplayInboundResponse]: ...

class _Webhooks:
    def create_endpoint(
        self,
        request: webhook_service_pb2.CreateEndpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        organization_id: str = ...,
        url: str = ...,
        event_types: Iterable[str] = ...,
        builder_webhook_id: str = ...,
        description: str = ...,
        campaign_ids: Iterable[str] = ...,
        account_ids: Iterable[str] = ...,
        headers: Mapping[str, str] = ...,
        max_per_minute: int = ...,
        max_concurrency: int = ...,
        legacy_signature: webhook_service_pb2.LegacySignature | Mapping[str, Any] | None = ...,
        channel: webhook_service_pb2.Channel.ValueType | str = ...,
        payload_form: webhook_service_pb2.PayloadForm.ValueType | str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.CreateEndpointResponse]: ...
    def get_endpoint(
        self,
        request: webhook_service_pb2.GetEndpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str | None = ...,
        builder_webhook_id: str | None = ...,
        show_deleted: bool = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.GetEndpointResponse]: ...
    def list_endpoints(
        self,
        request: webhook_service_pb2.ListEndpointsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
        show_deleted: bool = ...,
    ) -> Pages[webhook_service_pb2.ListEndpointsResponse, webhook_service_pb2.Endpoint]: ...
    def update_endpoint(
        self,
        request: webhook_service_pb2.UpdateEndpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        endpoint: webhook_service_pb2.Endpoint | Mapping[str, Any] | None = ...,
        update_mask: FieldMask | None = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.UpdateEndpointResponse]: ...
    def disable_endpoint(
        self,
        request: webhook_service_pb2.DisableEndpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.DisableEndpointResponse]: ...
    def enable_endpoint(
        self,
        request: webhook_service_pb2.EnableEndpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.EnableEndpointResponse]: ...
    def send_test_event(
        self,
        request: webhook_service_pb2.SendTestEventRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        request_id: str = ...,
        event_type: str = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.SendTestEventResponse]: ...
    def delete_endpoint(
        self,
        request: webhook_service_pb2.DeleteEndpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        request_id: str = ...,
        etag: str = ...,
        validate_only: bool = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.DeleteEndpointResponse]: ...
    def undelete_endpoint(
        self,
        request: webhook_service_pb2.UndeleteEndpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.UndeleteEndpointResponse]: ...
    def rotate_endpoint_secret(
        self,
        request: webhook_service_pb2.RotateEndpointSecretRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        request_id: str = ...,
        overlap: timedelta | Duration | None = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.RotateEndpointSecretResponse]: ...
    def publish_event(
        self,
        request: webhook_service_pb2.PublishEventRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        event: event_pb2.Event | Mapping[str, Any] | None = ...,
        endpoint_id: str = ...,
        trace: str = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.PublishEventResponse]: ...
    def publish_events(
        self,
        request: webhook_service_pb2.PublishEventsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        events: Iterable[webhook_service_pb2.PublishEventRequest | Mapping[str, Any]] = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.PublishEventsResponse]: ...
    def list_deliveries(
        self,
        request: webhook_service_pb2.ListDeliveriesRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        event_id: str = ...,
        state: webhook_service_pb2.DeliveryState.ValueType | str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[webhook_service_pb2.ListDeliveriesResponse, webhook_service_pb2.Delivery]: ...
    def list_delivery_attempts(
        self,
        request: webhook_service_pb2.ListDeliveryAttemptsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        delivery_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
    ) -> Pages[webhook_service_pb2.ListDeliveryAttemptsResponse, webhook_service_pb2.DeliveryAttempt]: ...
    def resend_delivery(
        self,
        request: webhook_service_pb2.ResendDeliveryRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        delivery_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.ResendDeliveryResponse]: ...
    def get_event(
        self,
        request: webhook_service_pb2.GetEventRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        event_id: str = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.GetEventResponse]: ...
    def list_events(
        self,
        request: webhook_service_pb2.ListEventsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[webhook_service_pb2.ListEventsResponse, event_pb2.PublishedEvent]: ...
    def create_replay(
        self,
        request: webhook_service_pb2.CreateReplayRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        start_time: datetime | Timestamp | None = ...,
        end_time: datetime | Timestamp | None = ...,
        event_types: Iterable[str] = ...,
        campaign_ids: Iterable[str] = ...,
        failed_only: bool = ...,
        max_per_minute: int = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.CreateReplayResponse]: ...
    def get_replay(
        self,
        request: webhook_service_pb2.GetReplayRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        replay_id: str = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.GetReplayResponse]: ...
    def list_replays(
        self,
        request: webhook_service_pb2.ListReplaysRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> Pages[webhook_service_pb2.ListReplaysResponse, replay_pb2.Replay]: ...
    def cancel_replay(
        self,
        request: webhook_service_pb2.CancelReplayRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        replay_id: str = ...,
        request_id: str = ...,
    ) -> Coroutine[Any, Any, webhook_service_pb2.CancelReplayResponse]: ...

class _Audit:
    def list_records(
        self,
        request: audit_service_pb2.ListRecordsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        filter: audit_service_pb2.RecordFilter | Mapping[str, Any] | None = ...,
        page_size: int = ...,
        page_token: str = ...,
    ) -> Pages[audit_service_pb2.ListRecordsResponse, record_pb2.Record]: ...
    def export_records(
        self,
        request: audit_service_pb2.ExportRecordsRequest | None = ...,
        /,
        *,
        patience: timedelta = ...,
        filter: audit_service_pb2.RecordFilter | Mapping[str, Any] | None = ...,
    ) -> AsyncIterator[audit_service_pb2.ExportRecordsResponse]: ...
    def verify_records(
        self,
        request: audit_service_pb2.VerifyRecordsRequest | None = ...,
        /,
        *,
        patience: timedelta = ...,
        after: audit_service_pb2.VerifiedSoFar | Mapping[str, Any] | None = ...,
    ) -> AsyncIterator[audit_service_pb2.VerifyRecordsResponse]: ...

class _Installation:
    def get_server_info(
        self,
        request: installation_service_pb2.GetServerInfoRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> Coroutine[Any, Any, installation_service_pb2.GetServerInfoResponse]: ...

class _BlockingCampaigns:
    def create(
        self,
        request: campaign_service_pb2.CreateCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        organization_id: str = ...,
        name: str = ...,
        account_ids: Iterable[str] = ...,
        sequence_json: str = ...,
        settings: campaign_pb2.CampaignSettings | Mapping[str, Any] | None = ...,
        allow_literal: Iterable[str] = ...,
        validate_only: bool = ...,
    ) -> campaign_service_pb2.CreateCampaignResponse: ...
    def duplicate(
        self,
        request: campaign_service_pb2.DuplicateCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        campaign_id: str = ...,
        name: str = ...,
        validate_only: bool = ...,
    ) -> campaign_service_pb2.DuplicateCampaignResponse: ...
    def update(
        self,
        request: campaign_service_pb2.UpdateCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign: campaign_pb2.Campaign | Mapping[str, Any] | None = ...,
        update_mask: FieldMask | None = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> campaign_service_pb2.UpdateCampaignResponse: ...
    def start(
        self,
        request: campaign_service_pb2.StartCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> campaign_service_pb2.StartCampaignResponse: ...
    def pause(
        self,
        request: campaign_service_pb2.PauseCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        reason: str = ...,
        request_id: str = ...,
    ) -> campaign_service_pb2.PauseCampaignResponse: ...
    def resume(
        self,
        request: campaign_service_pb2.ResumeCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        request_id: str = ...,
    ) -> campaign_service_pb2.ResumeCampaignResponse: ...
    def stop(
        self,
        request: campaign_service_pb2.StopCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        complete_current_executions: bool = ...,
        reason: str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> campaign_service_pb2.StopCampaignResponse: ...
    def delete(
        self,
        request: campaign_service_pb2.DeleteCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        force: bool = ...,
        request_id: str = ...,
        etag: str = ...,
        validate_only: bool = ...,
    ) -> campaign_service_pb2.DeleteCampaignResponse: ...
    def undelete(
        self,
        request: campaign_service_pb2.UndeleteCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        request_id: str = ...,
    ) -> campaign_service_pb2.UndeleteCampaignResponse: ...
    def replace_sender(
        self,
        request: campaign_service_pb2.ReplaceSenderRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        account_id: str = ...,
        replacement_account_id: str = ...,
        contacted_leads: campaign_pb2.ContactedLeads.ValueType | str = ...,
        connected_leads: campaign_pb2.ContactedLeads.ValueType | str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> campaign_service_pb2.ReplaceSenderResponse: ...
    def get(
        self,
        request: campaign_service_pb2.GetCampaignRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        show_deleted: bool = ...,
    ) -> campaign_service_pb2.GetCampaignResponse: ...
    def export(
        self,
        request: campaign_service_pb2.ExportCampaignRequest | None = ...,
        /,
        *,
        patience: timedelta = ...,
        campaign_id: str = ...,
        token: str = ...,
    ) -> Iterator[campaign_service_pb2.ExportCampaignResponse]: ...
    def list(
        self,
        request: campaign_service_pb2.ListCampaignsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        state: campaign_pb2.CampaignState.ValueType | str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
        show_deleted: bool = ...,
    ) -> BlockingPages[campaign_service_pb2.ListCampaignsResponse, campaign_pb2.Campaign]: ...
    def get_status(
        self,
        request: campaign_service_pb2.GetCampaignStatusRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
    ) -> campaign_service_pb2.GetCampaignStatusResponse: ...
    def batch_get_status(
        self,
        request: campaign_service_pb2.BatchGetCampaignStatusRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        campaign_ids: Iterable[str] = ...,
    ) -> campaign_service_pb2.BatchGetCampaignStatusResponse: ...
    def watch(
        self,
        request: campaign_service_pb2.WatchCampaignRequest | None = ...,
        /,
        *,
        patience: timedelta = ...,
        campaign_id: str = ...,
        resume_token: str = ...,
    ) -> Iterator[campaign_service_pb2.WatchCampaignResponse]: ...

class _BlockingLeads:
    def import_(
        self,
        requests: Iterable[lead_service_pb2.ImportLeadsRequest],
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> lead_service_pb2.ImportLeadsResponse: ...
    def get_import(
        self,
        request: lead_service_pb2.GetImportRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        import_id: str = ...,
    ) -> lead_service_pb2.GetImportResponse: ...
    def list_imports(
        self,
        request: lead_service_pb2.ListImportsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[lead_service_pb2.ListImportsResponse, lead_service_pb2.LeadImport]: ...
    def get(
        self,
        request: lead_service_pb2.GetLeadRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
    ) -> lead_service_pb2.GetLeadResponse: ...
    def find(
        self,
        request: lead_service_pb2.FindLeadsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        address: str | None = ...,
        email: str | None = ...,
        page_size: int = ...,
        page_token: str = ...,
        show_deleted: bool = ...,
    ) -> lead_service_pb2.FindLeadsResponse: ...
    def retry(
        self,
        request: lead_service_pb2.RetryLeadRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        request_id: str = ...,
    ) -> lead_service_pb2.RetryLeadResponse: ...
    def retry_parked(
        self,
        request: lead_service_pb2.RetryParkedLeadsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        request_id: str = ...,
    ) -> lead_service_pb2.RetryParkedLeadsResponse: ...
    def export(
        self,
        request: lead_service_pb2.ExportLeadsRequest | None = ...,
        /,
        *,
        patience: timedelta = ...,
        campaign_id: str = ...,
        format: lead_service_pb2.ExportFormat.ValueType | str = ...,
        state: lead_pb2.LeadState.ValueType | str = ...,
        token: str = ...,
    ) -> Iterator[lead_service_pb2.ExportLeadsResponse]: ...
    def stop(
        self,
        request: lead_service_pb2.StopLeadRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> lead_service_pb2.StopLeadResponse: ...
    def remove(
        self,
        request: lead_service_pb2.RemoveLeadRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        request_id: str = ...,
        allow_missing: bool = ...,
        validate_only: bool = ...,
    ) -> lead_service_pb2.RemoveLeadResponse: ...
    def move(
        self,
        request: lead_service_pb2.MoveLeadRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        account_id: str = ...,
        even_if_contacted: bool = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> lead_service_pb2.MoveLeadResponse: ...
    def skip_step(
        self,
        request: lead_service_pb2.SkipStepRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        step_id: str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> lead_service_pb2.SkipStepResponse: ...
    def release(
        self,
        request: lead_service_pb2.ReleaseLeadsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        release_id: str = ...,
        leads: Iterable[lead_service_pb2.LeadToRelease | Mapping[str, Any]] = ...,
        request_id: str = ...,
    ) -> lead_service_pb2.ReleaseLeadsResponse: ...
    def withdraw(
        self,
        request: lead_service_pb2.WithdrawLeadsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        release_id: str = ...,
        lead_ids: Iterable[str] = ...,
        request_id: str = ...,
    ) -> lead_service_pb2.WithdrawLeadsResponse: ...
    def list(
        self,
        request: lead_service_pb2.ListLeadsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        state: lead_pb2.LeadState.ValueType | str = ...,
        page_size: int = ...,
        page_token: str = ...,
        include_steps: bool = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[lead_service_pb2.ListLeadsResponse, lead_service_pb2.LeadWithSteps]: ...
    def watch(
        self,
        request: lead_service_pb2.WatchLeadsRequest | None = ...,
        /,
        *,
        patience: timedelta = ...,
        campaign_id: str = ...,
        resume_token: str = ...,
    ) -> Iterator[lead_service_pb2.WatchLeadsResponse]: ...

class _BlockingImports:
    def create(
        self,
        request: import_service_pb2.CreateImportRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        campaign_id: str = ...,
        column_by_field: Mapping[str, str] = ...,
        allow_literal: Iterable[str] = ...,
        lead_list_id: str = ...,
    ) -> import_service_pb2.CreateImportResponse: ...
    def upload(
        self,
        requests: Iterable[import_service_pb2.UploadImportRequest],
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> import_service_pb2.UploadImportResponse: ...
    def get_operation(
        self,
        request: import_service_pb2.GetOperationRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        operation_id: str = ...,
        lead_list_id: str = ...,
    ) -> import_service_pb2.GetOperationResponse: ...
    def list_operations(
        self,
        request: import_service_pb2.ListOperationsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        lead_list_id: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[import_service_pb2.ListOperationsResponse, operation_pb2.Operation]: ...
    def cancel_operation(
        self,
        request: import_service_pb2.CancelOperationRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        operation_id: str = ...,
        request_id: str = ...,
        lead_list_id: str = ...,
    ) -> import_service_pb2.CancelOperationResponse: ...
    def wait_operation(
        self,
        request: import_service_pb2.WaitOperationRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        operation_id: str = ...,
        within: timedelta | Duration | None = ...,
        lead_list_id: str = ...,
    ) -> import_service_pb2.WaitOperationResponse: ...

class _BlockingLeadLists:
    def create(
        self,
        request: lead_list_service_pb2.CreateLeadListRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        organization_id: str = ...,
        name: str = ...,
        description: str = ...,
    ) -> lead_list_service_pb2.CreateLeadListResponse: ...
    def get(
        self,
        request: lead_list_service_pb2.GetLeadListRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        lead_list_id: str = ...,
    ) -> lead_list_service_pb2.GetLeadListResponse: ...
    def list(
        self,
        request: lead_list_service_pb2.ListLeadListsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[lead_list_service_pb2.ListLeadListsResponse, lead_list_pb2.LeadList]: ...
    def list_entries(
        self,
        request: lead_list_service_pb2.ListLeadListEntriesRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        lead_list_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[lead_list_service_pb2.ListLeadListEntriesResponse, lead_list_pb2.LeadListEntry]: ...
    def update(
        self,
        request: lead_list_service_pb2.UpdateLeadListRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        lead_list: lead_list_pb2.LeadList | Mapping[str, Any] | None = ...,
        update_mask: FieldMask | None = ...,
        request_id: str = ...,
    ) -> lead_list_service_pb2.UpdateLeadListResponse: ...
    def delete(
        self,
        request: lead_list_service_pb2.DeleteLeadListRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        lead_list_id: str = ...,
        force: bool = ...,
        request_id: str = ...,
        etag: str = ...,
    ) -> lead_list_service_pb2.DeleteLeadListResponse: ...
    def add(
        self,
        request: lead_list_service_pb2.AddLeadListRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_list_id: str = ...,
        validate_only: bool = ...,
        request_id: str = ...,
    ) -> lead_list_service_pb2.AddLeadListResponse: ...

class _BlockingSequences:
    def validate(
        self,
        request: sequence_service_pb2.ValidateSequenceRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        sequence_json: str = ...,
        allow_literal: Iterable[str] = ...,
    ) -> sequence_service_pb2.ValidateSequenceResponse: ...
    def render(
        self,
        request: sequence_service_pb2.RenderSequenceRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        drawing: sequence_service_pb2.SequenceSource | Mapping[str, Any] | None = ...,
        campaign_id: str | None = ...,
    ) -> sequence_service_pb2.RenderSequenceResponse: ...
    def update(
        self,
        request: sequence_service_pb2.UpdateSequenceRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        sequence_json: str = ...,
        allow_literal: Iterable[str] = ...,
        base_revision_id: str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> sequence_service_pb2.UpdateSequenceResponse: ...
    def rollback(
        self,
        request: sequence_service_pb2.RollbackSequenceRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        number: int = ...,
        base_revision_id: str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> sequence_service_pb2.RollbackSequenceResponse: ...
    def preview_revision(
        self,
        request: sequence_service_pb2.PreviewRevisionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        sequence_json: str | None = ...,
        number: int | None = ...,
        allow_literal: Iterable[str] = ...,
    ) -> sequence_service_pb2.PreviewRevisionResponse: ...
    def list_revisions(
        self,
        request: sequence_service_pb2.ListRevisionsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
    ) -> BlockingPages[sequence_service_pb2.ListRevisionsResponse, sequence_service_pb2.RevisionInUse]: ...
    def preview_messages(
        self,
        request: sequence_service_pb2.PreviewMessagesRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        lead_ids: Iterable[str] = ...,
        leads: int = ...,
    ) -> sequence_service_pb2.PreviewMessagesResponse: ...
    def get_experiment(
        self,
        request: sequence_service_pb2.GetExperimentRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        step_id: str = ...,
    ) -> sequence_service_pb2.GetExperimentResponse: ...

class _BlockingLinkedinEvents:
    def report(
        self,
        request: linkedin_event_service_pb2.ReportLinkedInEventsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        events: Iterable[linkedin_event_service_pb2.LinkedInEvent | Mapping[str, Any]] = ...,
    ) -> linkedin_event_service_pb2.ReportLinkedInEventsResponse: ...
    def find_running_leads(
        self,
        request: linkedin_event_service_pb2.FindRunningLeadsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        leads: Iterable[linkedin_event_service_pb2.LeadRef | Mapping[str, Any]] = ...,
    ) -> linkedin_event_service_pb2.FindRunningLeadsResponse: ...

class _BlockingWorkflows:
    def list(
        self,
        request: workflow_service_pb2.ListWorkflowsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
    ) -> BlockingPages[workflow_service_pb2.ListWorkflowsResponse, workflow_pb2.Workflow]: ...
    def get(
        self,
        request: workflow_service_pb2.GetWorkflowRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        workflow_id: str = ...,
        run_id: str = ...,
    ) -> workflow_service_pb2.GetWorkflowResponse: ...
    def get_history(
        self,
        request: workflow_service_pb2.GetWorkflowHistoryRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        workflow_id: str = ...,
        run_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
    ) -> BlockingPages[workflow_service_pb2.GetWorkflowHistoryResponse, workflow_pb2.WorkflowEvent]: ...
    def cancel(
        self,
        request: workflow_service_pb2.CancelWorkflowRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        workflow_id: str = ...,
        run_id: str = ...,
        reason: str = ...,
    ) -> workflow_service_pb2.CancelWorkflowResponse: ...
    def terminate(
        self,
        request: workflow_service_pb2.TerminateWorkflowRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        workflow_id: str = ...,
        run_id: str = ...,
        reason: str = ...,
    ) -> workflow_service_pb2.TerminateWorkflowResponse: ...
    def retry(
        self,
        request: workflow_service_pb2.RetryWorkflowRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        workflow_id: str = ...,
        run_id: str = ...,
    ) -> workflow_service_pb2.RetryWorkflowResponse: ...
    def get_temporal_health(
        self,
        request: workflow_service_pb2.GetTemporalHealthRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> workflow_service_pb2.GetTemporalHealthResponse: ...

class _BlockingReports:
    def get(
        self,
        request: report_service_pb2.GetReportRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        report_id: str = ...,
        view: report_pb2.ReportView.ValueType | str = ...,
    ) -> report_service_pb2.GetReportResponse: ...
    def list(
        self,
        request: report_service_pb2.ListReportsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[report_service_pb2.ListReportsResponse, report_pb2.Report]: ...
    def get_overview(
        self,
        request: report_service_pb2.GetOverviewRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        program_ids: Iterable[str] = ...,
        campaign_ids: Iterable[str] = ...,
        dimensions: Iterable[overview_pb2.OverviewDimension.ValueType | str] = ...,
        first_week: str = ...,
        last_week: str = ...,
    ) -> report_service_pb2.GetOverviewResponse: ...
    def generate(
        self,
        request: report_service_pb2.GenerateReportRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        kind: report_pb2.ReportKind.ValueType | str = ...,
        last_day: str = ...,
        request_id: str = ...,
    ) -> report_service_pb2.GenerateReportResponse: ...

class _BlockingPrograms:
    def create(
        self,
        request: program_service_pb2.CreateProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        organization_id: str = ...,
        campaign_id: str = ...,
        name: str = ...,
        plan_per_day: int = ...,
        time_of_day: str = ...,
        weekdays: Iterable[sending_window_pb2.Weekday.ValueType | str] = ...,
        time_zone: str = ...,
        weekly_review: program_pb2.WeeklyReview | Mapping[str, Any] | None = ...,
        rules_json: str = ...,
        exploration_share: float | None = ...,
        company_spacing_days: int | None = ...,
        guardrails_json: str = ...,
        mode: program_pb2.ProgramMode.ValueType | str = ...,
        validate_only: bool = ...,
    ) -> program_service_pb2.CreateProgramResponse: ...
    def get(
        self,
        request: program_service_pb2.GetProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
    ) -> program_service_pb2.GetProgramResponse: ...
    def list(
        self,
        request: program_service_pb2.ListProgramsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
        show_deleted: bool = ...,
    ) -> BlockingPages[program_service_pb2.ListProgramsResponse, program_pb2.Program]: ...
    def update(
        self,
        request: program_service_pb2.UpdateProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program: program_pb2.Program | Mapping[str, Any] | None = ...,
        update_mask: FieldMask | None = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> program_service_pb2.UpdateProgramResponse: ...
    def set_mode(
        self,
        request: program_service_pb2.SetProgramModeRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        mode: program_pb2.ProgramMode.ValueType | str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> program_service_pb2.SetProgramModeResponse: ...
    def pause(
        self,
        request: program_service_pb2.PauseProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        request_id: str = ...,
    ) -> program_service_pb2.PauseProgramResponse: ...
    def resume(
        self,
        request: program_service_pb2.ResumeProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        request_id: str = ...,
    ) -> program_service_pb2.ResumeProgramResponse: ...
    def trigger(
        self,
        request: program_service_pb2.TriggerProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        type: run_pb2.RunType.ValueType | str = ...,
        request_id: str = ...,
    ) -> program_service_pb2.TriggerProgramResponse: ...
    def backfill(
        self,
        request: program_service_pb2.BackfillProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        days: int = ...,
        request_id: str = ...,
    ) -> program_service_pb2.BackfillProgramResponse: ...
    def list_next_runs(
        self,
        request: program_service_pb2.ListNextRunsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        days: int = ...,
    ) -> program_service_pb2.ListNextRunsResponse: ...
    def preview_selection(
        self,
        request: program_service_pb2.PreviewSelectionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
    ) -> program_service_pb2.PreviewSelectionResponse: ...
    def delete(
        self,
        request: program_service_pb2.DeleteProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        request_id: str = ...,
        etag: str = ...,
        validate_only: bool = ...,
    ) -> program_service_pb2.DeleteProgramResponse: ...
    def undelete(
        self,
        request: program_service_pb2.UndeleteProgramRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        request_id: str = ...,
    ) -> program_service_pb2.UndeleteProgramResponse: ...

class _BlockingRuns:
    def list(
        self,
        request: run_service_pb2.ListRunsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[run_service_pb2.ListRunsResponse, run_pb2.Run]: ...
    def get(
        self,
        request: run_service_pb2.GetRunRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        run_id: str = ...,
    ) -> run_service_pb2.GetRunResponse: ...
    def cancel(
        self,
        request: run_service_pb2.CancelRunRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        run_id: str = ...,
        request_id: str = ...,
    ) -> run_service_pb2.CancelRunResponse: ...

class _BlockingDecisions:
    def list(
        self,
        request: decision_service_pb2.ListDecisionsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[decision_service_pb2.ListDecisionsResponse, decision_pb2.Decision]: ...
    def get(
        self,
        request: decision_service_pb2.GetDecisionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        decision_id: str = ...,
    ) -> decision_service_pb2.GetDecisionResponse: ...
    def approve(
        self,
        request: decision_service_pb2.ApproveDecisionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        decision_id: str = ...,
        request_id: str = ...,
    ) -> decision_service_pb2.ApproveDecisionResponse: ...
    def reject(
        self,
        request: decision_service_pb2.RejectDecisionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        decision_id: str = ...,
        request_id: str = ...,
    ) -> decision_service_pb2.RejectDecisionResponse: ...
    def revert(
        self,
        request: decision_service_pb2.RevertDecisionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        decision_id: str = ...,
        request_id: str = ...,
    ) -> decision_service_pb2.RevertDecisionResponse: ...
    def batch_decide(
        self,
        request: decision_service_pb2.BatchDecideRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        decision_ids: Iterable[str] = ...,
        answer: decision_service_pb2.DecisionAnswer.ValueType | str = ...,
        request_id: str = ...,
    ) -> decision_service_pb2.BatchDecideResponse: ...

class _BlockingScores:
    def preview_ranking(
        self,
        request: scoring_service_pb2.PreviewRankingRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        limit: int = ...,
    ) -> scoring_service_pb2.PreviewRankingResponse: ...
    def explain_score(
        self,
        request: scoring_service_pb2.ExplainScoreRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        lead_id: str = ...,
    ) -> scoring_service_pb2.ExplainScoreResponse: ...

class _BlockingModels:
    def train(
        self,
        request: model_service_pb2.TrainModelRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        request_id: str = ...,
    ) -> model_service_pb2.TrainModelResponse: ...
    def list(
        self,
        request: model_service_pb2.ListModelsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[model_service_pb2.ListModelsResponse, model_pb2.Model]: ...
    def get_card(
        self,
        request: model_service_pb2.GetModelCardRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        model_id: str = ...,
    ) -> model_service_pb2.GetModelCardResponse: ...
    def promote(
        self,
        request: model_service_pb2.PromoteModelRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        model_id: str = ...,
        request_id: str = ...,
    ) -> model_service_pb2.PromoteModelResponse: ...
    def rollback(
        self,
        request: model_service_pb2.RollbackModelRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        program_id: str = ...,
        request_id: str = ...,
    ) -> model_service_pb2.RollbackModelResponse: ...

class _BlockingOrganizations:
    def create(
        self,
        request: organization_service_pb2.CreateOrganizationRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        name: str = ...,
    ) -> organization_service_pb2.CreateOrganizationResponse: ...
    def get(
        self,
        request: organization_service_pb2.GetOrganizationRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
    ) -> organization_service_pb2.GetOrganizationResponse: ...
    def list(
        self,
        request: organization_service_pb2.ListOrganizationsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[organization_service_pb2.ListOrganizationsResponse, organization_pb2.Organization]: ...
    def disable(
        self,
        request: organization_service_pb2.DisableOrganizationRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        request_id: str = ...,
    ) -> organization_service_pb2.DisableOrganizationResponse: ...
    def enable(
        self,
        request: organization_service_pb2.EnableOrganizationRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        request_id: str = ...,
    ) -> organization_service_pb2.EnableOrganizationResponse: ...

class _BlockingMembers:
    def create(
        self,
        request: member_service_pb2.CreateMemberRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        name: str = ...,
        role: member_pb2.Role.ValueType | str = ...,
        account_ids: Iterable[str] = ...,
        request_id: str = ...,
    ) -> member_service_pb2.CreateMemberResponse: ...
    def get(
        self,
        request: member_service_pb2.GetMemberRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        member_id: str = ...,
    ) -> member_service_pb2.GetMemberResponse: ...
    def list(
        self,
        request: member_service_pb2.ListMembersRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[member_service_pb2.ListMembersResponse, member_pb2.Member]: ...
    def update(
        self,
        request: member_service_pb2.UpdateMemberRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        member_id: str = ...,
        role: member_pb2.Role.ValueType | str = ...,
        limit: member_service_pb2.AccountLimit | Mapping[str, Any] | None = ...,
        etag: str = ...,
        request_id: str = ...,
    ) -> member_service_pb2.UpdateMemberResponse: ...
    def disable(
        self,
        request: member_service_pb2.DisableMemberRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        member_id: str = ...,
        request_id: str = ...,
    ) -> member_service_pb2.DisableMemberResponse: ...
    def enable(
        self,
        request: member_service_pb2.EnableMemberRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        member_id: str = ...,
        request_id: str = ...,
    ) -> member_service_pb2.EnableMemberResponse: ...

class _BlockingApiKeys:
    def create(
        self,
        request: api_key_service_pb2.CreateApiKeyRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        member_id: str = ...,
        name: str = ...,
        scopes: Iterable[str] = ...,
        account_ids: Iterable[str] = ...,
        expire_time: datetime | Timestamp | None = ...,
    ) -> api_key_service_pb2.CreateApiKeyResponse: ...
    def get(
        self,
        request: api_key_service_pb2.GetApiKeyRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        key_id: str = ...,
    ) -> api_key_service_pb2.GetApiKeyResponse: ...
    def list(
        self,
        request: api_key_service_pb2.ListApiKeysRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        member_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[api_key_service_pb2.ListApiKeysResponse, api_key_pb2.ApiKey]: ...
    def rotate(
        self,
        request: api_key_service_pb2.RotateApiKeyRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        key_id: str = ...,
        overlap: timedelta | Duration | None = ...,
    ) -> api_key_service_pb2.RotateApiKeyResponse: ...
    def revoke(
        self,
        request: api_key_service_pb2.RevokeApiKeyRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        key_id: str = ...,
        request_id: str = ...,
    ) -> api_key_service_pb2.RevokeApiKeyResponse: ...

class _BlockingTokens:
    def create(
        self,
        request: token_service_pb2.CreateTokenRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        api_key: str = ...,
    ) -> token_service_pb2.CreateTokenResponse: ...
    def who_am_i(
        self,
        request: token_service_pb2.WhoAmIRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> token_service_pb2.WhoAmIResponse: ...
    def rotate_issuer_key(
        self,
        request: token_service_pb2.RotateIssuerKeyRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> token_service_pb2.RotateIssuerKeyResponse: ...

class _BlockingAccounts:
    def register(
        self,
        request: account_service_pb2.RegisterAccountRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        unipile_account_id: str = ...,
        working_hours: sending_window_pb2.SendingWindow | Mapping[str, Any] | None = ...,
        holidays: Iterable[str] = ...,
        caps: Iterable[account_pb2.Cap | Mapping[str, Any]] = ...,
    ) -> account_service_pb2.RegisterAccountResponse: ...
    def get(
        self,
        request: account_service_pb2.GetAccountRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
    ) -> account_service_pb2.GetAccountResponse: ...
    def list(
        self,
        request: account_service_pb2.ListAccountsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        account_ids: Iterable[str] = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[account_service_pb2.ListAccountsResponse, account_pb2.Account]: ...
    def update(
        self,
        request: account_service_pb2.UpdateAccountRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        working_hours: sending_window_pb2.SendingWindow | Mapping[str, Any] | None = ...,
        holidays: account_service_pb2.UpdateAccountRequest.Holidays | Mapping[str, Any] | None = ...,
        caps: account_service_pb2.UpdateAccountRequest.Caps | Mapping[str, Any] | None = ...,
        etag: str = ...,
        request_id: str = ...,
    ) -> account_service_pb2.UpdateAccountResponse: ...
    def restart(
        self,
        request: account_service_pb2.RestartAccountRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        request_id: str = ...,
    ) -> account_service_pb2.RestartAccountResponse: ...
    def disconnect(
        self,
        request: account_service_pb2.DisconnectAccountRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        park: bool = ...,
        request_id: str = ...,
    ) -> account_service_pb2.DisconnectAccountResponse: ...

class _BlockingSignIns:
    def create_connect_link(
        self,
        request: sign_in_service_pb2.CreateConnectLinkRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        account_id: str = ...,
        success_url: str = ...,
        failure_url: str = ...,
        valid_for: timedelta | Duration | None = ...,
    ) -> sign_in_service_pb2.CreateConnectLinkResponse: ...
    def connect_account(
        self,
        request: sign_in_service_pb2.ConnectAccountRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        account_id: str = ...,
        credentials: sign_in_pb2.Credentials | Mapping[str, Any] | None = ...,
        country: str = ...,
    ) -> sign_in_service_pb2.ConnectAccountResponse: ...
    def solve_checkpoint(
        self,
        request: sign_in_service_pb2.SolveCheckpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        checkpoint_id: str = ...,
        code: str = ...,
    ) -> sign_in_service_pb2.SolveCheckpointResponse: ...
    def resend_checkpoint(
        self,
        request: sign_in_service_pb2.ResendCheckpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        checkpoint_id: str = ...,
    ) -> sign_in_service_pb2.ResendCheckpointResponse: ...

class _BlockingActions:
    def perform(
        self,
        request: action_service_pb2.PerformActionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        action_id: str = ...,
        organization_id: str = ...,
        account_id: str = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        person: person_pb2.Person | Mapping[str, Any] | None = ...,
        sending_window: sending_window_pb2.SendingWindow | Mapping[str, Any] | None = ...,
        weight: int = ...,
        continue_after_reply: bool = ...,
        person_time_zone: str = ...,
        automatic_reply_wait: timedelta | Duration | None = ...,
        contact_responders: bool = ...,
        owner_messages: action_service_pb2.OwnerMessages.ValueType | str = ...,
        visit_profile: action_pb2.VisitProfile | Mapping[str, Any] | None = ...,
        react_to_post: action_pb2.ReactToPost | Mapping[str, Any] | None = ...,
        comment_on_post: action_pb2.CommentOnPost | Mapping[str, Any] | None = ...,
        send_invitation: action_pb2.SendInvitation | Mapping[str, Any] | None = ...,
        send_message: action_pb2.SendMessage | Mapping[str, Any] | None = ...,
        send_inmail: action_pb2.SendInMail | Mapping[str, Any] | None = ...,
        withdraw_invitation: action_pb2.WithdrawInvitation | Mapping[str, Any] | None = ...,
    ) -> action_service_pb2.PerformActionResponse: ...
    def cancel(
        self,
        request: action_service_pb2.CancelActionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        action_id: str = ...,
        organization_id: str = ...,
    ) -> action_service_pb2.CancelActionResponse: ...
    def end_lead(
        self,
        request: action_service_pb2.EndLeadRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
    ) -> action_service_pb2.EndLeadResponse: ...
    def explain(
        self,
        request: action_service_pb2.ExplainActionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        action_id: str = ...,
        organization_id: str = ...,
    ) -> action_service_pb2.ExplainActionResponse: ...
    def list(
        self,
        request: action_service_pb2.ListActionsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        account_id: str = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        kind: action_pb2.ActionKind.ValueType | str = ...,
        state: action_pb2.ActionState.ValueType | str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[action_service_pb2.ListActionsResponse, action_pb2.Action]: ...

class _BlockingPace:
    def get_queue(
        self,
        request: pace_service_pb2.GetQueueRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        kind: action_pb2.ActionKind.ValueType | str = ...,
        page_size: int = ...,
        page_token: str = ...,
    ) -> BlockingPages[pace_service_pb2.GetQueueResponse, pace_pb2.QueuedAction]: ...
    def count_waiting(
        self,
        request: pace_service_pb2.CountWaitingRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        campaign_id: str = ...,
        account_ids: Iterable[str] = ...,
        campaign_ids: Iterable[str] = ...,
    ) -> pace_service_pb2.CountWaitingResponse: ...
    def forecast_account(
        self,
        request: pace_service_pb2.ForecastAccountRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        days: int = ...,
        kinds: Iterable[action_pb2.ActionKind.ValueType | str] = ...,
    ) -> pace_service_pb2.ForecastAccountResponse: ...
    def get_account_usage(
        self,
        request: pace_service_pb2.GetAccountUsageRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
    ) -> pace_service_pb2.GetAccountUsageResponse: ...
    def get_account_health(
        self,
        request: pace_service_pb2.GetAccountHealthRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
    ) -> pace_service_pb2.GetAccountHealthResponse: ...
    def list_cool_downs(
        self,
        request: pace_service_pb2.ListCoolDownsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
    ) -> BlockingPages[pace_service_pb2.ListCoolDownsResponse, pace_pb2.CoolDown]: ...
    def end_cool_down(
        self,
        request: pace_service_pb2.EndCoolDownRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        kind: action_pb2.ActionKind.ValueType | str = ...,
        request_id: str = ...,
    ) -> pace_service_pb2.EndCoolDownResponse: ...
    def confirm_clock(
        self,
        request: pace_service_pb2.ConfirmClockRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> pace_service_pb2.ConfirmClockResponse: ...

class _BlockingPeople:
    def get_profile(
        self,
        request: person_service_pb2.GetProfileRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        person: person_pb2.Person | Mapping[str, Any] | None = ...,
    ) -> person_service_pb2.GetProfileResponse: ...
    def list_posts(
        self,
        request: person_service_pb2.ListPostsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        account_id: str = ...,
        campaign_id: str = ...,
        lead_id: str = ...,
        person: person_pb2.Person | Mapping[str, Any] | None = ...,
        recent_within: timedelta | Duration | None = ...,
    ) -> person_service_pb2.ListPostsResponse: ...
    def find_people(
        self,
        request: person_service_pb2.FindPeopleRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        identifiers: Iterable[str] = ...,
    ) -> person_service_pb2.FindPeopleResponse: ...

class _BlockingHolds:
    def put(
        self,
        request: hold_service_pb2.PutHoldRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        scope: hold_pb2.HoldScope.ValueType | str = ...,
        subject_id: str = ...,
        reason: str = ...,
        organization_id: str = ...,
        request_id: str = ...,
    ) -> hold_service_pb2.PutHoldResponse: ...
    def lift(
        self,
        request: hold_service_pb2.LiftHoldRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        scope: hold_pb2.HoldScope.ValueType | str = ...,
        subject_id: str = ...,
        request_id: str = ...,
        allow_missing: bool = ...,
    ) -> hold_service_pb2.LiftHoldResponse: ...
    def list(
        self,
        request: hold_service_pb2.ListHoldsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[hold_service_pb2.ListHoldsResponse, hold_pb2.Hold]: ...
    def list_changes(
        self,
        request: hold_service_pb2.ListHoldChangesRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
    ) -> BlockingPages[hold_service_pb2.ListHoldChangesResponse, hold_pb2.HoldChange]: ...

class _BlockingSuppressions:
    def add(
        self,
        request: suppression_service_pb2.AddSuppressionsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        suppressions: Iterable[suppression_pb2.Suppression | Mapping[str, Any]] = ...,
        request_id: str = ...,
    ) -> suppression_service_pb2.AddSuppressionsResponse: ...
    def remove(
        self,
        request: suppression_service_pb2.RemoveSuppressionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        suppression_id: str = ...,
        request_id: str = ...,
        allow_missing: bool = ...,
    ) -> suppression_service_pb2.RemoveSuppressionResponse: ...
    def allow_contact(
        self,
        request: suppression_service_pb2.AllowContactRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        address: str = ...,
        email: str = ...,
        request_id: str = ...,
        allow_missing: bool = ...,
    ) -> suppression_service_pb2.AllowContactResponse: ...
    def check(
        self,
        request: suppression_service_pb2.CheckSuppressionRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        address: str = ...,
        email: str = ...,
    ) -> suppression_service_pb2.CheckSuppressionResponse: ...
    def list(
        self,
        request: suppression_service_pb2.ListSuppressionsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[suppression_service_pb2.ListSuppressionsResponse, suppression_pb2.Suppression]: ...
    def find_suppressed(
        self,
        request: suppression_service_pb2.FindSuppressedRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        people: Iterable[person_pb2.Person | Mapping[str, Any]] = ...,
    ) -> suppression_service_pb2.FindSuppressedResponse: ...
    def import_(
        self,
        requests: Iterable[suppression_service_pb2.ImportSuppressionsRequest],
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> suppression_service_pb2.ImportSuppressionsResponse: ...
    def record_replies(
        self,
        request: suppression_service_pb2.RecordRepliesRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        leads: Iterable[suppression_service_pb2.RepliedLead | Mapping[str, Any]] = ...,
        reply_time: datetime | Timestamp | None = ...,
    ) -> suppression_service_pb2.RecordRepliesResponse: ...

class _BlockingInbound:
    def replay(
        self,
        request: inbound_service_pb2.ReplayInboundRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        since_time: datetime | Timestamp | None = ...,
        account_id: str = ...,
    ) -> inbound_service_pb2.ReplayInboundResponse: ...

class _BlockingWebhooks:
    def create_endpoint(
        self,
        request: webhook_service_pb2.CreateEndpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        organization_id: str = ...,
        url: str = ...,
        event_types: Iterable[str] = ...,
        builder_webhook_id: str = ...,
        description: str = ...,
        campaign_ids: Iterable[str] = ...,
        account_ids: Iterable[str] = ...,
        headers: Mapping[str, str] = ...,
        max_per_minute: int = ...,
        max_concurrency: int = ...,
        legacy_signature: webhook_service_pb2.LegacySignature | Mapping[str, Any] | None = ...,
        channel: webhook_service_pb2.Channel.ValueType | str = ...,
        payload_form: webhook_service_pb2.PayloadForm.ValueType | str = ...,
        validate_only: bool = ...,
    ) -> webhook_service_pb2.CreateEndpointResponse: ...
    def get_endpoint(
        self,
        request: webhook_service_pb2.GetEndpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str | None = ...,
        builder_webhook_id: str | None = ...,
        show_deleted: bool = ...,
    ) -> webhook_service_pb2.GetEndpointResponse: ...
    def list_endpoints(
        self,
        request: webhook_service_pb2.ListEndpointsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
        show_deleted: bool = ...,
    ) -> BlockingPages[webhook_service_pb2.ListEndpointsResponse, webhook_service_pb2.Endpoint]: ...
    def update_endpoint(
        self,
        request: webhook_service_pb2.UpdateEndpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        endpoint: webhook_service_pb2.Endpoint | Mapping[str, Any] | None = ...,
        update_mask: FieldMask | None = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> webhook_service_pb2.UpdateEndpointResponse: ...
    def disable_endpoint(
        self,
        request: webhook_service_pb2.DisableEndpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        request_id: str = ...,
        validate_only: bool = ...,
    ) -> webhook_service_pb2.DisableEndpointResponse: ...
    def enable_endpoint(
        self,
        request: webhook_service_pb2.EnableEndpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        request_id: str = ...,
    ) -> webhook_service_pb2.EnableEndpointResponse: ...
    def send_test_event(
        self,
        request: webhook_service_pb2.SendTestEventRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        request_id: str = ...,
        event_type: str = ...,
    ) -> webhook_service_pb2.SendTestEventResponse: ...
    def delete_endpoint(
        self,
        request: webhook_service_pb2.DeleteEndpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        request_id: str = ...,
        etag: str = ...,
        validate_only: bool = ...,
    ) -> webhook_service_pb2.DeleteEndpointResponse: ...
    def undelete_endpoint(
        self,
        request: webhook_service_pb2.UndeleteEndpointRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        request_id: str = ...,
    ) -> webhook_service_pb2.UndeleteEndpointResponse: ...
    def rotate_endpoint_secret(
        self,
        request: webhook_service_pb2.RotateEndpointSecretRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        request_id: str = ...,
        overlap: timedelta | Duration | None = ...,
    ) -> webhook_service_pb2.RotateEndpointSecretResponse: ...
    def publish_event(
        self,
        request: webhook_service_pb2.PublishEventRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        event: event_pb2.Event | Mapping[str, Any] | None = ...,
        endpoint_id: str = ...,
        trace: str = ...,
    ) -> webhook_service_pb2.PublishEventResponse: ...
    def publish_events(
        self,
        request: webhook_service_pb2.PublishEventsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        events: Iterable[webhook_service_pb2.PublishEventRequest | Mapping[str, Any]] = ...,
    ) -> webhook_service_pb2.PublishEventsResponse: ...
    def list_deliveries(
        self,
        request: webhook_service_pb2.ListDeliveriesRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        event_id: str = ...,
        state: webhook_service_pb2.DeliveryState.ValueType | str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[webhook_service_pb2.ListDeliveriesResponse, webhook_service_pb2.Delivery]: ...
    def list_delivery_attempts(
        self,
        request: webhook_service_pb2.ListDeliveryAttemptsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        delivery_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
    ) -> BlockingPages[webhook_service_pb2.ListDeliveryAttemptsResponse, webhook_service_pb2.DeliveryAttempt]: ...
    def resend_delivery(
        self,
        request: webhook_service_pb2.ResendDeliveryRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        delivery_id: str = ...,
        request_id: str = ...,
    ) -> webhook_service_pb2.ResendDeliveryResponse: ...
    def get_event(
        self,
        request: webhook_service_pb2.GetEventRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        event_id: str = ...,
    ) -> webhook_service_pb2.GetEventResponse: ...
    def list_events(
        self,
        request: webhook_service_pb2.ListEventsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[webhook_service_pb2.ListEventsResponse, event_pb2.PublishedEvent]: ...
    def create_replay(
        self,
        request: webhook_service_pb2.CreateReplayRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        request_id: str = ...,
        organization_id: str = ...,
        endpoint_id: str = ...,
        start_time: datetime | Timestamp | None = ...,
        end_time: datetime | Timestamp | None = ...,
        event_types: Iterable[str] = ...,
        campaign_ids: Iterable[str] = ...,
        failed_only: bool = ...,
        max_per_minute: int = ...,
    ) -> webhook_service_pb2.CreateReplayResponse: ...
    def get_replay(
        self,
        request: webhook_service_pb2.GetReplayRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        replay_id: str = ...,
    ) -> webhook_service_pb2.GetReplayResponse: ...
    def list_replays(
        self,
        request: webhook_service_pb2.ListReplaysRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        page_size: int = ...,
        page_token: str = ...,
        filter: str = ...,
        order_by: str = ...,
        updated_since: datetime | Timestamp | None = ...,
        sync_token: str = ...,
    ) -> BlockingPages[webhook_service_pb2.ListReplaysResponse, replay_pb2.Replay]: ...
    def cancel_replay(
        self,
        request: webhook_service_pb2.CancelReplayRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        organization_id: str = ...,
        replay_id: str = ...,
        request_id: str = ...,
    ) -> webhook_service_pb2.CancelReplayResponse: ...

class _BlockingAudit:
    def list_records(
        self,
        request: audit_service_pb2.ListRecordsRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
        filter: audit_service_pb2.RecordFilter | Mapping[str, Any] | None = ...,
        page_size: int = ...,
        page_token: str = ...,
    ) -> BlockingPages[audit_service_pb2.ListRecordsResponse, record_pb2.Record]: ...
    def export_records(
        self,
        request: audit_service_pb2.ExportRecordsRequest | None = ...,
        /,
        *,
        patience: timedelta = ...,
        filter: audit_service_pb2.RecordFilter | Mapping[str, Any] | None = ...,
    ) -> Iterator[audit_service_pb2.ExportRecordsResponse]: ...
    def verify_records(
        self,
        request: audit_service_pb2.VerifyRecordsRequest | None = ...,
        /,
        *,
        patience: timedelta = ...,
        after: audit_service_pb2.VerifiedSoFar | Mapping[str, Any] | None = ...,
    ) -> Iterator[audit_service_pb2.VerifyRecordsResponse]: ...

class _BlockingInstallation:
    def get_server_info(
        self,
        request: installation_service_pb2.GetServerInfoRequest | None = ...,
        /,
        *,
        timeout: timedelta | None = ...,
    ) -> installation_service_pb2.GetServerInfoResponse: ...

class Services:
    @property
    def campaigns(self) -> _Campaigns: ...
    @property
    def leads(self) -> _Leads: ...
    @property
    def imports(self) -> _Imports: ...
    @property
    def lead_lists(self) -> _LeadLists: ...
    @property
    def sequences(self) -> _Sequences: ...
    @property
    def linkedin_events(self) -> _LinkedinEvents: ...
    @property
    def workflows(self) -> _Workflows: ...
    @property
    def reports(self) -> _Reports: ...
    @property
    def programs(self) -> _Programs: ...
    @property
    def runs(self) -> _Runs: ...
    @property
    def decisions(self) -> _Decisions: ...
    @property
    def scores(self) -> _Scores: ...
    @property
    def models(self) -> _Models: ...
    @property
    def organizations(self) -> _Organizations: ...
    @property
    def members(self) -> _Members: ...
    @property
    def api_keys(self) -> _ApiKeys: ...
    @property
    def tokens(self) -> _Tokens: ...
    @property
    def accounts(self) -> _Accounts: ...
    @property
    def sign_ins(self) -> _SignIns: ...
    @property
    def actions(self) -> _Actions: ...
    @property
    def pace(self) -> _Pace: ...
    @property
    def people(self) -> _People: ...
    @property
    def holds(self) -> _Holds: ...
    @property
    def suppressions(self) -> _Suppressions: ...
    @property
    def inbound(self) -> _Inbound: ...
    @property
    def webhooks(self) -> _Webhooks: ...
    @property
    def audits(self) -> Mapping[Server, _Audit]: ...
    @property
    def installations(self) -> Mapping[Server, _Installation]: ...
    tokens_of_key: Tokens | None
    def channel_to(self, server: Server) -> grpc.aio.Channel: ...

class BlockingServices:
    @property
    def campaigns(self) -> _BlockingCampaigns: ...
    @property
    def leads(self) -> _BlockingLeads: ...
    @property
    def imports(self) -> _BlockingImports: ...
    @property
    def lead_lists(self) -> _BlockingLeadLists: ...
    @property
    def sequences(self) -> _BlockingSequences: ...
    @property
    def linkedin_events(self) -> _BlockingLinkedinEvents: ...
    @property
    def workflows(self) -> _BlockingWorkflows: ...
    @property
    def reports(self) -> _BlockingReports: ...
    @property
    def programs(self) -> _BlockingPrograms: ...
    @property
    def runs(self) -> _BlockingRuns: ...
    @property
    def decisions(self) -> _BlockingDecisions: ...
    @property
    def scores(self) -> _BlockingScores: ...
    @property
    def models(self) -> _BlockingModels: ...
    @property
    def organizations(self) -> _BlockingOrganizations: ...
    @property
    def members(self) -> _BlockingMembers: ...
    @property
    def api_keys(self) -> _BlockingApiKeys: ...
    @property
    def tokens(self) -> _BlockingTokens: ...
    @property
    def accounts(self) -> _BlockingAccounts: ...
    @property
    def sign_ins(self) -> _BlockingSignIns: ...
    @property
    def actions(self) -> _BlockingActions: ...
    @property
    def pace(self) -> _BlockingPace: ...
    @property
    def people(self) -> _BlockingPeople: ...
    @property
    def holds(self) -> _BlockingHolds: ...
    @property
    def suppressions(self) -> _BlockingSuppressions: ...
    @property
    def inbound(self) -> _BlockingInbound: ...
    @property
    def webhooks(self) -> _BlockingWebhooks: ...
    @property
    def audits(self) -> Mapping[Server, _BlockingAudit]: ...
    @property
    def installations(self) -> Mapping[Server, _BlockingInstallation]: ...
    def _member(self, name: str) -> Any: ...

