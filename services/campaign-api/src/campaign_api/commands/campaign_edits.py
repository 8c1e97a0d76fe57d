"""A campaign is edited, also while it runs: kept first, and then told to whom it concerns."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from campaigns.campaign_edit import ENDED, CampaignEdit
from campaigns.errors import AccountNotConnected
from campaigns.models import Campaign, CampaignState
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.edits.campaign_edit_repository import CampaignEditRepository
from campaigns.sending_hours import can_send
from campaigns.sequences.time_limits import ends_before_start
from campaigns.workflow.campaign_locks import CampaignLocks
from servicekit.auth import current_principal
from servicekit.clock import Clock
from servicekit.errors import FieldViolation
from servicekit.telemetry import logs

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import CampaignWorkflows
from campaign_api.commands.lead_review import LeadReview
from campaign_api.errors import ENDS_BEFORE_START, HOURS_NEVER_MEET, InvalidFields, invalid

_MOST_CALLS = 20

log = logs.get_logger(__name__)


class CampaignEdits:
    """Whoever repeats an edit tells everybody again: a crash after the row is mended so."""

    def __init__(
        self,
        campaigns: CampaignRepository,
        edits: CampaignEditRepository,
        *,
        gateway: Gateway,
        review: LeadReview,
        workflows: CampaignWorkflows,
        locks: CampaignLocks,
        clock: Clock,
        wake_spread: timedelta,
    ) -> None:
        self._campaigns = campaigns
        self._edits = edits
        self._gateway = gateway
        self._review = review
        self._workflows = workflows
        self._locks = locks
        self._clock = clock
        self._wake_spread = wake_spread
        self._calls = asyncio.Semaphore(_MOST_CALLS)

    async def update(self, campaign_id: str, edit: CampaignEdit) -> Campaign:
        """The campaign as it is after the edit.

        Raises what `CampaignEditRepository.edit` does, `InvalidFields` if an account is not there
        or never meets the window, and `AccountNotConnected` if a campaign that has started gets
        an account that cannot act.
        """
        async with self._locks.exclusively(campaign_id):
            before = await self._campaigns.get_visible(campaign_id)
            await self._require(before, edit)
            campaign = await self._edits.edit(campaign_id, edit, by=current_principal())
            if edit.account_ids is not None and campaign.state not in ENDED:
                # What can be said to a lead depends on who says it.
                await self._review.review(campaign)
            await self._tell(campaign, edit)
        log.info("campaign_edited", campaign_id=campaign_id, settings=sorted(edit.settings))
        return campaign

    async def _require(self, before: Campaign, edit: CampaignEdit) -> None:
        after, now = edit.of(before), self._clock.now()
        if ends_before_start(after.settings):
            raise InvalidFields([invalid("campaign.settings.end_time", ENDS_BEFORE_START)])
        new = [each for each in after.account_ids if each not in before.account_ids]
        is_new = after.settings.sending_window != before.settings.sending_window
        asked = after.account_ids if is_new else new
        found = await self._gateway.accounts(before.organization_id, asked)
        window, violations = after.settings.sending_window, []
        for account_id in asked:
            account = found.get(account_id)
            if account is None:
                if account_id in new:
                    violations.append(_unknown(after.account_ids, account_id))
            elif not can_send(window, account.hours, now=now):
                text = f"The window never meets the working hours of {account_id}."
                violations.append(
                    FieldViolation("campaign.settings.sending_window", text, HOURS_NEVER_MEET)
                )
        if violations:
            raise InvalidFields(violations)
        away = [each for each in map(found.get, new) if each is not None and not each.connected]
        if away and before.state is not CampaignState.DRAFT:
            named = ", ".join(f"{each.id} ({each.state})" for each in away)
            raise AccountNotConnected(
                f"These accounts are not connected: {named}.",
                metadata={"accounts": ",".join(each.id for each in away)},
            )

    async def _tell(self, campaign: Campaign, edit: CampaignEdit) -> None:
        """Row first: each of them reads it when it is told."""
        if campaign.state is CampaignState.DRAFT or campaign.state in ENDED:
            return
        if edit.concerns_ends:
            await self._workflows.update(campaign)
        elif edit.concerns_admission:
            await self._workflows.leads_added(campaign)
        if edit.concerns_actions:
            # They are many: the workflow goes through them, not this call.
            await self._workflows.ask_anew(campaign, within=self._clock.real(self._wake_spread))


def _unknown(account_ids: Sequence[str], account_id: str) -> FieldViolation:
    field = f"campaign.account_ids[{account_ids.index(account_id)}]"
    return FieldViolation(
        field, "There is no such account in this organization.", "ACCOUNT_NOT_FOUND"
    )
