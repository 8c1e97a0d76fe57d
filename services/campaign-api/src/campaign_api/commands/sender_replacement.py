"""Another account in the place of one that does not come back."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from campaigns.errors import AccountNotConnected, SenderConnected
from campaigns.models import Campaign
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.sender_repository import SenderRepository
from campaigns.sender_replacement import ContactedLeads, Replaced, ReplacementPolicy
from campaigns.workflow.campaign_locks import CampaignLocks
from campaigns.workflow.contracts import EndLead
from servicekit.errors import FieldViolation
from servicekit.telemetry import logs

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import LeadWorkflows
from campaign_api.errors import InvalidFields, invalid

SENDER_GONE = "SENDER_GONE"

_MOST_CALLS = 20

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class ReplaceSender:
    """Which account takes the place of which, and what becomes of those it has contacted."""

    account_id: str
    replacement_account_id: str
    policy: ReplacementPolicy


class SenderReplacement:
    """The rows first: each lead changes before its next action, whether it is woken or not."""

    def __init__(
        self,
        campaigns: CampaignRepository,
        senders: SenderRepository,
        *,
        gateway: Gateway,
        workflows: LeadWorkflows,
        locks: CampaignLocks,
    ) -> None:
        self._campaigns = campaigns
        self._senders = senders
        self._gateway = gateway
        self._workflows = workflows
        self._locks = locks
        self._calls = asyncio.Semaphore(_MOST_CALLS)

    async def replace(self, campaign_id: str, asked: ReplaceSender) -> tuple[Campaign, Replaced]:
        """Replace a sender; repeating it goes through with what is left.

        Raises `SenderConnected` if the old account can act, `AccountNotConnected` if the new
        one cannot, `InvalidFields` if one is not there or they are the same, `SenderUnknown` if
        the old one does not send for the campaign, and `CampaignEnded` if that is over.
        """
        async with self._locks.exclusively(campaign_id):
            await self._require(await self._campaigns.get_visible(campaign_id), asked)
            replaced = await self._senders.replace(
                campaign_id, asked.account_id, asked.replacement_account_id, asked.policy
            )
            campaign = await self._campaigns.get(campaign_id)
        await asyncio.gather(
            *(self._wake(campaign_id, each) for each in replaced.which(ContactedLeads.MOVE)),
            *(self._end(campaign_id, each) for each in replaced.which(ContactedLeads.END)),
        )
        log.info(
            "sender_replaced",
            campaign_id=campaign_id,
            account_id=asked.account_id,
            replacement=asked.replacement_account_id,
            **{each.value: len(replaced.which(each)) for each in ContactedLeads},
        )
        return campaign, replaced

    async def _require(self, campaign: Campaign, asked: ReplaceSender) -> None:
        if asked.account_id == asked.replacement_account_id:
            raise InvalidFields([invalid("replacement_account_id", "This is the same account.")])
        old = await self._gateway.account(asked.account_id)
        if old is not None and old.connected:
            raise SenderConnected
        new = await self._gateway.account(asked.replacement_account_id)
        if new is None or new.organization_id != campaign.organization_id:
            text = "There is no such account in this organization."
            raise InvalidFields(
                [FieldViolation("replacement_account_id", text, "ACCOUNT_NOT_FOUND")]
            )
        if not new.connected:
            raise AccountNotConnected(
                f"The account {new.id} is {new.state}.", metadata={"accounts": new.id}
            )

    async def _wake(self, campaign_id: str, lead_id: str) -> None:
        """What waits at Temporal for the old account is asked for anew, with the new one."""
        async with self._calls:
            await self._workflows.wake(campaign_id, lead_id, jitter=timedelta())

    async def _end(self, campaign_id: str, lead_id: str) -> None:
        async with self._calls:
            await self._workflows.end(campaign_id, lead_id, EndLead(reason=SENDER_GONE))
