"""Every call of every service can be made from the command line."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from outreach.campaign.v1 import (
    campaign_pb2,
    campaign_service_pb2,
    import_service_pb2,
    operation_pb2,
)
from outreach_client.cli import app
from outreach_client.exit_codes import ExitCode
from servicekit.errors import (
    BadInput,
    FailedPrecondition,
    FieldViolation,
    Internal,
    NotFound,
    NotYet,
    PermissionDenied,
    QuotaViolation,
    Unauthenticated,
    Unavailable,
)
from servicekit.rehearsals.rehearsal import only_asks
from typer.testing import CliRunner

from tests.unit.outreach_client.conftest import Server, every_method

CAMPAIGNS = "/outreach.campaign.v1.CampaignService"
IMPORTS = "/outreach.campaign.v1.ImportService"
LEADS = "/outreach.campaign.v1.LeadService"
PROGRAMS = "/outreach.automation.v1.ProgramService"
REPORTS = "/outreach.automation.v1.ReportService"
MODELS = "/outreach.automation.v1.ModelService"
RUNS = "/outreach.automation.v1.RunService"
DECISIONS = "/outreach.automation.v1.DecisionService"
SCORES = "/outreach.automation.v1.ScoringService"
LISTS = "/outreach.campaign.v1.LeadListService"
SEQUENCES = "/outreach.campaign.v1.SequenceService"
EVENTS = "/outreach.campaign.v1.LinkedInEventService"
WORKFLOWS = "/outreach.campaign.v1.WorkflowService"
ACTIONS = "/outreach.linkedin.v1.ActionService"
PEOPLE = "/outreach.linkedin.v1.PersonService"
ACCOUNTS = "/outreach.linkedin.v1.AccountService"
SIGN_INS = "/outreach.linkedin.v1.SignInService"
PACE = "/outreach.linkedin.v1.PaceService"
HOLDS = "/outreach.linkedin.v1.HoldService"
SUPPRESSIONS = "/outreach.linkedin.v1.SuppressionService"
INBOUND = "/outreach.linkedin.v1.InboundService"
AUDIT = "/outreach.audit.v1.AuditService"
INSTALLATION = "/outreach.installation.v1.InstallationService"
WEBHOOK = "/outreach.webhook.v1.WebhookService"
ORGANIZATIONS = "/outreach.identity.v1.OrganizationService"
MEMBERS = "/outreach.identity.v1.MemberService"
KEYS = "/outreach.identity.v1.ApiKeyService"
TOKENS = "/outreach.identity.v1.TokenService"

PERSON = ["--account", "acct_1", "--campaign", "camp_1", "--lead", "lead_1"]
PERSON_SENT = {
    "accountId": "acct_1",
    "campaignId": "camp_1",
    "leadId": "lead_1",
    "person": {"publicIdentifier": "ada-example"},
}
WINDOW = "Europe/Lisbon mon-tue 9:00-18:00"
WINDOW_SENT = {
    "timeZone": "Europe/Lisbon",
    "weekdays": ["WEEKDAY_MONDAY", "WEEKDAY_TUESDAY"],
    "opens": "09:00",
    "closes": "18:00",
}

COMMANDS: list[tuple[str, str, Any]] = [
    (
        f"{WORKFLOWS}/ListWorkflows",
        "workflows list --filter status=RUNNING --page-size 5 --page-token t",
        {"filter": "status=RUNNING", "pageSize": 5, "pageToken": "t"},
    ),
    (
        f"{WORKFLOWS}/GetWorkflow",
        "workflows show lead/camp_1/lead_1 --run r",
        {"workflowId": "lead/camp_1/lead_1", "runId": "r"},
    ),
    (
        f"{WORKFLOWS}/GetWorkflowHistory",
        "workflows history campaign/camp_1 --page-size 5 --page-token t",
        {"workflowId": "campaign/camp_1", "pageSize": 5, "pageToken": "t"},
    ),
    (
        f"{WORKFLOWS}/CancelWorkflow",
        "workflows cancel --yes lead/camp_1/lead_1 --run r --reason wrong --request-id q",
        {"workflowId": "lead/camp_1/lead_1", "runId": "r", "reason": "wrong", "requestId": "q"},
    ),
    (
        f"{WORKFLOWS}/TerminateWorkflow",
        "workflows terminate --yes lead/camp_1/lead_1 --run r --reason wrong --request-id q",
        {"workflowId": "lead/camp_1/lead_1", "runId": "r", "reason": "wrong", "requestId": "q"},
    ),
    (
        f"{WORKFLOWS}/RetryWorkflow",
        "workflows retry lead/camp_1/lead_1 --run r --request-id q",
        {"workflowId": "lead/camp_1/lead_1", "runId": "r", "requestId": "q"},
    ),
    (f"{WORKFLOWS}/GetTemporalHealth", "workflows health", {}),
    (
        f"{CAMPAIGNS}/CreateCampaign",
        (
            "campaigns create Spring --sequence {sequence} --account acct_1 --account acct_2"
            " --request-id r1 --max-concurrent-leads 5 --lead-delay 90s --leads-per-day 20"
            " --start-at 2026-03-02T09:00Z --window {window} --continue-after-reply"
            " --reply-scope company --automatic-replies wait --automatic-reply-wait 3d"
            " --parked-senders wait --owner-messages pause-until-answered"
            " --contact-responders --leave-received-invitations --allow-literal [x]"
            " --end-at 2026-06-02T09:00Z --max-lead-duration 45d"
            " --admission released-only --keep-open --dry-run"
        ),
        {
            "requestId": "r1",
            "organizationId": "org_1",
            "name": "Spring",
            "accountIds": ["acct_1", "acct_2"],
            "sequenceJson": '{"nodes": []}',
            "validateOnly": True,
            "allowLiteral": ["[x]"],
            "settings": {
                "maxConcurrentLeads": 5,
                "leadProcessingDelay": "90s",
                "leadsPerDay": 20,
                "startTime": "2026-03-02T09:00:00Z",
                "endTime": "2026-06-02T09:00:00Z",
                "maxLeadDuration": "3888000s",
                "sendingWindow": WINDOW_SENT,
                "continueAfterReply": True,
                "replyScope": "REPLY_SCOPE_COMPANY",
                "automaticReplies": "AUTOMATIC_REPLIES_WAIT",
                "automaticReplyWait": "259200s",
                "parkedSenders": "PARKED_SENDERS_WAIT",
                "leaveReceivedInvitations": True,
                "ownerMessages": "OWNER_MESSAGES_PAUSE_UNTIL_ANSWERED",
                "contactResponders": True,
                "admission": "ADMISSION_RELEASED_ONLY",
                "keepOpen": True,
            },
        },
    ),
    (
        f"{PROGRAMS}/CreateProgram",
        (
            "programs create --campaign camp_1 --name Spring -O org_1 --request-id r1"
            " --plan-per-day 15 --time 07:30 --time-zone Europe/Berlin --spacing 7"
        ),
        {
            "requestId": "r1",
            "organizationId": "org_1",
            "campaignId": "camp_1",
            "name": "Spring",
            "planPerDay": 15,
            "timeOfDay": "07:30",
            "timeZone": "Europe/Berlin",
            "companySpacingDays": 7,
        },
    ),
    (f"{PROGRAMS}/GetProgram", "programs show prog_1", {"programId": "prog_1"}),
    (
        f"{PROGRAMS}/ListPrograms",
        "programs list -O org_1 --page-size 5 --order-by create_time",
        {"organizationId": "org_1", "pageSize": 5, "orderBy": "create_time"},
    ),
    (
        f"{PROGRAMS}/UpdateProgram",
        "programs update prog_1 --name Autumn --etag e1",
        {
            "program": {"programId": "prog_1", "name": "Autumn", "etag": "e1"},
            "updateMask": "name",
        },
    ),
    (
        f"{PROGRAMS}/SetProgramMode",
        "programs mode --yes prog_1 review",
        {"programId": "prog_1", "mode": "PROGRAM_MODE_REVIEW"},
    ),
    (f"{PROGRAMS}/PauseProgram", "programs pause prog_1", {"programId": "prog_1"}),
    (f"{PROGRAMS}/ResumeProgram", "programs resume prog_1", {"programId": "prog_1"}),
    (
        f"{PROGRAMS}/TriggerProgram",
        "programs trigger prog_1",
        {"programId": "prog_1", "type": "RUN_TYPE_DAILY"},
    ),
    (
        f"{PROGRAMS}/BackfillProgram",
        "programs backfill --yes prog_1 --days 30",
        {"programId": "prog_1", "days": 30},
    ),
    (
        f"{PROGRAMS}/ListNextRuns",
        "programs next-runs prog_1 --days 7",
        {"programId": "prog_1", "days": 7},
    ),
    (f"{PROGRAMS}/PreviewSelection", "programs preview prog_1", {"programId": "prog_1"}),
    (
        f"{PROGRAMS}/TriggerProgram",
        "programs review prog_1 --request-id q",
        {"programId": "prog_1", "type": "RUN_TYPE_WEEKLY", "requestId": "q"},
    ),
    (
        f"{DECISIONS}/ListDecisions",
        "decisions list -O org_1 --program prog_1 --state proposed --kind pause-sender",
        {
            "organizationId": "org_1",
            "filter": (
                "program_id = prog_1 AND state = DECISION_STATE_PROPOSED"
                " AND kind = DECISION_KIND_PAUSE_SENDER"
            ),
        },
    ),
    (f"{DECISIONS}/GetDecision", "decisions show dec_1", {"decisionId": "dec_1"}),
    (
        f"{DECISIONS}/ApproveDecision",
        "decisions approve --yes dec_1 --request-id q",
        {"decisionId": "dec_1", "requestId": "q"},
    ),
    (f"{DECISIONS}/RejectDecision", "decisions reject --yes dec_1", {"decisionId": "dec_1"}),
    (f"{DECISIONS}/RevertDecision", "decisions revert --yes dec_1", {"decisionId": "dec_1"}),
    (
        f"{DECISIONS}/BatchDecide",
        "decisions reject --yes dec_1 dec_2 --program prog_1",
        {
            "programId": "prog_1",
            "decisionIds": ["dec_1", "dec_2"],
            "answer": "DECISION_ANSWER_REJECT",
        },
    ),
    (
        f"{SCORES}/PreviewRanking",
        "scores preview prog_1 --limit 5",
        {"programId": "prog_1", "limit": 5},
    ),
    (
        f"{SCORES}/ExplainScore",
        "scores show prog_1 lead_1",
        {"programId": "prog_1", "leadId": "lead_1"},
    ),
    (
        f"{PROGRAMS}/DeleteProgram",
        "programs delete --yes prog_1 --etag e",
        {"programId": "prog_1", "etag": "e"},
    ),
    (
        f"{PROGRAMS}/UndeleteProgram",
        "programs undelete prog_1 --request-id r1",
        {"programId": "prog_1", "requestId": "r1"},
    ),
    (
        f"{PROGRAMS}/ListPrograms",
        "programs list -O org_1 --show-deleted",
        {"organizationId": "org_1", "showDeleted": True},
    ),
    (
        f"{RUNS}/ListRuns",
        "runs list -O org_1 --program prog_1 --state failed",
        {"organizationId": "org_1", "filter": "program_id = prog_1 AND state = RUN_STATE_FAILED"},
    ),
    (
        f"{MODELS}/ListModels",
        "models list -O org_1 --program prog_1 --verdict not-better",
        {
            "organizationId": "org_1",
            "filter": "program_id = prog_1 AND verdict = MODEL_VERDICT_NOT_BETTER",
        },
    ),
    (f"{MODELS}/GetModelCard", "models show mdl_1", {"modelId": "mdl_1"}),
    (
        f"{MODELS}/TrainModel",
        "models train prog_1 --request-id r1",
        {"programId": "prog_1", "requestId": "r1"},
    ),
    (
        f"{MODELS}/PromoteModel",
        "models promote mdl_1 --request-id r1",
        {"modelId": "mdl_1", "requestId": "r1"},
    ),
    (
        f"{MODELS}/RollbackModel",
        "models rollback prog_1 --request-id r1",
        {"programId": "prog_1", "requestId": "r1"},
    ),
    (
        f"{REPORTS}/ListReports",
        "reports list -O org_1 --program prog_1 --kind weekly",
        {"organizationId": "org_1", "filter": "program_id = prog_1 AND kind = REPORT_KIND_WEEKLY"},
    ),
    (
        f"{REPORTS}/GetReport",
        "reports show rep_1",
        {"reportId": "rep_1", "view": "REPORT_VIEW_MARKDOWN"},
    ),
    (
        f"{REPORTS}/GetOverview",
        "reports overview -O org_1 --program prog_1 --by sender --by week --last-week 2027-03-28",
        {
            "organizationId": "org_1",
            "programIds": ["prog_1"],
            "dimensions": ["OVERVIEW_DIMENSION_SENDER", "OVERVIEW_DIMENSION_WEEK"],
            "lastWeek": "2027-03-28",
        },
    ),
    (
        f"{REPORTS}/GenerateReport",
        "reports generate prog_1 --kind daily --last-day 2027-03-28 --request-id r1",
        {
            "programId": "prog_1",
            "kind": "REPORT_KIND_DAILY",
            "lastDay": "2027-03-28",
            "requestId": "r1",
        },
    ),
    (f"{RUNS}/GetRun", "runs show run_1", {"runId": "run_1"}),
    (f"{RUNS}/CancelRun", "runs cancel --yes run_1", {"runId": "run_1"}),
    (
        f"{SEQUENCES}/ValidateSequence",
        "campaigns validate --sequence {sequence}",
        {"organizationId": "org_1", "sequenceJson": '{"nodes": []}'},
    ),
    (
        f"{SEQUENCES}/ValidateSequence",
        "campaigns validate --sequence {sequence} --allow-literal [Northwind] --allow-literal <b>",
        {
            "organizationId": "org_1",
            "sequenceJson": '{"nodes": []}',
            "allowLiteral": ["[Northwind]", "<b>"],
        },
    ),
    (
        f"{SEQUENCES}/RenderSequence",
        "sequences render --sequence {sequence} --allow-literal [x]",
        {
            "drawing": {
                "organizationId": "org_1",
                "sequenceJson": '{"nodes": []}',
                "allowLiteral": ["[x]"],
            }
        },
    ),
    (
        f"{SEQUENCES}/RenderSequence",
        "sequences render --sequence {sequence}",
        {"drawing": {"organizationId": "org_1", "sequenceJson": '{"nodes": []}'}},
    ),
    (
        f"{SEQUENCES}/RenderSequence",
        "sequences render --campaign camp_1 --mermaid",
        {"campaignId": "camp_1"},
    ),
    (
        f"{LEADS}/ImportLeads",
        "campaigns import-leads camp_1 {leads} --column linkedin_url=Profil",
        {"header": {"campaignId": "camp_1", "columnByField": {"linkedin_url": "Profil"}}},
    ),
    (
        f"{LEADS}/ImportLeads",
        "campaigns import-leads camp_1 {leads} --validate-only --mapping linkedin_url=3",
        {
            "header": {
                "campaignId": "camp_1",
                "columnByField": {"linkedin_url": "3"},
                "validateOnly": True,
            }
        },
    ),
    (
        f"{IMPORTS}/CreateImport",
        "imports create camp_1 --request-id r1 --mapping linkedin_url=3 --allow-literal Nan",
        {
            "requestId": "r1",
            "campaignId": "camp_1",
            "columnByField": {"linkedin_url": "3"},
            "allowLiteral": ["Nan"],
        },
    ),
    (
        f"{IMPORTS}/UploadImport",
        "imports upload camp_1 imp_1 {leads} --offset 7",
        {"header": {"campaignId": "camp_1", "operationId": "imp_1", "offset": "7"}},
    ),
    (
        f"{IMPORTS}/GetOperation",
        "imports get camp_1 imp_1",
        {"campaignId": "camp_1", "operationId": "imp_1"},
    ),
    (
        f"{IMPORTS}/ListOperations",
        "imports list camp_1 --page-size 5 --filter failure:*",
        {"campaignId": "camp_1", "pageSize": 5, "filter": "failure:*"},
    ),
    (
        f"{IMPORTS}/WaitOperation",
        "imports wait camp_1 imp_1 --within 5s",
        {"campaignId": "camp_1", "operationId": "imp_1", "within": "5s"},
    ),
    (
        f"{IMPORTS}/CancelOperation",
        "imports cancel --yes camp_1 imp_1",
        {"campaignId": "camp_1", "operationId": "imp_1"},
    ),
    (
        f"{IMPORTS}/WaitOperation",
        "imports wait list_1 imp_1",
        {"leadListId": "list_1", "operationId": "imp_1"},
    ),
    (
        f"{LISTS}/CreateLeadList",
        "lists create Fair -O org_1 --request-id r1 --description Hanover",
        {
            "requestId": "r1",
            "organizationId": "org_1",
            "name": "Fair",
            "description": "Hanover",
        },
    ),
    (f"{LISTS}/GetLeadList", "lists get list_1", {"leadListId": "list_1"}),
    (
        f"{LISTS}/ListLeadLists",
        "lists list -O org_1 --page-size 5 --filter name:fair --order-by update_time",
        {
            "organizationId": "org_1",
            "pageSize": 5,
            "filter": "name:fair",
            "orderBy": "update_time",
        },
    ),
    (
        f"{LISTS}/ListLeadListEntries",
        "lists entries list_1 --page-size 5 --page-token next",
        {"leadListId": "list_1", "pageSize": 5, "pageToken": "next"},
    ),
    (
        f"{LISTS}/UpdateLeadList",
        "lists rename list_1 --name Autumn --etag e1",
        {
            "leadList": {"leadListId": "list_1", "name": "Autumn", "etag": "e1"},
            "updateMask": "name",
        },
    ),
    (
        f"{LISTS}/DeleteLeadList",
        "lists delete --yes list_1 --force --etag e",
        {"leadListId": "list_1", "force": True, "etag": "e"},
    ),
    (
        f"{LISTS}/AddLeadList",
        "lists add list_1 camp_1 --validate-only",
        {"campaignId": "camp_1", "leadListId": "list_1", "validateOnly": True},
    ),
    (
        f"{LEADS}/ListImports",
        "leads imports camp_1 --page-size 5 --filter failure:* --order-by create_time",
        {
            "campaignId": "camp_1",
            "pageSize": 5,
            "filter": "failure:*",
            "orderBy": "create_time",
        },
    ),
    (
        f"{LEADS}/GetImport",
        "leads get-import camp_1 imp_1",
        {"campaignId": "camp_1", "importId": "imp_1"},
    ),
    (
        f"{LEADS}/ImportLeads",
        "campaigns import-leads camp_1 {leads} --allow-literal Nan",
        {"header": {"campaignId": "camp_1", "allowLiteral": ["Nan"]}},
    ),
    (
        f"{CAMPAIGNS}/UpdateCampaign",
        "campaigns update camp_1 --name Autumn --leads-per-day 0 --clear sending_window --etag 4f",
        {
            "campaign": {"campaignId": "camp_1", "name": "Autumn", "settings": {}, "etag": "4f"},
            "updateMask": "settings.leadsPerDay,settings.sendingWindow,name",
        },
    ),
    (f"{CAMPAIGNS}/StartCampaign", "campaigns start camp_1", {"campaignId": "camp_1"}),
    (
        f"{CAMPAIGNS}/PauseCampaign",
        "campaigns pause camp_1 --reason lunch",
        {"campaignId": "camp_1", "reason": "lunch"},
    ),
    (
        f"{CAMPAIGNS}/ReplaceSender",
        (
            "campaigns replace-sender --yes camp_1 acct_1 --with acct_2 --contacted end"
            " --connected move"
        ),
        {
            "campaignId": "camp_1",
            "accountId": "acct_1",
            "replacementAccountId": "acct_2",
            "contactedLeads": "CONTACTED_LEADS_END",
            "connectedLeads": "CONTACTED_LEADS_MOVE",
        },
    ),
    (f"{CAMPAIGNS}/ResumeCampaign", "campaigns resume camp_1", {"campaignId": "camp_1"}),
    (
        f"{CAMPAIGNS}/DeleteCampaign",
        "campaigns delete --yes camp_1 --force --etag e",
        {"campaignId": "camp_1", "force": True, "etag": "e"},
    ),
    (f"{CAMPAIGNS}/UndeleteCampaign", "campaigns undelete camp_1", {"campaignId": "camp_1"}),
    (
        f"{SEQUENCES}/UpdateSequence",
        "campaigns update-sequence camp_1 --sequence {sequence} --base seq_1",
        {"campaignId": "camp_1", "sequenceJson": '{"nodes": []}', "baseRevisionId": "seq_1"},
    ),
    (
        f"{SEQUENCES}/UpdateSequence",
        "campaigns update-sequence camp_1 --sequence {sequence} --allow-literal [x]",
        {
            "campaignId": "camp_1",
            "sequenceJson": '{"nodes": []}',
            "allowLiteral": ["[x]"],
            "baseRevisionId": "*",
        },
    ),
    (
        f"{SEQUENCES}/RollbackSequence",
        "campaigns rollback-sequence camp_1 2",
        {"campaignId": "camp_1", "number": 2, "baseRevisionId": "*"},
    ),
    (
        f"{SEQUENCES}/PreviewRevision",
        "campaigns preview-revision camp_1 --sequence {sequence}",
        {"campaignId": "camp_1", "sequenceJson": '{"nodes": []}'},
    ),
    (
        f"{SEQUENCES}/PreviewRevision",
        "campaigns preview-revision camp_1 --number 2",
        {"campaignId": "camp_1", "number": 2},
    ),
    (
        f"{SEQUENCES}/ListRevisions",
        "campaigns revisions camp_1 --page-size 5 --page-token more",
        {"campaignId": "camp_1", "pageSize": 5, "pageToken": "more"},
    ),
    (
        f"{PACE}/CountWaiting",
        "actions count-waiting camp_1 --account acct_1 --account acct_2",
        {"campaignId": "camp_1", "accountIds": ["acct_1", "acct_2"]},
    ),
    (
        f"{SUPPRESSIONS}/RecordReplies",
        (
            "internal record-replies --yes camp_1/lead_1 camp_2/lead_2 --at 2026-03-02T09:00Z"
            " --by-another"
        ),
        {
            "organizationId": "org_1",
            "leads": [
                {"campaignId": "camp_1", "leadId": "lead_1", "byAnother": True},
                {"campaignId": "camp_2", "leadId": "lead_2", "byAnother": True},
            ],
            "replyTime": "2026-03-02T09:00:00Z",
        },
    ),
    (
        f"{CAMPAIGNS}/StopCampaign",
        "campaigns stop --yes camp_1 --complete-current --reason done",
        {"campaignId": "camp_1", "completeCurrentExecutions": True, "reason": "done"},
    ),
    (
        f"{CAMPAIGNS}/GetCampaign",
        "campaigns get camp_1 --show-deleted",
        {"campaignId": "camp_1", "showDeleted": True},
    ),
    (
        f"{CAMPAIGNS}/ListCampaigns",
        (
            "campaigns list --state running --page-size 5 --page-token t --filter name:a "
            "--order-by x --updated-since 2026-03-02T12:00Z --show-deleted"
        ),
        {
            "organizationId": "org_1",
            "showDeleted": True,
            "filter": "name:a",
            "orderBy": "x",
            "updatedSince": "2026-03-02T12:00:00Z",
            "state": "CAMPAIGN_STATE_RUNNING",
            "pageSize": 5,
            "pageToken": "t",
        },
    ),
    (f"{CAMPAIGNS}/GetCampaignStatus", "campaigns status camp_1", {"campaignId": "camp_1"}),
    (
        f"{CAMPAIGNS}/BatchGetCampaignStatus",
        "campaigns statuses camp_1 camp_2",
        {"organizationId": "org_1", "campaignIds": ["camp_1", "camp_2"]},
    ),
    (f"{CAMPAIGNS}/WatchCampaign", "campaigns watch camp_1", {"campaignId": "camp_1"}),
    (
        f"{LEADS}/WatchLeads",
        "leads watch camp_1 --resume-token t",
        {"campaignId": "camp_1", "resumeToken": "t"},
    ),
    (
        f"{LEADS}/ExportLeads",
        "leads export camp_1 --to - --format json-lines --state ready",
        {
            "campaignId": "camp_1",
            "format": "EXPORT_FORMAT_JSON_LINES",
            "state": "LEAD_STATE_READY",
        },
    ),
    (
        f"{CAMPAIGNS}/ExportCampaign",
        "campaigns export camp_1 --to -",
        {"campaignId": "camp_1"},
    ),
    (
        f"{CAMPAIGNS}/DuplicateCampaign",
        "campaigns duplicate camp_1 --request-id r1 --name Autumn",
        {"requestId": "r1", "campaignId": "camp_1", "name": "Autumn"},
    ),
    (
        f"{LEADS}/StopLead",
        "leads stop --yes camp_1 lead_1",
        {"campaignId": "camp_1", "leadId": "lead_1"},
    ),
    (
        f"{LEADS}/RemoveLead",
        "leads remove --yes camp_1 lead_1",
        {"campaignId": "camp_1", "leadId": "lead_1"},
    ),
    (
        f"{LEADS}/ReleaseLeads",
        "leads release camp_1 lead_1 lead_2 --release-id rel_1 --account acct_2 --rank 0.5",
        {
            "campaignId": "camp_1",
            "releaseId": "rel_1",
            "leads": [
                {"leadId": "lead_1", "accountId": "acct_2", "rank": 0.5},
                {"leadId": "lead_2", "accountId": "acct_2", "rank": 0.5},
            ],
        },
    ),
    (
        f"{LEADS}/WithdrawLeads",
        "leads withdraw camp_1 lead_1 --release-id rel_1",
        {"campaignId": "camp_1", "releaseId": "rel_1", "leadIds": ["lead_1"]},
    ),
    (
        f"{LEADS}/SkipStep",
        "leads skip-step --yes camp_1 lead_1 invite",
        {"campaignId": "camp_1", "leadId": "lead_1", "stepId": "invite"},
    ),
    (
        f"{LEADS}/MoveLead",
        "leads move --yes camp_1 lead_1 --to acct_2 --even-if-contacted",
        {
            "campaignId": "camp_1",
            "leadId": "lead_1",
            "accountId": "acct_2",
            "evenIfContacted": True,
        },
    ),
    (
        f"{LEADS}/GetLead",
        "leads get camp_1 lead_1",
        {"campaignId": "camp_1", "leadId": "lead_1"},
    ),
    (
        f"{LEADS}/RetryLead",
        "leads retry camp_1 lead_1",
        {"campaignId": "camp_1", "leadId": "lead_1"},
    ),
    (
        f"{LEADS}/RetryParkedLeads",
        "leads retry camp_1 --all --page-size 7",
        {"campaignId": "camp_1", "pageSize": 7},
    ),
    (
        f"{LEADS}/FindLeads",
        "leads find in/ada-example --deleted --page-size 7",
        {
            "organizationId": "org_1",
            "address": "in/ada-example",
            "showDeleted": True,
            "pageSize": 7,
        },
    ),
    (
        f"{LEADS}/FindLeads",
        "leads find ada@example.com",
        {"organizationId": "org_1", "email": "ada@example.com"},
    ),
    (
        f"{LEADS}/ListLeads",
        (
            "leads list camp_1 --state replied --steps --filter company:acme "
            "--order-by update_time --sync-token s"
        ),
        {
            "campaignId": "camp_1",
            "state": "LEAD_STATE_REPLIED",
            "includeSteps": True,
            "filter": "company:acme",
            "orderBy": "update_time",
            "syncToken": "s",
        },
    ),
    (
        f"{SEQUENCES}/PreviewMessages",
        "campaigns preview camp_1 --lead lead_1 --lead lead_2 --leads 2",
        {"campaignId": "camp_1", "leadIds": ["lead_1", "lead_2"], "leads": 2},
    ),
    (
        f"{SEQUENCES}/GetExperiment",
        "campaigns experiment camp_1 send_invite-1",
        {"campaignId": "camp_1", "stepId": "send_invite-1"},
    ),
    (
        f"{EVENTS}/ReportLinkedInEvents",
        "internal report-linkedin-events {events}",
        {"events": [{"eventId": "in_1", "accountReconnected": {}}]},
    ),
    (
        f"{EVENTS}/FindRunningLeads",
        "internal find-running-leads camp_1/lead_1 camp_1/lead_2",
        {
            "organizationId": "org_1",
            "leads": [
                {"campaignId": "camp_1", "leadId": "lead_1"},
                {"campaignId": "camp_1", "leadId": "lead_2"},
            ],
        },
    ),
    (
        f"{ACTIONS}/PerformAction",
        (
            "actions perform message ada-example --action-id r1 --text Hello --only-if-no-reply"
            " --window {window} --weight 2 {person}"
        ),
        {
            **PERSON_SENT,
            "actionId": "r1",
            "organizationId": "org_1",
            "sendingWindow": WINDOW_SENT,
            "weight": 2,
            "sendMessage": {"text": "Hello", "onlyIfNoReply": True},
        },
    ),
    (
        f"{AUDIT}/ListRecords",
        (
            "audit list --service webhook-dispatcher -O org_1 --since 2026-03-02T09:00Z"
            " --until 2026-03-03T09:00Z --actor mem_1 --resource ep_1 --rpc DeleteEndpoint"
            " --outcome denied --rows 5"
        ),
        {
            "filter": {
                "organizationId": "org_1",
                "startTime": "2026-03-02T09:00:00Z",
                "endTime": "2026-03-03T09:00:00Z",
                "actorId": "mem_1",
                "resourceId": "ep_1",
                "rpc": "DeleteEndpoint",
                "outcome": "OUTCOME_DENIED",
            },
            "pageSize": 5,
        },
    ),
    (
        f"{AUDIT}/ExportRecords",
        "audit export --service campaign-api --actor mem_1",
        {"filter": {"actorId": "mem_1"}},
    ),
    (f"{AUDIT}/VerifyRecords", "audit verify --service linkedin-gateway", {}),
    (f"{INSTALLATION}/GetServerInfo", "server-info linkedin-gateway", {}),
    (
        f"{ACTIONS}/CancelAction",
        "actions cancel --yes r1 -O org_1",
        {"organizationId": "org_1", "actionId": "r1"},
    ),
    (
        f"{ACTIONS}/EndLead",
        "internal end-lead --yes camp_1 lead_1",
        {"organizationId": "org_1", "campaignId": "camp_1", "leadId": "lead_1"},
    ),
    (
        f"{ACTIONS}/ExplainAction",
        "actions explain r1 -O org_1",
        {"organizationId": "org_1", "actionId": "r1"},
    ),
    (
        f"{ACTIONS}/ListActions",
        "actions list {person} --kind invitation --state queued --filter reason:*",
        {
            "organizationId": "org_1",
            "accountId": "acct_1",
            "campaignId": "camp_1",
            "leadId": "lead_1",
            "kind": "ACTION_KIND_INVITATION",
            "state": "ACTION_STATE_QUEUED",
            "filter": "reason:*",
        },
    ),
    (
        f"{PEOPLE}/ListPosts",
        "people posts ada-example --recent-within 14d {person}",
        {**PERSON_SENT, "recentWithin": "1209600s"},
    ),
    (
        f"{PEOPLE}/FindPeople",
        "internal find-people ada-example",
        {"organizationId": "org_1", "identifiers": ["ada-example"]},
    ),
    (f"{PEOPLE}/GetProfile", "people profile ada-example {person}", PERSON_SENT),
    (
        f"{ACCOUNTS}/RegisterAccount",
        (
            "accounts register uni_1 --working-hours {window} --holiday 2026-12-25"
            " --cap invitation/day=15"
        ),
        {
            "organizationId": "org_1",
            "unipileAccountId": "uni_1",
            "workingHours": WINDOW_SENT,
            "holidays": ["2026-12-25"],
            "caps": [{"kind": "ACTION_KIND_INVITATION", "per": "86400s", "actions": 15}],
        },
    ),
    (f"{ACCOUNTS}/GetAccount", "accounts get acct_1", {"accountId": "acct_1"}),
    (
        f"{ACCOUNTS}/ListAccounts",
        "accounts list --account acct_1 --account acct_2 --order-by create_time",
        {
            "organizationId": "org_1",
            "accountIds": ["acct_1", "acct_2"],
            "orderBy": "create_time",
        },
    ),
    (
        f"{ACCOUNTS}/UpdateAccount",
        "accounts update acct_1 --no-holidays --cap message/hour=3 --etag e1",
        {
            "accountId": "acct_1",
            "etag": "e1",
            "holidays": {},
            "caps": {"caps": [{"kind": "ACTION_KIND_MESSAGE", "per": "3600s", "actions": 3}]},
        },
    ),
    (f"{PACE}/GetAccountUsage", "accounts usage acct_1", {"accountId": "acct_1"}),
    (f"{PACE}/GetAccountHealth", "accounts health acct_1", {"accountId": "acct_1"}),
    (
        f"{PACE}/ForecastAccount",
        "accounts forecast acct_1 --days 3 --kind visit --kind invitation",
        {
            "accountId": "acct_1",
            "days": 3,
            "kinds": ["ACTION_KIND_VISIT", "ACTION_KIND_INVITATION"],
        },
    ),
    (
        f"{PACE}/ListCoolDowns",
        "accounts cool-downs acct_1 --filter kind=INVITATION --page-size 2",
        {"accountId": "acct_1", "filter": "kind=INVITATION", "pageSize": 2},
    ),
    (
        f"{PACE}/EndCoolDown",
        "accounts end-cool-down --yes acct_1 invitation",
        {"accountId": "acct_1", "kind": "ACTION_KIND_INVITATION"},
    ),
    (
        f"{PACE}/GetQueue",
        "actions queue acct_1 --kind message",
        {"accountId": "acct_1", "kind": "ACTION_KIND_MESSAGE"},
    ),
    (
        f"{SIGN_INS}/CreateConnectLink",
        "accounts connect-link --account acct_1 --success-url https://example.com --valid-for 2h",
        {
            "organizationId": "org_1",
            "accountId": "acct_1",
            "successUrl": "https://example.com",
            "validFor": "7200s",
        },
    ),
    (
        f"{SIGN_INS}/ConnectAccount",
        "accounts connect --username ada@example.com --account acct_1 --country DE",
        {
            "organizationId": "org_1",
            "accountId": "acct_1",
            "credentials": {"username": "ada@example.com", "password": "a-password"},
            "country": "DE",
        },
    ),
    (
        f"{SIGN_INS}/SolveCheckpoint",
        "accounts solve-checkpoint chk_1 --code 123456",
        {"checkpointId": "chk_1", "code": "123456"},
    ),
    (
        f"{SIGN_INS}/ResendCheckpoint",
        "accounts resend-code chk_1",
        {"checkpointId": "chk_1"},
    ),
    (f"{ACCOUNTS}/RestartAccount", "accounts restart acct_1", {"accountId": "acct_1"}),
    (
        f"{ACCOUNTS}/DisconnectAccount",
        "accounts disconnect --yes acct_1 --park",
        {"accountId": "acct_1", "park": True},
    ),
    (
        f"{HOLDS}/PutHold",
        "holds put --yes campaign camp_1 --reason why",
        {"scope": "HOLD_SCOPE_CAMPAIGN", "subjectId": "camp_1", "reason": "why"},
    ),
    (
        f"{HOLDS}/LiftHold",
        "holds lift everything --allow-missing",
        {"scope": "HOLD_SCOPE_EVERYTHING", "allowMissing": True},
    ),
    (
        f"{HOLDS}/ListHolds",
        "holds list --filter scope=CAMPAIGN",
        {"filter": "scope=CAMPAIGN"},
    ),
    (
        f"{HOLDS}/ListHoldChanges",
        "holds changes --page-size 5 --filter lifted=true",
        {"pageSize": 5, "filter": "lifted=true"},
    ),
    (f"{PACE}/ConfirmClock", "internal confirm-clock --yes", {}),
    (
        f"{INBOUND}/ReplayInbound",
        "internal replay-inbound --since 2026-03-02T09:00Z --account acct_1",
        {"sinceTime": "2026-03-02T09:00:00Z", "accountId": "acct_1"},
    ),
    (
        f"{SUPPRESSIONS}/AddSuppressions",
        "suppressions add ada-example bob-example --reason asked --until 2027-01-01",
        {
            "suppressions": [
                {
                    "organizationId": "org_1",
                    "publicIdentifier": name,
                    "reason": "asked",
                    "expireTime": "2027-01-01T00:00:00Z",
                }
                for name in ("ada-example", "bob-example")
            ]
        },
    ),
    (
        f"{SUPPRESSIONS}/ImportSuppressions",
        "suppressions import {blocked} --reason asked --until 2027-01-01",
        {
            "header": {
                "organizationId": "org_1",
                "reason": "asked",
                "expireTime": "2027-01-01T00:00:00Z",
            }
        },
    ),
    (
        f"{SUPPRESSIONS}/RemoveSuppression",
        "suppressions remove --yes sup_1",
        {"suppressionId": "sup_1"},
    ),
    (
        f"{SUPPRESSIONS}/AllowContact",
        "suppressions allow --yes ada@example.com --allow-missing",
        {"organizationId": "org_1", "email": "ada@example.com", "allowMissing": True},
    ),
    (
        f"{SUPPRESSIONS}/CheckSuppression",
        "suppressions check in/ada-example",
        {"organizationId": "org_1", "address": "in/ada-example"},
    ),
    (
        f"{SUPPRESSIONS}/FindSuppressed",
        "suppressions find ada-example bo-example",
        {
            "organizationId": "org_1",
            "people": [
                {"publicIdentifier": "ada-example"},
                {"publicIdentifier": "bo-example"},
            ],
        },
    ),
    (
        f"{SUPPRESSIONS}/ListSuppressions",
        "suppressions list --filter reason:gdpr",
        {"organizationId": "org_1", "filter": "reason:gdpr"},
    ),
    (
        f"{WEBHOOK}/CreateEndpoint",
        (
            "webhooks create https://hooks.example.com/ --event lead.failed --event reply.*"
            " --builder-webhook-id wh_1 --description Ours --request-id r1"
        ),
        {
            "requestId": "r1",
            "organizationId": "org_1",
            "url": "https://hooks.example.com/",
            "eventTypes": ["lead.failed", "reply.*"],
            "builderWebhookId": "wh_1",
            "description": "Ours",
        },
    ),
    (
        f"{WEBHOOK}/CreateEndpoint",
        "webhooks create mailto:a@example.com --channel email --form lead-record --request-id r1",
        {
            "requestId": "r1",
            "organizationId": "org_1",
            "url": "mailto:a@example.com",
            "channel": "CHANNEL_EMAIL",
            "payloadForm": "PAYLOAD_FORM_LEAD_RECORD",
        },
    ),
    (
        f"{WEBHOOK}/UpdateEndpoint",
        "webhooks update ep_1 --form ids",
        {
            "endpoint": {
                "organizationId": "org_1",
                "endpointId": "ep_1",
                "payloadForm": "PAYLOAD_FORM_IDS",
            },
            "updateMask": "payloadForm",
        },
    ),
    (
        f"{WEBHOOK}/GetEndpoint",
        "webhooks get --builder-webhook-id wh_1",
        {"organizationId": "org_1", "builderWebhookId": "wh_1"},
    ),
    (
        f"{WEBHOOK}/ListEndpoints",
        "webhooks list --filter disable_time:*",
        {"organizationId": "org_1", "filter": "disable_time:*"},
    ),
    (
        f"{WEBHOOK}/ListEndpoints",
        "webhooks list --show-deleted",
        {"organizationId": "org_1", "showDeleted": True},
    ),
    (
        f"{WEBHOOK}/GetEndpoint",
        "webhooks get ep_1 --show-deleted",
        {"organizationId": "org_1", "endpointId": "ep_1", "showDeleted": True},
    ),
    (
        f"{WEBHOOK}/UpdateEndpoint",
        "webhooks update ep_1 --url https://hooks.example.com/ --event lead.failed",
        {
            "endpoint": {
                "organizationId": "org_1",
                "endpointId": "ep_1",
                "url": "https://hooks.example.com/",
                "eventTypes": ["lead.failed"],
            },
            "updateMask": "url,eventTypes",
        },
    ),
    (
        f"{WEBHOOK}/UpdateEndpoint",
        "webhooks update ep_1 --everything --description Ours",
        {
            "endpoint": {
                "organizationId": "org_1",
                "endpointId": "ep_1",
                "description": "Ours",
            },
            "updateMask": "eventTypes,description",
        },
    ),
    *(
        (
            f"{WEBHOOK}/{method}",
            f"webhooks {command} ep_1",
            {"organizationId": "org_1", "endpointId": "ep_1"},
        )
        for method, command in [
            ("DisableEndpoint", "disable --yes"),
            ("EnableEndpoint", "enable"),
            ("UndeleteEndpoint", "undelete"),
            ("SendTestEvent", "test"),
        ]
    ),
    (
        f"{WEBHOOK}/DeleteEndpoint",
        "webhooks delete --yes ep_1 --etag e",
        {"organizationId": "org_1", "endpointId": "ep_1", "etag": "e"},
    ),
    (
        f"{WEBHOOK}/RotateEndpointSecret",
        "webhooks rotate-secret ep_1 --request-id r1 --overlap 7d",
        {
            "organizationId": "org_1",
            "endpointId": "ep_1",
            "requestId": "r1",
            "overlap": "604800s",
        },
    ),
    (
        f"{WEBHOOK}/PublishEvent",
        "webhooks publish {event} --endpoint ep_1",
        {"event": {"eventId": "evt_1", "type": "EVENT_TYPE_LEAD_FAILED"}, "endpointId": "ep_1"},
    ),
    (
        f"{WEBHOOK}/PublishEvents",
        "webhooks publish {batch} --many",
        {
            "organizationId": "org_1",
            "events": [{"event": {"eventId": "evt_1", "type": "EVENT_TYPE_LEAD_FAILED"}}],
        },
    ),
    (
        f"{WEBHOOK}/ListDeliveries",
        "webhooks deliveries --endpoint ep_1 --event evt_1 --state lapsed --order-by create_time",
        {
            "organizationId": "org_1",
            "endpointId": "ep_1",
            "eventId": "evt_1",
            "state": "DELIVERY_STATE_LAPSED",
            "orderBy": "create_time",
        },
    ),
    (
        f"{WEBHOOK}/ListEvents",
        "webhooks events --filter lead_id=lead_1 --page-size 5",
        {"organizationId": "org_1", "filter": "lead_id=lead_1", "pageSize": 5},
    ),
    (
        f"{WEBHOOK}/ListEvents",
        "webhooks gap lead_1 --first 5 --last 9",
        {
            "organizationId": "org_1",
            "filter": 'subject = "lead_1" AND lead_id = "lead_1"'
            " AND sequence_number >= 5 AND sequence_number <= 9",
            "pageSize": 1000,
            "orderBy": "create_time",
        },
    ),
    (
        f"{WEBHOOK}/GetEvent",
        "webhooks show-event evt_1",
        {"organizationId": "org_1", "eventId": "evt_1"},
    ),
    (
        f"{WEBHOOK}/ResendDelivery",
        "webhooks resend dlv_1",
        {"organizationId": "org_1", "deliveryId": "dlv_1"},
    ),
    (
        f"{WEBHOOK}/CreateReplay",
        (
            "webhooks replay ep_1 --since 2026-03-02T09:00Z --until 2026-03-02T10:00Z"
            " --event lead.* --campaign camp_1 --failed-only --max-per-minute 60 --request-id r1"
        ),
        {
            "requestId": "r1",
            "organizationId": "org_1",
            "endpointId": "ep_1",
            "startTime": "2026-03-02T09:00:00Z",
            "endTime": "2026-03-02T10:00:00Z",
            "eventTypes": ["lead.*"],
            "campaignIds": ["camp_1"],
            "failedOnly": True,
            "maxPerMinute": 60,
        },
    ),
    *(
        (
            f"{WEBHOOK}/{method}",
            f"webhooks {command} rpl_1",
            {"organizationId": "org_1", "replayId": "rpl_1"},
        )
        for method, command in [
            ("GetReplay", "show-replay"),
            ("CancelReplay", "cancel-replay --yes"),
        ]
    ),
    (
        f"{WEBHOOK}/ListReplays",
        "webhooks replays --filter state=RUNNING",
        {"organizationId": "org_1", "filter": "state=RUNNING"},
    ),
    (
        f"{WEBHOOK}/ListDeliveryAttempts",
        "webhooks attempts dlv_1 --filter status_code>=500 --page-size 5",
        {
            "organizationId": "org_1",
            "deliveryId": "dlv_1",
            "filter": "status_code>=500",
            "pageSize": 5,
        },
    ),
    (
        f"{ORGANIZATIONS}/CreateOrganization",
        "organizations create Acme --id org_2",
        {"organizationId": "org_2", "name": "Acme"},
    ),
    (f"{ORGANIZATIONS}/GetOrganization", "organizations get org_1", {"organizationId": "org_1"}),
    (
        f"{ORGANIZATIONS}/ListOrganizations",
        "organizations list --page-size 5 --page-token t --filter name:acme",
        {"pageSize": 5, "pageToken": "t", "filter": "name:acme"},
    ),
    (
        f"{ORGANIZATIONS}/DisableOrganization",
        "organizations disable --yes org_1",
        {"organizationId": "org_1"},
    ),
    (
        f"{ORGANIZATIONS}/EnableOrganization",
        "organizations enable org_1",
        {"organizationId": "org_1"},
    ),
    (
        f"{MEMBERS}/CreateMember",
        "members create Ann manager --account acct_1 --account acct_2 --request-id r1",
        {
            "organizationId": "org_1",
            "name": "Ann",
            "role": "ROLE_MANAGER",
            "accountIds": ["acct_1", "acct_2"],
            "requestId": "r1",
        },
    ),
    (f"{MEMBERS}/GetMember", "members get mem_1", {"memberId": "mem_1"}),
    (
        f"{MEMBERS}/ListMembers",
        "members list --page-size 5 --filter role=ADMIN",
        {"organizationId": "org_1", "pageSize": 5, "filter": "role=ADMIN"},
    ),
    (
        f"{MEMBERS}/UpdateMember",
        "members update mem_1 --role viewer --account acct_1",
        {"memberId": "mem_1", "role": "ROLE_VIEWER", "limit": {"accountIds": ["acct_1"]}},
    ),
    (
        f"{MEMBERS}/UpdateMember",
        "members update mem_1 --all-accounts",
        {"memberId": "mem_1", "limit": {}},
    ),
    (f"{MEMBERS}/DisableMember", "members disable --yes mem_1", {"memberId": "mem_1"}),
    (f"{MEMBERS}/EnableMember", "members enable mem_1", {"memberId": "mem_1"}),
    (
        f"{KEYS}/CreateApiKey",
        "keys create mem_1 reports --scope leads.read --account acct_1 --until 2026-03-02T09:00Z",
        {
            "memberId": "mem_1",
            "name": "reports",
            "scopes": ["leads.read"],
            "accountIds": ["acct_1"],
            "expireTime": "2026-03-02T09:00:00Z",
        },
    ),
    (f"{KEYS}/GetApiKey", "keys get key_1", {"keyId": "key_1"}),
    (
        f"{KEYS}/ListApiKeys",
        "keys list --member mem_1 --filter revoke_time:*",
        {"organizationId": "org_1", "memberId": "mem_1", "filter": "revoke_time:*"},
    ),
    (
        f"{KEYS}/RotateApiKey",
        "keys rotate key_1 --overlap 2h",
        {"keyId": "key_1", "overlap": "7200s"},
    ),
    (f"{KEYS}/RevokeApiKey", "keys revoke --yes key_1", {"keyId": "key_1"}),
    (f"{TOKENS}/CreateToken", "login --api-key-file {key}", {"apiKey": "a-key"}),
    (f"{TOKENS}/WhoAmI", "whoami", {}),
    (f"{TOKENS}/RotateIssuerKey", "keys rotate-issuer", {}),
]

# The filled answers of these have violations and faults, which is what they report.
LOOKED_BEFORE = {f"{SEQUENCES}/UpdateSequence"}
"""What tells what it changes."""
EXIT_CODES = {
    f"{SEQUENCES}/ValidateSequence": 4,
    f"{SEQUENCES}/RenderSequence": 4,
    f"{AUDIT}/VerifyRecords": 5,
}


@pytest.fixture
def arguments(tmp_path: Any) -> Any:
    """Turns a command's text into its arguments, with files in place of their names."""
    files = {
        "sequence": '{"nodes": []}',
        "leads": "Profil\nhttps://www.linkedin.com/in/ada-example\n",
        "blocked": "email\nada@example.com\n",
        "events": '{"events": [{"eventId": "in_1", "accountReconnected": {}}]}',
        "key": "a-key\n",
        "event": '{"eventId": "evt_1", "type": "EVENT_TYPE_LEAD_FAILED"}',
        "batch": '{"organizationId": "org_1", "events": [{"event": '
        '{"eventId": "evt_1", "type": "EVENT_TYPE_LEAD_FAILED"}}]}',
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)

    def split(command: str) -> list[str]:
        words: list[str] = []
        for word in command.split():
            name = word.strip("{}")
            if word == name:
                words.append(word)
            elif name == "person":
                words += PERSON
            else:
                words.append(WINDOW if name == "window" else str(tmp_path / name))
        return words

    return split


DRY = [
    (path, command)
    for path, command, _ in COMMANDS
    if "validate_only" in every_method()[path].input_type.fields_by_name
    and not path.endswith("/AddLeadList")
]
"""What says what it would do, by `--dry-run`."""


def test_every_rpc_has_a_command() -> None:
    """A method added to any service fails here until there is a command for it."""
    assert {path for path, _, _ in COMMANDS} == set(every_method())


@pytest.mark.parametrize(("path", "command", "sent"), COMMANDS, ids=[row[0] for row in COMMANDS])
def test_a_command_sends_what_was_typed(
    server: Server, runner: CliRunner, arguments: Any, path: str, command: str, sent: Any
) -> None:
    """The server gets exactly what the command line says, with the token, and the answer shows.

    And an id of the command's own where there is room for one, by which it is done once.
    """
    result = runner.invoke(app, arguments(command))

    assert result.exit_code == EXIT_CODES.get(path, 0), result.output
    *before, (asked, requests) = server.asked
    assert asked == path
    assert not before or path in LOOKED_BEFORE
    told = MessageToDict(requests[0])
    if "requestId" not in sent and "request_id" in requests[0].DESCRIPTOR.fields_by_name:
        assert told.pop("requestId").startswith("req_")
    assert told == sent
    assert server.metadata["authorization"] == "Bearer a-token"
    assert result.stdout.strip()


@pytest.mark.parametrize(("path", "command"), DRY, ids=[path for path, _ in DRY])
def test_a_dry_run_asks_the_server_what_would_be(
    server: Server, runner: CliRunner, arguments: Any, path: str, command: str
) -> None:
    """So that it is refused where the deed would be; and nothing is asked to be done."""
    server.one_page = True

    result = runner.invoke(app, [*arguments(command), "--dry-run"])
    asked = [(of, any(map(only_asks, requests))) for of, requests in server.asked]
    server.refusal = FailedPrecondition("Not now.")
    refused = runner.invoke(app, [*arguments(command), "--dry-run"])

    assert result.exit_code == 0, result.output
    assert "Nothing was done." in result.stdout
    assert [of for of, only_asked in asked if only_asked] == [path]
    assert [each for each in asked if each == (path, False)] == []
    assert refused.exit_code == ExitCode.NOT_IN_THIS_STATE


def test_who_has_signed_in_needs_no_token(
    server: Server,
    runner: CliRunner,
    arguments: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The key is kept for its owner alone, and exchanged for the token of the next command."""
    runner.invoke(app, arguments("login --api-key-file {key}"))
    monkeypatch.delenv("OUTREACH_TOKEN")

    result = runner.invoke(app, ["whoami"])
    kept = tmp_path / "kept" / "api-key"
    mode, content = kept.stat().st_mode & 0o777, kept.read_text()
    forgotten = runner.invoke(app, ["logout"])

    assert (result.exit_code, forgotten.exit_code) == (0, 0), result.output
    assert (mode, content) == (0o600, "a-key\n")
    paths = [path.rpartition("/")[2] for path, _ in server.asked]
    assert paths == ["CreateToken", "CreateToken", "WhoAmI"]
    assert server.metadata["authorization"] == "Bearer some token"
    assert not kept.exists()


def test_a_key_that_opens_nothing_is_not_kept(
    server: Server, runner: CliRunner, arguments: Any, tmp_path: Path
) -> None:
    """Nor does a token reach the screen."""
    shown = runner.invoke(app, [*arguments("login --api-key-file {key}"), "--json"])
    runner.invoke(app, ["logout"])
    server.refusal = Unauthenticated()

    refused = runner.invoke(app, arguments("login --api-key-file {key}"))

    assert "some token" not in shown.output
    assert refused.exit_code == 6
    assert not (tmp_path / "kept" / "api-key").exists()


def test_a_campaign_can_be_created_whole_from_the_command_line() -> None:
    """`contact_responders` had no option: every field of the request has one, and is typed here."""
    ((_, _, sent),) = [each for each in COMMANDS if each[0] == f"{CAMPAIGNS}/CreateCampaign"]

    for message, typed in (
        (campaign_service_pb2.CreateCampaignRequest, sent),
        (campaign_pb2.CampaignSettings, sent["settings"]),
    ):
        assert {field.json_name for field in message.DESCRIPTOR.fields} == set(typed)


@pytest.mark.parametrize(("path", "command", "sent"), COMMANDS, ids=[row[0] for row in COMMANDS])
def test_every_command_speaks_json(
    server: Server, runner: CliRunner, arguments: Any, path: str, command: str, sent: Any
) -> None:
    """With --json standard output is protobuf JSON and nothing else."""
    del sent
    result = runner.invoke(app, [*arguments(command), "--json"])

    assert result.exit_code == EXIT_CODES.get(path, 0), result.output
    streams = every_method()[path].server_streaming
    answers = result.stdout.splitlines() if streams else [result.stdout]
    assert all(isinstance(json.loads(answer), dict) for answer in answers)
    assert [asked for asked, _ in server.asked] == [path]


def test_a_file_is_brought_into_a_list(server: Server, runner: CliRunner, arguments: Any) -> None:
    """An import is begun, uploaded from where it is, and waited for, by one command."""
    begun = operation_pb2.Operation(operation_id="imp_1", lead_list_id="list_1")
    ended = operation_pb2.Operation(operation_id="imp_1", done=True)
    ended.lead_import.imported, ended.lead_import.rows = 1, 2
    server.pages = [
        import_service_pb2.CreateImportResponse(operation=begun),
        import_service_pb2.GetOperationResponse(operation=begun),
        import_service_pb2.UploadImportResponse(operation=begun),
        import_service_pb2.WaitOperationResponse(operation=begun),
        import_service_pb2.WaitOperationResponse(operation=ended),
    ]

    result = runner.invoke(app, ["lists", "import", *arguments("list_1 {leads} --request-id r1")])

    assert result.exit_code == 0, result.output
    assert "1 of 2 rows imported" in result.output
    assert [path.rpartition("/")[2] for path, _ in server.asked] == [
        *("CreateImport", "GetOperation", "UploadImport", "WaitOperation", "WaitOperation")
    ]
    asked = [requests[0] for _, requests in server.asked]
    assert asked[0].lead_list_id == asked[1].lead_list_id == asked[3].lead_list_id == "list_1"
    assert asked[2].header.lead_list_id == "list_1"


@pytest.mark.parametrize("options", ["", "--sequence {sequence} --campaign camp_1"])
def test_one_sequence_is_rendered(
    server: Server, runner: CliRunner, arguments: Any, options: str
) -> None:
    """A file or a campaign: neither and both are a mistake, and nothing is asked."""
    result = runner.invoke(app, ["sequences", "render", *arguments(options)])

    assert result.exit_code == 2
    assert server.asked == []


@pytest.mark.parametrize("command", ["list", "export", "verify"])
def test_the_audit_is_that_of_all_services(server: Server, runner: CliRunner, command: str) -> None:
    """Who names no service is told of each of them."""
    runner.invoke(app, ["audit", command])

    assert len(server.asked) == 3


def test_a_suppression_list_arrives_whole(server: Server, runner: CliRunner, tmp_path: Any) -> None:
    """A list larger than a message goes in pieces, in order and complete."""
    content = b"email\n" + b"x" * 1_000_000
    (tmp_path / "list.csv").write_bytes(content)

    runner.invoke(app, ["suppressions", "import", str(tmp_path / "list.csv"), "--reason", "asked"])

    ((_, requests),) = server.asked
    pieces: list[Any] = requests[1:]
    assert len(pieces) > 1
    assert b"".join(piece.content for piece in pieces) == content


def test_domains_and_companies_are_suppressed(server: Server, runner: CliRunner) -> None:
    """One command forbids people, domains and companies alike."""
    command = "suppressions add ada-example --email-domain example.com --company Acme --reason no"

    result = runner.invoke(app, command.split())

    assert result.exit_code == 0, result.output
    ((_, (request,)),) = server.asked
    named = [
        (each.public_identifier, each.email_domain, each.company, each.organization_id)
        for each in request.suppressions
    ]
    assert named == [
        ("ada-example", "", "", "org_1"),
        ("", "example.com", "", "org_1"),
        ("", "", "Acme", "org_1"),
    ]


def test_a_suppression_names_somebody(runner: CliRunner) -> None:
    """Forbidding contact with nobody is a mistake, told before anything is asked."""
    result = runner.invoke(app, ["suppressions", "add", "--reason", "no"])

    assert result.exit_code == 2


def test_a_lead_list_arrives_whole(server: Server, runner: CliRunner, tmp_path: Any) -> None:
    """A file larger than a message goes in pieces, in order and complete."""
    content = b"linkedin_url\n" + b"x" * 1_000_000
    (tmp_path / "leads.csv").write_bytes(content)

    runner.invoke(app, ["campaigns", "import-leads", "camp_1", str(tmp_path / "leads.csv")])

    ((_, requests),) = server.asked
    pieces: list[Any] = requests[1:]
    assert len(pieces) > 1
    assert b"".join(piece.content for piece in pieces) == content


def test_every_violation_is_printed(server: Server, runner: CliRunner) -> None:
    """All that is wrong is told at once: path, sentence and reason of each field."""
    server.refusal = BadInput(
        [
            FieldViolation("nodes[0].type", "Nobody knows this type.", "NODE_TYPE_UNKNOWN"),
            FieldViolation("edges[1].target", "There is no such node.", "EDGE_DANGLING"),
        ]
    )

    result = runner.invoke(app, ["campaigns", "get", "camp_1"])

    assert result.exit_code == 4
    assert "nodes[0].type: Nobody knows this type. [NODE_TYPE_UNKNOWN]" in result.stderr
    assert "edges[1].target: There is no such node. [EDGE_DANGLING]" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (Internal(), 1),
        (NotFound("There is no such campaign."), 3),
        (FailedPrecondition("It has ended."), 5),
        (PermissionDenied(), 6),
        (Unavailable(), 7),
        (NotYet("Not before tomorrow."), 8),
    ],
)
def test_exit_codes(server: Server, runner: CliRunner, refusal: Any, code: int) -> None:
    """Scripts can tell what happened by the exit code."""
    server.refusal = refusal

    result = runner.invoke(app, ["campaigns", "start", "camp_1"])

    assert result.exit_code == code
    assert refusal.message in result.stderr
    assert f"[{refusal.reason}]" in result.stderr


def test_a_campaign_fits_a_screen(server: Server, runner: CliRunner) -> None:
    """Its steps are counted and pointed to; their texts once filled several screens."""
    result = runner.invoke(app, ["campaigns", "start", "camp_1"])

    assert server.asked
    assert "outreach sequences render --campaign" in result.stdout
    assert "next step id" not in result.stdout


def test_a_wait_is_told(server: Server, runner: CliRunner, arguments: Any) -> None:
    """An action whose turn has not come says which cap binds, and when to ask again."""
    server.refusal = NotYet(
        "The cap is used up.",
        retry_after=timedelta(hours=3, minutes=5),
        quota=[QuotaViolation("acct_1", "15 invitations a day")],
    )

    result = runner.invoke(app, arguments("actions perform visit ada-example {person}"))

    assert result.exit_code == 8
    assert "acct_1: 15 invitations a day" in result.stderr
    assert "again in 3h 5m" in result.stderr


def test_a_cookie_is_piped_in(server: Server, runner: CliRunner) -> None:
    """What LinkedIn is shown can come by standard input, and is not printed."""
    result = runner.invoke(app, ["accounts", "connect", "--cookie"], input="an-li-at\n")

    assert result.exit_code == 0, result.output
    ((_, requests),) = server.asked
    assert MessageToDict(requests[0])["credentials"] == {"sessionCookie": "an-li-at"}
    assert "an-li-at" not in result.output


def test_nobody_there(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a server the command ends at once and says where it looked."""
    monkeypatch.setenv("OUTREACH_CAMPAIGN_API_ADDRESS", "127.0.0.1:1")

    result = runner.invoke(app, ["campaigns", "get", "camp_1"])

    assert result.exit_code == 7
    assert "OUTREACH_*_ADDRESS" in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        "campaigns list --state run",
        "campaigns create Spring --sequence /nowhere/at/all --account acct_1",
        "actions perform lookup ada-example {person}",
        "actions perform visit ada-example --text Hello {person}",
        "accounts update acct_1 --cap invitations",
        "accounts connect",
        "accounts connect --cookie",
        "accounts connect --username ada@example.com --cookie",
        "accounts connect --username ada@example.com --password secret",
        "accounts update acct_1 --holiday 2026-12-25 --no-holidays",
        "people posts ada-example --recent-within soon {person}",
        "suppressions add ada-example --reason asked --until tomorrow",
        "programs trigger prog_1 --type training",
        "webhooks get",
        "webhooks publish {sequence}",
        "campaigns import-leads camp_1 {leads} --column linkedin_url",
    ],
)
def test_wrong_usage(server: Server, runner: CliRunner, arguments: Any, command: str) -> None:
    """What cannot be understood is refused before any call, with exit code 2."""
    result = runner.invoke(app, arguments(command))

    assert result.exit_code == 2, result.output
    assert server.asked == []
    assert "Traceback" not in result.stderr
