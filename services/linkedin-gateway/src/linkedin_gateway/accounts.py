"""The accounts in the gateway's care, and the truth about their health."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from servicekit.clock import Clock
from servicekit.ids import new_id
from servicekit.logs import get_logger

from linkedin_gateway.account_repository import AccountRepository
from linkedin_gateway.caps import Cap
from linkedin_gateway.errors import AccountUnknownToProvider
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Account, AccountState, Tier
from linkedin_gateway.provider_errors import ErrorClass
from linkedin_gateway.unipile import AccountSeen, Unipile, UnipileError
from linkedin_gateway.working_hours import WorkingHours

_STATE_BY_STATUS = {
    "OK": AccountState.CONNECTED,
    "CREATION_SUCCESS": AccountState.CONNECTED,
    "RECONNECTED": AccountState.CONNECTED,
    "SYNC_SUCCESS": AccountState.CONNECTED,
    "CONNECTING": AccountState.CONNECTING,
    "CREDENTIALS": AccountState.DISCONNECTED,
    "PERMISSIONS": AccountState.DISCONNECTED,
    "ERROR": AccountState.DISCONNECTED,
    "STOPPED": AccountState.DISCONNECTED,
    "DELETED": AccountState.REMOVED,
}
_PROBES_AT_ONCE = 100

log = get_logger(__name__)


class Accounts:
    def __init__(
        self,
        repository: AccountRepository,
        unipile: Unipile,
        metrics: Metrics,
        clock: Clock,
        *,
        told: Callable[[], None],
    ) -> None:
        self._repository = repository
        self._unipile = unipile
        self._metrics = metrics
        self._clock = clock
        self._told = told
        """Called when there may be something new to tell campaign-api."""

    async def register(
        self,
        organization_id: str,
        unipile_account_id: str,
        *,
        working_hours: WorkingHours,
        caps: tuple[Cap, ...],
    ) -> Account:
        """Take an account that exists at Unipile under care; again, it is found."""
        try:
            seen = await self._unipile.account(unipile_account_id)
        except UnipileError as error:
            if error.error_class is ErrorClass.NOT_FOUND:
                raise AccountUnknownToProvider from error
            raise
        now = self._clock.now()
        state = _STATE_BY_STATUS[seen.status]
        account = await self._repository.register(
            Account(
                account_id=new_id("acct"),
                organization_id=organization_id,
                unipile_account_id=unipile_account_id,
                name=seen.name,
                tier=Tier(seen.tier),
                provider_id=seen.provider_id,
                state=state,
                state_reason="" if state is AccountState.CONNECTED else seen.status,
                state_at=now,
                working_hours=working_hours,
                caps=caps,
                created_at=now,
            )
        )
        return await self._observe(account, seen)

    async def update(
        self,
        account_id: str,
        *,
        working_hours: WorkingHours | None,
        caps: tuple[Cap, ...] | None,
    ) -> Account:
        """Change hours, holidays or caps; those who may go earlier now are woken."""
        account = await self._repository.update(
            account_id, working_hours=working_hours, caps=caps, now=self._clock.now()
        )
        self._told()
        return account

    async def probe(self, account: Account) -> Account:
        """Ask Unipile how an account is."""
        try:
            seen = await self._unipile.account(account.unipile_account_id)
        except UnipileError as error:
            if error.error_class is not ErrorClass.NOT_FOUND:
                raise
            return await self.move(account, AccountState.REMOVED, reason="DELETED")
        return await self._observe(account, seen)

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

    async def status_heard(self, account: Account, status: str) -> Account:
        """A webhook told the status of an account."""
        state = _STATE_BY_STATUS.get(status)
        if state is None:
            return account
        return await self.move(account, state, reason=_reason(state, status))

    async def move(self, account: Account, state: AccountState, *, reason: str) -> Account:
        """Move an account; people hear of it, and its leads wait or go on."""
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
            self._told()
        return moved.account

    async def _observe(self, account: Account, seen: AccountSeen) -> Account:
        await self._repository.seen(
            account.account_id,
            name=seen.name,
            tier=Tier(seen.tier),
            provider_id=seen.provider_id,
        )
        state = _STATE_BY_STATUS[seen.status]
        if account.state is AccountState.RESTRICTED and state is AccountState.CONNECTED:
            # The session is fine; it is LinkedIn that restricts, until its owner acted.
            return account
        return await self.move(account, state, reason=_reason(state, seen.status))


def _reason(state: AccountState, status: str) -> str:
    return "" if state is AccountState.CONNECTED else status
