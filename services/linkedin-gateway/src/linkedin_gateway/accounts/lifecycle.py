"""How accounts come and go: restarted, removed, moved from state to state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from servicekit.auth import current_principal
from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.account_edit import AccountEdit
from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.accounts.member_repository import MemberRepository
from linkedin_gateway.accounts.statuses import (
    FROZEN,
    MEMBER_NOT_ACCEPTED,
    OTHER_MEMBER,
    SAME_MEMBER,
    SIGNED_IN,
    STATE_BY_STATUS,
    reason_of,
    standing,
)
from linkedin_gateway.errors import AccountInUse, AccountUnknownToProvider, MemberNotAccepted
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Account, AccountState, Tier
from linkedin_gateway.unipile import AccountSeen, Unipile, UnipileError
from linkedin_gateway.unipile.error_table import ErrorClass

_WORKS_FOR_LONG = timedelta(hours=1)
"""An account that freezes again sooner has not recovered."""
_PROBES_AT_ONCE = 100

log = get_logger(__name__)


class AccountLifecycle:
    def __init__(
        self,
        repository: AccountRepository,
        members: MemberRepository,
        unipile: Unipile,
        metrics: Metrics,
        clock: Clock,
        *,
        on_published: Callable[[], None],
    ) -> None:
        self._repository = repository
        self._members = members
        self._unipile = unipile
        self._metrics = metrics
        self._clock = clock
        self._on_published = on_published
        """Called when there may be something new in the outbox."""

    async def restart(self, account: Account) -> Account:
        """Have Unipile start an account anew, and see how it is then."""
        try:
            restarted = await self._unipile.accounts.restart(account.unipile_account_id)
            seen = await self._unipile.accounts.read(account.unipile_account_id)
        except UnipileError as error:
            if error.error_class is not ErrorClass.NOT_FOUND:
                raise
            return await self.move(account, AccountState.REMOVED, reason="DELETED")
        self._metrics.restarts.labels("started" if restarted else "refused").inc()
        return await self.observe(replace(account, state=AccountState.CONNECTING), seen)

    async def disconnect(self, account: Account, *, park: bool) -> Account:
        """Disconnect an account for good: it is removed at Unipile.

        Raises `AccountInUse` while actions of campaigns wait on it, unless they `park`.
        """
        if account.state is AccountState.REMOVED:
            return account
        waiting = 0 if park else await self._repository.waiting_actions(account.account_id)
        if waiting:
            raise AccountInUse(metadata={"waiting_actions": str(waiting)})
        try:
            await self._unipile.accounts.delete(account.unipile_account_id)
        except UnipileError as error:
            if error.error_class is not ErrorClass.NOT_FOUND:
                raise
        return await self.move(account, AccountState.REMOVED, reason="DELETED")

    async def update(self, account_id: str, edit: AccountEdit) -> Account:
        """Change hours, holidays or caps; those who may go earlier now are woken.

        Raises `EtagMismatch` if it is not as its editor has read it.
        """
        account = await self._repository.update(
            account_id, edit, now=self._clock.now(), by=current_principal()
        )
        self._on_published()
        return account

    async def probe(self, account: Account) -> Account:
        """Ask Unipile how an account is."""
        try:
            seen = await self._unipile.accounts.read(account.unipile_account_id)
        except UnipileError as error:
            if error.error_class is not ErrorClass.NOT_FOUND:
                raise
            return await self.move(account, AccountState.REMOVED, reason="DELETED")
        return await self.observe(account, seen)

    async def probe_due(self, *, every: timedelta) -> None:
        """Probe accounts that were not probed for long; `every` is domain time."""
        now = self._clock.now()
        due = await self._repository.take_probes(
            now=now, next_at=now + every, limit=_PROBES_AT_ONCE
        )
        for account in due:
            try:
                await self.probe(account)
            except UnipileError as error:
                log.warning("probe_failed", account_id=account.account_id, error=str(error))

    async def on_status(self, account: Account, status: str) -> Account:
        """Follow what a webhook says of the status of an account.

        Webhooks come late and in any order: what could bring an account back from the dead,
        and what says nothing of its session, is looked up instead of believed. So is every
        return, for nobody acts before it is known who has signed in, and with which plan.

        Raises `UnipileError` when Unipile does not tell.
        """
        state = STATE_BY_STATUS.get(status)
        if state is None:
            return account
        well = account.state is AccountState.CONNECTED
        revived = account.state is AccountState.REMOVED and state is not AccountState.REMOVED
        if revived or (status == "SYNC_SUCCESS" and not well):
            return await self.probe(account)
        if status in FROZEN:
            return await self._freeze(account, status)
        if status in SIGNED_IN or (state is AccountState.CONNECTED and not well):
            # What LinkedIn had restricted may work again.
            return await self.probe(replace(account, state=AccountState.CONNECTING))
        return await self.move(account, state, reason=reason_of(state, status))

    async def seen(self, unipile_account_id: str) -> AccountSeen:
        """An account as Unipile has it.

        Raises `AccountUnknownToProvider` when Unipile has no such account.
        """
        try:
            return await self._unipile.accounts.read(unipile_account_id)
        except UnipileError as error:
            if error.error_class is ErrorClass.NOT_FOUND:
                raise AccountUnknownToProvider from error
            raise

    async def observe(self, account: Account, seen: AccountSeen) -> Account:
        """Follow what Unipile says of an account."""
        seen = await self.with_owner(seen, known=account)
        if account.provider_id and seen.provider_id not in {"", account.provider_id}:
            # Leads, connections and chats are another human's: this one must not go on with them.
            return await self.move(account, AccountState.DISCONNECTED, reason=OTHER_MEMBER)
        learnt = await self._members.learn(
            account,
            name=seen.name,
            tier=Tier(seen.tier) if seen.tier else account.tier,
            provider_id=seen.provider_id,
            now=self._clock.now(),
        )
        if learnt.refused is not None:
            return await self._refuse(account, learnt.refused)
        if learnt.account.account_id != account.account_id:
            # Whose it is was known too late: they have an account here, which goes on by this.
            await self.move(account, AccountState.REMOVED, reason=SAME_MEMBER)
            account = replace(learnt.account, state=AccountState.CONNECTING)
        if seen.status in FROZEN:
            return await self._freeze(await self._repository.read(account.account_id), seen.status)
        state, reason = standing(seen.status, owner_known=bool(learnt.account.provider_id))
        if account.state is AccountState.RESTRICTED and state is AccountState.CONNECTED:
            # The session was fine all along: it is LinkedIn that restricts. A webhook that tells
            # of OK tells of a change and is believed; a probe that finds it is told nothing new.
            return account
        return await self.move(account, state, reason=reason)

    async def with_owner(self, seen: AccountSeen, *, known: Account | None = None) -> AccountSeen:
        """What Unipile says of an account, and what its owner's profile adds to it."""
        if seen.tier and (seen.provider_id or (known is not None and known.provider_id)):
            return seen
        # The account does not say; its owner's profile tells who they are, and paid from free.
        try:
            owner = await self._unipile.accounts.owner(seen.unipile_account_id)
        except UnipileError:
            return seen
        tier = known.tier if known is not None else Tier.FREE
        if not owner.premium:
            tier = Tier.FREE
        elif tier is Tier.FREE:
            tier = Tier.PREMIUM
        return replace(
            seen,
            provider_id=seen.provider_id or owner.provider_id,
            tier=seen.tier or tier.value,
        )

    async def _refuse(self, account: Account, refused: ServiceError) -> Account:
        """Keep an account from acting that cannot be the member's who has signed in."""
        log.warning(
            "member_refused",
            account_id=account.account_id,
            organization_id=account.organization_id,
            reason=refused.reason,
        )
        kept = await self._repository.read(account.account_id)
        if kept.state is AccountState.REMOVED:
            return kept
        reason = SAME_MEMBER
        if isinstance(refused, MemberNotAccepted):
            reason = MEMBER_NOT_ACCEPTED
        return await self.move(account, AccountState.DISCONNECTED, reason=reason)

    async def _freeze(self, account: Account, status: str) -> Account:
        """Unipile stopped the account; it is started anew before people are bothered."""
        now = self._clock.now()
        frozen = await self._repository.freeze(
            account.account_id, reason=status, now=now, recovered_before=now - _WORKS_FOR_LONG
        )
        if frozen is None:
            # It is being restarted, or that was tried in vain and people know.
            return account
        log.warning("account_frozen", account_id=account.account_id, reason=status)
        return frozen

    async def move(self, account: Account, state: AccountState, *, reason: str) -> Account:
        """Move an account: the repository writes it down and publishes it in one transaction.

        People are notified; its leads wait, and are woken when it comes back.
        """
        moved = await self._repository.move(
            account.account_id, state, reason=reason, now=self._clock.now()
        )
        if moved.changed:
            self._metrics.account_states.labels(state.value).inc()
            log.warning(
                "account_moved",
                account_id=account.account_id,
                organization_id=account.organization_id,
                state=state.value,
                reason=reason,
            )
            self._on_published()
        return moved.account
