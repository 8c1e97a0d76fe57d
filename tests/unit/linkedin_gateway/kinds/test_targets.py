"""Whom exactly an action is aimed at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from linkedin_gateway.kinds.action_kind import Known
from linkedin_gateway.kinds.registry import write
from linkedin_gateway.kinds.targets import (
    AlreadyDone,
    Impossible,
    NeedsLookup,
    Resolution,
    Resolved,
    fresh,
)
from linkedin_gateway.models import ActionRequest, Kind, Profile, Target, Tier

from tests.contracts.ledger import ACCOUNT

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KNOWN = Profile(person_id="per_ada", provider_id="ACo-ada", read_at=NOW - timedelta(hours=1))


def resolve(
    kind: Kind,
    profile: Profile | None,
    *,
    text: str = "",
    tier: Tier = Tier.PREMIUM,
    prepared: Target | None = None,
) -> Resolution:
    request = ActionRequest(
        action_id="r",
        organization_id="org_1",
        account_id="acct_1",
        campaign_id="c",
        lead_id="l",
        identifier="ada",
        kind=kind,
        text=text,
    )
    account = replace(ACCOUNT, tier=tier)
    return write(kind).resolve(
        Known(request=request, account=account, profile=profile, prepared=prepared, now=NOW)
    )


def test_a_visit_needs_nothing() -> None:
    """A visit is what reads the profile; nothing is read before it."""
    assert isinstance(resolve(Kind.VISIT, None), Resolved)


def test_an_invitation_needs_the_person() -> None:
    """Without the provider's id the profile is read; with it, however old, it is not."""
    old = replace(KNOWN, read_at=NOW - timedelta(days=60))

    assert isinstance(resolve(Kind.INVITATION, None), NeedsLookup)
    assert resolve(Kind.INVITATION, old) == Resolved(target=Target(provider_id="ACo-ada"))


def test_inviting_who_is_connected() -> None:
    """Who is connected needs no invitation: it is accepted already."""
    found = resolve(Kind.INVITATION, replace(KNOWN, connected=True))

    assert isinstance(found, AlreadyDone)
    assert found.outcome.already_so
    assert found.outcome.connected


@pytest.mark.parametrize(("tier", "limit"), [(Tier.FREE, 200), (Tier.PREMIUM, 300)])
def test_notes_fit_the_tier(tier: Tier, limit: int) -> None:
    """A note that is too long for the account is refused before it is sent."""
    assert isinstance(resolve(Kind.INVITATION, KNOWN, text="x" * limit, tier=tier), Resolved)
    assert resolve(Kind.INVITATION, KNOWN, text="x" * (limit + 1), tier=tier) == Impossible(
        reason="MESSAGE_TOO_LONG"
    )


@pytest.mark.parametrize(("tier", "limit"), [(Tier.FREE, 200), (Tier.PREMIUM, 300)])
def test_a_note_of_pictures_counts_as_linkedin_counts(tier: Tier, limit: int) -> None:
    """Two for each: LinkedIn refused what was short enough in characters, and a turn was lost."""
    pictures = "🧵" * (limit // 2)

    assert isinstance(resolve(Kind.INVITATION, KNOWN, text=pictures, tier=tier), Resolved)
    assert resolve(Kind.INVITATION, KNOWN, text=f"{pictures}x", tier=tier) == Impossible(
        reason="MESSAGE_TOO_LONG"
    )


def test_a_message_needs_a_connection() -> None:
    """Not connected as of today fails; not connected as of last week is read again."""
    week_old = replace(KNOWN, read_at=NOW - timedelta(days=7))

    assert resolve(Kind.MESSAGE, KNOWN) == Impossible(reason="NOT_CONNECTED")
    assert isinstance(resolve(Kind.MESSAGE, week_old), NeedsLookup)
    assert isinstance(resolve(Kind.MESSAGE, replace(KNOWN, connected=True)), Resolved)


def test_a_message_uses_the_chat_there_is() -> None:
    """The chat that is known is written into."""
    found = resolve(Kind.MESSAGE, replace(KNOWN, connected=True, chat_id="chat-1"))

    assert isinstance(found, Resolved)
    assert found.target.chat_id == "chat-1"


def test_an_inmail_needs_credit_or_an_open_profile() -> None:
    """Open profiles cost nothing; others cost a credit, which free accounts do not have."""
    opened = replace(KNOWN, open_profile=True)

    assert isinstance(resolve(Kind.INMAIL, opened, tier=Tier.FREE), Resolved)
    assert resolve(Kind.INMAIL, KNOWN, tier=Tier.FREE) == Impossible(
        reason="FEATURE_NOT_SUBSCRIBED"
    )
    assert isinstance(resolve(Kind.INMAIL, KNOWN), NeedsLookup)
    assert isinstance(resolve(Kind.INMAIL, KNOWN, prepared=Target()), Resolved)


def test_a_withdrawal_needs_an_invitation() -> None:
    """Known, it is withdrawn; unknown, it is looked for; not found, there is nothing to do."""
    sent = replace(KNOWN, invitation_id="inv-1")
    found = resolve(Kind.WITHDRAWAL, sent)

    assert isinstance(found, Resolved)
    assert found.target.invitation_id == "inv-1"
    assert isinstance(resolve(Kind.WITHDRAWAL, KNOWN), NeedsLookup)
    assert isinstance(resolve(Kind.WITHDRAWAL, KNOWN, prepared=Target()), AlreadyDone)


def test_a_post_is_chosen_first() -> None:
    """Reactions and comments go to a post that was chosen for them."""
    post = Target(provider_id="ACo-ada", post_id="urn:li:activity:1")

    assert isinstance(resolve(Kind.REACTION, KNOWN), NeedsLookup)
    assert resolve(Kind.REACTION, KNOWN, prepared=post) == Resolved(target=post)


def test_fresh_until_invited() -> None:
    """What was read before an invitation does not tell whether it was accepted."""
    assert fresh(KNOWN, NOW)
    assert not fresh(replace(KNOWN, invited_at=NOW), NOW)
