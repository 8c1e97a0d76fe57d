"""What will happen, in numbers, where an account, an endpoint or everything is stopped."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from outreach.campaign.v1 import import_service_pb2, operation_pb2
from outreach.linkedin.v1 import (
    account_service_pb2,
    action_pb2,
    action_service_pb2,
    hold_pb2,
    pace_service_pb2,
    suppression_pb2,
    suppression_service_pb2,
)
from outreach.webhook.v1 import webhook_service_pb2

from outreach_client.commands.consequences import campaign_text, leads_text, status_of
from outreach_client.formats.enums import enum_text
from outreach_client.services.destinations import destination
from outreach_client.session import ask

if TYPE_CHECKING:
    from outreach_client.client import OutreachClient

_KINDS = action_pb2.ActionKind.DESCRIPTOR
_ACTION_STATES = action_pb2.ActionState.DESCRIPTOR
_MOST = 1000
"""Rows that are counted; where there are more, so many at least are told."""


def of_hold(scope: int, subject: str) -> str:
    """Of a stop that is in force until it is lifted."""
    return f"{_HELD[scope](subject)} until it is lifted; what waits keeps its place."


def _held_campaign(campaign_id: str) -> str:
    found = status_of(campaign_id)
    return (
        f"Holds {campaign_text(campaign_id)}: nothing more is sent for its"
        f" {leads_text(found.leads)}, {found.running} of them in the sequence,"
    )


def _held_account(account_id: str) -> str:
    return f"Holds the account {account_id}: {_waiting(account_id)} stand still"


def _held_organization(organization_id: str) -> str:
    request = account_service_pb2.ListAccountsRequest(
        organization_id=organization_id, page_size=_MOST
    )
    answer = ask(lambda client: client.accounts.list(request))
    count = _counted(len(answer.accounts), "account", more=bool(answer.next_page_token))
    return f"Holds the organization {organization_id}: {count} of it do nothing"


def _held_kind(kind: str) -> str:
    return f"Holds 1 kind of action, {kind}: no account of anybody does it"


def _everything_held(_: str) -> str:
    answer = ask(lambda client: client.organizations.list(page_size=_MOST))
    found, more = len(answer.organizations), bool(answer.next_page_token)
    count = _counted(found, "organization", more=more)
    return f"Holds everything: no account of {count} does anything"


_HELD: Mapping[int, Callable[[str], str]] = {
    hold_pb2.HOLD_SCOPE_CAMPAIGN: _held_campaign,
    hold_pb2.HOLD_SCOPE_ACCOUNT: _held_account,
    hold_pb2.HOLD_SCOPE_ORGANIZATION: _held_organization,
    hold_pb2.HOLD_SCOPE_KIND: _held_kind,
    hold_pb2.HOLD_SCOPE_EVERYTHING: _everything_held,
}
"""By what can be typed; a test types each."""


def of_ending_cool_down(account_id: str, kind: int) -> str:
    """Of a pause that LinkedIn has asked for."""
    return (
        f"Ends the cool-down of {enum_text(_KINDS, kind)} on {account_id}, which LinkedIn has asked"
        f" for: {_waiting(account_id)} there, and those of this kind may go at once."
    )


def of_allowing(suppression_id: str, organization: str) -> str:
    """Of a suppression that is lifted, and whom it names."""
    return (
        f"Allows contact again with {_suppressed(suppression_id, organization)}, by removing 1"
        f" suppression ({suppression_id}). Leads that it has ended stay ended."
    )


def of_allowing_person(organization: str, person: str, named: dict[str, str]) -> str:
    """Of all suppressions that name a person, and what then still forbids contact."""
    request = suppression_service_pb2.CheckSuppressionRequest(organization_id=organization, **named)
    found = ask(lambda client: client.suppressions.check(request)).suppressions
    wider = [each for each in found if each.company or _is_domain(each.email_domain)]
    rest = f" {len(wider)} of a domain or a company stay." if wider else ""
    return (
        f"Allows contact again with {person}, by removing {len(found) - len(wider)} suppressions."
        f"{rest} Leads that they have ended stay ended."
    )


def _is_domain(named: str) -> bool:
    return bool(named) and "@" not in named


def of_calling_off(action_id: str, organization: str) -> str:
    """Of one action, which then is never done."""
    request = action_service_pb2.ExplainActionRequest(
        organization_id=organization, action_id=action_id
    )
    found = ask(lambda client: client.actions.explain(request)).action
    kind, state = enum_text(_KINDS, found.kind), enum_text(_ACTION_STATES, found.state)
    return f"Calls off 1 action for good: {kind} ({action_id}), {state}."


def of_ending_import(into: str, operation_id: str) -> str:
    """Of a list that is read no further."""
    request = import_service_pb2.GetOperationRequest(operation_id=operation_id, **destination(into))
    found = ask(lambda client: client.imports.get_operation(request)).operation
    state = enum_text(operation_pb2.OperationState.DESCRIPTOR, found.state)
    return (
        f"Ends 1 import ({operation_id}, {state}, {found.received_bytes} bytes received) where it"
        f" is: what went into {into} stays, the rest of the file is not read."
    )


def of_endpoint(endpoint_id: str, organization: str, *, deleted: bool) -> str:
    """Of an endpoint that hears nothing more, and of what waits for it.

    It is named by its host and its id: the rest of an address may be a secret.
    """
    request = webhook_service_pb2.ListDeliveriesRequest(
        organization_id=organization,
        endpoint_id=endpoint_id,
        state=webhook_service_pb2.DELIVERY_STATE_PENDING,
        page_size=_MOST,
    )
    answer = ask(lambda client: client.webhooks.list_deliveries(request))
    asked = webhook_service_pb2.GetEndpointRequest(
        organization_id=organization, endpoint_id=endpoint_id
    )
    url = ask(lambda client: client.webhooks.get_endpoint(asked)).endpoint.url
    named = f"{_host(url)} ({endpoint_id})"
    pending = _counted(len(answer.deliveries), "delivery", more=bool(answer.next_page_token))
    if deleted:
        return (
            f"Deletes {named}: {pending} to it that wait are dropped; until it is purged it comes"
            " back by undelete."
        )
    return (
        f"Disables {named}: {pending} to it that wait lapse in a week, unless it is"
        " enabled by then."
    )


def _host(url: str) -> str:
    """Of an endpoint's address, also where that is a mailbox."""
    return urlsplit(url).hostname or url.rpartition("@")[2]


def of_ending_replay(replay_id: str, organization: str) -> str:
    """Of a replay that goes no further."""
    request = webhook_service_pb2.GetReplayRequest(
        organization_id=organization, replay_id=replay_id
    )
    found = ask(lambda client: client.webhooks.get_replay(request)).replay
    return (
        f"Ends 1 replay ({replay_id}) for good: {found.deliveries} deliveries were set going, of"
        f" {found.examined_events} events that were looked at; the rest is not sent."
    )


def _waiting(account_id: str) -> str:
    request = pace_service_pb2.GetQueueRequest(account_id=account_id, page_size=1)
    found = ask(lambda client: client.pace.get_queue(request)).waiting
    return f"{found} action{'' if found == 1 else 's'} that wait"


def _counted(count: int, noun: str, *, more: bool) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    least = " or more" if more else ""
    return f"{count}{least} {noun if count == 1 and not more else plural}"


def _suppressed(suppression_id: str, organization: str) -> str:
    """Whom it names; where nobody says whose it is, that cannot be looked up."""
    if not organization:
        return "whomever it names"
    request = suppression_service_pb2.ListSuppressionsRequest(
        organization_id=organization, page_size=_MOST
    )

    async def find(client: "OutreachClient") -> suppression_pb2.Suppression:
        async for each in client.suppressions.list(request):
            if each.suppression_id == suppression_id:
                return each
        return suppression_pb2.Suppression()

    found = ask(find)
    named = found.public_identifier or found.email_domain or found.company
    return named or "whomever it names"
