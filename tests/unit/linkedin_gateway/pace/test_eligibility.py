"""Why an action will never be performed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.kinds.registry import CONTACTS
from linkedin_gateway.models import (
    EnrolmentPolicy,
    InvitationScope,
    Invited,
    Kind,
    OwnerMessages,
    Profile,
)
from linkedin_gateway.pace.eligibility import (
    LAPSES_AFTER,
    REINVITE_AFTER,
    AfterOwner,
    after_owner,
    ended_by_reply,
    invited_before,
    refusal,
)
from linkedin_gateway.pace.snapshot import Snapshot

from tests.contracts.ledger import ACCOUNT, DAY, HOUR, NOW, RULES, asked

ANYTHING = Snapshot(account=ACCOUNT, action=None, profile=None)
EVERYTHING = replace(
    ANYTHING,
    suppressed=True,
    duplicate=True,
    elsewhere=True,
    responded_before=True,
    replied=True,
    automatic_at=NOW,
    owner_wrote_at=NOW,
    invited=[Invited(account_id="acct_1", campaign_id="camp_1", at=NOW - DAY)],
)
INVITATION = asked(kind=Kind.INVITATION)
ENDING = replace(RULES, enrolment_policy=EnrolmentPolicy.END)

ago = st.integers(0, 400).map(lambda days: NOW - timedelta(days=days))
invitations = st.lists(
    st.builds(
        Invited,
        account_id=st.sampled_from(["acct_1", "acct_2"]),
        campaign_id=st.sampled_from(["camp_1", "camp_2"]),
        at=ago,
        ended_at=st.none() | ago,
    ),
    max_size=4,
)


@pytest.mark.parametrize("kind", sorted(frozenset(Kind) - CONTACTS))
def test_what_nobody_hears_of_is_never_refused(kind: Kind) -> None:
    """Reading, and what ends a contact, is done whatever is known of the person."""
    assert refusal(asked(kind=kind), EVERYTHING, ENDING, now=NOW) == ""


@pytest.mark.parametrize("kind", sorted(CONTACTS))
@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"suppressed": True}, "PERSON_SUPPRESSED"),
        ({"duplicate": True}, "DUPLICATE_PERSON"),
        ({"elsewhere": True}, "PERSON_IN_ANOTHER_CAMPAIGN"),
        ({"responded_before": True}, "PERSON_RESPONDED_BEFORE"),
        ({"replied": True}, "ALREADY_REPLIED"),
        ({"automatic_at": NOW}, "ALREADY_REPLIED"),
        ({"owner_wrote_at": NOW}, "OWNER_WROTE"),
        ({}, ""),
    ],
)
def test_what_forbids_a_contact(kind: Kind, known: dict[str, Any], reason: str) -> None:
    """Each thing that is known of a person forbids every kind by which they hear of us."""
    assert refusal(asked(kind=kind), replace(ANYTHING, **known), ENDING, now=NOW) == reason


def test_a_suppression_has_the_first_word() -> None:
    """Whatever else is known, who must not be contacted is told so: it ends more than a step."""
    known = replace(EVERYTHING, replied=False)

    assert refusal(INVITATION, known, ENDING, now=NOW) == "PERSON_SUPPRESSED"


def test_who_asked_for_no_contact_has_answered() -> None:
    """Their lead ends by the answer, unless it goes on after one: then by the suppression."""
    goes_on = asked(kind=Kind.INVITATION, continue_after_reply=True)

    assert refusal(INVITATION, EVERYTHING, ENDING, now=NOW) == "ALREADY_REPLIED"
    assert refusal(goes_on, EVERYTHING, ENDING, now=NOW) == "PERSON_SUPPRESSED"


@pytest.mark.parametrize("policy", EnrolmentPolicy)
def test_whom_another_campaign_works_on(policy: EnrolmentPolicy) -> None:
    """Only the policy that ends leads refuses; one that waits leaves it to the obstacles."""
    rules = replace(RULES, enrolment_policy=policy)

    refused = refusal(INVITATION, replace(ANYTHING, elsewhere=True), rules, now=NOW)

    assert bool(refused) is policy.ends


@given(st.booleans(), st.booleans(), st.none() | st.just(DAY))
def test_a_person_counts_for_more_than_a_machine(
    silence: bool,  # noqa: FBT001 - Hypothesis draws it
    goes_on: bool,  # noqa: FBT001
    wait: timedelta | None,
) -> None:
    """Whatever an automatic reply forbids, a reply does; and none forbids nothing."""
    request = asked(
        only_if_no_reply=silence, continue_after_reply=goes_on, automatic_reply_wait=wait
    )

    by_person = ended_by_reply(request, replied=True, automatic=False)
    by_machine = ended_by_reply(request, replied=False, automatic=True)

    assert by_person or not by_machine
    assert by_person is (silence or not goes_on)
    assert by_machine is (by_person and wait is None)
    assert not ended_by_reply(request, replied=False, automatic=False)


def test_an_answer_comes_after_what_it_answers() -> None:
    """Until the person has written later than the owner, the owner's message is unanswered."""
    request = asked(owner_messages=OwnerMessages.PAUSE_UNTIL_ANSWERED)

    assert after_owner(request, wrote_at=NOW, answered_at=NOW) is AfterOwner.WAITS
    assert after_owner(request, wrote_at=NOW, answered_at=NOW + HOUR) is AfterOwner.GOES


def test_a_connection_is_past_invitations() -> None:
    """Who is connected is not kept from a message by an invitation that was pending once."""
    known = replace(ANYTHING, invited=EVERYTHING.invited)
    connected = Profile(person_id="person-1", connected=True)

    assert refusal(INVITATION, known, RULES, now=NOW) == "ALREADY_INVITED"
    assert refusal(INVITATION, replace(known, profile=connected), RULES, now=NOW) == ""


@pytest.mark.parametrize(
    ("at", "ended_at", "reason"),
    [
        (NOW - LAPSES_AFTER + HOUR, None, "ALREADY_INVITED"),
        (NOW - LAPSES_AFTER, None, ""),
        (NOW - 30 * DAY, NOW - REINVITE_AFTER + HOUR, "INVITED_TOO_RECENTLY"),
        (NOW - 30 * DAY, NOW - REINVITE_AFTER, ""),
    ],
)
def test_when_an_invitation_is_over(at: Any, ended_at: Any, reason: str) -> None:
    """An open one counts until it lapses, an ended one as long as LinkedIn makes people wait."""
    earlier = Invited(account_id="acct_1", campaign_id="camp_1", at=at, ended_at=ended_at)

    assert invited_before(INVITATION, [earlier], InvitationScope.CAMPAIGN, now=NOW) == reason


@given(invitations)
def test_a_narrower_scope_forbids_no_more(earlier: list[Invited]) -> None:
    """What stands in the way within the campaign does so in the organization."""
    narrow = invited_before(INVITATION, earlier, InvitationScope.CAMPAIGN, now=NOW)
    wide = invited_before(INVITATION, earlier, InvitationScope.ORGANIZATION, now=NOW)

    assert wide or not narrow


@given(invitations, st.sampled_from(InvitationScope), st.integers(0, 400))
def test_time_only_frees(earlier: list[Invited], scope: InvitationScope, days: int) -> None:
    """Who may be invited now may be invited later, if nothing happens meanwhile."""
    later = NOW + timedelta(days=days)

    now_free = not invited_before(INVITATION, earlier, scope, now=NOW)

    assert not (now_free and invited_before(INVITATION, earlier, scope, now=later))


@given(invitations, invitations, st.sampled_from(InvitationScope))
def test_another_invitation_frees_nobody(
    some: list[Invited], more: list[Invited], scope: InvitationScope
) -> None:
    """Each earlier invitation counts by itself: one more only forbids."""
    assert not invited_before(INVITATION, some, scope, now=NOW) or invited_before(
        INVITATION, [*some, *more], scope, now=NOW
    )


@given(invitations)
def test_the_wait_is_the_accounts_too(earlier: list[Invited]) -> None:
    """LinkedIn makes the account wait that withdrew, whatever campaign it was for."""
    ended = Invited(account_id="acct_1", campaign_id="camp_2", at=NOW - DAY, ended_at=NOW - HOUR)

    assert invited_before(INVITATION, [*earlier, ended], InvitationScope.CAMPAIGN, now=NOW)
