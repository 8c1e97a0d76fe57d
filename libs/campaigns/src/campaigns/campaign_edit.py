"""An edit of a campaign: what it makes of it, and whom it concerns. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from servicekit.etags import content_etag, fits

from campaigns.models import Campaign, CampaignSettings, CampaignState
from campaigns.settings_json import settings_to_json

ENDED = frozenset({CampaignState.STOPPED, CampaignState.COMPLETED})
"""Of a campaign that is over nothing changes any more but its name."""
_ADMISSION = frozenset(
    {
        "max_concurrent_leads",
        "lead_processing_delay",
        "leads_per_day",
        "start_at",
        "end_at",
        "sending_window",
        "admission",
        "keep_open",
    }
)
"""By which leads are admitted, and by which the campaign ends."""
_ENDS = frozenset(
    {
        "continue_after_reply",
        "automatic_replies",
        "owner_messages",
        "end_at",
        "max_lead_duration",
    }
)
"""By which a lead in the sequence decides whether it has ended."""
_ACTIONS = frozenset(
    {
        "sending_window",
        "continue_after_reply",
        "contact_responders",
        "automatic_replies",
        "automatic_reply_wait",
        "parked_senders",
        "owner_messages",
        "leave_received_invitations",
    }
)
"""Which an action is asked for with."""


@dataclass(frozen=True, kw_only=True)
class CampaignEdit:
    """What somebody changes of a campaign that they have read; None stays."""

    etag: str
    name: str | None = None
    account_ids: tuple[str, ...] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """By the names that `CampaignSettings` has for them."""

    def of(self, campaign: Campaign) -> Campaign:
        """The campaign as it is to be."""
        return replace(
            campaign,
            name=campaign.name if self.name is None else self.name,
            account_ids=campaign.account_ids if self.account_ids is None else self.account_ids,
            settings=replace(campaign.settings, **self.settings),
        )

    def is_of(self, campaign: Campaign) -> bool:
        """Whether the campaign is as it was read; what changes nothing is nobody's loss."""
        return fits(self.etag, etag_of(campaign)) or self.of(campaign) == campaign

    def only_names(self, campaign: Campaign) -> bool:
        """Whether nothing but the name is another afterwards, whatever it mentions besides."""
        return self.of(campaign) == replace(campaign, name=self.of(campaign).name)

    @property
    def concerns_admission(self) -> bool:
        """Whether the list is to be looked at again."""
        return self.account_ids is not None or not _ADMISSION.isdisjoint(self.settings)

    @property
    def concerns_ends(self) -> bool:
        """Whether leads in the sequence are to be told."""
        return not _ENDS.isdisjoint(self.settings)

    @property
    def concerns_actions(self) -> bool:
        """Whether what waits for its turn is to be asked for anew."""
        return self.account_ids is not None or not _ACTIONS.isdisjoint(self.settings)


def etag_of(campaign: Campaign) -> str:
    """What people edit of a campaign, as one word: equal content, equal word."""
    return _etag_of(campaign.name, campaign.account_ids, campaign.settings)


@lru_cache(maxsize=1024)
def _etag_of(name: str, account_ids: tuple[str, ...], settings: CampaignSettings) -> str:
    return content_etag(name, account_ids, settings_to_json(settings))
