"""Requests to list, as every list takes them."""

from enum import StrEnum

from outreach.campaign.v1.campaign_service_pb2 import ListCampaignsRequest
from outreach.campaign.v1.lead_service_pb2 import ListLeadsRequest
from servicekit.lists.changes import ChangesAsked
from servicekit.lists.listing import Asked, ListRequest, asked_of

from campaign_api.convert.instants import instant
from campaign_api.errors import InvalidFields, invalid

FollowRequest = ListCampaignsRequest | ListLeadsRequest
"""Requests that can follow changes."""
_TWICE = "A token says already from where on: leave this out."
_FOLLOWED = "What has changed is told in the order of the changes, and whole: leave this out."


def asked_from_proto(request: ListRequest, **narrowed: StrEnum | None) -> Asked:
    """What is asked for; fields that narrow the list by themselves are named beside it."""
    named = {name: member.name for name, member in narrowed.items() if member is not None}
    return asked_of(request, **named)


def changes_from_proto(request: FollowRequest, asked: Asked) -> ChangesAsked | None:
    """From where changes are asked for; None where the list is.

    Raises `InvalidFields` if they are to be filtered, ordered or paged too, or of two places.
    """
    since = instant(request.updated_since) if request.HasField("updated_since") else None
    if since is None and not request.sync_token:
        return None
    told = {
        "filter": asked.filter,
        "order_by": asked.order_by,
        "page_token": asked.page_token,
        **asked.equal,
    }
    wrong = [invalid(field, _FOLLOWED) for field, value in told.items() if value]
    if since is not None and request.sync_token:
        wrong.append(invalid("updated_since", _TWICE))
    if wrong:
        raise InvalidFields(wrong)
    return ChangesAsked(since=since, sync_token=request.sync_token)
