"""campaign-api's RPCs, each asked by everybody about what an organization has."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from automation.decisions.decision import Change, Decision, DecisionKind
from automation.decisions.decision_repository import DecisionRepository
from automation.reports.report import ReportKind
from automation.runs.run_repository import RunRepository
from automation.training.evaluation import Verdict
from automation.training.model_repository import ModelRepository
from campaigns.workflow import search_attributes as visibility
from devstack.stack.keys import Keys
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.audit.v1 import audit_service_pb2
from outreach.automation.v1 import decision_service_pb2, program_pb2, program_service_pb2
from outreach.campaign.v1 import (
    campaign_pb2,
    campaign_service_pb2,
    import_service_pb2,
    lead_list_pb2,
    lead_list_service_pb2,
    lead_service_pb2,
    sequence_service_pb2,
    workflow_service_pb2,
)
from outreach.campaign.v1 import linkedin_event_service_pb2 as events_pb
from outreach.identity.v1 import (
    api_key_service_pb2,
    member_pb2,
    member_service_pb2,
    organization_service_pb2,
)
from servicekit.identity.identity import Identity
from servicekit.ids import new_id
from servicekit.postgres import pool as postgres
from servicekit.settings import ServiceSettings
from servicekit.temporal import search_attributes
from temporalio.client import Client

from tests.access.matrix import Owned
from tests.fakes.campaign_ports import ORGANIZATION
from tests.fakes.stubs import IdentityStubs
from tests.fuzzing.calls import methods_of
from tests.integration.campaign_api.automation.test_models import learned
from tests.integration.campaign_api.automation.test_programs import (
    RELEASED_ONLY,
    created,
    run_of,
)
from tests.integration.campaign_api.automation.test_reports import kept
from tests.integration.campaign_api.conftest import (
    ACCOUNT,
    LEADS,
    NOON,
    SEQUENCE,
    Api,
    connected,
    new_campaign,
    reply,
    running_api,
)
from tests.integration.campaign_api.lead_lists.lists import filled
from tests.integration.campaign_api.workflows.conftest import listed

FILTER = audit_service_pb2.RecordFilter(organization_id=ORGANIZATION)


@pytest.mark.lasts(seconds=60)
async def test_what_belongs_to_another_organization_does_not_exist(
    api: Api, temporal_client: Client, keys: Keys, tmp_path: Path
) -> None:
    """Whatever RPC is asked, whatever it is asked for: neither seen nor told apart nor changed."""
    await search_attributes.register(temporal_client, visibility.KEYS)
    campaigns = await with_campaigns(api, keys)
    settings = ServiceSettings(**keys.settings("campaign-api"))
    async with (
        postgres.connect_pool(api.url, "identity", max_size=2) as pool,
        postgres.connect_pool(api.url, "automation", max_size=2) as automation,
        running_api(
            api.url,
            await connected(temporal_client),
            client=temporal_client,
            identity=Identity.of_server(
                settings, service="campaign-api", sandbox=False, calls=True
            ),
            beside=api.neighbours,
            limits_file=keys.limits,
        ) as guarded,
    ):
        members = await with_members(api, keys, pool)
        programs = await with_programs(api, keys, automation)
        await replace(campaigns, address=guarded.address).check(
            methods_of("outreach.campaign.v1", "outreach.audit.v1"), tmp_path / "campaigns"
        )
        await replace(programs, address=guarded.address).check(
            methods_of("outreach.automation.v1"), tmp_path / "programs"
        )
        await replace(members, address=guarded.address).check(
            methods_of("outreach.identity.v1"), tmp_path / "members"
        )


async def with_campaigns(api: Api, keys: Keys) -> Owned:
    """One of everything that an organization's campaigns can have."""
    campaign_id = await api.running()
    await api.admissions.admit(campaign_id, now=NOON, limit=1)
    ((_, parked), (_, lead), *_) = await api.leads.page(campaign_id, limit=5)
    await api.park(campaign_id, parked.id)
    # Visibility is a moment late: who asks first is told what others are.
    await listed(api, workflow_service_pb2.ListWorkflowsRequest(), rows=1)
    described = await api.stubs.workflows.GetWorkflow(
        workflow_service_pb2.GetWorkflowRequest(workflow_id=f"campaign/{campaign_id}")
    )
    run = {
        "request_id": "r1",
        "workflow_id": described.workflow.workflow_id,
        "run_id": described.workflow.run_id,
    }
    header = lead_service_pb2.ImportLeadsHeader(campaign_id=campaign_id)
    creating = import_service_pb2.CreateImportRequest(request_id="r1", campaign_id=campaign_id)
    operation = (await api.stubs.imports.CreateImport(creating)).operation
    upload = import_service_pb2.UploadImportHeader(
        campaign_id=campaign_id, operation_id=operation.operation_id
    )
    making = lead_list_service_pb2.CreateLeadListRequest(
        request_id="r1", organization_id=ORGANIZATION, name="Fair"
    )
    lead_list_id = (await api.stubs.lead_lists.CreateLeadList(making)).lead_list.lead_list_id
    await filled(api, lead_list_id, LEADS)
    # As if somebody had made it who is limited to the account.
    await api.pool.execute("UPDATE lead_lists SET account_ids = $1", [ACCOUNT])
    of_campaign = {"campaign_id": campaign_id, "operation_id": operation.operation_id}

    return Owned(
        service="campaign-api",
        address="",
        keys=keys,
        pool=api.pool,
        organization_id=ORGANIZATION,
        ids={
            "campaign_id": campaign_id,
            "lead_id": lead.id,
            "operation_id": operation.operation_id,
            "workflow_id": f"campaign/{campaign_id}",
            "lead_list_id": lead_list_id,
        },
        # Temporal is nobody's, and our staff's to look at.
        nobodys=["GetTemporalHealth"],
        account_ids=[ACCOUNT],
        journals=["ListRecords", "ExportRecords", "VerifyRecords"],
        examples=[
            new_campaign("second"),
            making,
            lead_list_service_pb2.UpdateLeadListRequest(
                lead_list=lead_list_pb2.LeadList(lead_list_id=lead_list_id, name="Autumn"),
                update_mask=FieldMask(paths=["name"]),
            ),
            import_service_pb2.ListOperationsRequest(campaign_id=campaign_id),
            import_service_pb2.GetOperationRequest(**of_campaign),
            import_service_pb2.WaitOperationRequest(**of_campaign),
            import_service_pb2.CancelOperationRequest(**of_campaign),
            creating,
            [
                import_service_pb2.UploadImportRequest(header=upload),
                import_service_pb2.UploadImportRequest(content=LEADS),
            ],
            [
                lead_service_pb2.ImportLeadsRequest(header=header),
                lead_service_pb2.ImportLeadsRequest(content=LEADS),
            ],
            campaign_service_pb2.UpdateCampaignRequest(
                campaign=campaign_pb2.Campaign(campaign_id=campaign_id, name="Autumn", etag="*"),
                update_mask=FieldMask(paths=["name"]),
            ),
            campaign_service_pb2.DuplicateCampaignRequest(
                campaign_id=campaign_id, request_id="third"
            ),
            campaign_service_pb2.ReplaceSenderRequest(
                campaign_id=campaign_id, account_id=ACCOUNT, replacement_account_id=ACCOUNT
            ),
            lead_service_pb2.FindLeadsRequest(
                organization_id=ORGANIZATION, address="grace-example"
            ),
            lead_service_pb2.GetImportRequest(campaign_id=campaign_id, import_id="imp_0"),
            lead_service_pb2.SkipStepRequest(
                campaign_id=campaign_id, lead_id=lead.id, step_id="visit"
            ),
            lead_service_pb2.ReleaseLeadsRequest(
                campaign_id=campaign_id,
                release_id="rel_1",
                leads=[lead_service_pb2.LeadToRelease(lead_id=lead.id)],
            ),
            lead_service_pb2.WithdrawLeadsRequest(campaign_id=campaign_id, lead_ids=[lead.id]),
            lead_service_pb2.MoveLeadRequest(
                campaign_id=campaign_id, lead_id=lead.id, account_id=ACCOUNT
            ),
            sequence_service_pb2.ValidateSequenceRequest(
                organization_id=ORGANIZATION, sequence_json=SEQUENCE
            ),
            sequence_service_pb2.UpdateSequenceRequest(
                campaign_id=campaign_id, sequence_json=SEQUENCE, base_revision_id="*"
            ),
            sequence_service_pb2.RollbackSequenceRequest(
                campaign_id=campaign_id, number=1, base_revision_id="*"
            ),
            sequence_service_pb2.RollbackSequenceRequest(campaign_id=campaign_id, number=1),
            sequence_service_pb2.PreviewRevisionRequest(campaign_id=campaign_id, number=1),
            sequence_service_pb2.GetExperimentRequest(campaign_id=campaign_id, step_id="visit"),
            events_pb.FindRunningLeadsRequest(
                organization_id=ORGANIZATION,
                leads=[events_pb.LeadRef(campaign_id=campaign_id, lead_id=lead.id)],
            ),
            # Other tests' campaigns are at the same Temporal, and in no database of this one.
            workflow_service_pb2.ListWorkflowsRequest(filter=f"campaign_id = {campaign_id}"),
            workflow_service_pb2.CancelWorkflowRequest(**run, reason="wrong"),
            workflow_service_pb2.TerminateWorkflowRequest(**run, reason="wrong"),
            workflow_service_pb2.RetryWorkflowRequest(**run),
            audit_service_pb2.ListRecordsRequest(filter=FILTER),
            audit_service_pb2.ExportRecordsRequest(filter=FILTER),
            events_pb.ReportLinkedInEventsRequest(events=[reply("in_1", (campaign_id, lead.id))]),
        ],
    )


async def with_programs(api: Api, keys: Keys, pool: postgres.Pool) -> Owned:
    """A program, a run of it, what it has decided and learned, and a report of it."""
    campaign_id = await api.running("programmed", settings=RELEASED_ONLY)
    free_id = await api.create("without a program")
    ((_, lead), *_) = await api.leads.page(campaign_id, limit=5)
    program = await created(api, campaign_id)
    now = datetime.now(UTC)
    naming = {"program_id": program.program_id}
    begun = await RunRepository(pool).begin(run_of(program, now, workflow_id="program/p/daily/t"))
    decisions = DecisionRepository(pool)
    decision = Decision(
        id=new_id("dec"),
        organization_id=ORGANIZATION,
        program_id=program.program_id,
        campaign_id=campaign_id,
        key="pause_campaign/one",
        kind=DecisionKind.PAUSE_CAMPAIGN,
        rule="guardrails",
        change=Change(before={"state": "running"}, after={"state": "paused"}),
        created_at=now,
        expires_at=now + timedelta(hours=48),
    )
    await decisions.record(decision)
    first, model_id = await learned(api, program, Verdict.PROMOTABLE, Verdict.PROMOTABLE)
    for new, old in ((first, ""), (model_id, first)):
        await ModelRepository(pool).promote(
            ORGANIZATION, program.program_id, new, instead_of=old, by="mem_1", now=now
        )
    report = await kept(api, program, ReportKind.WEEKLY)
    return Owned(
        service="campaign-api",
        address="",
        keys=keys,
        pool=pool,
        organization_id=ORGANIZATION,
        ids={
            "campaign_id": campaign_id,
            "lead_id": lead.id,
            "program_id": program.program_id,
            "run_id": begun.run_id,
            "decision_id": decision.id,
            "model_id": model_id,
            "report_id": report.report_id,
        },
        account_ids=[ACCOUNT],
        examples=[
            program_service_pb2.CreateProgramRequest(
                request_id="r2", organization_id=ORGANIZATION, campaign_id=free_id, name="Autumn"
            ),
            program_service_pb2.UpdateProgramRequest(
                program=program_pb2.Program(**naming, name="Autumn"),
                update_mask=FieldMask(paths=["name"]),
            ),
            program_service_pb2.SetProgramModeRequest(
                **naming, mode=program_pb2.PROGRAM_MODE_REVIEW
            ),
            program_service_pb2.BackfillProgramRequest(**naming, days=1),
            decision_service_pb2.BatchDecideRequest(
                **naming,
                decision_ids=[decision.id],
                answer=decision_service_pb2.DECISION_ANSWER_APPROVE,
            ),
        ],
    )


async def with_members(api: Api, keys: Keys, pool: postgres.Pool) -> Owned:
    """An organization with a member who has a key."""
    stubs = IdentityStubs(api.channel)
    founding = organization_service_pb2.CreateOrganizationRequest(
        organization_id=ORGANIZATION, name="Acme"
    )
    await stubs.organizations.CreateOrganization(founding)
    creating = member_service_pb2.CreateMemberRequest(
        organization_id=ORGANIZATION, name="Ann", role=member_pb2.ROLE_MEMBER, request_id="r1"
    )
    member = (await stubs.members.CreateMember(creating)).member
    making = api_key_service_pb2.CreateApiKeyRequest(member_id=member.member_id, name="a key")
    # Within the life of the tokens by which it is made and replaced.
    making.expire_time.FromDatetime(datetime.now(UTC) + timedelta(minutes=5))
    key = (await stubs.api_keys.CreateApiKey(making)).api_key
    return Owned(
        service="campaign-api",
        address="",
        keys=keys,
        pool=pool,
        organization_id=ORGANIZATION,
        ids={"member_id": member.member_id, "key_id": key.key_id},
        personal=["GetApiKey", "ListApiKeys"],
        examples=[founding, creating, making],
        # Everybody sees their own; the stranger has made theirs.
        nobodys=["ListOrganizations", "WhoAmI", "CreateToken", "RotateIssuerKey"],
    )
