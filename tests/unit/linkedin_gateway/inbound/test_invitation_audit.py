"""What a profile says of an invitation that is not listed."""

from dataclasses import replace

import pytest
from linkedin_gateway.inbound.invitation_audit import InvitationStatus, status_of
from linkedin_gateway.models import SentInvitation
from linkedin_gateway.unipile import ProfileSeen


def seen(invitation: str, *, connected: bool = False) -> ProfileSeen:
    return ProfileSeen(
        provider_id="ACo-ada",
        public_identifier="ada",
        member_urn="",
        first_name="Ada",
        last_name="Quill",
        headline="",
        location="",
        connected=connected,
        open_profile=False,
        invitation=SentInvitation.of(invitation),
        received=False,
        throttled=False,
    )


@pytest.mark.parametrize(
    ("invitation", "status"),
    [
        ("PENDING", InvitationStatus.OPEN),
        ("IGNORED", InvitationStatus.DECLINED),
        ("WITHDRAWN", InvitationStatus.GONE),
        ("", InvitationStatus.GONE),
        ("unknown", InvitationStatus.OPEN),
    ],
)
def test_what_a_profile_says(invitation: str, status: InvitationStatus) -> None:
    """Each of the provider's words has its meaning, and so has their absence."""
    assert status_of(seen(invitation)) is status


@pytest.mark.parametrize("invitation", ["PENDING", "IGNORED", "WITHDRAWN", ""])
def test_who_is_connected_has_accepted(invitation: str) -> None:
    """A connection is an answer, whatever is said of the invitation beside it."""
    assert status_of(seen(invitation, connected=True)) is InvitationStatus.OPEN


def test_a_word_that_nobody_knows_ends_nothing() -> None:
    """It was taken for an invitation that is gone, and the ledger stopped expecting it."""
    assert not status_of(seen("EXPIRED_SOMEHOW")).ended


def test_a_profile_of_which_parts_were_left_out_ends_nothing() -> None:
    """What LinkedIn did not show is not gone; what it did show counts."""
    assert not status_of(replace(seen(""), throttled=True)).ended
    assert status_of(replace(seen("WITHDRAWN"), throttled=True)) is InvitationStatus.GONE
