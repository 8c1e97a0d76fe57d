"""Which services there are, where they are reached, and what their methods are called in Python.

    LeadService.ListLeads          client.leads.list
    CampaignService.GetCampaignStatus   client.campaigns.get_status
    LeadService.ImportLeads        client.leads.import_

A method is called as in the contract, without the noun that its member says already.
"""

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor


class Server(StrEnum):
    """Who is reached."""

    CAMPAIGN_API = "campaign-api"
    LINKEDIN_GATEWAY = "linkedin-gateway"
    WEBHOOK_DISPATCHER = "webhook-dispatcher"


@dataclass(frozen=True)
class Member:
    """A service: the module of its contract, and who serves it."""

    module: str
    server: Server

    @property
    def descriptor(self) -> ServiceDescriptor:
        """The service of that module, which has one; imports it."""
        file = import_module(f"outreach.{self.module}_pb2").DESCRIPTOR
        (service,) = file.services_by_name.values()
        assert isinstance(service, ServiceDescriptor)  # noqa: S101 - a module has no types
        return service


MEMBERS: Mapping[str, Member] = {
    "campaigns": Member("campaign.v1.campaign_service", Server.CAMPAIGN_API),
    "leads": Member("campaign.v1.lead_service", Server.CAMPAIGN_API),
    "imports": Member("campaign.v1.import_service", Server.CAMPAIGN_API),
    "lead_lists": Member("campaign.v1.lead_list_service", Server.CAMPAIGN_API),
    "sequences": Member("campaign.v1.sequence_service", Server.CAMPAIGN_API),
    "linkedin_events": Member("campaign.v1.linkedin_event_service", Server.CAMPAIGN_API),
    "workflows": Member("campaign.v1.workflow_service", Server.CAMPAIGN_API),
    "reports": Member("automation.v1.report_service", Server.CAMPAIGN_API),
    "programs": Member("automation.v1.program_service", Server.CAMPAIGN_API),
    "runs": Member("automation.v1.run_service", Server.CAMPAIGN_API),
    "decisions": Member("automation.v1.decision_service", Server.CAMPAIGN_API),
    "scores": Member("automation.v1.scoring_service", Server.CAMPAIGN_API),
    "models": Member("automation.v1.model_service", Server.CAMPAIGN_API),
    "organizations": Member("identity.v1.organization_service", Server.CAMPAIGN_API),
    "members": Member("identity.v1.member_service", Server.CAMPAIGN_API),
    "api_keys": Member("identity.v1.api_key_service", Server.CAMPAIGN_API),
    "tokens": Member("identity.v1.token_service", Server.CAMPAIGN_API),
    "accounts": Member("linkedin.v1.account_service", Server.LINKEDIN_GATEWAY),
    "sign_ins": Member("linkedin.v1.sign_in_service", Server.LINKEDIN_GATEWAY),
    "actions": Member("linkedin.v1.action_service", Server.LINKEDIN_GATEWAY),
    "pace": Member("linkedin.v1.pace_service", Server.LINKEDIN_GATEWAY),
    "people": Member("linkedin.v1.person_service", Server.LINKEDIN_GATEWAY),
    "holds": Member("linkedin.v1.hold_service", Server.LINKEDIN_GATEWAY),
    "suppressions": Member("linkedin.v1.suppression_service", Server.LINKEDIN_GATEWAY),
    "inbound": Member("linkedin.v1.inbound_service", Server.LINKEDIN_GATEWAY),
    "webhooks": Member("webhook.v1.webhook_service", Server.WEBHOOK_DISPATCHER),
}
"""Those that one server has, by the member's name."""


def _of_each(module: str) -> Mapping[Server, Member]:
    return {server: Member(module, server) for server in Server}


OF_EACH: Mapping[str, Mapping[Server, Member]] = {
    "audits": _of_each("audit.v1.audit_service"),
    "installations": _of_each("installation.v1.installation_service"),
}
"""Those that every server has, of itself: what was recorded there, and what it is."""

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z][a-z]*|[a-z]+|\d+")


def method_name(method: MethodDescriptor) -> str:
    """What a method is called in Python."""
    words = _words(method.name)
    noun = _words(method.containing_service.name.removesuffix("Service"))
    short = _without(words, noun)
    name = "_".join(short or words)
    return f"{name}_" if keyword.iskeyword(name) else name


def items_field(method: MethodDescriptor) -> str:
    """The field with what a list lists; "" where a method is no list that comes in pages.

    It is the first one of a list's answer (AIP-158); others may tell of what is no more.
    """
    if "page_token" not in method.input_type.fields_by_name or method.client_streaming:
        return ""
    lists = [each for each in method.output_type.fields if each.is_repeated and each.message_type]
    alone = method.name.startswith("Get") and len(lists) == 1
    first = method.name.startswith("List") and bool(lists) and lists[0].number == 1
    return str(lists[0].name) if alone or first else ""


def removed_field(method: MethodDescriptor) -> str:
    """The field with what a list, which is followed, has no more; "" where it tells of none."""
    told = method.output_type.fields_by_name
    return next((name for name in told if name.startswith("removed_")), "")


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]


def _without(words: list[str], noun: list[str]) -> list[str]:
    """The words without a noun, in the singular or plural; all of them if they do not have it."""
    for forms in (noun, [*noun[:-1], f"{noun[-1]}s"]):
        for first in range(1, len(words)):
            if words[first : first + len(forms)] == forms:
                return words[:first] + words[first + len(forms) :]
    return words
