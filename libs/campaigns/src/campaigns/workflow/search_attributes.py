"""How workflows appear to who looks at Temporal: what they are found by, and their titles.

Titles name the campaign and no person: whoever may look at Temporal need not know leads.
"""

from __future__ import annotations

from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    SearchAttributeUpdate,
    TypedSearchAttributes,
)

from campaigns.models import Campaign, LeadState

CAMPAIGN_ID = SearchAttributeKey.for_keyword("CampaignId")
ORGANIZATION_ID = SearchAttributeKey.for_keyword("OrganizationId")
ACCOUNT_ID = SearchAttributeKey.for_keyword("AccountId")
LEAD_ID = SearchAttributeKey.for_keyword("LeadId")
LEAD_STATE = SearchAttributeKey.for_keyword("LeadState")

KEYS = (CAMPAIGN_ID, ORGANIZATION_ID, ACCOUNT_ID, LEAD_ID, LEAD_STATE)

_LONGEST_SUMMARY = 200
"""Bytes; the server takes 400."""


def campaign_attributes(campaign: Campaign) -> TypedSearchAttributes:
    """What a campaign's workflow is found by."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(CAMPAIGN_ID, campaign.id),
            SearchAttributePair(ORGANIZATION_ID, campaign.organization_id),
        ]
    )


def lead_attributes(campaign: Campaign, *, lead_id: str, account_id: str) -> TypedSearchAttributes:
    """What a lead's workflow is found by when it begins."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(CAMPAIGN_ID, campaign.id),
            SearchAttributePair(ORGANIZATION_ID, campaign.organization_id),
            SearchAttributePair(ACCOUNT_ID, account_id),
            SearchAttributePair(LEAD_ID, lead_id),
            SearchAttributePair(LEAD_STATE, LeadState.RUNNING.value),
        ]
    )


def lead_state(state: LeadState) -> SearchAttributeUpdate[str]:
    """The change of a lead's state."""
    return LEAD_STATE.value_set(state.value)


def account(account_id: str) -> SearchAttributeUpdate[str]:
    """The change of a lead's account."""
    return ACCOUNT_ID.value_set(account_id)


def campaign_summary(campaign: Campaign) -> str:
    """The title of a campaign's workflow."""
    return _cut(f"Campaign {campaign.name}")


def campaign_details(campaign: Campaign) -> str:
    """What stands below the title; Markdown."""
    accounts = ", ".join(f"`{account_id}`" for account_id in campaign.account_ids[:10])
    more = len(campaign.account_ids) - 10
    return "\n".join(
        (
            f"- campaign `{campaign.id}` of `{campaign.organization_id}`",
            f"- accounts {accounts}" + (f" and {more} more" if more > 0 else ""),
            "- `outreach campaigns status` says why not everything moves",
        )
    )


def lead_summary(campaign: Campaign) -> str:
    """The title of a lead's workflow."""
    return _cut(f"Lead of {campaign.name}")


def lead_details(campaign: Campaign, *, lead_id: str, account_id: str) -> str:
    """What stands below the title; Markdown."""
    return "\n".join(
        (
            f"- lead `{lead_id}` of campaign `{campaign.id}`",
            f"- account `{account_id}`",
            f"- `outreach leads get {campaign.id} {lead_id}` says what it waits for",
        )
    )


def _cut(text: str) -> str:
    encoded = text.encode()
    if len(encoded) <= _LONGEST_SUMMARY:
        return text
    return encoded[: _LONGEST_SUMMARY - 3].decode(errors="ignore") + "…"
