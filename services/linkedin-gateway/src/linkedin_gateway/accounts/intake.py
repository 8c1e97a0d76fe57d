"""Takes accounts under care: those that are named, and those that their owners have connected."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from servicekit.auth import current_principal
from servicekit.clock import Clock
from servicekit.ids import new_id
from servicekit.postgres.companions import note_created
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.accounts.lifecycle import AccountLifecycle
from linkedin_gateway.accounts.member_repository import MemberRepository
from linkedin_gateway.accounts.statuses import standing
from linkedin_gateway.errors import (
    AccountUnknownToProvider,
    MemberConnectedAlready,
    MemberNotAccepted,
)
from linkedin_gateway.models import Account, AccountState, Cap, Tier, WorkingHours
from linkedin_gateway.unipile import AccountSeen, Unipile, UnipileError

_CLOCKS_DIFFER = timedelta(minutes=10)

log = get_logger(__name__)


class AccountIntake:
    def __init__(
        self,
        repository: AccountRepository,
        members: MemberRepository,
        lifecycle: AccountLifecycle,
        unipile: Unipile,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._members = members
        self._lifecycle = lifecycle
        self._unipile = unipile
        self._clock = clock

    async def register(
        self,
        organization_id: str,
        unipile_account_id: str,
        *,
        working_hours: WorkingHours,
        caps: tuple[Cap, ...],
    ) -> Account:
        """Keep an account that exists at Unipile; again, it is found.

        Raises `AccountUnknownToProvider` when Unipile has no such account at LinkedIn, and
        `MemberConnectedAlready` or `MemberNotAccepted` when this organization, or another one, has
        its member already.
        """
        seen = await self._lifecycle.seen(unipile_account_id)
        return await self._keep(organization_id, seen, working_hours=working_hours, caps=caps)

    async def connect(
        self, organization_id: str, unipile_account_id: str, *, since: datetime | None
    ) -> Account:
        """Keep an account that its owner has just connected.

        With `since`, one that was made before and is not the organization's is refused:
        it is somebody else's.

        Raises `AccountUnknownToProvider` when it is somebody else's or not there, and
        `MemberConnectedAlready` or `MemberNotAccepted` when this organization, or another one, has
        this member already.
        """
        known = await self._repository.find(unipile_account_id)
        if known is not None:
            if known.organization_id == organization_id:
                return await self.reconnect(known)
            log.warning("foreign_account_refused", unipile_account_id=unipile_account_id)
            raise AccountUnknownToProvider
        seen = await self._lifecycle.seen(unipile_account_id)
        made_at = seen.created_at
        if since is not None and (made_at is None or made_at < since - _CLOCKS_DIFFER):
            log.warning("foreign_account_refused", unipile_account_id=unipile_account_id)
            raise AccountUnknownToProvider
        try:
            return await self._keep(organization_id, seen, working_hours=WorkingHours(), caps=())
        except (MemberConnectedAlready, MemberNotAccepted):
            # Two sessions of one member would be driven at two paces.
            with suppress(UnipileError):
                await self._unipile.accounts.delete(unipile_account_id)
            raise

    async def reconnect(self, account: Account) -> Account:
        """The owner has signed in again; what LinkedIn had restricted may work again."""
        seen = await self._lifecycle.seen(account.unipile_account_id)
        return await self._lifecycle.observe(replace(account, state=AccountState.CONNECTING), seen)

    async def _keep(
        self,
        organization_id: str,
        seen: AccountSeen,
        *,
        working_hours: WorkingHours,
        caps: tuple[Cap, ...],
    ) -> Account:
        if not seen.linkedin:
            raise AccountUnknownToProvider
        now = self._clock.now()
        seen = await self._lifecycle.with_owner(seen)
        state, reason = standing(seen.status, owner_known=bool(seen.provider_id))
        account = Account(
            account_id=new_id("acct"),
            organization_id=organization_id,
            unipile_account_id=seen.unipile_account_id,
            name=seen.name,
            tier=Tier(seen.tier or "free"),
            provider_id=seen.provider_id,
            state=state,
            state_reason=reason,
            state_at=now,
            working_hours=working_hours,
            caps=caps,
            created_at=now,
            created_by=current_principal(),
            since=seen.created_at or now,
        )
        note_created("account_id", account.account_id)
        await self._ask_for_holder(account)
        return await self._lifecycle.observe(await self._members.register(account), seen)

    async def _ask_for_holder(self, account: Account) -> None:
        """See whether the account that the member has here is still there.

        Unipile may have removed it and not have told: then this is the member who comes back.
        Raises `UnipileError` when Unipile does not tell, for who is refused is removed there.
        """
        holder_id = await self._members.holder(account)
        if holder_id:
            await self._lifecycle.probe(await self._repository.read(holder_id))
