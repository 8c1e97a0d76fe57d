"""What will happen, in numbers, before anything is stopped or destroyed; for `session.confirm`."""

from outreach.automation.v1 import program_pb2
from outreach.campaign.v1 import (
    campaign_pb2,
    campaign_service_pb2,
    lead_list_service_pb2,
    lead_pb2,
    lead_service_pb2,
)
from outreach.linkedin.v1 import account_service_pb2, pace_service_pb2

from outreach_client.formats.enums import enum_text
from outreach_client.session import ask

_MODES = program_pb2.ProgramMode.DESCRIPTOR
_STATES = campaign_pb2.CampaignState.DESCRIPTOR
_LEAD_STATES = lead_pb2.LeadState.DESCRIPTOR


def leads_text(count: int) -> str:
    """`1 lead`, `2 leads`."""
    return f"{count} lead{'' if count == 1 else 's'}"


def of_stopping(campaign_id: str, *, complete_current: bool) -> str:
    """Of a campaign that is stopped for good."""
    found = status_of(campaign_id)
    begun = (
        "walk on to the end of the sequence" if complete_current else "are ended where they stand"
    )
    return (
        f"Stops {campaign_text(campaign_id)} for good: {leads_text(found.running)} in the sequence"
        f" {begun}, {found.ready + found.held_back} that wait never begin, {_over(found)} are over"
        " already."
    )


def of_deleting(campaign_id: str, *, force: bool) -> str:
    """Of a campaign that is deleted; only with force one that is not over."""
    found = status_of(campaign_id)
    stopped = f", which stops {leads_text(found.running + found.ready)} first" if force else ""
    return (
        f"Deletes {campaign_text(campaign_id)} with its {leads_text(found.leads)}{stopped};"
        " until it is purged it comes back by undelete."
    )


def of_lead(campaign_id: str, lead_id: str, what: str) -> str:
    """Of one lead, and where it stands."""
    request = lead_service_pb2.GetLeadRequest(campaign_id=campaign_id, lead_id=lead_id)
    found = ask(lambda client: client.leads.get(request))
    name = f"{found.lead.first_name} {found.lead.last_name}".strip() or found.lead.lead_id
    state = enum_text(_LEAD_STATES, found.lead.state)
    return f"{what} 1 lead: {name} ({lead_id}), {state}, after {len(found.steps)} steps."


def of_deleting_list(lead_list_id: str) -> str:
    """Of a list and whoever is in it."""
    request = lead_list_service_pb2.GetLeadListRequest(lead_list_id=lead_list_id)
    found = ask(lambda client: client.lead_lists.get(request)).lead_list
    return (
        f"Deletes {found.name!r} ({lead_list_id}) for good, with {found.entry_count} people in it."
    )


def of_disconnecting(account_id: str) -> str:
    """Of an account that never acts again."""
    request = account_service_pb2.GetAccountRequest(account_id=account_id)
    queued = pace_service_pb2.GetQueueRequest(account_id=account_id, page_size=1)
    name = ask(lambda client: client.accounts.get(request)).account.name
    waiting = ask(lambda client: client.pace.get_queue(queued)).waiting
    return (
        f"Disconnects {name or account_id} ({account_id}) for good: it is removed at Unipile, and"
        f" {waiting} actions that wait on it will not be done by it."
    )


def of_replacing(campaign_id: str, account_id: str, replacement: str) -> str:
    """Of a campaign in which another account goes on in the place of one."""
    found = status_of(campaign_id)
    return (
        f"Puts {replacement} in the place of {account_id} in {campaign_text(campaign_id)} for good:"
        f" of {leads_text(found.running)} in the sequence and {found.ready + found.held_back} that"
        " wait, those of that account move, or end, or stay, as is said of who was contacted."
    )


def status_of(campaign_id: str) -> campaign_pb2.CampaignStatus:
    """Where its leads are."""
    request = campaign_service_pb2.GetCampaignStatusRequest(campaign_id=campaign_id)
    return ask(lambda client: client.campaigns.get_status(request)).status


def campaign_text(campaign_id: str) -> str:
    """What it is called, and its state."""
    request = campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id, show_deleted=True)
    found = ask(lambda client: client.campaigns.get(request)).campaign
    return f"{found.name!r} ({campaign_id}, {enum_text(_STATES, found.state)})"


def _over(status: campaign_pb2.CampaignStatus) -> int:
    return status.completed + status.replied + status.failed + status.stopped


def of_mode(program: program_pb2.Program, to: int) -> str:
    """Of a program that may do more or less by itself from then on."""
    was, is_ = enum_text(_MODES, program.mode), enum_text(_MODES, to)
    return f"Sets program {program.name} ({program.program_id}) from {was} to {is_}."


def of_deleting_program(program: program_pb2.Program) -> str:
    """Of a program that is deleted."""
    return (
        f"Deletes program {program.name} ({program.program_id}), which comes back by undelete: it "
        "releases nobody more. "
        f"Who was released still enters {program.campaign_id}, until `outreach leads withdraw` "
        "takes them back, and what it has set there stays."
    )
