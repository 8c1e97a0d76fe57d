"""What follows from an answer that was a success: for the account, and what is known of people."""

from __future__ import annotations

from linkedin_gateway.accounts.cool_downs import THROTTLED, USAGE_WARNING, CoolDowns
from linkedin_gateway.actions.profile_repository import ProfileRepository
from linkedin_gateway.kinds.action_kind import Sent
from linkedin_gateway.ledger.port import AttemptResult
from linkedin_gateway.models import Account, ActionRequest, ActionState


class SuccessHandling:
    def __init__(self, cool_downs: CoolDowns, profiles: ProfileRepository) -> None:
        self._cool_downs = cool_downs
        self._profiles = profiles

    async def of(self, sent: Sent, request: ActionRequest, account: Account) -> AttemptResult:
        """How the attempt ended; an account that is near its limit rests."""
        if sent.usage >= USAGE_WARNING:
            await self._cool_downs.quota_nearly_used(account, request.kind, usage=sent.usage)
        if sent.throttled:
            await self._cool_downs.refused(account, request.kind, cause=THROTTLED)
        if sent.invitation_ended:
            await self._profiles.forget_invitation(account.account_id, request.person)
        return AttemptResult(state=ActionState.DONE, outcome=sent.outcome, profile=sent.profile)
