"""What follows from an answer that was a success: for the account, and what is known of people."""

from __future__ import annotations

from servicekit.clock import Clock

from linkedin_gateway.accounts.cool_downs import THROTTLED, USAGE_WARNING, CoolDowns
from linkedin_gateway.actions.profile_repository import ProfileRepository
from linkedin_gateway.kinds.action_kind import Sent
from linkedin_gateway.kinds.targets import words_seen
from linkedin_gateway.ledger.port import AttemptResult
from linkedin_gateway.models import Account, ActionRequest, ActionState
from linkedin_gateway.people.resolver import PersonResolver


class SuccessHandling:
    def __init__(
        self,
        cool_downs: CoolDowns,
        profiles: ProfileRepository,
        resolver: PersonResolver,
        clock: Clock,
    ) -> None:
        self._cool_downs = cool_downs
        self._profiles = profiles
        self._resolver = resolver
        self._clock = clock

    async def of(self, sent: Sent, request: ActionRequest, account: Account) -> AttemptResult:
        """How the attempt ended; an account that is near its limit rests.

        Raises `ActionFailed` when somebody else's profile was shown than is known of the person.
        """
        if sent.usage >= USAGE_WARNING:
            await self._cool_downs.quota_nearly_used(account, request.kind, usage=sent.usage)
        if sent.throttled:
            await self._cool_downs.refused(account, request.kind, cause=THROTTLED)
        if sent.seen is not None:
            person = await self._resolver.resolve(account, request.person, sent.seen)
            await self._profiles.keep_words(
                account, person.person_id, sent.seen.provider_id, words_seen(sent.seen)
            )
            if sent.seen.connected:
                now = self._clock.now()
                await self._profiles.remember_connected(account, person.person_id, at=now)
        if sent.invitation_ended:
            await self._profiles.forget_invitation(account.account_id, request.person_id)
        return AttemptResult(state=ActionState.DONE, outcome=sent.outcome, profile=sent.profile)
