"""Another account in the place of one that does not come back."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from campaigns.errors import AccountNotConnected, SenderConnected
from campaigns.models import Campaign
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.sender_repository import SenderRepository
from campaigns.senders.replacement import ContactedLeads, Replaced, ReplacementPolicy
from campaigns.workflow.campaign_locks import CampaignLocks
from campaigns.workflow.contracts import EndLead
from servicekit.errors import FieldViolation
from servicekit.telemetry import logs

from campaign_api.clients.gateway_answers import SendingAccount
from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import CampaignWorkflows, LeadWorkflows
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
        campaign_workflows: CampaignWorkflows,
        locks: CampaignLocks,
    ) -> None:
        self._campaigns = campaigns
        self._senders = senders
        self._gateway = gateway
        self._workflows = workflows
        self._campaign_workflows = campaign_workflows
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
        if replaced.which(ContactedLeads.MOVE):
            # They are many: the workflow goes through them, not this call.
            await self._campaign_workflows.ask_anew(
                campaign, within=timedelta(), moving_to=asked.replacement_account_id
            )
        ended = replaced.which(ContactedLeads.END)
        await asyncio.gather(*(self._end(campaign_id, each) for each in ended))
        log.info(
            "sender_replaced",
            campaign_id=campaign_id,
            account_id=asked.account_id,
            replacement=asked.replacement_account_id,
            **{each.value: len(replaced.which(each)) for each in ContactedLeads},
        )
        return campaign, replaced

    async def move(
        self, campaign: Campaign, lead_id: str, account_id: str, *, even_if_contacted: bool
    ) -> None:
        """Have one lead go on from another sender of its campaign; twice is once.

        Raises `AccountNotConnected` if that cannot act, and else as `SenderRepository.move`.
        """
        account = await self._gateway.account(account_id)
        if account is not None and not account.connected:
            raise _not_connected(account)
        before = await self._senders.move(
            campaign.id, lead_id, account_id, even_if_contacted=even_if_contacted
        )
        await self._wake(campaign.id, lead_id)
        log.info("lead_moves", lead_id=lead_id, account_id=before.sender_id, to=account_id)

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
            raise _not_connected(new)

    async def _wake(self, campaign_id: str, lead_id: str) -> None:
        """What waits at Temporal for the old account is asked for anew, with the new one."""
        await self._workflows.wake(campaign_id, lead_id, jitter=timedelta())

    async def _end(self, campaign_id: str, lead_id: str) -> None:
        async with self._calls:
            await self._workflows.end(campaign_id, lead_id, EndLead(reason=SENDER_GONE))


def _not_connected(account: SendingAccount) -> AccountNotConnected:
    return AccountNotConnected(
        f"The account {account.id} is {account.state}.", metadata={"accounts": account.id}
    )
