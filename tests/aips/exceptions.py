"""What does not keep a rule on purpose, by the rule, each with its reason.

A new method keeps the rules or stands here; what keeps them after all is taken out.
"""

from collections.abc import Mapping

_AUTOMATION = "automation.v1."
_CAMPAIGN = "campaign.v1."
_IDENTITY = "identity.v1."
_LINKEDIN = "linkedin.v1."
_WEBHOOK = "webhook.v1."


def _of(service: str, names: str) -> list[str]:
    return [f"{service}.{name}" for name in names.split()]


_CAMPAIGNS = f"{_CAMPAIGN}CampaignService"
_PROGRAMS = f"{_AUTOMATION}ProgramService"
_LEADS = f"{_CAMPAIGN}LeadService"
_IMPORTS = f"{_CAMPAIGN}ImportService"
_SEQUENCES = f"{_CAMPAIGN}SequenceService"
_WORKFLOWS = f"{_CAMPAIGN}WorkflowService"
_KEYS = f"{_IDENTITY}ApiKeyService"
_MEMBERS = f"{_IDENTITY}MemberService"
_ORGANIZATIONS = f"{_IDENTITY}OrganizationService"
_TOKENS = f"{_IDENTITY}TokenService"
_ACCOUNTS = f"{_LINKEDIN}AccountService"
_ACTIONS = f"{_LINKEDIN}ActionService"
_HOLDS = f"{_LINKEDIN}HoldService"
_PACE = f"{_LINKEDIN}PaceService"
_PEOPLE = f"{_LINKEDIN}PersonService"
_SIGN_INS = f"{_LINKEDIN}SignInService"
_SUPPRESSIONS = f"{_LINKEDIN}SuppressionService"
_WEBHOOKS = f"{_WEBHOOK}WebhookService"

_FOLLOWED_LISTS = {
    _AUTOMATION: "Decisions Models Programs Reports Runs",
    _CAMPAIGN: "Campaigns Imports LeadListEntries LeadLists Leads Operations",
    _IDENTITY: "ApiKeys Members Organizations",
    _LINKEDIN: "Accounts Actions Holds Suppressions",
    _WEBHOOK: "Deliveries Endpoints Events Replays",
}
FOLLOWED = [
    f"{package}List{each}" for package, names in _FOLLOWED_LISTS.items() for each in names.split()
]
"""Lists that say what has changed since a moment."""

EXCEPTIONS: Mapping[str, Mapping[str, list[str]]] = {
    "131, 164 a Get is asked by ids alone, and answers the resource first": {
        "a page of a queue, with its length": [f"{_PACE}.GetQueue"],
        "a page of a history, in the order in which it happened": [
            f"{_WORKFLOWS}.GetWorkflowHistory"
        ],
        "one for each cap of an account: it has no more than some dozens": [
            f"{_PACE}.GetAccountUsage"
        ],
        "LinkedIn knows the person by what the address says": [f"{_PEOPLE}.GetProfile"],
        "asked for a view, it answers the page beside the figures": [
            f"{_AUTOMATION}ReportService.GetReport"
        ],
        "of some programs and weeks, it is counted as it is asked for": [
            f"{_AUTOMATION}ReportService.GetOverview"
        ],
    },
    "132, 158 a List is paged, and answers the resources first": {
        "LinkedIn is asked for one page, and the posts are of some days": [f"{_PEOPLE}.ListPosts"],
        "a schedule is due some dozens of times in the days that are asked for": [
            f"{_AUTOMATION}ProgramService.ListNextRuns"
        ],
    },
    "133 a Create answers what it has made, by its name": {
        "an import is an operation, and is read as one": [f"{_IMPORTS}.CreateImport"],
        "what is made is no resource: nothing reads it again": [
            f"{_TOKENS}.CreateToken",
            f"{_SIGN_INS}.CreateConnectLink",
        ],
    },
    "134, 161 an Update takes the resource and an update_mask": {
        "a sequence is edited as a whole drawing, and each edit is a revision": [
            f"{_SEQUENCES}.UpdateSequence"
        ],
        "each field is a message: one that is absent stays, an empty one empties": [
            f"{_MEMBERS}.UpdateMember",
            f"{_ACCOUNTS}.UpdateAccount",
        ],
    },
    "135, 164 what a Delete takes away is shown if asked for, tells when, and comes back": {
        "a list that came back would keep people's data for whoever wants them gone": [
            f"{_CAMPAIGN}LeadListService.DeleteLeadList"
        ],
    },
    "142 an instant is called `…_time`, and nothing else is": {
        "where changes are followed from, as others call it": [
            *(f"{name}Request.updated_since" for name in FOLLOWED),
        ],
        "promised under this name": ["common.v1.OnTheWire.until"],
    },
    "148 a resource tells when it was made": {
        "it is a fact of one moment, and tells that": [
            "audit.v1.Record",
            f"{_LINKEDIN}HoldChange",
            f"{_CAMPAIGN}WorkflowEvent",
            f"{_LINKEDIN}CoolDown",
            f"{_WEBHOOK}DeliveryAttempt",
        ],
        "it is what a resource inside of it is, which tells it": [
            f"{_CAMPAIGN}LeadWithSteps",
            f"{_CAMPAIGN}RevisionInUse",
            f"{_LINKEDIN}QueuedAction",
            f"{_AUTOMATION}ModelCard",
        ],
        "it is reckoned when it is asked for": [
            f"{_CAMPAIGN}CampaignStatus",
            f"{_CAMPAIGN}Experiment",
            f"{_CAMPAIGN}TemporalHealth",
            "installation.v1.ServerInfo",
            f"{_LINKEDIN}Usage",
            f"{_LINKEDIN}AccountHealth",
            f"{_AUTOMATION}CampaignOverview",
            f"{_AUTOMATION}NextRun",
        ],
        "LinkedIn made it": [f"{_LINKEDIN}Profile", f"{_LINKEDIN}Post"],
        "Temporal says when a run began": [f"{_CAMPAIGN}Workflow"],
    },
    "148 what people make or edit tells by whom": {
        "it is never changed: an edit makes another, which tells who made it": [
            f"{_CAMPAIGN}SequenceRevision.updated_by"
        ],
    },
    "148 what is updated tells when it last was": {
        "it is never changed: an edit makes another": [f"{_CAMPAIGN}SequenceRevision"],
    },
    "154 what people edit has an etag": {
        "`revision_id` is it": [f"{_CAMPAIGN}SequenceRevision"],
    },
    "155 what changes something takes a request_id": {
        "services of ours say what is to be, so that a repeat changes nothing": [
            *_of(_ACTIONS, "CancelAction EndLead"),
            f"{_SUPPRESSIONS}.RecordReplies",
        ],
        "an operator says that it is so, of one clock; so it is however often they say it": [
            f"{_PACE}.ConfirmClock"
        ],
        "it says from which byte on, and what is there already is not added": [
            f"{_IMPORTS}.UploadImport"
        ],
        "another id is the caller's own, and twice is once by it": [
            f"{_CAMPAIGN}LinkedInEventService.ReportLinkedInEvents",
            f"{_ACCOUNTS}.RegisterAccount",
            f"{_ACTIONS}.PerformAction",
            f"{_ORGANIZATIONS}.CreateOrganization",
            *_of(_WEBHOOKS, "PublishEvent PublishEvents"),
        ],
        "people are recognised, and the same list twice changes nothing": [
            f"{_LEADS}.ImportLeads",
            f"{_SUPPRESSIONS}.ImportSuppressions",
        ],
        "it answers a secret, which is kept nowhere to be answered again": [
            *_of(_KEYS, "CreateApiKey RotateApiKey"),
            *_of(_TOKENS, "CreateToken RotateIssuerKey"),
            f"{_SIGN_INS}.CreateConnectLink",
        ],
        "LinkedIn is asked anew each time, as is meant": [
            f"{_LINKEDIN}InboundService.ReplayInbound",
            *_of(_SIGN_INS, "ConnectAccount SolveCheckpoint ResendCheckpoint"),
        ],
    },
    "163 what changes something says what it would do, if it is only asked": {
        "services of ours tell what has happened, or is to happen: nobody wonders": [
            f"{_CAMPAIGN}LinkedInEventService.ReportLinkedInEvents",
            f"{_ACCOUNTS}.RegisterAccount",
            *_of(_ACTIONS, "PerformAction CancelAction EndLead"),
            f"{_SUPPRESSIONS}.RecordReplies",
            *_of(_WEBHOOKS, "PublishEvent PublishEvents"),
        ],
        "another call takes it back": [
            *_of(_CAMPAIGNS, "PauseCampaign ResumeCampaign UndeleteCampaign"),
            *_of(_LEADS, "ReleaseLeads WithdrawLeads"),
            *_of(_PROGRAMS, "PauseProgram ResumeProgram UndeleteProgram"),
            *_of(f"{_AUTOMATION}ModelService", "PromoteModel RollbackModel"),
            *_of(_MEMBERS, "DisableMember EnableMember"),
            *_of(_ORGANIZATIONS, "DisableOrganization EnableOrganization"),
            *_of(_WEBHOOKS, "EnableEndpoint UndeleteEndpoint"),
        ],
        "a decision tells in its own sentence what its answer does": _of(
            f"{_AUTOMATION}DecisionService",
            "ApproveDecision RejectDecision RevertDecision BatchDecide",
        ),
        "it begins or ends work, which tells by itself how it goes": [
            f"{_AUTOMATION}ModelService.TrainModel",
            *_of(_PROGRAMS, "TriggerProgram BackfillProgram"),
            f"{_AUTOMATION}ReportService.GenerateReport",
            f"{_AUTOMATION}RunService.CancelRun",
            *_of(_IMPORTS, "CreateImport UploadImport CancelOperation"),
            *_of(_LEADS, "RetryLead RetryParkedLeads"),
            *_of(_WORKFLOWS, "CancelWorkflow TerminateWorkflow RetryWorkflow"),
            *_of(_WEBHOOKS, "ResendDelivery CreateReplay CancelReplay"),
        ],
        "a list contacts nobody, and its fields are all that is judged": _of(
            f"{_CAMPAIGN}LeadListService", "CreateLeadList UpdateLeadList DeleteLeadList"
        ),
        "people and keys of an organization: its fields are all that is judged": [
            f"{_KEYS}.RevokeApiKey",
            *_of(_MEMBERS, "CreateMember UpdateMember"),
            f"{_ORGANIZATIONS}.CreateOrganization",
        ],
        "it answers a secret, which is what is wanted of it": [
            *_of(_KEYS, "CreateApiKey RotateApiKey"),
            *_of(_TOKENS, "CreateToken RotateIssuerKey"),
            f"{_SIGN_INS}.CreateConnectLink",
            f"{_WEBHOOKS}.RotateEndpointSecret",
        ],
        "LinkedIn or a receiver alone says what comes of it": [
            *_of(_ACCOUNTS, "RestartAccount DisconnectAccount"),
            *_of(_SIGN_INS, "ConnectAccount SolveCheckpoint ResendCheckpoint"),
            f"{_LINKEDIN}InboundService.ReplayInbound",
            f"{_WEBHOOKS}.SendTestEvent",
        ],
        "the gateway stops and paces by what it has in memory, which nothing rolls back": [
            f"{_ACCOUNTS}.UpdateAccount",
            *_of(_HOLDS, "PutHold LiftHold"),
            *_of(_PACE, "EndCoolDown ConfirmClock"),
            *_of(
                _SUPPRESSIONS,
                "AddSuppressions RemoveSuppression AllowContact ImportSuppressions",
            ),
        ],
    },
    "157 how much of a resource is told is asked by a view or a mask": {
        "one part is told or not; promised under this name": [
            f"{_CAMPAIGN}ListLeadsRequest.include_steps"
        ],
    },
    "160 a filter is one text": {
        "promised as fields; each has its index": [
            "audit.v1.ListRecordsRequest.filter",
            "audit.v1.ExportRecordsRequest.filter",
        ],
    },
    "160 a List takes a filter and an order_by": {
        "fields narrow it, each with its index": [
            "audit.v1.AuditService.ListRecords",
        ],
        "it is some dozens long, and read whole": [
            f"{_SEQUENCES}.ListRevisions",
        ],
        "LinkedIn is asked for one page, in its own order": [f"{_PEOPLE}.ListPosts"],
        "it is what a calendar says, in its order": [f"{_AUTOMATION}ProgramService.ListNextRuns"],
    },
    "a List of resources can be followed: from a moment, then from token to token": {
        "a history is only added to, and read on by its time": [
            "audit.v1.AuditService.ListRecords",
            f"{_HOLDS}.ListHoldChanges",
            f"{_WEBHOOKS}.ListDeliveryAttempts",
        ],
        "it is over by itself, at the moment that it tells": [f"{_PACE}.ListCoolDowns"],
        "a revision never changes, and how many leads are at it is counted when it is asked": [
            f"{_SEQUENCES}.ListRevisions"
        ],
        "it is reckoned when it is asked for": [f"{_AUTOMATION}ProgramService.ListNextRuns"],
        "LinkedIn is asked, and tells no changes": [f"{_PEOPLE}.ListPosts"],
        "Temporal is asked, and what runs for an object is told by the object": [
            f"{_WORKFLOWS}.ListWorkflows"
        ],
    },
    "a List that can be followed says that there is more, whatever it has found": {
        "whoever may see a campaign sees all of its leads: there is more while there are any": [
            f"{_LEADS}.ListLeads"
        ],
    },
    "216 a state is an enum that is called so": {
        "customers receive it as JSON, in their words": [
            f"{_WEBHOOK}CampaignSnapshot.state",
            f"{_WEBHOOK}LeadSnapshot.state",
            f"{_WEBHOOK}StepSnapshot.state",
        ],
    },
}
