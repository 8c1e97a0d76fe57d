"""Enums on the wire and in the models say the same: conversions go by the members' names."""

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from enum import Enum

import pytest
from automation.decisions import decision as decisions
from automation.programs import program as programs
from automation.reports.overview import Dimension
from automation.reports.report import ReportKind
from automation.runs import run as runs
from automation.selection.capacity import Bound
from automation.training.evaluation import Verdict
from campaign_api.clients import linkedin_gateway as campaign_api_gateway
from campaign_api.convert.files import ExportFormat
from campaign_api.imports.result import ExampleKind
from campaign_api.queries.message_previews import TextSource
from campaign_api.workflows.deeds import WorkflowRetry
from campaign_api.workflows.names import WorkflowType
from campaigns import models as campaigns
from campaigns.repositories.admission.release import ReleaseAnswer
from campaigns.senders import replacement as sender_replacement
from campaigns.sequences import experiment, sequence
from google.protobuf.descriptor import EnumDescriptor
from identity.audit.chain import FaultKind
from identity.audit.record import Outcome
from identity.roles import Role
from linkedin_gateway import models as gateway
from temporalio.client import WorkflowExecutionStatus
from webhook_dispatcher import models as dispatcher
from webhook_dispatcher.replays.models import ReplayState

from tests.protos import enums

PACKAGES = ("campaigns", "campaign_api", "outreach_worker", "linkedin_gateway")

TWINS: Mapping[str, tuple[type[Enum], ...]] = {
    "outreach.audit.v1.FaultKind": (FaultKind,),
    "outreach.audit.v1.Outcome": (Outcome,),
    "outreach.automation.v1.DecisionKind": (decisions.DecisionKind,),
    "outreach.automation.v1.DecisionState": (decisions.DecisionState,),
    "outreach.automation.v1.LeadSource": (decisions.LeadSource,),
    "outreach.automation.v1.LeftOutReason": (decisions.LeftOut,),
    "outreach.automation.v1.ModelVerdict": (Verdict,),
    "outreach.automation.v1.OverviewDimension": (Dimension,),
    "outreach.automation.v1.ProgramMode": (programs.ProgramMode,),
    "outreach.automation.v1.ProgramState": (programs.ProgramState,),
    "outreach.automation.v1.ReportKind": (ReportKind,),
    "outreach.automation.v1.RunState": (runs.RunState,),
    "outreach.automation.v1.RunTrigger": (runs.RunTrigger,),
    "outreach.automation.v1.RunType": (runs.RunType,),
    "outreach.automation.v1.SlotBound": (Bound,),
    "outreach.campaign.v1.AutomaticReplies": (campaigns.AutomaticReplies,),
    "outreach.campaign.v1.CampaignState": (campaigns.CampaignState,),
    "outreach.campaign.v1.ContactedLeads": (sender_replacement.ContactedLeads,),
    "outreach.campaign.v1.ConnectionState": (campaigns.ConnectionState,),
    "outreach.campaign.v1.ExperimentMeasure": (experiment.Measure,),
    "outreach.campaign.v1.ExperimentState": (experiment.ExperimentState,),
    "outreach.campaign.v1.ExportFormat": (ExportFormat,),
    "outreach.campaign.v1.ImportExampleKind": (ExampleKind,),
    "outreach.campaign.v1.LeadState": (campaigns.LeadState,),
    "outreach.campaign.v1.Admission": (campaigns.LeadAdmission,),
    "outreach.campaign.v1.LeadReleaseResult": (ReleaseAnswer,),
    "outreach.campaign.v1.OwnerMessages": (campaigns.OwnerMessages,),
    "outreach.campaign.v1.ParkedSenders": (campaigns.ParkedSenders,),
    "outreach.campaign.v1.Question": (sequence.Question,),
    "outreach.campaign.v1.ReplyScope": (campaigns.ReplyScope,),
    "outreach.campaign.v1.StepKind": (sequence.StepKind,),
    "outreach.campaign.v1.LeadMessageAuthor": (campaigns.MessageAuthor,),
    "outreach.campaign.v1.StepState": (campaigns.StepState,),
    "outreach.campaign.v1.TextSource": (TextSource,),
    "outreach.campaign.v1.WorkflowRetry": (WorkflowRetry,),
    "outreach.campaign.v1.WorkflowStatus": (WorkflowExecutionStatus,),
    "outreach.campaign.v1.WorkflowType": (WorkflowType,),
    "outreach.linkedin.v1.AccountState": (gateway.AccountState,),
    "outreach.identity.v1.Role": (Role,),
    "outreach.linkedin.v1.AccountTier": (gateway.Tier,),
    "outreach.linkedin.v1.ActionKind": (gateway.Kind,),
    "outreach.linkedin.v1.ActionState": (gateway.ActionState,),
    "outreach.linkedin.v1.HoldScope": (gateway.HoldScope, campaign_api_gateway.HoldScope),
    "outreach.linkedin.v1.OwnerMessages": (gateway.OwnerMessages,),
    "outreach.linkedin.v1.SuppressionCoverage": (gateway.SuppressionCoverage,),
    "outreach.webhook.v1.Channel": (dispatcher.Channel,),
    "outreach.webhook.v1.DeliveryState": (dispatcher.DeliveryState,),
    "outreach.webhook.v1.DisableReason": (dispatcher.DisableReason,),
    "outreach.webhook.v1.PayloadForm": (dispatcher.PayloadForm,),
    "outreach.webhook.v1.ReplayState": (ReplayState,),
    "outreach.webhook.v1.SignatureScheme": (dispatcher.SignatureScheme,),
}
WITHOUT_TWIN: Mapping[str, str] = {
    "outreach.automation.v1.ReportView": "a view is chosen where it is rendered",
    "outreach.automation.v1.DecisionAnswer": "it is one of two verbs",
    "outreach.campaign.v1.OperationState": "an import's phase, end and failure together say it",
    "outreach.campaign.v1.PendingActivityState": "Temporal's own, of which two are one here",
    "outreach.campaign.v1.TaskQueueKind": "Temporal's own, without those that we have none of",
    "outreach.campaign.v1.WorkflowDetail": "it says whether an exposure is full",
    "outreach.common.v1.Audited": "an option of methods, read where the audit is written",
    "outreach.common.v1.ErrorReason": "reasons are classes; the house rules compare them",
    "outreach.common.v1.Weekday": "a weekday is its ISO number",
    "outreach.webhook.v1.EventType": "customers know events by name; the webhooks' tests walk them",
}
NEVER_SENT = {gateway.Kind.POST_LIST}
"""Members that callers never see."""


def names(enum: EnumDescriptor) -> set[str]:
    """The members as the models call them; the zero means that nothing was said."""
    prefix = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", enum.name).upper() + "_"
    return {value.name.removeprefix(prefix) for value in enum.values if value.number}


def model_enums() -> Iterator[type[Enum]]:
    """Every enum that one of our packages declares."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages(
            importlib.import_module(package).__path__, f"{package}."
        ):
            if re.search(r"\.(migrations|__main__)", module.name):
                continue
            for value in vars(importlib.import_module(module.name)).values():
                enum = isinstance(value, type) and issubclass(value, Enum)
                if enum and value.__module__ == module.name:
                    yield value


@pytest.mark.parametrize("enum", list(enums()), ids=lambda enum: enum.full_name)
def test_every_enum_of_the_contract_is_that_of_the_models(enum: EnumDescriptor) -> None:
    """Each number can be read, each member can be told; a new one fails here, not in a call."""
    if enum.full_name in WITHOUT_TWIN:
        assert enum.full_name not in TWINS
        return

    for twin in TWINS[enum.full_name]:
        assert {member.name for member in twin if member not in NEVER_SENT} == names(enum), twin


def test_every_enum_that_is_called_like_one_of_the_contract_is_compared() -> None:
    """A copy of an enum of the contract cannot be made beside the table."""
    called = {enum.name for enum in enums()}
    compared = {twin for twins in TWINS.values() for twin in twins}

    alike = {enum for enum in model_enums() if enum.__name__ in called}

    assert alike <= compared
