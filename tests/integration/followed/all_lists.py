"""Every list that is followed by its reader, by the name of its RPC."""

from collections.abc import Mapping

from tests.integration.followed import (
    automation_lists,
    campaign_lists,
    gateway_lists,
    identity_lists,
    webhook_lists,
)
from tests.lists.following import FollowedList

OWNERS = {
    "automation": "automation",
    "campaign": "campaigns",
    "gateway": "linkedin_gateway",
    "identity": "identity",
    "webhook": "webhook_dispatcher",
}
"""By schema the package that migrates it."""
LISTS: Mapping[str, FollowedList] = {
    **gateway_lists.LISTS,
    **campaign_lists.LISTS,
    **webhook_lists.LISTS,
    **identity_lists.LISTS,
    **automation_lists.LISTS,
}
