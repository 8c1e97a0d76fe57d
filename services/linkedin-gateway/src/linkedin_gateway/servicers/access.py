"""Whose accounts, actions and holds a caller may see; `servicekit.auth` has the rule."""

from __future__ import annotations

from typing import assert_never

from servicekit.auth import (
    AccountForbidden,
    OrganizationForbidden,
    current_caller,
    require_theirs,
    visible_organization,
)

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.controls.enrolment_check import EnrolmentCheck
from linkedin_gateway.convert.violations import Violations, required
from linkedin_gateway.errors import (
    AccountNotFound,
    ActionNotFound,
    CampaignUnknown,
    LeadUnknown,
)
from linkedin_gateway.ledger.port import ActionFilter, Ledger
from linkedin_gateway.models import Account, Action, ActionKey, ActionRequest, HoldScope
from linkedin_gateway.outbox.linkedin_events import Lead


class Access:
    """Reads on behalf of the caller of the rpc that is being served."""

    def __init__(
        self, accounts: AccountRepository, ledger: Ledger, enrolments: EnrolmentCheck
    ) -> None:
        self._accounts = accounts
        self._ledger = ledger
        self._enrolments = enrolments

    async def account(self, account_id: str) -> Account:
        """The account; another organization's does not exist, nor one the caller is kept from.

        Raises `AccountNotFound` if there is none that the caller may see.
        """
        account = await self._accounts.read(account_id)
        require_theirs(account.organization_id, AccountNotFound, account_ids=[account_id])
        return account

    @staticmethod
    def action_key(organization_id: str, action_id: str) -> ActionKey:
        """Which action a request names; who acts for several organizations says whose.

        Raises `InvalidFields` if it does not say that.
        """
        whose = visible_organization() or organization_id
        required("organization_id", whose)
        return ActionKey(whose, action_id)

    async def action(self, key: ActionKey) -> Action:
        """The action; another's does not exist, be it of an organization or an account.

        Raises `ActionNotFound` if there is none that the caller may see.
        """
        action = await self._ledger.read(key)
        if action is None:
            raise ActionNotFound
        require_theirs(action.organization_id, ActionNotFound, account_ids=[action.account_id])
        return action

    async def acts_for_lead(self, asked: ActionRequest) -> None:
        """Let whoever is not one of our services act for leads of their organization only.

        What campaign and lead are whose, nobody but their owner knows: it is asked. The action
        is named by the lead, so that nobody takes the name of another's action. Raises
        `AccountNotFound` if the account is not the caller's, `InvalidFields` for an id that
        begins otherwise, and `LeadUnknown` if the lead is not the organization's.
        """
        require_theirs(asked.organization_id, AccountNotFound, account_ids=[asked.account_id])
        if current_caller().vouches:
            return
        lead = Lead(campaign_id=asked.campaign_id, lead_id=asked.lead_id)
        if not await self._enrolments.is_running(asked.organization_id, lead):
            raise LeadUnknown
        wrong = Violations()
        if not asked.action_id.startswith(f"{asked.campaign_id}/{asked.lead_id}/"):
            wrong.add("action_id", "must begin with campaign_id/lead_id/")
        wrong.end()

    async def cancellable(self, key: ActionKey) -> None:
        """Let only who acts for all call off what was never asked for.

        Raises `ActionNotFound` for what is not there for anybody else.
        """
        if current_caller().limited or not current_caller().acts_for_all:
            await self.action(key)

    async def hold(self, scope: HoldScope, subject_id: str) -> None:
        """Let only a caller to whom the subject belongs stop it, or let it go on.

        Raises `AccountNotFound`, `OrganizationNotFound` or `CampaignUnknown` if there is none for
        the caller, `AccountForbidden` for whoever is limited to accounts and names something
        else, and `OrganizationForbidden` for what is not of one organization alone.
        """
        if scope is HoldScope.ACCOUNT:
            await self.account(subject_id)
            return
        if current_caller().limited:
            # What campaigns send from which accounts is not known here.
            raise AccountForbidden
        if current_caller().acts_for_all:
            return
        match scope:
            case HoldScope.ORGANIZATION:
                require_theirs(subject_id)
            case HoldScope.CAMPAIGN:
                if not await self._acted(subject_id):
                    raise CampaignUnknown
            case HoldScope.KIND | HoldScope.EVERYTHING:
                # They stop other organizations' actions too.
                raise OrganizationForbidden
            case _:
                assert_never(scope)

    async def _acted(self, campaign_id: str) -> bool:
        """Whether the campaign is known as one of the caller's organization."""
        wanted = ActionFilter(organization_id=visible_organization(), campaign_id=campaign_id)
        return bool(await self._ledger.list(wanted, after=None, limit=1))
