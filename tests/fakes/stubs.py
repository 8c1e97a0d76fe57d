"""A stub for each service of a server, by its noun."""

from collections.abc import Callable
from typing import Any

import grpc
from outreach.automation.v1.decision_service_pb2_grpc import DecisionServiceStub
from outreach.automation.v1.model_service_pb2_grpc import ModelServiceStub
from outreach.automation.v1.program_service_pb2_grpc import ProgramServiceStub
from outreach.automation.v1.report_service_pb2_grpc import ReportServiceStub
from outreach.automation.v1.run_service_pb2_grpc import RunServiceStub
from outreach.automation.v1.scoring_service_pb2_grpc import ScoringServiceStub
from outreach.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from outreach.campaign.v1.import_service_pb2_grpc import ImportServiceStub
from outreach.campaign.v1.lead_list_service_pb2_grpc import LeadListServiceStub
from outreach.campaign.v1.lead_service_pb2_grpc import LeadServiceStub
from outreach.campaign.v1.linkedin_event_service_pb2_grpc import LinkedInEventServiceStub
from outreach.campaign.v1.sequence_service_pb2_grpc import SequenceServiceStub
from outreach.campaign.v1.workflow_service_pb2_grpc import WorkflowServiceStub
from outreach.identity.v1.api_key_service_pb2_grpc import ApiKeyServiceStub
from outreach.identity.v1.member_service_pb2_grpc import MemberServiceStub
from outreach.identity.v1.organization_service_pb2_grpc import OrganizationServiceStub
from outreach.identity.v1.token_service_pb2_grpc import TokenServiceStub
from outreach.linkedin.v1.account_service_pb2_grpc import AccountServiceStub
from outreach.linkedin.v1.action_service_pb2_grpc import ActionServiceStub
from outreach.linkedin.v1.hold_service_pb2_grpc import HoldServiceStub
from outreach.linkedin.v1.inbound_service_pb2_grpc import InboundServiceStub
from outreach.linkedin.v1.pace_service_pb2_grpc import PaceServiceStub
from outreach.linkedin.v1.person_service_pb2_grpc import PersonServiceStub
from outreach.linkedin.v1.sign_in_service_pb2_grpc import SignInServiceStub
from outreach.linkedin.v1.suppression_service_pb2_grpc import SuppressionServiceStub


class _Stubs:
    def method(self, name: str) -> Callable[..., Any]:
        """The method of that name, whichever service has it."""
        (found,) = [getattr(stub, name) for stub in vars(self).values() if hasattr(stub, name)]
        return found


class CampaignStubs(_Stubs):
    """The services of campaign-api."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.campaigns = CampaignServiceStub(channel)
        self.leads = LeadServiceStub(channel)
        self.sequences = SequenceServiceStub(channel)
        self.imports = ImportServiceStub(channel)
        self.lead_lists = LeadListServiceStub(channel)
        self.linkedin_events = LinkedInEventServiceStub(channel)
        self.workflows = WorkflowServiceStub(channel)
        self.programs = ProgramServiceStub(channel)
        self.reports = ReportServiceStub(channel)
        self.models = ModelServiceStub(channel)
        self.runs = RunServiceStub(channel)
        self.decisions = DecisionServiceStub(channel)
        self.scores = ScoringServiceStub(channel)


class IdentityStubs(_Stubs):
    """Those services of campaign-api that know who may do what."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.organizations = OrganizationServiceStub(channel)
        self.members = MemberServiceStub(channel)
        self.api_keys = ApiKeyServiceStub(channel)
        self.tokens = TokenServiceStub(channel)


class LinkedInStubs(_Stubs):
    """The services of linkedin-gateway."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.actions = ActionServiceStub(channel)
        self.people = PersonServiceStub(channel)
        self.accounts = AccountServiceStub(channel)
        self.sign_ins = SignInServiceStub(channel)
        self.pace = PaceServiceStub(channel)
        self.holds = HoldServiceStub(channel)
        self.suppressions = SuppressionServiceStub(channel)
        self.inbound = InboundServiceStub(channel)
